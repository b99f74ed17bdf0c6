package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/nats-io/nats.go"

	"plimsoll.internal/libs/events"
)

// Endpoint answers one kind of request. An *events.AuthError travels to the caller as it is; any other
// error is logged here and becomes "internal" there, so no detail leaks.
type Endpoint func(ctx context.Context, data []byte) (any, error)

// Headers of an answer that is a refusal; the names are those of the NATS micro protocol.
const (
	headerFault     = "Nats-Service-Error"
	headerFaultCode = "Nats-Service-Error-Code"
	faultInternal   = "internal"
)

// serveAtOnce is how many requests one process answers at the same time.
const serveAtOnce = 32

// Serve answers requests until ctx ends, awaits those in hand and returns nil. Several processes with one
// service name share the requests.
func (b *Bus) Serve(ctx context.Context, service string, endpoints map[string]Endpoint) error {
	var inHand sync.WaitGroup
	slots := make(chan struct{}, serveAtOnce)
	var subs []*nats.Subscription
	stop := func() {
		for _, s := range subs {
			if err := s.Unsubscribe(); err != nil {
				b.log.Debug("stop serving", "subject", s.Subject, "error", err)
			}
		}
	}
	defer inHand.Wait()
	for subject, answer := range endpoints {
		sub, err := b.nc.QueueSubscribe(subject, service, func(m *nats.Msg) {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			inHand.Go(func() {
				defer func() { <-slots }()
				b.answer(ctx, m, answer)
			})
		})
		if err != nil {
			stop()
			return fmt.Errorf("serve %s: %w", subject, err)
		}
		subs = append(subs, sub)
	}
	if err := b.nc.FlushWithContext(ctx); err != nil {
		b.log.Debug("the broker learns of the endpoints later", "error", err)
	}
	<-ctx.Done()
	stop()
	return nil
}

func (b *Bus) answer(ctx context.Context, m *nats.Msg, endpoint Endpoint) {
	reply := &nats.Msg{Subject: m.Reply, Header: nats.Header{}}
	value, err := b.call(ctx, m, endpoint)
	var refused *events.AuthError
	switch {
	case errors.As(err, &refused):
		reply.Header.Set(headerFaultCode, refused.Code)
		reply.Header.Set(headerFault, refused.Code)
		value, err = refused, nil
	case err != nil:
		b.log.Error("request failed", "subject", m.Subject, "error", err)
		reply.Header.Set(headerFaultCode, faultInternal)
		reply.Header.Set(headerFault, "internal error")
		value = nil
	}
	if reply.Data, err = json.Marshal(value); err == nil {
		err = b.nc.PublishMsg(reply)
	}
	if err != nil {
		b.log.Warn("answer not sent", "subject", m.Subject, "error", err)
	}
}

func (b *Bus) call(ctx context.Context, m *nats.Msg, endpoint Endpoint) (value any, err error) {
	defer func() {
		if p := recover(); p != nil {
			b.log.Error("endpoint panicked", "subject", m.Subject, "panic", p, "stack", string(debug.Stack()))
			value, err = nil, fmt.Errorf("panic: %v", p)
		}
	}()
	return endpoint(ctx, m.Data)
}

// Request asks a service and decodes its answer into out, which may be nil. An *events.AuthError is
// returned as such; [ErrUnavailable] when nobody answers before ctx ends.
func (b *Bus) Request(ctx context.Context, subject string, in, out any) error {
	data, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("request %s: encode: %w", subject, err)
	}
	reply, err := b.nc.RequestWithContext(ctx, subject, data)
	if err != nil {
		return fmt.Errorf("request %s: %w: %w", subject, ErrUnavailable, err)
	}
	switch code := reply.Header.Get(headerFaultCode); code {
	case "":
	case faultInternal:
		return fmt.Errorf("request %s: the service failed; its log says why", subject)
	default:
		refused := &events.AuthError{}
		if err := json.Unmarshal(reply.Data, refused); err != nil {
			return fmt.Errorf("request %s: refused with %s: %w", subject, code, err)
		}
		return refused
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(reply.Data, out); err != nil {
		return fmt.Errorf("request %s: decode the answer: %w", subject, err)
	}
	return nil
}
