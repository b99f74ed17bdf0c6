package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/reporter/internal/report"
)

const testID = "01938a2b-0000-7000-8000-000000000001"

func p[T any](v T) *T { return &v }

func TestNewFoldsTheHistory(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 15, 0, 0, time.UTC)
	asked := spec.Spec{Model: "m", Engine: "vllm", Target: spec.Target{URL: "http://ada:secret@10.0.0.5:8000/v1"}}
	var history []events.Event
	add := func(k events.Kind, after time.Duration, payload any) {
		e, err := events.New(testID, k, "", "test", payload)
		if err != nil {
			t.Fatal(err)
		}
		e.Seq, e.Time = uint64(len(history)+1), at.Add(after)
		history = append(history, e)
	}
	add(events.KindRequested, 0, events.Requested{Spec: asked, By: events.Actor{UserID: "u", Name: "ada"}})
	add(events.KindPlanned, time.Second, events.Planned{Spec: asked, Prompt: events.Prompt{Seed: 9}, Warnings: []string{"short"}})
	add(events.KindLevelDone, 2*time.Second, events.LevelDone{Summary: metrics.Summary{Concurrency: 4}})
	add(events.KindMeasured, time.Minute, events.Measured{Loops: 1})
	l, err := events.Fold(history)
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.New(history, l)
	if err != nil {
		t.Fatal(err)
	}
	if !r.RequestedAt.Equal(at) || !r.MeasuredAt.Equal(at.Add(time.Minute)) || r.Prompt.Seed != 9 || r.RequestedBy.Name != "ada" {
		t.Errorf("report %+v", r)
	}
	if diff := cmp.Diff([]string{"short"}, r.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	var out bytes.Buffer
	if err := r.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "secret") || !strings.Contains(out.String(), "http://10.0.0.5:8000/v1") {
		t.Errorf("the address is not without its password:\n%s", out.String())
	}
	var document map[string]any
	if err := json.Unmarshal(out.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	if level := document["levels"].([]any)[0].(map[string]any); level["ttft_ms"] != nil || level["errors"] == nil {
		t.Errorf("level %v: an absent figure is null, absent errors are {}", level)
	}
}

func TestNewNeedsAMeasuredTest(t *testing.T) {
	if _, err := report.New(nil, events.Lifecycle{TestID: testID}); err == nil {
		t.Error("a test that was not measured has a report")
	}
}

// loop is one loop of level 0 with figures that add up.
func loop(ok, failed int, durationMs *float64, in, out *int64) metrics.Summary {
	return metrics.Summary{
		Concurrency: 8, DurationMs: durationMs, Requests: metrics.Requests{Asked: ok + failed, Total: ok + failed, OK: ok, Failed: failed},
		Tokens: metrics.Tokens{Input: in, Output: out},
	}
}

