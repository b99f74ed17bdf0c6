package workbook

import (
	"fmt"
	"strings"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/reporter/internal/report"
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
	return strings.Join(present(word, r.Reason.EN, r.Reason.ZH), " — ")
}

// writeCautions says what the reader must know before trusting a figure, and returns the next free row.
func (b *book) writeCautions(row int, r report.Report, res Result) int {
	var lines []string
	for _, l := range res.Levels {
		for _, why := range l.Incomplete {
			lines = append(lines, fmt.Sprintf("Incomplete 结果不完整 — %s: %s", l.Load().EN, why))
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

func present(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}
