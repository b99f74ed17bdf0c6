package bus_test

import (
	"bytes"
	"errors"
	"testing"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/natsd"
)

// No room left is said at once, nothing half-written stays, and freeing room is enough.
func TestStorageFull(t *testing.T) {
	t.Parallel()
	server, err := natsd.Start(natsd.Config{StoreDir: t.TempDir(), MaxFile: 8 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	b, err := bus.Connect(t.Context(), bus.Config{Name: "runner", InProcess: server.InProcess()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Provision(t.Context()); err != nil {
		t.Fatal(err)
	}
	k := b.Bucket(events.BucketRaw)
	if _, err := k.Put(t.Context(), "big", "", bytes.NewReader(randomBytes(12<<20))); !errors.Is(err, bus.ErrStorageFull) {
		t.Fatalf("too large: %v, want ErrStorageFull", err)
	}
	if list, err := k.List(t.Context(), ""); err != nil || len(list) != 0 {
		t.Errorf("stored in spite of it: %v %v", list, err)
	}
	if n, err := k.Sweep(t.Context(), 0); err != nil || n != 0 {
		t.Errorf("chunks left behind: %d %v", n, err)
	}
	o := put(t, k, "small", randomBytes(1<<20))
	if len(readAll(t, k, o)) != 1<<20 {
		t.Error("no room after the refused upload was removed")
	}
}
