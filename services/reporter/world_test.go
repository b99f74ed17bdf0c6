package reporter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/samples"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/reporter"
	"plimsoll.internal/services/reporter/internal/stage"
)

// step is one loop of one level with the requests that were made.
type step struct {
	level, loop, concurrency int
	samples                  []metrics.Sample
}

// twoByTwo is two levels with two loops of 25 requests, some of them failed.
var twoByTwo = []step{
	{0, 0, 1, mixed(25, 1)},
	{0, 1, 1, mixed(25, 2)},
	{1, 0, 8, mixed(25, 3)},
	{1, 1, 8, mixed(25, 4)},
}

func p(v int64) *int64 { return &v }

// request makes up one successful request; its figures follow from n alone.
func request(index int, n int64) metrics.Sample {
	ttft, tokens := 20_000_000+n*7_001, int64(3)
	e2e := ttft + 20_000_000 + n*11
	return metrics.Sample{
		Index: index, StartNs: int64(index) * 1_000_003, Streamed: true, OK: true, Status: 200,
		TTFTNs: &ttft, E2ENs: &e2e, TPOTNs: metrics.TPOTNs(ttft, e2e, tokens), ITLNs: []int64{10_000_000 + n, 10_000_000},
		InputTok: p(1024), OutputTok: &tokens, RequestID: fmt.Sprintf("r-%d-%d", n, index),
	}
}

func failedRequest(index int, class failure.Class, text string) metrics.Sample {
	return metrics.Sample{
		Index: index, StartNs: int64(index) * 1_000_003, Streamed: true,
		Class: string(class), Error: text, Status: 500, E2ENs: p(1_500_000),
	}
}

func allOK(n int) []metrics.Sample {
	var out []metrics.Sample
	for i := range n {
		out = append(out, request(i, int64(i)))
	}
	return out
}

func allFailed(n int) []metrics.Sample {
	var out []metrics.Sample
	for i := range n {
		out = append(out, failedRequest(i, failure.ServerError, "internal error"))
	}
	return out
}

func mixed(n int, salt int64) []metrics.Sample {
	var out []metrics.Sample
	for i := range n {
		if i%10 == 9 {
			out = append(out, failedRequest(i, failure.RateLimited, "slow down"))
			continue
		}
		out = append(out, request(i, salt*1000+int64(i)))
	}
	return out
}

func summaries(steps []step) []metrics.Summary {
	out := []metrics.Summary{}
	for _, s := range steps {
		out = append(out, metrics.Summarize(s.level, s.loop, s.concurrency, len(s.samples), s.samples))
	}
	return out
}

// native is what the generator says of a loop in which something succeeded.
func native(s metrics.Summary) map[string]*float64 {
	if s.TTFT == nil {
		return nil
	}
	mean := s.TTFT.Mean + 3
	return map[string]*float64{"ttft_ms_mean": &mean, "itl_ms_p99": nil}
}

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

// must ends the test on an error.
func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// run starts the reporter; stop ends it and waits until it has.
func (w *world) run(c reporter.Config) (stop func()) {
	w.Helper()
	if c.RetryDelay == 0 {
		c.RetryDelay = 10 * time.Millisecond
	}
	ctx, cancel := context.WithCancel(w.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	deps := service.Deps{
		Bus: w.broker.Connect(w.T, "reporter"), Log: quiet(), Name: "reporter", Instance: "reporter/test",
		DataDir: w.TempDir(), Ready: func() { close(ready) }, Version: "test",
	}
	go func() { done <- reporter.Run(ctx, deps, c) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("reporter ended with %v", err)
		}
	})
	w.Cleanup(stop)
	select {
	case <-ready:
	case err := <-done:
		w.Fatalf("reporter did not start: %v", err)
	}
	return stop
}

func (w *world) spec(model string) spec.Spec {
	return spec.Spec{
		Name: "nightly", Model: model, Engine: "vllm", Target: spec.Target{URL: "http://10.0.0.5:8000/v1"},
		InputLength: spec.Length{Min: 1024, Max: 1024}, OutputLength: spec.Length{Min: 3, Max: 3},
		Concurrency: spec.Concurrency{Levels: []int{1, 8}}, Loop: 2, Requests: 25,
	}.WithDefaults()
}

func (w *world) publish(id string, k events.Kind, part string, payload any) uint64 {
	w.Helper()
	e, err := events.New(id, k, part, "test", payload)
	w.must(err)
	seq, err := w.bus.Publish(within(w.T), e)
	w.must(err)
	return seq
}

// requested begins a test and plays it up to the plan.
func (w *world) requested(s spec.Spec) (id string) {
	w.Helper()
	id = w.requestedOnly(s)
	w.publish(id, events.KindPlanned, "", events.Planned{Spec: s, Plan: s.Plan(), Prompt: events.Prompt{Seed: 7, Source: "usage"}})
	return id
}

func (w *world) requestedOnly(s spec.Spec) (id string) {
	w.Helper()
	id = uuid.Must(uuid.NewV7()).String()
	w.publish(id, events.KindRequested, "", events.Requested{Spec: s, By: events.Actor{UserID: "u1", Name: "ada"}})
	return id
}

// measured plays a test up to the moment its load is done, raw data stored.
func (w *world) measured(s spec.Spec, steps []step) (id string) {
	w.Helper()
	id = w.requested(s)
	w.publishMeasured(id, w.store(id, steps))
	return id
}

