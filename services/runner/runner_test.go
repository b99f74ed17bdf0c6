package runner_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/llmsim"
	"plimsoll.internal/libs/samples"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/runner"
)

const limit = 3 * time.Minute

// evalscopePython is the interpreter of the real evalscope: PLIMSOLL_EVALSCOPE_PYTHON, or the environment
// that make evalscope installs at the top of the repository.
func evalscopePython(t *testing.T) string {
	t.Helper()
	if p := os.Getenv("PLIMSOLL_EVALSCOPE_PYTHON"); p != "" {
		return p
	}
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("the place of this file is not known")
	}
	p := filepath.Join(filepath.Dir(here), "..", "..", ".evalscope", "bin", "python")
	if _, err := os.Stat(p); err != nil {
		t.Fatalf("the real evalscope is needed: run `make evalscope`, or name its python in PLIMSOLL_EVALSCOPE_PYTHON (%v)", err)
	}
	return p
}

// start runs the whole service until the test ends.
func start(t *testing.T, b *bustest.Broker, name string, c runner.Config) {
	t.Helper()
	conn := b.Connect(t, "runner/"+name)
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- runner.Run(ctx, service.Deps{
			Bus: conn, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Ready: func() { close(ready) },
			Name: "runner", Instance: "runner/" + name, DataDir: t.TempDir(), Version: "test",
		}, c)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("runner ended: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- nil
		t.Fatalf("runner ended: %v", err)
	}
}

func plan(t *testing.T, person *bus.Bus, s spec.Spec) (id string) {
	t.Helper()
	v7, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	id = v7.String()
	publish(t, person, id, events.KindRequested, events.Requested{Spec: s})
	publish(t, person, id, events.KindPlanned, events.Planned{
		Spec: s, Plan: s.Plan(), Prompt: events.Prompt{Seed: 5, TokensPerWord: 1, Overhead: 7, Source: "usage"},
	})
	return id
}

func publish(t *testing.T, person *bus.Bus, id string, k events.Kind, payload any) {
	t.Helper()
	e, err := events.New(id, k, "", "test", payload)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := person.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

func await(t *testing.T, person *bus.Bus, id string) events.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	var found events.Event
	err := person.Follow(ctx, bus.Feed{Stream: events.StreamEvents, Subjects: []string{events.SubjectOfTest(id)}}, func(m bus.Message) error {
		switch m.Event.Kind {
		case events.KindMeasured, events.KindFailed, events.KindCancelled:
			found = m.Event
			cancel()
		}
		return nil
	})
	if found.ID == "" {
		t.Fatalf("test %s does not end: %v", id, err)
	}
	return found
}

func wanted(url string) spec.Spec {
	return spec.Spec{
		Model: "m", Target: spec.Target{URL: url},
		InputLength: spec.Length{Min: 64, Max: 64}, OutputLength: spec.Length{Min: 16, Max: 16},
		Concurrency: spec.Concurrency{Levels: []int{2}}, Loop: 1, Requests: 8, Warmup: spec.Warmup{On: true, Requests: 2},
	}.WithDefaults()
}

