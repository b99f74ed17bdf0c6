package cli

import (
	"bufio"
	"io"
	"strings"
)

// message is one server-sent event.
type message struct{ name, id, data string }

// longestLine bounds one line of the stream, in bytes: a snapshot holds a whole test.
const longestLine = 32 << 20

// readMessages calls handle for each event until the stream ends or handle says stop.
func readMessages(r io.Reader, handle func(message) (more bool, err error)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, longestLine)
	var m message
	var data []string
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if line == "" {
			if len(data) > 0 {
				m.data = strings.Join(data, "\n")
				if more, err := handle(m); err != nil || !more {
					return err
				}
			}
			m, data = message{}, nil
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field { // a comment has no name
		case "event":
			m.name = value
		case "id":
			m.id = value
		case "data":
			data = append(data, value)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF // the server ends a stream with an event
}
