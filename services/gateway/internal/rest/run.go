package rest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"time"

	"github.com/google/uuid"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/libs/spec/yamlspec"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/problem"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

// Spec is the document of a test.
type Spec = spec.Spec

// RunTest asks for a test: the event is stored first, the answer shows the test as the event made it.
func (s *Server) RunTest(ctx context.Context, r httpapi.RunTestRequestObject) (httpapi.RunTestResponseObject, error) {
	document, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, problem.New(problem.MalformedBody).Because(err)
	}
	doc, err := parse(r.ContentType, document)
	if err != nil {
		return nil, err
	}
	if r.Params.DryRun != nil && *r.Params.DryRun {
		return s.dryRun(ctx, doc), nil
	}
	if fault := s.Projection.Fault(); fault != nil { // a test nobody could look at
		return nil, problem.New(problem.ProjectionStopped).Because(fault).After(2 * time.Second)
	}
	ctx, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	actor := CallerOf(ctx).User.Actor()
	ask := asked{spec: doc, by: actor, part: uuid.NewString()}
	if r.Params.IdempotencyKey != nil {
		err = s.reserve(ctx, &ask, *r.Params.IdempotencyKey, document)
	} else {
		ask.id, err = s.NewID()
	}
	if err == nil {
		err = s.request(ctx, &ask)
	}
	s.audit(ctx, "test.create", ask.id, actor, err)
	if err != nil {
		return nil, refusal(err)
	}
	return s.accepted(ctx, ask)
}

// parse reads the document in either spelling.
func parse(contentType string, document []byte) (Spec, error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return Spec{}, problem.New(problem.UnsupportedMedia).Because(err)
	}
	if media != "application/json" {
		if document, err = yamlspec.ToJSON(document); err != nil {
			return Spec{}, faulty(err)
		}
	}
	doc, err := spec.Parse(document)
	if err != nil {
		return Spec{}, faulty(err)
	}
	return doc, nil
}

// faulty lists every fault of a document.
func faulty(err error) error {
	p := problem.New(problem.InvalidSpec)
	var faults *spec.Faults
	if !errors.As(err, &faults) {
		return p.Because(err)
	}
	for _, f := range faults.List {
		p.Errors = append(p.Errors, problem.Fault{Pointer: f.Pointer, Code: f.Code, Detail: f.Detail, Fix: f.Fix})
	}
	return p
}

// asked is one request for a test on its way.
type asked struct {
	spec     Spec
	by       events.Actor
	id       string // of the test
	part     string // tells our event from one of another request that drew the same id
	seq      uint64 // of the event
	event    events.Event
	replayed bool // the event was stored by an earlier try with the same key
}

// reserve keeps the key with the id chosen for it before anything is published: a retry after a crash at
// any point goes on with the same id, and the broker stores the event of an id once.
func (s *Server) reserve(ctx context.Context, a *asked, key string, document []byte) error {
	fresh, err := s.NewID()
	if err != nil {
		return fmt.Errorf("draw test id: %w", err)
	}
	hash := sha256.Sum256(document)
	k := readmodel.Key{
		UserID: a.by.UserID, Key: key, BodyHash: hex.EncodeToString(hash[:]), TestID: fresh, CreatedAt: s.Now().UnixMicro(),
	}
	a.id, err = s.Store.Reserve(ctx, k)
	if errors.Is(err, readmodel.ErrOtherBody) {
		return problem.New(problem.KeyReused)
	}
	if err != nil {
		return err
	}
	own := sha256.Sum256([]byte(k.UserID + "\x00" + key + "\x00" + k.BodyHash))
	a.part = hex.EncodeToString(own[:8])
	history, err := s.Bus.History(ctx, a.id)
	if err != nil {
		return err
	}
	for _, e := range history {
		if e.Kind == events.KindRequested && e.ID == requestedID(*a) {
			a.event, a.seq, a.replayed = e, e.Seq, true
		}
	}
	return nil
}

