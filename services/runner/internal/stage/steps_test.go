package stage

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
)

func planned(change func(*spec.Spec)) events.Planned {
	s := spec.Spec{
		Model: "m", InputLength: spec.Length{Min: 32, Max: 32}, OutputLength: spec.Length{Min: 4, Max: 4},
		Concurrency: spec.Concurrency{Levels: []int{1, 2}}, Loop: 2, Requests: 10, Warmup: spec.Warmup{On: true, Requests: 3},
	}
	if change != nil {
		change(&s)
	}
	s = s.WithDefaults()
	return events.Planned{Spec: s, Plan: s.Plan(), Prompt: events.Prompt{TokensPerWord: 1}}
}

func TestPercent(t *testing.T) {
	p := planned(nil)
	g := newProgress(p.Plan)
	steps := p.Plan.Steps()
	for _, tc := range []struct {
		step, done int
		want       float64
		phase      string
	}{
		{0, 0, 0, "warmup"}, {0, 5, 12.5, "measure"}, {0, 10, 25, "measure"}, {2, 0, 50, "warmup"}, {3, 10, 100, "measure"},
	} {
		g.begin(tc.step, steps[tc.step], 3)
		g.report(tc.done, 10)
		if got := g.now(); got.Percent != tc.want || got.Phase != tc.phase || got.Total != 10 {
			t.Errorf("step %d, %d done: %+v, want %v %% in phase %s", tc.step, tc.done, got, tc.want, tc.phase)
		}
	}
}

func TestPercentOfADuration(t *testing.T) {
	p := planned(func(s *spec.Spec) { s.Requests, s.Duration = 0, spec.Duration(time.Hour) })
	g := newProgress(p.Plan)
	g.begin(1, p.Plan.Steps()[1], 0)
	g.began = time.Now().Add(-30 * time.Minute)
	if got := g.now(); got.Percent < 37 || got.Percent > 38 {
		t.Errorf("%+v, want 37.5 %%: one of four done and half of the second", got)
	}
	g.began = time.Now().Add(-2 * time.Hour)
	if got := g.now(); got.Percent != 50 {
		t.Errorf("%+v, want 50 %%: a step is never more than whole", got)
	}
}

func TestPromptNumbersNeverMeet(t *testing.T) {
	p := planned(nil)
	seen := map[int]string{}
	for attempt := 1; attempt <= 3; attempt++ {
		x := test{Stage: &Stage{}, plan: p, claim: &bus.Claim{Attempt: attempt}}
		for number, step := range p.Plan.Steps() {
			for try := range *p.Spec.Retries + 1 {
				first := x.firstIndex(number, try)
				for i := range step.Level.Warmup + bodies(step.Level, p.Spec) {
					who := fmt.Sprintf("attempt %d, step %d, try %d", attempt, number, try)
					if other, ok := seen[first+i]; ok {
						t.Fatalf("prompt %d belongs to %s and %s", first+i, other, who)
					}
					seen[first+i] = who
				}
			}
		}
	}
}

func TestBodiesOfADuration(t *testing.T) {
	for _, tc := range []struct {
		name  string
		level spec.Level
		input int
		want  int
	}{
		{"counted", spec.Level{Requests: 7, Concurrency: 100}, 32, 7},
		{"closed loop", spec.Level{Duration: spec.Duration(time.Minute), Concurrency: 10}, 32, 2400},
		{"open loop", spec.Level{Duration: spec.Duration(time.Minute), Rate: 12.5}, 32, 751},
		{"bounded by number", spec.Level{Duration: spec.Duration(24 * time.Hour), Concurrency: 1000}, 32, mostBodies},
		{"bounded by size", spec.Level{Duration: spec.Duration(24 * time.Hour), Concurrency: 1000}, 100_000, 894},
	} {
		s := spec.Spec{InputLength: spec.Length{Min: tc.input, Max: tc.input}}
		if got := bodies(tc.level, s); got != tc.want {
			t.Errorf("%s: %d bodies, want %d", tc.name, got, tc.want)
		}
	}
}

func TestBodiesAreForThisUserAlone(t *testing.T) {
	x := test{Stage: &Stage{}, plan: planned(nil), claim: &bus.Claim{Attempt: 1}, dir: t.TempDir(), log: slog.New(slog.DiscardHandler)}
	path, err := x.writeBodies(0, x.plan.Plan.Steps()[0], 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != 13 {
		t.Errorf("%d lines, want 3 of warm-up and 10 (%v)", strings.Count(string(text), "\n"), err)
	}
	x.dir = filepath.Join(x.dir, "gone")
	if _, err := x.writeBodies(0, x.plan.Plan.Steps()[0], 0, 0); failure.OfError(err) != failure.Storage {
		t.Errorf("%v, want class storage", err)
	}
}

func TestMostFrequentClass(t *testing.T) {
	for _, tc := range []struct {
		errors map[string]int
		want   failure.Class
	}{
		{map[string]int{}, failure.Unknown},
		{map[string]int{"unknown": 5}, failure.Unknown},
		{map[string]int{"unknown": 5, "auth": 1}, failure.Auth},
		{map[string]int{"auth": 1, "server_error": 3}, failure.ServerError},
		{map[string]int{"server_error": 2, "auth": 2}, failure.Auth},
	} {
		if got := most(tc.errors); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.errors, got, tc.want)
		}
	}
}

func TestMachineFacts(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if got := memory(write("mem", "MemFree: 1 kB\nMemTotal:       2048 kB\n")); got != 2048<<10 {
		t.Errorf("memory %d", got)
	}
	if got := loadAverage(write("load", "0.25 0.5 1 1/2 3\n")); got != 0.25 {
		t.Errorf("load average %v", got)
	}
	if memory(filepath.Join(dir, "no")) != 0 || loadAverage(filepath.Join(dir, "no")) != 0 || memory(write("bad", "MemTotal: x kB")) != 0 {
		t.Error("what is not known must be 0")
	}
}
