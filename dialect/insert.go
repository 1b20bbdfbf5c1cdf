package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// slot is how one column of one row of INSERT gets its value.
type slot struct {
	kind slotKind
	ref  int       // of slotRef: a parameter or literal
	v    txn.Value // of slotValue
	at   int       // of slotExpression: place in the row's SELECT
	// stored: the value comes in the column's stored form.
	stored bool
}

type slotKind uint8

const (
	slotDefault slotKind = iota
	slotValue
	slotRef
	slotExpression
)

// insertRow is one row of VALUES.
type insertRow struct {
	slots []slot
	// query computes the row's expressions one after the other; nil without any.
	query []statement
}

// insertPlan is a compiled INSERT or REPLACE.
type insertPlan struct {
	*rowPlan
	columns []int
	ignore  bool
	replace bool
	found   bool // CLIENT_FOUND_ROWS
	rows    []insertRow
	// width, if not 0, is that of the rows of literals behind the first literals in the binding.
	width, literals int
	source          *insertSource
	update          *duplicateUpdate
	triggers        []TempTrigger
	multiple        bool
}

// insertSource is the query of INSERT … SELECT.
type insertSource struct {
	query  queryRun
	stored []bool
}

// planInsert plans INSERT and REPLACE.
func (k *compiler) planInsert(t *sqlparser.Insert) (*Plan, error) {
	name, err := t.Table.TableName()
	if err != nil {
		return nil, unsupported("INSERT")
	}
	if k.c.Catalog.View(k.databaseName(name), name.Name.String()) != nil {
		return nil, mysqlerr.New(mysql.ER_NON_INSERTABLE_TABLE, name.Name.String(), "INSERT")
	}
	table, err := k.table(name)
	if err != nil {
		return nil, err
	}
	p := &insertPlan{ignore: bool(t.Ignore), replace: t.Action == sqlparser.ReplaceAct, found: k.c.FoundRows, literals: k.literals}
	if p.rowPlan, err = k.newRowPlan(table); err != nil {
		return nil, err
	}
	if p.columns, err = insertColumns(table, t.Columns); err != nil {
		return nil, err
	}
	if err := k.insertRows(p, t); err != nil {
		return nil, err
	}
	if len(t.OnDup) > 0 {
		if p.update, err = k.duplicateUpdate(p, t); err != nil {
			return nil, err
		}
	}
	events := eventInsert
	if p.replace {
		events |= eventDelete | eventUpdate
	}
	if p.update != nil || p.ignore {
		events |= eventUpdate
	}
	w := &Write{Targets: []*schemas.Table{table}, run: k.reporting(p.run)}
	w.Reachable, p.triggers, err = k.reachable(table, events)
	if err != nil {
		return nil, err
	}
	w.Scans = k.scans
	return k.finish(&Plan{Write: w}), nil
}

// reporting makes a statement that calls LAST_INSERT_ID(expr) report that value.
func (k *compiler) reporting(run func(Executor, Environment, Binding) (WriteResult, error)) func(Executor, Environment, Binding) (WriteResult, error) {
	if !k.setsID {
		return run
	}
	return func(x Executor, e Environment, b Binding) (WriteResult, error) {
		result, err := run(x, e, b)
		if err == nil && !result.GeneratedID {
			result.InsertID = e.LastInsertID()
		}
		return result, err
	}
}

func (k *compiler) databaseName(n sqlparser.TableName) string {
	if q := n.Qualifier.String(); q != "" {
		return q
	}
	return k.c.Database
}

// insertColumns works out which columns the values are for.
func insertColumns(t *schemas.Table, names sqlparser.Columns) ([]int, error) {
	var list []int
	if len(names) == 0 {
		for i := range t.Columns {
			if !t.Columns[i].Invisible {
				list = append(list, i)
			}
		}
		return list, nil
	}
	for _, n := range names {
		i := t.ColumnIndex(n.String())
		if i < 0 {
			return nil, mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, n.String(), "field list")
		}
		for _, before := range list {
			if before == i {
				return nil, mysqlerr.New(mysql.ER_FIELD_SPECIFIED_TWICE, n.String())
			}
		}
		list = append(list, i)
	}
	return list, nil
}

