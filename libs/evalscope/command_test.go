package evalscope_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/spec"
)

func TestCommandIsWhatAShellWouldRun(t *testing.T) {
	no := false
	s := spec.Spec{
		Model: "it's a model; rm -rf /", Stream: &no,
		Target: spec.Target{
			URL: "http://h:1/v1/", API: spec.APICompletions, Credential: "cred_1",
			Headers: map[string]string{"X-Team": "a b", "X-Api-Key": "sk-canary"},
		},
		Timeouts: spec.Timeouts{Connect: spec.Duration(1500 * time.Millisecond), Stall: spec.Duration(time.Second)},
	}
	text := evalscope.Command(s, spec.Level{Concurrency: 8, Requests: 100, Warmup: 8}, "my bodies.jsonl")
	if strings.Contains(text, "sk-canary") {
		t.Fatalf("secret in the command:\n%s", text)
	}
	script := "evalscope() { printf '%s\\n' \"$@\"; }\nPLIMSOLL_API_KEY=key X_API_KEY=header\n" + text
	out, err := exec.Command("sh", "-c", script).Output()
	if err != nil {
		t.Fatalf("sh: %v\n%s", err, text)
	}
	want := []string{
		"perf", "--api-key", "key",
		"--url", "http://h:1/v1/completions", "--api", "openai", "--model", "it's a model; rm -rf /",
		"--dataset", "line_by_line", "--dataset-path", "my bodies.jsonl", "--number", "100", "--no-stream",
		"--no-test-connection", "--outputs-dir", "outputs", "--name", "run", "--no-timestamp",
		"--enable-progress-tracker", "--db-commit-interval", "20", "--log-every-n-query", "1000000",
		"--num-workers", "1", "--parallel", "8", "--warmup-num", "8",
		"--headers", "X-Api-Key=header", "X-Team=a b",
		"--total-timeout", "600", "--connect-timeout", "2",
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(string(out)), "\n")); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}

func TestCommandOfAnOpenLoop(t *testing.T) {
	s := spec.Spec{
		Model: "m", Target: spec.Target{URL: "http://h/v1/chat/completions"},
		Timeouts: spec.Timeouts{FirstToken: spec.Duration(3 * time.Second), Stall: spec.Duration(5 * time.Second), Request: spec.Duration(time.Minute)},
	}
	text := evalscope.Command(s, spec.Level{Rate: 12.5, Duration: spec.Duration(4 * time.Second)}, "b")
	for _, want := range []string{
		"--url http://h/v1/chat/completions ", "--open-loop", "--rate 12.5", "--duration 4 ", "--number 160 ",
		"--stream", "--total-timeout 60 ", "--read-timeout 5",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	for _, not := range []string{"--parallel", "--warmup-num", "--api-key", "--headers"} {
		if strings.Contains(text, not) {
			t.Errorf("has %q:\n%s", not, text)
		}
	}
}
