package gateway_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll.internal/libs/events"
)

// answer is one HTTP answer with its body read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (r *rig) request(method, path string, body any, header ...string) *http.Request {
	r.t.Helper()
	var reader io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	case []byte:
		reader = bytes.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			r.t.Fatal(err)
		}
		reader, kind = bytes.NewReader(data), "application/json"
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.base+path, reader)
	if err != nil {
		r.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			req.Header.Del(header[i])
		}
	}
	return req
}

func (r *rig) do(method, path string, body any, header ...string) answer {
	r.t.Helper()
	res, err := http.DefaultTransport.RoundTrip(r.request(method, path, body, header...))
	if err != nil {
		r.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatalf("read answer of %s %s: %v", method, path, err)
	}
	return answer{res.StatusCode, res.Header, data}
}

// want sends a request, checks the status and decodes the answer into out unless that is nil.
func (r *rig) want(status int, out any, method, path string, body any, header ...string) answer {
	r.t.Helper()
	a := r.do(method, path, body, header...)
	if a.status != status {
		r.t.Fatalf("%s %s: got %d, want %d: %s", method, path, a.status, status, a.body)
	}
	if out != nil {
		if err := json.Unmarshal(a.body, out); err != nil {
			r.t.Fatalf("decode answer of %s %s: %v: %s", method, path, err, a.body)
		}
	}
	return a
}

// problem is a refusal as a client reads it.
type problem struct {
	Type, Title, Detail, Instance, Code string
	RequestID                           string `json:"request_id"`
	Status                              int
	Retryable                           bool
	Errors                              []struct{ Pointer, Code, Detail, Fix string }
}

// refused sends a request and checks that it is refused with a code, as a whole problem document.
func (r *rig) refused(status int, code, method, path string, body any, header ...string) problem {
	r.t.Helper()
	a := r.do(method, path, body, header...)
	p := r.document(a, method+" "+path)
	if a.status != status || p.Code != code {
		r.t.Errorf("%s %s: got %d %s, want %d %s: %s", method, path, a.status, p.Code, status, code, a.body)
	}
	return p
}

// document checks that an answer is a whole problem document.
func (r *rig) document(a answer, what string) problem {
	r.t.Helper()
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		r.t.Fatalf("%s: %d is not a problem: %v: %q", what, a.status, err, a.body)
	}
	if a.header.Get("Content-Type") != "application/problem+json" || p.Status != a.status || p.Code == "" ||
		p.Title == "" || p.Detail == "" || p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id") ||
		p.Type != "/problems/"+p.Code {
		r.t.Errorf("%s: not a whole problem: %v %+v", what, a.header, p)
	}
	return p
}

// test is what these tests look at of one test.
type test struct {
	ID, State, Verdict, Name, Model string
	Seq                             uint64
	Archived, Trashed               bool
	Wanted                          *string
	ArchivePath                     *string `json:"archive_path"`
	CreatedAt                       string  `json:"created_at"`
	Spec                            struct{ Prompts struct{ Seed *int64 } }
	Levels                          []json.RawMessage
	Failure                         *struct{ Stage, Class string }
}

// sampleSpec is a small document that can be run.
func sampleSpec() map[string]any {
	return map[string]any{
		"name": "夜间 nightly", "model": "sim-llm", "engine": "vllm", "mode": "simulated", "generator": "evalscope",
		"input_length": 64, "output_length": map[string]int{"min": 8, "max": 16}, "concurrency": []int{1, 4}, "requests": 8,
		"warmup": map[string]int{"requests": 2},
	}
}

// ask asks for a test.
func (r *rig) ask() test {
	r.t.Helper()
	var out test
	r.want(202, &out, "POST", "/api/v1/tests/run", sampleSpec())
	return out
}

func (r *rig) get(id string) test {
	r.t.Helper()
	var out test
	r.want(200, &out, "GET", "/api/v1/tests/"+id, nil)
	return out
}

// publish publishes an event as another service does and waits until the gateway shows it.
func (r *rig) publish(id string, k events.Kind, part string, payload any) uint64 {
	r.t.Helper()
	seq := r.send(id, k, part, payload)
	r.until(string(k)+" shown", func() bool { return r.get(id).Seq >= seq })
	return seq
}

func (r *rig) send(id string, k events.Kind, part string, payload any) uint64 {
	r.t.Helper()
	e, err := events.New(id, k, part, "others/1", payload)
	if err != nil {
		r.t.Fatal(err)
	}
	seq, err := r.others.Publish(r.t.Context(), e)
	if err != nil {
		r.t.Fatal(err)
	}
	return seq
}

// until asks again and again, without a pause of its own, until it is so.
func (r *rig) until(what string, so func() bool) {
	r.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !so() {
		if time.Now().After(deadline) {
			r.t.Fatalf("not within 15 s: %s", what)
		}
	}
}

// sse is one server-sent event.
type sse struct{ id, name, data string }

// follower is an open live stream.
type follower struct {
	t      testing.TB
	body   io.ReadCloser
	lines  *bufio.Scanner
	header http.Header
}

func (r *rig) follow(id, last string) *follower {
	r.t.Helper()
	req := r.request("GET", "/api/v1/tests/"+id+"/events", nil)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		r.t.Fatal(err)
	}
	if res.StatusCode != 200 {
		data, _ := io.ReadAll(res.Body)
		r.t.Fatalf("follow: %d %s", res.StatusCode, data)
	}
	f := &follower{t: r.t, body: res.Body, lines: bufio.NewScanner(res.Body), header: res.Header}
	f.lines.Buffer(nil, 4<<20)
	r.t.Cleanup(func() { _ = f.body.Close() })
	return f
}

// next is the next event; ok is false when the stream has ended.
func (f *follower) next() (e sse, ok bool) {
	f.t.Helper()
	for f.lines.Scan() {
		field, value, _ := strings.Cut(f.lines.Text(), ": ")
		switch {
		case f.lines.Text() == "" && e.name != "":
			return e, true
		case field == "event":
			e.name = value
		case field == "id":
			e.id = value
		case field == "data":
			e.data = value
		}
	}
	return e, false
}

// rest reads to the end.
func (f *follower) rest() []sse {
	f.t.Helper()
	var out []sse
	for {
		e, ok := f.next()
		if !ok {
			return out
		}
		out = append(out, e)
	}
}

func names(list []sse) []string {
	out := make([]string, 0, len(list))
	for _, e := range list {
		out = append(out, e.name+" "+e.id)
	}
	return out
}
