package events

import (
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
)

// Actor is who asked for something.
type Actor struct {
	UserID string `json:"user_id"`
	Name   string `json:"name,omitempty"`
}

// Object says where bytes are kept and how to know they are whole.
type Object struct {
	Bucket      string `json:"bucket"`
	Name        string `json:"name"`
	Size        int64  `json:"size_bytes"`
	Digest      string `json:"digest"` // "sha256:" + hex
	ContentType string `json:"content_type,omitempty"`
}

// Requested: somebody wants a test.
type Requested struct {
	Spec spec.Spec `json:"spec"` // complete, defaults filled in
	By   Actor     `json:"by"`
}

// CheckStatus is the result of one preflight check.
type CheckStatus string

// The results of a check.
const (
	CheckOK      CheckStatus = "ok"
	CheckWarning CheckStatus = "warning" // goes on, but the person should know
	CheckFailed  CheckStatus = "failed"
	CheckSkipped CheckStatus = "skipped"
)

// Check is one line of the preflight.
type Check struct {
	Name       string        `json:"name"` // dns, tcp, tls, auth, model, request, tokens, prompt, generator, disk, files
	Status     CheckStatus   `json:"status"`
	Detail     string        `json:"detail"` // what was seen, with numbers; English
	DurationMs float64       `json:"duration_ms"`
	Class      failure.Class `json:"class,omitempty"`
	Advice     *failure.Text `json:"advice,omitempty"`
}

// Preflight: the target was looked at, each check with its result.
type Preflight struct {
	Checks []Check `json:"checks"`
}

// Prompt is how synthetic prompts reach their length on this server: tokens = Overhead + TokensPerWord × words.
type Prompt struct {
	Seed          int64   `json:"seed"`
	TokensPerWord float64 `json:"tokens_per_word"` // 0 when the text is fixed
	Overhead      float64 `json:"overhead_tokens"` // what the chat template adds
	Measured      int     `json:"measured_tokens"` // what the server counted for the last calibrated prompt
	Source        string  `json:"source"`          // usage | estimated
	// Unforced: the server refuses min_tokens and ignore_eos, so answers end by themselves.
	Unforced bool `json:"unforced,omitempty"`
}

// Planned: the prober decided what will be done.
type Planned struct {
	Spec     spec.Spec `json:"spec"`
	Plan     spec.Plan `json:"plan"`
	Prompt   Prompt    `json:"prompt"`
	Reason   string    `json:"reason"` // one sentence, English
	Warnings []string  `json:"warnings,omitempty"`
}

// Rejected: the prober found that the test cannot run.
type Rejected struct {
	failure.Failure
}

// Claimed: a runner holds the test. Its sequence in the stream is the fence of this attempt.
type Claimed struct {
	Holder  string `json:"holder"`  // runner/<instance>, or gateway/<instance> when it takes a lost test away
	Attempt int    `json:"attempt"` // from 1
}

// LevelDone: one loop of one level is measured and its raw data is stored.
type LevelDone struct {
	Attempt int             `json:"attempt"`
	Summary metrics.Summary `json:"summary"`
	// Native are the generator's own figures under our names, like ttft_ms_mean or itl_ms_p99, null where it
	// has none. It may mean something else by a name: metrics.Definitions says what.
	Native map[string]*float64 `json:"native,omitempty"`
	Raw    Object              `json:"raw"`
	Load   Load                `json:"load"`
}

// Load is one process of load seen from the outside.
type Load struct {
	Runner     string  `json:"runner"`
	StartedMs  int64   `json:"started_unix_ms"` // wall time, for display
	DurationMs float64 `json:"duration_ms"`     // inside the generator, its own start and end included
}

// Generator is what made the load and what is known to be wrong with it.
type Generator struct {
	Name    string       `json:"name"` // evalscope | native
	Version string       `json:"version"`
	Faults  []KnownFault `json:"faults,omitempty"`
}

// KnownFault is one thing this version of the generator gets wrong.
type KnownFault struct {
	Metric   string       `json:"metric"`   // ttft_ms, itl_ms, …, or "all"
	Severity string       `json:"severity"` // info | warn | wrong
	Text     failure.Text `json:"text"`
}

// Measured: all load is done. What was measured is in the level_done of every level and loop.
type Measured struct {
	Attempt   int         `json:"attempt"`
	Generator Generator   `json:"generator"`
	Loops     int         `json:"loops"` // level_done events that make up the test
	Host      Environment `json:"environment"`
}

// Environment is the machine the load was made on.
type Environment struct {
	Hostname string  `json:"hostname"`
	OS       string  `json:"os"`
	Arch     string  `json:"arch"`
	CPUs     int     `json:"cpus"`
	Memory   int64   `json:"memory_bytes"`
	LoadAvg  float64 `json:"load_avg_1m"`
	Version  string  `json:"plimsoll_version"`
}

// Verdict judges a test against its SLOs.
type Verdict string

// The verdicts.
const (
	VerdictPass         Verdict = "pass"
	VerdictFail         Verdict = "fail"
	VerdictInconclusive Verdict = "inconclusive"
	VerdictNone         Verdict = "none" // no SLO was asked
)

// Artifact is one file of a test that can be downloaded.
type Artifact struct {
	Name   string `json:"name"` // file name for people, like result_qwen_20261123_101500.xlsx
	Kind   string `json:"kind"` // workbook | report | raw | manifest
	Object Object `json:"object"`
}

// Reported: workbook and report are written; the test has succeeded.
type Reported struct {
	Verdict   Verdict      `json:"verdict"`
	Reason    failure.Text `json:"reason"`
	Artifacts []Artifact   `json:"artifacts"`
}

// ArchiveRequested: somebody wants the report kept in the archive.
type ArchiveRequested struct {
	By Actor `json:"by"`
}

// RestoreRequested: somebody wants it back from the archive or the trash.
type RestoreRequested struct {
	By Actor `json:"by"`
}

// DeleteRequested: somebody wants it gone; first to the trash, with Purge for good.
type DeleteRequested struct {
	By    Actor `json:"by"`
	Purge bool  `json:"purge"`
}

// Archived: the report is in the archive.
type Archived struct {
	Path      string     `json:"path"` // engine/model/timestamp
	Artifacts []Artifact `json:"artifacts"`
}

// Restored: the report is back.
type Restored struct {
	From      string     `json:"from"`                // archive | trash
	Artifacts []Artifact `json:"artifacts,omitempty"` // new places; absent when nothing moved
}

// Deleted: it is in the trash, or purged.
type Deleted struct {
	Purged bool `json:"purged"`
}

// CancelRequested: somebody wants it to stop.
type CancelRequested struct {
	By Actor `json:"by"`
}

// Cancelled: nothing of the test runs any more.
type Cancelled struct {
	Proof string `json:"proof"` // how that is known, like "process group 4711 gone after 0.8 s"
}

// Failed: a stage could not do its part.
type Failed struct {
	Stage string `json:"stage"` // prober | runner | reporter | archiver
	failure.Failure
}
