package prompt

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/spec"
)

// body is a request as OpenAI-compatible servers take it. min_tokens and ignore_eos force the length of
// the answer on the servers that know them; a prompt that is Unforced leaves them out.
type body struct {
	Model         string         `json:"model"`
	Messages      []message      `json:"messages,omitempty"` // chat
	Prompt        string         `json:"prompt,omitempty"`   // completions
	MaxTokens     int            `json:"max_tokens"`
	MinTokens     int            `json:"min_tokens,omitempty"`
	IgnoreEOS     bool           `json:"ignore_eos,omitempty"`
	Temperature   float64        `json:"temperature"`
	Stream        bool           `json:"stream"`
	StreamOptions *streamOptions `json:"stream_options,omitempty"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

// Lengths are the tokens of one request: drawn from the ranges of the spec by seed and index.
func Lengths(s spec.Spec, seed int64, index int) (input, output int) {
	r := stream(seed, streamLengths, uint64(index))
	input = draw(r, s.InputLength.Min, s.InputLength.Max)
	output = draw(r, s.OutputLength.Min, s.OutputLength.Max)
	return input, output
}

// Body is the JSON body of one request, counted from 0 over the whole test.
func Body(s spec.Spec, pr events.Prompt, index int) ([]byte, error) {
	var out bytes.Buffer
	if err := Bodies(&out, s, pr, index, 1); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// Bodies writes n bodies from index on, one per line.
func Bodies(w io.Writer, s spec.Spec, pr events.Prompt, from, n int) error {
	s = s.WithDefaults()
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false) // prompts are not shown in a page
	for i := range n {
		b, err := bodyOf(s, pr, from+i)
		if err != nil {
			return err
		}
		if err := enc.Encode(b); err != nil {
			return fmt.Errorf("write the body of request %d: %w", from+i, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write request bodies: %w", err)
	}
	return nil
}

// bodyOf expects a spec with its defaults.
func bodyOf(s spec.Spec, pr events.Prompt, index int) (body, error) {
	if index < 0 {
		return body{}, fmt.Errorf("request index %d is below 0", index)
	}
	input, output := Lengths(s, pr.Seed, index)
	text := s.Prompts.Text
	if s.Prompts.Source == spec.SourceSynthetic {
		if pr.TokensPerWord <= 0 {
			return body{}, errors.New("synthetic prompts need a calibration: tokens_per_word is not above 0")
		}
		text = Text(pr.Seed, index, Words(CalibrationOf(pr), input), s.Prompts.SharedPrefix)
	}
	b := body{Model: s.Model, MaxTokens: output, Stream: *s.Stream}
	if !pr.Unforced {
		b.MinTokens, b.IgnoreEOS = output, true
	}
	if s.Target.API == spec.APICompletions {
		b.Prompt = text
	} else {
		b.Messages = []message{{Role: "user", Content: text}}
	}
	if b.Stream {
		b.StreamOptions = &streamOptions{IncludeUsage: true}
	}
	return b, nil
}
