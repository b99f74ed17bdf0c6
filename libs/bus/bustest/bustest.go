// Package bustest is a real broker for one test, with ways to disturb it: stop, kill, cut one connection off.
package bustest

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/natsd"
)

// Timing is short, so that take-overs happen within a test, and long enough for a loaded machine.
func Timing() bus.Timing {
	return bus.Timing{
		AckWait: 4 * time.Second, Heartbeat: 600 * time.Millisecond, SelfFence: 2500 * time.Millisecond,
		Grace: 3 * time.Second, Target: 4 * time.Second, HeartbeatTTL: time.Minute, Presence: 3 * time.Second,
		Ping: time.Second,
	}
}

const connectTimeout = 30 * time.Second

// Broker is a nats-server that ends with the test.
type Broker struct {
	t      testing.TB
	log    *slog.Logger
	server server
	url    *url.URL
	files  natsd.Files

	mu      sync.Mutex
	timing  bus.Timing
	proxies map[*bus.Bus]*proxy
}

// server is the embedded broker or a process of its own.
type server interface {
	start() (url string, err error)
	stop()
	kill() error
}

// Start starts the embedded server for t, listening on a free port of 127.0.0.1.
func Start(t testing.TB) *Broker {
	t.Helper()
	return run(t, func(dir string, log *slog.Logger) server { return &embedded{dir: dir, log: log} })
}

func run(t testing.TB, make func(dir string, log *slog.Logger) server) *Broker {
	t.Helper()
	out := &output{w: t.Output()}
	t.Cleanup(out.close)
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelInfo}))
	dir := filepath.Join(t.TempDir(), "nats")
	files, err := natsd.WriteFiles(natsd.Config{StoreDir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatalf("write broker files: %v", err)
	}
	b := &Broker{t: t, log: log, files: files, timing: Timing(), proxies: map[*bus.Bus]*proxy{}, server: make(dir, log)}
	b.Start()
	t.Cleanup(b.Stop)
	return b
}

// SetTiming changes the timing of connections made from now on.
func (b *Broker) SetTiming(t bus.Timing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timing = t
}

// URL is where clients connect.
func (b *Broker) URL() string { return b.url.String() }

// Credentials is the file for services.
func (b *Broker) Credentials() string { return b.files.ServiceCreds }

// SubscriberCredentials is the read-only file for other systems.
func (b *Broker) SubscriberCredentials() string { return b.files.SubscriberCreds }

// Config is how a service connects: straight, without the line that [Broker.Cut] cuts.
func (b *Broker) Config(name string) bus.Config {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bus.Config{Name: name, URL: b.URL(), CredentialsFile: b.files.ServiceCreds, Log: b.log, Timing: b.timing}
}

// Connect returns a provisioned connection that is closed at the end of the test.
func (b *Broker) Connect(t testing.TB, name string) *bus.Bus {
	t.Helper()
	c := b.Raw(t, name)
	ctx, cancel := context.WithTimeout(t.Context(), connectTimeout)
	defer cancel()
	if err := c.Provision(ctx); err != nil {
		t.Fatalf("provision as %s: %v", name, err)
	}
	return c
}

// Raw is Connect without provisioning.
func (b *Broker) Raw(t testing.TB, name string) *bus.Bus {
	t.Helper()
	p, err := newProxy(b.url.Host)
	if err != nil {
		t.Fatalf("make the line of %s: %v", name, err)
	}
	c := b.Config(name)
	c.URL = "nats://" + p.address()
	ctx, cancel := context.WithTimeout(t.Context(), connectTimeout)
	defer cancel()
	conn, err := bus.Connect(ctx, c)
	if err != nil {
		p.close()
		t.Fatalf("connect %s: %v", name, err)
	}
	b.mu.Lock()
	b.proxies[conn] = p
	b.mu.Unlock()
	t.Cleanup(func() {
		p.setOpen(true)
		conn.Close()
		p.close()
	})
	return conn
}

// Cut makes the line of one connection a black hole: nothing passes, nothing is closed. heal lets what was
// held back pass; it may be called twice.
func (b *Broker) Cut(t testing.TB, c *bus.Bus) (heal func()) {
	t.Helper()
	b.mu.Lock()
	p := b.proxies[c]
	b.mu.Unlock()
	if p == nil {
		t.Fatal("this connection was not made by Connect of this broker")
	}
	p.setOpen(false)
	return func() { p.setOpen(true) }
}

// Drop closes the line of one connection once; the client connects again.
func (b *Broker) Drop(t testing.TB, c *bus.Bus) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.proxies[c].drop()
}

// Restart stops and starts the broker on the same data and the same port.
func (b *Broker) Restart(t testing.TB) {
	t.Helper()
	b.Stop()
	b.Start()
}

// Stop stops the broker; its data stays.
func (b *Broker) Stop() { b.server.stop() }

// Kill ends a broker made by [StartProcess] with SIGKILL.
func (b *Broker) Kill() {
	if err := b.server.kill(); err != nil {
		b.t.Errorf("kill broker: %v", err)
	}
}

// Start starts a stopped or killed broker again. Call it from the goroutine of the test.
func (b *Broker) Start() {
	address, err := b.server.start()
	if err == nil {
		b.url, err = url.Parse(address)
	}
	if err != nil {
		b.t.Fatalf("start broker: %v", err)
	}
}

// output is the log of a test; what comes after its end is dropped.
type output struct {
	mu sync.Mutex
	w  io.Writer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.w == nil {
		return len(p), nil
	}
	return o.w.Write(p)
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.w = nil
}
