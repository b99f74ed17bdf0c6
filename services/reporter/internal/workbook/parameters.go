package workbook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"plimsoll.internal/services/reporter/internal/report"
)

// writeParameters shows the whole spec as it was run, then how the prompts came to their length.
func (b *book) writeParameters(r report.Report) {
	columns := []column{{"Parameter 参数", 36, text}, {"Value 值", 90, text}}
	var rows [][]any
	for _, part := range []struct {
		root  string
		value any
	}{{"", r.Spec}, {"calibration", r.Prompt}} {
		flat, err := flatten(part.root, part.value)
		b.try(err)
		rows = append(rows, flat...)
	}
	for i, w := range r.Warnings {
		rows = append(rows, []any{fmt.Sprintf("warnings[%d]", i), w})
	}
	b.table(sheetParameters, columns, rows)
}

// flatten turns a value into rows of path and leaf, in the order its fields are declared.
func flatten(root string, value any) ([][]any, error) {
	document, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode parameters: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	var rows [][]any
	if err := walk(dec, root, &rows); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read parameters: %w", err)
	}
	return rows, nil
}

func walk(dec *json.Decoder, path string, rows *[][]any) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		*rows = append(*rows, []any{path, leaf(token)})
		return nil
	}
	for i := 0; dec.More(); i++ {
		next := path + "[" + strconv.Itoa(i) + "]"
		if delim == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			next = fmt.Sprint(key)
			if path != "" {
				next = path + "." + next
			}
		}
		if err := walk(dec, next, rows); err != nil {
			return err
		}
	}
	_, err = dec.Token() // the closing delimiter
	return err
}

// leaf keeps numbers as numbers; whole ones beyond the 15 digits of a spreadsheet stay text, digit by digit.
func leaf(token json.Token) any {
	n, ok := token.(json.Number)
	if !ok {
		return token
	}
	if i, err := n.Int64(); err == nil {
		if i > 999_999_999_999_999 || i < -999_999_999_999_999 {
			return n.String()
		}
		return i
	}
	if f, err := n.Float64(); err == nil {
		return f
	}
	return n.String()
}
