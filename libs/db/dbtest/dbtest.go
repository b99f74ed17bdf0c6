// Package dbtest runs a test on every database Plimsoll supports: a fresh SQLite file and a fresh schema
// of a real Postgres. It never skips: without a Postgres it fails and says what to install.
package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"plimsoll.internal/libs/db"
)

// EnvPostgres names a running Postgres for the tests, like postgres://user@host/database. Unset, a
// Postgres of the machine's own binaries is started.
const EnvPostgres = "PLIMSOLL_TEST_POSTGRES"

// Main runs the tests of a package with one Postgres for all of them:
//
//	func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
//
// Without it every test that asks starts its own.
func Main(m *testing.M) int {
	if os.Getenv(EnvPostgres) != "" {
		return m.Run()
	}
	s, err := startServer()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer s.stop()
	if err := os.Setenv(EnvPostgres, s.url()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// Run runs test once on each database.
func Run(t *testing.T, test func(t *testing.T, c db.Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Schema(t)) })
}

// SQLite is a fresh file that goes with the test.
func SQLite(t testing.TB) db.Config {
	t.Helper()
	return db.Config{SQLitePath: filepath.Join(t.TempDir(), "test.db")}
}

// Schema is a fresh schema of a real Postgres that goes with the test.
func Schema(t testing.TB) db.Config {
	t.Helper()
	c := db.Config{URL: Postgres(t), Schema: "test_" + uuid.NewString()[:13]}
	t.Cleanup(func() { dropSchema(t, c) })
	return c
}

// Database is the URL of a fresh database of a real Postgres that goes with the test, for services that
// choose their schema themselves.
func Database(t testing.TB) string {
	t.Helper()
	base := Postgres(t)
	admin := Open(t, db.Config{URL: base, Schema: "public"})
	name := "test_" + uuid.NewString()
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE ?", bun.Ident(name)); err != nil {
		t.Fatalf("make database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
		defer cancel()
		if _, err := admin.ExecContext(ctx, "DROP DATABASE ? WITH (FORCE)", bun.Ident(name)); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("%s: %v", EnvPostgres, err)
	}
	u.Path = "/" + name
	return u.String()
}

// Open opens the database and closes it with the test.
func Open(t testing.TB, c db.Config) *bun.DB {
	t.Helper()
	d, err := db.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return d
}

// Postgres is the URL of a running Postgres.
func Postgres(t testing.TB) string {
	t.Helper()
	if url := os.Getenv(EnvPostgres); url != "" {
		return url
	}
	s, err := startServer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s.url()
}

func dropSchema(t testing.TB, c db.Config) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	d, err := db.Open(ctx, c)
	if err != nil {
		t.Errorf("drop schema %s: %v", c.Schema, err)
		return
	}
	defer d.Close()
	if _, err := d.ExecContext(ctx, "DROP SCHEMA ? CASCADE", bun.Ident(c.Schema)); err != nil {
		t.Errorf("drop schema %s: %v", c.Schema, err)
	}
}
