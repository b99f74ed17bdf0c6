package llm

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
)

// Models lists the models a server offers. Only URL, Key, Headers and Timeouts.Request of r are used. The
// status is 0 when no answer came; a failure of class not_found means that this server has no such list.
func (c *Client) Models(ctx context.Context, r Request) (names []string, status int, f *failure.Failure) {
	limit := r.Timeouts.Request
	if limit <= 0 {
		limit = 30 * time.Second
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTotal)
	defer cancel()
	req, err := newRequest(ctx, http.MethodGet, base(r.URL)+"/models", r.Key, r.Headers, nil)
	if err != nil {
		return nil, 0, failure.New(failure.BadRequest, "%v", err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		r.Timeouts.Request = limit
		return nil, 0, wrap(ctx, err, r)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, res.StatusCode, refused(res, r.Key)
	}
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxWhole)).Decode(&list); err != nil {
		return nil, res.StatusCode, failure.New(failure.BadStream, "the list of models is not readable: %v", err)
	}
	for _, m := range list.Data {
		names = append(names, m.ID)
	}
	return names, res.StatusCode, nil
}

// base cuts the path of a request off, so a full URL may be given too.
func base(url string) string {
	url = strings.TrimRight(url, "/")
	for _, api := range []spec.API{spec.APIChat, spec.APICompletions} {
		path := strings.TrimPrefix(Endpoint("", api), "/")
		if cut, ok := strings.CutSuffix(url, "/"+path); ok {
			return cut
		}
	}
	return url
}
