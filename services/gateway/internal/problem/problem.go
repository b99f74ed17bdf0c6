// Package problem is every refusal of the gateway: its code, HTTP status and words in Chinese and English,
// and how it is written as application/problem+json (RFC 9457). It knows nothing about tests.
package problem

import (
	"errors"
	"fmt"
	"time"

	"plimsoll.internal/libs/failure"
)

// Error is one refusal on its way to the client. Programs read Code, people read the words.
type Error struct {
	Code       Code
	Detail     *failure.Text // this case in particular; nil: the words of the catalogue
	Errors     []Fault       // each thing wrong with the request
	RetryAfter time.Duration // when to try again; 0: not said
	Allow      string        // methods that are allowed, for 405
	cause      error         // for the log only
}

// Fault is one thing wrong with a request.
type Fault struct {
	Pointer string // JSON pointer into the body, or query/…, header/…, path/… with the name of a parameter
	Code    string
	Detail  failure.Text
	Fix     failure.Text
}

// New makes a refusal with the words of the catalogue.
func New(c Code) *Error { return &Error{Code: c} }

// Newf makes a refusal with words of its own, formatted the same way in both languages.
func Newf(c Code, en, zh string, args ...any) *Error {
	return &Error{Code: c, Detail: &failure.Text{EN: fmt.Sprintf(en, args...), ZH: fmt.Sprintf(zh, args...)}}
}

// Because notes the cause for the log; the client never sees it.
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// After says when to try again.
func (e *Error) After(d time.Duration) *Error {
	e.RetryAfter = d
	return e
}

// Error makes it usable as an error.
func (e *Error) Error() string {
	if e.cause != nil {
		return string(e.Code) + ": " + e.cause.Error()
	}
	return string(e.Code)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Status is the HTTP status.
func (e *Error) Status() int { return e.Code.entry().status }

// From makes a refusal of any error; what nobody foresaw is internal.
func From(err error) *Error {
	var p *Error
	if errors.As(err, &p) {
		return p
	}
	return New(Internal).Because(err)
}
