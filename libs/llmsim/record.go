package llmsim

import (
	"sync"
	"time"
)

// Outcome is how a request ended, seen from the server.
type Outcome string

// The outcomes.
const (
	OutcomeOK        Outcome = "ok"        // whole answer sent
	OutcomeRefused   Outcome = "refused"   // answered with an error status on purpose or for a bad request
	OutcomeBroken    Outcome = "broken"    // a fault broke the answer
	OutcomeAbandoned Outcome = "abandoned" // the client went away
)

// Record is the truth about one request. Durations count from Arrival.
type Record struct {
	Index        int       // order of arrival, from 0
	Path         string    // of the URL
	Arrival      time.Time // handler entered, headers read; keeps its monotonic reading
	Model        string
	Stream       bool
	PromptTokens int
	OutputTokens int             // promised, not necessarily sent
	Tokens       []time.Duration // when each token was written, just before the system call
	End          time.Duration
	Status       int
	Fault        Fault // met on purpose, empty for none
	Outcome      Outcome
	UserAgent    string
}

// Totals are counters since the start; they are never dropped.
type Totals struct {
	Requests int // that asked for an answer
	InFlight int // now
	Peak     int // most in flight at one time
	Tokens   int // written
}

// journal keeps the newest records.
type journal struct {
	mu     sync.Mutex
	keep   int
	done   []Record // ring once full
	next   int
	totals Totals
}

func (j *journal) begin() (index int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	index = j.totals.Requests
	j.totals.Requests++
	j.totals.InFlight++
	j.totals.Peak = max(j.totals.Peak, j.totals.InFlight)
	return index
}

func (j *journal) end(r Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.totals.InFlight--
	j.totals.Tokens += len(r.Tokens)
	if len(j.done) < j.keep {
		j.done = append(j.done, r)
		return
	}
	j.done[j.next] = r
	j.next = (j.next + 1) % j.keep
}

// Records are the finished requests in the order they ended, oldest first, at most Profile.Keep.
func (s *Server) Records() []Record {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	out := make([]Record, 0, len(s.log.done))
	out = append(out, s.log.done[s.log.next:]...)
	return append(out, s.log.done[:s.log.next]...)
}

// Totals counts everything since the start.
func (s *Server) Totals() Totals {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.totals
}
