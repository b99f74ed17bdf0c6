package archiver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/archiver"
	"plimsoll.internal/services/archiver/internal/stage"
)

var ada = events.Actor{UserID: "u1", Name: "ada"}

// world is a real broker with everything a test needs to tell its story.
type world struct {
	*testing.T
	broker *bustest.Broker
	bus    *bus.Bus
}

func newWorld(t *testing.T) *world {
	t.Helper()
	broker := bustest.Start(t)
	return &world{T: t, broker: broker, bus: broker.Connect(t, "test")}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// within bounds a wait of a test.
func (w *world) within() context.Context {
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	w.Cleanup(cancel)
	return ctx
}

// run starts an archiver; stop ends it and waits until it has.
func (w *world) run(slots int) (stop func()) {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	deps := service.Deps{
		Bus: w.broker.Connect(w.T, "archiver"), Log: slog.New(slog.DiscardHandler), Name: "archiver",
		Instance: "archiver/test", DataDir: w.TempDir(), Ready: func() { close(ready) },
	}
	go func() {
		done <- archiver.Run(ctx, deps, archiver.Config{Slots: slots, RetryDelay: 10 * time.Millisecond})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("archiver ended with %v", err)
		}
	})
	w.Cleanup(stop)
	select {
	case <-ready:
	case err := <-done:
		w.Fatalf("archiver did not start: %v", err)
	}
	return stop
}

// stage is an archiver that is called by hand.
func (w *world) stage() *stage.Stage {
	return &stage.Stage{Bus: w.bus, Log: slog.New(slog.DiscardHandler), Source: "archiver/by-hand", RetryDelay: time.Millisecond}
}

