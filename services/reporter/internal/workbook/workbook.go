// Package workbook writes the Excel workbook of one test: a summary with charts to forward to colleagues,
// every figure behind it, and every request. It holds a fixed number of rows in memory, whatever the size.
package workbook

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/xuri/excelize/v2"

	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/services/reporter/internal/report"
)

// The sheets, in their order. Programs look for these names.
const (
	sheetSummary     = "Summary"
	sheetParameters  = "Parameters"
	sheetLevels      = "Levels"
	sheetGenerator   = "Generator"
	sheetRequests    = "Requests"
	sheetErrors      = "Errors"
	sheetEnvironment = "Environment"
	sheetDefinitions = "Definitions"
)

// ExcelRows is how many rows a sheet of Excel has.
const ExcelRows = 1_048_576

// Options say how the workbook is written.
type Options struct {
	RowLimit int    // rows of one Requests sheet, its header included (default ExcelRows)
	TempDir  string // for what does not stay in memory; the system's when empty
}

// Requests yields the raw requests of the i-th loop of the report.
type Requests func(i int) iter.Seq2[metrics.Sample, error]

// Result is what was learned while the requests went by.
type Result struct {
	Levels []report.Level
	Errors []report.ErrorLine
}

// Judge completes the report with verdict and reason once the levels are known.
type Judge func(r *report.Report, levels []report.Level)

// Write writes the workbook of the report to w. Each request is read once. The raw data must agree with
// the summaries of the report, else nothing is written.
func Write(ctx context.Context, w io.Writer, r *report.Report, raw Requests, judge Judge, o Options) (Result, error) {
	if o.RowLimit <= 1 || o.RowLimit > ExcelRows {
		o.RowLimit = ExcelRows
	}
	b, err := newBook(o)
	if err != nil {
		return Result{}, err
	}
	defer b.file.Close() // temporary files only; what matters is checked in save
	tally := report.NewTally()
	if err := b.writeRequests(ctx, *r, raw, tally); err != nil {
		return Result{}, err
	}
	res := Result{Levels: tally.Levels(r.Summaries()), Errors: tally.Errors()}
	judge(r, res.Levels)
	b.writeSummary(*r, res)
	b.writeParameters(*r)
	b.writeLevels(*r)
	b.writeGenerator(*r)
	b.writeErrors(*r, res)
	b.writeEnvironment(*r)
	b.writeDefinitions()
	if b.err != nil {
		return Result{}, fmt.Errorf("write workbook of test %s: %w", r.TestID, b.err)
	}
	return res, b.save(w)
}

// save streams the finished file. The archive writer is handed in because excelize would otherwise build
// the whole file in memory first.
func (b *book) save(w io.Writer) error {
	index, err := b.file.GetSheetIndex(sheetSummary)
	if err != nil {
		return fmt.Errorf("find sheet %s: %w", sheetSummary, err)
	}
	b.file.SetActiveSheet(index)
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	if _, err := b.file.WriteToBuffer(); err != nil {
		return fmt.Errorf("save workbook: %w", err)
	}
	return nil
}
