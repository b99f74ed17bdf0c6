package readmodel

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"plimsoll.internal/libs/events"
)

// ErrCursor means a cursor is damaged or belongs to other filters.
var ErrCursor = errors.New("cursor is damaged or belongs to other filters")

// Filter chooses tests. Zero values choose all.
type Filter struct {
	States   []events.State
	Model    string
	Engine   string
	Since    int64 // µs since 1970, inclusive
	Until    int64 // µs since 1970, exclusive
	Archived *bool
	Trashed  bool // the trash instead of what is shown
}

// Page is one page of a list, newest first.
type Page struct {
	Rows []Row  // without Lifecycle
	Next string // cursor of the next page; empty on the last
}

// List returns one page of at most limit tests after a cursor, which is empty for the first page. A page
// costs the same however deep it lies.
func (s *Store) List(ctx context.Context, f Filter, limit int, cursor string) (Page, error) {
	var p Page
	q := s.db.NewSelect().Model(&p.Rows).Column(listColumns...).
		OrderExpr("created_at DESC, id DESC").Limit(int64(limit) + 1)
	q = f.where(q)
	if cursor != "" {
		at, id, err := f.parse(cursor)
		if err != nil {
			return p, err
		}
		q = q.Where("(created_at, id) < (?, ?)", at, id)
	}
	if err := q.Scan(ctx); err != nil {
		return p, fmt.Errorf("list tests: %w", err)
	}
	if len(p.Rows) > limit {
		p.Rows = p.Rows[:limit]
		last := p.Rows[limit-1]
		p.Next = f.cursor(last.CreatedAt, last.ID)
	}
	return p, nil
}

func (f Filter) where(q *bun.SelectQuery) *bun.SelectQuery {
	place := PlaceShown
	if f.Trashed {
		place = PlaceTrash
	}
	q = q.Where("place = ?", place)
	if len(f.States) > 0 {
		q = q.Where("state IN (?)", bun.List(f.States))
	}
	if f.Model != "" {
		q = q.Where("model = ?", f.Model)
	}
	if f.Engine != "" {
		q = q.Where("engine = ?", f.Engine)
	}
	if f.Since != 0 {
		q = q.Where("created_at >= ?", f.Since)
	}
	if f.Until != 0 {
		q = q.Where("created_at < ?", f.Until)
	}
	if f.Archived != nil {
		n := 0
		if *f.Archived {
			n = 1
		}
		q = q.Where("archived = ?", n)
	}
	return q
}

// hash tells cursors of different filters apart.
func (f Filter) hash() ([]byte, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode filter: %w", err)
	}
	sum := sha256.Sum256(text)
	return sum[:cursorHash], nil
}

// A cursor is the hash of the filters, the time (µs) and the id of the last test shown.
const (
	cursorHash = 8
	cursorHead = cursorHash + 8
)

func (f Filter) cursor(at int64, id string) string {
	raw, err := f.hash()
	if err != nil {
		return "" // a filter of plain values always encodes
	}
	raw = binary.BigEndian.AppendUint64(raw, uint64(at))
	return base64.RawURLEncoding.EncodeToString(append(raw, id...))
}

func (f Filter) parse(cursor string) (at int64, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) <= cursorHead {
		return 0, "", ErrCursor
	}
	want, err := f.hash()
	if err != nil {
		return 0, "", err
	}
	id = string(raw[cursorHead:])
	if string(raw[:cursorHash]) != string(want) || events.CheckID(id) != nil {
		return 0, "", ErrCursor
	}
	return int64(binary.BigEndian.Uint64(raw[cursorHash:cursorHead])), id, nil
}
