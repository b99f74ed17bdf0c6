package bus

import (
	"context"
	"errors"
	"sync"
	"time"
)

// lease proves again and again that something is still held, and ends by itself when it cannot.
type lease struct {
	ctx    context.Context // what the holder works under
	end    context.CancelCauseFunc
	stop   context.CancelFunc // ends the loop
	done   chan struct{}      // closed when the loop has ended
	ending sync.Once
}

// newLease starts the loop. renew is one attempt to prove it; ErrConflict from it means the thing is lost.
// confirmed is when the last successful attempt was sent, which is earlier than when it was stored, so the
// holder never believes longer than the others do.
func (b *Bus) newLease(ctx context.Context, confirmed time.Time, renew func(context.Context) error) *lease {
	l := &lease{done: make(chan struct{})}
	l.ctx, l.end = context.WithCancelCause(ctx)
	// The proof goes on while the holder winds down; only Release or a loss ends it.
	loop, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	// The clock ends the lease, not the loop: a request can block longer than its context allows while the
	// client connects again.
	fence := time.AfterFunc(time.Until(confirmed.Add(b.timing.SelfFence)), func() { l.end(ErrUnconfirmed) })
	go func() {
		defer close(l.done)
		defer fence.Stop()
		b.prove(loop, l, confirmed, fence, renew)
	}()
	return l
}

// prove renews until the loop is stopped or the lease is lost.
func (b *Bus) prove(loop context.Context, l *lease, confirmed time.Time, fence *time.Timer, renew func(context.Context) error) {
	wait := b.timing.Heartbeat
	for failed := 0; l.lost() == nil; {
		early := b.again
		if failed == 0 {
			early = nil // nothing to catch up with after a reconnect
		}
		if !pause(loop, early, wait) {
			return
		}
		sent := time.Now()
		attempt, cancel := context.WithDeadline(loop, confirmed.Add(b.timing.SelfFence))
		err := renew(attempt)
		cancel()
		switch {
		case loop.Err() != nil:
			return
		case err == nil:
			confirmed, failed, wait = sent, 0, b.timing.Heartbeat
			fence.Reset(time.Until(confirmed.Add(b.timing.SelfFence))) // too late if it has ended the lease: that is for ever
		case errors.Is(err, ErrConflict):
			l.end(ErrFenced)
		default:
			b.log.Warn("cannot prove what this process holds", "error", err)
			wait = backoff(failed)
			failed++
		}
	}
}

// lost is why the lease ended by itself, nil while it is held or after it was released.
func (l *lease) lost() error {
	if cause := context.Cause(l.ctx); errors.Is(cause, ErrFenced) || errors.Is(cause, ErrUnconfirmed) {
		return cause
	}
	return nil
}

// release ends the loop and the context, then says goodbye once, even when ctx has ended already.
func (l *lease) release(ctx context.Context, goodbye func(context.Context)) {
	l.ending.Do(func() {
		l.stop()
		<-l.done
		fenced := errors.Is(l.lost(), ErrFenced)
		l.end(context.Canceled)
		if fenced {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
		defer cancel()
		goodbye(ctx)
	})
}
