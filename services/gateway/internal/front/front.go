// Package front is everything a request passes before an operation answers it: request id, log, panics,
// headers, who asks and may he, whether it is well-formed. It also serves the pages of the UI. It knows
// nothing about tests.
package front

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-chi/chi/v5"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/problem"
	"plimsoll.internal/services/gateway/internal/rest"
	"plimsoll.internal/services/gateway/internal/token"
)

// Base is the path of the API.
const Base = "/api/v1"

// Front makes the handler of the whole process.
type Front struct {
	Operations httpapi.StrictServerInterface
	Keys       checker
	Pages      *Pages // the UI; nil for none
	Health     []Check
	PublicURL  *url.URL                                              // how browsers reach us; nil: by IP address or localhost only
	Denied     func(ctx context.Context, operationID, object string) // told when a role does not allow it; may be nil
	Log        *slog.Logger
}

// checker says who a token speaks for.
type checker interface {
	Check(text string) (token.User, error)
}

// Check is one thing that must work for this process to be ready.
type Check struct {
	Name string
	Do   func(ctx context.Context) error
}

// Handler builds the handler.
func (f Front) Handler() (http.Handler, error) {
	contract, err := httpapi.GetSpec()
	if err != nil {
		return nil, err
	}
	contract.Servers = nil
	// Requests use nothing that is new in 3.1, and only the validator for 3.0 tells every fault with its rule.
	contract.OpenAPI = "3.0.3"
	api := chi.NewRouter()
	strict := httpapi.NewStrictHandlerWithOptions(f.Operations, nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) {
			f.refuse(w, r, problem.New(problem.MalformedBody).Because(err))
		},
		ResponseErrorHandlerFunc: f.refuse,
	})
	httpapi.HandlerWithOptions(strict, httpapi.ChiServerOptions{
		BaseURL: Base, BaseRouter: api,
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, err error) {
			f.refuse(w, r, problem.New(problem.InvalidParameter).Because(err))
		},
	})
	return f.outer(&top{Front: f, api: &guard{Front: f, contract: contract, router: api}}), nil
}

// top chooses by the first part of the path. It is no ServeMux, because that answers by itself, with
// redirects and plain text.
type top struct {
	Front
	api http.Handler
}

// ServeHTTP hands the request on.
func (t *top) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	if path == "/api" || strings.HasPrefix(path, "/api/") {
		w.Header().Set("Cache-Control", "private, no-cache") // kept by its entity tag at most
		if strings.HasPrefix(path, Base+"/auth/") {
			w.Header().Set("Cache-Control", "no-store") // tokens
		}
		t.api.ServeHTTP(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		t.refuse(w, r, notAllowed([]string{http.MethodGet, http.MethodHead}))
		return
	}
	code, isProblem := strings.CutPrefix(path, "/problems/")
	switch {
	case path == "/livez":
		writeJSON(w, http.StatusOK, map[string]any{"status": "alive"})
	case path == "/readyz":
		t.readyz(w, r)
	case isProblem:
		t.explain(w, r, problem.Code(code))
	case t.Pages == nil || !t.Pages.serve(w, r):
		t.refuse(w, r, problem.New(problem.RouteNotFound))
	}
}

// refuse answers with a problem and logs what is our fault.
func (f Front) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.From(err)
	c := rest.CallerOf(r.Context())
	if p.Status() >= http.StatusInternalServerError && r.Context().Err() == nil {
		f.Log.Error("request failed", "method", r.Method, "path", r.URL.Path, "code", string(p.Code),
			"request_id", c.RequestID, "error", p.Error())
	}
	p.Write(w, c.Lang, r.URL.Path, c.RequestID)
}

// readyz says whether the process can do its work, and what it lacks.
func (f Front) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	checks := map[string]string{}
	refused := problem.New(problem.NotReady).After(time.Second)
	for _, c := range f.Health {
		checks[c.Name] = "ok"
		if err := c.Do(ctx); err != nil {
			says := err.Error()
			refused.Errors = append(refused.Errors, problem.Fault{
				Pointer: "check/" + c.Name, Code: "failed", Detail: failure.Text{EN: says, ZH: says},
			})
		}
	}
	if len(refused.Errors) > 0 {
		c := rest.CallerOf(r.Context())
		refused.Write(w, c.Lang, r.URL.Path, c.RequestID)
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"status": "ready", "checks": checks})
}

// explain serves the type of a problem: what it means, in the reader's language.
func (f Front) explain(w http.ResponseWriter, r *http.Request, code problem.Code) {
	if !code.Known() {
		f.refuse(w, r, problem.New(problem.RouteNotFound))
		return
	}
	lang := rest.CallerOf(r.Context()).Lang
	d := problem.New(code).Document(lang, "", "")
	w.Header().Set("Content-Language", lang)
	w.Header().Set("Vary", "Accept-Language")
	writeJSON(w, http.StatusOK, map[string]any{
		"code": d.Code, "status": d.Status, "title": d.Title, "description": d.Detail, "retryable": d.Retryable,
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

// operation is one entry of the contract that a request asks for.
type operation struct {
	*openapi3.Operation
	pattern string // path as the contract spells it
	item    *openapi3.PathItem
	params  map[string]string // of the path
}
