package stage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
)

// measured writes the report of a test whose load is done, and ends the test one way or the other.
func (s *Stage) measured(ctx context.Context, j bus.Job, t test) error {
	if settled(t) {
		return s.afterEnd(ctx, j, t)
	}
	began := time.Now()
	s.Bus.Tick(events.Tick{TestID: t.TestID, Phase: "report"})
	done, err := s.produce(ctx, t)
	switch {
	case ctx.Err() != nil: // stopping: another instance shall have it now
		return bus.Retry(0, context.Cause(ctx))
	case err != nil:
		return s.giveUp(ctx, j, err)
	}
	t, err = s.end(ctx, t, events.KindReported, done)
	if err != nil {
		return bus.Retry(s.delay(j.Deliveries), err)
	}
	s.Log.Info("report written", "test_id", t.TestID, "verdict", done.Verdict, "duration_ms", time.Since(began).Milliseconds())
	return s.afterEnd(ctx, j, t)
}

// settled reports that nothing is left to write: the test has ended, or was taken away meanwhile.
func settled(t test) bool { return t.State.Final() || t.Measured == nil || t.Purged }

// end publishes the event that ends the test, unless something else has ended it meanwhile. It returns the
// test as it is afterwards.
func (s *Stage) end(ctx context.Context, t test, k events.Kind, payload any) (test, error) {
	part := ""
	if k == events.KindFailed {
		part = string(events.Reporter)
	}
	for {
		e, err := events.New(t.TestID, k, part, s.Source, payload)
		if err != nil {
			return t, err
		}
		_, err = s.Bus.Publish(ctx, e, bus.ExpectTest(t.LastSeq))
		if err != nil && !errors.Is(err, bus.ErrConflict) {
			return t, err
		}
		if t, err = s.load(ctx, t.TestID); err != nil {
			return t, err
		}
		if settled(t) {
			return t, nil
		}
	}
}

// afterEnd does what follows the end of a test and may have been cut short before: other systems are told,
// and files of attempts that did not become the report are taken away.
func (s *Stage) afterEnd(ctx context.Context, j bus.Job, t test) error {
	err := s.announce(ctx, t)
	if err == nil && (j.Deliveries > 1 || t.State != events.StateSucceeded) {
		err = s.sweep(ctx, t)
	}
	if err != nil {
		return bus.Retry(s.delay(j.Deliveries), fmt.Errorf("after the end of test %s: %w", t.TestID, err))
	}
	return nil
}

// giveUp retries what may succeed later, as often as the spec says, and ends the test otherwise.
func (s *Stage) giveUp(ctx context.Context, j bus.Job, cause error) error {
	t, err := s.load(ctx, j.Event.TestID)
	if err != nil {
		return bus.Retry(s.delay(j.Deliveries), errors.Join(cause, err))
	}
	if settled(t) { // taken away while the report was being written
		return s.afterEnd(ctx, j, t)
	}
	f, again := explain(cause)
	if again && j.Deliveries <= t.Spec.StageRetries(f.Class) {
		s.Log.Warn("report not written, will try again", "test_id", t.TestID, "attempt", j.Deliveries, "error", cause)
		return bus.Retry(s.delay(j.Deliveries), cause)
	}
	s.Log.Error("report not written", "test_id", t.TestID, "class", f.Class, "error", cause)
	t, err = s.end(ctx, t, events.KindFailed, events.Failed{
		Stage: string(events.Reporter), Failure: *f,
	})
	if err != nil {
		return bus.Retry(s.delay(j.Deliveries), errors.Join(cause, err))
	}
	return s.afterEnd(ctx, j, t)
}
