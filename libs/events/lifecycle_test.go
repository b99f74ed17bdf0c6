package events

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
)

func steps(kinds ...Kind) []step {
	out := make([]step, len(kinds))
	for i, k := range kinds {
		out[i] = step{kind: k}
	}
	return out
}

// happy is the way of a test that succeeds.
func happy(more ...Kind) []step {
	return steps(append([]Kind{KindRequested, KindPreflight, KindPlanned, KindClaimed, KindLevelDone, KindMeasured, KindReported}, more...)...)
}

var paths = []struct {
	name  string
	steps []step
	want  State
}{
	{"asked", steps(KindRequested), StateQueued},
	{"checked", steps(KindRequested, KindPreflight), StatePreflight},
	{"planned waits", steps(KindRequested, KindPreflight, KindPlanned), StatePreflight},
	{"claimed", steps(KindRequested, KindPreflight, KindPlanned, KindClaimed), StateRunning},
	{"one level", happy()[:5], StateRunning},
	{"measured", happy()[:6], StateReporting},
	{"reported", happy(), StateSucceeded},
	{"rejected", steps(KindRequested, KindPreflight, KindRejected), StateFailed},
	{"failed while running", append(happy()[:4], step{kind: KindFailed}), StateFailed},
	{"cancelled while queued", steps(KindRequested, KindCancelRequested, KindCancelled), StateCancelled},
	{"cancelling", append(happy()[:4], step{kind: KindCancelRequested}), StateCancelling},
	{"cancelling does not go back", append(happy()[:4], steps(KindCancelRequested, KindLevelDone, KindMeasured)...), StateCancelling},
	{"cancelled while running", append(happy()[:4], steps(KindCancelRequested, KindCancelled)...), StateCancelled},
	{"cancel too late", happy(KindCancelRequested, KindCancelled), StateSucceeded},
	{"failure after success", happy(KindFailed), StateSucceeded},
	{"success after failure", append(happy()[:4], steps(KindFailed, KindMeasured, KindReported)...), StateFailed},
	{"success after cancel", append(happy()[:4], steps(KindCancelRequested, KindCancelled, KindReported)...), StateCancelled},
	{"rejected after planned", steps(KindRequested, KindPlanned, KindRejected), StateQueued},
	{"planned after rejected", steps(KindRequested, KindRejected, KindPlanned), StateFailed},
	{"taken over", append(happy()[:5], steps(KindClaimed, KindLevelDone, KindMeasured, KindReported)...), StateSucceeded},
	{"archived", happy(KindArchiveRequested, KindArchived), StateSucceeded},
	{"restored", happy(KindArchiveRequested, KindArchived, KindRestoreRequested, KindRestored), StateSucceeded},
	{"deleted and purged", happy(KindDeleteRequested, KindDeleted), StateSucceeded},
	{"archive of a failed test", steps(KindRequested, KindRejected, KindArchiveRequested, KindArchived), StateFailed},
	{"kind of a newer version", append(happy(), step{kind: "celebrated", payload: map[string]int{"x": 1}}), StateSucceeded},
}

func TestStates(t *testing.T) {
	for _, tt := range paths {
		t.Run(tt.name, func(t *testing.T) {
			history := story(t, tt.steps...)
			l, err := Fold(history)
			if err != nil {
				t.Fatal(err)
			}
			if l.State != tt.want || !l.Exists || l.TestID != testID || l.LastSeq != uint64(len(history)) {
				t.Errorf("%s: %+v, want %s", tt.name, l, tt.want)
			}
		})
	}
}

