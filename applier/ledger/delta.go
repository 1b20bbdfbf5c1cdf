package ledger

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"

	"marmot/txn"
)

// deltaVersion is the first byte of a delta as it is written where emissions have a state of their own, before which it is the one
// before it: those have the same bytes. Deltas of versions from 1 on are read, and those of
// several versions make one ledger together: after an upgrade the window still holds older ones. Version 1 has no CRC.
const deltaVersion = 3

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// deltas knows when the small state has to be written out in full.
type deltas struct {
	full  txn.Position // position of the last delta that holds all of it, or 0
	bytes int          // of changes since
}

// rewriteBytes is how much small state may always be written again before a full copy is due.
const rewriteBytes = 64 << 10

// AppendDelta appends what changed since it was last called: the hash of the state that the
// deltas so far lead to, numbers, tables, rows and the window's new rows.
//
//	byte      version
//	16 bytes  Hash()
//	bytes     scalars, behind their length
//	byte      1: tables and rows are all there are, earlier ones are not needed
//	tables    number, and 57 bytes each
//	rows      number, and for each its name behind its length, length of the value plus one (0: removed), value
//	window    rows, to the CRC
//	4 bytes   CRC-32C of all of the above, big-endian
func (l *Ledger) AppendDelta(dst []byte) []byte {
	full := l.fullIsDue()
	hash := l.Hash()
	start := len(dst)
	version := byte(deltaVersion)
	if len(l.emissions) == 0 {
		version--
	}
	dst = append(dst, version)
	dst = append(dst, hash[:]...)
	scalars := l.appendScalars(nil)
	dst = append(binary.AppendUvarint(dst, uint64(len(scalars))), scalars...)
	before := len(dst)
	if full {
		dst = append(dst, 1)
		dst = l.appendTables(dst, slices.Sorted(maps.Keys(l.tables.byID)))
		dst = l.appendRows(dst, slices.Sorted(maps.Keys(l.rows.values)))
		l.deltas = deltas{full: l.position}
	} else {
		dst = append(dst, 0)
		dst = l.appendTables(dst, l.tables.dirty)
		dst = l.appendRows(dst, slices.Sorted(maps.Keys(l.rows.dirty)))
		l.deltas.bytes += len(dst) - before
	}
	for _, id := range l.tables.dirty {
		l.tables.byID[id].dirty = false
	}
	l.tables.dirty = l.tables.dirty[:0]
	clear(l.rows.dirty)
	dst = l.window.appendPending(dst)
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// fullIsDue: the last full copy lies before the window, so that its delta may be deleted, or so
// much was written since that reading it all back would cost more than a copy.
func (l *Ledger) fullIsDue() bool {
	d := &l.deltas
	size := len(l.tables.byID)*tableBytes + l.rows.bytes
	return d.full == 0 || d.full <= l.window.start || d.bytes > 2*size+rewriteBytes
}

func (l *Ledger) appendTables(dst []byte, ids []txn.TableID) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(ids)))
	var b [tableBytes]byte
	for _, id := range ids {
		dst = append(dst, l.tables.byID[id].element(id, &b)...)
	}
	return dst
}

func (l *Ledger) appendRows(dst []byte, names []string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(names)))
	for _, name := range names {
		dst = appendText(dst, name)
		value, found := l.rows.values[name]
		if !found {
			dst = append(dst, 0)
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(len(value))+1)
		dst = append(dst, value...)
	}
	return dst
}

// delta is a delta taken apart.
type delta struct {
	hash    txn.Hash128
	scalars []byte
	full    bool
	tables  []byte // 57 bytes each
	rows    []storedRow
	window  []byte
}

type storedRow struct {
	name    string
	value   []byte
	removed bool
}

// checkDelta returns the bytes between version and CRC, which it checks.
func checkDelta(b []byte) ([]byte, error) {
	switch {
	case len(b) == 0 || b[0] == 0:
		return nil, errDamaged
	case b[0] == 1:
		return b[1:], nil
	case b[0] > deltaVersion:
		return nil, fmt.Errorf("it is of version %d, this release reads up to %d; start the release that wrote it, or a later one: %w", b[0], deltaVersion, txn.ErrFuture)
	case len(b) < 1+crc32.Size:
		return nil, errDamaged
	}
	end := len(b) - crc32.Size
	if got := crc32.Checksum(b[:end], castagnoli); got != binary.BigEndian.Uint32(b[end:]) {
		return nil, fmt.Errorf("its checksum is %08x, stored was %08x: %w", got, binary.BigEndian.Uint32(b[end:]), errDamaged)
	}
	return b[1:end], nil
}

