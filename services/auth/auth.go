// Package auth keeps accounts and sessions and signs the access tokens that the gateway checks.
package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/libs/telemetry"
	"plimsoll.internal/services/auth/internal/account"
	"plimsoll.internal/services/auth/internal/bootstrap"
	"plimsoll.internal/services/auth/internal/door"
	"plimsoll.internal/services/auth/internal/keys"
	"plimsoll.internal/services/auth/internal/password"
	"plimsoll.internal/services/auth/internal/session"
	"plimsoll.internal/services/auth/internal/store"
	"plimsoll.internal/services/auth/internal/throttle"
)

// The files of the service in its data folder, mode 0600.
const (
	BootstrapTokenFile = "bootstrap-token"  // makes the first account; gone after use
	SigningKeyFile     = "auth-signing.key" // PKCS #8 in PEM
)

// How often the service announces its keys, looks whether the broker is back, and tidies.
const (
	announceEvery = 5 * time.Minute
	lookEvery     = 5 * time.Second
)

// waitingHashes is how many sign-ins may wait for their turn at the password hash.
const waitingHashes = 64

// Config of the auth service.
type Config struct {
	DatabaseURL string // postgres://…; empty for a SQLite file in the data folder
}

// LoadConfig reads DATABASE_URL.
func LoadConfig(env func(string) string) (Config, error) {
	c := Config{DatabaseURL: env("DATABASE_URL")}
	return c, db.CheckURL(c.DatabaseURL)
}

// Run answers until ctx ends.
func Run(ctx context.Context, d service.Deps, c Config) error {
	if err := d.Bus.Provision(ctx); err != nil {
		return fmt.Errorf("provision the broker: %w", err)
	}
	conn, err := store.Open(ctx, db.Config{URL: c.DatabaseURL, SQLitePath: filepath.Join(d.DataDir, "auth.db"), Schema: "auth"})
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing is left to write

	signer, err := keys.OpenSigner(filepath.Join(d.DataDir, SigningKeyFile))
	if err != nil {
		return err
	}
	hasher, err := password.NewHasher(min(runtime.GOMAXPROCS(0), 4), waitingHashes)
	if err != nil {
		return fmt.Errorf("prepare password hash: %w", err)
	}
	accounts := account.Accounts{DB: conn}
	token := bootstrap.Token{DB: conn, Path: filepath.Join(d.DataDir, BootstrapTokenFile)}
	if err := offer(ctx, d.Log, accounts, token); err != nil {
		return err
	}
	entrance := door.Door{
		Accounts: accounts, Sessions: session.Sessions{DB: conn}, Throttle: throttle.Throttle{DB: conn},
		Bootstrap: token, Hasher: hasher, Signer: signer, Log: d.Log, Now: time.Now,
	}
	return serve(ctx, d, entrance, announcer{bus: d.Bus, ring: keys.Ring{DB: conn}, key: signer.Public(), tidy: func(ctx context.Context) error {
		return tidy(ctx, conn, accounts, token)
	}})
}

func serve(ctx context.Context, d service.Deps, entrance door.Door, a announcer) error {
	if err := a.announce(ctx, time.Now()); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.Bus.Serve(ctx, d.Name, entrance.Endpoints()) })
	group.Go(func() error { a.run(ctx, d.Log); return nil })
	group.Go(func() error {
		if answers(ctx, d.Bus) {
			d.Ready()
		}
		return nil
	})
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("answer requests: %w", err)
	}
	return nil
}

// answers asks until the service is heard, so that whoever waits for Ready may sign in at once.
func answers(ctx context.Context, b *bus.Bus) bool {
	for ctx.Err() == nil {
		ask, stop := context.WithTimeout(ctx, time.Second)
		err := b.Request(ask, events.SubjectAuthLogout, events.RefreshRequest{}, nil) // ends no session
		stop()
		if !errors.Is(err, bus.ErrUnavailable) {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	return false
}

// offer keeps a bootstrap token while there is no account, and its file away once there is one.
func offer(ctx context.Context, log *slog.Logger, accounts account.Accounts, token bootstrap.Token) error {
	exists, err := accounts.Any(ctx)
	if err != nil {
		return err
	}
	if exists {
		return token.Remove()
	}
	text, err := token.Offer(ctx)
	if err != nil {
		return err
	}
	telemetry.Hide(log, text)
	log.Info("the first account is made with the token in a file", "path", token.Path)
	return nil
}

// tidy forgets what has run out, and removes a token file that another process has made useless.
func tidy(ctx context.Context, conn *bun.DB, accounts account.Accounts, token bootstrap.Token) error {
	exists, err := accounts.Any(ctx)
	if err == nil && exists {
		err = token.Remove()
	}
	return errors.Join(err, store.Forget(ctx, conn, time.Now()))
}
