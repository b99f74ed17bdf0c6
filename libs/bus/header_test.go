package bus

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"plimsoll.internal/libs/events"
)

const someTest = "019ab7c2-3f10-7c4e-9d52-1b6f0c8e4a77"

func someEvent() events.Event {
	return events.Event{
		ID: someTest + ":requested", TestID: someTest, Kind: events.KindRequested, Source: `gateway/主机 "1" 5%`,
		Time: time.Date(2026, 11, 23, 10, 15, 0, 123456789, time.UTC), Data: []byte(`{"a":1}`),
	}
}

func TestHeadersAreCloudEvents(t *testing.T) {
	m, err := encode(someEvent())
	if err != nil {
		t.Fatal(err)
	}
	want := nats.Header{
		"Nats-Msg-Id":        {someTest + ":requested"},
		"ce-specversion":     {"1.0"},
		"ce-id":              {someTest + ":requested"},
		"ce-type":            {"plimsoll.test.requested.v1"},
		"ce-source":          {"gateway/%E4%B8%BB%E6%9C%BA%20%221%22%205%25"},
		"ce-subject":         {someTest},
		"ce-time":            {"2026-11-23T10:15:00.123456789Z"},
		"ce-datacontenttype": {"application/json"},
	}
	if diff := cmp.Diff(want, m.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	back, err := decode(m.Subject, m.Header, m.Data, 0)
	if diff := cmp.Diff(someEvent(), back); diff != "" || err != nil {
		t.Errorf("there and back: %v\n%s", err, diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*nats.Msg){
		"no headers":           func(m *nats.Msg) { m.Header = nil },
		"no id":                func(m *nats.Msg) { delete(m.Header, headerID) },
		"type of another kind": func(m *nats.Msg) { m.Subject = events.Subject(someTest, events.KindClaimed) },
		"another test":         func(m *nats.Msg) { m.Header[headerSubject] = []string{"x"} },
		"type of a new version": func(m *nats.Msg) {
			m.Header[headerType] = []string{"plimsoll.test.requested.v2"}
		},
		"escape cut off": func(m *nats.Msg) { m.Header[headerSource] = []string{"a%2"} },
		"no time":        func(m *nats.Msg) { m.Header[headerTime] = []string{"yesterday"} },
		"not JSON":       func(m *nats.Msg) { m.Data = []byte("{") },
		"other subject":  func(m *nats.Msg) { m.Subject = "plimsoll.hb.test." + someTest },
	} {
		t.Run(name, func(t *testing.T) {
			m, err := encode(someEvent())
			if err != nil {
				t.Fatal(err)
			}
			spoil(m)
			if e, err := decode(m.Subject, m.Header, m.Data, 1); err == nil {
				t.Errorf("accepted as %+v", e)
			}
		})
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "plain", `a "b" 100% 名`, "\x00\x7f\xff", "%41"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := escape(s)
		for i := range len(out) {
			if out[i] <= ' ' || out[i] == '"' || out[i] > '~' {
				t.Fatalf("%q became %q, which is no header value", s, out)
			}
		}
		if back, err := unescape(out); err != nil || back != s {
			t.Fatalf("%q came back as %q, %v", s, back, err)
		}
	})
}
