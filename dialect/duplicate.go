package dialect

import (
	"slices"
	"strings"

	"marmot/accounts"
	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// duplicateUpdate is ON DUPLICATE KEY UPDATE. Its locals are the row in the table, the row
// that was to be inserted, and what the assignments name of the SELECT that gave it.
type duplicateUpdate struct {
	assignments []assignment
	columns     []int // all columns that may change, each once
}

// assignment is one column = expression of an UPDATE, computed from a row in Go.
type assignment struct {
	column int
	slot   slot
	query  statement
	// inserted, of VALUES(column): the place of the value, else -1.
	inserted int
}

// duplicateUpdate compiles ON DUPLICATE KEY UPDATE.
func (k *compiler) duplicateUpdate(p *insertPlan, t *sqlparser.Insert) (*duplicateUpdate, error) {
	n := len(p.t.Columns)
	newValue := func(i int) string { return local(n + i) }
	s := &scope{k: k, clause: "field list", sources: []*source{k.rowSource(p.t, p.t.Name, local)}, strictDivision: p.strictDivision(k)}
	own := s.sources[0]
	own.need = p.need
	if t.RowAlias != nil {
		alias := k.rowSource(p.t, t.RowAlias.TableName.String(), newValue)
		alias.database = ""
		for i, c := range t.RowAlias.Columns {
			if len(t.RowAlias.Columns) != len(p.columns) {
				return nil, mysqlerr.New(mysql.ER_VIEW_WRONG_LIST)
			}
			alias.columns[p.columns[i]].name = c.String()
		}
		s.sources = append(s.sources, alias)
	}
	s.sources = append(s.sources, p.selectedSources(2*n)...)
	s.values = func(column string) (expression.Operand, error) {
		i := p.t.ColumnIndex(column)
		if i < 0 {
			return expression.Operand{}, mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, column, s.clause)
		}
		k.reads(own, i)
		k.warnings = append(k.warnings, mysqlerr.Newf(mysql.ER_WARN_DEPRECATED_SYNTAX, "'VALUES function' is deprecated and will be removed in a future release. Please use an alias (INSERT INTO ... VALUES (...) AS alias) and replace VALUES(col) in the ON DUPLICATE KEY UPDATE clause with alias.col instead"))
		o := columnOperand(&p.t.Columns[i], newValue(i))
		if k.padsChars() {
			o = padded(o)
		}
		return o, nil
	}
	d := &duplicateUpdate{}
	for _, e := range t.OnDup {
		i := p.t.ColumnIndex(e.Name.Name.String())
		if i < 0 {
			return nil, mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, columnText(e.Name), "field list")
		}
		k.needsColumn(own, i, accounts.Update, false)
		a, err := k.assignment(s, p.t, i, e.Expr)
		if err != nil {
			return nil, err
		}
		a.inserted = -1
		if v, ok := e.Expr.(*sqlparser.ValuesFuncExpr); ok {
			a.inserted = p.t.ColumnIndex(v.Name.Name.String())
		}
		d.assignments = append(d.assignments, a)
		d.columns = addInt(d.columns, i)
	}
	d.columns = p.alsoChanged(d.columns)
	return d, nil
}

// assignment compiles one column = expression over a row in Go.
func (k *compiler) assignment(s *scope, t *schemas.Table, column int, e sqlparser.Expr) (assignment, error) {
	a := assignment{column: column, inserted: -1}
	c := &t.Columns[column]
	if d, ok := e.(*sqlparser.Default); ok && (d.ColName == "" || strings.EqualFold(d.ColName, c.Name)) {
		return a, nil
	}
	if c.Generated != nil {
		return a, generatedError(t, column)
	}
	r := insertRow{}
	var err error
	if a.slot, err = k.slot(s, &r, c.Type, c.Name, e); err == nil && len(r.query) > 0 {
		a.query = r.query[0]
	}
	return a, err
}

// alsoChanged adds the columns that change with any other: generated ones and ON UPDATE.
func (p *rowPlan) alsoChanged(columns []int) []int {
	for i := range p.generated {
		columns = addInt(columns, p.generated[i].column)
	}
	for _, c := range p.onUpdate {
		columns = addInt(columns, c)
	}
	return columns
}

func addInt(list []int, n int) []int {
	for _, have := range list {
		if have == n {
			return list
		}
	}
	return append(list, n)
}

// single writes one row of REPLACE, INSERT IGNORE or INSERT … ON DUPLICATE KEY UPDATE.
func (r *insertRun) single(row []txn.Value, id autoID) error {
	n := len(r.t.Columns)
	if r.fired != nil && !r.p.replace && r.p.update == nil && !r.p.ignore {
		return r.insertOne(row, id)
	}
	for {
		ix, found, err := r.duplicate(row[:n], nil)
		if err != nil {
			return err
		}
		if found != nil {
			if err := r.broken(row[:n]); err != nil {
				return r.forgive(err)
			}
		}
		switch {
		case found == nil:
			return r.insertOne(row, id)
		case r.p.replace:
			done, err := r.replaceOne(ix, found, row)
			if err != nil || done {
				r.noteID(row, id)
				return err
			}
			continue
		case r.p.update != nil:
			r.copies++
			return r.updateOne(found, row[:n], id)
		}
		r.copies++
		r.warn(r.duplicateError(ix, row))
		return r.touch(found)
	}
}

