package front

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/problem"
	"plimsoll.internal/services/gateway/internal/token"
)

// anybody accepts every token.
type anybody struct{ err error }

func (a anybody) Check(text string) (token.User, error) {
	return token.User{ID: "u", Name: text, Role: "admin", Expires: time.Now().Add(time.Hour)}, a.err
}

func serve(t *testing.T, f Front, method, path string) (*http.Response, problem.Document) {
	t.Helper()
	var log strings.Builder
	f.Log = slog.New(slog.NewTextHandler(&log, nil))
	handler, err := f.Handler()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Authorization", "Bearer secret-canary")
	handler.ServeHTTP(w, r)
	if strings.Contains(log.String(), "secret-canary") {
		t.Errorf("the token is in the log: %s", log.String())
	}
	res := w.Result()
	defer res.Body.Close()
	var d problem.Document
	if err := json.NewDecoder(res.Body).Decode(&d); err != nil {
		t.Fatalf("%s %s: %d is no JSON: %v", method, path, res.StatusCode, err)
	}
	return res, d
}

// TestPanic lets every operation panic: the interface has nothing behind it.
func TestPanic(t *testing.T) {
	var nothing struct{ httpapi.StrictServerInterface }
	res, d := serve(t, Front{Operations: nothing, Keys: anybody{}}, "GET", Base+"/auth/me")
	if res.StatusCode != 500 || d.Code != problem.Internal || d.RequestID == "" || strings.Contains(d.Detail, "nil") {
		t.Errorf("got %d %+v", res.StatusCode, d)
	}
}

func TestKeysMissing(t *testing.T) {
	res, d := serve(t, Front{Keys: anybody{err: token.ErrNoKeys}}, "GET", Base+"/auth/me")
	if d.Code != problem.AuthUnavailable || res.Header.Get("Retry-After") != "1" || !d.Retryable {
		t.Errorf("got %d %+v", res.StatusCode, d)
	}
	if _, d := serve(t, Front{Keys: anybody{err: errors.New("bad")}}, "GET", Base+"/auth/me"); d.Code != problem.TokenInvalid {
		t.Errorf("got %+v", d)
	}
}

func TestWithoutPages(t *testing.T) {
	if _, d := serve(t, Front{}, "GET", "/"); d.Code != problem.RouteNotFound {
		t.Errorf("got %+v", d)
	}
}

// TestEveryOperationHasARole finds an operation that was added to the contract and forgotten here.
func TestEveryOperationHasARole(t *testing.T) {
	contract, err := httpapi.GetSpec()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, item := range contract.Paths.Map() {
		for _, op := range item.Operations() {
			open := op.Security != nil && len(*op.Security) == 0
			named[op.OperationID] = true
			if _, ok := needs[op.OperationID]; !ok && !open {
				t.Errorf("operation %s has no role", op.OperationID)
			}
		}
	}
	for id := range needs {
		if !named[id] {
			t.Errorf("there is no operation %s", id)
		}
	}
}

func TestPermit(t *testing.T) {
	for _, tt := range []struct {
		operation, role string
		want            bool
	}{
		{"ListTests", "viewer", true},
		{"RunTest", "viewer", false},
		{"RunTest", "member", true},
		{"Register", "member", false},
		{"Register", "admin", true},
		{"ListTests", "", false},
		{"ListTests", "root", false},
		{"Nothing", "admin", false},
	} {
		if got := permit(tt.operation, tt.role); got != tt.want {
			t.Errorf("permit(%s, %s) = %v, want %v", tt.operation, tt.role, got, tt.want)
		}
	}
}

func TestSafeHost(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1:8080": true, "[::1]:8080": true, "localhost": true, "app.localhost:1": true, "10.1.2.3": true,
		"plimsoll.example": false, "localhost.evil.example": false, "": false, "127.0.0.1.nip.io": false,
	} {
		if got := safeHost(host); got != want {
			t.Errorf("safeHost(%q) = %v, want %v", host, got, want)
		}
	}
}
