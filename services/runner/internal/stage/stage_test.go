package stage_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/folderlock"
	"plimsoll.internal/libs/llmsim"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/samples"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/runner/internal/stage"
)

func TestOneTest(t *testing.T) {
	h, g := build(t), &plain{}
	sim, url := target(t, llmsim.Profile{TTFT: 5 * time.Millisecond, ITL: time.Millisecond})
	h.start("a", 1, g)
	id := h.plan(wanted(url))
	m := measured(t, h.await(id, ended...))
	if m.Loops != 4 || m.Attempt != 1 || m.Generator.Name != "plain" || m.Host.CPUs == 0 || m.Host.Version != "test" {
		t.Errorf("measured %+v", m)
	}
	want := []events.Kind{
		events.KindRequested, events.KindPlanned, events.KindClaimed, events.KindLevelDone, events.KindLevelDone,
		events.KindLevelDone, events.KindLevelDone, events.KindMeasured,
	}
	if diff := cmp.Diff(want, h.kinds(id)); diff != "" {
		t.Error(diff)
	}
	loads := g.all()
	for i, l := range loads {
		if warm := map[int]int{0: 2, 1: 0, 2: 2, 3: 0}[i]; l.Warmup != warm || l.Requests != 4 {
			t.Errorf("load %d has warm-up %d, %d requests, want %d, 4", i, l.Warmup, l.Requests, warm)
		}
	}
	if n := sim.Totals().Requests; n != 4*4+2*2 {
		t.Errorf("%d requests, want 20", n)
	}
	if n := g.repeated(); n != 0 {
		t.Errorf("%d prompts were sent more than once", n)
	}
	checkLevels(t, h, h.levels(id))
}

// checkLevels compares every summary with the raw data it came from.
func checkLevels(t *testing.T, h *house, levels []events.LevelDone) {
	t.Helper()
	if len(levels) != 4 {
		t.Errorf("%d loops of levels, want 4", len(levels))
	}
	for i, l := range levels {
		if l.Summary.Level != i/2 || l.Summary.Loop != i%2 || l.Summary.Requests.OK != 4 || l.Summary.Incomplete != "" {
			t.Errorf("level %d: %+v", i, l.Summary)
		}
		if native := l.Native["requests_ok"]; native == nil || *native != 4 {
			t.Errorf("level %d has the figures %v of its generator", i, l.Native)
		}
		if l.Load.DurationMs <= 0 || l.Load.Runner != "runner/a" {
			t.Errorf("load %+v", l.Load)
		}
		f, err := h.person.Bucket(events.BucketRaw).Open(t.Context(), l.Raw)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for s, err := range samples.Read(f, f.Size()) {
			if err != nil || !s.OK || *s.OutputTok != 4 || *s.InputTok != 32 {
				t.Errorf("sample %+v %v", s, err)
			}
			n++
		}
		if err := f.Close(); err != nil || n != 4 {
			t.Errorf("%d samples in %s, want 4 (%v)", n, l.Raw.Name, err)
		}
	}
}

func TestTicksOnceASecond(t *testing.T) {
	h := build(t)
	_, url := target(t, llmsim.Profile{TTFT: 100 * time.Millisecond})
	s := wanted(url)
	s.Concurrency.Levels, s.Loop, s.Requests = []int{1}, 1, 25
	h.start("a", 1, &plain{})
	id := h.plan(s)
	h.await(id, ended...)
	ticks := liveTicks(t, h, id)
	if len(ticks) < 2 || len(ticks) > 8 {
		t.Fatalf("%d ticks for a test of about 2.7 s", len(ticks))
	}
	last := ticks[len(ticks)-1]
	if last.Phase != "measure" || last.Total != 25 || last.Done == 0 || last.Percent != 100*float64(last.Done)/25 || last.ElapsedMs < 1000 {
		t.Errorf("last tick %+v", last)
	}
}

