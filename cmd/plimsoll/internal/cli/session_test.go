package cli

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// empty is an empty list, given only to the bearer of a token.
func empty(token string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			refusal(401, "unauthenticated", "Sign in first")(w, r)
			return
		}
		answer(200, map[string]any{"items": []any{}})(w, r)
	}
}

func TestLoginKeepsTheSession(t *testing.T) {
	server := newServer(t, map[string]http.HandlerFunc{
		"POST /auth/login":  answer(200, sessionDoc("access-1", "refresh-1", 10*time.Minute)),
		"POST /auth/logout": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) },
		"GET /tests/list":   empty("access-1"),
	})
	s := newShell(t, server)
	delete(s.env, "PLIMSOLL_TOKEN")
	s.want(ExitDenied, "tests", "list")
	s.in = "mark-on-the-hull-7\n"
	s.want(ExitOK, "login", "--name", "captain", "--password-stdin")
	if strings.Contains(s.out.String()+s.err.String(), "access-1") {
		t.Error("the token is printed")
	}
	info, err := os.Stat(s.sessions())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("session file: %v, %v; want mode 0600", info, err)
	}
	s.want(ExitOK, "tests", "list", "--json")
	if s.out.String() != "[]\n" {
		t.Errorf("empty list is %q, want []", s.out.String())
	}
	s.want(ExitOK, "logout")
	s.want(ExitDenied, "tests", "list")
	if !strings.Contains(s.err.String(), "plimsoll login") || !strings.Contains(s.err.String(), "req-1") {
		t.Errorf("the refusal must name the fix and the request: %q", s.err.String())
	}
}

// TestSessionIsRefreshedOnce lets several commands meet an access token that has run out: a refresh token
// is good once, so one of them refreshes and the others take what it got.
func TestSessionIsRefreshedOnce(t *testing.T) {
	for name, first := range map[string]map[string]any{
		"run out":         sessionDoc("old", "refresh-1", -time.Minute),
		"refused by time": sessionDoc("old", "refresh-1", 10*time.Minute), // the clocks differ
	} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, map[string]http.HandlerFunc{
				"POST /auth/login":   answer(200, first),
				"POST /auth/refresh": answer(200, sessionDoc("new", "refresh-2", 10*time.Minute)),
				"GET /tests/list":    empty("new"),
			})
			s := newShell(t, server)
			delete(s.env, "PLIMSOLL_TOKEN")
			s.in = "mark-on-the-hull-7"
			s.want(ExitOK, "login", "--name", "captain", "--password-stdin")
			var wg sync.WaitGroup
			for range 4 {
				other := newShell(t, server)
				other.env = s.env
				wg.Go(func() {
					if code := other.run("tests", "list"); code != ExitOK {
						t.Errorf("exit %d: %s", code, other.err.String())
					}
				})
			}
			wg.Wait()
			refreshed := 0
			for _, r := range server.asked() {
				if r == "POST /auth/refresh" {
					refreshed++
				}
			}
			if refreshed != 1 {
				t.Errorf("refreshed %d times, want once", refreshed)
			}
		})
	}
}

func TestSessionThatIsOverIsForgotten(t *testing.T) {
	server := newServer(t, map[string]http.HandlerFunc{
		"POST /auth/login":   answer(200, sessionDoc("old", "refresh-1", -time.Minute)),
		"POST /auth/refresh": refusal(401, "refresh_invalid", "The session is over"),
		"GET /tests/list":    empty("new"),
	})
	s := newShell(t, server)
	delete(s.env, "PLIMSOLL_TOKEN")
	s.in = "mark-on-the-hull-7"
	s.want(ExitOK, "login", "--name", "captain", "--password-stdin")
	s.want(ExitDenied, "tests", "list")
	data, err := os.ReadFile(s.sessions())
	var kept map[string]any
	if err != nil || json.Unmarshal(data, &kept) != nil || len(kept) != 0 {
		t.Errorf("kept %s, %v; want nothing", data, err)
	}
}

func TestDamagedSessionFile(t *testing.T) {
	s := newShell(t, newServer(t, nil))
	delete(s.env, "PLIMSOLL_TOKEN")
	if err := writeWhole(s.sessions(), []byte("{")); err != nil {
		t.Fatal(err)
	}
	s.want(ExitUnexpected, "tests", "list")
	if !strings.Contains(s.err.String(), "damaged") || !strings.Contains(s.err.String(), "plimsoll login") {
		t.Errorf("says %q", s.err.String())
	}
}

func TestNobodyToAsk(t *testing.T) {
	s := newShell(t, newServer(t, nil))
	s.want(ExitUsage, "login")
	s.want(ExitUsage, "login", "--name", "captain")
	s.want(ExitUsage, "register", "--name", "mate", "--bootstrap-token-file", "/nowhere")
}
