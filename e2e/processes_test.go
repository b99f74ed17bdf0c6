package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/db/dbtest"
)

// process is one program of the platform.
type process struct {
	name string
	cmd  *exec.Cmd
	log  *lockedBuffer
	done chan struct{}
	err  error
}

// cluster is Plimsoll as separate processes: nats-server, Postgres, six services, a simulated target.
type cluster struct {
	t      *testing.T
	bin    string
	data   string
	env    []string
	broker *bustest.Broker
	procs  map[string]*process
	url    string // of the gateway
	sim    string // base URL of the simulated target
}

// startCluster builds every program and starts them in random order.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, bin: buildAll(t), data: t.TempDir(), procs: map[string]*process{}}
	c.broker = bustest.StartProcess(t)
	web, sim := freeAddr(t), freeAddr(t)
	c.url, c.sim = "http://"+web, "http://"+sim+"/v1"
	c.env = append(os.Environ(),
		"PLIMSOLL_NATS_URL="+c.broker.URL(), "PLIMSOLL_NATS_CREDS="+c.broker.Credentials(), "PLIMSOLL_DATA="+c.data,
		"DATABASE_URL="+dbtest.Database(t), "PLIMSOLL_LISTEN="+web, "PLIMSOLL_SIMULATED_URL="+c.sim,
		"PLIMSOLL_EVALSCOPE_PYTHON="+evalscopePython(t), "PLIMSOLL_LOG_LEVEL=debug")
	c.start("llmsim", "llmsim", "-addr", sim)
	order := append([]string(nil), services...)
	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	t.Logf("start order: %v", order)
	for _, name := range order {
		c.start(name, name)
	}
	c.awaitReady()
	return c
}

// buildAll builds the programs once per test binary.
func buildAll(t *testing.T) string {
	t.Helper()
	dir, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// built is the folder of the programs, empty before the first test needs them.
var built string

var programs = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "plimsoll-e2e-bin-")
	if err != nil {
		return "", err
	}
	built = dir
	targets := []string{"plimsoll.internal/cmd/plimsoll", "plimsoll.internal/cmd/llmsim"}
	for _, s := range services {
		targets = append(targets, "plimsoll.internal/services/"+s+"/cmd/"+s)
	}
	for _, target := range targets {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, filepath.Base(target)), target)
		if out, err := build.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build %s: %w\n%s", target, err, out)
		}
	}
	return dir, nil
})

// start runs one program under a name; it is killed at the end of the test at the latest.
func (c *cluster) start(name, program string, args ...string) *process {
	c.t.Helper()
	p := &process{name: name, log: &lockedBuffer{}, done: make(chan struct{})}
	p.cmd = exec.Command(filepath.Join(c.bin, program), args...)
	p.cmd.Env = append(c.env[:len(c.env):len(c.env)], "PLIMSOLL_INSTANCE="+name)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		c.t.Fatalf("start %s: %v", name, err)
	}
	go func() { p.err = p.cmd.Wait(); close(p.done) }()
	c.procs[name] = p
	c.t.Cleanup(func() {
		p.kill()
		if c.t.Failed() {
			c.t.Logf("log of %s:\n%s", name, tail(p.log.bytes(), 6<<10))
		}
	})
	return p
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// interrupt asks the process to stop and returns how it ended.
func (p *process) interrupt(within time.Duration) error {
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-p.done:
		return p.err
	case <-time.After(within):
		p.kill()
		return fmt.Errorf("%s did not stop within %v", p.name, within)
	}
}

// awaitReady waits until the gateway and everything behind it answer.
func (c *cluster) awaitReady() {
	c.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for time.Now().Before(deadline) {
		ctx, cancel := context.WithTimeout(c.t.Context(), time.Second)
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/readyz", nil)
		res, err := http.DefaultClient.Do(req)
		cancel()
		if err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode == http.StatusOK && c.bootstrapToken() != "" {
				return
			}
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-c.t.Context().Done():
			return
		}
	}
	c.t.Fatal("the services are not ready within 60 s")
}

func (c *cluster) bootstrapToken() string {
	token, err := os.ReadFile(filepath.Join(c.data, "bootstrap-token"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(token))
}

// TestOneTestAsProcesses tells the same story with six processes, a separate broker and Postgres.
func TestOneTestAsProcesses(t *testing.T) {
	t.Parallel()
	c := startCluster(t)
	u := register(t, c.url, c.bootstrapToken())
	story(t, u)
	t.Run("killed broker", func(t *testing.T) { killedBroker(t, c, u) })
	t.Run("killed runner", func(t *testing.T) { killedRunner(t, c, u) })
	for _, name := range services {
		if err := c.procs[name].interrupt(15 * time.Second); err != nil {
			t.Errorf("stop %s: %v", name, err)
		}
	}
}

// killedRunner kills the runner in the middle of a test: another runner finishes it, with one result.
func killedRunner(t *testing.T, c *cluster, u *user) {
	spec := with(with(with(demoSpec(), "concurrency", []int{1}), "loop", 4), "requests", 20)
	asked := u.run(spec)
	u.await(asked.ID, 60*time.Second, "measuring its second loop", func(x test) bool { return len(x.Levels) >= 1 })
	c.procs["runner"].kill()
	c.start("runner-2", "runner")
	c.procs["runner"] = c.procs["runner-2"]
	done := u.awaitFinal(asked.ID, 3*time.Minute)
	if done.State != "succeeded" || done.Attempt != 2 || len(done.Levels) != 4 {
		t.Errorf("state %s, attempt %d, %d levels; want succeeded by the second attempt with 4: %+v",
			done.State, done.Attempt, len(done.Levels), done.Failure)
	}
	checkEndedOnce(t, u, asked.ID, 4)
}

// killedBroker kills the broker in the middle of a test, as a power cut would, and starts it again: the
// test ends once.
func killedBroker(t *testing.T, c *cluster, u *user) {
	asked := u.run(with(with(with(demoSpec(), "concurrency", []int{1}), "loop", 2), "requests", 20))
	u.await(asked.ID, 60*time.Second, "running", func(x test) bool { return x.State == "running" })
	c.broker.Kill()
	c.broker.Start()
	done := u.awaitFinal(asked.ID, 3*time.Minute)
	if done.State != "succeeded" || len(done.Levels) != 2 {
		t.Errorf("state %s with %d levels, want succeeded with 2: %+v", done.State, len(done.Levels), done.Failure)
	}
	checkEndedOnce(t, u, asked.ID, 2)
}

// checkEndedOnce looks at the events of a test that was disturbed: nothing is lost, nothing there twice.
func checkEndedOnce(t *testing.T, u *user, id string, loops int) {
	t.Helper()
	counts := map[string]int{}
	for _, k := range u.kinds(id) {
		counts[k]++
	}
	if counts["measured"] != 1 || counts["reported"] != 1 || counts["level_done"] != loops {
		t.Errorf("events %v, want one measured, one reported, %d level_done", counts, loops)
	}
}

// freeAddr finds a port nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// lockedBuffer collects output written by a process.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
