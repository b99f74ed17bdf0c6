package live

import (
	"fmt"
	"sync"
	"testing"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

func event(seq uint64, state events.State) readmodel.Logged {
	return readmodel.Logged{Seq: seq, TestID: "t", State: string(state)}
}

func TestQueueKeepsEventsAndTheNewestTick(t *testing.T) {
	h := NewHub()
	v := h.Watch("t")
	defer v.Close()
	for i := range 5 {
		h.Tick(events.Tick{TestID: "t", Done: i})
		h.Event(event(uint64(i), events.StateRunning))
	}
	h.Event(readmodel.Logged{Seq: 99, TestID: "other"})
	<-v.Notice()
	list, tick, lost := v.Take()
	if len(list) != 5 || tick == nil || tick.Done != 4 || lost {
		t.Errorf("got %d events, tick %+v, lost %v", len(list), tick, lost)
	}
	if list, tick, _ := v.Take(); len(list) != 0 || tick != nil {
		t.Errorf("taken twice: %v %v", list, tick)
	}
}

func TestLateViewerSeesTheNewestTick(t *testing.T) {
	h := NewHub()
	h.Tick(events.Tick{TestID: "t", Percent: 40})
	v := h.Watch("t")
	if _, tick, _ := v.Take(); tick == nil || tick.Percent != 40 {
		t.Errorf("tick %+v", tick)
	}
	v.Close()
	h.Event(event(1, events.StateSucceeded))
	v = h.Watch("t")
	defer v.Close()
	if _, tick, _ := v.Take(); tick != nil {
		t.Errorf("the tick of a finished test is kept: %+v", tick)
	}
}

func TestFullQueueLosesAndSays(t *testing.T) {
	h := NewHub()
	v := h.Watch("t")
	defer v.Close()
	for i := range maxQueue + 1 {
		h.Event(event(uint64(i), events.StateRunning))
	}
	list, _, lost := v.Take()
	if len(list) != maxQueue || !lost {
		t.Errorf("got %d, lost %v", len(list), lost)
	}
	h.Event(event(1000, events.StateRunning))
	if list, _, lost := v.Take(); len(list) != 0 || !lost {
		t.Errorf("after a gap came %d events, lost %v", len(list), lost)
	}
}

// TestManyAtOnce watches, tells and closes from many goroutines; nothing is left behind.
func TestManyAtOnce(t *testing.T) {
	h := NewHub()
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			v := h.Watch(fmt.Sprint(i % 4))
			for range 50 {
				h.Event(readmodel.Logged{TestID: fmt.Sprint(i % 4)})
				v.Take()
			}
			v.Close()
			v.Close()
		})
	}
	group.Wait()
	h.Close()
	h.Close()
	<-h.Closed()
	if len(h.viewers) != 0 {
		t.Errorf("%d tests are still watched", len(h.viewers))
	}
}
