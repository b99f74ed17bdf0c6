package bus_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/bus/bustest"
	"plimsoll.internal/libs/events"
)

// outside is a stock client of another system, with one option, and what the broker refused it.
func outside(t testing.TB, broker *bustest.Broker) (*nats.Conn, jetstream.JetStream, <-chan error) {
	t.Helper()
	refused := make(chan error, 64)
	nc, err := nats.Connect(broker.URL(), nats.UserCredentials(broker.SubscriberCredentials()),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, js, refused
}

func TestSubscriberMay(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	b := broker.Connect(t, "reporter")
	_, js, refused := outside(t, broker)
	id := newID(t)
	data := randomBytes(24 << 20) // long enough to need flow control
	o := put(t, b.Bucket(events.BucketReports), "tests/"+id+"/result.xlsx", data)
	if err := b.PublishPublic(t.Context(), events.Public{TestID: id, Kind: events.KindReported}); err != nil {
		t.Fatal(err)
	}
	t.Run("follow with an ordered consumer", func(t *testing.T) {
		cons, err := js.OrderedConsumer(t.Context(), events.StreamPublic, jetstream.OrderedConsumerConfig{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := cons.Next()
		if err != nil || m.Subject() != events.SubjectPublic(id, events.KindReported) {
			t.Fatalf("event: %v", err)
		}
	})
	t.Run("follow with a durable and acknowledge", func(t *testing.T) {
		cons, err := js.CreateOrUpdateConsumer(t.Context(), events.StreamPublic, jetstream.ConsumerConfig{
			Durable: "partner", FilterSubject: "plimsoll.pub.v1.test.*.reported",
		})
		if err != nil {
			t.Fatal(err)
		}
		m, err := cons.Next()
		if err != nil {
			t.Fatal(err)
		}
		if err := m.DoubleAck(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("read the last event", func(t *testing.T) {
		s, err := js.Stream(t.Context(), events.StreamPublic)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.GetLastMsgForSubject(t.Context(), events.SubjectPublic(id, events.KindReported)); err != nil {
			t.Error(err)
		}
	})
	t.Run("fetch and list reports", func(t *testing.T) {
		store, err := js.ObjectStore(t.Context(), events.BucketReports)
		if err != nil {
			t.Fatal(err)
		}
		got, err := store.GetBytes(t.Context(), o.Name)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("get: %d bytes, %v", len(got), err)
		}
		if list, err := store.List(t.Context()); err != nil || len(list) != 1 {
			t.Errorf("list: %d, %v", len(list), err)
		}
		if info, err := store.GetInfo(t.Context(), o.Name); err != nil || int64(info.Size) != o.Size {
			t.Errorf("info: %v", err)
		}
	})
	select {
	case err := <-refused:
		t.Errorf("refused on the way: %v", err)
	default:
	}
}

func TestSubscriberMayNot(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	b := broker.Connect(t, "reporter")
	nc, js, refused := outside(t, broker)
	id := newID(t)
	publish(t, b, newEvent(t, id, events.KindRequested, "", events.Requested{}))
	put(t, b.Bucket(events.BucketRaw), "raw", []byte("secret"))
	put(t, b.Bucket(events.BucketReports), "report", []byte("kept"))
	if err := b.PublishPublic(t.Context(), events.Public{TestID: id, Kind: events.KindReported}); err != nil {
		t.Fatal(err)
	}

	for _, subject := range []string{
		events.Subject(id, events.KindCancelled), events.Subject(id, events.KindClaimed), events.SubjectHeartbeat(id),
		events.SubjectDesired(id), events.SubjectKeys, events.SubjectTick(id), events.SubjectPublic(id, events.KindReported),
		events.SubjectAudit("test.create"), events.SubjectAuthLogin, events.SubjectAuthRegister, "$KV.presence.runner/a",
		"$O.reports.M.cmVwb3J0", "$O.reports.C.x", "$O.raw.M.cmF3", "$O.archive.C.x", "_INBOX.other", "$SYS.REQ.SERVER.PING",
		"$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.CREATE.MINE", "$JS.API.STREAM.UPDATE.PUB",
		"$JS.API.STREAM.DELETE.PUB", "$JS.API.STREAM.PURGE.PUB", "$JS.API.STREAM.MSG.DELETE.PUB",
		"$JS.API.STREAM.PURGE.OBJ_reports", "$JS.API.STREAM.DELETE.OBJ_reports", "$JS.API.STREAM.MSG.DELETE.OBJ_reports",
		"$JS.API.STREAM.SNAPSHOT.PUB", "$JS.API.STREAM.INFO.EVENTS", "$JS.API.STREAM.INFO.AUDIT", "$JS.API.STREAM.INFO.OBJ_raw",
		"$JS.API.STREAM.MSG.GET.EVENTS", "$JS.API.STREAM.MSG.GET.CONTROL", "$JS.API.STREAM.MSG.GET.AUDIT", "$JS.API.DIRECT.GET.EVENTS",
		"$JS.API.DIRECT.GET.OBJ_raw", "$JS.API.DIRECT.GET.OBJ_archive", "$JS.API.DIRECT.GET.KV_presence",
		"$JS.API.CONSUMER.CREATE.EVENTS", "$JS.API.CONSUMER.CREATE.EVENTS.x", "$JS.API.CONSUMER.CREATE.AUDIT.x", "$JS.API.CONSUMER.CREATE.OBJ_raw.x",
		"$JS.API.CONSUMER.MSG.NEXT.EVENTS.runner", "$JS.API.CONSUMER.DELETE.EVENTS.runner", "$JS.API.CONSUMER.PAUSE.EVENTS.runner",
		"$JS.ACK.EVENTS.runner.1.1.1.1.0",
	} {
		if err := nc.Publish(subject, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		expectRefusal(t, nc, refused, "publish to "+subject)
	}
	for _, subject := range []string{">", "plimsoll.>", "plimsoll.evt.>", "plimsoll.live.>", "plimsoll.svc.>", "plimsoll.pub.>", "$JS.>", "$O.>", "$KV.>", "_INBOX_>", "_INBOX_*.>", "$SYS.>"} {
		sub, err := nc.SubscribeSync(subject)
		if err != nil {
			continue // not even a valid subject
		}
		expectRefusal(t, nc, refused, "subscribe to "+subject)
		_ = sub.Unsubscribe()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := js.KeyValue(ctx, "presence"); err == nil {
		t.Error("presence can be read")
	}
	if got := kinds(t, b, id); len(got) != 1 {
		t.Errorf("history of the test: %v", got)
	}
}

// A request names the subject of its answer, a push consumer that of its messages. Neither leads out of the
// account of other systems: onto events, wishes, keys or objects.
func TestSubscriberCannotSendAnswersElsewhere(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	b := broker.Connect(t, "reporter")
	nc, js, _ := outside(t, broker)
	id := newID(t)
	publish(t, b, newEvent(t, id, events.KindRequested, "", events.Requested{}))
	if err := b.PublishPublic(t.Context(), events.Public{TestID: id, Kind: events.KindReported}); err != nil {
		t.Fatal(err)
	}
	pull, err := js.CreateConsumer(t.Context(), events.StreamPublic, jetstream.ConsumerConfig{Name: "pull"})
	if err != nil {
		t.Fatal(err)
	}
	before := lastSequences(t, b)
	for _, target := range []string{
		events.Subject(id, events.KindClaimed), events.SubjectDesired(id), events.SubjectKeys,
		events.SubjectPublic(id, events.KindFailed), events.SubjectAudit("test.create"), "$O.reports.M.eA==", "$O.raw.C.x", "$KV.presence.x",
	} {
		for subject, body := range map[string]string{
			"$JS.API.STREAM.INFO.PUB":            "",
			"$JS.API.CONSUMER.MSG.NEXT.PUB.pull": `{"batch":1,"no_wait":true}`,
			"$JS.API.DIRECT.GET.PUB":             `{"seq":1}`,
		} {
			if err := nc.PublishRequest(subject, target, []byte(body)); err != nil {
				t.Fatal(err)
			}
		}
		_, err := js.CreateConsumer(t.Context(), events.StreamPublic, jetstream.ConsumerConfig{
			Name: "push" + newID(t), DeliverSubject: target, AckPolicy: jetstream.AckNonePolicy,
		})
		t.Logf("push consumer to %s: %v", target, err)
	}
	for range 3 { // what was asked before is answered by then
		if _, err := pull.Info(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(before, lastSequences(t, b)); diff != "" {
		t.Errorf("something was stored (-before +after):\n%s", diff)
	}
}

func lastSequences(t testing.TB, b *bus.Bus) map[string]uint64 {
	t.Helper()
	out := map[string]uint64{}
	for _, stream := range []string{
		events.StreamEvents, events.StreamControl, events.StreamPublic, events.StreamAudit, events.StreamLive,
		"OBJ_raw", "OBJ_reports", "OBJ_archive", "KV_presence",
	} {
		state, err := b.StreamState(t.Context(), stream)
		if err != nil {
			t.Fatal(err)
		}
		out[stream] = state.Last
	}
	return out
}

func expectRefusal(t *testing.T, nc *nats.Conn, refused <-chan error, what string) {
	t.Helper()
	if err := nc.FlushTimeout(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-refused:
		if !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%s: %v, want a permission violation", what, err)
		}
	case <-time.After(5 * time.Second):
		t.Errorf("%s was allowed", what)
	}
}

// Answers for the services do not pass by others' subscriptions.
func TestSubscriberSeesNoAnswersOfServices(t *testing.T) {
	t.Parallel()
	broker := bustest.Start(t)
	gateway, auth := broker.Connect(t, "gateway"), broker.Connect(t, "auth")
	nc, _, _ := outside(t, broker)
	sub, err := nc.SubscribeSync("_INBOX.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	serve(t, auth, map[string]bus.Endpoint{
		events.SubjectAuthLogin: func(context.Context, []byte) (any, error) { return events.Session{AccessToken: "token"}, nil },
	})
	await(t, "an answer", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return gateway.Request(ctx, events.SubjectAuthLogin, struct{}{}, nil) == nil
	})
	if _, err := gateway.Fold(t.Context(), newID(t)); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	if n, _, err := sub.Pending(); err != nil || n != 0 {
		t.Errorf("%d messages overheard, %v", n, err)
	}
	if _, err := nats.Connect(broker.URL()); err == nil || !strings.Contains(err.Error(), "Authorization") {
		t.Errorf("without credentials: %v", err)
	}
}
