package bus_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

// reader collects what a feed delivers.
type reader struct {
	mu   sync.Mutex
	seqs []uint64
	all  []bus.Message
	err  error
}

func follow(t testing.TB, b *bus.Bus, f bus.Feed) *reader {
	t.Helper()
	r := &reader{}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var loop sync.WaitGroup
	loop.Go(func() {
		err := b.Follow(ctx, f, func(m bus.Message) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.seqs, r.all = append(r.seqs, m.Seq), append(r.all, m)
			return nil
		})
		r.mu.Lock()
		defer r.mu.Unlock()
		r.err = err
	})
	t.Cleanup(func() {
		cancel()
		loop.Wait()
	})
	return r
}

func (r *reader) read() []uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seqs)
}

func TestFollowWithoutGapOrRepeat(t *testing.T) {
	broker := bustest.Start(t)
	b, other := broker.Connect(t, "gateway"), broker.Connect(t, "runner/a")
	id := newID(t)
	var want []uint64
	add := func() {
		want = append(want, publish(t, other, newEvent(t, id, events.KindLevelDone, newID(t), events.LevelDone{})))
	}
	add()
	add()
	all := follow(t, b, bus.Feed{Stream: events.StreamEvents, Subjects: []string{events.SubjectOfTest(id)}})
	later := follow(t, b, bus.Feed{Stream: events.StreamEvents, After: want[0]})
	await(t, "what is stored", func() bool { return len(all.read()) == 2 && len(later.read()) == 1 })
	fresh := follow(t, b, bus.Feed{Stream: events.StreamEvents, OnlyNew: true})
	add()
	for range 3 {
		add()
		broker.Restart(t)
		add()
		broker.Drop(t, b)
	}
	add()
	await(t, "everything", func() bool {
		return len(all.read()) >= len(want) && len(later.read()) >= len(want)-1 && slices.Contains(fresh.read(), want[len(want)-1])
	})
	if diff := cmp.Diff(want, all.read()); diff != "" {
		t.Errorf("from the beginning (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want[1:], later.read()); diff != "" {
		t.Errorf("after the first (-want +got):\n%s", diff)
	}
	if got := fresh.read(); slices.Contains(got, want[1]) || !slices.IsSorted(got) {
		t.Errorf("only new: %v of %v", got, want)
	}
	if e := all.all[0].Event; e.Kind != events.KindLevelDone || e.TestID != id || e.Seq != want[0] {
		t.Errorf("event of a message: %+v", e)
	}
}

func TestFollowEnds(t *testing.T) {
	broker := bustest.Start(t)
	b := broker.Connect(t, "gateway")
	for range 3 {
		publish(t, b, newEvent(t, newID(t), events.KindRequested, "", events.Requested{}))
	}
	stop, calls := errors.New("stop"), 0
	err := b.Follow(t.Context(), bus.Feed{Stream: events.StreamEvents}, func(bus.Message) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("error %v after %d calls, want the handler's error after 1", err, calls)
	}
	err = b.Follow(t.Context(), bus.Feed{Stream: events.StreamEvents, After: 1000}, func(bus.Message) error { return nil })
	if !errors.Is(err, bus.ErrStreamReset) {
		t.Errorf("beyond the end: %v, want ErrStreamReset", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Follow(ctx, bus.Feed{Stream: events.StreamEvents}, func(bus.Message) error { return nil }); err != nil {
		t.Errorf("ended context: %v, want nil", err)
	}
}

// LIVE lies in memory and begins at 1 again after a broker restart; its followers go on with it.
func TestTicksAfterARestart(t *testing.T) {
	broker := bustest.Start(t)
	b := broker.Connect(t, "gateway")
	id := newID(t)
	r := follow(t, b, bus.Feed{Stream: events.StreamLive, Subjects: []string{events.SubjectTicks}})
	for i := range 5 {
		b.Tick(events.Tick{TestID: id, Done: i})
	}
	await(t, "five ticks", func() bool { return len(r.read()) == 5 })
	broker.Restart(t)
	await(t, "the connection", func() bool { return b.Healthy(t.Context()) == nil })
	await(t, "ticks after the restart", func() bool {
		b.Tick(events.Tick{TestID: id, Done: 100})
		return len(r.read()) > 5
	})
}

func TestWishIsSeenAfterARestart(t *testing.T) {
	broker := bustest.Start(t)
	gateway, runner := broker.Connect(t, "gateway"), broker.Connect(t, "runner/a")
	id := newID(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	wishes := runner.WatchDesired(ctx, id)
	if _, ok, err := runner.Desired(t.Context(), id); ok || err != nil {
		t.Fatalf("a wish nobody had: %v %v", ok, err)
	}
	broker.Restart(t)
	start := time.Now()
	want := events.Desired{State: "cancelled", By: events.Actor{UserID: "u"}}
	if err := gateway.SetDesired(t.Context(), id, want); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-wishes:
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("wish (-want +got):\n%s", diff)
		}
		t.Logf("seen %s after the restart", time.Since(start))
	case <-time.After(10 * time.Second):
		t.Fatal("the wish was not seen")
	}
	if got, ok, err := runner.Desired(t.Context(), id); err != nil || !ok || got != want {
		t.Errorf("read: %+v %v %v", got, ok, err)
	}
	late := runner.WatchDesired(ctx, id) // the wish was there before
	if got := <-late; got != want {
		t.Errorf("late watcher: %+v", got)
	}
	cancel()
	for range late { // closed when ctx ends
	}
}

func TestKeysReachReaders(t *testing.T) {
	broker := bustest.Start(t)
	b := broker.Connect(t, "auth")
	for _, kid := range []string{"1", "2"} {
		if err := b.PublishKeys(t.Context(), events.KeySet{Keys: []events.Key{{ID: kid, Public: make([]byte, 32)}}}); err != nil {
			t.Fatal(err)
		}
	}
	r := follow(t, b, bus.Feed{Stream: events.StreamControl, Subjects: []string{events.SubjectKeys}, LastPerSubject: true})
	await(t, "the keys", func() bool { return len(r.read()) == 1 })
}