func TestRealEvalscope(t *testing.T) {
	python := evalscopePython(t)
	b := bustest.Start(t)
	person := b.Connect(t, "gateway/test")
	sim := llmsim.New(llmsim.Profile{TTFT: 20 * time.Millisecond, ITL: 2 * time.Millisecond})
	web := httptest.NewServer(sim)
	defer web.Close()
	start(t, b, "a", runner.Config{EvalscopePython: python})
	id := plan(t, person, wanted(web.URL+"/v1"))
	e := await(t, person, id)
	m, err := events.Decode[events.Measured](e)
	if err != nil || e.Kind != events.KindMeasured {
		t.Fatalf("ended %s: %s %v", e.Kind, e.Data, err)
	}
	if m.Generator.Name != "evalscope" || !strings.HasPrefix(m.Generator.Version, "1.") || m.Loops != 1 {
		t.Fatalf("measured %+v", m)
	}
	l, err := person.Fold(t.Context(), id)
	if err != nil || len(l.Levels) != 1 {
		t.Fatalf("levels %+v %v", l.Levels, err)
	}
	got := l.Levels[0].Summary
	if own := l.Levels[0].Native["ttft_ms_mean"]; own == nil || *own < 20 {
		t.Errorf("evalscope's own figures %v", l.Levels[0].Native)
	}
	if got.Requests.Asked != 8 || got.Requests.OK != 8 || got.Requests.Failed != 0 || got.Incomplete != "" {
		t.Errorf("requests %+v %s", got.Requests, got.Incomplete)
	}
	if *got.Tokens.Input != 8*64 || *got.Tokens.Output != 8*16 || got.TTFT.P50 < 20 || got.TPOT == nil || got.ITL == nil {
		t.Errorf("summary %+v", got)
	}
	if n := sim.Totals().Requests; n != 10 {
		t.Errorf("%d requests reached the server, want 8 and 2 of warm-up", n)
	}
	f, err := person.Bucket(events.BucketRaw).Open(t.Context(), l.Levels[0].Raw)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	n := 0
	for _, err := range samples.Read(f, f.Size()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 8 {
		t.Errorf("%d samples are kept, want 8", n)
	}
}

// TestCancelRealEvalscope: the process group is gone, and the proof says so.
func TestCancelRealEvalscope(t *testing.T) {
	python := evalscopePython(t)
	b := bustest.Start(t)
	person := b.Connect(t, "gateway/test")
	sim := llmsim.New(llmsim.Profile{TTFT: time.Hour})
	web := httptest.NewServer(sim)
	defer web.Close()
	start(t, b, "a", runner.Config{EvalscopePython: python})
	id := plan(t, person, wanted(web.URL+"/v1"))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for sim.Totals().InFlight == 0 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("no load came")
		}
	}
	publish(t, person, id, events.KindCancelRequested, events.CancelRequested{})
	if err := person.SetDesired(t.Context(), id, events.Desired{State: "cancelled"}); err != nil {
		t.Fatal(err)
	}
	e := await(t, person, id)
	c, err := events.Decode[events.Cancelled](e)
	if err != nil || !regexp.MustCompile(`^process group \d+ gone after \d+\.\d s$`).MatchString(c.Proof) {
		t.Errorf("ended %s: %s %v", e.Kind, e.Data, err)
	}
}

func TestPresence(t *testing.T) {
	b := bustest.Start(t)
	start(t, b, "host-1", runner.Config{Slots: 3})
	person := b.Connect(t, "gateway/test")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for {
		here, err := person.Present(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := here["runner.host-1"]; ok {
			if !strings.Contains(string(v), `"slots":3`) || !strings.Contains(string(v), `"cpus"`) {
				t.Errorf("presence %s", v)
			}
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the runner is not present: %v", here)
		}
	}
}

func TestLoadConfig(t *testing.T) {
	env := map[string]string{
		"PLIMSOLL_RUNNER_SLOTS": "3", "PLIMSOLL_WORK": "/w", "PLIMSOLL_EVALSCOPE_PYTHON": "/p", "PLIMSOLL_CREDENTIALS": "/c",
	}
	c, err := runner.LoadConfig(func(k string) string { return env[k] })
	want := runner.Config{Slots: 3, WorkDir: "/w", EvalscopePython: "/p", Credentials: "/c"}
	if err != nil || c != want {
		t.Errorf("%+v %v, want %+v", c, err, want)
	}
	for _, bad := range []string{"many", "0", "-1", "1000"} {
		env["PLIMSOLL_RUNNER_SLOTS"] = bad
		if _, err := runner.LoadConfig(func(k string) string { return env[k] }); err == nil {
			t.Errorf("slots %q accepted", bad)
		}
	}
}
