package auth

import (
	"context"
	"log/slog"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/auth/internal/keys"
)

// broker is what the announcer needs of the bus.
type broker interface {
	PublishKeys(ctx context.Context, k events.KeySet) error
	Healthy(ctx context.Context) error
}

// announcer keeps the public keys where every gateway finds them.
type announcer struct {
	bus  broker
	ring keys.Ring
	key  events.Key
	tidy func(ctx context.Context) error
}

// announce publishes the keys of all auth processes on this database.
func (a announcer) announce(ctx context.Context, now time.Time) error {
	set, err := a.ring.Join(ctx, a.key, now)
	if err != nil {
		return err
	}
	return a.bus.PublishKeys(ctx, set)
}

// run announces every five minutes, and at once when the broker is back: it may have come back empty.
func (a announcer) run(ctx context.Context, log *slog.Logger) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	last, away := time.Now(), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		if err := a.bus.Healthy(ctx); err != nil {
			away = true
			continue
		}
		if !away && time.Since(last) < announceEvery {
			continue
		}
		if err := a.announce(ctx, time.Now()); err != nil {
			log.Warn("keys not announced, trying again", "error", err)
			continue
		}
		if err := a.tidy(ctx); err != nil {
			log.Warn("old sessions not removed, trying again later", "error", err)
		}
		last, away = time.Now(), false
	}
}
