package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestListReadsEveryPage(t *testing.T) {
	pages := 0
	server := newServer(t, map[string]http.HandlerFunc{"GET /tests/list": func(w http.ResponseWriter, r *http.Request) {
		pages++
		page := map[string]any{"items": []any{testDoc("succeeded", "pass")}}
		if r.URL.Query().Get("cursor") == "" {
			page["next_cursor"] = "two"
		}
		answer(200, page)(w, r)
	}})
	s := newShell(t, server)
	s.want(ExitOK, "tests", "list", "--json", "--limit", "0", "--state", "succeeded", "--state", "failed,cancelled", "--archived=false")
	var got []map[string]any
	if err := json.Unmarshal(s.out.Bytes(), &got); err != nil || len(got) != 2 || pages != 2 {
		t.Errorf("%d tests of %d pages, %v", len(got), pages, err)
	}
	if first := server.asked()[0]; !strings.Contains(first, "archived=false") || strings.Contains(first, "trashed") || strings.Count(first, "state=") != 3 {
		t.Errorf("asked %s", first)
	}
	s.want(ExitOK, "tests", "list", "--limit", "1")
	if strings.Contains(s.out.String(), "\x1b") || !strings.Contains(s.out.String(), "模型-7b") {
		t.Errorf("got %q", s.out.String())
	}
}

func TestListRefusesWrongFlags(t *testing.T) {
	s := newShell(t, newServer(t, nil))
	for _, args := range [][]string{{"--since", "yesterday"}, {"--limit", "-1"}, {"--limit", "x"}, {"--sate", "x"}, {"extra"}} {
		s.want(ExitUsage, append([]string{"tests", "list"}, args...)...)
	}
}

// TestRunSendsTheDocument lays flags over a file.
func TestRunSendsTheDocument(t *testing.T) {
	file := filepath.Join(t.TempDir(), "spec.yaml")
	if err := os.WriteFile(file, []byte("model: old\ntarget: {url: 'http://a/v1', api: chat}\ninput_length: 64\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	var key string
	server := newServer(t, map[string]http.HandlerFunc{"POST /tests/run": func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		key = r.Header.Get("Idempotency-Key")
		if err := json.Unmarshal(body, &got); err != nil {
			t.Error(err)
		}
		answer(202, testDoc("queued", "none"))(w, r)
	}})
	s := newShell(t, server)
	s.want(ExitOK, "tests", "run", "-f", file, "--model", "new", "--url", "http://b/v1", "--input-length", "64-128",
		"--output-length", "16", "--concurrency", "1, 8", "--warmup", "4", "--slo", "p99(ttft) < 500ms, or so", "--loop", "2")
	want := map[string]any{
		"model": "new", "target": map[string]any{"url": "http://b/v1", "api": "chat"},
		"input_length": map[string]any{"min": 64., "max": 128.}, "output_length": 16., "concurrency": []any{1., 8.},
		"warmup": map[string]any{"requests": 4.}, "slo": []any{"p99(ttft) < 500ms, or so"}, "loop": 2.,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if s.out.String() != testID+"\n" || key == "" {
		t.Errorf("prints %q with key %q, want the id alone", s.out.String(), key)
	}
	s.in = `{"model": "m", "model": "n"}`
	s.want(ExitUsage, "tests", "run", "-f", "-", "--loop", "x")
}

func TestRunRefusesBeforeAsking(t *testing.T) {
	server := newServer(t, nil)
	s := newShell(t, server)
	s.in = "model: [unclosed"
	for _, args := range [][]string{
		{}, {"-f", "/nowhere.yaml"}, {"-f", "-"}, {"--concurrency", "many"}, {"--input-length", "5-x"}, {"--warmup", "perhaps"},
	} {
		s.want(ExitUsage, append([]string{"tests", "run"}, args...)...)
	}
	if asked := server.asked(); len(asked) != 0 {
		t.Errorf("asked %q, want nothing", asked)
	}
}

func TestProblemIsToldWhole(t *testing.T) {
	server := newServer(t, map[string]http.HandlerFunc{"POST /tests/run": answer(422, map[string]any{
		"type": "about:blank", "title": "Cannot run", "status": 422, "code": "spec_invalid", "detail": "Two rules are broken.",
		"request_id": "req-7", "retryable": false, "errors": []map[string]any{
			{"pointer": "/model", "code": "required", "detail": "is missing", "fix": "add it"},
			{"pointer": "", "code": "conflict", "detail": "rate and\x1b[2J concurrency"},
		},
	})})
	s := newShell(t, server)
	s.want(ExitUsage, "tests", "run", "--loop", "1")
	want := "error: Cannot run\n  Two rules are broken.\n  /model: is missing; add it\n  document: rate and[2J concurrency\n  request id: req-7\n"
	if diff := cmp.Diff(want, s.err.String()); diff != "" {
		t.Errorf("says (-want +got):\n%s", diff)
	}
}

func TestExitCodesOfRefusals(t *testing.T) {
	for status, code := range map[int]int{401: ExitDenied, 403: ExitDenied, 404: ExitNotFound, 409: ExitConflict, 429: ExitUnreachable, 500: ExitUnexpected} {
		server := newServer(t, map[string]http.HandlerFunc{"GET /tests/" + testID: refusal(status, "code", "Refused")})
		newShell(t, server).want(code, "tests", "get", testID)
	}
	other := newServer(t, map[string]http.HandlerFunc{"GET /tests/" + testID: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }})
	newShell(t, other).want(ExitNotFound, "tests", "get", testID) // not a Plimsoll server
	gone := newServer(t, nil)
	gone.Close()
	s := newShell(t, gone)
	s.want(ExitUnreachable, "tests", "get", testID)
	s.env["PLIMSOLL_SERVER"] = "ftp://x"
	s.want(ExitUsage, "tests", "get", testID)
}

func TestDeleteForGoodNeedsYes(t *testing.T) {
	server := newServer(t, map[string]http.HandlerFunc{"DELETE /tests/{id}": func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != testID {
			refusal(404, "not_found", "No such test")(w, r)
			return
		}
		w.WriteHeader(204)
	}})
	s := newShell(t, server)
	s.want(ExitUsage, "tests", "delete", testID, "--purge")
	if len(server.asked()) != 0 {
		t.Error("it was deleted without a yes")
	}
	s.want(ExitOK, "tests", "delete", testID, "--purge", "--yes")
	s.want(ExitNotFound, "tests", "delete", "other", testID, "--json") // goes on after a refusal
	var got []outcome
	if err := json.Unmarshal(s.out.Bytes(), &got); err != nil || len(got) != 2 || got[0].Status != 404 || got[1].Problem != nil {
		t.Errorf("got %s", s.out.String())
	}
}

