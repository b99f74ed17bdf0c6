package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestFaults gives a running platform bad input and broken targets: a clear answer each time, and the
// platform goes on.
func TestFaults(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := startInProcess(t, data)
	u := register(t, p.info.URL, p.info.BootstrapToken)

	t.Run("wrong spec", func(t *testing.T) { wrongSpec(t, u) })
	t.Run("targets", func(t *testing.T) { badTargets(t, u, data) })
	t.Run("cancel, delete while running, archive of a failed test", func(t *testing.T) { wrongMoment(t, u) })
	t.Run("second start on the same folder", func(t *testing.T) { secondStart(t, data) })
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func wrongSpec(t *testing.T, u *user) {
	spec := map[string]any{
		"model": "", "target": map[string]any{"url": "ftp://x"}, "mode": "local", "generator": "evalscope",
		"input_length": 0, "output_length": 8, "concurrency": []int{0}, "colour": "red",
	}
	a := u.do(http.MethodPost, "/api/v1/tests/run", spec, "Accept-Language", "zh-CN")
	var problem struct {
		Code   string
		Errors []struct{ Pointer, Detail, Fix string }
	}
	if err := json.Unmarshal(a.body, &problem); err != nil || a.status != http.StatusUnprocessableEntity ||
		!strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
		t.Fatalf("got %s (%v), want a 422 problem", a, err)
	}
	var pointers []string
	for _, e := range problem.Errors {
		pointers = append(pointers, e.Pointer)
		if e.Detail == "" || e.Fix == "" {
			t.Errorf("fault %+v lacks detail or fix", e)
		}
	}
	for _, want := range []string{"/model", "/target/url", "/input_length", "/concurrency/0", "/colour"} {
		if !slices.Contains(pointers, want) {
			t.Errorf("no fault at %s among %v", want, pointers)
		}
	}
	for field, value := range map[string]any{"concurrency": "auto", "mode": "remote", "generator": "native"} {
		if a := u.do(http.MethodPost, "/api/v1/tests/run", with(demoSpec(), field, value)); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s %v: got %s, want 422", field, value, a)
		}
	}
}

// badTargets asks for tests of targets that cannot work; each must fail in the preflight with its class.
func badTargets(t *testing.T, u *user, data string) {
	folder := filepath.Join(data, "credentials")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "cred_wrong"), []byte("sk-wrong-canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		faulty http.Handler // nil: nothing listens
		cred   string
		want   []string // classes that say it rightly
	}{
		{"target down", nil, "", []string{"connect_refused"}},
		{"wrong key", answering(http.StatusUnauthorized, `{"error":{"message":"no"}}`), "cred_wrong", []string{"auth"}},
		{"wrong model", onlyModel("other"), "", []string{"not_found"}},
		{"always 500", answering(http.StatusInternalServerError, "boom"), "", []string{"server_error"}},
		{"stream cut in the middle", cutting(), "", []string{"stream_truncated"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := map[string]any{"url": serve(t, tt.faulty) + "/v1"}
			if tt.cred != "" {
				target["credential"] = tt.cred
			}
			spec := with(with(with(demoSpec(), "mode", "local"), "target", target), "retries", 0)
			done := u.awaitFinal(u.run(spec).ID, 30*time.Second)
			if done.State != "failed" || done.Failure == nil || !slices.Contains(tt.want, done.Failure.Class) {
				t.Fatalf("state %s, failure %+v; want failed with %v", done.State, done.Failure, tt.want)
			}
			if done.Failure.Advice.EN == "" || done.Failure.Advice.ZH == "" || done.Failure.Message == "" {
				t.Errorf("failure says too little: %+v", done.Failure)
			}
			if strings.Contains(string(u.do(http.MethodGet, "/api/v1/tests/"+done.ID+"/trace", nil).body), "sk-wrong-canary") {
				t.Error("the key is in the events")
			}
		})
	}
}

func wrongMoment(t *testing.T, u *user) {
	long := u.run(with(with(demoSpec(), "requests", 5000), "concurrency", []int{1}))
	u.await(long.ID, 60*time.Second, "running", func(x test) bool { return x.State == "running" })
	if a := u.do(http.MethodDelete, "/api/v1/tests/"+long.ID, nil); a.status != http.StatusConflict {
		t.Errorf("delete while running: got %s, want 409", a)
	}
	start := time.Now()
	u.want(http.MethodPost, "/api/v1/tests/"+long.ID+"/cancel", http.StatusAccepted, nil, nil)
	if done := u.awaitFinal(long.ID, 20*time.Second); done.State != "cancelled" {
		t.Errorf("state %s after cancel, want cancelled", done.State)
	}
	t.Logf("cancelled after %v", time.Since(start))
	var bulk struct{ Results []struct{ Status int } }
	u.want(http.MethodPost, "/api/v1/tests/archive", http.StatusOK, map[string]any{"ids": []string{long.ID}}, &bulk)
	if len(bulk.Results) != 1 || bulk.Results[0].Status != http.StatusConflict {
		t.Errorf("archive of a cancelled test answered %+v, want 409", bulk)
	}
	if a := u.do(http.MethodGet, "/api/v1/tests/"+long.ID+"/report.xlsx", nil); a.status != http.StatusNotFound {
		t.Errorf("download of a missing workbook: got %s, want 404", a)
	}
}
