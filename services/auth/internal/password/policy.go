package password

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The bounds of a password, in characters.
const (
	MinLength = 10
	MaxLength = 256
)

// The reasons a password is refused.
var (
	ErrShort  = errors.New("the password must have at least 10 characters")
	ErrLong   = errors.New("the password must have at most 256 characters")
	ErrText   = errors.New("the password must be text in UTF-8")
	ErrName   = errors.New("the password must not be the name")
	ErrCommon = errors.New("the password is one of the most common ones, or one character again and again")
)

// Check says why a password is not good enough for an account of this name, or nil.
func Check(password, name string) error {
	if !utf8.ValidString(password) || strings.ContainsRune(password, 0) {
		return ErrText
	}
	plain := fold(password)
	switch n := utf8.RuneCountInString(norm.NFC.String(password)); {
	case n < MinLength:
		return ErrShort
	case n > MaxLength:
		return ErrLong
	case plain == fold(name):
		return ErrName
	case strings.Trim(plain, string([]rune(plain)[:1])) == "" || worst[plain]:
		return ErrCommon
	}
	return nil
}

func fold(s string) string { return cases.Fold().String(norm.NFKC.String(s)) }

// worst are the most frequent passwords of ten characters and more; shorter ones are refused anyway.
var worst = map[string]bool{
	"0123456789": true, "1234567890": true, "0987654321": true, "9876543210": true, "12345678910": true,
	"123456789a": true, "a123456789": true, "1234567890a": true, "qq123456789": true, "123123123123": true,
	"1122334455": true, "1qaz2wsx3edc": true, "1q2w3e4r5t": true, "1q2w3e4r5t6y": true, "qwertyuiop": true,
	"qwerty12345": true, "qwerty123456": true, "qwertyuiop123": true, "asdfghjkl123": true, "abcdefghij": true,
	"abcd123456": true, "abc1234567": true, "asdf123456": true, "password12": true, "password123": true,
	"password1234": true, "passw0rd123": true, "p@ssw0rd123": true, "password123!": true, "mypassword": true,
	"administrator": true, "admin12345": true, "admin123456": true, "admin@123456": true, "changeme123": true,
	"letmein123": true, "welcome123": true, "welcome1234": true, "iloveyou123": true, "woaini1314": true,
	"woaini520520": true, "woaini5201314": true, "plimsoll123": true, "plimsoll1234": true, "basketball": true,
	"sunshine123": true, "football123": true, "princess123": true, "superman123": true, "test123456": true,
}
