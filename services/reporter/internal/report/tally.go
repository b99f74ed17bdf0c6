package report

import (
	"cmp"
	"slices"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
)

const nsPerMs = 1e6

// Tally gathers what the loops of a level have in common while the raw requests go by once. It keeps
// three figures of every successful request, 24 bytes each; the gaps between tokens stay per loop.
type Tally struct {
	levels map[int]*figures
	errors map[failure.Class]*ErrorLine
	total  int
}

type figures struct{ ttft, tpot, e2e []float64 }

// ErrorLine is one class of failure over the whole test.
type ErrorLine struct {
	Class  failure.Class
	Count  int     // requests
	Share  float64 // of all requests, 0–1
	Sample string  // the first message seen
}

// NewTally starts empty.
func NewTally() *Tally {
	return &Tally{levels: map[int]*figures{}, errors: map[failure.Class]*ErrorLine{}}
}

// Add counts one request of a level. Only successful requests enter the distributions.
func (t *Tally) Add(level int, s metrics.Sample) {
	t.total++
	if !s.OK {
		t.addError(s)
		return
	}
	f := t.levels[level]
	if f == nil {
		f = &figures{}
		t.levels[level] = f
	}
	f.ttft = appendMs(f.ttft, s.TTFTNs)
	f.tpot = appendMs(f.tpot, s.TPOTNs)
	f.e2e = appendMs(f.e2e, s.E2ENs)
}

func (t *Tally) addError(s metrics.Sample) {
	class := failure.Class(s.Class)
	if !class.Known() {
		class = failure.Unknown
	}
	line := t.errors[class]
	if line == nil {
		line = &ErrorLine{Class: class}
		t.errors[class] = line
	}
	line.Count++
	if line.Sample == "" {
		line.Sample = s.Error
	}
}

func appendMs(values []float64, ns *int64) []float64 {
	if ns == nil {
		return values
	}
	return append(values, float64(*ns)/nsPerMs)
}

// Errors lists the classes, the most frequent first.
func (t *Tally) Errors() []ErrorLine {
	lines := make([]ErrorLine, 0, len(t.errors))
	for _, e := range t.errors {
		line := *e
		line.Share = float64(e.Count) / float64(t.total)
		lines = append(lines, line)
	}
	slices.SortFunc(lines, func(a, b ErrorLine) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Class, b.Class))
	})
	return lines
}

// Levels merges the loops of every level, ordered by load. Percentiles are taken over the requests of all
// loops together, never averaged.
func (t *Tally) Levels(loops []metrics.Summary) []Level {
	byLevel := map[int]*Level{}
	var out []*Level
	for _, s := range loops {
		l := byLevel[s.Level]
		if l == nil {
			l = &Level{Index: s.Level, Concurrency: s.Concurrency, Rate: s.Rate}
			byLevel[s.Level] = l
			out = append(out, l)
		}
		l.add(s)
	}
	levels := make([]Level, 0, len(out))
	for _, l := range out {
		l.finish()
		if f := t.levels[l.Index]; f != nil {
			l.TTFT, l.TPOT, l.E2E = metrics.StatsOf(f.ttft), metrics.StatsOf(f.tpot), metrics.StatsOf(f.e2e)
		}
		levels = append(levels, *l)
	}
	slices.SortStableFunc(levels, func(a, b Level) int {
		return cmp.Or(cmp.Compare(a.Concurrency, b.Concurrency), cmp.Compare(a.Rate, b.Rate), cmp.Compare(a.Index, b.Index))
	})
	return levels
}
