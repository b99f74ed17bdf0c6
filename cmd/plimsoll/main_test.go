package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"plimsoll": main}) }

// TestScripts runs the real program. Its server knows one long list and no test.
func TestScripts(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(serve))
	t.Cleanup(server.Close)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PLIMSOLL_SERVER", server.URL)
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/config")
			e.Setenv("PLIMSOLL_TOKEN", "token")
			return nil
		},
	})
}

func serve(w http.ResponseWriter, r *http.Request) {
	const item = `{"id":"01a20ada-c9be-7592-be07-69639e33a312","name":"nightly","model":"m","engine":"vllm","mode":"local",` +
		`"generator":"evalscope","state":"succeeded","verdict":"pass","created_at":"2026-11-23T10:00:00Z",` +
		`"updated_at":"2026-11-23T10:00:00Z","archived":false,"trashed":false,"created_by":"captain","input_length":"64",` +
		`"output_length":"16","concurrency":"1","loop":1,"seq":9}`
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path != "/api/v1/tests/list" {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"type":"about:blank","title":"No such test","status":404,"code":"not_found","request_id":"req-1","retryable":false}`))
		return
	}
	list := `{"items":[`
	for range 199 {
		list += item + ","
	}
	_, _ = w.Write([]byte(list + item + `]}`))
}
