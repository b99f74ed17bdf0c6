package llm

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func readAll(r io.Reader) (data []string, err error) {
	events := NewEventReader(r)
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			return data, nil
		}
		if err != nil {
			return data, err
		}
		data = append(data, e.Name+"|"+string(e.Data))
	}
}

func TestEventReader(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     []string
	}{
		{"one", "data: a\n\n", []string{"|a"}},
		{"no space after the colon", "data:a\n\n", []string{"|a"}},
		{"only one space goes", "data:  a\n\n", []string{"| a"}},
		{"several lines", "data: a\ndata: b\n\n", []string{"|a\nb"}},
		{"empty data line", "data\n\n", []string{"|"}},
		{"name", "event: error\ndata: x\n\n", []string{"error|x"}},
		{"name does not stay", "event: error\n\ndata: x\n\n", []string{"|x"}},
		{"comments and unknown fields", ": hi\nid: 1\nretry: 5\nfoo: x\ndata: a\n\n", []string{"|a"}},
		{"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", []string{"|a", "|b"}},
		{"CR", "data: a\r\rdata: b\r\r", []string{"|a", "|b"}},
		{"mixed ends", "data: a\r\ndata: b\n\r\n", []string{"|a\nb"}},
		{"byte order mark", "\xef\xbb\xbfdata: a\n\n", []string{"|a"}},
		{"byte order mark later is data", "data: a\n\n\xef\xbb\xbfdata: b\n\n", []string{"|a"}},
		{"no empty line at the end", "data: a\n\ndata: b\n", []string{"|a"}},
		{"colon in data", "data: {\"a\":1}\n\n", []string{"|{\"a\":1}"}},
		{"nothing", "", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"whole": strings.NewReader(tc.in), "by byte": iotest.OneByteReader(strings.NewReader(tc.in)),
				"with the end": iotest.DataErrReader(strings.NewReader(tc.in)),
			} {
				got, err := readAll(r)
				if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
					t.Errorf("%s: %v %s", how, err, diff)
				}
			}
		})
	}
}

func TestEventReaderIsBounded(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("data: "), iotest.TimeoutReader(bytes.NewReader(make([]byte, 8<<20))))
	if _, err := NewEventReader(endless).Next(); err == nil {
		t.Error("an endless line was read")
	}
	many := strings.NewReader(strings.Repeat("data: "+strings.Repeat("x", 1<<20)+"\n", 8))
	if _, err := NewEventReader(many).Next(); !errors.Is(err, errLineTooLong) {
		t.Errorf("an endless event: %v", err)
	}
}

// FuzzEventReader checks that where the network splits a stream never changes its events.
func FuzzEventReader(f *testing.F) {
	f.Add([]byte("data: a\r\n\r\nevent: x\ndata: b\n\n:c\n\n"))
	f.Add([]byte("\xef\xbb\xbfdata: {\"choices\":[]}\n\ndata: [DONE]\n\n"))
	f.Add([]byte("data\rdata:\r\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		whole, err1 := readAll(bytes.NewReader(in))
		split, err2 := readAll(iotest.OneByteReader(bytes.NewReader(in)))
		half, err3 := readAll(iotest.HalfReader(bytes.NewReader(in)))
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatalf("%v %v %v", err1, err2, err3)
		}
		if !cmp.Equal(whole, split) || !cmp.Equal(whole, half) {
			t.Errorf("%q: whole %q, by byte %q, by halves %q", in, whole, split, half)
		}
	})
}
