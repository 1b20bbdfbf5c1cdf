package store

import (
	"strings"

	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"
)

// tableWriter writes row events of one version of a table, each with one statement that finds
// the row by its key and compares every stored byte of the image before.
type tableWriter struct {
	table   *schemas.Table
	columns []string // quoted, hidden row id last
	key     string   // condition that finds a row by index
	keyed   []int    // columns whose values the condition's parameters take
	insert  string
	delete  string
	target  string            // qualified, quoted name
	updates map[string]string // by the set of changed columns, one byte each
	args    []txn.Value       // buffer
	changed []byte            // buffer
}

// newTableWriter compiles the statements for a table that SQLite knows under the given schema
// name (empty: the main database).
func newTableWriter(t *schemas.Table, schema string) *tableWriter {
	w := &tableWriter{table: t, updates: map[string]string{}, target: schemas.QuoteSQLite(t.SQLiteName)}
	if schema != "" {
		w.target = schemas.QuoteSQLite(schema) + "." + w.target
	}
	for i := range t.Columns {
		w.columns = append(w.columns, schemas.QuoteSQLite(t.Columns[i].Name))
	}
	if t.Identity == schemas.HiddenRowID {
		w.columns = append(w.columns, schemas.HiddenColumn)
	}
	w.compileKey()
	places := strings.TrimSuffix(strings.Repeat("?, ", len(w.columns)), ", ")
	w.insert = "INSERT INTO " + w.target + " (" + strings.Join(w.columns, ", ") + ") VALUES (" + places + ")"
	w.delete = "DELETE FROM " + w.target + " WHERE " + w.condition()
	return w
}

// compileKey makes the condition by which SQLite finds a row in an index. It only narrows the
// search; that the row is the right one is for the comparison of all columns.
func (w *tableWriter) compileKey() {
	if w.table.Identity == schemas.HiddenRowID {
		w.key, w.keyed = schemas.HiddenColumn+" = ?", []int{len(w.table.Columns)}
		return
	}
	var parts []string
	for _, p := range w.table.Primary.Parts {
		column := w.columns[p.Column]
		part := column + " = ?"
		if w.table.Identity == schemas.UniqueIndex {
			part = indexPart(column, w.table.Columns[p.Column].Type.SQLiteCollation(), p.Prefix)
		}
		parts = append(parts, part)
		w.keyed = append(w.keyed, p.Column)
	}
	w.key = strings.Join(parts, " AND ")
}

// indexPart compares a column with a parameter in the form in which the index holds the column.
func indexPart(column, collation string, prefix int) string {
	left, right := column, "?"
	if prefix > 0 {
		n := ", 1, " + txn.Int(int64(prefix)).String() + ")"
		left, right = "substr("+column+n, "substr(?"+n
	}
	if collation != "" {
		left += " COLLATE " + collation
	}
	return left + " = " + right
}

// condition finds the row whose stored values are all as given.
func (w *tableWriter) condition() string {
	var b strings.Builder
	b.WriteString(w.key)
	for _, c := range w.columns {
		b.WriteString(" AND " + c + " IS ?")
	}
	return b.String()
}

// appendImage appends the parameters of condition.
func (w *tableWriter) appendImage(args, image []txn.Value) []txn.Value {
	for _, c := range w.keyed {
		args = append(args, image[c])
	}
	return append(args, image...)
}

// apply executes a row event. The change must fit exactly one row.
func (w *tableWriter) apply(c *sqlite.Conn, e *txn.RowEvent) error {
	if err := w.fits(e); err != nil {
		return err
	}
	args := w.args[:0]
	var sql string
	switch e.Op {
	case txn.Insert:
		sql, args = w.insert, append(args, e.After...)
	case txn.Delete:
		sql, args = w.delete, w.appendImage(args, e.Before)
	case txn.Update:
		sql, args = w.update(args, e)
	}
	w.args = args
	if err := run(c, sql, args...); err != nil {
		if isConstraint(err) {
			return mismatchf("%s: %v", describe(w, e), err)
		}
		return err
	}
	if n := c.Changes(); n != 1 {
		return w.missed(c, e, n)
	}
	return nil
}

// fits checks that the images have the table's shape.
func (w *tableWriter) fits(e *txn.RowEvent) error {
	before, after := len(w.columns), len(w.columns)
	switch e.Op {
	case txn.Insert:
		before = 0
	case txn.Delete:
		after = 0
	case txn.Update:
	default:
		return mismatchf("row event with op %d", e.Op)
	}
	if len(e.Before) != before || len(e.After) != after {
		return mismatchf("%s with images of %d and %d values, the table has %d columns", e.Op, len(e.Before), len(e.After), len(w.columns))
	}
	return nil
}

// update makes the statement that sets the columns that differ.
func (w *tableWriter) update(args []txn.Value, e *txn.RowEvent) (string, []txn.Value) {
	set := w.changed[:0]
	for i := range w.columns {
		if e.Before[i].Equal(e.After[i]) {
			set = append(set, 0)
			continue
		}
		set = append(set, 1)
		args = append(args, e.After[i])
	}
	w.changed = set
	if len(args) == 0 { // a change of nothing still has to find its row
		set[w.keyed[0]] = 1
		args = append(args, e.After[w.keyed[0]])
	}
	args = w.appendImage(args, e.Before)
	if sql, ok := w.updates[string(set)]; ok {
		return sql, args
	}
	if len(w.updates) >= maxUpdateTexts {
		clear(w.updates)
	}
	sql := w.updateText(set)
	w.updates[string(set)] = sql
	return sql, args
}

// maxUpdateTexts bounds the update statements that one table version keeps: there could be one for
// each subset of its columns.
const maxUpdateTexts = 256

func (w *tableWriter) updateText(set []byte) string {
	var list []string
	for i, c := range w.columns {
		if set[i] == 1 {
			list = append(list, c+" = ?")
		}
	}
	return "UPDATE " + w.target + " SET " + strings.Join(list, ", ") + " WHERE " + w.condition()
}

// missed explains a change that did not hit one row.
func (w *tableWriter) missed(c *sqlite.Conn, e *txn.RowEvent, changes int64) error {
	if changes > 1 {
		return mismatchf("%s hit %d rows", describe(w, e), changes)
	}
	var found []txn.Value
	keys := make([]txn.Value, 0, len(w.keyed))
	for _, k := range w.keyed {
		keys = append(keys, e.Before[k])
	}
	err := query(c, "SELECT "+strings.Join(w.columns, ", ")+" FROM "+w.target+" WHERE "+w.key, func(row []txn.Value) error {
		found = make([]txn.Value, len(row))
		for i := range row {
			found[i] = row[i].Clone()
		}
		return nil
	}, keys...)
	if err != nil {
		return err
	}
	if found == nil {
		return mismatchf("%s: no such row", describe(w, e))
	}
	for i := range found {
		if !found[i].Equal(e.Before[i]) {
			return mismatchf("%s: column %s is %s, the change expects %s", describe(w, e), w.columns[i], shorten(found[i].String()), shorten(e.Before[i].String()))
		}
	}
	return mismatchf("%s: the row did not change", describe(w, e))
}

// describe names a change by its key, for messages.
func describe(w *tableWriter, e *txn.RowEvent) string {
	image := e.Before
	if image == nil {
		image = e.After
	}
	var keys []string
	for _, k := range w.keyed {
		keys = append(keys, shorten(image[k].String()))
	}
	return e.Op.String() + " of row " + strings.Join(keys, ", ")
}
