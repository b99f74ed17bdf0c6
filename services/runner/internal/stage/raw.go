package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/samples"
	"plimsoll.internal/libs/spec"
)

const parquetType = "application/vnd.apache.parquet"

// keep stores the samples of one step as Parquet. The sequence of the claim is in the name, so a runner
// that has lost the test can never overwrite what its successor stored.
func (t *test) keep(ctx context.Context, step spec.Step, s []metrics.Sample) (events.Object, error) {
	f, err := os.CreateTemp(t.dir, "samples-*.parquet")
	if err != nil {
		return events.Object{}, failure.New(failure.Storage, "write the samples: %v", err)
	}
	defer func() {
		_ = f.Close()
		t.remove(f.Name())
	}()
	if err := samples.Write(f, s); err != nil {
		return events.Object{}, failure.New(failure.Storage, "write the samples: %v", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return events.Object{}, failure.New(failure.Storage, "read the samples back: %v", err)
	}
	name := fmt.Sprintf("tests/%s/%d/level_%d_loop_%d.parquet", t.life.TestID, t.claim.Seq, step.Level.Index, step.Loop)
	o, err := t.Bus.Bucket(events.BucketRaw).Put(ctx, name, parquetType, f)
	if errors.Is(err, bus.ErrStorageFull) {
		return o, failure.New(failure.Storage, "keep the samples of level %d, loop %d: %v", step.Level.Index, step.Loop, err)
	}
	if err != nil {
		return o, fmt.Errorf("keep the samples as %s: %w", name, err)
	}
	return o, nil
}
