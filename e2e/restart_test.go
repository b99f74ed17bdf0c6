package e2e

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"plimsoll.internal/cmd/allinone"
)

// secondStart tries the data folder of a running platform.
func secondStart(t *testing.T, data string) {
	err := allinone.Run(t.Context(), allinone.Config{
		DataDir: data, Listen: "127.0.0.1:0", NATSListen: "off", RunnerSlots: 1, Log: testLog(t),
	}, nil)
	if err == nil || !strings.Contains(err.Error(), data) {
		t.Errorf("second start on %s: got %v, want a refusal that names the folder", data, err)
	}
}

// TestUpKilledAndStartedAgain kills `plimsoll up` in the middle of a test: the next start takes the test
// up and ends it once. Then Ctrl-C stops cleanly, and everything is there after another start.
func TestUpKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	first := startUp(t, data)
	u := register(t, first.url, first.token(t))
	asked := u.run(with(with(with(demoSpec(), "concurrency", []int{1}), "loop", 3), "requests", 20))
	u.await(asked.ID, 60*time.Second, "measuring its second loop", func(x test) bool { return len(x.Levels) >= 1 })
	first.kill()

	second := startUp(t, data)
	u.base = second.url
	done := u.awaitFinal(asked.ID, 3*time.Minute)
	if done.State != "succeeded" || len(done.Levels) != 3 {
		t.Fatalf("state %s with %d levels, want succeeded with 3: %+v", done.State, len(done.Levels), done.Failure)
	}
	checkEndedOnce(t, u, asked.ID, 3)

	// Ctrl-C in the middle of another test hands it back.
	again := u.run(with(with(demoSpec(), "requests", 200), "concurrency", []int{1}))
	u.await(again.ID, 60*time.Second, "running", func(x test) bool { return x.State == "running" })
	if err := second.interrupt(15 * time.Second); err != nil {
		t.Fatalf("Ctrl-C: %v\n%s", err, tail(second.log.bytes(), 4<<10))
	}
	third := startUp(t, data)
	u.base = third.url
	if got := u.get(asked.ID); got.State != "succeeded" {
		t.Errorf("after another start the test is %s, want succeeded", got.State)
	}
	if got := u.awaitFinal(again.ID, 3*time.Minute); got.State != "succeeded" {
		t.Errorf("the test in hand at Ctrl-C ended %s: %+v", got.State, got.Failure)
	}
	if err := third.interrupt(15 * time.Second); err != nil {
		t.Errorf("Ctrl-C when idle: %v", err)
	}
}

// up is one `plimsoll up`.
type up struct {
	*process
	url  string
	data string
}

// startUp runs the real binary on a data folder and waits until it says where it listens.
func startUp(t *testing.T, data string) *up {
	t.Helper()
	bin := filepath.Join(buildAll(t), "plimsoll")
	p := &process{name: "plimsoll up", log: &lockedBuffer{}, done: make(chan struct{})}
	p.cmd = exec.Command(bin, "up", "--data", data, "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0",
		"--evalscope-python", evalscopePython(t))
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start plimsoll up: %v", err)
	}
	found := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			_, _ = p.log.Write(append(lines.Bytes(), '\n'))
			if url := urlIn(lines.Bytes()); url != "" {
				select {
				case found <- url:
				default:
				}
			}
		}
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("log of plimsoll up:\n%s", tail(p.log.bytes(), 8<<10))
		}
	})
	select {
	case url := <-found:
		return &up{process: p, url: url, data: data}
	case <-p.done:
		t.Fatalf("plimsoll up ended: %v", p.err)
	case <-time.After(30 * time.Second):
		t.Fatal("plimsoll up says no address within 30 s")
	}
	return nil
}

// urlIn finds the address of the UI in a line of output.
func urlIn(line []byte) string {
	i := bytes.Index(line, []byte("http://127.0.0.1:"))
	if i < 0 {
		return ""
	}
	url, _, _ := strings.Cut(strings.TrimSpace(string(line[i:])), " ")
	base := strings.SplitN(strings.TrimPrefix(url, "http://"), "/", 2)[0]
	return "http://" + base
}

func (u *up) token(t *testing.T) string {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(u.data, "bootstrap-token"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(token))
}
