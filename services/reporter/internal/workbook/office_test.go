package workbook_test

import (
	"context"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// allSheets is the CSV filter of LibreOffice: comma, double quote, UTF-8, cells as they are kept and not as
// they are shown, every sheet into a file of its own.
const allSheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"

// office opens a file with the real LibreOffice and returns its sheets as rows of text, by name.
func office(t *testing.T, path string) map[string][][]string {
	t.Helper()
	program, err := exec.LookPath("soffice")
	if err != nil {
		t.Fatal("LibreOffice is needed: apt-get install libreoffice-calc-nogui")
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--headless", "-env:UserInstallation=file://"+filepath.Join(dir, "profile"),
		"--convert-to", allSheets, "--outdir", filepath.Join(dir, "csv"), path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "csv", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("soffice wrote no sheet (%v)", err)
	}
	sheets := map[string][][]string{}
	book := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	for _, f := range files {
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(f), ".csv"), book+"-")
		sheets[name] = readCSV(t, f)
	}
	return sheets
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	return rows
}
