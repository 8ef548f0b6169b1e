//go:build !linux

package embedded

import "syscall"

// Only Linux can do it. Elsewhere the next start finds the orphan.
func signalWhenOrphaned(*syscall.SysProcAttr, syscall.Signal) {}
