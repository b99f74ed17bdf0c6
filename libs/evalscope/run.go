package evalscope

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"plimsoll.internal/libs/evalscope/internal/output"
	"plimsoll.internal/libs/failure"
)

//go:embed shim.py
var shim []byte

// pollEvery is how often progress is looked at.
const pollEvery = 200 * time.Millisecond

// run is one evalscope perf process and its folder.
type run struct {
	d       Driver
	job     Job
	load    load
	version string
	dir     string // everything below is in here
	log     *tail
	done    int // finished requests, as last seen
}

// newRun makes the folder of a run.
func newRun(d Driver, job Job, version string) (*run, error) {
	if err := os.MkdirAll(d.WorkDir, 0o700); err != nil {
		return nil, failure.New(failure.Storage, "make the folder of evalscope runs: %v", err)
	}
	dir, err := os.MkdirTemp(d.WorkDir, "evalscope-")
	if err != nil {
		return nil, failure.New(failure.Storage, "make the folder of an evalscope run: %v", err)
	}
	bodies, err := filepath.Abs(job.Bodies)
	if err == nil {
		_, err = os.Stat(bodies)
	}
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "shim.py"), shim, 0o600)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, failure.New(failure.Storage, "prepare an evalscope run: %v", err)
	}
	return &run{
		d: d, job: job, version: version, dir: dir, log: newTail(job.APIKey),
		load: load{
			Concurrency: job.Concurrency, Rate: job.Rate, Requests: job.Requests, Duration: job.Duration,
			Warmup: job.Warmup, Bodies: bodies, Outputs: filepath.Join(dir, "out"),
		},
	}, nil
}

func (r *run) clean() {
	if r.d.Keep {
		return
	}
	if err := os.RemoveAll(r.dir); err != nil {
		r.d.Log.Warn("evalscope files not removed", "dir", r.dir, "error", err)
	}
}

func (r *run) failedFile() string { return filepath.Join(r.dir, "failed.jsonl") }

// ending is how the process ended.
type ending struct {
	exit string // like "exit status 1"; empty for 0
	took time.Duration
}

// carryOut starts the process and watches it to its end. The error is nil unless it could not be
// started, was cancelled or hung.
func (r *run) carryOut(ctx context.Context) (ending, error) {
	line, err := r.config()
	if err != nil {
		return ending{}, failure.New(failure.GeneratorCrashed, "prepare evalscope: %v", err)
	}
	// Not CommandContext: that would kill at once, and only the leader.
	cmd := exec.Command(r.d.Python, "-u", filepath.Join(r.dir, "shim.py")) //nolint:noctx // stopped by watch
	cmd.Dir, cmd.Env = r.dir, environment()
	cmd.Stdout, cmd.Stderr = r.log, r.log
	begin := time.Now()
	p, err := startProcess(cmd, line)
	if err != nil {
		return ending{}, missing(r.d.Python, err)
	}
	r.d.Log.Info("evalscope started", "pid", p.pid, "version", r.version,
		"concurrency", r.load.Concurrency, "rate_per_s", r.load.Rate, "requests", r.load.number())
	err = r.watch(ctx, p)
	e := ending{took: time.Since(begin)}
	if err == nil && p.err != nil {
		e.exit = p.err.Error()
	}
	r.d.Log.Info("evalscope ended", "pid", p.pid, "seconds", e.took.Seconds(), "exit", e.exit)
	return e, err
}

// config is the line the shim reads: arguments and key, nowhere else.
func (r *run) config() ([]byte, error) {
	values, must := asMap(arguments(r.job.Spec, r.load))
	line, err := json.Marshal(map[string]any{
		"args": values, "must": must, "api_key": r.job.APIKey, "failures": r.failedFile(),
	})
	if err != nil {
		return nil, fmt.Errorf("write its configuration: %w", err)
	}
	return append(line, '\n'), nil
}

// watch polls progress until the process ends, and ends it when ctx does, when nothing moves for too
// long or when it takes longer than it possibly can.
func (r *run) watch(ctx context.Context, p *process) error {
	quiet, whole := r.quietLimit(), r.wholeLimit()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	begin := time.Now()
	moved := begin
	for {
		select {
		case <-p.done:
			r.progress()
			return nil
		case <-ctx.Done():
			steps := gentle
			if r.d.AtOnce != nil && r.d.AtOnce(context.Cause(ctx)) {
				steps = hard
			}
			took, gone := p.stop(steps)
			return cancelled(ctx, "%s", proof(p.pid, took, gone))
		case <-ticker.C:
		}
		if r.progress() {
			moved = time.Now()
		}
		var why string
		switch {
		case time.Since(moved) > quiet:
			why = fmt.Sprintf("no request finished for %.0f s", time.Since(moved).Seconds())
		case time.Since(begin) > whole:
			why = fmt.Sprintf("not done after %.0f s", time.Since(begin).Seconds())
		default:
			continue
		}
		took, gone := p.stop(hard)
		return failure.New(failure.GeneratorHung, "%s, %d of %d done; %s",
			why, r.done, r.job.asked(), proof(p.pid, took, gone))
	}
}

// proof says how it is known that nothing runs any more.
func proof(pid int, took time.Duration, gone bool) string {
	if !gone {
		return fmt.Sprintf("process group %d still there %.1f s after SIGKILL", pid, took.Seconds())
	}
	return fmt.Sprintf("process group %d gone after %.1f s", pid, took.Seconds())
}

// progress looks at progress.json and tells whether more requests have finished.
func (r *run) progress() bool {
	p, ok := output.ReadProgress(filepath.Join(r.load.Outputs, runName, output.ProgressFile))
	if !ok || p.Done <= r.done {
		return false
	}
	r.done = p.Done
	if r.job.OnProgress != nil {
		r.job.OnProgress(p.Done, r.job.asked())
	}
	return true
}

// notThere reports a file that is simply absent.
func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }
