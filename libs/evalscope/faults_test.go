package evalscope_test

import (
	"slices"
	"strings"
	"testing"

	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/events"
)

// What tells the faults apart.
const (
	roleEvent  = "only the role"
	underLoad  = "adds to TTFT under load"
	rank       = "one rank too high"
	errorEvent = "error event inside a 200"
	clumped    = "gap between events, not tokens"
	inOnePiece = "Without streaming"
	inverted   = "inverted"
	inClear    = "written in clear"
	notExact   = "not corrected"
	wallClock  = "until a result is processed"
	reasoning  = "Reasoning and tool-call"
	drained    = "Warm-up is drained"
	unknown    = "is unknown"
	newer      = "is newer than"
)

func TestKnownFaults(t *testing.T) {
	always := []string{underLoad, clumped, inOnePiece}
	tests := []struct {
		version string
		has     []string
		hasNot  []string
	}{
		{"1.14.1", nil, []string{roleEvent, rank, errorEvent, inverted, inClear, notExact, wallClock, reasoning, drained, unknown, newer}},
		{"1.14.0", nil, []string{errorEvent, newer}},
		{"1.13.0", []string{errorEvent}, []string{roleEvent, rank, reasoning}},
		{"1.11.1", []string{errorEvent, reasoning}, []string{roleEvent, rank, drained}},
		{"1.11.0", []string{roleEvent, rank, errorEvent, drained}, []string{reasoning, inClear}},
		{"1.10.0", []string{roleEvent, rank}, []string{inClear, inverted, notExact}},
		{"1.9.1", []string{roleEvent}, []string{inClear}},
		{"1.9.0", []string{roleEvent, inClear}, []string{notExact}},
		{"1.8.0", []string{notExact, inClear}, []string{inverted}},
		{"1.5.2", []string{notExact, inClear, roleEvent}, []string{inverted, wallClock}},
		{"1.4.2", []string{inverted, inClear}, []string{wallClock}},
		{"1.4.1", []string{inClear}, []string{inverted}},
		{"1.0.2", []string{wallClock, roleEvent, inClear}, []string{inverted}},
		{"1.15.0", []string{newer}, []string{roleEvent, unknown}},
		{"", []string{unknown}, []string{roleEvent, newer}},
		{"main", []string{unknown}, []string{roleEvent, newer}},
	}
	for _, tt := range tests {
		t.Run(tt.version, func(t *testing.T) {
			faults := evalscope.KnownFaults(tt.version)
			for _, want := range append(tt.has, always...) {
				if !named(faults, want) {
					t.Errorf("lacks %q", want)
				}
			}
			for _, not := range tt.hasNot {
				if named(faults, not) {
					t.Errorf("has %q", not)
				}
			}
		})
	}
}

func named(faults []events.KnownFault, part string) bool {
	return slices.ContainsFunc(faults, func(f events.KnownFault) bool { return strings.Contains(f.Text.EN, part) })
}

func TestFaultsCanBeRead(t *testing.T) {
	for _, version := range []string{"1.0.2", "1.4.2", "1.11.1", "1.14.1", "9.0.0", "?"} {
		for _, f := range evalscope.KnownFaults(version) {
			if f.Metric == "" || f.Text.EN == "" || f.Text.ZH == "" || !slices.Contains([]string{"info", "warn", "wrong"}, f.Severity) {
				t.Errorf("%s: %+v", version, f)
			}
		}
	}
}
