package evalscope

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll.internal/libs/evalscope/internal/output"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
)

func TestFailedClass(t *testing.T) {
	trace := func(last string) string { return "Traceback (most recent call last):\n  File \"x\"\n" + last }
	tests := []struct {
		name string
		in   failed
		want failure.Class
	}{
		{"500", failed{Status: 500, Error: "engine died"}, failure.ServerError},
		{"401", failed{Status: 401}, failure.Auth},
		{"429", failed{Status: 429}, failure.RateLimited},
		{"too long", failed{Status: 400, Error: `{"message": "maximum context length is 4096"}`}, failure.ContextLength},
		{"error event in a 200", failed{Error: `{"error": {"message": "worker lost"}}`, Output: true}, failure.ServerError},
		{"refused", failed{Error: trace("ConnectionRefusedError: [Errno 111] Connect call failed")}, failure.ConnectRefused},
		{"no such host", failed{Error: trace("aiohttp.client_exceptions.ClientConnectorDNSError: Cannot connect")}, failure.DNS},
		{"certificate", failed{Error: trace("aiohttp.client_exceptions.ClientConnectorCertificateError: x")}, failure.TLS},
		{"connect timeout", failed{Error: trace("aiohttp.client_exceptions.ConnectionTimeoutError: Connection timeout to host")}, failure.ConnectTimeout},
		{"no first token", failed{Error: trace("aiohttp.client_exceptions.SocketTimeoutError: Timeout on reading data from socket")}, failure.FirstTokenTimeout},
		{"stalled", failed{Error: trace("aiohttp.client_exceptions.SocketTimeoutError: Timeout on reading data from socket"), Output: true}, failure.StallTimeout},
		{"total", failed{Error: trace("TimeoutError")}, failure.TotalTimeout},
		{"cut", failed{Error: trace("aiohttp.client_exceptions.ClientPayloadError: Response payload is not completed")}, failure.StreamTruncated},
		{"hung up", failed{Error: trace("aiohttp.client_exceptions.ServerDisconnectedError: Server disconnected")}, failure.StreamTruncated},
		{"files", failed{Error: trace("OSError: [Errno 24] Too many open files")}, failure.ClientResource},
		{"odd stream", failed{Error: trace("AttributeError: 'list' object has no attribute 'get'")}, failure.BadStream},
		{"nothing known", failed{}, failure.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.in.class(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestExplainJoinsByStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "failed.jsonl")
	text := `{"start": 2130.592910797, "status": 500, "error": "no sk-canary here\nmore", "output": false}` + "\n" + `{"start": 21`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	known, err := readFailed(path)
	if err != nil || len(known) != 1 {
		t.Fatalf("%v, %v: want the one whole line", known, err)
	}
	rows := []output.Row{{Start: 1, OK: true}, {Start: 2130.592910797}, {Start: 2130.592910798}}
	samples := []metrics.Sample{{OK: true}, {}, {}}
	explain(samples, rows, known, "sk-canary")
	if s := samples[0]; s.Class != "" || s.Error != "" {
		t.Errorf("success was explained: %+v", s)
	}
	if s := samples[1]; s.Class != "server_error" || s.Status != 500 || s.Error != "no *** here" {
		t.Errorf("got %+v", s)
	}
	if s := samples[2]; s.Class != "unknown" || s.Status != 0 {
		t.Errorf("another start was joined: %+v", s)
	}
	if none, err := readFailed(path + ".none"); none != nil || err != nil {
		t.Errorf("missing file: %v, %v", none, err)
	}
}

// recordedRuns holds what evalscope really printed.
const recordedRuns = "internal/output/testdata/runs"

func TestRecordedEndings(t *testing.T) {
	tests := []struct {
		run  string
		want failure.Class
		say  string
	}{
		{"1.14.1/no_usage", failure.BadStream, "token counts"},
		{"1.14.1/bad_lists", failure.GeneratorCrashed, "The length of number and parallel"},
		{"1.14.1/random_notok", failure.GeneratorCrashed, "Tokenizer path is required"},
		{"1.14.1/refused_preflight", failure.GeneratorCrashed, "Test connection failed"},
		{"1.14.1/tqdm_off", failure.GeneratorCrashed, "TqdmLogging"},
		{"1.10.0/bad_lists", failure.GeneratorCrashed, "The length of number and parallel"},
	}
	for _, tt := range tests {
		t.Run(tt.run, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(recordedRuns, tt.run, "stderr.txt"))
			if err != nil {
				t.Fatal(err)
			}
			log := newTail()
			log.Write(raw)
			f := (&run{version: "1.14.1"}).crashed(ending{exit: "exit status 1"}, log.String(), "left no summary")
			if f.Class != tt.want || !strings.Contains(f.Message, tt.say) || f.Advice.EN == "" || f.Advice.ZH == "" {
				t.Errorf("got %v, want %s about %q", f, tt.want, tt.say)
			}
		})
	}
}

func TestRecordedTracebacks(t *testing.T) {
	tests := []struct {
		run  string
		want failure.Class
	}{
		{"1.14.1/cut", failure.StreamTruncated},
		{"1.10.0/cut", failure.StreamTruncated},
		{"1.14.1/err_all", failure.Unknown},
	}
	for _, tt := range tests {
		t.Run(tt.run, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(recordedRuns, tt.run, "stderr.txt"))
			if err != nil {
				t.Fatal(err)
			}
			if got := ofTraceback(string(raw), true); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
