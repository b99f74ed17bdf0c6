package workbook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/services/reporter/internal/report"
	"plimsoll.internal/services/reporter/internal/workbook"
)

var sheets = []string{"Summary", "Parameters", "Levels", "Generator", "Requests", "Errors", "Environment", "Definitions"}

// write makes the workbook of a report and returns its path.
func write(t *testing.T, r *report.Report, raw workbook.Requests, o workbook.Options) (string, workbook.Result) {
	t.Helper()
	o.TempDir = t.TempDir()
	path := filepath.Join(t.TempDir(), "book.xlsx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	res, err := workbook.Write(t.Context(), f, r, raw, report.Judge, o)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return path, res
}

// excel opens a workbook with excelize and returns its sheets as kept, not as shown.
func excel(t *testing.T, path string) (*excelize.File, map[string][][]string) {
	t.Helper()
	f, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	out := map[string][][]string{}
	for _, name := range f.GetSheetList() {
		if out[name], err = f.GetRows(name); err != nil {
			t.Fatal(err)
		}
	}
	return f, out
}

var twoByTwo = []step{{0, 0, 1, 60}, {0, 1, 1, 60}, {1, 0, 8, 60}, {1, 1, 8, 60}}

// TestNumberByNumber compares every figure with the raw data, through two programs that know nothing of us.
func TestNumberByNumber(t *testing.T) {
	samples := loops(twoByTwo)
	r := reportOf("Qwen/通义千问-7B", twoByTwo, samples)
	path, res := write(t, r, from(samples), workbook.Options{})
	f, byExcelize := excel(t, path)
	if diff := cmp.Diff(sheets, f.GetSheetList()); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	for program, got := range map[string]map[string][][]string{"excelize": byExcelize, "LibreOffice": office(t, path)} {
		t.Run(program, func(t *testing.T) {
			checkRequests(t, got["Requests"], twoByTwo, samples)
			checkLevels(t, got["Levels"], r.Summaries())
			checkGenerator(t, got["Generator"], r.Loops)
			checkMerged(t, got["Summary"], res.Levels)
			checkErrors(t, got["Errors"])
		})
	}
}

func checkRequests(t *testing.T, rows [][]string, steps []step, samples [][]metrics.Sample) {
	t.Helper()
	n := 1
	for i, st := range steps {
		for _, s := range samples[i] {
			if n >= len(rows) {
				t.Fatalf("%d rows, more requests than that", len(rows))
			}
			row := append(rows[n], make([]string, 16)...)
			n++
			result := map[bool]string{true: "ok", false: "failed"}[s.OK]
			number(t, row[0], float64(st.level+1))
			number(t, row[1], float64(st.concurrency))
			empty(t, row[2])
			number(t, row[3], float64(st.loop+1))
			number(t, row[4], float64(s.Index))
			number(t, row[5], float64(s.StartNs)/1e6)
			maybe(t, row[6], s.TTFTNs, 1e6)
			maybe(t, row[7], s.TPOTNs, 1e6)
			maybe(t, row[8], s.E2ENs, 1e6)
			maybe(t, row[9], s.InputTok, 1)
			maybe(t, row[10], s.OutputTok, 1)
			status := int64(s.Status)
			maybe(t, row[12], map[bool]*int64{true: &status}[status != 0], 1)
			if row[11] != result || row[13] != s.Class || row[14] != s.Error || row[15] != s.RequestID {
				t.Errorf("request %v, want %+v", row, s)
			}
		}
	}
	if n != len(rows) {
		t.Errorf("%d rows for %d requests", len(rows)-1, n-1)
	}
}

func checkLevels(t *testing.T, rows [][]string, levels []metrics.Summary) {
	t.Helper()
	if len(rows) != len(levels)+1 {
		t.Fatalf("%d rows of levels, want %d", len(rows), len(levels)+1)
	}
	at := columnsOf(rows[0])
	for i, s := range levels {
		cell := func(name string) string { return append(rows[i+1], make([]string, 64)...)[at(t, name)] }
		number(t, cell("Requests 请求数"), float64(s.Requests.Total))
		number(t, cell("OK 成功"), float64(s.Requests.OK))
		number(t, cell("Failed 失败"), float64(s.Requests.Failed))
		figure(t, cell("Requests (req/s)"), s.Throughput.Requests)
		figure(t, cell("Output (tok/s)"), s.Throughput.Output)
		figure(t, cell("Total (tok/s)"), s.Throughput.Total)
		maybe(t, cell("Output tokens"), s.Tokens.Output, 1)
		for name, d := range map[string]*metrics.Stats{"TTFT": s.TTFT, "TPOT": s.TPOT, "ITL": s.ITL, "E2E": s.E2E} {
			if d == nil {
				empty(t, cell(name+" P99 (ms)"))
				empty(t, cell(name+" mean (ms)"))
				continue
			}
			number(t, cell(name+" n"), float64(d.Count))
			number(t, cell(name+" mean (ms)"), d.Mean)
			figure(t, cell(name+" stddev (ms)"), d.Stddev)
			number(t, cell(name+" min (ms)"), d.Min)
			number(t, cell(name+" max (ms)"), d.Max)
			number(t, cell(name+" P50 (ms)"), d.P50)
			number(t, cell(name+" P90 (ms)"), d.P90)
			number(t, cell(name+" P95 (ms)"), d.P95)
			number(t, cell(name+" P99 (ms)"), d.P99)
		}
	}
}

// checkGenerator compares the rows of both programs figure by figure.
func checkGenerator(t *testing.T, rows [][]string, loops []events.LevelDone) {
	t.Helper()
	if len(rows) != 1+4*len(loops) {
		t.Fatalf("%d rows, want a header and 4 figures of every loop", len(rows))
	}
	quarter, none := 0.25, 0.0
	for i, done := range loops {
		for j, want := range []struct {
			name, unit         string
			ours, theirs, diff *float64
			says               string
		}{
			{"duration_s", "s", scale(done.Summary.DurationMs, 1.0/1000), done.Native["duration_s"], &none, "1.11.1"},
			{"ttft_ms_mean", "ms", &done.Summary.TTFT.Mean, done.Native["ttft_ms_mean"], &quarter, "waiting for a connection"},
			{"ttft_ms_p99", "ms", &done.Summary.TTFT.P99, done.Native["ttft_ms_p99"], &none, "one rank too high"},
			{"itl_ms_p99", "ms", &done.Summary.ITL.P99, nil, nil, "between events"},
		} {
			row := append(rows[1+4*i+j], make([]string, 11)...)
			number(t, row[0], float64(done.Summary.Level+1))
			number(t, row[1], float64(done.Summary.Concurrency))
			empty(t, row[2])
			number(t, row[3], float64(done.Summary.Loop+1))
			figure(t, row[6], want.ours)
			figure(t, row[7], want.theirs)
			figure(t, row[8], want.diff)
			if row[4] != want.name || row[5] != want.unit || !strings.Contains(row[9], want.says) || !strings.Contains(row[10], "evalscope：") {
				t.Errorf("row %v, want %s in %s that says %q", row, want.name, want.unit, want.says)
			}
		}
	}
}

func scale(v *float64, by float64) *float64 {
	x := *v * by
	return &x
}

// checkMerged finds the level table of the summary and compares what it merges.
func checkMerged(t *testing.T, rows [][]string, levels []report.Level) {
	t.Helper()
	first := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 0 && r[0] == "Level 级别" })
	if first < 0 {
		t.Fatal("the summary has no level table")
	}
	at := columnsOf(rows[first])
	for i, l := range levels {
		cell := func(name string) string { return append(rows[first+1+i], make([]string, 32)...)[at(t, name)] }
		number(t, cell("Concurrency 并发"), float64(l.Concurrency))
		number(t, cell("Requests 请求数"), float64(l.Requests.Total))
		figure(t, cell("Output 输出吞吐 (tok/s)"), l.Throughput.Output)
		figure(t, cell("Error rate 错误率"), l.ErrorRate())
		number(t, cell("TTFT P99 (ms)"), l.TTFT.P99)
		number(t, cell("TPOT P50 (ms)"), l.TPOT.P50)
		number(t, cell("E2E P90 (ms)"), l.E2E.P90)
	}
}