func TestTransientFailureOfTheGeneratorIsTriedAgain(t *testing.T) {
	h := build(t)
	_, url := target(t, llmsim.Profile{})
	g := &plain{fail: func(try int) error {
		if try == 1 {
			return failure.New(failure.GeneratorCrashed, "it fell over")
		}
		return nil
	}}
	h.start("a", 1, g)
	id := h.plan(wanted(url))
	if m := measured(t, h.await(id, ended...)); m.Loops != 4 || m.Attempt != 1 {
		t.Errorf("measured %+v", m)
	}
	if n := len(g.all()); n != 5 {
		t.Errorf("%d loads, want 4 and one again", n)
	}
	if n := g.repeated(); n != 0 {
		t.Errorf("%d prompts of the failed try were sent again", n)
	}
}

func TestWhatFails(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fault  llmsim.Fault
		g      *plain
		change func(*spec.Spec)
		class  failure.Class
		says   string
		levels int
		loads  int
	}{
		{
			"generator keeps crashing", "", &plain{fail: func(int) error { return failure.New(failure.GeneratorHung, "no progress") }},
			func(s *spec.Spec) { one := 1; s.Retries = &one }, failure.GeneratorHung, "no progress", 0, 2,
		},
		{
			"generator is missing", "", &plain{fail: func(int) error { return failure.New(failure.GeneratorMissing, "not there") }},
			nil, failure.GeneratorMissing, "not there", 0, 1,
		},
		{"all requests fail, the generator says why", llmsim.FaultServerError, &plain{}, nil, failure.ServerError, "all 4 requests", 1, 1},
		{"all requests fail, the generator does not say why", llmsim.FaultRateLimit, &plain{nameless: true}, nil, failure.RateLimited, "a single request made afterwards failed", 1, 1},
		{"streams cut", llmsim.FaultCut, &plain{nameless: true}, nil, failure.StreamTruncated, "a single request", 1, 1},
		{"credential missing", "", &plain{}, func(s *spec.Spec) { s.Target.Credential = "cred_x" }, failure.Auth, "cred_x", 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := build(t)
			p := llmsim.Profile{}
			if tc.fault != "" {
				p.Faults.Share = map[llmsim.Fault]float64{tc.fault: 1}
			}
			_, url := target(t, p)
			s := wanted(url)
			if tc.change != nil {
				tc.change(&s)
			}
			h.start("a", 1, tc.g)
			id := h.plan(s)
			f := failed(t, h.await(id, ended...))
			if f.Class != tc.class || !strings.Contains(f.Message, tc.says) || f.Stage != "runner" || f.Advice.ZH == "" {
				t.Errorf("failed %+v, want class %s, %q", f, tc.class, tc.says)
			}
			if n := len(h.levels(id)); n != tc.levels || len(tc.g.all()) != tc.loads {
				t.Errorf("%d levels, %d loads, want %d, %d", n, len(tc.g.all()), tc.levels, tc.loads)
			}
		})
	}
}

func TestSomeFailuresAreResults(t *testing.T) {
	h := build(t)
	_, url := target(t, llmsim.Profile{Faults: llmsim.Faults{At: map[int]llmsim.Fault{3: llmsim.FaultServerError}}})
	h.start("a", 1, &plain{})
	id := h.plan(wanted(url))
	measured(t, h.await(id, ended...))
	first := h.levels(id)[0].Summary
	if r := first.Requests; r.OK != 3 || r.Failed != 1 || first.Errors["server_error"] != 1 {
		t.Errorf("first level %+v", first)
	}
}

func TestCancelWhileRunning(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{TTFT: time.Hour})
	h.start("a", 1, &plain{})
	id := h.plan(wanted(url))
	awaitLoad(t, sim, 1)
	h.cancel(id)
	e := h.await(id, ended...)
	c, err := events.Decode[events.Cancelled](e)
	if err != nil || e.Kind != events.KindCancelled || c.Proof != "no request is in flight any more" {
		t.Errorf("%s %s %v", e.Kind, e.Data, err)
	}
	until(t, "calm", func() bool { return sim.Totals().InFlight == 0 })
	next := h.plan(func() spec.Spec { _, ok := target(t, llmsim.Profile{}); return wanted(ok) }())
	measured(t, h.await(next, ended...)) // the runner is free again
}

