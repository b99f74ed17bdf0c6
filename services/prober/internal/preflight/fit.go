package preflight

import (
	"math"
	"regexp"
	"strconv"

	"plimsoll.internal/libs/prompt"
)

// point is one measurement: so many words gave so many tokens.
type point struct{ words, tokens int }

// fit lays the line through two points with different numbers of words.
func fit(a, b point) prompt.Calibration {
	perWord := float64(b.tokens-a.tokens) / float64(b.words-a.words)
	return prompt.Calibration{TokensPerWord: perWord, Overhead: float64(a.tokens) - perWord*float64(a.words)}
}

// allowed is how far a prompt may be from the length asked for (tokens): 1 %, but a token at least, and
// half a word where a word is several tokens, because a prompt has whole words.
func allowed(target int, perWord float64) float64 {
	return max(0.01*float64(target), 1, perWord/2)
}

func within(target, got int, perWord float64) bool {
	return math.Abs(float64(got-target)) <= allowed(target, perWord)
}

// smallest is the shortest prompt the calibration allows (tokens): the template and one word.
func smallest(c prompt.Calibration) int { return int(math.Ceil(c.Overhead + c.TokensPerWord)) }

// offPercent is the distance from the target in per cent.
func offPercent(target, got int) float64 { return 100 * float64(got-target) / float64(target) }

// contextLimits are the ways servers name the size of their context in a refusal.
var contextLimits = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(?:maximum|model's) context length (?:is|of)? ?\(?(\d+)`), // OpenAI, vLLM, SGLang
	regexp.MustCompile(`(?i)context (?:size|length|window) \(?(?:is |of )?(\d+)`),     // llama.cpp
	regexp.MustCompile(`(?i)max_model_len[^0-9]{0,12}(\d+)`),
	regexp.MustCompile(`(?i)n_ctx[^0-9]{0,6}(\d+)`),
}

// contextLimit finds the size of the context in the text of a refusal (tokens), 0 when it is not told.
func contextLimit(text string) int {
	for _, r := range contextLimits {
		if m := r.FindStringSubmatch(text); m != nil {
			if n, err := strconv.Atoi(m[1]); err == nil {
				return n
			}
		}
	}
	return 0
}
