package preflight

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/llmsim"
	"plimsoll.internal/libs/spec"
)

// python stands for an environment with evalscope: a script that answers as the interpreter does when it
// is asked what is installed.
func python(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	script := "#!/bin/sh\necho '{\"python\":\"3.11.0\",\"evalscope\":\"" + version + "\",\"missing\":[]}'\n"
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func wanted(url string) spec.Spec {
	seed, retries := int64(7), 0
	s := spec.Spec{
		Model: "m", Target: spec.Target{URL: url},
		InputLength: spec.Length{Min: 128, Max: 128}, OutputLength: spec.Length{Min: 32, Max: 32},
		Concurrency: spec.Concurrency{Levels: []int{1, 4}}, Prompts: spec.Prompts{Seed: &seed}, Retries: &retries,
	}
	s.Timeouts = spec.Timeouts{
		Connect: spec.Duration(3 * time.Second), FirstToken: spec.Duration(3 * time.Second),
		Stall: spec.Duration(3 * time.Second), Request: spec.Duration(20 * time.Second),
	}
	return s.WithDefaults()
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return web.URL + "/v1"
}

func run(t *testing.T, s spec.Spec, key string) (Result, []string) {
	t.Helper()
	var seen []string
	r := Run(t.Context(), Input{
		Spec: s, Progress: func(c string) { seen = append(seen, c) },
		Machine: Machine{Python: python(t, "1.14.1"), DataDir: t.TempDir(), Credential: func(string) (string, error) {
			if key == "" {
				return "", errors.New("credential does not exist")
			}
			return key, nil
		}},
	})
	return r, seen
}

func status(r Result, name string) events.Check {
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	return events.Check{}
}

func TestEverythingInOrder(t *testing.T) {
	sim := llmsim.New(llmsim.Profile{TTFT: 20 * time.Millisecond, Models: []string{"m"}, APIKey: "sk-right"})
	s := wanted(serve(t, sim))
	s.Target.Credential = "cred_a"
	r, seen := run(t, s, "sk-right")
	if r.Failure != nil {
		t.Fatal(r.Failure)
	}
	if len(r.Checks) != 12 || len(seen) != 12 {
		t.Errorf("%d checks, %d ticks, want 12: %v", len(r.Checks), len(seen), seen)
	}
	for _, c := range r.Checks {
		want := events.CheckOK
		if c.Name == "tls" {
			want = events.CheckSkipped
		}
		if c.Status != want {
			t.Errorf("%s is %s, want %s: %s", c.Name, c.Status, want, c.Detail)
		}
		if strings.Contains(c.Detail, "sk-right") {
			t.Errorf("%s tells the key: %s", c.Name, c.Detail)
		}
	}
	if r.Prompt.Measured != 128 || r.Prompt.Source != "usage" || r.Prompt.Seed != 7 || len(r.Warnings) != 0 {
		t.Errorf("prompt %+v, warnings %v", r.Prompt, r.Warnings)
	}
	if n := sim.Totals().Requests; n > 1+mostRequests {
		t.Errorf("%d requests were sent", n)
	}
}

func TestWhatStopsTheTest(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	plain := llmsim.New(llmsim.Profile{})
	secure := httptest.NewTLSServer(plain)
	t.Cleanup(secure.Close)
	always := func(f llmsim.Fault) http.Handler {
		return llmsim.New(llmsim.Profile{Faults: llmsim.Faults{Share: map[llmsim.Fault]float64{f: 1}}})
	}
	for _, tc := range []struct {
		name  string
		spec  func() spec.Spec
		key   string
		check string
		class failure.Class
		says  string
	}{
		{"target down", func() spec.Spec { return wanted(closed.URL) }, "", "tcp", failure.ConnectRefused, "refused"},
		{"wrong host", func() spec.Spec { return wanted("http://no-such-host.invalid/v1") }, "", "dns", failure.DNS, "no-such-host"},
		{"self-signed", func() spec.Spec { return wanted(secure.URL + "/v1") }, "", "tls", failure.TLS, "certificate"},
		{"certificate for another name", func() spec.Spec {
			return wanted(strings.Replace(secure.URL, "127.0.0.1", "localhost", 1) + "/v1")
		}, "", "tls", failure.TLS, "not localhost"},
		{"TLS asked of a plain port", func() spec.Spec {
			return wanted(strings.Replace(serve(t, plain), "http:", "https:", 1))
		}, "", "tls", failure.TLS, ""},
		{"key missing", func() spec.Spec {
			return wanted(serve(t, llmsim.New(llmsim.Profile{APIKey: "k"})))
		}, "", "auth", failure.Auth, "target.credential is empty"},
		{"key wrong", func() spec.Spec {
			s := wanted(serve(t, llmsim.New(llmsim.Profile{APIKey: "k"})))
			s.Target.Credential = "cred_a"
			return s
		}, "sk-wrong", "auth", failure.Auth, "does not accept the key of cred_a"},
		{"credential missing", func() spec.Spec {
			s := wanted(serve(t, plain))
			s.Target.Credential = "cred_a"
			return s
		}, "", "auth", failure.Auth, "does not exist"},
		{"key without the right", func() spec.Spec {
			return wanted(serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) })))
		}, "", "auth", failure.Auth, "may not use this"},
		{"certificate not to be verified", func() spec.Spec {
			s, no := wanted(secure.URL+"/v1"), false
			s.Target.TLSVerify = &no
			return s
		}, "", "generator", failure.BadRequest, "always verifies"},
		{"wrong model", func() spec.Spec {
			return wanted(serve(t, llmsim.New(llmsim.Profile{Models: []string{"a", "b"}})))
		}, "", "model", failure.NotFound, "it offers 2: a, b"},
		{"500", func() spec.Spec { return wanted(serve(t, always(llmsim.FaultServerError))) }, "", "request", failure.ServerError, "HTTP 500"},
		{"429", func() spec.Spec { return wanted(serve(t, always(llmsim.FaultRateLimit))) }, "", "request", failure.RateLimited, "HTTP 429"},
		{"stream cut", func() spec.Spec { return wanted(serve(t, always(llmsim.FaultCut))) }, "", "request", failure.StreamTruncated, ""},
		{"error in the stream", func() spec.Spec { return wanted(serve(t, always(llmsim.FaultErrorEvent))) }, "", "request", failure.ServerError, "inside its answer"},
		{"garbage", func() spec.Spec { return wanted(serve(t, always(llmsim.FaultGarbage))) }, "", "request", failure.BadStream, "not JSON"},
		{"empty answer", func() spec.Spec { return wanted(serve(t, always(llmsim.FaultEmpty))) }, "", "request", failure.EmptyOutput, ""},
		{"too slow", func() spec.Spec {
			s := wanted(serve(t, always(llmsim.FaultNoneAnswered)))
			s.Timeouts.FirstToken = spec.Duration(100 * time.Millisecond)
			return s
		}, "", "request", failure.FirstTokenTimeout, "100ms"},
		{"stall", func() spec.Spec {
			s := wanted(serve(t, always(llmsim.FaultStall)))
			s.Timeouts.Stall = spec.Duration(100 * time.Millisecond)
			return s
		}, "", "request", failure.StallTimeout, "100ms"},
		{"no usage", func() spec.Spec { return wanted(serve(t, always(llmsim.FaultNoUsage))) }, "", "tokens", failure.BadStream, "does not report usage"},
		{"context too small for the prompt", func() spec.Spec {
			return wanted(serve(t, llmsim.New(llmsim.Profile{Context: 100})))
		}, "", "prompt", failure.ContextLength, "greatest possible input_length is 68"},
		{"context too small for the answer with it", func() spec.Spec {
			return wanted(serve(t, llmsim.New(llmsim.Profile{Context: 140})))
		}, "", "prompt", failure.ContextLength, "greatest possible input_length is 108"},
		{"shorter than the template", func() spec.Spec {
			s := wanted(serve(t, plain))
			s.InputLength = spec.Length{Min: 3, Max: 3}
			return s
		}, "", "prompt", failure.BadRequest, "are 8 tokens already"},
		{"a web page", func() spec.Spec {
			return wanted(serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = fmt.Fprint(w, "<html>")
			})))
		}, "", "request", failure.BadStream, "<html>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, _ := run(t, tc.spec(), tc.key)
			if r.Failure == nil {
				t.Fatalf("nothing was found wrong: %+v", r.Checks)
			}
			c := status(r, tc.check)
			if c.Status != events.CheckFailed || c.Class != tc.class || c.Advice == nil || c.Advice.ZH == "" {
				t.Errorf("check %s: %+v, want failed with class %s and advice", tc.check, c, tc.class)
			}
			if r.Failure.Class != tc.class || !strings.Contains(r.Failure.Message, tc.says) {
				t.Errorf("failure %v, want class %s and %q", r.Failure, tc.class, tc.says)
			}
			last := r.Checks[len(r.Checks)-1]
			if len(r.Checks) != len(checks) || last.Status != events.CheckSkipped {
				t.Errorf("the rest is not skipped: %+v", last)
			}
		})
	}
}

