// Package readmodel keeps what the gateway shows about tests in SQL: a projection of the events, which can
// be dropped and made again, and the keys of requests that must not run twice. It knows nothing about HTTP.
package readmodel

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/uptrace/bun"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/events"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNotFound means there is no such test, or it is purged.
var ErrNotFound = errors.New("no such test")

// Store is the database of the gateway. Its methods may be called concurrently.
type Store struct{ db *bun.DB }

// Open connects and brings the tables up to date.
func Open(ctx context.Context, c db.Config) (*Store, error) {
	conn, err := db.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err == nil {
		err = db.Migrate(ctx, conn, files)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &Store{db: conn}, nil
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// Healthy returns nil when the database answers.
func (s *Store) Healthy(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// Get returns one test with its lifecycle.
func (s *Store) Get(ctx context.Context, id string) (Row, error) {
	var r Row
	err := s.db.NewSelect().Model(&r).Where("id = ?", id).Where("place <> ?", PlacePurged).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return r, ErrNotFound
	}
	if err != nil {
		return r, fmt.Errorf("read test %s: %w", id, err)
	}
	return r, nil
}

// Cancelling lists the ids of tests that are to stop and were last heard of before a moment (µs).
func (s *Store) Cancelling(ctx context.Context, before int64) ([]string, error) {
	var ids []string
	err := s.db.NewSelect().Model((*Row)(nil)).Column("id").
		Where("state = ?", events.StateCancelling).Where("updated_at < ?", before).OrderExpr("created_at").Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("list tests to stop: %w", err)
	}
	return ids, nil
}

// Analyze lets the database count what it holds, so that it reads pages by index instead of sorting.
func (s *Store) Analyze(ctx context.Context) error {
	if _, err := s.db.ExecContext(ctx, "ANALYZE tests"); err != nil {
		return fmt.Errorf("analyze tests: %w", err)
	}
	return nil
}
