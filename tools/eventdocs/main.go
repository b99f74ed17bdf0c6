// Command eventdocs writes what people and other systems read about the events, from the Catalog in
// libs/events: the table and the diagram in docs/architecture.md, and docs/asyncapi.yaml. It runs from the
// top of the repository; -check writes nothing and ends with 1 when a file is not fresh.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

const (
	pagePath = "docs/architecture.md"
	specPath = "docs/asyncapi.yaml"
)

func main() {
	check := flag.Bool("check", false, "only say whether the files are fresh")
	flag.Parse()
	stale, err := run(".", *check)
	if err != nil {
		fmt.Fprintln(os.Stderr, "eventdocs:", err)
		os.Exit(1)
	}
	for _, path := range stale {
		fmt.Printf("%s is not what the Catalog says: run make generate\n", path)
	}
	if len(stale) > 0 {
		os.Exit(1)
	}
}

// run makes both files below a folder again, or with check returns those that are not fresh.
func run(dir string, check bool) (stale []string, err error) {
	page, err := os.ReadFile(filepath.Join(dir, pagePath))
	if err != nil {
		return nil, fmt.Errorf("read the page the events are described in: %w", err)
	}
	want := map[string][]byte{}
	if want[pagePath], err = fill(page, map[string]string{"events": eventTable(), "sequence": sequence()}); err != nil {
		return nil, err
	}
	if want[specPath], err = asyncAPI(); err != nil {
		return nil, err
	}
	for _, path := range []string{pagePath, specPath} {
		full := filepath.Join(dir, path)
		have, err := os.ReadFile(full)
		if err != nil && !os.IsNotExist(err) {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		switch {
		case bytes.Equal(have, want[path]):
		case check:
			stale = append(stale, path)
		default:
			if err := os.WriteFile(full, want[path], 0o644); err != nil {
				return nil, fmt.Errorf("write %s: %w", path, err)
			}
		}
	}
	return stale, nil
}