func TestWhatIsWorthAWarning(t *testing.T) {
	for _, tc := range []struct {
		name, check, says string
		spec              func() spec.Spec
	}{
		{"wrong model answers", "request", `answers as "another-model"`, func() spec.Spec {
			return wanted(serve(t, llmsim.New(llmsim.Profile{Faults: llmsim.Faults{At: map[int]llmsim.Fault{0: llmsim.FaultWrongModel}}})))
		}},
		{"lengths not honoured", "tokens", "asked for exactly 8 tokens of output, got 4", func() spec.Spec {
			return wanted(serve(t, llmsim.New(llmsim.Profile{Faults: llmsim.Faults{At: map[int]llmsim.Fault{0: llmsim.FaultShortAnswer}}})))
		}},
		{"strict about fields", "request", "refuses min_tokens and ignore_eos", func() spec.Spec {
			sim := llmsim.New(llmsim.Profile{})
			return wanted(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || bytes.Contains(body, []byte("ignore_eos")) || bytes.Contains(body, []byte("min_tokens")) {
					http.Error(w, `{"error":{"message":"Unrecognized request argument supplied: ignore_eos"}}`, http.StatusBadRequest)
					return
				}
				r.Body = io.NopCloser(bytes.NewReader(body))
				sim.ServeHTTP(w, r)
			})))
		}},
		{"no list of models", "model", "no readable list", func() spec.Spec {
			sim := llmsim.New(llmsim.Profile{})
			return wanted(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/models") {
					http.NotFound(w, r)
					return
				}
				sim.ServeHTTP(w, r)
			})))
		}},
		{"clock", "clock", "server's clock is +60", func() spec.Spec {
			return wanted(serve(t, llmsim.New(llmsim.Profile{ClockSkew: time.Minute})))
		}},
		{"fixed text of another length", "prompt", "the fixed text is 10 tokens", func() spec.Spec {
			s := wanted(serve(t, llmsim.New(llmsim.Profile{})))
			s.Prompts.Source, s.Prompts.Text = spec.SourceText, "one two three"
			return s
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, _ := run(t, tc.spec(), "")
			c := status(r, tc.check)
			if r.Failure != nil || c.Status != events.CheckWarning || !strings.Contains(c.Detail, tc.says) {
				t.Errorf("check %+v, failure %v, want a warning with %q", c, r.Failure, tc.says)
			}
			if len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], tc.check+": ") {
				t.Errorf("warnings %q", r.Warnings)
			}
		})
	}
}

