package stage

import (
	"context"
	"log/slog"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
)

// Sweeper removes what interrupted uploads left behind, in the buckets of every service.
type Sweeper struct {
	Bus   *bus.Bus
	Log   *slog.Logger
	Every time.Duration // between two rounds
	Age   time.Duration // what is younger may belong to an upload that goes on
}

// Run makes a round at once and then one every s.Every until ctx ends. What fails comes again in the next.
func (s Sweeper) Run(ctx context.Context) {
	tick := time.NewTicker(s.Every)
	defer tick.Stop()
	for {
		for _, bucket := range events.Buckets {
			s.sweep(ctx, bucket)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s Sweeper) sweep(ctx context.Context, bucket string) {
	removed, err := s.Bus.Bucket(bucket).Sweep(ctx, s.Age)
	switch {
	case ctx.Err() != nil: // stopping
	case err != nil:
		s.Log.Warn("remains of interrupted uploads stay until the next sweep", "bucket", bucket, "removed", removed, "error", err)
	case removed > 0:
		s.Log.Info("remains of interrupted uploads removed", "bucket", bucket, "removed", removed)
	default:
		s.Log.Debug("no interrupted upload", "bucket", bucket)
	}
}
