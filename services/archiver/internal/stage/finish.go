package stage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
)

// finish does what follows from an answer and may have been cut short before: others are told, and the
// files that were moved are removed where they came from. Their names are never used again, so this is
// right however late it comes.
func (s *Stage) finish(ctx context.Context, j bus.Job, t test, w wish, g given) error {
	var err error
	switch g.event.Kind {
	case events.KindArchived:
		if err = s.tell(ctx, t, w, g.event); err == nil {
			err = s.removeSources(ctx, g.before, events.BucketRaw, events.BucketReports)
		}
	case events.KindRestored:
		p, bad := events.Decode[events.Restored](g.event)
		if err = bad; err == nil && p.From == "archive" {
			err = s.removeSources(ctx, g.before, events.BucketArchive)
		}
	}
	if err != nil {
		return bus.Retry(s.delay(j.Deliveries), fmt.Errorf("finish %s of test %s: %w", w.kind, t.TestID, err))
	}
	s.Log.Info("wish answered", "test_id", t.TestID, "wish", w.kind, "by", w.by.UserID, "answer", g.event.Kind)
	return nil
}

func (s *Stage) removeSources(ctx context.Context, before events.Lifecycle, buckets ...string) error {
	for _, a := range before.Artifacts {
		for _, bucket := range buckets {
			if a.Object.Bucket != bucket {
				continue
			}
			if err := s.Bus.Bucket(bucket).Delete(ctx, a.Object.Name); err != nil {
				return fmt.Errorf("remove %s/%s after it was moved: %w", bucket, a.Object.Name, err)
			}
		}
	}
	return nil
}

// tell makes the archive known outside, once, and leaves an audit entry where no person asked for it.
func (s *Stage) tell(ctx context.Context, t test, w wish, e events.Event) error {
	p, err := events.Decode[events.Archived](e)
	if err != nil {
		return err
	}
	err = s.Bus.PublishPublic(ctx, events.Public{
		TestID: t.TestID, Kind: events.KindArchived, Name: t.Spec.Name, Model: t.Spec.Model, Engine: t.Spec.Engine,
		Verdict: t.Verdict, Artifacts: p.Artifacts, ArchivePath: p.Path,
	})
	if err != nil || !w.policy() {
		return err
	}
	return s.Bus.Audit(ctx, events.AuditEntry{
		ID: auditID(t.TestID), Action: "test.archive", Actor: w.by, Object: t.TestID, Result: "ok",
	})
}

// auditID is a UUIDv7 that follows from the test alone, so the entry is kept once: the time of the test's
// own id, the rest from its hash.
func auditID(testID string) string {
	sum := sha256.Sum256([]byte(testID + ":test.archive:" + policyPart))
	h := hex.EncodeToString(sum[:])
	return fmt.Sprintf("%s-7%s-8%s-%s", testID[:13], h[:3], h[3:6], h[6:18])
}

// refuse turns an error into the answer "failed", or into a retry when trying again may help. What the
// attempt left behind is removed first.
func (s *Stage) refuse(ctx context.Context, j bus.Job, t test, w wish, cause error) (answer, error) {
	f, again := explain(cause)
	if again && j.Deliveries <= t.Spec.StageRetries(f.Class) {
		s.Log.Warn("wish not met, will try again", "test_id", t.TestID, "wish", w.kind, "attempt", j.Deliveries, "error", cause)
		return answer{}, bus.Retry(s.delay(j.Deliveries), cause)
	}
	var err error
	switch w.kind {
	case events.KindArchiveRequested:
		err = s.abandon(ctx, t, w)
	case events.KindRestoreRequested:
		err = s.forget(ctx, t, w)
	}
	if err != nil {
		return answer{}, bus.Retry(s.delay(j.Deliveries), errors.Join(cause, err))
	}
	if w.policy() && f.Class == failure.BadRequest { // a person was faster, and nobody waits for an answer
		return answer{}, nil
	}
	s.Log.Warn("wish not met", "test_id", t.TestID, "wish", w.kind, "class", f.Class, "error", cause)
	return answer{events.KindFailed, events.Failed{Stage: string(events.Archiver), Failure: *f}}, nil
}

// explain names what went wrong and says whether trying again may help.
func explain(err error) (f *failure.Failure, again bool) {
	var named *failure.Failure
	switch {
	case errors.As(err, &named):
		return named, failure.Transient(named.Class)
	case errors.Is(err, errBadCopy):
		return storage(err, "A copy could not be written whole; check the disk of the broker, then ask again.",
			"副本未能完整写入；请检查消息服务所在磁盘，然后重试。"), true
	case errors.Is(err, bus.ErrObjectDamaged):
		return storage(err, "A stored file is damaged and was left where it is; check the disk of the broker.",
			"存储的文件已损坏，未作移动；请检查消息服务所在磁盘。"), false
	case errors.Is(err, bus.ErrObjectMissing):
		return storage(err, "A stored file is gone; check whether somebody removed it from the broker.",
			"存储的文件已丢失；请检查是否有人从消息服务中删除了它。"), true
	case errors.Is(err, bus.ErrStorageFull):
		return storage(err, "The broker has no room for a copy; free disk space there or raise its limit, then ask again.",
			"消息服务没有空间保存副本；请释放其磁盘空间或提高上限，然后重试。"), true
	case failure.OfError(err) == failure.Storage:
		return storage(err, "The archiver cannot write its temporary file; free disk space in the folder named in the message, then ask again.",
			"归档服务无法写入临时文件；请释放消息中给出的目录的磁盘空间，然后重试。"), true
	}
	return failure.New(failure.Unknown, "%v", err), true
}

func storage(err error, en, zh string) *failure.Failure {
	return &failure.Failure{Class: failure.Storage, Message: err.Error(), Advice: failure.Text{EN: en, ZH: zh}}
}
