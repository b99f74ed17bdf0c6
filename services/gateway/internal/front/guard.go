package front

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-chi/chi/v5"

	"plimsoll.internal/services/gateway/internal/problem"
	"plimsoll.internal/services/gateway/internal/rest"
	"plimsoll.internal/services/gateway/internal/token"
)

// guard lets a request through to its operation: known address, who asks, may he, well-formed.
type guard struct {
	Front
	contract *openapi3.T
	router   *chi.Mux
}

// ServeHTTP lets the request through or refuses it.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op, err := g.find(r)
	if err == nil {
		err = g.authorize(r, op)
	}
	if err == nil {
		err = g.check(w, r, op)
	}
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	g.router.ServeHTTP(w, r)
}

// find asks the router itself, so that what is checked is what will answer.
func (g *guard) find(r *http.Request) (operation, error) {
	path := r.URL.Path
	if r.URL.RawPath != "" {
		path = r.URL.RawPath
	}
	// A path spelled out in the contract is no test id, though the router would take it for one.
	if item := g.contract.Paths.Value(strings.TrimPrefix(path, Base)); item != nil && item.GetOperation(r.Method) == nil {
		return operation{}, notAllowed(slices.Sorted(maps.Keys(item.Operations())))
	}
	at := chi.NewRouteContext()
	if !g.router.Match(at, r.Method, path) {
		return operation{}, g.unmatched(path)
	}
	pattern := strings.TrimPrefix(at.RoutePattern(), Base)
	item := g.contract.Paths.Value(pattern)
	op := operation{pattern: pattern, item: item, params: map[string]string{}}
	if item != nil {
		op.Operation = item.GetOperation(r.Method)
	}
	if op.Operation == nil {
		return op, problem.New(problem.RouteNotFound)
	}
	for i, name := range at.URLParams.Keys {
		value, err := url.PathUnescape(at.URLParams.Values[i])
		if err != nil {
			return op, problem.New(problem.RouteNotFound).Because(err)
		}
		op.params[name] = value
	}
	return op, nil
}

// unmatched tells an address that takes other methods from one that is none.
func (g *guard) unmatched(path string) error {
	var allowed []string
	for _, m := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut} {
		if g.router.Match(chi.NewRouteContext(), m, path) {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		return problem.New(problem.RouteNotFound)
	}
	return notAllowed(allowed)
}

func notAllowed(allowed []string) error {
	p := problem.New(problem.MethodNotAllowed)
	p.Allow = strings.Join(allowed, ", ")
	return p
}

// authorize finds out who asks and whether he may.
func (g *guard) authorize(r *http.Request, op operation) error {
	c := rest.CallerOf(r.Context())
	open := op.Security != nil && len(*op.Security) == 0
	text, has := bearer(r)
	if open {
		if err := g.sameOrigin(r); err != nil {
			return err
		}
		if cookie, err := r.Cookie(rest.RefreshCookie); err == nil {
			c.Refresh = cookie.Value
		}
		if !has || op.OperationID != "Register" {
			return nil
		}
	}
	if !has {
		return problem.New(problem.Unauthenticated)
	}
	user, err := g.Keys.Check(text)
	if errors.Is(err, token.ErrNoKeys) {
		return problem.New(problem.AuthUnavailable).Because(err).After(time.Second)
	}
	if err != nil {
		return problem.New(problem.TokenInvalid).Because(err)
	}
	c.User = user
	if !permit(op.OperationID, user.Role) {
		if g.Denied != nil {
			g.Denied(r.Context(), op.OperationID, op.params["id"])
		}
		return problem.New(problem.Forbidden)
	}
	return nil
}

func bearer(r *http.Request) (text string, ok bool) {
	scheme, text, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(text), ok && strings.EqualFold(scheme, "bearer")
}

// needs names the least role of every operation that takes a token (operations as the generated code spells
// them); what is not named nobody may do.
var needs = map[string]string{
	"ListTests": "viewer", "GetTest": "viewer", "FollowTest": "viewer", "TraceTest": "viewer",
	"ListArtifacts": "viewer", "DownloadArtifact": "viewer", "DownloadWorkbook": "viewer", "GetReport": "viewer",
	"ArchiveTree": "viewer", "Me": "viewer",
	"RunTest": "member", "CancelTest": "member", "ArchiveTests": "member", "RestoreTest": "member", "DeleteTest": "member",
	"Register": "admin",
}

// ranks puts the roles in order.
var ranks = []string{"viewer", "member", "admin"}

// permit reports whether a role may do an operation.
func permit(operationID, role string) bool {
	need, named := needs[operationID]
	return named && slices.Contains(ranks, role) && slices.Index(ranks, role) >= slices.Index(ranks, need)
}

// sameOrigin refuses a browser whose page came from elsewhere, or from a name that was bent to our address
// (DNS rebinding). Programs send no Origin and no cookie; they need not be stopped.
func (g *guard) sameOrigin(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	from, err := url.Parse(origin)
	if err != nil || from.Host == "" {
		return problem.New(problem.OriginRefused)
	}
	if g.PublicURL != nil && strings.EqualFold(from.Host, g.PublicURL.Host) && from.Scheme == g.PublicURL.Scheme {
		return nil
	}
	if !strings.EqualFold(from.Host, r.Host) || !safeHost(r.Host) {
		return problem.New(problem.OriginRefused)
	}
	return nil
}

// safeHost reports a host that no foreign name can stand for.
func safeHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.Trim(host, "[]")
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
