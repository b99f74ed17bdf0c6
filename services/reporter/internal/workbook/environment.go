package workbook

import (
	"fmt"
	"slices"

	"plimsoll.internal/services/reporter/internal/report"
)

// writeEnvironment shows where the load was made, with what, and what is known to be wrong with that.
func (b *book) writeEnvironment(r report.Report) {
	columns := []column{{"Item 项目", 36, text}, {"Value 值", 60, text}, {"Unit 单位", 12, text}, {"说明", 70, text}}
	e := r.Environment
	rows := [][]any{
		{"Runner host 压测机", e.Hostname},
		{"Operating system 操作系统", e.OS},
		{"Architecture 架构", e.Arch},
		{"CPUs", positive(e.CPUs), "cores"},
		{"Memory 内存", positive(float64(e.Memory) / (1 << 30)), "GiB"},
		{"Load average before the test 测试前负载 (1 min)", e.LoadAvg},
		{"Plimsoll", e.Version},
		{"Generator 压测工具", r.Generator.Name},
		{"Generator version 压测工具版本", r.Generator.Version},
	}
	var runners []string
	for _, done := range r.Loops {
		if run := done.Load.Runner; run != "" && !slices.Contains(runners, run) {
			runners = append(runners, run)
			rows = append(rows, []any{"Runner 执行者", run})
		}
	}
	for _, f := range r.Generator.Faults {
		rows = append(rows, []any{
			fmt.Sprintf("Known fault 已知缺陷 (%s) %s", f.Severity, f.Metric), f.Text.EN, nil, f.Text.ZH,
		})
	}
	if len(r.Generator.Faults) == 0 {
		rows = append(rows, []any{"Known faults 已知缺陷", "none known 无"})
	}
	b.table(sheetEnvironment, columns, rows)
}