func TestDownload(t *testing.T) {
	file := func(digest, name string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Digest", digest)
			w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
			_, _ = w.Write([]byte("workbook"))
		}
	}
	const (
		right = "sha-256=JE9OQvsO4yzUIxCWz5HBs2Zi477MW1sd6riFvRpiTBg="
		wrong = "sha-256=ne8s5pMEQiWoDgpvchoLvOR3DgibrzhENXM1Q7fYtR8="
	)
	tests := []struct {
		name, digest, file, want string
		code                     int
	}{
		{"plain", "", "result.xlsx", "result.xlsx", ExitOK},
		{"climbs out", "", "../../etc/passwd", "passwd", ExitOK},
		{"hidden", "", ".bashrc", testID + ".xlsx", ExitOK},
		{"whole", right, "result.xlsx", "result.xlsx", ExitOK},
		{"damaged", wrong, "result.xlsx", "", ExitUnexpected},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newShell(t, newServer(t, map[string]http.HandlerFunc{"GET /tests/" + testID + "/report.xlsx": file(tt.digest, tt.file)}))
			dir := filepath.Join(t.TempDir(), "out")
			s.want(tt.code, "tests", "download", testID, "--out", dir+"/")
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == "" {
				if len(entries) != 0 {
					t.Errorf("a damaged file is left: %v", entries)
				}
				return
			}
			if len(entries) != 1 || entries[0].Name() != tt.want {
				t.Fatalf("wrote %v, want %s", entries, tt.want)
			}
			s.want(ExitConflict, "tests", "download", testID, "--out", dir)
			s.want(ExitOK, "tests", "download", testID, "--out", dir, "--force")
			s.want(ExitOK, "tests", "download", testID, "--out", "-")
			if s.out.String() != "workbook" {
				t.Errorf("standard output got %q", s.out.String())
			}
		})
	}
}