func TestLoopsAreMerged(t *testing.T) {
	second := p(1000.0)
	tests := []struct {
		name  string
		loops []metrics.Summary
		want  metrics.Throughput
	}{
		{
			"sums over the whole time",
			[]metrics.Summary{loop(10, 0, second, p(int64(100)), p(int64(50))), loop(20, 0, p(3000.0), p(int64(200)), p(int64(100)))},
			metrics.Throughput{Requests: p(7.5), Output: p(37.5), Total: p(112.5)},
		},
		{
			"a loop without successes only costs time",
			[]metrics.Summary{loop(10, 0, second, p(int64(100)), p(int64(50))), loop(0, 5, second, nil, nil)},
			metrics.Throughput{Requests: p(5.0), Output: p(25.0), Total: p(75.0)},
		},
		{
			"tokens of one loop unknown",
			[]metrics.Summary{loop(10, 0, second, p(int64(100)), p(int64(50))), loop(10, 0, second, nil, nil)},
			metrics.Throughput{Requests: p(10.0)},
		},
		{
			"input unknown",
			[]metrics.Summary{loop(10, 0, second, nil, p(int64(50)))},
			metrics.Throughput{Requests: p(10.0), Output: p(50.0)},
		},
		{"time unknown", []metrics.Summary{loop(10, 0, nil, p(int64(1)), p(int64(1))), loop(10, 0, second, p(int64(1)), p(int64(1)))}, metrics.Throughput{}},
		{"nothing succeeded", []metrics.Summary{loop(0, 5, second, nil, nil)}, metrics.Throughput{Requests: p(0.0)}},
		{"no time at all", []metrics.Summary{loop(1, 0, p(0.0), p(int64(1)), p(int64(1)))}, metrics.Throughput{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			levels := report.NewTally().Levels(tt.loops)
			if len(levels) != 1 || levels[0].Loops != len(tt.loops) {
				t.Fatalf("levels %+v, want one with every loop", levels)
			}
			if diff := cmp.Diff(tt.want, levels[0].Throughput); diff != "" {
				t.Errorf("throughput (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPercentilesAreNotAveraged: the loops' requests are pooled.
func TestPercentilesAreNotAveraged(t *testing.T) {
	tally := report.NewTally()
	for i := range int64(100) { // one loop has 1…99 ms, the other one request of 1000 ms
		ns := (i + 1) * 1_000_000
		if i == 99 {
			ns = 1_000_000_000
		}
		tally.Add(0, metrics.Sample{OK: true, TTFTNs: &ns})
	}
	tally.Add(0, metrics.Sample{TTFTNs: p(int64(5e12)), Class: "stall_timeout", Error: "stalled"})
	levels := tally.Levels([]metrics.Summary{loop(99, 0, nil, nil, nil), loop(1, 1, nil, nil, nil)})
	got := levels[0].TTFT
	if got.Count != 100 || got.P50 != 50 || got.P99 != 99 || got.Max != 1000 {
		t.Errorf("ttft %+v, want 100 values, p50 50, p99 99, max 1000", got)
	}
	if levels[0].TPOT != nil || levels[0].E2E != nil {
		t.Error("figures nobody measured are not nil")
	}
}

func TestLevelsAreOrderedByLoad(t *testing.T) {
	var got []int
	for _, l := range report.NewTally().Levels([]metrics.Summary{{Level: 0, Concurrency: 64}, {Level: 1, Concurrency: 1}, {Level: 2, Concurrency: 8}}) {
		got = append(got, l.Concurrency)
	}
	if diff := cmp.Diff([]int{1, 8, 64}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	tally := report.NewTally()
	tally.Add(0, metrics.Sample{OK: true})
	for _, s := range []metrics.Sample{
		{Class: "rate_limited"}, {Class: "rate_limited", Error: "slow down"}, {Class: "auth", Error: "no"}, {Class: "of tomorrow", Error: "?"},
	} {
		tally.Add(0, s)
	}
	want := []report.ErrorLine{
		{Class: failure.RateLimited, Count: 2, Share: 0.4, Sample: "slow down"},
		{Class: failure.Auth, Count: 1, Share: 0.2, Sample: "no"},
		{Class: failure.Unknown, Count: 1, Share: 0.2, Sample: "?"},
	}
	if diff := cmp.Diff(want, tally.Errors()); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestReason(t *testing.T) {
	fast := report.Level{Concurrency: 64, Requests: metrics.Requests{Total: 10, OK: 9, Failed: 1}, Throughput: metrics.Throughput{Output: p(3870.04)}, TTFT: &metrics.Stats{P99: 412.3}}
	slow := report.Level{Concurrency: 1, Requests: metrics.Requests{Total: 10, OK: 10}, Throughput: metrics.Throughput{Output: p(60.0)}}
	tests := []struct {
		name   string
		levels []report.Level
		want   string
	}{
		{"the best level", []report.Level{slow, fast}, "Best output 3870.0 tok/s at concurrency 64, p99 TTFT 412.3 ms there; 1 of 20 requests failed."},
		{"open loop, not streamed", []report.Level{{Rate: 12.5, Requests: metrics.Requests{Total: 4}, Throughput: metrics.Throughput{Output: p(9.0)}}}, "Best output 9.0 tok/s at 12.5 requests/s; 0 of 4 requests failed."},
		{"tokens unknown", []report.Level{{Requests: metrics.Requests{Total: 4, OK: 4}}}, "Token throughput is not known; 0 of 4 requests failed."},
		{"all failed", []report.Level{{Requests: metrics.Requests{Total: 4, Failed: 4}}}, "No request succeeded: all 4 failed."},
		{"nothing", nil, "No request was recorded."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var r report.Report
			report.Judge(&r, tt.levels)
			if r.Reason.EN != tt.want || r.Reason.ZH == "" || r.Verdict != events.VerdictNone {
				t.Errorf("%s %q, want none %q", r.Verdict, r.Reason, tt.want)
			}
		})
	}
}