// insertOne inserts one row; with IGNORE, what refuses it becomes a warning.
func (r *insertRun) insertOne(row []txn.Value, id autoID) error {
	before := r.result.Affected
	err := r.guarded(func() error { return r.batch([][]txn.Value{row}, 0) })
	if err == nil && r.result.Affected > before {
		r.noteID(row, id)
		return r.afterRow("INSERT", nil, row)
	}
	return err
}

// guarded runs the writing of one row. With IGNORE, a refusal undoes it and becomes a warning.
func (w *writer) guarded(f func() error) error {
	if !w.ignore || !w.triggers && !w.referenced {
		return w.forgive(f())
	}
	keep, undo, err := w.x.Savepoint()
	if err != nil {
		return err
	}
	if failed := f(); failed != nil {
		if err := undo(); err != nil {
			return err
		}
		return w.forgive(failed)
	}
	return keep()
}

// forgive turns the errors that IGNORE ignores into warnings.
func (w *writer) forgive(err error) error {
	if err == nil || !w.ignore {
		return err
	}
	switch mysqlerr.Code(err) {
	case mysql.ER_DUP_ENTRY, mysql.ER_NO_REFERENCED_ROW_2, mysql.ER_ROW_IS_REFERENCED_2, mysql.ER_BAD_NULL_ERROR, errCheckViolated:
		w.warn(asMySQL(err))
		w.forgiven = true
		if mysqlerr.Code(err) != mysql.ER_DUP_ENTRY {
			w.refused++
		}
		return nil
	}
	return err
}

// touch writes a row as it is, so that the transaction takes its key: IGNORE relies on it.
func (w *writer) touch(r *storedRow) error {
	column := 0
	if w.identityColumns != nil {
		column = w.identityColumns[0]
	}
	return w.update(r, []int{column}, r.values)
}

// replaceOne makes way for a row of REPLACE, or writes it over the one that it replaces, as
// MySQL does when the conflict is on the last unique key and nothing refers to the table.
func (r *insertRun) replaceOne(ix *schemas.Index, found *storedRow, row []txn.Value) (done bool, err error) {
	n := len(r.t.Columns)
	last := r.unique[len(r.unique)-1].index
	if ix != last || r.referenced || r.fired.has("DELETE") || r.fired.has("INSERT") {
		if err := r.beforeRow("DELETE", found.values, nil); err != nil {
			return false, err
		}
		if _, err := r.remove(found.identity); err != nil {
			return false, err
		}
		if err := r.afterRow("DELETE", found.values, nil); err != nil {
			return false, err
		}
		r.copies++
		r.result.Affected++
		return false, nil
	}
	columns := make([]int, n)
	for i := range columns {
		columns[i] = i
	}
	if err := r.update(found, columns, row[:n]); err != nil {
		return false, err
	}
	r.result.Affected++
	if !equalValues(found.values, row[:n]) {
		r.copies++
		r.result.Affected++
	}
	return true, nil
}

// updateOne carries out ON DUPLICATE KEY UPDATE for the row that was found.
func (r *insertRun) updateOne(found *storedRow, inserted []txn.Value, id autoID) error {
	locals := append(append(make([]txn.Value, 0, 2*len(inserted)+len(r.selected)), found.values...), inserted...)
	locals = append(locals, r.selected...)
	row := locals[:len(inserted)]
	for i := range r.p.update.assignments {
		a := &r.p.update.assignments[i]
		v, err := r.assigned(a, locals)
		if err != nil {
			return err
		}
		row[a.column] = v
	}
	changed, err := r.completed(found.values, row)
	if err != nil {
		return err
	}
	if ok, err := r.kept(r.p.check, row); err != nil || !ok {
		return err
	}
	before := r.result.Affected
	r.forgiven = false
	err = r.guarded(func() error { return r.update(found, r.writable(r.p.update.columns), row) })
	if err != nil {
		return err
	}
	changed = changed && !r.forgiven
	if !r.forgiven {
		if err := r.afterRow("UPDATE", found.values, row); err != nil {
			return err
		}
	}
	switch {
	case changed:
		r.result.Affected = before + 2
	case r.p.found:
		r.result.Affected = before + 1
	}
	if at := r.t.AutoIncrement; at >= 0 && changed && r.p.source == nil {
		r.given = uint64(integerOf(row[at], 0))
	}
	r.noteChangedID(found.values, row, changed)
	return nil
}

