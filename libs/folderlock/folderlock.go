// Package folderlock keeps a data folder for one process. It knows nothing about what is in the folder.
package folderlock

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// ErrHeld is returned when another process has the folder.
var ErrHeld = errors.New("another process uses this data folder")

// Lock is held as long as its file is open, so a killed process frees it.
type Lock struct {
	file *os.File
	once sync.Once
}

// Take takes the folder for this process, or says with [ErrHeld] which process has it.
func Take(dir string) (*Lock, error) {
	path := filepath.Join(dir, ".lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer func() { _ = f.Close() }()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		pid, _ := io.ReadAll(io.LimitReader(f, 32))
		if who := strings.TrimSpace(string(pid)); who != "" {
			return nil, fmt.Errorf("%w: %s is held by process %s; stop it or choose another folder", ErrHeld, dir, who)
		}
		return nil, fmt.Errorf("%w: %s; stop it or choose another folder", ErrHeld, dir)
	}
	if err := writePID(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return &Lock{file: f}, nil
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

// Release frees the folder; the file stays, because removing it would race with the next holder. It may be
// called twice.
func (l *Lock) Release() {
	l.once.Do(func() { _ = l.file.Close() })
}
