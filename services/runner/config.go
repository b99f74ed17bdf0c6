package runner

import (
	"fmt"
	"path/filepath"

	"plimsoll.internal/libs/service"
)

// Config is what an operator chooses.
type Config struct {
	Slots           int    // tests at once (default 1)
	SimulatedURL    string // base URL of the simulated target (default the address it had when the test was planned)
	EvalscopePython string // interpreter of the evalscope environment (default python3)
	WorkDir         string // folder for files that live as long as a test (default DATA/work)
	Credentials     string // folder with one file per credential (default DATA/credentials)
}

const maxSlots = 64

// LoadConfig reads PLIMSOLL_RUNNER_SLOTS, PLIMSOLL_SIMULATED_URL, PLIMSOLL_EVALSCOPE_PYTHON, PLIMSOLL_WORK
// and PLIMSOLL_CREDENTIALS, and tells every fault at once.
func LoadConfig(env func(string) string) (Config, error) {
	c := Config{
		Slots: 1, SimulatedURL: env("PLIMSOLL_SIMULATED_URL"), EvalscopePython: env("PLIMSOLL_EVALSCOPE_PYTHON"),
		WorkDir: env("PLIMSOLL_WORK"), Credentials: env("PLIMSOLL_CREDENTIALS"),
	}
	v := service.Variables{Env: env}
	v.Int("PLIMSOLL_RUNNER_SLOTS", &c.Slots, 1, maxSlots)
	return c, v.Err(c.Validate())
}

// Validate tells every fault at once.
func (c Config) Validate() error {
	if c.Slots < 0 || c.Slots > maxSlots {
		return fmt.Errorf("runner slots: %d must be from 1 to %d", c.Slots, maxSlots)
	}
	return nil
}

// withDefaults fills in what was left open; data is the folder of this process.
func (c Config) withDefaults(data string) Config {
	if c.Slots == 0 {
		c.Slots = 1
	}
	if c.EvalscopePython == "" {
		c.EvalscopePython = "python3"
	}
	if c.WorkDir == "" {
		c.WorkDir = filepath.Join(data, "work")
	}
	if c.Credentials == "" {
		c.Credentials = filepath.Join(data, "credentials")
	}
	return c
}
