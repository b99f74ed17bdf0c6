package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/events"
)

// Feed says what to follow.
type Feed struct {
	Stream         string
	Subjects       []string // wildcards allowed; empty for all of the stream
	After          uint64   // sequence to go on from; 0 for the beginning
	OnlyNew        bool     // nothing that is stored already
	LastPerSubject bool     // of what is stored, only the newest of every subject
}

// Message is one message of a feed.
type Message struct {
	Seq     uint64
	Subject string
	Time    time.Time // when the broker stored it
	Data    []byte
	Event   events.Event // set for lifecycle events
}

// place is how far a follower has read.
type place struct {
	seq  uint64
	time time.Time // of the message at seq; zero when it was not read here
}

// Follow hands every message of a feed to handle, in stream order, one at a time, none twice. It goes on
// after a broker restart and returns nil when ctx ends, or the error of handle. [ErrStreamReset] says that
// the stream has lost what was read already; a stream in memory starts over instead.
func (b *Bus) Follow(ctx context.Context, f Feed, handle func(Message) error) error {
	at := place{seq: f.After}
	if f.OnlyNew && f.After == 0 {
		state, err := b.StreamState(ctx, f.Stream)
		if err != nil {
			return ifOpen(ctx, err)
		}
		at.seq, f.LastPerSubject = state.Last, false
	}
	for failed := 0; ctx.Err() == nil; failed++ {
		err := b.check(ctx, f.Stream, &at)
		if err == nil {
			before := at
			err = b.followOnce(ctx, f, &at, handle)
			if at != before {
				failed = 0
			}
		}
		var final *finalError
		if errors.As(err, &final) {
			return final.err
		}
		if err != nil && ctx.Err() == nil {
			b.log.Debug("follow again", "stream", f.Stream, "error", err)
			pause(ctx, b.again, backoff(failed))
		}
	}
	return nil
}

func ifOpen(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// finalError ends a Follow.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }

// check finds out whether the stream still is the one that was read. Starting beyond its end would be
// silence without any error.
func (b *Bus) check(ctx context.Context, stream string, at *place) error {
	if at.seq == 0 {
		return nil
	}
	info, err := b.info(ctx, stream)
	if err != nil {
		return err
	}
	same := at.seq <= info.State.LastSeq
	if same && !at.time.IsZero() {
		m, err := b.get(ctx, stream, func(ctx context.Context, s jetstream.Stream) (*jetstream.RawStreamMsg, error) {
			return s.GetMsg(ctx, at.seq)
		})
		if err != nil {
			return err
		}
		same = m == nil || m.Time.Equal(at.time)
	}
	if same {
		return nil
	}
	if info.Config.Storage == jetstream.MemoryStorage {
		*at = place{}
		return nil
	}
	return &finalError{fmt.Errorf("stream %s at %d, read up to %d: %w", stream, info.State.LastSeq, at.seq, ErrStreamReset)}
}

// followOnce reads with one consumer until it fails, the connection was renewed, or ctx ends.
func (b *Bus) followOnce(ctx context.Context, f Feed, at *place, handle func(Message) error) error {
	again := b.again.wait()
	attempt, cancel := b.once(ctx)
	cons, err := b.js.CreateConsumer(attempt, f.Stream, consumerConfig(f, *at))
	cancel()
	if err != nil {
		return fmt.Errorf("make a consumer: %w", err)
	}
	defer b.forget(ctx, f.Stream, cons.CachedInfo().Name)
	r := &reading{bus: b, at: at, handle: handle, failed: make(chan error, 1)}
	consume, err := cons.Consume(r.take, jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) { r.fail(err) }))
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	select {
	case <-ctx.Done():
	case <-again.Done():
	case <-consume.Closed():
		r.fail(errors.New("the broker ended it"))
	case <-r.over():
	}
	consume.Stop()
	return r.stop()
}

// forget removes a consumer that is not read any more; what cannot be removed ends by itself.
func (b *Bus) forget(ctx context.Context, stream, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := b.js.DeleteConsumer(ctx, stream, name); err != nil {
		b.log.Debug("consumer stays until it is found idle", "stream", stream, "error", err)
	}
}

// consumerConfig is a consumer that lives as long as it is read.
func consumerConfig(f Feed, at place) jetstream.ConsumerConfig {
	c := jetstream.ConsumerConfig{
		FilterSubjects: f.Subjects, DeliverPolicy: jetstream.DeliverAllPolicy, AckPolicy: jetstream.AckNonePolicy,
		InactiveThreshold: 30 * time.Second, MemoryStorage: true, Replicas: 1,
	}
	switch {
	case at.seq > 0:
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverByStartSequencePolicy, at.seq+1
	case f.LastPerSubject:
		c.DeliverPolicy = jetstream.DeliverLastPerSubjectPolicy
		if len(f.Subjects) == 0 {
			c.FilterSubjects = []string{">"}
		}
	}
	return c
}

// deliver hands one message over and remembers the place.
func (b *Bus) deliver(m jetstream.Msg, meta *jetstream.MsgMetadata, at *place, handle func(Message) error) error {
	msg := Message{Seq: meta.Sequence.Stream, Subject: m.Subject(), Time: meta.Timestamp, Data: m.Data()}
	if strings.HasPrefix(msg.Subject, lifecycleRoot) {
		var err error
		if msg.Event, err = decode(msg.Subject, m.Headers(), msg.Data, msg.Seq); err != nil {
			b.log.Warn("skip a message that is no event", "error", err)
			*at = place{seq: msg.Seq, time: msg.Time}
			return nil
		}
	}
	if err := handle(msg); err != nil {
		return &finalError{err}
	}
	*at = place{seq: msg.Seq, time: msg.Time}
	return nil
}

// lifecycleRoot is what the subjects of all lifecycle events begin with.
var lifecycleRoot = strings.TrimSuffix(events.SubjectOfKind(""), "*.")
