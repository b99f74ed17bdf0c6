package gateway_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"plimsoll.internal/libs/events"
)

type page struct {
	Items []test
	Next  *string `json:"next_cursor"`
}

// TestListPages asks for tests of several kinds and pages through them while new ones come in.
func TestListPages(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		var all []string
		for i := range 7 {
			spec := sampleSpec()
			spec["model"], spec["engine"] = fmt.Sprintf("model-%d", i%2), []string{"vllm", "sglang"}[i%2]
			var x test
			r.want(202, &x, "POST", "/api/v1/tests/run", spec)
			all = append([]string{x.ID}, all...)
		}
		var got []string
		cursor := ""
		for {
			var p page
			r.want(200, &p, "GET", "/api/v1/tests/list?limit=3&cursor="+cursor, nil)
			for _, x := range p.Items {
				got = append(got, x.ID)
			}
			if p.Next == nil {
				break
			}
			cursor = *p.Next
			r.ask() // newer than all that is paged through: it must not move the pages
		}
		if !slices.Equal(got, all) {
			t.Errorf("pages show %v, want %v", got, all)
		}
		r.refused(400, "invalid_cursor", "GET", "/api/v1/tests/list?limit=3&model=model-0&cursor="+cursor, nil)
		r.refused(400, "invalid_cursor", "GET", "/api/v1/tests/list?cursor="+cursor[:len(cursor)-4], nil)
		r.filters(all)
	})
}

// filters counts what each filter shows; all are the tests of two models, the newest first.
func (r *rig) filters(all []string) {
	t := r.t
	t.Helper()
	r.publish(all[0], events.KindPreflight, "", events.Preflight{})
	middle := r.get(all[3]).CreatedAt
	for _, tt := range []struct {
		query string
		want  int
	}{
		{"model=model-0", 4},
		{"model=model-1&engine=sglang", 3},
		{"engine=none", 0},
		{"state=preflight", 1},
		{"model=model-0&state=preflight&state=queued", 4},
		{"engine=vllm&archived=true", 0},
		{"archived=false&limit=200", 9},
		{"trashed=true", 0},
		{"until=" + middle, 3},
		{"since=" + middle, 6}, // four of them and the two that came while paging
		{"since=" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339), 0},
	} {
		var p page
		r.want(200, &p, "GET", "/api/v1/tests/list?"+tt.query, nil)
		if len(p.Items) != tt.want {
			t.Errorf("%s: %d tests, want %d", tt.query, len(p.Items), tt.want)
		}
	}
}
