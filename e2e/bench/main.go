// Command bench measures the platform as a whole and the hot parts of its services, and writes the
// figures into docs/benchmarks.md. Every figure stands beside its target.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	root := flag.String("root", ".", "folder of the repository")
	python := flag.String("evalscope-python", "", "interpreter of the evalscope environment (default ROOT/.evalscope/bin/python)")
	tests := flag.Int("tests", 12, "tests to run for the platform's overhead")
	flag.Parse()
	if *python == "" {
		*python = filepath.Join(*root, ".evalscope", "bin", "python")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *root, *python, *tests); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// run measures everything and writes the document.
func run(ctx context.Context, root, python string, tests int) error {
	abs, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("find repository: %w", err)
	}
	doc := &document{machine: machine()}
	if err := measurePlatform(ctx, abs, python, tests, doc); err != nil {
		return err
	}
	if err := measureParts(ctx, abs, doc); err != nil {
		return err
	}
	path := filepath.Join(abs, "docs", "benchmarks.md")
	if err := os.WriteFile(path, doc.text(), 0o644); err != nil {
		return fmt.Errorf("write figures: %w", err)
	}
	fmt.Print(string(doc.text()))
	return nil
}
