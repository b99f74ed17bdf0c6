package events

import (
	"fmt"
	"regexp"
	"strings"
)

// Kind names what happened. It is the last token of the subject.
type Kind string

// The kinds of event in the life of one test.
const (
	KindRequested        Kind = "requested"
	KindPreflight        Kind = "preflight"
	KindPlanned          Kind = "planned"
	KindRejected         Kind = "rejected"
	KindClaimed          Kind = "claimed"
	KindLevelDone        Kind = "level_done"
	KindMeasured         Kind = "measured"
	KindReported         Kind = "reported"
	KindArchiveRequested Kind = "archive_requested"
	KindRestoreRequested Kind = "restore_requested"
	KindDeleteRequested  Kind = "delete_requested"
	KindArchived         Kind = "archived"
	KindRestored         Kind = "restored"
	KindDeleted          Kind = "deleted"
	KindCancelRequested  Kind = "cancel_requested"
	KindCancelled        Kind = "cancelled"
	KindFailed           Kind = "failed"
)

// The subject roots. The id comes before the kind, so one test is one wildcard.
const (
	rootTest   = "plimsoll.evt.test."
	rootHolder = "plimsoll.hb."
	rootLive   = "plimsoll.live."
	rootPublic = "plimsoll.pub.v1.test."
	rootAudit  = "plimsoll.audit."
	rootCtl    = "plimsoll.ctl."
)

// Subject is where an event of one test is published.
func Subject(testID string, k Kind) string { return rootTest + testID + "." + string(k) }

// SubjectOfTest matches every event of one test.
func SubjectOfTest(testID string) string { return rootTest + testID + ".>" }

// SubjectOfKind matches one kind of event of every test.
func SubjectOfKind(k Kind) string { return rootTest + "*." + string(k) }

// SubjectHeartbeat is where the holder of a claim proves it is alive.
func SubjectHeartbeat(testID string) string { return rootHolder + "test." + testID }

// SubjectTarget is the lock of one target; key is made by TargetKey.
func SubjectTarget(key string) string { return rootHolder + "target." + key }

// SubjectTick is where progress of one test is shown live.
func SubjectTick(testID string) string { return rootLive + testID + ".tick" }

// SubjectTicks matches the progress of every test.
const SubjectTicks = rootLive + "*.tick"

// SubjectDesired is the wished-for state of one test.
func SubjectDesired(testID string) string { return rootCtl + "test." + testID }

// SubjectKeys is the current set of keys that access tokens are signed with.
const SubjectKeys = rootCtl + "auth.keys"

// SubjectPublic is where other systems read about one test.
func SubjectPublic(testID string, k Kind) string { return rootPublic + testID + "." + string(k) }

// SubjectAudit is where an audit entry about an action is kept.
func SubjectAudit(action string) string { return rootAudit + action }

// ParseSubject takes a lifecycle subject apart.
func ParseSubject(subject string) (testID string, k Kind, err error) {
	rest, ok := strings.CutPrefix(subject, rootTest)
	if !ok {
		return "", "", fmt.Errorf("subject %q is not below %s", subject, rootTest)
	}
	id, kind, ok := strings.Cut(rest, ".")
	if !ok || strings.Contains(kind, ".") || CheckID(id) != nil {
		return "", "", fmt.Errorf("subject %q is not %s<id>.<kind>", subject, rootTest)
	}
	return id, Kind(kind), nil
}

var idPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// CheckID says whether an id is a UUIDv7 in lower case, the only form used.
func CheckID(id string) error {
	if !idPattern.MatchString(id) {
		return fmt.Errorf("id %q is not a UUIDv7 in lower case", id)
	}
	return nil
}
