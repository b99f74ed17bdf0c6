package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Length is a number of tokens: one figure or a closed range drawn uniformly per request.
type Length struct {
	Min int
	Max int
}

// Fixed reports whether every request has the same length.
func (l Length) Fixed() bool { return l.Min == l.Max }

// UnmarshalJSON accepts 128 or {"min": 64, "max": 128}.
func (l *Length) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &l.Min); err == nil {
		l.Max = l.Min
		return nil
	}
	var r struct {
		Min *int `json:"min"`
		Max *int `json:"max"`
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil || r.Min == nil || r.Max == nil {
		return errors.New("must be a whole number of tokens or {min, max}")
	}
	l.Min, l.Max = *r.Min, *r.Max
	return nil
}

// MarshalJSON writes the shortest spelling.
func (l Length) MarshalJSON() ([]byte, error) {
	if l.Fixed() {
		return json.Marshal(l.Min)
	}
	return json.Marshal(map[string]int{"min": l.Min, "max": l.Max})
}

// Concurrency is the list of levels of a closed loop, or Auto.
type Concurrency struct {
	Auto   bool
	Levels []int
}

// IsZero reports that nothing was asked.
func (c Concurrency) IsZero() bool { return !c.Auto && len(c.Levels) == 0 }

// UnmarshalJSON accepts 8, [1, 8, 64] or "auto".
func (c *Concurrency) UnmarshalJSON(b []byte) error {
	var n int
	if json.Unmarshal(b, &n) == nil {
		*c = Concurrency{Levels: []int{n}}
		return nil
	}
	var list []int
	if json.Unmarshal(b, &list) == nil {
		*c = Concurrency{Levels: list}
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil && s == "auto" {
		*c = Concurrency{Auto: true}
		return nil
	}
	return errors.New(`must be a whole number, a list of whole numbers, or "auto"`)
}

// MarshalJSON writes "auto" or the list.
func (c Concurrency) MarshalJSON() ([]byte, error) {
	if c.Auto {
		return json.Marshal("auto")
	}
	return json.Marshal(c.Levels)
}

// Warmup is what is sent before measuring.
type Warmup struct {
	On       bool
	Requests int // 0 with On: as many as the level's concurrency
}

// IsZero reports that no warm-up is wanted.
func (w Warmup) IsZero() bool { return !w.On }

// UnmarshalJSON accepts true, false or {"requests": 10}.
func (w *Warmup) UnmarshalJSON(b []byte) error {
	var on bool
	if json.Unmarshal(b, &on) == nil {
		*w = Warmup{On: on}
		return nil
	}
	var r struct {
		Requests *int `json:"requests"`
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil || r.Requests == nil {
		return errors.New("must be true, false or {requests}")
	}
	*w = Warmup{On: *r.Requests > 0, Requests: *r.Requests}
	return nil
}

// MarshalJSON writes the shortest spelling.
func (w Warmup) MarshalJSON() ([]byte, error) {
	if w.On && w.Requests > 0 {
		return json.Marshal(map[string]int{"requests": w.Requests})
	}
	return json.Marshal(w.On)
}

// Duration is a span of time written with its unit, like "60s".
type Duration time.Duration

// UnmarshalJSON accepts a string time.ParseDuration understands.
func (d *Duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return errors.New(`must be text with a unit, like "60s"`)
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf(`%q must be a duration with a unit, like "60s"`, s)
	}
	*d = Duration(v)
	return nil
}

// MarshalJSON writes the unit.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }
