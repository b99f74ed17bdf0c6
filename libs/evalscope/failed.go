package evalscope

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"plimsoll.internal/libs/evalscope/internal/output"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
)

// failed is one line our shim writes about a failed request; evalscope itself keeps neither its status
// nor its text. Start joins it to the row of the database.
type failed struct {
	Start  float64 `json:"start"`  // seconds on evalscope's clock
	Status int     `json:"status"` // HTTP status; 0 when there was no answer
	Error  string  `json:"error"`  // body of the answer, or a Python traceback
	Output bool    `json:"output"` // something had arrived before
}

// maxFailedLine bounds one line: the shim cuts texts at 4,000 characters.
const maxFailedLine = 64 << 10

// readFailed reads the shim's lines by start; a torn last line of a killed run is left out.
func readFailed(path string) (map[float64]failed, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read failed requests: %w", err)
	}
	defer f.Close()
	byStart := map[float64]failed{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxFailedLine)
	for lines.Scan() {
		var one failed
		if json.Unmarshal(lines.Bytes(), &one) == nil {
			byStart[one.Start] = one
		}
	}
	if err := lines.Err(); err != nil {
		return byStart, fmt.Errorf("read failed requests: %w", err)
	}
	return byStart, nil
}

// explain fills Class, Status and Error of every failed sample. rows and samples are in the same order.
func explain(samples []metrics.Sample, rows []output.Row, known map[float64]failed, secrets ...string) {
	for i := range samples {
		s := &samples[i]
		if s.OK {
			continue
		}
		s.Class = string(failure.Unknown)
		if one, ok := known[rows[i].Start]; ok {
			s.Class, s.Status = string(one.class()), one.Status
			s.Error = redact(headline(one.Error), secrets...)
		}
	}
}

// class names the failure.
func (f failed) class() failure.Class {
	if f.Status != 0 {
		if c := failure.OfStatus(f.Status, f.Error); c != "" {
			return c
		}
	}
	if strings.HasPrefix(strings.TrimSpace(f.Error), "{") { // an error event inside a 200
		if c := failure.OfStatus(500, f.Error); c != "" {
			return c
		}
	}
	return ofTraceback(f.Error, f.Output)
}

// traces map what stands in a Python traceback to the failure; the first that is found counts, so the
// narrow names come before the wide ones.
var traces = []struct {
	class failure.Class
	any   []string
}{
	{failure.ClientResource, []string{"Too many open files", "Cannot assign requested address", "MemoryError"}},
	{failure.DNS, []string{"ClientConnectorDNSError", "Name or service not known", "name resolution", "getaddrinfo"}},
	{failure.TLS, []string{"ClientConnectorCertificateError", "ClientConnectorSSLError", "SSLCertVerificationError", "ClientSSLError", "ssl.SSLError"}},
	{failure.ConnectRefused, []string{"ConnectionRefusedError", "Connection refused", "[Errno 111]"}},
	{failure.ConnectTimeout, []string{"ConnectionTimeoutError", "Connection timeout to host", "No route to host", "Network is unreachable"}},
	{failure.StallTimeout, []string{"SocketTimeoutError", "Timeout on reading data"}},
	{failure.StreamTruncated, []string{"ClientPayloadError", "TransferEncodingError", "ContentLengthError", "ServerDisconnectedError", "ConnectionResetError", "Connection reset", "BrokenPipeError"}},
	{failure.BadStream, []string{"JSONDecodeError", "UnicodeDecodeError", "BadHttpMessage", "BadStatusLine", "Chunk too big", "AttributeError", "TypeError", "KeyError", "IndexError"}},
	{failure.TotalTimeout, []string{"TimeoutError"}},
	{failure.Cancelled, []string{"CancelledError"}},
}

// ofTraceback names the failure behind a Python traceback; some says that output had arrived before.
func ofTraceback(text string, some bool) failure.Class {
	for _, t := range traces {
		for _, mark := range t.any {
			if !strings.Contains(text, mark) {
				continue
			}
			if t.class == failure.StallTimeout && !some {
				return failure.FirstTokenTimeout
			}
			return t.class
		}
	}
	return failure.Unknown
}

// headline is the line that says what happened: the last of a traceback, the first of anything else.
func headline(text string) string {
	const most = 300
	lines := strings.Split(strings.TrimSpace(text), "\n")
	line := lines[0]
	if strings.Contains(text, "Traceback (most recent call last)") {
		line = lines[len(lines)-1]
	}
	if runes := []rune(line); len(runes) > most {
		line = string(runes[:most]) + "…"
	}
	return line
}
