package bus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"plimsoll.internal/libs/events"
)

// Hold says that one test, and no other, may load a target. Whoever has one must call Release.
type Hold struct {
	bus     *Bus
	subject string
	state   lock
	seq     uint64 // of the newest message of this hold; only the loop of the lease changes it
	lease   *lease
}

// lock is who uses a target.
type lock struct {
	TestID string `json:"test_id"`
	Holder string `json:"holder"`
	Token  string `json:"token"` // of one Hold: tells an own message from any other
	Free   bool   `json:"free,omitempty"`
}

// HoldTarget takes a target for a test, or answers [ErrTargetBusy] while another test has it. The same test
// gets it from a holder that is gone. When the process dies it is free after Timing.Target.
func (b *Bus) HoldTarget(ctx context.Context, key, testID string) (*Hold, error) {
	h := &Hold{
		bus: b, subject: events.SubjectTarget(key),
		state: lock{TestID: testID, Holder: b.name, Token: nuid.Next()},
	}
	have, seq, err := h.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("hold target: %w", err)
	}
	if seq != 0 && !have.Free && have.TestID != testID {
		return nil, fmt.Errorf("hold target: %w: test %s on %s", ErrTargetBusy, have.TestID, have.Holder)
	}
	h.seq = seq
	var sent time.Time
	err = untilOK(ctx, b.again, func() (bool, error) {
		sent = time.Now()
		err := h.renew(ctx)
		return transient(err) && !errors.Is(err, ErrConflict), err
	})
	if errors.Is(err, ErrConflict) {
		return nil, fmt.Errorf("hold target: %w", ErrTargetBusy)
	}
	if err != nil {
		return nil, fmt.Errorf("hold target: %w", err)
	}
	h.lease = b.newLease(ctx, sent, h.renew)
	return h, nil
}

// read returns who has the target now; seq is 0 when nobody had it lately.
func (h *Hold) read(ctx context.Context) (have lock, seq uint64, err error) {
	m, err := h.bus.lastOf(ctx, events.StreamEvents, h.subject)
	if err != nil || m == nil {
		return lock{}, 0, err
	}
	if err := json.Unmarshal(m.Data, &have); err != nil {
		return lock{}, 0, fmt.Errorf("decode the lock: %w", err)
	}
	return have, m.Sequence, nil
}

// renew writes the lock once more, if the message before it is still the newest.
func (h *Hold) renew(ctx context.Context) error { return h.write(ctx, h.state, h.bus.timing.Target) }

func (h *Hold) write(ctx context.Context, state lock, ttl time.Duration) error {
	data, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("encode the lock: %w", err)
	}
	seq, err := h.bus.attempt(ctx, &nats.Msg{Subject: h.subject, Data: data},
		jetstream.WithExpectLastSequencePerSubject(h.seq), jetstream.WithMsgTTL(ttl))
	if !conflict(err) {
		if err == nil {
			h.seq = seq
		}
		return err
	}
	have, seq, err := h.read(ctx)
	if err != nil {
		return err
	}
	if seq == 0 || have.Token != h.state.Token {
		return ErrConflict
	}
	h.seq = seq // an earlier attempt was stored, only its answer was lost
	return nil
}

// Context ends when the target is lost or released; [context.Cause] as with [Claim.Context].
func (h *Hold) Context() context.Context { return h.lease.ctx }

// Release frees the target. The load must have stopped before. It may be called twice, and with a context
// that has ended.
func (h *Hold) Release(ctx context.Context) {
	h.lease.release(ctx, func(ctx context.Context) {
		free := h.state
		free.Free = true
		// It must outlive every older message of the lock, or one of those would be the newest again.
		if err := h.write(ctx, free, 2*h.bus.timing.Target); err != nil {
			h.bus.log.Warn("the target stays busy a little longer, because the release did not arrive", "error", err)
		}
	})
}

// TargetKey names the server behind a URL: scheme, host and port, whatever the path, hashed so that it is
// one token of a subject.
func TargetKey(target string) string {
	name := strings.ToLower(strings.TrimSpace(target))
	if u, err := url.Parse(name); err == nil && u.Host != "" {
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		name = u.Scheme + "://" + strings.TrimSuffix(u.Hostname(), ".") + ":" + port
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}
