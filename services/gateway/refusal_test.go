package gateway_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestRefusals asks wrongly in every way the router and the checks before an operation know.
func TestRefusals(t *testing.T) {
	r := start(t, gatewayConfig())
	big := strings.Repeat("x", 2<<20+1)
	json := []string{"Content-Type", "application/json"}
	tests := []struct {
		name         string
		status       int
		code         string
		method, path string
		body         any
		header       []string
	}{
		{"unknown route", 404, "route_not_found", "GET", "/api/v1/nothing", nil, nil},
		{"other version", 404, "route_not_found", "GET", "/api/v2/tests/list", nil, nil},
		{"get of a post", 405, "method_not_allowed", "GET", "/api/v1/tests/run", nil, nil},
		{"wrong method", 405, "method_not_allowed", "PUT", "/api/v1/tests/run", nil, nil},
		{"wrong method on health", 405, "method_not_allowed", "POST", "/livez", nil, nil},
		{"wrong method on a page", 405, "method_not_allowed", "POST", "/history", nil, nil},
		{"unknown problem", 404, "route_not_found", "GET", "/problems/none", nil, nil},
		{"missing file of the pages", 404, "route_not_found", "GET", "/assets/none.js", nil, nil},
		{"id is none", 400, "invalid_parameter", "GET", "/api/v1/tests/42", nil, nil},
		{"limit too large", 400, "invalid_parameter", "GET", "/api/v1/tests/list?limit=1000", nil, nil},
		{"limit is no number", 400, "invalid_parameter", "GET", "/api/v1/tests/list?limit=many", nil, nil},
		{"unknown state", 400, "invalid_parameter", "GET", "/api/v1/tests/list?state=flying", nil, nil},
		{"time is none", 400, "invalid_parameter", "GET", "/api/v1/tests/list?since=yesterday", nil, nil},
		{"unknown parameter", 400, "invalid_parameter", "GET", "/api/v1/tests/list?limt=5", nil, nil},
		{"bad cursor", 400, "invalid_cursor", "GET", "/api/v1/tests/list?cursor=%00%00", nil, nil},
		{"body is no JSON", 400, "malformed_body", "POST", "/api/v1/tests/archive", "{", json},
		{"two bodies", 400, "malformed_body", "POST", "/api/v1/tests/archive", "{}{}", json},
		{"body is no UTF-8", 400, "malformed_body", "POST", "/api/v1/tests/run", "{\"model\":\"\xff\"}", json},
		{"no body", 422, "invalid_spec", "POST", "/api/v1/tests/run", "", json},
		{"no content type", 415, "unsupported_media_type", "POST", "/api/v1/tests/run", "{}", nil},
		{"other content type", 415, "unsupported_media_type", "POST", "/api/v1/tests/archive", "ids: []", []string{"Content-Type", "application/yaml"}},
		{"body too large", 413, "body_too_large", "POST", "/api/v1/tests/run", big, json},
		{"bad YAML", 422, "invalid_spec", "POST", "/api/v1/tests/run", "a: [", []string{"Content-Type", "application/yaml"}},
		{"key too long", 400, "invalid_parameter", "POST", "/api/v1/tests/run", sampleSpec(), []string{"Idempotency-Key", strings.Repeat("k", 256)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for lang, letter := range map[string]bool{"en": false, "zh-TW": true} {
				p := r.refused(tt.status, tt.code, tt.method, tt.path, tt.body, append([]string{"Accept-Language", lang}, tt.header...)...)
				if han := strings.ContainsFunc(p.Title, func(r rune) bool { return r > 0x2e7f }); han != letter {
					t.Errorf("%s: title %q is in another language", lang, p.Title)
				}
			}
		})
	}
	if a := r.do("PUT", "/api/v1/tests/run", nil); a.header.Get("Allow") != "POST" {
		t.Errorf("Allow %q, want POST", a.header.Get("Allow"))
	}
	p := r.refused(400, "invalid_parameter", "GET", "/api/v1/tests/list?limit=0&state=x&colour=red", nil)
	if len(p.Errors) != 3 {
		t.Errorf("faults %+v, want all three", p.Errors)
	}
}

func TestProblemTypesAreExplained(t *testing.T) {
	r := start(t, gatewayConfig())
	p := r.refused(404, "test_not_found", "GET", "/api/v1/tests/"+unknownID, nil)
	var about struct{ Code, Title, Description string }
	r.want(200, &about, "GET", p.Type, nil, "Authorization", "", "Accept-Language", "zh")
	if about.Code != "test_not_found" || about.Title != "测试不存在" || about.Description == "" {
		t.Errorf("got %+v", about)
	}
}

func TestRequestIDFollows(t *testing.T) {
	r := start(t, gatewayConfig())
	if a := r.do("GET", "/livez", nil, "X-Request-Id", "from-client-1"); a.header.Get("X-Request-Id") != "from-client-1" {
		t.Errorf("got %q", a.header.Get("X-Request-Id"))
	}
	a := r.do("GET", "/livez", nil, "X-Request-Id", "bad id; drop")
	if id := a.header.Get("X-Request-Id"); id == "" || strings.Contains(id, " ") {
		t.Errorf("got %q", id)
	}
	if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("headers %v", a.header)
	}
}

func TestPages(t *testing.T) {
	r := start(t, gatewayConfig())
	for _, path := range []string{"/", "/history", "/tests/" + unknownID, "/index.html"} {
		a := r.want(200, nil, "GET", path, nil, "Authorization", "")
		if !strings.HasPrefix(string(a.body), "<html>") || a.header.Get("Cache-Control") != "no-cache" ||
			!strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: %v %.20s", path, a.header, a.body)
		}
		r.want(304, nil, "GET", path, nil, "If-None-Match", a.header.Get("ETag"))
	}
	a := r.want(200, nil, "GET", "/assets/a-1234.js", nil, "Accept-Encoding", "gzip")
	if a.header.Get("Content-Encoding") != "gzip" || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || len(a.body) > 200 {
		t.Errorf("asset: %v, %d bytes", a.header, len(a.body))
	}
}

// TestRandomRequests sends random methods, paths, headers and bodies.
func TestRandomRequests(t *testing.T) {
	r := start(t, gatewayConfig())
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[rnd.IntN(len(list))] }
	paths := []string{
		"/api/v1/tests/run", "/api/v1/tests/list", "/api/v1/tests/archive", "/api/v1/tests/" + unknownID, "/api/v1/auth/refresh",
		"/api/v1/tests/" + unknownID + "/events", "/api/v1/archive/tree", "/api", "/api/", "/problems/", "/readyz", "/%2e%2e/%2e%2e", "//", "/api//v1",
		"/api/v1/tests/" + unknownID + "/artifacts/%ff%00", "/api/v1/tests/%2F", "/api/v1/auth/me",
	}
	for i := range 600 {
		path := pick(paths...) + pick("", "/", "?limit=9", "?cursor=%ff", "?wait=1ms", "?path=a/b/c/d", "?since=2026-13-01T00:00:00Z", "?%zz=1", "?a;b")
		method := pick("GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "BREW")
		body := pick("", "{}", "[]", "null", `{"ids":["x"]}`, `{"ids":[null]}`, "\xff\xfe", strings.Repeat("[", 5000), `{"name":"\u0000","password":{}}`)
		a := r.do(method, path, body, "Content-Type", pick("application/json", "text/plain", "", "application/json; charset=\"", "application/yaml"),
			"Authorization", pick("Bearer "+r.token, "Bearer x", "", "x"), "Accept-Language", pick("zh", "en", "*;q=x", ""),
			"If-Match", pick("", "*", `"1"`), "Last-Event-ID", pick("", "1", "x"), "Idempotency-Key", pick("", "k"))
		what := fmt.Sprintf("request %d: %s %s", i, method, path)
		if a.status >= 300 {
			r.document(a, what)
		}
		if a.status == http.StatusInternalServerError {
			t.Errorf("%s: %s", what, a.body)
		}
	}
}

// TestBrokenHTTP speaks to the port as no client should; the gateway goes on.
func TestBrokenHTTP(t *testing.T) {
	r := start(t, gatewayConfig())
	for _, text := range []string{"\x00\x01\x02\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "POST /api/v1/tests/run HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		line, _ := bufio.NewReader(conn).ReadString('\n')
		if !strings.Contains(line, " 400 ") {
			t.Errorf("%q is answered %q", text, line)
		}
		_ = conn.Close()
	}
	r.want(200, nil, "GET", "/livez", nil)
}
