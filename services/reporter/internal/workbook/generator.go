package workbook

import (
	"github.com/xuri/excelize/v2"

	"plimsoll.internal/services/reporter/internal/report"
)

var generatorColumns = []column{
	{"Level 级别", 8, integer},
	{"Concurrency 并发", 12, integer},
	{"Rate (req/s)", 10, twoDecimals},
	{"Loop 轮次", 8, integer},
	{"Figure 指标", 24, text},
	{"Unit 单位", 10, text},
	{"Plimsoll", 14, fine},
	{"Generator 压测引擎", 14, fine},
	{"Difference 差异", 12, percent},
	{"What the generator measures instead", 72, text},
	{"压测引擎的定义差异", 60, text},
}

// writeGenerator sets the generator's own figures beside ours: one row per level, loop and figure both have.
func (b *book) writeGenerator(r report.Report) {
	s := b.stream(sheetGenerator, generatorColumns)
	for _, done := range r.Loops {
		l := done.Summary
		for _, f := range report.Besides(done, r.Generator.Name) {
			lines := max(linesOf(f.Differs.EN, 72), linesOf(f.Differs.ZH, 60))
			s.write(excelize.RowOpts{Height: lineHeight * float64(lines)},
				l.Level+1, positive(l.Concurrency), positive(l.Rate), l.Loop+1,
				f.Name, f.Unit, f.Ours, f.Theirs, f.Difference(), f.Differs.EN, f.Differs.ZH)
		}
	}
	if s.row == 1 {
		s.write(excelize.RowOpts{}, nil, nil, nil, nil, nil, nil, nil, nil, nil,
			"The generator gives no figures of its own.", "压测引擎未给出自己的指标。")
	}
	s.end()
}
