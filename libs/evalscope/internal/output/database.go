package output

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // SQLite without cgo
)

// Row is one measured request as evalscope recorded it. Times are seconds; starts are on a clock of
// their own, so only differences inside one file mean something. A nil pointer is NULL.
type Row struct {
	Start     float64
	Completed *float64
	Latency   *float64
	TTFT      *float64 // first output − start; for an answer in one piece it equals Latency
	InputTok  *int64
	OutputTok *int64
	Gaps      []float64 // between successive events with output
	OK        bool
	Streamed  *bool // nil before 1.10
	RequestID string
}

// ReadRows reads the requests of the benchmark_data.db in dir, in the order they were sent. Columns
// are looked up by name, so every version can be read; the pickled ones are never touched.
func ReadRows(ctx context.Context, dir string) ([]Row, error) {
	path, err := filepath.Abs(filepath.Join(dir, DatabaseFile))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", DatabaseFile, err)
	}
	// rw, never rwc: a journal that a killed evalscope left behind is rolled back, a missing file stays missing.
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: "mode=rw"}).String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", DatabaseFile, err)
	}
	defer db.Close()
	have, err := columns(ctx, db)
	if err != nil {
		return nil, damaged(DatabaseFile, "not a database of evalscope perf: %v", err)
	}
	for _, need := range []string{"start_time", "success"} {
		if !slices.Contains(have, need) {
			return nil, damaged(DatabaseFile, "table result has no column %s", need)
		}
	}
	rows, err := selectRows(ctx, db, have)
	if err != nil {
		return nil, damaged(DatabaseFile, "%v", err)
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		switch {
		case a.Start < b.Start:
			return -1
		case a.Start > b.Start:
			return 1
		}
		return 0
	})
	return rows, nil
}

// columns lists the columns of table result.
func columns(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT name FROM pragma_table_info('result')")
	if err != nil {
		return nil, fmt.Errorf("list columns: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("list columns: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// wanted are the columns that are read, in the order of scanRow; NULL stands in for one a version lacks.
var wanted = []string{
	"start_time", "completed_time", "latency", "first_chunk_latency", "prompt_tokens",
	"completion_tokens", "inter_token_latencies", "chunk_times", "success", "is_stream", "request_id",
}

func selectRows(ctx context.Context, db *sql.DB, have []string) ([]Row, error) {
	exprs := make([]string, len(wanted))
	for i, name := range wanted {
		exprs[i] = "NULL"
		if slices.Contains(have, name) {
			exprs[i] = name
		}
	}
	rows, err := db.QueryContext(ctx, "SELECT "+strings.Join(exprs, ", ")+" FROM result ORDER BY rowid")
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	defer rows.Close()
	var all []Row
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", len(all)+1, err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func scanRow(rows *sql.Rows) (Row, error) {
	var (
		r             Row
		start         sql.NullFloat64
		gaps, stamps  sql.NullString
		ok, streamed  sql.NullBool
		requestID     sql.NullString
		input, output sql.NullInt64
	)
	err := rows.Scan(&start, &r.Completed, &r.Latency, &r.TTFT, &input, &output,
		&gaps, &stamps, &ok, &streamed, &requestID)
	if err != nil {
		return Row{}, err
	}
	r.Start, r.OK, r.RequestID = start.Float64, ok.Bool, requestID.String
	r.InputTok, r.OutputTok = counted(input), counted(output)
	if streamed.Valid {
		r.Streamed = &streamed.Bool
	}
	if r.Gaps, err = seconds(gaps); err != nil {
		return Row{}, fmt.Errorf("inter_token_latencies: %w", err)
	}
	if stamps.Valid { // up to 1.1.0: moments instead of gaps
		at, err := seconds(stamps)
		if err != nil {
			return Row{}, fmt.Errorf("chunk_times: %w", err)
		}
		for i := 1; i < len(at); i++ {
			r.Gaps = append(r.Gaps, at[i]-at[i-1])
		}
	}
	return r, nil
}

// counted is nil for NULL and for evalscope's -1.
func counted(n sql.NullInt64) *int64 {
	if !n.Valid || n.Int64 < 0 {
		return nil
	}
	return &n.Int64
}

func seconds(text sql.NullString) ([]float64, error) {
	if !text.Valid || text.String == "" {
		return nil, nil
	}
	var list []float64
	if err := json.Unmarshal([]byte(text.String), &list); err != nil {
		return nil, fmt.Errorf("not a list of seconds: %w", err)
	}
	return list, nil
}
