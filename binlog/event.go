package binlog

import (
	"encoding/binary"
	"hash/crc32"
	"strings"
	"time"
)

// The types of events that are written.
const (
	typeQuery             = 2
	typeRotate            = 4
	typeFormatDescription = 15
	typeXID               = 16
	typeTableMap          = 19
	typeHeartbeat         = 27
	typeIgnorable         = 28
	typeRowsQuery         = 29
	typeWriteRows         = 30
	typeUpdateRows        = 31
	typeDeleteRows        = 32
	typeGTID              = 33
	typeAnonymousGTID     = 34
	typePreviousGTIDs     = 35
	typeXAPrepare         = 38
	typeHeartbeatV2       = 41
)

// Flags of events.
const (
	flagThreadSpecific = 0x04
	flagSuppressUse    = 0x08
	flagArtificial     = 0x20
	flagIgnorable      = 0x80
)

const (
	headerBytes   = 19
	checksumBytes = 4
)

// Writer frames events: header, checksum.
type Writer struct {
	ServerID uint32
	Checksum bool // CRC32 behind each event
	MariaDB  bool // the reader is a MariaDB, which knows no collation of MySQL 8 and no binary JSON
}

// event begins an event; finish ends it.
func (w *Writer) event(kind byte, flags uint16, seconds uint32) []byte {
	b := make([]byte, headerBytes, 128)
	binary.LittleEndian.PutUint32(b, seconds)
	b[4] = kind
	binary.LittleEndian.PutUint32(b[5:], w.ServerID)
	binary.LittleEndian.PutUint16(b[17:], flags)
	return b
}

// size is the length of a finished event whose header and body are b.
func (w *Writer) size(b []byte) uint64 {
	n := uint64(len(b))
	if w.Checksum {
		n += checksumBytes
	}
	return n
}

// finish writes length, end and checksum.
func (w *Writer) finish(b []byte, end uint64) []byte {
	binary.LittleEndian.PutUint32(b[9:], uint32(w.size(b)))
	binary.LittleEndian.PutUint32(b[13:], uint32(end))
	if w.Checksum {
		b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	}
	return b
}

// FakeRotate tells a reader the file and offset at which the next event lies. It is in no file.
func (w *Writer) FakeRotate(file string, offset uint64) []byte {
	b := w.event(typeRotate, flagArtificial, 0)
	b = binary.LittleEndian.AppendUint64(b, offset)
	return w.finish(append(b, file...), 0)
}

// Rotate ends a file.
func (w *Writer) Rotate(next string, at uint64, now time.Time) []byte {
	b := w.event(typeRotate, 0, uint32(now.Unix()))
	b = binary.LittleEndian.AppendUint64(b, fileHeaderBytes)
	b = append(b, next...)
	return w.finish(b, at+w.size(b))
}

// fileHeaderBytes is where the first event of a file lies.
const fileHeaderBytes = 4

// FirstOffset is where the first event of a file lies.
const FirstOffset = fileHeaderBytes

// postHeaders are the lengths of the fixed parts of the event types 1 to 42, as MySQL 8.4 has them.
var postHeaders = []byte{0, 13, 0, 8, 0, 0, 0, 0, 4, 0, 4, 0, 0, 0, 99, 0, 4, 26, 8, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 10, 10, 10, 42, 42, 0, 18, 52, 0, 10, 40, 0, 0}

// versionBytes is the room for the server's version in a format description.
const versionBytes = 50

// FormatDescription is the event that says how the others are to be read. at is its offset, or 0 for one that is not at the beginning of a file. It
// always has a checksum, as the byte before says whether the others have.
func (w *Writer) FormatDescription(version string, at uint64) []byte {
	b := w.event(typeFormatDescription, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, 4)
	name := make([]byte, versionBytes)
	copy(name[:versionBytes-1], version)
	b = append(b, name...)
	b = binary.LittleEndian.AppendUint32(b, 0) // no server started with this file: nobody's temporary tables end
	b = append(b, headerBytes)
	b = append(b, postHeaders...)
	algorithm := byte(0)
	if w.Checksum {
		algorithm = 1
	}
	b = append(b, algorithm)
	always := Writer{ServerID: w.ServerID, Checksum: true}
	end := uint64(0)
	if at > 0 {
		end = at + always.size(b)
	}
	return always.finish(b, end)
}

