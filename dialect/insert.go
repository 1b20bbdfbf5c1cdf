package dialect

import (
	"strings"

	"marmot/accounts"
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
	// charset is set for a literal that becomes a binary string: its bytes are those of this character set.
	charset string
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
	need    int // the place of what the statement needs of the table
	ignore  bool
	replace bool
	found   bool // CLIENT_FOUND_ROWS
	rows    []insertRow
	// width, if not 0, is that of the rows of literals behind the first literals in the binding.
	width, literals int
	// charsets are, for each of their columns, what slot.charset is.
	charsets []string
	source   *insertSource
	selected []selectedColumn // of the source's rows, behind the columns
	update   *duplicateUpdate
	triggers []TempTrigger
	multiple bool
	rowwise  bool // a row of VALUES reads the table as the rows before it have left it
	check    *viewCheck
	// places are the partitions that the statement names.
	places []schemas.Place
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
	k.changes = accounts.Insert
	if t.Action == sqlparser.ReplaceAct {
		k.changes |= accounts.Delete
	}
	need, err := k.needInsert(k.databaseName(name), name.Name.String(), t.Action == sqlparser.ReplaceAct)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.String())
	}
	target, err := k.insertTarget(name, names)
	if err != nil {
		return nil, err
	}
	table := target.table
	if values, ok := t.Rows.(sqlparser.Values); ok {
		target.renamed(values)
	}
	target.renamed(t.OnDup)
	if err := k.reopened(table, table.Name); err != nil {
		return nil, err
	}
	p := &insertPlan{need: need, ignore: bool(t.Ignore), replace: t.Action == sqlparser.ReplaceAct, found: k.c.FoundRows, literals: k.literals, check: target.check}
	if p.rowPlan, err = k.newRowPlan(table); err != nil {
		return nil, err
	}
	if len(t.Partitions) > 0 {
		if p.places, err = partitionPlaces(table, partitionList(t.Partitions)); err != nil {
			return nil, err
		}
	}
	if p.partition, err = k.partitionCheck(table, p.places); err != nil {
		return nil, err
	}
	if p.columns, err = target.insertColumns(names); err != nil {
		return nil, err
	}
	target.needsColumns(k, need, p.columns, names)
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
	w := &Write{Targets: []*schemas.Table{table}, Lenient: p.ignore, run: k.reporting(p.run)}
	w.Reachable, p.triggers, err = k.reachable(table, events)
	if err != nil {
		return nil, err
	}
	w.Scans, w.Into = k.scans, true
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
func (t *insertTarget) insertColumns(names []string) ([]int, error) {
	var list []int
	if len(names) == 0 && t.view != nil {
		for i := range t.view.columns {
			names = append(names, t.view.columns[i].name)
		}
	}
	if len(names) == 0 {
		for i := range t.table.Columns {
			if !t.table.Columns[i].Invisible {
				list = append(list, i)
			}
		}
		return list, nil
	}
	for _, n := range names {
		i := t.column(n)
		if i < 0 {
			return nil, mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, n, "field list")
		}
		for _, before := range list {
			if before == i {
				return nil, mysqlerr.New(mysql.ER_FIELD_SPECIFIED_TWICE, n)
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
		k.targets = []targetTable{{p.t, p.t.Name, true}}
		if len(rows) == 1 && collapsed(rows[0]) {
			return k.collapsedRows(p, rows[0])
		}
		for i, row := range rows {
			if len(row) == 0 && len(t.Columns) == 0 {
				p.columns = nil
			}
			r, err := k.insertRow(p, row, i+1)
			if err != nil {
				return err
			}
			p.rows = append(p.rows, r)
		}
		p.rowwise = k.readsTarget
		return nil
	case sqlparser.TableStatement:
		p.multiple = true
		return k.insertSelect(p, p.withSelected(t, rows))
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

func (k *compiler) collapsedRows(p *insertPlan, row sqlparser.ValTuple) error {
	if len(row) != len(p.columns) {
		return mysqlerr.New(mysql.ER_WRONG_VALUE_COUNT_ON_ROW, 1)
	}
	for _, c := range p.columns {
		if p.t.Columns[c].Generated != nil {
			return generatedError(p.t, c)
		}
	}
	p.width = len(row)
	for i, c := range p.columns {
		if charset := k.literalCharset(p.t.Columns[c].Type, literalBase); charset != "" {
			if p.charsets == nil {
				p.charsets = make([]string, len(row))
			}
			p.charsets[i] = charset
		}
	}
	return nil
}

func (p *insertPlan) strictDivision(k *compiler) bool {
	return k.c.Mode&ErrorForDivisionByZero != 0 && k.strict(p.ignore)
}

func generatedError(t *schemas.Table, c int) error {
	return mysqlerr.New(errGeneratedColumn, t.Columns[c].Name, t.Name)
}

// insertRow compiles one row.
func (k *compiler) insertRow(p *insertPlan, row sqlparser.ValTuple, number int) (insertRow, error) {
	r := insertRow{slots: make([]slot, len(row))}
	if len(row) != len(p.columns) {
		return r, mysqlerr.New(mysql.ER_WRONG_VALUE_COUNT_ON_ROW, number)
	}
	s := &scope{k: k, clause: "field list", strictDivision: p.strictDivision(k)}
	// Columns that stand before in the row may be named.
	s.sources = []*source{k.rowSource(p.t, p.t.Name, local)}
	s.sources[0].need = p.need
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
		if ref < rawBase {
			k.want(ref, t)
			k.assign(ref, t)
		}
		return slot{kind: slotRef, ref: rawFor(t, ref), charset: k.literalCharset(t, ref)}, err
	}
	o, err := s.expr(e)
	if err != nil {
		return slot{}, err
	}
	if o.Constant != nil && keepsType(o.Type, t) {
		return slot{kind: slotValue, v: constantFor(o, t)}, nil
	}
	sql, stored := assignSQL(o, t, name)
	r.query = append(r.query, newStatement("SELECT "+sql))
	return slot{kind: slotExpression, at: len(r.query) - 1, stored: stored}, nil
}

// constantFor is a constant as Convert takes it: a hexadecimal literal is a number to a number's column.
func constantFor(o expression.Operand, t schemas.Type) txn.Value {
	v := *o.Constant
	if t.IsBlob() {
		return encoded(v, foreignCharset(o.Type.Charset))
	}
	if expression.IsHexLiteral(o) && (t.IsNumeric() || t.Kind == schemas.Year) && len(v.Bytes()) <= 8 {
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

// keepsType reports whether Convert gives a constant the value that its type means: a date is no text of digits to a number, and
// only text becomes a document.
func keepsType(from, t schemas.Type) bool {
	switch {
	case from.IsTemporal():
		return from.Kind == t.Kind || t.IsText() && t.Kind != schemas.Enum && t.Kind != schemas.Set
	case from.Kind == schemas.Decimal:
		return t.Kind != schemas.JSON && !(t.IsInteger() && t.Unsigned)
	}
	return true
}

// assignSQL is SQL whose value Convert takes for a column of type t; stored: SQL has converted it already.
func assignSQL(o expression.Operand, t schemas.Type, column string) (sql string, stored bool) {
	from := o.Type
	text := from.Kind >= schemas.Char && from.Kind <= schemas.LongText
	plain := false
	switch {
	case t.Kind == schemas.JSON && (from.IsNumeric() || from.IsTemporal() || from.Kind == schemas.Year):
		return "CASE WHEN " + o.SQL + " IS NOT NULL THEN 0 END", false // a number is no document: Convert says so
	case from.Kind == schemas.Time && t.IsTemporal() && t.Kind != schemas.Time, from.Kind == schemas.Date && t.Kind == schemas.Time:
		as := t
		if t.Kind == schemas.Timestamp {
			as.Kind = schemas.DateTime
		}
		if cast, err := expression.Cast(o, as); err == nil {
			return cast.SQL, false
		}
	case from.Kind == schemas.Decimal && t.IsInteger() && t.Unsigned:
		// A number below zero is out of range though it would round to zero.
		return "CASE WHEN " + o.SQL + " LIKE '-%' AND CAST(" + o.SQL + " AS REAL) > -0.5 THEN '-1' ELSE " + o.SQL + " END", false
	case o.Param, from.Kind == 0:
		plain = true
	case from.Kind == schemas.Timestamp && t.Kind != schemas.Timestamp && t.Kind != schemas.JSON && !t.IsNumeric():
		return expression.Local(o).SQL, false
	case from.Kind == schemas.Timestamp:
	case text && t.IsBlob() && foreignCharset(from.Charset) != "":
		if bytes, err := expression.Bytes(o); err == nil {
			return bytes, false
		}
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
	if len(q.columns) != len(p.columns)+len(p.selected) {
		return mysqlerr.New(mysql.ER_WRONG_VALUE_COUNT_ON_ROW, 1)
	}
	src := &insertSource{stored: make([]bool, len(p.columns))}
	var list []string
	same := true
	for i, c := range q.columns {
		if i >= len(p.columns) {
			p.selected[i-len(p.columns)].column = c
			list = append(list, outName(i))
			continue
		}
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
	src.query = queryRun{main: newStatement(sql), virtuals: k.virtuals, matches: k.matches, catalog: k.c.Catalog}
	p.source = src
	return nil
}
