//go:build !linux

package dbtest

import "syscall"

func owner() (*syscall.SysProcAttr, error)          { return &syscall.SysProcAttr{}, nil }
func giveTo(_ *syscall.SysProcAttr, _ string) error { return nil }
