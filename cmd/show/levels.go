package show

import (
	"io"
	"strconv"

	"plimsoll.internal/libs/api"
)

// Levels prints one line per loop of each level.
func Levels(w io.Writer, l Lang, levels []api.Level) error {
	right := func(title string) Column { return Column{Title: title, Right: true} }
	load := l.Say("concurrency", "并发")
	if byRate(levels) {
		load = l.Say("rate /s", "速率 /s")
	}
	t := Table{Columns: []Column{
		right(load), right(l.Say("loop", "轮次")), right(l.Say("ok", "成功")), right(l.Say("failed", "失败")),
		right("TTFT p50 ms"), right("TTFT p99 ms"), right("TPOT p50 ms"), right("TPOT p99 ms"),
		right("req/s"), right(l.Say("output tok/s", "输出 tok/s")),
		{Title: l.Say("note", "备注")},
	}}
	for _, v := range levels {
		t.Add(loadOf(v), strconv.Itoa(v.Loop+1), Count(int64(v.Requests.Ok)), Count(int64(v.Requests.Failed)),
			p50(v.TtftMs), p99(v.TtftMs), p50(v.TpotMs), p99(v.TpotMs),
			Figure(v.Throughput.RequestsPerS), Figure(v.Throughput.OutputTokensPerS), deref(v.Incomplete))
	}
	return t.Write(w)
}

func byRate(levels []api.Level) bool {
	for _, v := range levels {
		if v.RatePerS != nil && *v.RatePerS > 0 {
			return true
		}
	}
	return false
}

func loadOf(v api.Level) string {
	if v.RatePerS != nil && *v.RatePerS > 0 {
		return Figure(v.RatePerS)
	}
	return strconv.Itoa(v.Concurrency)
}

func p50(s *api.Stats) string {
	if s == nil {
		return absent
	}
	return Figure(&s.P50)
}

func p99(s *api.Stats) string {
	if s == nil {
		return absent
	}
	return Figure(&s.P99)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
