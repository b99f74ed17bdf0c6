package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// postgresConns bounds the connections of one service; six services stay far below Postgres' 100.
const postgresConns = 10

func openPostgres(ctx context.Context, c Config) (*bun.DB, error) {
	if c.Schema == "" {
		return nil, errors.New("open Postgres: no schema is named")
	}
	conf, err := pgx.ParseConfig(c.URL)
	if err != nil {
		// The cause may repeat the password of a URL that is spelled wrong.
		return nil, errors.New("DATABASE_URL cannot be read: write postgres://user:password@host:5432/database")
	}
	conf.RuntimeParams["search_path"] = pgx.Identifier{c.Schema}.Sanitize()
	if conf.RuntimeParams["application_name"] == "" {
		conf.RuntimeParams["application_name"] = "plimsoll-" + c.Schema
	}
	pool := stdlib.OpenDB(*conf)
	pool.SetMaxOpenConns(postgresConns)
	pool.SetMaxIdleConns(postgresConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	db, err := ping(ctx, bun.NewDB(pool, pgdialect.New()), fmt.Sprintf("Postgres at %s", conf.Host))
	if err != nil {
		return nil, err
	}
	if err := makeSchema(ctx, db, c.Schema); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// makeSchema takes a lock first: IF NOT EXISTS alone fails when two processes start together.
func makeSchema(ctx context.Context, db *bun.DB, schema string) error {
	err := InTx(ctx, db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", lockKey(schema)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "CREATE SCHEMA IF NOT EXISTS ?", bun.Ident(schema))
		return err
	})
	if err != nil {
		return fmt.Errorf("make schema %s: %w", schema, err)
	}
	return nil
}

// lockPostgres keeps other processes from migrating the same schema; the lock ends with its connection.
func lockPostgres(ctx context.Context, db *bun.DB) (unlock func() error, err error) {
	conn, err := db.DB.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open migration lock: %w", err)
	}
	var schema sql.NullString
	if err := conn.QueryRowContext(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return nil, errors.Join(fmt.Errorf("find schema: %w", err), conn.Close())
	}
	key := lockKey(schema.String)
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", key); err != nil {
		return nil, errors.Join(fmt.Errorf("wait for another process to migrate schema %s: %w", schema.String, err), conn.Close())
	}
	return func() error {
		// The work may have ended with its context; the lock must still go back.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_, err := conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", key)
		return errors.Join(err, conn.Close())
	}, nil
}

// lockKey makes the number Postgres locks by from the name of a schema.
func lockKey(schema string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("plimsoll:" + schema)) // a hash never fails to write
	return int64(h.Sum64())
}
