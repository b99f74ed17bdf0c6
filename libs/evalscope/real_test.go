package evalscope_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/prompt"
	"plimsoll.internal/libs/spec"
)

// realPython is the interpreter of a real evalscope. A test that needs it never skips.
func realPython(t *testing.T) string {
	t.Helper()
	if python := os.Getenv("PLIMSOLL_EVALSCOPE_PYTHON"); python != "" {
		return python
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err != nil {
			continue
		}
		python := evalscope.PythonIn(filepath.Join(dir, ".evalscope"))
		if _, err := os.Stat(python); err != nil {
			t.Fatalf("no evalscope at %s: run `make evalscope`, or set PLIMSOLL_EVALSCOPE_PYTHON", python)
		}
		return python
	}
	t.Fatal("no go.work above the test: set PLIMSOLL_EVALSCOPE_PYTHON")
	return ""
}

func driver(t *testing.T) evalscope.Driver {
	t.Helper()
	return evalscope.Driver{Python: realPython(t), WorkDir: t.TempDir(), Grace: 30 * time.Second}
}

// job asks s for n requests from bodies that differ.
func job(t *testing.T, s *target, n int) evalscope.Job {
	t.Helper()
	j := evalscope.Job{
		Spec: spec.Spec{
			Model: "mock", Target: spec.Target{URL: s.URL + "/v1", API: spec.APIChat},
			Timeouts: spec.Timeouts{
				Connect: spec.Duration(2 * time.Second), FirstToken: spec.Duration(3 * time.Second),
				Stall: spec.Duration(2 * time.Second), Request: spec.Duration(10 * time.Second),
			},
		},
		Concurrency: 4, Requests: n,
	}
	j.Bodies = bodies(t, n, func(i int) map[string]any {
		return map[string]any{
			"model": "mock", "stream": true, "stream_options": map[string]any{"include_usage": true},
			"max_tokens": 8, "messages": []any{map[string]any{"role": "user", "content": fmt.Sprintf("prompt %d", i)}},
		}
	})
	return j
}

