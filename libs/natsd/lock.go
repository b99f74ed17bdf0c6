package natsd

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

// ErrLocked is returned when another process runs a broker on the folder.
var ErrLocked = errors.New("another process uses this data folder")

// folderLock is held as long as the file is open, so a killed process frees it.
type folderLock struct {
	file *os.File
	once sync.Once
}

// lockFolder takes the folder for this process. The server itself does not: two on one folder both start.
func lockFolder(dir string) (*folderLock, error) {
	path := filepath.Join(dir, ".lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of broker folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer func() { _ = f.Close() }()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		pid, _ := io.ReadAll(io.LimitReader(f, 32))
		if who := strings.TrimSpace(string(pid)); who != "" {
			return nil, fmt.Errorf("%w: %s is held by process %s; stop it or choose another folder", ErrLocked, dir, who)
		}
		return nil, fmt.Errorf("%w: %s; stop it or choose another folder", ErrLocked, dir)
	}
	if err := writePID(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return &folderLock{file: f}, nil
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

// release frees the folder; the file stays, because removing it would race with the next holder.
func (l *folderLock) release() {
	l.once.Do(func() { _ = l.file.Close() })
}
