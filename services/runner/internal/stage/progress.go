package stage

import (
	"context"
	"sync"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/spec"
)

// progress is how far a test is, written by the steps and the generator, read once a second.
type progress struct {
	mu      sync.Mutex
	weights []float64 // of every step, sum 1
	before  float64   // share of the whole that is behind the step in hand, 0–1
	weight  float64   // of the step in hand
	step    spec.Step
	warmup  int
	done    int
	total   int
	began   time.Time // of the step in hand
}

// newProgress weighs the steps: by time when a duration decides, else by requests.
func newProgress(p spec.Plan) *progress {
	g := &progress{}
	sum := 0.0
	for _, s := range p.Steps() {
		w := float64(s.Level.Requests)
		if s.Level.Duration > 0 {
			w = time.Duration(s.Level.Duration).Seconds()
		}
		g.weights = append(g.weights, w)
		sum += w
	}
	for i := range g.weights {
		if sum > 0 {
			g.weights[i] /= sum
		}
	}
	return g
}

// begin starts step number i; all before it are done.
func (g *progress) begin(i int, s spec.Step, warmup int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.before = 0
	for _, w := range g.weights[:i] {
		g.before += w
	}
	g.weight, g.step, g.warmup, g.began = g.weights[i], s, warmup, time.Now()
	g.done, g.total = 0, s.Level.Requests
}

// report is told by the generator; total may be 0.
func (g *progress) report(done, total int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done = done
	if total > 0 {
		g.total = total
	}
}

// now is the tick of this moment.
func (g *progress) now() events.Tick {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := events.Tick{Phase: "measure", Level: g.step.Level.Index, Loop: g.step.Loop, Done: g.done, Total: g.total}
	if g.warmup > 0 && g.done == 0 {
		t.Phase = "warmup"
	}
	share := 0.0
	switch d := time.Duration(g.step.Level.Duration); {
	case d > 0 && !g.began.IsZero():
		share = time.Since(g.began).Seconds() / d.Seconds()
	case g.total > 0:
		share = float64(g.done) / float64(g.total)
	}
	t.Percent = 100 * (g.before + g.weight*min(share, 1))
	return t
}

// tick shows the progress once a second until the returned function is called.
func (t *test) tick(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var loop sync.WaitGroup
	loop.Go(func() {
		every := time.NewTicker(time.Second)
		defer every.Stop()
		for {
			now := t.show.now()
			now.TestID, now.ElapsedMs = t.life.TestID, ms(time.Since(t.began))
			t.Bus.Tick(now)
			select {
			case <-every.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		cancel()
		loop.Wait()
	}
}
