// Package rest answers the operations of api/openapi.yaml: it turns requests into events, and the read
// model into answers. Who may ask and whether a request is well-formed was checked before, by package front.
package rest

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/live"
	"plimsoll.internal/services/gateway/internal/problem"
	"plimsoll.internal/services/gateway/internal/readmodel"
	"plimsoll.internal/services/gateway/internal/token"
)

// How long an answer may wait for others.
const (
	brokerTimeout  = 10 * time.Second // one command on the broker
	projectTimeout = 5 * time.Second  // an own event to show in the read model
	archiverWait   = 5 * time.Second  // the archiver to delete
	auditTimeout   = 2 * time.Second  // one audit entry
	maxWait        = 60 * time.Second // ?wait=
)

// projection is how far the read model follows the events.
type projection interface {
	Wait(ctx context.Context, seq uint64) error
	Fault() error
}

// Server answers the operations. It implements httpapi.StrictServerInterface.
type Server struct {
	Bus        *bus.Bus
	Store      *readmodel.Store
	Hub        *live.Hub
	Projection projection
	Log        *slog.Logger
	Source     string                 // of our events, gateway/<instance>
	Secure     bool                   // browsers reach us by https: cookies only travel there
	NewID      func() (string, error) // of a test; UUIDv7
	Command    func(s Spec) string    // the evalscope command that does one level by hand
	Ping       time.Duration          // between two comments in a live stream
	Now        func() time.Time       // wall time
}

// NewID draws a UUIDv7.
func NewID() (string, error) {
	id, err := uuid.NewV7()
	return id.String(), err
}

// Caller is what the operations need to know about who asks. The middleware puts it into the context.
type Caller struct {
	RequestID string
	Lang      string // zh or en
	RemoteIP  string
	Path      string
	User      token.User // zero on routes without a token
	Refresh   string     // refresh token of the cookie
}

type callerKey struct{}

// WithCaller returns a context that knows who asks.
func WithCaller(ctx context.Context, c *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf returns who asks, never nil.
func CallerOf(ctx context.Context) *Caller {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return c
	}
	return &Caller{Lang: "en"}
}

// refusal turns an error of the libraries into one of the catalogue.
func refusal(err error) error {
	var known *problem.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, readmodel.ErrNotFound):
		return problem.New(problem.TestNotFound)
	case errors.Is(err, readmodel.ErrCursor):
		return problem.New(problem.InvalidCursor)
	case errors.Is(err, bus.ErrStorageFull):
		return problem.New(problem.StorageFull).Because(err)
	case errors.Is(err, bus.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return problem.New(problem.BrokerUnavailable).Because(err).After(2 * time.Second)
	}
	return err
}

// audit notes what somebody did, and whether it worked. The event itself already names who asked, so a
// broker that is away now costs the note, not the answer.
func (s *Server) audit(ctx context.Context, action, object string, actor events.Actor, done error) {
	result := "ok"
	if done != nil {
		result = "failed"
		if status := problem.From(done).Status(); status == 401 || status == 403 {
			result = "denied"
		}
	}
	if err := s.note(ctx, action, object, actor, result); err != nil {
		s.Log.Error("audit entry is not stored", "action", action, "object", object, "user", actor.UserID, "error", err)
	}
}

// actions names what the operations that change something are called in the audit.
var actions = map[string]string{
	"RunTest": "test.create", "CancelTest": "test.cancel", "ArchiveTests": "test.archive",
	"RestoreTest": "test.restore", "DeleteTest": "test.delete", "Register": "auth.register",
}

// Denied notes that somebody tried what his role does not allow.
func (s *Server) Denied(ctx context.Context, operationID, object string) {
	if action, changes := actions[operationID]; changes {
		s.audit(ctx, action, object, CallerOf(ctx).User.Actor(), problem.New(problem.Forbidden))
	}
}

func (s *Server) note(ctx context.Context, action, object string, actor events.Actor, result string) error {
	id, err := NewID()
	if err != nil {
		return err
	}
	c := CallerOf(ctx)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTimeout)
	defer cancel()
	return s.Bus.Audit(ctx, events.AuditEntry{
		ID: id, Action: action, Actor: actor, Object: object, Result: result,
		RequestID: c.RequestID, RemoteIP: c.RemoteIP,
	})
}

// shown waits until an event is in the read model and returns the test.
func (s *Server) shown(ctx context.Context, id string, seq uint64) (httpapi.Test, error) {
	if err := s.projected(ctx, seq); err != nil {
		return httpapi.Test{}, err
	}
	row, err := s.Store.Get(ctx, id)
	if err != nil {
		return httpapi.Test{}, refusal(err)
	}
	return present(row)
}

// projected waits until the read model shows everything up to seq.
func (s *Server) projected(ctx context.Context, seq uint64) error {
	ctx, cancel := context.WithTimeout(ctx, projectTimeout)
	defer cancel()
	if err := s.Projection.Wait(ctx, seq); err != nil {
		return problem.New(problem.ProjectionStopped).Because(err).After(2 * time.Second)
	}
	return nil
}
