package evalscope_test

import (
	"context"
	"fmt"
	"net/http"
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
