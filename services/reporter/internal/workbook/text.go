package workbook

import (
	"strings"
	"unicode/utf8"
)

// maxCell is how much text one cell holds, in UTF-16 units, as Excel counts.
const maxCell = 32767

// cutMark ends a text that was too long for a cell.
const cutMark = " … [cut: longer than an Excel cell 超出单元格长度，已截断]"

// formulaStart holds the characters a text may not start with: a spreadsheet would take it for a formula
// when the sheet is saved as CSV and opened again. Full-width forms count too, input methods make them.
const formulaStart = "=+-@\t\r\n＝＋－＠"

// clean makes any text safe for a cell: valid UTF-8 without characters XML forbids, never a formula, never
// longer than a cell.
func clean(text string) string {
	text = strings.Map(legal, strings.ToValidUTF8(text, "\uFFFD"))
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune(formulaStart, first) {
		text = "'" + text
	}
	return cut(text)
}

// legal drops what XML 1.0 cannot hold.
func legal(r rune) rune {
	if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
		return -1
	}
	return r
}

func cut(text string) string {
	if utf16Len(text) <= maxCell {
		return text
	}
	room := maxCell - utf16Len(cutMark)
	for i, r := range text {
		if room -= units(r); room < 0 {
			return text[:i] + cutMark
		}
	}
	return text
}

// utf16Len is the length as Excel counts it; for short texts the number of bytes, which is never less.
func utf16Len(text string) int {
	if len(text) <= maxCell { // never more units than bytes
		return len(text)
	}
	n := 0
	for _, r := range text {
		n += units(r)
	}
	return n
}

func units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

const (
	lineHeight = 15 // points
	maxLines   = 20 // a row that is higher is no use to anybody
)

// linesOf estimates how many lines a text takes in a column of so many characters; ideographs count twice.
func linesOf(text string, width float64) int {
	lines, used := 1, 0.0
	for _, r := range text {
		w := 1.0
		if r >= 0x1100 {
			w = 2
		}
		if used += w; r == '\n' || used > width-1 {
			lines, used = lines+1, w
		}
		if lines == maxLines {
			break
		}
	}
	return lines
}
