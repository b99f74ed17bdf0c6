package workbook_test

import (
	"bufio"
	"errors"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/samples"
	"plimsoll.internal/services/reporter/internal/workbook"
)

const (
	manyRequests = 100_000
	maxMemory    = 200 << 20 // bytes resident, of the whole process
	// childRaw names the raw file to a child process that writes the workbook and nothing else.
	childRaw = "PLIMSOLL_TEST_RAW"
)

// TestManyRequestsInLittleMemory writes 100,000 requests in a process of its own and looks at the most
// memory it ever held.
func TestManyRequestsInLittleMemory(t *testing.T) {
	if raw := os.Getenv(childRaw); raw != "" {
		beChild(t, raw)
		return
	}
	took, peak := newMeasure(t).run(t)
	t.Logf("%d requests: %s, %d MiB at most", manyRequests, took.Round(time.Millisecond), peak>>20)
	if peak > maxMemory {
		t.Errorf("%d MiB of memory, want at most %d", peak>>20, maxMemory>>20)
	}
}

// BenchmarkWorkbook measures the same; peak_MiB is the most memory the process ever held.
func BenchmarkWorkbook(b *testing.B) {
	m := newMeasure(b)
	for b.Loop() {
		took, peak := m.run(b)
		b.ReportMetric(took.Seconds(), "s/workbook")
		b.ReportMetric(float64(peak>>20), "peak_MiB")
	}
}

// measure is a build of these very tests without the race detector, whose shadow memory is not the
// workbook's, and a raw file to write the workbook of.
type measure struct{ program, raw string }

func newMeasure(t testing.TB) measure {
	t.Helper()
	m := measure{program: filepath.Join(t.TempDir(), "child"), raw: filepath.Join(t.TempDir(), "raw.parquet")}
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", m.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the child: %v\n%s", err, out)
	}
	m.run(t) // the first life writes the raw file
	return m
}

func (m measure) run(t testing.TB) (took time.Duration, peak int64) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), m.program, "-test.run=^TestManyRequestsInLittleMemory$")
	cmd.Env = append(os.Environ(), childRaw+"="+m.raw)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("this system does not tell how much memory a process used")
	}
	return time.Since(began), usage.Maxrss << 10
}

// beChild writes the raw file, or the workbook once there is one.
func beChild(t *testing.T, raw string) {
	if _, err := os.Stat(raw); err != nil {
		writeRaw(t, raw)
		return
	}
	writeMany(t, raw)
}

// writeRaw writes the raw file as the runner would.
func writeRaw(t *testing.T, path string) {
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	buffered := bufio.NewWriter(f)
	w := samples.NewWriter(buffered)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range manyRequests {
		if err := w.Write([]metrics.Sample{sample(r, i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), buffered.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func writeMany(t *testing.T, raw string) {
	in, err := os.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		t.Fatal(err)
	}
	r := reportOf("m", []step{{0, 0, 64, 0}}, [][]metrics.Sample{nil})
	failed := manyRequests / 20
	r.Levels[0].Requests = metrics.Requests{Asked: manyRequests, Total: manyRequests, OK: manyRequests - failed, Failed: failed}
	r.Loops[0].Summary = r.Levels[0].Summary
	read := func(int) iter.Seq2[metrics.Sample, error] { return samples.Read(in, info.Size()) }
	_, res := write(t, r, read, workbook.Options{})
	if res.Levels[0].E2E.Count != manyRequests-failed {
		t.Errorf("%d latencies, want %d", res.Levels[0].E2E.Count, manyRequests-failed)
	}
}
