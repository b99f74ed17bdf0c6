package stage_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/llmsim"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/runner/internal/stage"
)

// limit bounds every wait of these tests.
const limit = 60 * time.Second

// house is a broker, a person who asks for tests, and any number of runners.
type house struct {
	t      *testing.T
	broker *bustest.Broker
	person *bus.Bus
	dir    string
}

func build(t *testing.T) *house {
	t.Helper()
	b := bustest.Start(t)
	return &house{t: t, broker: b, person: b.Connect(t, "gateway/test"), dir: t.TempDir()}
}

// runner is one running runner.
type runner struct {
	bus  *bus.Bus
	stop func() // ends it as a signal does, and waits
}

func (h *house) start(name string, slots int, g stage.Generator) runner {
	h.t.Helper()
	work := filepath.Join(h.dir, name)
	if err := stage.Sweep(work); err != nil {
		h.t.Fatal(err)
	}
	conn := h.broker.Connect(h.t, "runner/"+name)
	s := &stage.Stage{
		Bus: conn, Log: slog.New(slog.NewTextHandler(h.t.Output(), nil)), Instance: "runner/" + name,
		WorkDir: work, Version: "test", Generator: g,
		Credential: func(string) (string, error) { return "", errors.New("credential does not exist") },
	}
	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- conn.Work(ctx, bus.Worker{Durable: string(events.Runner), Slots: slots, Handle: s.Handle})
	}()
	stop := func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("runner %s: %v", name, err)
		}
		ended <- nil
		if left, err := os.ReadDir(work); err != nil || len(left) > 0 {
			h.t.Errorf("runner %s left %v (%v) in its work folder", name, left, err)
		}
	}
	h.t.Cleanup(stop)
	return runner{conn, stop}
}

func wanted(url string) spec.Spec {
	seed := int64(3)
	return spec.Spec{
		Model: "m", Target: spec.Target{URL: url},
		InputLength: spec.Length{Min: 32, Max: 32}, OutputLength: spec.Length{Min: 4, Max: 4},
		Concurrency: spec.Concurrency{Levels: []int{1, 2}}, Loop: 2, Requests: 4,
		Warmup: spec.Warmup{On: true, Requests: 2}, Prompts: spec.Prompts{Seed: &seed},
	}.WithDefaults()
}

// plan publishes what gateway and prober publish before a runner's turn.
func (h *house) plan(s spec.Spec) (id string) {
	h.t.Helper()
	v7, err := uuid.NewV7()
	if err != nil {
		h.t.Fatal(err)
	}
	id = v7.String()
	h.publish(id, events.KindRequested, events.Requested{Spec: s})
	h.publish(id, events.KindPlanned, events.Planned{
		Spec: s, Plan: s.Plan(), Prompt: events.Prompt{Seed: *s.Prompts.Seed, TokensPerWord: 1, Overhead: 7, Source: "usage"},
	})
	return id
}

func (h *house) publish(id string, k events.Kind, payload any) {
	h.t.Helper()
	e, err := events.New(id, k, "", "test", payload)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.person.Publish(h.t.Context(), e); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) cancel(id string) {
	h.t.Helper()
	h.publish(id, events.KindCancelRequested, events.CancelRequested{})
	if err := h.person.SetDesired(h.t.Context(), id, events.Desired{State: "cancelled"}); err != nil {
		h.t.Fatal(err)
	}
}

// await follows one test until an event of one of the kinds came.
func (h *house) await(id string, kinds ...events.Kind) events.Event {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), limit)
	defer cancel()
	var found events.Event
	err := h.person.Follow(ctx, bus.Feed{Stream: events.StreamEvents, Subjects: []string{events.SubjectOfTest(id)}}, func(m bus.Message) error {
		for _, k := range kinds {
			if m.Event.Kind == k && found.ID == "" {
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

// ended are the events that end the part of a runner.
var ended = []events.Kind{events.KindMeasured, events.KindFailed, events.KindCancelled}

func measured(t *testing.T, e events.Event) events.Measured {
	t.Helper()
	m, err := events.Decode[events.Measured](e)
	if err != nil || e.Kind != events.KindMeasured {
		t.Fatalf("ended %s: %s %v", e.Kind, e.Data, err)
	}
	return m
}

func failed(t *testing.T, e events.Event) events.Failed {
	t.Helper()
	f, err := events.Decode[events.Failed](e)
	if err != nil || e.Kind != events.KindFailed {
		t.Fatalf("ended %s: %s %v", e.Kind, e.Data, err)
	}
	return f
}

// levels are what was measured of a test, in the order of its plan.
func (h *house) levels(id string) []events.LevelDone {
	h.t.Helper()
	l, err := h.person.Fold(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return l.Levels
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

func (h *house) count(id string, k events.Kind) int {
	n := 0
	for _, have := range h.kinds(id) {
		if have == k {
			n++
		}
	}
	return n
}

func target(t *testing.T, p llmsim.Profile) (*llmsim.Server, string) {
	t.Helper()
	sim := llmsim.New(p)
	web := httptest.NewServer(sim)
	t.Cleanup(web.Close)
	return sim, web.URL + "/v1"
}

// awaitLoad waits until n requests have reached the target.
func awaitLoad(t *testing.T, sim *llmsim.Server, n int) {
	t.Helper()
	until(t, "load", func() bool { return sim.Totals().Requests >= n })
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("no %s within %v", what, limit)
		}
	}
}
