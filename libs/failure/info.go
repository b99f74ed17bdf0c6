package failure

import "fmt"

// Fault hints whose fault a failure is. It is a hint: a timeout may be the target or the network.
type Fault string

// The hints.
const (
	FaultTarget        Fault = "target"        // the server under test
	FaultNetwork       Fault = "network"       // the way to it
	FaultGenerator     Fault = "generator"     // what makes the load, or the machine it runs on
	FaultConfiguration Fault = "configuration" // what the user asked for
)

// Info is what people read about a class.
type Info struct {
	Title  Text  // a few words
	Cause  Text  // one sentence: what lies behind it
	Advice Text  // one sentence: what to do
	Fault  Fault // whose fault it probably is
}

// Info returns what people read about the class; a class nobody knows reads like Unknown.
func (c Class) Info() Info {
	if info, ok := catalogue[c]; ok {
		return info
	}
	return catalogue[Unknown]
}

// Known reports whether the class is in the list.
func (c Class) Known() bool {
	_, ok := catalogue[c]
	return ok
}

// New makes a Failure with the advice of its class. The message must not hold a secret.
func New(c Class, format string, args ...any) *Failure {
	return &Failure{Class: c, Message: fmt.Sprintf(format, args...), Advice: c.Info().Advice}
}

// Transient reports whether the same attempt may succeed later with nothing changed.
func Transient(c Class) bool {
	switch c {
	case ConnectRefused, ConnectTimeout, RateLimited, ServerError, Unavailable,
		FirstTokenTimeout, StallTimeout, TotalTimeout, StreamTruncated,
		ClientResource, RunnerLost, GeneratorCrashed, GeneratorHung:
		return true
	}
	return false
}
