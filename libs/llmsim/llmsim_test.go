package llmsim_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll.internal/libs/llmsim"
)

func start(t *testing.T, p llmsim.Profile) (*llmsim.Server, string) {
	t.Helper()
	s := llmsim.New(p)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return s, web.URL
}

func post(t *testing.T, url, key, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

type chunk struct {
	Model   string `json:"model"`
	Choices []struct {
		Delta  struct{ Role, Content string } `json:"delta"`
		Text   string                         `json:"text"`
		Finish *string                        `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
	} `json:"usage"`
	Error *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// events reads a stream to its end.
func events(t *testing.T, r io.Reader) (chunks []chunk, done bool, err error) {
	t.Helper()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		if data == "[DONE]" {
			done = true
			continue
		}
		var c chunk
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			return chunks, done, err
		}
		chunks = append(chunks, c)
	}
	return chunks, done, lines.Err()
}

const forced = `"max_tokens":8,"min_tokens":8,"ignore_eos":true`

func TestStreamOfChat(t *testing.T) {
	s, url := start(t, llmsim.Profile{TTFT: 20 * time.Millisecond, ITL: 2 * time.Millisecond})
	res := post(t, url+"/v1/chat/completions", "", `{"model":"m","messages":[{"role":"user","content":"one two three"}],"stream":true,"stream_options":{"include_usage":true},`+forced+`}`)
	chunks, done, err := events(t, res.Body)
	if err != nil || !done {
		t.Fatalf("stream: done %v, err %v", done, err)
	}
	first, last, before := chunks[0], chunks[len(chunks)-1], chunks[len(chunks)-2]
	if first.Choices[0].Delta.Role != "assistant" || first.Choices[0].Delta.Content != "" {
		t.Errorf("first event is not role only: %+v", first)
	}
	if len(chunks) != 1+8+1+1 {
		t.Errorf("events = %d, want role + 8 tokens + finish + usage", len(chunks))
	}
	if before.Choices[0].Finish == nil || *before.Choices[0].Finish != "length" {
		t.Errorf("finish = %+v, want length", before)
	}
	if len(last.Choices) != 0 || last.Usage == nil || last.Usage.Completion != 8 || last.Usage.Prompt != 3+4+3 {
		t.Errorf("usage = %+v, want no choices, 10 in, 8 out", last)
	}
	checkSchedule(t, s.Records()[0], 20*time.Millisecond, 2*time.Millisecond, 8)
}

// checkSchedule compares what was written with the absolute schedule: never early, and lateness does not
// grow with the number of the token.
func checkSchedule(t *testing.T, r llmsim.Record, ttft, itl time.Duration, n int) {
	t.Helper()
	if len(r.Tokens) != n || r.Outcome != llmsim.OutcomeOK {
		t.Fatalf("record: %d tokens, %s, want %d, ok", len(r.Tokens), r.Outcome, n)
	}
	for i, at := range r.Tokens {
		due := ttft + time.Duration(i)*itl
		if at < due {
			t.Errorf("token %d left %v early", i, due-at)
		}
		if at > due+250*time.Millisecond {
			t.Errorf("token %d left %v late", i, at-due)
		}
	}
}

func TestWholeAnswers(t *testing.T) {
	_, url := start(t, llmsim.Profile{})
	for _, tc := range []struct{ name, path, body, text string }{
		{"chat", "/v1/chat/completions", `{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],` + forced + `}`, "message"},
		{"completions", "/v1/completions", `{"model":"m","prompt":"hi",` + forced + `}`, "text"},
		{"token ids", "/v1/completions", `{"model":"m","prompt":[1,2,3],` + forced + `}`, "text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := post(t, url+tc.path, "", tc.body)
			raw, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != http.StatusOK {
				t.Fatalf("status %d, %v: %s", res.StatusCode, err, raw)
			}
			if !strings.Contains(string(raw), `"completion_tokens":8`) || !strings.Contains(string(raw), tc.text) {
				t.Errorf("answer %s", raw)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	_, url := start(t, llmsim.Profile{APIKey: "k", Models: []string{"m"}, Context: 100})
	for _, tc := range []struct {
		name, key, body string
		status          int
		says            string
	}{
		{"no key", "", `{}`, 401, "invalid API key"},
		{"wrong key", "x", `{}`, 401, "invalid API key"},
		{"not JSON", "k", `{`, 400, "not the JSON wanted"},
		{"no model", "k", `{"messages":[{"content":"a"}]}`, 400, "model"},
		{"unknown model", "k", `{"model":"x","messages":[{"content":"a"}]}`, 404, "does not exist"},
		{"no messages", "k", `{"model":"m"}`, 400, "messages"},
		{"no tokens wanted", "k", `{"model":"m","messages":[{"content":"a"}],"max_tokens":0}`, 400, "at least 1"},
		{"min above max", "k", `{"model":"m","messages":[{"content":"a"}],"max_tokens":2,"min_tokens":3}`, 400, "min_tokens"},
		{"over the context", "k", `{"model":"m","messages":[{"content":"a"}],"max_tokens":100}`, 400, "maximum context length is 100 tokens"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := post(t, url+"/v1/chat/completions", tc.key, tc.body)
			var e struct {
				Error struct{ Message string } `json:"error"`
			}
			if err := json.NewDecoder(res.Body).Decode(&e); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != tc.status || !strings.Contains(e.Error.Message, tc.says) {
				t.Errorf("%d %q, want %d %q", res.StatusCode, e.Error.Message, tc.status, tc.says)
			}
		})
	}
}

func TestFaultsOfStreams(t *testing.T) {
	const body = `{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true},` + forced + `}`
	for _, tc := range []struct {
		fault  llmsim.Fault
		status int
		whole  bool // a proper end
		tokens int
		usage  bool
	}{
		{llmsim.FaultServerError, 500, false, 0, false},
		{llmsim.FaultRateLimit, 429, false, 0, false},
		{llmsim.FaultCut, 200, false, 4, false},
		{llmsim.FaultStall, 200, true, 8, true},
		{llmsim.FaultSlowHeaders, 200, true, 8, true},
		{llmsim.FaultErrorEvent, 200, false, 4, false},
		{llmsim.FaultGarbage, 200, false, 4, false},
		{llmsim.FaultNoUsage, 200, true, 8, false},
		{llmsim.FaultWrongModel, 200, true, 8, true},
		{llmsim.FaultShortAnswer, 200, true, 4, true},
		{llmsim.FaultEmpty, 200, true, 0, true},
	} {
		t.Run(string(tc.fault), func(t *testing.T) {
			_, url := start(t, llmsim.Profile{Faults: llmsim.Faults{
				At: map[int]llmsim.Fault{0: tc.fault}, Pause: 30 * time.Millisecond,
			}})
			res := post(t, url+"/v1/chat/completions", "", body)
			if res.StatusCode != tc.status {
				t.Fatalf("status %d, want %d", res.StatusCode, tc.status)
			}
			if tc.status != 200 {
				return
			}
			chunks, done, err := events(t, res.Body)
			tokens, usage := 0, false
			for _, c := range chunks {
				if len(c.Choices) > 0 && c.Choices[0].Delta.Content != "" {
					tokens++
				}
				usage = usage || c.Usage != nil
			}
			if tokens != tc.tokens || usage != tc.usage || done != tc.whole {
				t.Errorf("tokens %d, usage %v, done %v (%v), want %+v", tokens, usage, done, err, tc)
			}
		})
	}
}

func TestSharesOfFaults(t *testing.T) {
	s, url := start(t, llmsim.Profile{Seed: 7, Faults: llmsim.Faults{Share: map[llmsim.Fault]float64{llmsim.FaultServerError: 0.25}}})
	for range 200 {
		post(t, url+"/v1/completions", "", `{"model":"m","prompt":"hi","max_tokens":1}`)
	}
	failed := 0
	for _, r := range s.Records() {
		if r.Fault == llmsim.FaultServerError {
			failed++
		}
	}
	if failed < 30 || failed > 70 {
		t.Errorf("%d of 200 failed, want about 50", failed)
	}
	if err := (llmsim.Faults{Share: map[llmsim.Fault]float64{"x": 1}}).Check(); err == nil {
		t.Error("unknown fault accepted")
	}
	if err := (llmsim.Faults{Share: map[llmsim.Fault]float64{llmsim.FaultCut: 0.6, llmsim.FaultStall: 0.6}}).Check(); err == nil {
		t.Error("shares above 1 accepted")
	}
}

func TestClientGoesAway(t *testing.T) {
	s := llmsim.New(llmsim.Profile{TTFT: time.Hour})
	gone := make(chan struct{})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r)
		close(gone)
	}))
	defer web.Close()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, web.URL+"/v1/completions",
		strings.NewReader(`{"model":"m","prompt":"hi","stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req) // headers come at once, the first token in an hour
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	cancel()
	<-gone
	if r := s.Records(); len(r) != 1 || r[0].Outcome != llmsim.OutcomeAbandoned {
		t.Errorf("records %+v, want one abandoned", r)
	}
	if n := s.Totals().InFlight; n != 0 {
		t.Errorf("in flight %d after the client left", n)
	}
}

func TestTwoHundredStreams(t *testing.T) {
	const streams, tokens = 200, 50
	s, url := start(t, llmsim.Profile{TTFT: 100 * time.Millisecond, ITL: 10 * time.Millisecond})
	body := `{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"max_tokens":50,"ignore_eos":true}`
	var all sync.WaitGroup
	for range streams {
		all.Go(func() {
			res, err := http.Post(url+"/v1/chat/completions", "application/json", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = res.Body.Close() }()
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	totals := s.Totals()
	if totals.Requests != streams || totals.Tokens != streams*tokens || totals.Peak < streams/2 {
		t.Errorf("totals %+v, want %d requests of %d tokens, most of them at once", totals, streams, tokens)
	}
}

func TestStartAndStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := llmsim.New(llmsim.Profile{TTFT: time.Hour, Models: []string{"m"}, ClockSkew: time.Hour})
	base, wait, err := s.Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Get(base + "/models")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, _ := io.ReadAll(res.Body)
	if !strings.Contains(string(raw), `"id":"m"`) {
		t.Errorf("models: %s", raw)
	}
	date, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil || time.Until(date) < 59*time.Minute {
		t.Errorf("Date %v %v, want an hour ahead", date, err)
	}
	open := post(t, base+"/chat/completions", "", `{"model":"m","messages":[{"content":"a"}],"stream":true}`)
	cancel()
	if err := wait(); err != nil {
		t.Error(err)
	}
	if _, err := io.Copy(io.Discard, open.Body); err == nil && s.Totals().InFlight != 0 {
		t.Error("a stream outlived its server")
	}
	if _, _, err := s.Start(t.Context(), "256.0.0.1:0"); err == nil {
		t.Error("a bad address was accepted")
	}
}
