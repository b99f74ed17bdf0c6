package evalscope_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
)

func TestEveryRequestFails(t *testing.T) {
	t.Parallel()
	refused := newTarget(t, nil)
	refused.Close()
	cut := newTarget(t, func(_ int, w http.ResponseWriter, r *http.Request, _ body) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n")
		w.(http.Flusher).Flush()
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			conn.Close() // in the middle of a chunked body
		}
	})
	silent := newTarget(t, func(_ int, _ http.ResponseWriter, r *http.Request, _ body) { <-r.Context().Done() })
	stalling := newTarget(t, func(_ int, w http.ResponseWriter, r *http.Request, _ body) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	inBand := newTarget(t, func(_ int, w http.ResponseWriter, _ *http.Request, _ body) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: {\"error\":{\"message\":\"worker lost\"}}\n\ndata: [DONE]\n\n")
	})
	tests := []struct {
		name   string
		target *target
		want   failure.Class
	}{
		{"refused", refused, failure.ConnectRefused},
		{"cut", cut, failure.StreamTruncated},
		{"no first token", silent, failure.FirstTokenTimeout},
		{"stalled", stalling, failure.StallTimeout},
		{"error event in a 200", inBand, failure.ServerError},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := job(t, tt.target, 4)
			j.Spec.Timeouts.FirstToken, j.Spec.Timeouts.Stall = spec.Duration(time.Second), spec.Duration(time.Second)
			r, err := driver(t).Run(t.Context(), j)
			if err != nil {
				t.Fatalf("run: %v\n%s", err, r.Log)
			}
			ok, classes := count(r.Samples)
			if ok != 0 || classes[string(tt.want)] != 4 {
				t.Errorf("%d ok, failures %v, want 4 %s: %s", ok, classes, tt.want, r.Samples[0].Error)
			}
			if r.Native["ttft_ms_mean"] != nil || r.Native["ttft_ms_p99"] != nil || r.Native["requests_per_s"] != nil {
				t.Error("nothing succeeded, but there are native figures")
			}
		})
	}
}

