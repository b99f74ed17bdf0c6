//go:build !linux

package evalscope

import "syscall"

// dieWithParent has no counterpart here: the child watching its stdin is what binds it to us.
func dieWithParent(*syscall.SysProcAttr) {}
