package stage

import (
	"context"
	"fmt"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
)

// remove puts a test into the trash, where nothing of it is lost, or takes everything of it away for good.
func (s *Stage) remove(ctx context.Context, t test, w wish) (answer, error) {
	if !t.State.Final() {
		return answer{}, refusal(fmt.Sprintf("test %s is still %s", t.TestID, t.State),
			"Cancel the test or wait until it has ended, then delete it.",
			"请先取消测试或等待其结束，然后再删除。")
	}
	if !w.purge {
		return answer{events.KindDeleted, events.Deleted{Purged: t.Purged}}, nil
	}
	if err := s.purge(ctx, t); err != nil {
		return answer{}, err
	}
	return answer{events.KindDeleted, events.Deleted{Purged: true}}, nil
}

// purge removes every object of the test: what its events name, and what lies where its objects go.
func (s *Stage) purge(ctx context.Context, t test) error {
	objects, folders, err := t.everything()
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := s.Bus.Bucket(o.Bucket).Delete(ctx, o.Name); err != nil {
			return fmt.Errorf("purge test %s: %w", t.TestID, err)
		}
	}
	for _, bucket := range []string{events.BucketRaw, events.BucketReports} {
		if err := s.removeAll(ctx, bucket, prefix(t.TestID)); err != nil {
			return fmt.Errorf("purge test %s: %w", t.TestID, err)
		}
	}
	for _, path := range folders {
		if err := s.removeAll(ctx, events.BucketArchive, path+"/"); err != nil {
			return fmt.Errorf("purge test %s: %w", t.TestID, err)
		}
	}
	return nil
}

// removeAll removes every object below a prefix that ends in a slash.
func (s *Stage) removeAll(ctx context.Context, bucket, prefix string) error {
	k := s.Bus.Bucket(bucket)
	stored, err := k.List(ctx, prefix)
	if err != nil {
		return err
	}
	for _, o := range stored {
		if err := k.Delete(ctx, o.Name); err != nil {
			return err
		}
	}
	return nil
}

// everything names the objects the events of a test speak of, and its archive folders.
func (t test) everything() (objects []events.Object, folders []string, err error) {
	for _, e := range t.history {
		names, folder, err := mentioned(e)
		if err != nil {
			return nil, nil, err
		}
		objects = append(objects, names...)
		if folder != "" {
			folders = append(folders, folder)
		}
	}
	return objects, folders, nil
}

func mentioned(e events.Event) (objects []events.Object, folder string, err error) {
	switch e.Kind {
	case events.KindLevelDone:
		p, err := events.Decode[events.LevelDone](e)
		if err != nil || p.Raw.Name == "" {
			return nil, "", err
		}
		return []events.Object{p.Raw}, "", nil
	case events.KindReported:
		p, err := events.Decode[events.Reported](e)
		return files(p.Artifacts), "", err
	case events.KindRestored:
		p, err := events.Decode[events.Restored](e)
		return files(p.Artifacts), "", err
	case events.KindArchived:
		p, err := events.Decode[events.Archived](e)
		return files(p.Artifacts), p.Path, err
	}
	return nil, "", nil
}

func files(artifacts []events.Artifact) []events.Object {
	out := make([]events.Object, 0, len(artifacts))
	for _, a := range artifacts {
		out = append(out, a.Object)
	}
	return out
}

// refusal is a wish that makes no sense as things stand.
func refusal(message, en, zh string) *failure.Failure {
	return &failure.Failure{Class: failure.BadRequest, Message: message, Advice: failure.Text{EN: en, ZH: zh}}
}

func errPurged(t test) *failure.Failure {
	return refusal(fmt.Sprintf("test %s was deleted for good", t.TestID),
		"Nothing of the test is left; run it again from its parameters.",
		"该测试已被彻底删除；请用原参数重新运行。")
}

// archivable says why a test cannot be archived, nil when it can.
func archivable(t test) error {
	switch {
	case t.Purged:
		return errPurged(t)
	case t.Trashed:
		return refusal(fmt.Sprintf("test %s is in the trash", t.TestID),
			"Restore the test, then archive it.", "请先恢复该测试，再归档。")
	case !t.State.Final():
		return refusal(fmt.Sprintf("test %s is still %s", t.TestID, t.State),
			"Wait until the test has ended, then archive it.", "请等待测试结束后再归档。")
	case t.State != events.StateSucceeded || len(t.Artifacts) == 0:
		return refusal(fmt.Sprintf("test %s has %s and has no report", t.TestID, t.State),
			"Only a test that has succeeded can be archived; run it again.", "只有成功的测试才能归档；请重新运行。")
	}
	return nil
}
