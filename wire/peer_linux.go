package wire

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// isSystemUser reports whether the client came over the unix socket from a process of the system user that runs the node, or of root.
func (c *conn) isSystemUser() bool {
	socket, ok := c.socket.(*net.UnixConn)
	if !ok {
		return false
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return false
	}
	var peer *unix.Ucred
	err = raw.Control(func(fd uintptr) { peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	return err == nil && peer != nil && (peer.Uid == 0 || int(peer.Uid) == os.Geteuid())
}