// insertRows compiles VALUES, SET or SELECT.
func (k *compiler) insertRows(p *insertPlan, t *sqlparser.Insert) error {
	switch rows := t.Rows.(type) {
	case sqlparser.Values:
		p.multiple = len(rows) > 1
		k.targets = []targetTable{{p.t, p.t.Name}}
		if len(rows) == 1 && collapsed(rows[0]) {
			return k.collapsedRows(p, rows[0], len(t.Columns) == 0)
		}
		for i, row := range rows {
			if len(row) == 0 && len(t.Columns) == 0 {
				p.columns = nil
			}
			r, err := k.insertRow(p, row, i+1, len(t.Columns) == 0)
			if err != nil {
				return err
			}
			p.rows = append(p.rows, r)
		}
		return nil
	case sqlparser.TableStatement:
		p.multiple = true
		return k.insertSelect(p, rows)
	}
	return unsupported("INSERT")
}

// collapsed reports whether the row stands for many rows of literals.
func collapsed(row sqlparser.ValTuple) bool {
	if len(row) == 0 {
		return false
	}
	a, ok := row[0].(*sqlparser.Argument)
	return ok && strings.HasPrefix(a.Name, "lr")
}

func (k *compiler) collapsedRows(p *insertPlan, row sqlparser.ValTuple, all bool) error {
	if len(row) != len(p.columns) {
		return mysqlerr.New(mysql.ER_WRONG_VALUE_COUNT_ON_ROW, 1)
	}
	for i, c := range p.columns {
		if p.t.Columns[c].Generated != nil {
			return generatedError(p.t, c)
		}
		_ = i
	}
	p.width = len(row)
	return nil
}

func (p *insertPlan) strictDivision(k *compiler) bool {
	return k.c.Mode&ErrorForDivisionByZero != 0 && k.strict(p.ignore)
}

func generatedError(t *schemas.Table, c int) error {
	return mysqlerr.New(errGeneratedColumn, t.Columns[c].Name, t.Name)
}

// insertRow compiles one row.
func (k *compiler) insertRow(p *insertPlan, row sqlparser.ValTuple, number int, all bool) (insertRow, error) {
	r := insertRow{slots: make([]slot, len(row))}
	if len(row) != len(p.columns) {
		return r, mysqlerr.New(mysql.ER_WRONG_VALUE_COUNT_ON_ROW, number)
	}
	s := &scope{k: k, clause: "field list", strictDivision: p.strictDivision(k)}
	// Columns that stand before in the row may be named.
	s.sources = []*source{rowSource(p.t, p.t.Name, local)}
	s.defaults = func(column string) (expression.Operand, error) {
		i := p.t.ColumnIndex(column)
		if i < 0 {
			return expression.Operand{}, mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, column, s.clause)
		}
		return k.defaultOperand(p.t, i)
	}
	for i, e := range row {
		c := p.columns[i]
		if d, ok := e.(*sqlparser.Default); ok && (d.ColName == "" || strings.EqualFold(d.ColName, p.t.Columns[c].Name)) {
			continue
		}
		if p.t.Columns[c].Generated != nil {
			return r, generatedError(p.t, c)
		}
		var err error
		if r.slots[i], err = k.slot(s, &r, p.t.Columns[c].Type, p.t.Columns[c].Name, e); err != nil {
			return r, err
		}
	}
	return r, nil
}

// slot compiles one value.
func (k *compiler) slot(s *scope, r *insertRow, t schemas.Type, name string, e sqlparser.Expr) (slot, error) {
	if a, ok := e.(*sqlparser.Argument); ok {
		ref, _, err := k.reference(a.Name)
		return slot{kind: slotRef, ref: ref}, err
	}
	o, err := s.expr(e)
	if err != nil {
		return slot{}, err
	}
	if o.Constant != nil {
		return slot{kind: slotValue, v: constantFor(o, t)}, nil
	}
	sql, stored := assignSQL(o, t, name)
	r.query = append(r.query, newStatement("SELECT "+sql))
	return slot{kind: slotExpression, at: len(r.query) - 1, stored: stored}, nil
}

// constantFor is a constant as Convert takes it: a hexadecimal literal is a number to a number's column.
func constantFor(o expression.Operand, t schemas.Type) txn.Value {
	v := *o.Constant
	if v.Kind() == txn.KindBlob && (t.IsNumeric() || t.Kind == schemas.Year) && len(v.Bytes()) <= 8 {
		var n uint64
		for _, b := range v.Bytes() {
			n = n<<8 | uint64(b)
		}
		if n < 1<<63 {
			return txn.Int(int64(n))
		}
		return txn.TextString(uintText(n))
	}
	return v
}

