// Package bus is JetStream as Plimsoll uses it: provision streams and buckets from the Catalog, publish
// once, take one job at a time, claim and fence, keep objects whole, know who is present. It knows
// nothing about what the events mean.
package bus

import (
	"context"
	"log/slog"

	"github.com/nats-io/nats.go"
)

// Config says which broker to talk to and who is talking.
type Config struct {
	Name            string                     // who, like runner/host-1; also the connection name
	URL             string                     // nats://host:port; empty with InProcess
	CredentialsFile string                     // .creds or nkey seed file; empty for none
	InProcess       nats.InProcessConnProvider // the embedded server; nil for a network connection
	Log             *slog.Logger
}

// Bus is one connection to the broker. Its methods may be called concurrently.
type Bus struct {
	// filled in by the bus implementation
}

// Connect connects and waits until JetStream answers or ctx ends.
func Connect(ctx context.Context, c Config) (*Bus, error) { return nil, nil }
