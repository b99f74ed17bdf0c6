package bus_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

func randomBytes(n int) []byte {
	seed := [32]byte{byte(n), byte(n >> 8)}
	data := make([]byte, n)
	_, _ = rand.NewChaCha8(seed).Read(data)
	return data
}

func put(t testing.TB, k *bus.Bucket, name string, data []byte) events.Object {
	t.Helper()
	o, err := k.Put(t.Context(), name, "application/octet-stream", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func readAll(t testing.TB, k *bus.Bucket, o events.Object) []byte {
	t.Helper()
	f, err := k.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil || f.Size() != int64(len(data)) {
		t.Errorf("read %d bytes of %d: %v", len(data), f.Size(), err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(f.Name()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("temporary copy is still there: %v", err)
	}
	return data
}

func TestObjectsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	k := broker.Connect(t, "reporter").Bucket(events.BucketReports)
	_, js := client(t, broker)
	stock, err := js.ObjectStore(t.Context(), events.BucketReports)
	if err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]int{
		"empty": 0, "tests/1/one byte": 1, "chunk": 512 << 10, "chunk and one": 512<<10 + 1, "报告 \"x\".xlsx": 3 << 20,
	} {
		t.Run(name, func(t *testing.T) {
			data := randomBytes(size)
			o := put(t, k, name, data)
			if o.Size != int64(size) || o.Bucket != events.BucketReports || o.ContentType != "application/octet-stream" {
				t.Errorf("object %+v", o)
			}
			if !bytes.Equal(readAll(t, k, o), data) {
				t.Error("bytes differ")
			}
			if again := put(t, k, name, data); again != o {
				t.Errorf("same bytes again: %+v, want %+v", again, o)
			}
			if _, err := k.Put(t.Context(), name, "", bytes.NewReader(append(data, 'x'))); !errors.Is(err, bus.ErrConflict) {
				t.Errorf("other bytes: %v, want ErrConflict", err)
			}
			got, err := stock.GetBytes(t.Context(), name) // what other systems use
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("stock client: %d bytes, %v", len(got), err)
			}
		})
	}
	if _, err := stock.PutBytes(t.Context(), "empty", []byte("overwritten")); err == nil {
		t.Error("the stock client could overwrite an object")
	}
	if _, err := k.Put(t.Context(), "", "", bytes.NewReader(nil)); err == nil {
		t.Error("an object without a name was accepted")
	}
}

func TestListDeleteSweep(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	k := broker.Connect(t, "archiver").Bucket(events.BucketArchive)
	a, b := put(t, k, "vllm/a", []byte("a")), put(t, k, "sglang/b", []byte("b"))
	got, err := k.List(t.Context(), "")
	if diff := cmp.Diff([]events.Object{a, b}, got); diff != "" || err != nil {
		t.Errorf("list: %v\n%s", err, diff)
	}
	for range 2 {
		if err := k.Delete(t.Context(), "vllm/a"); err != nil {
			t.Error(err)
		}
	}
	if got, err := k.List(t.Context(), "vllm/"); err != nil || len(got) != 0 {
		t.Errorf("list after delete: %v %v", got, err)
	}
	if _, err := k.Open(t.Context(), a); !errors.Is(err, bus.ErrObjectMissing) {
		t.Errorf("open after delete: %v, want ErrObjectMissing", err)
	}
	put(t, k, "vllm/a", []byte("new")) // the name is free again

	_, js := client(t, broker)
	for range 3 { // an upload that was interrupted
		if _, err := js.Publish(t.Context(), "$O.archive.C.orphan", []byte("chunk")); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := k.Sweep(t.Context(), time.Hour); n != 0 || err != nil {
		t.Errorf("sweep of what may still be going on: %d %v", n, err)
	}
	if n, err := k.Sweep(t.Context(), 0); n != 1 || err != nil {
		t.Errorf("sweep: %d %v, want 1", n, err)
	}
	if !bytes.Equal(readAll(t, k, b), []byte("b")) {
		t.Error("the sweep took an object")
	}
}

func TestDamagedObjectIsRefused(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	k := broker.Connect(t, "reporter").Bucket(events.BucketRaw)
	_, js := client(t, broker)
	stream, err := js.Stream(t.Context(), "OBJ_raw")
	if err != nil {
		t.Fatal(err)
	}
	good := put(t, k, "good", randomBytes(1<<20))
	wrong := good
	wrong.Digest = "sha256:" + string(bytes.Repeat([]byte("0"), 64))
	for _, tc := range []struct {
		name string
		make func() events.Object
		want error
	}{
		{"not what the event says", func() events.Object { return wrong }, bus.ErrObjectDamaged},
		{"a chunk is gone", func() events.Object {
			o := put(t, k, "short", randomBytes(1<<20))
			info, err := stream.GetLastMsgForSubject(t.Context(), "$O.raw.M."+base64.URLEncoding.EncodeToString([]byte("short")))
			if err != nil {
				t.Fatal(err)
			}
			var meta jetstream.ObjectInfo
			if err := json.Unmarshal(info.Data, &meta); err != nil {
				t.Fatal(err)
			}
			if err := stream.Purge(t.Context(), jetstream.WithPurgeSubject("$O.raw.C."+meta.NUID), jetstream.WithPurgeKeep(1)); err != nil {
				t.Fatal(err)
			}
			return o
		}, bus.ErrObjectDamaged},
		{"a bit has flipped", func() events.Object {
			sum := sha256.Sum256([]byte("right"))
			meta, err := json.Marshal(jetstream.ObjectInfo{
				ObjectMeta: jetstream.ObjectMeta{Name: "flipped"}, Bucket: "raw", NUID: "n1", Size: 5, Chunks: 1,
				Digest: "SHA-256=" + base64.URLEncoding.EncodeToString(sum[:]),
			})
			if err != nil {
				t.Fatal(err)
			}
			for subject, data := range map[string][]byte{
				"$O.raw.C.n1": []byte("rigit"), "$O.raw.M." + base64.URLEncoding.EncodeToString([]byte("flipped")): meta,
			} {
				if _, err := js.Publish(t.Context(), subject, data); err != nil {
					t.Fatal(err)
				}
			}
			return events.Object{Bucket: "raw", Name: "flipped"}
		}, bus.ErrObjectDamaged},
		{"never written", func() events.Object { return events.Object{Bucket: "raw", Name: "never"} }, bus.ErrObjectMissing},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if f, err := k.Open(t.Context(), tc.make()); !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
				if err == nil {
					_ = f.Close()
				}
			}
		})
	}
}