func requestedID(a asked) string { return a.id + ":" + string(events.KindRequested) + ":" + a.part }

// request publishes the event unless an earlier try has.
func (s *Server) request(ctx context.Context, a *asked) error {
	if a.replayed {
		return nil
	}
	if a.spec.Prompts.Seed == nil {
		seed := seedOf(a.id)
		a.spec.Prompts.Seed = &seed
	}
	e, err := events.New(a.id, events.KindRequested, a.part, s.Source, events.Requested{Spec: a.spec, By: a.by})
	if err != nil {
		return err
	}
	a.event = e
	a.seq, err = s.Bus.Publish(ctx, e, bus.ExpectTest(0))
	if errors.Is(err, bus.ErrConflict) {
		return problem.New(problem.IDTaken).Because(err)
	}
	return err
}

// seedOf draws the seed of the prompts from the random part of the id, so that a retry draws the same.
func seedOf(id string) int64 {
	sum := sha256.Sum256([]byte(id))
	return int64(sum[0])<<24 | int64(sum[1])<<16 | int64(sum[2])<<8 | int64(sum[3])
}

// accepted answers with the test as its first event made it, the same at every retry.
func (s *Server) accepted(ctx context.Context, a asked) (httpapi.RunTestResponseObject, error) {
	wait, cancel := context.WithTimeout(ctx, projectTimeout)
	defer cancel()
	if err := s.Projection.Wait(wait, a.seq); err != nil {
		// The test exists; only lists do not show it yet.
		s.Log.Warn("test is accepted but not projected yet", "test", a.id, "error", err)
	}
	a.event.Seq = a.seq
	var l events.Lifecycle
	var row readmodel.Row
	if err := l.Apply(a.event); err != nil {
		return nil, err
	}
	if err := row.Apply(a.event, l); err != nil {
		return nil, err
	}
	test, err := present(row)
	if err != nil {
		return nil, err
	}
	headers := httpapi.RunTest202ResponseHeaders{
		Location: text("/api/v1/tests/" + a.id), ETag: text(etag(a.seq)),
	}
	if a.replayed {
		headers.IdempotencyReplayed = text("true")
	}
	return httpapi.RunTest202JSONResponse{Body: test, Headers: headers}, nil
}

// dryRun shows what would be done. Nothing is stored.
func (s *Server) dryRun(ctx context.Context, doc Spec) httpapi.RunTestResponseObject {
	plan := doc.Plan()
	return httpapi.RunTest200JSONResponse{
		Spec: doc, Plan: plan, Requests: plan.Requests(), Command: s.Command(doc),
		Warnings: warnings(doc, plan, CallerOf(ctx).Lang),
	}
}

// warnings says what is allowed but seldom meant.
func warnings(doc Spec, plan spec.Plan, lang string) []string {
	out := []string{}
	add := func(en, zh string, args ...any) {
		out = append(out, fmt.Sprintf(failure.Text{EN: en, ZH: zh}.In(lang), args...))
	}
	for _, l := range plan.Levels {
		if l.Requests > 0 && l.Requests < l.Concurrency {
			add("Level %d sends %d requests, fewer than its concurrency of %d, which is never reached.",
				"第 %d 级只发送 %d 个请求，少于其并发数 %d，实际达不到该并发。", l.Index+1, l.Requests, l.Concurrency)
		}
	}
	if !doc.Warmup.On {
		add("There is no warm-up: the first requests of every level measure a cold server.",
			"没有预热：每一级最初的请求测到的是冷启动的服务。")
	}
	if time.Duration(doc.Duration) > 0 && time.Duration(doc.Duration) < 10*time.Second {
		add("Loops of %s are short; percentiles will vary from run to run.",
			"每轮仅 %s，过短，分位数每次会有较大波动。", time.Duration(doc.Duration))
	}
	return out
}
