package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/uptrace/bun"
)

// Migrate brings the tables up to date with the numbered SQL files (goose) at the top of files, or in its
// folder "postgres" or "sqlite" when there is one. Processes that migrate at once wait for each other.
func Migrate(ctx context.Context, db *bun.DB, files fs.FS) (err error) {
	folder, dialect, lock := "sqlite", goose.DialectSQLite3, lockSQLite
	if Postgres(db) {
		folder, dialect, lock = "postgres", goose.DialectPostgres, lockPostgres
	}
	if info, statErr := fs.Stat(files, folder); statErr == nil && info.IsDir() {
		if files, err = fs.Sub(files, folder); err != nil {
			return fmt.Errorf("read migrations: %w", err)
		}
	}
	unlock, err := lock(ctx, db)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	provider, err := goose.NewProvider(dialect, db.DB, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}