func checkErrors(t *testing.T, rows [][]string) {
	t.Helper()
	if len(rows) != 2 {
		t.Fatalf("errors %v, want one class", rows)
	}
	info := failure.RateLimited.Info()
	row := rows[1]
	if row[0] != "rate_limited" || row[1] != info.Title.EN || row[2] != info.Title.ZH || row[7] != info.Advice.EN || row[8] != info.Advice.ZH {
		t.Errorf("error line %v", row)
	}
	number(t, row[3], 12)
	number(t, row[4], 0.05)
}

func columnsOf(header []string) func(*testing.T, string) int {
	return func(t *testing.T, name string) int {
		t.Helper()
		i := slices.Index(header, name)
		if i < 0 {
			t.Fatalf("no column %q in %v", name, header)
		}
		return i
	}
}

func number(t *testing.T, cell string, want float64) {
	t.Helper()
	text, percent := strings.CutSuffix(cell, "%") // LibreOffice writes shares so
	got, err := strconv.ParseFloat(text, 64)
	if percent {
		got /= 100
	}
	if err != nil || math.Abs(got-want) > 1e-12*math.Max(1, math.Abs(want)) {
		t.Errorf("cell %q, want %v", cell, want)
	}
}

func empty(t *testing.T, cell string) {
	t.Helper()
	if cell != "" {
		t.Errorf("cell %q, want an empty one", cell)
	}
}

