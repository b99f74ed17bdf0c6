// Package session keeps people signed in: refresh tokens that are good once, and what happens when one is
// used twice.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/events"
)

// RefreshLife is how long a refresh token is good; each refresh starts it again.
const RefreshLife = 30 * 24 * time.Hour

// ErrInvalid says that a refresh token is unknown, spent, run out or revoked.
var ErrInvalid = errors.New("the session is over")

// Token is a refresh token as the client gets it. Only its hash is stored.
type Token struct {
	Text    string
	Expires time.Time
}

// Sessions is the table of sessions. Its methods may be called concurrently, by several processes too.
type Sessions struct{ DB *bun.DB }

// Start begins a session of an account.
func (s Sessions) Start(ctx context.Context, userID string, now time.Time) (Token, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Token{}, fmt.Errorf("make id of session: %w", err)
	}
	t := newToken(now)
	err = db.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (id, user_id, created_ms, expires_ms) VALUES (?, ?, ?, ?)`,
			id.String(), userID, now.UnixMilli(), t.Expires.UnixMilli())
		if err != nil {
			return err
		}
		return t.insert(ctx, tx, id.String())
	})
	if err != nil {
		return Token{}, fmt.Errorf("start session: %w", err)
	}
	return t, nil
}

// Refresh spends a token and returns the next one with the account as it is now. A token that was spent
// before ends the whole session: one of the two who used it is a thief.
func (s Sessions) Refresh(ctx context.Context, text string, now time.Time) (Token, events.User, error) {
	next := newToken(now)
	var u events.User
	err := db.InTx(ctx, s.DB, func(ctx context.Context, tx bun.Tx) error {
		id, err := spend(ctx, tx, text, now)
		if err != nil {
			return err
		}
		err = tx.NewRaw(`SELECT u.id, u.name, u.role FROM sessions s JOIN users u ON u.id = s.user_id
			WHERE s.id = ? AND NOT s.revoked`, id).Scan(ctx, &u.ID, &u.Name, &u.Role)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrInvalid
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE sessions SET expires_ms = ? WHERE id = ?`, next.Expires.UnixMilli(), id); err != nil {
			return err
		}
		return next.insert(ctx, tx, id)
	})
	if errors.Is(err, ErrInvalid) {
		if err := s.End(ctx, text); err != nil {
			return Token{}, events.User{}, err
		}
		return Token{}, events.User{}, ErrInvalid
	}
	if err != nil {
		return Token{}, events.User{}, fmt.Errorf("refresh session: %w", err)
	}
	return next, u, nil
}

// End ends the session a token belongs to, whether the token is spent or not. It is no fault when there is
// none.
func (s Sessions) End(ctx context.Context, text string) error {
	_, err := s.DB.ExecContext(ctx, `UPDATE sessions SET revoked = TRUE
		WHERE id IN (SELECT session_id FROM refresh_tokens WHERE hash = ?)`, hashOf(text))
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// spend marks a good token as used and returns its session. Of two at once one gets it.
func spend(ctx context.Context, tx bun.Tx, text string, now time.Time) (sessionID string, err error) {
	err = tx.NewRaw(`UPDATE refresh_tokens SET spent = TRUE WHERE hash = ? AND NOT spent AND expires_ms > ?
		RETURNING session_id`, hashOf(text), now.UnixMilli()).Scan(ctx, &sessionID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", ErrInvalid
	}
	return sessionID, err
}

func newToken(now time.Time) Token {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return Token{base64.RawURLEncoding.EncodeToString(secret), now.Add(RefreshLife).UTC()}
}

func (t Token) insert(ctx context.Context, tx bun.Tx, sessionID string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO refresh_tokens (hash, session_id, expires_ms) VALUES (?, ?, ?)`,
		hashOf(t.Text), sessionID, t.Expires.UnixMilli())
	return err
}

func hashOf(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}
