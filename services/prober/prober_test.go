package prober_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/llmsim"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/prober"
)

// limit bounds every wait of these tests.
const limit = 30 * time.Second

type house struct {
	t      *testing.T
	broker *bustest.Broker
	person *bus.Bus // who asks for tests
	dir    string
}

func build(t *testing.T) *house {
	t.Helper()
	b := bustest.Start(t)
	return &house{t: t, broker: b, person: b.Connect(t, "gateway/test"), dir: t.TempDir()}
}

// start runs one prober until the test ends or the returned function is called.
func (h *house) start(c prober.Config, name string) (stop func()) {
	h.t.Helper()
	if c.EvalscopePython == "" {
		c.EvalscopePython = python(h.t)
	}
	conn := h.broker.Connect(h.t, "prober/"+name)
	ctx, cancel := context.WithCancel(h.t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- prober.Run(ctx, service.Deps{
			Bus: conn, Log: slog.New(slog.NewTextHandler(h.t.Output(), nil)), Ready: func() { close(ready) },
			Name: "prober", Instance: "prober/" + name, DataDir: h.dir, Version: "test",
		}, c)
	}()
	select {
	case <-ready:
	case err := <-ended:
		h.t.Fatalf("prober ended: %v", err)
	}
	stop = func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("prober ended: %v", err)
		}
		ended <- nil
	}
	h.t.Cleanup(stop)
	return stop
}

// python stands for an environment with evalscope: it answers as the interpreter does when it is asked
// what is installed.
func python(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	script := "#!/bin/sh\necho '{\"python\":\"3.11.0\",\"evalscope\":\"1.14.1\",\"missing\":[]}'\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func wanted(url string) spec.Spec {
	return spec.Spec{
		Name: "nightly", Model: "qwen", Target: spec.Target{URL: url},
		InputLength: spec.Length{Min: 64, Max: 64}, OutputLength: spec.Length{Min: 8, Max: 8},
		Concurrency: spec.Concurrency{Levels: []int{1, 2}}, Loop: 2, Requests: 4,
	}.WithDefaults()
}

func newID(t *testing.T) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func (h *house) ask(s spec.Spec) (id string) {
	h.t.Helper()
	id = newID(h.t)
	e, err := events.New(id, events.KindRequested, "", "gateway/test", events.Requested{Spec: s, By: events.Actor{UserID: "u"}})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.person.Publish(h.t.Context(), e, bus.ExpectTest(0)); err != nil {
		h.t.Fatal(err)
	}
	return id
}

// await follows one test until an event of one of the kinds came.
func (h *house) await(id string, kinds ...events.Kind) events.Event {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), limit)
	defer cancel()
	var found events.Event
	err := h.person.Follow(ctx, bus.Feed{Stream: events.StreamEvents, Subjects: []string{events.SubjectOfTest(id)}}, func(m bus.Message) error {
		for _, k := range kinds {
			if m.Event.Kind == k {
				found = m.Event
				cancel()
			}
		}
		return nil
	})
	if found.ID == "" {
		h.t.Fatalf("no %v of test %s: %v, history %v", kinds, id, err, h.kinds(id))
	}
	return found
}

