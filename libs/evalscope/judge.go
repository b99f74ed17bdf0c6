package evalscope

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"plimsoll.internal/libs/evalscope/internal/output"
	"plimsoll.internal/libs/failure"
)

// result judges the run by its files and reads them; stopped is why it was ended before its time.
func (r *run) result(ctx context.Context, e ending, stopped error) (Result, error) {
	res := Result{Version: r.version, Asked: r.job.asked(), Log: r.log.String()}
	// What was measured is read even when ctx has ended: it takes no part in the cancellation.
	ctx = context.WithoutCancel(ctx)
	if stopped != nil {
		res.Incomplete = stopped.Error()
		r.salvage(ctx, &res)
		return res, stopped
	}
	levels, err := output.Levels(r.load.Outputs)
	if err != nil {
		return res, failure.New(failure.GeneratorGarbage, "%v", err)
	}
	if len(levels) != 1 {
		return res, r.crashed(e, res.Log, fmt.Sprintf("left %d results instead of one", len(levels)))
	}
	summary, err := output.ReadSummary(levels[0])
	if notThere(err) {
		r.salvage(ctx, &res)
		f := r.crashed(e, res.Log, "left no summary")
		res.Incomplete = f.Error()
		return res, f
	}
	if err == nil {
		err = r.read(ctx, levels[0], summary, &res)
	}
	if err != nil {
		return res, garbage(err)
	}
	res.Incomplete = r.incomplete(summary, len(res.Samples))
	return res, nil
}

// read fills the result from the files of a level that has a summary.
func (r *run) read(ctx context.Context, dir string, summary output.Summary, res *Result) error {
	res.Summary, res.Native = summary.Raw, maps.Clone(summary.Figures)
	percentiles, err := output.ReadPercentiles(dir)
	if err != nil && !notThere(err) { // the oldest versions write none for few requests
		return err
	}
	maps.Copy(res.Native, percentiles.Figures)
	return r.readSamples(ctx, dir, res)
}

func (r *run) readSamples(ctx context.Context, dir string, res *Result) error {
	rows, err := output.ReadRows(ctx, dir)
	if err != nil {
		return err
	}
	known, err := readFailed(r.failedFile())
	if err != nil {
		r.d.Log.Warn("failed requests stay unexplained", "error", err)
	}
	streamed := r.job.Spec.Stream == nil || *r.job.Spec.Stream
	res.Samples = output.Samples(rows, streamed)
	explain(res.Samples, rows, known, r.job.APIKey)
	return nil
}

// salvage reads the rows a run that was cut short had written down; none is no fault.
func (r *run) salvage(ctx context.Context, res *Result) {
	levels, err := output.Levels(r.load.Outputs)
	if err == nil && len(levels) == 1 {
		err = r.readSamples(ctx, levels[0], res)
	}
	if err != nil {
		r.d.Log.Info("no rows of the cut-short run", "error", err)
	}
}

// incomplete says why the counts do not add up; empty when they do.
func (r *run) incomplete(s output.Summary, rows int) string {
	measured := s.OK + s.Failed
	switch asked := r.job.asked(); {
	case asked > 0 && measured != asked:
		return fmt.Sprintf("evalscope reports %d of %d requests", measured, asked)
	case rows != measured:
		return fmt.Sprintf("evalscope reports %d requests but recorded %d", measured, rows)
	case asked == 0 && measured >= r.load.number():
		return fmt.Sprintf("all %d prepared requests were sent before the time was over", measured)
	}
	return ""
}

// garbage is the failure of files that are there but cannot be read.
func garbage(err error) *failure.Failure {
	var d *output.Damaged
	if errors.As(err, &d) || notThere(err) {
		return failure.New(failure.GeneratorGarbage, "%v", err)
	}
	return failure.New(failure.Storage, "%v", err)
}

// endings map what evalscope prints before it gives up to the failure.
var endings = []struct {
	class failure.Class
	mark  string
	say   string
}{
	{failure.BadStream, "Unable to retrieve usage information", "the server sends no token counts (usage), without which evalscope aborts"},
	{failure.GeneratorMissing, "No module named", "the installation lacks a module"},
	{failure.GeneratorMissing, "shim: unknown to this evalscope", "this version does not know an argument that is needed"},
	{failure.Storage, "No space left on device", "the disk is full"},
	{failure.ClientResource, "Too many open files", "the limit of open files is too low"},
	{failure.ClientResource, "MemoryError", "the memory was not enough"},
	{failure.ClientResource, "signal: killed", "it was killed from outside, most often because the memory was not enough"},
}

// usageAdvice goes with a server that does not count tokens.
var usageAdvice = failure.Text{
	EN: "Let the server answer with usage (stream_options.include_usage), or use generator native.",
	ZH: "请让服务端返回 usage（stream_options.include_usage），或改用 native 压测工具。",
}

// crashed is the failure of a run without a usable result.
func (r *run) crashed(e ending, log, what string) *failure.Failure {
	exit := e.exit
	if exit == "" {
		exit = "exit status 0"
	}
	for _, known := range endings {
		if !strings.Contains(log, known.mark) && !strings.Contains(exit, known.mark) {
			continue
		}
		f := failure.New(known.class, "evalscope %s ended (%s): %s", r.version, exit, known.say)
		if known.class == failure.BadStream {
			f.Advice = usageAdvice
		}
		return f
	}
	return failure.New(failure.GeneratorCrashed, "evalscope %s ended after %.1f s (%s) and %s; last words: %s",
		r.version, e.took.Seconds(), exit, what, lastLines(log, 3))
}
