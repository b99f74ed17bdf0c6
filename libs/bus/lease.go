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
	go func() {
		defer close(l.done)
		if lost := b.prove(loop, confirmed, renew); lost != nil {
			l.end(lost)
		}
	}()
	return l
}

// prove returns why the lease is lost, nil when it was stopped.
func (b *Bus) prove(ctx context.Context, confirmed time.Time, renew func(context.Context) error) error {
	wait := b.timing.Heartbeat
	for failed := 0; ; {
		left := time.Until(confirmed.Add(b.timing.SelfFence))
		if left <= 0 {
			return ErrUnconfirmed
		}
		early := b.again
		if failed == 0 {
			early = nil // nothing to catch up with after a reconnect
		}
		if !pause(ctx, early, min(wait, left)) {
			return nil
		}
		sent := time.Now()
		attempt, cancel := context.WithDeadline(ctx, confirmed.Add(b.timing.SelfFence))
		err := renew(attempt)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil:
			confirmed, failed, wait = sent, 0, b.timing.Heartbeat
		case errors.Is(err, ErrConflict):
			return ErrFenced
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
