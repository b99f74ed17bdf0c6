package evalscope_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"plimsoll.internal/libs/spec"
)

func TestOpenLoop(t *testing.T) {
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
}

func TestDuration(t *testing.T) {
	t.Parallel()
	s := newTarget(t, nil)
	j := job(t, s, 0)
	j.Bodies = job(t, s, 3).Bodies
	j.Duration = time.Second
	r, err := driver(t).Run(t.Context(), j)
	if err != nil || len(r.Samples) < 8 || r.Asked != 0 || r.Incomplete != "" {
		t.Fatalf("%d samples, asked %d, incomplete %q, %v\n%s", len(r.Samples), r.Asked, r.Incomplete, err, r.Log)
	}
}

func TestCompletions(t *testing.T) {
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
}

func TestAnswersInOnePiece(t *testing.T) {
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
}

// sent reports whether a body came over as it stood in the file.
func sent(s *target, prompt string) bool {
	return slices.ContainsFunc(s.requests(), func(b body) bool { return b.Prompt == prompt && b.MaxTokens == 8 })
}
