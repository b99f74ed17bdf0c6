// Package failure names every way a request or a test can fail: the class, whose fault it hints at, and
// what to do, in Chinese and English. It is the only list of failure classes.
package failure

// Class is one way to fail. Programs switch on it; people read its Info.
type Class string

// The classes.
const (
	DNS               Class = "dns"
	ConnectRefused    Class = "connect_refused"
	ConnectTimeout    Class = "connect_timeout"
	TLS               Class = "tls"
	Auth              Class = "auth"
	NotFound          Class = "not_found"
	BadRequest        Class = "bad_request"
	ContextLength     Class = "context_length"
	RateLimited       Class = "rate_limited"
	ServerError       Class = "server_error"
	Unavailable       Class = "unavailable"
	FirstTokenTimeout Class = "first_token_timeout"
	StallTimeout      Class = "stall_timeout"
	TotalTimeout      Class = "total_timeout"
	StreamTruncated   Class = "stream_truncated"
	BadStream         Class = "bad_stream"
	EmptyOutput       Class = "empty_output"
	ContentFilter     Class = "content_filter"
	ClientResource    Class = "client_resource" // files, ports, memory, CPU of the load generator
	RunnerLost        Class = "runner_lost"
	SSH               Class = "ssh"
	Cancelled         Class = "cancelled"
	Unknown           Class = "unknown"

	GeneratorMissing Class = "generator_missing" // evalscope is not installed or does not start
	GeneratorCrashed Class = "generator_crashed" // it ended without a usable result
	GeneratorHung    Class = "generator_hung"    // it made no progress and was killed
	GeneratorGarbage Class = "generator_garbage" // its output could not be read
	Storage          Class = "storage"           // disk or bucket full, object missing or damaged
)

// Text is one sentence in both languages.
type Text struct {
	EN string `json:"en"`
	ZH string `json:"zh"`
}

// In returns the sentence in the language ("zh…" or anything else for English).
func (t Text) In(lang string) string {
	if len(lang) >= 2 && lang[:2] == "zh" {
		return t.ZH
	}
	return t.EN
}

// Failure is one failure with what a person needs to know about it.
type Failure struct {
	Class   Class  `json:"class"`
	Message string `json:"message"` // what happened, with names and numbers; English; never a secret
	Advice  Text   `json:"advice"`  // one sentence what to do
}

// Error makes a Failure usable as an error.
func (f *Failure) Error() string { return string(f.Class) + ": " + f.Message }
