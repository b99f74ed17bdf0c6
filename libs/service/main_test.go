package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"plimsoll.internal/libs/bus/bustest"
)

// output is a buffer several goroutines write.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// shell is one process under test.
type shell struct {
	process
	out, err output
	signals  chan os.Signal
	exited   chan int
}

func newShell(t *testing.T, env map[string]string, args ...string) *shell {
	t.Helper()
	all := map[string]string{"PLIMSOLL_DATA": t.TempDir(), "PLIMSOLL_INSTANCE": "one", "PLIMSOLL_LOG_FORMAT": "json"}
	for k, v := range env {
		all[k] = v
	}
	s := &shell{signals: make(chan os.Signal, 2), exited: make(chan int, 1)}
	s.process = process{
		args: args, env: func(k string) string { return all[k] }, stdout: &s.out, stderr: &s.err,
		signals: s.signals, exit: func(code int) { s.exited <- code },
	}
	return s
}

type nothing struct{}

func loadNothing(func(string) string) (nothing, error) { return nothing{}, nil }

func runNothing(context.Context, Deps, nothing) error { return nil }

func withBroker(t *testing.T) map[string]string {
	b := bustest.Start(t)
	return map[string]string{"PLIMSOLL_NATS_URL": b.URL(), "PLIMSOLL_NATS_CREDS": b.Credentials()}
}

func TestEveryFaultOfTheEnvironmentAtOnce(t *testing.T) {
	s := newShell(t, map[string]string{
		"PLIMSOLL_NATS_URL": "nonsense", "PLIMSOLL_NATS_CREDS": "/nowhere", "PLIMSOLL_HEALTH_ADDR": "8080",
		"PLIMSOLL_LOG_LEVEL": "loud", "PLIMSOLL_LOG_FORMAT": "xml", "PLIMSOLL_INSTANCE": "a b",
	})
	code := serve("probe", s.process, func(func(string) string) (nothing, error) {
		return nothing{}, errors.New("SLOTS must be 1 to 64")
	}, runNothing)
	if code != exitUsage {
		t.Errorf("exit %d, want %d", code, exitUsage)
	}
	for _, want := range []string{
		"PLIMSOLL_NATS_URL", "PLIMSOLL_NATS_CREDS", "PLIMSOLL_HEALTH_ADDR", "PLIMSOLL_LOG_LEVEL",
		"PLIMSOLL_LOG_FORMAT", "PLIMSOLL_INSTANCE", "SLOTS must be",
	} {
		if !strings.Contains(s.err.String(), want) {
			t.Errorf("%s is not named in:\n%s", want, s.err.String())
		}
	}
}

func TestArguments(t *testing.T) {
	tests := []struct {
		arg         string
		code        int
		out, stderr string
	}{
		{"--help", exitOK, "PLIMSOLL_NATS_URL", ""},
		{"--version", exitOK, "probe " + BuildVersion(), ""},
		{"--listen=x", exitUsage, "", "takes no arguments"},
	}
	for _, tt := range tests {
		s := newShell(t, nil, tt.arg)
		code := serve("probe", s.process, loadNothing, runNothing)
		if code != tt.code || !strings.Contains(s.out.String(), tt.out) || !strings.Contains(s.err.String(), tt.stderr) {
			t.Errorf("%s: exit %d, out %q, err %q", tt.arg, code, s.out.String(), s.err.String())
		}
	}
}

func TestErrorIsOneLine(t *testing.T) {
	s := newShell(t, withBroker(t))
	code := serve("probe", s.process, loadNothing, func(context.Context, Deps, nothing) error {
		return errors.Join(errors.New("open the hull"), errors.New("close the hull"))
	})
	lines := strings.Split(strings.TrimSpace(s.err.String()), "\n")
	if last := lines[len(lines)-1]; code != exitError || last != "probe: open the hull; close the hull" {
		t.Errorf("exit %d, last line %q", code, last)
	}
}

