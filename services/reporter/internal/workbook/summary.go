package workbook

import (
	"fmt"
	"strings"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/reporter/internal/report"
)

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

// writeSummary is the page to forward: verdict in words, what was tested, one row per level, charts, and
// what to be careful about.
func (b *book) writeSummary(r report.Report, res Result) {
	wide := len(mergedColumns)
	b.widths(sheetSummary, mergedColumns)
	b.span(sheetSummary, 1, 1, wide, "LLM load test report 大模型压测报告", title)
	b.height(sheetSummary, 1, 28)
	b.span(sheetSummary, 1, 2, wide, strings.Join(present(r.Name, r.Model, r.Engine), " · "), subtitle)
	b.height(sheetSummary, 2, 20)
	b.span(sheetSummary, 1, 4, wide, verdictLine(r), banner(r.Verdict))
	b.height(sheetSummary, 4, 14+20*float64(linesOf(verdictLine(r), summaryWidth*0.7))) // its letters are bigger
	row := b.writeFacts(6, r, res)
	row = b.writeCautions(row+1, r, res)
	row = b.writeMerged(row+1, res.Levels)
	b.writeCharts(row+1, row-1-len(res.Levels), len(res.Levels))
	b.page(sheetSummary, 1, pagesHigh(res.Levels))
}

// summaryWidth is how many characters fit into all columns of the summary.
const summaryWidth = 200

// pagesHigh prints the summary on one page as long as that stays readable.
func pagesHigh(levels []report.Level) int {
	if len(levels) <= 16 {
		return 1
	}
	return 0
}

func verdictLine(r report.Report) string {
	word := map[events.Verdict]string{
		events.VerdictPass: "PASS 通过", events.VerdictFail: "FAIL 未通过",
		events.VerdictInconclusive: "INCONCLUSIVE 无法判定",
	}[r.Verdict]
	if word == "" {
		word = "MEASURED 已测得"
	}
	return strings.Join(present(word, r.Reason), " — ")
}

// fact is one labelled line of the summary.
type fact struct {
	label string
	value any
}

// writeFacts shows what was tested in two columns and returns the next free row.
func (b *book) writeFacts(row int, r report.Report, res Result) int {
	left, right := testFacts(r), loadFacts(r, res)
	b.section(row, "Test 测试", "Load 负载")
	for i := range max(len(left), len(right)) {
		row++
		lines := max(b.writeFact(1, row, i, left), b.writeFact(10, row, i, right))
		b.height(sheetSummary, row, lineHeight*float64(lines))
	}
	return row + 1
}

// factWidth is how many characters the value of a fact has room for: six columns.
const factWidth = 60

// writeFact shows the i-th fact, if there is one, and returns how many lines it takes.
func (b *book) writeFact(col, row, i int, facts []fact) int {
	if i >= len(facts) {
		return 1
	}
	look := text
	if _, ok := facts[i].value.(time.Time); ok {
		look = moment
	}
	b.span(sheetSummary, col, row, 2, facts[i].label, label)
	b.span(sheetSummary, col+2, row, 6, facts[i].value, look)
	if value, ok := facts[i].value.(string); ok {
		return linesOf(value, factWidth)
	}
	return 1
}

func (b *book) section(row int, left, right string) {
	b.set(sheetSummary, 1, row, left, section)
	b.set(sheetSummary, 10, row, right, section)
	b.height(sheetSummary, row, 20)
}

func testFacts(r report.Report) []fact {
	return []fact{
		{"Name 名称", r.Name},
		{"Model 模型", r.Model},
		{"Engine 推理引擎", r.Engine},
		{"Target 目标", r.Spec.Target.URL},
		{"API 接口", string(r.Spec.Target.API)},
		{"Mode 模式", string(r.Spec.Mode)},
		{"Generator 压测工具", strings.Join(present(r.Generator.Name, r.Generator.Version), " ")},
		{"Requested 提交时间 (UTC)", r.RequestedAt},
		{"Measured 完成时间 (UTC)", r.MeasuredAt},
		{"Asked by 提交人", strings.Join(present(r.RequestedBy.Name), "")},
		{"Test id 测试编号", r.TestID},
	}
}

