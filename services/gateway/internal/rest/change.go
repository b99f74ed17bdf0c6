package rest

import (
	"context"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/problem"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

// CancelTest asks a test to stop. Asking twice is asking once.
func (s *Server) CancelTest(ctx context.Context, r httpapi.CancelTestRequestObject) (httpapi.CancelTestResponseObject, error) {
	actor := CallerOf(ctx).User.Actor()
	seq, err := s.command(ctx, r.Id, func(l events.Lifecycle) (wish, error) {
		switch {
		case l.State.Final():
			return wish{}, problem.New(problem.AlreadyFinal)
		case l.State == events.StateCancelling:
			return wish{}, nil
		}
		return wish{events.KindCancelRequested, events.CancelRequested{By: actor}}, nil
	})
	if err == nil {
		// After the event: whoever sees the wish finds the event that explains it. Asking again sets it again.
		err = s.Bus.SetDesired(ctx, r.Id, events.Desired{State: string(events.StateCancelled), By: actor})
	}
	s.audit(ctx, "test.cancel", r.Id, actor, err)
	if err != nil {
		return nil, refusal(err)
	}
	test, err := s.shown(ctx, r.Id, seq)
	if err != nil {
		return nil, err
	}
	return httpapi.CancelTest202JSONResponse(test), nil
}

// ArchiveTests asks for each test by itself; one that cannot be archived does not keep the others back.
func (s *Server) ArchiveTests(ctx context.Context, r httpapi.ArchiveTestsRequestObject) (httpapi.ArchiveTestsResponseObject, error) {
	c := CallerOf(ctx)
	out := httpapi.ArchiveTests200JSONResponse{Results: make([]httpapi.BulkItem, 0, len(r.Body.Ids))}
	var last uint64
	for _, id := range r.Body.Ids {
		status, seq, err := s.archive(ctx, id, c.User.Actor())
		last = max(last, seq)
		item := httpapi.BulkItem{Id: id, Status: status}
		if err != nil {
			p := problem.From(refusal(err))
			item.Status, item.Problem = p.Status(), inBulk(p, c, id)
		}
		out.Results = append(out.Results, item)
	}
	if err := s.projected(ctx, last); err != nil {
		return nil, err
	}
	return out, nil
}

// archive answers 202 when it is asked for, 200 when it is archived already.
func (s *Server) archive(ctx context.Context, id string, actor events.Actor) (status int, seq uint64, err error) {
	status = 202
	seq, err = s.command(ctx, id, func(l events.Lifecycle) (wish, error) {
		switch {
		case !l.State.Final():
			return wish{}, problem.New(problem.NotFinal)
		case l.Trashed:
			return wish{}, problem.New(problem.InTrash)
		case l.Wanted == events.KindArchiveRequested:
			return wish{}, nil
		case l.Wanted != "":
			return wish{}, problem.New(problem.Busy)
		case l.ArchivePath != "":
			status = 200
			return wish{}, nil
		case l.State != events.StateSucceeded || len(l.Artifacts) == 0:
			return wish{}, problem.New(problem.NothingToArchive)
		}
		return wish{events.KindArchiveRequested, events.ArchiveRequested{By: actor}}, nil
	})
	s.audit(ctx, "test.archive", id, actor, err)
	return status, seq, err
}

// inBulk is the problem of one of many.
func inBulk(p *problem.Error, c *Caller, id string) *httpapi.Problem {
	d := p.Document(c.Lang, "/api/v1/tests/"+id, c.RequestID)
	return &httpapi.Problem{
		Type: d.Type, Title: d.Title, Status: d.Status, Detail: text(d.Detail), Instance: text(d.Instance),
		Code: string(d.Code), RequestId: d.RequestID, Retryable: d.Retryable,
	}
}

// RestoreTest brings a test back from the trash, else from the archive.
func (s *Server) RestoreTest(ctx context.Context, r httpapi.RestoreTestRequestObject) (httpapi.RestoreTestResponseObject, error) {
	actor := CallerOf(ctx).User.Actor()
	seq, err := s.command(ctx, r.Id, func(l events.Lifecycle) (wish, error) {
		switch {
		case l.Wanted == events.KindRestoreRequested:
			return wish{}, nil
		case l.Wanted != "":
			return wish{}, problem.New(problem.Busy)
		case !l.Trashed && l.ArchivePath == "":
			return wish{}, problem.New(problem.NothingToRestore)
		}
		return wish{events.KindRestoreRequested, events.RestoreRequested{By: actor}}, nil
	})
	s.audit(ctx, "test.restore", r.Id, actor, err)
	if err != nil {
		return nil, refusal(err)
	}
	test, err := s.shown(ctx, r.Id, seq)
	if err != nil {
		return nil, err
	}
	return httpapi.RestoreTest202JSONResponse(test), nil
}

// DeleteTest moves a test into the trash, or with purge away for good, and answers when it is done.
func (s *Server) DeleteTest(ctx context.Context, r httpapi.DeleteTestRequestObject) (httpapi.DeleteTestResponseObject, error) {
	actor, purge := CallerOf(ctx).User.Actor(), or(r.Params.Purge, false)
	seq, err := s.command(ctx, r.Id, func(l events.Lifecycle) (wish, error) {
		return deletion(l, actor, purge, r.Params.IfMatch)
	})
	if err == nil {
		err = s.awaitDeleted(ctx, r.Id, seq, purge)
	}
	action := "test.delete"
	if purge {
		action = "test.purge"
	}
	s.audit(ctx, action, r.Id, actor, err)
	if err != nil {
		return nil, refusal(err)
	}
	return httpapi.DeleteTest204Response{}, nil
}

func deletion(l events.Lifecycle, actor events.Actor, purge bool, ifMatch *string) (wish, error) {
	switch {
	case ifMatch != nil && !matches(*ifMatch, etag(l.LastSeq)):
		return wish{}, problem.New(problem.ETagMismatch)
	case !l.State.Final():
		return wish{}, problem.New(problem.NotFinal)
	case l.Trashed && !purge && l.Wanted == "":
		return wish{}, nil
	case l.Wanted != "" && l.Wanted != events.KindDeleteRequested:
		return wish{}, problem.New(problem.Busy)
	case l.Wanted == events.KindDeleteRequested && !purge:
		return wish{}, nil
	}
	return wish{events.KindDeleteRequested, events.DeleteRequested{By: actor, Purge: purge}}, nil
}

// awaitDeleted waits until the archiver has answered the wish at seq.
func (s *Server) awaitDeleted(ctx context.Context, id string, seq uint64, purge bool) error {
	gone := func(row readmodel.Row) bool {
		return row.Seq >= seq && row.Wanted != string(events.KindDeleteRequested)
	}
	row, err := s.await(ctx, id, archiverWait, gone)
	switch {
	case err == readmodel.ErrNotFound: //nolint:errorlint // Get returns it as it is
		return nil // purged
	case err != nil:
		return err
	case !gone(row):
		if fault := s.Projection.Fault(); fault != nil {
			return problem.New(problem.ProjectionStopped).Because(fault).After(archiverWait)
		}
		return problem.New(problem.ArchiverSilent).After(archiverWait)
	case row.Place == readmodel.PlaceShown || purge:
		return problem.New(problem.ArchiverFailed)
	}
	return nil
}
