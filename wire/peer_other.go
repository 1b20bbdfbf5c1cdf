//go:build !linux

package wire

// isSystemUser reports false: who is at the other end of a unix socket is only asked on Linux.
func (c *conn) isSystemUser() bool { return false }
