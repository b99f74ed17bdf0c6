package report

import (
	"fmt"

	"plimsoll.internal/libs/events"
)

// Best is the level with the highest output throughput, nil when no level has one.
func Best(levels []Level) *Level {
	var best *Level
	for i, l := range levels {
		if v := l.Throughput.Output; v != nil && (best == nil || *v > *best.Throughput.Output) {
			best = &levels[i]
		}
	}
	return best
}

// Judge sets verdict and reason, in words with numbers.
func Judge(r *Report, levels []Level) {
	r.Verdict = events.VerdictNone
	r.Reason = outcome(levels)
}

// outcome is one sentence about what was seen.
func outcome(levels []Level) string {
	total, failed := 0, 0
	for _, l := range levels {
		total += l.Requests.Total
		failed += l.Requests.Failed
	}
	errors := fmt.Sprintf("%d of %d requests failed", failed, total)
	best := Best(levels)
	switch {
	case total == 0:
		return "No request was recorded."
	case failed == total:
		return fmt.Sprintf("No request succeeded: all %d failed.", total)
	case best == nil:
		return errors + "; token throughput is not known."
	}
	text := fmt.Sprintf("Best output %.1f tok/s at %s", *best.Throughput.Output, best.Load())
	if best.TTFT != nil {
		text += fmt.Sprintf(", p99 TTFT %.1f ms there", best.TTFT.P99)
	}
	return text + "; " + errors + "."
}

// Load names the load of the level.
func (l Level) Load() string {
	if l.Concurrency > 0 {
		return fmt.Sprintf("concurrency %d", l.Concurrency)
	}
	return fmt.Sprintf("%g requests/s", l.Rate)
}
