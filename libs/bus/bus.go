// Package bus is JetStream as Plimsoll uses it: provision streams and buckets from the Catalog, publish
// once, take one job at a time, claim and fence, keep objects whole, know who is present. It knows
// nothing about what the events mean.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/events"
)

// Config says which broker to talk to and who is talking.
type Config struct {
	Name            string                     // who, like runner/host-1; also the connection name and the holder in claims
	URL             string                     // nats://host:port; empty with InProcess
	CredentialsFile string                     // .creds or nkey seed file; empty for none
	InProcess       nats.InProcessConnProvider // the embedded server; nil for a network connection
	Log             *slog.Logger
	Timing          Timing // zero value = defaults
	Replicas        int    // copies of every stream; 0 = 1, a cluster wants 3
}

// Bus is one connection to the broker. Its methods may be called concurrently.
type Bus struct {
	name     string
	nc       *nats.Conn
	js       jetstream.JetStream
	log      *slog.Logger
	timing   Timing
	replicas int
	again    *bell         // rings after every reconnect
	closed   chan struct{} // closed when the connection is gone for good

	provisioned atomic.Bool
	leaving     atomic.Bool // this side ends the connection

	mu      sync.Mutex
	streams map[string]jetstream.Stream
}

const (
	attemptTimeout = 2 * time.Second // one request to the broker; the context of the caller bounds all attempts
	drainTimeout   = 5 * time.Second
)

// Connect connects and waits until JetStream answers or ctx ends. Wrong credentials fail at once.
func Connect(ctx context.Context, c Config) (*Bus, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	timing, err := c.Timing.complete()
	if err != nil {
		return nil, err
	}
	b := &Bus{
		name: c.Name, log: c.Log.With("bus", c.Name), timing: timing, replicas: max(c.Replicas, 1),
		again: newBell(), closed: make(chan struct{}), streams: map[string]jetstream.Stream{},
	}
	opts, err := b.options(c)
	if err != nil {
		return nil, err
	}
	err = untilOK(ctx, b.again, func() (bool, error) {
		nc, err := nats.Connect(c.URL, opts...)
		b.nc = nc
		return !errors.Is(err, nats.ErrAuthorization) && !errors.Is(err, nats.ErrAuthExpired), err
	})
	if err != nil {
		return nil, fmt.Errorf("connect to the broker: %w", err)
	}
	if b.js, err = jetstream.New(b.nc, jetstream.WithDefaultTimeout(3*time.Second)); err != nil {
		b.leave()
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	if err := untilOK(ctx, b.again, func() (bool, error) { return true, b.Healthy(ctx) }); err != nil {
		b.leave()
		return nil, fmt.Errorf("wait for the broker: %w", err)
	}
	return b, nil
}

// Close sends what is on its way and closes the connection.
func (b *Bus) Close() {
	b.leaving.Store(true)
	if err := b.nc.Drain(); err != nil {
		b.nc.Close()
	}
	select {
	case <-b.closed:
	case <-time.After(drainTimeout + time.Second):
		b.nc.Close()
	}
}

// leave closes the connection at once.
func (b *Bus) leave() {
	b.leaving.Store(true)
	b.nc.Close()
}

// Name is who talks on this connection.
func (b *Bus) Name() string { return b.name }

// Healthy asks JetStream for an answer.
func (b *Bus) Healthy(ctx context.Context) error {
	ctx, cancel := b.once(ctx)
	defer cancel()
	if _, err := b.js.AccountInfo(ctx); err != nil {
		return fmt.Errorf("broker does not answer: %w", err)
	}
	return nil
}

// stream returns the handle of a stream, looked up once.
func (b *Bus) stream(ctx context.Context, name string) (jetstream.Stream, error) {
	b.mu.Lock()
	s, ok := b.streams[name]
	b.mu.Unlock()
	if ok {
		return s, nil
	}
	s, err := b.js.Stream(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("look up stream %s: %w", name, err)
	}
	b.mu.Lock()
	b.streams[name] = s
	b.mu.Unlock()
	return s, nil
}

// objectStream is the stream behind a bucket, in the layout stock clients read.
func objectStream(bucket string) string { return "OBJ_" + bucket }

// presenceBucket holds one key per living process.
const presenceBucket = "presence"

// durable finds a durable of the Catalog by name.
func durable(name string) (events.Durable, bool) {
	for _, d := range events.Durables() {
		if d.Name == name {
			return d, true
		}
	}
	return events.Durable{}, false
}
