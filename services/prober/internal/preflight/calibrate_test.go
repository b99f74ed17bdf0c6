package preflight

import (
	"math"
	"testing"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/llm"
	"plimsoll.internal/libs/llmsim"
	"plimsoll.internal/libs/prompt"
	"plimsoll.internal/libs/spec"
)

func TestLengthsAreMet(t *testing.T) {
	for _, tc := range []struct {
		name  string
		in    spec.Length
		api   spec.API
		piece int // letters per token; every word has four
	}{
		{"short", spec.Length{Min: 16, Max: 16}, spec.APIChat, 4},
		{"long", spec.Length{Min: 8000, Max: 8000}, spec.APIChat, 4},
		{"range", spec.Length{Min: 100, Max: 2000}, spec.APIChat, 4},
		{"two tokens a word", spec.Length{Min: 1000, Max: 1000}, spec.APIChat, 3},
		{"four tokens a word, range", spec.Length{Min: 200, Max: 4000}, spec.APIChat, 1},
		{"completions", spec.Length{Min: 512, Max: 512}, spec.APICompletions, 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sim := llmsim.New(llmsim.Profile{Piece: tc.piece})
			s := wanted(serve(t, sim))
			s.InputLength, s.Target.API = tc.in, tc.api
			r, _ := run(t, s, "")
			if r.Failure != nil || status(r, "prompt").Status != events.CheckOK {
				t.Fatalf("%v %+v", r.Failure, status(r, "prompt"))
			}
			if n := sim.Totals().Requests; n > 1+mostRequests {
				t.Errorf("%d requests", n)
			}
			// The load's own bodies, counted by the server: the proof of the calibration.
			for i := range 5 {
				body, err := prompt.Body(s, r.Prompt, i)
				if err != nil {
					t.Fatal(err)
				}
				want, _ := prompt.Lengths(s, r.Prompt.Seed, i)
				c := llm.New(llm.Options{})
				got := c.Do(t.Context(), llm.Request{URL: s.Target.URL, API: tc.api, Body: body, Stream: true})
				c.Close()
				if got.Failure != nil || math.Abs(float64(*got.Prompt-int64(want))) > allowed(want, r.Prompt.TokensPerWord) {
					t.Errorf("request %d has %v tokens, want %d: %v", i, got.Prompt, want, got.Failure)
				}
			}
		})
	}
}

func TestTextsAreNew(t *testing.T) {
	l := &look{Input: Input{Spec: wanted("http://a/v1")}, prompt: events.Prompt{Seed: 1}}
	seen := map[string]bool{}
	for range 100 {
		b, err := l.body(8, 1, true)
		if err != nil || seen[string(b)] {
			t.Fatalf("a text came twice (%v): %s", err, b)
		}
		seen[string(b)] = true
	}
}

func TestFit(t *testing.T) {
	cal := fit(point{10, 27}, point{110, 227})
	if cal.TokensPerWord != 2 || cal.Overhead != 7 || smallest(cal) != 9 {
		t.Errorf("%+v, smallest %d", cal, smallest(cal))
	}
	for _, tc := range []struct {
		target, got int
		perWord     float64
		want        bool
	}{
		{1000, 1010, 1, true}, {1000, 1011, 1, false}, {10, 11, 1, true}, {10, 12, 1, false}, {10, 12, 4, true},
	} {
		if within(tc.target, tc.got, tc.perWord) != tc.want {
			t.Errorf("within(%d, %d, %v) is not %v", tc.target, tc.got, tc.perWord, tc.want)
		}
	}
}

func TestContextLimit(t *testing.T) {
	for text, want := range map[string]int{
		"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens": 4096,
		"the request exceeds the available context size (2048 tokens), try increasing it":        2048,
		"Input is longer than the model's context length (32768 tokens).":                        32768,

		"exceeds max_model_len of 8192": 8192,
		"too long":                      0,
	} {
		if got := contextLimit(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

// TestContextOfUnknownSize: the server refuses without saying how much fits.
func TestContextOfUnknownSize(t *testing.T) {
	c := &calibration{l: &look{Input: Input{Spec: wanted("")}}}
	sim := llmsim.New(llmsim.Profile{Context: 1000})
	s := wanted(serve(t, sim))
	s.InputLength = spec.Length{Min: 2000, Max: 2000}
	c.l.Spec = s
	c.l.client = llm.New(llm.Options{Connect: time.Second})
	defer c.l.client.Close()
	if _, err := c.measure(t.Context(), 64); err != nil {
		t.Fatal(err)
	}
	c.grope(t.Context())
	if c.best.tokens < 900 || c.best.tokens > 999 || c.sent > mostRequests {
		t.Errorf("greatest accepted %d tokens after %d requests, want near 999 within %d", c.best.tokens, c.sent, mostRequests)
	}
}
