package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"

	"github.com/go-mysql-org/go-mysql/mysql"
)

const (
	// headerBytes is the length and sequence number before each packet.
	headerBytes = 4
	// flushBytes is how much output is gathered before it is handed to the kernel.
	flushBytes = 32 << 10
	// keepBytes is the largest buffer that an idle connection keeps.
	keepBytes = 64 << 10
	// readBytes is the size of the input buffer; most commands fit.
	readBytes = 8 << 10
	// longStep is how far a long payload's buffer grows ahead of what has arrived.
	longStep = 1 << 20
	// writeStep is how much output has to be taken within one write timeout.
	writeStep = 256 << 10
	// maxPayload is what one packet holds; a longer payload goes on in the next.
	maxPayload = mysql.MaxPayloadLen
)

// Errors of the packet layer.
var (
	errTooLarge = errors.New("packet is larger than max_allowed_packet")
	errSequence = errors.New("packets out of order")
	// errPacketTimeout is a packet that has begun and does not go on.
	errPacketTimeout = errors.New("timeout within a packet")
)

// packets reads and writes the packets of one connection.
// Owned by the connection's goroutine.
type packets struct {
	socket     net.Conn
	sequence   uint8           // of the next packet, either way
	maxAllowed int             // payload bytes that a client may send
	framed     *compressedConn // the socket when it compresses, else nil

	in         []byte // bytes read from the socket; [start:end) is not consumed yet
	start, end int
	long       []byte // payload that did not fit in

	out            []byte // finished packets, and from open on the one being written
	open           int    // start of the packet being written, or -1
	received, sent uint64 // bytes, as the packet layer sees them
	written        bool   // some bytes of the current answer have left
	failed         error  // of the first write that went wrong: the stream is torn

	// reading and writing move the socket's deadlines: reading after each arrival of a part of a
	// packet, writing before each write. Both may be nil.
	reading, writing func()
}

func newPackets(socket net.Conn, maxAllowed int) *packets {
	return &packets{socket: socket, maxAllowed: maxAllowed, in: make([]byte, readBytes), open: -1}
}

// restart begins a command: sequence numbers count from 0.
func (p *packets) restart() {
	p.sequence = 0
	if p.framed != nil {
		p.framed.sequence = 0
	}
}

// progress moves the deadline for the rest of a packet of which a part has arrived.
func (p *packets) progress() {
	if p.reading != nil {
		p.reading()
	}
}

// fill reads until at least n unconsumed bytes are buffered; n is at most len(p.in).
func (p *packets) fill(n int) error {
	if p.start+n > len(p.in) {
		p.end = copy(p.in, p.in[p.start:p.end])
		p.start = 0
	}
	for p.end-p.start < n {
		got, err := p.socket.Read(p.in[p.end:])
		p.end += got
		p.received += uint64(got)
		if err != nil && p.end-p.start < n {
			if p.end > p.start {
				return within(err)
			}
			return err
		}
	}
	return nil
}

// header reads one packet header and checks its sequence number.
func (p *packets) header() (length int, err error) {
	if p.start == p.end {
		p.start, p.end = 0, 0
	}
	if err := p.fill(headerBytes); err != nil {
		return 0, err
	}
	h := p.in[p.start:]
	length = int(h[0]) | int(h[1])<<8 | int(h[2])<<16
	if h[3] != p.sequence && p.framed == nil { // frames have numbers of their own, and MySQL looks at those only
		want := p.sequence
		p.sequence = h[3] + 1 // which the client expects of the answer
		return 0, fmt.Errorf("%w: got %d, want %d", errSequence, h[3], want)
	}
	p.sequence++
	p.start += headerBytes
	return length, nil
}

// read returns the next payload, joined when it came in several packets. It is valid until
// the next read.
func (p *packets) read() ([]byte, error) {
	p.shrink()
	length, err := p.header()
	if err != nil {
		return nil, err
	}
	p.progress()
	if length <= len(p.in) && length < maxPayload && length <= p.maxAllowed {
		if err := p.fill(length); err != nil {
			return nil, within(err)
		}
		payload := p.in[p.start : p.start+length : p.start+length]
		p.start += length
		return payload, nil
	}
	return p.readLong(length)
}

// readLong joins the packets of a payload whose first packet has the given length.
// Memory grows with what arrives, not with what is announced.
func (p *packets) readLong(length int) ([]byte, error) {
	p.long = p.long[:0]
	for {
		if len(p.long)+length > p.maxAllowed {
			return nil, p.discard(length)
		}
		if err := p.appendLong(length); err != nil {
			return nil, within(err)
		}
		if len(p.long)%maxPayload != 0 || len(p.long) == 0 {
			return p.long, nil
		}
		var err error
		if length, err = p.header(); err != nil {
			return nil, within(err)
		}
		if length == 0 {
			return p.long, nil
		}
	}
}

