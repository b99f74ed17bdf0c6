package workbook

import "plimsoll.internal/services/reporter/internal/report"

// mergedColumns are the columns of the level table of the summary; charts refer to them by place.
var mergedColumns = []column{
	{"Level 级别", 9, centred},
	{"Concurrency 并发", 13, centred},
	{"Loops 轮次", 9, centred},
	{"Requests 请求数", 10, integer},
	{"OK 成功", 9, integer},
	{"Failed 失败", 9, integer},
	{"Error rate 错误率", 10, percent},
	{"Duration 时长 (s)", 10, twoDecimals},
	{"Requests 请求吞吐 (req/s)", 12, twoDecimals},
	{"Output 输出吞吐 (tok/s)", 12, oneDecimal},
	{"Total 总吞吐 (tok/s)", 12, oneDecimal},
	{"TTFT mean (ms)", 10, oneDecimal},
	{"TTFT P50 (ms)", 10, oneDecimal},
	{"TTFT P99 (ms)", 10, oneDecimal},
	{"TPOT P50 (ms)", 10, twoDecimals},
	{"TPOT P99 (ms)", 10, twoDecimals},
	{"E2E P50 (ms)", 10, oneDecimal},
	{"E2E P90 (ms)", 10, oneDecimal},
	{"E2E P99 (ms)", 10, oneDecimal},
}

// The places of what the charts show, counted from 1.
const (
	colLoad     = 2 // concurrency, or the rate in open loop
	colRequests = 9
	colOutput   = 10
	colTTFT50   = 13
	colTTFT99   = 14
	colTPOT50   = 15
	colTPOT99   = 16
	colE2E50    = 17
	colE2E99    = 19
)

// writeMerged shows one row per level, loops merged, and returns the row after the last.
func (b *book) writeMerged(row int, levels []report.Level) int {
	b.set(sheetSummary, 1, row, "Levels, loops merged 各级别（轮次合并）", section)
	b.height(sheetSummary, row, 20)
	row++
	for i, c := range mergedColumns {
		b.set(sheetSummary, i+1, row, c.name, header)
	}
	if openLoop(levels) {
		b.set(sheetSummary, colLoad, row, "Rate 速率 (req/s)", header)
	}
	b.height(sheetSummary, row, 48)
	for _, l := range levels {
		row++
		for i, v := range mergedRow(l) {
			look := mergedColumns[i].look
			if styled, ok := v.(styledValue); ok {
				v, look = styled.value, styled.look
			}
			b.set(sheetSummary, i+1, row, v, look)
		}
	}
	row++
	b.span(sheetSummary, 1, row, len(mergedColumns), faintNote, note)
	return row + 1
}

const faintNote = "Grey percentiles rest on fewer than 10 requests beyond them; take them as a hint. Empty = not known. " +
	"灰色百分位数之外的请求不足 10 个，仅供参考；空白表示未知。"

func mergedRow(l report.Level) []any {
	row := []any{
		l.Index + 1, load(l), l.Loops, l.Requests.Total, l.Requests.OK, l.Requests.Failed, l.ErrorRate(),
		seconds(l.DurationMs), l.Throughput.Requests, l.Throughput.Output, l.Throughput.Total,
	}
	if s := l.TTFT; s != nil {
		row = append(row, s.Mean, faintBelow(s.P50, 50, s.Count, faintOne), faintBelow(s.P99, 99, s.Count, faintOne))
	} else {
		row = append(row, nil, nil, nil)
	}
	if s := l.TPOT; s != nil {
		row = append(row, faintBelow(s.P50, 50, s.Count, faintTwo), faintBelow(s.P99, 99, s.Count, faintTwo))
	} else {
		row = append(row, nil, nil)
	}
	if s := l.E2E; s != nil {
		return append(row, faintBelow(s.P50, 50, s.Count, faintOne), faintBelow(s.P90, 90, s.Count, faintOne), faintBelow(s.P99, 99, s.Count, faintOne))
	}
	return append(row, nil, nil, nil)
}

// load is what the level is about: its concurrency, or its rate in open loop.
func load(l report.Level) any {
	if l.Concurrency > 0 {
		return l.Concurrency
	}
	return l.Rate
}

func openLoop(levels []report.Level) bool { return len(levels) > 0 && levels[0].Rate > 0 }
