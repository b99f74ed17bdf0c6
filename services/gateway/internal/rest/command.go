package rest

import (
	"context"
	"errors"
	"strconv"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway/internal/problem"
)

// maxTries bounds how often a command is decided anew because the test moved on meanwhile.
const maxTries = 8

// wish is what a command comes to: an event to publish, or nothing because it is so already.
type wish struct {
	kind    events.Kind // empty: nothing to publish
	payload any
}

// command decides on the truth, publishes only if that still is the truth, and decides again otherwise. It
// returns the sequence of the test's last event.
func (s *Server) command(ctx context.Context, id string, decide func(events.Lifecycle) (wish, error)) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	for range maxTries {
		l, err := s.Bus.Fold(ctx, id)
		if err != nil {
			return 0, err
		}
		if !l.Exists || l.Purged {
			return 0, problem.New(problem.TestNotFound)
		}
		w, err := decide(l)
		if err != nil || w.kind == "" {
			return l.LastSeq, err
		}
		e, err := events.New(id, w.kind, strconv.FormatUint(l.LastSeq, 10), s.Source, w.payload)
		if err != nil {
			return 0, err
		}
		seq, err := s.Bus.Publish(ctx, e, bus.ExpectTest(l.LastSeq))
		if !errors.Is(err, bus.ErrConflict) {
			return seq, err
		}
	}
	return 0, problem.New(problem.Busy).After(time.Second)
}