func readDelta(b []byte) (delta, error) {
	var d delta
	b, err := checkDelta(b)
	if err != nil {
		return d, err
	}
	r := byteReader{b: b}
	copy(d.hash[:], r.take(uint64(len(d.hash))))
	d.scalars = r.take(r.uvarint())
	flag := r.take(1)
	if r.bad || flag[0] > 1 {
		return d, errDamaged
	}
	d.full = flag[0] == 1
	count := r.uvarint()
	if count > uint64(len(r.b))/tableBytes {
		return d, errDamaged
	}
	d.tables = r.take(count * tableBytes)
	for range r.uvarint() {
		name := r.text()
		length := r.uvarint()
		if r.bad || name == "" {
			return d, errDamaged
		}
		row := storedRow{name: name, removed: length == 0}
		if length > 0 {
			row.value = slices.Clone(r.take(length - 1))
		}
		d.rows = append(d.rows, row)
	}
	d.window = r.b
	if r.bad {
		return d, errDamaged
	}
	return d, nil
}

// Restore builds a ledger from its deltas, oldest first. Those before the window may be
// missing. It is an error if what is left does not give the state whose hash the last one names: a ledger that
// lacks a part must not decide. Without deltas the ledger is that of a log that begins.
func Restore(settings txn.Settings, stored [][]byte) (*Ledger, error) {
	l := New(settings)
	if len(stored) == 0 {
		return l, nil
	}
	list := make([]delta, len(stored))
	full := -1
	for i, b := range stored {
		var err error
		if list[i], err = readDelta(b); err != nil {
			return nil, fmt.Errorf("ledger: delta %d of %d: %w", i+1, len(stored), err)
		}
		if list[i].full {
			full = i
		}
	}
	if full < 0 {
		return nil, fmt.Errorf("ledger: no delta of %d holds the whole small state: %w", len(stored), errDamaged)
	}
	if err := l.load(list, full); err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	last := &list[len(list)-1]
	if got := l.Hash(); got != last.hash {
		return nil, fmt.Errorf("ledger: state at %s has hash %s, stored was %s: %w", l.position, got, last.hash, errDamaged)
	}
	return l, nil
}

func (l *Ledger) load(list []delta, full int) error {
	for i := full; i < len(list); i++ {
		for b := list[i].tables; len(b) > 0; b = b[tableBytes:] {
			l.tables.load(readTable(b))
		}
		for _, row := range list[i].rows {
			if row.removed {
				l.rows.remove(row.name)
			} else {
				l.rows.put(row.name, row.value)
			}
		}
	}
	clear(l.rows.dirty)
	if err := l.view(); err != nil {
		return err
	}
	if err := l.loadScalars(list[len(list)-1].scalars); err != nil {
		return err
	}
	for i := range list {
		if err := l.window.load(list[i].window); err != nil {
			return err
		}
	}
	l.window.pending = l.window.end()
	r := byteReader{b: list[full].scalars}
	l.deltas.full = txn.Position(r.uint64())
	return nil
}

// loadScalars reads what appendScalars wrote.
func (l *Ledger) loadScalars(b []byte) error {
	r := byteReader{b: b}
	l.position = txn.Position(r.uint64())
	l.window.start = txn.Position(r.uint64())
	l.floor = txn.Position(r.uint64())
	l.settings = txn.Settings{Rules: uint32(r.uint64()), WindowRecords: r.uint64(),
		WindowKeys: r.uint64(), CheckpointGap: r.uint64()}
	l.checkpoints.last = txn.Position(r.uint64())
	l.checkpoints.due = txn.Position(r.uint64())
	copy(l.checkpoints.dueHash[:], r.take(uint64(len(l.checkpoints.dueHash))))
	for range l.runs {
		run := l.runs[txn.Epoch(r.uint64())]
		if run == nil {
			return errDamaged
		}
		run.Sequence = txn.Sequence(r.uint64())
	}
	if r.bad || len(r.b) > 0 {
		return errDamaged
	}
	return nil
}

// load enters stored rows, but those before the window.
func (w *window) load(b []byte) error {
	for len(b) > 0 {
		n, whole := rowLength(b)
		if !whole {
			return errDamaged
		}
		if r := readRow(b[:n]); r.position > w.start {
			if r.position <= w.newest {
				return errDamaged
			}
			row := w.room(n)
			copy(row, b[:n])
			w.enter(row)
		}
		b = b[n:]
	}
	return nil
}
