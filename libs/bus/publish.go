package bus

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/events"
)

// Expect is a condition the broker itself checks in the moment it stores the event.
type Expect struct {
	fence bool
	seq   uint64
}

// ExpectTest demands that lastSeq is the last event of the test; 0 demands that there is none.
func ExpectTest(lastSeq uint64) Expect { return Expect{seq: lastSeq} }

// ExpectFence demands that the claim with this sequence is still the newest of the test.
func ExpectFence(claimSeq uint64) Expect { return Expect{fence: true, seq: claimSeq} }

func (x Expect) option(testID string) jetstream.PublishOpt {
	if x.fence {
		return jetstream.WithExpectLastSequenceForSubject(x.seq, events.Subject(testID, events.KindClaimed))
	}
	return jetstream.WithExpectLastSequenceForSubject(x.seq, events.SubjectOfTest(testID))
}

// Publish stores an event and returns its sequence. An event with this id that is stored already is not
// stored again, however long ago that was. [ErrConflict] means the expectation does not hold; any other
// error means the event may or may not be stored, and publishing it again is safe. It repeats until ctx ends.
func (b *Bus) Publish(ctx context.Context, e events.Event, ex ...Expect) (uint64, error) {
	msg, err := encode(e)
	if err != nil {
		return 0, fmt.Errorf("publish %s: %w", e.Kind, err)
	}
	if len(ex) > 1 {
		return 0, fmt.Errorf("publish %s: the broker checks one expectation per event, not %d", e.ID, len(ex))
	}
	var opt jetstream.PublishOpt
	if len(ex) == 1 {
		opt = ex[0].option(e.TestID)
	}
	seq, err := b.storeOnce(ctx, events.StreamEvents, msg, opt)
	if err != nil {
		return 0, fmt.Errorf("publish %s: %w", e.ID, err)
	}
	return seq, nil
}

// storeOnce stores a message with an id unless the subject already holds one with this id. Without an
// expectation of the caller it uses one of its own, because the broker forgets ids after its window.
func (b *Bus) storeOnce(ctx context.Context, stream string, msg *nats.Msg, expect jetstream.PublishOpt) (uint64, error) {
	for {
		last, mine, err := b.find(ctx, stream, msg.Subject, msg.Header.Get(jetstream.MsgIDHeader))
		if err != nil || mine != 0 {
			return mine, err
		}
		if expect != nil {
			return b.store(ctx, stream, msg, b.find, expect)
		}
		seq, err := b.store(ctx, stream, msg, b.find, jetstream.WithExpectLastSequencePerSubject(last))
		if !errors.Is(err, ErrConflict) {
			return seq, err
		}
	}
}

// finder looks a message up by its id: the last sequence of the subject, and that of the message, 0 if absent.
type finder func(ctx context.Context, stream, subject, id string) (last, mine uint64, err error)

// store publishes a message with an id until the broker has answered. A refused expectation can be the echo
// of an earlier attempt whose answer was lost, so it is a conflict only when look does not find the message.
func (b *Bus) store(ctx context.Context, stream string, msg *nats.Msg, look finder, opts ...jetstream.PublishOpt) (uint64, error) {
	var seq uint64
	err := untilOK(ctx, b.again, func() (bool, error) {
		var err error
		seq, err = b.attempt(ctx, msg, opts...)
		if !conflict(err) {
			return transient(err), explain(err)
		}
		_, mine, lookErr := look(ctx, stream, msg.Subject, msg.Header.Get(jetstream.MsgIDHeader))
		if lookErr != nil {
			return true, lookErr
		}
		if mine == 0 {
			return false, ErrConflict
		}
		seq = mine
		return false, nil
	})
	return seq, err
}

// attempt publishes once, with a copy of the message: a late answer must not see a changed one.
func (b *Bus) attempt(ctx context.Context, msg *nats.Msg, opts ...jetstream.PublishOpt) (uint64, error) {
	ctx, cancel := b.once(ctx)
	defer cancel()
	m := &nats.Msg{Subject: msg.Subject, Header: maps.Clone(msg.Header), Data: msg.Data}
	if m.Header == nil {
		m.Header = nats.Header{}
	}
	ack, err := b.js.PublishMsg(ctx, m, opts...)
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

func explain(err error) error {
	if storageFull(err) {
		return fmt.Errorf("%w: %w", ErrStorageFull, err)
	}
	return err
}

// find searches a subject for an id. The last message is the usual answer; where several events share a
// subject, like the levels of a test, a later one may lie on top.
func (b *Bus) find(ctx context.Context, stream, subject, id string) (last, mine uint64, err error) {
	last, mine, err = b.findLast(ctx, stream, subject, id)
	if err != nil || last == 0 || mine != 0 {
		return last, mine, err
	}
	err = b.scan(ctx, stream, subject, 1, func(m *jetstream.RawStreamMsg) error {
		if m.Header.Get(jetstream.MsgIDHeader) == id {
			mine = m.Sequence
			return errEnough
		}
		return nil
	})
	return last, mine, err
}

// findLast looks at the last message of a subject only.
func (b *Bus) findLast(ctx context.Context, stream, subject, id string) (last, mine uint64, err error) {
	m, err := b.lastOf(ctx, stream, subject)
	if err != nil || m == nil {
		return 0, 0, err
	}
	if m.Header.Get(jetstream.MsgIDHeader) == id {
		mine = m.Sequence
	}
	return m.Sequence, mine, nil
}
