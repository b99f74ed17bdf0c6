package samples

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"plimsoll.internal/libs/metrics"
)

func ptr[T any](v T) *T { return &v }

// random samples hold every combination of known and unknown.
func random(n int) []metrics.Sample {
	r := rand.New(rand.NewPCG(1, 2))
	maybe := func() *int64 {
		if r.IntN(3) == 0 {
			return nil
		}
		return ptr(r.Int64N(1e12) - 1)
	}
	out := make([]metrics.Sample, n)
	for i := range out {
		out[i] = metrics.Sample{
			Index: i, StartNs: r.Int64N(1e12), TTFTNs: maybe(), TPOTNs: maybe(), E2ENs: maybe(),
			InputTok: maybe(), OutputTok: maybe(), Streamed: r.IntN(2) == 0, OK: r.IntN(2) == 0,
		}
		if !out[i].OK {
			out[i].Class, out[i].Error, out[i].Status = "server_error", "出错了 \x00 \"quoted\"", 500
		}
		for range r.IntN(8) {
			out[i].ITLNs = append(out[i].ITLNs, r.Int64N(1e9))
		}
	}
	return out
}

func readAll(t *testing.T, file []byte) ([]metrics.Sample, error) {
	t.Helper()
	var out []metrics.Sample
	for s, err := range Read(bytes.NewReader(file), int64(len(file))) {
		if err != nil {
			return out, err
		}
		out = append(out, s)
	}
	return out, nil
}

func TestRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, readBatch, rowGroup, rowGroup + 1, 100_000} {
		want := random(n)
		var file bytes.Buffer
		if err := Write(&file, want); err != nil {
			t.Fatal(err)
		}
		got, err := readAll(t, file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != n {
			t.Fatalf("wrote %d, read %d", n, len(got))
		}
		for i := range got {
			if !reflect.DeepEqual(want[i], got[i]) {
				t.Fatalf("sample %d of %d (-want +got)\n%s", i, n, cmp.Diff(want[i], got[i]))
			}
		}
		t.Logf("%d samples in %d bytes", n, file.Len())
	}
}

// Zero and unknown are different things, also on disk.
func TestUnknownIsNotZero(t *testing.T) {
	var file bytes.Buffer
	if err := Write(&file, []metrics.Sample{{TTFTNs: ptr(int64(0))}, {}}); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(t, file.Bytes())
	if err != nil || len(got) != 2 || got[0].TTFTNs == nil || *got[0].TTFTNs != 0 || got[1].TTFTNs != nil {
		t.Errorf("read %+v, %v", got, err)
	}
}

// A sample that was yielded belongs to the caller.
func TestReadKeepsNothing(t *testing.T) {
	want := random(3 * readBatch)
	var file bytes.Buffer
	w := NewWriter(&file)
	for i := range want {
		if err := w.Write(want[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(t, file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%.500s", diff)
	}
}

func TestReadStopsWhenAsked(t *testing.T) {
	var file bytes.Buffer
	if err := Write(&file, random(1000)); err != nil {
		t.Fatal(err)
	}
	n := 0
	for range Read(bytes.NewReader(file.Bytes()), int64(file.Len())) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("read %d", n)
	}
}

func TestDamagedFile(t *testing.T) {
	var file bytes.Buffer
	if err := Write(&file, random(500)); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	for name, damaged := range map[string][]byte{
		"empty": {}, "text": []byte(strings.Repeat("not parquet ", 10)),
		"cut in half": whole[:len(whole)/2], "last byte missing": whole[:len(whole)-1],
		"other table": otherTable(t),
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := readAll(t, damaged); err == nil {
				t.Errorf("read %d samples without an error", len(got))
			}
		})
	}
	// One wrong byte anywhere must never stop the process. (That the content is whole is known by the digest of
	// the object; not every wrong bit can be seen here.)
	for at := 0; at < len(whole); at += 1 + len(whole)/100 {
		flipped := bytes.Clone(whole)
		flipped[at] ^= 0xff
		_, _ = readAll(t, flipped)
	}
}

func otherTable(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, []struct{ Name string }{{"x"}, {"y"}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// full accepts so many bytes, like a disk.
type full struct{ left int }

var errFull = errors.New("no space left")

func (w *full) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteToAFullDisk(t *testing.T) {
	s := random(20_000)
	for _, room := range []int{0, 10, 100_000} {
		if err := Write(&full{left: room}, s); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	s := random(100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	var file bytes.Buffer
	if err := Write(&file, random(100_000)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range Read(bytes.NewReader(file.Bytes()), int64(file.Len())) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
