package evalscope_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
)

// brokenPython is an executable that answers the check like a good installation and then does what
// script says, in the folder of the run, with the configuration on stdin.
func brokenPython(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	text := "#!/bin/sh\nif [ \"$1\" = -c ]; then echo '{\"python\":\"3.11.7\",\"evalscope\":\"1.14.1\",\"missing\":[]}'; exit 0; fi\n" + script + "\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// recorded copies a level recorded from the real 1.14.1 to where a run of this driver has it.
const recorded = `mkdir -p out/run && cp -r "$RECORDED" out/run/level && cd out/run/level || exit 9`

func class(t *testing.T, err error) failure.Class {
	t.Helper()
	var f *failure.Failure
	if !errors.As(err, &f) {
		t.Fatalf("error %v is no failure", err)
	}
	if f.Advice.EN == "" || f.Advice.ZH == "" {
		t.Errorf("no advice with %v", f)
	}
	return f.Class
}

func TestRunOfABrokenInstallation(t *testing.T) {
	t.Parallel()
	where, err := filepath.Abs("internal/output/testdata/runs/1.14.1/db/out/t1/parallel_2_number_12")
	if err != nil {
		t.Fatal(err)
	}
	level := strings.ReplaceAll(recorded, "$RECORDED", where)
	tests := []struct {
		name   string
		script string
		want   failure.Class
		say    string // in the error
	}{
		{"whole result, odd exit", level + "; exit 3", "", ""},
		{"ends at once", "exit 0", failure.GeneratorCrashed, "exit status 0"},
		{"crashes", "echo 'RuntimeError: kaputt' >&2; exit 1", failure.GeneratorCrashed, "kaputt"},
		{"prints garbage", "head -c 300000 /dev/urandom; exit 0", failure.GeneratorCrashed, "left 0 results"},
		{"killed from outside", "kill -9 $$", failure.ClientResource, "killed"},
		{"lacks a module", "echo \"ModuleNotFoundError: No module named 'httpx'\" >&2; exit 1", failure.GeneratorMissing, "module"},
		{"disk full", "echo 'OSError: [Errno 28] No space left on device' >&2; exit 1", failure.Storage, "disk"},
		{"no summary", level + "; rm benchmark_summary.json", failure.GeneratorCrashed, "left no summary"},
		{"torn summary", level + "; head -c 40 benchmark_summary.json >x; mv x benchmark_summary.json", failure.GeneratorGarbage, "benchmark_summary.json: cut off"},
		{"garbage summary", level + "; echo '<html>' >benchmark_summary.json", failure.GeneratorGarbage, "benchmark_summary.json"},
		{"garbage percentiles", level + "; echo '[1' >benchmark_percentile.json", failure.GeneratorGarbage, "benchmark_percentile.json"},
		{"no percentiles", level + "; rm benchmark_percentile.json", "", ""},
		{"garbage database", level + "; head -c 9000 /dev/urandom >benchmark_data.db", failure.GeneratorGarbage, "benchmark_data.db"},
		{"no database", level + "; rm benchmark_data.db", failure.GeneratorGarbage, "benchmark_data.db"},
		{"two levels", level + "; cp -r . ../other", failure.GeneratorCrashed, "left 2 results"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			work := t.TempDir()
			d := evalscope.Driver{Python: brokenPython(t, tt.script), WorkDir: work}
			r, err := d.Run(t.Context(), plain(t, 12))
			if tt.want == "" {
				if err != nil || len(r.Samples) != 12 || r.Incomplete != "" {
					t.Errorf("%d samples, incomplete %q, %v; want 12 and no error", len(r.Samples), r.Incomplete, err)
				}
			} else if got := class(t, err); got != tt.want || !strings.Contains(err.Error(), tt.say) {
				t.Errorf("got %v, want %s about %q", err, tt.want, tt.say)
			}
			if left, _ := os.ReadDir(work); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// plain is a job no server is needed for.
func plain(t *testing.T, n int) evalscope.Job {
	t.Helper()
	return evalscope.Job{
		Spec:   spec.Spec{Model: "m", Target: spec.Target{URL: "http://127.0.0.1:9/v1"}, Timeouts: spec.Timeouts{Request: spec.Duration(time.Second)}},
		Bodies: bodies(t, 1, func(int) map[string]any { return map[string]any{"messages": []any{}} }), Concurrency: 2, Requests: n,
	}
}

func TestFewerRequestsThanAsked(t *testing.T) {
	t.Parallel()
	where, err := filepath.Abs("internal/output/testdata/runs/1.14.1/db/out/t1/parallel_2_number_12")
	if err != nil {
		t.Fatal(err)
	}
	d := evalscope.Driver{Python: brokenPython(t, strings.ReplaceAll(recorded, "$RECORDED", where)), WorkDir: t.TempDir()}
	r, err := d.Run(t.Context(), plain(t, 20))
	if err != nil || r.Incomplete != "evalscope reports 12 of 20 requests" || len(r.Samples) != 12 {
		t.Errorf("incomplete %q with %d samples, %v", r.Incomplete, len(r.Samples), err)
	}
}

func TestHungIsKilledWithItsChildren(t *testing.T) {
	t.Parallel()
	pids := filepath.Join(t.TempDir(), "pids")
	script := "trap '' INT TERM; sh -c 'trap \"\" INT TERM; echo $$ >>" + pids + "; while :; do sleep 1; done' & echo $$ >>" + pids + "; while :; do sleep 1; done"
	d := evalscope.Driver{Python: brokenPython(t, script), WorkDir: t.TempDir(), Grace: 500 * time.Millisecond}
	begin := time.Now()
	r, err := d.Run(t.Context(), plain(t, 4))
	if got := class(t, err); got != failure.GeneratorHung || !strings.Contains(err.Error(), "gone after") {
		t.Errorf("got %v, want generator_hung and that it is gone", err)
	}
	if took := time.Since(begin); took < 1500*time.Millisecond || took > 5*time.Second {
		t.Errorf("took %v, want the request timeout and the grace: 1.5 s", took)
	}
	if r.Incomplete == "" {
		t.Error("not said to be incomplete")
	}
	allGone(t, pids, 2, time.Second)
}

func TestStubbornIsCancelledHard(t *testing.T) {
	t.Parallel()
	pids := filepath.Join(t.TempDir(), "pids")
	ctx, cancel := context.WithCancel(t.Context())
	d := evalscope.Driver{Python: brokenPython(t, "trap '' INT TERM; echo $$ >"+pids+"; while :; do sleep 1; done"), WorkDir: t.TempDir()}
	done := make(chan error, 1)
	go func() {
		_, err := d.Run(ctx, plain(t, 4))
		done <- err
	}()
	waitFor(t, 5*time.Second, func() bool { _, err := os.Stat(pids); return err == nil })
	begin := time.Now()
	cancel()
	if got := class(t, <-done); got != failure.Cancelled {
		t.Errorf("got %v, want cancelled", got)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("cancelled after %v, want at most 3 s", took)
	}
	allGone(t, pids, 1, time.Second)
}

func TestRunRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	no := false
	old := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(old, []byte("#!/bin/sh\necho '{\"python\":\"3.9.2\",\"evalscope\":\"1.7.1\",\"missing\":[]}'\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	python := brokenPython(t, "exit 0")
	tests := []struct {
		name   string
		python string
		change func(j *evalscope.Job)
		want   failure.Class
		say    string
	}{
		{"no python", "/nowhere/bin/python", nil, failure.GeneratorMissing, "/nowhere/bin/python"},
		{"not on the path", "no-such-python", nil, failure.GeneratorMissing, "no-such-python"},
		{"not executable", "doc.go", nil, failure.GeneratorMissing, "doc.go"},
		{"a folder", "/tmp", nil, failure.GeneratorMissing, "/tmp"},
		{"another program", "/bin/echo", nil, failure.GeneratorMissing, "not a Python interpreter"},
		{"too old", old, nil, failure.GeneratorMissing, "too old"},
		{"certificate not to be checked", python, func(j *evalscope.Job) { j.Spec.Target.TLSVerify = &no }, failure.BadRequest, "tls_verify"},
		{"no target", python, func(j *evalscope.Job) { j.Spec.Target.URL = "" }, failure.BadRequest, "target.url"},
		{"no model", python, func(j *evalscope.Job) { j.Spec.Model = "" }, failure.BadRequest, "model"},
		{"no load", python, func(j *evalscope.Job) { j.Concurrency = 0 }, failure.BadRequest, "concurrency"},
		{"no end", python, func(j *evalscope.Job) { j.Requests = 0 }, failure.BadRequest, "requests"},
		{"negative", python, func(j *evalscope.Job) { j.Warmup = -1 }, failure.BadRequest, "negative"},
		{"no bodies", python, func(j *evalscope.Job) { j.Bodies = "" }, failure.BadRequest, "bodies"},
		{"bodies missing", python, func(j *evalscope.Job) { j.Bodies = "/nowhere/bodies" }, failure.Storage, "/nowhere/bodies"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			j := plain(t, 4)
			if tt.change != nil {
				tt.change(&j)
			}
			_, err := evalscope.Driver{Python: tt.python, WorkDir: t.TempDir()}.Run(t.Context(), j)
			if got := class(t, err); got != tt.want || !strings.Contains(err.Error(), tt.say) {
				t.Errorf("got %v, want %s about %q", err, tt.want, tt.say)
			}
		})
	}
}

func TestLostIsKilledAtOnce(t *testing.T) {
	t.Parallel()
	pids := filepath.Join(t.TempDir(), "pids")
	lost := errors.New("another process has it")
	ctx, cancel := context.WithCancelCause(t.Context())
	d := evalscope.Driver{
		Python:  brokenPython(t, "trap '' INT TERM; echo $$ >"+pids+"; while :; do sleep 1; done"),
		WorkDir: t.TempDir(), AtOnce: func(cause error) bool { return errors.Is(cause, lost) },
	}
	done := make(chan error, 1)
	go func() {
		_, err := d.Run(ctx, plain(t, 4))
		done <- err
	}()
	waitFor(t, 5*time.Second, func() bool { _, err := os.Stat(pids); return err == nil })
	begin := time.Now()
	cancel(lost)
	if err := <-done; class(t, err) != failure.Cancelled {
		t.Errorf("got %v, want cancelled", err)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("took %v; a gentle stop of a stubborn process takes 1.9 s, this one must not ask first", took)
	}
	allGone(t, pids, 1, time.Second)
}
