package failure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
)

func TestEveryClassHasWords(t *testing.T) {
	if len(Classes) != len(catalogue) {
		t.Errorf("%d classes are listed, %d have words", len(Classes), len(catalogue))
	}
	chinese := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	}
	for _, c := range Classes {
		info, ok := catalogue[c]
		if !ok {
			t.Errorf("%s has no words", c)
		}
		for _, text := range []Text{info.Title, info.Cause, info.Advice} {
			if text.EN == "" || text.EN == text.ZH || !chinese(text.ZH) || chinese(text.EN) {
				t.Errorf("%s: not in both languages: %+v", c, text)
			}
		}
		switch info.Fault {
		case FaultTarget, FaultNetwork, FaultGenerator, FaultConfiguration:
		default:
			t.Errorf("%s: fault %q", c, info.Fault)
		}
		if !c.Known() {
			t.Errorf("%s is not known", c)
		}
	}
	if Class("other").Known() || Class("other").Info() != Unknown.Info() {
		t.Error("a class nobody knows should read like unknown")
	}
}

func TestNew(t *testing.T) {
	f := New(Auth, "the target answered %d", 401)
	if f.Class != Auth || f.Message != "the target answered 401" || f.Advice != Auth.Info().Advice {
		t.Errorf("New = %+v", f)
	}
	if f.Error() != "auth: the target answered 401" {
		t.Errorf("Error() = %q", f.Error())
	}
}

func TestTextIn(t *testing.T) {
	text := Text{EN: "yes", ZH: "是"}
	for lang, want := range map[string]string{"zh": "是", "zh-CN": "是", "en": "yes", "": "yes", "fr": "yes"} {
		if got := text.In(lang); got != want {
			t.Errorf("In(%q) = %q, want %q", lang, got, want)
		}
	}
}

func TestTransient(t *testing.T) {
	for _, c := range []Class{ConnectRefused, Unavailable, RateLimited, GeneratorCrashed, StreamTruncated} {
		if !Transient(c) {
			t.Errorf("%s is worth another try", c)
		}
	}
	for _, c := range []Class{DNS, Auth, NotFound, BadRequest, ContextLength, Cancelled, GeneratorMissing, Storage, Unknown} {
		if Transient(c) {
			t.Errorf("%s does not go away by itself", c)
		}
	}
}

func TestOfStatus(t *testing.T) {
	tests := []struct {
		code int
		body string
		want Class
	}{
		{200, "", ""},
		{204, "", ""},
		{400, `{"error":{"message":"unknown field"}}`, BadRequest},
		{400, `{"error":{"code":"context_length_exceeded"}}`, ContextLength},
		{400, "This model's maximum context length is 4096 tokens", ContextLength},
		{400, `{"error":{"type":"exceed_context_size_error","n_ctx":512}}`, ContextLength},
		{400, `{"error":{"code":"model_not_found"}}`, NotFound},
		{400, `{"error":{"code":"content_filter"}}`, ContentFilter},
		{401, "", Auth},
		{403, "", Auth},
		{404, "", NotFound},
		{405, "", BadRequest},
		{408, "", TotalTimeout},
		{413, "", ContextLength},
		{422, "", BadRequest},
		{429, "", RateLimited},
		{500, "CUDA out of memory", ServerError},
		{500, `{"error":{"message":"Context size has been exceeded."}}`, ContextLength},
		{501, "", ServerError},
		{502, "", Unavailable},
		{503, "Loading model", Unavailable},
		{504, "", Unavailable},
		{529, "", Unavailable},
		{302, "", Unknown},
		{0, "", Unknown},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d %s", tt.code, tt.body), func(t *testing.T) {
			if got := OfStatus(tt.code, tt.body); got != tt.want {
				t.Errorf("OfStatus = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOfErrorMade(t *testing.T) {
	dial := func(err error) error {
		return &url.Error{Op: "Post", URL: "http://h", Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
	}
	read := func(err error) error {
		return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", err)}
	}
	tests := []struct {
		name string
		err  error
		want Class
	}{
		{"none", nil, ""},
		{"already classed", fmt.Errorf("level 3: %w", New(GeneratorHung, "silent")), GeneratorHung},
		{"dns", dial(&net.DNSError{Err: "no such host", Name: "h", IsNotFound: true}), DNS},
		{"refused", dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), ConnectRefused},
		{"no route", dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), ConnectTimeout},
		{"connect timeout", dial(os.ErrDeadlineExceeded), ConnectTimeout},
		{"out of files", dial(os.NewSyscallError("socket", syscall.EMFILE)), ClientResource},
		{"out of ports", dial(os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)), ClientResource},
		{"disk full", &os.PathError{Op: "write", Path: "f", Err: syscall.ENOSPC}, Storage},
		{"authority", x509.UnknownAuthorityError{}, TLS},
		{"tls alert", tls.AlertError(40), TLS},
		{"cancelled", fmt.Errorf("post: %w", context.Canceled), Cancelled},
		{"cancelled while dialling", dial(context.Canceled), Cancelled},
		{"deadline", context.DeadlineExceeded, TotalTimeout},
		{"read timeout", read(syscall.ETIMEDOUT), TotalTimeout},
		{"reset", read(syscall.ECONNRESET), StreamTruncated},
		{"cut", io.ErrUnexpectedEOF, StreamTruncated},
		{"not JSON", json.Unmarshal([]byte("<html>"), new(int)), BadStream},
		{"anything else", errors.New("odd"), Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := OfError(tt.err); got != tt.want {
				t.Errorf("OfError(%v) = %q, want %q", tt.err, got, tt.want)
			}
		})
	}
}

// The errors net/http really returns, from real connections.
func TestOfErrorReal(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)
	cutting := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	}))
	t.Cleanup(cutting.Close)
	gone := httptest.NewServer(nil)
	gone.Close()

	tests := []struct {
		name, url string
		want      Class
	}{
		{"nobody listens", gone.URL, ConnectRefused},
		{"certificate not trusted", secure.URL, TLS},
		{"plain port asked for TLS", "https" + strings.TrimPrefix(plain.URL, "http"), TLS},
		{"no answer", silent.URL, TotalTimeout},
		{"cut in the middle", cutting.URL, StreamTruncated},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := http.Client{Timeout: 5 * time.Second}
			if tt.want == TotalTimeout {
				client.Timeout = 50 * time.Millisecond
			}
			resp, err := client.Get(tt.url)
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			if got := OfError(err); got != tt.want {
				t.Errorf("OfError(%v) = %q, want %q", err, got, tt.want)
			}
		})
	}
}
