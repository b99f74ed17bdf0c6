package llm_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/llm"
	"plimsoll.internal/libs/llmsim"
	"plimsoll.internal/libs/spec"
)

const streamed = `{"model":"m","messages":[{"role":"user","content":"hi there"}],"stream":true,"stream_options":{"include_usage":true},"max_tokens":8,"ignore_eos":true}`

func request(url string) llm.Request {
	return llm.Request{
		URL: url, API: spec.APIChat, Body: []byte(streamed), Stream: true,
		Timeouts: llm.Timeouts{FirstToken: 5 * time.Second, Stall: 5 * time.Second, Request: 10 * time.Second},
	}
}

func client(t *testing.T) *llm.Client {
	t.Helper()
	c := llm.New(llm.Options{Connect: 5 * time.Second})
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return web.URL + "/v1"
}

func TestTimelineAgainstTheServersRecord(t *testing.T) {
	s := llmsim.New(llmsim.Profile{TTFT: 30 * time.Millisecond, ITL: 5 * time.Millisecond})
	url := serve(t, s)
	c := client(t)
	got := c.Do(t.Context(), request(url))
	if !got.OK() {
		t.Fatal(got.Failure)
	}
	if got.Chunks != 8 || *got.Output != 8 || *got.Prompt != 2+4+3 || got.Source != "usage" || got.Finish != "length" || got.Model != "m" {
		t.Errorf("timeline %+v", got)
	}
	if len(got.Gaps) != 7 || !got.Streamed || got.Status != 200 || got.Date.IsZero() {
		t.Errorf("timeline %+v", got)
	}
	if got.TTFT() < 30*time.Millisecond || got.FirstByte.Sub(got.Sent) >= got.TTFT() {
		t.Errorf("ttft %v, headers %v: the role-only event must not count", got.TTFT(), got.FirstByte.Sub(got.Sent))
	}
	if again := c.Do(t.Context(), request(url)); !again.Reused || again.Resent {
		t.Errorf("second request: reused %v, resent %v, want the same connection", again.Reused, again.Resent)
	}
	sample := got.Sample(3, got.Start)
	if !sample.OK || sample.Index != 3 || sample.TPOTNs == nil || *sample.TTFTNs != got.TTFT().Nanoseconds() || len(sample.ITLNs) != 7 {
		t.Errorf("sample %+v", sample)
	}
}

func TestFaultsHaveTheirClass(t *testing.T) {
	short := llm.Timeouts{FirstToken: 150 * time.Millisecond, Stall: 150 * time.Millisecond, Request: 5 * time.Second}
	for _, tc := range []struct {
		fault llmsim.Fault
		want  failure.Class
	}{
		{llmsim.FaultServerError, failure.ServerError},
		{llmsim.FaultRateLimit, failure.RateLimited},
		{llmsim.FaultCut, failure.StreamTruncated},
		{llmsim.FaultStall, failure.StallTimeout},
		{llmsim.FaultSlowHeaders, failure.FirstTokenTimeout},
		{llmsim.FaultNoneAnswered, failure.FirstTokenTimeout},
		{llmsim.FaultErrorEvent, failure.ServerError},
		{llmsim.FaultGarbage, failure.BadStream},
		{llmsim.FaultEmpty, failure.EmptyOutput},
		{llmsim.FaultNoUsage, ""},
		{llmsim.FaultWrongModel, ""},
		{llmsim.FaultShortAnswer, ""},
	} {
		t.Run(string(tc.fault), func(t *testing.T) {
			url := serve(t, llmsim.New(llmsim.Profile{Faults: llmsim.Faults{At: map[int]llmsim.Fault{0: tc.fault}}}))
			r := request(url)
			r.Timeouts = short
			got := client(t).Do(t.Context(), r)
			if class(got) != tc.want {
				t.Fatalf("class %q, want %q: %v", class(got), tc.want, got.Failure)
			}
			switch tc.fault {
			case llmsim.FaultRateLimit:
				if got.RetryAfter != time.Second {
					t.Errorf("retry after %v", got.RetryAfter)
				}
			case llmsim.FaultNoUsage:
				if got.Source != "counted" || *got.Output != 8 || got.Prompt != nil {
					t.Errorf("%s %v", got.Source, got.Output)
				}
			case llmsim.FaultWrongModel:
				if got.Model != "another-model" {
					t.Errorf("model %q", got.Model)
				}
			}
		})
	}
}

