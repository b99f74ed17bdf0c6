package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/events"
)

// The roles.
const (
	RoleAdmin  = "admin"
	RoleMember = "member"
	RoleViewer = "viewer"
)

// The ways an account is not made.
var (
	ErrTaken  = errors.New("the name is taken")
	ErrClosed = errors.New("there is an account already")
)

// Accounts is the table of accounts. Its methods may be called concurrently, by several processes too.
type Accounts struct{ DB *bun.DB }

// Any reports whether the first account exists.
func (a Accounts) Any(ctx context.Context) (bool, error) {
	var n int
	if err := a.DB.NewRaw(`SELECT COUNT(*) FROM first_account`).Scan(ctx, &n); err != nil {
		return false, fmt.Errorf("look for accounts: %w", err)
	}
	return n > 0, nil
}

// Find returns the account of a name and its password hash; ok is false when there is none.
func (a Accounts) Find(ctx context.Context, name string) (u events.User, hash string, ok bool, err error) {
	err = a.DB.NewRaw(`SELECT id, name, role, password FROM users WHERE name_key = ?`, NameKey(name)).
		Scan(ctx, &u.ID, &u.Name, &u.Role, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return events.User{}, "", false, nil
	}
	if err != nil {
		return events.User{}, "", false, fmt.Errorf("find account: %w", err)
	}
	return u, hash, true, nil
}

// Role returns the role of an account; "" when there is none.
func (a Accounts) Role(ctx context.Context, id string) (string, error) {
	var role string
	err := a.DB.NewRaw(`SELECT role FROM users WHERE id = ?`, id).Scan(ctx, &role)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find role of account: %w", err)
	}
	return role, nil
}

// AddFirst makes the first account, an admin, and voids every bootstrap token. Of several tries at once
// one wins; the others get ErrClosed.
func (a Accounts) AddFirst(ctx context.Context, name, hash string) (events.User, error) {
	u, err := newUser(name, RoleAdmin)
	if err != nil {
		return events.User{}, err
	}
	err = db.InTx(ctx, a.DB, func(ctx context.Context, tx bun.Tx) error {
		won, err := inserted(tx.ExecContext(ctx,
			`INSERT INTO first_account (only_row, user_id) VALUES (1, ?) ON CONFLICT DO NOTHING`, u.ID))
		if err != nil {
			return err
		}
		if !won {
			return ErrClosed
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM bootstrap_tokens`); err != nil {
			return err
		}
		return insert(ctx, tx, u, hash)
	})
	return u, wrap("make first account", err)
}

// Add makes a further account.
func (a Accounts) Add(ctx context.Context, name, role, hash string) (events.User, error) {
	u, err := newUser(name, role)
	if err != nil {
		return events.User{}, err
	}
	return u, wrap("make account", insert(ctx, a.DB, u, hash))
}

func newUser(name, role string) (events.User, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return events.User{}, fmt.Errorf("make id of account: %w", err)
	}
	return events.User{ID: id.String(), Name: name, Role: role}, nil
}

func insert(ctx context.Context, to bun.IDB, u events.User, hash string) error {
	added, err := inserted(to.ExecContext(ctx,
		`INSERT INTO users (id, name, name_key, role, password, created_ms) VALUES (?, ?, ?, ?, ?, ?)
		 ON CONFLICT (name_key) DO NOTHING`, u.ID, u.Name, NameKey(u.Name), u.Role, hash, time.Now().UnixMilli()))
	if err == nil && !added {
		return ErrTaken
	}
	return err
}

func inserted(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
