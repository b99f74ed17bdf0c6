package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"plimsoll.internal/libs/events"
)

// Claim says that this process, and no other, carries out a test. Whoever has one must call Release after
// the load has stopped.
type Claim struct {
	TestID  string
	Seq     uint64 // sequence of the claimed event: the fence of everything published under it
	Attempt int    // from 1

	bus   *Bus
	lease *lease
}

// sign is a sign of life of the holder of a claim.
type sign struct {
	Claim    uint64 `json:"claim"`
	Holder   string `json:"holder"`
	Released bool   `json:"released,omitempty"` // the holder makes no load any more
}

// Claim takes a test. A first claim succeeds at once. One that was released is taken over at once too.
// Otherwise the signs of life of the holder are watched for Timing.Grace: if one comes, the holder is alive
// and the answer is [ErrTaken]; if none comes, the holder has stopped by itself and the test changes hands.
// Of several who try at the same moment one wins, the others get [ErrTaken].
func (b *Bus) Claim(ctx context.Context, testID string) (*Claim, error) {
	if err := events.CheckID(testID); err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	before, attempt, err := b.lastClaim(ctx, testID)
	if err == nil && before != 0 {
		err = b.awaitSilence(ctx, testID, before)
	}
	if err != nil {
		return nil, fmt.Errorf("claim test %s: %w", testID, err)
	}
	c := &Claim{TestID: testID, Attempt: attempt + 1, bus: b}
	if err := c.take(ctx, before); err != nil {
		return nil, fmt.Errorf("claim test %s: %w", testID, err)
	}
	return c, nil
}

// lastClaim returns sequence and attempt of the newest claim, zeros before the first.
func (b *Bus) lastClaim(ctx context.Context, testID string) (seq uint64, attempt int, err error) {
	m, err := b.lastOf(ctx, events.StreamEvents, events.Subject(testID, events.KindClaimed))
	if err != nil || m == nil {
		return 0, 0, err
	}
	var p events.Claimed
	if err := json.Unmarshal(m.Data, &p); err != nil {
		return 0, 0, fmt.Errorf("decode its last claim: %w", err)
	}
	return m.Sequence, p.Attempt, nil
}

// awaitSilence returns nil once the holder of a claim cannot be making load any more. It trusts no clock but
// its own and only what is stored: a holder counts its silence from before it sent its last sign.
func (b *Bus) awaitSilence(ctx context.Context, testID string, claim uint64) error {
	first, free, err := b.lastSign(ctx, testID, claim)
	if err != nil || free {
		return err
	}
	for end := time.Now().Add(b.timing.Grace); time.Now().Before(end); {
		if !pause(ctx, nil, min(b.timing.Heartbeat/2, time.Until(end))) {
			return ctx.Err()
		}
		seq, free, err := b.lastSign(ctx, testID, claim)
		if err != nil || free {
			return err
		}
		if seq > first {
			return ErrTaken
		}
	}
	return nil
}

// lastSign returns the sequence of the newest sign of life, 0 if there is none, and whether it says that
// the claim was released.
func (b *Bus) lastSign(ctx context.Context, testID string, claim uint64) (seq uint64, free bool, err error) {
	m, err := b.lastOf(ctx, events.StreamEvents, events.SubjectHeartbeat(testID))
	if err != nil || m == nil {
		return 0, false, err
	}
	var s sign
	if err := json.Unmarshal(m.Data, &s); err != nil {
		return m.Sequence, false, nil //nolint:nilerr // whatever it is, it is not a release
	}
	return m.Sequence, s.Released && s.Claim == claim, nil
}

// take publishes the claim if it is still the next one, then the first sign of life.
func (c *Claim) take(ctx context.Context, before uint64) error {
	// The id is this try's own: two rivals with one id would both be told that theirs is stored.
	e, err := events.New(c.TestID, events.KindClaimed, fmt.Sprintf("%d-%s", c.Attempt, nuid.Next()), c.bus.name,
		events.Claimed{Holder: c.bus.name, Attempt: c.Attempt})
	if err != nil {
		return err
	}
	msg, err := encode(e)
	if err != nil {
		return err
	}
	c.Seq, err = c.bus.store(ctx, events.StreamEvents, msg, c.bus.find, jetstream.WithExpectLastSequencePerSubject(before))
	if errors.Is(err, ErrConflict) {
		return ErrTaken
	}
	if err != nil {
		return err
	}
	var sent time.Time
	err = untilOK(ctx, c.bus.again, func() (bool, error) {
		sent = time.Now()
		err := c.sign(ctx, false)
		return transient(err) && !errors.Is(err, ErrConflict), err
	})
	if errors.Is(err, ErrConflict) {
		return ErrTaken
	}
	if err != nil {
		return fmt.Errorf("first sign of life: %w", err)
	}
	c.lease = c.bus.newLease(ctx, sent, func(ctx context.Context) error { return c.sign(ctx, false) })
	return nil
}

// sign publishes one sign of life, which the broker accepts only while the claim is the newest.
func (c *Claim) sign(ctx context.Context, released bool) error {
	data, err := json.Marshal(sign{Claim: c.Seq, Holder: c.bus.name, Released: released})
	if err != nil {
		return fmt.Errorf("encode sign of life: %w", err)
	}
	_, err = c.bus.attempt(ctx, &nats.Msg{Subject: events.SubjectHeartbeat(c.TestID), Data: data},
		ExpectFence(c.Seq).option(c.TestID), jetstream.WithMsgTTL(c.bus.timing.HeartbeatTTL))
	if conflict(err) {
		return ErrConflict
	}
	return err
}

// Context ends when the claim is lost, is released, or the context it was made with ends. [context.Cause]
// is ErrFenced when somebody else has the test, ErrUnconfirmed when this process cannot prove that nobody
// has; in both cases the load must stop at once.
func (c *Claim) Context() context.Context { return c.lease.ctx }

// Publish stores an event of the test while the claim holds, [ErrFenced] or [ErrUnconfirmed] otherwise.
func (c *Claim) Publish(ctx context.Context, e events.Event) (uint64, error) {
	if err := c.lease.lost(); err != nil {
		return 0, fmt.Errorf("publish %s: %w", e.ID, err)
	}
	if e.TestID != c.TestID {
		return 0, fmt.Errorf("publish %s under the claim of test %s", e.ID, c.TestID)
	}
	seq, err := c.bus.Publish(ctx, e, ExpectFence(c.Seq))
	if errors.Is(err, ErrConflict) {
		c.lease.end(ErrFenced)
		return 0, fmt.Errorf("publish %s: %w", e.ID, ErrFenced)
	}
	return seq, err
}

// Release ends the signs of life and says that the test may be taken over at once. The load must have
// stopped before. It may be called twice, and with a context that has ended.
func (c *Claim) Release(ctx context.Context) {
	c.lease.release(ctx, func(ctx context.Context) {
		if err := c.sign(ctx, true); err != nil {
			c.bus.log.Warn("the next holder has to wait, because the release did not arrive", "test", c.TestID, "error", err)
		}
	})
}
