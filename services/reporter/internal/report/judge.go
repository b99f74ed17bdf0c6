package report

import (
	"fmt"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
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
func outcome(levels []Level) failure.Text {
	total, failed := 0, 0
	for _, l := range levels {
		total += l.Requests.Total
		failed += l.Requests.Failed
	}
	best := Best(levels)
	switch {
	case total == 0:
		return failure.Text{EN: "No request was recorded.", ZH: "没有记录到任何请求。"}
	case failed == total:
		return failure.Text{
			EN: fmt.Sprintf("No request succeeded: all %d failed.", total),
			ZH: fmt.Sprintf("没有请求成功：%d 个请求全部失败。", total),
		}
	}
	said := failure.Text{EN: "Token throughput is not known", ZH: "token 吞吐未知"}
	if best != nil {
		said = failure.Text{
			EN: fmt.Sprintf("Best output %.1f tok/s at %s", *best.Throughput.Output, best.Load().EN),
			ZH: fmt.Sprintf("最高输出 %.1f tok/s，出现在%s", *best.Throughput.Output, best.Load().ZH),
		}
		if best.TTFT != nil {
			said.EN += fmt.Sprintf(", p99 TTFT %.1f ms there", best.TTFT.P99)
			said.ZH += fmt.Sprintf("，此时 p99 TTFT 为 %.1f ms", best.TTFT.P99)
		}
	}
	said.EN += fmt.Sprintf("; %d of %d requests failed.", failed, total)
	said.ZH += fmt.Sprintf("；%d 个请求中 %d 个失败。", total, failed)
	return said
}

// Load names the load of the level.
func (l Level) Load() failure.Text {
	if l.Concurrency > 0 {
		return failure.Text{EN: fmt.Sprintf("concurrency %d", l.Concurrency), ZH: fmt.Sprintf("并发 %d", l.Concurrency)}
	}
	return failure.Text{EN: fmt.Sprintf("%g requests/s", l.Rate), ZH: fmt.Sprintf("每秒 %g 个请求", l.Rate)}
}
