package prober

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"plimsoll.internal/libs/service"
)

// Config is what an operator chooses.
type Config struct {
	Slots           int    // targets looked at at once (default 4)
	SimulatedURL    string // base URL of the simulated target for mode simulated; empty: that mode is refused
	EvalscopePython string // interpreter of the evalscope environment (default python3)
	Credentials     string // folder with one file per credential (default DATA/credentials)
}

const (
	defaultSlots = 4
	maxSlots     = 64
)

// LoadConfig reads PLIMSOLL_PROBER_SLOTS, PLIMSOLL_SIMULATED_URL, PLIMSOLL_EVALSCOPE_PYTHON and
// PLIMSOLL_CREDENTIALS, and tells every fault at once.
func LoadConfig(env func(string) string) (Config, error) {
	c := Config{
		Slots: defaultSlots, SimulatedURL: env("PLIMSOLL_SIMULATED_URL"),
		EvalscopePython: env("PLIMSOLL_EVALSCOPE_PYTHON"), Credentials: env("PLIMSOLL_CREDENTIALS"),
	}
	v := service.Variables{Env: env}
	v.Int("PLIMSOLL_PROBER_SLOTS", &c.Slots, 1, maxSlots)
	return c, v.Err(c.Validate())
}

// Validate tells every fault at once.
func (c Config) Validate() error {
	var faults []error
	if c.Slots < 0 || c.Slots > maxSlots {
		faults = append(faults, fmt.Errorf("slots: %d must be from 1 to %d", c.Slots, maxSlots))
	}
	if c.SimulatedURL != "" {
		u, err := url.Parse(c.SimulatedURL)
		if err != nil || u.Host == "" {
			faults = append(faults, fmt.Errorf("simulated URL: %q must be a URL like http://127.0.0.1:8089/v1", c.SimulatedURL))
		}
	}
	return errors.Join(faults...)
}

// withDefaults fills in what was left open; data is the folder of this process.
func (c Config) withDefaults(data string) Config {
	if c.Slots == 0 {
		c.Slots = defaultSlots
	}
	if c.EvalscopePython == "" {
		c.EvalscopePython = "python3"
	}
	if c.Credentials == "" {
		c.Credentials = filepath.Join(data, "credentials")
	}
	return c
}
