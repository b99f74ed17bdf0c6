package bus

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// bell wakes everybody who waits each time it rings.
type bell struct {
	mu sync.Mutex
	ch chan struct{}
}

func newBell() *bell { return &bell{ch: make(chan struct{})} }

// wait returns a channel that is closed at the next ring.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ch
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.ch)
	b.ch = make(chan struct{})
}

// pause waits for d, for the bell, or for ctx, whichever comes first; it reports whether ctx is still open.
func pause(ctx context.Context, b *bell, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	var early <-chan struct{}
	if b != nil {
		early = b.wait()
	}
	select {
	case <-timer.C:
	case <-early:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// backoff is 50 ms doubled per attempt up to 2 s, with jitter so that many do not come at once.
func backoff(attempt int) time.Duration {
	d := 50 * time.Millisecond << min(attempt, 5)
	return d/2 + rand.N(d)
}

// untilOK repeats try until it succeeds, says that repeating is useless, or ctx ends. The last error of try
// is kept: "context deadline exceeded" alone tells nobody what was wrong.
func untilOK(ctx context.Context, b *bell, try func() (again bool, err error)) error {
	for attempt := 0; ; attempt++ {
		again, err := try()
		if err == nil || !again {
			return err
		}
		if !pause(ctx, b, backoff(attempt)) {
			if errors.Is(err, ctx.Err()) {
				return err
			}
			return errors.Join(ctx.Err(), err)
		}
	}
}
