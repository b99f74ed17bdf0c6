package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/filename"
	"plimsoll.internal/libs/spec"
)

const (
	manifestSchema = "manifest.v1"
	manifestName   = "manifest.json"
	manifestKind   = "manifest"
	typeJSON       = "application/json"
)

// manifest says what lies in an archive folder and how to know that it is whole. It holds the names that
// were too wild for a path.
type manifest struct {
	Schema     string         `json:"schema"`
	TestID     string         `json:"test_id"`
	Name       string         `json:"name,omitempty"`
	Model      string         `json:"model"`
	Engine     string         `json:"engine"`
	Path       string         `json:"path"`
	CreatedAt  time.Time      `json:"created_at"`  // when the test was asked for
	ArchivedAt time.Time      `json:"archived_at"` // when the archive was asked for
	ArchivedBy events.Actor   `json:"archived_by"`
	Verdict    events.Verdict `json:"verdict"`
	Files      []stored       `json:"files"`
	Spec       spec.Spec      `json:"spec"`
}

// stored is one file of the folder.
type stored struct {
	File     string `json:"file"` // below the folder
	Name     string `json:"name"` // for people
	Kind     string `json:"kind"`
	Original string `json:"original"` // bucket/object it was copied from
	Size     int64  `json:"size_bytes"`
	SHA256   string `json:"sha256"` // hex
}

// newManifest follows from test and wish alone, so a second attempt writes the same bytes.
func newManifest(t test, w wish, path string) manifest {
	m := manifest{
		Schema: manifestSchema, TestID: t.TestID, Name: t.Spec.Name, Model: t.Spec.Model, Engine: t.Spec.Engine,
		Path: path, CreatedAt: t.requestedAt(), ArchivedAt: w.at, ArchivedBy: w.by, Verdict: t.Verdict, Spec: t.Spec,
	}
	taken := map[string]bool{manifestName: true, ownerName: true}
	for i, a := range t.Artifacts {
		file := place(a)
		if taken[file] {
			file = fmt.Sprintf("files/%d_%s", i+1, filename.Slug(a.Name))
		}
		taken[file] = true
		m.Files = append(m.Files, stored{
			File: file, Name: a.Name, Kind: a.Kind, Original: a.Object.Bucket + "/" + a.Object.Name,
			Size: a.Object.Size, SHA256: strings.TrimPrefix(a.Object.Digest, "sha256:"),
		})
	}
	return m
}

// place is where a file goes below its folder.
func place(a events.Artifact) string {
	switch a.Kind {
	case "workbook":
		return "result.xlsx"
	case "report":
		return "report.json"
	case "raw":
		return "raw/" + filename.Slug(a.Name)
	}
	return "files/" + filename.Slug(a.Name)
}

// putManifest writes the manifest last, so a folder with one is complete. The folder is ours: a manifest of
// an attempt by another version of this program is replaced.
func (s *Stage) putManifest(ctx context.Context, path string, m manifest) (events.Object, error) {
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return events.Object{}, fmt.Errorf("encode manifest of test %s: %w", m.TestID, err)
	}
	bucket, name := s.Bus.Bucket(events.BucketArchive), path+"/"+manifestName
	o, err := bucket.Put(ctx, name, typeJSON, bytes.NewReader(content))
	if errors.Is(err, bus.ErrConflict) {
		if err = bucket.Delete(ctx, name); err == nil {
			o, err = bucket.Put(ctx, name, typeJSON, bytes.NewReader(content))
		}
	}
	if err != nil {
		return events.Object{}, fmt.Errorf("write manifest of test %s: %w", m.TestID, err)
	}
	return o, s.readBack(ctx, o)
}
