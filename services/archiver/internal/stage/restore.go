package stage

import (
	"context"
	"fmt"

	"plimsoll.internal/libs/events"
)

// restore takes a test out of the trash, or brings its files back from the archive. A test that is in both
// comes out of the trash first and stays archived.
func (s *Stage) restore(ctx context.Context, t test, w wish) (answer, error) {
	switch {
	case t.Purged:
		return answer{}, errPurged(t)
	case t.Trashed:
		return answer{events.KindRestored, events.Restored{From: "trash"}}, nil
	case t.ArchivePath == "":
		return answer{}, refusal(fmt.Sprintf("test %s is neither archived nor in the trash", t.TestID),
			"There is nothing to restore; reload the page to see where the test is.",
			"没有可恢复的内容；请刷新页面查看该测试的当前位置。")
	}
	var artifacts []events.Artifact
	for _, a := range t.Artifacts {
		if a.Kind == manifestKind {
			continue
		}
		bucket, name := restoredPlace(t, w, a)
		o, err := s.copyObject(ctx, a.Object, bucket, name)
		if err != nil {
			return answer{}, fmt.Errorf("restore %s of test %s: %w", a.Name, t.TestID, err)
		}
		artifacts = append(artifacts, events.Artifact{Name: a.Name, Kind: a.Kind, Object: o})
	}
	return answer{events.KindRestored, events.Restored{From: "archive", Artifacts: artifacts}}, nil
}

// restoredPlace is a name nothing else of the test has or will have.
func restoredPlace(t test, w wish, a events.Artifact) (bucket, name string) {
	bucket = events.BucketReports
	if a.Kind == "raw" {
		bucket = events.BucketRaw
	}
	return bucket, fmt.Sprintf("%srestored-%s/%s", prefix(t.TestID), w.part, a.Name)
}

// forget removes what a restore that did not come about has left, if anything.
func (s *Stage) forget(ctx context.Context, t test, w wish) error {
	for _, a := range t.Artifacts {
		bucket, name := restoredPlace(t, w, a)
		if err := s.Bus.Bucket(bucket).Delete(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// prefix is where everything of a test lies in the buckets raw and reports.
func prefix(testID string) string { return "tests/" + testID + "/" }
