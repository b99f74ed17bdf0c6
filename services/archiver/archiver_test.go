package archiver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/archiver"
)

const folder = "vllm/Qwen-通义-7B/20261123_101500"

func TestArchiveAndRestore(t *testing.T) {
	w := newWorld(t)
	w.run(2)
	id := w.reported(newSpec("Qwen/通义 7B"), events.VerdictNone)
	original := w.content(w.fold(id))

	w.answered(w.wishArchive(id), events.KindArchived)
	l := w.fold(id)
	if l.ArchivePath != folder || l.Wanted != "" {
		t.Errorf("path %q wanted %q, want %q and nothing", l.ArchivePath, l.Wanted, folder)
	}
	if diff := cmp.Diff(original, w.content(l)); diff != "" {
		t.Errorf("archived files differ (-original +archived):\n%s", diff)
	}
	want := []string{"files", "manifest.json", "owner.json", "raw", "report.json", "result.xlsx"}
	for _, name := range w.objects(events.BucketArchive) {
		top, _, _ := strings.Cut(strings.TrimPrefix(name, "archive/"+folder+"/"), "/")
		if !slices.Contains(want, top) {
			t.Errorf("unexpected %s", name)
		}
	}
	if left := w.objects(events.BucketRaw, events.BucketReports); len(left) != 0 {
		t.Errorf("not moved: %v", left)
	}
	p := w.public(id, events.KindArchived)
	if p.ArchivePath != folder || len(p.Artifacts) != 5 || p.Model != "Qwen/通义 7B" {
		t.Errorf("public message %+v", p)
	}

	w.answered(w.wishRestore(id), events.KindRestored)
	l = w.fold(id)
	if l.ArchivePath != "" {
		t.Errorf("still archived at %s", l.ArchivePath)
	}
	if diff := cmp.Diff(original, w.content(l)); diff != "" {
		t.Errorf("restored files differ (-original +restored):\n%s", diff)
	}
	if got, want := w.objects(events.BucketArchive), []string{"archive/" + folder + "/owner.json"}; !slices.Equal(got, want) {
		t.Errorf("archive holds %v after the restore, want %v", got, want)
	}

	w.answered(w.wishArchive(id), events.KindArchived)
	if l = w.fold(id); l.ArchivePath != folder+"_2" {
		t.Errorf("archived again at %q, want a folder of its own", l.ArchivePath)
	}
	if diff := cmp.Diff(original, w.content(l)); diff != "" {
		t.Errorf("files differ after the second archive (-original +archived):\n%s", diff)
	}
}

func TestManifest(t *testing.T) {
	w := newWorld(t)
	w.run(1)
	id := w.reported(newSpec("Qwen/通义 7B"), events.VerdictPass)
	before := w.fold(id).Artifacts
	w.answered(w.wishArchive(id), events.KindArchived)
	l := w.fold(id)
	var m struct {
		Schema, Model, Engine, Path, Verdict string
		TestID                               string `json:"test_id"`
		Spec                                 spec.Spec
		Files                                []struct {
			File, Name, Kind, Original, SHA256 string
			Size                               int64 `json:"size_bytes"`
		}
	}
	last := l.Artifacts[len(l.Artifacts)-1]
	if err := json.Unmarshal(w.read(last.Object), &m); err != nil {
		t.Fatal(err)
	}
	if m.Schema != "manifest.v1" || m.TestID != id || m.Model != "Qwen/通义 7B" || m.Engine != "vllm" || m.Path != folder || m.Spec.Model != m.Model {
		t.Errorf("manifest %+v", m)
	}
	if len(m.Files) != len(before) {
		t.Fatalf("%d files in the manifest, want %d", len(m.Files), len(before))
	}
	for i, f := range m.Files {
		a := before[i]
		if f.Name != a.Name || f.Size != a.Object.Size || "sha256:"+f.SHA256 != a.Object.Digest || f.Original != a.Object.Bucket+"/"+a.Object.Name {
			t.Errorf("file %+v does not describe %+v", f, a)
		}
		if got := l.Artifacts[i].Object.Name; got != folder+"/"+f.File {
			t.Errorf("%s lies at %s, the manifest says %s", a.Name, got, f.File)
		}
	}
}

