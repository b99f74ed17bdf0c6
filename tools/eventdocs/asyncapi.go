package main

import (
	"reflect"
	"slices"
	"strings"

	"plimsoll.internal/libs/events"
)

// channel is one subject with its message.
type channel struct {
	name    string // of channel and message, unique
	address string // with {test_id}
	stream  string
	kind    string // CloudEvents type
	says    string
	payload any
	by      []events.Service // who publishes
	to      []events.Service // whose durable reads it
}

// channels are all subjects, lifecycle first.
func channels() []channel {
	var out []channel
	for _, e := range events.Catalog {
		out = append(out, channel{
			name: string(e.Kind), address: events.Subject("{test_id}", e.Kind), stream: e.Stream,
			kind: events.Event{Kind: e.Kind}.Type(), says: e.Says, payload: e.Payload, by: e.Publisher, to: e.Consumers,
		})
	}
	for _, k := range events.PublicKinds {
		at := slices.IndexFunc(events.Catalog, func(e events.Entry) bool { return e.Kind == k })
		entry := events.Catalog[at]
		out = append(out, channel{
			name: "public_" + string(k), address: events.SubjectPublic("{test_id}", k), stream: events.StreamPublic,
			kind: "plimsoll.public." + string(k) + ".v1", says: "For other systems: " + strings.ToLower(entry.Says[:1]) + entry.Says[1:],
			payload: events.Public{}, by: []events.Service{tells[k]}, to: []events.Service{events.Others},
		})
	}
	return append(out,
		channel{name: "tick", address: events.SubjectTick("{test_id}"), stream: events.StreamLive, says: "Progress, once a second; not kept.", payload: events.Tick{}, by: []events.Service{events.Prober, events.Runner}},
		channel{name: "desired", address: events.SubjectDesired("{test_id}"), stream: events.StreamControl, says: "The wished-for state of a test.", payload: events.Desired{}, by: []events.Service{events.Gateway}},
		channel{name: "keys", address: events.SubjectKeys, stream: events.StreamControl, says: "The public keys access tokens are checked with.", payload: events.KeySet{}, by: []events.Service{events.Auth}},
		channel{name: "audit", address: events.SubjectAudit("{action}"), stream: events.StreamAudit, kind: "plimsoll.audit.v1", says: "Somebody did something.", payload: events.AuditEntry{}, by: []events.Service{events.Gateway, events.Auth}},
	)
}

// asyncAPI is the whole of docs/asyncapi.yaml.
func asyncAPI() ([]byte, error) {
	types := newSchemas()
	chans, operations, messages := object{}, object{}, object{}
	for _, c := range channels() {
		payload, err := types.of(reflect.TypeOf(c.payload))
		if err != nil {
			return nil, err
		}
		chans = append(chans, entry{c.name, c.describe()})
		messages = append(messages, entry{c.name, c.message(payload)})
		for _, s := range c.by {
			operations = append(operations, entry{string(s) + "_publishes_" + c.name, operation("send", c.name, string(s), "")})
		}
		for _, s := range c.to {
			durable := string(s)
			if s == events.Others {
				durable = ""
			}
			operations = append(operations, entry{string(s) + "_reads_" + c.name, operation("receive", c.name, string(s), durable)})
		}
	}
	return encode(object{
		{"asyncapi", "3.0.0"},
		{"info", object{
			{"title", "Plimsoll events"},
			{"version", "1.0.0"},
			{"description", "Written by tools/eventdocs from the Catalog in libs/events: do not edit. " +
				"Other systems may rely on the channels of stream PUB: their payloads change only with the version in the subject. " +
				"All other channels are Plimsoll's own. Messages are CloudEvents 1.0 in binary mode: attributes in headers, the payload as JSON body."},
		}},
		{"defaultContentType", "application/json"},
		{"servers", object{{"local", object{
			{"host", "127.0.0.1:4222"},
			{"protocol", "nats"},
			{"description", "Opened by plimsoll up (--nats-listen) for other systems; read-only credentials lie in subscriber.creds of the data folder."},
		}}}},
		{"channels", chans},
		{"operations", operations},
		{"components", object{{"messages", messages}, {"messageTraits", traits()}, {"schemas", types.all()}}},
		{"x-jetstream", object{{"streams", streams()}, {"durables", durables()}, {"objectBuckets", events.Buckets}}},
	})
}

func (c channel) describe() object {
	o := object{{"address", c.address}, {"messages", object{{c.name, object{{"$ref", "#/components/messages/" + c.name}}}}}}
	parameters := object{}
	for name, says := range map[string]string{"test_id": "UUIDv7 of the test, lower case.", "action": "What was done, like test.create."} {
		if strings.Contains(c.address, "{"+name+"}") {
			parameters = append(parameters, entry{name, object{{"description", says}}})
		}
	}
	if len(parameters) > 0 {
		o = append(o, entry{"parameters", parameters})
	}
	return append(o, entry{"x-jetstream", object{{"stream", c.stream}}})
}

func (c channel) message(payload object) object {
	o := object{{"name", c.name}, {"summary", c.says}}
	if c.kind != "" {
		o = append(o, entry{"x-cloudevents-type", c.kind}, entry{"traits", []any{object{{"$ref", "#/components/messageTraits/cloudevent"}}}})
	}
	return append(o, entry{"payload", payload})
}

// operation says what one service does with a channel; a durable is the pull consumer it reads by.
func operation(action, name, service, durable string) object {
	o := object{
		{"action", action},
		{"channel", object{{"$ref", "#/channels/" + name}}},
		{"messages", []any{object{{"$ref", "#/channels/" + name + "/messages/" + name}}}},
		{"x-service", service},
	}
	if durable != "" {
		o = append(o, entry{"x-jetstream", object{{"durable", durable}, {"ack", "explicit"}}})
	}
	return o
}

// traits are the headers of every CloudEvent.
func traits() object {
	text := func(says string) object { return object{{"type", "string"}, {"description", says}} }
	return object{{"cloudevent", object{{"headers", object{
		{"type", "object"},
		{"required", []string{"ce-specversion", "ce-id", "ce-type", "ce-source", "ce-time", "Nats-Msg-Id"}},
		{"properties", object{
			{"ce-specversion", object{{"const", "1.0"}}},
			{"ce-id", text("Publishing the same id twice stores it once.")},
			{"ce-type", text("See x-cloudevents-type of the message.")},
			{"ce-source", text("Who published it, like runner/host-1.")},
			{"ce-time", object{{"type", "string"}, {"format", "date-time"}}},
			{"ce-subject", text("Id of the test.")},
			{"ce-datacontenttype", object{{"const", "application/json"}}},
			{"Nats-Msg-Id", text("Equal to ce-id.")},
		}},
	}}}}}
}

func streams() object {
	names := make([]string, 0, len(events.Streams))
	for name := range events.Streams {
		names = append(names, name)
	}
	slices.Sort(names)
	out := object{}
	for _, name := range names {
		out = append(out, entry{name, object{{"subjects", events.Streams[name]}}})
	}
	return out
}

func durables() object {
	out := object{}
	for _, d := range events.Durables() {
		filters := make([]string, len(d.Kinds))
		for i, k := range d.Kinds {
			filters[i] = events.SubjectOfKind(k)
		}
		out = append(out, entry{d.Name, object{{"stream", events.StreamEvents}, {"filters", filters}}})
	}
	return out
}
