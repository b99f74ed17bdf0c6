// Package stage is the archiver's part in the life of a test: it answers wishes to archive, to restore and
// to delete, and archives on its own where the spec says so.
//
// Every move is copy, verify, event, remove the source, in this order: whatever dies in between, one whole
// copy is there, and doing it again ends the same way. No object name is ever used for other bytes: a
// restored file gets a new name, and an archive folder that was left is not taken again.
package stage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
)

// Stage handles the events the archiver is woken by. It may handle several tests at once.
type Stage struct {
	Bus        *bus.Bus
	Log        *slog.Logger
	Source     string        // of its events, like archiver/host-1
	RetryDelay time.Duration // before the first retry, doubled every time
}

// Handle handles one event. It may see the same event again at any time.
func (s *Stage) Handle(ctx context.Context, j bus.Job) error {
	t, err := s.load(ctx, j.Event.TestID)
	if err != nil {
		return bus.Retry(s.delay(j.Deliveries), err)
	}
	if !t.Exists {
		return bus.Reject(fmt.Errorf("%s of test %s: nobody asked for this test", j.Event.Kind, j.Event.TestID))
	}
	w, ok, err := wishOf(j.Event, t)
	if err != nil {
		return bus.Reject(err)
	}
	if !ok {
		return nil
	}
	return s.grant(ctx, j, t, w)
}

// grant answers a wish with exactly one event and does what follows from it. When other events of the test
// come in between, it looks again.
func (s *Stage) grant(ctx context.Context, j bus.Job, t test, w wish) error {
	for {
		given, err := t.answerTo(w)
		if err != nil {
			return bus.Reject(err)
		}
		if given != nil {
			return s.finish(ctx, j, t, w, *given)
		}
		if w.policy() && t.ArchivePath != "" { // a person was faster
			return nil
		}
		a, err := s.act(ctx, t, w)
		if ctx.Err() != nil { // stopping: another instance shall have it now
			return bus.Retry(0, context.Cause(ctx))
		}
		if err != nil {
			var retry error
			if a, retry = s.refuse(ctx, j, t, w, err); a.kind == "" {
				return retry
			}
		}
		if t, err = s.publish(ctx, t, w, a); err != nil {
			return bus.Retry(s.delay(j.Deliveries), err)
		}
	}
}

// answer is the event that answers a wish; its zero value is no answer.
type answer struct {
	kind    events.Kind
	payload any
}

// act does what was wished for, up to the event.
func (s *Stage) act(ctx context.Context, t test, w wish) (answer, error) {
	switch w.kind {
	case events.KindArchiveRequested:
		return s.archive(ctx, t, w)
	case events.KindRestoreRequested:
		return s.restore(ctx, t, w)
	}
	return s.remove(ctx, t, w)
}

// publish stores the answer if nothing has happened to the test meanwhile, and returns the test as it is
// afterwards.
func (s *Stage) publish(ctx context.Context, t test, w wish, a answer) (test, error) {
	e, err := events.New(t.TestID, a.kind, w.partOf(a.kind), s.Source, a.payload)
	if err != nil {
		return t, err
	}
	_, err = s.Bus.Publish(ctx, e, bus.ExpectTest(t.LastSeq))
	if err != nil && !errors.Is(err, bus.ErrConflict) {
		return t, err
	}
	return s.load(ctx, t.TestID)
}

// longestDelay bounds the pause between two attempts.
const longestDelay = 30 * time.Second

func (s *Stage) delay(deliveries int) time.Duration {
	d := s.RetryDelay
	for range min(max(deliveries-1, 0), 16) {
		d *= 2
	}
	return min(d, longestDelay)
}
