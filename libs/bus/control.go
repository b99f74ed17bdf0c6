package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"plimsoll.internal/libs/events"
)

// desiredTTL is how long a wish is kept; far longer than any test lasts.
const desiredTTL = 7 * 24 * time.Hour

// SetDesired leaves a wish about a test; the newest one counts.
func (b *Bus) SetDesired(ctx context.Context, testID string, d events.Desired) error {
	if err := events.CheckID(testID); err != nil {
		return fmt.Errorf("wish for a test: %w", err)
	}
	if err := b.setControl(ctx, events.SubjectDesired(testID), d, jetstream.WithMsgTTL(desiredTTL)); err != nil {
		return fmt.Errorf("wish for test %s: %w", testID, err)
	}
	return nil
}

// PublishKeys replaces the set of keys access tokens are checked with. Readers use [Bus.Follow] on
// [events.SubjectKeys] with LastPerSubject.
func (b *Bus) PublishKeys(ctx context.Context, k events.KeySet) error {
	if err := b.setControl(ctx, events.SubjectKeys, k); err != nil {
		return fmt.Errorf("publish keys: %w", err)
	}
	return nil
}

func (b *Bus) setControl(ctx context.Context, subject string, value any, opts ...jetstream.PublishOpt) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	msg := &nats.Msg{Subject: subject, Header: nats.Header{jetstream.MsgIDHeader: {nuid.Next()}}, Data: data}
	_, err = b.store(ctx, events.StreamControl, msg, b.findLast, opts...)
	return err
}

// Desired reads the wish about a test; ok is false when there is none.
func (b *Bus) Desired(ctx context.Context, testID string) (d events.Desired, ok bool, err error) {
	m, err := b.lastOf(ctx, events.StreamControl, events.SubjectDesired(testID))
	if err != nil || m == nil {
		return d, false, err
	}
	if err := json.Unmarshal(m.Data, &d); err != nil {
		return d, false, fmt.Errorf("decode the wish for test %s: %w", testID, err)
	}
	return d, true, nil
}

// WatchDesired tells the wish about a test, the one that is there already included, and every new one. It
// goes on after a broker restart. The channel is closed when ctx ends.
func (b *Bus) WatchDesired(ctx context.Context, testID string) <-chan events.Desired {
	out := make(chan events.Desired)
	feed := Feed{Stream: events.StreamControl, Subjects: []string{events.SubjectDesired(testID)}, LastPerSubject: true}
	tell := func(m Message) error {
		var d events.Desired
		if err := json.Unmarshal(m.Data, &d); err != nil {
			b.log.Warn("skip a wish that cannot be read", "test", testID, "error", err)
			return nil
		}
		select {
		case out <- d:
		case <-ctx.Done():
		}
		return nil
	}
	go func() {
		defer close(out)
		for ctx.Err() == nil {
			if err := b.Follow(ctx, feed, tell); err != nil {
				b.log.Error("follow the wish of a test again", "test", testID, "error", err)
				pause(ctx, b.again, time.Second)
			}
		}
	}()
	return out
}