// TestSameSecond archives tests of one model, engine and second by two archivers at once.
func TestSameSecond(t *testing.T) {
	w := newWorld(t)
	const n = 6
	var wishes []events.Event
	for range n {
		wishes = append(wishes, w.wishArchive(w.reported(newSpec("Qwen/通义 7B"), events.VerdictNone)))
	}
	w.run(3)
	w.run(3)
	paths := map[string]bool{}
	for _, wish := range wishes {
		w.answered(wish, events.KindArchived)
		l := w.fold(wish.TestID)
		paths[l.ArchivePath] = true
		for _, text := range w.content(l) {
			if !strings.Contains(text, wish.TestID) {
				t.Errorf("%s holds a file of another test", l.ArchivePath)
			}
		}
	}
	for i := range n {
		want := folder
		if i > 0 {
			want = fmt.Sprintf("%s_%d", folder, i+1)
		}
		if !paths[want] {
			t.Errorf("no test went to %s: %v", want, paths)
		}
	}
}

func TestDeleteIsTwoSteps(t *testing.T) {
	w := newWorld(t)
	w.run(1)
	id := w.reported(newSpec("m"), events.VerdictNone)
	other := w.reported(newSpec("m"), events.VerdictNone)
	original := w.content(w.fold(id))

	w.answered(w.wishDelete(id, false), events.KindDeleted)
	if l := w.fold(id); !l.Trashed || l.Purged {
		t.Errorf("trashed %v purged %v, want in the trash", l.Trashed, l.Purged)
	}
	w.answered(w.wishArchive(id), events.KindFailed)
	w.answered(w.wishRestore(id), events.KindRestored)
	if diff := cmp.Diff(original, w.content(w.fold(id))); diff != "" {
		t.Errorf("the trash changed files:\n%s", diff)
	}
	w.answered(w.wishDelete(id, false), events.KindDeleted)
	w.answered(w.wishDelete(id, true), events.KindDeleted)
	if l := w.fold(id); !l.Purged || len(l.Artifacts) != 0 {
		t.Errorf("purged %v with %d artifacts", l.Purged, len(l.Artifacts))
	}
	w.noneOf(id)
	if got := w.content(w.fold(other)); len(got) != 4 {
		t.Errorf("the other test has %d files left, want 4", len(got))
	}
	w.answered(w.wishRestore(id), events.KindFailed)
	w.answered(w.wishDelete(id, true), events.KindDeleted)
}

// noneOf checks that nothing of a test is left in any bucket.
func (w *world) noneOf(id string) {
	w.Helper()
	for _, bucket := range events.Buckets {
		list, err := w.bus.Bucket(bucket).List(w.within(), "")
		w.must(err)
		for _, o := range list {
			if strings.Contains(o.Name, id) || strings.Contains(string(w.read(o)), id) {
				w.Errorf("left in %s: %s", bucket, o.Name)
			}
		}
	}
}

func TestPurgeOfAnArchivedTest(t *testing.T) {
	w := newWorld(t)
	w.run(1)
	id := w.reported(newSpec("m"), events.VerdictNone)
	w.answered(w.wishArchive(id), events.KindArchived)
	w.answered(w.wishRestore(id), events.KindRestored)
	w.answered(w.wishArchive(id), events.KindArchived)
	w.answered(w.wishDelete(id, false), events.KindDeleted)
	if l := w.fold(id); !l.Trashed || l.ArchivePath == "" {
		t.Errorf("trashed %v archived at %q, want both", l.Trashed, l.ArchivePath)
	}
	w.answered(w.wishDelete(id, true), events.KindDeleted)
	if left := w.objects(events.Buckets...); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestWishesThatMakeNoSense(t *testing.T) {
	w := newWorld(t)
	w.run(1)
	failed := newID()
	w.publish(failed, events.KindRequested, "", events.Requested{Spec: newSpec("m"), By: ada})
	w.publish(failed, events.KindRejected, "", events.Rejected{Failure: *failure.New(failure.Auth, "refused")})
	running := newID()
	w.publish(running, events.KindRequested, "", events.Requested{Spec: newSpec("m"), By: ada})
	w.publish(running, events.KindClaimed, "1", events.Claimed{Holder: "runner/x", Attempt: 1})
	done := w.reported(newSpec("m"), events.VerdictNone)
	tests := []struct {
		name string
		wish events.Event
	}{
		{"archive a failed test", w.wishArchive(failed)},
		{"archive a running test", w.wishArchive(running)},
		{"delete a running test", w.wishDelete(running, false)},
		{"purge a running test", w.wishDelete(running, true)},
		{"restore what is nowhere else", w.wishRestore(done)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := w.answered(tt.wish, events.KindFailed)
			p, err := events.Decode[events.Failed](e)
			if err != nil {
				t.Fatal(err)
			}
			if p.Stage != "archiver" || p.Class != failure.BadRequest || p.Advice.EN == "" || p.Advice.ZH == "" || !strings.Contains(p.Message, tt.wish.TestID) {
				t.Errorf("answer %+v", p)
			}
			if l := w.fold(tt.wish.TestID); l.Wanted != "" {
				t.Errorf("still wanted: %s", l.Wanted)
			}
		})
	}
	if l := w.fold(running); l.State != events.StateRunning {
		t.Errorf("the running test is %s now", l.State)
	}
	if left := w.objects(events.BucketArchive); len(left) != 0 {
		t.Errorf("left in the archive: %v", left)
	}
}

