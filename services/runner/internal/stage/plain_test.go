package stage_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"sync"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/llm"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/services/runner/internal/stage"
)

// plain is a second generator: a closed loop of real requests through our own client. It is small and
// starts at once, so the runner's own logic can be tested at many moments.
type plain struct {
	nameless bool                // does not tell classes, like a generator that only counts failures
	fail     func(try int) error // what to answer instead of making load, nil for nothing

	mu      sync.Mutex
	loads   []stage.Load
	prompts map[string]int // every body sent, warm-up included
}

func (p *plain) Describe(context.Context) (events.Generator, error) {
	return events.Generator{Name: "plain", Version: "1"}, nil
}

func (p *plain) Run(ctx context.Context, l stage.Load) (stage.Outcome, error) {
	bodies, err := p.note(l)
	if err != nil {
		return stage.Outcome{}, failure.New(failure.GeneratorCrashed, "%v", err)
	}
	if p.fail != nil {
		if err := p.fail(len(p.all()) - 1); err != nil {
			return stage.Outcome{}, err
		}
	}
	c := llm.New(llm.Options{Conns: l.Concurrency})
	defer c.Close()
	for _, b := range bodies[:l.Warmup] {
		c.Do(ctx, request(l, b))
	}
	out := p.measure(ctx, c, l, bodies[l.Warmup:])
	if ctx.Err() != nil {
		return out, failure.New(failure.Cancelled, "no request is in flight any more")
	}
	return out, nil
}

// measure sends every body, Concurrency at a time.
func (p *plain) measure(ctx context.Context, c *llm.Client, l stage.Load, bodies [][]byte) stage.Outcome {
	origin := time.Now()
	samples := make([]metrics.Sample, len(bodies))
	next := make(chan int)
	var workers sync.WaitGroup
	var done struct {
		sync.Mutex
		n int
	}
	for range max(l.Concurrency, 1) {
		workers.Go(func() {
			for i := range next {
				t := c.Do(ctx, request(l, bodies[i]))
				samples[i] = t.Sample(i, origin)
				if p.nameless {
					samples[i].Class, samples[i].Error, samples[i].Status = "", "", 0
				}
				done.Lock()
				done.n++
				l.Progress(done.n, len(bodies))
				done.Unlock()
			}
		})
	}
	for i := range bodies {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	ok := 0.0
	for _, s := range samples {
		if s.OK {
			ok++
		}
	}
	return stage.Outcome{Samples: samples, Native: map[string]*float64{"requests_ok": &ok, "ttft_ms_mean": nil}}
}

func request(l stage.Load, body []byte) llm.Request {
	return llm.Request{
		URL: l.Spec.Target.URL, API: l.Spec.Target.API, Key: l.Key, Body: body, Stream: *l.Spec.Stream,
		Timeouts: llm.TimeoutsOf(l.Spec.Timeouts),
	}
}

// note reads the bodies and remembers what was asked.
func (p *plain) note(l stage.Load) ([][]byte, error) {
	f, err := os.Open(l.Bodies)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var bodies [][]byte
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.prompts == nil {
		p.prompts = map[string]int{}
	}
	for lines.Scan() {
		var b struct {
			Messages []struct{ Content string } `json:"messages"`
		}
		if err := json.Unmarshal(lines.Bytes(), &b); err != nil {
			return nil, err
		}
		p.prompts[b.Messages[0].Content]++
		bodies = append(bodies, append([]byte(nil), lines.Bytes()...))
	}
	p.loads = append(p.loads, l)
	return bodies, lines.Err()
}

func (p *plain) all() []stage.Load {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]stage.Load(nil), p.loads...)
}

// repeated is how many prompts were sent more than once.
func (p *plain) repeated() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, times := range p.prompts {
		if times > 1 {
			n++
		}
	}
	return n
}
