package stage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/filename"
)

// ownerName is the object that says whose an archive folder is. It is written first, by whoever comes
// first, and stays when the test is restored, so that no later archive takes the folder again.
const ownerName = "owner.json"

// maxFolders bounds the search for a free folder of one second.
const maxFolders = 10_000

// archive copies report and raw data into a folder of the archive.
func (s *Stage) archive(ctx context.Context, t test, w wish) (answer, error) {
	if t.ArchivePath != "" && !t.Trashed && !t.Purged { // the wish is met already
		return answer{events.KindArchived, events.Archived{Path: t.ArchivePath, Artifacts: t.Artifacts}}, nil
	}
	if err := archivable(t); err != nil {
		return answer{}, err
	}
	path, err := s.takeFolder(ctx, t, w)
	if err != nil {
		return answer{}, err
	}
	m := newManifest(t, w, path)
	artifacts := make([]events.Artifact, 0, len(m.Files)+1)
	for i, a := range t.Artifacts {
		o, err := s.copyObject(ctx, a.Object, events.BucketArchive, path+"/"+m.Files[i].File)
		if err != nil {
			return answer{}, fmt.Errorf("archive %s of test %s: %w", a.Name, t.TestID, err)
		}
		artifacts = append(artifacts, events.Artifact{Name: a.Name, Kind: a.Kind, Object: o})
	}
	o, err := s.putManifest(ctx, path, m)
	if err != nil {
		return answer{}, err
	}
	artifacts = append(artifacts, events.Artifact{Name: manifestName, Kind: manifestKind, Object: o})
	return answer{events.KindArchived, events.Archived{Path: path, Artifacts: artifacts}}, nil
}

// owner is the content of ownerName; it is the same every time the wish is worked on.
func owner(t test, w wish) []byte {
	content, err := json.Marshal(map[string]string{"test_id": t.TestID, "wish": w.part})
	if err != nil { // two strings always encode
		return nil
	}
	return content
}

// takeFolder takes engine/model/timestamp, or the same with _2, _3 and so on when others were there first.
// The broker decides who was first.
func (s *Stage) takeFolder(ctx context.Context, t test, w wish) (string, error) {
	base := filename.ArchiveFolder(t.Spec.Engine, t.Spec.Model, t.requestedAt())
	for n := 1; n <= maxFolders; n++ {
		path := base
		if n > 1 {
			path = fmt.Sprintf("%s_%d", base, n)
		}
		_, err := s.Bus.Bucket(events.BucketArchive).Put(ctx, path+"/"+ownerName, typeJSON, bytes.NewReader(owner(t, w)))
		if !errors.Is(err, bus.ErrConflict) {
			return path, err
		}
	}
	return "", fmt.Errorf("archive test %s: %d folders of %s are taken", t.TestID, maxFolders, base)
}

// abandon removes what an archive that did not come about has left, if anything.
func (s *Stage) abandon(ctx context.Context, t test, w wish) error {
	bucket := s.Bus.Bucket(events.BucketArchive)
	stored, err := bucket.List(ctx, filename.ArchiveFolder(t.Spec.Engine, t.Spec.Model, t.requestedAt()))
	if err != nil {
		return fmt.Errorf("look for what was archived of test %s: %w", t.TestID, err)
	}
	sum := sha256.Sum256(owner(t, w))
	for _, o := range stored {
		path, mine := strings.CutSuffix(o.Name, "/"+ownerName)
		if mine && o.Digest == "sha256:"+hex.EncodeToString(sum[:]) {
			return s.removeAll(ctx, events.BucketArchive, path+"/")
		}
	}
	return nil
}

// copyObject copies an object whole and reads the copy back before it counts.
func (s *Stage) copyObject(ctx context.Context, from events.Object, bucket, name string) (events.Object, error) {
	in, err := s.Bus.Bucket(from.Bucket).Open(ctx, from)
	if err != nil {
		return events.Object{}, err
	}
	to, err := s.Bus.Bucket(bucket).Put(ctx, name, from.ContentType, in)
	if err = errors.Join(err, in.Close()); err != nil {
		return events.Object{}, err
	}
	if to.Digest != from.Digest || to.Size != from.Size {
		return events.Object{}, fmt.Errorf("%w: copy %s/%s differs from %s/%s", bus.ErrObjectDamaged, bucket, name, from.Bucket, from.Name)
	}
	return to, s.readBack(ctx, to)
}

// errBadCopy: what was just written reads back as something else. The source is whole.
var errBadCopy = errors.New("copy was not whole and was removed")

// readBack reads what was written before it counts. An upload that was cut short at its very end can leave
// a name without its bytes; such a copy is removed, so that the next attempt writes it again.
func (s *Stage) readBack(ctx context.Context, o events.Object) error {
	f, err := s.Bus.Bucket(o.Bucket).Open(ctx, o)
	if errors.Is(err, bus.ErrObjectDamaged) {
		return errors.Join(fmt.Errorf("%w: %v", errBadCopy, err), s.Bus.Bucket(o.Bucket).Delete(ctx, o.Name))
	}
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	return f.Close()
}
