// Package runner carries out planned tests: it claims one, has a generator make the load level by level
// and loop by loop, keeps the raw data and publishes what was measured. It decides nothing about the plan
// and writes no report.
package runner

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/openfiles"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/runner/internal/stage"
)

// Run carries out tests until ctx ends; what is in hand then is handed back to another runner.
func Run(ctx context.Context, d service.Deps, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	c = c.withDefaults(d.DataDir)
	if err := d.Bus.Provision(ctx); err != nil {
		return fmt.Errorf("provision the bus: %w", err)
	}
	if err := stage.Sweep(c.WorkDir); err != nil {
		return fmt.Errorf("prepare the work folder: %w", err)
	}
	if _, err := openfiles.Raise(); err != nil {
		d.Log.Warn("limit of open files stays low", "error", err)
	}
	s := &stage.Stage{
		Bus: d.Bus, Log: d.Log, Instance: d.Instance, WorkDir: c.WorkDir, Version: d.Version, Simulated: c.SimulatedURL,
		Credential: d.Credentials(c.Credentials),
		Generator:  stage.Evalscope{Python: c.EvalscopePython, Log: d.Log},
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.Bus.Announce(ctx, presenceKey(d.Instance), presence{c.Slots, s.Environment()}) })
	group.Go(func() error {
		d.Ready()
		return d.Bus.Work(ctx, bus.Worker{Durable: string(events.Runner), Slots: c.Slots, Handle: s.Handle})
	})
	return group.Wait()
}

// presence is what others see of a runner that is up.
type presence struct {
	Slots int                `json:"slots"`
	Host  events.Environment `json:"environment"`
}

// presenceKey turns runner/host-1 into runner.host-1.
func presenceKey(instance string) string {
	_, name, ok := strings.Cut(instance, "/")
	if !ok {
		name = instance
	}
	return "runner." + strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
}
