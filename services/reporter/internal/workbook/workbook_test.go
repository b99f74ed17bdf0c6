package workbook_test

import (
	"os"
	"path/filepath"
	"testing"

	"plimsoll.internal/services/reporter/internal/report"
	"plimsoll.internal/services/reporter/internal/workbook"
)

func TestLook(t *testing.T) {
	var steps []step
	for l, c := range []int{1, 4, 16, 64} {
		for loop := range 2 {
			steps = append(steps, step{l, loop, c, 200})
		}
	}
	samples := loops(steps)
	path := filepath.Join("/tmp/plimsoll-look", "look.xlsx")
	os.MkdirAll("/tmp/plimsoll-look", 0o755)
	f, _ := os.Create(path)
	defer f.Close()
	_, err := workbook.Write(t.Context(), f, reportOf("Qwen/通义千问-7B", steps, samples), from(samples), report.Judge, workbook.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
}
