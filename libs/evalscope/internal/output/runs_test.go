package output_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/evalscope/internal/output"
)

// wantRuns is how many recorded runs there are: five versions, up to 44 cases each.
const wantRuns = 93

// expected is what stands in the files of one run, read by other means than this package.
type expected struct {
	Levels []struct {
		Dir     string              `json:"dir"`
		OK      int                 `json:"ok"`
		Failed  int                 `json:"failed"`
		Rows    []string            `json:"rows"`
		Figures map[string]*float64 `json:"figures"`
	} `json:"levels"`
	Progress string `json:"progress"`
}

// recorded is what was noted about a run while it was recorded.
type recorded struct {
	ExitCode  int `json:"exit_code"`
	ServerSaw *struct {
		OK     int `json:"ok"`
		Failed int `json:"failed"`
		Cut    int `json:"cut"`
	} `json:"server_saw"`
	FilesAtEnd map[string]int64 `json:"files_at_end"`
}

func load(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func TestEveryRecordedRun(t *testing.T) {
	var all map[string]expected
	load(t, "testdata/expected.json", &all)
	if len(all) != wantRuns {
		t.Fatalf("%d runs expected, want %d", len(all), wantRuns)
	}
	dirs, err := filepath.Glob("testdata/runs/*/*/run.json")
	if err != nil || len(dirs) != wantRuns {
		t.Fatalf("%d runs recorded (%v), want %d", len(dirs), err, wantRuns)
	}
	for name, want := range all {
		t.Run(name, func(t *testing.T) { checkRun(t, filepath.Join("testdata/runs", name), want) })
	}
}

func checkRun(t *testing.T, dir string, want expected) {
	var run recorded
	load(t, filepath.Join(dir, "run.json"), &run)
	levels, err := output.Levels(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	if len(levels) != len(want.Levels) {
		t.Fatalf("levels %v, want %d", levels, len(want.Levels))
	}
	ok, failed := 0, 0
	for i, w := range want.Levels {
		if levels[i] != filepath.Join(dir, w.Dir) {
			t.Errorf("level %d in %s, want %s", i, levels[i], w.Dir)
		}
		s, err := output.ReadSummary(levels[i])
		if err != nil {
			t.Fatal(err)
		}
		if s.OK != w.OK || s.Failed != w.Failed || s.Total != w.OK+w.Failed {
			t.Errorf("%s: %d ok %d failed of %d, want %d and %d", w.Dir, s.OK, s.Failed, s.Total, w.OK, w.Failed)
		}
		if len(s.Unknown) > 0 {
			t.Errorf("%s: keys without a name of ours: %v", w.Dir, s.Unknown)
		}
		ok, failed = ok+s.OK, failed+s.Failed
		checkFigures(t, s.Figures, w.Figures, false)
		checkPercentiles(t, levels[i], w.Rows, w.Figures)
		checkArguments(t, levels[i])
	}
	checkServer(t, run, ok, failed)
	checkSummariesFound(t, run, len(want.Levels))
	paths, _ := filepath.Glob(filepath.Join(dir, "out", "*", "progress.json"))
	deeper, _ := filepath.Glob(filepath.Join(dir, "out", "*", "*", "progress.json"))
	checkProgress(t, append(paths, deeper...), want.Progress)
}

// checkFigures compares the figures of the summary, or those of the percentiles.
func checkFigures(t *testing.T, got, want map[string]*float64, percentiles bool) {
	t.Helper()
	for name, w := range want {
		if strings.HasSuffix(name, "_p99") != percentiles {
			continue
		}
		g := got[name]
		if (g == nil) != (w == nil) || g != nil && math.Abs(*g-*w) > 1e-9*math.Max(1, math.Abs(*w)) {
			t.Errorf("%s is %v, want %v", name, show(g), show(w))
		}
	}
}

func show(n *float64) any {
	if n == nil {
		return "unknown"
	}
	return *n
}

func checkPercentiles(t *testing.T, dir string, rows []string, figures map[string]*float64) {
	t.Helper()
	if rows == nil {
		return // not kept of this run
	}
	p, err := output.ReadPercentiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, row := range rows {
		if digits, found := strings.CutSuffix(row, "%"); found {
			row = "p" + digits
		}
		labels = append(labels, row)
	}
	if diff := cmp.Diff(labels, p.Labels); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if len(p.Unknown) > 0 {
		t.Errorf("columns without a name of ours: %v", p.Unknown)
	}
	checkFigures(t, p.Figures, figures, true)
}

func checkArguments(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, output.ArgumentsFile)); err != nil {
		return // not kept of this run
	}
	args, err := output.ReadArguments(dir)
	if err != nil || args["model"] != "mock" || args["url"] == "" {
		t.Errorf("arguments: model %v url %v, %v", args["model"], args["url"], err)
	}
}

// checkServer compares with what the server counted: it cannot have answered less than was counted. A
// run that failed may stand beside the files of an earlier one.
func checkServer(t *testing.T, run recorded, ok, failed int) {
	t.Helper()
	if saw := run.ServerSaw; run.ExitCode == 0 && saw != nil && (ok > saw.OK || saw.Cut > 0 && failed != saw.Cut) {
		t.Errorf("%d ok %d failed, but the server answered %d and cut %d", ok, failed, saw.OK, saw.Cut)
	}
}

func checkSummariesFound(t *testing.T, run recorded, found int) {
	t.Helper()
	n := 0
	for name := range run.FilesAtEnd {
		if strings.HasSuffix(name, "/"+output.SummaryFile) {
			n++
		}
	}
	if n != found {
		t.Errorf("%d summaries were written, %d found", n, found)
	}
}

func checkProgress(t *testing.T, paths []string, status string) {
	t.Helper()
	if status == "" {
		return
	}
	for _, path := range paths {
		if p, ok := output.ReadProgress(path); !ok || p.Status != status || p.Done > p.Total {
			t.Errorf("progress %+v (%v), want %s", p, ok, status)
		}
	}
	if len(paths) == 0 {
		t.Error("no progress.json found")
	}
}
