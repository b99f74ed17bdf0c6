// Package llmsim is a simulated LLM server that speaks the OpenAI HTTP API and remembers exactly what it
// did: when each request arrived and when each token was written. Tokens leave on a fixed absolute
// schedule, so a client's figures can be checked against the truth. It is the demo target and the test
// target; it knows nothing about how load is made.
//
// A request that arrives at t gets its i-th token (from 0) at t + TTFT + i·ITL, however late the ones
// before were: delays never add up.
package llmsim

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// Profile is how one simulated server behaves.
type Profile struct {
	TTFT time.Duration // arrival to first token; default 0
	ITL  time.Duration // between tokens; default 0: all at once
	Seed int64         // decides which requests meet a fault of Faults.Share

	Models  []string // names it knows; empty: it answers to every name and lists "*"
	APIKey  string   // wanted as bearer token; empty: none
	Context int      // most tokens of prompt and answer together; 0: no limit
	Piece   int      // letters per token, see tokens.go; default 6

	Faults    Faults
	ClockSkew time.Duration // added to the Date header
	Keep      int           // records kept, newest win; default 10,000 requests
}

// defaultKeep bounds memory: 10,000 records of 256 tokens are about 20 MB.
const defaultKeep = 10_000

// Server is one simulated server; it is an http.Handler and safe for concurrent use.
type Server struct {
	profile Profile
	routes  *http.ServeMux
	log     journal
	started time.Time

	stop     chan struct{} // closed when Serve ends: no stream outlives the server
	stopOnce sync.Once
}

// New makes a server. It listens only once Serve or Start is called; in tests any HTTP server may carry it.
func New(p Profile) *Server {
	if p.Keep <= 0 {
		p.Keep = defaultKeep
	}
	if p.Piece <= 0 {
		p.Piece = defaultPiece
	}
	s := &Server{profile: p, routes: http.NewServeMux(), started: time.Now(), stop: make(chan struct{})}
	s.log.keep = p.Keep
	s.routes.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	s.routes.HandleFunc("GET /v1/models", s.keyed(s.models))
	s.routes.HandleFunc("POST /v1/chat/completions", s.keyed(s.generate(chat)))
	s.routes.HandleFunc("POST /v1/completions", s.keyed(s.generate(completions)))
	s.routes.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "not_found_error", "no such path: "+r.Method+" "+r.URL.Path)
	})
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.profile.ClockSkew != 0 {
		w.Header().Set("Date", time.Now().Add(s.profile.ClockSkew).UTC().Format(http.TimeFormat))
	}
	s.routes.ServeHTTP(w, r)
}

// keyed refuses requests without the key.
func (s *Server) keyed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if s.profile.APIKey != "" && token != s.profile.APIKey {
			writeError(w, http.StatusUnauthorized, "authentication_error", "invalid API key")
			return
		}
		next(w, r)
	}
}

func (s *Server) models(w http.ResponseWriter, _ *http.Request) {
	names := s.profile.Models
	if len(names) == 0 {
		names = []string{"*"}
	}
	list := make([]map[string]any, 0, len(names))
	for _, n := range names {
		list = append(list, map[string]any{
			"id": n, "object": "model", "created": s.started.Unix(), "owned_by": "llmsim",
		})
	}
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": list})
}

func (s *Server) knows(model string) bool {
	if len(s.profile.Models) == 0 {
		return true
	}
	for _, m := range s.profile.Models {
		if m == model {
			return true
		}
	}
	return false
}
