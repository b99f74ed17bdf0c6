package bus_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/uuid"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/natsd"
)

// newID is the id of a test that never was.
func newID(t testing.TB) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

func newEvent(t testing.TB, id string, k events.Kind, part string, payload any) events.Event {
	t.Helper()
	e, err := events.New(id, k, part, "test", payload)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func publish(t testing.TB, b *bus.Bus, e events.Event, ex ...bus.Expect) uint64 {
	t.Helper()
	seq, err := b.Publish(t.Context(), e, ex...)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// kinds is the history of a test in one line.
func kinds(t testing.TB, b *bus.Bus, id string) []events.Kind {
	t.Helper()
	history, err := b.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	out := []events.Kind{}
	for _, e := range history {
		out = append(out, e.Kind)
	}
	return out
}

func count(all []events.Kind, k events.Kind) int {
	n := 0
	for _, have := range all {
		if have == k {
			n++
		}
	}
	return n
}

func TestProvisionFromSixServicesAtOnce(t *testing.T) {
	broker := bustest.Start(t)
	var services []*bus.Bus
	for _, name := range []string{"gateway", "auth", "prober", "runner", "reporter", "archiver"} {
		services = append(services, broker.Raw(t, name))
	}
	rand.Shuffle(len(services), func(i, j int) { services[i], services[j] = services[j], services[i] })
	var all sync.WaitGroup
	for _, s := range services {
		all.Go(func() {
			for range 2 { // and again: it changes nothing
				if err := s.Provision(t.Context()); err != nil {
					t.Errorf("%s: %v", s.Name(), err)
				}
			}
		})
	}
	all.Wait()
	for stream := range events.Streams {
		if _, err := services[0].StreamState(t.Context(), stream); err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := services[0].Work(ctx, bus.Worker{Durable: "runner"}); err != nil {
		t.Error(err)
	}
	if err := services[0].Work(t.Context(), bus.Worker{Durable: "nobody"}); err == nil {
		t.Error("work on a durable that is not in the Catalog was accepted")
	}
}

// The embedded server reached without a network, as the platform in one process does.
func TestConnectInProcess(t *testing.T) {
	server, err := natsd.Start(natsd.Config{StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	if server.URL() != "" {
		t.Errorf("a server without an address says it listens on %s", server.URL())
	}
	b, err := bus.Connect(t.Context(), bus.Config{Name: "gateway", InProcess: server.InProcess()})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Provision(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := newID(t)
	publish(t, b, newEvent(t, id, events.KindRequested, "", events.Requested{}), bus.ExpectTest(0))
	if n := len(kinds(t, b, id)); n != 1 {
		t.Errorf("history has %d events", n)
	}
}
