package workbook

import (
	"strconv"

	"github.com/xuri/excelize/v2"
)

// stream writes a long sheet row by row, so that it never is in memory as a whole.
type stream struct {
	*book
	sheet   string
	columns []column
	row     int // last row written
	out     *excelize.StreamWriter
}

// stream begins a sheet that exists and writes its header.
func (b *book) stream(sheet string, columns []column) *stream {
	s := &stream{book: b, sheet: sheet, columns: columns, row: 1}
	s.page(sheet, pagesWide(columns), 0) // before the stream begins, which writes it first
	if s.err != nil {
		return s
	}
	if s.out, s.err = s.file.NewStreamWriter(sheet); s.err != nil {
		return s
	}
	for i, c := range columns {
		s.try(s.out.SetColWidth(i+1, i+1, c.width))
	}
	s.try(s.out.SetPanes(frozen(1)))
	titles := make([]any, len(columns))
	for i, c := range columns {
		titles[i] = excelize.Cell{StyleID: s.styles[header], Value: c.name}
	}
	s.try(s.out.SetRow("A1", titles, excelize.RowOpts{Height: 34}))
	return s
}

// write adds one row. A nil value or pointer leaves its cell empty.
func (s *stream) write(o excelize.RowOpts, values ...any) {
	s.row++
	row := make([]any, len(values))
	for i, v := range values {
		v = known(v)
		if v == nil {
			continue
		}
		if t, ok := v.(string); ok {
			v = clean(t)
		}
		row[i] = excelize.Cell{StyleID: s.styles[s.columns[i].look], Value: v}
	}
	if s.err == nil {
		s.err = s.out.SetRow("A"+strconv.Itoa(s.row), row, o)
	}
}

// end completes the sheet; nothing can be written to it afterwards.
func (s *stream) end() {
	s.filter(s.sheet, len(s.columns), s.row)
	if s.err == nil {
		s.err = s.out.Flush()
	}
}
