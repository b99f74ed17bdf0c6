package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/uptrace/bun"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }

func migrations(files ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for i, text := range files {
		out[fmt.Sprintf("%05d_step.sql", i+1)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + text)}
	}
	return out
}

var counters = migrations("CREATE TABLE counters (name TEXT PRIMARY KEY, n BIGINT NOT NULL);",
	"INSERT INTO counters VALUES ('a', 0);")

func TestMigrateTwiceAndAtOnce(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		var group sync.WaitGroup
		for range 4 { // four processes, each with connections of its own
			d := dbtest.Open(t, c)
			group.Go(func() {
				for range 2 {
					if err := db.Migrate(t.Context(), d, counters); err != nil {
						t.Errorf("migrate: %v", err)
					}
				}
			})
		}
		group.Wait()
		var n int
		if err := dbtest.Open(t, c).NewRaw("SELECT COUNT(*) FROM counters").Scan(t.Context(), &n); err != nil || n != 1 {
			t.Errorf("got %d rows (%v), want 1: a step ran twice", n, err)
		}
	})
}

func TestFailedStepLeavesNothing(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		d := dbtest.Open(t, c)
		bad := migrations("CREATE TABLE half (n BIGINT); INSERT INTO nowhere VALUES (1);")
		err := db.Migrate(t.Context(), d, bad)
		if err == nil || !strings.Contains(err.Error(), "migrate") {
			t.Fatalf("got %v, want an error that says migrate", err)
		}
		if _, err := d.ExecContext(t.Context(), "SELECT * FROM half"); err == nil {
			t.Error("the table of the failed step is there")
		}
	})
}

func TestFolderPerDialect(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		files := fstest.MapFS{}
		for _, dialect := range []string{"sqlite", "postgres"} {
			text := "-- +goose Up\nCREATE TABLE only_" + dialect + " (n BIGINT);"
			files[dialect+"/00001_init.sql"] = &fstest.MapFile{Data: []byte(text)}
		}
		d := dbtest.Open(t, c)
		if err := db.Migrate(t.Context(), d, files); err != nil {
			t.Fatal(err)
		}
		want := "only_sqlite"
		if db.Postgres(d) {
			want = "only_postgres"
		}
		if _, err := d.ExecContext(t.Context(), "SELECT * FROM ?", bun.Ident(want)); err != nil {
			t.Error(err)
		}
	})
}

// TestWritersWait lets many transactions read and then write the same row: none may fail, none may be lost.
func TestWritersWait(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		d := dbtest.Open(t, c)
		if err := db.Migrate(t.Context(), d, counters); err != nil {
			t.Fatal(err)
		}
		other := dbtest.Open(t, c)
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				for range 10 {
					if err := increment(t.Context(), []*bun.DB{d, other}[i%2]); err != nil {
						t.Errorf("increment: %v", err)
					}
				}
			})
		}
		group.Wait()
		var n int
		if err := d.NewRaw("SELECT n FROM counters").Scan(t.Context(), &n); err != nil || n != 80 {
			t.Errorf("got %d (%v), want 80", n, err)
		}
	})
}

func increment(ctx context.Context, d *bun.DB) error {
	return db.InTx(ctx, d, func(ctx context.Context, tx bun.Tx) error {
		read := "SELECT n FROM counters WHERE name = 'a'"
		if db.Postgres(d) {
			read += " FOR UPDATE"
		}
		var n int
		if err := tx.NewRaw(read).Scan(ctx, &n); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE counters SET n = ? WHERE name = 'a'", n+1)
		return err
	})
}

func TestErrorRollsBack(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, c db.Config) {
		d := dbtest.Open(t, c)
		if err := db.Migrate(t.Context(), d, counters); err != nil {
			t.Fatal(err)
		}
		err := db.InTx(t.Context(), d, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, "UPDATE counters SET n = 7"); err != nil {
				return err
			}
			return sql.ErrNoRows
		})
		var n int
		if scanErr := d.NewRaw("SELECT n FROM counters").Scan(t.Context(), &n); err == nil || scanErr != nil || n != 0 {
			t.Errorf("err %v, n %d (%v); want an error and 0", err, n, scanErr)
		}
	})
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		name string
		c    db.Config
		want string
	}{
		{"nothing set", db.Config{}, "DATABASE_URL"},
		{"no schema", db.Config{URL: "postgres://localhost/x"}, "schema"},
		{"bad URL", db.Config{URL: "postgres://u:secret-canary@[::1:5432/x", Schema: "s"}, "DATABASE_URL"},
		{"folder is a file", db.Config{SQLitePath: "/dev/null/x.db"}, "folder"},
		{"nobody listens", db.Config{URL: "postgres://u:secret-canary@127.0.0.1:1/x", Schema: "s"}, "127.0.0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := db.Open(t.Context(), tt.c)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret-canary") {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	c := dbtest.SQLite(t)
	dbtest.Open(t, c)
	info, err := os.Stat(c.SQLitePath)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v (%v), want mode 0600", info, err)
	}
}
