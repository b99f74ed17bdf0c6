package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
)

// follower is what FollowTicks needs of the bus.
type follower interface {
	Follow(ctx context.Context, f bus.Feed, handle func(bus.Message) error) error
}

// FollowTicks tells the hub about the progress of every test until ctx ends. One follower serves all viewers.
func FollowTicks(ctx context.Context, b follower, h *Hub, log *slog.Logger) error {
	feed := bus.Feed{Stream: events.StreamLive, Subjects: []string{events.SubjectTicks}, OnlyNew: true}
	for ctx.Err() == nil {
		err := b.Follow(ctx, feed, func(m bus.Message) error {
			var t events.Tick
			if err := json.Unmarshal(m.Data, &t); err != nil {
				log.Warn("progress cannot be understood", "subject", m.Subject, "error", err)
				return nil
			}
			h.Tick(t)
			return nil
		})
		if ctx.Err() != nil {
			break
		}
		log.Warn("progress is not followed, trying again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}
