package bus_test

import (
	"bytes"
	"fmt"
	"testing"

	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

// BenchmarkPublishSyncAlways is one event stored once, on disk before the answer, looked up before.
func BenchmarkPublishSyncAlways(b *testing.B) {
	conn := bustest.Start(b).Connect(b, "bench")
	id := newID(b)
	e := newEvent(b, id, events.KindRequested, "", events.Requested{})
	for i := 0; b.Loop(); i++ {
		e.TestID = newID(b)
		e.ID = e.TestID + ":requested"
		publish(b, conn, e)
	}
}

// BenchmarkPutObject is a workbook of usual size and a raw file of a long test.
func BenchmarkPutObject(b *testing.B) {
	for _, size := range []int{200 << 10, 16 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			k := bustest.Start(b).Connect(b, "bench").Bucket(events.BucketRaw)
			data := randomBytes(size)
			b.SetBytes(int64(size))
			for i := 0; b.Loop(); i++ {
				if _, err := k.Put(b.Context(), fmt.Sprint(i), "", bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOpenObject is the way back, verified.
func BenchmarkOpenObject(b *testing.B) {
	k := bustest.Start(b).Connect(b, "bench").Bucket(events.BucketRaw)
	const size = 16 << 20
	o, err := k.Put(b.Context(), "x", "", bytes.NewReader(randomBytes(size)))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	for b.Loop() {
		f, err := k.Open(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
