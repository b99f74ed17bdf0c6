package evalscope

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// tailBytes bounds what is kept of a process's output.
const tailBytes = 64 << 10

// tail keeps the last 64 KiB that were written to it and hides secrets when read. It may be written to
// and read from at the same time.
type tail struct {
	secrets []string
	mu      sync.Mutex
	buf     []byte
	cut     bool // the front was dropped
}

func newTail(secrets ...string) *tail { return &tail{secrets: secrets} }

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - tailBytes; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
		t.cut = true
	}
	return len(p), nil
}

// escapes are the colour and cursor codes NO_COLOR does not remove.
var escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)

// String is what was written: no escape codes, no states of progress bars, no secrets.
func (t *tail) String() string {
	t.mu.Lock()
	raw, cut := bytes.Clone(t.buf), t.cut
	t.mu.Unlock()
	if cut { // the first line is torn, and a torn secret could not be recognised
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	text := redact(string(raw), t.secrets...)
	var lines []string
	for line := range strings.Lines(escapes.ReplaceAllString(text, "")) {
		line = strings.TrimRight(line, "\r\n\t ")
		if i := strings.LastIndexByte(line, '\r'); i >= 0 {
			line = line[i+1:]
		}
		if line != "" && !strings.Contains(line, "%|") {
			lines = append(lines, line)
		}
	}
	return strings.ToValidUTF8(strings.Join(lines, "\n"), "?")
}

// lastLines is the end of text, at most n lines.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// redact replaces every secret by ***.
func redact(text string, secrets ...string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}
