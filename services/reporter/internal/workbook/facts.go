package workbook

import (
	"fmt"
	"strings"
	"time"

	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/reporter/internal/report"
)

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

func bestText(levels []report.Level) any {
	best := report.Best(levels)
	if best == nil {
		return nil
	}
	return fmt.Sprintf("%.1f tok/s (%s)", *best.Throughput.Output, best.Load().EN)
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
