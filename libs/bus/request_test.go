package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

func serve(t testing.TB, b *bus.Bus, endpoints map[string]bus.Endpoint) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var loop sync.WaitGroup
	loop.Go(func() {
		if err := b.Serve(ctx, "auth", endpoints); err != nil {
			t.Error(err)
		}
	})
	stop = func() {
		cancel()
		loop.Wait()
	}
	t.Cleanup(stop)
	return stop
}

func TestRequests(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	gateway, auth := broker.Connect(t, "gateway"), broker.Connect(t, "auth")
	if err := gateway.Request(t.Context(), events.SubjectAuthLogin, struct{}{}, nil); !errors.Is(err, bus.ErrUnavailable) {
		t.Fatalf("nobody there: %v, want ErrUnavailable", err)
	}
	refusal := &events.AuthError{Code: "throttled", Message: "wait", RetryAfterS: 7}
	stop := serve(t, auth, map[string]bus.Endpoint{
		events.SubjectAuthLogin: func(_ context.Context, data []byte) (any, error) {
			var r events.LoginRequest
			if err := json.Unmarshal(data, &r); err != nil {
				return nil, err
			}
			switch r.Name {
			case "refused":
				return nil, refusal
			case "broken":
				return nil, errors.New("database password is hunter2")
			case "panic":
				panic("hunter2")
			}
			return events.Session{AccessToken: r.Name}, nil
		},
	})
	ask := func(name string) (events.Session, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var s events.Session
		err := gateway.Request(ctx, events.SubjectAuthLogin, events.LoginRequest{Name: name}, &s)
		return s, err
	}
	await(t, "the service", func() bool { _, err := ask("x"); return err == nil })
	if s, err := ask("ada"); err != nil || s.AccessToken != "ada" {
		t.Errorf("answer %+v %v", s, err)
	}
	_, err := ask("refused")
	var got *events.AuthError
	if !errors.As(err, &got) || !cmp.Equal(got, refusal) {
		t.Errorf("refusal %v, want %v", err, refusal)
	}
	for _, name := range []string{"broken", "panic"} {
		if _, err := ask(name); err == nil || strings.Contains(err.Error(), "hunter2") || errors.Is(err, bus.ErrUnavailable) {
			t.Errorf("%s: %v, want an error that tells nothing", name, err)
		}
	}
	stop()
	await(t, "the end of the service", func() bool { _, err := ask("x"); return errors.Is(err, bus.ErrUnavailable) })
}

func TestPresence(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	timing := bustest.Timing()
	timing.Presence = 2 * time.Second
	broker.SetTiming(timing)
	watcher, a, b := broker.Connect(t, "gateway"), broker.Connect(t, "runner/a"), broker.Connect(t, "runner/b")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	announce := func(ctx context.Context, b *bus.Bus, key string) {
		all.Go(func() {
			if err := b.Announce(ctx, key, map[string]int{"slots": 1}); err != nil {
				t.Error(err)
			}
		})
	}
	leave, bye := context.WithCancel(ctx)
	announce(ctx, a, "runner/a")
	announce(leave, b, "runner/b")
	here := func(want int) func() bool {
		return func() bool {
			p, err := watcher.Present(t.Context())
			return err == nil && len(p) == want
		}
	}
	await(t, "both", here(2))
	broker.Restart(t)
	await(t, "both after a restart", here(2))
	bye()
	await(t, "the one that stays", here(1))
	heal := broker.Cut(t, a) // as good as dead
	await(t, "nobody", here(0))
	heal()
	await(t, "the one that came back", here(1))
	if p, err := watcher.Present(t.Context()); err != nil || string(p["runner/a"]) != `{"slots":1}` {
		t.Errorf("value %s %v", p["runner/a"], err)
	}
	cancel()
	all.Wait()
	if err := a.Announce(t.Context(), "with space", 1); err == nil {
		t.Error("a key with a space was accepted")
	}
}

func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	for name, c := range map[string]bus.Config{
		"no credentials":     {URL: broker.URL()},
		"credentials absent": {URL: broker.URL(), CredentialsFile: "/does/not/exist"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			b, err := bus.Connect(ctx, c)
			if err == nil {
				b.Close()
			}
			if err == nil || ctx.Err() != nil {
				t.Errorf("error %v, want a refusal at once", err)
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := bus.Connect(ctx, bus.Config{URL: "nats://127.0.0.1:1"}); err == nil || !strings.Contains(err.Error(), "no servers") {
		t.Errorf("nobody listens: %v, want an error that says so", err)
	}
}
