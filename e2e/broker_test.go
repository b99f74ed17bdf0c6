package e2e

import (
	"testing"
	"time"

	"plimsoll.internal/cmd/allinone"
	"plimsoll.internal/libs/bus/bustest"
)

// TestUpOnAnotherBroker runs everything in one process on a nats-server of its own, as `plimsoll up --nats
// URL --nats-creds FILE` does.
func TestUpOnAnotherBroker(t *testing.T) {
	t.Parallel()
	broker := bustest.StartProcess(t)
	p := startWith(t, allinone.Config{DataDir: t.TempDir(), NATSURL: broker.URL(), NATSCreds: broker.Credentials()})
	u := register(t, p.info.URL, p.info.BootstrapToken)
	spec := with(with(with(demoSpec(), "concurrency", []int{2}), "loop", 1), "archive", "always")
	done := u.awaitFinal(u.run(spec).ID, 2*time.Minute)
	if done.State != "succeeded" {
		t.Fatalf("state %s: %+v", done.State, done.Failure)
	}
	u.await(done.ID, 10*time.Second, "archived without being asked", func(x test) bool { return x.Archived })
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
