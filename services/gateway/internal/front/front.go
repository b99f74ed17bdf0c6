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
	PublicURL  *url.URL // how browsers reach us; nil: by IP address or localhost only
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
	guard := &guard{Front: f, contract: contract, router: api}
	top := http.NewServeMux()
	top.HandleFunc("GET /livez", livez)
	top.HandleFunc("GET /readyz", f.readyz)
	top.HandleFunc("GET /problems/{code}", f.explain)
	top.Handle("/api/", guard)
	top.HandleFunc("/", f.pages)
	return f.outer(f.problems(top)), nil
}

// problems answers what the mux itself would refuse in plain text.
func (f Front) problems(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := mux.Handler(r)
		if pattern == "" || pattern == "/" && ownPath(r.URL.Path) {
			p := problem.New(problem.MethodNotAllowed)
			p.Allow = "GET, HEAD"
			f.refuse(w, r, p)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// ownPath reports a path outside the API that only answers GET.
func ownPath(path string) bool {
	return path == "/livez" || path == "/readyz" || strings.HasPrefix(path, "/problems/")
}

func (f Front) pages(w http.ResponseWriter, r *http.Request) {
	if f.Pages != nil && r.Method != http.MethodGet && r.Method != http.MethodHead {
		p := problem.New(problem.MethodNotAllowed)
		p.Allow = "GET, HEAD"
		f.refuse(w, r, p)
		return
	}
	if f.Pages == nil || !f.Pages.serve(w, r) {
		f.refuse(w, r, problem.New(problem.RouteNotFound))
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

// livez says that the process runs.
func livez(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"status": "alive"})
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
func (f Front) explain(w http.ResponseWriter, r *http.Request) {
	code := problem.Code(r.PathValue("code"))
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
