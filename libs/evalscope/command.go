package evalscope

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plimsoll.internal/libs/spec"
)

// KeyVariable is the environment variable that stands for the API key in a rendered command.
const KeyVariable = "PLIMSOLL_API_KEY"

// Command renders the `evalscope perf` command line that does what Driver.Run does for one loop of a
// level: to read, to copy, to run by hand. Values are quoted for a POSIX shell; secrets appear as $NAME.
func Command(s spec.Spec, level spec.Level, bodies string) string {
	words := []string{"evalscope perf"}
	if s.Target.Credential != "" {
		words = append(words, `--api-key "$`+KeyVariable+`"`)
	}
	l := load{
		Concurrency: level.Concurrency, Rate: level.Rate, Requests: level.Requests,
		Duration: time.Duration(level.Duration), Warmup: level.Warmup, Bodies: bodies, Outputs: "outputs",
	}
	for _, a := range arguments(s, l) {
		flag := "--" + strings.ReplaceAll(a.name, "_", "-")
		switch v := a.value.(type) {
		case bool:
			switch {
			case v:
				words = append(words, flag)
			case a.name == "stream":
				words = append(words, "--no-stream")
			}
		case map[string]string:
			words = append(words, flag+" "+headers(v))
		default:
			words = append(words, flag+" "+quote(text(v)))
		}
	}
	return strings.Join(words, " \\\n  ")
}

// headers renders K=V pairs in a fixed order; a value that may be a secret becomes a variable.
func headers(h map[string]string) string {
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if secretHeader(name) {
			names[i] = quote(name+"=") + `"$` + variable(name) + `"`
			continue
		}
		names[i] = quote(name + "=" + h[name])
	}
	return strings.Join(names, " ")
}

// secretHeader guesses by the name; a wrong guess only hides a value.
func secretHeader(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"auth", "key", "token", "secret", "cookie", "password"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// variable turns a header's name into that of an environment variable.
func variable(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// quote leaves plain words alone and puts everything else between single quotes.
func quote(s string) string {
	plain := s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=@%+,", r))
	}) < 0
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
