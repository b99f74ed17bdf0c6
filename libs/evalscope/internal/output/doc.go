// Package output reads the files `evalscope perf` leaves behind, of every version: the summary, the
// percentiles, the arguments, the progress and the SQLite rows. It knows the names and units each
// version uses; it knows nothing about how evalscope is started.
package output

import "fmt"

// The files of one level.
const (
	SummaryFile    = "benchmark_summary.json"
	PercentileFile = "benchmark_percentile.json"
	ArgumentsFile  = "benchmark_args.json"
	DatabaseFile   = "benchmark_data.db"
	ProgressFile   = "progress.json"
)

// Damaged says that a file is there but cannot be what evalscope writes.
type Damaged struct {
	File string // base name
	Why  string
}

// Error names the file and what was found in it.
func (d *Damaged) Error() string { return d.File + ": " + d.Why }

func damaged(file, format string, args ...any) error {
	return &Damaged{File: file, Why: fmt.Sprintf(format, args...)}
}
