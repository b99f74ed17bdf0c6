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
	mu   sync.Mutex
	next context.Context // ends at the next ring
	end  context.CancelFunc
}

func newBell() *bell {
	b := &bell{}
	b.next, b.end = context.WithCancel(context.Background())
	return b
}

// wait returns a context that ends at the next ring.
func (b *bell) wait() context.Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end()
	b.next, b.end = context.WithCancel(context.Background())
}

// once is the context of one request to the broker. It ends early at a reconnect: an answer that was on its
// way over the old connection never comes.
func (b *Bus) once(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	stop := context.AfterFunc(b.again.wait(), cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// pause waits for d, for the bell, or for ctx, whichever comes first; it reports whether ctx is still open.
func pause(ctx context.Context, b *bell, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	var early <-chan struct{}
	if b != nil {
		early = b.wait().Done()
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
