package events

import "plimsoll.internal/libs/failure"

// Tick is the progress of one test, once a second, never stored for long.
type Tick struct {
	TestID    string  `json:"test_id"`
	Phase     string  `json:"phase"`           // preflight | warmup | measure | report
	Check     string  `json:"check,omitempty"` // preflight check in hand
	Level     int     `json:"level"`           // index, from 0
	Loop      int     `json:"loop"`
	Done      int     `json:"done"`    // requests finished in this loop
	Total     int     `json:"total"`   // requests of this loop
	Percent   float64 `json:"percent"` // of the whole test, 0–100
	ElapsedMs float64 `json:"elapsed_ms"`
}

// Desired is the wished-for state of one test.
type Desired struct {
	State string `json:"state"` // cancelled
	By    Actor  `json:"by"`
}

// Public is what other systems are told; it changes only with the version in its subject.
type Public struct {
	TestID      string        `json:"test_id"`
	Kind        Kind          `json:"kind"` // reported | archived | failed
	Name        string        `json:"name,omitempty"`
	Model       string        `json:"model"`
	Engine      string        `json:"engine"`
	Verdict     Verdict       `json:"verdict,omitempty"`
	Artifacts   []Artifact    `json:"artifacts,omitempty"`
	ArchivePath string        `json:"archive_path,omitempty"`
	Class       failure.Class `json:"class,omitempty"`
	Message     string        `json:"message,omitempty"`
}

// AuditEntry is one thing somebody did.
type AuditEntry struct {
	ID        string `json:"id"`     // UUIDv7
	Action    string `json:"action"` // test.create, test.cancel, test.archive, test.restore, test.delete, test.download, auth.login, …
	Actor     Actor  `json:"actor"`
	Object    string `json:"object,omitempty"` // id of what it was done to
	Result    string `json:"result"`           // ok | denied | failed
	RequestID string `json:"request_id,omitempty"`
	RemoteIP  string `json:"remote_ip,omitempty"`
}
