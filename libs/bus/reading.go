package bus

import (
	"fmt"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// reading is one consumer of a Follow in use. Its messages come in the order of the stream; a hole, which
// only a lost message can make, ends it, and the next one goes on at the place reached.
type reading struct {
	bus    *Bus
	handle func(Message) error

	mu     sync.Mutex // held while a message is handled, so that none is in hand after the end
	at     *place
	count  uint64 // messages the consumer has sent
	ended  bool
	err    error
	failed chan error // one, for whoever waits
}

// take handles one message.
func (r *reading) take(m jetstream.Msg) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	meta, err := m.Metadata()
	if err == nil && meta.Sequence.Consumer != r.count+1 {
		err = fmt.Errorf("messages %d to %d were lost on the way", r.count+1, meta.Sequence.Consumer-1)
	}
	if err == nil {
		r.count++
		err = r.bus.deliver(m, meta, r.at, r.handle)
	}
	if err != nil {
		r.end(err)
	}
}

// fail ends the reading for a reason that is not a message.
func (r *reading) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended {
		r.end(err)
	}
}

func (r *reading) end(err error) {
	r.ended, r.err = true, err
	r.failed <- err
}

// over tells when the reading has ended by itself.
func (r *reading) over() <-chan error { return r.failed }

// stop ends the reading after the message in hand and returns why it had ended before, if it had.
func (r *reading) stop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	return r.err
}
