package bus_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

// work runs a worker until the test ends, or until stop.
func work(t testing.TB, b *bus.Bus, w bus.Worker) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var loop sync.WaitGroup
	loop.Go(func() {
		if err := b.Work(ctx, w); err != nil {
			t.Errorf("%s: %v", b.Name(), err)
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		loop.Wait()
	})
	t.Cleanup(stop)
	return stop
}

// await polls until ok; the thing waited for happens in another process as far as the test knows.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(40 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// runner does what every holder of a test does: look whether it is done, claim, work, publish, release.
// load is called with the context of the claim and counts as the work.
func runner(b *bus.Bus, load func(ctx context.Context, c *bus.Claim) error) bus.Worker {
	return bus.Worker{Durable: "runner", Handle: func(ctx context.Context, j bus.Job) error {
		l, err := b.Fold(ctx, j.Event.TestID)
		if err != nil || l.Measured != nil {
			return err
		}
		c, err := b.Claim(ctx, j.Event.TestID)
		if errors.Is(err, bus.ErrTaken) {
			return bus.Retry(500*time.Millisecond, err)
		}
		if err != nil {
			return err
		}
		defer c.Release(ctx)
		if err := load(c.Context(), c); err != nil {
			return err
		}
		e, err := events.New(c.TestID, events.KindMeasured, "", b.Name(), events.Measured{Attempt: c.Attempt})
		if err != nil {
			return err
		}
		_, err = c.Publish(ctx, e)
		return err
	}}
}

// spans remembers who worked when, to find two at the same time.
type spans struct {
	busy, overlaps, runs atomic.Int32
}