// noteChangedID raises the table's counter above an AUTO_INCREMENT value that an UPDATE has set.
func (w *writer) noteChangedID(old, row []txn.Value, changed bool) {
	at := w.t.AutoIncrement
	if at < 0 || !changed || row[at].Equal(old[at]) {
		return
	}
	if n := givenID(row[at]); n > 0 {
		w.e.NoteAutoIncrement(w.t, n)
	}
}

// assigned computes the value of one assignment from the row.
func (w *writer) assigned(a *assignment, locals []txn.Value) (txn.Value, error) {
	if a.inserted >= 0 && a.inserted == a.column {
		return locals[len(w.t.Columns)+a.inserted], nil
	}
	var v txn.Value
	switch a.slot.kind {
	case slotDefault:
		if w.t.Columns[a.column].Generated != nil {
			return locals[a.column], nil
		}
		return w.columnDefault(a.column, locals[:len(w.t.Columns)])
	case slotValue:
		v = a.slot.v
	case slotRef:
		v = encoded(w.b.value(a.slot.ref, nil), a.slot.charset)
	case slotExpression:
		err := a.query.query(w.x, w.b, locals, func(values []txn.Value) error {
			v = values[0].Clone()
			return nil
		})
		if err != nil {
			return v, sqlError(err)
		}
		if a.slot.stored && !v.IsNull() {
			return v, nil
		}
	}
	return w.convert(a.column, v)
}

// columnDefault is DEFAULT for a column, expression defaults included.
func (w *writer) columnDefault(i int, row []txn.Value) (txn.Value, error) {
	for j := range w.defaults {
		if w.defaults[j].column == i {
			copied := append([]txn.Value{}, row...)
			err := w.compute(w.defaults[j:j+1], copied)
			return copied[i], err
		}
	}
	return w.defaultValue(i)
}

// completed is complete, with the BEFORE triggers in between.
func (w *writer) completed(old, row []txn.Value) (changed bool, err error) {
	if changed, err = w.complete(old, row); err != nil || w.fired == nil || len(w.fired.before["UPDATE"]) == 0 {
		return changed, err
	}
	if err := w.beforeRow("UPDATE", old, row); err != nil {
		return changed, err
	}
	if err := w.complain(row, nil); err != nil {
		return changed, err
	}
	return !equalValues(old, row), w.compute(w.generated, row)
}

// writable are the columns that an update writes: all if triggers may have changed others.
func (w *writer) writable(columns []int) []int {
	if w.fired == nil || len(w.fired.before["UPDATE"]) == 0 {
		return columns
	}
	all := make([]int, len(w.t.Columns))
	for i := range all {
		all[i] = i
	}
	return all
}

// beforeInsert activates the BEFORE INSERT triggers of a row. One may set the AUTO_INCREMENT value.
func (r *insertRun) beforeInsert(row []txn.Value, id autoID) (autoID, error) {
	if len(r.fired.before["INSERT"]) == 0 {
		return id, nil
	}
	if err := r.computeEarly(row); err != nil {
		return id, err
	}
	at := r.t.AutoIncrement
	if at >= 0 && id == idGenerated {
		row[at] = r.implicit(&r.t.Columns[at])
	}
	if err := r.beforeRow("INSERT", nil, row); err != nil {
		return id, err
	}
	if at >= 0 && id == idGenerated && !row[at].IsNull() && !isZero(row[at]) {
		if n := givenID(row[at]); n > 0 {
			r.e.NoteAutoIncrement(r.t, n)
		}
		id = idGiven
	}
	if id == idGenerated {
		first, err := r.e.NextAutoIncrement(r.t, 1)
		if err != nil {
			return id, err
		}
		r.ids = append(r.ids, first)
	}
	return id, r.complain(row, r.lacking)
}

// computeEarly computes the generated columns as BEFORE triggers see them: a column that has no value yet has its type's.
func (r *insertRun) computeEarly(row []txn.Value) error {
	if len(r.generated) == 0 {
		return nil
	}
	early := slices.Clone(row)
	for i := range r.t.Columns {
		if c := &r.t.Columns[i]; r.lacking[i] && early[i].IsNull() && !c.Nullable && c.Generated == nil {
			early[i] = r.implicit(c)
		}
	}
	if err := r.compute(r.generated, early); err != nil {
		return err
	}
	for i := range r.generated {
		row[r.generated[i].column] = early[r.generated[i].column]
	}
	return nil
}

// complete fills in what follows from an UPDATE of a row: ON UPDATE columns if it changed and
// did not set them itself, and generated columns.
func (w *writer) complete(old, row []txn.Value) (changed bool, err error) {
	changed = !equalValues(old, row)
	if changed {
		for _, c := range w.onUpdate {
			if !row[c].Equal(old[c]) {
				continue
			}
			if row[c], err = w.now(c); err != nil {
				return changed, err
			}
		}
	}
	return changed, w.compute(w.generated, row)
}
