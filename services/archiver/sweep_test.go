package archiver_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/archiver"
	"plimsoll.internal/services/archiver/internal/stage"
)

// said hands out the log line by line, as level, bucket and message.
type said struct{ lines chan string }

func (s said) Enabled(context.Context, slog.Level) bool { return true }
func (s said) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s said) WithGroup(string) slog.Handler            { return s }

func (s said) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String()
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "bucket" || a.Key == "removed" {
			line += " " + a.Value.String()
		}
		return true
	})
	s.lines <- line + " " + r.Message
	return nil
}

// await reads the log until a line started with each of these.
func (s said) await(w *world, starts ...string) {
	w.Helper()
	end := w.within().Done()
	for len(starts) > 0 {
		select {
		case line := <-s.lines:
			starts = slices.DeleteFunc(starts, func(start string) bool { return strings.HasPrefix(line, start) })
		case <-end:
			w.Fatalf("the log never says %q", starts)
		}
	}
}

// interrupt begins an upload into every bucket and takes the broker away before the last word is said.
func (w *world) interrupt() {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	var written, uploads sync.WaitGroup
	written.Add(len(events.Buckets))
	gone := make(chan struct{})
	for _, name := range events.Buckets {
		uploads.Go(func() {
			content := io.MultiReader(strings.NewReader(strings.Repeat("x", 512<<10)), &stuck{func() { written.Done(); <-gone }})
			if _, err := w.bus.Bucket(name).Put(ctx, "interrupted", "", content); !errors.Is(err, context.Canceled) {
				w.Errorf("upload without a broker: %v", err)
			}
		})
	}
	written.Wait()
	w.broker.Stop()
	close(gone)
	time.AfterFunc(100*time.Millisecond, cancel)
	uploads.Wait()
	w.broker.Start()
	_, err := w.bus.StreamState(w.within(), events.StreamEvents) // repeats until this connection is back
	w.must(err)
}

// stuck ends when wait has returned.
type stuck struct{ wait func() }

func (s *stuck) Read([]byte) (int, error) {
	s.wait()
	return 0, io.EOF
}

// left counts the interrupted uploads in all buckets, and removes them.
func (w *world) left() (n int) {
	w.Helper()
	for _, name := range events.Buckets {
		removed, err := w.bus.Bucket(name).Sweep(w.within(), 0)
		w.must(err)
		n += removed
	}
	return n
}

// TestSweeperRemovesWhatUploadsLeft: at once, and it goes on after a broker that was away.
func TestSweeperRemovesWhatUploadsLeft(t *testing.T) {
	w := newWorld(t)
	for _, name := range events.Buckets {
		w.put(name, "whole", "whole")
	}
	w.interrupt()
	log := said{make(chan string)}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan struct{})
	go func() {
		stage.Sweeper{Bus: w.bus, Log: slog.New(log), Every: 50 * time.Millisecond}.Run(ctx)
		close(ended)
	}()
	log.await(w, "INFO raw 1 ", "INFO reports 1 ", "INFO archive 1 ")
	w.broker.Stop()
	log.await(w, "WARN raw", "WARN reports", "WARN archive")
	w.broker.Start()
	log.await(w, "DEBUG raw", "DEBUG reports", "DEBUG archive")
	cancel()
	for open := true; open; {
		select {
		case <-log.lines:
		case <-ended:
			open = false
		}
	}
	if n := w.left(); n != 0 {
		t.Errorf("%d interrupted uploads are left", n)
	}
	if got := w.objects(events.Buckets...); len(got) != 3 {
		t.Errorf("objects %v, want the three whole ones", got)
	}
}

// TestArchiverSweepsAtItsStart: every bucket, and nothing that may still be going on.
func TestArchiverSweepsAtItsStart(t *testing.T) {
	w := newWorld(t)
	w.interrupt()
	log := said{make(chan string, 100)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	deps := service.Deps{
		Bus: w.broker.Connect(t, "archiver"), Log: slog.New(log), Name: "archiver",
		Instance: "archiver/test", DataDir: t.TempDir(), Ready: func() {},
	}
	go func() { done <- archiver.Run(ctx, deps, archiver.Config{}) }()
	log.await(w, "DEBUG raw", "DEBUG reports", "DEBUG archive")
	cancel()
	w.must(<-done)
	if n := w.left(); n != 3 {
		t.Errorf("%d interrupted uploads are left, want all 3: they are from today", n)
	}
}
