package bus

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"plimsoll.internal/libs/events"
)

// chunkSize is the fastest size on slow disks that still fits the broker's payload limit of 1 MiB.
const chunkSize = 512 << 10

const maxObjectName = 1024 // bytes

// uploadLimit bounds one upload, so that [Bucket.Sweep] can tell by age which chunks nobody will name any more.
const uploadLimit = 12 * time.Hour

// Put stores an object whole or not at all. Writing the same bytes under the same name again is fine;
// other bytes are refused with [ErrConflict], because somebody may rely on the first ones.
func (k *Bucket) Put(ctx context.Context, name, contentType string, r io.Reader) (events.Object, error) {
	if name == "" || len(name) > maxObjectName {
		return events.Object{}, fmt.Errorf("put object into %s: a name has 1 to %d bytes, this one %d", k.name, maxObjectName, len(name))
	}
	o, err := k.put(ctx, name, contentType, r)
	if err != nil {
		return events.Object{}, fmt.Errorf("put object %s/%s: %w", k.name, name, err)
	}
	return o, nil
}

func (k *Bucket) put(ctx context.Context, name, contentType string, r io.Reader) (events.Object, error) {
	have, err := k.meta(ctx, name)
	if err != nil {
		return events.Object{}, err
	}
	if have != nil {
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			return events.Object{}, fmt.Errorf("read what to store: %w", err)
		}
		return k.same(have, toStockDigest(sum.Sum(nil)))
	}
	info := &jetstream.ObjectInfo{
		ObjectMeta: jetstream.ObjectMeta{
			Name: name, Headers: nats.Header{contentTypeHeader: {contentType}},
			Opts: &jetstream.ObjectMetaOptions{ChunkSize: chunkSize},
		},
		Bucket: k.name, NUID: nuid.Next(),
	}
	ctx, cancel := context.WithTimeout(ctx, uploadLimit)
	defer cancel()
	have, named, err := k.upload(ctx, info, r)
	if !named { // nothing points to these chunks; what cannot be removed now, Sweep removes
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
		defer cancel()
		if dirty := k.purge(clean, chunkSubject(k.name, info.NUID)); dirty != nil {
			k.bus.log.Warn("chunks of an unfinished upload stay until the next sweep", "bucket", k.name, "error", dirty)
		}
	}
	if err != nil {
		return events.Object{}, err
	}
	if have != nil {
		return k.same(have, info.Digest)
	}
	return k.object(info)
}

// same is the object that is there already, if it has these bytes.
func (k *Bucket) same(have *jetstream.ObjectInfo, digest string) (events.Object, error) {
	if have.Digest != digest {
		return events.Object{}, fmt.Errorf("it exists with other bytes: %w", ErrConflict)
	}
	return k.object(have)
}

// upload writes the chunks, then the metadata. If somebody else has written the name meanwhile, it returns
// that metadata. Once the metadata is on its way, no error tells whether the broker has it or will have it: it
// may name the chunks unless the broker has refused it.
func (k *Bucket) upload(ctx context.Context, info *jetstream.ObjectInfo, r io.Reader) (other *jetstream.ObjectInfo, named bool, err error) {
	if err := k.chunks(ctx, info, r); err != nil {
		return nil, false, err
	}
	data, err := json.Marshal(info)
	if err != nil {
		return nil, false, fmt.Errorf("encode metadata: %w", err)
	}
	msg := &nats.Msg{
		Subject: k.metaSubject(info.Name), Data: data,
		Header: nats.Header{jetstream.MsgIDHeader: {info.NUID + ".meta"}},
	}
	_, err = k.bus.store(ctx, k.stream(), msg, k.bus.findLast, jetstream.WithExpectLastSequencePerSubject(0))
	if !errors.Is(err, ErrConflict) {
		return nil, true, err
	}
	other, err = k.meta(ctx, info.Name)
	if err == nil && other == nil {
		err = ErrConflict // written and deleted meanwhile
	}
	return other, false, err
}

// chunks writes the bytes as a chain: each chunk is accepted only right after the one before, so a lost
// answer, a retry or a change of leader can neither drop, double nor swap one.
func (k *Bucket) chunks(ctx context.Context, info *jetstream.ObjectInfo, r io.Reader) error {
	sum := sha256.New()
	subject := chunkSubject(k.name, info.NUID)
	var last uint64
	for {
		chunk := make([]byte, chunkSize) // a new one each time: the connection may still hold the one before
		n, err := io.ReadFull(r, chunk)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("read what to store: %w", err)
		}
		if n > 0 {
			msg := &nats.Msg{
				Subject: subject, Data: chunk[:n],
				Header: nats.Header{jetstream.MsgIDHeader: {info.NUID + "." + strconv.Itoa(int(info.Chunks))}},
			}
			seq, storeErr := k.bus.store(ctx, k.stream(), msg, k.bus.findLast, jetstream.WithExpectLastSequencePerSubject(last))
			if storeErr != nil {
				return fmt.Errorf("store chunk %d: %w", info.Chunks, storeErr)
			}
			last = seq
			sum.Write(chunk[:n])
			info.Size += uint64(n)
			info.Chunks++
		}
		if err != nil {
			info.Digest = toStockDigest(sum.Sum(nil))
			return nil
		}
	}
}
