package readmodel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"plimsoll.internal/libs/db"
)

// ErrOtherBody means the key was used before with another body.
var ErrOtherBody = errors.New("idempotency key was used with another body")

// KeyLife is how long a key is remembered.
const KeyLife = 24 * time.Hour

// Key is a request that must not run twice.
type Key struct {
	bun.BaseModel `bun:"table:idempotency_keys"`

	UserID    string `bun:"user_id,pk"`
	Key       string `bun:"key,pk"`
	BodyHash  string `bun:"body_hash"`
	TestID    string `bun:"test_id"`
	CreatedAt int64  `bun:"created_at"` // µs since 1970
}

// Reserve keeps a key with the test id chosen for it, before the test is asked for. When the user sent the
// same key and body within KeyLife it returns the id chosen then, so that a retry goes on with that one.
func (s *Store) Reserve(ctx context.Context, k Key) (testID string, err error) {
	err = db.InTx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		old := k.CreatedAt - KeyLife.Microseconds()
		if _, err := tx.NewDelete().Model((*Key)(nil)).Where("user_id = ?", k.UserID).Where("key = ?", k.Key).
			Where("created_at < ?", old).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&k).On("CONFLICT (user_id, key) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		var have Key
		err := tx.NewSelect().Model(&have).Where("user_id = ?", k.UserID).Where("key = ?", k.Key).Scan(ctx)
		if err != nil {
			return err
		}
		if have.BodyHash != k.BodyHash {
			return ErrOtherBody
		}
		testID = have.TestID
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("reserve idempotency key: %w", err)
	}
	return testID, nil
}

// ForgetKeys removes keys older than KeyLife.
func (s *Store) ForgetKeys(ctx context.Context, now time.Time) error {
	_, err := s.db.NewDelete().Model((*Key)(nil)).Where("created_at < ?", now.Add(-KeyLife).UnixMicro()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget old idempotency keys: %w", err)
	}
	return nil
}
