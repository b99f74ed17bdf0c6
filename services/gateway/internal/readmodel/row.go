package readmodel

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/spec"
)

// The places of a test.
const (
	PlaceShown  = 0
	PlaceTrash  = 1
	PlacePurged = 2
)

// Row is one test: what lists show as columns, everything else in Lifecycle. Times are µs since 1970.
type Row struct {
	bun.BaseModel `bun:"table:tests"`

	ID            string `bun:"id,pk"`
	Seq           uint64 `bun:"seq"`
	Place         int    `bun:"place"`
	Name          string `bun:"name"`
	Model         string `bun:"model"`
	Engine        string `bun:"engine"`
	Mode          string `bun:"mode"`
	Generator     string `bun:"generator"`
	State         string `bun:"state"`
	Verdict       string `bun:"verdict"`
	InputLength   string `bun:"input_length"`
	OutputLength  string `bun:"output_length"`
	Concurrency   string `bun:"concurrency"`
	Loops         int    `bun:"loops"`
	CreatedBy     string `bun:"created_by"`
	CreatedAt     int64  `bun:"created_at"`
	UpdatedAt     int64  `bun:"updated_at"`
	FinishedAt    int64  `bun:"finished_at"` // 0 before the end
	Archived      int    `bun:"archived"`
	ArchivedAt    int64  `bun:"archived_at"` // 0 when not archived
	ArchiveEngine string `bun:"archive_engine"`
	ArchiveModel  string `bun:"archive_model"`
	ArchiveFolder string `bun:"archive_folder"`
	Wanted        string `bun:"wanted"`
	FailureClass  string `bun:"failure_class"`
	Lifecycle     string `bun:"lifecycle"`
}

// listColumns are the columns a list needs: all but the lifecycle, which may be large.
var listColumns = []string{
	"id", "seq", "place", "name", "model", "engine", "mode", "generator", "state", "verdict",
	"input_length", "output_length", "concurrency", "loops", "created_by", "created_at", "updated_at",
	"finished_at", "archived", "archived_at", "archive_engine", "archive_model", "archive_folder", "wanted",
	"failure_class",
}

// ArchivePath is engine/model/folder in the archive, empty when not archived.
func (r Row) ArchivePath() string {
	if r.Archived == 0 {
		return ""
	}
	return strings.Trim(r.ArchiveEngine+"/"+r.ArchiveModel+"/"+r.ArchiveFolder, "/")
}

// Fold is the lifecycle of the test.
func (r Row) Fold() (events.Lifecycle, error) {
	var l events.Lifecycle
	if err := json.Unmarshal([]byte(r.Lifecycle), &l); err != nil {
		return l, fmt.Errorf("decode lifecycle of test %s: %w", r.ID, err)
	}
	return l, nil
}

// Apply advances the row by one event, which changed the lifecycle to l.
func (r *Row) Apply(e events.Event, l events.Lifecycle) error {
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode lifecycle of test %s: %w", e.TestID, err)
	}
	at := e.Time.UnixMicro()
	if r.ID == "" {
		r.ID, r.CreatedAt = e.TestID, at
	}
	r.Seq, r.UpdatedAt, r.Lifecycle = e.Seq, at, string(text)
	if l.State.Final() && r.FinishedAt == 0 {
		r.FinishedAt = at
	}
	r.describe(l.Spec)
	r.State, r.Verdict, r.Wanted = string(l.State), string(l.Verdict), string(l.Wanted)
	r.CreatedBy = clean(l.By.Name)
	if r.CreatedBy == "" {
		r.CreatedBy = clean(l.By.UserID)
	}
	r.FailureClass = ""
	if l.Failure != nil {
		r.FailureClass = clean(string(l.Failure.Class))
	}
	r.settle(l, at)
	return nil
}

func (r *Row) describe(s spec.Spec) {
	r.Name, r.Model, r.Engine = clean(s.Name), clean(s.Model), clean(s.Engine)
	r.Mode, r.Generator, r.Loops = string(s.Mode), string(s.Generator), s.Loop
	r.InputLength, r.OutputLength = length(s.InputLength), length(s.OutputLength)
	r.Concurrency = load(s)
}

// settle says where the test is kept.
func (r *Row) settle(l events.Lifecycle, at int64) {
	switch {
	case l.Purged:
		r.Place = PlacePurged
	case l.Trashed:
		r.Place = PlaceTrash
	default:
		r.Place = PlaceShown
	}
	if l.ArchivePath == "" {
		r.Archived, r.ArchivedAt = 0, 0
		r.ArchiveEngine, r.ArchiveModel, r.ArchiveFolder = "", "", ""
		return
	}
	if r.Archived == 0 {
		r.Archived, r.ArchivedAt = 1, at
	}
	parts := append(strings.SplitN(clean(l.ArchivePath), "/", 3), "", "")
	r.ArchiveEngine, r.ArchiveModel, r.ArchiveFolder = parts[0], parts[1], parts[2]
}

// clean removes what Postgres cannot store as text.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func length(l spec.Length) string {
	if l.Fixed() {
		return strconv.Itoa(l.Min)
	}
	return fmt.Sprintf("%d–%d", l.Min, l.Max)
}

func load(s spec.Spec) string {
	switch {
	case s.Rate > 0:
		return strconv.FormatFloat(s.Rate, 'g', -1, 64) + "/s"
	case s.Concurrency.Auto:
		return "auto"
	}
	levels := make([]string, len(s.Concurrency.Levels))
	for i, n := range s.Concurrency.Levels {
		levels[i] = strconv.Itoa(n)
	}
	return strings.Join(levels, ", ")
}

// Time turns µs since 1970 into a time in UTC.
func Time(us int64) time.Time { return time.UnixMicro(us).UTC() }
