package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/live"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

// writeTimeout bounds one write to a client that does not read.
const writeTimeout = 10 * time.Second

// FollowTest shows a test live as server-sent events.
func (s *Server) FollowTest(ctx context.Context, r httpapi.FollowTestRequestObject) (httpapi.FollowTestResponseObject, error) {
	viewer := s.Hub.Watch(r.Id) // before the snapshot, so that nothing falls between the two
	row, err := s.Store.Get(ctx, r.Id)
	if err != nil {
		viewer.Close()
		return nil, refusal(err)
	}
	return &stream{server: s, ctx: ctx, viewer: viewer, row: row, last: r.Params.LastEventID}, nil
}

// stream is one client following one test. It lives as long as the request, whose context it carries.
type stream struct {
	server *Server
	ctx    context.Context //nolint:containedctx // the generated interface hands over no context
	viewer *live.Viewer
	row    readmodel.Row
	last   *string // Last-Event-ID
	w      http.ResponseWriter
	out    *http.ResponseController
	seq    uint64 // of the last event the client has
	ended  bool   // the client has seen the final event
}

// VisitFollowTestResponse writes events until the test ends, the client goes or the process stops.
func (f *stream) VisitFollowTestResponse(w http.ResponseWriter) error {
	defer f.viewer.Close()
	f.w, f.out = w, http.NewResponseController(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy must not hold events back
	w.WriteHeader(http.StatusOK)
	if err := f.begin(); err != nil {
		return f.broken(err)
	}
	ping := time.NewTicker(f.server.Ping)
	defer ping.Stop()
	for !f.ended {
		var err error
		select {
		case <-f.ctx.Done():
			return nil
		case <-f.server.Hub.Closed():
			return nil // the client comes again and goes on where it was
		case <-ping.C:
			err = f.write(": ping\n\n")
		case <-f.viewer.Notice():
			var lost bool
			if lost, err = f.news(); lost {
				return f.broken(f.whole("reset"))
			}
		}
		if err != nil {
			return f.broken(err)
		}
	}
	return f.broken(f.whole("end"))
}

// broken notes why a stream ended early; the client sees it end and comes again.
func (f *stream) broken(err error) error {
	if err != nil && f.ctx.Err() == nil {
		f.server.Log.Info("live stream ended early", "test", f.row.ID, "error", err)
	}
	return nil
}

// begin brings the client up to the row: the events it has missed, or the whole test.
func (f *stream) begin() error {
	if err := f.write("retry: 1000\n\n"); err != nil {
		return err
	}
	name := "snapshot"
	if f.last != nil && *f.last != "" {
		if seq, err := strconv.ParseUint(*f.last, 10, 64); err == nil && seq <= f.known(seq) {
			return f.resume(seq)
		}
		name = "reset"
	}
	return f.show(name)
}

// known is the last event of the test, after waiting shortly for one the client has seen elsewhere.
func (f *stream) known(seq uint64) uint64 {
	if seq <= f.row.Seq {
		return f.row.Seq
	}
	state, err := f.server.Bus.StreamState(f.ctx, events.StreamEvents)
	if err != nil || seq > state.Last {
		return f.row.Seq
	}
	wait, cancel := context.WithTimeout(f.ctx, time.Second)
	defer cancel()
	if f.server.Projection.Wait(wait, seq) == nil {
		if row, err := f.server.Store.Get(f.ctx, f.row.ID); err == nil {
			f.row = row
		}
	}
	return f.row.Seq
}

func (f *stream) resume(after uint64) error {
	f.seq = after
	f.ended = after == f.row.Seq && events.State(f.row.State).Final()
	list, err := f.server.Store.Events(f.ctx, f.row.ID, after)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := f.event(e); err != nil {
			return err
		}
	}
	return nil
}

// news sends what has happened since the last call.
func (f *stream) news() (lost bool, err error) {
	list, tick, lost := f.viewer.Take()
	for _, e := range list {
		if err := f.event(e); err != nil {
			return false, err
		}
	}
	if tick != nil && !f.ended && !lost {
		return false, f.send("progress", "", progress(*tick))
	}
	return lost, nil
}

// event sends one event unless the client has it.
func (f *stream) event(e readmodel.Logged) error {
	if e.Seq <= f.seq {
		return nil
	}
	f.seq = e.Seq
	f.ended = f.ended || events.State(e.State).Final()
	return f.send("event", strconv.FormatUint(e.Seq, 10), shownEvent(e))
}

// show sends the whole test; what happened until then need not be told.
func (f *stream) show(name string) error {
	test, err := present(f.row)
	if err != nil {
		return err
	}
	f.seq, f.ended = f.row.Seq, events.State(f.row.State).Final()
	return f.send(name, strconv.FormatUint(f.row.Seq, 10), test)
}

// whole sends the test as it is now.
func (f *stream) whole(name string) error {
	row, err := f.server.Store.Get(f.ctx, f.row.ID)
	if err != nil {
		return err
	}
	test, err := present(row)
	if err != nil {
		return err
	}
	id := ""
	if name == "reset" {
		id = strconv.FormatUint(row.Seq, 10)
	}
	return f.send(name, id, test)
}

func (f *stream) send(name, id string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	head := "event: " + name + "\n"
	if id != "" {
		head = "id: " + id + "\n" + head
	}
	return f.write(head + "data: " + string(text) + "\n\n")
}

func (f *stream) write(text string) error {
	if err := f.out.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	if _, err := f.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write to client: %w", err)
	}
	return f.out.Flush()
}
