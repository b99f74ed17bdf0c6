package telemetry

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// shortestSecret is the shortest value replaced, in bytes: a shorter one would blank ordinary words.
const shortestSecret = 4

// Hide keeps values out of everything the logger, and every logger made from it or before it on the same
// output, writes from now on. Values shorter than 4 bytes are not hidden. It may be called concurrently;
// loggers of other makes are left as they are.
func Hide(log *slog.Logger, secrets ...string) {
	if h, ok := log.Handler().(handler); ok {
		h.hidden.add(secrets)
	}
}

// handler carries the hidden values along to derived loggers.
type handler struct {
	slog.Handler
	hidden *vault
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.hidden}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.hidden}
}

// vault is the set of hidden values in every spelling a handler may write them in.
type vault struct {
	mu     sync.RWMutex
	values [][]byte // longest first, so that a secret inside another leaves nothing behind
}

func (v *vault) add(secrets []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range secrets {
		if len(s) < shortestSecret {
			continue
		}
		for _, spelling := range spellings(s) {
			if !slices.ContainsFunc(v.values, func(b []byte) bool { return bytes.Equal(b, spelling) }) {
				v.values = append(v.values, spelling)
			}
		}
	}
	slices.SortFunc(v.values, func(a, b []byte) int { return cmp.Compare(len(b), len(a)) })
}

// spellings are the value itself and what the text handler, the JSON handler and a URL make of it.
func spellings(s string) [][]byte {
	quoted := strconv.Quote(s)
	out := [][]byte{[]byte(s), []byte(quoted[1 : len(quoted)-1]), []byte(url.QueryEscape(s))}
	if encoded, err := json.Marshal(s); err == nil {
		out = append(out, encoded[1:len(encoded)-1])
	}
	return out
}

// cleaner replaces hidden values in each line; a handler writes one record with one call.
type cleaner struct {
	to     io.Writer
	hidden *vault
}

func (c *cleaner) Write(line []byte) (int, error) {
	c.hidden.mu.RLock()
	clean := line
	for _, secret := range c.hidden.values {
		if bytes.Contains(clean, secret) {
			clean = bytes.ReplaceAll(clean, secret, []byte(Redacted))
		}
	}
	c.hidden.mu.RUnlock()
	if _, err := c.to.Write(clean); err != nil {
		return 0, err
	}
	return len(line), nil
}

// secretNames are the words that make a key the name of a secret, without separators.
var secretNames = []string{
	"authorization", "password", "passwd", "passphrase", "secret", "apikey", "accesskey", "privatekey",
	"token", "cookie",
}

// IsSecretName reports whether a key names something that must not be shown, like api_key or X-Api-Key.
// Keys about tokens of a model, like output_tokens, do not.
func IsSecretName(key string) bool {
	plain := strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(key))
	if strings.HasSuffix(plain, "tokens") || strings.Contains(plain, "tokensper") {
		return false
	}
	return slices.ContainsFunc(secretNames, func(name string) bool { return strings.Contains(plain, name) })
}

func redactByName(_ []string, a slog.Attr) slog.Attr {
	if IsSecretName(a.Key) {
		return slog.String(a.Key, Redacted)
	}
	if a.Value.Kind() != slog.KindAny {
		return a
	}
	switch m := a.Value.Any().(type) {
	case http.Header:
		return slog.Any(a.Key, cleanMap(m, []string{Redacted}))
	case url.Values:
		return slog.Any(a.Key, cleanMap(m, []string{Redacted}))
	case map[string][]string:
		return slog.Any(a.Key, cleanMap(m, []string{Redacted}))
	case map[string]string:
		return slog.Any(a.Key, cleanMap(m, Redacted))
	case map[string]any:
		return slog.Any(a.Key, cleanMap(m, any(Redacted)))
	}
	return a
}

func cleanMap[V any](m map[string]V, redacted V) map[string]V {
	out := make(map[string]V, len(m))
	for k, v := range m {
		if IsSecretName(k) {
			v = redacted
		}
		out[k] = v
	}
	return out
}
