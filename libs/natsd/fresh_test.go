package natsd_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/natsd"
)

// loud keeps every line that a person should look at.
type loud struct {
	slog.Handler
	lines *lines
}

type lines struct {
	mu  sync.Mutex
	all []string
}

func (l loud) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }
func (l loud) WithAttrs([]slog.Attr) slog.Handler               { return l }
func (l loud) WithGroup(string) slog.Handler                    { return l }

func (l loud) Handle(_ context.Context, r slog.Record) error {
	l.lines.mu.Lock()
	defer l.lines.mu.Unlock()
	var b strings.Builder
	b.WriteString(r.Level.String() + " " + r.Message)
	r.Attrs(func(a slog.Attr) bool { b.WriteString(" " + a.String()); return true })
	l.lines.all = append(l.lines.all, b.String())
	return nil
}

// Six services start at once on a broker that has no data yet, end, and start again: nobody is alarmed.
func TestStartsQuietly(t *testing.T) {
	dir, seen := t.TempDir(), &lines{}
	log := slog.New(loud{slog.DiscardHandler, seen})
	for range 2 {
		server, err := natsd.Start(natsd.Config{StoreDir: dir, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		var services sync.WaitGroup
		for _, name := range []string{"gateway", "auth", "prober", "runner", "reporter", "archiver"} {
			services.Go(func() {
				b, err := bus.Connect(t.Context(), bus.Config{Name: name, InProcess: server.InProcess(), Log: log})
				if err != nil {
					t.Errorf("connect %s: %v", name, err)
					return
				}
				defer b.Close()
				if err := b.Provision(t.Context()); err != nil {
					t.Errorf("provision as %s: %v", name, err)
				}
			})
		}
		services.Wait()
		server.Stop()
	}
	if len(seen.all) > 0 {
		t.Errorf("logged:\n%s", strings.Join(seen.all, "\n"))
	}
}
