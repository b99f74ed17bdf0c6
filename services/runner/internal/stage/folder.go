package stage

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/folderlock"
)

// prefix of the work folders of tests.
const prefix = "test-"

// fresh is the age below which a folder without a lock may be one that is just being made.
const fresh = time.Minute

// openFolder makes the work folder of the test, locked as long as this process lives.
func (t *test) openFolder() error {
	dir, err := os.MkdirTemp(t.WorkDir, prefix+t.life.TestID+"-")
	if err != nil {
		return failure.New(failure.Storage, "make a work folder: %v", err)
	}
	t.dir = dir
	if t.lock, err = folderlock.Take(dir); err != nil {
		t.removeFolder()
		return failure.New(failure.Storage, "lock the work folder: %v", err)
	}
	return nil
}

func (t *test) closeFolder() {
	t.removeFolder()
	t.lock.Release()
}

func (t *test) removeFolder() {
	if err := os.RemoveAll(t.dir); err != nil {
		t.log.Warn("work folder not removed", "dir", t.dir, "error", err)
	}
}

// Sweep makes the folder for work folders and removes those whose runner was killed. Other runners may be
// at work in it.
func Sweep(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := sweep(path); err != nil {
			return err
		}
	}
	return nil
}

func sweep(path string) error {
	info, err := os.Stat(path)
	if err != nil || time.Since(info.ModTime()) < fresh {
		return nil //nolint:nilerr // gone already, or in use
	}
	lock, err := folderlock.Take(path)
	if errors.Is(err, folderlock.ErrHeld) {
		return nil
	}
	if err != nil {
		return err
	}
	defer lock.Release()
	return os.RemoveAll(path)
}