// load works for a while, or until ctx ends.
func (s *spans) load(d time.Duration) func(context.Context, *bus.Claim) error {
	return func(ctx context.Context, _ *bus.Claim) error {
		s.runs.Add(1)
		if s.busy.Add(1) > 1 {
			s.overlaps.Add(1)
		}
		defer s.busy.Add(-1)
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func TestTwoWorkersOneJobHolderCutOff(t *testing.T) {
	broker := quickBroker(t)
	client, a, b := broker.Connect(t, "gateway"), broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
	id := newID(t)
	var loads spans
	began := make(chan *bus.Bus, 16)
	for _, r := range []*bus.Bus{a, b} {
		work(t, r, runner(r, func(ctx context.Context, c *bus.Claim) error {
			began <- r
			return loads.load(2*time.Second)(ctx, c)
		}))
	}
	publish(t, client, newEvent(t, id, events.KindPlanned, "", events.Planned{}))
	heal := broker.Cut(t, <-began)
	<-began // the other one has taken over
	heal()
	await(t, "a result", func() bool { return count(kinds(t, client, id), events.KindMeasured) > 0 })
	checkOnce(t, client, id, &loads)
}

func checkOnce(t testing.TB, b *bus.Bus, id string, loads *spans) {
	t.Helper()
	if n := count(kinds(t, b, id), events.KindMeasured); n != 1 {
		t.Errorf("%d results, want 1", n)
	}
	if n := loads.overlaps.Load(); n != 0 {
		t.Errorf("%d times two made load at once", n)
	}
}

func TestBrokerStopsMidJob(t *testing.T) {
	for _, tc := range []struct {
		name  string
		start func(testing.TB) *bustest.Broker
		end   func(*bustest.Broker)
	}{
		{"embedded, stopped", bustest.Start, (*bustest.Broker).Stop},
		{"own process, killed", bustest.StartProcess, (*bustest.Broker).Kill},
	} {
		t.Run(tc.name, func(t *testing.T) {
			broker := tc.start(t)
			broker.SetTiming(quick())
			client, a, b := broker.Connect(t, "gateway"), broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
			id := newID(t)
			var loads spans
			began := make(chan struct{}, 16)
			for _, r := range []*bus.Bus{a, b} {
				work(t, r, runner(r, func(ctx context.Context, c *bus.Claim) error {
					began <- struct{}{}
					return loads.load(time.Second)(ctx, c)
				}))
			}
			publish(t, client, newEvent(t, id, events.KindPlanned, "", events.Planned{}))
			<-began
			tc.end(broker)
			broker.Start()
			await(t, "a result", func() bool { return count(kinds(t, client, id), events.KindMeasured) > 0 })
			checkOnce(t, client, id, &loads)
		})
	}
}

func TestEveryEventTwiceSameEnd(t *testing.T) {
	broker := quickBroker(t)
	client, r := broker.Connect(t, "gateway"), broker.Connect(t, "runner/a")
	id := newID(t)
	var loads spans
	var seen atomic.Int32
	once := runner(r, loads.load(10*time.Millisecond))
	work(t, r, bus.Worker{Durable: "runner", Slots: 2, Handle: func(ctx context.Context, j bus.Job) error {
		if err := once.Handle(ctx, j); err != nil {
			return err
		}
		if seen.Add(1) == 1 {
			return bus.Retry(0, errors.New("deliver it once more"))
		}
		return nil
	}})
	planned := newEvent(t, id, events.KindPlanned, "", events.Planned{})
	publish(t, client, planned)
	publish(t, client, planned)
	await(t, "the second delivery", func() bool { return seen.Load() >= 2 })
	want := []events.Kind{events.KindPlanned, events.KindClaimed, events.KindMeasured}
	if diff := cmp.Diff(want, kinds(t, client, id)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if n := loads.runs.Load(); n != 1 {
		t.Errorf("load was made %d times, want once", n)
	}
}

func TestOutcomes(t *testing.T) {
	for _, tc := range []struct {
		name   string
		first  func() error // result of the first delivery; every later one succeeds
		handed int32        // deliveries in all
	}{
		{"done", func() error { return nil }, 1},
		{"retry", func() error { return bus.Retry(50*time.Millisecond, errors.New("busy")) }, 2},
		{"rejected", func() error { return bus.Reject(errors.New("bad\nspec")) }, 1},
		{"wrapped reject", func() error { return fmt.Errorf("handle: %w", bus.Reject(errors.New("bad"))) }, 1},
		{"error", func() error { return errors.New("disk") }, 2},
		{"panic", func() error { var none []int; none[len(none)] = 1; return nil }, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			broker := quickBroker(t)
			b := broker.Connect(t, "runner/a")
			var handed atomic.Int32
			work(t, b, bus.Worker{Durable: "runner", Handle: func(_ context.Context, j bus.Job) error {
				n := handed.Add(1)
				if int(n) != j.Deliveries && j.Deliveries > 1 {
					t.Errorf("delivery %d says it is number %d", n, j.Deliveries)
				}
				if j.Event.ID == "" || j.Event.Seq == 0 {
					t.Errorf("job without its event: %+v", j.Event)
				}
				if n == 1 {
					return tc.first()
				}
				return nil
			}})
			publish(t, b, newEvent(t, newID(t), events.KindPlanned, "", events.Planned{}))
			await(t, "all deliveries", func() bool { return handed.Load() >= tc.handed })
			// A worker survives whatever happened and does not get the settled job again.
			publish(t, b, newEvent(t, newID(t), events.KindPlanned, "", events.Planned{}))
			await(t, "the next job", func() bool { return handed.Load() >= tc.handed+1 })
			if n := handed.Load(); n != tc.handed+1 {
				t.Errorf("%d deliveries, want %d", n, tc.handed+1)
			}
		})
	}
}

func TestStoppedServiceHandsItsJobBack(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t) // AckWait is 4 s here
	a, b := broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
	began := make(chan string, 4)
	handle := func(name string) bus.Worker {
		return bus.Worker{Durable: "runner", Handle: func(ctx context.Context, _ bus.Job) error {
			began <- name
			if name == "b" {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}}
	}
	stop := work(t, a, handle("a"))
	publish(t, b, newEvent(t, newID(t), events.KindPlanned, "", events.Planned{}))
	if who := <-began; who != "a" {
		t.Fatalf("%s began", who)
	}
	work(t, b, handle("b"))
	start := time.Now()
	stop()
	if who := <-began; who != "b" {
		t.Fatalf("%s went on", who)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("hand-over took %s", took)
	}
}

// A long job is not given to anybody else while its holder lives, and a full slot does not hoard.
func TestLongJobStaysWithItsHolder(t *testing.T) {
	t.Parallel()
	broker := quickBroker(t) // AckWait 2 s
	a, b := broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
	var deliveries atomic.Int32
	var others atomic.Int32
	release := make(chan struct{})
	long := newID(t)
	handle := func(_ context.Context, j bus.Job) error {
		if j.Event.TestID == long {
			deliveries.Add(1)
			<-release
			return nil
		}
		others.Add(1)
		return nil
	}
	publish(t, a, newEvent(t, long, events.KindPlanned, "", events.Planned{}))
	work(t, a, bus.Worker{Durable: "runner", Handle: handle})
	await(t, "the long job", func() bool { return deliveries.Load() == 1 })
	work(t, b, bus.Worker{Durable: "runner", Handle: handle})
	broker.Drop(t, a) // a reconnect of a busy worker must not make it pull a second job
	for range 3 {
		publish(t, b, newEvent(t, newID(t), events.KindPlanned, "", events.Planned{}))
	}
	await(t, "the short jobs", func() bool { return others.Load() == 3 })
	<-time.After(3 * time.Second) // longer than AckWait: the time itself is what is tested
	if n := deliveries.Load(); n != 1 {
		t.Errorf("the long job was given out %d times", n)
	}
	close(release)
}
