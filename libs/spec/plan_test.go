package spec

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPlan(t *testing.T) {
	tests := []struct {
		name      string
		spec      Spec
		want      []Level
		wantTotal int
	}{
		{
			"requests given",
			Spec{Concurrency: Concurrency{Levels: []int{8, 1}}, Requests: 20, Loop: 3},
			[]Level{{Index: 0, Concurrency: 8, Requests: 20}, {Index: 1, Concurrency: 1, Requests: 20}},
			120,
		},
		{
			"neither requests nor duration: ten per slot",
			Spec{Concurrency: Concurrency{Levels: []int{1, 64}}},
			[]Level{{Index: 0, Concurrency: 1, Requests: 10}, {Index: 1, Concurrency: 64, Requests: 640}},
			650,
		},
		{
			"duration decides",
			Spec{Concurrency: Concurrency{Levels: []int{4}}, Duration: Duration(time.Minute), Loop: 2},
			[]Level{{Concurrency: 4, Duration: Duration(time.Minute)}},
			0,
		},
		{
			"warm-up of one per slot",
			Spec{Concurrency: Concurrency{Levels: []int{4}}, Requests: 9, Warmup: Warmup{On: true}},
			[]Level{{Concurrency: 4, Requests: 9, Warmup: 4}},
			9,
		},
		{
			"warm-up given",
			Spec{Concurrency: Concurrency{Levels: []int{4}}, Requests: 9, Warmup: Warmup{On: true, Requests: 7}},
			[]Level{{Concurrency: 4, Requests: 9, Warmup: 7}},
			9,
		},
		{
			"open loop",
			Spec{Rate: 2.5, Warmup: Warmup{On: true}},
			[]Level{{Rate: 2.5, Requests: 30, Warmup: 3}},
			30,
		},
		{"to be found", Spec{Concurrency: Concurrency{Auto: true}}, []Level{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.spec.Plan()
			if diff := cmp.Diff(tt.want, p.Levels); diff != "" {
				t.Errorf("levels (-want +got)\n%s", diff)
			}
			if got := p.Requests(); got != tt.wantTotal {
				t.Errorf("Requests() = %d, want %d", got, tt.wantTotal)
			}
			steps := p.Steps()
			if len(steps) != len(p.Levels)*p.Loops {
				t.Errorf("%d steps for %d levels × %d loops", len(steps), len(p.Levels), p.Loops)
			}
			for i, s := range steps {
				if s.Level.Index != i/p.Loops || s.Loop != i%p.Loops {
					t.Errorf("step %d is level %d loop %d", i, s.Level.Index, s.Loop)
				}
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	no := false
	tests := []struct {
		name string
		spec Spec
		want []string // a part of each warning
	}{
		{"none", Spec{Concurrency: Concurrency{Levels: []int{4}}, Requests: 4}, nil},
		{"fewer requests than in flight", Spec{Concurrency: Concurrency{Levels: []int{1, 8, 9}}, Requests: 4}, []string{"fewer requests"}},
		{"not streamed", Spec{Concurrency: Concurrency{Levels: []int{1}}, Stream: &no}, []string{"not streamed"}},
		{"certificate", Spec{Rate: 1, Target: Target{TLSVerify: &no}}, []string{"certificate"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.spec.Warnings()
			if len(got) != len(tt.want) {
				t.Fatalf("Warnings() = %v, want %v", got, tt.want)
			}
			for i, w := range got {
				if !strings.Contains(w.EN, tt.want[i]) || w.ZH == "" {
					t.Errorf("warning %d = %+v, want %q", i, w, tt.want[i])
				}
			}
		})
	}
}
