package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"plimsoll.internal/libs/failure"
)

// answer follows the body of one 200.
type answer struct {
	t      *Timeline
	dog    *watchdog
	marked bool // [DONE] came
	last   time.Time

	stopAfter int // events with output, 0: never
}

// maxWhole bounds an answer that is not streamed (bytes).
const maxWhole = 64 << 20

// stream reads events until the end of the body.
func (a *answer) stream(body io.Reader) error {
	a.t.Streamed = true
	events := NewEventReader(body)
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return a.complete()
		}
		if errors.Is(err, errLineTooLong) {
			return failure.New(failure.BadStream, "%v", err)
		}
		if err != nil {
			return fmt.Errorf("the stream broke off after %d events with output: %w", a.t.Chunks, err)
		}
		if bytes.Equal(bytes.TrimSpace(e.Data), []byte("[DONE]")) {
			a.marked = true
			continue
		}
		if err := a.event(e); err != nil {
			return err
		}
		if a.stopAfter > 0 && a.t.Chunks >= a.stopAfter {
			return nil // closing the body closes the connection, and the server stops
		}
	}
}

func (a *answer) event(e Event) error {
	var c chunk
	if err := json.Unmarshal(e.Data, &c); err != nil {
		return failure.New(failure.BadStream, "an event is not JSON of the API (%v): %s", err, excerpt(string(e.Data)))
	}
	if f := c.failed(); f != nil {
		return f
	}
	a.keep(&c)
	if c.output() {
		a.output(e.At)
	}
	return nil
}

// output notes an event with output that arrived at at.
func (a *answer) output(at time.Time) {
	a.dog.output()
	a.t.Chunks++
	if a.t.FirstToken.IsZero() {
		a.t.FirstToken = at
	} else {
		a.t.Gaps = append(a.t.Gaps, at.Sub(a.last))
	}
	a.last, a.t.LastToken = at, at
}

// keep takes over what the event says about the whole answer.
func (a *answer) keep(c *chunk) {
	if c.Model != "" {
		a.t.Model = c.Model
	}
	for _, ch := range c.Choices {
		if ch.Finish != "" {
			a.t.Finish = ch.Finish
		}
	}
	if c.Usage == nil {
		return
	}
	a.t.Prompt, a.t.Cached = c.Usage.Prompt, c.Usage.Details.Cached
	if c.Usage.Completion != nil {
		a.t.Output, a.t.Source = c.Usage.Completion, "usage"
	}
}

// whole reads an answer in one piece.
func (a *answer) whole(body io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(body, maxWhole))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	var c chunk
	if err := json.Unmarshal(raw, &c); err != nil {
		return failure.New(failure.BadStream, "the answer is not JSON of the API (%v): %s", err, excerpt(string(raw)))
	}
	if f := c.failed(); f != nil {
		return f
	}
	if c.Choices == nil {
		return failure.New(failure.BadStream, "the answer has no choices: %s", excerpt(string(raw)))
	}
	a.keep(&c)
	a.marked = true
	if c.output() {
		a.t.Chunks = 1
	}
	return a.complete()
}

// complete judges an answer whose body ended properly.
func (a *answer) complete() error {
	switch {
	case !a.marked && a.t.Finish == "":
		return failure.New(failure.StreamTruncated, "the stream ended after %d events with output, without finish_reason and [DONE]", a.t.Chunks)
	case a.t.Finish == "content_filter":
		return failure.New(failure.ContentFilter, "the answer ended with finish_reason content_filter")
	case a.t.Chunks == 0:
		return failure.New(failure.EmptyOutput, "the answer ended (finish_reason %q) without any output", a.t.Finish)
	}
	if a.t.Output == nil && a.t.Streamed {
		n := int64(a.t.Chunks)
		a.t.Output, a.t.Source = &n, "counted"
	}
	return nil
}

// watchdog ends a request that waits too long.
type watchdog struct {
	first  time.Duration
	stall  time.Duration
	total  *time.Timer
	output func() // some output arrived
	silent *time.Timer
}

func newWatchdog(cancel context.CancelCauseFunc, r Request) *watchdog {
	w := &watchdog{output: func() {}}
	if r.Timeouts.Request > 0 {
		w.total = time.AfterFunc(r.Timeouts.Request, func() { cancel(errTotal) })
	}
	if !r.Stream {
		return w
	}
	if r.Timeouts.FirstToken > 0 {
		w.first = r.Timeouts.FirstToken
		w.silent = time.AfterFunc(w.first, func() { cancel(errFirstToken) })
	}
	w.output = func() { w.heard(cancel, r.Timeouts.Stall) }
	return w
}

// sent starts the wait for the first output again: connecting has its own bound.
func (w *watchdog) sent() {
	if w.silent != nil {
		w.silent.Reset(w.first)
	}
}

// heard starts the wait for the next output; only the goroutine that reads the stream calls it.
func (w *watchdog) heard(cancel context.CancelCauseFunc, stall time.Duration) {
	switch {
	case w.stall > 0:
		w.silent.Reset(stall)
	default:
		if w.silent != nil {
			w.silent.Stop()
		}
		if stall > 0 {
			w.stall, w.silent = stall, time.AfterFunc(stall, func() { cancel(errStall) })
		}
	}
}

func (w *watchdog) stop() {
	if w.total != nil {
		w.total.Stop()
	}
	if w.silent != nil {
		w.silent.Stop()
	}
}
