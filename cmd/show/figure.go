package show

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// absent stands where a figure is not known; it is never 0.
const absent = "–"

// Clean takes out of a text from elsewhere whatever could steer a terminal.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

// Figure writes a number with at most 4 significant digits and thousands apart, "–" for nil.
func Figure(v *float64) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return absent
	}
	size := math.Abs(*v)
	decimals := 0
	if size > 0 && size < 1000 {
		decimals = max(0, min(3, 3-int(math.Floor(math.Log10(size)))))
	}
	text := strconv.FormatFloat(*v, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	whole, fraction, found := strings.Cut(text, ".")
	if found {
		fraction = "." + fraction
	}
	return thousands(whole) + fraction
}

// Count writes a whole number with thousands apart.
func Count(n int64) string { return thousands(strconv.FormatInt(n, 10)) }

func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Size writes bytes for people, in powers of 1024.
func Size(bytes int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	v, i := float64(bytes), 0
	for v >= 1024 && i < len(units)-1 {
		v, i = v/1024, i+1
	}
	return Figure(&v) + " " + units[i]
}

// Span writes a duration for people: 812ms, 4.2s, 3m05s, 2h10m.
func Span(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Span(-d)
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + "m" + twoDigits(int(d.Seconds())%60) + "s"
	}
	return strconv.Itoa(int(d.Hours())) + "h" + twoDigits(int(d.Minutes())%60) + "m"
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// Moment writes a time in the zone of the reader, with its offset.
func Moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 -07:00") }
