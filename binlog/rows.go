package binlog

import (
	"encoding/binary"
	"fmt"

	"marmot/txn"
)

// Flags of a rows event.
const (
	rowsEndOfStatement = 0x01
	rowsNoForeignKeys  = 0x02
	rowsCascaded       = 0x10 // what foreign keys do is in the log
)

const (
	// mostRowsBytes is how much a rows event holds before the next row begins another (binlog_row_event_max_size).
	mostRowsBytes = 8192
	// rowsHeaderBytes precede what depends on the table.
	rowsHeaderBytes = 10
)

// rows is a rows event that is being filled.
type rows struct {
	table     *table
	op        txn.Op
	unchecked bool   // its foreign keys hold once the statement is done
	parts     parts  // where all its rows are
	data      []byte // images
}

// overhead is what the event has before the images, by MySQL's count.
func (r *rows) overhead() int {
	n := (len(r.table.columns) + 7) / 8
	if r.op == txn.Update {
		n *= 2
	}
	return rowsHeaderBytes + n + len(r.parts.extra(nil)) - extraOwn + lengthSize(uint64(len(r.table.columns)))
}

// parts are the numbers of the partitions before and after a change, -1 where there is none.
type parts struct{ before, after int }

// extraPartition is the kind of the extra data that names partitions.
const extraPartition = 1

// extraOwn are the bytes of the extra data's length, which counts itself.
const extraOwn = 2

// extra writes the partitions, behind their length.
func (p parts) extra(b []byte) []byte {
	var data []byte
	for _, n := range []int{p.after, p.before} { // an update's new one comes first
		if n >= 0 {
			data = binary.LittleEndian.AppendUint16(data, uint16(n))
		}
	}
	if len(data) == 0 {
		return binary.LittleEndian.AppendUint16(b, extraOwn)
	}
	b = binary.LittleEndian.AppendUint16(b, uint16(extraOwn+1+len(data)))
	return append(append(b, extraPartition), data...)
}

// takes reports whether a row of so many bytes goes into the event.
func (r *rows) takes(t *table, op txn.Op, p parts, bytes int) bool {
	return r.table == t && r.op == op && r.parts == p && r.overhead()+len(r.data)+bytes <= mostRowsBytes
}

// event writes the event; last is true for the last one of a statement.
func (r *rows) event(w *Writer, seconds uint32, last bool) []byte {
	kind := byte(typeWriteRows)
	switch r.op {
	case txn.Update:
		kind = typeUpdateRows
	case txn.Delete:
		kind = typeDeleteRows
	}
	b := w.event(kind, 0, seconds)
	b = appendLittle(b, uint64(r.table.id()), 6)
	flags := uint16(rowsCascaded)
	if last {
		flags |= rowsEndOfStatement
	}
	if r.unchecked {
		flags |= rowsNoForeignKeys
	}
	b = binary.LittleEndian.AppendUint16(b, flags)
	b = r.parts.extra(b)
	n := len(r.table.columns)
	b = appendLength(b, uint64(n))
	b = appendOnes(b, n)
	if r.op == txn.Update {
		b = appendOnes(b, n)
	}
	return append(b, r.data...)
}

// appendOnes writes a bitmap of all columns; what is left of the last byte is set as well.
func appendOnes(b []byte, n int) []byte {
	for range (n + 7) / 8 {
		b = append(b, 0xff)
	}
	return b
}

// appendRow writes the images of a row event.
func (t *table) appendRow(dst []byte, r *txn.RowEvent) ([]byte, error) {
	var err error
	if r.Before != nil {
		if dst, err = t.appendImage(dst, r.Before); err != nil {
			return dst, err
		}
	}
	if r.After != nil {
		dst, err = t.appendImage(dst, r.After)
	}
	return dst, err
}

func (t *table) appendImage(dst []byte, image []txn.Value) ([]byte, error) {
	bits := len(dst)
	dst = append(dst, make([]byte, (len(t.columns)+7)/8)...)
	for i := range t.columns {
		if t.places[i] >= len(image) {
			return dst, fmt.Errorf("the image has %d values and no column %s", len(image), t.columns[i].def.Name)
		}
		v := image[t.places[i]]
		if v.IsNull() {
			dst[bits+i/8] |= 1 << (i % 8)
			continue
		}
		var err error
		if dst, err = t.columns[i].append(dst, v); err != nil {
			return dst, fmt.Errorf("column %s: %w", t.columns[i].def.Name, err)
		}
	}
	return dst, nil
}
