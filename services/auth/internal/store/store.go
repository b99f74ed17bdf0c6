// Package store opens the database of the auth service and brings its tables up to date.
package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/uptrace/bun"

	"plimsoll.internal/libs/db"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open opens the database and migrates it.
func Open(ctx context.Context, c db.Config) (*bun.DB, error) {
	conn, err := db.Open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open accounts database: %w", err)
	}
	steps, err := fs.Sub(migrations, "migrations")
	if err == nil {
		err = db.Migrate(ctx, conn, steps)
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("bring accounts database up to date: %w", err)
	}
	return conn, nil
}

// Forget removes what has run out: refresh tokens, sessions, old sign-in failures and old keys.
func Forget(ctx context.Context, conn *bun.DB, now time.Time) error {
	ms := now.UnixMilli()
	for what, query := range map[string]string{
		"refresh tokens":   `DELETE FROM refresh_tokens WHERE expires_ms < ?`,
		"sessions":         `DELETE FROM sessions WHERE expires_ms < ?`,
		"sign-in failures": `DELETE FROM login_failures WHERE forget_ms < ?`,
		"keys":             `DELETE FROM signing_keys WHERE forget_ms < ?`,
	} {
		if _, err := conn.ExecContext(ctx, query, ms); err != nil {
			return fmt.Errorf("forget old %s: %w", what, err)
		}
	}
	return nil
}
