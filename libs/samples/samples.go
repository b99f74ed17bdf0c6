// Package samples keeps the raw record of one loop of one level as a Parquet file: one row per request.
// It knows the file, not where the file is kept.
package samples

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"plimsoll.internal/libs/metrics"
)

const (
	rowGroup  = 4096 // rows held in memory while writing
	readBatch = 256  // rows held in memory while reading
)

// Writer writes samples in constant memory. Close must be called, else the file has no end.
type Writer struct {
	out  *parquet.GenericWriter[metrics.Sample]
	held int
}

// NewWriter starts a file on w.
func NewWriter(w io.Writer) *Writer {
	return &Writer{out: parquet.NewGenericWriter[metrics.Sample](w, parquet.Compression(&zstd.Codec{}))}
}

// Write adds samples in their order.
func (w *Writer) Write(s []metrics.Sample) error {
	for len(s) > 0 {
		n := min(len(s), rowGroup-w.held)
		if _, err := w.out.Write(s[:n]); err != nil {
			return fmt.Errorf("write samples: %w", err)
		}
		s = s[n:]
		if w.held += n; w.held < rowGroup {
			continue
		}
		if err := w.out.Flush(); err != nil {
			return fmt.Errorf("write a group of samples: %w", err)
		}
		w.held = 0
	}
	return nil
}

// Close writes the end of the file. It does not close the writer below.
func (w *Writer) Close() error {
	if err := w.out.Close(); err != nil {
		return fmt.Errorf("finish the samples file: %w", err)
	}
	return nil
}

// Write writes one whole file.
func Write(w io.Writer, s []metrics.Sample) error {
	out := NewWriter(w)
	if err := out.Write(s); err != nil {
		return err
	}
	return out.Close()
}

// Read yields the samples of a file in their order, in constant memory. A damaged file yields an error
// and ends.
func Read(r io.ReaderAt, size int64) iter.Seq2[metrics.Sample, error] {
	return func(yield func(metrics.Sample, error) bool) {
		if err := read(r, size, yield); err != nil {
			yield(metrics.Sample{}, fmt.Errorf("read samples: %w", err))
		}
	}
}

func read(r io.ReaderAt, size int64, yield func(metrics.Sample, error) bool) error {
	in, err := open(r, size)
	if err != nil {
		return err
	}
	defer in.Close()
	for {
		// A fresh batch each time: the caller may keep the gaps of a sample.
		batch := make([]metrics.Sample, readBatch)
		n, err := next(in, batch)
		for _, s := range batch[:n] {
			if len(s.ITLNs) == 0 {
				s.ITLNs = nil
			}
			if !yield(s, nil) {
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func open(r io.ReaderAt, size int64) (in *parquet.GenericReader[metrics.Sample], err error) {
	defer orDamaged(&err)
	f, err := parquet.OpenFile(r, size)
	if err != nil {
		return nil, err
	}
	// Columns that came later may be missing from an old file; without these it is another table.
	for _, column := range []string{"index", "start_ns", "ok"} {
		if _, ok := f.Schema().Lookup(column); !ok {
			return nil, fmt.Errorf("the file has no column %s", column)
		}
	}
	return parquet.NewGenericReader[metrics.Sample](f), nil
}

func next(in *parquet.GenericReader[metrics.Sample], batch []metrics.Sample) (n int, err error) {
	defer orDamaged(&err)
	return in.Read(batch)
}

// orDamaged turns a panic of the Parquet reader into an error: it panics on some damaged files, and a
// damaged file must not stop the service that reads it.
func orDamaged(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the file is damaged: %v", p)
	}
}