func TestArchivePolicy(t *testing.T) {
	tests := []struct {
		name    string
		archive spec.Archive
		verdict events.Verdict
		want    bool
	}{
		{"never", spec.ArchiveNever, events.VerdictPass, false},
		{"on success, passed", spec.ArchiveOnSuccess, events.VerdictPass, true},
		{"on success, no SLO", spec.ArchiveOnSuccess, events.VerdictNone, true},
		{"on success, failed its SLO", spec.ArchiveOnSuccess, events.VerdictFail, false},
		{"always, failed its SLO", spec.ArchiveAlways, events.VerdictFail, true},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSpec(tt.name)
			s.Archive = tt.archive
			id := w.reported(s, tt.verdict)
			reported := w.first(id, events.KindReported)
			for range 2 { // every event twice
				w.must(w.stage().Handle(w.within(), bus.Job{Event: reported, Deliveries: 1}))
			}
			l := w.fold(id)
			if got := l.ArchivePath != ""; got != tt.want {
				t.Errorf("archived %v, want %v", got, tt.want)
			}
			if tt.want {
				w.public(id, events.KindArchived)
				w.audited(id)
			}
		})
	}
}

// audited waits for the audit entry of the archive nobody asked for.
func (w *world) audited(id string) {
	w.Helper()
	feed := bus.Feed{Stream: events.StreamAudit, Subjects: []string{events.SubjectAudit("test.archive")}}
	err := w.bus.Follow(w.within(), feed, func(m bus.Message) error {
		var a events.AuditEntry
		if err := json.Unmarshal(m.Data, &a); err != nil {
			return err
		}
		if a.Object == id && a.Actor.UserID == "policy" && a.Result == "ok" {
			return errSeen
		}
		return nil
	})
	if !errors.Is(err, errSeen) {
		w.Fatalf("wait for the audit entry of test %s: %v", id, err)
	}
}

// TestPolicyAfterRestore: what a person undid stays undone when the report event comes once more.
func TestPolicyAfterRestore(t *testing.T) {
	w := newWorld(t)
	w.run(1)
	s := newSpec("m")
	s.Archive = spec.ArchiveAlways
	id := w.reported(s, events.VerdictNone)
	w.public(id, events.KindArchived)
	w.answered(w.wishRestore(id), events.KindRestored)
	w.must(w.stage().Handle(w.within(), bus.Job{Event: w.first(id, events.KindReported), Deliveries: 2}))
	l := w.fold(id)
	if l.ArchivePath != "" || len(w.content(l)) != 4 {
		t.Errorf("archived at %q with %d files, want restored with 4", l.ArchivePath, len(w.content(l)))
	}
}

// TestTwoArchiversAtOnce: a wish that was given away twice is granted once.
func TestTwoArchiversAtOnce(t *testing.T) {
	w := newWorld(t)
	id := w.reported(newSpec("m"), events.VerdictNone)
	original := w.content(w.fold(id))
	for _, speak := range []func(string) events.Event{w.wishArchive, w.wishRestore} {
		wish := speak(id)
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { // the slower one may find a file moved; then it comes again and sees why
				if err := w.stage().Handle(w.within(), bus.Job{Event: wish, Deliveries: 1}); err != nil {
					t.Logf("comes again: %v", err)
				}
			})
		}
		both.Wait()
		w.answer(wish)
		w.must(w.stage().Handle(w.within(), bus.Job{Event: wish, Deliveries: 2}))
		if diff := cmp.Diff(original, w.content(w.fold(id))); diff != "" {
			t.Errorf("%s: files differ:\n%s", wish.Kind, diff)
		}
	}
	answers := 0
	for _, e := range w.history(id) {
		if e.Kind == events.KindArchived || e.Kind == events.KindRestored || e.Kind == events.KindFailed {
			answers++
		}
	}
	if answers != 2 {
		t.Errorf("%d answers, want one for each wish", answers)
	}
}

