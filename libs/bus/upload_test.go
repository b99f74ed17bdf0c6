package bus_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

// atEnd calls end once, after the last byte was taken: all whole chunks are stored then, the metadata is not sent.
type atEnd struct {
	r   io.Reader
	end func()
}

func (a *atEnd) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if errors.Is(err, io.EOF) && a.end != nil {
		a.end()
		a.end = nil
	}
	return n, err
}

// The caller gives up while the metadata is on its way, and it arrives after that: the object is there, whole.
func TestMetadataArrivesAfterTheUploadWasGivenUp(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	b := broker.Connect(t, "reporter/a")
	k := broker.Connect(t, "reporter/b").Bucket(events.BucketReports)
	data := randomBytes(1 << 20) // whole chunks, so that nothing but the metadata is left at the end
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	heal := func() {}
	_, err := b.Bucket(events.BucketReports).Put(ctx, "late", "", &atEnd{bytes.NewReader(data), func() {
		heal = broker.Cut(t, b)
		time.AfterFunc(300*time.Millisecond, cancel)
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("upload given up: %v, want that it was cancelled", err)
	}
	heal()
	late := awaitObject(t, k, "late")
	if n, err := k.Sweep(t.Context(), 0); n != 0 || err != nil {
		t.Errorf("sweep: %d %v, want nothing: the metadata names these chunks", n, err)
	}
	if !bytes.Equal(readAll(t, k, late), data) {
		t.Error("bytes differ")
	}
	if again := put(t, k, "late", data); again.Digest != late.Digest || again.Name != late.Name {
		t.Errorf("same bytes again: %+v, want %+v", again, late)
	}
}

// The metadata never arrives: the chunks stay until the sweep, and the name is free.
func TestMetadataIsLost(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	b := broker.Connect(t, "reporter/a")
	k := broker.Connect(t, "reporter/b").Bucket(events.BucketReports)
	data := randomBytes(1 << 20)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := b.Bucket(events.BucketReports).Put(ctx, "lost", "", &atEnd{bytes.NewReader(data), func() {
		broker.Stop()
		time.AfterFunc(300*time.Millisecond, cancel)
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("upload given up: %v, want that it was cancelled", err)
	}
	broker.Start()
	if _, err := k.Open(t.Context(), events.Object{Bucket: events.BucketReports, Name: "lost"}); !errors.Is(err, bus.ErrObjectMissing) {
		t.Errorf("half an object: %v, want ErrObjectMissing", err)
	}
	for _, want := range []int{1, 0} {
		if n, err := k.Sweep(t.Context(), 0); n != want || err != nil {
			t.Errorf("sweep: %d %v, want %d", n, err, want)
		}
	}
	if o := put(t, k, "lost", data); !bytes.Equal(readAll(t, k, o), data) {
		t.Error("bytes differ")
	}
}

// Two write one name at the same time: one object, and no chunk of the other stays.
func TestUploadOfATakenName(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	b, other := broker.Connect(t, "reporter/a"), broker.Connect(t, "reporter/b")
	k := other.Bucket(events.BucketReports)
	for name, theirs := range map[string][]byte{"same bytes": randomBytes(1 << 20), "other bytes": []byte("other")} {
		t.Run(name, func(t *testing.T) {
			mine := randomBytes(1 << 20)
			o, err := b.Bucket(events.BucketReports).Put(t.Context(), name, "", &atEnd{bytes.NewReader(mine), func() {
				put(t, k, name, theirs)
			}})
			if same := bytes.Equal(mine, theirs); same && (err != nil || o.Size != 1<<20) || !same && !errors.Is(err, bus.ErrConflict) {
				t.Errorf("put: %+v %v", o, err)
			}
			if n, err := k.Sweep(t.Context(), 0); n != 0 || err != nil {
				t.Errorf("chunks left behind: %d %v", n, err)
			}
			if !bytes.Equal(readAll(t, k, events.Object{Bucket: events.BucketReports, Name: name}), theirs) {
				t.Error("not the bytes of who was first")
			}
		})
	}
}

// awaitObject waits until a name is stored.
func awaitObject(t *testing.T, k *bus.Bucket, name string) events.Object {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		list, err := k.List(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			return list[0]
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s was not stored", name)
		}
	}
}
