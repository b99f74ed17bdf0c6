package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plimsoll.internal/libs/api"
	"plimsoll.internal/libs/service"
)

// answerWithin bounds the wait for the first byte of an answer; a held request asks for up to 30 s.
const answerWithin = 75 * time.Second

// serverURL is the server this command talks to.
func (a *App) serverURL() (string, error) {
	server := a.server
	if server == "" {
		server = a.Env("PLIMSOLL_SERVER")
	}
	if server == "" {
		server = defaultServer
	}
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return "", a.Usage("the server must be an address like %s, without user or query",
			"服务器地址应形如 %s，不含用户名与查询参数", defaultServer)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// client talks to the server as whoever is signed in.
func (a *App) client() (*api.ClientWithResponses, error) {
	server, err := a.serverURL()
	if err != nil {
		return nil, err
	}
	return a.clientWith(server, a.credentials(server))
}

// clientWith talks to a server with tokens from a source; nil is nobody.
func (a *App) clientWith(server string, from tokenSource) (*api.ClientWithResponses, error) {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.ResponseHeaderTimeout = answerWithin
	transport := &authenticated{
		base: base, from: from,
		header: http.Header{"Accept-Language": {string(a.Lang)}, "User-Agent": {"plimsoll/" + service.BuildVersion()}},
	}
	c, err := api.NewClientWithResponses(server+"/api/v1", api.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		return nil, fmt.Errorf("make client: %w", err)
	}
	return c, nil
}

// tokenSource gives access tokens. Stale names the token the server refused; "" is none.
type tokenSource interface {
	token(ctx context.Context, stale string) (string, error)
}

// authenticated adds the access token to each request, and a fresh one when the server refuses it.
type authenticated struct {
	base   http.RoundTripper
	from   tokenSource
	header http.Header
}

func (t *authenticated) RoundTrip(r *http.Request) (*http.Response, error) {
	token := ""
	if t.from != nil {
		var err error
		if token, err = t.from.token(r.Context(), ""); err != nil {
			return nil, err
		}
	}
	res, err := t.send(r, token)
	if err != nil || res.StatusCode != http.StatusUnauthorized || token == "" || r.Body != nil && r.GetBody == nil {
		return res, err
	}
	fresh, err := t.from.token(r.Context(), token)
	if err != nil || fresh == token || fresh == "" {
		return res, nil //nolint:nilerr // the refusal of the server says more
	}
	_ = res.Body.Close()
	again := r.Clone(r.Context())
	if r.GetBody != nil {
		if again.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
	return t.send(again, fresh)
}

func (t *authenticated) send(r *http.Request, token string) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, values := range t.header {
		r.Header[name] = values
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return t.base.RoundTrip(r)
}

// refused turns an answer that is no success into an error.
func refused(res *http.Response, body []byte) error {
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return nil
	}
	var p problem
	if err := json.Unmarshal(body, &p.Problem); err != nil || p.Title == "" {
		return &Error{
			Code: codeOfStatus(res.StatusCode),
			What: fmt.Sprintf("%s answers %s, not as a Plimsoll server", res.Request.URL.Host, res.Status),
		}
	}
	p.Status = res.StatusCode
	return &p
}

// answered returns what a request of the generated client brought, or why it brought nothing.
func answered[T any](value *T, res *http.Response, body []byte) (T, error) {
	var none T
	if err := refused(res, body); err != nil {
		return none, err
	}
	if value == nil {
		return none, &Error{Code: ExitUnexpected, What: fmt.Sprintf("%s answers %s in a form this version does not know", res.Request.URL.Host, res.Status)}
	}
	return *value, nil
}

// opened checks the answer to a request whose body is read by the caller.
func opened(res *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	return nil, refused(res, body)
}

// lost reports that a request failed on the way and may be tried again.
func lost(err error) bool {
	var p *problem
	if errors.As(err, &p) {
		return p.Status == http.StatusBadGateway || p.Status == http.StatusServiceUnavailable || p.Status == http.StatusGatewayTimeout
	}
	return codeOfError(err) == ExitUnreachable || errors.Is(err, io.ErrUnexpectedEOF)
}
