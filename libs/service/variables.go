package service

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Variables reads the environment into the fields of a configuration. A variable that is not set leaves its
// field alone; every fault is kept for [Variables.Err].
type Variables struct {
	Env    func(string) string
	faults []error
}

// Int reads a whole number from least to most.
func (v *Variables) Int(name string, into *int, least, most int) {
	read(v, name, into, func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err == nil && (n < least || n > most) {
			err = strconv.ErrRange
		}
		return n, err
	}, fmt.Sprintf("a whole number from %d to %d", least, most))
}

// Bool reads true or false.
func (v *Variables) Bool(name string, into *bool) {
	read(v, name, into, strconv.ParseBool, "true or false")
}

// Duration reads a span of time with its unit.
func (v *Variables) Duration(name string, into *time.Duration) {
	read(v, name, into, time.ParseDuration, "a duration with a unit, like 10s")
}

// Err joins every fault with those the configuration finds in itself.
func (v *Variables) Err(more error) error { return errors.Join(append(v.faults, more)...) }

func read[T any](v *Variables, name string, into *T, parse func(string) (T, error), form string) {
	text := v.Env(name)
	if text == "" {
		return
	}
	value, err := parse(text)
	if err != nil {
		v.faults = append(v.faults, fmt.Errorf("%s: %q must be %s", name, text, form))
		return
	}
	*into = value
}
