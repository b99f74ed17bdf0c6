package report

import "plimsoll.internal/libs/metrics"

// Level is one level with its loops merged.
type Level struct {
	Index       int // from 0
	Concurrency int // 0 in open loop
	Rate        float64
	Loops       int
	Requests    metrics.Requests
	DurationMs  *float64 // all loops together
	Throughput  metrics.Throughput
	TTFT        *metrics.Stats // ms; nil when no request has the figure
	TPOT        *metrics.Stats // ms
	E2E         *metrics.Stats // ms
	Incomplete  []string       // why, of every loop that is

	output, input sum
	unclocked     bool // a loop with successes and no known duration
}

// sum adds up a figure that is worth nothing once one part of it is unknown.
type sum struct {
	total int64
	hole  bool
}

func (s *sum) add(v *int64, ok int) {
	switch {
	case v != nil:
		s.total += *v
	case ok > 0: // nothing succeeded means nothing came, which is known
		s.hole = true
	}
}

func (l *Level) add(s metrics.Summary) {
	l.Loops++
	l.Requests.Asked += s.Requests.Asked
	l.Requests.Total += s.Requests.Total
	l.Requests.OK += s.Requests.OK
	l.Requests.Failed += s.Requests.Failed
	l.output.add(s.Tokens.Output, s.Requests.OK)
	l.input.add(s.Tokens.Input, s.Requests.OK)
	if s.Incomplete != "" {
		l.Incomplete = append(l.Incomplete, s.Incomplete)
	}
	switch {
	case s.DurationMs == nil && s.Requests.OK > 0:
		l.unclocked = true
	case s.DurationMs != nil:
		d := *s.DurationMs
		if l.DurationMs != nil {
			d += *l.DurationMs
		}
		l.DurationMs = &d
	}
}

// finish works out the throughput: what all loops did over the time all loops took.
func (l *Level) finish() {
	if l.unclocked || l.DurationMs == nil || *l.DurationMs <= 0 {
		return
	}
	perS := func(n int64) *float64 {
		v := float64(n) / (*l.DurationMs / 1000)
		return &v
	}
	l.Throughput.Requests = perS(int64(l.Requests.OK))
	if l.Requests.OK == 0 || l.output.hole {
		return
	}
	l.Throughput.Output = perS(l.output.total)
	if !l.input.hole {
		l.Throughput.Total = perS(l.input.total + l.output.total)
	}
}

// ErrorRate is failed requests over all requests, nil when there were none.
func (l Level) ErrorRate() *float64 { return ErrorRate(l.Requests) }

// ErrorRate is failed requests over all requests, nil when there were none.
func ErrorRate(r metrics.Requests) *float64 {
	if r.Total == 0 {
		return nil
	}
	v := float64(r.Failed) / float64(r.Total)
	return &v
}
