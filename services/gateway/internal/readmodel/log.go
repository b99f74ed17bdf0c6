package readmodel

import (
	"context"
	"fmt"
)

// Events returns the events of a test after a sequence, in stream order.
func (s *Store) Events(ctx context.Context, testID string, after uint64) ([]Logged, error) {
	var out []Logged
	err := s.db.NewSelect().Model(&out).Where("test_id = ?", testID).Where("seq > ?", after).OrderExpr("seq").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read events of test %s: %w", testID, err)
	}
	return out, nil
}

// EventAt returns the id of the event at a sequence, empty when there is none.
func (s *Store) EventAt(ctx context.Context, seq uint64) (string, error) {
	var ids []string
	if err := s.db.NewSelect().Model((*Logged)(nil)).Column("id").Where("seq = ?", seq).Scan(ctx, &ids); err != nil {
		return "", fmt.Errorf("read event %d: %w", seq, err)
	}
	if len(ids) == 0 {
		return "", nil
	}
	return ids[0], nil
}