func TestTransientFailuresAreTriedAgain(t *testing.T) {
	sim := llmsim.New(llmsim.Profile{Faults: llmsim.Faults{At: map[int]llmsim.Fault{0: llmsim.FaultServerError}}})
	s := wanted(serve(t, sim))
	two := 2
	s.Retries = &two
	r, _ := run(t, s, "")
	if c := status(r, "request"); r.Failure != nil || c.Status != events.CheckOK || !strings.Contains(c.Detail, "after 2 tries") {
		t.Errorf("%+v %v, want ok at the second try", c, r.Failure)
	}
	if c := status(r, "request"); c.DurationMs < 500 {
		t.Errorf("the second try came after %.0f ms, want the back-off of 500 ms", c.DurationMs)
	}
}

func TestCancelledLookEndsAtOnce(t *testing.T) {
	s := wanted(serve(t, llmsim.New(llmsim.Profile{TTFT: time.Hour})))
	s.Timeouts.FirstToken = spec.Duration(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	r := Run(ctx, Input{
		Spec: s, Machine: Machine{Python: "python", DataDir: t.TempDir()},
		Progress: func(c string) {
			if c == "request" {
				cancel()
			}
		},
	})
	if r.Failure == nil || r.Failure.Class != failure.Cancelled {
		t.Errorf("%v, want cancelled", r.Failure)
	}
}

func TestGenerator(t *testing.T) {
	for _, tc := range []struct {
		name, python string
		want         events.CheckStatus
		says         string
	}{
		{"there", python(t, "1.14.1"), events.CheckOK, "evalscope 1.14.1"},
		{"older", python(t, "1.10.0"), events.CheckWarning, "figures wrong"},
		{"too old", python(t, "1.0.2"), events.CheckFailed, "too old"},
		{"no interpreter", "/does/not/exist", events.CheckFailed, "/does/not/exist"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := Input{Spec: wanted("http://a/v1"), Machine: Machine{Python: tc.python}}
			v := generator(t.Context(), &look{Input: in, installed: askInstalled(t.Context(), in)})
			text := v.detail
			if v.failure != nil {
				text = v.failure.Message
				if v.failure.Class != failure.GeneratorMissing {
					t.Errorf("class %s", v.failure.Class)
				}
			}
			if v.status != tc.want || !strings.Contains(text, tc.says) {
				t.Errorf("%s %q, want %s %q", v.status, text, tc.want, tc.says)
			}
		})
	}
}