// appendLong appends the next length bytes of the stream to the long payload.
func (p *packets) appendLong(length int) error {
	n := min(length, p.end-p.start)
	p.long = append(p.long, p.in[p.start:p.start+n]...)
	p.start += n
	for length -= n; length > 0; length -= n {
		at := len(p.long)
		if at == cap(p.long) {
			p.long = slices.Grow(p.long, min(length, longStep))
		}
		var err error
		n, err = p.socket.Read(p.long[at:min(cap(p.long), at+length)])
		p.long = p.long[:at+n]
		p.received += uint64(n)
		if n < length && err != nil {
			return err
		}
		p.progress()
	}
	return nil
}

// discard reads over the rest of a payload that is too large, so that the client is ready to
// read the error. It gives up after a few times max_allowed_packet.
func (p *packets) discard(length int) error {
	budget := 4*p.maxAllowed + maxPayload
	for {
		last := length < maxPayload
		for length > 0 {
			if p.start == p.end {
				p.start, p.end = 0, 0
				if err := p.fill(1); err != nil {
					return errTooLarge
				}
				p.progress()
			}
			n := min(length, p.end-p.start)
			p.start += n
			length -= n
			budget -= n
		}
		if last || budget < 0 {
			return errTooLarge
		}
		var err error
		if length, err = p.header(); err != nil {
			return errTooLarge
		}
	}
}

// shrink gives back large buffers before the wait for the next payload.
func (p *packets) shrink() {
	if cap(p.long) > keepBytes {
		p.long = nil
	}
	if cap(p.out) > keepBytes && len(p.out) == 0 {
		p.out = nil
	}
}

// within makes an end or a pause of the input inside a packet errors of their own.
func within(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w: %w", errPacketTimeout, err)
	}
	return err
}

// begin opens a packet and returns the buffer to append its payload to; finish closes it.
func (p *packets) begin() []byte {
	p.open = len(p.out)
	return append(p.out, 0, 0, 0, 0)
}

// finish closes the packet that begin opened; b is the buffer with the payload appended.
// The output is flushed when enough has gathered.
func (p *packets) finish(b []byte) error {
	length := len(b) - p.open - headerBytes
	if length >= maxPayload {
		b = p.split(b, length)
	} else {
		h := b[p.open:]
		h[0], h[1], h[2], h[3] = byte(length), byte(length>>8), byte(length>>16), p.sequence
		p.sequence++
	}
	p.out, p.open = b, -1
	if len(p.out) >= flushBytes {
		return p.flush()
	}
	return nil
}

// split cuts a payload of 16 MiB and more into packets; the last is shorter than the others,
// and may be empty.
func (p *packets) split(b []byte, length int) []byte {
	payload := append([]byte(nil), b[p.open+headerBytes:]...)
	b = b[:p.open]
	for {
		n := min(length, maxPayload)
		b = append(b, byte(n), byte(n>>8), byte(n>>16), p.sequence)
		p.sequence++
		b = append(b, payload[:n]...)
		payload = payload[n:]
		length -= n
		if n < maxPayload {
			return b
		}
	}
}

// cancel drops the packet being written.
func (p *packets) cancel() {
	if p.open >= 0 {
		p.out, p.open = p.out[:p.open], -1
	}
}

// flush hands the gathered output to the kernel. After an error nothing is written any more.
func (p *packets) flush() error {
	if len(p.out) == 0 {
		return nil
	}
	p.written = true
	for rest := p.out; len(rest) > 0 && p.failed == nil; {
		if p.writing != nil {
			p.writing()
		}
		n := min(len(rest), writeStep)
		_, p.failed = p.socket.Write(rest[:n])
		p.sent += uint64(n)
		rest = rest[n:]
	}
	p.out = p.out[:0]
	return p.failed
}

// mark remembers where the answer of a statement begins.
type mark struct {
	length   int
	sequence uint8
}

// mark returns the present end of the output; rewind goes back to it.
func (p *packets) mark() mark {
	p.written = false
	return mark{len(p.out), p.sequence}
}

// rewind drops all output since m, unless some of it has left already.
func (p *packets) rewind(m mark) bool {
	if p.written {
		return false
	}
	p.out, p.sequence, p.open = p.out[:m.length], m.sequence, -1
	return true
}
