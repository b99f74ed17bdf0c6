package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// StreamState is how far a stream reaches.
type StreamState struct {
	First, Last uint64 // sequences; both 0 or First = Last+1 when it is empty
	Created     time.Time
}

// StreamState asks for the state of a stream.
func (b *Bus) StreamState(ctx context.Context, stream string) (StreamState, error) {
	info, err := b.info(ctx, stream)
	if err != nil {
		return StreamState{}, fmt.Errorf("state of stream %s: %w", stream, err)
	}
	return StreamState{First: info.State.FirstSeq, Last: info.State.LastSeq, Created: info.Created}, nil
}

func (b *Bus) info(ctx context.Context, stream string) (*jetstream.StreamInfo, error) {
	var info *jetstream.StreamInfo
	err := untilOK(ctx, b.again, func() (bool, error) {
		s, err := b.stream(ctx, stream)
		if err != nil {
			return transient(err), err
		}
		attempt, cancel := b.once(ctx)
		defer cancel()
		info, err = s.Info(attempt)
		return transient(err), err
	})
	return info, err
}