func loadFacts(r report.Report, res Result) []fact {
	var all metrics.Requests
	for _, l := range res.Levels {
		all.Total += l.Requests.Total
		all.OK += l.Requests.OK
		all.Failed += l.Requests.Failed
	}
	return []fact{
		{"Input 输入长度 (tokens)", lengthText(r.Spec.InputLength)},
		{"Output 输出长度 (tokens)", lengthText(r.Spec.OutputLength)},
		{"Levels × loops 级别 × 轮次", fmt.Sprintf("%d × %d", len(res.Levels), max(r.Spec.Loop, 1))},
		{"Per loop 每轮", perLoop(r.Spec)},
		{"Warm-up 预热", warmupText(r.Spec.Warmup)},
		{"Streaming 流式", yesNo(r.Spec.Stream == nil || *r.Spec.Stream)},
		{"Requests 请求总数", fmt.Sprintf("%d (%d ok 成功, %d failed 失败)", all.Total, all.OK, all.Failed)},
		{"Best throughput 最高吞吐", bestText(res.Levels)},
		{"SLO", strings.Join(r.Spec.SLO, "; ")},
		{"Runner 压测机", strings.Join(present(r.Environment.Hostname, r.Environment.OS, r.Environment.Arch), " · ")},
	}
}

// writeCautions says what the reader must know before trusting a figure, and returns the next free row.
func (b *book) writeCautions(row int, r report.Report, res Result) int {
	var lines []string
	for _, l := range res.Levels {
		for _, why := range l.Incomplete {
			lines = append(lines, fmt.Sprintf("Incomplete 结果不完整 — %s: %s", l.Load(), why))
		}
	}
	for _, e := range res.Errors {
		info := e.Class.Info()
		lines = append(lines, fmt.Sprintf("%d requests failed (%.2f %%): %s · %d 个请求失败：%s", e.Count, e.Share*100, info.Title.EN, e.Count, info.Title.ZH))
	}
	for _, f := range r.Generator.Faults {
		lines = append(lines, fmt.Sprintf("%s %s, %s: %s %s", r.Generator.Name, r.Generator.Version, f.Metric, f.Text.EN, f.Text.ZH))
	}
	if len(lines) == 0 {
		return row
	}
	b.set(sheetSummary, 1, row, "Please note 注意", section)
	b.height(sheetSummary, row, 20)
	for _, line := range lines {
		row++
		b.span(sheetSummary, 1, row, len(mergedColumns), "• "+line, warning)
		b.height(sheetSummary, row, lineHeight*float64(linesOf(line, summaryWidth)))
	}
	return row + 1
}

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

func present(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// load is what the level is about: its concurrency, or its rate in open loop.
func load(l report.Level) any {
	if l.Concurrency > 0 {
		return l.Concurrency
	}
	return l.Rate
}

func openLoop(levels []report.Level) bool { return len(levels) > 0 && levels[0].Rate > 0 }

func bestText(levels []report.Level) any {
	best := report.Best(levels)
	if best == nil {
		return nil
	}
	return fmt.Sprintf("%.1f tok/s (%s)", *best.Throughput.Output, best.Load())
}

func lengthText(l spec.Length) string {
	if l.Fixed() {
		return fmt.Sprint(l.Min)
	}
	return fmt.Sprintf("%d – %d", l.Min, l.Max)
}

func perLoop(s spec.Spec) string {
	switch {
	case s.Duration > 0:
		return time.Duration(s.Duration).String()
	case s.Requests > 0:
		return fmt.Sprintf("%d requests 请求", s.Requests)
	}
	return "by level 依级别"
}

func warmupText(w spec.Warmup) string {
	switch {
	case !w.On:
		return yesNo(false)
	case w.Requests > 0:
		return fmt.Sprintf("%d requests, not counted 请求，不计入", w.Requests)
	}
	return "as many as concurrency, not counted 与并发数相同，不计入"
}

func yesNo(yes bool) string {
	if yes {
		return "yes 是"
	}
	return "no 否"
}
