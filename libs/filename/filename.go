// Package filename decides what the files of one test are called and which archive folder they go to. It
// makes names safe for every file system and URL; the original names stay in the manifest.
package filename

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxBytes bounds one part of a path; file systems allow 255, the rest is for what names are made of.
const maxBytes = 100

// stamp is how a moment is written in a name, in UTC.
const stamp = "20060102_150405"

// Slug makes one safe part of a path out of any text: letters, digits, ".", "_" and "-" stay, every run of
// other characters becomes one "-". The result is never empty, never starts with a dot or a dash, and is
// at most 100 bytes long.
func Slug(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		if !safe(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(r)
	}
	slug := strings.Trim(cut(strings.TrimLeft(b.String(), ".-"), maxBytes), ".-")
	if slug == "" {
		return "unnamed"
	}
	return slug
}

func safe(r rune) bool {
	if r == utf8.RuneError {
		return false
	}
	return r == '.' || r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// cut shortens text to at most n bytes without splitting a character.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// Workbook is the name of the workbook of a test of this model that was asked for at this moment.
func Workbook(model string, at time.Time) string {
	return "result_" + Slug(model) + "_" + at.UTC().Format(stamp) + ".xlsx"
}

// ArchiveFolder is where a test goes in the archive: engine/model/timestamp.
func ArchiveFolder(engine, model string, at time.Time) string {
	return Slug(engine) + "/" + Slug(model) + "/" + at.UTC().Format(stamp)
}
