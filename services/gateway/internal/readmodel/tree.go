package readmodel

import (
	"context"
	"fmt"
)

// Branch is one folder of the archive with the number of tests below, or one archived test.
type Branch struct {
	Name       string `bun:"name"`
	Tests      int    `bun:"tests"`
	TestID     string `bun:"test_id"`     // of a test
	ArchivedAt int64  `bun:"archived_at"` // µs since 1970, of a test
}

// Tree lists one folder of the archive: engines, models of an engine, or tests of a model.
func (s *Store) Tree(ctx context.Context, engine, model string) ([]Branch, error) {
	q := s.db.NewSelect().Model((*Row)(nil)).Where("archived = 1").Where("place = ?", PlaceShown)
	switch {
	case engine == "":
		q = q.ColumnExpr("archive_engine AS name, COUNT(*) AS tests").GroupExpr("archive_engine").OrderExpr("archive_engine")
	case model == "":
		q = q.ColumnExpr("archive_model AS name, COUNT(*) AS tests").Where("archive_engine = ?", engine).
			GroupExpr("archive_model").OrderExpr("archive_model")
	default:
		q = q.ColumnExpr("archive_folder AS name, 1 AS tests, id AS test_id, archived_at").
			Where("archive_engine = ?", engine).Where("archive_model = ?", model).OrderExpr("archive_folder DESC")
	}
	var out []Branch
	if err := q.Scan(ctx, &out); err != nil {
		return nil, fmt.Errorf("list archive: %w", err)
	}
	return out, nil
}
