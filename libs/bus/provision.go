package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/events"
)

// maxMessage is the largest event in bytes, headers included: the broker's default payload limit. The
// biggest payload is Measured, about 4 KiB per level and loop, so 200 of them still fit.
const maxMessage = 1 << 20

// Provision makes streams, buckets and durables of the Catalog, or brings them up to date. Every service
// calls it at start; any number may do so at once, in any order.
func (b *Bus) Provision(ctx context.Context) error {
	for name := range events.Streams {
		c, err := b.streamConfig(name)
		if err != nil {
			return err
		}
		if err := b.provisionStream(ctx, c); err != nil {
			return err
		}
	}
	for _, bucket := range events.Buckets {
		if err := b.provisionStream(ctx, b.bucketConfig(bucket)); err != nil {
			return err
		}
	}
	if err := b.provisionPresence(ctx); err != nil {
		return err
	}
	for _, d := range events.Durables() {
		if err := b.provisionDurable(ctx, d); err != nil {
			return err
		}
	}
	b.provisioned.Store(true)
	return nil
}

// restoreLive makes the stream in memory again: a restarted broker has forgotten not only its messages but
// the stream itself.
func (b *Bus) restoreLive() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := b.streamConfig(events.StreamLive)
	if err == nil {
		err = b.provisionStream(ctx, c)
	}
	if err != nil {
		b.log.Warn("no live progress until the next reconnect", "error", err)
	}
}

func (b *Bus) provisionStream(ctx context.Context, c jetstream.StreamConfig) error {
	return b.provision(ctx, "stream "+c.Name, func(ctx context.Context) error {
		_, err := b.js.CreateOrUpdateStream(ctx, c)
		return err
	})
}

func (b *Bus) provisionPresence(ctx context.Context) error {
	return b.provision(ctx, "bucket "+presenceBucket, func(ctx context.Context) error {
		_, err := b.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: presenceBucket, Description: "which processes are alive", History: 1,
			LimitMarkerTTL: time.Minute, Replicas: b.replicas,
		})
		return err
	})
}

func (b *Bus) provisionDurable(ctx context.Context, d events.Durable) error {
	subjects := make([]string, len(d.Kinds))
	for i, k := range d.Kinds {
		subjects[i] = events.SubjectOfKind(k)
	}
	return b.provision(ctx, "durable "+d.Name, func(ctx context.Context) error {
		_, err := b.js.CreateOrUpdateConsumer(ctx, events.StreamEvents, jetstream.ConsumerConfig{
			Durable: d.Name, FilterSubjects: subjects,
			DeliverPolicy: jetstream.DeliverAllPolicy, AckPolicy: jetstream.AckExplicitPolicy,
			AckWait:         b.timing.AckWait,
			MaxDeliver:      -1,   // a job is never dropped in silence; its handler decides when to give up
			MaxAckPending:   1000, // jobs that wait for a busy target count too
			MaxRequestBatch: 1,    // nobody may hoard
			Replicas:        b.replicas,
		})
		return err
	})
}

// provision repeats until the broker has agreed: others may be making the same thing, or it has just started.
func (b *Bus) provision(ctx context.Context, what string, do func(context.Context) error) error {
	tries := 0
	err := untilOK(ctx, b.again, func() (bool, error) {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		err := do(attempt)
		tries++
		raced := codeOf(err) != 0 && tries < 5 // two creators met; the next try sees what the other made
		return transient(err) || raced, explain(err)
	})
	if err != nil {
		return fmt.Errorf("provision %s: %w", what, err)
	}
	return nil
}

// streamConfig is how each stream of the Catalog is kept.
func (b *Bus) streamConfig(name string) (jetstream.StreamConfig, error) {
	c := jetstream.StreamConfig{
		Name: name, Subjects: events.Streams[name], Replicas: b.replicas,
		Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew,
		Duplicates: 10 * time.Minute, MaxMsgSize: maxMessage,
	}
	switch name {
	case events.StreamEvents:
		c.Description = "truth: every event of every test, claims and signs of life"
		c.DenyDelete, c.DenyPurge, c.AllowMsgTTL = true, true, true
	case events.StreamControl:
		c.Description = "wished-for state, the newest per subject"
		c.MaxMsgsPerSubject, c.AllowMsgTTL, c.Discard = 1, true, jetstream.DiscardOld
	case events.StreamLive:
		c.Description = "progress, in memory"
		c.Storage, c.Discard, c.Replicas = jetstream.MemoryStorage, jetstream.DiscardOld, 1
		c.MaxMsgsPerSubject, c.MaxAge, c.MaxBytes, c.Duplicates = 600, 2*time.Hour, 64<<20, time.Minute
	case events.StreamPublic:
		c.Description = "contract for other systems"
		c.MaxAge, c.Discard, c.AllowDirect = 30*24*time.Hour, jetstream.DiscardOld, true
		c.DenyDelete = true
	case events.StreamAudit:
		c.Description = "who did what; never deleted"
		c.DenyDelete, c.DenyPurge = true, true
	default:
		return c, fmt.Errorf("stream %s of the Catalog has no configuration", name)
	}
	return c, nil
}

// bucketConfig is an object bucket whose objects are written once: without rollup nobody can overwrite
// one, and nobody can wipe the bucket with a single message. Purging one object stays possible.
func (b *Bus) bucketConfig(bucket string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: objectStream(bucket), Description: "objects of " + bucket, Replicas: b.replicas,
		Subjects: []string{chunkSubject(bucket, ">"), metaRoot(bucket) + ">"},
		Storage:  jetstream.FileStorage, Discard: jetstream.DiscardNew, AllowDirect: true, DenyDelete: true,
	}
}
