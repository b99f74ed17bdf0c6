// Package bustest is a real broker for one test.
package bustest

import (
	"testing"

	"plimsoll.internal/libs/bus"
)

// Broker is a real nats-server that ends with the test.
type Broker struct{}

// Start starts a broker for t.
func Start(t testing.TB) *Broker { t.Helper(); t.Fatal("not finished"); return nil }

// Connect returns a provisioned connection.
func (b *Broker) Connect(t testing.TB, name string) *bus.Bus { return nil }

// Restart stops and starts the broker on the same data.
func (b *Broker) Restart(t testing.TB) {}

// Stop stops the broker.
func (b *Broker) Stop() {}

// Start starts the broker again on the same data.
func (b *Broker) Start() {}

// Cut cuts the connection of one bus off, without closing it; the result joins it again.
func (b *Broker) Cut(t testing.TB, c *bus.Bus) (heal func()) { return func() {} }
