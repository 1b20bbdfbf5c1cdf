package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// errMalformed is a packet that ends early or contradicts itself.
var errMalformed = errors.New("malformed packet")

// decoder reads the fields of one payload. After the first read beyond the end every
// read returns zero and err is set, so that a caller checks once.
type decoder struct {
	data []byte
	err  error
}

// take returns the next n bytes, shared with the payload.
func (d *decoder) take(n int) []byte {
	if n < 0 || n > len(d.data) {
		d.err, d.data = errMalformed, nil
		return nil
	}
	b := d.data[:n:n]
	d.data = d.data[n:]
	return b
}

func (d *decoder) uint8() uint8 {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint16() uint16 {
	if b := d.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (d *decoder) uint32() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// lenenc reads a length-encoded integer. The NULL marker 0xfb is malformed here.
func (d *decoder) lenenc() uint64 {
	switch first := d.uint8(); first {
	case 0xfc:
		return uint64(d.uint16())
	case 0xfd:
		if b := d.take(3); b != nil {
			return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16
		}
		return 0
	case 0xfe:
		return d.uint64()
	case 0xfb, 0xff:
		d.err, d.data = errMalformed, nil
		return 0
	default:
		return uint64(first)
	}
}

// lenencBytes reads a length-encoded string, shared with the payload.
func (d *decoder) lenencBytes() []byte {
	n := d.lenenc()
	if n > uint64(len(d.data)) {
		d.err, d.data = errMalformed, nil
		return nil
	}
	return d.take(int(n))
}

// zeroTerminated reads up to a zero byte, which must be there.
func (d *decoder) zeroTerminated() []byte {
	i := bytes.IndexByte(d.data, 0)
	if i < 0 {
		d.err, d.data = errMalformed, nil
		return nil
	}
	b := d.take(i)
	d.take(1)
	return b
}

// rest returns what is left.
func (d *decoder) rest() []byte { return d.take(len(d.data)) }

// appendLenenc appends a length-encoded integer.
func appendLenenc(b []byte, n uint64) []byte {
	switch {
	case n <= 250:
		return append(b, byte(n))
	case n <= 0xffff:
		return append(b, 0xfc, byte(n), byte(n>>8))
	case n <= 0xffffff:
		return append(b, 0xfd, byte(n), byte(n>>8), byte(n>>16))
	}
	return binary.LittleEndian.AppendUint64(append(b, 0xfe), n)
}

// appendLenencBytes appends a length-encoded string.
func appendLenencBytes(b, s []byte) []byte {
	return append(appendLenenc(b, uint64(len(s))), s...)
}

// appendLenencString appends a length-encoded string.
func appendLenencString(b []byte, s string) []byte {
	return append(appendLenenc(b, uint64(len(s))), s...)
}
