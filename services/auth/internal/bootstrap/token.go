// Package bootstrap keeps the one-time token that makes the first account: in a file only the person who
// started the process can read, and as a hash in the database, so that any auth process accepts it.
package bootstrap

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/uptrace/bun"

	"plimsoll.internal/services/auth/internal/keep"
)

// Token is the token of one data folder.
type Token struct {
	DB   *bun.DB
	Path string // of the file, mode 0600
}

// Offer makes the token, or takes up the one an earlier start left, and returns it for redaction.
func (t Token) Offer(ctx context.Context) (string, error) {
	kept, err := keep.Once(t.Path, func() ([]byte, error) { return []byte(rand.Text() + "\n"), nil })
	if err != nil {
		return "", fmt.Errorf("keep bootstrap token: %w", err)
	}
	token := strings.TrimSpace(string(kept))
	if len(token) < 20 {
		return "", fmt.Errorf("bootstrap token in %s is damaged; remove the file and start again", t.Path)
	}
	_, err = t.DB.ExecContext(ctx, `INSERT INTO bootstrap_tokens (hash) VALUES (?) ON CONFLICT DO NOTHING`, sum(token))
	if err != nil {
		return "", fmt.Errorf("store hash of bootstrap token: %w", err)
	}
	return token, nil
}

// Matches reports whether a token is one of those offered, in constant time for each.
func (t Token) Matches(ctx context.Context, token string) (bool, error) {
	var hashes []string
	if err := t.DB.NewRaw(`SELECT hash FROM bootstrap_tokens`).Scan(ctx, &hashes); err != nil {
		return false, fmt.Errorf("read bootstrap tokens: %w", err)
	}
	match := 0
	for _, h := range hashes {
		match |= subtle.ConstantTimeCompare([]byte(h), []byte(sum(token)))
	}
	return match == 1, nil
}

// Remove deletes the file. It is no fault when it is gone.
func (t Token) Remove() error {
	if err := os.Remove(t.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove used bootstrap token: %w", err)
	}
	return nil
}

func sum(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}
