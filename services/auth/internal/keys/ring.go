package keys

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"plimsoll.internal/libs/events"
)

// ringLife is how long a key stays in the set after its process was last seen: longer than the last token
// it may have signed.
const ringLife = time.Hour

// Ring is the set of public keys of every auth process on one database.
type Ring struct{ DB *bun.DB }

// Join puts a key into the set, or keeps it there, and returns the whole set, newest first.
func (r Ring) Join(ctx context.Context, k events.Key, now time.Time) (events.KeySet, error) {
	_, err := r.DB.ExecContext(ctx,
		`INSERT INTO signing_keys (kid, public, since_ms, forget_ms) VALUES (?, ?, ?, ?)
		 ON CONFLICT (kid) DO UPDATE SET forget_ms = excluded.forget_ms`,
		k.ID, base64.StdEncoding.EncodeToString(k.Public), now.UnixMilli(), now.Add(ringLife).UnixMilli())
	if err != nil {
		return events.KeySet{}, fmt.Errorf("store public key: %w", err)
	}
	var rows []struct{ Kid, Public string }
	err = r.DB.NewRaw(`SELECT kid, public FROM signing_keys WHERE forget_ms > ? ORDER BY since_ms DESC, kid`, now.UnixMilli()).
		Scan(ctx, &rows)
	if err != nil {
		return events.KeySet{}, fmt.Errorf("read public keys: %w", err)
	}
	var set events.KeySet
	for _, row := range rows {
		public, err := base64.StdEncoding.DecodeString(row.Public)
		if err != nil {
			return events.KeySet{}, fmt.Errorf("decode public key %s: %w", row.Kid, err)
		}
		set.Keys = append(set.Keys, events.Key{ID: row.Kid, Public: public})
	}
	return set, nil
}