// TestDeathAnywhere ends an archiver in the middle, at every step in turn, and lets another take over.
func TestDeathAnywhere(t *testing.T) {
	w := newWorld(t)
	id := w.reported(newSpec("Qwen/通义 7B"), events.VerdictNone)
	original := w.content(w.fold(id))
	for _, speak := range []func(string) events.Event{w.wishArchive, w.wishRestore} {
		wish := speak(id)
		w.dieOften(wish)
		if diff := cmp.Diff(original, w.content(w.fold(id))); diff != "" {
			t.Fatalf("%s: files differ:\n%s", wish.Kind, diff)
		}
	}
	answers := map[events.Kind]int{}
	for _, e := range w.history(id) {
		if e.Kind == events.KindFailed {
			t.Errorf("failed: %s", e.Data)
		}
		answers[e.Kind]++
	}
	if answers[events.KindArchived] != 1 || answers[events.KindRestored] != 1 || answers[events.KindFailed] != 0 {
		t.Errorf("answers %v, want archived and restored once each", answers)
	}
}

// dieOften handles a wish with lives that end ever later, until one is long enough.
func (w *world) dieOften(wish events.Event) {
	w.Helper()
	for life := range 500 {
		ctx := &mortal{Context: w.within(), left: life * 3, done: make(chan struct{})}
		if w.stage().Handle(ctx, bus.Job{Event: wish, Deliveries: 1}) == nil {
			return
		}
	}
	w.Fatalf("%s was never done", wish.Kind)
}

// mortal is a context that ends after it was asked a number of times whether it has.
type mortal struct {
	context.Context
	mu   sync.Mutex
	left int
	once sync.Once
	done chan struct{}
}

func (m *mortal) Err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left--; m.left > 0 {
		return m.Context.Err()
	}
	m.once.Do(func() { close(m.done) })
	return context.Canceled
}

func (m *mortal) Done() <-chan struct{} {
	_ = m.Err()
	return m.done
}

func TestBrokerRestartsWhileArchiving(t *testing.T) {
	w := newWorld(t)
	id := w.reported(newSpec("m"), events.VerdictNone)
	original := w.content(w.fold(id))
	wish := w.wishArchive(id)
	w.run(1)
	w.broker.Restart(t)
	w.answered(wish, events.KindArchived)
	if diff := cmp.Diff(original, w.content(w.fold(id))); diff != "" {
		t.Errorf("archived files differ:\n%s", diff)
	}
}

func TestDamagedReportStaysWhereItIs(t *testing.T) {
	w := newWorld(t)
	w.run(1)
	id := newID()
	s := newSpec("m")
	w.publish(id, events.KindRequested, "", events.Requested{Spec: s, By: ada})
	good := w.put(events.BucketReports, "tests/"+id+"/9/report.json", "good")
	bad := w.put(events.BucketReports, "tests/"+id+"/9/result.xlsx", "as it is now")
	bad.Digest = "sha256:" + strings.Repeat("00", 32) // as it was written
	w.publish(id, events.KindReported, "", events.Reported{Artifacts: []events.Artifact{
		{Name: "report.json", Kind: "report", Object: good}, {Name: "result.xlsx", Kind: "workbook", Object: bad},
	}})
	e := w.answered(w.wishArchive(id), events.KindFailed)
	p, err := events.Decode[events.Failed](e)
	if err != nil || p.Class != failure.Storage {
		t.Errorf("class %s (%v), want storage", p.Class, err)
	}
	if left := w.objects(events.BucketArchive); len(left) != 0 {
		t.Errorf("left in the archive: %v", left)
	}
	if kept := w.objects(events.BucketReports); len(kept) != 2 {
		t.Errorf("kept %v, want both reports", kept)
	}
}

func TestConfig(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		ok   bool
	}{
		{"nothing set", nil, true},
		{"all set", map[string]string{"PLIMSOLL_ARCHIVER_SLOTS": "3", "PLIMSOLL_ARCHIVER_RETRY_DELAY": "2s"}, true},
		{"not a number", map[string]string{"PLIMSOLL_ARCHIVER_SLOTS": "many"}, false},
		{"too many", map[string]string{"PLIMSOLL_ARCHIVER_SLOTS": "33"}, false},
		{"negative delay", map[string]string{"PLIMSOLL_ARCHIVER_RETRY_DELAY": "-2s"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := archiver.LoadConfig(func(k string) string { return tt.env[k] })
			if (err == nil) != tt.ok {
				t.Errorf("error %v, want ok %v", err, tt.ok)
			}
		})
	}
}
