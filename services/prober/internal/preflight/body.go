package preflight

import (
	"fmt"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/prompt"
	"plimsoll.internal/libs/spec"
)

// firstIndex keeps the prompts of the preflight apart from those of the load, which count from 0: a text
// the server has seen comes out of its prompt cache.
const firstIndex = 100_000_000

// body is a request with a new synthetic text of so many words and an answer of exactly output tokens.
func (l *look) body(words, output int, stream bool) ([]byte, error) {
	l.asked++
	return l.encode(prompt.Text(l.prompt.Seed, firstIndex+l.asked, words, 0), output, stream)
}

// encode makes the same body as the load's, around any text.
func (l *look) encode(text string, output int, stream bool) ([]byte, error) {
	s := l.Spec
	s.Prompts = spec.Prompts{Source: spec.SourceText, Text: text}
	s.OutputLength = spec.Length{Min: output, Max: output}
	s.Stream = &stream
	b, err := prompt.Body(s, events.Prompt{Unforced: l.prompt.Unforced}, 0)
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	return b, nil
}
