package gateway_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/db/dbtest"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/gateway"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

// rig is a running gateway with a real broker, a real database and a client that is signed in.
type rig struct {
	t      testing.TB
	broker *bustest.Broker
	others *bus.Bus // the connection of every other service
	base   string
	data   string
	conf   gateway.Config
	key    ed25519.PrivateKey
	token  string // of an admin
	log    *lockedBuffer
	stop   func() error
}

// onBoth runs a test with SQLite and with Postgres.
func onBoth(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	onBothWith(t, gateway.Config{}, test)
}

// onBothWith is onBoth with a configuration.
func onBothWith(t *testing.T, c gateway.Config, test func(t *testing.T, r *rig)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, start(t, c)) })
	t.Run("postgres", func(t *testing.T) {
		c := c
		c.DatabaseURL = database(t)
		test(t, start(t, c))
	})
}

// database is a fresh database of a real Postgres: the gateway chooses its schema itself.
func database(t testing.TB) string {
	t.Helper()
	return dbtest.Database(t)
}

func start(t testing.TB, c gateway.Config) *rig {
	t.Helper()
	r := &rig{t: t, broker: bustest.Start(t), data: t.TempDir(), conf: c, log: &lockedBuffer{}}
	r.others = r.broker.Connect(t, "others/1")
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	r.key = private
	if err := r.others.PublishKeys(t.Context(), events.KeySet{Keys: []events.Key{{ID: "k1", Public: r.public()}}}); err != nil {
		t.Fatal(err)
	}
	r.token = r.sign("admin", time.Now().Add(5*time.Minute))
	r.run()
	return r
}

// run starts the gateway and waits until it is ready.
func (r *rig) run() {
	t := r.t
	t.Helper()
	ready, done := r.launch()
	select {
	case <-ready:
	case err := <-done:
		t.Fatalf("gateway ended: %v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("gateway is not ready within 20 s")
	}
	r.until("readyz", func() bool { return r.do("GET", "/readyz", nil).status == 200 })
}

// launch starts the gateway.
func (r *rig) launch() (ready <-chan struct{}, ended <-chan error) {
	t := r.t
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := r.conf
	c.Listener, r.base = listener, "http://"+listener.Addr().String()
	c.UI = fstest.MapFS{
		"index.html":       {Data: []byte("<html>" + strings.Repeat("page ", 100))},
		"assets/a-1234.js": {Data: []byte(strings.Repeat("console.log(1);", 100))},
	}
	conn := r.broker.Connect(t, "gateway/test")
	consumes := make(chan struct{})
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	deps := service.Deps{
		Bus: conn, Log: slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Ready: func() { close(consumes) }, Name: "gateway", Instance: "gateway/test", DataDir: r.data, Version: "test",
	}
	go func() { done <- gateway.Run(ctx, deps, c) }()
	stop := sync.OnceValue(func() error { cancel(); return <-done })
	r.stop = stop
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("stop gateway: %v", err)
		}
		if t.Failed() {
			t.Logf("log of the gateway:\n%s", r.log.tail(8<<10))
		}
	})
	return consumes, done
}

// beside starts a second gateway on the same broker and database.
func (r *rig) beside() *rig {
	r.t.Helper()
	other := &rig{
		t: r.t, broker: r.broker, others: r.others, data: r.t.TempDir(), conf: r.conf, key: r.key, token: r.token,
		log: &lockedBuffer{},
	}
	other.run()
	return other
}

func (r *rig) public() ed25519.PublicKey {
	public, _ := r.key.Public().(ed25519.PublicKey) // always of this type
	return public
}

// sign makes an access token as the auth service does.
func (r *rig) sign(role string, expires time.Time) string {
	r.t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss": "plimsoll", "sub": "019a0000-0000-7000-8000-00000000000" + role[:1], "name": role, "role": role,
		"exp": expires.Unix(), "iat": time.Now().Unix(),
	})
	token.Header["kid"] = "k1"
	text, err := token.SignedString(r.key)
	if err != nil {
		r.t.Fatal(err)
	}
	return text
}

// lockedBuffer is a log that many goroutines write and the test reads.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *lockedBuffer) tail(n int) string {
	s := b.String()
	return s[max(0, len(s)-n):]
}

func gatewayConfig() gateway.Config { return gateway.Config{} }

func gatewayConfigWith(databaseURL string) gateway.Config {
	return gateway.Config{DatabaseURL: databaseURL}
}

func (r *rig) later() time.Time { return time.Now().Add(5 * time.Minute) }

func (b *lockedBuffer) contains(s string) bool { return strings.Contains(b.String(), s) }
