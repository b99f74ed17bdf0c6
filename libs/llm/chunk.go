package llm

import (
	"encoding/json"
	"fmt"

	"plimsoll.internal/libs/failure"
)

// chunk is one event of a stream, or a whole answer: the fields of chat and completions that matter.
type chunk struct {
	Model   string          `json:"model"`
	Choices []choice        `json:"choices"`
	Usage   *usage          `json:"usage"`
	Error   json.RawMessage `json:"error"`
	Object  string          `json:"object"`  // "error" in older vLLM
	Message string          `json:"message"` // with object "error"
	Code    json.RawMessage `json:"code"`
}

type choice struct {
	Delta   said   `json:"delta"`
	Message said   `json:"message"`
	Text    string `json:"text"`
	Finish  string `json:"finish_reason"`
}

type said struct {
	Content          string            `json:"content"`
	Reasoning        string            `json:"reasoning"`
	ReasoningContent string            `json:"reasoning_content"`
	ToolCalls        []json.RawMessage `json:"tool_calls"`
}

func (s said) anything() bool {
	return s.Content != "" || s.Reasoning != "" || s.ReasoningContent != "" || len(s.ToolCalls) > 0
}

type usage struct {
	Prompt     *int64 `json:"prompt_tokens"`
	Completion *int64 `json:"completion_tokens"`
	Details    struct {
		Cached *int64 `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

// output reports whether the event carries any output.
func (c *chunk) output() bool {
	for _, ch := range c.Choices {
		if ch.Text != "" || ch.Delta.anything() || ch.Message.anything() {
			return true
		}
	}
	return false
}

// failed returns the failure told inside a 200, nil when there is none.
func (c *chunk) failed() *failure.Failure {
	if c.Object == "error" {
		return inBand(codeOf(c.Code), c.Message)
	}
	if len(c.Error) == 0 || string(c.Error) == "null" {
		return nil
	}
	var e struct {
		Message string          `json:"message"`
		Code    json.RawMessage `json:"code"`
	}
	if json.Unmarshal(c.Error, &e) != nil {
		return inBand(0, string(c.Error)) // a bare text
	}
	return inBand(codeOf(e.Code), e.Message)
}

func inBand(code int, message string) *failure.Failure {
	class := failure.ServerError
	if code >= 400 {
		class = failure.OfStatus(code, message)
	} else if failure.OfStatus(400, message) == failure.ContextLength {
		class = failure.ContextLength
	}
	return failure.New(class, "the server reported an error inside its answer: %s", excerpt(message))
}

func codeOf(raw json.RawMessage) int {
	var n int
	if json.Unmarshal(raw, &n) != nil {
		return 0
	}
	return n
}

// errorText finds the message in the body of an error answer.
func errorText(body []byte) string {
	var c chunk
	if json.Unmarshal(body, &c) == nil {
		if f := c.failed(); f != nil {
			var e struct {
				Message string `json:"message"`
			}
			if json.Unmarshal(c.Error, &e) == nil && e.Message != "" {
				return excerpt(e.Message)
			}
		}
		if c.Message != "" {
			return excerpt(c.Message)
		}
	}
	return excerpt(string(body))
}

// maxExcerpt bounds foreign text in our messages (characters).
const maxExcerpt = 400

func excerpt(s string) string {
	r := []rune(s)
	if len(r) <= maxExcerpt {
		return s
	}
	return fmt.Sprintf("%s… (%d characters)", string(r[:maxExcerpt]), len(r))
}
