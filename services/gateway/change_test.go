package gateway_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/services/gateway"
)

const unknownID = "01900000-0000-7000-8000-000000000000"

func TestCancel(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		id := r.ask().ID
		r.plan(id)
		var got test
		r.want(202, &got, "POST", "/api/v1/tests/"+id+"/cancel", nil)
		if got.State != "cancelling" {
			t.Errorf("state %s, want cancelling", got.State)
		}
		if d, ok, err := r.others.Desired(t.Context(), id); err != nil || !ok || d.State != "cancelled" || d.By.Name != "admin" {
			t.Errorf("desired %+v %v (%v)", d, ok, err)
		}
		r.want(202, nil, "POST", "/api/v1/tests/"+id+"/cancel", nil)
		history, err := r.others.History(t.Context(), id)
		if err != nil || len(history) != 4 {
			t.Errorf("asking twice stored %d events (%v), want 4", len(history), err)
		}
		r.publish(id, events.KindCancelled, "", events.Cancelled{Proof: "process group gone"})
		r.refused(409, "already_final", "POST", "/api/v1/tests/"+id+"/cancel", nil)
		r.refused(404, "test_not_found", "POST", "/api/v1/tests/"+unknownID+"/cancel", nil)
		if a := r.audited("test.cancel", unknownID); a.Result != "failed" {
			t.Errorf("audit of a cancel that failed says %s", a.Result)
		}
	})
}