func TestMachine(t *testing.T) {
	for _, tc := range []struct {
		name string
		got  verdict
		want events.CheckStatus
	}{
		{"room", judgeSpace(10<<30, "d"), events.CheckOK},
		{"little room", judgeSpace(500<<20, "d"), events.CheckWarning},
		{"no room", judgeSpace(50<<20, "d"), events.CheckFailed},
		{"files", judgeFiles(4096, 1000), events.CheckOK},
		{"too few files", judgeFiles(1024, 1000), events.CheckFailed},
	} {
		if tc.got.status != tc.want {
			t.Errorf("%s: %+v, want %s", tc.name, tc.got, tc.want)
		}
	}
	if _, err := freeSpace(filepath.Join(t.TempDir(), "no")); err == nil {
		t.Error("free space of a folder that does not exist")
	}
}

func TestDNSOfAddresses(t *testing.T) {
	for url, want := range map[string]string{
		"http://127.0.0.1:8000/v1": "127.0.0.1:8000", "https://127.0.0.1/v1": "127.0.0.1:443",
		"http://[::1]/v1": net.JoinHostPort("::1", "80"),
	} {
		l := &look{Input: Input{Spec: wanted(url)}}
		if v := dns(t.Context(), l); v.status != events.CheckOK || l.address != want {
			t.Errorf("%s: %+v, address %s, want %s", url, v, l.address, want)
		}
	}
}
