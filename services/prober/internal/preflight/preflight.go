// Package preflight looks at a target and at this machine before a test: can it be reached, does it answer
// as asked, how does it count tokens, is there what the load needs. Each check is one line with what was
// seen. It knows nothing about events being published.
package preflight

import (
	"context"
	"time"

	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/llm"
	"plimsoll.internal/libs/spec"
)

// Machine is what the prober's own machine offers.
type Machine struct {
	Python     string                          // interpreter of the evalscope environment
	DataDir    string                          // folder whose disk must have room
	Credential func(id string) (string, error) // opens a stored secret
}

// Input is what to look at.
type Input struct {
	Spec     spec.Spec // complete: defaults, address and seed filled in
	Machine  Machine
	Progress func(check string) // told before every check
}

// Result is what was found.
type Result struct {
	Checks   []events.Check
	Prompt   events.Prompt    // calibrated
	Warnings []string         // details of the checks that ended with a warning
	Failure  *failure.Failure // of the check that failed, nil when the test can run
}

// check is one line of the preflight, in the order they run.
type check struct {
	name string
	run  func(context.Context, *look) verdict
}

var checks = []check{
	{"dns", dns},
	{"tcp", tcp},
	{"tls", tlsHandshake},
	{"auth", auth},
	{"model", model},
	{"request", request},
	{"tokens", tokens},
	{"prompt", calibrate},
	{"clock", clock},
	{"generator", generator},
	{"disk", disk},
	{"files", files},
}

// verdict is the outcome of one check.
type verdict struct {
	status  events.CheckStatus
	detail  string
	failure *failure.Failure // of a failed one
}

// look carries what earlier checks found for later ones.
type look struct {
	Input
	client   *llm.Client
	key      string
	address  string   // host:port of the target
	models   []string // listed by the server
	modelErr *failure.Failure
	answer   llm.Timeline // of the real request
	retries  int          // left
	prompt   events.Prompt
	asked    int // calibration requests sent

	installed func() (evalscope.Status, error) // waits for the answer of the evalscope environment
}

// backoff is the wait before the first retry; it doubles each time.
const backoff = 500 * time.Millisecond

// Run makes every check in order; after the first failed one the rest is skipped. Transient failures are
// tried again up to the retries of the spec, all checks together.
func Run(ctx context.Context, in Input) Result {
	s := in.Spec
	l := &look{Input: in, retries: *s.Retries, prompt: events.Prompt{Seed: *s.Prompts.Seed}}
	l.client = llm.New(llm.Options{Insecure: !*s.Target.TLSVerify, Connect: time.Duration(s.Timeouts.Connect)})
	defer l.client.Close()
	ctx, cancel := context.WithTimeout(ctx, limit(s.Timeouts))
	if l.installed = askInstalled(ctx, in); l.installed != nil {
		defer l.installed() // nothing outlives the preflight
	}
	defer cancel()
	var out Result
	for _, c := range checks {
		if out.Failure != nil {
			out.Checks = append(out.Checks, events.Check{Name: c.name, Status: events.CheckSkipped, Detail: "not reached"})
			continue
		}
		in.Progress(c.name)
		line, fail := l.try(ctx, c)
		out.Checks = append(out.Checks, line)
		out.Failure = fail
		if line.Status == events.CheckWarning {
			out.Warnings = append(out.Warnings, c.name+": "+line.Detail)
		}
	}
	out.Prompt = l.prompt
	return out
}

// limit bounds the whole preflight: every wait of one request once, and a generous share for the rest.
func limit(t spec.Timeouts) time.Duration {
	return time.Duration(t.Connect+t.FirstToken+t.Request) + time.Minute
}

// try makes one check, again after transient failures while retries are left.
func (l *look) try(ctx context.Context, c check) (events.Check, *failure.Failure) {
	began := time.Now()
	for n := 0; ; n++ {
		v := c.run(ctx, l)
		line := events.Check{Name: c.name, Status: v.status, Detail: v.detail}
		again := v.failure != nil && failure.Transient(v.failure.Class) && l.retries > 0
		if again && wait(ctx, backoff<<n) {
			l.retries--
			continue
		}
		line.DurationMs = float64(time.Since(began)) / float64(time.Millisecond)
		if v.failure != nil {
			line.Detail, line.Class, line.Advice = v.failure.Message, v.failure.Class, &v.failure.Advice
		}
		if n > 0 {
			line.Detail += tries(n + 1)
		}
		return line, v.failure
	}
}

// wait reports false when ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (l *look) request(body []byte, stream bool) llm.Request {
	s := l.Spec
	return llm.Request{
		URL: s.Target.URL, API: s.Target.API, Key: l.key, Headers: s.Target.Headers,
		Body: body, Stream: stream, Timeouts: llm.TimeoutsOf(s.Timeouts),
	}
}
