// Package spec is the document a user writes to ask for a test: its fields, their defaults, what is
// allowed, and the plan that follows from it. It knows nothing about events, HTTP or how load is made.
package spec

// Spec is what a user asks for. The form, the API, the CLI and the archive all use this one document.
type Spec struct {
	Name   string `json:"name,omitempty"`   // optional title, at most 200 characters
	Model  string `json:"model"`            // model name sent to the server
	Engine string `json:"engine,omitempty"` // serving engine under test (vllm, sglang, …); label and archive folder; default "unknown"
	Target Target `json:"target"`           // the endpoint under test; may be empty only in mode simulated

	Mode      Mode      `json:"mode,omitempty"`      // where the load is made; default local
	Generator Generator `json:"generator,omitempty"` // what makes the load; default evalscope until the native engine lands
	Host      string    `json:"host,omitempty"`      // SSH host id, mode remote only

	InputLength  Length      `json:"input_length"`  // tokens of every prompt, or a range
	OutputLength Length      `json:"output_length"` // tokens of every answer, or a range
	Concurrency  Concurrency `json:"concurrency,omitzero"`
	Rate         float64     `json:"rate,omitempty"`     // open loop: requests per second, instead of concurrency
	Loop         int         `json:"loop,omitempty"`     // repetitions of every level; default 1; levels × loop is at most 1,000
	Requests     int         `json:"requests,omitempty"` // per level and loop; or Duration
	Duration     Duration    `json:"duration,omitempty"` // length of one level and loop, instead of Requests
	Warmup       Warmup      `json:"warmup,omitzero"`    // excluded from every figure
	Stream       *bool       `json:"stream,omitempty"`   // default true

	Prompts     Prompts  `json:"prompts,omitzero"`
	SLO         []string `json:"slo,omitempty"`
	Timeouts    Timeouts `json:"timeouts,omitzero"`
	Retries     *int     `json:"retries,omitempty"` // of a stage, never silently of a request; default 2
	Runners     int      `json:"runners,omitempty"` // how many runners share the load; default 1
	Archive     Archive  `json:"archive,omitempty"` // default never
	ShareTarget bool     `json:"share_target,omitempty"`
}

// Target is the endpoint under test.
type Target struct {
	URL        string            `json:"url,omitempty"`        // base URL, e.g. http://10.0.0.5:8000/v1
	API        API               `json:"api,omitempty"`        // default chat
	Credential string            `json:"credential,omitempty"` // id of a stored secret, never the secret itself
	TLSVerify  *bool             `json:"tls_verify,omitempty"` // default true
	Headers    map[string]string `json:"headers,omitempty"`    // extra headers; secrets are refused here
}

// Mode says where the load is made.
type Mode string

// The modes.
const (
	ModeLocal     Mode = "local"     // on the runner's machine
	ModeRemote    Mode = "remote"    // on an SSH host
	ModeSimulated Mode = "simulated" // local, against the built-in simulated server
)

// Generator says what makes the load.
type Generator string

// The generators.
const (
	GeneratorNative    Generator = "native"
	GeneratorEvalscope Generator = "evalscope"
)

// API is the shape of request the target understands.
type API string

// The APIs.
const (
	APIChat        API = "chat"
	APICompletions API = "completions"
)

// Archive says when a finished test is archived without being asked.
type Archive string

// The archive rules.
const (
	ArchiveNever     Archive = "never"
	ArchiveOnSuccess Archive = "on_success"
	ArchiveAlways    Archive = "always"
)

// Prompts says what is sent.
type Prompts struct {
	Source       string  `json:"source,omitempty"`        // synthetic (default) | text; file comes with uploads
	Text         string  `json:"text,omitempty"`          // source text: the fixed prompt
	Seed         *int64  `json:"seed,omitempty"`          // reproduces the same prompts; drawn at random when absent
	SharedPrefix float64 `json:"shared_prefix,omitempty"` // share of every prompt that is equal in all of them, 0–1
}

// Timeouts bound every wait of one request and of one level.
type Timeouts struct {
	Connect    Duration `json:"connect,omitempty"`     // default 10s
	FirstToken Duration `json:"first_token,omitempty"` // default 60s
	Stall      Duration `json:"stall,omitempty"`       // default 30s
	Request    Duration `json:"request,omitempty"`     // default 600s
}
