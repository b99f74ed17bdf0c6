package readmodel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/db/dbtest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/spec"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func open(t testing.TB, c db.Config) *Store {
	t.Helper()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// id is the n-th test id, in the order of time.
func id(n int) string { return fmt.Sprintf("01900000-%04x-7000-8000-%012x", n/65536, n) }

// stored makes an event as the broker hands it over.
func stored(t testing.TB, testID string, seq uint64, k events.Kind, payload any) events.Event {
	t.Helper()
	e, err := events.New(testID, k, fmt.Sprint(seq), "test/1", payload)
	if err != nil {
		t.Fatal(err)
	}
	e.Seq, e.Time = seq, time.Date(2026, 11, 23, 10, 0, 0, int(seq)*1000, time.UTC)
	return e
}

func requested(t testing.TB, n int, seq uint64) events.Event {
	t.Helper()
	return stored(t, id(n), seq, events.KindRequested, events.Requested{
		By: events.Actor{UserID: "u1", Name: "captain"},
		Spec: spec.Spec{
			Model: fmt.Sprintf("model-%d", n%3), Engine: "vllm", Mode: spec.ModeSimulated, Loop: 1,
			InputLength: spec.Length{Min: 64, Max: 128}, OutputLength: spec.Length{Min: 8, Max: 8},
			Concurrency: spec.Concurrency{Levels: []int{1, 8}},
		},
	})
}

func quiet(events.Event, error) {}

// TestEveryEventTwice applies a life twice, in other batches: nothing changes, and all is told.
func TestEveryEventTwice(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		s := open(t, c)
		life := []events.Event{
			requested(t, 1, 3),
			stored(t, id(1), 5, events.KindPreflight, events.Preflight{}),
			stored(t, id(1), 6, events.KindClaimed, events.Claimed{Holder: "runner/1", Attempt: 1}),
			stored(t, id(1), 9, events.KindReported, events.Reported{Verdict: events.VerdictPass}),
		}
		first, err := s.Apply(t.Context(), 77, life[:3], quiet)
		if err != nil || len(first) != 3 {
			t.Fatalf("told %d (%v)", len(first), err)
		}
		told, err := s.Apply(t.Context(), 77, life, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, told[:3], cmpopts.IgnoreFields(Logged{}, "BaseModel")); diff != "" || len(told) != 4 {
			t.Errorf("told the second time (-first +second):\n%s", diff)
		}
		row, err := s.Get(t.Context(), id(1))
		if err != nil || row.State != "succeeded" || row.Seq != 9 || row.CreatedBy != "captain" || row.InputLength != "64–128" ||
			row.OutputLength != "8" || row.Concurrency != "1, 8" || row.FinishedAt == 0 {
			t.Errorf("row %+v (%v)", row, err)
		}
		if p, err := s.Position(t.Context()); err != nil || p.Seq != 9 || p.StreamCreated != 77 {
			t.Errorf("position %+v (%v)", p, err)
		}
	})
}

// TestFailedBatchLeavesNothing breaks a batch at its end: neither rows nor log nor position move.
func TestFailedBatchLeavesNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		s := open(t, c)
		twice := []events.Event{requested(t, 1, 3), requested(t, 2, 3)} // one sequence for two events
		if _, err := s.Apply(t.Context(), 77, twice, quiet); err == nil {
			t.Fatal("no error")
		}
		if _, err := s.Get(t.Context(), id(1)); !errors.Is(err, ErrNotFound) {
			t.Errorf("got %v, want not found", err)
		}
		if p, err := s.Position(t.Context()); err != nil || p.Seq != 0 {
			t.Errorf("position %+v (%v)", p, err)
		}
	})
}

func TestKeysLastADay(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		s := open(t, c)
		now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
		reserve := func(user, body, testID string, at time.Time) string {
			t.Helper()
			got, err := s.Reserve(t.Context(), Key{UserID: user, Key: "k", BodyHash: body, TestID: testID, CreatedAt: at.UnixMicro()})
			if err != nil {
				return err.Error()
			}
			return got
		}
		for _, tt := range []struct{ name, got, want string }{
			{"first", reserve("u1", "a", "t1", now), "t1"},
			{"again", reserve("u1", "a", "t2", now.Add(23*time.Hour)), "t1"},
			{"other user", reserve("u2", "b", "t3", now), "t3"},
			{"other body", reserve("u1", "b", "t4", now), "reserve idempotency key: " + ErrOtherBody.Error()},
			{"next day", reserve("u1", "b", "t5", now.Add(25*time.Hour)), "t5"},
		} {
			if tt.got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.name, tt.got, tt.want)
			}
		}
		if err := s.ForgetKeys(t.Context(), now.Add(25*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got := reserve("u2", "c", "t6", now.Add(26*time.Hour)); got != "t6" {
			t.Errorf("after forgetting: got %s", got)
		}
	})
}

