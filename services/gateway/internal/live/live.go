// Package live tells everybody who watches a test what happens to it, while it happens. It keeps nothing:
// who comes late reads the read model.
package live

import (
	"sync"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

// maxQueue bounds the events waiting for one slow viewer; a test has some hundred in all.
const maxQueue = 256

// Hub knows who watches what. Its methods may be called concurrently.
type Hub struct {
	mu      sync.Mutex
	viewers map[string]map[*Viewer]struct{} // by test id
	ticks   map[string]events.Tick          // newest of every test that runs
	closed  chan struct{}
	once    sync.Once
}

// NewHub makes a hub nobody watches yet.
func NewHub() *Hub {
	return &Hub{
		viewers: map[string]map[*Viewer]struct{}{}, ticks: map[string]events.Tick{}, closed: make(chan struct{}),
	}
}

// Closed is closed when the process stops; viewers must go then.
func (h *Hub) Closed() <-chan struct{} { return h.closed }

// Close sends every viewer away.
func (h *Hub) Close() { h.once.Do(func() { close(h.closed) }) }

// Event tells about an event that is in the read model. It never waits for a viewer.
func (h *Hub) Event(e readmodel.Logged) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if events.State(e.State).Final() {
		delete(h.ticks, e.TestID)
	}
	for v := range h.viewers[e.TestID] {
		v.event(e)
	}
}

// Tick tells about progress. It never waits for a viewer.
func (h *Hub) Tick(t events.Tick) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ticks[t.TestID] = t
	for v := range h.viewers[t.TestID] {
		v.progress(t)
	}
}

// Watch begins to watch a test. The newest progress is told at once. The caller closes the viewer.
func (h *Hub) Watch(testID string) *Viewer {
	v := &Viewer{hub: h, testID: testID, notice: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.viewers[testID] == nil {
		h.viewers[testID] = map[*Viewer]struct{}{}
	}
	h.viewers[testID][v] = struct{}{}
	if t, ok := h.ticks[testID]; ok {
		v.progress(t)
	}
	return v
}

// Viewer is one watcher of one test.
type Viewer struct {
	hub    *Hub
	testID string
	notice chan struct{}

	mu    sync.Mutex
	queue []readmodel.Logged
	tick  *events.Tick // only the newest progress counts
	lost  bool         // the queue was full: events are missing from here on
}

// Notice receives when Take has something.
func (v *Viewer) Notice() <-chan struct{} { return v.notice }

// Take returns what has happened since the last call: events in order, the newest progress if any, and
// whether events were lost because nobody took them.
func (v *Viewer) Take() (list []readmodel.Logged, tick *events.Tick, lost bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	list, tick, lost = v.queue, v.tick, v.lost
	v.queue, v.tick = nil, nil
	return list, tick, lost
}

// Close ends the watch. It may be called twice.
func (v *Viewer) Close() {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	delete(v.hub.viewers[v.testID], v)
	if len(v.hub.viewers[v.testID]) == 0 {
		delete(v.hub.viewers, v.testID)
	}
}

func (v *Viewer) event(e readmodel.Logged) {
	v.mu.Lock()
	if len(v.queue) >= maxQueue {
		v.lost = true
	}
	if !v.lost {
		v.queue = append(v.queue, e)
	}
	v.mu.Unlock()
	v.wake()
}

func (v *Viewer) progress(t events.Tick) {
	v.mu.Lock()
	v.tick = &t
	v.mu.Unlock()
	v.wake()
}

func (v *Viewer) wake() {
	select {
	case v.notice <- struct{}{}:
	default: // it is awake already
	}
}