// PreviousGTIDs is the event that says what earlier files hold: all positions below first.
func (w *Writer) PreviousGTIDs(uuid [16]byte, first, at uint64) []byte {
	b := w.event(typePreviousGTIDs, flagIgnorable, 0)
	if first <= 1 {
		b = binary.LittleEndian.AppendUint64(b, 0)
	} else {
		b = binary.LittleEndian.AppendUint64(b, 1)
		b = append(b, uuid[:]...)
		b = binary.LittleEndian.AppendUint64(b, 1)
		b = binary.LittleEndian.AppendUint64(b, 1)
		b = binary.LittleEndian.AppendUint64(b, first)
	}
	return w.finish(b, at+w.size(b))
}

// Heartbeat tells an idle reader how far it is. It is in no file.
func (w *Writer) Heartbeat(file string, offset uint64, v2 bool) []byte {
	if !v2 {
		b := w.event(typeHeartbeat, 0, 0)
		return w.finish(append(b, file...), offset)
	}
	b := w.event(typeHeartbeatV2, 0, 0)
	b = append(b, 1)
	b = appendLength(b, uint64(len(file)))
	b = append(b, file...)
	b = append(b, 2)
	b = appendLength(b, uint64(lengthSize(offset)))
	b = appendLength(b, offset)
	b = append(b, 0)
	return w.finish(b, 0)
}

// appendLength is MySQL's net_store_length.
func appendLength(b []byte, n uint64) []byte {
	switch {
	case n < 251:
		return append(b, byte(n))
	case n < 1<<16:
		return append(b, 252, byte(n), byte(n>>8))
	case n < 1<<24:
		return append(b, 253, byte(n), byte(n>>8), byte(n>>16))
	}
	return binary.LittleEndian.AppendUint64(append(b, 254), n)
}

func lengthSize(n uint64) int {
	switch {
	case n < 251:
		return 1
	case n < 1<<16:
		return 3
	case n < 1<<24:
		return 4
	}
	return 9
}

// xid ends a transaction.
func (w *Writer) xid(id uint64, seconds uint32) []byte {
	return binary.LittleEndian.AppendUint64(w.event(typeXID, 0, seconds), id)
}

// rowsQuery is the text of the statement whose rows follow.
func (w *Writer) rowsQuery(text string, seconds uint32) []byte {
	b := w.event(typeRowsQuery, flagIgnorable, seconds)
	b = append(b, byte(len(text)))
	return append(b, text...)
}

// gtid is the number of a transaction and its place among those that a replica may run beside each other.
type gtid struct {
	anonymous     bool // gtid_mode is OFF
	uuid          [16]byte
	number        uint64
	statement     bool // the transaction is no rows
	lastCommitted uint64
	sequence      uint64
	us            int64
	version       uint32
}

// logicalClock is the only kind of timestamps there is.
const logicalClock = 2

// event writes the event that begins a transaction whose other events have rest bytes.
func (g *gtid) event(w *Writer, seconds uint32, rest uint64) []byte {
	kind, uuid, number := byte(typeGTID), g.uuid, g.number
	if g.anonymous {
		kind, uuid, number = typeAnonymousGTID, [16]byte{}, 0
	}
	b := w.event(kind, 0, seconds)
	flags := byte(0)
	if g.statement {
		flags = 1
	}
	b = append(b, flags)
	b = append(b, uuid[:]...)
	b = binary.LittleEndian.AppendUint64(b, number)
	b = append(b, logicalClock)
	b = binary.LittleEndian.AppendUint64(b, g.lastCommitted)
	b = binary.LittleEndian.AppendUint64(b, g.sequence)
	var us [8]byte
	binary.LittleEndian.PutUint64(us[:], uint64(g.us))
	b = append(b, us[:7]...)
	const versionSize = 4
	length := rest + w.size(b) + versionSize
	for n := 1; ; n = lengthSize(length + uint64(n)) {
		if lengthSize(length+uint64(n)) == n {
			length += uint64(n)
			break
		}
	}
	b = appendLength(b, length)
	return binary.LittleEndian.AppendUint32(b, g.version)
}

// versionNumber is a server's version as a number: 80400 of 8.4.0.
func versionNumber(version string) uint32 {
	var parts [3]uint32
	for i, word := range strings.SplitN(version, ".", 3) {
		for _, c := range []byte(word) {
			if c < '0' || c > '9' {
				break
			}
			parts[i] = parts[i]*10 + uint32(c-'0')
		}
	}
	return parts[0]*10000 + parts[1]*100 + parts[2]
}
