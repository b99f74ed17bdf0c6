// Package db opens a service's own database, a SQLite file or a schema of a Postgres, and brings its
// tables up to date. It knows nothing about what is kept there.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// Config says where the data of one service lives.
type Config struct {
	URL        string // postgres://…; empty for SQLite
	SQLitePath string // file, made if missing; one per service
	Schema     string // Postgres schema, made if missing; one per service
}

// CheckURL says whether a DATABASE_URL can be one: of Postgres, or empty for SQLite. The error never holds
// the URL, which may carry a password.
func CheckURL(url string) error {
	if url == "" || strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return nil
	}
	return errors.New("DATABASE_URL must start with postgres:// or be empty for SQLite")
}

// Open connects and waits until the database answers or ctx ends. The caller closes the result.
func Open(ctx context.Context, c Config) (*bun.DB, error) {
	if c.URL != "" {
		return openPostgres(ctx, c)
	}
	if c.SQLitePath == "" {
		return nil, errors.New("open database: neither DATABASE_URL nor a SQLite file is set")
	}
	return openSQLite(ctx, c.SQLitePath)
}

// Postgres reports whether the database is a Postgres, where a dialect matters.
func Postgres(db *bun.DB) bool { return db.Dialect().Name() == dialect.PG }

// InTx runs f in one transaction, committed when f returns nil. On SQLite the transaction holds the
// write lock from its start, so two of them never fail each other; they wait.
func InTx(ctx context.Context, db *bun.DB, f func(ctx context.Context, tx bun.Tx) error) error {
	return db.RunInTx(ctx, &sql.TxOptions{}, f)
}

// ping closes the database again when it does not answer.
func ping(ctx context.Context, db *bun.DB, what string) (*bun.DB, error) {
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", what, err), db.Close())
	}
	return db, nil
}
