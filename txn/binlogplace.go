package txn

import (
	"fmt"
	"strconv"
	"strings"
)

// BinlogPlace is where a record begins in the binary log as MySQL's replicas see it: files of a fixed number of positions, each of
// which has a slot of BinlogSlot bytes in its file. So every node says the same place of a position, now and later, and stores nothing for it.
type BinlogPlace struct {
	File   uint64 // from 1
	Offset uint64
}

const (
	// BinlogSlot is how many bytes of a binary log file each position has. What a transaction needs beyond its slot has offsets of its end.
	BinlogSlot = 8 << 10
	// binlogFilePositions is how many positions a file has; files are a GiB long then, as MySQL's are.
	binlogFilePositions = 1 << 17
	// binlogPrefix begins the files' names.
	binlogPrefix = "marmot-bin."
)

// PlaceOf is where the record at p begins; p is not 0.
func PlaceOf(p Position) BinlogPlace {
	n := uint64(p) - 1
	return BinlogPlace{File: n/binlogFilePositions + 1, Offset: (n%binlogFilePositions + 1) * BinlogSlot}
}

// EndOf is where the record at p ends: still in its own file, even if the next one begins in another.
func EndOf(p Position) BinlogPlace {
	b := PlaceOf(p)
	b.Offset += BinlogSlot
	return b
}

// Position is the record in whose slot the place lies, and the bytes between the slot's beginning and the place. Places before the first slot
// are the beginning of the file.
func (b BinlogPlace) Position() (p Position, within uint64) {
	first := Position((b.File-1)*binlogFilePositions + 1)
	if b.Offset < BinlogSlot {
		return first, 0
	}
	return first + Position(b.Offset/BinlogSlot-1), b.Offset % BinlogSlot
}

// First is the first position of the file.
func (b BinlogPlace) First() Position { return Position((b.File-1)*binlogFilePositions + 1) }

// Last is the last position of the file.
func (b BinlogPlace) Last() Position { return Position(b.File * binlogFilePositions) }

// Name is the file's name.
func (b BinlogPlace) Name() string { return fmt.Sprintf("%s%06d", binlogPrefix, b.File) }

// ParseBinlogFile reads the name of a file.
func ParseBinlogFile(name string) (file uint64, ok bool) {
	digits, ok := strings.CutPrefix(name, binlogPrefix)
	if !ok {
		return 0, false
	}
	file, err := strconv.ParseUint(digits, 10, 40)
	return file, err == nil && file > 0 && BinlogPlace{File: file}.Name() == name
}

// ownPrefix begins the names of files that hold one transaction.
const ownPrefix = "marmot-transaction."

// OwnFile is the name of the file that holds the record at p and nothing else, for readers for whom it is too large for its slot.
func OwnFile(p Position) string { return fmt.Sprintf("%s%012d", ownPrefix, uint64(p)) }

// ParseOwnFile reads the name of such a file.
func ParseOwnFile(name string) (Position, bool) {
	digits, ok := strings.CutPrefix(name, ownPrefix)
	if !ok {
		return 0, false
	}
	p, err := strconv.ParseUint(digits, 10, 63)
	return Position(p), err == nil && p > 0 && OwnFile(Position(p)) == name
}
