package spec

import "math"

// Plan is what will be done: every level, repeated Loops times.
type Plan struct {
	Levels []Level `json:"levels"`
	Loops  int     `json:"loops"`
}

// Level is one load: a concurrency (closed loop) or a rate (open loop).
type Level struct {
	Index       int      `json:"index"`                 // from 0
	Concurrency int      `json:"concurrency,omitempty"` // requests in flight
	Rate        float64  `json:"rate_per_s,omitempty"`  // requests per second
	Requests    int      `json:"requests,omitempty"`    // per loop; 0 when Duration decides
	Duration    Duration `json:"duration,omitempty"`    // per loop
	Warmup      int      `json:"warmup,omitempty"`      // requests before the first loop of this level
}

// Step is one process of load: one loop of one level.
type Step struct {
	Level Level
	Loop  int // from 0
}

// Plan works out what will be done, levels in the order they were written. It has no level while the
// concurrency is still to be found.
func (s Spec) Plan() Plan {
	s = s.WithDefaults()
	p := Plan{Loops: s.Loop, Levels: []Level{}}
	if s.Rate > 0 {
		p.Levels = append(p.Levels, s.level(0, 0))
		return p
	}
	for i, c := range s.Concurrency.Levels {
		p.Levels = append(p.Levels, s.level(i, c))
	}
	return p
}

// level sizes one level. A slot is one request in flight, or one arrival per second in open loop.
func (s Spec) level(index, concurrency int) Level {
	l := Level{Index: index, Concurrency: concurrency, Duration: s.Duration, Requests: s.Requests}
	slots := concurrency
	if concurrency == 0 {
		l.Rate = s.Rate
		slots = int(math.Ceil(s.Rate))
	}
	if l.Requests == 0 && l.Duration == 0 {
		l.Requests = RequestsPerSlot * slots
	}
	if s.Warmup.On {
		l.Warmup = or(s.Warmup.Requests, slots)
	}
	return l
}

// Steps lists every loop of every level in the order they run: loops inside levels.
func (p Plan) Steps() []Step {
	steps := make([]Step, 0, len(p.Levels)*p.Loops)
	for _, l := range p.Levels {
		for loop := range p.Loops {
			steps = append(steps, Step{Level: l, Loop: loop})
		}
	}
	return steps
}

// Requests is the number of measured requests, 0 when a duration decides.
func (p Plan) Requests() int {
	n := 0
	for _, l := range p.Levels {
		n += l.Requests * p.Loops
	}
	return n
}
