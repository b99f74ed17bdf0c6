package bus_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

// The example is built as other systems would build it, and hears of a test before and after a restart.
func TestExampleSubscriber(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "subscriber")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".")
	build.Dir = filepath.Join("..", "..", "examples", "subscriber")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	broker := bustest.Start(t)
	b := broker.Connect(t, "reporter")
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), binary, "-url", broker.URL(), "-creds", broker.SubscriberCredentials(), "-out", dir)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for _, name := range []string{"result_1.xlsx", "../result_2.xlsx"} {
		data := randomBytes(1 << 20)
		o := put(t, b.Bucket(events.BucketReports), name, data)
		p := events.Public{TestID: newID(t), Kind: events.KindReported, Artifacts: []events.Artifact{{Name: name, Kind: "workbook", Object: o}}}
		if err := b.PublishPublic(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() && !strings.Contains(lines.Text(), "workbook "+name) {
		}
		if !strings.HasSuffix(lines.Text(), "error <nil>") {
			t.Errorf("it says %q", lines.Text())
		}
		if got, err := os.ReadFile(filepath.Join(dir, filepath.Base(name))); err != nil || !bytes.Equal(got, data) {
			t.Errorf("workbook %s: %d bytes, %v", name, len(got), err)
		}
		broker.Restart(t)
	}
}
