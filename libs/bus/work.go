package bus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/events"
)

// Job is one event that makes a service work.
type Job struct {
	Event      events.Event
	Deliveries int // how often it was given out, this time included
}

// Worker is how a service works on the events of its durable.
type Worker struct {
	Durable string // name in [events.Durables]
	Slots   int    // jobs at once; 0 = 1
	// Handle does one job. It may see a job again: after a crash, after an error, after a lost answer.
	// nil settles the job. [Retry] gives it back for later, [Reject] drops it for good; any other error
	// gives it back with a growing delay, at once when ctx has ended. ctx ends when the service stops.
	Handle func(ctx context.Context, j Job) error
}

const (
	fetchWait     = 30 * time.Second // one pull; renewed for ever
	settleTimeout = 10 * time.Second
	maxRetryDelay = 30 * time.Second
)

// Work does jobs until ctx ends, awaits those in hand and returns nil. It returns an error only when there
// is no such durable.
func (b *Bus) Work(ctx context.Context, w Worker) error {
	if _, ok := durable(w.Durable); !ok {
		return fmt.Errorf("work: the Catalog has no durable %q", w.Durable)
	}
	var cons jetstream.Consumer
	err := untilOK(ctx, b.again, func() (bool, error) {
		attempt, cancel := b.once(ctx)
		defer cancel()
		var err error
		cons, err = b.js.Consumer(attempt, events.StreamEvents, w.Durable)
		return transient(err), err
	})
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("work on durable %s: %w", w.Durable, err)
	}
	var slots sync.WaitGroup
	for range max(w.Slots, 1) {
		slots.Go(func() { b.slot(ctx, cons, w) })
	}
	slots.Wait()
	return nil
}

// slot does one job after the other. It asks for the next only when it is free: a job that waits in a busy
// process is lost time for everybody.
func (b *Bus) slot(ctx context.Context, cons jetstream.Consumer, w Worker) {
	for failed := 0; ctx.Err() == nil; {
		msg, err := b.next(ctx, cons)
		if msg != nil {
			b.do(ctx, w, msg)
		}
		if err == nil {
			failed = 0
			continue
		}
		b.log.Debug("ask for the next job again", "durable", w.Durable, "error", err)
		pause(ctx, b.again, backoff(failed))
		failed++
	}
}

// next waits for one job; both results are nil when there was none. A reconnect starts it anew, because a
// restarted broker has forgotten who was waiting.
func (b *Bus) next(ctx context.Context, cons jetstream.Consumer) (jetstream.Msg, error) {
	wait, cancel := context.WithTimeout(ctx, fetchWait)
	defer cancel()
	again := b.again.wait()
	batch, err := cons.Fetch(1, jetstream.FetchContext(wait))
	if err != nil {
		return nil, err
	}
	var msg jetstream.Msg
	select {
	case msg = <-batch.Messages():
	case <-again.Done():
		cancel()
		msg = <-batch.Messages() // one that was on its way, or nil once the pull has ended
	}
	if err := batch.Error(); msg == nil && err != nil && wait.Err() == nil {
		return nil, err
	}
	return msg, nil
}

// do runs the handler with a sign of life and settles the job.
func (b *Bus) do(ctx context.Context, w Worker, msg jetstream.Msg) {
	meta, err := msg.Metadata()
	if err != nil {
		b.log.Error("job without metadata", "durable", w.Durable, "error", err)
		return
	}
	e, err := decode(msg.Subject(), msg.Headers(), msg.Data(), meta.Sequence.Stream)
	if err != nil {
		err = Reject(err)
	} else {
		stop := b.inProgress(msg)
		err = b.handle(ctx, w, Job{Event: e, Deliveries: int(meta.NumDelivered)})
		stop()
	}
	b.settle(ctx, msg, int(meta.NumDelivered), err)
	if err != nil {
		b.log.Info("job not done", "durable", w.Durable, "test", e.TestID, "event", e.ID, "delivery", meta.NumDelivered, "error", err)
	}
}

// handle turns a panic into an error: one bad job must not take the process and its other jobs down.
func (b *Bus) handle(ctx context.Context, w Worker, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("handler panicked", "durable", w.Durable, "event", j.Event.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return w.Handle(ctx, j)
}

// inProgress keeps a job from being given to somebody else until stop is called.
func (b *Bus) inProgress(msg jetstream.Msg) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var loop sync.WaitGroup
	loop.Go(func() {
		for pause(ctx, nil, b.timing.AckWait/4) {
			if err := msg.InProgress(); err != nil {
				b.log.Debug("sign of life of a job", "error", err)
			}
		}
	})
	return func() {
		cancel()
		loop.Wait()
	}
}

// settle tells the broker what became of a job. When the broker cannot be told, the job comes again.
func (b *Bus) settle(ctx context.Context, msg jetstream.Msg, deliveries int, result error) {
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	err := untilOK(ctx, b.again, func() (bool, error) {
		var later *retryError
		var never *rejectError
		switch {
		case result == nil:
			attempt, cancel := b.once(ctx)
			defer cancel()
			err := msg.DoubleAck(attempt)
			return transient(err) && !errors.Is(err, jetstream.ErrMsgAlreadyAckd), err
		case errors.As(result, &never):
			err := msg.TermWithReason(reason(never))
			return transient(err), err
		case errors.As(result, &later):
			err := msg.NakWithDelay(later.after)
			return transient(err), err
		case stopping:
			err := msg.Nak()
			return transient(err), err
		default:
			err := msg.NakWithDelay(min(maxRetryDelay, time.Second<<min(deliveries-1, 10)))
			return transient(err), err
		}
	})
	if err != nil {
		b.log.Warn("job will come again, because the broker could not be told", "error", err)
	}
}
