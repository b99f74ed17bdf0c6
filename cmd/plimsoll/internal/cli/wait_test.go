package cli

import (
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

const eventsPath = "GET /tests/" + testID + "/events"

func TestWaitEndsWithTheCodeOfTheTest(t *testing.T) {
	tests := []struct {
		state, verdict string
		code           int
	}{
		{"succeeded", "none", ExitOK},
		{"succeeded", "fail", ExitSLOFailed},
		{"succeeded", "inconclusive", ExitInconclusive},
		{"failed", "none", ExitTestFailed},
		{"cancelled", "none", ExitCancelled},
	}
	for _, tt := range tests {
		t.Run(tt.state+" "+tt.verdict, func(t *testing.T) {
			s := newShell(t, newServer(t, map[string]http.HandlerFunc{eventsPath: func(w http.ResponseWriter, _ *http.Request) {
				send(w, "snapshot", "", testDoc("running", "none"))
				send(w, "progress", "", map[string]any{"phase": "measure", "level": 0, "loop": 1, "done": 3, "total": 8, "percent": 40, "elapsed_ms": 2000})
				send(w, "end", "12", testDoc(tt.state, tt.verdict))
			}}))
			s.want(tt.code, "tests", "wait", testID)
			if first, _, _ := strings.Cut(s.out.String(), "\n"); !strings.HasPrefix(first, "Verdict") {
				t.Errorf("first line %q, want the verdict", first)
			}
			if !strings.Contains(s.err.String(), " 40%  measuring  level 1 loop 2  3/8") {
				t.Errorf("no progress in %q", s.err.String())
			}
			if strings.Contains(s.out.String()+s.err.String(), "\x1b") {
				t.Errorf("escape codes outside of a terminal: %q %q", s.out.String(), s.err.String())
			}
		})
	}
}

// TestFollowSurvivesABrokenStream cuts the stream after an event: the next connection asks for what follows.
func TestFollowSurvivesABrokenStream(t *testing.T) {
	var calls atomic.Int32
	server := newServer(t, map[string]http.HandlerFunc{eventsPath: func(w http.ResponseWriter, r *http.Request) {
		switch calls.Add(1) {
		case 1:
			send(w, "snapshot", "", testDoc("running", "none")) // seq 9
			send(w, "event", "10", map[string]any{"id": "x", "seq": 10, "kind": "level_done", "source": "runner/1", "time": "2026-11-23T10:00:00Z", "state": "running", "data": map[string]any{}})
		case 2:
			if got := r.Header.Get("Last-Event-ID"); got != "10" {
				t.Errorf("Last-Event-ID %q, want 10", got)
			}
			refusal(503, "unavailable", "Later")(w, r)
		default:
			send(w, "end", "12", testDoc("succeeded", "none"))
		}
	}})
	newShell(t, server).want(ExitOK, "tests", "wait", testID)
	if n := calls.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

// TestFirstInterruptCancelsTheTest sends Ctrl-C while the test runs: it is cancelled, the end is awaited
// and printed.
func TestFirstInterruptCancelsTheTest(t *testing.T) {
	var s *shell
	cancelled := make(chan struct{})
	server := newServer(t, map[string]http.HandlerFunc{
		eventsPath: func(w http.ResponseWriter, r *http.Request) {
			send(w, "snapshot", "", testDoc("running", "none"))
			select {
			case <-cancelled:
				send(w, "end", "12", testDoc("cancelled", "none"))
			default:
				s.signals <- os.Interrupt
				<-r.Context().Done()
			}
		},
		"POST /tests/" + testID + "/cancel": func(w http.ResponseWriter, r *http.Request) {
			close(cancelled)
			answer(202, testDoc("cancelling", "none"))(w, r)
		},
	})
	s = newShell(t, server)
	s.want(ExitCancelled, "tests", "wait", testID, "--json")
	if !strings.Contains(s.out.String(), `"state": "cancelled"`) {
		t.Errorf("the result is not printed: %s", s.out.String())
	}
}

func TestInterruptWithDetachLeavesTheTest(t *testing.T) {
	var s *shell
	server := newServer(t, map[string]http.HandlerFunc{eventsPath: func(w http.ResponseWriter, r *http.Request) {
		send(w, "snapshot", "", testDoc("running", "none"))
		s.signals <- os.Interrupt
		<-r.Context().Done()
	}})
	s = newShell(t, server)
	s.want(ExitInterrupted, "tests", "wait", testID, "--detach")
	if n := len(server.asked()); n != 1 || !strings.Contains(s.err.String(), "left running") {
		t.Errorf("%d requests, says %q", n, s.err.String())
	}
}

func TestSecondInterruptEndsAtOnce(t *testing.T) {
	var s *shell
	release := make(chan struct{})
	server := newServer(t, map[string]http.HandlerFunc{
		eventsPath: func(w http.ResponseWriter, r *http.Request) {
			send(w, "snapshot", "", testDoc("running", "none"))
			s.signals <- os.Interrupt
			<-r.Context().Done()
		},
		"POST /tests/" + testID + "/cancel": func(w http.ResponseWriter, r *http.Request) {
			s.signals <- os.Interrupt
			<-release
			refusal(500, "internal", "Broken")(w, r)
		},
	})
	s = newShell(t, server)
	done := make(chan int, 1)
	go func() { done <- s.run("tests", "wait", testID) }()
	if code := <-s.exited; code != ExitInterrupted {
		t.Errorf("exit %d, want 130", code)
	}
	close(release)
	<-done
}

func TestWaitTimeout(t *testing.T) {
	server := newServer(t, map[string]http.HandlerFunc{eventsPath: func(w http.ResponseWriter, r *http.Request) {
		send(w, "snapshot", "", testDoc("running", "none"))
		<-r.Context().Done()
	}})
	s := newShell(t, server)
	s.want(ExitCancelled, "tests", "wait", testID, "--timeout", "50ms")
	if !strings.Contains(s.err.String(), "the test goes on") {
		t.Errorf("says %q", s.err.String())
	}
}

func TestEventsAreOneObjectPerLine(t *testing.T) {
	server := newServer(t, map[string]http.HandlerFunc{eventsPath: func(w http.ResponseWriter, _ *http.Request) {
		send(w, "snapshot", "", testDoc("running", "none"))
		send(w, "end", "12", testDoc("succeeded", "none"))
	}})
	s := newShell(t, server)
	s.want(ExitOK, "tests", "events", testID, "--json", "--after", "4")
	lines := strings.Split(strings.TrimSpace(s.out.String()), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[1], `{"event":"end","id":"12","data":{`) {
		t.Errorf("got %q", lines)
	}
	if got := server.header[0].Get("Last-Event-ID"); got != "4" {
		t.Errorf("Last-Event-ID %q, want 4", got)
	}
}
