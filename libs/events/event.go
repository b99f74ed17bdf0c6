package events

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is one fact about one test.
type Event struct {
	ID     string          `json:"id"` // <test>:<kind>[:<part>]; publishing it twice stores it once
	TestID string          `json:"test_id"`
	Kind   Kind            `json:"kind"`
	Source string          `json:"source"`        // who published it, like runner/host-1
	Time   time.Time       `json:"time"`          // wall time of the publisher, for display only
	Seq    uint64          `json:"seq,omitempty"` // place in the stream; 0 until stored
	Data   json.RawMessage `json:"data"`
}

// New makes an event. Part tells several events of one kind apart (an attempt, a level); it may be empty.
func New(testID string, k Kind, part, source string, payload any) (Event, error) {
	if err := CheckID(testID); err != nil {
		return Event{}, err
	}
	data, err := json.Marshal(payload)
	if err != nil {
		return Event{}, fmt.Errorf("encode %s of test %s: %w", k, testID, err)
	}
	id := testID + ":" + string(k)
	if part != "" {
		id += ":" + part
	}
	return Event{ID: id, TestID: testID, Kind: k, Source: source, Time: time.Now().UTC(), Data: data}, nil
}

// Type is the CloudEvents type of the event.
func (e Event) Type() string { return "plimsoll.test." + string(e.Kind) + ".v1" }

// Decode reads the payload of an event as T.
func Decode[T any](e Event) (T, error) {
	var p T
	if err := json.Unmarshal(e.Data, &p); err != nil {
		return p, fmt.Errorf("decode %s of test %s: %w", e.Kind, e.TestID, err)
	}
	return p, nil
}
