package events

import (
	"cmp"
	"slices"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
)

// State says how far a test is. The verdict is another matter.
type State string

// The states of a test.
const (
	StateQueued     State = "queued"
	StatePreflight  State = "preflight"
	StateProbing    State = "probing"
	StateRunning    State = "running"
	StateReporting  State = "reporting"
	StateSucceeded  State = "succeeded"
	StateFailed     State = "failed"
	StateCancelling State = "cancelling"
	StateCancelled  State = "cancelled"
)

// Final reports that no stage works on the test any more.
func (s State) Final() bool { return s == StateSucceeded || s == StateFailed || s == StateCancelled }

// Lifecycle is the state of one test, folded from its events. The zero value is a test nobody asked for.
type Lifecycle struct {
	TestID      string
	LastSeq     uint64 // sequence of the last event applied
	Exists      bool
	State       State
	Verdict     Verdict
	Reason      failure.Text
	Spec        spec.Spec
	By          Actor
	Planned     *Planned
	Checks      []Check
	ClaimSeq    uint64 // fence of the current attempt, 0 before the first claim
	Holder      string
	Attempt     int
	Levels      []LevelDone // one per level and loop in that order, each of the newest claim that delivered it
	Measured    *Measured
	Failure     *failure.Failure
	FailedStage string
	Artifacts   []Artifact
	ArchivePath string // set while archived
	Wanted      Kind   // archive_requested, restore_requested or delete_requested not answered yet
	Trashed     bool
	Purged      bool
}

// Fold replays the events of one test in stream order.
func Fold(history []Event) (Lifecycle, error) {
	var l Lifecycle
	for _, e := range history {
		if err := l.Apply(e); err != nil {
			return l, err
		}
	}
	return l, nil
}

// Apply advances the state by one event. Events seen already change nothing; a later outcome never
// replaces the first one; kinds it does not know are skipped, so an old reader survives a new writer.
func (l *Lifecycle) Apply(e Event) error {
	if e.Seq != 0 && e.Seq <= l.LastSeq {
		return nil
	}
	apply, known := appliers[e.Kind]
	if known {
		if err := apply(l, e); err != nil {
			return err
		}
	}
	l.TestID = e.TestID
	l.LastSeq = e.Seq
	return nil
}

type applier func(*Lifecycle, Event) error

// appliers holds what each kind of event does; it never changes.
var appliers = map[Kind]applier{
	KindRequested: on(func(l *Lifecycle, _ Event, p Requested) {
		l.Exists, l.State, l.Verdict, l.Spec, l.By = true, StateQueued, VerdictNone, p.Spec, p.By
	}),
	KindPreflight: on(func(l *Lifecycle, _ Event, p Preflight) {
		l.Checks = p.Checks
		l.advance(StatePreflight)
	}),
	KindPlanned: on(func(l *Lifecycle, _ Event, p Planned) {
		if l.Planned == nil && !l.State.Final() {
			l.Planned = &p
		}
	}),
	KindRejected: on(func(l *Lifecycle, _ Event, p Rejected) {
		if l.Planned == nil {
			l.fail("prober", p.Failure)
		}
	}),
	KindClaimed: on(func(l *Lifecycle, e Event, p Claimed) {
		l.ClaimSeq, l.Holder, l.Attempt = e.Seq, p.Holder, p.Attempt
		l.advance(StateRunning)
	}),
	KindLevelDone: on(func(l *Lifecycle, _ Event, p LevelDone) { l.keepLevel(p) }),
	KindMeasured: on(func(l *Lifecycle, _ Event, p Measured) {
		if l.Measured == nil {
			l.Measured = &p
			l.advance(StateReporting)
		}
	}),
	KindReported: on(func(l *Lifecycle, _ Event, p Reported) {
		if !l.State.Final() {
			l.State, l.Verdict, l.Reason, l.Artifacts = StateSucceeded, p.Verdict, p.Reason, p.Artifacts
		}
	}),
	KindFailed: on(func(l *Lifecycle, _ Event, p Failed) { l.failed(p) }),
	KindCancelRequested: on(func(l *Lifecycle, _ Event, _ CancelRequested) {
		if !l.State.Final() {
			l.State = StateCancelling
		}
	}),
	KindCancelled: on(func(l *Lifecycle, _ Event, _ Cancelled) {
		if !l.State.Final() {
			l.State = StateCancelled
		}
	}),
	KindArchiveRequested: on(func(l *Lifecycle, e Event, _ ArchiveRequested) { l.Wanted = e.Kind }),
	KindRestoreRequested: on(func(l *Lifecycle, e Event, _ RestoreRequested) { l.Wanted = e.Kind }),
	KindDeleteRequested:  on(func(l *Lifecycle, e Event, _ DeleteRequested) { l.Wanted = e.Kind }),
	KindArchived: on(func(l *Lifecycle, _ Event, p Archived) {
		l.granted()
		l.ArchivePath, l.Artifacts = p.Path, p.Artifacts
	}),
	KindRestored: on(func(l *Lifecycle, _ Event, p Restored) { l.restored(p) }),
	KindDeleted: on(func(l *Lifecycle, _ Event, p Deleted) {
		l.granted()
		l.Trashed, l.Purged = true, l.Purged || p.Purged
		if l.Purged {
			l.Artifacts, l.ArchivePath = nil, ""
		}
	}),
}

func on[T any](f func(*Lifecycle, Event, T)) applier {
	return func(l *Lifecycle, e Event) error {
		p, err := Decode[T](e)
		if err != nil {
			return err
		}
		f(l, e, p)
		return nil
	}
}

// order of the states a test passes on its way; a late event never takes it back.
var order = map[State]int{
	StateQueued: 0, StatePreflight: 1, StateProbing: 2, StateRunning: 3, StateReporting: 4,
	StateCancelling: 5, StateSucceeded: 6, StateFailed: 6, StateCancelled: 6,
}

func (l *Lifecycle) advance(to State) {
	if order[to] > order[l.State] {
		l.State = to
	}
}

func (l *Lifecycle) fail(stage string, f failure.Failure) {
	if !l.State.Final() {
		l.State, l.FailedStage, l.Failure = StateFailed, stage, &f
	}
}

func (l *Lifecycle) failed(p Failed) {
	if p.Stage == "archiver" { // the test itself is done; only the wish was not met
		l.Wanted = ""
		if l.State != StateFailed { // why the test failed matters more
			l.FailedStage, l.Failure = p.Stage, &p.Failure
		}
		return
	}
	l.fail(p.Stage, p.Failure)
}

func (l *Lifecycle) keepLevel(done LevelDone) {
	at, again := slices.BinarySearchFunc(l.Levels, done, func(a, b LevelDone) int {
		return cmp.Or(cmp.Compare(a.Summary.Level, b.Summary.Level), cmp.Compare(a.Summary.Loop, b.Summary.Loop))
	})
	if again {
		l.Levels[at] = done
		return
	}
	l.Levels = slices.Insert(l.Levels, at, done)
}

// granted ends a wish that the archiver fulfilled, and with it the failure of an earlier try.
func (l *Lifecycle) granted() {
	l.Wanted = ""
	if l.FailedStage == "archiver" {
		l.FailedStage, l.Failure = "", nil
	}
}

func (l *Lifecycle) restored(p Restored) {
	l.granted()
	if p.From == "trash" {
		l.Trashed = false
		return
	}
	l.ArchivePath, l.Artifacts = "", p.Artifacts
}
