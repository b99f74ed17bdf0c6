package llm

import (
	"bytes"
	"errors"
	"io"
	"time"
)

// maxLine bounds one line and the data of one event (bytes).
const maxLine = 4 << 20

// errLineTooLong says that the stream is not one of small events.
var errLineTooLong = errors.New("an event is longer than 4 MiB")

// Event is one server-sent event.
type Event struct {
	Name string    // of the event field; empty for none
	Data []byte    // joined by line feeds; valid until the next call
	At   time.Time // when the read returned that completed it
}

// EventReader reads server-sent events by the rules of the WHATWG: lines end with LF, CR or CRLF, a byte
// order mark is skipped, comments are skipped, data lines are joined, an event without its empty line at
// the end of the stream does not count.
type EventReader struct {
	in       io.Reader
	buf      []byte
	from, to int // unread part of buf
	at       time.Time
	line     []byte // a line that spans reads
	data     []byte
	name     string
	hasData  bool
	afterCR  bool // a line feed here belongs to the line before
	started  bool
}

// NewEventReader reads from r, which must not be read by others.
func NewEventReader(r io.Reader) *EventReader {
	return &EventReader{in: r, buf: make([]byte, 16<<10)}
}

// Next returns the next event that has data, or io.EOF at the end of the stream.
func (e *EventReader) Next() (Event, error) {
	e.data, e.hasData, e.name = e.data[:0], false, ""
	for {
		line, err := e.readLine()
		if err != nil {
			return Event{}, err
		}
		if len(line) > 0 {
			if err := e.field(line); err != nil {
				return Event{}, err
			}
			continue
		}
		if e.hasData {
			return Event{Name: e.name, Data: e.data, At: e.at}, nil
		}
		e.name = ""
	}
}

// field takes in one line of an event.
func (e *EventReader) field(line []byte) error {
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(name) {
	case "data":
		if e.hasData {
			e.data = append(e.data, '\n')
		}
		if len(e.data)+len(value) > maxLine {
			return errLineTooLong
		}
		e.data, e.hasData = append(e.data, value...), true
	case "event":
		e.name = string(value)
	}
	return nil // comments, id, retry and unknown fields say nothing to us
}

// readLine returns one line without its end; it is valid until the next call.
func (e *EventReader) readLine() ([]byte, error) {
	e.line = e.line[:0]
	for {
		if e.from == e.to {
			if err := e.fill(); err != nil {
				return nil, err
			}
		}
		if e.afterCR {
			e.afterCR = false
			if e.buf[e.from] == '\n' {
				e.from++
				continue
			}
		}
		part := e.buf[e.from:e.to]
		end := bytes.IndexAny(part, "\r\n")
		if len(e.line)+len(part) > maxLine && end < 0 {
			return nil, errLineTooLong
		}
		if end < 0 {
			e.line, e.from = append(e.line, part...), e.to
			continue
		}
		e.afterCR = part[end] == '\r'
		e.from += end + 1
		return e.begin(e.joined(part[:end])), nil
	}
}

func (e *EventReader) joined(part []byte) []byte {
	if len(e.line) == 0 {
		return part
	}
	e.line = append(e.line, part...)
	return e.line
}

// begin drops the byte order mark of the first line.
func (e *EventReader) begin(line []byte) []byte {
	if e.started {
		return line
	}
	e.started = true
	return bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
}

func (e *EventReader) fill() error {
	n, err := e.in.Read(e.buf)
	e.from, e.to, e.at = 0, n, time.Now()
	if n > 0 {
		return nil // an error comes again with the next read
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}
