package evalscope

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockEvery is how often a taken lock is tried again.
const lockEvery = 200 * time.Millisecond

// folderLock keeps two installs of one folder apart, also those of other processes. Its file lies beside
// the folder and says, by not being empty, that the folder was begun by us and may be removed.
type folderLock struct{ file *os.File }

// lockFolder waits for the lock until ctx ends.
func lockFolder(ctx context.Context, path string) (*folderLock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of evalscope: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the folder of evalscope: %w", err)
	}
	ticker := time.NewTicker(lockEvery)
	defer ticker.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return &folderLock{f}, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock the folder of evalscope: %w", err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("another install holds %s: %w", path, context.Cause(ctx)), f.Close())
		case <-ticker.C:
		}
	}
}

// claimed reports that an install began here and did not end.
func (l *folderLock) claimed() bool {
	info, err := l.file.Stat()
	return err == nil && info.Size() > 0
}

// claim says that from now on the folder is ours.
func (l *folderLock) claim() error {
	if _, err := l.file.WriteAt([]byte("an install began here and has not ended\n"), 0); err != nil {
		return fmt.Errorf("note the begin of the install: %w", err)
	}
	return nil
}

// settle says that the folder is complete.
func (l *folderLock) settle() error {
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("note the end of the install: %w", err)
	}
	return nil
}

// release lets the next one in; closing the file frees the lock. The file stays: removing it would let
// two processes hold locks on different files of the same name.
func (l *folderLock) release() { _ = l.file.Close() }