func TestOtherShapesOfLoad(t *testing.T) {
	t.Parallel()
	t.Run("open loop", func(t *testing.T) {
		t.Parallel()
		s := newTarget(t, nil)
		j := job(t, s, 20)
		j.Concurrency, j.Rate = 0, 20
		r, err := driver(t).Run(t.Context(), j)
		if err != nil || len(r.Samples) != 20 || r.Incomplete != "" {
			t.Fatalf("%d samples, incomplete %q, %v\n%s", len(r.Samples), r.Incomplete, err, r.Log)
		}
		// The schedule is stretched to end at exactly n / rate.
		if last := time.Duration(r.Samples[19].StartNs); last > 1500*time.Millisecond {
			t.Errorf("20 requests at 20 per second: the last starts at %v", last)
		}
	})
	t.Run("duration", func(t *testing.T) {
		t.Parallel()
		s := newTarget(t, nil)
		j := job(t, s, 0)
		j.Bodies = job(t, s, 3).Bodies
		j.Duration = time.Second
		r, err := driver(t).Run(t.Context(), j)
		if err != nil || len(r.Samples) < 8 || r.Asked != 0 || r.Incomplete != "" {
			t.Fatalf("%d samples, asked %d, incomplete %q, %v\n%s", len(r.Samples), r.Asked, r.Incomplete, err, r.Log)
		}
	})
	t.Run("completions", func(t *testing.T) {
		t.Parallel()
		s := newTarget(t, nil)
		j := job(t, s, 8)
		j.Spec.Target.API = spec.APICompletions
		j.Bodies = bodies(t, 8, func(i int) map[string]any {
			return map[string]any{"model": "mock", "stream": true, "max_tokens": 8, "prompt": fmt.Sprintf("prompt %d", i)}
		})
		r, err := driver(t).Run(t.Context(), j)
		if err != nil || len(r.Samples) != 8 {
			t.Fatalf("%d samples, %v\n%s", len(r.Samples), err, r.Log)
		}
		for i, m := range r.Samples {
			checkStreamed(t, i, m)
		}
		if s.paths[0] != "/v1/completions" || !sent(s, "prompt 7") {
			t.Errorf("sent to %s: %+v", s.paths[0], s.requests())
		}
	})
	t.Run("in one piece", func(t *testing.T) {
		t.Parallel()
		s := newTarget(t, func(_ int, w http.ResponseWriter, _ *http.Request, _ body) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"choices":[{"message":{"content":"all"}}],"usage":{"prompt_tokens":5,"completion_tokens":8}}`)
		})
		j := job(t, s, 4)
		no := false
		j.Spec.Stream = &no
		j.Bodies = bodies(t, 4, func(int) map[string]any {
			return map[string]any{"model": "mock", "stream": false, "messages": []any{map[string]any{"role": "user", "content": "x"}}}
		})
		r, err := driver(t).Run(t.Context(), j)
		if err != nil || len(r.Samples) != 4 {
			t.Fatalf("%d samples, %v\n%s", len(r.Samples), err, r.Log)
		}
		for _, m := range r.Samples {
			if m.Streamed || m.TTFTNs != nil || m.TPOTNs != nil || m.ITLNs != nil || m.E2ENs == nil || *m.OutputTok != 8 {
				t.Errorf("sample %+v: want E2E and tokens only", m)
			}
		}
	})
}

// sent reports whether a body came over as it stood in the file.
func sent(s *target, prompt string) bool {
	return slices.ContainsFunc(s.requests(), func(b body) bool { return b.Prompt == prompt && b.MaxTokens == 8 })
}

func TestServerWithoutTokenCounts(t *testing.T) {
	t.Parallel()
	s := newTarget(t, nil)
	s.answer = func(_ int, w http.ResponseWriter, r *http.Request, b body) { s.stream(w, r, b, 3, false) }
	r, err := driver(t).Run(t.Context(), job(t, s, 4))
	if got := class(t, err); got != failure.BadStream || !strings.Contains(err.Error(), "usage") {
		t.Errorf("got %v, want bad_stream about usage\n%s", err, r.Log)
	}
}

func TestCancelInTheMiddle(t *testing.T) {
	t.Parallel()
	s := newTarget(t, nil)
	s.tokens = 20
	d := driver(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var at time.Time
	j := job(t, s, 400)
	j.OnProgress = func(done, _ int) {
		if done >= 24 && at.IsZero() {
			at = time.Now()
			cancel()
		}
	}
	r, err := d.Run(ctx, j)
	if got := class(t, err); got != failure.Cancelled || !strings.Contains(err.Error(), "gone after") {
		t.Errorf("got %v, want cancelled and that the group is gone", err)
	}
	if took := time.Since(at); took > 3*time.Second {
		t.Errorf("cancelled after %v, want at most 3 s", took)
	}
	if pids := children(t, d.WorkDir); len(pids) > 0 {
		t.Errorf("still running: %v", pids)
	}
	if len(r.Samples) < 20 || r.Incomplete == "" {
		t.Errorf("%d samples saved, incomplete %q; want what was written down", len(r.Samples), r.Incomplete)
	}
}

func TestHungEvalscopeIsKilled(t *testing.T) {
	t.Parallel()
	s := newTarget(t, nil)
	s.tokens = 100_000
	d := driver(t)
	d.Grace = 8 * time.Second
	j := job(t, s, 4)
	j.Spec.Timeouts.Request = spec.Duration(time.Second)
	var once sync.Once
	s.answer = func(_ int, w http.ResponseWriter, r *http.Request, b body) {
		once.Do(func() { // it no longer reacts to anything but SIGKILL
			for _, pid := range children(t, d.WorkDir) {
				if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
					t.Error(err)
				}
			}
		})
		s.stream(w, r, b, s.tokens, true)
	}
	_, err := d.Run(t.Context(), j)
	if got := class(t, err); got != failure.GeneratorHung {
		t.Errorf("got %v, want generator_hung", err)
	}
	if pids := children(t, d.WorkDir); len(pids) > 0 {
		t.Errorf("still running: %v", pids)
	}
}

func TestKeyIsNowhere(t *testing.T) {
	t.Parallel()
	const canary = "sk-canary-5f2c9be1"
	d := driver(t)
	d.Keep = true
	var log bytes.Buffer
	d.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := newTarget(t, nil)
	var mu sync.Mutex
	var seen []string // command lines and environments while it runs
	s.answer = func(n int, w http.ResponseWriter, r *http.Request, b body) {
		mu.Lock()
		for _, pid := range children(t, d.WorkDir) {
			for _, name := range []string{"cmdline", "environ"} {
				raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
				if err != nil || len(raw) == 0 {
					t.Errorf("read %s: %v", name, err)
				}
				seen = append(seen, string(raw))
			}
		}
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

func TestCheckOfTheRealOne(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	s, err := evalscope.Check(t.Context(), realPython(t))
	if err != nil || !s.Usable() || s.Evalscope != evalscope.DefaultVersion || s.PythonVersion == "" {
		t.Fatalf("%+v, %v", s, err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