func (h *house) kinds(id string) []events.Kind {
	h.t.Helper()
	all, err := h.person.History(context.WithoutCancel(h.t.Context()), id)
	if err != nil {
		h.t.Fatal(err)
	}
	kinds := []events.Kind{}
	for _, e := range all {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func target(t *testing.T, p llmsim.Profile) (*llmsim.Server, string) {
	t.Helper()
	sim := llmsim.New(p)
	web := httptest.NewServer(sim)
	t.Cleanup(web.Close)
	return sim, web.URL + "/v1"
}

func TestPlanned(t *testing.T) {
	h := build(t)
	_, url := target(t, llmsim.Profile{TTFT: 5 * time.Millisecond, Models: []string{"qwen"}, APIKey: "sk-secret-key"})
	creds := filepath.Join(h.dir, "credentials")
	if err := os.MkdirAll(creds, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(creds, "cred_a"), []byte("sk-secret-key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.start(prober.Config{}, "a")
	s := wanted(url)
	s.Target.Credential = "cred_a"
	id := h.ask(s)
	e := h.await(id, events.KindPlanned, events.KindRejected)
	p, err := events.Decode[events.Planned](e)
	if err != nil || e.Kind != events.KindPlanned {
		t.Fatalf("%s %v", e.Data, err)
	}
	if len(p.Plan.Levels) != 2 || p.Plan.Loops != 2 || p.Prompt.Measured != 64 || p.Prompt.TokensPerWord != 1 || len(p.Warnings) != 0 {
		t.Errorf("planned %+v", p)
	}
	if p.Spec.Prompts.Seed == nil || *p.Spec.Prompts.Seed != p.Prompt.Seed || p.Prompt.Seed < 0 || p.Prompt.Seed >= 1<<53 {
		t.Errorf("seed %v and %d", p.Spec.Prompts.Seed, p.Prompt.Seed)
	}
	if !strings.Contains(p.Reason, "2 levels × 2 loops at concurrency 1, 2, 16 measured requests in all") {
		t.Errorf("reason %q", p.Reason)
	}
	if diff := cmp.Diff([]events.Kind{events.KindRequested, events.KindPreflight, events.KindPlanned}, h.kinds(id)); diff != "" {
		t.Error(diff)
	}
	all, err := h.person.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if strings.Contains(string(e.Data), "sk-secret-key") {
			t.Errorf("%s holds the key", e.Kind)
		}
	}
}

func TestSimulatedModeGetsItsTarget(t *testing.T) {
	h := build(t)
	_, url := target(t, llmsim.Profile{})
	s := wanted("")
	s.Mode = spec.ModeSimulated
	stop := h.start(prober.Config{SimulatedURL: url}, "a")
	p, err := events.Decode[events.Planned](h.await(h.ask(s), events.KindPlanned, events.KindRejected))
	if err != nil || p.Spec.Target.URL != url {
		t.Errorf("%+v %v, want target %s", p, err, url)
	}
	stop()
	h.start(prober.Config{}, "b")
	r, err := events.Decode[events.Rejected](h.await(h.ask(s), events.KindPlanned, events.KindRejected))
	if err != nil || r.Class != failure.Unavailable || !strings.Contains(r.Advice.EN, "PLIMSOLL_SIMULATED_URL") {
		t.Errorf("%+v %v", r, err)
	}
}

func TestRejected(t *testing.T) {
	h := build(t)
	h.start(prober.Config{}, "a")
	_, small := target(t, llmsim.Profile{Context: 50})
	_, locked := target(t, llmsim.Profile{APIKey: "k"})
	_, good := target(t, llmsim.Profile{})
	no := 0
	for _, tc := range []struct {
		name   string
		change func(*spec.Spec)
		class  failure.Class
	}{
		{"target down", func(s *spec.Spec) { s.Target.URL = "http://127.0.0.1:1/v1" }, failure.ConnectRefused},
		{"no key", func(s *spec.Spec) { s.Target.URL = locked }, failure.Auth},
		{"credential missing", func(s *spec.Spec) { s.Target.Credential = "cred_none" }, failure.Auth},
		{"context too small", func(s *spec.Spec) { s.Target.URL = small }, failure.ContextLength},
		{"cannot be run yet", func(s *spec.Spec) { s.Concurrency = spec.Concurrency{Auto: true} }, failure.BadRequest},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := wanted(good)
			s.Retries = &no
			tc.change(&s)
			id := h.ask(s)
			r, err := events.Decode[events.Rejected](h.await(id, events.KindPlanned, events.KindRejected))
			if err != nil || r.Class != tc.class || r.Message == "" || r.Advice.EN == "" || r.Advice.ZH == "" {
				t.Errorf("%+v %v, want class %s with message and advice", r, err, tc.class)
			}
			l, err := h.person.Fold(t.Context(), id)
			if err != nil || l.State != events.StateFailed {
				t.Errorf("state %s %v", l.State, err)
			}
		})
	}
}

// TestTwiceDelivered: two probers, and the job given out again while the first is at it, end in one plan.
func TestTwiceDelivered(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{TTFT: 300 * time.Millisecond})
	stop := h.start(prober.Config{}, "a")
	id := h.ask(wanted(url))
	h.awaitRequest(sim)
	stop() // hands the job back in the middle of its preflight
	h.start(prober.Config{}, "b")
	h.start(prober.Config{}, "c")
	h.await(id, events.KindPlanned)
	again := h.ask(wanted(url)) // a later test: by then everything about the first has settled
	h.await(again, events.KindPlanned)
	planned := 0
	for _, k := range h.kinds(id) {
		if k == events.KindPlanned {
			planned++
		}
	}
	if planned != 1 {
		t.Errorf("history %v, want planned once", h.kinds(id))
	}
}

