package spec

import "time"

// The defaults of a spec. Requests has none in the document: with neither requests nor duration the plan
// takes RequestsPerSlot × the level's concurrency (or × its rate per second).
const (
	DefaultEngine     = "unknown"
	DefaultRetries    = 2
	RequestsPerSlot   = 10
	SourceSynthetic   = "synthetic" // prompts made to length from common words
	SourceText        = "text"      // one fixed text
	SourceFile        = "file"      // an uploaded file
	defaultConnect    = Duration(10 * time.Second)
	defaultFirstToken = Duration(60 * time.Second)
	defaultStall      = Duration(30 * time.Second)
	defaultRequest    = Duration(600 * time.Second)
)

// WithDefaults returns the spec with every default filled in. Doing it twice changes nothing. The seed
// stays absent: it is drawn once, where the test gets its id.
func (s Spec) WithDefaults() Spec {
	s.Engine = or(s.Engine, DefaultEngine)
	s.Target.API = or(s.Target.API, APIChat)
	s.Target.TLSVerify = orPointer(s.Target.TLSVerify, true)
	s.Mode = or(s.Mode, ModeLocal)
	s.Generator = or(s.Generator, GeneratorEvalscope)
	s.Loop = or(s.Loop, 1)
	s.Stream = orPointer(s.Stream, true)
	s.Prompts.Source = or(s.Prompts.Source, SourceSynthetic)
	s.Timeouts.Connect = or(s.Timeouts.Connect, defaultConnect)
	s.Timeouts.FirstToken = or(s.Timeouts.FirstToken, defaultFirstToken)
	s.Timeouts.Stall = or(s.Timeouts.Stall, defaultStall)
	s.Timeouts.Request = or(s.Timeouts.Request, defaultRequest)
	s.Retries = orPointer(s.Retries, DefaultRetries)
	s.Runners = or(s.Runners, 1)
	s.Archive = or(s.Archive, ArchiveNever)
	return s
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func orPointer[T any](v *T, otherwise T) *T {
	if v == nil {
		return &otherwise
	}
	return v
}
