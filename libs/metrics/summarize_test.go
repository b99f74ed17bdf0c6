package metrics

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ptr[T any](v T) *T { return &v }

const ms = int64(1_000_000)

// ok is a streamed success; times in ms.
func ok(index int, start, ttft, e2e, in, out int64) Sample {
	return Sample{
		Index: index, StartNs: start * ms, TTFTNs: ptr(ttft * ms), E2ENs: ptr(e2e * ms),
		TPOTNs: TPOTNs(ttft*ms, e2e*ms, out), InputTok: &in, OutputTok: &out, Streamed: true, OK: true, Status: 200,
	}
}

func TestSummarize(t *testing.T) {
	first, second := ok(0, 1000, 50, 150, 128, 11), ok(1, 1500, 100, 500, 128, 21)
	first.ITLNs = []int64{10 * ms, 20 * ms}
	second.ITLNs = []int64{30 * ms}
	samples := []Sample{
		first, second,
		{Index: 2, StartNs: 900 * ms, Class: "server_error", Status: 500, E2ENs: ptr(1600 * ms), ITLNs: []int64{999 * ms}, TTFTNs: ptr(ms)},
		{Index: 3, StartNs: 1200 * ms, Class: "no such class"},
	}
	got := Summarize(1, 2, 8, 4, samples)
	want := Summary{
		Level: 1, Loop: 2, Concurrency: 8, DurationMs: ptr(1600.0),
		Requests:   Requests{Asked: 4, Total: 4, OK: 2, Failed: 2},
		Errors:     map[string]int{"server_error": 1, "unknown": 1},
		Tokens:     Tokens{Input: ptr(int64(256)), Output: ptr(int64(32)), Source: TokensUsage},
		Throughput: Throughput{Requests: ptr(1.25), Output: ptr(20.0), Total: ptr(180.0)},
		TTFT:       StatsOf([]float64{50, 100}),
		TPOT:       StatsOf([]float64{10, 20}),
		ITL:        StatsOf([]float64{10, 20, 30}),
		E2E:        StatsOf([]float64{150, 500}),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSummarizeUnknownIsNull(t *testing.T) {
	noTokens := ok(0, 0, 1, 2, 3, 4)
	noTokens.OutputTok = nil
	tests := []struct {
		name    string
		asked   int
		samples []Sample
		check   func(Summary) bool
	}{
		{"nothing recorded", 5, nil, func(s Summary) bool {
			return s.DurationMs == nil && s.TTFT == nil && s.Throughput.Requests == nil && s.Tokens.Input == nil &&
				s.Tokens.Source == TokensUnknown && strings.Contains(s.Incomplete, "5 requests were asked for, 0")
		}},
		{"all failed without an end", 1, []Sample{{Class: "dns"}}, func(s Summary) bool {
			return s.DurationMs == nil && s.E2E == nil && s.Errors["dns"] == 1 && s.Incomplete == ""
		}},
		{"all failed with an end", 1, []Sample{{Class: "dns", E2ENs: ptr(ms)}}, func(s Summary) bool {
			return *s.DurationMs == 1 && *s.Throughput.Requests == 0 && s.E2E == nil
		}},
		{"one count missing", 2, []Sample{ok(1, 0, 1, 2, 3, 4), noTokens}, func(s Summary) bool {
			return *s.Tokens.Input == 6 && s.Tokens.Output == nil && s.Tokens.Source == TokensUnknown &&
				s.Throughput.Output == nil && s.Throughput.Total == nil && s.Throughput.Requests != nil
		}},
		{"no time passed", 1, []Sample{ok(0, 0, 0, 0, 1, 1)}, func(s Summary) bool {
			return *s.DurationMs == 0 && s.Throughput.Requests == nil && s.TPOT == nil
		}},
		{"duration decided", 0, []Sample{ok(0, 0, 1, 2, 1, 1)}, func(s Summary) bool { return s.Incomplete == "" }},
		{"more than asked", 1, []Sample{ok(0, 0, 1, 2, 1, 1), ok(1, 0, 1, 2, 1, 1)}, func(s Summary) bool { return s.Incomplete != "" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Summarize(0, 0, 1, tt.asked, tt.samples)
			b, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if !tt.check(s) || strings.Contains(string(b), `"errors":null`) {
				t.Errorf("%s", b)
			}
		})
	}
}

func TestTPOTNs(t *testing.T) {
	tests := []struct {
		name              string
		ttft, e2e, tokens int64
		want              *int64
	}{
		{"ten gaps", 50, 150, 11, ptr(int64(10))},
		{"two tokens", 50, 60, 2, ptr(int64(10))},
		{"one token", 50, 50, 1, nil},
		{"no token", 50, 50, 0, nil},
		{"clock went backwards", 50, 40, 5, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, TPOTNs(tt.ttft, tt.e2e, tt.tokens)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDefinitionsCoverTheSummary(t *testing.T) {
	b, err := json.Marshal(Summary{})
	if err != nil {
		t.Fatal(err)
	}
	symbols := map[string]bool{}
	for _, d := range Definitions {
		if symbols[d.Symbol] {
			t.Errorf("%s is defined twice", d.Symbol)
		}
		symbols[d.Symbol] = true
		if d.Unit == "" || d.Formula == "" || d.Name.EN == "" || d.Name.ZH == "" || d.Text.EN == "" || d.Text.ZH == "" {
			t.Errorf("%s lacks a text: %+v", d.Symbol, d)
		}
		if (d.Evalscope.EN == "") != (d.Evalscope.ZH == "") {
			t.Errorf("%s: evalscope in one language only", d.Symbol)
		}
		if d.Evalscope.EN != "" && (!strings.HasPrefix(d.Evalscope.EN, "evalscope: ") || !strings.HasPrefix(d.Evalscope.ZH, "evalscope：")) {
			t.Errorf("%s: %+v does not name evalscope", d.Symbol, d.Evalscope)
		}
	}
	for _, want := range []string{"ttft_ms", "tpot_ms", "itl_ms", "e2e_ms", "duration_ms", "requests_per_s", "output_tokens_per_s", "total_tokens_per_s"} {
		if !symbols[want] || !strings.Contains(string(b), `"`+want+`"`) {
			t.Errorf("%s is not both a field of the summary and defined", want)
		}
	}
}

func BenchmarkSummarize(b *testing.B) {
	samples := make([]Sample, 10_000)
	for i := range samples {
		samples[i] = ok(i, int64(i), 50, 1000, 128, 100)
		samples[i].ITLNs = make([]int64, 99)
		for j := range samples[i].ITLNs {
			samples[i].ITLNs[j] = int64(j*7919+i) % (30 * ms)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		Summarize(0, 0, 8, len(samples), samples)
	}
}
