package gateway_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/events"
)

// TestFollow watches a test from its first moment to its end.
func TestFollow(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		asked := time.Now()
		id := r.ask().ID
		f := r.follow(id, "")
		first, _ := f.next()
		if took := time.Since(asked); took > 100*time.Millisecond {
			t.Logf("first event after %v", took)
		}
		if f.header.Get("X-Accel-Buffering") != "no" || f.header.Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", f.header)
		}
		r.plan(id)
		r.claim(id)
		r.others.Tick(events.Tick{TestID: id, Phase: "measure", Done: 3, Total: 8, Percent: 37.5})
		var list []sse
		for len(list) == 0 || list[len(list)-1].name != "progress" {
			e, ok := f.next()
			if !ok {
				t.Fatalf("stream ended after %v", names(list))
			}
			list = append(list, e)
		}
		if !strings.Contains(list[len(list)-1].data, `"percent":37.5`) || list[len(list)-1].id != "" {
			t.Errorf("progress is %+v", list[len(list)-1])
		}
		r.measure(id, 2)
		r.report(id)
		list = append(append([]sse{first}, list...), f.rest()...)

		trace := r.trace(id)
		want := []string{"snapshot " + trace[0]}
		for _, seq := range trace[1:] {
			want = append(want, "event "+seq)
		}
		want = append(want, "end ")
		got := slices.DeleteFunc(names(list), func(s string) bool { return s == "progress " })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("live events (-want +got):\n%s", diff)
		}
		var end test
		if err := json.Unmarshal([]byte(list[len(list)-1].data), &end); err != nil || end.State != "succeeded" {
			t.Errorf("end says %+v (%v)", end, err)
		}

		over := r.follow(id, "").rest()
		if got := names(over); len(got) != 2 || got[0] != "snapshot "+trace[len(trace)-1] || got[1] != "end " {
			t.Errorf("a finished test shows %v", got)
		}
	})
}

// trace lists the sequences of every event of a test.
func (r *rig) trace(id string) []string {
	r.t.Helper()
	var got struct{ Events []struct{ Seq uint64 } }
	r.want(200, &got, "GET", "/api/v1/tests/"+id+"/trace", nil)
	var out []string
	for _, e := range got.Events {
		out = append(out, strconv.FormatUint(e.Seq, 10))
	}
	return out
}

// TestResumeAtEveryPlace comes back after each event in turn: what follows is told once, in order.
func TestResumeAtEveryPlace(t *testing.T) {
	r := start(t, gatewayConfig())
	id := r.finish()
	trace := r.trace(id)
	for i, seq := range trace {
		var want []string
		for _, later := range trace[i+1:] {
			want = append(want, "event "+later)
		}
		want = append(want, "end ")
		if diff := cmp.Diff(want, names(r.follow(id, seq).rest())); diff != "" {
			t.Errorf("after %s (-want +got):\n%s", seq, diff)
		}
	}
	for _, bad := range []string{"999999", "abc", "-1", "18446744073709551616"} {
		got := names(r.follow(id, bad).rest())
		if want := []string{"reset " + trace[len(trace)-1], "end "}; !slices.Equal(got, want) {
			t.Errorf("Last-Event-ID %q: got %v, want %v", bad, got, want)
		}
	}
	r.refused(404, "test_not_found", "GET", "/api/v1/tests/01900000-0000-7000-8000-000000000000/events", nil)
}

// TestFollowThroughRestarts lets the broker stop and start in the middle, then the gateway: a client that
// comes back with the last id it saw misses nothing and sees nothing twice.
func TestFollowThroughRestarts(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		id := r.ask().ID
		f := r.follow(id, "")
		f.next()
		r.plan(id)
		r.broker.Restart(t)
		r.claim(id)
		var seen []string
		for range 3 {
			e, ok := f.next()
			if !ok {
				t.Fatalf("stream ended after %v", seen)
			}
			seen = append(seen, e.id)
		}
		if err := r.stop(); err != nil {
			t.Fatalf("stop: %v", err)
		}
		if e, ok := f.next(); ok {
			t.Errorf("after the stop came %+v", e)
		}
		done := r.send(id, events.KindLevelDone, "0", levelDone(0))
		r.run()
		f = r.follow(id, seen[2])
		e, _ := f.next()
		if e.id != fmt.Sprint(done) {
			t.Errorf("resumed with %+v, want event %d", e, done)
		}
		r.report(id)
		seen = append(append(seen, e.id), idsOf(f.rest())...)
		if diff := cmp.Diff(r.trace(id)[1:], seen); diff != "" {
			t.Errorf("events over both connections (-trace +seen):\n%s", diff)
		}
	})
}

func idsOf(list []sse) []string {
	var out []string
	for _, e := range list {
		if e.name == "event" {
			out = append(out, e.id)
		}
	}
	return out
}

func TestWait(t *testing.T) {
	r := start(t, gatewayConfig())
	id := r.ask().ID
	got := make(chan test, 1)
	go func() {
		var x test
		r.want(200, &x, "GET", "/api/v1/tests/"+id+"?wait=30s", nil)
		got <- x
	}()
	r.plan(id)
	r.publish(id, events.KindFailed, "", events.Failed{Stage: "runner"})
	if x := <-got; x.State != "failed" {
		t.Errorf("the wait ended with %s", x.State)
	}
	begin := time.Now()
	other := r.ask().ID
	r.want(200, nil, "GET", "/api/v1/tests/"+other+"?wait=200ms", nil)
	if took := time.Since(begin); took < 200*time.Millisecond || took > 5*time.Second {
		t.Errorf("the wait for a queued test took %v, want 200 ms", took)
	}
	for _, bad := range []string{"61s", "-1s", "soon"} {
		p := r.refused(400, "invalid_parameter", "GET", "/api/v1/tests/"+other+"?wait="+bad, nil)
		if len(p.Errors) != 1 || p.Errors[0].Pointer != "query/wait" {
			t.Errorf("wait=%s: %+v", bad, p.Errors)
		}
	}
}
