package schemas

import (
	"encoding/binary"

	"marmot/txn"

	"github.com/zeebo/xxh3"
)

// Key spaces within a table, the first byte of what is hashed. They are part of the log's
// format: two nodes must give the same key the same hash.
const (
	spaceHidden  = 'h' // hidden row id
	spacePrimary = 'p'
	spaceUnique  = 'u'
	spaceForeign = 'f'
	spaceName    = 'n'
)

// NameKey returns the hash that stands for the name of a database, table or view: DDLs that
// create or drop the same name conflict.
func NameKey(name string) uint64 { return xxh3.Hash(append([]byte{spaceName}, name...)) }

// PrimaryKeyHash returns the hash of a row's primary key, or of its hidden row id if the table
// has no primary key. The row holds one value a column, hidden row id included.
func (t *Table) PrimaryKeyHash(row []txn.Value) uint64 {
	var buf [256]byte
	if t.Primary == nil {
		key := append(buf[:0], spaceHidden)
		if len(row) > len(t.Columns) {
			key = binary.BigEndian.AppendUint64(key, uint64(row[len(t.Columns)].Int64()))
		}
		return xxh3.Hash(key)
	}
	key := append(buf[:0], spacePrimary)
	for _, p := range t.Primary.Parts {
		key = SortKey(key, t.Columns[p.Column].Type, row[p.Column], p.Prefix)
	}
	return xxh3.Hash(key)
}

// KeyOfUnique returns the hash of a value of the unique index, or of the primary key, whose
// parts have the given values, as rows would have it. It reports false if a part is NULL (then
// nothing is unique) or an expression.
func (t *Table) KeyOfUnique(ix *Index, values []txn.Value) (uint64, bool) {
	var buf [256]byte
	key := t.keySpace(buf[:0], ix)
	for i, p := range ix.Parts {
		if p.Column < 0 || values[i].IsNull() {
			return 0, false
		}
		key = SortKey(key, t.Columns[p.Column].Type, values[i], p.Prefix)
	}
	return xxh3.Hash(key), true
}

func (t *Table) keySpace(dst []byte, ix *Index) []byte {
	if ix == t.Primary {
		return append(dst, spacePrimary)
	}
	dst = append(dst, spaceUnique)
	return append(append(dst, ix.Name...), 0)
}

// UniqueOfRow is KeyOfUnique with the values taken from a whole row.
func (t *Table) UniqueOfRow(ix *Index, row []txn.Value) (uint64, bool) {
	var buf [256]byte
	key := t.keySpace(buf[:0], ix)
	for _, p := range ix.Parts {
		if p.Column < 0 || row[p.Column].IsNull() {
			return 0, false
		}
		key = SortKey(key, t.Columns[p.Column].Type, row[p.Column], p.Prefix)
	}
	return xxh3.Hash(key), true
}

// RowKeys returns the hashes of a row: primary key (or hidden row id), and each unique key
// that has no NULL part.
func (t *Table) RowKeys(row []txn.Value) []uint64 { return t.AppendRowKeys(nil, row) }

// AppendRowKeys is RowKeys into a buffer of the caller's.
func (t *Table) AppendRowKeys(dst []uint64, row []txn.Value) []uint64 {
	dst = append(dst, t.PrimaryKeyHash(row))
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if !ix.Unique {
			continue
		}
		if h, ok := t.UniqueOfRow(ix, row); ok {
			dst = append(dst, h)
		}
	}
	return dst
}

// ForeignKeyHash returns the hash, in the key space of the given columns of parent, of values
// that a child refers to. Child and parent use the same columns in the same order. It reports
// false if a value is NULL: such a child refers to nothing.
func ForeignKeyHash(parent *Table, columns []int, values []txn.Value) (uint64, bool) {
	var buf [256]byte
	key := append(buf[:0], spaceForeign)
	for _, c := range columns {
		key = append(append(key, parent.Columns[c].Name...), 0)
	}
	for i, c := range columns {
		if values[i].IsNull() {
			return 0, false
		}
		key = SortKey(key, parent.Columns[c].Type, values[i], 0)
	}
	return xxh3.Hash(key), true
}

