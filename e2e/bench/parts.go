package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// suites are the Go benchmarks of the hot parts: folder and pattern.
var suites = []struct{ dir, pattern string }{
	{"libs/bus", "."},
	{"libs/metrics", "."},
	{"libs/prompt", "."},
	{"libs/samples", "."},
	{"services/gateway", "."},
	{"services/reporter", "."},
}

var benchLine = regexp.MustCompile(`^(Benchmark\S+?)(?:-\d+)?\s+\d+\s+(.*)$`)

// measureParts runs every suite once and keeps its lines.
func measureParts(ctx context.Context, root string, d *document) error {
	for _, s := range suites {
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", s.pattern, "-benchmem", "-benchtime", "1s", "./...")
		cmd.Dir = filepath.Join(root, s.dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("benchmarks of %s: %w\n%s", s.dir, err, out)
		}
		for line := range strings.Lines(string(out)) {
			if m := benchLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
				d.parts = append(d.parts, part{s.dir + " " + m[1], strings.Join(strings.Fields(m[2]), " ")})
			}
		}
	}
	return headlines(d)
}

// headlines lifts the figures that have a target out of the list.
func headlines(d *document) error {
	publish, err := d.metric("BenchmarkPublishSyncAlways", "ns/op")
	if err != nil {
		return err
	}
	d.add("events stored one after the other, every write synced", fmt.Sprintf("%.0f per s", 1e9/publish), "≥ 100 per s", publish <= 1e7)
	for _, base := range []string{"sqlite", "postgres"} {
		first, err := d.metric("BenchmarkList/"+base+"/depth=0", "ns/op")
		if err != nil {
			return err
		}
		deep, err := d.metric("BenchmarkList/"+base+"/depth=9900", "ns/op")
		if err != nil {
			return err
		}
		d.add("`GET /tests/list`, 50 of 10,000 tests on "+base+": last page ÷ first page",
			fmt.Sprintf("%.2f (%.2f ms)", deep/first, first/1e6), "≤ 1.5", deep/first <= 1.5)
	}
	seconds, err := d.metric("BenchmarkWorkbook", "s/workbook")
	if err != nil {
		return err
	}
	peak, err := d.metric("BenchmarkWorkbook", "peak_MiB")
	if err != nil {
		return err
	}
	d.add("workbook of 100,000 requests", fmt.Sprintf("%.0f MiB at the peak, %.1f s", peak, seconds), "≤ 200 MB", peak <= 190)
	return nil
}

// metric finds one figure of a benchmark by its unit.
func (d *document) metric(name, unit string) (float64, error) {
	for _, p := range d.parts {
		fields := strings.Fields(p.result)
		i := slices.Index(fields, unit)
		if !strings.HasSuffix(p.name, " "+name) || i < 1 {
			continue
		}
		v, err := strconv.ParseFloat(fields[i-1], 64)
		if err != nil {
			return 0, fmt.Errorf("read %s of %s: %w", unit, name, err)
		}
		return v, nil
	}
	return 0, fmt.Errorf("benchmark %s told no %s", name, unit)
}
