package evalscope_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/spec"
)

// waitFor polls until ok or the time is over.
func waitFor(t *testing.T, most time.Duration, ok func() bool) {
	t.Helper()
	deadline := time.After(most)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("not within %v", most)
		case <-tick.C:
		}
	}
}

// alive reports whether the process runs; a zombie does not.
func alive(pid int) bool {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}

// allGone waits until none of the n processes whose ids are in the file runs any more.
func allGone(t *testing.T, path string, n int, most time.Duration) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(raw))
	if len(words) != n {
		t.Fatalf("%d processes noted themselves, want %d", len(words), n)
	}
	for _, word := range words {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		waitFor(t, most, func() bool { return !alive(pid) })
	}
}

// children lists the processes whose working directory lies below dir.
func children(t *testing.T, dir string) []int {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && strings.HasPrefix(cwd, dir+"/") {
			if pid, err := strconv.Atoi(strings.Split(link, "/")[2]); err == nil && alive(pid) {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// runnerVariable makes the test binary play the runner that is killed; it holds work folder, URL and bodies.
const runnerVariable = "EVALSCOPE_TEST_RUNNER"

func TestMain(m *testing.M) {
	if arg := os.Getenv(runnerVariable); arg != "" {
		os.Exit(playRunner(strings.Split(arg, "|")))
	}
	withoutUV()
	os.Exit(m.Run())
}

// withoutUV takes uv off the path, so that the installs of these tests go the same way on every machine.
func withoutUV() {
	var keep []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, "uv")); err != nil {
			keep = append(keep, dir)
		}
	}
	os.Setenv("PATH", strings.Join(keep, string(filepath.ListSeparator)))
}

// playRunner starts evalscope and never gets to end it itself.
func playRunner(arg []string) int {
	ctx, cancel := signalContext()
	defer cancel()
	_, err := evalscope.Driver{Python: arg[0], WorkDir: arg[1]}.Run(ctx, evalscope.Job{
		Spec:   spec.Spec{Model: "mock", Target: spec.Target{URL: arg[2]}},
		Bodies: arg[3], Concurrency: 2, Requests: 100,
	})
	fmt.Println(err)
	return 1
}

func TestEvalscopeDiesWithItsRunner(t *testing.T) {
	t.Parallel()
	s := newTarget(t, nil)
	s.tokens = 100_000 // never done
	for _, stopped := range []bool{false, true} {
		t.Run(fmt.Sprintf("stopped=%v", stopped), func(t *testing.T) {
			t.Parallel()
			work := t.TempDir()
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			j := job(t, s, 2)
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), runnerVariable+"="+strings.Join([]string{realPython(t), work, s.URL + "/v1", j.Bodies}, "|"))
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			before := len(s.requests())
			waitFor(t, 30*time.Second, func() bool { return len(s.requests()) > before })
			pids := children(t, work)
			if len(pids) != 1 {
				t.Fatalf("evalscope processes %v, want one", pids)
			}
			if stopped { // it cannot even run its own watch
				if err := syscall.Kill(pids[0], syscall.SIGSTOP); err != nil {
					t.Fatal(err)
				}
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, 2*time.Second, func() bool { return !alive(pids[0]) })
			_ = cmd.Wait()
		})
	}
}

// TestShimDiesWhenItsInputCloses is the second string: it works where the kernel does not watch.
func TestShimDiesWhenItsInputCloses(t *testing.T) {
	t.Parallel()
	s := newTarget(t, nil)
	s.tokens = 100_000
	j := job(t, s, 2)
	cmd := exec.Command(realPython(t), "shim.py")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(in, `{"args": {"url": "%s/v1/chat/completions", "model": "mock", "dataset": "line_by_line", "dataset_path": %q,
		"number": 2, "parallel": 2, "no_test_connection": true, "outputs_dir": %q}}`+"\n", s.URL, j.Bodies, t.TempDir())
	in.Close()
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("ended with %v, want to be killed by itself", err)
	}
}
