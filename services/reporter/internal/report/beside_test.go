package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/services/reporter/internal/report"
)

// everything is a loop in which every figure is known and different.
func everything() metrics.Summary {
	d := func(base float64) *metrics.Stats {
		return &metrics.Stats{Count: 4, Mean: base, Min: base + 1, Max: base + 2, P50: base + 3, P90: base + 4, P95: base + 5, P99: base + 6}
	}
	return metrics.Summary{
		Concurrency: 8, DurationMs: p(2000.0), Requests: metrics.Requests{Asked: 6, Total: 5, OK: 4, Failed: 1},
		Tokens:     metrics.Tokens{Input: p(int64(400)), Output: p(int64(40))},
		Throughput: metrics.Throughput{Requests: p(2.0), Output: p(20.0), Total: p(220.0)},
		TTFT:       d(100), TPOT: d(200), ITL: d(300), E2E: d(400),
	}
}

func TestEveryFigureHasItsName(t *testing.T) {
	want := map[string]float64{
		"duration_s": 2, "requests_total": 5, "requests_ok": 4, "requests_failed": 1, "requests_per_s": 2,
		"output_tokens_per_s": 20, "total_tokens_per_s": 220, "input_tokens_mean": 100, "output_tokens_mean": 10,
	}
	for i, symbol := range []string{"ttft_ms", "tpot_ms", "itl_ms", "e2e_ms"} {
		for j, part := range []string{"mean", "min", "max", "p50", "p90", "p95", "p99"} {
			want[symbol+"_"+part] = float64(100*(i+1) + j)
		}
	}
	native := map[string]*float64{"p1_of_something": p(1.0)}
	for name, v := range want {
		native[name] = p(v / 2)
	}
	got := map[string]float64{}
	for _, b := range report.Besides(events.LevelDone{Summary: everything(), Native: native}, "evalscope") {
		got[b.Name] = *b.Ours
		if d := b.Difference(); d == nil || *d != -0.5 || b.Unit == "" {
			t.Errorf("%s in %q differs by %v, want -0.5", b.Name, b.Unit, d)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

func TestBeside(t *testing.T) {
	none := metrics.Summary{Requests: metrics.Requests{Asked: 2, Total: 2, Failed: 2}}
	tests := []struct {
		name, generator string
		ours            metrics.Summary
		native          map[string]*float64
		want            []report.Beside // Differs compared by TestDifferencesAreNamed
		differences     []*float64
	}{
		{"nothing given", "evalscope", everything(), nil, nil, nil},
		{"unknown names only", "evalscope", everything(), map[string]*float64{"turns_mean": p(1.0)}, nil, nil},
		{
			"theirs unknown", "native", everything(),
			map[string]*float64{"ttft_ms_mean": nil},
			[]report.Beside{{Name: "ttft_ms_mean", Unit: "ms", Ours: p(100.0)}},
			[]*float64{nil},
		},
		{
			"ours unknown", "native", none,
			map[string]*float64{"ttft_ms_p99": p(7.0), "input_tokens_mean": p(3.0), "duration_s": p(1.0)},
			[]report.Beside{
				{Name: "duration_s", Unit: "s", Theirs: p(1.0)},
				{Name: "input_tokens_mean", Unit: "tokens", Theirs: p(3.0)},
				{Name: "ttft_ms_p99", Unit: "ms", Theirs: p(7.0)},
			},
			[]*float64{nil, nil, nil},
		},
		{
			"ours is zero", "native", none,
			map[string]*float64{"requests_ok": p(1.0)},
			[]report.Beside{{Name: "requests_ok", Unit: "requests", Ours: p(0.0), Theirs: p(1.0)}},
			[]*float64{nil},
		},
		{
			"theirs is more", "native", everything(),
			map[string]*float64{"e2e_ms_mean": p(500.0)},
			[]report.Beside{{Name: "e2e_ms_mean", Unit: "ms", Ours: p(400.0), Theirs: p(500.0)}},
			[]*float64{p(0.25)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := report.Besides(events.LevelDone{Summary: tt.ours, Native: tt.native}, tt.generator)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var differences []*float64
			for _, b := range got {
				differences = append(differences, b.Difference())
			}
			if diff := cmp.Diff(tt.differences, differences); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDifferencesAreNamed: in the words of the definitions, and of evalscope alone.
func TestDifferencesAreNamed(t *testing.T) {
	native := map[string]*float64{"ttft_ms_mean": nil, "ttft_ms_p99": nil, "tpot_ms_mean": nil, "requests_ok": nil}
	of := func(symbol string) (en, zh string) {
		i := slices.IndexFunc(metrics.Definitions, func(d metrics.Definition) bool { return d.Symbol == symbol })
		return metrics.Definitions[i].Evalscope.EN, metrics.Definitions[i].Evalscope.ZH
	}
	ttft, ttftZH := of("ttft_ms")
	rank, rankZH := of("p50 p90 p95 p99")
	requests, requestsZH := of("requests")
	want := map[string][2]string{
		"ttft_ms_mean": {ttft, ttftZH}, "ttft_ms_p99": {ttft + "\n" + rank, ttftZH + "\n" + rankZH},
		"tpot_ms_mean": {}, "requests_ok": {requests, requestsZH},
	}
	for generator, want := range map[string]map[string][2]string{"evalscope": want, "native": {}} {
		for _, b := range report.Besides(events.LevelDone{Summary: everything(), Native: native}, generator) {
			if got := [2]string{b.Differs.EN, b.Differs.ZH}; got != want[b.Name] {
				t.Errorf("%s of %s: %s, want %s", b.Name, generator, strings.Join(got[:], " "), want[b.Name])
			}
		}
	}
}
