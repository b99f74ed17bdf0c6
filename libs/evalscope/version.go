package evalscope

import (
	"cmp"
	"strconv"
	"strings"
)

const (
	// DefaultVersion is the version that is installed and tested.
	DefaultVersion = "1.14.1"
	// MinVersion is the oldest version that can be driven: older ones do not send a prepared request
	// body as it is.
	MinVersion = "1.10.0"
)

// version is a release number; pre-releases sort before their release.
type version struct {
	major, minor, patch int
	pre                 bool
}

// parseVersion reads 1.14.1, 1.10, 1.11.0rc1 or 1.9.1.post2; ok is false for anything else.
func parseVersion(text string) (v version, ok bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "v")
	text, _, _ = strings.Cut(text, "+") // local label
	parts := strings.SplitN(text, ".", 4)
	if len(parts) < 2 {
		return version{}, false
	}
	fields := []*int{&v.major, &v.minor, &v.patch}
	for i, part := range parts {
		if i == len(fields) {
			v.pre = v.pre || strings.HasPrefix(part, "dev")
			break
		}
		digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
		n, err := strconv.Atoi(digits)
		if err != nil {
			if i < 2 || !strings.HasPrefix(part, "dev") && !strings.HasPrefix(part, "post") {
				return version{}, false
			}
			v.pre = strings.HasPrefix(part, "dev")
			break
		}
		*fields[i] = n
		v.pre = v.pre || isPre(part[len(digits):])
	}
	return v, true
}

func isPre(suffix string) bool {
	return strings.HasPrefix(suffix, "rc") || strings.HasPrefix(suffix, "a") ||
		strings.HasPrefix(suffix, "b") || strings.HasPrefix(suffix, "dev")
}

// compare is negative when v is older than w.
func (v version) compare(w version) int {
	order := cmp.Or(cmp.Compare(v.major, w.major), cmp.Compare(v.minor, w.minor), cmp.Compare(v.patch, w.patch))
	if order != 0 || v.pre == w.pre {
		return order
	}
	if v.pre {
		return -1
	}
	return 1
}

// older reports whether version text a is older than b; false when either cannot be read.
func older(a, b string) bool {
	v, ok := parseVersion(a)
	w, ok2 := parseVersion(b)
	return ok && ok2 && v.compare(w) < 0
}
