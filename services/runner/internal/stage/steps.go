package stage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
)

// backoff is the wait before a step is tried again; it doubles each time.
const backoff = time.Second

// steps makes the load of every step that is not done yet.
func (t *test) steps(ctx context.Context) error {
	for _, have := range t.levels { // an earlier attempt may have ended between the step and its verdict
		if have.Summary.Requests.OK == 0 {
			return t.diagnose(ctx, have.Summary, nil)
		}
	}
	warm := -1 // index of the level whose warm-up this attempt has made
	for i, step := range t.plan.Plan.Steps() {
		if t.done(step) {
			continue
		}
		warmup := 0
		if warm != step.Level.Index {
			warmup, warm = step.Level.Warmup, step.Level.Index
		}
		t.show.begin(i, step, warmup)
		if err := t.step(ctx, i, step, warmup); err != nil {
			return err
		}
	}
	return nil
}

// done reports whether an earlier attempt has measured this step.
func (t *test) done(step spec.Step) bool {
	for _, have := range t.levels {
		if have.Summary.Level == step.Level.Index && have.Summary.Loop == step.Loop {
			return true
		}
	}
	return false
}

// step makes the load of one step, again after transient failures, and publishes level_done.
func (t *test) step(ctx context.Context, number int, step spec.Step, warmup int) error {
	log := t.log.With("level", step.Level.Index, "loop", step.Loop)
	for try := 0; ; try++ {
		out, load, err := t.load(ctx, number, step, warmup, try)
		if err == nil {
			return t.finish(ctx, step, out, load)
		}
		var f *failure.Failure
		again := errors.As(err, &f) && failure.Transient(f.Class) && try < *t.plan.Spec.Retries && ctx.Err() == nil
		if !again {
			return err
		}
		log.Warn("step failed, trying again", "try", try+1, "class", f.Class, "message", f.Message)
		if !pause(ctx, backoff<<try) {
			return err
		}
	}
}

// load has the generator make the load of one step, and times it from the outside.
func (t *test) load(ctx context.Context, number int, step spec.Step, warmup, try int) (Outcome, events.Load, error) {
	bodies, err := t.writeBodies(number, step, warmup, try)
	if err != nil {
		return Outcome{}, events.Load{}, err
	}
	defer t.remove(bodies)
	began := time.Now()
	out, err := t.Generator.Run(ctx, Load{
		Spec: t.plan.Spec, Key: t.key, Bodies: bodies, WorkDir: t.dir,
		Concurrency: step.Level.Concurrency, Rate: step.Level.Rate, Requests: step.Level.Requests,
		Duration: time.Duration(step.Level.Duration), Warmup: warmup, Progress: t.show.report,
	})
	return out, events.Load{Runner: t.Instance, StartedMs: began.UnixMilli(), DurationMs: ms(time.Since(began))}, err
}

// finish keeps the raw data of a step and tells what it gave. A step in which nothing succeeded ends the
// test: the levels after it would tell the same.
func (t *test) finish(ctx context.Context, step spec.Step, out Outcome, load events.Load) error {
	summary := metrics.Summarize(step.Level.Index, step.Loop, step.Level.Concurrency, step.Level.Requests, out.Samples)
	summary.Rate = step.Level.Rate
	if out.Incomplete != "" {
		summary.Incomplete = out.Incomplete
	}
	raw, err := t.keep(ctx, step, out.Samples)
	if err != nil {
		return err
	}
	done := events.LevelDone{Attempt: t.claim.Attempt, Summary: summary, Native: out.Native, Raw: raw, Load: load}
	part := fmt.Sprintf("%d.%d.%d", t.claim.Seq, step.Level.Index, step.Loop)
	if err := t.publish(ctx, events.KindLevelDone, part, done); err != nil {
		return err
	}
	t.levels = append(t.levels, done)
	t.log.Info("level done", "level", step.Level.Index, "loop", step.Loop,
		"ok", summary.Requests.OK, "failed", summary.Requests.Failed, "duration_ms", load.DurationMs)
	if summary.Requests.OK == 0 {
		return t.diagnose(ctx, summary, out.Samples)
	}
	return nil
}

// pause reports false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
