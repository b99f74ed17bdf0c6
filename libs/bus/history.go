package bus

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/events"
)

// History returns every event of a test in stream order, with Seq filled in; empty when nobody asked for it.
func (b *Bus) History(ctx context.Context, testID string) ([]events.Event, error) {
	if err := events.CheckID(testID); err != nil {
		return nil, err
	}
	var out []events.Event
	err := b.scan(ctx, events.StreamEvents, events.SubjectOfTest(testID), 1, func(m *jetstream.RawStreamMsg) error {
		e, err := decode(m.Subject, m.Header, m.Data, m.Sequence)
		if err != nil {
			b.log.Warn("skip a message that is no event", "error", err)
			return nil
		}
		out = append(out, e)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("history of test %s: %w", testID, err)
	}
	return out, nil
}

// Fold is the state of a test by its history; Exists is false when nobody asked for it.
func (b *Bus) Fold(ctx context.Context, testID string) (events.Lifecycle, error) {
	l, _, err := b.FoldHistory(ctx, testID)
	return l, err
}

// FoldHistory is Fold together with the history it is made from.
func (b *Bus) FoldHistory(ctx context.Context, testID string) (events.Lifecycle, []events.Event, error) {
	history, err := b.History(ctx, testID)
	if err != nil {
		return events.Lifecycle{}, nil, err
	}
	l, err := events.Fold(history)
	if err != nil {
		return l, nil, fmt.Errorf("fold test %s: %w", testID, err)
	}
	return l, history, nil
}
