package auth_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/db/dbtest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/libs/telemetry"
	"plimsoll.internal/services/auth"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

const (
	captain  = "captain"
	password = "mark-on-the-hull-7"
)

// world is a broker, a database and a data folder for auth processes.
type world struct {
	t      *testing.T
	broker *bustest.Broker
	client *bus.Bus
	url    string // of Postgres; empty for SQLite
	data   string
	log    *logBook
}

// logBook keeps what is logged.
type logBook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// onBoth runs a test on SQLite and on Postgres.
func onBoth(t *testing.T, test func(w *world)) {
	t.Run("sqlite", func(t *testing.T) { test(newWorld(t, "")) })
	t.Run("postgres", func(t *testing.T) { test(newWorld(t, freshDatabase(t))) })
}

func newWorld(t *testing.T, url string) *world {
	b := bustest.Start(t)
	return &world{t: t, broker: b, client: b.Connect(t, "client"), url: url, data: t.TempDir(), log: &logBook{}}
}

// freshDatabase makes a database of its own for one test.
func freshDatabase(t *testing.T) string {
	t.Helper()
	server, err := db.Open(t.Context(), db.Config{URL: dbtest.Postgres(t), Schema: "public"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	name := "auth_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := server.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(dbtest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// start runs one auth process on a data folder until stop is called.
func (w *world) start(data string) (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	conn := w.broker.Connect(w.t, "auth")
	go func() {
		ended <- auth.Run(ctx, service.Deps{
			Bus: conn, Log: telemetry.NewLogger(w.log, slog.LevelDebug, telemetry.FormatJSON),
			Ready: sync.OnceFunc(func() { close(ready) }), Name: "auth", Instance: "auth/test", DataDir: data,
		}, auth.Config{DatabaseURL: w.url})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("auth ended with %v", err)
		}
	})
	w.t.Cleanup(stop)
	select {
	case <-ready:
	case err := <-ended:
		w.t.Fatalf("auth ended before it was ready: %v", err)
	case <-time.After(30 * time.Second):
		w.t.Fatal("auth is not ready within 30 s")
	}
	return stop
}

func (w *world) ask(subject string, in any) (events.Session, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var s events.Session
	err := w.client.Request(ctx, subject, in, &s)
	return s, err
}

// want asks and expects a refusal code, or none with "".
func (w *world) want(subject string, in any, code string) events.Session {
	w.t.Helper()
	s, err := w.ask(subject, in)
	if got := codeOf(err); got != code {
		w.t.Fatalf("%s: got %q (%v), want %q", subject, got, err, code)
	}
	return s
}

// codeOf is the code of a refusal, "" for none and the text of any other error.
func codeOf(err error) string {
	var refused *events.AuthError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refused):
		return refused.Code
	}
	return err.Error()
}

func (w *world) bootstrapToken() string {
	w.t.Helper()
	token, err := os.ReadFile(filepath.Join(w.data, auth.BootstrapTokenFile))
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(token))
}

// registerFirst makes the first account.
func (w *world) registerFirst() events.Session {
	w.t.Helper()
	return w.want(events.SubjectAuthRegister,
		events.RegisterRequest{Name: captain, Password: password, BootstrapToken: w.bootstrapToken()}, "")
}

func login(password string) events.LoginRequest {
	return events.LoginRequest{Name: captain, Password: password, RemoteIP: "192.0.2.1"}
}

// keys reads the announced key set, like a gateway.
func (w *world) keys() events.KeySet {
	w.t.Helper()
	var set events.KeySet
	enough := errors.New("enough")
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	err := w.client.Follow(ctx, bus.Feed{
		Stream: events.StreamControl, Subjects: []string{events.SubjectKeys}, LastPerSubject: true,
	}, func(m bus.Message) error {
		set = decode[events.KeySet](w.t, m.Data)
		return enough
	})
	if !errors.Is(err, enough) {
		w.t.Fatalf("read keys: %v", err)
	}
	return set
}

// verify checks an access token as a gateway does.
func (w *world) verify(token string) jwt.MapClaims {
	w.t.Helper()
	set := w.keys()
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		for _, k := range set.Keys {
			if k.ID == t.Header["kid"] {
				return ed25519.PublicKey(k.Public), nil
			}
		}
		return nil, errors.New("no such key")
	}, jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithIssuer("plimsoll"), jwt.WithExpirationRequired())
	if err != nil {
		w.t.Fatalf("access token: %v", err)
	}
	return claims
}

// runOnce runs a process that is expected to end by itself.
func (w *world) runOnce() error {
	return auth.Run(w.t.Context(), service.Deps{
		Bus: w.client, Log: slog.New(slog.DiscardHandler), Ready: func() {}, Name: "auth", DataDir: w.data,
	}, auth.Config{DatabaseURL: w.url})
}
