package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const testID = "01a20ada-c9be-7592-be07-69639e33a312"

// server answers like a gateway, from a script, and keeps a record of what it was asked.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string // method, path and query
	header   []http.Header
}

func newServer(t *testing.T, routes map[string]http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	mux := http.NewServeMux()
	for pattern, handle := range routes {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /api/v1"+path, handle)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+strings.TrimPrefix(r.URL.RequestURI(), "/api/v1"))
		s.header = append(s.header, r.Header.Clone())
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.requests...)
}

func answer(status int, v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if status >= 400 {
			w.Header().Set("Content-Type", "application/problem+json")
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
}

func refusal(status int, code, title string) http.HandlerFunc {
	return answer(status, map[string]any{"type": "about:blank", "title": title, "status": status, "code": code, "request_id": "req-1", "retryable": false})
}

// testDoc is a test as the API tells it.
func testDoc(state, verdict string) map[string]any {
	return map[string]any{
		"id": testID, "name": "night\x1b[31mly", "model": "模型-7b", "engine": "vllm", "mode": "local", "generator": "evalscope",
		"state": state, "verdict": verdict, "created_at": "2026-11-23T10:00:00Z", "updated_at": "2026-11-23T10:01:00Z",
		"created_by": "captain", "input_length": "64", "output_length": "16", "concurrency": "1, 4", "loop": 2, "seq": 9,
		"archived": false, "trashed": false, "spec": map[string]any{}, "checks": []any{}, "warnings": []any{}, "levels": []any{}, "artifacts": []any{},
	}
}

func send(w http.ResponseWriter, name, id string, v any) {
	data, _ := json.Marshal(v)
	if id != "" {
		_, _ = fmt.Fprintf(w, "id: %s\n", id)
	}
	_, _ = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", name, data)
	w.(http.Flusher).Flush()
}

// shell runs command lines against a server with a home of their own.
type shell struct {
	t       *testing.T
	env     map[string]string
	in      string
	out     bytes.Buffer
	err     bytes.Buffer
	signals chan os.Signal
	exited  chan int
}

func newShell(t *testing.T, s *server) *shell {
	t.Helper()
	return &shell{
		t: t, signals: make(chan os.Signal, 2), exited: make(chan int, 1),
		env: map[string]string{"PLIMSOLL_SERVER": s.URL, "PLIMSOLL_TOKEN": "tok", "XDG_CONFIG_HOME": t.TempDir()},
	}
}

func (s *shell) run(args ...string) int {
	s.t.Helper()
	s.out.Reset()
	s.err.Reset()
	return Run(Process{
		Args: args, Env: func(k string) string { return s.env[k] }, In: strings.NewReader(s.in), Out: &s.out, Err: &s.err,
		Signals: s.signals, Exit: func(code int) { s.exited <- code },
	})
}

// want runs a command line and checks its exit code.
func (s *shell) want(code int, args ...string) {
	s.t.Helper()
	if got := s.run(args...); got != code {
		s.t.Fatalf("plimsoll %s: exit %d, want %d\nout: %s\nerr: %s", strings.Join(args, " "), got, code, s.out.String(), s.err.String())
	}
}

func (s *shell) sessions() string {
	return filepath.Join(s.env["XDG_CONFIG_HOME"], "plimsoll", "sessions.json")
}

func sessionDoc(access, refresh string, life time.Duration) map[string]any {
	return map[string]any{
		"user":         map[string]any{"id": testID, "name": "captain", "role": "admin"},
		"access_token": access, "access_expires_at": time.Now().Add(life).UTC(),
		"refresh_token": refresh, "refresh_expires_at": time.Now().Add(24 * time.Hour).UTC(),
	}
}
