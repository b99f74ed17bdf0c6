package output

import (
	"path/filepath"
	"strconv"
	"strings"
)

// Percentiles is one benchmark_percentile.json.
type Percentiles struct {
	// Figures holds figure_label → value under our names: ttft_ms_p99, e2e_ms_min; nil for NaN.
	Figures map[string]*float64
	// Labels lists the rows in the order of the file: min, p1, …, p99, max.
	Labels []string
	// Unknown lists the columns that are in no version we know.
	Unknown []string
}

// ReadPercentiles reads the benchmark_percentile.json in dir. Each column of the file is sorted for
// itself: a row is not a request.
func ReadPercentiles(dir string) (Percentiles, error) {
	var rows []map[string]any
	if err := readJSON(filepath.Join(dir, PercentileFile), &rows); err != nil {
		return Percentiles{}, err
	}
	p := Percentiles{Figures: map[string]*float64{}}
	unknown := map[string]bool{}
	for i, row := range rows {
		label, err := rowLabel(row)
		if err != nil {
			return Percentiles{}, damaged(PercentileFile, "row %d: %v", i, err)
		}
		p.Labels = append(p.Labels, label)
		for column, value := range row {
			known, ok := percentileNames[column]
			if !ok {
				if !isLabel(column) && !unknown[column] {
					unknown[column] = true
					p.Unknown = append(p.Unknown, column)
				}
				continue
			}
			n, err := number(value)
			if err != nil {
				return Percentiles{}, damaged(PercentileFile, "row %s, %q is %v", label, column, err)
			}
			p.Figures[known.name+"_"+label] = scale(n, known.factor)
		}
	}
	return p, nil
}

func isLabel(column string) bool { return column == "Percentiles" || column == "Percentile" }

// rowLabel turns "99%" into p99; min and max stay.
func rowLabel(row map[string]any) (string, error) {
	value, ok := row["Percentiles"]
	if !ok {
		value = row["Percentile"] // up to 0.15
	}
	text, _ := value.(string)
	if text == "min" || text == "max" {
		return text, nil
	}
	digits, found := strings.CutSuffix(text, "%")
	if _, err := strconv.ParseFloat(digits, 64); !found || err != nil {
		return "", damaged(PercentileFile, "label %q is neither min, max nor a percentage", text)
	}
	return "p" + digits, nil
}
