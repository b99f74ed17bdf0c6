package bus

import (
	"strings"
	"time"
)

// Retry as the result of a handler gives the job back; somebody gets it again after the delay.
func Retry(after time.Duration, err error) error { return &retryError{after: after, err: err} }

// Reject as the result of a handler drops the job for good: it can never succeed.
func Reject(err error) error { return &rejectError{err: err} }

type retryError struct {
	after time.Duration
	err   error
}

func (e *retryError) Error() string {
	if e.err == nil {
		return "again in " + e.after.String()
	}
	return "again in " + e.after.String() + ": " + e.err.Error()
}
func (e *retryError) Unwrap() error { return e.err }

type rejectError struct{ err error }

func (e *rejectError) Error() string {
	if e.err == nil {
		return "rejected"
	}
	return e.err.Error()
}
func (e *rejectError) Unwrap() error { return e.err }

// reason is the text kept with a rejected job: one line, short.
func reason(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	return text[:min(len(text), 200)]
}
