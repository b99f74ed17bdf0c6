package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSubscriber runs the example other systems start from: it prints the public events of a test and
// downloads its workbook with the read-only credentials.
func TestSubscriber(t *testing.T) {
	t.Parallel()
	data, out := t.TempDir(), t.TempDir()
	p := startInProcess(t, data)
	u := register(t, p.info.URL, p.info.BootstrapToken)

	bin := filepath.Join(t.TempDir(), "subscriber")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Dir = filepath.Join(root(t), "examples", "subscriber")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, text)
	}
	log := &lockedBuffer{}
	cmd := exec.Command(bin, "-url", p.info.SubscriberURL, "-creds", p.info.Subscriber, "-out", out)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })

	done := u.awaitFinal(u.run(with(demoSpec(), "loop", 1)).ID, 2*time.Minute)
	if done.State != "succeeded" {
		t.Fatalf("state %s: %+v", done.State, done.Failure)
	}
	want := u.do("GET", "/api/v1/tests/"+done.ID+"/report.xlsx", nil).body
	for deadline := time.Now().Add(10 * time.Second); ; {
		files, _ := filepath.Glob(filepath.Join(out, "*.xlsx"))
		if len(files) == 1 {
			if got, err := os.ReadFile(files[0]); err == nil && string(got) == string(want) {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the subscriber has not got the workbook: %v\n%s", files, log.bytes())
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
	u.archive(done.ID)
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(string(log.bytes()), "archived"); {
		if time.Now().After(deadline) {
			t.Fatalf("the subscriber was not told of archived:\n%s", log.bytes())
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
