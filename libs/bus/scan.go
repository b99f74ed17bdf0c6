package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// errEnough ends a scan early and is not reported.
var errEnough = errors.New("enough")

// scan hands every stored message of a subject, wildcards allowed, to visit in stream order. It asks for
// one message after the other: no consumer to make, to lose in a broker restart or to clean up.
func (b *Bus) scan(ctx context.Context, stream, subject string, from uint64, visit func(*jetstream.RawStreamMsg) error) error {
	for seq := max(from, 1); ; seq++ {
		m, err := b.get(ctx, stream, func(ctx context.Context, s jetstream.Stream) (*jetstream.RawStreamMsg, error) {
			return s.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(subject))
		})
		if err != nil {
			return fmt.Errorf("read %s of %s: %w", subject, stream, err)
		}
		if m == nil {
			return nil
		}
		if err := visit(m); err != nil {
			if errors.Is(err, errEnough) {
				return nil
			}
			return err
		}
		seq = m.Sequence
	}
}

// lastOf returns the last message of a subject, nil when there is none.
func (b *Bus) lastOf(ctx context.Context, stream, subject string) (*jetstream.RawStreamMsg, error) {
	m, err := b.get(ctx, stream, func(ctx context.Context, s jetstream.Stream) (*jetstream.RawStreamMsg, error) {
		return s.GetLastMsgForSubject(ctx, subject)
	})
	if err != nil {
		return nil, fmt.Errorf("read the last of %s of %s: %w", subject, stream, err)
	}
	return m, nil
}

type getter func(context.Context, jetstream.Stream) (*jetstream.RawStreamMsg, error)

// get reads one message, repeating until the broker answers or ctx ends; nil when there is none.
func (b *Bus) get(ctx context.Context, stream string, read getter) (*jetstream.RawStreamMsg, error) {
	var m *jetstream.RawStreamMsg
	err := untilOK(ctx, b.again, func() (bool, error) {
		s, err := b.stream(ctx, stream)
		if err != nil {
			return transient(err), err
		}
		attempt, cancel := b.once(ctx)
		defer cancel()
		m, err = read(attempt, s)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			m = nil
			return false, nil
		}
		return transient(err), err
	})
	return m, err
}
