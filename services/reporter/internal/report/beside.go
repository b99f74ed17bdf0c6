package report

import (
	"strings"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
)

// Beside is one figure of one loop, ours beside the one the generator has under the same name.
type Beside struct {
	Name, Unit   string // like ttft_ms_p99, ms
	Ours, Theirs *float64
	Differs      failure.Text // what the generator measures instead; empty when it is the same
}

// Difference is how far theirs is from ours as a share of ours; nil when one is not known or ours is 0.
func (b Beside) Difference() *float64 {
	if b.Ours == nil || b.Theirs == nil || *b.Ours == 0 {
		return nil
	}
	v := (*b.Theirs - *b.Ours) / *b.Ours
	return &v
}

// figure is one of ours that a generator may have too.
type figure struct {
	name, unit string
	explained  []string // symbols of metrics.Definitions
	of         func(metrics.Summary) *float64
}

// Besides lists the figures of a loop that the generator has too, in the order of the definitions.
func Besides(done events.LevelDone, generator string) []Beside {
	if len(done.Native) == 0 {
		return nil
	}
	var out []Beside
	for _, f := range shared() {
		theirs, has := done.Native[f.name]
		if !has {
			continue
		}
		b := Beside{Name: f.name, Unit: f.unit, Ours: f.of(done.Summary), Theirs: theirs}
		if generator == "evalscope" {
			b.Differs = differs(f.explained)
		}
		out = append(out, b)
	}
	return out
}

// differs says what evalscope measures instead.
func differs(symbols []string) failure.Text {
	var en, zh []string
	for _, symbol := range symbols {
		for _, d := range metrics.Definitions {
			if d.Symbol == symbol && d.Evalscope.EN != "" {
				en, zh = append(en, d.Evalscope.EN), append(zh, d.Evalscope.ZH)
			}
		}
	}
	return failure.Text{EN: strings.Join(en, "\n"), ZH: strings.Join(zh, "\n")}
}

// shared are the figures of ours that a generator may have too.
func shared() []figure {
	requests := []string{"requests"}
	out := []figure{
		{"duration_s", "s", []string{"duration_ms"}, func(s metrics.Summary) *float64 { return scaled(s.DurationMs, 1e-3) }},
		{"requests_total", "requests", requests, func(s metrics.Summary) *float64 { return count(s.Requests.Total) }},
		{"requests_ok", "requests", requests, func(s metrics.Summary) *float64 { return count(s.Requests.OK) }},
		{"requests_failed", "requests", requests, func(s metrics.Summary) *float64 { return count(s.Requests.Failed) }},
		{"requests_per_s", "req/s", []string{"requests_per_s", "duration_ms"}, func(s metrics.Summary) *float64 { return s.Throughput.Requests }},
		{"output_tokens_per_s", "tok/s", []string{"output_tokens_per_s", "duration_ms"}, func(s metrics.Summary) *float64 { return s.Throughput.Output }},
		{"total_tokens_per_s", "tok/s", []string{"total_tokens_per_s", "duration_ms"}, func(s metrics.Summary) *float64 { return s.Throughput.Total }},
		{"input_tokens_mean", "tokens", []string{"tokens"}, func(s metrics.Summary) *float64 { return each(s.Tokens.Input, s.Requests.OK) }},
		{"output_tokens_mean", "tokens", []string{"tokens"}, func(s metrics.Summary) *float64 { return each(s.Tokens.Output, s.Requests.OK) }},
	}
	for _, d := range []struct {
		symbol string
		of     func(metrics.Summary) *metrics.Stats
	}{
		{"ttft_ms", func(s metrics.Summary) *metrics.Stats { return s.TTFT }},
		{"tpot_ms", func(s metrics.Summary) *metrics.Stats { return s.TPOT }},
		{"itl_ms", func(s metrics.Summary) *metrics.Stats { return s.ITL }},
		{"e2e_ms", func(s metrics.Summary) *metrics.Stats { return s.E2E }},
	} {
		out = append(out, spread(d.symbol, d.of)...)
	}
	return out
}

// spread are the figures of one distribution.
func spread(symbol string, of func(metrics.Summary) *metrics.Stats) []figure {
	var out []figure
	for _, part := range []struct {
		name string
		rank bool // a percentile
		of   func(*metrics.Stats) float64
	}{
		{"mean", false, func(s *metrics.Stats) float64 { return s.Mean }},
		{"min", false, func(s *metrics.Stats) float64 { return s.Min }},
		{"max", false, func(s *metrics.Stats) float64 { return s.Max }},
		{"p50", true, func(s *metrics.Stats) float64 { return s.P50 }},
		{"p90", true, func(s *metrics.Stats) float64 { return s.P90 }},
		{"p95", true, func(s *metrics.Stats) float64 { return s.P95 }},
		{"p99", true, func(s *metrics.Stats) float64 { return s.P99 }},
	} {
		explained := []string{symbol}
		if part.rank {
			explained = append(explained, "p50 p90 p95 p99")
		}
		out = append(out, figure{symbol + "_" + part.name, "ms", explained, func(s metrics.Summary) *float64 {
			d := of(s)
			if d == nil {
				return nil
			}
			v := part.of(d)
			return &v
		}})
	}
	return out
}

func scaled(v *float64, by float64) *float64 {
	if v == nil {
		return nil
	}
	x := *v * by
	return &x
}

func count(n int) *float64 {
	v := float64(n)
	return &v
}

// each is a sum per successful request.
func each(sum *int64, ok int) *float64 {
	if sum == nil || ok == 0 {
		return nil
	}
	v := float64(*sum) / float64(ok)
	return &v
}
