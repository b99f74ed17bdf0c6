package gateway_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/events"
)

func TestRunIsReadAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		var got test
		a := r.want(202, &got, "POST", "/api/v1/tests/run", sampleSpec())
		if a.header.Get("Location") != "/api/v1/tests/"+got.ID || a.header.Get("ETag") == "" {
			t.Errorf("headers %v lack Location or ETag", a.header)
		}
		if got.State != "queued" || got.Spec.Prompts.Seed == nil {
			t.Errorf("got %+v, want a queued test with a seed", got)
		}
		var again test
		b := r.want(200, &again, "GET", a.header.Get("Location"), nil)
		if diff := cmp.Diff(got, again); diff != "" || b.header.Get("ETag") != a.header.Get("ETag") {
			t.Errorf("read differs from answer (-want +got):\n%s", diff)
		}
		r.want(304, nil, "GET", "/api/v1/tests/"+got.ID, nil, "If-None-Match", a.header.Get("ETag"))
		var page struct{ Items []test }
		r.want(200, &page, "GET", "/api/v1/tests/list", nil)
		if len(page.Items) != 1 || page.Items[0].ID != got.ID {
			t.Errorf("list shows %+v", page.Items)
		}
		history, err := r.others.History(t.Context(), got.ID)
		if err != nil || len(history) != 1 || history[0].Kind != events.KindRequested {
			t.Errorf("stream has %v (%v)", history, err)
		}
	})
}

func TestRunTakesYAML(t *testing.T) {
	r := start(t, gatewayConfig())
	yaml := "model: sim-llm\nmode: simulated\ngenerator: evalscope\ninput_length: 8\noutput_length: {min: 4, max: 8}\nconcurrency: 2\n"
	var got test
	r.want(202, &got, "POST", "/api/v1/tests/run", yaml, "Content-Type", "application/yaml; charset=utf-8")
	if got.Model != "sim-llm" {
		t.Errorf("got %+v", got)
	}
}

func TestEveryFaultAtOnceInBothLanguages(t *testing.T) {
	r := start(t, gatewayConfig())
	spec := sampleSpec()
	spec["model"], spec["input_length"], spec["concurrency"], spec["colour"] = "", 0, []int{0}, "red"
	for lang, letter := range map[string]string{"zh-CN,zh;q=0.9,en;q=0.1": "必", "en-GB": "must"} {
		p := r.refused(422, "invalid_spec", "POST", "/api/v1/tests/run", spec, "Accept-Language", lang)
		var pointers, details []string
		for _, e := range p.Errors {
			pointers, details = append(pointers, e.Pointer), append(details, e.Detail)
			if e.Detail == "" || e.Fix == "" || e.Code == "" {
				t.Errorf("fault says too little: %+v", e)
			}
		}
		for _, want := range []string{"/model", "/input_length", "/concurrency/0", "/colour"} {
			if !slices.Contains(pointers, want) {
				t.Errorf("no fault at %s among %v", want, pointers)
			}
		}
		if !strings.Contains(strings.Join(details, " "), letter) {
			t.Errorf("%s: details are in another language: %v", lang, details)
		}
	}
}

func TestDryRunStoresNothing(t *testing.T) {
	r := start(t, gatewayConfig())
	var got struct {
		Plan struct {
			Loops  int
			Levels []struct{ Concurrency, Requests int }
		}
		Requests int
		Command  string
		Warnings []string
	}
	spec := sampleSpec()
	spec["concurrency"], spec["requests"] = []int{1, 64}, 8
	r.want(200, &got, "POST", "/api/v1/tests/run?dry_run=true", spec)
	if len(got.Plan.Levels) != 2 || got.Requests != 16 || !strings.HasPrefix(got.Command, "evalscope perf") || len(got.Warnings) == 0 {
		t.Errorf("got %+v", got)
	}
	var page struct{ Items []test }
	r.want(200, &page, "GET", "/api/v1/tests/list", nil)
	if len(page.Items) != 0 {
		t.Errorf("dry run stored %+v", page.Items)
	}
}

func TestIdempotencyKey(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		key := []string{"Idempotency-Key", "monday-1"}
		first := r.want(202, nil, "POST", "/api/v1/tests/run", sampleSpec(), key...)
		again := r.want(202, nil, "POST", "/api/v1/tests/run", sampleSpec(), key...)
		if diff := cmp.Diff(string(first.body), string(again.body)); diff != "" {
			t.Errorf("second answer differs (-first +second):\n%s", diff)
		}
		if first.header.Get("Idempotency-Replayed") != "" || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("Idempotency-Replayed: first %q, second %q", first.header.Get("Idempotency-Replayed"), again.header.Get("Idempotency-Replayed"))
		}
		other := sampleSpec()
		other["model"] = "another"
		r.refused(409, "idempotency_key_reused", "POST", "/api/v1/tests/run", other, key...)

		r.token = r.sign("member", r.later())
		theirs := r.want(202, nil, "POST", "/api/v1/tests/run", other, key...)
		if theirs.header.Get("Location") == first.header.Get("Location") {
			t.Error("the key of one user answers another")
		}
	})
}

// TestSameKeyAtOnce sends one key many times at the same moment: one test, one answer.
func TestSameKeyAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		var mu sync.Mutex
		bodies := map[string]int{}
		var group sync.WaitGroup
		for range 8 {
			req := r.request("POST", "/api/v1/tests/run", sampleSpec(), "Idempotency-Key", "together")
			group.Go(func() {
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				defer res.Body.Close()
				var got test
				if err := json.NewDecoder(res.Body).Decode(&got); err != nil || res.StatusCode != 202 {
					t.Errorf("%d: %v", res.StatusCode, err)
				}
				mu.Lock()
				defer mu.Unlock()
				bodies[got.ID]++
			})
		}
		group.Wait()
		var page struct{ Items []test }
		r.want(200, &page, "GET", "/api/v1/tests/list", nil)
		if len(bodies) != 1 || len(page.Items) != 1 {
			t.Errorf("answers %v, tests %d; want one", bodies, len(page.Items))
		}
	})
}