// awaitRequest waits until the target has seen a request.
func (h *house) awaitRequest(sim *llmsim.Server) {
	h.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for sim.Totals().Requests == 0 {
		select {
		case <-tick.C:
		case <-deadline:
			h.t.Fatal("no request came")
		}
	}
}

func TestCancelDuringThePreflight(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{TTFT: time.Hour})
	h.start(prober.Config{}, "a")
	id := h.ask(wanted(url))
	h.awaitRequest(sim)
	asked := time.Now()
	if err := h.person.SetDesired(t.Context(), id, events.Desired{State: "cancelled"}); err != nil {
		t.Fatal(err)
	}
	e := h.await(id, events.KindCancelled, events.KindRejected, events.KindPlanned)
	if e.Kind != events.KindCancelled {
		t.Fatalf("ended %s: %s", e.Kind, e.Data)
	}
	t.Logf("cancelled after %v", time.Since(asked))
	if diff := cmp.Diff([]events.Kind{events.KindRequested, events.KindCancelled}, h.kinds(id)); diff != "" {
		t.Error(diff)
	}
}

func TestCancelledBeforeItsTurn(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{})
	id := h.ask(wanted(url))
	e, err := events.New(id, events.KindCancelRequested, "", "gateway/test", events.CancelRequested{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.person.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := h.person.SetDesired(t.Context(), id, events.Desired{State: "cancelled"}); err != nil {
		t.Fatal(err)
	}
	h.start(prober.Config{}, "a")
	if e := h.await(id, events.KindCancelled, events.KindRejected, events.KindPlanned); e.Kind != events.KindCancelled {
		t.Errorf("ended %s", e.Kind)
	}
	if n := sim.Totals().Requests; n != 0 {
		t.Errorf("%d requests reached the target of a cancelled test", n)
	}
}

// TestBrokerRestart: the broker goes away in the middle of a preflight; the plan comes once it is back.
func TestBrokerRestart(t *testing.T) {
	h := build(t)
	sim, url := target(t, llmsim.Profile{TTFT: 200 * time.Millisecond})
	h.start(prober.Config{}, "a")
	id := h.ask(wanted(url))
	h.awaitRequest(sim)
	h.broker.Restart(t)
	if e := h.await(id, events.KindPlanned, events.KindRejected); e.Kind != events.KindPlanned {
		t.Errorf("ended %s: %s", e.Kind, e.Data)
	}
}

func TestLoadConfig(t *testing.T) {
	env := map[string]string{
		"PLIMSOLL_PROBER_SLOTS": "3", "PLIMSOLL_SIMULATED_URL": "http://127.0.0.1:1/v1",
		"PLIMSOLL_EVALSCOPE_PYTHON": "/p", "PLIMSOLL_CREDENTIALS": "/c",
	}
	c, err := prober.LoadConfig(func(k string) string { return env[k] })
	want := prober.Config{Slots: 3, SimulatedURL: "http://127.0.0.1:1/v1", EvalscopePython: "/p", Credentials: "/c"}
	if err != nil || c != want {
		t.Errorf("%+v %v, want %+v", c, err, want)
	}
	env["PLIMSOLL_PROBER_SLOTS"], env["PLIMSOLL_SIMULATED_URL"] = "many", "nowhere"
	_, err = prober.LoadConfig(func(k string) string { return env[k] })
	if err == nil || !strings.Contains(err.Error(), "PLIMSOLL_PROBER_SLOTS") || !strings.Contains(err.Error(), "simulated URL") {
		t.Errorf("%v, want both faults", err)
	}
}
