package ledger

import (
	"encoding/binary"

	"marmot/txn"
)

// keyID is a key without its mode.
type keyID struct {
	table txn.TableID
	hash  uint64
}

// taken says where within the window a key was last taken in each mode; 0 is nowhere.
type taken struct{ exclusive, reference txn.Position }

// window remembers who took which key since start.
//
// Its rows, one for each record that took keys, lie one after another in blocks, oldest first,
// in the bytes in which they are stored; an index leads from a key to the last positions.
//
// A row: position 8, exclusive keys 4, reference keys 4, then for each key, exclusive ones first, table 8 and
// hash 8; all big-endian.
//
// Invariant: every position q in rows and index satisfies start < q, and index holds
// exactly the newest position of each key and mode that rows holds.
type window struct {
	start   txn.Position // takings after start are all known
	keys    uint64       // in rows
	newest  txn.Position // of the last row
	index   map[keyID]taken
	blocks  [][]byte
	head    int    // offset of the first row in blocks[0]
	first   uint64 // number of blocks[0], counted from the beginning
	pending place  // first row that is in no delta yet
	sum     sum
}

// place is a row's place: number of its block and offset within it.
type place struct {
	block  uint64
	offset int
}

const (
	rowHeader = 16
	rowKey    = 16
	blockSize = 64 << 10
)

func newWindow() window { return window{index: make(map[keyID]taken)} }

// room returns n bytes at the end of the rows.
func (w *window) room(n int) []byte {
	if last := len(w.blocks) - 1; last >= 0 {
		if b := w.blocks[last]; cap(b)-len(b) >= n {
			w.blocks[last] = b[:len(b)+n]
			return w.blocks[last][len(b):]
		}
	}
	w.blocks = append(w.blocks, make([]byte, n, max(n, blockSize)))
	return w.blocks[len(w.blocks)-1]
}

// take adds the row of a record at p. Keys in mode read leave no trace.
func (w *window) take(p txn.Position, keys []txn.Key) {
	exclusive, reference := 0, 0
	for i := range keys {
		switch keys[i].Mode {
		case txn.Exclusive:
			exclusive++
		case txn.Reference:
			reference++
		}
	}
	if exclusive+reference == 0 {
		return
	}
	row := w.room(rowHeader + rowKey*(exclusive+reference))
	binary.BigEndian.PutUint64(row, uint64(p))
	binary.BigEndian.PutUint32(row[8:], uint32(exclusive))
	binary.BigEndian.PutUint32(row[12:], uint32(reference))
	at := rowHeader
	for _, mode := range [...]txn.Mode{txn.Exclusive, txn.Reference} {
		for i := range keys {
			if keys[i].Mode == mode {
				binary.BigEndian.PutUint64(row[at:], uint64(keys[i].Table))
				binary.BigEndian.PutUint64(row[at+8:], keys[i].Hash)
				at += rowKey
			}
		}
	}
	w.enter(row)
}

// enter counts a row that lies in the blocks.
func (w *window) enter(row []byte) {
	r := readRow(row)
	for i := range r.count() {
		id := r.key(i)
		t := w.index[id]
		if i < r.exclusive {
			t.exclusive = r.position
		} else {
			t.reference = r.position
		}
		w.index[id] = t
	}
	w.keys += uint64(r.count())
	w.newest = r.position
	w.sum.add(row)
}

// evict gives up rows until the oldest position is after start and there are at most keys
// keys, but never the newest row.
func (w *window) evict(start txn.Position, keys uint64) {
	for len(w.blocks) > 0 {
		r := readRow(w.blocks[0][w.head:])
		if r.position > start && (w.keys <= keys || r.position == w.newest) {
			break
		}
		w.forget(r)
		w.start = max(w.start, r.position)
	}
	w.start = max(w.start, start)
}

func (w *window) forget(r row) {
	for i := range r.count() {
		id := r.key(i)
		t := w.index[id]
		if i < r.exclusive && t.exclusive == r.position {
			t.exclusive = 0
		}
		if i >= r.exclusive && t.reference == r.position {
			t.reference = 0
		}
		if t == (taken{}) {
			delete(w.index, id)
		} else {
			w.index[id] = t
		}
	}
	w.keys -= uint64(r.count())
	w.sum.remove(r.bytes)
	w.head += len(r.bytes)
	if w.head == len(w.blocks[0]) {
		w.blocks[0] = nil
		w.blocks = w.blocks[1:]
		w.first++
		w.head = 0
	}
}

// appendPending appends the rows that no delta holds yet.
func (w *window) appendPending(dst []byte) []byte {
	from := w.pending
	if oldest := (place{w.first, w.head}); from.block < oldest.block ||
		from.block == oldest.block && from.offset < oldest.offset {
		from = oldest
	}
	for i := int(from.block - w.first); i < len(w.blocks); i++ {
		dst = append(dst, w.blocks[i][from.offset:]...)
		from.offset = 0
	}
	w.pending = w.end()
	return dst
}

// end is the place of the row that comes next, or one before it that holds nothing.
func (w *window) end() place {
	if len(w.blocks) == 0 {
		return place{block: w.first}
	}
	last := len(w.blocks) - 1
	return place{block: w.first + uint64(last), offset: len(w.blocks[last])}
}

// row is a view of a row's bytes.
type row struct {
	position  txn.Position
	exclusive int
	reference int
	bytes     []byte
}

// readRow reads the row at the start of b, which is known to hold one.
func readRow(b []byte) row {
	r := row{
		position:  txn.Position(binary.BigEndian.Uint64(b)),
		exclusive: int(binary.BigEndian.Uint32(b[8:])),
		reference: int(binary.BigEndian.Uint32(b[12:])),
	}
	r.bytes = b[:rowHeader+rowKey*r.count()]
	return r
}

// rowLength returns the length of the row at the start of b, or false if b does not hold a whole one.
func rowLength(b []byte) (int, bool) {
	if len(b) < rowHeader {
		return 0, false
	}
	count := uint64(binary.BigEndian.Uint32(b[8:])) + uint64(binary.BigEndian.Uint32(b[12:]))
	if count == 0 || count > uint64(len(b)-rowHeader)/rowKey {
		return 0, false
	}
	return rowHeader + rowKey*int(count), true
}

func (r row) count() int { return r.exclusive + r.reference }

func (r row) key(i int) keyID {
	b := r.bytes[rowHeader+rowKey*i:]
	return keyID{table: txn.TableID(binary.BigEndian.Uint64(b)), hash: binary.BigEndian.Uint64(b[8:])}
}
