package prompt

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/spec"
)

func TestVocabulary(t *testing.T) {
	list := strings.Fields(words)
	if len(list) != wordCount {
		t.Fatalf("%d words, want %d", len(list), wordCount)
	}
	seen := map[string]bool{}
	for i, w := range list {
		if len(w) != wordStride-1 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" || seen[w] {
			t.Errorf("word %d is %q", i, w)
		}
		seen[w] = true
		if got := word(uint64(i)); got != w {
			t.Errorf("word(%d) = %q, want %q", i, got, w)
		}
	}
	if word(wordCount) != list[0] {
		t.Error("numbers beyond the vocabulary do not start again")
	}
}

// The bytes are a promise: a test repeated with its seed sends the same prompts next year.
func TestTextNeverChanges(t *testing.T) {
	tests := []struct {
		seed         int64
		index, words int
		shared       float64
		want         string
	}{
		{1, 0, 6, 0, "hour rice body edge teen lies"},
		{1, 1, 6, 0, "bags acid also coat rent more"},
		{-7, 123456, 6, 0.5, "rate case lock hall oval pins"},
	}
	for _, tt := range tests {
		if got := Text(tt.seed, tt.index, tt.words, tt.shared); got != tt.want {
			t.Errorf("Text(%d, %d, %d, %v) = %q, want %q", tt.seed, tt.index, tt.words, tt.shared, got, tt.want)
		}
	}
}

func TestTextLength(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 4, 100, 5000} {
		for _, shared := range []float64{0, 0.3, 1} {
			text := Text(9, 4, n, shared)
			if got := len(strings.Fields(text)); got != n {
				t.Errorf("%d words asked, %d made", n, got)
			}
			if n > 0 && len(text) != n*wordStride-1 {
				t.Errorf("%d words in %d characters", n, len(text))
			}
		}
	}
}

func TestTextsDoNotBeginAlike(t *testing.T) {
	const n = 100_000
	starts := make(map[string]int, n)
	for i := range n {
		text := Text(3, i, uniqueLen, 0)
		if before, ok := starts[text]; ok {
			t.Fatalf("requests %d and %d both begin with %q", before, i, text)
		}
		starts[text] = i
	}
	for i := range wordCount - 1 { // neighbours, which are in flight together, differ from the first word on
		a, b := Text(3, i, 50, 0), Text(3, i+1, 50, 0)
		if a[:4] == b[:4] {
			t.Errorf("requests %d and %d begin with %q", i, i+1, a[:4])
		}
	}
	if Text(3, 0, 50, 0) == Text(4, 0, 50, 0) {
		t.Error("two seeds make the same prompt")
	}
}

func TestSharedPrefix(t *testing.T) {
	a, b := Text(5, 0, 100, 0.4), Text(5, 1, 100, 0.4)
	same := 0
	for x, y := strings.Fields(a), strings.Fields(b); same < 100 && x[same] == y[same]; {
		same++
	}
	if same != 40 {
		t.Errorf("%d words are shared, want 40", same)
	}
	if Text(5, 0, 100, 1) != Text(5, 999, 100, 1) {
		t.Error("wholly shared prompts differ")
	}
	if Text(5, 0, 100, 0.4) == Text(6, 0, 100, 0.4) {
		t.Error("seeds do not change the shared part")
	}
}

func TestWords(t *testing.T) {
	tests := []struct {
		name   string
		cal    Calibration
		tokens int
		want   int
	}{
		{"one token a word", Calibration{1, 0}, 128, 128},
		{"template taken off", Calibration{1, 30}, 128, 98},
		{"rounded to the nearest", Calibration{1.3, 0}, 128, 98},
		{"never below one", Calibration{1, 50}, 10, 1},
		{"no calibration counts words", Calibration{}, 7, 7},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Words(tt.cal, tt.tokens); got != tt.want {
				t.Errorf("Words = %d, want %d", got, tt.want)
			}
		})
	}
}

func chatSpec() spec.Spec {
	return spec.Spec{
		Model: "m<1>", InputLength: spec.Length{Min: 8, Max: 8}, OutputLength: spec.Length{Min: 16, Max: 16},
		Concurrency: spec.Concurrency{Levels: []int{1}},
	}
}

var calibrated = events.Prompt{Seed: 1, TokensPerWord: 1, Overhead: 2}

