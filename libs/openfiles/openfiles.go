// Package openfiles raises this process's limit of open files: every request in flight is one.
package openfiles

import (
	"fmt"
	"syscall"
)

// Raise sets the soft limit to the hard one and returns it. It is set even when it is there already: Go
// raises it silently at the start but hands the lower one to child processes, until a program sets it
// itself. Load generators are children.
func Raise() (limit uint64, err error) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, fmt.Errorf("read the limit of open files: %w", err)
	}
	have := l.Cur
	l.Cur = l.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return uint64(have), fmt.Errorf("raise the limit of open files from %d to %d: %w", have, l.Max, err)
	}
	return uint64(l.Cur), nil
}
