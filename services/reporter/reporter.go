// Package reporter is the service that turns the raw data of a finished test into workbook and report, and
// tells other systems how every test ended.
package reporter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/reporter/internal/stage"
	"plimsoll.internal/services/reporter/internal/workbook"
)

// Config is what an operator chooses.
type Config struct {
	Slots      int           // reports written at once (default 2)
	TempDir    string        // folder workbooks are written to before they are stored (default DATA/reporter)
	RowLimit   int           // rows of one Requests sheet, header included (default 1048576, Excel's limit)
	RetryDelay time.Duration // before the first retry, doubled every time (default 1 s)
}

const (
	defaultSlots = 2
	maxSlots     = 32
	defaultDelay = time.Second
)

// LoadConfig reads PLIMSOLL_REPORTER_SLOTS, PLIMSOLL_REPORTER_TEMP, PLIMSOLL_REPORTER_ROWS and
// PLIMSOLL_REPORTER_RETRY_DELAY, and tells every fault at once.
func LoadConfig(env func(string) string) (Config, error) {
	c := Config{TempDir: env("PLIMSOLL_REPORTER_TEMP")}
	v := service.Variables{Env: env}
	v.Int("PLIMSOLL_REPORTER_SLOTS", &c.Slots, 1, maxSlots)
	v.Int("PLIMSOLL_REPORTER_ROWS", &c.RowLimit, 2, workbook.ExcelRows)
	v.Duration("PLIMSOLL_REPORTER_RETRY_DELAY", &c.RetryDelay)
	return c, v.Err(c.Validate())
}

// Validate tells every fault at once. Zero is the default of every field.
func (c Config) Validate() error {
	var faults []error
	if c.Slots < 0 || c.Slots > maxSlots {
		faults = append(faults, fmt.Errorf("slots: %d must be from 1 to %d", c.Slots, maxSlots))
	}
	if c.RowLimit < 0 || c.RowLimit == 1 || c.RowLimit > workbook.ExcelRows {
		faults = append(faults, fmt.Errorf("rows: %d must be from 2 to %d", c.RowLimit, workbook.ExcelRows))
	}
	if c.RetryDelay < 0 {
		faults = append(faults, fmt.Errorf("retry delay: %s must not be negative", c.RetryDelay))
	}
	return errors.Join(faults...)
}

func (c Config) withDefaults(data string) Config {
	if c.Slots == 0 {
		c.Slots = defaultSlots
	}
	if c.TempDir == "" {
		c.TempDir = filepath.Join(data, "reporter")
	}
	if c.RowLimit == 0 {
		c.RowLimit = workbook.ExcelRows
	}
	if c.RetryDelay == 0 {
		c.RetryDelay = defaultDelay
	}
	return c
}

// Run writes reports until ctx ends; then it finishes or hands back what is in hand.
func Run(ctx context.Context, d service.Deps, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	c = c.withDefaults(d.DataDir)
	if err := os.MkdirAll(c.TempDir, 0o700); err != nil {
		return fmt.Errorf("make the temporary folder of the reporter: %w", err)
	}
	s := &stage.Stage{
		Bus: d.Bus, Log: d.Log, Source: d.Instance,
		TempDir: c.TempDir, RowLimit: c.RowLimit, RetryDelay: c.RetryDelay,
	}
	if err := s.RemoveLeftOvers(); err != nil {
		return err
	}
	if err := d.Bus.Provision(ctx); err != nil {
		return fmt.Errorf("provision: %w", err)
	}
	d.Ready()
	return d.Bus.Work(ctx, bus.Worker{Durable: string(events.Reporter), Slots: c.Slots, Handle: s.Handle})
}
