package projector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
)

// ErrOtherStream means the stream on the broker is not the one that was projected.
var ErrOtherStream = errors.New("the event stream is not the one the database was made from")

// check refuses a stream that is not the one the database was made from: its sequences would mean
// something else.
func (p *Projector) check(ctx context.Context) (at uint64, stream bus.StreamState, err error) {
	position, err := p.Store.Position(ctx)
	if err != nil {
		return 0, stream, err
	}
	stream, err = p.Bus.StreamState(ctx, events.StreamEvents)
	if err != nil || position.Seq == 0 {
		return 0, stream, err
	}
	if position.StreamCreated != stream.Created.UnixNano() {
		return 0, stream, fmt.Errorf("%w: it was created %s, the one before %s", ErrOtherStream,
			stream.Created.UTC().Format(time.RFC3339Nano), time.Unix(0, position.StreamCreated).UTC().Format(time.RFC3339Nano))
	}
	if stream.Last < position.Seq {
		return 0, stream, fmt.Errorf("%w: it ends at %d, but %d was projected", ErrOtherStream, stream.Last, position.Seq)
	}
	return position.Seq, stream, nil
}

// same checks that the last event projected is still what it was.
func (p *Projector) same(ctx context.Context, m bus.Message) error {
	id, err := p.Store.EventAt(ctx, m.Seq)
	if err != nil {
		return err
	}
	if id != "" && id != m.Event.ID {
		return fmt.Errorf("%w: at %d it has %s, projected was %s", ErrOtherStream, m.Seq, m.Event.ID, id)
	}
	return nil
}
