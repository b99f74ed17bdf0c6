package llmsim

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
)

// answer carries one request from arrival to end.
type answer struct {
	s       *Server
	w       http.ResponseWriter
	ctx     context.Context // of the HTTP request: it ends with the connection
	call    call
	rec     *Record
	timer   *time.Timer
	created int64
}

// generate handles one request for an answer.
func (s *Server) generate(a api) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rec := Record{Arrival: time.Now(), Path: r.URL.Path, UserAgent: r.UserAgent(), Status: http.StatusOK, Outcome: OutcomeOK}
		rec.Index = s.log.begin()
		defer func() {
			rec.End = time.Since(rec.Arrival)
			s.log.end(rec)
		}()
		c, err := s.read(w, r, a)
		if err != nil {
			var no *refusal
			if !errors.As(err, &no) {
				no = &refusal{http.StatusInternalServerError, "server_error", err.Error()}
			}
			rec.Status, rec.Outcome = no.status, OutcomeRefused
			writeError(w, no.status, no.kind, no.message)
			return
		}
		c.index = rec.Index
		rec.Model, rec.Stream, rec.PromptTokens, rec.Fault = c.model, c.stream, c.prompt, s.profile.faultOf(c.index)
		an := answer{s: s, w: w, ctx: r.Context(), call: c, rec: &rec}
		an.run()
	}
}

func (an *answer) run() {
	an.created = time.Now().Unix()
	an.timer = time.NewTimer(time.Hour)
	defer an.timer.Stop()
	switch an.rec.Fault {
	case FaultServerError:
		an.refuse(http.StatusInternalServerError, "server_error", "simulated internal error")
		return
	case FaultRateLimit:
		an.w.Header().Set("Retry-After", "1")
		an.refuse(http.StatusTooManyRequests, "rate_limit_error", "simulated rate limit")
		return
	case FaultNoneAnswered:
		an.pause(0)
		an.rec.Outcome = OutcomeAbandoned
		return
	case FaultSlowHeaders:
		if !an.pause(an.s.profile.Faults.Pause) {
			an.rec.Outcome = OutcomeAbandoned
			return
		}
	case FaultShortAnswer:
		an.call.output, an.call.finish = max(1, an.call.output/2), "stop"
	case FaultEmpty:
		an.call.output, an.call.finish = 0, "stop"
	case FaultWrongModel:
		an.call.model = "another-model"
	}
	an.rec.OutputTokens = an.call.output
	an.rec.Tokens = make([]time.Duration, 0, an.call.output)
	if an.call.stream {
		an.stream()
		return
	}
	an.whole()
}

func (an *answer) refuse(status int, kind, text string) {
	an.rec.Status, an.rec.Outcome = status, OutcomeRefused
	writeError(an.w, status, kind, text)
}

// due is the instant of token i.
func (an *answer) due(i int) time.Time {
	return an.rec.Arrival.Add(an.s.profile.TTFT + time.Duration(i)*an.s.profile.ITL)
}

// until waits for an instant; false when the client or the server went away.
func (an *answer) until(at time.Time) bool {
	left := time.Until(at)
	if left <= 0 {
		return an.ctx.Err() == nil
	}
	an.timer.Reset(left)
	select {
	case <-an.timer.C:
		return true
	case <-an.ctx.Done():
	case <-an.s.stop:
	}
	return false
}

// pause is silence; 0 lasts until the client goes away.
func (an *answer) pause(d time.Duration) bool {
	if d > 0 {
		return an.until(time.Now().Add(d))
	}
	select {
	case <-an.ctx.Done():
	case <-an.s.stop:
	}
	return false
}

// whole sends the answer in one piece when its last token is due.
func (an *answer) whole() {
	c := an.call
	if !an.until(an.due(max(0, c.output-1))) {
		an.rec.Outcome = OutcomeAbandoned
		return
	}
	switch an.rec.Fault {
	case FaultCut, FaultGarbage, FaultStall:
		an.breakWhole()
		return
	case FaultErrorEvent:
		an.refuse(http.StatusInternalServerError, "server_error", "simulated internal error")
		return
	}
	now := time.Since(an.rec.Arrival)
	text := make([]string, 0, c.output)
	for i := range c.output {
		text = append(text, answerWord(c.index, i))
		an.rec.Tokens = append(an.rec.Tokens, now)
	}
	joined := strings.Join(text, " ")
	choice := map[string]any{"index": 0, "text": joined, "finish_reason": c.finish, "logprobs": nil}
	if c.api == chat {
		delete(choice, "text")
		choice["message"] = map[string]any{"role": "assistant", "content": joined}
	}
	out := map[string]any{
		"id": an.name(), "object": c.api.object(false), "created": an.created, "model": c.model, "choices": []any{choice},
	}
	if an.rec.Fault != FaultNoUsage {
		out["usage"] = usageOf(c.prompt, c.output)
	}
	writeJSON(an.w, http.StatusOK, out)
}

// breakWhole spoils an answer that is not streamed.
func (an *answer) breakWhole() {
	an.rec.Outcome = OutcomeBroken
	an.w.Header().Set("Content-Type", "application/json")
	_, _ = an.w.Write([]byte(`{"id":"broken","choices":[`))
	if an.rec.Fault == FaultGarbage {
		return
	}
	_ = http.NewResponseController(an.w).Flush()
	if an.rec.Fault == FaultStall {
		an.pause(an.s.profile.Faults.Pause)
	}
	an.hangUp()
}

// hangUp closes the connection in the middle of the answer.
func (an *answer) hangUp() {
	an.rec.Outcome = OutcomeBroken
	conn, _, err := http.NewResponseController(an.w).Hijack()
	if err != nil {
		return // HTTP/2: the answer ends early without its final marker, which is a cut as well
	}
	_ = conn.Close()
}

func usageOf(prompt, output int) map[string]any {
	return map[string]any{
		"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output,
		"prompt_tokens_details": map[string]int{"cached_tokens": 0},
	}
}
