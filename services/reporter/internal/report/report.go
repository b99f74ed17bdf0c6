// Package report says what is known of one finished test: the content of report.json, and the levels and
// errors the workbook shows beside it. It does not know where files are kept or what a sheet looks like.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
)

// Schema names the published schema of report.json; api/schemas/report.v1.json describes it.
const Schema = "report.v1"

// Report is report.json. Figures carry their unit in their name; what is not known is null, never zero.
type Report struct {
	Schema      string             `json:"schema"`
	TestID      string             `json:"test_id"`
	Name        string             `json:"name"`
	Model       string             `json:"model"`
	Engine      string             `json:"engine"`
	RequestedAt time.Time          `json:"requested_at"`
	RequestedBy events.Actor       `json:"requested_by"`
	MeasuredAt  time.Time          `json:"measured_at"`
	Verdict     events.Verdict     `json:"verdict"`
	Reason      failure.Text       `json:"reason"`
	Generator   events.Generator   `json:"generator"`
	Environment events.Environment `json:"environment"`
	Spec        spec.Spec          `json:"spec"`
	Prompt      events.Prompt      `json:"prompt"`
	Warnings    []string           `json:"warnings"`
	Levels      []Loop             `json:"levels"` // one per level and loop, in the order of the plan

	Loops []events.LevelDone `json:"-"` // the same with raw data and load, for the workbook
}

// Loop is one loop of one level. Native are the generator's own figures, as in [events.LevelDone].
type Loop struct {
	metrics.Summary
	Native map[string]*float64 `json:"native,omitempty"`
}

// Summaries are the loops as we measured them.
func (r Report) Summaries() []metrics.Summary {
	out := make([]metrics.Summary, 0, len(r.Levels))
	for _, l := range r.Levels {
		out = append(out, l.Summary)
	}
	return out
}

// New folds the events of a measured test into its report. Verdict and reason come later, from Judge.
func New(history []events.Event, l events.Lifecycle) (Report, error) {
	if l.Measured == nil {
		return Report{}, fmt.Errorf("test %s is not measured yet", l.TestID)
	}
	r := Report{
		Schema: Schema, TestID: l.TestID, Name: l.Spec.Name, Model: l.Spec.Model, Engine: l.Spec.Engine,
		RequestedBy: l.By, Verdict: events.VerdictNone,
		Generator: l.Measured.Generator, Environment: l.Measured.Host, Spec: l.Spec,
		Warnings: []string{}, Levels: []Loop{}, Loops: l.Levels,
	}
	for _, e := range history {
		switch {
		case e.Kind == events.KindRequested:
			r.RequestedAt = e.Time.UTC()
		case e.Kind == events.KindMeasured && r.MeasuredAt.IsZero():
			r.MeasuredAt = e.Time.UTC()
		}
	}
	if p := l.Planned; p != nil {
		r.Spec, r.Prompt = p.Spec, p.Prompt
		r.Warnings = append(r.Warnings, p.Warnings...)
	}
	r.Spec.Target.URL = withoutUser(r.Spec.Target.URL)
	for _, done := range l.Levels {
		s := done.Summary
		if s.Errors == nil {
			s.Errors = map[string]int{}
		}
		r.Levels = append(r.Levels, Loop{s, done.Native})
	}
	return r, nil
}

// WriteJSON writes report.json.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write report of test %s: %w", r.TestID, err)
	}
	return nil
}

// withoutUser is an address without the name and password it may carry: reports are made to be passed on.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}
