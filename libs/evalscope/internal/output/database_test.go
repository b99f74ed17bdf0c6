package output_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"plimsoll.internal/libs/evalscope/internal/output"
)

// wantRow is one request of a recorded database, read by other means.
type wantRow struct {
	OK       bool   `json:"ok"`
	Start    int64  `json:"start_ns"`
	TTFT     *int64 `json:"ttft_ns"`
	Latency  *int64 `json:"latency_ns"`
	In       *int64 `json:"in"`
	Out      *int64 `json:"out"`
	Gaps     int    `json:"gaps"`
	GapSumNs int64  `json:"gap_sum_ns"`
}

// copyLevel copies a recorded level, so that reading cannot touch it.
func copyLevel(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v %v", pattern, found, err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Dir(found[0]))); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRowsOfEveryVersion(t *testing.T) {
	var all map[string][]wantRow
	load(t, "testdata/expected_rows.json", &all)
	where := map[string]string{
		"1.0.2": "*/t1", "1.4.2": "t1", "1.7.1": "t1/*", "1.10.0": "t1/*", "1.14.1": "t1/*",
	}
	for version, want := range all {
		t.Run(version, func(t *testing.T) {
			dir := copyLevel(t, filepath.Join("testdata/runs", version, "db/out", where[version], output.DatabaseFile))
			rows, err := output.ReadRows(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			samples := output.Samples(rows, true)
			if len(samples) != 12 || len(want) != 12 {
				t.Fatalf("%d samples, want 12", len(samples))
			}
			for i, w := range want {
				s := samples[i]
				if s.Index != i || s.OK != w.OK || near(s.StartNs, w.Start) || !s.Streamed {
					t.Errorf("sample %d: %+v, want %+v", i, s, w)
				}
				if !w.OK {
					if s.TTFTNs != nil || s.TPOTNs != nil || s.OutputTok != nil || s.ITLNs != nil {
						t.Errorf("failed sample %d has figures: %+v", i, s)
					}
					continue
				}
				var sum int64
				for _, gap := range s.ITLNs {
					sum += gap
				}
				if near(*s.TTFTNs, *w.TTFT) || near(*s.E2ENs, *w.Latency) || *s.InputTok != *w.In || *s.OutputTok != *w.Out ||
					len(s.ITLNs) != w.Gaps || near(sum, w.GapSumNs) {
					t.Errorf("sample %d: %+v, want %+v", i, s, w)
				}
				if want := (*s.E2ENs - *s.TTFTNs) / (*s.OutputTok - 1); *s.TPOTNs != want {
					t.Errorf("sample %d: TPOT %d, want %d", i, *s.TPOTNs, want)
				}
			}
		})
	}
}

// near reports a difference of more than 100 ns, which rounding of gaps can add up to.
func near(a, b int64) bool { return a-b > 100 || b-a > 100 }

// table makes a database and runs the statements.
func table(t *testing.T, statements ...string) string {
	t.Helper()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, output.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(context.Background(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return dir
}

const newest = `CREATE TABLE result(request TEXT, start_time REAL, inter_token_latencies TEXT, success INTEGER,
	response_messages TEXT, completed_time REAL, latency REAL, first_chunk_latency REAL, prompt_tokens INTEGER,
	completion_tokens INTEGER, max_gpu_memory_cost REAL, time_per_output_token REAL, request_id TEXT, is_stream INTEGER)`

const insert = `INSERT INTO result(start_time, inter_token_latencies, success, completed_time, latency,
	first_chunk_latency, prompt_tokens, completion_tokens, is_stream) VALUES `

func TestSamplesUnderOurDefinitions(t *testing.T) {
	dir := table(t, newest, insert+`
		(10.5, '[]', 1, 12.5, 2.0, 2.0, 7, 9, 0),
		(10.0, '[0.1, 0.2]', 1, 11.0, 1.0, 0.5, 7, 1, 1),
		(10.2, '[]', 0, 10.7, NULL, NULL, NULL, NULL, 1),
		(0, '[]', 0, 0.0, NULL, NULL, NULL, NULL, 1),
		(10.1, '[]', 1, 10.9, 0.8, 0.0, -1, 0, 1)`)
	rows, err := output.ReadRows(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s := output.Samples(rows, true)
	if s[0].StartNs != 0 || s[0].OK || s[0].E2ENs != nil {
		t.Errorf("never started: %+v, want no start and no span", s[0])
	}
	if s[1].StartNs != 0 || s[1].TPOTNs != nil || len(s[1].ITLNs) != 2 || *s[1].TTFTNs != 500_000_000 {
		t.Errorf("one token: %+v, want TTFT 0.5 s, two gaps and no TPOT", s[1])
	}
	if s[2].TTFTNs != nil || s[2].InputTok != nil || *s[2].OutputTok != 0 || s[2].StartNs != 100_000_000 {
		t.Errorf("no output: %+v, want no TTFT, no input count, start 0.1 s", s[2])
	}
	if s[3].OK || s[3].E2ENs == nil || *s[3].E2ENs != 500_000_000 {
		t.Errorf("failed: %+v, want the 0.5 s it took", s[3])
	}
	if s[4].Streamed || s[4].TTFTNs != nil || s[4].TPOTNs != nil || *s[4].E2ENs != 2_000_000_000 {
		t.Errorf("in one piece: %+v, want E2E only", s[4])
	}
}

func TestDamagedDatabase(t *testing.T) {
	whole := copyLevel(t, "testdata/runs/1.14.1/db/out/t1/*/benchmark_data.db")
	raw, err := os.ReadFile(filepath.Join(whole, output.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	write := func(t *testing.T, b []byte) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, output.DatabaseFile), b, 0o600); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	tests := []struct {
		name string
		dir  func(t *testing.T) string
	}{
		{"missing", func(t *testing.T) string { return t.TempDir() }},
		{"empty", func(t *testing.T) string { return write(t, nil) }},
		{"text", func(t *testing.T) string { return write(t, []byte("this is no database, it only has its name")) }},
		{"cut off", func(t *testing.T) string { return write(t, raw[:len(raw)/3]) }},
		{"another table", func(t *testing.T) string { return table(t, "CREATE TABLE other(a)") }},
		{"lacks a column", func(t *testing.T) string { return table(t, "CREATE TABLE result(start_time REAL)") }},
		{"gaps are text", func(t *testing.T) string {
			return table(t, newest, insert+"(1.0, 'soon', 1, 2.0, 1.0, 0.1, 1, 1, 1)")
		}},
		{"latency is text", func(t *testing.T) string {
			return table(t, newest, insert+"(1.0, '[]', 1, 2.0, 'long', 0.1, 1, 1, 1)")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := output.ReadRows(t.Context(), tt.dir(t))
			var d *output.Damaged
			if !errors.As(err, &d) || d.File != output.DatabaseFile {
				t.Errorf("%d rows, %v: want a damaged %s", len(rows), err, output.DatabaseFile)
			}
		})
	}
}
