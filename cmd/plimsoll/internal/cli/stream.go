package cli

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"

	"golang.org/x/term"

	"plimsoll.internal/libs/telemetry"
)

// stream is standard output. The first failed write ends the command: a reader that has gone away wants
// nothing more, a full disk must not pass for success.
type stream struct {
	to   io.Writer
	stop func(error)

	mu  sync.Mutex
	err error
}

func (s *stream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.to.Write(b)
	if err != nil {
		s.err = err
		s.stop(err)
	}
	return n, err
}

// failed is the first error of a write.
func (s *stream) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// broken reports that the reader of the output has gone away.
func broken(err error) bool { return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) }

// places is the width of a terminal, 0 when it is none.
func places(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !telemetry.IsTerminal(w) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
