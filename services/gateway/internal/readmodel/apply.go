package readmodel

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/events"
)

// Logged is one event as it is kept, with the state of the test after it.
type Logged struct {
	bun.BaseModel `bun:"table:event_log"`

	Seq    uint64 `bun:"seq,pk"`
	TestID string `bun:"test_id"`
	ID     string `bun:"id"`
	Kind   string `bun:"kind"`
	Source string `bun:"source"`
	At     int64  `bun:"at"` // µs since 1970
	State  string `bun:"state"`
	Data   string `bun:"data"`
}

// Position is how far the projection has come.
type Position struct {
	bun.BaseModel `bun:"table:projection"`

	ID            int    `bun:"id,pk"`
	StreamCreated int64  `bun:"stream_created"` // ns since 1970; 0 before the first event
	Seq           uint64 `bun:"seq"`            // last event applied
}

// Position reads how far the projection has come.
func (s *Store) Position(ctx context.Context) (Position, error) {
	var p Position
	if err := s.db.NewSelect().Model(&p).Where("id = 1").Scan(ctx); err != nil {
		return p, fmt.Errorf("read position of the projection: %w", err)
	}
	return p, nil
}

// Apply projects events, in stream order, in one transaction and returns them as they are kept. Those that
// were projected already, perhaps by another gateway, change nothing and are returned all the same. An
// event that cannot be understood is kept, noted and passed over: it must not stop the others.
func (s *Store) Apply(ctx context.Context, streamCreated int64, batch []events.Event, note func(events.Event, error)) ([]Logged, error) {
	var kept []Logged
	err := db.InTx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		at, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		var done, fresh []events.Event
		for _, e := range batch {
			if e.Seq <= at {
				done = append(done, e)
			} else {
				fresh = append(fresh, e)
			}
		}
		if kept, err = logged(ctx, tx, done); err != nil || len(fresh) == 0 {
			return err
		}
		more, err := project(ctx, tx, fresh, note)
		if err != nil {
			return err
		}
		kept = append(kept, more...)
		_, err = tx.NewUpdate().Model((*Position)(nil)).Set("seq = ?", fresh[len(fresh)-1].Seq).
			Set("stream_created = ?", streamCreated).Where("id = 1").Exec(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("project %d events: %w", len(batch), err)
	}
	return kept, nil
}

// lock makes other gateways wait and returns the last event applied.
func lock(ctx context.Context, tx bun.Tx) (uint64, error) {
	var p Position
	if _, err := tx.ExecContext(ctx, "UPDATE projection SET seq = seq WHERE id = 1"); err != nil {
		return 0, err
	}
	err := tx.NewSelect().Model(&p).Where("id = 1").Scan(ctx)
	return p.Seq, err
}

func logged(ctx context.Context, tx bun.Tx, list []events.Event) ([]Logged, error) {
	if len(list) == 0 {
		return nil, nil
	}
	seqs := make([]uint64, len(list))
	for i, e := range list {
		seqs[i] = e.Seq
	}
	var out []Logged
	err := tx.NewSelect().Model(&out).Where("seq IN (?)", bun.List(seqs)).OrderExpr("seq").Scan(ctx)
	return out, err
}

// project folds the events into their rows and writes rows and log.
func project(ctx context.Context, tx bun.Tx, list []events.Event, note func(events.Event, error)) ([]Logged, error) {
	state, err := loadTests(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	out := make([]Logged, 0, len(list))
	for _, e := range list {
		t := state[e.TestID]
		if err := t.fold.Apply(e); err != nil {
			note(e, err)
			t.fold.TestID, t.fold.LastSeq = e.TestID, e.Seq
		}
		if t.fold.Exists {
			if err := t.row.Apply(e, t.fold); err != nil {
				return nil, err
			}
		}
		out = append(out, Logged{
			Seq: e.Seq, TestID: e.TestID, ID: clean(e.ID), Kind: clean(string(e.Kind)), Source: clean(e.Source),
			At: e.Time.UnixMicro(), State: string(t.fold.State), Data: strings.ToValidUTF8(string(e.Data), "\uFFFD"),
		})
	}
	if _, err := tx.NewInsert().Model(&out).Exec(ctx); err != nil {
		return nil, fmt.Errorf("write event log: %w", err)
	}
	return out, write(ctx, tx, state)
}

// test is one test while its events are applied.
type test struct {
	row  Row
	fold events.Lifecycle
}

func loadTests(ctx context.Context, tx bun.Tx, list []events.Event) (map[string]*test, error) {
	state := map[string]*test{}
	var ids []string
	for _, e := range list {
		if state[e.TestID] == nil {
			state[e.TestID] = &test{}
			ids = append(ids, e.TestID)
		}
	}
	var rows []Row
	if err := tx.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read tests: %w", err)
	}
	for _, r := range rows {
		fold, err := r.Fold()
		if err != nil {
			return nil, err
		}
		state[r.ID] = &test{row: r, fold: fold}
	}
	return state, nil
}

func write(ctx context.Context, tx bun.Tx, state map[string]*test) error {
	rows := make([]Row, 0, len(state))
	for _, t := range state {
		if t.fold.Exists {
			rows = append(rows, t.row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	insert := tx.NewInsert().Model(&rows).On("CONFLICT (id) DO UPDATE")
	for _, c := range append([]string{"lifecycle"}, listColumns[1:]...) {
		insert = insert.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
	}
	if _, err := insert.Exec(ctx); err != nil {
		return fmt.Errorf("write tests: %w", err)
	}
	return nil
}

// Forget drops the projection; it is made again from the first event on.
func (s *Store) Forget(ctx context.Context) error {
	err := db.InTx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := lock(ctx, tx); err != nil {
			return err
		}
		for _, statement := range []string{
			"DELETE FROM tests", "DELETE FROM event_log", "UPDATE projection SET seq = 0, stream_created = 0 WHERE id = 1",
		} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget the read model: %w", err)
	}
	return nil
}
