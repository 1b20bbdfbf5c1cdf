package session

import (
	"cmp"
	"slices"

	"marmot/schemas"
	"marmot/txn"
)

// maxTableKeys is how many keys a transaction takes in one table before it takes the whole table.
const maxTableKeys = 10_000

// touch is how one statement uses a table.
type touch struct {
	table         *schemas.Table
	writes        bool
	read          bool // reads a part that no unique key describes
	exclusive     bool // the whole table
	autoIncrement uint64
}

// footprint is what one statement read and took: the keys of its rows and scans, and the tables.
type footprint struct {
	keys    []txn.Key // At is set when the footprint becomes part of the claims
	touches []touch
}

// touch returns the entry of the table, new if need be.
func (f *footprint) touch(t *schemas.Table) *touch {
	for i := range f.touches {
		if f.touches[i].table.ID == t.ID {
			return &f.touches[i]
		}
	}
	f.touches = append(f.touches, touch{table: t})
	return &f.touches[len(f.touches)-1]
}

func (f *footprint) key(table txn.TableID, hash uint64, mode txn.Mode) {
	f.keys = append(f.keys, txn.Key{Table: table, Hash: hash, Mode: mode})
}

// wants lists the locks that the footprint needs, in the one order in which all statements ask:
// tables before keys, both ascending.
func (f *footprint) wants() []want {
	tables := map[txn.TableID]lockMode{}
	for i := range f.touches {
		t := &f.touches[i]
		mode := tables[t.table.ID]
		if t.writes {
			mode |= lockIntentExclusive
		}
		if t.read {
			mode |= lockShared
		}
		if t.exclusive {
			mode |= lockExclusive
		}
		tables[t.table.ID] = mode
	}
	list := make([]want, 0, len(f.keys)+len(f.touches))
	for _, k := range f.keys {
		w := want{resource: resource{table: k.Table, hash: k.Hash}, mode: lockShared}
		intent := lockIntentShared
		if k.Mode == txn.Exclusive {
			w.mode, intent = lockExclusive, lockIntentExclusive
		}
		tables[k.Table] |= intent
		list = append(list, w)
	}
	for id, mode := range tables {
		if mode != 0 {
			list = append(list, want{resource: resource{table: id, whole: true}, mode: mode})
		}
	}
	slices.SortFunc(list, func(a, b want) int {
		if a.whole != b.whole {
			if a.whole {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.hash, b.hash), cmp.Compare(b.mode, a.mode))
	})
	return list
}

// claims are what an open transaction rests on: the footprints of its statements together. All of
// it is good at one position, that of the branch; so keys carry no position of their own here.
type claims struct {
	tables map[txn.TableID]*claim
	order  []txn.TableID // of tables, as they came
}

// claim is the claims' part on one table.
type claim struct {
	use   txn.TableUse
	known bool // the statements of the transaction name the table, so that its version counts
	keys  map[uint64]txn.Mode
	order []uint64 // of keys, as they came
}

func (c *claims) claim(id txn.TableID) *claim {
	if c.tables == nil {
		c.tables = map[txn.TableID]*claim{}
	}
	k := c.tables[id]
	if k == nil {
		k = &claim{use: txn.TableUse{Table: id}, keys: map[uint64]txn.Mode{}}
		c.tables[id] = k
		c.order = append(c.order, id)
	}
	return k
}

// name makes sure that the table's version is one that the transaction needs.
func (c *claims) name(t *schemas.Table) *claim {
	k := c.claim(t.ID)
	k.known = true
	k.use.Database, k.use.Version = t.DBID, t.Version
	return k
}

// add takes in what a statement did.
func (c *claims) add(f *footprint) {
	for i := range f.touches {
		t := &f.touches[i]
		k := c.name(t.table)
		k.use.Writes = k.use.Writes || t.writes
		k.use.Read = k.use.Read || t.read
		k.use.AutoIncrement = max(k.use.AutoIncrement, t.autoIncrement)
		if t.exclusive {
			k.takeAll()
		}
	}
	for _, key := range f.keys {
		k := c.claim(key.Table)
		if k.use.Exclusive {
			continue
		}
		mode, known := k.keys[key.Hash]
		if !known {
			k.order = append(k.order, key.Hash)
		}
		k.keys[key.Hash] = max(mode, key.Mode) // read < reference < exclusive
	}
}

func (k *claim) takeAll() {
	k.use.Exclusive = true
	k.keys, k.order = nil, nil
}

// crowded lists the tables of which the footprint would make the transaction hold too many keys.
func (c *claims) crowded(f *footprint) []txn.TableID {
	added := map[txn.TableID]int{}
	for i := range f.keys {
		added[f.keys[i].Table]++
	}
	var list []txn.TableID
	for id, n := range added {
		k := c.tables[id]
		if k != nil {
			n += len(k.keys)
		}
		if n > maxTableKeys && (k == nil || !k.use.Exclusive) {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}

// transaction fills in the tables and keys of an order record, read at the given position.
func (c *claims) transaction(body *txn.Transaction, at txn.Position) {
	for _, id := range c.order {
		k := c.tables[id]
		if k.known || k.use.Exclusive {
			use := k.use
			if use.Read {
				use.ReadAt = at
			}
			if use.Exclusive {
				use.ExclusiveAt = at
			}
			body.Tables = append(body.Tables, use)
		}
		for _, hash := range k.order {
			body.Keys = append(body.Keys, txn.Key{Table: id, Hash: hash, Mode: k.keys[hash], At: at})
		}
	}
}

// empty reports whether there is nothing that a verdict could be about.
func (c *claims) empty() bool { return len(c.order) == 0 }
