package llmsim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

func (a api) object(stream bool) string {
	switch {
	case a == completions:
		return "text_completion"
	case stream:
		return "chat.completion.chunk"
	default:
		return "chat.completion"
	}
}

func (an *answer) name() string {
	if an.call.api == completions {
		return "cmpl-" + strconv.Itoa(an.call.index)
	}
	return "chatcmpl-" + strconv.Itoa(an.call.index)
}

// wire builds the events of one stream in one reused buffer. Words and names need no escaping but the
// model, which is encoded once: 20,000 events a second must cost little.
type wire struct {
	head, role, pre, post []byte
	buf                   []byte
}

func (an *answer) wire() *wire {
	model, err := json.Marshal(an.call.model)
	if err != nil { // a string always encodes
		model = []byte(`""`)
	}
	head := `data: {"id":"` + an.name() + `","object":"` + an.call.api.object(true) + `","created":` +
		strconv.FormatInt(an.created, 10) + `,"model":` + string(model)
	w := &wire{head: []byte(head), buf: make([]byte, 0, 512)}
	if an.call.api == chat {
		w.role = []byte(`,"choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}` + "\n\n")
		w.pre = []byte(`,"choices":[{"index":0,"delta":{"content":"`)
		w.post = []byte(`"},"logprobs":null,"finish_reason":null}]}` + "\n\n")
		return w
	}
	w.pre = []byte(`,"choices":[{"index":0,"text":"`)
	w.post = []byte(`","logprobs":null,"finish_reason":null}]}` + "\n\n")
	return w
}

func (w *wire) token(index, i int) {
	w.buf = append(append(w.buf, w.head...), w.pre...)
	if i > 0 {
		w.buf = append(w.buf, ' ')
	}
	w.buf = append(append(w.buf, answerWord(index, i)...), w.post...)
}

func (w *wire) finish(c call, usage bool) {
	w.buf = append(w.buf, w.head...)
	if c.api == chat {
		w.buf = append(w.buf, `,"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"`...)
	} else {
		w.buf = append(w.buf, `,"choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"`...)
	}
	w.buf = append(append(w.buf, c.finish...), `"}]}`+"\n\n"...)
	if usage {
		w.buf = append(append(w.buf, w.head...), `,"choices":[],"usage":{"prompt_tokens":`...)
		w.buf = strconv.AppendInt(w.buf, int64(c.prompt), 10)
		w.buf = append(w.buf, `,"completion_tokens":`...)
		w.buf = strconv.AppendInt(w.buf, int64(c.output), 10)
		w.buf = append(w.buf, `,"total_tokens":`...)
		w.buf = strconv.AppendInt(w.buf, int64(c.prompt+c.output), 10)
		w.buf = append(w.buf, `,"prompt_tokens_details":{"cached_tokens":0}}}`+"\n\n"...)
	}
	w.buf = append(w.buf, "data: [DONE]\n\n"...)
}

// stream sends every token at its instant: headers and the role at once, as an engine does when it grants
// a slot, the tokens on schedule, then finish, usage when asked, and the final marker.
func (an *answer) stream() {
	h := an.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	an.w.WriteHeader(http.StatusOK)
	out := an.wire()
	if an.call.api == chat {
		out.buf = append(append(out.buf, out.head...), out.role...)
	}
	if !an.send(out) {
		return
	}
	if an.call.output == 0 && !an.until(an.due(0)) {
		an.rec.Outcome = OutcomeAbandoned
		return
	}
	half := an.call.output / 2
	for i := 0; i < an.call.output; {
		if i == half && an.broken(out) {
			return
		}
		if !an.until(an.due(i)) {
			an.rec.Outcome = OutcomeAbandoned
			return
		}
		i = an.sendDue(out, i, half)
		if len(an.rec.Tokens) != i {
			return
		}
	}
	out.finish(an.call, an.call.includeUsage && an.rec.Fault != FaultNoUsage)
	an.send(out)
}

// sendDue writes token i and all after it whose instant has passed, in one system call; it stops before
// the middle, where faults happen. It returns the next token.
func (an *answer) sendDue(out *wire, i, half int) int {
	now := time.Now()
	first := i
	for ; i < an.call.output && (i == first || (i != half && !an.due(i).After(now))); i++ {
		out.token(an.call.index, i)
	}
	at := now.Sub(an.rec.Arrival)
	if !an.send(out) {
		return i
	}
	for range i - first {
		an.rec.Tokens = append(an.rec.Tokens, at)
	}
	return i
}

func (an *answer) send(out *wire) bool {
	_, err := an.w.Write(out.buf)
	out.buf = out.buf[:0]
	if err == nil {
		err = http.NewResponseController(an.w).Flush()
	}
	if err != nil {
		an.rec.Outcome = OutcomeAbandoned
		return false
	}
	return true
}

// broken plays the faults that come in the middle; true when the answer ends here.
func (an *answer) broken(out *wire) bool {
	switch an.rec.Fault {
	case FaultStall:
		if an.pause(an.s.profile.Faults.Pause) {
			return false
		}
		an.rec.Outcome = OutcomeAbandoned
		return true
	case FaultErrorEvent:
		out.buf = append(out.buf, `data: {"error":{"message":"simulated error in the middle of the answer","type":"server_error","param":null,"code":500}}`+"\n\n"...)
	case FaultGarbage:
		out.buf = append(out.buf, "data: {\"choices\": [oops\n\n"...)
	case FaultCut:
		an.hangUp()
		return true
	default:
		return false
	}
	an.send(out)
	an.rec.Outcome = OutcomeBroken
	return true
}