func (w *world) publishMeasured(id string, levels []events.LevelDone) {
	w.Helper()
	for i, done := range levels {
		w.publish(id, events.KindLevelDone, fmt.Sprint(i), done)
	}
	w.publish(id, events.KindMeasured, "", events.Measured{
		Attempt: 1, Loops: len(levels),
		Generator: events.Generator{Name: "evalscope", Version: "1.14.1"},
		Host:      events.Environment{Hostname: "bench-1", OS: "linux", Arch: "amd64", CPUs: 2, Memory: 8 << 30, Version: "test"},
	})
}

func (w *world) store(id string, steps []step) []events.LevelDone {
	w.Helper()
	levels := []events.LevelDone{}
	for i, summary := range summaries(steps) {
		var file bytes.Buffer
		w.must(samples.Write(&file, steps[i].samples))
		name := fmt.Sprintf("tests/%s/3/level-%d-loop-%d.parquet", id, steps[i].level, steps[i].loop)
		o, err := w.bus.Bucket(events.BucketRaw).Put(within(w.T), name, "application/vnd.apache.parquet", &file)
		w.must(err)
		levels = append(levels, events.LevelDone{
			Attempt: 1, Summary: summary, Raw: o, Native: native(summary),
			Load: events.Load{Runner: "runner/bench-1", StartedMs: 1_795_428_900_000, DurationMs: 1000},
		})
	}
	return levels
}

func (w *world) put(bucket, name, content string) {
	w.Helper()
	_, err := w.bus.Bucket(bucket).Put(within(w.T), name, "text/plain", strings.NewReader(content))
	w.must(err)
}

func (w *world) list(bucket string) []events.Object {
	w.Helper()
	out, err := w.bus.Bucket(bucket).List(within(w.T), "")
	w.must(err)
	return out
}

func (w *world) history(id string) []events.Event {
	w.Helper()
	out, err := w.bus.History(within(w.T), id)
	w.must(err)
	return out
}

func (w *world) fold(id string) events.Lifecycle {
	w.Helper()
	l, err := w.bus.Fold(within(w.T), id)
	w.must(err)
	return l
}

// count counts the events of a kind; of every kind when it is empty.
func (w *world) count(id string, k events.Kind) int {
	n := 0
	for _, e := range w.history(id) {
		if k == "" || e.Kind == k {
			n++
		}
	}
	return n
}

var errSeen = errors.New("seen")

// await waits until the test has an event of this kind and returns it.
func (w *world) await(id string, k events.Kind) (found events.Event) {
	w.Helper()
	err := w.bus.Follow(within(w.T), bus.Feed{Stream: events.StreamEvents, Subjects: []string{events.Subject(id, k)}}, func(m bus.Message) error {
		found = m.Event
		return errSeen
	})
	if !errors.Is(err, errSeen) {
		w.Fatalf("wait for %s of test %s: %v", k, id, err)
	}
	return found
}

// checkPublic waits for the public message of a kind.
func (w *world) checkPublic(id string, k events.Kind, check func(events.Public)) {
	w.Helper()
	var got events.Public
	feed := bus.Feed{Stream: events.StreamPublic, Subjects: []string{events.SubjectPublic(id, k)}}
	err := w.bus.Follow(within(w.T), feed, func(m bus.Message) error {
		return errors.Join(errSeen, json.Unmarshal(m.Data, &got))
	})
	if !errors.Is(err, errSeen) {
		w.Fatalf("wait for public %s of test %s: %v", k, id, err)
	}
	if check != nil {
		check(got)
	}
}

// public returns every public message of a test: it sends one of its own and reads up to it.
func (w *world) public(id string) (out []events.Public) {
	w.Helper()
	w.must(w.bus.PublishPublic(within(w.T), events.Public{TestID: id, Kind: "end_of_test"}))
	feed := bus.Feed{Stream: events.StreamPublic, Subjects: []string{events.SubjectPublic(id, "*")}}
	err := w.bus.Follow(within(w.T), feed, func(m bus.Message) error {
		var got events.Public
		if err := json.Unmarshal(m.Data, &got); err != nil {
			return err
		}
		if got.Kind == "end_of_test" {
			return errSeen
		}
		out = append(out, got)
		return nil
	})
	if !errors.Is(err, errSeen) {
		w.Fatalf("read public messages of test %s: %v", id, err)
	}
	return out
}

// stage is a reporter that is called by hand.
func (w *world) stage() *stage.Stage {
	return &stage.Stage{Bus: w.bus, Log: quiet(), Source: "reporter/by-hand", TempDir: w.TempDir(), RetryDelay: time.Millisecond}
}

// handleAgain gives the first event of a kind to a reporter once more.
func (w *world) handleAgain(id string, k events.Kind) {
	w.Helper()
	for _, e := range w.history(id) {
		if e.Kind == k {
			w.must(w.stage().Handle(within(w.T), bus.Job{Event: e, Deliveries: 2}))
			return
		}
	}
	w.Fatalf("test %s has no %s", id, k)
}

func (w *world) artifact(l events.Lifecycle, kind string) events.Object {
	w.Helper()
	for _, a := range l.Artifacts {
		if a.Kind == kind {
			return a.Object
		}
	}
	w.Fatalf("test %s has no %s", l.TestID, kind)
	return events.Object{}
}

func (w *world) read(o events.Object) []byte {
	w.Helper()
	f, err := w.bus.Bucket(o.Bucket).Open(within(w.T), o)
	w.must(err)
	defer f.Close()
	content, err := io.ReadAll(f)
	w.must(err)
	return content
}

// rows are the rows of one sheet of the workbook.
func (w *world) rows(l events.Lifecycle, sheet string) [][]string {
	w.Helper()
	rows, err := readBook(w.T, w.read(w.artifact(l, "workbook"))).GetRows(sheet)
	w.must(err)
	return rows
}

func folder(id string, seq uint64) string { return fmt.Sprintf("tests/%s/%d", id, seq) }

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }
