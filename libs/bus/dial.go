package bus

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

// credentialed is an in-process server that also says who connects.
type credentialed interface {
	Credentials() (jwt, seed string)
}

func (b *Bus) options(c Config) ([]nats.Option, error) {
	opts := []nats.Option{
		nats.Name(c.Name),
		nats.MaxReconnects(-1), nats.ReconnectWait(100 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, time.Second), nats.IgnoreAuthErrorAbort(),
		nats.PingInterval(b.timing.Ping), nats.MaxPingsOutstanding(2), nats.DrainTimeout(drainTimeout),
		nats.ReconnectBufSize(-1), // a publish that returned an error must not be sent later
		nats.CustomInboxPrefix("_INBOX_" + nuid.Next()),
		nats.ErrorHandler(b.onError),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if !b.leaving.Load() {
				b.log.Warn("broker is away", "error", err)
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			b.log.Info("broker is back")
			b.again.ring()
			if b.provisioned.Load() {
				go b.restoreLive()
			}
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
	}
	if c.InProcess != nil {
		opts = append(opts, nats.InProcessServer(c.InProcess))
		if p, ok := c.InProcess.(credentialed); ok {
			opts = append(opts, nats.UserJWTAndSeed(p.Credentials()))
		}
	}
	if c.CredentialsFile == "" {
		return opts, nil
	}
	creds, err := credentials(c.CredentialsFile)
	return append(opts, creds), err
}

// credentials tells a .creds file from a bare nkey seed.
func credentials(path string) (nats.Option, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read broker credentials: %w", err)
	}
	if bytes.Contains(data, []byte("BEGIN NATS USER JWT")) {
		return nats.UserCredentials(path), nil
	}
	opt, err := nats.NkeyOptionFromSeed(path)
	if err != nil {
		return nil, fmt.Errorf("broker credentials %s are neither a .creds file nor an nkey seed: %w", path, err)
	}
	return opt, nil
}

// onError reports what the broker says outside of any answer. A refused publish shows up only here; its
// caller sees a timeout.
func (b *Bus) onError(_ *nats.Conn, sub *nats.Subscription, err error) {
	switch {
	case errors.Is(err, nats.ErrPermissionViolation):
		b.log.Error("broker refuses; check the permissions of these credentials", "error", err)
	case sub != nil:
		b.log.Warn("broker error", "error", err, "subject", sub.Subject)
	default:
		b.log.Warn("broker error", "error", err)
	}
}
