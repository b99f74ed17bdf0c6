package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
)

// The other services, as far as the gateway sees them: each publishes the events it would publish.

// plan publishes what the prober does.
func (r *rig) plan(id string) {
	r.t.Helper()
	r.publish(id, events.KindPreflight, "", events.Preflight{Checks: []events.Check{
		{Name: "dns", Status: events.CheckOK, Detail: "127.0.0.1", DurationMs: 0.4},
		{Name: "tokens", Status: events.CheckWarning, Detail: "usage is missing", Class: failure.BadStream, Advice: &failure.Text{EN: "look", ZH: "请看"}},
	}})
	r.publish(id, events.KindPlanned, "", events.Planned{
		Plan:     spec.Plan{Loops: 1, Levels: []spec.Level{{Index: 0, Concurrency: 1, Requests: 8, Warmup: 2}}},
		Warnings: []string{"usage is missing"}, Reason: "one level",
	})
}

// claim publishes what a runner does first.
func (r *rig) claim(id string) {
	r.publish(id, events.KindClaimed, "1", events.Claimed{Holder: "runner/1", Attempt: 1})
}

// levelDone is one measured loop with a figure that is unknown.
func levelDone(loop int) events.LevelDone {
	ms, tokens, rate := 812.5, int64(4096), 9.85
	return events.LevelDone{
		Attempt: 1, Raw: events.Object{Bucket: events.BucketRaw, Name: fmt.Sprintf("x/0-%d.parquet", loop), Size: 3},
		Summary: metrics.Summary{
			Loop: loop, Concurrency: 1, DurationMs: &ms, Requests: metrics.Requests{Asked: 8, Total: 8, OK: 7, Failed: 1},
			Errors: map[string]int{"server_error": 1}, Tokens: metrics.Tokens{Output: &tokens, Source: "usage"},
			Throughput: metrics.Throughput{Requests: &rate},
			TTFT:       &metrics.Stats{Count: 7, Mean: 50.1, Min: 48, Max: 55, P50: 50, P90: 54, P95: 55, P99: 55},
		},
	}
}

// measure publishes what a runner does until the load is done.
func (r *rig) measure(id string, loops int) {
	r.t.Helper()
	for loop := range loops {
		r.publish(id, events.KindLevelDone, fmt.Sprint(loop), levelDone(loop))
	}
	r.publish(id, events.KindMeasured, "", events.Measured{
		Attempt: 1, Loops: loops,
		Generator: events.Generator{Name: "evalscope", Version: "1.14.1", Faults: []events.KnownFault{
			{Metric: "ttft_ms", Severity: "warn", Text: failure.Text{EN: "inflated", ZH: "偏大"}},
		}},
	})
}

// workbookName has letters that need care in a header.
const workbookName = "result_通义 \"q\"_20261123.xlsx"

