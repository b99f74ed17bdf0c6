package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// figure is one line of the document.
type figure struct {
	what, value, target string
	met                 bool
}

// document collects what was measured.
type document struct {
	machine string
	figures []figure
	parts   []part
}

// part is one line of a Go benchmark.
type part struct{ name, result string }

func (d *document) add(what, value, target string, met bool) {
	d.figures = append(d.figures, figure{what, value, target, met})
	fmt.Fprintf(os.Stderr, "%s: %s (target %s)\n", what, value, target)
}

// text is the document in Markdown.
func (d *document) text() []byte {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\nWritten by `make bench`. ")
	b.WriteString("The platform, the generator and the simulated target share the machine.\n\n")
	fmt.Fprintf(&b, "Machine: %s\n\n| what | measured | target | met |\n|---|---|---|---|\n", d.machine)
	for _, f := range d.figures {
		met := "yes"
		if !f.met {
			met = "**no**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.what, f.value, f.target, met)
	}
	b.WriteString("\n## Parts\n\n| benchmark | result |\n|---|---|\n")
	for _, p := range d.parts {
		fmt.Fprintf(&b, "| `%s` | %s |\n", p.name, p.result)
	}
	return []byte(b.String())
}

// machine says what the figures were measured on.
func machine() string {
	model := "unknown CPU"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d × %s, %s/%s, %s", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// percentile is the nearest rank of an unsorted list.
func percentile(values []float64, p float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	rank := int(float64(len(sorted))*p/100+0.999999) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}
