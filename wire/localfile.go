package wire

import (
	"errors"
	"io"

	"marmot/mysqlerr"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// localInfileHeader begins the packet that asks a client for one of its files.
const localInfileHeader = 0xfb

// errLocalFilesDisabled is ER_CLIENT_LOCAL_FILES_DISABLED.
const errLocalFilesDisabled = 3948

var _ session.ClientFiles = (*rowWriter)(nil)

// OpenClientFile asks the client for its file.
func (w *rowWriter) OpenClientFile(name string) (io.ReadCloser, error) {
	c := w.conn
	if c.capabilities&mysql.CLIENT_LOCAL_FILES == 0 {
		return nil, mysqlerr.New(errLocalFilesDisabled)
	}
	b := append(c.packets.begin(), localInfileHeader)
	if err := c.send(append(b, name...)); err != nil {
		return nil, err
	}
	return &clientFile{conn: c}, nil
}

// clientFile reads a file that the client sends in packets; an empty one ends it.
type clientFile struct {
	conn *conn
	rest []byte // of the packet at hand, valid until the next is read
	done error  // io.EOF once the file has ended, or what broke the connection
}

// Read returns what the client has sent, packet by packet.
func (f *clientFile) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if f.done != nil {
			return 0, f.done
		}
		f.next()
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *clientFile) next() {
	c := f.conn
	c.setReadDeadline(c.readTimeout)
	payload, err := c.packets.read()
	switch {
	case errors.Is(err, errTooLarge):
		// The packet was read over, and the file goes on behind it.
		err = mysqlerr.New(mysql.ER_NET_PACKET_TOO_LARGE).Wrap(err)
	case err == nil && len(payload) == 0:
		err = io.EOF
	case err != nil:
		c.torn = err
	}
	f.rest, f.done = payload, err
}

// Close reads over what is left of the file: the client hears nothing before it has sent all.
func (f *clientFile) Close() error {
	for f.rest = nil; f.done == nil || mysqlerr.Code(f.done) != 0; f.rest = nil {
		f.next()
	}
	if errors.Is(f.done, io.EOF) {
		return nil
	}
	return f.done
}