func class(t llm.Timeline) failure.Class {
	if t.Failure == nil {
		return ""
	}
	return t.Failure.Class
}

// raw answers every request with one body as an event stream.
func raw(body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte(body))
	})
}

func TestShapesOfStreams(t *testing.T) {
	const token = `data: {"choices":[{"delta":{"content":"a"}}]}` + "\n\n"
	for _, tc := range []struct {
		name, body string
		want       failure.Class
		chunks     int
	}{
		{"role with null content", `data: {"choices":[{"delta":{"role":"assistant","content":null}}]}` + "\n\n" + token + "data: [DONE]\n\n", "", 1},
		{"pings between", ": ping\n\n" + token + ":\n\n" + token + "data: [DONE]\n\n", "", 2},
		{"CRLF and a byte order mark", "\xef\xbb\xbf" + strings.ReplaceAll(token+"data: [DONE]\n\n", "\n", "\r\n"), "", 1},
		{"reasoning counts as output", `data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}` + "\n\n" + token + "data: [DONE]\n\n", "", 2},
		{"tool call counts as output", `data: {"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}` + "\n\ndata: [DONE]\n\n", "", 1},
		{"finish without marker", token + `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n", "", 1},
		{"no finish, no marker", token, failure.StreamTruncated, 1},
		{"error as text", token + `data: {"error":"boom"}` + "\n\n", failure.ServerError, 1},
		{"error in the old vLLM shape", `data: {"object":"error","message":"maximum context length is 8","code":400}` + "\n\n", failure.ContextLength, 0},
		{"context exceeded midway", token + `data: {"error":{"code":500,"message":"Context size has been exceeded."}}` + "\n\n", failure.ContextLength, 1},
		{"content filter", token + `data: {"choices":[{"delta":{},"finish_reason":"content_filter"}]}` + "\n\ndata: [DONE]\n\n", failure.ContentFilter, 1},
		{"not JSON", "data: <html>\n\n", failure.BadStream, 0},
		{"only the marker", "data: [DONE]\n\n", failure.EmptyOutput, 0},
		{"nothing", "", failure.StreamTruncated, 0},
		{"a giant line", "data: " + strings.Repeat("x", 5<<20), failure.BadStream, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := client(t).Do(t.Context(), request(serve(t, raw(tc.body))))
			if class(got) != tc.want || got.Chunks != tc.chunks {
				t.Errorf("class %q, %d chunks, want %q, %d: %v", class(got), got.Chunks, tc.want, tc.chunks, got.Failure)
			}
		})
	}
}

func TestAnswersThatAreNotStreams(t *testing.T) {
	answer := func(status int, kind, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Location", "http://elsewhere/")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	const whole = `{"model":"m","choices":[{"message":{"content":"a b"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}`
	for _, tc := range []struct {
		name string
		h    http.Handler
		want failure.Class
		says string
	}{
		{"whole though a stream was asked", answer(200, "application/json", whole), "", ""},
		{"web page", answer(200, "text/html", "<html>"), failure.BadStream, "<html>"},
		{"JSON of something else", answer(200, "application/json", `{"hello":1}`), failure.BadStream, "no choices"},
		{"redirect", answer(302, "text/html", ""), failure.NotFound, "http://elsewhere/"},
		{"created", answer(201, "application/json", "{}"), failure.BadStream, "HTTP 201"},
		{"401 that repeats the key", answer(401, "application/json", `{"error":{"message":"bad key sk-secret"}}`), failure.Auth, "bad key ***"},
		{"403", answer(403, "text/plain", "no"), failure.Auth, "HTTP 403"},
		{"422", answer(422, "application/json", `{"error":{"message":"field"}}`), failure.BadRequest, "field"},
		{"context", answer(400, "application/json", `{"error":{"message":"maximum context length is 8 tokens"}}`), failure.ContextLength, "maximum"},
		{"502", answer(502, "text/html", "bad gateway"), failure.Unavailable, "HTTP 502"},
		{"503", answer(503, "application/json", `{"error":{"message":"Loading model"}}`), failure.Unavailable, "Loading model"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := request(serve(t, tc.h))
			r.Key = "sk-secret"
			got := client(t).Do(t.Context(), r)
			if class(got) != tc.want {
				t.Fatalf("class %q, want %q: %v", class(got), tc.want, got.Failure)
			}
			if got.Failure != nil && (!strings.Contains(got.Failure.Message, tc.says) || strings.Contains(got.Failure.Message, "sk-secret")) {
				t.Errorf("message %q, want %q and no key", got.Failure.Message, tc.says)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	closed := web.URL
	web.Close()
	tls := httptest.NewTLSServer(llmsim.New(llmsim.Profile{}))
	t.Cleanup(tls.Close)
	for _, tc := range []struct {
		name, url string
		want      failure.Class
	}{
		{"nobody listens", closed, failure.ConnectRefused},
		{"no such host", "http://no-such-host.invalid/v1", failure.DNS},
		{"self-signed", tls.URL + "/v1", failure.TLS},
		{"plain to a TLS port", strings.Replace(tls.URL, "https", "http", 1) + "/v1", failure.BadRequest},
		{"not an address", "http://[", failure.BadRequest},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := client(t).Do(t.Context(), request(tc.url)); class(got) != tc.want {
				t.Errorf("class %q, want %q: %v", class(got), tc.want, got.Failure)
			}
		})
	}
	open := llm.New(llm.Options{Insecure: true})
	defer open.Close()
	if got := open.Do(t.Context(), request(tls.URL+"/v1")); !got.OK() {
		t.Errorf("insecure: %v", got.Failure)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := open.Do(ctx, request(tls.URL+"/v1")); class(got) != failure.Cancelled {
		t.Errorf("cancelled: %v", got.Failure)
	}
}

func TestTotalTimeout(t *testing.T) {
	url := serve(t, llmsim.New(llmsim.Profile{ITL: 50 * time.Millisecond}))
	r := request(url)
	r.Timeouts = llm.Timeouts{Request: 120 * time.Millisecond}
	got := client(t).Do(t.Context(), r)
	if class(got) != failure.TotalTimeout || got.Chunks == 0 {
		t.Errorf("class %q after %d chunks, want total_timeout with what came before", class(got), got.Chunks)
	}
}

func TestIdleConnectionThatDied(t *testing.T) {
	var n atomic.Int32
	sim := llmsim.New(llmsim.Profile{})
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 2 { // the second request meets a connection that is being closed
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
			return
		}
		sim.ServeHTTP(w, r)
	}))
	c := client(t)
	if first := c.Do(t.Context(), request(url)); !first.OK() {
		t.Fatal(first.Failure)
	}
	second := c.Do(t.Context(), request(url))
	if !second.OK() || !second.Resent || n.Load() != 3 {
		t.Errorf("ok %v, resent %v, %d requests, want it sent again once: %v", second.OK(), second.Resent, n.Load(), second.Failure)
	}
}

func TestModels(t *testing.T) {
	url := serve(t, llmsim.New(llmsim.Profile{APIKey: "sk-key", Models: []string{"a", "b"}}))
	c := client(t)
	names, status, f := c.Models(t.Context(), llm.Request{URL: url, Key: "sk-key"})
	if f != nil || status != 200 || fmt.Sprint(names) != "[a b]" {
		t.Errorf("%v %d %v", names, status, f)
	}
	if names, _, f = c.Models(t.Context(), llm.Request{URL: url + "/chat/completions", Key: "sk-key"}); f != nil || len(names) != 2 {
		t.Errorf("full URL: %v %v", names, f)
	}
	if _, status, f = c.Models(t.Context(), llm.Request{URL: url}); f == nil || f.Class != failure.Auth || status != 401 {
		t.Errorf("no key: %d %v", status, f)
	}
	if _, status, f = c.Models(t.Context(), llm.Request{URL: url + "/nowhere", Key: "sk-key"}); f == nil || f.Class != failure.NotFound || status != 404 {
		t.Errorf("no list: %d %v", status, f)
	}
}
