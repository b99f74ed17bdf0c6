package workbook

import (
	"fmt"
	"math"
	"time"

	"github.com/xuri/excelize/v2"
)

// book is the file being written. The first error stays and makes every later write do nothing, so the
// sheets read as lists of what they show.
type book struct {
	file   *excelize.File
	styles styles
	limit  int // rows of one Requests sheet
	err    error
}

func newBook(o Options) (*book, error) {
	f := excelize.NewFile(excelize.Options{TmpDir: o.TempDir})
	b := &book{file: f, limit: o.RowLimit}
	if b.styles, b.err = newStyles(f); b.err != nil {
		return nil, fmt.Errorf("make cell styles: %w", b.err)
	}
	b.try(f.SetSheetName("Sheet1", sheetSummary))
	for _, name := range []string{sheetParameters, sheetLevels, sheetGenerator, sheetRequests, sheetErrors, sheetEnvironment, sheetDefinitions} {
		b.addSheet(name)
	}
	b.try(f.SetDocProps(&excelize.DocProperties{Creator: "Plimsoll", LastModifiedBy: "Plimsoll", Title: "LLM load test report 大模型压测报告"}))
	return b, b.err
}

func (b *book) try(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *book) addSheet(name string) {
	if b.err == nil {
		_, b.err = b.file.NewSheet(name)
	}
}

// set writes one cell. A nil value or pointer leaves the cell empty, styled: what is not known is never 0.
func (b *book) set(sheet string, col, row int, value any, l look) {
	cell, err := excelize.CoordinatesToCellName(col, row)
	b.try(err)
	if b.err != nil {
		return
	}
	b.try(b.file.SetCellStyle(sheet, cell, cell, b.styles[l]))
	switch v := known(value).(type) {
	case nil:
	case string:
		b.try(b.file.SetCellStr(sheet, cell, clean(v)))
	default:
		b.try(b.file.SetCellValue(sheet, cell, v))
		b.try(b.file.SetCellStyle(sheet, cell, cell, b.styles[l])) // excelize gives times its own style
	}
}

// known takes pointers away and turns "not known" into nil.
func known(value any) any {
	switch v := value.(type) {
	case *float64:
		if v == nil {
			return nil
		}
		return *v
	case *int64:
		if v == nil {
			return nil
		}
		return *v
	case string:
		if v == "" {
			return nil
		}
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return v.UTC()
	}
	return value
}

// span writes one value over several columns of a row.
func (b *book) span(sheet string, col, row, columns int, value any, l look) {
	for i := range columns {
		b.set(sheet, col+i, row, nil, l)
	}
	b.set(sheet, col, row, value, l)
	from, err := excelize.CoordinatesToCellName(col, row)
	b.try(err)
	to, err := excelize.CoordinatesToCellName(col+columns-1, row)
	b.try(err)
	if b.err == nil && columns > 1 {
		b.err = b.file.MergeCell(sheet, from, to)
	}
}

// height sets the height of a row in points.
func (b *book) height(sheet string, row int, points float64) {
	if b.err == nil {
		b.err = b.file.SetRowHeight(sheet, row, points)
	}
}

// column is one column of a table.
type column struct {
	name  string
	width float64 // characters
	look  look
}

// table writes a header with frozen panes and a filter, then the rows.
func (b *book) table(sheet string, columns []column, rows [][]any) {
	b.widths(sheet, columns)
	for i, c := range columns {
		b.set(sheet, i+1, 1, c.name, header)
	}
	b.height(sheet, 1, 34)
	for r, values := range rows {
		lines := 1
		for i, v := range values {
			l := columns[i].look
			if styled, ok := v.(styledValue); ok {
				v, l = styled.value, styled.look
			}
			if t, ok := v.(string); ok {
				lines = max(lines, linesOf(t, columns[i].width))
			}
			b.set(sheet, i+1, r+2, v, l)
		}
		b.height(sheet, r+2, lineHeight*float64(lines))
	}
	b.freeze(sheet, 1)
	b.filter(sheet, len(columns), len(rows)+1)
	b.page(sheet, pagesWide(columns), 0)
}

// styledValue is a cell that does not look like its column.
type styledValue struct {
	value any
	look  look
}

func (b *book) widths(sheet string, columns []column) {
	for i, c := range columns {
		name, err := excelize.ColumnNumberToName(i + 1)
		b.try(err)
		if b.err == nil {
			b.err = b.file.SetColWidth(sheet, name, name, c.width)
		}
	}
}

// freeze keeps the first rows in sight.
func (b *book) freeze(sheet string, rows int) {
	if b.err == nil {
		b.err = b.file.SetPanes(sheet, frozen(rows))
	}
}

func frozen(rows int) *excelize.Panes {
	return &excelize.Panes{
		Freeze: true, YSplit: rows, TopLeftCell: fmt.Sprintf("A%d", rows+1), ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: fmt.Sprintf("A%d", rows+1), ActiveCell: fmt.Sprintf("A%d", rows+1), Pane: "bottomLeft"}},
	}
}

func (b *book) filter(sheet string, columns, lastRow int) {
	last, err := excelize.CoordinatesToCellName(columns, lastRow)
	b.try(err)
	if b.err == nil {
		b.err = b.file.AutoFilter(sheet, "A1:"+last, nil)
	}
}

// page makes a sheet print on landscape A4, so many pages wide and high; 0 is as many as it takes. The
// header comes again on every page.
func (b *book) page(sheet string, wide, high int) {
	landscape, a4, fit := "landscape", 9, true
	b.try(b.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}))
	b.try(b.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{
		Orientation: &landscape, Size: &a4, FitToWidth: &wide, FitToHeight: &high,
	}))
	margin := 0.4 // inches
	b.try(b.file.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &margin, Bottom: &margin}))
	if sheet != sheetSummary {
		b.try(b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$1", sheet), Scope: sheet}))
	}
}

// readable is how many characters fit side by side on a page and can still be read.
const readable = 210

func pagesWide(columns []column) int {
	width := 0.0
	for _, c := range columns {
		width += c.width
	}
	return int(math.Ceil(width / readable))
}