// assignSQL is SQL whose value Convert takes for a column of type t; stored: SQL has converted it already.
func assignSQL(o expression.Operand, t schemas.Type, column string) (sql string, stored bool) {
	from := o.Type
	text := from.Kind >= schemas.Char && from.Kind <= schemas.LongText
	plain := false
	switch {
	case o.Param, from.Kind == 0:
		plain = true
	case from.Kind == schemas.Timestamp && t.Kind != schemas.Timestamp && t.Kind != schemas.JSON && !t.IsNumeric():
		return expression.Local(o).SQL, false
	case from.Kind == schemas.Timestamp:
	case text:
		plain = true
	case from.IsInteger(), from.Kind == schemas.Decimal, from.Kind == schemas.Double:
		plain = t.Kind != schemas.JSON && !(from.IsInteger() && from.Zerofill)
	case from.IsBlob():
		plain = o.Constant == nil && t.Kind != schemas.JSON
	case from.Kind == schemas.Enum, from.Kind == schemas.Set:
		plain = t.IsText()
	case from.IsTemporal():
		plain = t.IsText() || t.IsTemporal()
	}
	if plain {
		return o.SQL, false
	}
	return expression.Assign(o, t, column), true
}

// insertSelect compiles INSERT … SELECT.
func (k *compiler) insertSelect(p *insertPlan, t sqlparser.TableStatement) error {
	s := &scope{k: k, clause: "field list", strictDivision: p.strictDivision(k)}
	q, err := s.tableStatement(t)
	if err != nil {
		return err
	}
	if len(q.columns) != len(p.columns) {
		return mysqlerr.New(mysql.ER_WRONG_VALUE_COUNT_ON_ROW, 1)
	}
	src := &insertSource{stored: make([]bool, len(q.columns))}
	var list []string
	same := true
	for i, c := range q.columns {
		column := &p.t.Columns[p.columns[i]]
		if column.Generated != nil {
			return generatedError(p.t, p.columns[i])
		}
		o := c.operand
		o.SQL, o.Constant = outName(i), nil
		sql, stored := assignSQL(o, column.Type, column.Name)
		same = same && sql == o.SQL
		src.stored[i] = stored
		list = append(list, sql)
	}
	sql := q.sql
	if !same {
		sql = "SELECT " + strings.Join(list, ", ") + " FROM (" + sql + ")"
	}
	src.query = queryRun{main: newStatement(sql), virtuals: k.virtuals, catalog: k.c.Catalog}
	p.source = src
	return nil
}

// insertRun is one execution of an INSERT.
type insertRun struct {
	*writer
	p *insertPlan
	// pending are finished rows that wait to be written together.
	pending [][]txn.Value
	numbers []int // of the pending rows
	result  WriteResult
	copies  int // duplicates found
	given   uint64
	// ids are AUTO_INCREMENT values at hand, where a row that is not inserted leaves its value to the next.
	ids []uint64
}

func (p *insertPlan) run(x Executor, e Environment, b Binding) (WriteResult, error) {
	for _, t := range p.triggers {
		if err := x.Trigger(t); err != nil {
			return WriteResult{}, err
		}
	}
	r := &insertRun{writer: p.writer(x, e, b, p.ignore), p: p}
	rows, err := r.gather()
	if err != nil {
		return r.result, err
	}
	if err := r.number(rows); err != nil {
		return r.result, err
	}
	for i := range rows {
		if err := r.write(rows[i].values, i+1, rows[i].id); err != nil {
			return r.result, err
		}
		rows[i] = newRow{}
	}
	if err := r.flush(); err != nil {
		return r.result, err
	}
	if r.result.InsertID == 0 {
		r.result.InsertID = r.given
	}
	if p.multiple || len(rows) > 1 {
		r.result.Info = fmt.Sprintf("Records: %d  Duplicates: %d  Warnings: %d", len(rows), r.copies, r.warned)
	}
	return r.result, nil
}

// newRow is a row on its way into the table.
type newRow struct {
	values []txn.Value // one a column
	id     autoID
}

// autoID says where a row's AUTO_INCREMENT value comes from.
type autoID uint8

const (
	idNone autoID = iota
	idGiven
	idGenerated
)

