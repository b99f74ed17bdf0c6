package prober

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"strconv"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/prober/internal/preflight"
)

type prober struct {
	bus          *bus.Bus
	log          *slog.Logger
	source       string
	simulatedURL string
	machine      preflight.Machine
}

// errCancelled ends a preflight because somebody asked to stop the test.
var errCancelled = errors.New("the test was cancelled")

// handle takes one requested test to planned, rejected or cancelled. It may run twice for the same test:
// what the history already settles is left alone.
func (p *prober) handle(ctx context.Context, j bus.Job) error {
	id := j.Event.TestID
	l, err := p.bus.Fold(ctx, id)
	if err != nil {
		return bus.Retry(busRetry, fmt.Errorf("read test %s: %w", id, err))
	}
	if settled(l) {
		return nil
	}
	log := p.log.With("test_id", id)
	res, err := p.look(ctx, l)
	if ctx.Err() != nil { // stopping: another prober looks again
		return bus.Retry(0, ctx.Err())
	}
	if err != nil {
		return bus.Retry(busRetry, err)
	}
	if res.cancelled {
		return p.tell(ctx, id, events.KindCancelled, "", stopped)
	}
	log.Info("preflight done", "checks", len(res.Checks), "rejected", res.Failure != nil)
	part := ""
	if j.Deliveries > 1 { // an earlier look may have been told without coming to a plan
		part = strconv.Itoa(j.Deliveries)
	}
	if len(res.Checks) > 0 {
		if err := p.tell(ctx, id, events.KindPreflight, part, events.Preflight{Checks: res.Checks}); err != nil {
			return err
		}
	}
	if res.Failure != nil {
		log.Info("test rejected", "class", res.Failure.Class, "message", res.Failure.Message)
		return p.tell(ctx, id, events.KindRejected, "", events.Rejected{Failure: *res.Failure})
	}
	return p.tell(ctx, id, events.KindPlanned, "", res.planned())
}

// result is one look at a target.
type result struct {
	preflight.Result
	spec      spec.Spec
	cancelled bool // somebody asked to stop; there is no other result then
}

// stopped is all there is to prove when no load was started.
var stopped = events.Cancelled{Proof: "stopped in the preflight; no load was started"}

// look runs the preflight; a wish to cancel stops it.
func (p *prober) look(ctx context.Context, l events.Lifecycle) (result, error) {
	s, refused := p.complete(l)
	if refused != nil {
		return result{Result: preflight.Result{Failure: refused}, spec: s}, nil
	}
	wish, ok, err := p.bus.Desired(ctx, l.TestID)
	if err != nil {
		return result{}, fmt.Errorf("read the wished-for state of test %s: %w", l.TestID, err)
	}
	if ok && cancels(wish) {
		return result{cancelled: true}, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	wishes := p.bus.WatchDesired(ctx, l.TestID)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for w := range wishes {
			if cancels(w) {
				cancel(errCancelled)
			}
		}
	}()
	began := time.Now()
	out := preflight.Run(ctx, preflight.Input{
		Spec: s, Machine: p.machine,
		Progress: func(check string) {
			p.bus.Tick(events.Tick{TestID: l.TestID, Phase: "preflight", Check: check, ElapsedMs: ms(time.Since(began))})
		},
	})
	cancelled := errors.Is(context.Cause(ctx), errCancelled)
	cancel(nil)
	<-watched
	if cancelled {
		return result{cancelled: true}, nil
	}
	return result{Result: out, spec: s}, nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func cancels(d events.Desired) bool { return d.State == string(events.StateCancelled) }

// complete fills in what only the prober knows: the address of the simulated target and the seed.
func (p *prober) complete(l events.Lifecycle) (spec.Spec, *failure.Failure) {
	s := l.Spec.WithDefaults()
	if err := s.Validate(); err != nil {
		return s, failure.New(failure.BadRequest, "the spec cannot be run: %v", err)
	}
	if s.Mode == spec.ModeSimulated {
		if p.simulatedURL == "" {
			f := failure.New(failure.Unavailable, "mode simulated: no simulated target runs beside this prober")
			f.Advice = failure.Text{
				EN: "Start llmsim and give its address to the prober in PLIMSOLL_SIMULATED_URL, or use mode local.",
				ZH: "请启动 llmsim 并通过 PLIMSOLL_SIMULATED_URL 告知 prober，或改用 local 模式。",
			}
			return s, f
		}
		s.Target.URL = p.simulatedURL
	}
	if s.Prompts.Seed == nil {
		seed := seedOf(l.TestID)
		s.Prompts.Seed = &seed
	}
	return s, nil
}

// seedOf draws the seed of a test from its id, so that looking twice gives the same prompts. It stays
// below 2^53: a browser reads it without loss.
func seedOf(testID string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(testID)) // never fails
	return int64(h.Sum64() & (1<<53 - 1))
}

// settled reports that there is nothing left to decide.
func settled(l events.Lifecycle) bool {
	return !l.Exists || l.Planned != nil || l.State.Final() || l.ClaimSeq != 0
}

// tell publishes one fact if the history still allows it. When something else came in between, it reads
// and decides again; a test that somebody asked to cancel ends cancelled instead.
func (p *prober) tell(ctx context.Context, id string, k events.Kind, part string, payload any) error {
	for {
		l, err := p.bus.Fold(ctx, id)
		if err != nil {
			return bus.Retry(busRetry, fmt.Errorf("read test %s: %w", id, err))
		}
		if settled(l) {
			return nil
		}
		cancelled, err := p.wantsCancel(ctx, l)
		if err != nil {
			return bus.Retry(busRetry, err)
		}
		if cancelled {
			k, part, payload = events.KindCancelled, "", stopped
		}
		e, err := events.New(id, k, part, p.source, payload)
		if err != nil {
			return bus.Reject(err)
		}
		_, err = p.bus.Publish(ctx, e, bus.ExpectTest(l.LastSeq))
		switch {
		case errors.Is(err, bus.ErrConflict):
			continue
		case err != nil:
			return bus.Retry(busRetry, fmt.Errorf("publish %s of test %s: %w", k, id, err))
		}
		return nil
	}
}

func (p *prober) wantsCancel(ctx context.Context, l events.Lifecycle) (bool, error) {
	if l.State == events.StateCancelling {
		return true, nil
	}
	wish, ok, err := p.bus.Desired(ctx, l.TestID)
	if err != nil {
		return false, fmt.Errorf("read the wished-for state of test %s: %w", l.TestID, err)
	}
	return ok && cancels(wish), nil
}
