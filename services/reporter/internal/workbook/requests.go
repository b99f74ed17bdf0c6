package workbook

import (
	"context"
	"errors"
	"fmt"
	"strconv"

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
	*book
	sheet string
	count int // sheets begun
	row   int // last row written
	out   *excelize.StreamWriter
}

// writeRequests writes every request of every loop and counts them on the way.
func (b *book) writeRequests(ctx context.Context, r report.Report, raw Requests, tally *report.Tally) error {
	s := &requestSheets{book: b}
	s.begin()
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
		s.begin()
	}
	result := "ok"
	if !x.OK {
		result = "failed"
	}
	s.write(
		level.Level+1, positive(level.Concurrency), positive(level.Rate), level.Loop+1, x.Index,
		float64(x.StartNs)/nsPerMs, ms(x.TTFTNs), ms(x.TPOTNs), ms(x.E2ENs), x.InputTok, x.OutputTok,
		result, positive(x.Status), x.Class, x.Error, x.RequestID,
	)
}

func (s *requestSheets) write(values ...any) {
	s.row++
	row := make([]any, len(values))
	for i, v := range values {
		v = known(v)
		if v == nil {
			continue
		}
		if t, ok := v.(string); ok {
			v = clean(t)
		}
		row[i] = excelize.Cell{StyleID: s.styles[requestColumns[i].look], Value: v}
	}
	if s.err == nil {
		s.err = s.out.SetRow("A"+strconv.Itoa(s.row), row)
	}
}

func (s *requestSheets) begin() {
	s.count++
	s.sheet, s.row = sheetRequests, 1
	if s.count > 1 {
		s.sheet = fmt.Sprintf("%s %d", sheetRequests, s.count)
		s.addSheet(s.sheet)
		s.try(s.file.MoveSheet(s.sheet, sheetErrors))
	}
	s.page(s.sheet, pagesWide(requestColumns), 0) // before the stream begins, which writes it first
	if s.err != nil {
		return
	}
	if s.out, s.err = s.file.NewStreamWriter(s.sheet); s.err != nil {
		return
	}
	for i, c := range requestColumns {
		s.try(s.out.SetColWidth(i+1, i+1, c.width))
	}
	s.try(s.out.SetPanes(frozen(1)))
	titles := make([]any, len(requestColumns))
	for i, c := range requestColumns {
		titles[i] = excelize.Cell{StyleID: s.styles[header], Value: c.name}
	}
	s.try(s.out.SetRow("A1", titles, excelize.RowOpts{Height: 34}))
}

func (s *requestSheets) end() {
	s.filter(s.sheet, len(requestColumns), s.row)
	if s.err == nil {
		s.err = s.out.Flush()
	}
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
