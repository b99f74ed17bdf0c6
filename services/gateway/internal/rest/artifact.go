package rest

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/problem"
)

// ListArtifacts lists the files of a test.
func (s *Server) ListArtifacts(ctx context.Context, r httpapi.ListArtifactsRequestObject) (httpapi.ListArtifactsResponseObject, error) {
	l, err := s.lifecycle(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	return httpapi.ListArtifacts200JSONResponse{Items: artifacts(l)}, nil
}

// DownloadArtifact hands out one file by its name.
func (s *Server) DownloadArtifact(ctx context.Context, r httpapi.DownloadArtifactRequestObject) (httpapi.DownloadArtifactResponseObject, error) {
	return s.download(ctx, r.Id, func(a events.Artifact) bool { return a.Name == r.Name })
}

// DownloadWorkbook hands out the workbook.
func (s *Server) DownloadWorkbook(ctx context.Context, r httpapi.DownloadWorkbookRequestObject) (httpapi.DownloadWorkbookResponseObject, error) {
	return s.download(ctx, r.Id, func(a events.Artifact) bool { return a.Kind == "workbook" })
}

// GetReport hands out the report document.
func (s *Server) GetReport(ctx context.Context, r httpapi.GetReportRequestObject) (httpapi.GetReportResponseObject, error) {
	return s.download(ctx, r.Id, func(a events.Artifact) bool { return a.Kind == "report" })
}

func (s *Server) lifecycle(ctx context.Context, id string) (events.Lifecycle, error) {
	row, err := s.Store.Get(ctx, id)
	if err != nil {
		return events.Lifecycle{}, refusal(err)
	}
	return row.Fold()
}

// download opens the first file that is wanted. The bytes were checked against the digest before the first
// of them leaves, and the audit entry is stored before that: nothing is handed out unnoticed.
func (s *Server) download(ctx context.Context, id string, wanted func(events.Artifact) bool) (*file, error) {
	l, err := s.lifecycle(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, a := range l.Artifacts {
		if !wanted(a) {
			continue
		}
		content, err := s.Bus.Bucket(a.Object.Bucket).Open(ctx, a.Object)
		if err != nil {
			return nil, unreadable(err)
		}
		if err := s.note(ctx, "test.download", id+"/"+a.Name, CallerOf(ctx).User.Actor(), "ok"); err != nil {
			return nil, errors.Join(problem.New(problem.BrokerUnavailable).Because(err), content.Close())
		}
		return &file{artifact: a, content: content, server: s}, nil
	}
	return nil, problem.New(problem.ArtifactMissing)
}

func unreadable(err error) error {
	switch {
	case errors.Is(err, bus.ErrObjectMissing):
		return problem.New(problem.ArtifactMissing).Because(err)
	case errors.Is(err, bus.ErrObjectDamaged):
		return problem.New(problem.ObjectDamaged).Because(err)
	}
	return refusal(err)
}

// file is one file on its way to the client.
type file struct {
	artifact events.Artifact
	content  io.ReadCloser
	server   *Server
}

// VisitDownloadArtifactResponse writes the file.
func (f *file) VisitDownloadArtifactResponse(w http.ResponseWriter) error { return f.write(w) }

// VisitDownloadWorkbookResponse writes the file.
func (f *file) VisitDownloadWorkbookResponse(w http.ResponseWriter) error { return f.write(w) }

// VisitGetReportResponse writes the file.
func (f *file) VisitGetReportResponse(w http.ResponseWriter) error { return f.write(w) }

func (f *file) write(w http.ResponseWriter) error {
	defer f.content.Close() //nolint:errcheck // it was only read
	h := w.Header()
	h.Set("Content-Type", contentType(f.artifact.Object))
	h.Set("Content-Length", strconv.FormatInt(f.artifact.Object.Size, 10))
	h.Set("Content-Disposition", disposition(f.artifact.Name))
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", strconv.Quote(f.artifact.Object.Digest))
	if d := digestHeader(f.artifact.Object.Digest); d != "" {
		h.Set("Digest", d)
	}
	w.WriteHeader(http.StatusOK)
	if _, err := io.Copy(w, f.content); err != nil {
		// The head is out: all that is left is to break off, so that the client sees a short file.
		f.server.Log.Info("download broke off", "file", f.artifact.Name, "error", err)
	}
	return nil
}

// disposition names the file for every browser: plain for old ones, RFC 5987 for all letters.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// digestHeader turns "sha256:<hex>" into the form of RFC 3230.
func digestHeader(digest string) string {
	text, ok := strings.CutPrefix(digest, "sha256:")
	raw, err := hex.DecodeString(text)
	if !ok || err != nil {
		return ""
	}
	return "SHA-256=" + base64.StdEncoding.EncodeToString(raw)
}
