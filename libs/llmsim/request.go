package llmsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

type api int

const (
	chat api = iota
	completions
)

// maxBody bounds one request (bytes): a million tokens of prompt fit.
const maxBody = 32 << 20

// naturalEnd is the answer's length when the client does not force one (tokens).
const naturalEnd = 96

// call is one request for an answer, understood.
type call struct {
	api          api
	index        int
	model        string
	prompt       int // tokens
	output       int // tokens that will be sent
	finish       string
	stream       bool
	includeUsage bool
}

type body struct {
	Model               string          `json:"model"`
	Messages            []message       `json:"messages"`
	Prompt              json.RawMessage `json:"prompt"`
	MaxTokens           *int            `json:"max_tokens"`
	MaxCompletionTokens *int            `json:"max_completion_tokens"`
	MinTokens           int             `json:"min_tokens"`
	IgnoreEOS           bool            `json:"ignore_eos"`
	N                   int             `json:"n"`
	Stream              bool            `json:"stream"`
	StreamOptions       struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

type message struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

// refusal is an answer in OpenAI's error shape.
type refusal struct {
	status  int
	kind    string
	message string
}

func (r *refusal) Error() string { return r.message }

func badRequest(format string, args ...any) *refusal {
	return &refusal{http.StatusBadRequest, "invalid_request_error", fmt.Sprintf(format, args...)}
}

// read understands a request or says why not.
func (s *Server) read(w http.ResponseWriter, r *http.Request, a api) (call, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return call{}, badRequest("body: %v", err)
	}
	var b body
	if err := json.Unmarshal(raw, &b); err != nil {
		return call{}, badRequest("body is not the JSON wanted: %v", err)
	}
	if b.Model == "" {
		return call{}, badRequest("model: must not be empty")
	}
	if !s.knows(b.Model) {
		return call{}, &refusal{http.StatusNotFound, "not_found_error", fmt.Sprintf("The model `%s` does not exist.", b.Model)}
	}
	if b.N > 1 {
		return call{}, badRequest("n: only 1 is supported, got %d", b.N)
	}
	c := call{api: a, model: b.Model, stream: b.Stream, includeUsage: b.StreamOptions.IncludeUsage}
	if c.prompt, err = promptTokens(b, a, s.profile.Piece); err != nil {
		return call{}, badRequest("%v", err)
	}
	return c, s.decideLength(&c, b)
}

// decideLength honours max_tokens, min_tokens and ignore_eos, and refuses what exceeds the context.
func (s *Server) decideLength(c *call, b body) error {
	most := b.MaxTokens
	if b.MaxCompletionTokens != nil {
		most = b.MaxCompletionTokens
	}
	if most != nil && *most < 1 {
		return badRequest("max_tokens must be at least 1, got %d", *most)
	}
	if most != nil && b.MinTokens > *most {
		return badRequest("min_tokens must not exceed max_tokens, got %d and %d", b.MinTokens, *most)
	}
	c.output, c.finish = max(naturalEnd, b.MinTokens), "stop"
	if most == nil && c.api == completions {
		c.output, c.finish = 16, "length"
	}
	if most != nil && (*most <= c.output || b.IgnoreEOS) {
		c.output, c.finish = *most, "length"
	}
	limit := s.profile.Context
	if limit > 0 && c.prompt+c.output > limit {
		return &refusal{http.StatusBadRequest, "context_length_exceeded", fmt.Sprintf(
			"This model's maximum context length is %d tokens. However, you requested %d tokens (%d in the messages, %d in the completion).",
			limit, c.prompt+c.output, c.prompt, c.output)}
	}
	return nil
}

func promptTokens(b body, a api, piece int) (int, error) {
	if a == completions {
		n, err := completionTokens(b.Prompt, piece)
		return n + beginOfText, err
	}
	if len(b.Messages) == 0 {
		return 0, errors.New("messages: must not be empty")
	}
	n := perAnswer
	for i, m := range b.Messages {
		text, err := contentText(m.Content)
		if err != nil {
			return 0, fmt.Errorf("messages[%d].content: %w", i, err)
		}
		n += perMessage + countText(text, piece)
	}
	return n, nil
}

// completionTokens counts a prompt given as text, a list of one text, or a list of token ids.
func completionTokens(raw json.RawMessage, piece int) (int, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return countText(text, piece), nil
	}
	var ids []int
	if json.Unmarshal(raw, &ids) == nil && len(ids) > 0 {
		return len(ids), nil
	}
	var list []string
	if json.Unmarshal(raw, &list) == nil && len(list) == 1 {
		return countText(list[0], piece), nil
	}
	return 0, errors.New("prompt: must be a text, a list of one text, or a list of token ids")
}

// contentText joins the text parts of a message's content.
func contentText(raw json.RawMessage) (string, error) {
	var text string
	if len(raw) == 0 || json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		return "", errors.New("must be a text or a list of parts")
	}
	var joined strings.Builder
	for _, p := range parts {
		if p.Type != "text" {
			return "", fmt.Errorf("parts of type %q are not supported", p.Type)
		}
		joined.WriteString(p.Text)
		joined.WriteByte(' ')
	}
	return joined.String(), nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nobody is left to tell
}

func writeError(w http.ResponseWriter, status int, kind, text string) {
	writeJSON(w, status, map[string]any{"error": map[string]any{"message": text, "type": kind, "param": nil, "code": status}})
}
