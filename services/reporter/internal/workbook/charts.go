package workbook

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// The lines of the charts, told apart without colour by their markers.
const (
	lineBlue   = "2563EB"
	lineOrange = "D97706"
	lineTeal   = "0F766E"
	lineRose   = "BE123C"
)

// chartRows is how many rows of 15 points a chart and the gap below it take.
const chartRows = 19

// curve is one line of a chart.
type curve struct {
	column    int // of the merged table
	colour    string
	symbol    string
	secondary bool // its own scale on the right
	unit      string
}

// writeCharts draws throughput and latency against load, as charts of the spreadsheet itself.
func (b *book) writeCharts(row, firstRow, levels int) {
	if levels == 0 {
		return
	}
	plots := []struct {
		title  string
		curves []curve
	}{
		{"Throughput against load 吞吐量-负载", []curve{
			{colOutput, lineBlue, "circle", false, "tok/s"},
			{colRequests, lineOrange, "diamond", true, "req/s"},
		}},
		{"Time to first token against load 首 token 延迟-负载", []curve{
			{colTTFT50, lineTeal, "circle", false, "ms"},
			{colTTFT99, lineRose, "diamond", false, "ms"},
		}},
		{"Time per output token against load 每 token 耗时-负载", []curve{
			{colTPOT50, lineTeal, "circle", false, "ms"},
			{colTPOT99, lineRose, "diamond", false, "ms"},
		}},
		{"End-to-end latency against load 端到端延迟-负载", []curve{
			{colE2E50, lineTeal, "circle", false, "ms"},
			{colE2E99, lineRose, "diamond", false, "ms"},
		}},
	}
	for r := row; r < row+chartRows*2; r++ {
		b.height(sheetSummary, r, 15)
	}
	lastRow := firstRow + levels - 1
	for i, p := range plots {
		cell, err := excelize.CoordinatesToCellName(1+(i%2)*9, row+(i/2)*chartRows)
		b.try(err)
		b.chart(cell, p.title, p.curves, firstRow, lastRow)
	}
}

func (b *book) chart(cell, heading string, curves []curve, first, last int) {
	var left, right []excelize.ChartSeries
	unit, unitRight := "", ""
	for _, c := range curves {
		if c.secondary {
			right, unitRight = append(right, series(c, first, last)), c.unit
			continue
		}
		left, unit = append(left, series(c, first, last)), c.unit
	}
	main := lineChart(heading, left, unit, false)
	var others []*excelize.Chart
	if len(right) > 0 {
		others = append(others, lineChart("", right, unitRight, true))
	}
	if b.err == nil {
		b.err = b.file.AddChart(sheetSummary, cell, main, others...)
	}
}

func lineChart(heading string, lines []excelize.ChartSeries, unit string, secondary bool) *excelize.Chart {
	zero := 0.0
	small := excelize.Font{Size: 9, Color: silver}
	c := &excelize.Chart{
		Type: excelize.Line, Series: lines, ShowBlanksAs: "gap",
		Dimension: excelize.ChartDimension{Width: 690, Height: 320},
		Legend:    excelize.ChartLegend{Position: "bottom"},
		XAxis:     excelize.ChartAxis{Font: small},
		YAxis: excelize.ChartAxis{
			Font: small, Minimum: &zero, MajorGridLines: !secondary, Secondary: secondary,
			Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: unit, Font: &small}}},
		},
	}
	if heading != "" {
		c.Title = excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: heading, Font: &excelize.Font{Bold: true, Size: 12, Color: head}}}}
	}
	return c
}

func series(c curve, first, last int) excelize.ChartSeries {
	fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{c.colour}}
	line := excelize.LineOptions{Type: excelize.LineSolid, Width: 2, Fill: fill}
	return excelize.ChartSeries{
		Name: cellRange(c.column, first-1, first-1), Categories: cellRange(colLoad, first, last), Values: cellRange(c.column, first, last),
		Fill: fill, Line: line,
		Marker: excelize.ChartMarker{Symbol: c.symbol, Size: 7, Fill: fill},
	}
}

func cellRange(column, first, last int) string {
	name, err := excelize.ColumnNumberToName(column)
	if err != nil { // column is a constant of this package
		return ""
	}
	if first == last {
		return fmt.Sprintf("%s!$%s$%d", sheetSummary, name, first)
	}
	return fmt.Sprintf("%s!$%s$%d:$%s$%d", sheetSummary, name, first, name, last)
}
