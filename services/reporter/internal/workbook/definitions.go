package workbook

import (
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
)

// ownDefinitions are what only this workbook needs explained; the figures are those of package metrics.
var ownDefinitions = []metrics.Definition{
	{
		Symbol: "Level, Loop", Name: failure.Text{EN: "Level and loop", ZH: "级别与轮次"},
		Text: failure.Text{
			EN: "Counted from 1 in this workbook, from 0 in report.json and in the raw files. Index counts requests from 0 in the order of start.",
			ZH: "本工作簿从 1 计数，report.json 与原始文件从 0 计数；请求序号按发出顺序从 0 计数。",
		},
	},
	{
		Symbol: "Loops merged", Formula: "percentiles over the requests of all loops together; sums / Σ duration",
		Name: failure.Text{EN: "Summary of a level", ZH: "级别汇总"},
		Text: failure.Text{
			EN: "Percentiles of several loops are never averaged: they are taken over all their requests.",
			ZH: "多轮的百分位数不取平均，而是由全部请求合并计算。",
		},
	},
	{
		Symbol: "Generator", Formula: "(the generator's figure − ours) / ours",
		Name: failure.Text{EN: "The generator's own figures", ZH: "压测引擎自己的指标"},
		Text: failure.Text{
			EN: "Sheet Generator sets the figures the generator worked out itself beside ours of the same requests; report.json has all of them.",
			ZH: "Generator 工作表将压测引擎自行计算的指标与我们对同一批请求的指标并列；report.json 中有其全部指标。",
		},
	},
	{
		Symbol: "Grey", Name: failure.Text{EN: "Grey percentiles", ZH: "灰色百分位数"},
		Text: failure.Text{
			EN: "Fewer than 10 requests lie beyond the percentile; take it as a hint.",
			ZH: "该百分位之外的请求不足 10 个，仅供参考。",
		},
	},
	{
		Symbol: "Empty", Name: failure.Text{EN: "Empty cell", ZH: "空白单元格"},
		Text: failure.Text{
			EN: "Not known or not defined. It never stands for zero.",
			ZH: "未知或无定义，绝不代表 0。",
		},
	},
	{
		Symbol: "’", Name: failure.Text{EN: "Apostrophe before a text", ZH: "文本前的单引号"},
		Text: failure.Text{
			EN: "A text that starts like a formula gets an apostrophe, so that no program runs it when the sheet is saved as CSV.",
			ZH: "以公式字符开头的文本前加单引号，防止另存为 CSV 后被当作公式执行。",
		},
	},
}

// writeDefinitions says what every figure means, so the workbook can be read alone.
func (b *book) writeDefinitions() {
	columns := []column{
		{"Symbol 符号", 22, text},
		{"Unit 单位", 11, text},
		{"Formula 公式", 46, text},
		{"Name", 28, text},
		{"名称", 22, text},
		{"Meaning", 64, text},
		{"含义", 52, text},
		{"Evalscope differs", 60, text},
		{"Evalscope 的差异", 52, text},
	}
	var rows [][]any
	for _, list := range [][]metrics.Definition{metrics.Definitions, ownDefinitions} {
		for _, d := range list {
			rows = append(rows, []any{
				d.Symbol, d.Unit, d.Formula, d.Name.EN, d.Name.ZH, d.Text.EN, d.Text.ZH, d.Evalscope.EN, d.Evalscope.ZH,
			})
		}
	}
	b.table(sheetDefinitions, columns, rows)
}