func bodies(t *testing.T, n int, of func(i int) map[string]any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bodies.jsonl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	enc := json.NewEncoder(f)
	for i := range n {
		if err := enc.Encode(of(i)); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func count(samples []metrics.Sample) (ok int, classes map[string]int) {
	classes = map[string]int{}
	for _, s := range samples {
		if s.OK {
			ok++
		} else {
			classes[s.Class]++
		}
	}
	return ok, classes
}

func TestRunReadsEveryRequest(t *testing.T) {
	t.Parallel()
	s := newTarget(t, nil)
	j := job(t, s, 20)
	j.Warmup = 4
	var last, total int
	j.OnProgress = func(done, of int) { last, total = done, of }

	r, err := driver(t).Run(t.Context(), j)
	if err != nil {
		t.Fatalf("run: %v\n%s", err, r.Log)
	}
	if r.Version != evalscope.DefaultVersion || r.Incomplete != "" || r.Asked != 20 {
		t.Errorf("version %q incomplete %q asked %d", r.Version, r.Incomplete, r.Asked)
	}
	if last != 20 || total != 20 {
		t.Errorf("progress ended at %d of %d, want 20 of 20", last, total)
	}
	if n := len(s.requests()); n != 24 {
		t.Errorf("server saw %d requests, want 20 and 4 of warm-up", n)
	}
	if len(r.Samples) != 20 {
		t.Fatalf("%d samples, want 20", len(r.Samples))
	}
	for i, m := range r.Samples {
		checkStreamed(t, i, m)
	}
	if r.Samples[0].StartNs != 0 {
		t.Errorf("first start is %d ns, want 0", r.Samples[0].StartNs)
	}
	if v := r.Native["ttft_ms_mean"]; v == nil || *v < 10 {
		t.Errorf("native ttft_ms_mean %v, want at least the 10 ms of the server", v)
	}
	if v := r.Native["requests_ok"]; v == nil || *v != 20 {
		t.Errorf("native requests_ok %v, want 20", v)
	}
	checkAgreement(t, r)
	if _, ok := r.Summary["Avg TTFT (ms)"]; !ok {
		t.Errorf("own summary lacks its own names: %v", r.Summary)
	}
}

// checkStreamed checks one answer of 8 tokens, 10 ms apart.
func checkStreamed(t *testing.T, i int, m metrics.Sample) {
	t.Helper()
	if !m.OK || !m.Streamed || m.Index != i || m.Class != "" {
		t.Errorf("sample %d: ok %v streamed %v index %d class %q", i, m.OK, m.Streamed, m.Index, m.Class)
	}
	if m.InputTok == nil || *m.InputTok != 5 || m.OutputTok == nil || *m.OutputTok != 8 {
		t.Errorf("sample %d: tokens %v in %v out, want 5 and 8", i, m.InputTok, m.OutputTok)
	}
	if m.TTFTNs == nil || *m.TTFTNs < int64(9*time.Millisecond) {
		t.Errorf("sample %d: TTFT %v, the first token comes after 10 ms", i, m.TTFTNs)
	}
	if m.E2ENs == nil || m.TPOTNs == nil || len(m.ITLNs) != 7 {
		t.Errorf("sample %d: E2E %v TPOT %v gaps %d, want 7 gaps", i, m.E2ENs, m.TPOTNs, len(m.ITLNs))
	}
}

func TestRunNamesWhatFailed(t *testing.T) {
	t.Parallel()
	s := newTarget(t, nil)
	s.answer = func(n int, w http.ResponseWriter, r *http.Request, b body) {
		if n%4 == 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"error":{"message":"engine died"}}`)
			return
		}
		s.stream(w, r, b, 8, true)
	}
	r, err := driver(t).Run(t.Context(), job(t, s, 20))
	if err != nil {
		t.Fatalf("run: %v\n%s", err, r.Log)
	}
	ok, classes := count(r.Samples)
	if ok != 15 || classes[string(failure.ServerError)] != 5 {
		t.Errorf("%d ok, failures %v; want 15 ok and 5 server_error", ok, classes)
	}
	for _, m := range r.Samples {
		if !m.OK && (m.Status != 500 || m.Error == "" || m.TTFTNs != nil || m.OutputTok != nil) {
			t.Errorf("failed sample %+v: want status 500, the server's text and no figures", m)
		}
	}
}

// checkAgreement compares our figures from the records with evalscope's own, where both mean the same.
func checkAgreement(t *testing.T, r evalscope.Result) {
	t.Helper()
	ours := metrics.Summarize(0, 0, 4, 20, r.Samples)
	for name, got := range map[string]float64{
		"ttft_ms_mean": ours.TTFT.Mean, "tpot_ms_mean": ours.TPOT.Mean, "itl_ms_mean": ours.ITL.Mean, "e2e_ms_mean": ours.E2E.Mean,
		"ttft_ms_p99": ours.TTFT.P99, "ttft_ms_min": ours.TTFT.Min, "itl_ms_p50": ours.ITL.P50, "e2e_ms_max": ours.E2E.Max,
		"duration_s": *ours.DurationMs / 1000, "output_tokens_per_s": *ours.Throughput.Output,
	} {
		own := r.Native[name]
		if own == nil || math.Abs(*own-got) > 0.06 { // it rounds seconds to 0.1 ms, and rates to 4 digits
			t.Errorf("%s: ours %v, evalscope's own %v", name, got, own)
		}
	}
}

func TestPreparedBodiesArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	s := newTarget(t, nil)
	j := job(t, s, 6)
	j.Spec.InputLength, j.Spec.OutputLength = spec.Length{Min: 20, Max: 40}, spec.Length{Min: 4, Max: 9}
	f, err := os.Create(j.Bodies)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s2 := j.Spec.WithDefaults()
	if err := prompt.Bodies(f, s2, events.Prompt{Seed: 7, TokensPerWord: 1.3, Overhead: 8}, 0, 6); err != nil {
		t.Fatal(err)
	}
	if r, err := driver(t).Run(t.Context(), j); err != nil {
		t.Fatalf("run: %v\n%s", err, r.Log)
	}
	file, err := os.Open(j.Bodies)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	dec := json.NewDecoder(file)
	for dec.More() {
		var want map[string]any
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(s.raw, func(got map[string]any) bool { return cmp.Equal(got, want) }) {
			t.Errorf("not sent as it is: %v\nfirst that was: %v", want, s.raw[0])
		}
	}
}
