package rest

import (
	"context"
	"strings"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/problem"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

// defaultLimit is the length of a page nobody chose.
const defaultLimit = 50

// ListTests shows one page of the history.
func (s *Server) ListTests(ctx context.Context, r httpapi.ListTestsRequestObject) (httpapi.ListTestsResponseObject, error) {
	p := r.Params
	f := readmodel.Filter{
		States: or(p.State, nil), Model: or(p.Model, ""), Engine: or(p.Engine, ""),
		Archived: p.Archived, Trashed: or(p.Trashed, false),
	}
	if p.Since != nil {
		f.Since = p.Since.UnixMicro()
	}
	if p.Until != nil {
		f.Until = p.Until.UnixMicro()
	}
	page, err := s.Store.List(ctx, f, or(p.Limit, defaultLimit), or(p.Cursor, ""))
	if err != nil {
		return nil, refusal(err)
	}
	out := httpapi.ListTests200JSONResponse{Items: make([]httpapi.TestSummary, 0, len(page.Rows)), NextCursor: text(page.Next)}
	for _, row := range page.Rows {
		out.Items = append(out.Items, summary(row))
	}
	return out, nil
}

// GetTest shows one test, at once or when it has ended.
func (s *Server) GetTest(ctx context.Context, r httpapi.GetTestRequestObject) (httpapi.GetTestResponseObject, error) {
	wait, err := waitFor(or(r.Params.Wait, ""))
	if err != nil {
		return nil, err
	}
	row, err := s.await(ctx, r.Id, wait, func(row readmodel.Row) bool { return events.State(row.State).Final() })
	if err != nil {
		return nil, refusal(err)
	}
	tag := etag(row.Seq)
	if matches(or(r.Params.IfNoneMatch, ""), tag) {
		return httpapi.GetTest304Response{Headers: httpapi.GetTest304ResponseHeaders{ETag: &tag}}, nil
	}
	test, err := present(row)
	if err != nil {
		return nil, err
	}
	return httpapi.GetTest200JSONResponse{Body: test, Headers: httpapi.GetTest200ResponseHeaders{ETag: &tag}}, nil
}

// waitFor reads ?wait=.
func waitFor(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > maxWait {
		p := problem.New(problem.InvalidParameter)
		p.Errors = []problem.Fault{{
			Pointer: "query/wait", Code: "invalid",
			Detail: failure.Text{EN: "must be a duration between 0s and 60s", ZH: "必须是 0s 到 60s 之间的时长"},
			Fix:    failure.Text{EN: "write it like 30s", ZH: "请写成 30s 这样的形式"},
		}}
		return 0, p
	}
	return d, nil
}

// await returns the test once it is as wanted, or as it is when the time is over.
func (s *Server) await(ctx context.Context, id string, wait time.Duration, wanted func(readmodel.Row) bool) (readmodel.Row, error) {
	viewer := s.Hub.Watch(id) // before the first look, or something could happen between look and watch
	defer viewer.Close()
	end := time.NewTimer(wait)
	defer end.Stop()
	for {
		row, err := s.Store.Get(ctx, id)
		if err != nil || wait == 0 || wanted(row) {
			return row, err
		}
		for changed := false; !changed; {
			select {
			case <-viewer.Notice():
				list, _, lost := viewer.Take()
				changed = len(list) > 0 || lost
			case <-end.C:
				return row, nil
			case <-s.Hub.Closed():
				return row, nil
			case <-ctx.Done():
				return row, ctx.Err()
			}
		}
	}
}

// TraceTest shows every event of a test.
func (s *Server) TraceTest(ctx context.Context, r httpapi.TraceTestRequestObject) (httpapi.TraceTestResponseObject, error) {
	if _, err := s.Store.Get(ctx, r.Id); err != nil {
		return nil, refusal(err)
	}
	list, err := s.Store.Events(ctx, r.Id, 0)
	if err != nil {
		return nil, err
	}
	out := httpapi.TraceTest200JSONResponse{Events: make([]httpapi.TestEvent, 0, len(list))}
	for _, e := range list {
		out.Events = append(out.Events, shownEvent(e))
	}
	return out, nil
}

// ArchiveTree shows one folder of the archive.
func (s *Server) ArchiveTree(ctx context.Context, r httpapi.ArchiveTreeRequestObject) (httpapi.ArchiveTreeResponseObject, error) {
	path := strings.Trim(or(r.Params.Path, ""), "/")
	engine, model, _ := strings.Cut(path, "/")
	branches, err := s.Store.Tree(ctx, engine, model)
	if err != nil {
		return nil, err
	}
	out := httpapi.ArchiveTree200JSONResponse{Path: path, Entries: make([]httpapi.ArchiveEntry, 0, len(branches))}
	for _, b := range branches {
		e := httpapi.ArchiveEntry{Name: b.Name, Kind: httpapi.ArchiveEntryKindEngine}
		switch {
		case model != "":
			e.Kind, e.TestId, e.ArchivedAt = httpapi.ArchiveEntryKindTest, text(b.TestID), timeOf(b.ArchivedAt)
		case engine != "":
			e.Kind, e.Tests = httpapi.ArchiveEntryKindModel, &b.Tests
		default:
			e.Tests = &b.Tests
		}
		out.Entries = append(out.Entries, e)
	}
	return out, nil
}

// matches reports whether a list of entity tags, as in If-Match, holds the tag or is *.
func matches(header, tag string) bool {
	for _, have := range strings.Split(header, ",") {
		have = strings.TrimPrefix(strings.TrimSpace(have), "W/")
		if have == tag || have == "*" {
			return true
		}
	}
	return false
}

func or[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}
