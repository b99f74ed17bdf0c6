package evalscope_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// target is a small OpenAI-compatible server that keeps record of what it was asked.
type target struct {
	*httptest.Server
	answer func(n int, w http.ResponseWriter, r *http.Request, b body) // n counts from 1; nil streams
	tokens int
	gap    time.Duration // before the first token and between two

	mu    sync.Mutex
	seen  []body
	keys  []string // Authorization headers
	paths []string
	raw   []map[string]any // the bodies as they came
}

// body is what matters of a request body.
type body struct {
	Model     string `json:"model"`
	Stream    bool   `json:"stream"`
	MaxTokens int    `json:"max_tokens"`
	Prompt    string `json:"prompt"`
	Messages  []struct {
		Content string `json:"content"`
	} `json:"messages"`
}

func newTarget(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request, b body)) *target {
	t.Helper()
	s := &target{answer: answer, tokens: 8, gap: 10 * time.Millisecond}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *target) serve(w http.ResponseWriter, r *http.Request) {
	var b body
	raw, _ := io.ReadAll(r.Body)
	var all map[string]any
	if err := errors.Join(json.Unmarshal(raw, &b), json.Unmarshal(raw, &all)); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.seen = append(s.seen, b)
	s.keys = append(s.keys, r.Header.Get("Authorization"))
	s.raw = append(s.raw, all)
	s.paths = append(s.paths, r.URL.Path)
	n := len(s.seen)
	s.mu.Unlock()
	if s.answer != nil {
		s.answer(n, w, r, b)
		return
	}
	s.stream(w, r, b, s.tokens, true)
}

// stream answers like a serving engine: a role-only event, one event per token, finish, usage, [DONE].
func (s *target) stream(w http.ResponseWriter, r *http.Request, b body, tokens int, usage bool) {
	flush := w.(http.Flusher).Flush
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(v any) {
		raw, _ := json.Marshal(v)
		fmt.Fprintf(w, "data: %s\n\n", raw)
		flush()
	}
	chat := b.Prompt == ""
	choice := func(delta string) map[string]any {
		if chat {
			return map[string]any{"object": "chat.completion.chunk", "choices": []any{map[string]any{"index": 0, "delta": map[string]any{"content": delta}}}}
		}
		return map[string]any{"object": "text_completion", "choices": []any{map[string]any{"index": 0, "text": delta}}}
	}
	if chat {
		send(map[string]any{"object": "chat.completion.chunk", "choices": []any{map[string]any{"index": 0, "delta": map[string]any{"role": "assistant", "content": ""}}}})
	}
	tick := time.NewTicker(s.gap)
	defer tick.Stop()
	for range tokens {
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
			send(choice("word "))
		}
	}
	if usage {
		send(map[string]any{"choices": []any{}, "usage": map[string]any{"prompt_tokens": 5, "completion_tokens": tokens, "total_tokens": 5 + tokens}})
	}
	fmt.Fprint(w, "data: [DONE]\n\n")
	flush()
}

func (s *target) requests() []body {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]body(nil), s.seen...)
}
