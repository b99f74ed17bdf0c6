// Package throttle slows down whoever guesses passwords: per name and address, over all auth processes.
package throttle

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Free is how many tries in a row may fail before the next has to wait.
const Free = 5

// The waits double from the first to the last; failures are forgotten after memory without a try.
const (
	firstWait = 5 * time.Second
	lastWait  = 15 * time.Minute
	memory    = time.Hour
)

// Throttle counts failures. Its methods may be called concurrently, by several processes too.
type Throttle struct{ DB *bun.DB }

// Try takes one try for a name from an address before it is looked at, so that a burst is counted whole.
// A wait above zero means the try is refused and not counted.
func (t Throttle) Try(ctx context.Context, nameKey, ip string, now time.Time) (wait time.Duration, err error) {
	key := keyOf(nameKey, ip)
	query, args := try(key, now)
	var failures int
	err = t.DB.NewRaw(query, args...).Scan(ctx, &failures)
	if err == nil {
		return 0, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("count sign-in: %w", err)
	}
	var until int64
	err = t.DB.NewRaw(`SELECT blocked_ms FROM login_failures WHERE key = ?`, key).Scan(ctx, &until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // gone meanwhile: the next try is free
		return 0, fmt.Errorf("read wait of sign-in: %w", err)
	}
	return max(time.UnixMilli(until).Sub(now), time.Second), nil
}

// try is one statement, so that tries at the same moment cannot slip through together. It returns no row
// when the key is blocked.
func try(key string, now time.Time) (query string, args []any) {
	ms := now.UnixMilli()
	var cases strings.Builder
	var waits []any
	n := Free
	for wait := firstWait; wait < lastWait; wait *= 2 {
		cases.WriteString(" WHEN login_failures.failures + 1 = ? THEN ?")
		waits = append(waits, n, ms+wait.Milliseconds())
		n++
	}
	query = `INSERT INTO login_failures (key, failures, blocked_ms, forget_ms) VALUES (?, 1, 0, ?)
		ON CONFLICT (key) DO UPDATE SET
		failures = CASE WHEN login_failures.forget_ms < ? THEN 1 ELSE login_failures.failures + 1 END,
		blocked_ms = CASE WHEN login_failures.forget_ms < ? OR login_failures.failures + 1 < ? THEN 0` + cases.String() + ` ELSE ? END,
		forget_ms = excluded.forget_ms
		WHERE login_failures.blocked_ms <= ? RETURNING failures`
	args = append([]any{key, ms + memory.Milliseconds(), ms, ms, Free}, waits...)
	return query, append(args, ms+lastWait.Milliseconds(), ms)
}

// Succeeded forgets the failures of a name from an address.
func (t Throttle) Succeeded(ctx context.Context, nameKey, ip string) error {
	if _, err := t.DB.ExecContext(ctx, `DELETE FROM login_failures WHERE key = ?`, keyOf(nameKey, ip)); err != nil {
		return fmt.Errorf("forget sign-in failures: %w", err)
	}
	return nil
}

// keyOf hides what people typed as a name: it may have been a password.
func keyOf(nameKey, ip string) string {
	h := sha256.Sum256([]byte(nameKey + "\x00" + ip))
	return hex.EncodeToString(h[:])
}
