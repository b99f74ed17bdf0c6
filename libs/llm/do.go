package llm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
)

// Timeouts bound the waits of one request; 0 means no bound.
type Timeouts struct {
	FirstToken time.Duration // from the request sent to the first output, streams only
	Stall      time.Duration // between outputs, streams only
	Request    time.Duration // everything
}

// TimeoutsOf takes the timeouts from a spec.
func TimeoutsOf(t spec.Timeouts) Timeouts {
	return Timeouts{
		FirstToken: time.Duration(t.FirstToken), Stall: time.Duration(t.Stall), Request: time.Duration(t.Request),
	}
}

// Request is one request for an answer.
type Request struct {
	URL      string   // base URL, like http://10.0.0.5:8000/v1
	API      spec.API // decides the path
	Key      string   // bearer token, empty for none
	Headers  map[string]string
	Body     []byte // JSON
	Stream   bool   // as the body says
	Timeouts Timeouts

	StopAfter int // hang up after so many events with output, which is no failure; 0: follow it to the end
}

// Endpoint is the URL a request is posted to. A URL that already ends in the path stays as it is.
func Endpoint(base string, api spec.API) string {
	base = strings.TrimRight(base, "/")
	path := "/chat/completions"
	if api == spec.APICompletions {
		path = "/completions"
	}
	if strings.HasSuffix(base, path) {
		return base
	}
	return base + path
}

// The causes a request is ended by its watchdog.
var (
	errFirstToken = errors.New("no output in time")
	errStall      = errors.New("the output paused too long")
	errTotal      = errors.New("the answer took too long")
)

// Do sends one request and follows its answer to the end. Whatever went wrong is in Timeline.Failure.
func (c *Client) Do(ctx context.Context, r Request) Timeline {
	t := c.once(ctx, r)
	if t.Reused && t.FirstByte.IsZero() && t.Failure != nil && t.Failure.Class == failure.StreamTruncated {
		// The server closed an idle connection just as it was used again. That is no failure of the server;
		// it is tried on a fresh connection and told in Resent.
		c.transport.CloseIdleConnections()
		t = c.once(ctx, r)
		t.Resent = true
	}
	return t
}

func (c *Client) once(parent context.Context, r Request) Timeline {
	t := Timeline{Start: time.Now(), Source: "unknown"}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	dog := newWatchdog(cancel, r)
	defer dog.stop()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		t.Sent, t.Reused = time.Now(), i.Reused
		dog.sent()
	}})
	req, err := newRequest(ctx, http.MethodPost, Endpoint(r.URL, r.API), r.Key, r.Headers, bytes.NewReader(r.Body))
	if err != nil {
		return t.end(failure.New(failure.BadRequest, "%v", err))
	}
	res, err := c.http.Do(req)
	if err != nil {
		return t.end(wrap(ctx, err, r))
	}
	defer func() { _ = res.Body.Close() }()
	t.headers(res)
	if res.StatusCode != http.StatusOK {
		return t.end(refused(res, r.Key))
	}
	a := answer{t: &t, dog: dog, stopAfter: r.StopAfter}
	if r.Stream && isStream(res) {
		err = a.stream(res.Body)
	} else {
		err = a.whole(res.Body)
	}
	if err != nil {
		return t.end(wrap(ctx, err, r))
	}
	return t.end(nil)
}

func (t *Timeline) end(f *failure.Failure) Timeline {
	t.End, t.Failure = time.Now(), f
	return *t
}

func (t *Timeline) headers(res *http.Response) {
	t.FirstByte, t.Status, t.RequestID = time.Now(), res.StatusCode, res.Header.Get("X-Request-Id")
	if at, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		t.Date = at
	}
	if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
		t.RetryAfter = time.Duration(s) * time.Second
	}
}

func newRequest(ctx context.Context, method, url, key string, headers map[string]string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", url, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "plimsoll")
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	return req, nil
}

// isStream reports whether the answer is an event stream; a server may ignore the wish for one.
func isStream(res *http.Response) bool {
	kind := res.Header.Get("Content-Type")
	return !strings.HasPrefix(kind, "application/json") && !strings.HasPrefix(kind, "text/html")
}

// refused names the failure behind an answer that is not 200.
func refused(res *http.Response, key string) *failure.Failure {
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // whatever came of it is shown
	if to := res.Header.Get("Location"); res.StatusCode >= 300 && res.StatusCode < 400 {
		return failure.New(failure.NotFound, "the server redirects to %s (HTTP %d); redirects are not followed: put the final address into target.url", to, res.StatusCode)
	}
	class := failure.OfStatus(res.StatusCode, string(body))
	if class == "" { // 2xx other than 200
		class = failure.BadStream
	}
	return failure.New(class, "HTTP %d: %s", res.StatusCode, redact(errorText(body), key))
}

// redact keeps a key that a server repeats out of messages.
func redact(text, key string) string {
	if len(key) < 4 {
		return text
	}
	return strings.ReplaceAll(text, key, "***")
}

// wrap names the failure behind an error, by the watchdog's reason first.
func wrap(ctx context.Context, err error, r Request) *failure.Failure {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errFirstToken):
		return failure.New(failure.FirstTokenTimeout, "no output within %v", r.Timeouts.FirstToken)
	case errors.Is(cause, errStall):
		return failure.New(failure.StallTimeout, "the output paused for more than %v", r.Timeouts.Stall)
	case errors.Is(cause, errTotal):
		return failure.New(failure.TotalTimeout, "the answer was not complete within %v", r.Timeouts.Request)
	}
	var known *failure.Failure
	if errors.As(err, &known) {
		known.Message = redact(known.Message, r.Key)
		return known
	}
	return failure.New(failure.OfError(err), "%s", redact(err.Error(), r.Key))
}
