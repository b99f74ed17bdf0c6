package reporter_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/services/reporter"
)

// TestRawDataThatCannotBeTrusted: no workbook is better than a wrong one.
func TestRawDataThatCannotBeTrusted(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(w *world, id string, levels []events.LevelDone)
		says  string
	}{
		{"bytes changed", func(_ *world, _ string, l []events.LevelDone) {
			l[1].Raw.Digest = "sha256:" + strings.Repeat("00", 32)
		}, "object is not what was written"},
		{"gone", func(w *world, _ string, l []events.LevelDone) {
			w.must(w.bus.Bucket(events.BucketRaw).Delete(within(w.T), l[2].Raw.Name))
		}, "does not exist"},
		{"not Parquet", func(w *world, id string, l []events.LevelDone) {
			name := "tests/" + id + "/3/garbage"
			w.put(events.BucketRaw, name, "no Parquet at all")
			l[0].Raw = events.Object{Bucket: events.BucketRaw, Name: name}
		}, "raw data cannot be read"},
		{"of another loop", func(_ *world, _ string, l []events.LevelDone) {
			l[0].Summary.Requests.Total++
		}, "does not agree with its summary"},
	}
	w := newWorld(t)
	w.run(reporter.Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := w.spec("m")
			none := 0
			s.Retries = &none
			id := w.requested(s)
			levels := w.store(id, twoByTwo)
			tt.spoil(w, id, levels)
			w.publishMeasured(id, levels)
			w.await(id, events.KindFailed)
			l := w.fold(id)
			if l.State != events.StateFailed || l.FailedStage != "reporter" || l.Failure.Class != failure.Storage {
				t.Errorf("state %s stage %s class %s", l.State, l.FailedStage, l.Failure.Class)
			}
			if !strings.Contains(l.Failure.Message, tt.says) || l.Failure.Advice.EN == "" || l.Failure.Advice.ZH == "" {
				t.Errorf("failure %+v, want it to say %q", l.Failure, tt.says)
			}
			w.checkPublic(id, events.KindFailed, func(p events.Public) {
				if p.Class != failure.Storage || p.Model != "m" {
					t.Errorf("public message %+v", p)
				}
			})
		})
	}
	if left := w.list(events.BucketReports); len(left) != 0 {
		t.Errorf("half a report is stored: %v", left)
	}
}

// fullDisk is a folder with no room for a workbook.
func fullDisk(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "full")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 { // nobody but root may mount; a folder that takes no file ends the same way
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16k"); err != nil {
		t.Fatalf("mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

func TestDiskFullForTheWorkbook(t *testing.T) {
	w := newWorld(t)
	s := w.spec("m")
	twice := 2
	s.Retries = &twice
	id := w.measured(s, twoByTwo)
	dir := fullDisk(t)
	stop := w.run(reporter.Config{TempDir: dir})
	w.await(id, events.KindFailed)
	l := w.fold(id)
	if l.Failure.Class != failure.Storage || !strings.Contains(l.Failure.Message, dir) {
		t.Errorf("failure %+v, want class storage and the folder %s", l.Failure, dir)
	}
	if len(l.Levels) != 4 {
		t.Errorf("%d levels kept, want what was measured", len(l.Levels))
	}
	w.checkPublic(id, events.KindFailed, nil)
	stop()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left in the temporary folder: %v (%v)", left, err)
	}
}

// TestDiskFreedInTime: a disk that is full is tried again, and the report comes as soon as there is room.
func TestDiskFreedInTime(t *testing.T) {
	w := newWorld(t)
	id := w.measured(w.spec("m"), twoByTwo)
	measured := w.await(id, events.KindMeasured)
	s := w.stage()
	s.TempDir = fullDisk(t)
	for delivery := 1; delivery <= 2; delivery++ {
		if err := s.Handle(within(t), bus.Job{Event: measured, Deliveries: delivery}); err == nil {
			t.Fatalf("delivery %d settled the job with a full disk", delivery)
		}
	}
	s.TempDir = t.TempDir()
	w.must(s.Handle(within(t), bus.Job{Event: measured, Deliveries: 3}))
	if l := w.fold(id); l.State != events.StateSucceeded {
		t.Errorf("state %s, want succeeded", l.State)
	}
}

func TestOthersAreToldOfEveryFailure(t *testing.T) {
	w := newWorld(t)
	rejected := w.requestedOnly(w.spec("a"))
	w.publish(rejected, events.KindRejected, "", events.Rejected{Failure: *failure.New(failure.Auth, "key refused")})
	failed := w.requested(w.spec("b"))
	w.publish(failed, events.KindFailed, "1", events.Failed{Stage: "runner", Failure: *failure.New(failure.GeneratorHung, "no progress")})
	fine := w.measured(w.spec("c"), twoByTwo)
	w.run(reporter.Config{})
	tests := []struct {
		id    string
		class failure.Class
		says  string
	}{
		{rejected, failure.Auth, "key refused"},
		{failed, failure.GeneratorHung, "no progress"},
	}
	for _, tt := range tests {
		w.checkPublic(tt.id, events.KindFailed, func(p events.Public) {
			if p.Class != tt.class || p.Message != tt.says {
				t.Errorf("public message %+v, want class %s", p, tt.class)
			}
		})
	}
	w.await(fine, events.KindReported)
	w.publish(fine, events.KindFailed, "archiver-1", events.Failed{Stage: "archiver", Failure: *failure.New(failure.Storage, "no room")})
	w.handleAgain(fine, events.KindFailed)
	w.handleAgain(failed, events.KindFailed)
	if got := fmt.Sprint(kinds(w.public(fine))); got != "[reported]" {
		t.Errorf("public messages of a test that succeeded: %s, want [reported]", got)
	}
	if got := fmt.Sprint(kinds(w.public(failed))); got != "[failed]" {
		t.Errorf("public messages of a test that failed: %s, want [failed]", got)
	}
}

func kinds(messages []events.Public) (out []events.Kind) {
	for _, m := range messages {
		out = append(out, m.Kind)
	}
	return out
}

func TestBrokerRestartsWhileReporting(t *testing.T) {
	w := newWorld(t)
	id := w.measured(w.spec("m"), twoByTwo)
	w.run(reporter.Config{})
	w.broker.Restart(t)
	w.await(id, events.KindReported)
	w.checkPublic(id, events.KindReported, nil)
	if n := w.count(id, events.KindReported); n != 1 {
		t.Errorf("reported %d times", n)
	}
}
