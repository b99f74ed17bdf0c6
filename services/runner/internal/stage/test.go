package stage

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/folderlock"
)

// test is one test in the hands of this runner, from claim to release.
type test struct {
	*Stage
	log    *slog.Logger
	life   events.Lifecycle // as it was when the claim was taken
	plan   events.Planned
	claim  *bus.Claim
	key    string // API key of the target
	dir    string // work folder, 0700
	lock   *folderlock.Lock
	levels []events.LevelDone
	began  time.Time
	show   *progress
}

func (s *Stage) newTest(l events.Lifecycle, claim *bus.Claim) *test {
	return &test{
		Stage: s, life: l, plan: *l.Planned, claim: claim, levels: l.Levels, began: time.Now(),
		log:  s.Log.With("test_id", l.TestID, "attempt", claim.Attempt),
		show: newProgress(l.Planned.Plan),
	}
}

// carryOut makes the load of every step that is not done yet and publishes measured. The error is a
// *failure.Failure when the test cannot go on, otherwise of the bus.
func (t *test) carryOut(ctx context.Context) error {
	t.log.Info("test claimed", "levels", len(t.plan.Plan.Levels), "loops", t.plan.Plan.Loops, "done_already", len(t.levels))
	if err := t.worthTrying(); err != nil {
		return err
	}
	if err := t.prepare(); err != nil {
		return err
	}
	defer t.closeFolder()
	ticked := t.tick(ctx)
	defer ticked()
	host := t.Environment() // before the load, so that the load average is not ours
	what := t.describe(ctx)
	if err := t.steps(ctx); err != nil {
		<-what
		return err
	}
	generator := <-what
	if generator.err != nil {
		return generator.err
	}
	return t.publish(ctx, events.KindMeasured, "", events.Measured{
		Attempt: t.claim.Attempt, Generator: generator.is, Loops: len(t.levels), Host: host,
	})
}

// description is what the generator says of itself.
type description struct {
	is  events.Generator
	err error
}

// describe asks the generator while the load runs: to start an interpreter takes a while.
func (t *test) describe(ctx context.Context) <-chan description {
	answer := make(chan description, 1)
	go func() {
		is, err := t.Generator.Describe(ctx)
		answer <- description{is, err}
	}()
	return answer
}

// worthTrying ends a test that keeps losing its runners without getting anywhere: it may be what kills
// them. An attempt that finished a step counts as getting somewhere.
func (t *test) worthTrying() error {
	fruitful := 0
	for _, done := range t.levels {
		fruitful = max(fruitful, done.Attempt)
	}
	if lost := t.claim.Attempt - fruitful - 1; lost > *t.plan.Spec.Retries {
		return failure.New(failure.RunnerLost, "%d runners in a row took this test and did not come to an end", lost)
	}
	return nil
}

// prepare opens the credential and makes the work folder.
func (t *test) prepare() error {
	if id := t.plan.Spec.Target.Credential; id != "" {
		key, err := t.Credential(id)
		if err != nil {
			return failure.New(failure.Auth, "credential %s cannot be opened on this runner: %v", id, err)
		}
		t.key = key
	}
	return t.openFolder()
}

// watchCancel stops the load as soon as somebody wishes it; the channel closes when it watches no more.
func (t *test) watchCancel(ctx context.Context, stop context.CancelCauseFunc) <-chan struct{} {
	wishes := t.Bus.WatchDesired(ctx, t.life.TestID)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for w := range wishes {
			if cancels(w) {
				stop(errCancelled)
			}
		}
	}()
	return done
}

// publish stores one event under the claim.
func (t *test) publish(ctx context.Context, k events.Kind, part string, payload any) error {
	e, err := events.New(t.life.TestID, k, part, t.Instance, payload)
	if err != nil {
		return err
	}
	if _, err := t.claim.Publish(ctx, e); err != nil {
		return fmt.Errorf("test %s: %w", t.life.TestID, err)
	}
	return nil
}
