package stage

import (
	"context"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
)

// Generator makes load.
type Generator interface {
	// Describe says which one it is, its version, and what is known to be wrong with it.
	Describe(ctx context.Context) (events.Generator, error)
	// Run makes the load of one loop of one level. It returns only when nothing of it runs any more, also
	// when ctx ends. Every error is a *failure.Failure; that of a run ended by ctx has class cancelled and
	// says how it is known that nothing runs.
	Run(ctx context.Context, l Load) (Outcome, error)
}

// Load is what one loop of one level asks for.
type Load struct {
	Spec        spec.Spec // complete
	Key         string    // API key, empty for none
	Bodies      string    // file of request bodies, one a line; Warmup of them come first
	WorkDir     string    // for files that need not stay
	Concurrency int       // requests in flight, 0 in open loop
	Rate        float64   // requests per second, 0 in closed loop
	Requests    int       // measured ones; 0 when Duration decides
	Duration    time.Duration
	Warmup      int                   // requests before the measured ones
	Progress    func(done, total int) // of the measured requests
}

// Outcome is what one loop of one level gave.
type Outcome struct {
	Samples    []metrics.Sample
	Native     map[string]*float64 // its own figures, where it computes some: see events.LevelDone
	Incomplete string              // why fewer requests than asked are there; empty when all are
}
