// Package reaper ends tests that were told to stop and that nobody holds any more, and tidies what has run
// out. It is the last resort: prober and runner stop their own tests.
package reaper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

// tidyEvery is how often old idempotency keys are removed.
const tidyEvery = time.Hour

// Reaper looks after tests that do not stop.
type Reaper struct {
	Bus     *bus.Bus
	Store   *readmodel.Store
	Log     *slog.Logger
	Source  string        // of our events, gateway/<instance>
	Every   time.Duration // between two looks
	Silence time.Duration // without an event after which a test that is to stop counts as lost
	Now     func() time.Time
}

// Run looks until ctx ends.
func (r *Reaper) Run(ctx context.Context) error {
	tick := time.NewTicker(r.Every)
	defer tick.Stop()
	var tidied time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			r.Log.Warn("tests that do not stop are not looked after, trying again", "error", err)
		}
		if now := r.Now(); now.Sub(tidied) >= tidyEvery {
			tidied = now
			err := errors.Join(r.Store.ForgetKeys(ctx, now), r.Store.Analyze(ctx))
			if err != nil && ctx.Err() == nil {
				r.Log.Warn("database is not tidied, trying again later", "error", err)
			}
		}
	}
}

func (r *Reaper) look(ctx context.Context) error {
	ids, err := r.Store.Cancelling(ctx, r.Now().Add(-r.Silence).UnixMicro())
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := r.end(ctx, id); err != nil && ctx.Err() == nil {
			r.Log.Warn("test does not stop, trying again", "test", id, "error", err)
		}
	}
	return nil
}

// end takes the test away from whoever held it, which the broker only allows when he has been silent long
// enough to have stopped by himself, and says that it is over.
func (r *Reaper) end(ctx context.Context, id string) error {
	l, err := r.Bus.Fold(ctx, id)
	if err != nil {
		return err
	}
	if l.State != events.StateCancelling {
		return nil
	}
	// The wish may have been lost between its event and its place: a holder that lives hears it now.
	if err := r.Bus.SetDesired(ctx, id, events.Desired{State: string(events.StateCancelled), By: l.By}); err != nil {
		return err
	}
	claim, err := r.Bus.Claim(ctx, id)
	if errors.Is(err, bus.ErrTaken) {
		return nil // the holder lives and will answer
	}
	if err != nil {
		return err
	}
	defer claim.Release(ctx)
	if l, err = r.Bus.Fold(ctx, id); err != nil || l.State.Final() {
		return err
	}
	proof := fmt.Sprintf("no holder gave a sign of life for %s; taken over as attempt %d", r.Silence, claim.Attempt)
	e, err := events.New(id, events.KindCancelled, fmt.Sprint(claim.Attempt), r.Source, events.Cancelled{Proof: proof})
	if err != nil {
		return err
	}
	_, err = claim.Publish(ctx, e)
	return err
}
