package workbook

import (
	"github.com/xuri/excelize/v2"

	"plimsoll.internal/libs/events"
)

// The colours of the workbook.
const (
	ink    = "1F2A37"
	faint  = "9AA5B1" // for figures that rest on few requests
	head   = "1F3A5F"
	rule   = "D5DBE3"
	panel  = "F3F6FA"
	green  = "1E7B4F"
	red    = "B42318"
	amber  = "B25E09"
	silver = "5B6775"
)

// fontFamily is there wherever Excel is; other programs replace it by one of the same widths.
const fontFamily = "Calibri"

// look is a cell style by what it is for.
type look int

const (
	plain look = iota
	title
	subtitle
	section
	header
	label
	text
	integer
	oneDecimal
	twoDecimals
	fine
	percent
	moment
	centred
	note
	warning
	good
	bad
	unsure
	neutral
	faintOne
	faintTwo
	lastLook = iota - 1
)

// styles maps each look to the id the file gave it.
type styles map[look]int

func newStyles(f *excelize.File) (styles, error) {
	out := styles{}
	looks := sheetLooks()
	for l := plain; l <= lastLook; l++ {
		s := looks[l]
		s.Font.Family = fontFamily
		id, err := f.NewStyle(s)
		if err != nil {
			return nil, err
		}
		out[l] = id
	}
	return out, nil
}

func sheetLooks() map[look]*excelize.Style {
	fill := func(colour string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
	}
	line := []excelize.Border{{Type: "bottom", Color: rule, Style: 1}}
	number := func(format, colour string) *excelize.Style {
		return &excelize.Style{
			Font: &excelize.Font{Color: colour}, CustomNumFmt: &format, Border: line,
			Alignment: &excelize.Alignment{Vertical: "top"},
		}
	}
	banner := func(colour string) *excelize.Style {
		return &excelize.Style{
			Font: &excelize.Font{Bold: true, Size: 13, Color: "FFFFFF"}, Fill: fill(colour),
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true, Indent: 1},
		}
	}
	wrap := &excelize.Alignment{Horizontal: "left", Vertical: "top", WrapText: true}
	stamp := "yyyy-mm-dd hh:mm:ss"
	return map[look]*excelize.Style{
		plain:       {Font: &excelize.Font{Color: ink}},
		title:       {Font: &excelize.Font{Bold: true, Size: 18, Color: head}},
		subtitle:    {Font: &excelize.Font{Size: 12, Color: silver}},
		section:     {Font: &excelize.Font{Bold: true, Size: 13, Color: head}},
		header:      {Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: fill(head), Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}},
		label:       {Font: &excelize.Font{Color: silver}, Fill: fill(panel), Border: line, Alignment: &excelize.Alignment{Vertical: "top"}},
		text:        {Font: &excelize.Font{Color: ink}, Border: line, Alignment: wrap},
		integer:     number("#,##0", ink),
		oneDecimal:  number("#,##0.0", ink),
		twoDecimals: number("#,##0.00", ink),
		fine:        number("#,##0.000", ink),
		percent:     number("0.00%", ink),
		moment:      {Font: &excelize.Font{Color: ink}, CustomNumFmt: &stamp, Border: line, Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "top"}},
		centred:     {Font: &excelize.Font{Color: ink}, Border: line, Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "top"}},
		note:        {Font: &excelize.Font{Italic: true, Size: 10, Color: silver}, Alignment: wrap},
		warning:     {Font: &excelize.Font{Color: amber}, Alignment: wrap},
		good:        banner(green),
		bad:         banner(red),
		unsure:      banner(amber),
		neutral:     banner(silver),
		faintOne:    number("#,##0.0", faint),
		faintTwo:    number("#,##0.00", faint),
	}
}

// banner is how a verdict looks.
func banner(v events.Verdict) look {
	switch v {
	case events.VerdictPass:
		return good
	case events.VerdictFail:
		return bad
	case events.VerdictInconclusive:
		return unsure
	}
	return neutral
}
