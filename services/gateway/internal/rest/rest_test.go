package rest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/db"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/live"
	"plimsoll.internal/services/gateway/internal/problem"
	"plimsoll.internal/services/gateway/internal/projector"
	"plimsoll.internal/services/gateway/internal/readmodel"
)

// newServer is a Server with a real broker, a real database and a running projector.
func newServer(t *testing.T) *Server {
	t.Helper()
	b := bustest.Start(t).Connect(t, "gateway/1")
	store, err := readmodel.Open(t.Context(), db.Config{SQLitePath: filepath.Join(t.TempDir(), "gateway.db")})
	if err != nil {
		t.Fatal(err)
	}
	hub, log := live.NewHub(), slog.New(slog.DiscardHandler)
	ready := make(chan struct{})
	p := &projector.Projector{Bus: b, Store: store, Log: log, Tell: hub.Event, Ready: func() { close(ready) }}
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if err := p.Run(ctx); err != nil {
			t.Errorf("projector: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		group.Wait()
		if err := store.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	<-ready
	return &Server{
		Bus: b, Store: store, Hub: hub, Projection: p, Log: log, Source: "gateway/1", NewID: NewID,
		Command: func(Spec) string { return "" }, Ping: time.Minute, Now: time.Now,
	}
}

const document = `{"model":"m","mode":"simulated","generator":"evalscope","input_length":8,"output_length":8,"concurrency":1}`

func runRequest(model string) httpapi.RunTestRequestObject {
	return httpapi.RunTestRequestObject{
		ContentType: "application/json", Body: strings.NewReader(strings.Replace(document, `"m"`, `"`+model+`"`, 1)),
	}
}

// TestTwoEqualIDs draws the same id twice: the second request is refused, nothing is mixed.
func TestTwoEqualIDs(t *testing.T) {
	s := newServer(t)
	id, err := NewID()
	if err != nil {
		t.Fatal(err)
	}
	s.NewID = func() (string, error) { return id, nil }
	ctx := WithCaller(t.Context(), &Caller{Lang: "en"})
	if _, err := s.RunTest(ctx, runRequest("first")); err != nil {
		t.Fatal(err)
	}
	_, err = s.RunTest(ctx, runRequest("second"))
	if p := problem.From(err); p.Code != problem.IDTaken || p.Status() != http.StatusConflict {
		t.Errorf("got %v, want id_taken", err)
	}
	l, err := s.Bus.Fold(t.Context(), id)
	if err != nil || l.Spec.Model != "first" {
		t.Errorf("the test is of model %s (%v), want first", l.Spec.Model, err)
	}
}

func TestNoRandomnessIsAnError(t *testing.T) {
	s := newServer(t)
	s.NewID = func() (string, error) { return "", errors.New("no entropy") }
	if _, err := s.RunTest(t.Context(), runRequest("m")); problem.From(err).Code != problem.Internal {
		t.Errorf("got %v, want internal", err)
	}
}

// TestSlowClient does not read while more happens than is kept for it: it is told to begin again.
func TestSlowClient(t *testing.T) {
	s := newServer(t)
	ctx := WithCaller(t.Context(), &Caller{Lang: "en"})
	answer, err := s.RunTest(ctx, runRequest("m"))
	if err != nil {
		t.Fatal(err)
	}
	asked, _ := answer.(httpapi.RunTest202JSONResponse)
	id := asked.Body.Id
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stream, err := s.FollowTest(r.Context(), httpapi.FollowTestRequestObject{Id: id})
		if err != nil {
			t.Error(err)
			return
		}
		for i := range 300 {
			s.Hub.Event(readmodel.Logged{Seq: uint64(1000 + i), TestID: id, Kind: "level_done", State: "running", Data: "{}"})
		}
		if err := stream.VisitFollowTestResponse(w); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	lines := bufio.NewScanner(strings.NewReader(string(data)))
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			counts[name]++
		}
	}
	if counts["snapshot"] != 1 || counts["event"] != 256 || counts["reset"] != 1 || counts["end"] != 0 {
		t.Errorf("got %v, want a snapshot, 256 events and a reset", counts)
	}
}

// TestPing keeps a quiet stream open.
func TestPing(t *testing.T) {
	s := newServer(t)
	s.Ping = 10 * time.Millisecond
	answer, err := s.RunTest(WithCaller(t.Context(), &Caller{}), runRequest("m"))
	if err != nil {
		t.Fatal(err)
	}
	asked, _ := answer.(httpapi.RunTest202JSONResponse)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stream, err := s.FollowTest(r.Context(), httpapi.FollowTestRequestObject{Id: asked.Body.Id})
		if err == nil {
			err = stream.VisitFollowTestResponse(w)
		}
		if err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(res.Body)
	pings := 0
	for pings < 3 && lines.Scan() {
		if lines.Text() == ": ping" {
			pings++
		}
	}
	_ = res.Body.Close()
	if pings != 3 {
		t.Errorf("%d pings, want 3", pings)
	}
}

func TestDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"result.xlsx":   `attachment; filename="result.xlsx"; filename*=UTF-8''result.xlsx`,
		"结果 1.xlsx":     `attachment; filename="__ 1.xlsx"; filename*=UTF-8''%E7%BB%93%E6%9E%9C%201.xlsx`,
		"a\"b\\c\r\n.x": `attachment; filename="a_b_c__.x"; filename*=UTF-8''a%22b%5Cc%0D%0A.x`,
	} {
		if got := disposition(name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
}

func TestMatches(t *testing.T) {
	for header, want := range map[string]bool{
		`"7"`: true, `W/"7"`: true, `"6", "7"`: true, `*`: true, `"70"`: false, ``: false, `7`: false,
	} {
		if got := matches(header, `"7"`); got != want {
			t.Errorf("%q: got %v, want %v", header, got, want)
		}
	}
}

// TestSeedFollowsTheID draws the same seed for the same test, so that a retry asks for the same.
func TestSeedFollowsTheID(t *testing.T) {
	seen := map[int64]bool{}
	for i := range 100 {
		id := fmt.Sprintf("01900000-0000-7000-8000-%012d", i)
		seed := seedOf(id)
		if seed != seedOf(id) || seed < 0 || seed > 1<<32 || seen[seed] {
			t.Errorf("seed of %s is %d", id, seed)
		}
		seen[seed] = true
	}
}
