package stage

import (
	"context"
	"errors"
	"log/slog"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/spec"
)

// Evalscope is the generator `evalscope perf`, one process per loop of a level.
type Evalscope struct {
	Python string // interpreter of its environment
	Log    *slog.Logger
}

// Describe asks the installation.
func (e Evalscope) Describe(ctx context.Context) (events.Generator, error) {
	status, err := evalscope.Check(ctx, e.Python)
	if err != nil {
		return events.Generator{}, err
	}
	return events.Generator{
		Name: string(spec.GeneratorEvalscope), Version: status.Evalscope, Faults: evalscope.KnownFaults(status.Evalscope),
	}, nil
}

// Run drives one process.
func (e Evalscope) Run(ctx context.Context, l Load) (Outcome, error) {
	d := evalscope.Driver{Python: e.Python, WorkDir: l.WorkDir, Log: e.Log, AtOnce: lost}
	r, err := d.Run(ctx, evalscope.Job{
		Spec: l.Spec, APIKey: l.Key, Bodies: l.Bodies, Concurrency: l.Concurrency, Rate: l.Rate,
		Requests: l.Requests, Duration: l.Duration, Warmup: l.Warmup, OnProgress: l.Progress,
	})
	if err != nil && r.Log != "" {
		e.Log.Warn("evalscope said", "error", err, "tail", r.Log)
	}
	return Outcome{Samples: r.Samples, Native: r.Native, Incomplete: r.Incomplete}, err
}

// lost tells that another runner may start its load any moment.
func lost(cause error) bool {
	return errors.Is(cause, bus.ErrFenced) || errors.Is(cause, bus.ErrUnconfirmed)
}
