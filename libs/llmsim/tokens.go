package llmsim

import (
	"unicode"
	"unicode/utf8"
)

// The counting rule. It stands in for a tokenizer, is the same for every model name and is linear enough
// to calibrate against, like a real one:
//
//   - a run of ASCII letters, digits and underscores is one token per Profile.Piece characters or part of it;
//   - white space belongs to the word behind it and counts nothing;
//   - every other character (punctuation, Chinese, emoji) is one token;
//   - a chat message costs perMessage tokens more, the start of the answer perAnswer;
//   - a completions prompt costs one token more (begin of text).
const (
	defaultPiece = 6
	perMessage   = 4
	perAnswer    = 3
	beginOfText  = 1
)

// countText counts the tokens of a text by the rule, without any template.
func countText(s string, piece int) int {
	n, run := 0, 0
	for i := 0; i < len(s); {
		c, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if c < utf8.RuneSelf && (c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c)) {
			if run%piece == 0 {
				n++
			}
			run++
			continue
		}
		run = 0
		if !unicode.IsSpace(c) {
			n++
		}
	}
	return n
}

// words of the answers; each is one token by the rule.
var words = []string{
	"the", "ship", "holds", "her", "load", "over", "calm", "water", "and", "marks", "a", "line", "on", "hull",
	"while", "waves", "rise", "to", "meet", "it", "no", "more", "cargo", "than", "safe", "stays", "aboard",
}

// answerWord is the i-th token of the answer to request number index.
func answerWord(index, i int) string { return words[(index*7+i)%len(words)] }
