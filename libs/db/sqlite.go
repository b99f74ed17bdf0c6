package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqliteConns bounds the connections to one file: readers run side by side, writers wait for each other.
const sqliteConns = 8

// Every connection: wait up to 30 s for the write lock, sync every commit, check foreign keys. Transactions
// take the write lock at once: one that first reads and then wants to write would be refused, not queued.
var sqlitePragmas = url.Values{
	"_pragma": {"busy_timeout(30000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	"_txlock": {"immediate"},
}

func openSQLite(ctx context.Context, path string) (*bun.DB, error) {
	if err := makeFile(path); err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", sqliteDSN(path, sqlitePragmas))
	if err != nil {
		return nil, fmt.Errorf("open SQLite %s: %w", path, err)
	}
	pool.SetMaxOpenConns(sqliteConns)
	pool.SetMaxIdleConns(sqliteConns)
	return ping(ctx, bun.NewDB(pool, sqlitedialect.New()), "SQLite "+path)
}

// makeFile makes the file before SQLite would, because SQLite would let others read it.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make folder of database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make database file: %w", err)
	}
	return f.Close()
}

func sqliteDSN(path string, options url.Values) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}).String()
}

// lockSQLite keeps other processes from migrating the same file. The lock is a transaction on a file
// beside it, so it ends with the process however that ends.
func lockSQLite(ctx context.Context, db *bun.DB) (unlock func() error, err error) {
	path, err := sqlitePath(ctx, db)
	if err != nil {
		return nil, err
	}
	options := url.Values{"_pragma": {"busy_timeout(60000)"}, "_txlock": {"exclusive"}}
	pool, err := sql.Open("sqlite", sqliteDSN(path+".migrate", options))
	if err != nil {
		return nil, fmt.Errorf("open migration lock: %w", err)
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wait for another process to migrate %s: %w", path, err), pool.Close())
	}
	return func() error { return errors.Join(tx.Rollback(), pool.Close()) }, nil
}

func sqlitePath(ctx context.Context, db *bun.DB) (string, error) {
	var path string
	err := db.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path)
	if err != nil {
		return "", fmt.Errorf("find database file: %w", err)
	}
	return path, nil
}
