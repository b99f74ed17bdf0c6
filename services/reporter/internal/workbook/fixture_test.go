package workbook_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/reporter/internal/report"
	"plimsoll.internal/services/reporter/internal/workbook"
)

const testID = "01938a2b-0000-7000-8000-000000000001"

// step is one loop of one level to be made up.
type step struct{ level, loop, concurrency, requests int }

// sample makes up one request that could have been; every twentieth fails.
func sample(r *rand.Rand, i int) metrics.Sample {
	p := func(v int64) *int64 { return &v }
	s := metrics.Sample{Index: i, StartNs: int64(i) * 3_141_592, Streamed: true, RequestID: fmt.Sprintf("req-%d", i)}
	if i%20 == 19 {
		s.Class, s.Error, s.Status = string(failure.RateLimited), "too many requests, try later", 429
		s.E2ENs = p(1_000_000 + r.Int64N(1_000_000))
		return s
	}
	ttft, tokens := 40_000_000+r.Int64N(20_000_001), int64(64)
	s.OK, s.Status, s.TTFTNs, s.InputTok, s.OutputTok = true, 200, &ttft, p(1024), &tokens
	e2e := ttft
	for range tokens - 1 {
		gap := 9_000_000 + r.Int64N(2_000_003)
		s.ITLNs = append(s.ITLNs, gap)
		e2e += gap
	}
	s.E2ENs, s.TPOTNs = &e2e, metrics.TPOTNs(ttft, e2e, tokens)
	return s
}

// loops makes up samples for every step.
func loops(steps []step) [][]metrics.Sample {
	out := make([][]metrics.Sample, 0, len(steps))
	for n, st := range steps {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		var s []metrics.Sample
		for i := range st.requests {
			s = append(s, sample(r, i))
		}
		out = append(out, s)
	}
	return out
}

// reportOf is the report of the samples, summarised by the real formulas.
func reportOf(model string, steps []step, samples [][]metrics.Sample) *report.Report {
	at := time.Date(2026, 11, 23, 10, 15, 0, 0, time.UTC)
	yes := true
	r := &report.Report{
		Schema: report.Schema, TestID: testID, Name: "nightly", Model: model, Engine: "vllm",
		RequestedAt: at, MeasuredAt: at.Add(5 * time.Minute), RequestedBy: events.Actor{UserID: "u", Name: "ada"},
		Generator: events.Generator{Name: "evalscope", Version: "1.14.1", Faults: []events.KnownFault{{
			Metric: "ttft_ms", Severity: "warn",
			Text: failure.Text{EN: "Its client inflates TTFT under load.", ZH: "高负载下其客户端会夸大 TTFT。"},
		}}},
		Environment: events.Environment{Hostname: "bench-1", OS: "linux", Arch: "amd64", CPUs: 2, Memory: 8 << 30, LoadAvg: 0.25, Version: "test"},
		Spec: spec.Spec{
			Name: "nightly", Model: model, Engine: "vllm", Target: spec.Target{URL: "http://10.0.0.5:8000/v1", API: spec.APIChat},
			Mode: spec.ModeLocal, Generator: spec.GeneratorEvalscope, Stream: &yes, Loop: 2, Requests: 200,
			InputLength: spec.Length{Min: 1024, Max: 1024}, OutputLength: spec.Length{Min: 64, Max: 64},
		},
		Prompt: events.Prompt{Seed: 42, TokensPerWord: 1.2, Overhead: 11, Measured: 1024, Source: "usage"},
	}
	for i, st := range steps {
		s := metrics.Summarize(st.level, st.loop, st.concurrency, st.requests, samples[i])
		native := nativeOf(s)
		r.Levels = append(r.Levels, report.Loop{Summary: s, Native: native})
		r.Loops = append(r.Loops, events.LevelDone{
			Attempt: 1, Summary: s, Native: native,
			Raw:  events.Object{Bucket: events.BucketRaw, Name: fmt.Sprintf("tests/%s/9/level-%d-loop-%d.parquet", testID, st.level, st.loop), Digest: "sha256:00"},
			Load: events.Load{Runner: "runner/bench-1", StartedMs: at.UnixMilli(), DurationMs: 1000},
		})
	}
	return r
}

// nativeOf is what a generator might say of the same loop: one figure off, one unknown, one we do not have.
func nativeOf(s metrics.Summary) map[string]*float64 {
	if s.TTFT == nil {
		return nil
	}
	slow, seconds, share := s.TTFT.Mean*1.25, *s.DurationMs/1000, 0.5
	return map[string]*float64{
		"ttft_ms_mean": &slow, "ttft_ms_p99": &s.TTFT.P99, "itl_ms_p99": nil, "duration_s": &seconds, "speculative_accept_share": &share,
	}
}

// from hands the samples out as the raw files would.
func from(samples [][]metrics.Sample) workbook.Requests {
	return func(i int) iter.Seq2[metrics.Sample, error] {
		return func(yield func(metrics.Sample, error) bool) {
			for _, s := range samples[i] {
				if !yield(s, nil) {
					return
				}
			}
		}
	}
}
