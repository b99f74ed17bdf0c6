package output

import (
	"math"

	"plimsoll.internal/libs/metrics"
)

// Samples turns rows into samples under our definitions. streamed says what was asked for, for the
// versions whose rows do not tell. An answer that came in one piece has no TTFT, TPOT and ITL: evalscope
// sets its TTFT to the whole latency.
func Samples(rows []Row, streamed bool) []metrics.Sample {
	first := firstStart(rows)
	samples := make([]metrics.Sample, len(rows))
	for i, r := range rows {
		s := metrics.Sample{
			Index: i, OK: r.OK, RequestID: r.RequestID, Streamed: streamed,
			InputTok: r.InputTok, OutputTok: r.OutputTok,
			E2ENs: nanos(r.Latency),
		}
		if r.Start > 0 {
			s.StartNs = toNanos(r.Start - first)
		}
		if r.Streamed != nil {
			s.Streamed = *r.Streamed
		}
		if s.E2ENs == nil && r.Completed != nil && r.Start > 0 && *r.Completed > r.Start {
			took := *r.Completed - r.Start // a failed request: how long it took to fail
			s.E2ENs = nanos(&took)
		}
		if s.Streamed && s.OK {
			s.TTFTNs = nanos(r.TTFT)
			s.TPOTNs = perToken(s)
			for _, gap := range r.Gaps {
				s.ITLNs = append(s.ITLNs, toNanos(math.Max(gap, 0)))
			}
		}
		samples[i] = s
	}
	return samples
}

// firstStart is the earliest start; a request that failed before it was stamped has 0 and is left out.
func firstStart(rows []Row) float64 {
	first := 0.0
	for _, r := range rows {
		if r.Start > 0 && (first == 0 || r.Start < first) {
			first = r.Start
		}
	}
	return first
}

// perToken is unknown where one of its terms is.
func perToken(s metrics.Sample) *int64 {
	if s.E2ENs == nil || s.TTFTNs == nil || s.OutputTok == nil {
		return nil
	}
	return metrics.TPOTNs(*s.TTFTNs, *s.E2ENs, *s.OutputTok)
}

// nanos is nil for unknown, zero and negative spans: nothing that was measured took no time.
func nanos(seconds *float64) *int64 {
	if seconds == nil || *seconds <= 0 {
		return nil
	}
	n := toNanos(*seconds)
	return &n
}

func toNanos(seconds float64) int64 { return int64(math.Round(seconds * 1e9)) }