func TestBody(t *testing.T) {
	no := false
	tests := []struct {
		name   string
		change func(*spec.Spec)
		want   string
	}{
		{"chat", func(*spec.Spec) {}, `{"model":"m<1>","messages":[{"role":"user","content":"TEXT"}],"max_tokens":16,"min_tokens":16,"ignore_eos":true,"temperature":0,"stream":true,"stream_options":{"include_usage":true}}`},
		{"completions", func(s *spec.Spec) { s.Target.API = spec.APICompletions }, `{"model":"m<1>","prompt":"TEXT","max_tokens":16,"min_tokens":16,"ignore_eos":true,"temperature":0,"stream":true,"stream_options":{"include_usage":true}}`},
		{"not streamed", func(s *spec.Spec) { s.Stream = &no }, `{"model":"m<1>","messages":[{"role":"user","content":"TEXT"}],"max_tokens":16,"min_tokens":16,"ignore_eos":true,"temperature":0,"stream":false}`},
		{"fixed text", func(s *spec.Spec) { s.Prompts = spec.Prompts{Source: spec.SourceText, Text: "say \"hi\"\n你好"} }, `{"model":"m<1>","messages":[{"role":"user","content":"say \"hi\"\n你好"}],"max_tokens":16,"min_tokens":16,"ignore_eos":true,"temperature":0,"stream":true,"stream_options":{"include_usage":true}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := chatSpec()
			tt.change(&s)
			got, err := Body(s, calibrated, 3)
			want := strings.Replace(tt.want, "TEXT", Text(1, 3, 6, 0), 1)
			if err != nil || string(got) != want {
				t.Errorf("Body = %s, %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestUnforcedBodyLeavesLengthToTheServer(t *testing.T) {
	plain := calibrated
	plain.Unforced = true
	got, err := Body(chatSpec(), plain, 3)
	if err != nil || strings.Contains(string(got), "min_tokens") || strings.Contains(string(got), "ignore_eos") ||
		!strings.Contains(string(got), `"max_tokens":16`) {
		t.Errorf("Body = %s, %v; want max_tokens alone", got, err)
	}
}

func TestBodyRefuses(t *testing.T) {
	if _, err := Body(chatSpec(), events.Prompt{}, 0); err == nil {
		t.Error("a synthetic prompt was made without calibration")
	}
	if _, err := Body(chatSpec(), calibrated, -1); err == nil {
		t.Error("a request before the first was made")
	}
	s := chatSpec()
	s.Prompts = spec.Prompts{Source: spec.SourceText, Text: "x"}
	if _, err := Body(s, events.Prompt{}, 0); err != nil {
		t.Errorf("a fixed text needs no calibration: %v", err)
	}
}

// Any share of a test is the same bytes whoever makes it.
func TestBodiesAreTheSameInSlices(t *testing.T) {
	s := chatSpec()
	s.InputLength, s.OutputLength = spec.Length{Min: 8, Max: 64}, spec.Length{Min: 1, Max: 100}
	var whole, parts bytes.Buffer
	if err := Bodies(&whole, s, calibrated, 0, 200); err != nil {
		t.Fatal(err)
	}
	for from := 0; from < 200; from += 40 {
		if err := Bodies(&parts, s, calibrated, from, 40); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(whole.Bytes(), parts.Bytes()) {
		t.Error("slices differ from the whole")
	}
	lines := bytes.Split(bytes.TrimSuffix(whole.Bytes(), []byte("\n")), []byte("\n"))
	if len(lines) != 200 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		one, err := Body(s, calibrated, i)
		if err != nil || !bytes.Equal(one, line) {
			t.Fatalf("line %d is %s, Body gives %s, %v", i, line, one, err)
		}
		var b body
		if err := json.Unmarshal(line, &b); err != nil {
			t.Fatal(err)
		}
		input, output := Lengths(s, calibrated.Seed, i)
		if b.MaxTokens != output || len(strings.Fields(b.Messages[0].Content)) != input-2 {
			t.Fatalf("line %d does not have the drawn lengths %d and %d", i, input, output)
		}
	}
}

func TestLengthsFillTheRange(t *testing.T) {
	s := chatSpec()
	s.InputLength, s.OutputLength = spec.Length{Min: 10, Max: 13}, spec.Length{Min: 5, Max: 5}
	count := map[int]int{}
	for i := range 4000 {
		input, output := Lengths(s, 77, i)
		if output != 5 {
			t.Fatalf("output %d", output)
		}
		count[input]++
	}
	var seen []int
	for length, n := range count {
		seen = append(seen, length)
		if n < 850 || n > 1150 { // 1000 ± 5 standard deviations
			t.Errorf("length %d was drawn %d of 4000 times", length, n)
		}
	}
	slices.Sort(seen)
	if !slices.Equal(seen, []int{10, 11, 12, 13}) {
		t.Errorf("drawn: %v", seen)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestBodiesOnAFullDisk(t *testing.T) {
	for _, n := range []int{1, 5000} {
		if err := Bodies(full{}, chatSpec(), calibrated, 0, n); !errors.Is(err, errFull) {
			t.Errorf("%d bodies: %v", n, err)
		}
	}
}

func BenchmarkText1000Words(b *testing.B) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		Text(1, i, 1000, 0)
	}
}

func BenchmarkBodies(b *testing.B) {
	s := chatSpec()
	s.InputLength = spec.Length{Min: 1024, Max: 1024}
	b.ReportAllocs()
	for b.Loop() {
		if err := Bodies(io.Discard, s, calibrated, 0, 1000); err != nil {
			b.Fatal(err)
		}
	}
}