// slow gives its bytes away in pieces and calls between after each.
type slow struct {
	r       io.Reader
	between func()
}

func (s *slow) Read(p []byte) (int, error) {
	s.between()
	return s.r.Read(p[:min(len(p), 256<<10)])
}

// An upload through stops, kills and cuts is whole, or it is refused.
func TestUploadThroughBrokerRestarts(t *testing.T) {
	t.Parallel()
	broker := bustest.StartProcess(t)
	b := broker.Connect(t, "runner/a")
	k := b.Bucket(events.BucketRaw)
	data := randomBytes(8 << 20)
	calls := 0
	o, err := k.Put(t.Context(), "through", "", &slow{bytes.NewReader(data), func() {
		calls++
		switch calls {
		case 4, 20:
			broker.Kill()
			broker.Start()
		case 10:
			broker.Restart(t)
		case 15, 25:
			broker.Drop(t, b)
		}
	}})
	if err != nil {
		t.Fatalf("upload: %v", err)
	}
	if !bytes.Equal(readAll(t, k, o), data) {
		t.Error("bytes differ")
	}
	// The broker does not come back in time.
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	calls = 0
	_, err = k.Put(ctx, "refused", "", &slow{bytes.NewReader(data), func() {
		if calls++; calls == 8 {
			broker.Kill()
		}
	}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("upload without a broker: %v, want a deadline", err)
	}
	broker.Start()
	if _, err := k.Open(t.Context(), events.Object{Bucket: events.BucketRaw, Name: "refused"}); !errors.Is(err, bus.ErrObjectMissing) {
		t.Errorf("half an object: %v, want ErrObjectMissing", err)
	}
	if n, err := k.Sweep(t.Context(), 0); n != 1 || err != nil {
		t.Errorf("sweep: %d %v, want 1", n, err)
	}
}

func TestUploadOfABrokenSource(t *testing.T) {
	t.Parallel()
	k := bustest.Start(t).Connect(t, "runner/a").Bucket(events.BucketRaw)
	broken := errors.New("disk gone")
	r := io.MultiReader(bytes.NewReader(randomBytes(1<<20)), &slow{between: func() {}, r: failing{broken}})
	if _, err := k.Put(t.Context(), "broken", "", r); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the source", err)
	}
	if n, err := k.Sweep(t.Context(), 0); n != 0 || err != nil {
		t.Errorf("chunks left behind: %d %v", n, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
