package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

// client is a stock client with the credentials of a service.
func client(t testing.TB, broker *bustest.Broker) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	nc, err := nats.Connect(broker.URL(), nats.UserCredentials(broker.Credentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js
}

func TestPublishOnce(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	b := broker.Connect(t, "gateway")
	id := newID(t)
	asked := newEvent(t, id, events.KindRequested, "", events.Requested{By: events.Actor{UserID: "u 1", Name: `名 "x" 100%`}})

	first := publish(t, b, asked, bus.ExpectTest(0))
	if again := publish(t, b, asked, bus.ExpectTest(0)); again != first {
		t.Errorf("the same event again: sequence %d, want %d", again, first)
	}
	other := newEvent(t, id, events.KindRequested, "other", events.Requested{})
	if _, err := b.Publish(t.Context(), other, bus.ExpectTest(0)); !errors.Is(err, bus.ErrConflict) {
		t.Errorf("second request of one test: %v, want ErrConflict", err)
	}
	var parts []uint64
	for i := range 3 {
		parts = append(parts, publish(t, b, newEvent(t, id, events.KindLevelDone, fmt.Sprint(i), events.LevelDone{})))
	}
	// A later event lies on the same subject now.
	if again := publish(t, b, newEvent(t, id, events.KindLevelDone, "0", events.LevelDone{})); again != parts[0] {
		t.Errorf("first part again: sequence %d, want %d", again, parts[0])
	}
	stale := newEvent(t, id, events.KindPlanned, "", events.Planned{})
	if _, err := b.Publish(t.Context(), stale, bus.ExpectTest(first)); !errors.Is(err, bus.ErrConflict) {
		t.Errorf("stale expectation: %v, want ErrConflict", err)
	}
	publish(t, b, stale, bus.ExpectTest(parts[2]))

	history, err := b.History(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if len(history) != 5 {
		t.Fatalf("history has %d events, want 5", len(history))
	}
	asked.Seq = first
	if diff := cmp.Diff(asked, history[0]); diff != "" {
		t.Errorf("event after the journey (-sent +read):\n%s", diff)
	}
}

func TestPublishRefusesWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	b := bustest.Start(t).Connect(t, "gateway")
	id := newID(t)
	good := newEvent(t, id, events.KindRequested, "", events.Requested{})
	for _, tc := range []struct {
		name   string
		change func(*events.Event)
		expect []bus.Expect
	}{
		{"no id", func(e *events.Event) { e.ID = "" }, nil},
		{"test id with a dot", func(e *events.Event) { e.TestID = "a.b" }, nil},
		{"no kind", func(e *events.Event) { e.Kind = "" }, nil},
		{"not JSON", func(e *events.Event) { e.Data = json.RawMessage("{") }, nil},
		{"too large", func(e *events.Event) { e.Data, _ = json.Marshal(string(make([]byte, 2<<20))) }, nil},
		{"two expectations", func(*events.Event) {}, []bus.Expect{bus.ExpectTest(0), bus.ExpectFence(1)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := good
			tc.change(&e)
			if _, err := b.Publish(t.Context(), e, tc.expect...); err == nil || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v, want a refusal", err)
			}
		})
	}
	if got := kinds(t, b, id); len(got) != 0 {
		t.Errorf("stored in spite of it: %v", got)
	}
}

// A broker that comes back must not bring a publish twice, whatever became of the answers.
func TestPublishThroughRestarts(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	b := broker.Connect(t, "gateway")
	id := newID(t)
	done := make(chan error, 1)
	started := make(chan struct{})
	go func() {
		for i := range 60 {
			e, err := events.New(id, events.KindLevelDone, fmt.Sprint(i), "test", events.LevelDone{})
			if err == nil {
				_, err = b.Publish(context.Background(), e)
			}
			if err != nil {
				done <- err
				return
			}
			if i == 5 {
				close(started)
			}
		}
		done <- nil
	}()
	<-started
	for range 3 {
		broker.Restart(t)
		broker.Drop(t, b)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("publishing did not go on after the restarts")
	}
	if n := count(kinds(t, b, id), events.KindLevelDone); n != 60 {
		t.Errorf("stored %d events, want 60", n)
	}
}

// Bytes that somebody puts on a lifecycle subject by accident are no event and stop nobody.
func TestStrangeMessagesAreSkipped(t *testing.T) {
	broker := bustest.Start(t)
	b := broker.Connect(t, "gateway")
	_, js := client(t, broker)
	id := newID(t)
	publish(t, b, newEvent(t, id, events.KindRequested, "", events.Requested{}))
	if _, err := js.Publish(t.Context(), events.Subject(id, events.KindReported), []byte(`{"verdict":"pass"}`)); err != nil {
		t.Fatal(err)
	}
	publish(t, b, newEvent(t, id, events.KindRejected, "", events.Rejected{}))
	want := []events.Kind{events.KindRequested, events.KindRejected}
	if diff := cmp.Diff(want, kinds(t, b, id)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	l, err := b.Fold(t.Context(), id)
	if err != nil || !l.Exists || l.State != events.StateFailed {
		t.Errorf("fold: %+v %v", l.State, err)
	}
	if l, err := b.Fold(t.Context(), newID(t)); err != nil || l.Exists {
		t.Errorf("a test nobody asked for: exists %v, %v", l.Exists, err)
	}
}

func TestNoticesAreStoredOnce(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	b := broker.Connect(t, "archiver")
	id, audit := newID(t), newID(t)
	for range 2 {
		for _, path := range []string{"vllm/m/1", "vllm/m/2"} {
			if err := b.PublishPublic(t.Context(), events.Public{TestID: id, Kind: events.KindArchived, ArchivePath: path}); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.PublishPublic(t.Context(), events.Public{TestID: id, Kind: events.KindReported}); err != nil {
			t.Fatal(err)
		}
		if err := b.Audit(t.Context(), events.AuditEntry{ID: audit, Action: "test.create", Result: "ok"}); err != nil {
			t.Fatal(err)
		}
	}
	for stream, want := range map[string]uint64{events.StreamPublic: 3, events.StreamAudit: 1} {
		if state, err := b.StreamState(t.Context(), stream); err != nil || state.Last != want {
			t.Errorf("%s holds %d messages (%v), want %d", stream, state.Last, err, want)
		}
	}
}
