package store

import (
	"marmot/schemas"
	"marmot/txn"
)

// captured is one row change in the order in which SQLite made it. Images are in the order of
// the table's definition, hidden row id last.
type captured struct {
	table  *binlogTable
	op     txn.Op
	depth  int // 0: the statement itself; above: what cascades and triggers did
	before []txn.Value
	after  []txn.Value
}

// binlogTable is what the binlog form of a table's rows depends on.
type binlogTable struct {
	*schemas.Table
	uniques    []*schemas.Index // in the order in which MySQL checks them
	referenced bool             // a foreign key refers to it
	cascades   []cascade        // what an UPDATE of its rows carries over to children
}

// cascade is a foreign key with ON UPDATE CASCADE or SET NULL, seen from the parent.
type cascade struct {
	child   txn.TableID
	columns []int // of the child
	refers  []int // of the parent
	action  schemas.ReferentialAction
}

// newBinlogTable compiles the rules of t under c.
func newBinlogTable(c *schemas.Catalog, t *schemas.Table) *binlogTable {
	b := &binlogTable{Table: t}
	var nullable []*schemas.Index
	for _, ix := range t.UniqueIndexes() {
		if ix != t.Primary && hasNullablePart(t, ix) {
			nullable = append(nullable, ix)
			continue
		}
		b.uniques = append(b.uniques, ix)
	}
	b.uniques = append(b.uniques, nullable...)
	for _, r := range c.ReferencingTable(t) {
		b.referenced = true
		if a := r.Key.OnUpdate; a != schemas.Cascade && a != schemas.SetNull || r.Child.ID == t.ID {
			continue // MySQL refuses an update cascade into the table that it starts from
		}
		if refers, ok := t.ColumnIndexes(r.Key.ReferencedColumns); ok {
			b.cascades = append(b.cascades, cascade{r.Child.ID, r.Key.Columns, refers, r.Key.OnUpdate})
		}
	}
	return b
}

func hasNullablePart(t *schemas.Table, ix *schemas.Index) bool {
	for _, p := range ix.Parts {
		if p.Column >= 0 && t.Columns[p.Column].Nullable {
			return true
		}
	}
	return false
}

// binlogForm turns the row changes of one statement into what MySQL's binlog would hold: rows
// that an ON UPDATE action changed stand before their parent, a REPLACE is an update or deletes
// and an insert by MySQL's own rule, and an update that changes nothing gives no event but is
// listed in matched. The list is reordered in place.
func binlogForm(rows []captured) (events, matched []txn.RowEvent) {
	cascadesFirst(rows)
	w := binlogWriter{}
	for i := 0; i < len(rows); {
		if rows[i].op != txn.Delete {
			w.add(&rows[i])
			i++
			continue
		}
		end := i + 1
		for end < len(rows) && rows[end].op == txn.Delete && sameStep(&rows[i], &rows[end]) {
			end++
		}
		replaced := end
		if end < len(rows) && rows[end].op == txn.Insert && sameStep(&rows[i], &rows[end]) {
			for replaced > i && rows[end].table.conflict(rows[replaced-1].before, rows[end].after) != nil {
				replaced--
			}
		}
		for ; i < replaced; i++ {
			w.add(&rows[i])
		}
		if replaced < end {
			w.replace(rows[replaced:end], &rows[end])
			i = end + 1
		}
	}
	return w.events, w.matched
}

func sameStep(a, b *captured) bool { return a.table == b.table && a.depth == b.depth }

// cascadesFirst moves the rows that an update's ON UPDATE actions changed before the update.
// SQLite runs them in an AFTER trigger, so they follow it directly, each with its own below it.
func cascadesFirst(rows []captured) {
	for i := 0; i < len(rows); i++ {
		parent := &rows[i]
		if parent.op != txn.Update || len(parent.table.cascades) == 0 {
			continue
		}
		end := i + 1
		for end < len(rows) && rows[end].depth > parent.depth && parent.carriesTo(&rows[end]) {
			depth := rows[end].depth
			for end++; end < len(rows) && rows[end].depth > depth; end++ {
			}
		}
		if end == i+1 {
			continue
		}
		cascadesFirst(rows[i+1 : end])
		moved := rows[i]
		copy(rows[i:], rows[i+1:end])
		rows[end-1] = moved
		i = end - 1
	}
}

// carriesTo reports whether an ON UPDATE action of the parent's change made the child's change.
func (parent *captured) carriesTo(child *captured) bool {
	if child.op != txn.Update {
		return false
	}
	for _, c := range parent.table.cascades {
		if c.child != child.table.ID || !parent.table.refersTo(&c, child.before, parent.before) {
			continue
		}
		if c.action == schemas.SetNull {
			if allNull(child.after, c.columns) {
				return true
			}
			continue
		}
		if parent.table.refersTo(&c, child.after, parent.after) {
			return true
		}
	}
	return false
}

// refersTo reports whether a child row refers to a parent row.
func (t *binlogTable) refersTo(c *cascade, child, parent []txn.Value) bool {
	a, ok := schemas.ForeignKeyHash(t.Table, c.refers, pick(child, c.columns))
	if !ok {
		return false
	}
	b, ok := schemas.ForeignKeyHash(t.Table, c.refers, pick(parent, c.refers))
	return ok && a == b
}

func allNull(row []txn.Value, columns []int) bool {
	for _, c := range columns {
		if !row[c].IsNull() {
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

// conflict returns the first unique key, in MySQL's order, that two rows cannot both have.
func (t *binlogTable) conflict(a, b []txn.Value) *schemas.Index {
	for _, ix := range t.uniques {
		if t.sameKey(ix, a, b) {
			return ix
		}
	}
	return nil
}

func (t *binlogTable) sameKey(ix *schemas.Index, a, b []txn.Value) bool {
	x, ok := t.UniqueOfRow(ix, a)
	if !ok {
		return false
	}
	y, ok := t.UniqueOfRow(ix, b)
	return ok && x == y
}

// binlogWriter collects the events of one statement.
type binlogWriter struct {
	events  []txn.RowEvent
	matched []txn.RowEvent
}

// add takes a row change as it is.
func (w *binlogWriter) add(r *captured) {
	w.emit(r.table, r.op, r.before, r.after)
}

func (w *binlogWriter) emit(t *binlogTable, op txn.Op, before, after []txn.Value) {
	e := txn.RowEvent{Table: t.ID, Version: t.Version, Op: op, Before: before, After: after}
	if op == txn.Update && equalRows(before, after) {
		w.matched = append(w.matched, e)
		return
	}
	w.events = append(w.events, e)
}

// replace writes what MySQL's REPLACE does with the rows in its way (sql_insert.cc, write_record):
// it tries to insert, and the first key that refuses decides. If that is the last unique key, and no
// foreign key refers to the table, the row in the way is updated; else it is deleted, and the
// insert is tried again.
func (w *binlogWriter) replace(deleted []captured, insert *captured) {
	t := insert.table
	rest := make([]*captured, len(deleted))
	for i := range deleted {
		rest[i] = &deleted[i]
	}
	for _, ix := range t.uniques {
		for i, r := range rest {
			if r == nil || !t.sameKey(ix, r.before, insert.after) {
				continue
			}
			if ix == t.uniques[len(t.uniques)-1] && !t.referenced {
				w.emit(t, txn.Update, r.before, insert.after)
				return
			}
			w.emit(t, txn.Delete, r.before, nil)
			rest[i] = nil
		}
	}
	w.emit(t, txn.Insert, nil, insert.after)
}

func equalRows(a, b []txn.Value) bool {
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}
