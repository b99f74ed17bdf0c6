package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxJSON bounds a file that is read whole; evalscope's own are a few kilobytes.
const maxJSON = 16 << 20

// readJSON decodes one JSON file of evalscope; numbers it writes as bare NaN or Infinity become null.
func readJSON(path string, into any) error {
	name := filepath.Base(path)
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxJSON+1))
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	switch {
	case len(raw) > maxJSON:
		return damaged(name, "larger than %d MiB", maxJSON>>20)
	case len(bytes.TrimSpace(raw)) == 0:
		return damaged(name, "empty")
	}
	dec := json.NewDecoder(bytes.NewReader(finite(raw)))
	if err := dec.Decode(into); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return damaged(name, "cut off after %d bytes", len(raw))
		}
		return damaged(name, "not the JSON evalscope writes: %v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return damaged(name, "text after the end of the JSON")
	}
	return nil
}

// finite replaces the bare tokens NaN, Infinity and -Infinity, which Python writes and JSON does not
// know, by null. Text inside strings is left alone.
func finite(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	inString := false
	for i := 0; i < len(raw); {
		c := raw[i]
		if inString {
			if c == '\\' && i+1 < len(raw) {
				out = append(out, c, raw[i+1])
				i += 2
				continue
			}
			inString = c != '"'
		} else if n := bareToken(raw[i:]); n > 0 {
			out = append(out, "null"...)
			i += n
			continue
		} else {
			inString = c == '"'
		}
		out = append(out, c)
		i++
	}
	return out
}

// bareToken is the length of the token at the front that stands for no number, 0 for none.
func bareToken(b []byte) int {
	for _, token := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(b, []byte(token)) {
			return len(token)
		}
	}
	return 0
}
