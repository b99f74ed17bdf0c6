package reporter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/xuri/excelize/v2"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/reporter"
	"plimsoll.internal/services/reporter/internal/report"
)

func TestMeasuredTestIsReported(t *testing.T) {
	w := newWorld(t)
	id := w.measured(w.spec("Qwen/通义千问-7B"), twoByTwo)
	w.run(reporter.Config{})

	w.await(id, events.KindReported)
	l := w.fold(id)
	if l.State != events.StateSucceeded || l.Verdict != events.VerdictNone {
		t.Errorf("state %s verdict %s, want succeeded, none", l.State, l.Verdict)
	}
	requested := w.history(id)[0]
	var names []string
	for _, a := range l.Artifacts {
		names = append(names, a.Kind+" "+a.Name)
	}
	want := []string{
		"workbook result_Qwen-通义千问-7B_" + requested.Time.UTC().Format("20060102_150405") + ".xlsx",
		"report report.json",
		"raw raw_level1_loop1.parquet", "raw raw_level1_loop2.parquet",
		"raw raw_level2_loop1.parquet", "raw raw_level2_loop2.parquet",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("artifacts (-want +got):\n%s", diff)
	}
	if rows := w.rows(l, "Requests"); len(rows) != 1+4*25 {
		t.Errorf("%d rows of requests, want a header and 100", len(rows))
	}
	w.checkPublic(id, events.KindReported, func(p events.Public) {
		if diff := cmp.Diff(l.Artifacts, p.Artifacts); diff != "" {
			t.Errorf("public artifacts (-want +got):\n%s", diff)
		}
	})
}

func TestReportFollowsItsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../api/schemas/report.v1.json")
	if err != nil {
		t.Fatalf("read the published schema: %v", err)
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"two levels, two loops", twoByTwo},
		{"one request", []step{{0, 0, 1, allOK(1)}}},
		{"no request succeeded", []step{{0, 0, 4, allFailed(12)}}},
		{"no request at all", []step{{0, 0, 4, nil}}},
	}
	w := newWorld(t)
	w.run(reporter.Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := w.measured(w.spec("m"), tt.steps)
			w.await(id, events.KindReported)
			document := w.read(w.artifact(w.fold(id), "report"))
			var value any
			if err := json.Unmarshal(document, &value); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("report.json: %v\n%s", err, document)
			}
			var got report.Report
			if err := json.Unmarshal(document, &got); err != nil {
				t.Fatal(err)
			}
			want := []report.Loop{}
			for _, s := range summaries(tt.steps) {
				want = append(want, report.Loop{Summary: s, Native: native(s)})
			}
			if diff := cmp.Diff(want, got.Levels); diff != "" {
				t.Errorf("levels (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryEventTwice delivers the same event again after everything is done: nothing may change.
func TestEveryEventTwice(t *testing.T) {
	w := newWorld(t)
	id := w.measured(w.spec("m"), twoByTwo)
	stop := w.run(reporter.Config{})
	w.await(id, events.KindReported)
	w.checkPublic(id, events.KindReported, nil)
	stop()
	before := w.history(id)
	objects := w.list(events.BucketReports)

	w.handleAgain(id, events.KindMeasured)
	w.handleAgain(id, events.KindMeasured)
	if diff := cmp.Diff(before, w.history(id)); diff != "" {
		t.Errorf("history changed (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(objects, w.list(events.BucketReports)); diff != "" {
		t.Errorf("stored reports changed (-before +after):\n%s", diff)
	}
	if n := len(w.public(id)); n != 1 {
		t.Errorf("%d public messages, want 1", n)
	}
}

func TestDeathBetweenReportAndPublicMessage(t *testing.T) {
	w := newWorld(t)
	id := w.measured(w.spec("m"), twoByTwo)
	w.publish(id, events.KindReported, "", events.Reported{Verdict: events.VerdictNone})
	w.run(reporter.Config{})
	w.checkPublic(id, events.KindReported, nil)
	if n := w.count(id, events.KindReported); n != 1 {
		t.Errorf("reported %d times", n)
	}
}

// TestOtherBytesOfAnEarlierAttempt: an attempt that died may have left a file that differs from ours.
func TestOtherBytesOfAnEarlierAttempt(t *testing.T) {
	w := newWorld(t)
	id := w.measured(w.spec("m"), twoByTwo)
	seq := w.history(id)[w.count(id, "")-1].Seq
	w.put(events.BucketReports, folder(id, seq)+"/report.json", "something else")
	w.run(reporter.Config{})
	w.await(id, events.KindReported)
	l := w.fold(id)
	if got, want := w.artifact(l, "report").Name, folder(id, seq)+"_2/report.json"; got != want {
		t.Errorf("report stored as %s, want %s", got, want)
	}
	w.handleAgain(id, events.KindMeasured)
	kept := map[string]bool{w.artifact(l, "report").Name: true, w.artifact(l, "workbook").Name: true}
	for _, o := range w.list(events.BucketReports) {
		if !kept[o.Name] {
			t.Errorf("left over: %s", o.Name)
		}
	}
}

func TestNothingIsWrittenForATestThatEnded(t *testing.T) {
	w := newWorld(t)
	id := w.measured(w.spec("m"), twoByTwo)
	w.publish(id, events.KindCancelled, "", events.Cancelled{Proof: "nothing ran"})
	other := w.measured(w.spec("m"), twoByTwo)
	w.run(reporter.Config{Slots: 1})
	w.await(other, events.KindReported) // after the cancelled one, with one slot
	if l := w.fold(id); l.State != events.StateCancelled || len(l.Artifacts) != 0 {
		t.Errorf("state %s with %d artifacts, want cancelled with none", l.State, len(l.Artifacts))
	}
}

func TestConfig(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		ok   bool
	}{
		{"nothing set", nil, true},
		{"all set", map[string]string{"PLIMSOLL_REPORTER_SLOTS": "3", "PLIMSOLL_REPORTER_ROWS": "1000", "PLIMSOLL_REPORTER_RETRY_DELAY": "2s"}, true},
		{"not a number", map[string]string{"PLIMSOLL_REPORTER_SLOTS": "many"}, false},
		{"too many rows", map[string]string{"PLIMSOLL_REPORTER_ROWS": "1048577"}, false},
		{"no room for a row", map[string]string{"PLIMSOLL_REPORTER_ROWS": "1"}, false},
		{"delay without unit", map[string]string{"PLIMSOLL_REPORTER_RETRY_DELAY": "2"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := reporter.LoadConfig(func(k string) string { return tt.env[k] })
			if (err == nil) != tt.ok {
				t.Errorf("error %v, want ok %v", err, tt.ok)
			}
		})
	}
}

func readBook(t *testing.T, content []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytesReader(content))
	if err != nil {
		t.Fatalf("open workbook: %v", err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// within bounds a wait of a test.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestTwoReportersAtOnce: a job that was given away twice still ends in one report.
func TestTwoReportersAtOnce(t *testing.T) {
	w := newWorld(t)
	id := w.measured(w.spec("m"), twoByTwo)
	var both sync.WaitGroup
	measured := w.await(id, events.KindMeasured)
	for range 2 {
		s := w.stage()
		both.Go(func() {
			if err := s.Handle(within(t), bus.Job{Event: measured, Deliveries: 2}); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if n := w.count(id, events.KindReported); n != 1 {
		t.Errorf("reported %d times", n)
	}
	l := w.fold(id)
	for _, kind := range []string{"workbook", "report"} {
		w.read(w.artifact(l, kind))
	}
	if got := fmt.Sprint(kinds(w.public(id))); got != "[reported]" {
		t.Errorf("public messages %s, want [reported]", got)
	}
}
