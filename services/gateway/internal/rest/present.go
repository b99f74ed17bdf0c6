package rest

import (
	"net/url"
	"strconv"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

// etag is the strong entity tag of a test: the sequence of its last event.
func etag(seq uint64) string { return `"` + strconv.FormatUint(seq, 10) + `"` }

// summary is one line of the history.
func summary(r readmodel.Row) httpapi.TestSummary {
	return httpapi.TestSummary{
		Id: r.ID, Name: r.Name, Model: r.Model, Engine: r.Engine, Mode: r.Mode, Generator: r.Generator,
		State: events.State(r.State), Verdict: verdict(r.Verdict), CreatedBy: r.CreatedBy,
		CreatedAt: readmodel.Time(r.CreatedAt), UpdatedAt: readmodel.Time(r.UpdatedAt), FinishedAt: timeOf(r.FinishedAt),
		InputLength: r.InputLength, OutputLength: r.OutputLength, Concurrency: r.Concurrency, Loop: r.Loops,
		Archived: r.Archived == 1, ArchivePath: text(r.ArchivePath()), Trashed: r.Place != readmodel.PlaceShown,
		Wanted: text(r.Wanted), FailureClass: text(r.FailureClass), Seq: int64(r.Seq),
	}
}

// present is everything about one test.
func present(r readmodel.Row) (httpapi.Test, error) {
	l, err := r.Fold()
	if err != nil {
		return httpapi.Test{}, err
	}
	s := summary(r)
	t := httpapi.Test{
		Id: s.Id, Name: s.Name, Model: s.Model, Engine: s.Engine, Mode: s.Mode, Generator: s.Generator,
		State: s.State, Verdict: s.Verdict, CreatedBy: s.CreatedBy, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt,
		FinishedAt: s.FinishedAt, InputLength: s.InputLength, OutputLength: s.OutputLength,
		Concurrency: s.Concurrency, Loop: s.Loop, Archived: s.Archived, ArchivePath: s.ArchivePath,
		Trashed: s.Trashed, Wanted: s.Wanted, FailureClass: s.FailureClass, Seq: s.Seq,
		Spec: l.Spec, Runner: text(l.Holder), Checks: orEmpty(l.Checks),
		Warnings: []string{}, Levels: levels(l), Artifacts: artifacts(l),
	}
	if l.Attempt > 0 {
		t.Attempt = &l.Attempt
	}
	if l.Reason.EN != "" {
		t.Reason = &l.Reason
	}
	if l.Planned != nil {
		t.Plan, t.Warnings = &l.Planned.Plan, orEmpty(l.Planned.Warnings)
	}
	if l.Measured != nil {
		g := l.Measured.Generator
		t.GeneratorInfo = &httpapi.GeneratorInfo{Name: g.Name, Version: g.Version, Faults: orEmpty(g.Faults)}
	}
	if l.Failure != nil {
		t.Failure = &httpapi.Failure{
			Stage: l.FailedStage, Class: string(l.Failure.Class), Title: l.Failure.Class.Info().Title,
			Message: l.Failure.Message, Advice: l.Failure.Advice,
		}
	}
	return t, nil
}

// levels are the figures of every loop of every level; a map that came as null is shown empty.
func levels(l events.Lifecycle) []metrics.Summary {
	out := make([]metrics.Summary, 0, len(l.Levels))
	for _, done := range l.Levels {
		if done.Summary.Errors == nil {
			done.Summary.Errors = map[string]int{}
		}
		out = append(out, done.Summary)
	}
	return out
}

func artifacts(l events.Lifecycle) []httpapi.Artifact {
	out := make([]httpapi.Artifact, 0, len(l.Artifacts))
	for _, a := range l.Artifacts {
		out = append(out, httpapi.Artifact{
			Name: a.Name, Kind: httpapi.ArtifactKind(a.Kind), SizeBytes: a.Object.Size, Digest: a.Object.Digest,
			ContentType: contentType(a.Object), Url: "/api/v1/tests/" + l.TestID + "/artifacts/" + url.PathEscape(a.Name),
		})
	}
	return out
}

func contentType(o events.Object) string {
	if o.ContentType == "" {
		return "application/octet-stream"
	}
	return o.ContentType
}

// shownEvent is an event as clients see it.
func shownEvent(e readmodel.Logged) httpapi.TestEvent {
	return httpapi.TestEvent{
		Id: e.ID, Seq: int64(e.Seq), Kind: e.Kind, Source: e.Source, Time: readmodel.Time(e.At),
		State: events.State(e.State), Data: []byte(e.Data),
	}
}

func progress(t events.Tick) httpapi.Progress {
	return httpapi.Progress{
		Phase: httpapi.ProgressPhase(t.Phase), Check: text(t.Check), Level: t.Level, Loop: t.Loop, Done: t.Done,
		Total: t.Total, Percent: t.Percent, ElapsedMs: t.ElapsedMs,
	}
}

func verdict(v string) events.Verdict {
	if v == "" {
		return events.VerdictNone
	}
	return events.Verdict(v)
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timeOf(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := readmodel.Time(us)
	return &t
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
