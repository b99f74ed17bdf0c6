// Package secret reads the secrets a person put on this machine for targets that need a key. A secret is
// one file; its name is the credential id used everywhere else.
package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// maxSize bounds the file of one secret, in bytes.
const maxSize = 64 << 10

var idPattern = regexp.MustCompile(`^cred_[a-z0-9_-]{1,64}$`)

// The ways a secret cannot be had. Errors of this package name the file and the fix, never the value.
var (
	ErrID      = errors.New("credential id must be cred_ and 1–64 of a–z, 0–9, _ and -")
	ErrMissing = errors.New("credential does not exist")
	ErrUnsafe  = errors.New("credential file is not safe")
)

// Folder holds one file per credential.
type Folder string

// Open returns the secret with its trailing line break removed. The file must be a regular one, belong to
// this user or root, be closed to everybody else and hold 1 byte to 64 KiB.
func (f Folder) Open(id string) (string, error) {
	if !idPattern.MatchString(id) {
		return "", ErrID
	}
	path := filepath.Join(string(f), id)
	file, err := openNoWait(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: put the secret alone into %s and run: chmod 600 %s", ErrMissing, path, path)
	}
	if err != nil {
		return "", fmt.Errorf("open credential %s: %w", id, err)
	}
	defer file.Close() //nolint:errcheck // only read
	if err := check(file, path); err != nil {
		return "", err
	}
	return read(file, path)
}

func check(file *os.File, path string) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at credential file %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is not a regular file", ErrUnsafe, path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%w: %s has mode %04o and others may read it; run: chmod 600 %s", ErrUnsafe, path, mode, path)
	}
	if !ownedByUs(info) {
		return fmt.Errorf("%w: %s belongs to another user; run: chown $(id -u) %s", ErrUnsafe, path, path)
	}
	if info.Size() > maxSize {
		return fmt.Errorf("%w: %s has %d bytes, at most %d are allowed", ErrUnsafe, path, info.Size(), maxSize)
	}
	return nil
}

func read(file io.Reader, path string) (string, error) {
	data, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil {
		return "", fmt.Errorf("read credential file %s: %w", path, err)
	}
	value := strings.TrimRight(string(data), "\r\n")
	switch {
	case len(data) > maxSize:
		return "", fmt.Errorf("%w: %s grew over %d bytes", ErrUnsafe, path, maxSize)
	case value == "":
		return "", fmt.Errorf("%w: %s is empty; put the secret alone into it", ErrUnsafe, path)
	}
	return value, nil
}
