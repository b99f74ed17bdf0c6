package workbook

import (
	"context"
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/services/reporter/internal/report"
)

// ErrMismatch: the raw data is not the data the summary was made of.
var ErrMismatch = errors.New("raw data does not agree with its summary")

const nsPerMs = 1e6

var requestColumns = []column{
	{"Level 级别", 8, integer},
	{"Concurrency 并发", 12, integer},
	{"Rate (req/s)", 10, twoDecimals},
	{"Loop 轮次", 8, integer},
	{"Index 序号", 9, integer},
	{"Start (ms)", 13, fine},
	{"TTFT (ms)", 12, fine},
	{"TPOT (ms)", 12, fine},
	{"Latency E2E (ms)", 13, fine},
	{"Input tokens", 10, integer},
	{"Output tokens", 10, integer},
	{"Result", 9, text},
	{"HTTP status", 9, integer},
	{"Error class", 20, text},
	{"Error", 60, text},
	{"Request id", 38, text},
}

// requestSheets writes rows to "Requests", "Requests 2" and so on, each as long as a sheet may be.
type requestSheets struct {
	*stream
	count int // sheets begun
}

// writeRequests writes every request of every loop and counts them on the way.
func (b *book) writeRequests(ctx context.Context, r report.Report, raw Requests, tally *report.Tally) error {
	s := &requestSheets{stream: b.stream(sheetRequests, requestColumns), count: 1}
	for i, done := range r.Loops {
		if err := s.writeLoop(ctx, i, done, raw, tally); err != nil {
			return fmt.Errorf("requests of level %d loop %d of test %s: %w", done.Summary.Level+1, done.Summary.Loop+1, r.TestID, err)
		}
	}
	s.end()
	return b.err
}

func (s *requestSheets) writeLoop(ctx context.Context, i int, done events.LevelDone, raw Requests, tally *report.Tally) error {
	var seen metrics.Requests
	for sample, err := range raw(i) {
		if err != nil {
			return err
		}
		if seen.Total%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if seen.Total++; sample.OK {
			seen.OK++
		} else {
			seen.Failed++
		}
		tally.Add(done.Summary.Level, sample)
		s.add(done.Summary, sample)
		if s.err != nil {
			return s.err
		}
	}
	want := done.Summary.Requests
	if seen.Total != want.Total || seen.OK != want.OK {
		return fmt.Errorf("%w: %s holds %d requests, %d of them successful; the summary says %d and %d",
			ErrMismatch, done.Raw.Name, seen.Total, seen.OK, want.Total, want.OK)
	}
	return nil
}

func (s *requestSheets) add(level metrics.Summary, x metrics.Sample) {
	if s.row == s.limit {
		s.end()
		s.next()
	}
	result := "ok"
	if !x.OK {
		result = "failed"
	}
	s.write(excelize.RowOpts{},
		level.Level+1, positive(level.Concurrency), positive(level.Rate), level.Loop+1, x.Index,
		float64(x.StartNs)/nsPerMs, ms(x.TTFTNs), ms(x.TPOTNs), ms(x.E2ENs), x.InputTok, x.OutputTok,
		result, positive(x.Status), x.Class, x.Error, x.RequestID,
	)
}

// next begins one more sheet, right behind the one before.
func (s *requestSheets) next() {
	s.count++
	name := fmt.Sprintf("%s %d", sheetRequests, s.count)
	s.addSheet(name)
	s.try(s.file.MoveSheet(name, sheetErrors))
	s.stream = s.book.stream(name, requestColumns)
}

// ms turns nanoseconds into milliseconds, keeping "not known".
func ms(ns *int64) *float64 {
	if ns == nil {
		return nil
	}
	v := float64(*ns) / nsPerMs
	return &v
}

// positive is nil for the zero that means "not this kind of load" or "not known".
func positive[T int | float64](v T) any {
	if v == 0 {
		return nil
	}
	return v
}