func TestTree(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		s := open(t, c)
		var batch []events.Event
		for n, path := range []string{"vllm/qwen/20261101_000000", "vllm/qwen/20261102_000000", "vllm/glm/20261101_000000", "sglang/qwen/20261103_000000_2"} {
			seq := uint64(10 * (n + 1))
			batch = append(batch, requested(t, n, seq), stored(t, id(n), seq+1, events.KindArchived, events.Archived{Path: path}))
		}
		if _, err := s.Apply(t.Context(), 1, batch, quiet); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			engine, model string
			want          []string
		}{
			{"", "", []string{"sglang 1", "vllm 3"}},
			{"vllm", "", []string{"glm 1", "qwen 2"}},
			{"vllm", "qwen", []string{"20261102_000000 1", "20261101_000000 1"}},
			{"none", "", nil},
		} {
			list, err := s.Tree(t.Context(), tt.engine, tt.model)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range list {
				got = append(got, fmt.Sprintf("%s %d", b.Name, b.Tests))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s/%s (-want +got):\n%s", tt.engine, tt.model, diff)
			}
		}
	})
}

func FuzzCursor(f *testing.F) {
	filter := Filter{Model: "m"}
	f.Add(filter.cursor(1, id(1)))
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, cursor string) {
		at, testID, err := filter.parse(cursor)
		if err == nil && filter.cursor(at, testID) == "" {
			t.Errorf("%q", cursor)
		}
		if err == nil && events.CheckID(testID) != nil {
			t.Errorf("%q gave the id %q", cursor, testID)
		}
	})
}

// fill projects n tests.
func fill(t testing.TB, s *Store, n int) {
	t.Helper()
	var batch []events.Event
	for i := range n {
		batch = append(batch, requested(t, i, uint64(i+1)))
		if len(batch) == 500 || i == n-1 {
			if _, err := s.Apply(context.Background(), 1, batch, quiet); err != nil {
				t.Fatal(err)
			}
			batch = nil
		}
	}
}

// BenchmarkList reads a page of 50 at the top and 9,900 deep, of 10,000 tests.
func BenchmarkList(b *testing.B) {
	for name, c := range map[string]db.Config{"sqlite": dbtest.SQLite(b), "postgres": dbtest.Schema(b)} {
		s := open(b, c)
		fill(b, s, 10_000)
		if err := s.Analyze(b.Context()); err != nil {
			b.Fatal(err)
		}
		deep := ""
		for range 9_900 / 50 {
			page, err := s.List(b.Context(), Filter{}, 50, deep)
			if err != nil {
				b.Fatal(err)
			}
			deep = page.Next
		}
		for depth, cursor := range map[string]string{"0": "", "9900": deep} {
			b.Run(name+"/depth="+depth, func(b *testing.B) {
				for b.Loop() {
					page, err := s.List(b.Context(), Filter{}, 50, cursor)
					if err != nil || len(page.Rows) != 50 {
						b.Fatalf("%d rows (%v)", len(page.Rows), err)
					}
				}
			})
		}
	}
}

// BenchmarkApply projects one event a transaction, as at rest, and 250, as when rebuilding.
func BenchmarkApply(b *testing.B) {
	for name, c := range map[string]db.Config{"sqlite": dbtest.SQLite(b), "postgres": dbtest.Schema(b)} {
		s := open(b, c)
		seq := uint64(0)
		for _, size := range []int{1, 250} {
			b.Run(fmt.Sprintf("%s/batch=%d", name, size), func(b *testing.B) {
				for b.Loop() {
					batch := make([]events.Event, size)
					for i := range batch {
						seq++
						batch[i] = requested(b, int(seq), seq)
					}
					if _, err := s.Apply(b.Context(), 1, batch, quiet); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}