// gather computes all rows before the first is written.
func (r *insertRun) gather() ([]newRow, error) {
	p := r.p
	var rows []newRow
	add := func(values []txn.Value, stored []bool, defaults []bool) error {
		r.assign.Row = len(rows) + 1
		row, err := r.newRow(values, stored, defaults)
		rows = append(rows, row)
		return err
	}
	if p.width > 0 {
		literals := r.b.Literals[p.literals:]
		rows = make([]newRow, 0, len(literals)/p.width)
		for len(literals) >= p.width {
			if err := add(literals[:p.width], nil, nil); err != nil {
				return nil, err
			}
			literals = literals[p.width:]
		}
		return rows, nil
	}
	if p.source != nil {
		var list [][]txn.Value
		err := p.source.query.run(r.x, r.e, r.b, func(values []txn.Value) error {
			list = append(list, cloneValues(values))
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, values := range list {
			if err := add(values, p.source.stored, nil); err != nil {
				return nil, err
			}
		}
		return rows, nil
	}
	for i := range p.rows {
		r.assign.Row = i + 1
		values, stored, defaults, err := r.slots(&p.rows[i])
		if err == nil {
			err = add(values, stored, defaults)
		}
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// slots computes the values of one row of VALUES. An expression sees the columns before it.
func (r *insertRun) slots(row *insertRow) (values []txn.Value, stored, defaults []bool, err error) {
	n := len(row.slots)
	values, stored, defaults = make([]txn.Value, n), make([]bool, n), make([]bool, n)
	var before []txn.Value
	if len(row.query) > 0 {
		if before, err = r.blank(); err != nil {
			return nil, nil, nil, err
		}
	}
	for i := range row.slots {
		s := &row.slots[i]
		switch s.kind {
		case slotDefault:
			defaults[i] = true
			continue
		case slotValue:
			values[i] = s.v
		case slotRef:
			values[i] = r.b.value(s.ref, nil)
		case slotExpression:
			err := row.query[s.at].query(r.x, r.b, before, func(v []txn.Value) error {
				values[i] = v[0].Clone()
				return nil
			})
			if err != nil {
				return nil, nil, nil, sqlError(err)
			}
			stored[i] = s.stored
		}
		if before != nil {
			c := &r.t.Columns[r.p.columns[i]]
			if v, _, err := schemas.Convert(c.Type, c.Name, values[i], schemas.Assignment{Zone: r.assign.Zone}); err == nil {
				before[r.p.columns[i]] = v
			}
		}
	}
	return values, stored, defaults, nil
}

// blank is a row of defaults, which expressions see in place of columns that have no value yet.
func (r *insertRun) blank() ([]txn.Value, error) {
	row := make([]txn.Value, len(r.t.Columns))
	for i := range r.t.Columns {
		if d := r.t.Columns[i].Default; d != nil && d.Expression == "" && !d.Now {
			row[i] = d.Literal
		}
	}
	return row, nil
}

// newRow converts the values that a statement gives and fills in the others, but for
// AUTO_INCREMENT, expression defaults and generated columns.
func (r *insertRun) newRow(values []txn.Value, stored, defaults []bool) (newRow, error) {
	t := r.t
	n := len(t.Columns)
	row := newRow{values: make([]txn.Value, n, n+1)}
	var buf [64]bool
	given := buf[:0]
	if n > len(buf) {
		given = make([]bool, 0, n)
	}
	given = given[:n]
	for i, c := range r.p.columns {
		if defaults != nil && defaults[i] {
			continue
		}
		given[c] = true
		v := values[i]
		if c == t.AutoIncrement && v.IsNull() {
			row.id = idGenerated
			continue
		}
		var err error
		if stored != nil && stored[i] && !v.IsNull() {
			row.values[c] = v
		} else if row.values[c], err = r.convert(c, v); err != nil {
			return row, err
		}
		if c == t.AutoIncrement {
			row.id = idGiven
			if isZero(row.values[c]) && r.e.Mode()&NoAutoValueOnZero == 0 {
				row.id = idGenerated
			}
		}
	}
	for i := range n {
		if given[i] {
			continue
		}
		if i == t.AutoIncrement {
			row.id = idGenerated
			continue
		}
		var err error
		if row.values[i], err = r.defaultValue(i); err != nil {
			return row, err
		}
	}
	for i := range r.defaults {
		if c := r.defaults[i].column; !given[c] {
			if err := r.compute(r.defaults[i:i+1], row.values); err != nil {
				return row, err
			}
		}
	}
	return row, nil
}

func isZero(v txn.Value) bool {
	return v.Kind() == txn.KindInteger && v.Int64() == 0 || v.Kind() == txn.KindReal && v.Float64() == 0
}

// number gives the rows that want one an AUTO_INCREMENT value, runs of them at once, and notes
// the values that were given.
func (r *insertRun) number(rows []newRow) error {
	at := r.t.AutoIncrement
	if at < 0 {
		return nil
	}
	for i := 0; i < len(rows); i++ {
		switch rows[i].id {
		case idGiven:
			if n := integerOf(rows[i].values[at], 0); n > 0 {
				r.e.NoteAutoIncrement(r.t, uint64(n))
			}
		case idGenerated:
			run := 1
			for i+run < len(rows) && rows[i+run].id == idGenerated {
				run++
			}
			first, err := r.e.NextAutoIncrement(r.t, uint64(run))
			if err != nil {
				return err
			}
			for j := range run {
				if r.p.ignore || r.p.update != nil {
					r.ids = append(r.ids, first+uint64(j))
					continue
				}
				if rows[i+j].values[at], err = r.autoValue(first + uint64(j)); err != nil {
					return err
				}
			}
			i += run - 1
		}
	}
	return nil
}

// autoValue is an AUTO_INCREMENT value in the stored form of its column.
func (r *insertRun) autoValue(n uint64) (txn.Value, error) {
	c := &r.t.Columns[r.t.AutoIncrement]
	v, _, err := schemas.Convert(c.Type, c.Name, txn.TextString(uintText(n)), schemas.Assignment{Strict: true})
	if err != nil {
		return v, mysqlerr.New(mysql.ER_AUTOINC_READ_FAILED)
	}
	return v, nil
}

// write writes one row: at once where duplicates matter, else together with others.
func (r *insertRun) write(row []txn.Value, number int, id autoID) error {
	r.assign.Row = number
	if id == idGenerated && len(r.ids) > 0 {
		var err error
		if row[r.t.AutoIncrement], err = r.autoValue(r.ids[0]); err != nil {
			return err
		}
	}
	if err := r.compute(r.generated, row); err != nil {
		return err
	}
	if r.t.Identity == schemas.HiddenRowID {
		n, err := r.e.NextHiddenRowID()
		if err != nil {
			return err
		}
		row = append(row, txn.Int(n))
	}
	if r.p.replace || r.p.update != nil || r.p.ignore {
		return r.single(row, id)
	}
	r.noteID(row, id)
	r.pending = append(r.pending, row)
	if len(r.pending) >= 64 {
		return r.flush()
	}
	return nil
}

// noteID remembers the AUTO_INCREMENT value of a row that is written.
func (r *insertRun) noteID(row []txn.Value, id autoID) {
	at := r.t.AutoIncrement
	if at < 0 {
		return
	}
	if id == idGenerated && len(r.ids) > 0 {
		r.ids = r.ids[1:]
	}
	n := uint64(integerOf(row[at], 0))
	if row[at].Kind() == txn.KindText {
		n, _ = strconv.ParseUint(string(row[at].Bytes()), 10, 64)
	}
	if id == idGenerated && !r.result.GeneratedID {
		r.result.InsertID, r.result.GeneratedID = n, true
	} else if id == idGiven {
		r.given = n
	}
}

// maxBound bounds the values of one statement.
const maxBound = 8000

// flush writes the pending rows, in statements of 64, 8 and 1 rows.
func (r *insertRun) flush() error {
	for len(r.pending) > 0 {
		step, n := 0, 1
		for next := 8; step+1 < batchSteps && len(r.pending) >= next && next*len(r.pending[0]) <= maxBound; next *= 8 {
			step, n = step+1, next
		}
		if err := r.batch(r.pending[:n], step); err != nil {
			return err
		}
		r.pending = r.pending[n:]
	}
	r.pending = r.pending[:0]
	return nil
}

func (r *insertRun) batch(rows [][]txn.Value, step int) error {
	var args []txn.Value
	if len(rows) == 1 {
		args = rows[0]
	} else {
		args = make([]txn.Value, 0, len(rows)*len(rows[0]))
		for _, row := range rows {
			args = append(args, row...)
		}
	}
	if r.insert[step] == "" {
		r.insert[step] = r.insertSQL(len(rows), len(rows[0]))
	}
	_, err := r.x.Exec(r.insert[step], args)
	if err == nil {
		r.result.Affected += uint64(len(rows))
		return nil
	}
	if len(rows) > 1 && isUniqueViolation(sqlError(err)) {
		// One by one, to find the row that failed.
		for _, row := range rows {
			if err := r.batch([][]txn.Value{row}, 0); err != nil {
				return err
			}
		}
		return nil
	}
	return r.failure(err, rows[0], nil)
}

func (p *rowPlan) insertSQL(rows, width int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + p.table + " (" + p.insertColumns + ") VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := range width {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteString("?" + strconv.Itoa(i*width+j+1))
		}
		b.WriteByte(')')
	}
	return b.String()
}
