package workbook

import (
	"math"
	"time"

	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/services/reporter/internal/report"
)

// tailSize is how many requests must lie beyond a percentile for it to be worth its ink; with fewer the
// figure is shown faint.
const tailSize = 10

// writeLevels shows one row per level and loop with every figure there is.
func (b *book) writeLevels(r report.Report) {
	columns := levelColumns()
	rows := make([][]any, 0, len(r.Loops))
	for _, done := range r.Loops {
		s := done.Summary
		row := []any{
			s.Level + 1, positive(s.Concurrency), positive(s.Rate), s.Loop + 1,
			positive(s.Requests.Asked), s.Requests.Total, s.Requests.OK, s.Requests.Failed, report.ErrorRate(s.Requests),
			seconds(s.DurationMs), s.Throughput.Requests, s.Throughput.Output, s.Throughput.Total,
			s.Tokens.Input, s.Tokens.Output, s.Tokens.Source,
		}
		for _, d := range []*metrics.Stats{s.TTFT, s.TPOT, s.ITL, s.E2E} {
			row = append(row, distribution(d)...)
		}
		started := time.Time{}
		if done.Load.StartedMs > 0 {
			started = time.UnixMilli(done.Load.StartedMs)
		}
		rows = append(rows, append(row, s.Incomplete, done.Load.Runner, started, done.Raw.Name, done.Raw.Digest))
	}
	b.table(sheetLevels, columns, rows)
}

func levelColumns() []column {
	columns := []column{
		{"Level 级别", 8, integer},
		{"Concurrency 并发", 12, integer},
		{"Rate (req/s)", 10, twoDecimals},
		{"Loop 轮次", 8, integer},
		{"Asked 计划请求", 10, integer},
		{"Requests 请求数", 10, integer},
		{"OK 成功", 9, integer},
		{"Failed 失败", 9, integer},
		{"Error rate 错误率", 10, percent},
		{"Duration (s)", 10, twoDecimals},
		{"Requests (req/s)", 11, twoDecimals},
		{"Output (tok/s)", 11, oneDecimal},
		{"Total (tok/s)", 11, oneDecimal},
		{"Input tokens", 11, integer},
		{"Output tokens", 11, integer},
		{"Token source", 10, text},
	}
	for _, figure := range []string{"TTFT", "TPOT", "ITL", "E2E"} {
		columns = append(columns, column{figure + " n", 9, integer})
		for _, part := range []string{"mean", "stddev", "min", "max", "P50", "P90", "P95", "P99"} {
			columns = append(columns, column{figure + " " + part + " (ms)", 11, twoDecimals})
		}
	}
	return append(columns,
		column{"Incomplete 不完整", 36, warning},
		column{"Runner", 24, text},
		column{"Started (UTC)", 19, moment},
		column{"Raw data 原始数据", 72, text},
		column{"Digest", 72, text},
	)
}

func distribution(s *metrics.Stats) []any {
	if s == nil {
		return []any{0, nil, nil, nil, nil, nil, nil, nil, nil}
	}
	return []any{
		s.Count, s.Mean, s.Stddev, s.Min, s.Max,
		percentile(s.P50, 50, s.Count), percentile(s.P90, 90, s.Count),
		percentile(s.P95, 95, s.Count), percentile(s.P99, 99, s.Count),
	}
}

// percentile is faint when it rests on few requests.
func percentile(value, p float64, n int) any { return faintBelow(value, p, n, faintTwo) }

// faintBelow gives the faint look when fewer than tailSize values lie beyond the percentile.
func faintBelow(value, p float64, n int, faint look) any {
	if beyond := math.Round(float64(n)*(100-p)) / 100; beyond < tailSize {
		return styledValue{value, faint}
	}
	return value
}

func seconds(ms *float64) *float64 {
	if ms == nil {
		return nil
	}
	v := *ms / 1000
	return &v
}
