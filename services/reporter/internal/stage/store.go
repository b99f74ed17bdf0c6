package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
)

// file is one file waiting to be stored.
type file struct{ name, kind, contentType, path string }

// maxFolders bounds the search for a folder nobody has written other bytes to.
const maxFolders = 1000

// store uploads the files into one folder of the test. Names are written once: when an earlier attempt
// that was cut short left other bytes there, the next folder is taken.
func (s *Stage) store(ctx context.Context, t test, files []file) ([]events.Artifact, error) {
	for n := 1; n <= maxFolders; n++ {
		folder := t.folder()
		if n > 1 {
			folder += fmt.Sprintf("_%d", n)
		}
		artifacts, err := s.storeIn(ctx, folder, files)
		if !errors.Is(err, bus.ErrConflict) {
			return artifacts, err
		}
	}
	return nil, fmt.Errorf("store report of test %s: %d folders hold other files", t.TestID, maxFolders)
}

func (s *Stage) storeIn(ctx context.Context, folder string, files []file) ([]events.Artifact, error) {
	artifacts := make([]events.Artifact, 0, len(files))
	for _, f := range files {
		in, err := os.Open(f.path)
		if err != nil {
			return nil, err
		}
		o, err := s.Bus.Bucket(events.BucketReports).Put(ctx, folder+"/"+f.name, f.contentType, in)
		if err := errors.Join(err, in.Close()); err != nil {
			return nil, fmt.Errorf("store %s/%s: %w", folder, f.name, err)
		}
		if err := s.readBack(ctx, o); err != nil {
			return nil, err
		}
		artifacts = append(artifacts, events.Artifact{Name: f.name, Kind: f.kind, Object: o})
	}
	return artifacts, nil
}

// errBadCopy: what was just stored reads back as something else.
var errBadCopy = errors.New("the stored report was not whole and was removed")

// readBack reads what was stored before it counts. What is damaged is removed, so that the next attempt stores
// it again.
func (s *Stage) readBack(ctx context.Context, o events.Object) error {
	bucket := s.Bus.Bucket(o.Bucket)
	f, err := bucket.Open(ctx, o)
	if errors.Is(err, bus.ErrObjectDamaged) {
		return errors.Join(fmt.Errorf("%w: %v", errBadCopy, err), bucket.Delete(ctx, o.Name))
	}
	if err != nil {
		return fmt.Errorf("read back %s: %w", o.Name, err)
	}
	return f.Close()
}

// folder is where the files of the first attempt go; those of later ones get a number behind it.
func (t test) folder() string {
	return fmt.Sprintf("tests/%s/%d", t.TestID, t.seqOf(events.KindMeasured))
}

// sweep removes what attempts stored that did not become the report. It touches nothing but the folders of
// this stage.
func (s *Stage) sweep(ctx context.Context, t test) error {
	keep, err := t.reported()
	if err != nil {
		return err
	}
	bucket := s.Bus.Bucket(events.BucketReports)
	stored, err := bucket.List(ctx, t.folder())
	if err != nil {
		return fmt.Errorf("list reports of test %s: %w", t.TestID, err)
	}
	for _, o := range stored {
		rest := strings.TrimPrefix(o.Name, t.folder())
		if keep[o.Name] || !strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, "_") {
			continue
		}
		if err := bucket.Delete(ctx, o.Name); err != nil {
			return fmt.Errorf("remove left-over %s: %w", o.Name, err)
		}
	}
	return nil
}

// reported names the objects of the report.
func (t test) reported() (map[string]bool, error) {
	names := map[string]bool{}
	for _, e := range t.history {
		if e.Kind != events.KindReported {
			continue
		}
		r, err := events.Decode[events.Reported](e)
		if err != nil {
			return nil, err
		}
		for _, a := range r.Artifacts {
			names[a.Object.Name] = true
		}
	}
	return names, nil
}
