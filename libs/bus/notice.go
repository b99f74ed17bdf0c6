package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"plimsoll.internal/libs/events"
)

// PublishPublic tells other systems, once per test, kind and archive path.
func (b *Bus) PublishPublic(ctx context.Context, p events.Public) error {
	if err := events.CheckID(p.TestID); err != nil {
		return fmt.Errorf("publish for other systems: %w", err)
	}
	id := p.TestID + ":" + string(p.Kind) + ":pub"
	if p.ArchivePath != "" { // archived, restored, archived again: each has a path of its own
		id = p.TestID + ":" + string(p.Kind) + ":" + p.ArchivePath + ":pub"
	}
	kind := typePublic + string(p.Kind) + version
	msg, err := b.notice(events.SubjectPublic(p.TestID, p.Kind), id, kind, p.TestID, p)
	if err == nil {
		_, err = b.storeOnce(ctx, events.StreamPublic, msg, nil)
	}
	if err != nil {
		return fmt.Errorf("publish %s for other systems: %w", id, err)
	}
	return nil
}

// Audit keeps an entry for good. Entries of one action share a subject, so the id alone makes it once.
func (b *Bus) Audit(ctx context.Context, a events.AuditEntry) error {
	if err := events.CheckID(a.ID); err != nil {
		return fmt.Errorf("audit %s: %w", a.Action, err)
	}
	msg, err := b.notice(events.SubjectAudit(a.Action), a.ID, "plimsoll.audit"+version, a.Object, a)
	if err == nil {
		_, err = b.store(ctx, events.StreamAudit, msg, b.findLast)
	}
	if err != nil {
		return fmt.Errorf("audit %s: %w", a.Action, err)
	}
	return nil
}

// Tick shows progress. It is lost when nobody listens or the broker is away, and nobody waits for it.
func (b *Bus) Tick(t events.Tick) {
	data, err := json.Marshal(t)
	if err == nil {
		err = b.nc.Publish(events.SubjectTick(t.TestID), data)
	}
	if err != nil {
		b.log.Debug("drop a tick", "test", t.TestID, "error", err)
	}
}

// notice makes a message that is not a lifecycle event.
func (b *Bus) notice(subject, id, kind, about string, payload any) (*nats.Msg, error) {
	data, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return &nats.Msg{Subject: subject, Header: attributes(id, kind, b.name, about, time.Now()), Data: data}, nil
}
