// Package account keeps the accounts: who may sign in, under which name, in which role.
package account

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxName bounds a name, in characters.
const maxName = 64

// ErrName says what a name must be.
var ErrName = errors.New("the name must have 1 to 64 characters, without control or invisible ones")

// CleanName returns a name as it is kept and shown, in Unicode NFC without space around it.
func CleanName(name string) (string, error) {
	if !utf8.ValidString(name) || len(name) > maxName*8 {
		return "", ErrName
	}
	name = strings.TrimSpace(norm.NFC.String(name))
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName || NameKey(name) == "" {
		return "", ErrName
	}
	for _, r := range name {
		if r == utf8.RuneError || !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) {
			return "", ErrName
		}
	}
	return name, nil
}

// NameKey is equal for names that only differ in case or in the width of their characters.
func NameKey(name string) string {
	return strings.TrimSpace(cases.Fold().String(norm.NFKC.String(name)))
}
