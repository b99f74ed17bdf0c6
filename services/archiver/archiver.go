// Package archiver is the service that moves reports into the archive, brings them back, and takes tests
// away for good.
package archiver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/archiver/internal/stage"
)

// Config is what an operator chooses.
type Config struct {
	Slots      int           // tests moved at once (default 2)
	RetryDelay time.Duration // before the first retry, doubled every time (default 1 s)
}

const (
	defaultSlots = 2
	maxSlots     = 32
	defaultDelay = time.Second
	sweepEvery   = 24 * time.Hour
	sweepAge     = 24 * time.Hour // twice as long as an upload may take
)

// LoadConfig reads PLIMSOLL_ARCHIVER_SLOTS and PLIMSOLL_ARCHIVER_RETRY_DELAY, and tells every fault at once.
func LoadConfig(env func(string) string) (Config, error) {
	var c Config
	v := service.Variables{Env: env}
	v.Int("PLIMSOLL_ARCHIVER_SLOTS", &c.Slots, 1, maxSlots)
	v.Duration("PLIMSOLL_ARCHIVER_RETRY_DELAY", &c.RetryDelay)
	return c, v.Err(c.Validate())
}

// Validate tells every fault at once. Zero is the default of every field.
func (c Config) Validate() error {
	var faults []error
	if c.Slots < 0 || c.Slots > maxSlots {
		faults = append(faults, fmt.Errorf("slots: %d must be from 1 to %d", c.Slots, maxSlots))
	}
	if c.RetryDelay < 0 {
		faults = append(faults, fmt.Errorf("retry delay: %s must not be negative", c.RetryDelay))
	}
	return errors.Join(faults...)
}

func (c Config) withDefaults() Config {
	if c.Slots == 0 {
		c.Slots = defaultSlots
	}
	if c.RetryDelay == 0 {
		c.RetryDelay = defaultDelay
	}
	return c
}

// Run grants wishes until ctx ends; then it finishes or hands back what is in hand. At its start and once a
// day it removes what interrupted uploads left behind.
func Run(ctx context.Context, d service.Deps, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	c = c.withDefaults()
	if err := d.Bus.Provision(ctx); err != nil {
		return fmt.Errorf("provision: %w", err)
	}
	s := &stage.Stage{Bus: d.Bus, Log: d.Log, Source: d.Instance, RetryDelay: c.RetryDelay}
	var sweeper sync.WaitGroup
	ctx, stop := context.WithCancel(ctx)
	sweeper.Go(func() {
		stage.Sweeper{Bus: d.Bus, Log: d.Log, Every: sweepEvery, Age: sweepAge}.Run(ctx)
	})
	defer sweeper.Wait()
	defer stop()
	d.Ready()
	return d.Bus.Work(ctx, bus.Worker{Durable: string(events.Archiver), Slots: c.Slots, Handle: s.Handle})
}