// KeyRules makes the keys that a transaction takes by changing rows of one table. It is
// built from one catalog and is immutable.
type KeyRules struct {
	table    *Table
	parents  []parentRule
	children [][]int // columns of table that foreign keys refer to, each list once
}

type parentRule struct {
	parent  *Table
	columns []int // of the child
	refers  []int // of the parent
}

// NewKeyRules compiles the rules of t under c.
func NewKeyRules(c *Catalog, t *Table) *KeyRules {
	r := &KeyRules{table: t}
	for i := range t.ForeignKeys {
		fk := &t.ForeignKeys[i]
		parent := c.BaseTable(fk.ReferencedDatabase, fk.ReferencedTable)
		if parent == nil {
			continue
		}
		if refers, ok := parent.ColumnIndexes(fk.ReferencedColumns); ok {
			r.parents = append(r.parents, parentRule{parent: parent, columns: fk.Columns, refers: refers})
		}
	}
	for _, ref := range c.ReferencingTable(t) {
		columns, ok := t.ColumnIndexes(ref.Key.ReferencedColumns)
		if ok && !containsList(r.children, columns) {
			r.children = append(r.children, columns)
		}
	}
	return r
}

func containsList(lists [][]int, list []int) bool {
	for _, l := range lists {
		if equalInts(l, list) {
			return true
		}
	}
	return false
}

func equalInts(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Append appends the keys of a row event whose row was read at the given position: the row's
// own keys before and after, exclusive; what a child refers to, as reference; what children may
// refer to and is deleted or changed, exclusive. For a row that DML matched and did not change,
// pass an Update with equal images.
func (r *KeyRules) Append(dst []txn.Key, e *txn.RowEvent, at txn.Position) []txn.Key {
	var buf [16]uint64
	hashes := buf[:0]
	if e.Before != nil {
		hashes = r.table.AppendRowKeys(hashes, e.Before)
	}
	if e.After != nil && (e.Before != nil || r.table.Identity != HiddenRowID) {
		hashes = r.table.AppendRowKeys(hashes, e.After)
	} else if e.After != nil {
		hashes = append(hashes, r.table.AppendRowKeys(nil, e.After)[1:]...)
	}
	for i, h := range hashes {
		if !containsHash(hashes[:i], h) {
			dst = append(dst, txn.Key{Table: r.table.ID, Hash: h, Mode: txn.Exclusive, At: at})
		}
	}
	return r.appendForeign(dst, e, at)
}

func containsHash(list []uint64, h uint64) bool {
	for _, x := range list {
		if x == h {
			return true
		}
	}
	return false
}

func (r *KeyRules) appendForeign(dst []txn.Key, e *txn.RowEvent, at txn.Position) []txn.Key {
	for i := range r.parents {
		p := &r.parents[i]
		if e.After == nil || e.Before != nil && sameValues(e.Before, e.After, p.columns) {
			continue
		}
		if h, ok := ForeignKeyHash(p.parent, p.refers, pick(e.After, p.columns)); ok {
			dst = append(dst, txn.Key{Table: p.parent.ID, Hash: h, Mode: txn.Reference, At: at})
		}
	}
	for _, columns := range r.children {
		if e.Before == nil || e.After != nil && sameValues(e.Before, e.After, columns) {
			continue
		}
		if h, ok := ForeignKeyHash(r.table, columns, pick(e.Before, columns)); ok {
			dst = append(dst, txn.Key{Table: r.table.ID, Hash: h, Mode: txn.Exclusive, At: at})
		}
	}
	return dst
}

func sameValues(a, b []txn.Value, columns []int) bool {
	for _, c := range columns {
		if !a[c].Equal(b[c]) {
			return false
		}
	}
	return true
}

func pick(row []txn.Value, columns []int) []txn.Value {
	values := make([]txn.Value, len(columns))
	for i, c := range columns {
		values[i] = row[c]
	}
	return values
}
