package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// user is a person with an account, speaking plain HTTP as any client would.
type user struct {
	t     *testing.T
	base  string // http://host:port
	token string
}

// answer is one HTTP answer with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// register makes the first account with the bootstrap token.
func register(t *testing.T, base, bootstrap string) *user {
	t.Helper()
	u := &user{t: t, base: base}
	var session struct {
		AccessToken string `json:"access_token"`
	}
	u.want(http.MethodPost, "/api/v1/auth/register", http.StatusCreated,
		map[string]string{"name": "captain", "password": "mark-on-the-hull-7", "bootstrap_token": bootstrap}, &session)
	u.token = session.AccessToken
	return u
}

// do sends one request. A body that is not nil is sent as JSON.
func (u *user) do(method, path string, body any, header ...string) answer {
	u.t.Helper()
	var r io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			u.t.Fatalf("encode body of %s %s: %v", method, path, err)
		}
		r = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(u.t.Context(), method, u.base+path, r)
	if err != nil {
		u.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if u.token != "" {
		req.Header.Set("Authorization", "Bearer "+u.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		u.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		u.t.Fatalf("read answer of %s %s: %v", method, path, err)
	}
	return answer{res.StatusCode, res.Header, data}
}

// want sends one request, checks the status and decodes the answer into out unless that is nil.
func (u *user) want(method, path string, status int, body, out any) {
	u.t.Helper()
	a := u.do(method, path, body)
	if a.status != status {
		u.t.Fatalf("%s %s: got %d, want %d: %s", method, path, a.status, status, a.body)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		u.t.Fatalf("decode answer of %s %s: %v: %s", method, path, err, a.body)
	}
}

// test is what the API says of one test, as far as these tests look.
type test struct {
	ID          string     `json:"id"`
	State       string     `json:"state"`
	Verdict     string     `json:"verdict"`
	Archived    bool       `json:"archived"`
	ArchivePath *string    `json:"archive_path"`
	Trashed     bool       `json:"trashed"`
	Attempt     int        `json:"attempt"`
	Levels      []level    `json:"levels"`
	Artifacts   []artifact `json:"artifacts"`
	Failure     *struct {
		Stage   string `json:"stage"`
		Class   string `json:"class"`
		Message string `json:"message"`
		Advice  struct{ EN, ZH string }
	} `json:"failure"`
	GeneratorInfo *struct {
		Name, Version string
		Faults        []json.RawMessage
	} `json:"generator_info"`
}

type artifact struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Size   int64  `json:"size_bytes"`
	Digest string `json:"digest"`
	URL    string `json:"url"`
}

type level struct {
	Level, Loop, Concurrency int
	Requests                 struct{ Asked, Total, OK, Failed int }
	TTFT                     *struct{ Mean, P50, P99 float64 } `json:"ttft_ms"`
	Throughput               struct {
		Output *float64 `json:"output_tokens_per_s"`
	}
}

func (u *user) run(spec map[string]any) test {
	u.t.Helper()
	var out test
	u.want(http.MethodPost, "/api/v1/tests/run", http.StatusAccepted, spec, &out)
	return out
}

func (u *user) get(id string) test {
	u.t.Helper()
	var out test
	u.want(http.MethodGet, "/api/v1/tests/"+id, http.StatusOK, nil, &out)
	return out
}

// await asks until the test is as wanted or the time is over.
func (u *user) await(id string, within time.Duration, what string, as func(test) bool) test {
	u.t.Helper()
	deadline := time.Now().Add(within)
	for {
		var out test
		u.want(http.MethodGet, "/api/v1/tests/"+id+"?wait=1s", http.StatusOK, nil, &out)
		if as(out) {
			return out
		}
		if time.Now().After(deadline) {
			u.t.Fatalf("test %s is not %s within %v: state %s, %+v", id, what, within, out.State, out.Failure)
		}
	}
}

func (u *user) awaitFinal(id string, within time.Duration) test {
	u.t.Helper()
	return u.await(id, within, "final", final)
}

func final(x test) bool {
	return x.State == "succeeded" || x.State == "failed" || x.State == "cancelled"
}

// kinds lists the kinds of every event of the test in stream order.
func (u *user) kinds(id string) []string {
	u.t.Helper()
	var trace struct {
		Events []struct{ Kind string }
	}
	u.want(http.MethodGet, "/api/v1/tests/"+id+"/trace", http.StatusOK, nil, &trace)
	var out []string
	for _, e := range trace.Events {
		out = append(out, e.Kind)
	}
	return out
}

// sse is one server-sent event.
type sse struct{ name, id, data string }

// follow reads the live events of a test until its end event, or until limit events have come.
func (u *user) follow(id, lastEventID string, limit int) []sse {
	u.t.Helper()
	req, err := http.NewRequestWithContext(u.t.Context(), http.MethodGet, u.base+"/api/v1/tests/"+id+"/events", nil)
	if err != nil {
		u.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+u.token)
	if lastEventID != "" {
		req.Header.Set("Last-Event-ID", lastEventID)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		u.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(res.Body)
		u.t.Fatalf("follow test %s: %d %s", id, res.StatusCode, body)
	}
	var out []sse
	var e sse
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() && (limit == 0 || len(out) < limit) {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case lines.Text() == "" && e.name != "":
			out = append(out, e)
			if e.name == "end" {
				return out
			}
			e = sse{}
		case field == "event":
			e.name = value
		case field == "id":
			e.id = value
		case field == "data":
			e.data += value
		}
	}
	return out
}

// demoSpec is a small test of the simulated target: 2 levels × 2 loops with warm-up.
func demoSpec() map[string]any {
	return map[string]any{
		"name": "story", "model": "sim-llm", "engine": "llmsim", "mode": "simulated", "generator": "evalscope",
		"input_length": 64, "output_length": 16, "concurrency": []int{1, 4}, "loop": 2, "requests": 8,
		"warmup": map[string]int{"requests": 2},
	}
}

// with returns a copy of a spec with one field set; a nil value removes it.
func with(spec map[string]any, field string, value any) map[string]any {
	out := make(map[string]any, len(spec)+1)
	for k, v := range spec {
		out[k] = v
	}
	if value == nil {
		delete(out, field)
		return out
	}
	out[field] = value
	return out
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }
