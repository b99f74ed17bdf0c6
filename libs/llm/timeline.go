package llm

import (
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
)

// Timeline is what happened to one request. Instants keep their monotonic reading; the zero time means
// "did not happen".
type Timeline struct {
	Start      time.Time // Do was called
	Sent       time.Time // connection in hand, just before the request was written
	FirstByte  time.Time // headers read
	FirstToken time.Time // first non-empty content, reasoning, tool call or text; zero when not streamed
	LastToken  time.Time
	End        time.Time       // last byte, or the failure
	Gaps       []time.Duration // between successive events with output
	Chunks     int             // events with output

	Reused   bool // the connection had carried a request before
	Resent   bool // a reused connection died before a byte came back and the request went out again
	Streamed bool // the answer was an event stream

	Status     int           // HTTP status, 0 when none came
	RetryAfter time.Duration // of a 429 or 503, 0 when absent
	Date       time.Time     // Date header, zero when absent
	RequestID  string        // x-request-id header
	Model      string        // named in the answer
	Finish     string        // finish_reason

	Prompt  *int64 // tokens, nil when the server does not say
	Output  *int64
	Cached  *int64 // prompt tokens served from a cache
	Source  string // of Output: usage | counted | unknown
	Failure *failure.Failure
}

// OK reports that the answer came whole.
func (t *Timeline) OK() bool { return t.Failure == nil }

// TTFT is first token − sent, 0 when there was no token.
func (t *Timeline) TTFT() time.Duration {
	if t.FirstToken.IsZero() {
		return 0
	}
	return t.FirstToken.Sub(t.Sent)
}

// Sample is the record of this request; origin is the start of its level and loop.
func (t *Timeline) Sample(index int, origin time.Time) metrics.Sample {
	s := metrics.Sample{
		Index: index, Streamed: t.Streamed, OK: t.OK(), Status: t.Status, RequestID: t.RequestID,
		InputTok: t.Prompt, OutputTok: t.Output,
	}
	sent := t.Sent
	if sent.IsZero() {
		sent = t.Start
	}
	s.StartNs = sent.Sub(origin).Nanoseconds()
	e2e := t.End.Sub(sent).Nanoseconds()
	s.E2ENs = &e2e
	if !t.FirstToken.IsZero() {
		ttft := t.FirstToken.Sub(sent).Nanoseconds()
		s.TTFTNs = &ttft
		if t.Output != nil {
			s.TPOTNs = metrics.TPOTNs(ttft, e2e, *t.Output)
		}
	}
	for _, g := range t.Gaps {
		s.ITLNs = append(s.ITLNs, g.Nanoseconds())
	}
	if t.Failure != nil {
		s.Class, s.Error = string(t.Failure.Class), t.Failure.Message
	}
	return s
}