// TestCancelWhileItMoves lets the runner publish as fast as it can while a person cancels.
func TestCancelWhileItMoves(t *testing.T) {
	r := start(t, gatewayConfig())
	id := r.ask().ID
	r.plan(id)
	stop := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				e, err := events.New(id, events.KindLevelDone, fmt.Sprint(i), "runner/1", levelDone(0))
				if err == nil {
					_, err = r.others.Publish(t.Context(), e)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	a := r.do("POST", "/api/v1/tests/"+id+"/cancel", nil)
	close(stop)
	group.Wait()
	if a.status != http.StatusAccepted && r.document(a, "cancel").Code != "busy" {
		t.Errorf("got %d %s", a.status, a.body)
	}
}

func TestArchiveEachByItself(t *testing.T) {
	r := start(t, gatewayConfig())
	r.archiver()
	good, running, failed := r.finish(), r.ask().ID, r.ask().ID
	r.publish(failed, events.KindRejected, "", events.Rejected{Failure: *failure.New(failure.DNS, "no such host")})
	var bulk struct {
		Results []struct {
			ID      string
			Status  int
			Problem *problem
		}
	}
	ids := []string{good, running, failed, unknownID}
	r.want(200, &bulk, "POST", "/api/v1/tests/archive", map[string]any{"ids": ids}, "Accept-Language", "zh")
	want := []string{"202 ", "409 test_not_final", "409 nothing_to_archive", "404 test_not_found"}
	for i, x := range bulk.Results {
		code := ""
		if x.Problem != nil {
			code = x.Problem.Code
			if x.Problem.Detail == "" || x.Problem.RequestID == "" {
				t.Errorf("problem says too little: %+v", x.Problem)
			}
		}
		if got := fmt.Sprintf("%d %s", x.Status, code); got != want[i] || x.ID != ids[i] {
			t.Errorf("result %d: got %s %s, want %s", i, x.ID, got, want[i])
		}
	}
	r.until("archived", func() bool { return r.get(good).Archived })
	r.want(200, &bulk, "POST", "/api/v1/tests/archive", map[string]any{"ids": []string{good}})
	if bulk.Results[0].Status != 200 {
		t.Errorf("archived already: got %d, want 200", bulk.Results[0].Status)
	}
	p := r.refused(422, "invalid_body", "POST", "/api/v1/tests/archive", map[string]any{"ids": []string{}, "all": true})
	if len(p.Errors) != 2 {
		t.Errorf("faults %+v, want two", p.Errors)
	}
}

func TestArchiveIsReadAtOnce(t *testing.T) {
	r := start(t, gatewayConfig()) // nobody answers the wish
	for range 10 {
		id := r.finish()
		r.want(200, nil, "POST", "/api/v1/tests/archive", map[string]any{"ids": []string{id}})
		if got := r.get(id).Wanted; got == nil || *got != string(events.KindArchiveRequested) {
			t.Fatalf("right after the request the test shows %v, want archive_requested", got)
		}
	}
}

func TestDelete(t *testing.T) {
	r := start(t, gatewayConfig())
	stop := r.archiver()
	running := r.ask().ID
	r.refused(409, "test_not_final", "DELETE", "/api/v1/tests/"+running, nil)
	id := r.finish()
	old := r.want(200, nil, "GET", "/api/v1/tests/"+running, nil).header.Get("ETag")
	r.refused(412, "etag_mismatch", "DELETE", "/api/v1/tests/"+id, nil, "If-Match", old)
	now := r.want(200, nil, "GET", "/api/v1/tests/"+id, nil).header.Get("ETag")
	r.want(204, nil, "DELETE", "/api/v1/tests/"+id, nil, "If-Match", now)
	var page struct{ Items []test }
	r.want(200, &page, "GET", "/api/v1/tests/list?trashed=true", nil)
	if len(page.Items) != 1 || page.Items[0].ID != id {
		t.Errorf("the trash shows %+v", page.Items)
	}
	r.want(202, nil, "POST", "/api/v1/tests/"+id+"/restore", nil)
	r.until("restored", func() bool { return !r.get(id).Trashed })
	r.refused(409, "nothing_to_restore", "POST", "/api/v1/tests/"+id+"/restore", nil)

	stop()
	p := r.refused(503, "archiver_silent", "DELETE", "/api/v1/tests/"+id, nil)
	if !p.Retryable {
		t.Error("archiver_silent is not retryable")
	}
	r.refused(409, "busy", "POST", "/api/v1/tests/"+id+"/restore", nil)
	r.archiverThat(failWish)
	r.until("the wish is answered", func() bool { return r.get(id).Failure != nil })
	r.refused(502, "archiver_failed", "DELETE", "/api/v1/tests/"+id, nil)
	if got := r.get(id); got.State != "succeeded" || got.Trashed {
		t.Errorf("a failed delete changed the test: %+v", got)
	}
}

// TestReaperEndsLostTests cancels a test nobody works on.
func TestReaperEndsLostTests(t *testing.T) {
	onBothWith(t, gateway.Config{ReapAfter: 300 * time.Millisecond}, func(t *testing.T, r *rig) {
		id := r.ask().ID
		r.want(202, nil, "POST", "/api/v1/tests/"+id+"/cancel", nil)
		r.until("cancelled", func() bool { return r.get(id).State == "cancelled" })
		l, err := r.others.Fold(t.Context(), id)
		if err != nil || l.Holder != "gateway/test" || l.Attempt != 1 {
			t.Errorf("holder %s, attempt %d (%v)", l.Holder, l.Attempt, err)
		}
	})
}

// TestReaperLeavesTheLiving cancels a test whose runner lives: only the runner may say that it stopped.
func TestReaperLeavesTheLiving(t *testing.T) {
	r := start(t, gateway.Config{ReapAfter: 300 * time.Millisecond})
	id := r.ask().ID
	r.plan(id)
	claim, err := r.others.Claim(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	wishes := r.others.WatchDesired(t.Context(), id)
	r.want(202, nil, "POST", "/api/v1/tests/"+id+"/cancel", nil)
	<-wishes // of the person
	<-wishes // the reaper says it again before it tries to take the test
	<-wishes // and once more: its first try is over
	if err := claim.Context().Err(); err != nil {
		t.Fatalf("the claim was taken away: %v", err)
	}
	e, err := events.New(id, events.KindCancelled, "1", "others/1", events.Cancelled{Proof: "gone"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := claim.Publish(t.Context(), e); err != nil {
		t.Errorf("the holder's own answer: %v", err)
	}
	claim.Release(t.Context())
}
