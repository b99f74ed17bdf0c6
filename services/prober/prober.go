// Package prober looks at the target of a requested test before any load is made: it runs the preflight,
// calibrates the prompts against the server's own token counts and publishes the plan, or the reason why
// the test cannot run. It makes no load.
package prober

import (
	"context"
	"fmt"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/prober/internal/preflight"
)

// Run takes requested tests until ctx ends.
func Run(ctx context.Context, d service.Deps, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	c = c.withDefaults(d.DataDir)
	if err := d.Bus.Provision(ctx); err != nil {
		return fmt.Errorf("provision the bus: %w", err)
	}
	p := prober{
		bus: d.Bus, log: d.Log, source: d.Instance, simulatedURL: c.SimulatedURL,
		machine: preflight.Machine{
			Python: c.EvalscopePython, DataDir: d.DataDir, Credential: d.Credentials(c.Credentials),
		},
	}
	d.Ready()
	return d.Bus.Work(ctx, bus.Worker{Durable: string(events.Prober), Slots: c.Slots, Handle: p.handle})
}

// busRetry is how soon a job comes back when the bus could not be used.
const busRetry = time.Second
