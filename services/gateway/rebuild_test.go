package gateway_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/db/dbtest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
)

// rows reads a table as it is, row by row.
func (r *rig) rows(query string) []map[string]any {
	r.t.Helper()
	d := dbtest.Open(r.t, db.Config{
		URL: r.conf.DatabaseURL, SQLitePath: filepath.Join(r.data, "gateway.db"), Schema: "gateway",
	})
	var out []map[string]any
	if err := d.NewRaw(query).Scan(r.t.Context(), &out); err != nil {
		r.t.Fatal(err)
	}
	return out
}

var tables = map[string]string{
	"tests":      "SELECT * FROM tests ORDER BY id",
	"event_log":  "SELECT * FROM event_log ORDER BY seq",
	"projection": "SELECT * FROM projection",
}

// TestRebuild drops the read model and makes it again from the events: row by row the same.
func TestRebuild(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		r.archiver()
		r.want(200, nil, "POST", "/api/v1/tests/archive", map[string]any{"ids": []string{r.finish()}})
		r.want(204, nil, "DELETE", "/api/v1/tests/"+r.finish(), nil)
		purged := r.finish()
		r.want(204, nil, "DELETE", "/api/v1/tests/"+purged+"?purge=true", nil)
		r.publish(r.ask().ID, events.KindRejected, "", events.Rejected{Failure: *failure.New(failure.Auth, "401")})
		r.want(202, nil, "POST", "/api/v1/tests/run", sampleSpec(), "Idempotency-Key", "kept")
		before := map[string][]map[string]any{}
		r.until("archived", func() bool { return len(r.rows("SELECT id FROM tests WHERE archived = 1")) == 1 })
		for name, query := range tables {
			before[name] = r.rows(query)
		}
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		r.conf.Rebuild = true
		r.run()
		for name, query := range tables {
			if diff := cmp.Diff(before[name], r.rows(query)); diff != "" || len(before[name]) == 0 {
				t.Errorf("%s (-before +after, %d rows):\n%s", name, len(before[name]), diff)
			}
		}
		again := r.want(202, nil, "POST", "/api/v1/tests/run", sampleSpec(), "Idempotency-Key", "kept")
		if again.header.Get("Idempotency-Replayed") != "true" {
			t.Error("the idempotency key is forgotten")
		}
	})
}

// TestForeignStream starts the gateway with a broker that has lost its data: it refuses to mix the two.
func TestForeignStream(t *testing.T) {
	r := start(t, gatewayConfig())
	id := r.finish()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	fresh := start(t, gatewayConfig())
	if err := fresh.stop(); err != nil {
		t.Fatal(err)
	}
	fresh.data, fresh.key, fresh.token = r.data, r.key, r.token
	fresh.launch()
	var p problem
	fresh.until("readyz says why", func() bool {
		a := fresh.do("GET", "/readyz", nil)
		p = fresh.document(a, "readyz")
		for _, e := range p.Errors {
			if e.Pointer == "check/projection" && strings.Contains(e.Detail, "not the one") {
				return true
			}
		}
		return false
	})
	if err := fresh.others.PublishKeys(t.Context(), events.KeySet{Keys: []events.Key{{ID: "k1", Public: r.public()}}}); err != nil {
		t.Fatal(err)
	}
	fresh.until("keys", func() bool { return fresh.do("GET", "/api/v1/auth/me", nil).status == 200 })
	if got := fresh.get(id); got.State != "succeeded" {
		t.Errorf("what was projected is not shown any more: %+v", got)
	}
	fresh.refused(404, "test_not_found", "POST", "/api/v1/tests/"+id+"/cancel", nil)
	fresh.refused(503, "projection_stopped", "POST", "/api/v1/tests/run", sampleSpec())
}

// TestEventNobodyUnderstands puts garbage into the stream: it is passed over, the rest is shown.
func TestEventNobodyUnderstands(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		id := r.ask().ID
		r.send(id, events.KindPreflight, "bad", "a text where an object belongs")
		r.send(id, events.Kind("invented_later"), "", map[string]string{"model": "\x00\x01"})
		r.plan(id)
		if got := r.get(id); got.State != "preflight" || len(r.trace(id)) != 5 {
			t.Errorf("state %s, %d events; want preflight and 5", got.State, len(r.trace(id)))
		}
		if !r.log.contains("cannot be understood") {
			t.Error("the log does not say so")
		}
	})
}

// TestTwoGateways share one Postgres: both show and tell everything, nothing is projected twice.
func TestTwoGateways(t *testing.T) {
	a := start(t, gatewayConfigWith(database(t)))
	b := a.beside()
	id := a.ask().ID
	live := b.follow(id, "")
	live.next()
	a.plan(id)
	a.claim(id)
	b.measure(id, 1)
	a.report(id)
	got := idsOf(live.rest())
	if diff := cmp.Diff(a.trace(id)[1:], got); diff != "" {
		t.Errorf("the second gateway told (-trace +told):\n%s", diff)
	}
	var p page
	b.want(200, &p, "GET", "/api/v1/tests/list", nil)
	if len(p.Items) != 1 || p.Items[0].State != "succeeded" {
		t.Errorf("the second gateway shows %+v", p.Items)
	}
}

// TestBrokerAway asks for a test while the broker is stopped: a clear refusal, and with a key one test in the end.
func TestBrokerAway(t *testing.T) {
	r := start(t, gatewayConfig())
	r.broker.Stop()
	begin := time.Now()
	p := r.refused(503, "broker_unavailable", "POST", "/api/v1/tests/run", sampleSpec(), "Idempotency-Key", "once")
	if !p.Retryable || time.Since(begin) > 15*time.Second {
		t.Errorf("after %v: %+v", time.Since(begin), p)
	}
	r.broker.Start()
	r.want(202, nil, "POST", "/api/v1/tests/run", sampleSpec(), "Idempotency-Key", "once")
	var list page
	r.want(200, &list, "GET", "/api/v1/tests/list", nil)
	if len(list.Items) != 1 {
		t.Errorf("%d tests, want one", len(list.Items))
	}
}