func figure(t *testing.T, cell string, want *float64) {
	t.Helper()
	if want == nil {
		empty(t, cell)
		return
	}
	number(t, cell, *want)
}

func maybe(t *testing.T, cell string, want *int64, unit float64) {
	t.Helper()
	if want == nil {
		empty(t, cell)
		return
	}
	number(t, cell, float64(*want)/unit)
}

func TestUnusualTests(t *testing.T) {
	failed := metrics.Sample{Index: 0, Class: "connect_refused", Error: "refused"}
	tests := []struct {
		name    string
		samples []metrics.Sample
		asked   int
	}{
		{"one request", loops([]step{{0, 0, 4, 1}})[0], 1},
		{"no request succeeded", []metrics.Sample{failed, failed}, 2},
		{"no request at all", nil, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			steps, samples := []step{{0, 0, 4, tt.asked}}, [][]metrics.Sample{tt.samples}
			r := reportOf("m", steps, samples)
			path, res := write(t, r, from(samples), workbook.Options{})
			_, got := excel(t, path)
			checkRequests(t, got["Requests"], steps, samples)
			checkLevels(t, got["Levels"], r.Summaries())
			if len(res.Levels) != 1 || res.Levels[0].Requests.Total != len(tt.samples) {
				t.Errorf("merged %+v", res.Levels)
			}
			if tt.samples == nil && !strings.Contains(fmt.Sprint(got["Summary"]), "Incomplete") {
				t.Error("the summary does not say that the result is incomplete")
			}
			if note := fmt.Sprint(got["Generator"]); (res.Levels[0].TTFT == nil) != strings.Contains(note, "no figures of its own") {
				t.Errorf("sheet Generator says %s", note)
			}
			if tt.name == "no request succeeded" {
				checkRequests(t, office(t, path)["Requests"], steps, samples)
			}
		})
	}
}

func TestSplitAtTheRowLimit(t *testing.T) {
	steps := []step{{0, 0, 1, 15}, {1, 0, 2, 13}} // 28 requests, 9 to a sheet
	samples := loops(steps)
	path, _ := write(t, reportOf("m", steps, samples), from(samples), workbook.Options{RowLimit: 10})
	f, got := excel(t, path)
	want := []string{"Summary", "Parameters", "Levels", "Generator", "Requests", "Requests 2", "Requests 3", "Requests 4", "Errors", "Environment", "Definitions"}
	if diff := cmp.Diff(want, f.GetSheetList()); diff != "" {
		t.Fatalf("sheets (-want +got):\n%s", diff)
	}
	for _, got := range []map[string][][]string{got, office(t, path)} {
		all := got["Requests"]
		for i, n := range []int{10, 10, 10, 2} {
			name := "Requests"
			if i > 0 {
				name = fmt.Sprintf("Requests %d", i+1)
				all = append(all, got[name][1:]...)
			}
			if len(got[name]) != n || !slices.Equal(got[name][0], got["Requests"][0]) {
				t.Errorf("%s has %d rows, want %d with the same header", name, len(got[name]), n)
			}
		}
		checkRequests(t, all, steps, samples)
	}
}

// TestTextThatWouldDoHarm: what a model or a server is called must never be run by a spreadsheet.
func TestTextThatWouldDoHarm(t *testing.T) {
	harm := []string{
		"=1+1", "+1+1", "-1+1", "@SUM(1,1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1",
		`=HYPERLINK("http://evil.example","click")`, `=cmd|' /C calc'!A0`,
	}
	var s []metrics.Sample
	for i, text := range harm {
		s = append(s, metrics.Sample{Index: i, Class: "unknown", Error: text, RequestID: text})
	}
	steps, samples := []step{{0, 0, 1, len(s)}}, [][]metrics.Sample{s}
	r := reportOf("=2+3", steps, samples)
	r.Name, r.Engine = "@SUM(1)", "+7"
	r.Levels[0].Incomplete, r.Loops[0].Summary.Incomplete = "=4+4", "=4+4"
	path, _ := write(t, r, from(samples), workbook.Options{})
	f, _ := excel(t, path)
	for _, sheet := range f.GetSheetList() {
		noFormula(t, f, sheet)
	}
	shown := office(t, path)
	for i := range harm {
		for _, cell := range shown["Requests"][i+1][14:16] {
			if want := "'" + strings.ReplaceAll(harm[i], "\r", "\n"); strings.ReplaceAll(cell, "\r", "\n") != want {
				t.Errorf("LibreOffice shows %q, want %q", cell, want)
			}
		}
	}
	for sheet, rows := range shown {
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+@\t\r\n＝", []rune(cell)[0]) {
					t.Errorf("%s: %q would be run when this CSV is opened", sheet, cell)
				}
			}
		}
	}
}