// TestLifeOfAProcess follows one process: starting, ready, stopping on the first signal, gone.
func TestLifeOfAProcess(t *testing.T) {
	s := newShell(t, withBroker(t))
	started, release, stopping := make(chan Deps), make(chan struct{}), make(chan struct{})
	ended := make(chan int, 1)
	go func() {
		ended <- serve("probe", s.process, loadNothing, func(ctx context.Context, d Deps, _ nothing) error {
			started <- d
			<-release
			d.Ready()
			<-ctx.Done()
			<-stopping
			return ctx.Err() // not an error: it was asked to stop
		})
	}()
	d := <-started
	if d.Instance != "probe/one" || d.Name != "probe" || !filepath.IsAbs(d.DataDir) || d.Bus == nil {
		t.Errorf("deps %+v", d)
	}
	base := "http://" + healthAddress(t, &s.err)
	awaitStatus(t, base+"/livez", http.StatusOK, "alive")
	awaitStatus(t, base+"/readyz", http.StatusServiceUnavailable, stateStarting)
	close(release)
	awaitStatus(t, base+"/readyz", http.StatusOK, stateReady)
	s.signals <- syscall.SIGTERM
	awaitStatus(t, base+"/readyz", http.StatusServiceUnavailable, stateStopping)
	close(stopping)
	if code := <-ended; code != exitOK {
		t.Errorf("exit %d, want 0: %s", code, s.err.String())
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	s := newShell(t, withBroker(t))
	started, hang, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		serve("probe", s.process, loadNothing, func(ctx context.Context, _ Deps, _ nothing) error {
			close(started)
			<-ctx.Done()
			s.signals <- os.Interrupt
			<-hang
			return nil
		})
	}()
	<-started
	s.signals <- os.Interrupt
	if code := <-s.exited; code != 130 {
		t.Errorf("exit %d, want 130", code)
	}
	close(hang)
	<-ended
}

func TestWaitsForTheBroker(t *testing.T) {
	b := bustest.Start(t)
	b.Stop()
	s := newShell(t, map[string]string{"PLIMSOLL_NATS_URL": b.URL(), "PLIMSOLL_NATS_CREDS": b.Credentials()})
	ended := make(chan int, 1)
	go func() {
		ended <- serve("probe", s.process, loadNothing, func(_ context.Context, d Deps, _ nothing) error { return d.Bus.Healthy(t.Context()) })
	}()
	awaitStatus(t, "http://"+healthAddress(t, &s.err)+"/readyz", http.StatusServiceUnavailable, stateStarting)
	b.Start()
	if code := <-ended; code != exitOK {
		t.Errorf("exit %d, want 0: %s", code, s.err.String())
	}
}

func TestStopsWhileWaitingForTheBroker(t *testing.T) {
	s := newShell(t, map[string]string{"PLIMSOLL_NATS_URL": "nats://127.0.0.1:1"})
	ended := make(chan int, 1)
	go func() { ended <- serve("probe", s.process, loadNothing, runNothing) }()
	healthAddress(t, &s.err)
	s.signals <- os.Interrupt
	if code := <-ended; code != exitOK {
		t.Errorf("exit %d, want 0: %s", code, s.err.String())
	}
}

func TestInstancesDiffer(t *testing.T) {
	a, b := defaultInstance(), defaultInstance()
	if a == b || !instancePattern.MatchString(a) {
		t.Errorf("got %q and %q", a, b)
	}
}

var addressPattern = regexp.MustCompile(`"health_addr":"([^"]+)"`)

// healthAddress waits until the log names the health port.
func healthAddress(t *testing.T, log *output) string {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		if m := addressPattern.FindStringSubmatch(log.String()); m != nil {
			return m[1]
		}
	}
	t.Fatalf("no health port is named: %s", log.String())
	return ""
}

func awaitStatus(t *testing.T, url string, code int, status string) {
	t.Helper()
	var got healthAnswer
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		res, err := http.Get(url) //nolint:noctx // a test
		if err != nil {
			continue
		}
		err = json.NewDecoder(res.Body).Decode(&got)
		_ = res.Body.Close()
		if err == nil && res.StatusCode == code && got.Status == status {
			return
		}
	}
	t.Fatalf("%s does not become %d %s, last %+v", url, code, status, got)
}
