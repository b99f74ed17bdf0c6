package bus

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/events"
)

// Bucket keeps objects that are written once. The layout is that of the stock object store, so its clients
// can read them; they cannot write.
type Bucket struct {
	bus  *Bus
	name string
}

// Bucket returns a bucket of [events.Buckets].
func (b *Bus) Bucket(name string) *Bucket { return &Bucket{bus: b, name: name} }

func (k *Bucket) stream() string { return objectStream(k.name) }

func chunkSubject(bucket, id string) string { return "$O." + bucket + ".C." + id }

func metaRoot(bucket string) string { return "$O." + bucket + ".M." }

func (k *Bucket) metaSubject(name string) string {
	return metaRoot(k.name) + base64.URLEncoding.EncodeToString([]byte(name))
}

const (
	stockDigest       = "SHA-256=" // then base64url, in the metadata of the stock object store
	ourDigest         = "sha256:"  // then hex, in events
	contentTypeHeader = "Content-Type"
)

func toStockDigest(sum []byte) string { return stockDigest + base64.URLEncoding.EncodeToString(sum) }

// fromStockDigest turns the form of the metadata into the form of events.
func fromStockDigest(s string) (string, error) {
	text, ok := strings.CutPrefix(s, stockDigest)
	if !ok {
		return "", fmt.Errorf("%w: digest %q is not SHA-256", ErrObjectDamaged, s)
	}
	sum, err := base64.URLEncoding.DecodeString(text)
	if err != nil || len(sum) != 32 {
		return "", fmt.Errorf("%w: digest %q cannot be read", ErrObjectDamaged, s)
	}
	return ourDigest + hex.EncodeToString(sum), nil
}

// meta reads the metadata of an object; nil when there is none.
func (k *Bucket) meta(ctx context.Context, name string) (*jetstream.ObjectInfo, error) {
	m, err := k.bus.lastOf(ctx, k.stream(), k.metaSubject(name))
	if err != nil || m == nil {
		return nil, err
	}
	return parseMeta(m)
}

func parseMeta(m *jetstream.RawStreamMsg) (*jetstream.ObjectInfo, error) {
	var info jetstream.ObjectInfo
	if err := json.Unmarshal(m.Data, &info); err != nil {
		return nil, fmt.Errorf("%w: metadata on %s: %w", ErrObjectDamaged, m.Subject, err)
	}
	info.ModTime = m.Time
	return &info, nil
}

func (k *Bucket) object(info *jetstream.ObjectInfo) (events.Object, error) {
	digest, err := fromStockDigest(info.Digest)
	if err != nil {
		return events.Object{}, fmt.Errorf("object %s/%s: %w", k.name, info.Name, err)
	}
	return events.Object{
		Bucket: k.name, Name: info.Name, Size: int64(info.Size), Digest: digest, //nolint:gosec // no object is 8 EiB
		ContentType: info.Headers.Get(contentTypeHeader),
	}, nil
}

// List returns the objects whose names begin with prefix, oldest first.
func (k *Bucket) List(ctx context.Context, prefix string) ([]events.Object, error) {
	var out []events.Object
	err := k.eachMeta(ctx, func(info *jetstream.ObjectInfo) error {
		if info.Deleted || !strings.HasPrefix(info.Name, prefix) {
			return nil
		}
		o, err := k.object(info)
		out = append(out, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list objects of %s: %w", k.name, err)
	}
	return out, nil
}

func (k *Bucket) eachMeta(ctx context.Context, visit func(*jetstream.ObjectInfo) error) error {
	return k.bus.scan(ctx, k.stream(), metaRoot(k.name)+">", 1, func(m *jetstream.RawStreamMsg) error {
		info, err := parseMeta(m)
		if err != nil {
			return err
		}
		return visit(info)
	})
}

// Delete removes an object, first its metadata, so nobody finds half of it. One that is not there is fine.
func (k *Bucket) Delete(ctx context.Context, name string) error {
	info, err := k.meta(ctx, name)
	if err != nil && !errors.Is(err, ErrObjectDamaged) {
		return fmt.Errorf("delete object %s/%s: %w", k.name, name, err)
	}
	err = k.purge(ctx, k.metaSubject(name))
	if err == nil && info != nil && info.NUID != "" {
		err = k.purge(ctx, chunkSubject(k.name, info.NUID))
	}
	if err != nil {
		return fmt.Errorf("delete object %s/%s: %w", k.name, name, err)
	}
	return nil
}

func (k *Bucket) purge(ctx context.Context, subject string) error {
	return untilOK(ctx, k.bus.again, func() (bool, error) {
		s, err := k.bus.stream(ctx, k.stream())
		if err != nil {
			return transient(err), err
		}
		attempt, cancel := k.bus.once(ctx)
		defer cancel()
		err = s.Purge(attempt, jetstream.WithPurgeSubject(subject))
		return transient(err), err
	})
}

// Sweep removes what interrupted uploads left behind: chunks that no metadata names and whose newest is older
// than olderThan. That must be longer than an upload may take, which is half a day: the metadata of one that
// goes on comes last. It returns how many uploads it removed.
func (k *Bucket) Sweep(ctx context.Context, olderThan time.Duration) (int, error) {
	root := chunkSubject(k.name, "")
	s, err := k.bus.stream(ctx, k.stream())
	if err != nil {
		return 0, fmt.Errorf("sweep %s: %w", k.name, err)
	}
	// Chunks first: an upload that ends in between has its metadata when those are read.
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(root+">"))
	if err != nil {
		return 0, fmt.Errorf("sweep %s: %w", k.name, err)
	}
	known := map[string]bool{}
	if err := k.eachMeta(ctx, func(i *jetstream.ObjectInfo) error { known[root+i.NUID] = true; return nil }); err != nil {
		return 0, fmt.Errorf("sweep %s: %w", k.name, err)
	}
	removed := 0
	for subject := range info.State.Subjects {
		if known[subject] {
			continue
		}
		last, err := k.bus.lastOf(ctx, k.stream(), subject)
		if err != nil {
			return removed, fmt.Errorf("sweep %s: %w", k.name, err)
		}
		if last == nil || info.TimeStamp.Sub(last.Time) < olderThan {
			continue
		}
		if err := k.purge(ctx, subject); err != nil {
			return removed, fmt.Errorf("sweep %s: %w", k.name, err)
		}
		removed++
	}
	return removed, nil
}
