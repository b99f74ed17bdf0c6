package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/filename"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/samples"
	"plimsoll.internal/services/reporter/internal/report"
	"plimsoll.internal/services/reporter/internal/workbook"
)

const (
	typeWorkbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	typeJSON     = "application/json"
	reportName   = "report.json"
	workPrefix   = "report-" // of the folders below TempDir
)

// produce writes workbook and report and stores them.
func (s *Stage) produce(ctx context.Context, t test) (events.Reported, error) {
	dir, err := os.MkdirTemp(s.TempDir, workPrefix)
	if err != nil {
		return events.Reported{}, fmt.Errorf("make a folder for the report of test %s: %w", t.TestID, err)
	}
	defer os.RemoveAll(dir) // what a crash leaves is removed at the next start
	r, err := report.New(t.history, t.Lifecycle)
	if err != nil {
		return events.Reported{}, err
	}
	book, text := filepath.Join(dir, "book"), filepath.Join(dir, "json")
	err = writeFile(book, func(w io.Writer) error {
		raw := func(i int) iter.Seq2[metrics.Sample, error] { return s.requests(ctx, r.Loops[i].Raw) }
		_, err := workbook.Write(ctx, w, &r, raw, report.Judge, workbook.Options{RowLimit: s.RowLimit, TempDir: dir})
		return err
	})
	if err != nil {
		return events.Reported{}, err
	}
	if err := writeFile(text, r.WriteJSON); err != nil {
		return events.Reported{}, err
	}
	files := []file{
		{name: filename.Workbook(r.Model, r.RequestedAt), kind: "workbook", contentType: typeWorkbook, path: book},
		{name: reportName, kind: "report", contentType: typeJSON, path: text},
	}
	artifacts, err := s.store(ctx, t, files)
	if err != nil {
		return events.Reported{}, err
	}
	return events.Reported{Verdict: r.Verdict, Reason: r.Reason, Artifacts: append(artifacts, rawArtifacts(r)...)}, nil
}

// requests reads one raw file. The whole file is checked before the first request is handed out.
func (s *Stage) requests(ctx context.Context, o events.Object) iter.Seq2[metrics.Sample, error] {
	return func(yield func(metrics.Sample, error) bool) {
		f, err := s.Bus.Bucket(events.BucketRaw).Open(ctx, o)
		if err != nil {
			yield(metrics.Sample{}, fmt.Errorf("open raw data %s: %w", o.Name, err))
			return
		}
		defer f.Close() // a temporary copy, only read
		for sample, err := range samples.Read(f, f.Size()) {
			if err != nil {
				err = fmt.Errorf("%w: %s: %w", errUnreadable, o.Name, err)
			}
			if !yield(sample, err) || err != nil {
				return
			}
		}
	}
}

// writeFile writes one file; an error of closing counts, because that is where a full disk shows.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// rawArtifacts offers the raw files under names that say what they hold, levels and loops from 1 as in
// the workbook.
func rawArtifacts(r report.Report) []events.Artifact {
	out := make([]events.Artifact, 0, len(r.Loops))
	for _, done := range r.Loops {
		out = append(out, events.Artifact{
			Name: fmt.Sprintf("raw_level%d_loop%d.parquet", done.Summary.Level+1, done.Summary.Loop+1),
			Kind: "raw", Object: done.Raw,
		})
	}
	return out
}

// RemoveLeftOvers removes folders of attempts that a crash cut short. Only one process may use TempDir.
func (s *Stage) RemoveLeftOvers() error {
	old, err := filepath.Glob(filepath.Join(s.TempDir, workPrefix+"*"))
	if err != nil {
		return fmt.Errorf("look for left-over folders: %w", err)
	}
	for _, dir := range old {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove a left-over folder: %w", err)
		}
	}
	return nil
}