// Delivered twice, or stored twice because an answer was lost: the same end.
func TestEveryEventTwice(t *testing.T) {
	for _, tt := range paths {
		t.Run(tt.name, func(t *testing.T) {
			once, err := Fold(story(t, tt.steps...))
			if err != nil {
				t.Fatal(err)
			}
			var delivered, stored []Event
			for _, e := range story(t, tt.steps...) {
				delivered = append(delivered, e, e)
				copy1, copy2 := e, e
				copy1.Seq, copy2.Seq = 2*e.Seq-1, 2*e.Seq
				stored = append(stored, copy1, copy2)
			}
			again, err := Fold(delivered)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(once, again); diff != "" {
				t.Errorf("delivered twice (-once +twice)\n%s", diff)
			}
			again, err = Fold(stored)
			if err != nil {
				t.Fatal(err)
			}
			again.LastSeq, again.ClaimSeq = once.LastSeq, once.ClaimSeq // places, not facts
			if diff := cmp.Diff(once, again); diff != "" {
				t.Errorf("stored twice (-once +twice)\n%s", diff)
			}
			late, err := Fold(append(story(t, tt.steps...), story(t, tt.steps...)...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(once, late); diff != "" {
				t.Errorf("the whole story twice (-once +twice)\n%s", diff)
			}
		})
	}
}

func TestFirstOutcomeStays(t *testing.T) {
	other := failure.Failure{Class: failure.DNS, Message: "second"}
	l, err := Fold(story(t, step{kind: KindRequested}, step{kind: KindPlanned}, step{kind: KindFailed},
		step{KindFailed, Failed{Stage: "prober", Failure: other}}))
	if err != nil {
		t.Fatal(err)
	}
	if l.FailedStage != "runner" || l.Failure.Class != failure.Auth {
		t.Errorf("the second failure replaced the first: %s, %+v", l.FailedStage, l.Failure)
	}
	l, err = Fold(story(t, append(happy()[:4], step{kind: KindFailed}, step{KindFailed, Failed{Stage: "archiver"}})...))
	if err != nil {
		t.Fatal(err)
	}
	if l.FailedStage != "runner" {
		t.Errorf("a failed archiving replaced why the test failed: %s", l.FailedStage)
	}
	l, err = Fold(story(t, append(happy(), step{KindReported, Reported{Verdict: VerdictFail}}, step{KindMeasured, Measured{Attempt: 9}})...))
	if err != nil {
		t.Fatal(err)
	}
	if l.Verdict != VerdictNone || l.Measured.Attempt != 1 || len(l.Artifacts) != 1 {
		t.Errorf("a later report replaced the first: %+v", l)
	}
}

func TestTakeOver(t *testing.T) {
	level := func(attempt, level, loop int) LevelDone {
		return LevelDone{Attempt: attempt, Summary: metrics.Summary{Level: level, Loop: loop}}
	}
	l, err := Fold(story(t,
		step{kind: KindRequested}, step{kind: KindPlanned},
		step{KindClaimed, Claimed{Holder: "runner/a", Attempt: 1}},
		step{KindLevelDone, level(1, 0, 0)}, step{KindLevelDone, level(1, 0, 1)},
		step{KindClaimed, Claimed{Holder: "runner/b", Attempt: 2}},
		step{KindLevelDone, level(2, 0, 1)}, step{KindLevelDone, level(2, 1, 0)},
	))
	if err != nil {
		t.Fatal(err)
	}
	if l.ClaimSeq != 6 || l.Holder != "runner/b" || l.Attempt != 2 {
		t.Errorf("holder %s, attempt %d, claim %d", l.Holder, l.Attempt, l.ClaimSeq)
	}
	var got [][3]int
	for _, d := range l.Levels {
		got = append(got, [3]int{d.Attempt, d.Summary.Level, d.Summary.Loop})
	}
	if diff := cmp.Diff([][3]int{{1, 0, 0}, {2, 0, 1}, {2, 1, 0}}, got); diff != "" {
		t.Errorf("levels (-want +got)\n%s", diff)
	}
}

// Whoever measured what and when: levels come in the order of the plan, loops inside levels.
func TestLevelsInOrder(t *testing.T) {
	done := func(level, loop int) step {
		return step{KindLevelDone, LevelDone{Summary: metrics.Summary{Level: level, Loop: loop}}}
	}
	for _, tt := range []struct {
		name  string
		given []step
	}{
		{"as planned", []step{done(0, 0), done(0, 1), done(1, 0), done(1, 1), done(2, 0)}},
		{"backwards", []step{done(2, 0), done(1, 1), done(1, 0), done(0, 1), done(0, 0)}},
		{"a gap filled after a take-over", []step{done(0, 0), done(1, 0), done(2, 0), {kind: KindClaimed}, done(0, 1), done(1, 1)}},
		{"measured again after a take-over", []step{done(0, 1), done(1, 1), {kind: KindClaimed}, done(0, 0), done(0, 1), done(2, 0), done(1, 0)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Fold(story(t, append(happy()[:4], tt.given...)...))
			if err != nil {
				t.Fatal(err)
			}
			var got [][2]int
			for _, d := range l.Levels {
				got = append(got, [2]int{d.Summary.Level, d.Summary.Loop})
			}
			if diff := cmp.Diff([][2]int{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}}, got); diff != "" {
				t.Errorf("levels (-want +got)\n%s", diff)
			}
		})
	}
}

func TestKeeping(t *testing.T) {
	type keeping struct {
		Wanted          Kind
		ArchivePath     string
		Trashed, Purged bool
		Artifacts       int
		Failed          string
	}
	toTrash := step{KindDeleted, Deleted{}}
	fromTrash := step{KindRestored, Restored{From: "trash"}}
	tests := []struct {
		name string
		more []step
		want keeping
	}{
		{"nothing asked", nil, keeping{Artifacts: 1}},
		{"archive asked", steps(KindArchiveRequested), keeping{Wanted: KindArchiveRequested, Artifacts: 1}},
		{"archived", steps(KindArchiveRequested, KindArchived), keeping{ArchivePath: "vllm/m/20261123_101500", Artifacts: 1}},
		{"archive failed", []step{{kind: KindArchiveRequested}, {KindFailed, Failed{Stage: "archiver"}}}, keeping{Artifacts: 1, Failed: "archiver"}},
		{"archived at the second try", []step{{KindFailed, Failed{Stage: "archiver"}}, {kind: KindArchived}}, keeping{ArchivePath: "vllm/m/20261123_101500", Artifacts: 1}},
		{"restored from the archive", steps(KindArchiveRequested, KindArchived, KindRestoreRequested, KindRestored), keeping{Artifacts: 1}},
		{"in the trash", []step{{kind: KindDeleteRequested}, toTrash}, keeping{Trashed: true, Artifacts: 1}},
		{"back from the trash", []step{{kind: KindDeleteRequested}, toTrash, {kind: KindRestoreRequested}, fromTrash}, keeping{Artifacts: 1}},
		{"archived, in the trash, back", []step{{kind: KindArchived}, toTrash, fromTrash}, keeping{ArchivePath: "vllm/m/20261123_101500", Artifacts: 1}},
		{"purged", []step{{kind: KindArchived}, toTrash, {kind: KindDeleted}}, keeping{Trashed: true, Purged: true}},
		{"trashed after purged", []step{{kind: KindDeleted}, toTrash}, keeping{Trashed: true, Purged: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Fold(story(t, append(happy(), tt.more...)...))
			if err != nil {
				t.Fatal(err)
			}
			got := keeping{l.Wanted, l.ArchivePath, l.Trashed, l.Purged, len(l.Artifacts), l.FailedStage}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if l.State != StateSucceeded {
				t.Errorf("keeping changed the state to %s", l.State)
			}
		})
	}
}

func TestFoldStopsAtDamage(t *testing.T) {
	history := story(t, happy()...)
	history[3].Data = json.RawMessage(`{"attempt":[]}`)
	l, err := Fold(history)
	if err == nil || l.LastSeq != 3 {
		t.Errorf("Fold = seq %d, %v; want an error after 3", l.LastSeq, err)
	}
	if l, err := Fold(nil); err != nil || l.Exists || l.State != "" {
		t.Errorf("a test nobody asked for: %+v, %v", l, err)
	}
}

func TestFinal(t *testing.T) {
	for s := range order {
		want := s == StateSucceeded || s == StateFailed || s == StateCancelled
		if s.Final() != want {
			t.Errorf("%s.Final() = %v", s, s.Final())
		}
	}
}
