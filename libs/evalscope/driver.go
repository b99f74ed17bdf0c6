package evalscope

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
)

// Driver runs evalscope perf. It may be used by several goroutines at once.
type Driver struct {
	Python  string        // interpreter of the environment evalscope is installed in
	WorkDir string        // folder for the files of runs; each run has its own and removes it
	Log     *slog.Logger  // nil: nothing is logged
	Grace   time.Duration // start-up, preparing requests and writing results, beyond any request; default 60 s
	Keep    bool          // leave the files of a run in WorkDir

	// AtOnce tells by the cause of its context's end that a run must be killed without being asked to stop
	// first, because somebody else is about to load the target. May be nil.
	AtOnce func(cause error) bool
}

// Job is one loop of one level.
type Job struct {
	Spec   spec.Spec // complete, defaults filled in
	APIKey string    // sent as bearer token; reaches evalscope by stdin only
	Bodies string    // path of request bodies, one JSON object a line: Warmup + Requests of them, cycled when fewer

	Concurrency int           // requests in flight; 0 in open loop
	Rate        float64       // requests per second; 0 for none
	Requests    int           // measured requests; may be 0 with Duration
	Duration    time.Duration // of sending, instead of Requests; requests in flight are awaited
	Warmup      int           // requests sent first by the same process and left out of everything

	// OnProgress is told finished requests, failed ones included, and Requests; at most five times a
	// second, never concurrently, warm-up not counted. May be nil.
	OnProgress func(done, total int)
}

// Result is what one loop of one level gave.
type Result struct {
	Samples []metrics.Sample    // every measured request, by start, under our definitions
	Summary map[string]any      // evalscope's own summary with the names it uses, all keys
	Native  map[string]*float64 // evalscope's own figures under our names and units, like ttft_ms_mean, itl_ms_p99; where it means something else metrics.Definitions says so
	Version string              // of evalscope
	Asked   int                 // requests that were to be measured; 0 when a duration decides
	// Incomplete says why fewer requests than asked were measured; empty when all were.
	Incomplete string
	Log        string // end of what evalscope printed, at most 64 KiB, without secrets
}

const defaultGrace = 60 * time.Second

// Run runs evalscope perf once and reads what it wrote. Every error is a *failure.Failure; with
// cancelled, generator_hung and generator_crashed the Result still holds what had been written down.
// When ctx ends the process group is stopped before Run returns, within about two seconds, or killed when
// AtOnce says so.
func (d Driver) Run(ctx context.Context, job Job) (Result, error) {
	d = d.withDefaults()
	if err := job.check(); err != nil {
		return Result{}, err
	}
	status, err := Check(ctx, d.Python)
	if ctx.Err() != nil {
		return Result{}, cancelled(ctx, "before evalscope was started")
	}
	if err != nil {
		return Result{}, err
	}
	if !status.Usable() {
		return Result{Version: status.Evalscope}, failure.New(failure.GeneratorMissing, "%s", status.Problems[0])
	}
	r, err := newRun(d, job, status.Evalscope)
	if err != nil {
		return Result{}, err
	}
	defer r.clean()
	ended, err := r.carryOut(ctx)
	return r.result(ctx, ended, err)
}

func (d Driver) withDefaults() Driver {
	if d.Grace <= 0 {
		d.Grace = defaultGrace
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	// The process starts in the folder of its run, so a relative path would mean another file.
	if abs, err := filepath.Abs(d.Python); err == nil && strings.ContainsRune(d.Python, filepath.Separator) {
		d.Python = abs
	}
	return d
}

// check finds what evalscope cannot do or would misunderstand.
func (j Job) check() error {
	bad := func(format string, args ...any) error { return failure.New(failure.BadRequest, format, args...) }
	switch {
	case j.Spec.Target.TLSVerify != nil && !*j.Spec.Target.TLSVerify:
		f := failure.New(failure.BadRequest, "target.tls_verify is false, but evalscope always verifies certificates")
		f.Advice = failure.Text{
			EN: "Set SSL_CERT_FILE on the runner to the server's CA, or use generator native.",
			ZH: "请在压测机上用 SSL_CERT_FILE 指定服务端 CA，或改用 native 压测工具。",
		}
		return f
	case j.Spec.Target.URL == "":
		return bad("target.url is empty")
	case j.Spec.Model == "":
		return bad("model is empty")
	case j.Bodies == "":
		return bad("no file of request bodies was given")
	case j.Concurrency <= 0 && j.Rate <= 0:
		return bad("neither concurrency nor rate is above zero")
	case j.Requests <= 0 && j.Duration <= 0:
		return bad("neither requests nor duration is above zero")
	case j.Requests < 0 || j.Warmup < 0 || j.Concurrency < 0 || j.Rate < 0:
		return bad("requests, warmup, concurrency and rate must not be negative")
	}
	return nil
}

// asked is how many requests must have been measured, 0 when a duration decides.
func (j Job) asked() int {
	if j.Duration > 0 {
		return 0
	}
	return j.Requests
}

func cancelled(ctx context.Context, format string, args ...any) *failure.Failure {
	f := failure.New(failure.Cancelled, format, args...)
	if cause := context.Cause(ctx); cause != nil && cause != context.Canceled {
		f.Message += ": " + cause.Error()
	}
	return f
}
