package sqlite

/*
#include "marmot.h"
*/
import "C"

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"marmot/txn"
)

const (
	entryHeader = 30 // bytes before the names; see capture.c
	// keepCaptureBytes of buffer stay with a branch whose captured rows are dropped.
	keepCaptureBytes = 1 << 20
)

var errCaptured = errors.New("captured rows are damaged")

// Row is a captured change of a row, in the order of execution.
type Row struct {
	Alias, Table string
	Op           txn.Op
	// Depth is 0 for what the statement does itself, 1 and more for its triggers.
	Depth int
	// OldRowID and NewRowID differ when the row id changed. Of tables WITHOUT ROWID they mean nothing.
	OldRowID, NewRowID int64
	// Old and New are the images, columns in the table's order, generated ones included; nil
	// where the operation has none.
	Old, New []txn.Value
}

// Mark returns the place behind the last captured row, for Cut and Captured.
func (b *Branch) Mark() int {
	if b.closed {
		return 0
	}
	return int(b.writer.c.captured.n)
}

// Cut drops the rows captured since the mark. The hook does not see what is undone: whoever rolls
// back to a savepoint, or sees a statement fail, cuts at its mark. The policy OR FAIL, which keeps the
// rows before the error, must not be used: nothing tells which they are, since TotalChanges counts the
// changes of triggers even when they are undone.
func (b *Branch) Cut(mark int) {
	if b.closed || mark < 0 || mark > b.Mark() {
		return
	}
	captured := &b.writer.c.captured
	captured.n = C.int64_t(mark)
	if mark == 0 && captured.cap > keepCaptureBytes {
		C.marmot_buffer_free(captured)
	}
}

// CapturedBytes returns the bytes that the captured rows take.
func (b *Branch) CapturedBytes() int64 { return int64(b.Mark()) }

// SetCapture switches the capture off for replays, and on again.
func (b *Branch) SetCapture(on bool) {
	if b.closed {
		return
	}
	b.writer.c.capture_on = 0
	if on {
		b.writer.c.capture_on = 1
	}
}

// SetCaptureLimit bounds the captured bytes; 0 is no bound. A statement that goes beyond runs to its
// end and then fails with ErrCaptureLimit, its transaction intact; only if it would capture as much
// again is it interrupted, which ends the transaction (Error.RolledBack).
func (b *Branch) SetCaptureLimit(bytes int64) {
	if !b.closed {
		b.writer.c.capture_limit = C.int64_t(max(bytes, 0))
	}
}

// Captured hands the rows captured since the mark to each, in order. A Row and its values are good
// until each returns; each must not run statements of the branch.
func (b *Branch) Captured(from int, each func(Row) error) error {
	if b.closed {
		return ErrClosed
	}
	end := b.Mark()
	if from < 0 || from > end {
		return fmt.Errorf("captured rows from %d: there are %d bytes", from, end)
	}
	if from == end {
		return nil
	}
	return readEntries(b.captured()[from:], each)
}

// captured returns the entries where they lie, in C.
func (b *Branch) captured() []byte {
	return unsafe.Slice((*byte)(b.writer.c.captured.data), b.Mark())
}

func readEntries(entries []byte, each func(Row) error) error {
	var row Row
	var old, new []txn.Value
	for len(entries) > 0 {
		entry, rest, err := nextEntry(entries)
		if err != nil {
			return err
		}
		entries = rest
		columns, body := readHeader(entry, &row)
		row.Old, row.New = nil, nil
		if row.Op != txn.Insert {
			if old, body, err = readFlat(old[:0], body, columns); err != nil {
				return fmt.Errorf("%w: old image in %s: %w", errCaptured, row.Table, err)
			}
			row.Old = old
		}
		if row.Op != txn.Delete {
			if new, body, err = readFlat(new[:0], body, columns); err != nil {
				return fmt.Errorf("%w: new image in %s: %w", errCaptured, row.Table, err)
			}
			row.New = new
		}
		if len(body) != 0 {
			return fmt.Errorf("%w: %d bytes too many in %s", errCaptured, len(body), row.Table)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

// nextEntry splits the first entry off, its lengths checked.
func nextEntry(b []byte) (entry, rest []byte, err error) {
	if len(b) < entryHeader {
		return nil, nil, errCaptured
	}
	size := uint64(binary.NativeEndian.Uint32(b))
	names := uint64(binary.NativeEndian.Uint16(b[10:])) + uint64(binary.NativeEndian.Uint16(b[12:]))
	if size < entryHeader+names || size > uint64(len(b)) {
		return nil, nil, errCaptured
	}
	if op := txn.Op(b[4]); op < txn.Insert || op > txn.Delete {
		return nil, nil, errCaptured
	}
	return b[:size], b[size:], nil
}

// readHeader reads the fields before the images. Names are made anew only when they differ from
// those of the row before.
func readHeader(entry []byte, row *Row) (columns int, images []byte) {
	row.Op = txn.Op(entry[4])
	row.Depth = int(binary.NativeEndian.Uint16(entry[6:]))
	columns = int(binary.NativeEndian.Uint16(entry[8:]))
	row.OldRowID = int64(binary.NativeEndian.Uint64(entry[14:]))
	row.NewRowID = int64(binary.NativeEndian.Uint64(entry[22:]))
	endOfAlias := entryHeader + int(binary.NativeEndian.Uint16(entry[10:]))
	endOfTable := endOfAlias + int(binary.NativeEndian.Uint16(entry[12:]))
	if alias := entry[entryHeader:endOfAlias]; row.Alias != string(alias) {
		row.Alias = string(alias)
	}
	if table := entry[endOfAlias:endOfTable]; row.Table != string(table) {
		row.Table = string(table)
	}
	return columns, entry[endOfTable:]
}
