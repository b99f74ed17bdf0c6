package throttle

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/db/dbtest"
	"plimsoll.internal/services/auth/internal/store"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func onBoth(t *testing.T, test func(t *testing.T, th Throttle)) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		conn, err := store.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		test(t, Throttle{DB: conn})
	})
}

// TestWaitsDouble tries again as soon as it may: 5 s, 10 s, … up to 15 min.
func TestWaitsDouble(t *testing.T) {
	onBoth(t, func(t *testing.T, th Throttle) {
		now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
		try := func() time.Duration {
			t.Helper()
			wait, err := th.Try(t.Context(), "captain", "192.0.2.1", now)
			if err != nil {
				t.Fatal(err)
			}
			return wait
		}
		for i := range Free {
			if wait := try(); wait != 0 {
				t.Fatalf("try %d waits %v", i+1, wait)
			}
		}
		for _, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 900, 900} {
			if got := try(); got != want*time.Second {
				t.Fatalf("wait %v, want %v", got, want*time.Second)
			}
			now = now.Add(want * time.Second)
			if wait := try(); wait != 0 {
				t.Fatalf("after the wait it waits %v more", wait)
			}
		}
		now = now.Add(memory + time.Minute)
		for range Free {
			if wait := try(); wait != 0 {
				t.Fatalf("an hour later it waits %v", wait)
			}
		}
		if err := th.Succeeded(t.Context(), "captain", "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		if wait := try(); wait != 0 {
			t.Errorf("after a success it waits %v", wait)
		}
	})
}

// TestBurstIsCountedWhole lets many guesses in at the same moment.
func TestBurstIsCountedWhole(t *testing.T) {
	onBoth(t, func(t *testing.T, th Throttle) {
		now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
		var passed atomic.Int32
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				wait, err := th.Try(t.Context(), "captain", "192.0.2.1", now)
				if err != nil {
					t.Error(err)
				}
				if wait == 0 {
					passed.Add(1)
				}
			})
		}
		wg.Wait()
		if n := passed.Load(); n != Free {
			t.Errorf("%d guesses passed, want %d", n, Free)
		}
		if wait, err := th.Try(t.Context(), "captain", "192.0.2.2", now); wait != 0 || err != nil {
			t.Errorf("another address waits %v, %v", wait, err)
		}
	})
}
