package stage

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/spec"
)

// policyPart names the one wish of a test that nobody spoke out: the spec did.
const policyPart = "policy"

// wish is what somebody wants done with a finished test.
type wish struct {
	kind  events.Kind // archive_requested, restore_requested or delete_requested
	part  string      // tells this wish apart from others of the test; part of the answer's id
	by    events.Actor
	at    time.Time
	purge bool
}

func (w wish) policy() bool { return w.part == policyPart }

// partOf is the part of the answer's event id.
func (w wish) partOf(k events.Kind) string {
	if k == events.KindFailed { // other stages publish failed too
		return string(events.Archiver) + "-" + w.part
	}
	return w.part
}

// wishOf reads the wish in an event; ok is false when there is none.
func wishOf(e events.Event, t test) (w wish, ok bool, err error) {
	w = wish{kind: e.Kind, part: strconv.FormatUint(e.Seq, 10), at: e.Time.UTC()}
	switch e.Kind {
	case events.KindArchiveRequested:
		p, err := events.Decode[events.ArchiveRequested](e)
		w.by = p.By
		return w, true, err
	case events.KindRestoreRequested:
		p, err := events.Decode[events.RestoreRequested](e)
		w.by = p.By
		return w, true, err
	case events.KindDeleteRequested:
		p, err := events.Decode[events.DeleteRequested](e)
		w.by, w.purge = p.By, p.Purge
		return w, true, err
	case events.KindReported:
		w.kind, w.part, w.by = events.KindArchiveRequested, policyPart, events.Actor{UserID: policyPart}
		return w, wantsArchive(t), nil
	}
	return w, false, fmt.Errorf("the archiver does not know what to do with %s", e.Kind)
}

// wantsArchive reports whether the spec wants the test archived without being asked. What a person did
// meanwhile goes before it.
func wantsArchive(t test) bool {
	if t.State != events.StateSucceeded {
		return false
	}
	switch t.Spec.Archive {
	case spec.ArchiveAlways:
		return true
	case spec.ArchiveOnSuccess:
		return t.Verdict != events.VerdictFail
	}
	return false
}

// test is one test as it stood when its history was read.
type test struct {
	events.Lifecycle
	history []events.Event
}

func (s *Stage) load(ctx context.Context, id string) (test, error) {
	l, history, err := s.Bus.FoldHistory(ctx, id)
	return test{Lifecycle: l, history: history}, err
}

// given is the answer a wish got, with the test as it was just before.
type given struct {
	event  events.Event
	before events.Lifecycle
}

// answerTo finds the answer to a wish, nil when it has none yet.
func (t test) answerTo(w wish) (*given, error) {
	for i, e := range t.history {
		switch e.Kind {
		case events.KindArchived, events.KindRestored, events.KindDeleted, events.KindFailed:
			if e.ID != fmt.Sprintf("%s:%s:%s", t.TestID, e.Kind, w.partOf(e.Kind)) {
				continue
			}
			before, err := events.Fold(t.history[:i])
			return &given{event: e, before: before}, err
		}
	}
	return nil, nil
}

// requestedAt is when the test was asked for; its names carry this moment.
func (t test) requestedAt() time.Time {
	for _, e := range t.history {
		if e.Kind == events.KindRequested {
			return e.Time.UTC()
		}
	}
	return time.Time{}
}
