package bus

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"plimsoll.internal/libs/events"
)

var errUnfinished = errors.New("not finished")

var (
	ErrConflict = errors.New("conflict")
	ErrTaken    = errors.New("taken")
	ErrFenced   = errors.New("fenced")
	ErrUnconfirmed = errors.New("unconfirmed")
	ErrTargetBusy = errors.New("target busy")
	ErrObjectMissing = errors.New("object missing")
	ErrObjectDamaged = errors.New("object damaged")
	ErrStorageFull = errors.New("storage full")
	ErrUnavailable = errors.New("unavailable")
)

func (b *Bus) Close() {}
func (b *Bus) Name() string { return "" }
func (b *Bus) Provision(ctx context.Context) error { return errUnfinished }
func (b *Bus) Healthy(ctx context.Context) error { return errUnfinished }

type Expect struct{ subject string; seq uint64 }

func ExpectTest(lastSeq uint64) Expect { return Expect{seq: lastSeq} }
func ExpectFence(claimSeq uint64) Expect { return Expect{seq: claimSeq} }
func (b *Bus) Publish(ctx context.Context, e events.Event, ex ...Expect) (seq uint64, err error) { return 0, errUnfinished }
func (b *Bus) PublishPublic(ctx context.Context, p events.Public) error { return errUnfinished }
func (b *Bus) Audit(ctx context.Context, a events.AuditEntry) error { return errUnfinished }
func (b *Bus) PublishKeys(ctx context.Context, k events.KeySet) error { return errUnfinished }
func (b *Bus) Tick(t events.Tick) {}

func (b *Bus) History(ctx context.Context, testID string) ([]events.Event, error) { return nil, errUnfinished }
func (b *Bus) Fold(ctx context.Context, testID string) (events.Lifecycle, error) { return events.Lifecycle{}, errUnfinished }

type Job struct { Event events.Event; Deliveries int }
type Worker struct { Durable string; Slots int; Handle func(ctx context.Context, j Job) error }
func (b *Bus) Work(ctx context.Context, w Worker) error { return errUnfinished }
func Retry(after time.Duration, err error) error { return err }
func Reject(err error) error { return err }

func (b *Bus) Claim(ctx context.Context, testID string) (*Claim, error) { return nil, errUnfinished }
type Claim struct { TestID string; Seq uint64; Attempt int }
func (c *Claim) Context() context.Context { return nil }
func (c *Claim) Publish(ctx context.Context, e events.Event) (uint64, error) { return 0, errUnfinished }
func (c *Claim) Release(ctx context.Context) {}

func (b *Bus) HoldTarget(ctx context.Context, key, testID string) (*Hold, error) { return nil, errUnfinished }
type Hold struct{}
func (h *Hold) Context() context.Context { return nil }
func (h *Hold) Release(ctx context.Context) {}
func TargetKey(url string) string { return "" }

func (b *Bus) SetDesired(ctx context.Context, testID string, d events.Desired) error { return errUnfinished }
func (b *Bus) Desired(ctx context.Context, testID string) (d events.Desired, ok bool, err error) { return d, false, errUnfinished }
func (b *Bus) WatchDesired(ctx context.Context, testID string) <-chan events.Desired { return nil }

type Feed struct { Stream string; Subjects []string; After uint64; OnlyNew, LastPerSubject bool }
type Message struct { Seq uint64; Subject string; Time time.Time; Data []byte; Event events.Event }
func (b *Bus) Follow(ctx context.Context, f Feed, handle func(Message) error) error { return errUnfinished }
type StreamState struct { First, Last uint64; Created time.Time }
func (b *Bus) StreamState(ctx context.Context, stream string) (StreamState, error) { return StreamState{}, errUnfinished }

type Bucket struct{}
type File struct{ io.ReadSeekCloser; io.ReaderAt }
func (f *File) Size() int64 { return 0 }
func (b *Bus) Bucket(name string) *Bucket { return nil }
func (k *Bucket) Put(ctx context.Context, name, contentType string, r io.Reader) (events.Object, error) { return events.Object{}, errUnfinished }
func (k *Bucket) Open(ctx context.Context, o events.Object) (*File, error) { return nil, errUnfinished }
func (k *Bucket) Delete(ctx context.Context, name string) error { return errUnfinished }
func (k *Bucket) List(ctx context.Context, prefix string) ([]events.Object, error) { return nil, errUnfinished }
func (k *Bucket) Sweep(ctx context.Context, olderThan time.Duration) (int, error) { return 0, errUnfinished }

type Endpoint func(ctx context.Context, data []byte) (any, error)
func (b *Bus) Serve(ctx context.Context, service string, endpoints map[string]Endpoint) error { return errUnfinished }
func (b *Bus) Request(ctx context.Context, subject string, in, out any) error { return errUnfinished }

func (b *Bus) Announce(ctx context.Context, key string, value any) error { return errUnfinished }
func (b *Bus) Present(ctx context.Context) (map[string]json.RawMessage, error) { return nil, errUnfinished }
