package show

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/api"
)

func TestFigure(t *testing.T) {
	tests := []struct {
		v    float64
		want string
	}{
		{0, "0"},
		{0.123456, "0.123"},
		{1.23456, "1.235"},
		{12.3456, "12.35"},
		{123.456, "123.5"},
		{999.96, "1,000"},
		{1234.5, "1,234"},
		{1234567, "1,234,567"},
		{-1234567, "-1,234,567"},
		{10, "10"},
		{100, "100"},
		{math.NaN(), "–"},
		{math.Inf(1), "–"},
	}
	for _, tt := range tests {
		if got := Figure(&tt.v); got != tt.want {
			t.Errorf("Figure(%v) = %s, want %s", tt.v, got, tt.want)
		}
	}
	if got := Figure(nil); got != "–" {
		t.Errorf("an unknown figure is %s, want –", got)
	}
}

func TestSpanAndSize(t *testing.T) {
	spans := map[time.Duration]string{
		0: "0ms", 812 * time.Millisecond: "812ms", 4200 * time.Millisecond: "4.2s", 185 * time.Second: "3m05s",
		130 * time.Minute: "2h10m", -time.Second: "-1.0s",
	}
	for d, want := range spans {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %s, want %s", d, got, want)
		}
	}
	sizes := map[int64]string{0: "0 B", 512: "512 B", 1536: "1.5 KiB", 5 << 30: "5 GiB"}
	for n, want := range sizes {
		if got := Size(n); got != want {
			t.Errorf("Size(%d) = %s, want %s", n, got, want)
		}
	}
}

// TestTableCountsWideCharacters aligns a column after Chinese text.
func TestTableCountsWideCharacters(t *testing.T) {
	table := Table{Columns: []Column{{Title: "模型"}, {Title: "N", Right: true}, {Title: ""}}}
	table.Add("通义千问", "5", "")
	table.Add("qwen", "1,000", "")
	table.Add("a\x1b[31mb\nc", "1", "")
	var b bytes.Buffer
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"模型          N",
		"通义千问      5",
		"qwen      1,000",
		"a[31mb c      1",
		"",
	}, "\n")
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func level(concurrency, ok, failed int, ttft *api.Stats, tps *float64) api.Level {
	l := api.Level{Concurrency: concurrency, TtftMs: ttft}
	l.Requests.Ok, l.Requests.Failed = ok, failed
	l.Throughput.OutputTokensPerS = tps
	return l
}

func TestLevelsShowWhatIsUnknown(t *testing.T) {
	tps := 1234.5
	var b bytes.Buffer
	err := Levels(&b, English, []api.Level{
		level(8, 200, 0, &api.Stats{P50: 51.2, P99: 80}, &tps), level(64, 0, 200, nil, nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if got := strings.Fields(lines[1]); cmp.Diff([]string{"8", "1", "200", "0", "51.2", "80", "–", "–", "–", "1,234"}, got) != "" {
		t.Errorf("line %q", lines[1])
	}
	if got := strings.Fields(lines[2]); cmp.Diff([]string{"64", "1", "0", "200", "–", "–", "–", "–", "–", "–"}, got) != "" {
		t.Errorf("line %q", lines[2])
	}
}

func TestEventsTellTheTimeBetween(t *testing.T) {
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	event := func(seq int64, after time.Duration, kind, data string) api.TestEvent {
		return api.TestEvent{Seq: seq, Time: start.Add(after), Kind: kind, State: "running", Source: "x/1", Data: json.RawMessage(data)}
	}
	var b bytes.Buffer
	err := Events(&b, English, []api.TestEvent{
		event(1, 0, "requested", `{"spec":{"model":"m","input_length":1,"output_length":1},"by":{"name":"captain"}}`),
		event(4, 1500*time.Millisecond, "claimed", `{"holder":"runner/1","attempt":2}`),
		event(5, 2*time.Second, "new_kind", `[]`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"captain", "+1.5s", "runner/1, attempt 2", "500ms", "new_kind"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}

func TestProgressOutsideOfATerminal(t *testing.T) {
	var b bytes.Buffer
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	p := &Progress{Out: &b, Lang: English, Now: func() time.Time { return now }}
	p.State("running")
	p.State("running")
	for second := range 25 {
		p.Update(api.Progress{Phase: "measure", Done: second, Total: 25, Percent: float64(4 * second), ElapsedMs: float64(1000 * second)})
		now = now.Add(time.Second)
	}
	p.Clear()
	want := "running\n" +
		"  0%  measuring  level 1 loop 1  0/25  0ms\n" +
		" 40%  measuring  level 1 loop 1  10/25  10.0s  left about 15.0s\n" +
		" 80%  measuring  level 1 loop 1  20/25  20.0s  left about 5.0s\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestProgressBarFitsTheTerminal(t *testing.T) {
	var b bytes.Buffer
	p := &Progress{Out: &b, Lang: Chinese, Terminal: true, Width: 40}
	p.Update(api.Progress{Phase: "measure", Done: 3, Total: 8, Percent: 150, ElapsedMs: 2000})
	text := strings.TrimPrefix(b.String(), "\r\x1b[K")
	if Width(text) > 39 || !strings.HasPrefix(text, strings.Repeat("█", 24)) {
		t.Errorf("bar %q takes %d places", text, Width(text))
	}
	b.Reset()
	p.Clear()
	p.Clear()
	if b.String() != "\r\x1b[K" {
		t.Errorf("Clear writes %q", b.String())
	}
}

func TestLangOf(t *testing.T) {
	tests := []struct {
		env  map[string]string
		want Lang
	}{
		{nil, English},
		{map[string]string{"LANG": "zh_CN.UTF-8"}, Chinese},
		{map[string]string{"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, English},
		{map[string]string{"LANG": "C", "LC_ALL": "zh_TW"}, Chinese},
	}
	for _, tt := range tests {
		if got := LangOf(func(k string) string { return tt.env[k] }); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.env, got, tt.want)
		}
	}
}

func TestResultSaysVerdictFirst(t *testing.T) {
	reason := api.Text{En: "p99(ttft) was 612 ms", Zh: "p99(ttft) 为 612 ms"}
	var b bytes.Buffer
	err := Result(&b, English, api.Test{
		Id: "id", Name: "nightly", State: "succeeded", Verdict: "fail", Reason: &reason,
		Failure: &api.Failure{Title: api.Text{En: "x"}}, Warnings: []string{"one"},
		Artifacts: []api.Artifact{{Name: "result.xlsx", SizeBytes: 2048, Digest: "sha256:ab"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(b.String(), "\n"); first != "Verdict   fail (succeeded): p99(ttft) was 612 ms" {
		t.Errorf("first line %q", first)
	}
	for _, want := range []string{"id · nightly", "warning: one", "result.xlsx", "2 KiB"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}
