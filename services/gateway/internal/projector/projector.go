// Package projector carries the events of the broker into the read model, in order, each once, and tells
// how far it has come. It knows nothing about HTTP.
package projector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

// A batch is one transaction.
const (
	maxBatch = 256     // events
	maxBytes = 4 << 20 // of payload
)

// idleAfter is how long nothing has to come before the projector counts as caught up: heartbeats lie between
// the last event of a test and the end of the stream.
const idleAfter = 100 * time.Millisecond

// broker is what the projector needs of the bus.
type broker interface {
	Follow(ctx context.Context, f bus.Feed, handle func(bus.Message) error) error
	StreamState(ctx context.Context, stream string) (bus.StreamState, error)
}

// store is what the projector needs of the read model.
type store interface {
	Position(ctx context.Context) (readmodel.Position, error)
	EventAt(ctx context.Context, seq uint64) (string, error)
	Apply(ctx context.Context, created int64, batch []events.Event, note func(events.Event, error)) ([]readmodel.Logged, error)
}

// Projector is the one writer of the read model in this process.
type Projector struct {
	Bus    broker
	Store  store
	Log    *slog.Logger
	Tell   func(readmodel.Logged) // called in order after the event is stored
	Ready  func()                 // called once, when the projection has caught up
	Pause  time.Duration          // before trying again after a fault; default 1 s
	mu     sync.Mutex
	seq    uint64
	moved  chan struct{} // closed when seq moves
	fault  error         // why it stands still; nil while it works
	begun  bool
	caught sync.Once
}

// Run projects until ctx ends. A fault stops the projection, not the process: [Projector.Fault] tells why,
// and it tries again.
func (p *Projector) Run(ctx context.Context) error {
	pause := p.Pause
	if pause == 0 {
		pause = time.Second
	}
	for {
		err := p.follow(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = errors.New("the feed ended")
		}
		p.fail(err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// follow projects until the feed or the database fails.
func (p *Projector) follow(ctx context.Context) error {
	at, stream, err := p.check(ctx)
	if err != nil {
		return err
	}
	p.advance(at)
	feed := bus.Feed{Stream: events.StreamEvents, Subjects: []string{events.SubjectOfTest("*")}}
	if at > 0 {
		feed.After = at - 1 // the last event comes again, to see that it is still the same
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	queue := make(chan bus.Message, maxBatch)
	var group sync.WaitGroup
	group.Go(func() {
		if err := p.drain(ctx, queue, stream); err != nil {
			stop(err)
		}
	})
	err = p.Bus.Follow(ctx, feed, func(m bus.Message) error {
		if m.Seq == at {
			return p.same(ctx, m)
		}
		select {
		case queue <- m:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	stop(err)
	group.Wait()
	if cause := context.Cause(ctx); err == nil && cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// drain applies what comes, as much as lies ready in one transaction.
func (p *Projector) drain(ctx context.Context, queue <-chan bus.Message, stream bus.StreamState) error {
	idle := time.NewTimer(idleAfter)
	defer idle.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-idle.C:
			p.work()
		case m := <-queue:
			if err := p.apply(ctx, stream.Created.UnixNano(), collect(m, queue)); err != nil {
				return err
			}
			if m.Seq >= stream.Last {
				p.work()
			}
			idle.Reset(idleAfter)
		}
	}
}

// collect takes what lies ready behind the first message, up to the size of a batch.
func collect(first bus.Message, queue <-chan bus.Message) []events.Event {
	batch, size := []events.Event{first.Event}, len(first.Data)
	for len(batch) < maxBatch && size < maxBytes {
		select {
		case m := <-queue:
			batch, size = append(batch, m.Event), size+len(m.Data)
		default:
			return batch
		}
	}
	return batch
}

func (p *Projector) apply(ctx context.Context, created int64, batch []events.Event) error {
	kept, err := p.Store.Apply(ctx, created, batch, func(e events.Event, err error) {
		p.Log.Error("event cannot be understood and is passed over", "event", e.ID, "test", e.TestID, "seq", e.Seq, "error", err)
	})
	if err != nil {
		return err
	}
	p.advance(batch[len(batch)-1].Seq)
	for _, e := range kept {
		p.Tell(e)
	}
	return nil
}

// work notes that the projection has caught up and works.
func (p *Projector) work() {
	p.mu.Lock()
	p.fault, p.begun = nil, true
	p.mu.Unlock()
	p.caught.Do(p.Ready)
}

func (p *Projector) fail(err error) {
	p.mu.Lock()
	told := p.fault != nil && p.fault.Error() == err.Error()
	p.fault = err
	p.mu.Unlock()
	if !told {
		p.Log.Error("projection stands still, trying again", "error", err)
	}
}

func (p *Projector) advance(seq uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if seq <= p.seq {
		return
	}
	p.seq = seq
	if p.moved != nil {
		close(p.moved)
		p.moved = nil
	}
}

// Fault says why the projection stands still; nil while it works.
func (p *Projector) Fault() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == nil && !p.begun {
		return errors.New("the projection has not caught up yet")
	}
	return p.fault
}

// Wait returns nil once the event at seq is in the read model.
func (p *Projector) Wait(ctx context.Context, seq uint64) error {
	for {
		p.mu.Lock()
		if p.seq >= seq {
			p.mu.Unlock()
			return nil
		}
		if p.moved == nil {
			p.moved = make(chan struct{})
		}
		moved := p.moved
		p.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("wait for event %d to be projected: %w", seq, context.Cause(ctx))
		}
	}
}