func noFormula(t *testing.T, f *excelize.File, sheet string) {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for y, row := range rows {
		for x := range row {
			cell, err := excelize.CoordinatesToCellName(x+1, y+1)
			if err != nil {
				t.Fatal(err)
			}
			if formula, err := f.GetCellFormula(sheet, cell); err != nil || formula != "" {
				t.Errorf("%s!%s holds the formula %q (%v)", sheet, cell, formula, err)
			}
		}
	}
}

func TestTextNoCellCanHold(t *testing.T) {
	tests := []struct {
		name, in, want string
	}{
		{"control characters", "a\x00b\x1bc\x0bd", "abcd"},
		{"not UTF-8", "a\xff\xfeb", "a\uFFFDb"},
		{"not a character", "a\uFFFEb", "ab"},
		{"an escape of Excel's own", "a_x000D_b", "a_x000D_b"},
		{"markup", "<b>&amp;</b>", "<b>&amp;</b>"},
		{"space around", "  x  ", "  x  "},
		{"as long as a cell", strings.Repeat("中", 32767), strings.Repeat("中", 32767)},
	}
	var s []metrics.Sample
	for i, tt := range tests {
		s = append(s, metrics.Sample{Index: i, Class: "unknown", Error: tt.in})
	}
	long := strings.Repeat("😀", 20_000) // 40,000 units of UTF-16
	s = append(s, metrics.Sample{Index: len(s), Class: "unknown", Error: long})
	steps, samples := []step{{0, 0, 1, len(s)}}, [][]metrics.Sample{s}
	path, _ := write(t, reportOf("m", steps, samples), from(samples), workbook.Options{})
	_, got := excel(t, path)
	for i, tt := range tests {
		if cell := got["Requests"][i+1][14]; cell != tt.want {
			t.Errorf("%s: %.60q, want %.60q", tt.name, cell, tt.want)
		}
	}
	cell := got["Requests"][len(s)][14]
	if !strings.HasPrefix(cell, "😀") || !strings.Contains(cell, "[cut") || strings.ContainsRune(cell, '\uFFFD') {
		t.Errorf("a long text became %.20q…%q", cell, cell[len(cell)-80:])
	}
	if rows := office(t, path)["Requests"]; len(rows) != len(s)+1 {
		t.Errorf("LibreOffice reads %d rows, want %d", len(rows), len(s)+1)
	}
}

func TestWriteStops(t *testing.T) {
	samples := loops(twoByTwo)
	broken := errors.New("broken")
	stopped, cancel := context.WithCancelCause(t.Context())
	cancel(broken)
	tests := []struct {
		name string
		ctx  context.Context
		raw  workbook.Requests
		want error
	}{
		{"when told to", stopped, from(samples), broken},
		{"when a loop lacks requests", t.Context(), func(i int) iter.Seq2[metrics.Sample, error] {
			return func(func(metrics.Sample, error) bool) {}
		}, workbook.ErrMismatch},
		{"when raw data cannot be read", t.Context(), func(i int) iter.Seq2[metrics.Sample, error] {
			return func(yield func(metrics.Sample, error) bool) { yield(metrics.Sample{}, broken) }
		}, broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := workbook.Write(tt.ctx, &out, reportOf("m", twoByTwo, samples), tt.raw, report.Judge, workbook.Options{TempDir: t.TempDir()})
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if err != nil && out.Len() > 0 {
				t.Errorf("%d bytes written all the same", out.Len())
			}
		})
	}
}

// TestLayout checks what makes a sheet pleasant: frozen header, filter, charts.
func TestLayout(t *testing.T) {
	samples := loops(twoByTwo)
	path, _ := write(t, reportOf("m", twoByTwo, samples), from(samples), workbook.Options{})
	f, _ := excel(t, path)
	for _, sheet := range sheets[1:] {
		panes, err := f.GetPanes(sheet)
		if err != nil || !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("%s: header not frozen: %+v (%v)", sheet, panes, err)
		}
	}
	filters := map[string]bool{}
	for _, name := range f.GetDefinedName() {
		if strings.HasSuffix(name.Name, "_FilterDatabase") {
			filters[name.Scope] = true
		}
	}
	if len(filters) != len(sheets)-1 {
		t.Errorf("filters on %v, want one on every sheet but the summary", filters)
	}
	charts := 0
	f.Pkg.Range(func(name, _ any) bool {
		if strings.HasPrefix(name.(string), "xl/charts/chart") {
			charts++
		}
		return true
	})
	if charts != 4 {
		t.Errorf("%d charts, want 4", charts)
	}
}
