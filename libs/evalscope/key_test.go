package evalscope_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"plimsoll.internal/libs/failure"
)

func TestKeyIsNowhere(t *testing.T) {
	t.Parallel()
	const canary = "sk-canary-5f2c9be1"
	d := driver(t)
	d.Keep = true
	var log bytes.Buffer
	d.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := newTarget(t, nil)
	var mu sync.Mutex
	var seen []string
	s.answer = func(n int, w http.ResponseWriter, r *http.Request, b body) {
		mu.Lock()
		seen = append(seen, publicFacts(t, d.WorkDir)...)
		mu.Unlock()
		if n%2 == 0 { // a server that says the key in its error, as some do
			http.Error(w, "wrong key "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		s.stream(w, r, b, 4, true)
	}
	j := job(t, s, 6)
	j.APIKey = canary
	r, err := d.Run(t.Context(), j)
	if err != nil {
		t.Fatalf("run: %v\n%s", err, r.Log)
	}
	if !slices.Contains(s.keys, "Bearer "+canary) {
		t.Fatalf("the server got %q, want the key", s.keys)
	}
	_, classes := count(r.Samples)
	if classes[string(failure.Auth)] != 3 {
		t.Errorf("failures %v, want 3 auth", classes)
	}
	mu.Lock()
	defer mu.Unlock()
	for what, text := range map[string]string{
		"log": log.String(), "output": r.Log, "process": strings.Join(seen, "\n"), "result": fmt.Sprintf("%+v", r),
	} {
		if strings.Contains(text, canary) {
			t.Errorf("the key is in the %s", what)
		}
	}
	if len(seen) == 0 {
		t.Error("no process was looked at")
	}
	for name, text := range filesIn(t, d.WorkDir) {
		if strings.Contains(text, canary) {
			t.Errorf("the key is in %s", name)
		}
	}
}

// publicFacts are the command lines and environments of the processes that work below dir.
func publicFacts(t *testing.T, dir string) []string {
	var seen []string
	for _, pid := range children(t, dir) {
		for _, name := range []string{"cmdline", "environ"} {
			raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
			if err != nil || len(raw) == 0 {
				t.Errorf("read %s: %v", name, err)
			}
			seen = append(seen, string(raw))
		}
	}
	return seen
}

func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		files[path] = string(raw)
		return err
	})
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v: want those of a run", len(files), err)
	}
	return files
}
