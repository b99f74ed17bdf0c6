package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const presenceRoot = "$KV." + presenceBucket + "."

var presenceKey = regexp.MustCompile(`^[-/_=a-zA-Z0-9]+(\.[-/_=a-zA-Z0-9]+)*$`)

// Announce says that a process is here, with a value for those who look, until ctx ends; then it says
// goodbye and returns nil. A process that dies is gone after Timing.Presence. Keys have letters, digits and
// - / _ = . only.
func (b *Bus) Announce(ctx context.Context, key string, value any) error {
	if !presenceKey.MatchString(key) {
		return fmt.Errorf("announce: key %q may have letters, digits and - / _ = . only", key)
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("announce %s: encode: %w", key, err)
	}
	// A plain publish with a new lifetime: an update through the key-value client would drop the lifetime.
	subject := presenceRoot + key
	for failed := 0; ctx.Err() == nil; {
		_, err := b.attempt(ctx, &nats.Msg{Subject: subject, Data: data}, jetstream.WithMsgTTL(b.timing.Presence))
		wait := b.timing.Presence / 3
		if err != nil && ctx.Err() == nil {
			b.log.Debug("announce again", "key", key, "error", err)
			wait = backoff(failed)
			failed++
		} else {
			failed = 0
		}
		pause(ctx, b.again, wait)
	}
	bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
	defer cancel()
	gone := &nats.Msg{Subject: subject, Header: nats.Header{"KV-Operation": {"DEL"}}}
	if _, err := b.attempt(bye, gone, jetstream.WithMsgTTL(b.timing.Presence)); err != nil {
		b.log.Debug("goodbye did not arrive", "key", key, "error", err)
	}
	return nil
}

// Present returns the values of all processes that are here, by key.
func (b *Bus) Present(ctx context.Context) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	err := b.scan(ctx, "KV_"+presenceBucket, presenceRoot+">", 1, func(m *jetstream.RawStreamMsg) error {
		gone := m.Header.Get("KV-Operation") != "" || m.Header.Get("Nats-Marker-Reason") != ""
		if !gone && json.Valid(m.Data) {
			out[strings.TrimPrefix(m.Subject, presenceRoot)] = m.Data
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("who is present: %w", err)
	}
	return out, nil
}
