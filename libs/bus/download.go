package bus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/events"
)

const (
	// missingWait is how long an object may be missing after its event: a replica may lag.
	missingWait = 2 * time.Second
	// A download may take openBase and openPerMiB more for each MiB, then it is given up.
	openBase   = 10 * time.Second
	openPerMiB = 200 * time.Millisecond
)

// File is a whole, verified copy of an object. Close removes it.
type File struct {
	*os.File
	size int64
}

// Size is the number of bytes.
func (f *File) Size() int64 { return f.size }

// Close closes and removes the copy.
func (f *File) Close() error {
	return errors.Join(f.File.Close(), os.Remove(f.Name()))
}

// Open fetches an object into a temporary file and checks size and digest against what the caller knows,
// before the first byte is handed out. An empty Digest in o means: trust the one that was stored.
func (k *Bucket) Open(ctx context.Context, o events.Object) (*File, error) {
	f, err := k.open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open object %s/%s: %w", k.name, o.Name, err)
	}
	return f, nil
}

func (k *Bucket) open(ctx context.Context, o events.Object) (*File, error) {
	if o.Bucket != "" && o.Bucket != k.name {
		return nil, fmt.Errorf("it lies in bucket %s", o.Bucket)
	}
	info, err := k.awaitMeta(ctx, o.Name)
	if err != nil {
		return nil, err
	}
	stored, err := k.object(info)
	if err != nil {
		return nil, err
	}
	if o.Digest != "" && (o.Digest != stored.Digest || o.Size != stored.Size) {
		return nil, fmt.Errorf("%w: stored %d bytes %s, expected %d bytes %s", ErrObjectDamaged, stored.Size, stored.Digest, o.Size, o.Digest)
	}
	ctx, cancel := context.WithTimeout(ctx, openBase+time.Duration(stored.Size>>20)*openPerMiB)
	defer cancel()
	return k.fetch(ctx, info, stored)
}

// awaitMeta reads the metadata and waits a moment for it to appear.
func (k *Bucket) awaitMeta(ctx context.Context, name string) (*jetstream.ObjectInfo, error) {
	for end, attempt := time.Now().Add(missingWait), 0; ; attempt++ {
		info, err := k.meta(ctx, name)
		if err != nil {
			return nil, err
		}
		if info != nil && !info.Deleted {
			return info, nil
		}
		if time.Now().After(end) {
			return nil, ErrObjectMissing
		}
		if !pause(ctx, nil, min(backoff(attempt), time.Until(end)+time.Millisecond)) {
			return nil, ctx.Err()
		}
	}
}

// fetch copies the chunks into a temporary file and refuses a copy that is not whole.
func (k *Bucket) fetch(ctx context.Context, info *jetstream.ObjectInfo, o events.Object) (*File, error) {
	tmp, err := os.CreateTemp("", "plimsoll-object-*")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w", err)
	}
	f := &File{File: tmp, size: o.Size}
	err = k.copyChunks(ctx, info, o, tmp)
	if err == nil {
		_, err = tmp.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func (k *Bucket) copyChunks(ctx context.Context, info *jetstream.ObjectInfo, o events.Object, w io.Writer) error {
	sum := sha256.New()
	var size int64
	var count uint32
	err := k.bus.scan(ctx, k.stream(), chunkSubject(k.name, info.NUID), 1, func(m *jetstream.RawStreamMsg) error {
		sum.Write(m.Data)
		size += int64(len(m.Data))
		count++
		if _, err := w.Write(m.Data); err != nil {
			return fmt.Errorf("write the temporary copy in %s: %w", os.TempDir(), err)
		}
		if count == info.Chunks || size > o.Size {
			return errEnough
		}
		return nil
	})
	if err != nil {
		return err
	}
	digest := ourDigest + hex.EncodeToString(sum.Sum(nil))
	if size != o.Size || digest != o.Digest {
		return fmt.Errorf("%w: read %d bytes %s, written were %d bytes %s", ErrObjectDamaged, size, digest, o.Size, o.Digest)
	}
	return nil
}
