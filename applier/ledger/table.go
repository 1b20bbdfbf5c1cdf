package ledger

import (
	"encoding/binary"

	"marmot/txn"
)

// table is what the ledger knows of one table: the last positions at which …
type table struct {
	changed   txn.Position // … it was written or one of its keys was taken exclusively
	reference txn.Position // … one of its keys was referenced
	exclusive txn.Position // … it was taken as a whole
	version   txn.Position // … a DDL changed it

	counter  uint64         // greatest AUTO_INCREMENT value given or used
	database txn.DatabaseID // as the last committed record on it said, or 0

	dirty bool // changed since the last delta
}

// tables holds the tables that records have named. A table that was dropped stays: its
// version refuses records that were planned before.
type tables struct {
	byID  map[txn.TableID]*table
	dirty []txn.TableID
	sum   sum
}

const tableBytes = 1 + 7*8

func (t *table) element(id txn.TableID, b *[tableBytes]byte) []byte {
	b[0] = kindTable
	for i, v := range [...]uint64{uint64(id), uint64(t.changed), uint64(t.reference), uint64(t.exclusive),
		uint64(t.version), t.counter, uint64(t.database)} {
		binary.BigEndian.PutUint64(b[1+8*i:], v)
	}
	return b[:]
}

func readTable(b []byte) (txn.TableID, *table) {
	var v [7]uint64
	for i := range v {
		v[i] = binary.BigEndian.Uint64(b[1+8*i:])
	}
	return txn.TableID(v[0]), &table{
		changed: txn.Position(v[1]), reference: txn.Position(v[2]), exclusive: txn.Position(v[3]),
		version: txn.Position(v[4]), counter: v[5], database: txn.DatabaseID(v[6]),
	}
}

// change calls f on the table and keeps the hash and the list of what is dirty true.
func (s *tables) change(id txn.TableID, f func(*table)) {
	var b [tableBytes]byte
	t := s.byID[id]
	if t == nil {
		t = &table{}
		s.byID[id] = t
	} else {
		s.sum.remove(t.element(id, &b))
	}
	f(t)
	s.sum.add(t.element(id, &b))
	if !t.dirty {
		t.dirty = true
		s.dirty = append(s.dirty, id)
	}
}

// get returns the table, an empty one if it is unknown. The caller changes nothing in it.
func (s *tables) get(id txn.TableID) *table {
	if t := s.byID[id]; t != nil {
		return t
	}
	return &unknownTable
}

var unknownTable table

// load puts a stored table in place.
func (s *tables) load(id txn.TableID, t *table) {
	var b [tableBytes]byte
	if old := s.byID[id]; old != nil {
		s.sum.remove(old.element(id, &b))
	}
	s.byID[id] = t
	s.sum.add(t.element(id, &b))
}
