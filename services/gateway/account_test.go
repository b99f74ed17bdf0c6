package gateway_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway"
)

// accounts answers on the bus as the auth service does: the password says what to answer.
type accounts struct {
	mu    sync.Mutex
	asked []string // requests as they came
}

func (a *accounts) serve(r *rig) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	conn := r.broker.Connect(r.t, "auth/1")
	endpoints := map[string]bus.Endpoint{}
	for _, subject := range []string{
		events.SubjectAuthRegister, events.SubjectAuthLogin, events.SubjectAuthRefresh, events.SubjectAuthLogout,
	} {
		endpoints[subject] = a.answer
	}
	var group sync.WaitGroup
	group.Go(func() {
		if err := conn.Serve(ctx, "auth", endpoints); err != nil {
			r.t.Errorf("serve: %v", err)
		}
	})
	r.t.Cleanup(func() { cancel(); group.Wait() })
	r.until("auth answers", func() bool {
		return r.do("POST", "/api/v1/auth/login", map[string]string{"name": "x", "password": "fine"}).status == 200
	})
}

func (a *accounts) answer(_ context.Context, data []byte) (any, error) {
	a.mu.Lock()
	a.asked = append(a.asked, string(data))
	a.mu.Unlock()
	var in struct {
		Name, Password string
		Token          string `json:"refresh_token"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, err
	}
	if code, ok := strings.CutPrefix(in.Password+in.Token, "refuse-with-"); ok {
		return nil, &events.AuthError{Code: code, Message: "refused", RetryAfterS: 7}
	}
	return events.Session{
		User: events.User{ID: unknownID, Name: in.Name, Role: "member"}, AccessToken: "access-canary",
		AccessExpires: time.Now().Add(time.Minute), RefreshToken: "refresh-canary", RefreshExpires: time.Now().Add(time.Hour),
	}, nil
}

func (a *accounts) last() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked[len(a.asked)-1]
}

func TestSignIn(t *testing.T) {
	r := start(t, gateway.Config{PublicURL: "https://plimsoll.example"})
	var a accounts
	a.serve(r)
	in := map[string]string{"name": "captain", "password": "password-canary"}
	got := r.want(200, nil, "POST", "/api/v1/auth/login", in, "Authorization", "", "Origin", "https://plimsoll.example")
	cookie := got.header.Get("Set-Cookie")
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("tokens may be kept: %v", got.header)
	}
	for _, want := range []string{"plimsoll_refresh=refresh-canary", "HttpOnly", "SameSite=Strict", "Secure", "Path=/api/v1/auth"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie %q lacks %s", cookie, want)
		}
	}
	r.want(200, nil, "POST", "/api/v1/auth/refresh", nil, "Authorization", "", "Cookie", "plimsoll_refresh=from-cookie")
	if !strings.Contains(a.last(), "from-cookie") {
		t.Errorf("auth was asked %s", a.last())
	}
	r.want(200, nil, "POST", "/api/v1/auth/refresh", map[string]string{"refresh_token": "from-body"}, "Authorization", "")
	out := r.want(204, nil, "POST", "/api/v1/auth/logout", nil, "Authorization", "", "Cookie", "plimsoll_refresh=refuse-with-refresh_invalid")
	if !strings.Contains(out.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("logout leaves the cookie: %v", out.header)
	}
	r.want(204, nil, "POST", "/api/v1/auth/logout", nil, "Authorization", "")
	r.refused(401, "refresh_invalid", "POST", "/api/v1/auth/refresh", nil, "Authorization", "")
	if e := r.audited("auth.login", "captain"); e.Result != "ok" || e.Actor.UserID != unknownID {
		t.Errorf("audit says %+v", e)
	}
	for _, secret := range []string{"password-canary", "access-canary", "refresh-canary", "from-cookie", "from-body", r.token} {
		if r.log.contains(secret) {
			t.Errorf("%s is in the log", secret)
		}
	}
}

func TestSignInRefused(t *testing.T) {
	r := start(t, gatewayConfig())
	new(accounts).serve(r)
	tests := []struct {
		auth   string
		status int
		code   string
	}{
		{"invalid_credentials", 401, "invalid_credentials"},
		{"bootstrap_token_invalid", 403, "bootstrap_token_invalid"},
		{"registration_closed", 403, "registration_closed"},
		{"name_taken", 409, "name_taken"},
		{"name_invalid", 422, "invalid_body"},
		{"weak_password", 422, "weak_password"},
		{"refresh_invalid", 401, "refresh_invalid"},
		{"throttled", 429, "throttled"},
		{"internal", 503, "auth_unavailable"},
	}
	for _, tt := range tests {
		t.Run(tt.auth, func(t *testing.T) {
			in := map[string]string{"name": tt.auth, "password": "refuse-with-" + tt.auth}
			path := "/api/v1/auth/login"
			if tt.auth == "name_taken" {
				path = "/api/v1/auth/register"
			}
			for _, lang := range []string{"en", "zh"} {
				r.refused(tt.status, tt.code, "POST", path, in, "Authorization", "", "Accept-Language", lang)
			}
			a := r.do("POST", path, in, "Authorization", "")
			if tt.auth == "throttled" && a.header.Get("Retry-After") != "7" {
				t.Errorf("Retry-After %q, want 7", a.header.Get("Retry-After"))
			}
			if tt.status == 401 && a.header.Get("WWW-Authenticate") == "" {
				t.Error("no WWW-Authenticate")
			}
		})
	}
	if e := r.audited("auth.login", "invalid_credentials"); e.Result != "denied" {
		t.Errorf("audit of a refused login says %+v", e)
	}
}

func TestSignInWithoutAuthService(t *testing.T) {
	r := start(t, gatewayConfig())
	in := map[string]string{"name": "captain", "password": "mark-on-the-hull-7"}
	r.refused(503, "auth_unavailable", "POST", "/api/v1/auth/login", in, "Authorization", "")
}

func TestRegisterSaysWhoAsks(t *testing.T) {
	r := start(t, gatewayConfig())
	var a accounts
	a.serve(r)
	in := map[string]string{"name": "mate", "password": "mark-on-the-hull-7"}
	r.want(201, nil, "POST", "/api/v1/auth/register", in)
	if !strings.Contains(a.last(), `"name":"admin"`) {
		t.Errorf("auth was asked %s, which does not name the admin", a.last())
	}
	r.want(201, nil, "POST", "/api/v1/auth/register", in, "Authorization", "")
	if strings.Contains(a.last(), `"by"`) {
		t.Errorf("auth was asked %s, which names somebody", a.last())
	}
	r.token = r.sign("member", r.later())
	r.refused(403, "forbidden", "POST", "/api/v1/auth/register", in)
	p := r.refused(422, "invalid_body", "POST", "/api/v1/auth/register", map[string]any{"name": "", "password": "short-canary", "role": "admin"}, "Authorization", "")
	if len(p.Errors) != 2 {
		t.Errorf("faults %+v, want name and role", p.Errors)
	}
	if strings.Contains(p.Detail, "short-canary") || r.log.contains("short-canary") {
		t.Error("the password is repeated")
	}
}

func TestTokens(t *testing.T) {
	r := start(t, gatewayConfig())
	path := "/api/v1/auth/me"
	var me struct{ Name, Role string }
	r.want(200, &me, "GET", path, nil)
	if me.Name != "admin" || me.Role != "admin" {
		t.Errorf("got %+v", me)
	}
	r.refused(401, "unauthenticated", "GET", path, nil, "Authorization", "")
	r.refused(401, "unauthenticated", "GET", path, nil, "Authorization", "Basic YTpi")
	good := r.token
	parts := strings.Split(good, ".")
	stranger := start(t, gatewayConfig())
	for name, token := range map[string]string{
		"expired":  r.sign("admin", time.Now().Add(-time.Minute)),
		"unsigned": "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"cut":      good[:len(good)-10],
		"stranger": stranger.token,
		"changed":  parts[0] + "." + strings.ToUpper(parts[1][:4]) + parts[1][4:] + "." + parts[2],
	} {
		a := r.do("GET", path, nil, "Authorization", "Bearer "+token)
		if p := r.document(a, name); a.status != 401 || p.Code != "token_invalid" {
			t.Errorf("%s: got %d %s", name, a.status, p.Code)
		}
	}
	r.refused(403, "forbidden", "GET", path, nil, "Authorization", "Bearer "+r.sign("owner", r.later()))
	r.token = r.sign("viewer", r.later())
	r.want(200, nil, "GET", "/api/v1/tests/list", nil)
	r.refused(403, "forbidden", "POST", "/api/v1/tests/run", sampleSpec())
	r.refused(403, "forbidden", "DELETE", "/api/v1/tests/"+unknownID, nil)
	if a := r.audited("test.delete", unknownID); a.Result != "denied" || a.Actor.Name != "viewer" {
		t.Errorf("audit says %+v", a)
	}
}

// TestKeysChange announces new keys: the old ones count no more.
func TestKeysChange(t *testing.T) {
	r := start(t, gatewayConfig())
	other := start(t, gatewayConfig())
	if err := r.others.PublishKeys(t.Context(), events.KeySet{Keys: []events.Key{{ID: "k1", Public: other.public()}}}); err != nil {
		t.Fatal(err)
	}
	r.until("old key refused", func() bool { return r.do("GET", "/api/v1/auth/me", nil).status == 401 })
	r.token = other.token
	r.want(200, nil, "GET", "/api/v1/auth/me", nil)
}

func TestOrigin(t *testing.T) {
	r := start(t, gateway.Config{PublicURL: "https://plimsoll.example"})
	new(accounts).serve(r)
	in := map[string]string{"name": "captain", "password": "fine"}
	host := strings.TrimPrefix(r.base, "http://")
	tests := []struct {
		name, host, origin string
		want               int
	}{
		{"program", host, "", 200},
		{"page by IP address", host, "http://" + host, 200},
		{"page by localhost", "localhost:8080", "http://localhost:8080", 200},
		{"page by its public name", host, "https://plimsoll.example", 200},
		{"foreign page", host, "http://evil.example", 403},
		{"name bent to our address", "evil.example:8080", "http://evil.example:8080", 403},
		{"page without origin", host, "null", 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := r.request("POST", "/api/v1/auth/login", in)
			req.Host = tt.host
			if tt.origin != "" {
				req.Header.Set("Origin", tt.origin)
			}
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != tt.want {
				t.Errorf("got %d, want %d", res.StatusCode, tt.want)
			}
		})
	}
}
