package e2e

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"plimsoll.internal/cmd/allinone"
)

// platform is one running Plimsoll.
type platform struct {
	info allinone.Info
	stop func() error // ends it and reports how it ended
}

// services are the six, for a random start order.
var services = []string{"gateway", "auth", "prober", "runner", "reporter", "archiver"}

// startInProcess runs the whole platform in this process on a data folder, services in random order.
func startInProcess(t *testing.T, data string) *platform {
	t.Helper()
	return startWith(t, allinone.Config{DataDir: data, NATSListen: "127.0.0.1:0"})
}

// startWith is startInProcess with more chosen.
func startWith(t *testing.T, c allinone.Config) *platform {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	order := append([]string(nil), services...)
	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	t.Logf("start order: %v", order)
	c.Listen, c.RunnerSlots, c.EvalscopePython = "127.0.0.1:0", 2, evalscopePython(t)
	c.Version, c.Log, c.StartOrder = "e2e", testLog(t), order

	ready := make(chan allinone.Info, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- allinone.Run(ctx, c, func(i allinone.Info) { ready <- i })
	}()
	p := &platform{stop: func() error { cancel(); return <-ended }}
	select {
	case p.info = <-ready:
	case err := <-ended:
		t.Fatalf("platform ended before it was ready: %v", err)
	case <-time.After(30 * time.Second):
		cancel()
		t.Fatal("platform is not ready within 30 s")
	}
	t.Cleanup(func() { cancel() })
	return p
}

// evalscopePython is the interpreter `make evalscope` made.
func evalscopePython(t *testing.T) string {
	t.Helper()
	if p := os.Getenv("PLIMSOLL_EVALSCOPE_PYTHON"); p != "" {
		return p
	}
	p := filepath.Join(root(t), ".evalscope", "bin", "python")
	if _, err := os.Stat(p); err != nil {
		t.Fatalf("evalscope is not installed: run make evalscope (%v)", err)
	}
	return p
}

// root is the folder of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// testLog writes the platform's log to a file that is shown only when the test fails.
func testLog(t *testing.T) *slog.Logger {
	t.Helper()
	path := filepath.Join(t.TempDir(), "platform.log")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = f.Close()
		if t.Failed() {
			if log, err := os.ReadFile(path); err == nil {
				t.Logf("log of the platform:\n%s", tail(log, 16<<10))
			}
		}
	})
	return slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func tail(b []byte, n int) []byte {
	if len(b) > n {
		return b[len(b)-n:]
	}
	return b
}
