package workbook

import "plimsoll.internal/services/reporter/internal/report"

// writeErrors explains every class of failure once: how many, what it means, what to do.
func (b *book) writeErrors(r report.Report, res Result) {
	columns := []column{
		{"Class", 22, text},
		{"Title", 26, text},
		{"标题", 20, text},
		{"Count 数量", 10, integer},
		{"Share of all requests 占比", 12, percent},
		{"Cause", 48, text},
		{"原因", 40, text},
		{"What to do", 60, text},
		{"建议", 48, text},
		{"Sample message 示例", 70, text},
	}
	rows := make([][]any, 0, len(res.Errors))
	for _, e := range res.Errors {
		info := e.Class.Info()
		rows = append(rows, []any{
			string(e.Class), info.Title.EN, info.Title.ZH, e.Count, e.Share,
			info.Cause.EN, info.Cause.ZH, info.Advice.EN, info.Advice.ZH, e.Sample,
		})
	}
	b.table(sheetErrors, columns, rows)
	if len(rows) == 0 {
		b.set(sheetErrors, 1, 3, "No request failed. 没有失败的请求。", note)
	}
}
