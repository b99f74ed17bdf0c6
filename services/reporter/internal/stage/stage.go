// Package stage is the reporter's part in the life of a test: it answers "measured" with workbook and
// report, and tells other systems how every test ended.
package stage

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
)

// Stage handles the events the reporter is woken by. It may handle several tests at once.
type Stage struct {
	Bus        *bus.Bus
	Log        *slog.Logger
	Source     string        // of its events, like reporter/host-1
	TempDir    string        // where workbooks are written before they are stored; must exist
	RowLimit   int           // rows of one Requests sheet; 0 is what Excel allows
	RetryDelay time.Duration // before the first retry, doubled every time
}

// test is one test as it stood when its history was read.
type test struct {
	events.Lifecycle
	history []events.Event
}

// Handle handles one event. It may see the same event again at any time.
func (s *Stage) Handle(ctx context.Context, j bus.Job) error {
	t, err := s.load(ctx, j.Event.TestID)
	if err != nil {
		return bus.Retry(s.delay(j.Deliveries), err)
	}
	if !t.Exists {
		return bus.Reject(fmt.Errorf("%s of test %s: nobody asked for this test", j.Event.Kind, j.Event.TestID))
	}
	switch j.Event.Kind {
	case events.KindMeasured:
		return s.measured(ctx, j, t)
	case events.KindFailed, events.KindRejected:
		return s.failed(ctx, j, t)
	}
	return bus.Reject(fmt.Errorf("the reporter does not know what to do with %s", j.Event.Kind))
}

func (s *Stage) load(ctx context.Context, id string) (test, error) {
	l, history, err := s.Bus.FoldHistory(ctx, id)
	return test{Lifecycle: l, history: history}, err
}

// longestDelay bounds the pause between two attempts.
const longestDelay = 30 * time.Second

func (s *Stage) delay(deliveries int) time.Duration {
	d := s.RetryDelay
	for range min(max(deliveries-1, 0), 16) {
		d *= 2
	}
	return min(d, longestDelay)
}

// seqOf is the sequence of the first event of a kind, 0 when there is none.
func (t test) seqOf(k events.Kind) uint64 {
	for _, e := range t.history {
		if e.Kind == k {
			return e.Seq
		}
	}
	return 0
}