func TestCancelBeforeTheStart(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{})
	id := h.plan(wanted(url))
	h.cancel(id)
	h.start("a", 1, &plain{})
	if e := h.await(id, ended...); e.Kind != events.KindCancelled {
		t.Errorf("ended %s", e.Kind)
	}
	if n := sim.Totals().Requests; n != 0 {
		t.Errorf("%d requests of a cancelled test", n)
	}
}

func TestStopHandsBack(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{TTFT: 100 * time.Millisecond})
	first, second := &plain{}, &plain{}
	a := h.start("a", 1, first)
	id := h.plan(wanted(url))
	h.await(id, events.KindLevelDone)
	awaitLoad(t, sim, 2+4+1)
	a.stop()
	before := len(first.all())
	h.start("b", 1, second)
	m := measured(t, h.await(id, ended...))
	levels := h.levels(id)
	if len(levels) != 4 || m.Loops != 4 || m.Attempt != 2 || levels[0].Attempt != 1 || levels[3].Attempt != 2 {
		t.Errorf("measured %+v, levels %+v", m, levels)
	}
	if n := h.count(id, events.KindLevelDone); n != 4 {
		t.Errorf("%d levels done, want each once: %v", n, h.kinds(id))
	}
	if n := before + len(second.all()); n != 5 {
		t.Errorf("%d loads, want 4 and the broken one again", n)
	}
	if l := second.all()[0]; l.Warmup != 2 {
		t.Errorf("the second runner starts with a warm-up of %d, want 2", l.Warmup)
	}
	for p := range second.prompts {
		if first.prompts[p] > 0 {
			t.Error("a prompt of the first attempt was sent again")
			break
		}
	}
}

// TestCutOff: the runner that has the test loses the broker. It stops by itself, another one takes over,
// and there is one result.
func TestCutOff(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{TTFT: 200 * time.Millisecond})
	first, second := &plain{}, &plain{}
	a := h.start("a", 1, first)
	s := wanted(url)
	s.Requests = 8
	id := h.plan(s)
	awaitLoad(t, sim, 3)
	heal := h.broker.Cut(t, a.bus)
	h.start("b", 1, second)
	m := measured(t, h.await(id, ended...))
	heal()
	if m.Attempt != 2 || m.Loops != 4 {
		t.Errorf("measured %+v", m)
	}
	for _, l := range h.levels(id) {
		if l.Load.Runner != "runner/b" {
			t.Errorf("level %d was kept from %s, which had lost the test", l.Summary.Level, l.Load.Runner)
		}
	}
	if n := h.count(id, events.KindMeasured); n != 1 {
		t.Errorf("%d results", n)
	}
	if peak := sim.Totals().Peak; peak > 2 {
		t.Errorf("%d requests in flight at once, more than one load", peak)
	}
}

func TestRunnerLostTooOften(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{})
	s := wanted(url)
	one := 1
	s.Retries = &one
	id := h.plan(s)
	for range 2 { // runners that took it and disappeared
		c, err := h.person.Claim(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		c.Release(t.Context())
	}
	h.start("a", 1, &plain{})
	if f := failed(t, h.await(id, ended...)); f.Class != failure.RunnerLost || !strings.Contains(f.Message, "2 runners in a row") {
		t.Errorf("failed %+v", f)
	}
	if n := sim.Totals().Requests; n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestOneTargetOneTest(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{TTFT: 30 * time.Millisecond})
	h.start("a", 2, &plain{})
	s := wanted(url)
	s.Concurrency.Levels, s.Loop = []int{1}, 1
	first, second := h.plan(s), h.plan(s)
	measured(t, h.await(first, ended...))
	measured(t, h.await(second, ended...))
	if peak := sim.Totals().Peak; peak != 1 {
		t.Errorf("%d requests in flight at once, want 1: the tests did not wait for each other", peak)
	}
}

func TestSharedTargetAndTwoSlots(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{TTFT: 300 * time.Millisecond})
	h.start("a", 2, &plain{})
	s := wanted(url)
	s.Concurrency.Levels, s.Loop, s.ShareTarget = []int{1}, 1, true
	first, second := h.plan(s), h.plan(s)
	measured(t, h.await(first, ended...))
	measured(t, h.await(second, ended...))
	if peak := sim.Totals().Peak; peak != 2 {
		t.Errorf("%d requests in flight at once, want 2: the tests did not run side by side", peak)
	}
}