func newSpec(model string) spec.Spec {
	return spec.Spec{
		Name: "nightly", Model: model, Engine: "vllm", Target: spec.Target{URL: "http://10.0.0.5:8000/v1"},
		InputLength: spec.Length{Min: 8, Max: 8}, OutputLength: spec.Length{Min: 8, Max: 8},
		Concurrency: spec.Concurrency{Levels: []int{1}},
	}.WithDefaults()
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func (w *world) publish(id string, k events.Kind, part string, payload any) events.Event {
	w.Helper()
	return w.publishAt(id, k, part, payload, time.Now())
}

func (w *world) publishAt(id string, k events.Kind, part string, payload any, at time.Time) events.Event {
	w.Helper()
	e, err := events.New(id, k, part, "test", payload)
	w.must(err)
	e.Time = at.UTC()
	e.Seq, err = w.bus.Publish(w.within(), e)
	w.must(err)
	return e
}

func (w *world) put(bucket, name, content string) events.Object {
	w.Helper()
	o, err := w.bus.Bucket(bucket).Put(w.within(), name, "application/octet-stream", strings.NewReader(content))
	w.must(err)
	return o
}

// asked is the moment the tests of this file were asked for.
var asked = time.Date(2026, 11, 23, 10, 15, 0, 0, time.UTC)

// reported plays a test up to its report; every file holds something of its own.
func (w *world) reported(s spec.Spec, verdict events.Verdict) (id string) {
	w.Helper()
	id = newID()
	w.publishAt(id, events.KindRequested, "", events.Requested{Spec: s, By: ada}, asked)
	var raw []events.Artifact
	for n := range 2 {
		o := w.put(events.BucketRaw, fmt.Sprintf("tests/%s/3/level-%d-loop-0.parquet", id, n), fmt.Sprintf("raw %d of %s", n, id))
		done := events.LevelDone{Attempt: 1, Summary: metrics.Summary{Level: n}, Raw: o}
		w.publish(id, events.KindLevelDone, fmt.Sprint(n), done)
		raw = append(raw, events.Artifact{Name: fmt.Sprintf("raw_level%d_loop1.parquet", n+1), Kind: "raw", Object: o})
	}
	w.publish(id, events.KindMeasured, "", events.Measured{Attempt: 1, Loops: 2})
	book := w.put(events.BucketReports, "tests/"+id+"/9/result.xlsx", strings.Repeat("workbook of "+id, 50_000)) // more than one chunk
	doc := w.put(events.BucketReports, "tests/"+id+"/9/report.json", "report of "+id)
	w.publish(id, events.KindReported, "", events.Reported{Verdict: verdict, Artifacts: append([]events.Artifact{
		{Name: "result_m_20261123_101500.xlsx", Kind: "workbook", Object: book}, {Name: "report.json", Kind: "report", Object: doc},
	}, raw...)})
	return id
}

func (w *world) wishArchive(id string) events.Event {
	return w.publish(id, events.KindArchiveRequested, newID(), events.ArchiveRequested{By: ada})
}

func (w *world) wishRestore(id string) events.Event {
	return w.publish(id, events.KindRestoreRequested, newID(), events.RestoreRequested{By: ada})
}

func (w *world) wishDelete(id string, purge bool) events.Event {
	return w.publish(id, events.KindDeleteRequested, newID(), events.DeleteRequested{By: ada, Purge: purge})
}

func (w *world) history(id string) []events.Event {
	w.Helper()
	out, err := w.bus.History(w.within(), id)
	w.must(err)
	return out
}

// first is the first event of a kind.
func (w *world) first(id string, k events.Kind) events.Event {
	w.Helper()
	for _, e := range w.history(id) {
		if e.Kind == k {
			return e
		}
	}
	w.Fatalf("test %s has no %s", id, k)
	return events.Event{}
}

func (w *world) fold(id string) events.Lifecycle {
	w.Helper()
	l, err := w.bus.Fold(w.within(), id)
	w.must(err)
	return l
}

var errSeen = errors.New("seen")

// answerTo is 1 when an event answers a wish.
func answerTo(e, wish events.Event) int {
	if strings.HasSuffix(e.ID, fmt.Sprintf(":%d", wish.Seq)) || strings.HasSuffix(e.ID, fmt.Sprintf(":archiver-%d", wish.Seq)) {
		return 1
	}
	return 0
}

// answer waits for the event that answers a wish.
func (w *world) answer(wish events.Event) (found events.Event) {
	w.Helper()
	feed := bus.Feed{Stream: events.StreamEvents, Subjects: []string{events.SubjectOfTest(wish.TestID)}}
	err := w.bus.Follow(w.within(), feed, func(m bus.Message) error {
		if answerTo(m.Event, wish) == 1 {
			found = m.Event
			return errSeen
		}
		return nil
	})
	if !errors.Is(err, errSeen) {
		w.Fatalf("wait for the answer to %s of test %s: %v", wish.Kind, wish.TestID, err)
	}
	return found
}

// answered waits for the answer, checks its kind, and hands the wish out a second time: that must change
// nothing, and when it returns everything that follows from the answer is done.
func (w *world) answered(wish events.Event, k events.Kind) events.Event {
	w.Helper()
	e := w.answer(wish)
	if e.Kind != k {
		w.Fatalf("%s was answered by %s %s, want %s", wish.Kind, e.Kind, e.Data, k)
	}
	w.must(w.stage().Handle(w.within(), bus.Job{Event: wish, Deliveries: 2}))
	answers := 0
	for _, have := range w.history(wish.TestID) {
		if answers += answerTo(have, wish); have.ID == e.ID && have.Seq != e.Seq {
			w.Errorf("%s was answered twice by %s", wish.Kind, e.ID)
		}
	}
	if answers != 1 {
		w.Errorf("%s handled twice has %d answers", wish.Kind, answers)
	}
	return e
}

// public waits for the public message of a kind.
func (w *world) public(id string, k events.Kind) (got events.Public) {
	w.Helper()
	feed := bus.Feed{Stream: events.StreamPublic, Subjects: []string{events.SubjectPublic(id, k)}}
	err := w.bus.Follow(w.within(), feed, func(m bus.Message) error {
		return errors.Join(errSeen, json.Unmarshal(m.Data, &got))
	})
	if !errors.Is(err, errSeen) {
		w.Fatalf("wait for public %s of test %s: %v", k, id, err)
	}
	return got
}

// objects lists what lies in the buckets, as bucket/name.
func (w *world) objects(buckets ...string) (names []string) {
	w.Helper()
	for _, bucket := range buckets {
		list, err := w.bus.Bucket(bucket).List(w.within(), "")
		w.must(err)
		for _, o := range list {
			names = append(names, bucket+"/"+o.Name)
		}
	}
	return names
}

// content reads the files of a test by their names for people.
func (w *world) content(l events.Lifecycle) map[string]string {
	w.Helper()
	out := map[string]string{}
	for _, a := range l.Artifacts {
		if a.Kind != "manifest" {
			out[a.Name] = string(w.read(a.Object))
		}
	}
	return out
}

func (w *world) read(o events.Object) []byte {
	w.Helper()
	f, err := w.bus.Bucket(o.Bucket).Open(w.within(), o)
	w.must(err)
	defer f.Close()
	content, err := io.ReadAll(f)
	w.must(err)
	return content
}
