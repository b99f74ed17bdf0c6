package show

import (
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Column is one column of a table.
type Column struct {
	Title string
	Right bool // figures stand right
}

// Table is aligned text; wide characters of East Asia count two places.
type Table struct {
	Columns []Column
	Rows    [][]string
}

// Add appends a row, cleaned of everything that could steer a terminal.
func (t *Table) Add(cells ...string) {
	row := make([]string, len(t.Columns))
	for i := range row {
		if i < len(cells) {
			row[i] = Clean(cells[i])
		}
	}
	t.Rows = append(t.Rows, row)
}

// Write prints the table, two spaces between columns and none at the end of a line.
func (t *Table) Write(w io.Writer) error {
	titles := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		titles[i] = c.Title
	}
	rows := append([][]string{titles}, t.Rows...)
	widths := make([]int, len(t.Columns))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], Width(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-Width(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if t.Columns[i].Right {
				line.WriteString(space + cell)
			} else {
				line.WriteString(cell + space)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Width is how many places a text takes on a terminal.
func Width(s string) int {
	c := runewidth.Condition{StrictEmojiNeutral: true}
	return c.StringWidth(s)
}