// TestGivenOutTwice: a finished test that is given out again changes nothing.
func TestGivenOutTwice(t *testing.T) {
	h, g := build(t), &plain{}
	_, url := target(t, llmsim.Profile{})
	r := h.start("a", 1, g)
	id := h.plan(wanted(url))
	h.await(id, ended...)
	before := h.kinds(id)
	s := &stage.Stage{Bus: r.bus, Generator: g}
	all, err := h.person.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if err := s.Handle(t.Context(), bus.Job{Event: e, Deliveries: 2}); err != nil {
			t.Errorf("%s again: %v", e.Kind, err)
		}
	}
	if diff := cmp.Diff(before, h.kinds(id)); diff != "" {
		t.Error(diff)
	}
	if n := len(g.all()); n != 4 {
		t.Errorf("%d loads, want 4", n)
	}
}

func TestBrokerRestartMidTest(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{TTFT: 100 * time.Millisecond})
	h.start("a", 1, &plain{})
	id := h.plan(wanted(url))
	awaitLoad(t, sim, 3)
	h.broker.Restart(t)
	if m := measured(t, h.await(id, ended...)); m.Loops != 4 {
		t.Errorf("measured %+v", m)
	}
	if n := h.count(id, events.KindMeasured); n != 1 {
		t.Errorf("%d results", n)
	}
}

func TestSweep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "work")
	if err := stage.Sweep(dir); err != nil {
		t.Fatal(err)
	}
	killed, working, fresh := filepath.Join(dir, "test-killed"), filepath.Join(dir, "test-working"), filepath.Join(dir, "test-fresh")
	for _, d := range []string{killed, working, fresh} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := folderlock.Take(working)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	before := time.Now().Add(-time.Hour)
	for _, d := range []string{killed, working} {
		if err := os.Chtimes(d, before, before); err != nil {
			t.Fatal(err)
		}
	}
	if err := stage.Sweep(dir); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 || left[0].Name() != "test-fresh" || left[1].Name() != "test-working" {
		t.Errorf("left %v %v, want all but the folder of the killed runner", left, err)
	}
}

// liveTicks are the ticks of one test that the live stream still has.
func liveTicks(t *testing.T, h *house, id string) []events.Tick {
	t.Helper()
	state, err := h.person.StreamState(t.Context(), events.StreamLive)
	if err != nil || state.Last == 0 {
		t.Fatalf("live stream: %+v %v", state, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var ticks []events.Tick
	feed := bus.Feed{Stream: events.StreamLive, Subjects: []string{events.SubjectTick(id)}}
	_ = h.person.Follow(ctx, feed, func(m bus.Message) error {
		var tick events.Tick
		if err := json.Unmarshal(m.Data, &tick); err != nil {
			return err
		}
		ticks = append(ticks, tick)
		if m.Seq == state.Last {
			cancel()
		}
		return nil
	})
	return ticks
}

// TestEndedBetweenStepAndVerdict: an attempt that ends after a step in which everything failed, but before
// it could say so, is not continued as if the step had been fine.
func TestEndedBetweenStepAndVerdict(t *testing.T) {
	h, g := build(t), &plain{}
	sim, url := target(t, llmsim.Profile{Faults: llmsim.Faults{Share: map[llmsim.Fault]float64{llmsim.FaultServerError: 1}}})
	s := wanted(url)
	id := h.plan(s)
	c, err := h.person.Claim(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	summary := metrics.Summary{Requests: metrics.Requests{Asked: 4, Total: 4, Failed: 4}, Errors: map[string]int{"unknown": 4}}
	e, err := events.New(id, events.KindLevelDone, "1.0.0", "runner/gone", events.LevelDone{Attempt: 1, Summary: summary})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	c.Release(t.Context())
	h.start("a", 1, g)
	if f := failed(t, h.await(id, ended...)); f.Class != failure.ServerError || len(h.levels(id)) != 1 {
		t.Errorf("failed %+v", f)
	}
	if n := sim.Totals().Requests; n != 1 || len(g.all()) != 0 {
		t.Errorf("%d requests, %d loads, want one request to name the class", n, len(g.all()))
	}
}
