package output

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Levels lists the folders below root that hold a level: a summary, or at least the database of one that
// was cut short. Where they are has changed over the versions, so the tree is walked.
func Levels(root string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); !entry.IsDir() && (name == SummaryFile || name == DatabaseFile) {
			if dir := filepath.Dir(path); !slices.Contains(found, dir) {
				found = append(found, dir)
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for results in %s: %w", filepath.Base(root), err)
	}
	slices.Sort(found)
	return found, nil
}

// ReadArguments reads the benchmark_args.json in dir.
func ReadArguments(dir string) (map[string]any, error) {
	var args map[string]any
	err := readJSON(filepath.Join(dir, ArgumentsFile), &args)
	return args, err
}

// Progress is one progress.json.
type Progress struct {
	Status string `json:"status"` // running | completed | error
	Done   int    `json:"processed_count"`
	Total  int    `json:"total_count"`
}

// ReadProgress reads a progress.json; ok is false while there is none that can be read.
func ReadProgress(path string) (p Progress, ok bool) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Progress{}, false
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return Progress{}, false
	}
	return p, true
}
