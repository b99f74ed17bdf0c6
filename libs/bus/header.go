package bus

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"plimsoll.internal/libs/events"
)

// Attributes of a CloudEvents message in binary mode: headers tell what it is, the body is the payload.
const (
	headerSpec    = "ce-specversion"
	headerID      = "ce-id"
	headerType    = "ce-type"
	headerSource  = "ce-source"
	headerTime    = "ce-time"
	headerSubject = "ce-subject"
	headerContent = "ce-datacontenttype"

	typeTest   = "plimsoll.test."   // then kind and version
	typePublic = "plimsoll.public." // then kind and version
	version    = ".v1"
)

// attributes builds the headers of one message; id is also what makes publishing it twice store it once.
func attributes(id, kind, source, subject string, at time.Time) nats.Header {
	h := nats.Header{jetstream.MsgIDHeader: {id}}
	for name, value := range map[string]string{
		headerSpec: "1.0", headerID: id, headerType: kind, headerSource: source, headerSubject: subject,
		headerTime: at.UTC().Format(time.RFC3339Nano), headerContent: "application/json",
	} {
		if value != "" {
			h[name] = []string{escape(value)}
		}
	}
	return h
}

// encode makes the message of an event.
func encode(e events.Event) (*nats.Msg, error) {
	if err := events.CheckID(e.TestID); err != nil {
		return nil, err
	}
	if e.ID == "" || e.Kind == "" || !json.Valid(e.Data) {
		return nil, fmt.Errorf("event %q of kind %q has no id, no kind or no JSON payload", e.ID, e.Kind)
	}
	return &nats.Msg{
		Subject: events.Subject(e.TestID, e.Kind),
		Header:  attributes(e.ID, typeTest+string(e.Kind)+version, e.Source, e.TestID, e.Time),
		Data:    e.Data,
	}, nil
}

// decode is the reverse. It accepts only what encode could have made: anybody with credentials may put
// bytes on a subject by accident, and such bytes are no event.
func decode(subject string, h nats.Header, data []byte, seq uint64) (events.Event, error) {
	testID, kind, err := events.ParseSubject(subject)
	if err != nil {
		return events.Event{}, err
	}
	e := events.Event{TestID: testID, Kind: kind, Seq: seq, Data: data}
	var of, at, about string
	for into, name := range map[*string]string{
		&e.ID: headerID, &of: headerType, &e.Source: headerSource, &at: headerTime, &about: headerSubject,
	} {
		if *into, err = unescape(h.Get(name)); err != nil {
			return events.Event{}, fmt.Errorf("message %d: header %s: %w", seq, name, err)
		}
	}
	if e.ID == "" || of != typeTest+string(kind)+version || about != testID {
		return events.Event{}, fmt.Errorf("message %d on %s is no event: id %q, type %q, subject %q", seq, subject, e.ID, of, about)
	}
	if e.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return events.Event{}, fmt.Errorf("message %d: header %s: %w", seq, headerTime, err)
	}
	if !json.Valid(data) {
		return events.Event{}, fmt.Errorf("message %d on %s: payload is not JSON", seq, subject)
	}
	return e, nil
}

// escape percent-encodes what the NATS binding of CloudEvents does not allow in a header value.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c == '"' || c == '%' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func unescape(s string) (string, error) { return url.PathUnescape(s) }
