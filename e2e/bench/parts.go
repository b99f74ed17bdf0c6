package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	return nil
}
