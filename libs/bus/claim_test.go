package bus_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

// quick makes take-overs happen within about two seconds.
func quick() bus.Timing {
	t := bustest.Timing()
	t.AckWait, t.Heartbeat, t.SelfFence = 2*time.Second, 300*time.Millisecond, 1200*time.Millisecond
	t.Grace, t.Target, t.Ping = 1400*time.Millisecond, 2*time.Second, 500*time.Millisecond
	return t
}

func quickBroker(t testing.TB) *bustest.Broker {
	t.Helper()
	broker := bustest.Start(t)
	broker.SetTiming(quick())
	return broker
}

func claim(t testing.TB, b *bus.Bus, id string) *bus.Claim {
	t.Helper()
	c, err := b.Claim(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Release(context.Background()) })
	return c
}

// ended waits for a context and returns why it ended.
func ended(t testing.TB, ctx context.Context) error {
	t.Helper()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(20 * time.Second):
		t.Fatal("context did not end")
		return nil
	}
}

func TestOfManyClaimersOneWins(t *testing.T) {
	broker := bustest.Start(t)
	rivals := []*bus.Bus{broker.Connect(t, "runner/1"), broker.Connect(t, "runner/2"), broker.Connect(t, "runner/3")}
	id := newID(t)
	var won, taken atomic.Int32
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			c, err := rivals[i%len(rivals)].Claim(t.Context(), id)
			switch {
			case err == nil:
				won.Add(1)
				t.Cleanup(func() { c.Release(context.Background()) })
			case errors.Is(err, bus.ErrTaken):
				taken.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 || taken.Load() != 19 {
		t.Errorf("%d winners, %d told it is taken; want 1 and 19", won.Load(), taken.Load())
	}
	if n := count(kinds(t, rivals[0], id), events.KindClaimed); n != 1 {
		t.Errorf("%d claims stored, want 1", n)
	}
}

func TestReleasedClaimIsTakenAtOnce(t *testing.T) {
	broker := bustest.Start(t) // Grace is 3 s here
	a, b := broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
	id := newID(t)
	first := claim(t, a, id)
	first.Release(t.Context())
	first.Release(t.Context())
	if cause := ended(t, first.Context()); !errors.Is(cause, context.Canceled) {
		t.Errorf("context of a released claim: %v", cause)
	}
	start := time.Now()
	second := claim(t, b, id)
	if second.Attempt != 2 || second.Seq <= first.Seq {
		t.Errorf("second claim: attempt %d, sequence %d after %d", second.Attempt, second.Seq, first.Seq)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("take-over of a released claim took %s", took)
	}
	if _, err := first.Publish(t.Context(), newEvent(t, id, events.KindMeasured, "", events.Measured{})); !errors.Is(err, bus.ErrFenced) {
		t.Errorf("publish under the old claim: %v, want ErrFenced", err)
	}
}

func TestLivingHolderKeepsItsTest(t *testing.T) {
	broker := quickBroker(t)
	a, b := broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
	id := newID(t)
	held := claim(t, a, id)
	if _, err := b.Claim(t.Context(), id); !errors.Is(err, bus.ErrTaken) {
		t.Fatalf("claim of a held test: %v, want ErrTaken", err)
	}
	if err := held.Context().Err(); err != nil {
		t.Errorf("holder lost it: %v", context.Cause(held.Context()))
	}
	if _, err := held.Publish(t.Context(), newEvent(t, id, events.KindMeasured, "", events.Measured{})); err != nil {
		t.Error(err)
	}
}

// The holder is cut off: it stops by itself before somebody else may start, and nothing it says later counts.
func TestCutOffHolderStopsBeforeTheNextStarts(t *testing.T) {
	broker := quickBroker(t)
	a, b := broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
	id := newID(t)
	zombie := claim(t, a, id)
	heal := broker.Cut(t, a)
	cut := time.Now()

	stopped := make(chan time.Time, 1)
	go func() {
		<-zombie.Context().Done()
		stopped <- time.Now()
	}()
	next := claim(t, b, id)
	started := time.Now()
	select {
	case at := <-stopped:
		if !at.Before(started) {
			t.Error("the next holder started before the cut-off one stopped")
		}
		if d := at.Sub(cut); d > quick().SelfFence+200*time.Millisecond {
			t.Errorf("self-fence after %s, want at most %s", d, quick().SelfFence)
		}
	default:
		t.Fatal("the next holder started while the cut-off one still works")
	}
	if cause := context.Cause(zombie.Context()); !errors.Is(cause, bus.ErrUnconfirmed) {
		t.Errorf("cause %v, want ErrUnconfirmed", cause)
	}
	heal()
	result := newEvent(t, id, events.KindMeasured, "", events.Measured{Attempt: 1})
	if _, err := zombie.Publish(t.Context(), result); !errors.Is(err, bus.ErrUnconfirmed) {
		t.Errorf("publish after the self-fence: %v, want ErrUnconfirmed", err)
	}
	// Even one that does not know it is a zombie is refused, by the broker itself.
	if _, err := a.Publish(t.Context(), result, bus.ExpectFence(zombie.Seq)); !errors.Is(err, bus.ErrConflict) {
		t.Errorf("fenced publish of a zombie: %v, want ErrConflict", err)
	}
	if _, err := next.Publish(t.Context(), newEvent(t, id, events.KindMeasured, "2", events.Measured{Attempt: 2})); err != nil {
		t.Error(err)
	}
	if n := count(kinds(t, b, id), events.KindMeasured); n != 1 {
		t.Errorf("%d results, want 1", n)
	}
}

func TestFencedHolderLearnsOfIt(t *testing.T) {
	broker := quickBroker(t)
	a := broker.Connect(t, "runner/a")
	_, js := client(t, broker)
	id := newID(t)
	held := claim(t, a, id)
	// Somebody who does not wait, as no Plimsoll process would do.
	if _, err := js.Publish(t.Context(), events.Subject(id, events.KindClaimed), []byte(`{"holder":"thief","attempt":2}`)); err != nil {
		t.Fatal(err)
	}
	if cause := ended(t, held.Context()); !errors.Is(cause, bus.ErrFenced) {
		t.Errorf("cause %v, want ErrFenced", cause)
	}
}

func TestShortRestartOfTheBrokerCostsNoClaim(t *testing.T) {
	broker := bustest.Start(t)
	a := broker.Connect(t, "runner/a")
	id := newID(t)
	held := claim(t, a, id)
	broker.Restart(t)
	if _, err := held.Publish(t.Context(), newEvent(t, id, events.KindMeasured, "", events.Measured{})); err != nil {
		t.Errorf("publish after a restart: %v", err)
	}
	if held.Context().Err() != nil {
		t.Errorf("claim lost: %v", context.Cause(held.Context()))
	}
}

func TestTargetIsHeldByOneTest(t *testing.T) {
	broker := quickBroker(t)
	a, b := broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
	key := bus.TargetKey("http://127.0.0.1:8000/v1")
	one, two := newID(t), newID(t)

	held, err := a.HoldTarget(t.Context(), key, one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.HoldTarget(t.Context(), key, two); !errors.Is(err, bus.ErrTargetBusy) {
		t.Fatalf("second test on one target: %v, want ErrTargetBusy", err)
	}
	elsewhere, err := b.HoldTarget(t.Context(), bus.TargetKey("http://127.0.0.1:8001/v1"), two)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere.Release(t.Context())
	held.Release(t.Context())
	second, err := b.HoldTarget(t.Context(), key, two)
	if err != nil {
		t.Fatalf("after release: %v", err)
	}
	// The same test takes it over from a holder that is gone; that one learns of it.
	third, err := a.HoldTarget(t.Context(), key, two)
	if err != nil {
		t.Fatalf("take-over by the same test: %v", err)
	}
	if cause := ended(t, second.Context()); !errors.Is(cause, bus.ErrFenced) {
		t.Errorf("cause %v, want ErrFenced", cause)
	}
	second.Release(t.Context()) // must not free what it lost
	if _, err := b.HoldTarget(t.Context(), key, one); !errors.Is(err, bus.ErrTargetBusy) {
		t.Errorf("target after the release of a lost hold: %v, want ErrTargetBusy", err)
	}
	third.Release(t.Context())
}

func TestTargetIsFreeAfterACrash(t *testing.T) {
	broker := quickBroker(t)
	a, b := broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
	key := bus.TargetKey("https://example.test")
	held, err := a.HoldTarget(t.Context(), key, newID(t))
	if err != nil {
		t.Fatal(err)
	}
	heal := broker.Cut(t, a) // as good as dead
	defer heal()
	id := newID(t)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		next, err := b.HoldTarget(ctx, key, id)
		if err == nil {
			next.Release(ctx)
			break
		}
		if !errors.Is(err, bus.ErrTargetBusy) {
			t.Fatal(err)
		}
		<-tick.C
	}
	if held.Context().Err() == nil {
		t.Error("the target changed hands while its holder still believes in it")
	}
}

func TestTargetKey(t *testing.T) {
	for _, same := range [][2]string{
		{"http://Example.test/v1", "http://example.test:80/v1/chat/completions"},
		{"https://example.test", "HTTPS://example.test.:443/"},
		{"http://[::1]:8000/a", "http://[::1]:8000/b"},
	} {
		if bus.TargetKey(same[0]) != bus.TargetKey(same[1]) {
			t.Errorf("%s and %s are one target", same[0], same[1])
		}
	}
	if bus.TargetKey("http://a.test:1") == bus.TargetKey("http://a.test:2") || bus.TargetKey("http://a.test") == bus.TargetKey("https://a.test") {
		t.Error("different ports or schemes are different targets")
	}
}

func TestTimingThatBreaksARuleIsRefused(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	for name, spoil := range map[string]func(*bus.Timing){
		"grace too short":     func(x *bus.Timing) { x.Grace = x.SelfFence },
		"heartbeat too long":  func(x *bus.Timing) { x.Heartbeat = x.SelfFence },
		"ack wait too short":  func(x *bus.Timing) { x.AckWait = x.SelfFence },
		"target too short":    func(x *bus.Timing) { x.Target = x.SelfFence },
		"presence below 1 s":  func(x *bus.Timing) { x.Presence = time.Millisecond },
		"signs die too early": func(x *bus.Timing) { x.HeartbeatTTL = x.Grace },
	} {
		t.Run(name, func(t *testing.T) {
			c := broker.Config("runner")
			spoil(&c.Timing)
			if b, err := bus.Connect(t.Context(), c); err == nil {
				b.Close()
				t.Error("accepted")
			}
		})
	}
}
