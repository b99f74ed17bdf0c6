// Package stage carries out one planned test after another: claim, load, raw data, events. It knows a
// generator only by its interface, and no event of any other stage but the plan.
package stage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
)

// Stage is one runner process. Its fields do not change while it works.
type Stage struct {
	Bus        *bus.Bus
	Log        *slog.Logger
	Instance   string // source of its events
	WorkDir    string
	Version    string
	Simulated  string // base URL of the simulated target as this runner reaches it; empty: the planned one
	Credential func(id string) (string, error)
	Generator  Generator
}

// How soon a test comes back.
const (
	busyRetry  = time.Second     // its target is in use
	takenRetry = 5 * time.Second // somebody else holds it; looked at again in case he does not finish
	lostRetry  = 2 * time.Second // this process lost the claim
	busRetry   = time.Second     // the bus could not be used
)

var (
	errCancelled = errors.New("the test was cancelled")
	errStopping  = errors.New("this runner is stopping")
)

// Handle carries out the test of one job. It may see the same test again at any moment: the history says
// what is left to do, the claim that nobody else does it.
func (s *Stage) Handle(ctx context.Context, j bus.Job) error {
	id := j.Event.TestID
	l, err := s.fold(ctx, id)
	if err != nil {
		return bus.Retry(busRetry, err)
	}
	if settled(l) {
		return nil
	}
	cancelled, err := s.wantsCancel(ctx, l)
	if err != nil {
		return bus.Retry(busRetry, err)
	}
	if !cancelled && !l.Planned.Spec.ShareTarget {
		hold, err := s.Bus.HoldTarget(ctx, bus.TargetKey(l.Planned.Spec.Target.URL), id)
		if err != nil {
			return bus.Retry(busyRetry, err)
		}
		defer hold.Release(context.WithoutCancel(ctx))
		return s.claimed(ctx, l, hold.Context(), false)
	}
	return s.claimed(ctx, l, nil, cancelled)
}

// fold reads the state of a test. The simulated target is where it is now: it may have been started again
// at another address since the test was planned.
func (s *Stage) fold(ctx context.Context, id string) (events.Lifecycle, error) {
	l, err := s.Bus.Fold(ctx, id)
	if err != nil {
		return l, fmt.Errorf("read test %s: %w", id, err)
	}
	if l.Planned != nil && l.Planned.Spec.Mode == spec.ModeSimulated && s.Simulated != "" {
		l.Planned.Spec.Target.URL = s.Simulated
	}
	return l, nil
}

// settled reports that no load of this test is wanted any more.
func settled(l events.Lifecycle) bool {
	return l.Planned == nil || l.Measured != nil || l.State.Final()
}

func (s *Stage) wantsCancel(ctx context.Context, l events.Lifecycle) (bool, error) {
	if l.State == events.StateCancelling {
		return true, nil
	}
	wish, ok, err := s.Bus.Desired(ctx, l.TestID)
	if err != nil {
		return false, fmt.Errorf("read the wished-for state of test %s: %w", l.TestID, err)
	}
	return ok && cancels(wish), nil
}

func cancels(d events.Desired) bool { return d.State == string(events.StateCancelled) }

// claimed claims the test, carries it out and gives the claim back. Held ends when the target is lost; it
// is nil when the target is shared.
func (s *Stage) claimed(ctx context.Context, l events.Lifecycle, held context.Context, cancelled bool) error {
	claim, err := s.Bus.Claim(ctx, l.TestID)
	if errors.Is(err, bus.ErrTaken) {
		return bus.Retry(takenRetry, err)
	}
	if err != nil {
		return bus.Retry(busRetry, err)
	}
	defer claim.Release(context.WithoutCancel(ctx))
	// Somebody may have finished it while we waited for the claim.
	if l, err = s.fold(ctx, l.TestID); err != nil {
		return bus.Retry(busRetry, err)
	}
	if settled(l) {
		return nil
	}
	t := s.newTest(l, claim)
	if cancelled {
		return t.settle(t.publish(claim.Context(), events.KindCancelled, "", events.Cancelled{Proof: "no load had been started"}))
	}
	run, stop := context.WithCancelCause(claim.Context())
	defer stop(nil)
	if held != nil {
		defer context.AfterFunc(held, func() { stop(context.Cause(held)) })()
	}
	watched := t.watchCancel(run, stop)
	outcome := t.carryOut(run)
	cause := context.Cause(run)
	stop(nil)
	<-watched
	return t.settle(t.conclude(ctx, cause, outcome))
}

// conclude tells what became of the load. Cause is why the load was stopped, nil when it was not.
func (t *test) conclude(ctx context.Context, cause, outcome error) error {
	switch {
	case outcome == nil: // measured is published, whatever came in the same moment
		t.log.Info("test measured", "levels", len(t.levels))
		return nil
	case ctx.Err() != nil:
		t.log.Info("test handed back", "attempt", t.claim.Attempt)
		return errStopping
	case t.claim.Context().Err() != nil:
		t.log.Warn("claim lost, load stopped", "attempt", t.claim.Attempt, "cause", context.Cause(t.claim.Context()))
		return bus.Retry(lostRetry, context.Cause(t.claim.Context()))
	case errors.Is(cause, errCancelled):
		t.log.Info("test cancelled", "proof", t.proof(outcome))
		return t.publish(ctx, events.KindCancelled, "", events.Cancelled{Proof: t.proof(outcome)})
	case cause != nil: // the target was lost
		return bus.Retry(lostRetry, cause)
	}
	var f *failure.Failure
	if !errors.As(outcome, &f) {
		return outcome // of the bus
	}
	t.log.Warn("test failed", "class", f.Class, "message", f.Message)
	return t.publish(ctx, events.KindFailed, "", events.Failed{Stage: string(events.Runner), Failure: *f})
}

// proof says how it is known that nothing runs any more.
func (t *test) proof(outcome error) string {
	var f *failure.Failure
	if errors.As(outcome, &f) && f.Class == failure.Cancelled {
		return strings.TrimSuffix(f.Message, ": "+errCancelled.Error())
	}
	return "the generator had ended"
}

// settle decides whether the job comes back. An event refused because of the fence says that somebody else
// has the test now.
func (t *test) settle(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errStopping):
		return bus.Retry(0, err)
	case errors.Is(err, bus.ErrFenced), errors.Is(err, bus.ErrUnconfirmed):
		return bus.Retry(lostRetry, err)
	}
	return err
}