// report publishes what the reporter does, with files that really are in the bucket.
func (r *rig) report(id string) []events.Artifact {
	r.t.Helper()
	files := []events.Artifact{
		r.put(id, workbookName, "workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []byte("PK workbook of "+id)),
		r.put(id, "report.json", "report", "application/json", []byte(`{"schema":"report.v1"}`)),
	}
	r.publish(id, events.KindReported, "", events.Reported{Verdict: events.VerdictPass, Reason: failure.Text{EN: "p99(ttft) 55 ms < 500 ms", ZH: "p99(ttft) 55 ms < 500 ms"}, Artifacts: files})
	return files
}

func (r *rig) put(id, name, kind, contentType string, data []byte) events.Artifact {
	r.t.Helper()
	o, err := r.others.Bucket(events.BucketReports).Put(r.t.Context(), id+"/"+name, contentType, bytes.NewReader(data))
	if err != nil {
		r.t.Fatal(err)
	}
	return events.Artifact{Name: name, Kind: kind, Object: o}
}

// finish brings a new test to its end.
func (r *rig) finish() string {
	r.t.Helper()
	id := r.ask().ID
	r.plan(id)
	r.claim(id)
	r.measure(id, 1)
	r.report(id)
	return id
}

// archiver answers every wish as the archiver does, until the test ends or stop is called.
func (r *rig) archiver() (stop func()) { return r.archiverThat(answerWish) }

func (r *rig) archiverThat(answers func(context.Context, *bus.Bus, events.Event) error) (stop func()) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	conn := r.broker.Connect(r.t, "archiver/1")
	feed := bus.Feed{Stream: events.StreamEvents, Subjects: []string{
		events.SubjectOfKind(events.KindArchiveRequested), events.SubjectOfKind(events.KindRestoreRequested),
		events.SubjectOfKind(events.KindDeleteRequested),
	}}
	var group sync.WaitGroup
	group.Go(func() {
		err := conn.Follow(ctx, feed, func(m bus.Message) error { return answers(ctx, conn, m.Event) })
		if err != nil && !errors.Is(err, context.Canceled) {
			r.t.Errorf("archiver: %v", err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); group.Wait() })
	r.t.Cleanup(stop)
	return stop
}

// failWish answers as an archiver whose disk is full.
func failWish(ctx context.Context, conn *bus.Bus, wish events.Event) error {
	e, err := events.New(wish.TestID, events.KindFailed, fmt.Sprint(wish.Seq), "archiver/1",
		events.Failed{Stage: "archiver", Failure: *failure.New(failure.Storage, "disk full")})
	if err != nil {
		return err
	}
	_, err = conn.Publish(ctx, e)
	return err
}

func answerWish(ctx context.Context, conn *bus.Bus, wish events.Event) error {
	l, err := conn.Fold(ctx, wish.TestID)
	if err != nil {
		return err
	}
	var kind events.Kind
	var payload any
	switch wish.Kind {
	case events.KindArchiveRequested:
		kind, payload = events.KindArchived, events.Archived{Path: "vllm/sim-llm/20261123_101500", Artifacts: l.Artifacts}
	case events.KindRestoreRequested:
		from := "archive"
		if l.Trashed {
			from = "trash"
		}
		kind, payload = events.KindRestored, events.Restored{From: from, Artifacts: l.Artifacts}
	case events.KindDeleteRequested:
		p, err := events.Decode[events.DeleteRequested](wish)
		if err != nil {
			return err
		}
		kind, payload = events.KindDeleted, events.Deleted{Purged: p.Purge}
	}
	e, err := events.New(wish.TestID, kind, fmt.Sprint(wish.Seq), "archiver/1", payload)
	if err != nil {
		return err
	}
	_, err = conn.Publish(ctx, e)
	return err
}

// audited waits until an audit entry of an action about an object is stored and returns the first.
func (r *rig) audited(action, object string) events.AuditEntry {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 15*time.Second)
	defer cancel()
	enough := errors.New("found")
	var found events.AuditEntry
	feed := bus.Feed{Stream: events.StreamAudit, Subjects: []string{events.SubjectAudit(action)}}
	err := r.others.Follow(ctx, feed, func(m bus.Message) error {
		var a events.AuditEntry
		if err := jsonInto(m.Data, &a); err != nil {
			return err
		}
		if a.Object == object {
			found = a
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		r.t.Fatalf("no audit entry %s of %s: %v", action, object, err)
	}
	return found
}

// TestOneTest tells the life of one test and holds every answer against the contract.
func TestOneTest(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		r.archiver()
		id := r.ask().ID
		states := []string{r.get(id).State}
		note := func() { states = append(states, r.get(id).State) }
		r.plan(id)
		note()
		r.claim(id)
		note()
		r.measure(id, 2)
		note()
		r.report(id)
		note()
		if want := []string{"queued", "preflight", "running", "reporting", "succeeded"}; !slices.Equal(states, want) {
			t.Errorf("states %v, want %v", states, want)
		}
		r.holdAgainstContract("GET", "/tests/{id}", "/api/v1/tests/"+id)
		r.holdAgainstContract("GET", "/tests/list", "/api/v1/tests/list")
		r.holdAgainstContract("GET", "/tests/{id}/trace", "/api/v1/tests/"+id+"/trace")
		r.holdAgainstContract("GET", "/tests/{id}/artifacts", "/api/v1/tests/"+id+"/artifacts")

		var bulk struct{ Results []struct{ Status int } }
		r.want(200, &bulk, "POST", "/api/v1/tests/archive", map[string]any{"ids": []string{id}})
		if len(bulk.Results) != 1 || bulk.Results[0].Status != 202 {
			t.Errorf("archive answered %+v", bulk)
		}
		r.until("archived", func() bool { return r.get(id).Archived })
		r.holdAgainstContract("GET", "/archive/tree", "/api/v1/archive/tree?path=vllm/sim-llm")
		r.want(202, nil, "POST", "/api/v1/tests/"+id+"/restore", nil)
		r.until("restored", func() bool { return !r.get(id).Archived })
		r.want(204, nil, "DELETE", "/api/v1/tests/"+id, nil)
		if !r.get(id).Trashed {
			t.Error("not in the trash after 204")
		}
		r.want(204, nil, "DELETE", "/api/v1/tests/"+id, nil)
		r.want(204, nil, "DELETE", "/api/v1/tests/"+id+"?purge=true", nil)
		r.refused(404, "test_not_found", "GET", "/api/v1/tests/"+id, nil)
		r.refused(404, "test_not_found", "DELETE", "/api/v1/tests/"+id, nil)
		for _, action := range []string{"test.create", "test.archive", "test.restore", "test.delete", "test.purge"} {
			if a := r.audited(action, id); a.Result != "ok" || a.Actor.Name != "admin" || a.RequestID == "" || a.RemoteIP == "" {
				t.Errorf("audit %s says %+v", action, a)
			}
		}
	})
}
