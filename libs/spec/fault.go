package spec

import (
	"fmt"
	"strings"

	"plimsoll.internal/libs/failure"
)

// The codes of a fault.
const (
	CodeSyntax       = "syntax"        // not readable at all
	CodeDuplicate    = "duplicate"     // the same key, level or header twice
	CodeUnknownField = "unknown_field" // nobody knows this field
	CodeWrongType    = "wrong_type"    // a text where a number belongs, and the like
	CodeRequired     = "required"
	CodeOutOfRange   = "out_of_range"
	CodeInvalid      = "invalid"       // the right type in the wrong form
	CodeSecret       = "secret"        // a secret where secrets do not belong
	CodeConflict     = "conflict"      // two fields that exclude each other
	CodeNotAvailable = "not_available" // right, but this version cannot run it
)

// Fault is one thing wrong with a document. Its texts never repeat a value from the document: it may be a
// secret in the wrong place.
type Fault struct {
	Pointer string       `json:"pointer"` // RFC 6901; "" is the whole document
	Code    string       `json:"code"`
	Detail  failure.Text `json:"detail"` // the rule that is broken
	Fix     failure.Text `json:"fix"`    // what to write instead
}

// Faults is everything wrong with a document, in the order of the document, cross-field rules last.
type Faults struct {
	List []Fault
}

// Error lists every fault on its own line.
func (f *Faults) Error() string {
	lines := make([]string, 0, len(f.List))
	for _, x := range f.List {
		at := x.Pointer
		if at == "" {
			at = "document"
		}
		lines = append(lines, fmt.Sprintf("%s: %s; %s", at, x.Detail.EN, x.Fix.EN))
	}
	return strings.Join(lines, "\n")
}
