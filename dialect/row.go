package dialect

import (
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// rowPlan is what a plan knows of writing rows of one table.
type rowPlan struct {
	t     *schemas.Table
	table string // in SQL
	// identity lists the SQL names of the columns by which a row is found again.
	identity []string
	// identityColumns are their places in t.Columns; nil when the identity is a row id.
	identityColumns []int
	generated       []computed
	checks          []rowConstraint
	defaults        []computed // expression defaults
	onUpdate        []int      // columns with ON UPDATE CURRENT_TIMESTAMP
	unique          []uniqueProbe
	referenced      bool // a foreign key refers to the table
	triggers        bool // the table has checks or foreign keys, so that a row may fail after it is written
	insertColumns   string
	fired           *fired          // the table's triggers, or nil
	partition       *partitionCheck // nil: every row has a partition
}

// computed is a column whose value an expression over the row gives.
type computed struct {
	column    int
	statement statement // locals are the row's columns
}

// rowConstraint tells whether a row breaks a CHECK.
type rowConstraint struct {
	name      string
	statement statement // locals are the row's columns; its value is 1 if they break it
}

// uniqueProbe finds the row that has the same value of a unique key.
type uniqueProbe struct {
	index     *schemas.Index
	statement statement // locals are the new row's columns
}

// newRowPlan compiles what writing rows of t needs.
func (k *compiler) newRowPlan(t *schemas.Table) (*rowPlan, error) {
	p := &rowPlan{t: t, table: tableSQL(t)}
	p.identity, p.identityColumns = identityOf(t)
	p.referenced = len(k.c.Catalog.ReferencingTable(t)) > 0
	p.fired = k.firedOf(t)
	p.triggers = len(t.ForeignKeys) > 0 || len(t.Checks) > 0
	var err error
	if p.partition, err = k.partitionCheck(t, nil); err != nil {
		return nil, err
	}
	var names []string
	for i := range t.Columns {
		c := &t.Columns[i]
		names = append(names, schemas.QuoteSQLite(c.Name))
		if c.OnUpdateNow {
			p.onUpdate = append(p.onUpdate, i)
		}
		text := ""
		switch {
		case c.Generated != nil:
			text = c.Generated.Expression
		case c.Default != nil:
			text = c.Default.Expression
		}
		if text == "" {
			continue
		}
		o, err := k.rowExpression(t, text, local)
		if err != nil {
			return nil, err
		}
		one := computed{column: i, statement: newStatement("SELECT " + expression.Local(o).SQL)}
		if c.Generated != nil {
			p.generated = append(p.generated, one)
		} else {
			p.defaults = append(p.defaults, one)
		}
	}
	if t.Identity == schemas.HiddenRowID {
		names = append(names, schemas.HiddenColumn)
	}
	p.insertColumns = strings.Join(names, ", ")
	for i := range t.Checks {
		if !t.Checks[i].Enforced {
			continue
		}
		o, err := k.rowExpression(t, t.Checks[i].Expression, local)
		if err != nil {
			return nil, err
		}
		o = expression.Local(o)
		p.checks = append(p.checks, rowConstraint{t.Checks[i].Name, newStatement("SELECT NOT (" + expression.Truth(o) + ")")})
	}
	for _, ix := range t.UniqueIndexes() {
		if probe, ok := p.probe(ix); ok {
			p.unique = append(p.unique, probe)
		}
	}
	return p, nil
}

// identityOf lists the columns by which SQLite finds a row of t again.
func identityOf(t *schemas.Table) (names []string, columns []int) {
	switch t.Identity {
	case schemas.HiddenRowID:
		return []string{schemas.HiddenColumn}, nil
	case schemas.UniqueIndex:
		for _, name := range []string{"rowid", "_rowid_", "oid"} {
			if t.ColumnIndex(name) < 0 {
				return []string{name}, nil
			}
		}
	}
	for _, p := range t.Primary.Parts {
		names = append(names, schemas.QuoteSQLite(t.Columns[p.Column].Name))
		columns = append(columns, p.Column)
	}
	return names, columns
}

// probe compiles the search for a row with the same value of a unique index.
func (p *rowPlan) probe(ix *schemas.Index) (uniqueProbe, bool) {
	var conditions []string
	for _, part := range ix.Parts {
		if part.Column < 0 {
			return uniqueProbe{}, false
		}
		c := &p.t.Columns[part.Column]
		left, right := schemas.QuoteSQLite(c.Name), local(part.Column)
		if part.Prefix > 0 {
			cut := ", 1, " + strconv.Itoa(part.Prefix) + ")"
			left, right = "substr("+left+cut, "substr("+right+cut
		}
		if collation := c.Type.SQLiteCollation(); collation != "" {
			left += " COLLATE " + collation
		}
		conditions = append(conditions, left+" = "+right)
	}
	sql := "SELECT " + strings.Join(p.rowColumns(""), ", ") + " FROM " + p.table + " WHERE " + strings.Join(conditions, " AND ")
	return uniqueProbe{index: ix, statement: newStatement(sql)}, true
}

// rowColumns lists the SQL of the identity and of all columns, in this order.
func (p *rowPlan) rowColumns(alias string) []string {
	if alias != "" {
		alias += "."
	}
	var list []string
	for _, n := range p.identity {
		list = append(list, alias+n)
	}
	for i := range p.t.Columns {
		list = append(list, alias+schemas.QuoteSQLite(p.t.Columns[i].Name))
	}
	return list
}

// storedRow is a row that is in the file: its identity and its columns.
type storedRow struct {
	identity []txn.Value
	values   []txn.Value
}

func (p *rowPlan) split(values []txn.Value) storedRow {
	list := cloneValues(values)
	n := len(p.identity)
	return storedRow{identity: list[:n], values: list[n : n+len(p.t.Columns)]}
}

func cloneValues(values []txn.Value) []txn.Value {
	list := make([]txn.Value, len(values))
	for i, v := range values {
		list[i] = v.Clone()
	}
	return list
}

// rowExpression compiles MySQL text over the columns of one row of t.
func (k *compiler) rowExpression(t *schemas.Table, text string, columnSQL func(i int) string) (expression.Operand, error) {
	p, err := parse([]byte("SELECT " + text))
	if err != nil {
		return expression.Operand{}, err
	}
	sel, ok := p.statement.(*sqlparser.Select)
	if !ok || len(sel.SelectExprs.Exprs) != 1 {
		return expression.Operand{}, syntaxError([]byte(text), 0)
	}
	a, ok := sel.SelectExprs.Exprs[0].(*sqlparser.AliasedExpr)
	if !ok {
		return expression.Operand{}, syntaxError([]byte(text), 0)
	}
	context := *k.c
	context.Database = t.Database
	context.Locale, context.DivisionDelta = "", 0 // what is stored is the same in every session
	inner := &compiler{c: &context, p: p, stored: true}
	s := &scope{k: inner, clause: "field list", sources: []*source{inner.rowSource(t, t.Name, columnSQL)}}
	return s.expr(a.Expr)
}

// rowSource offers the columns of one row of t under SQL of the caller's.
func (k *compiler) rowSource(t *schemas.Table, name string, columnSQL func(i int) string) *source {
	src := &source{name: name, database: t.Database, scan: -1, pads: k.padsChars()}
	for i := range t.Columns {
		src.columns = append(src.columns, sourceColumn{name: t.Columns[i].Name, operand: columnOperand(&t.Columns[i], columnSQL(i)), meta: columnMeta(t, i, name)})
	}
	return src
}

// compileTableExpression compiles an expression over the columns of t, each named without its
// table: for generated columns, CHECKs and expression defaults.
func compileTableExpression(c *Context, t *schemas.Table, text string) (expression.Operand, error) {
	k := newCompiler(c, nil)
	return k.rowExpression(t, text, func(i int) string { return schemas.QuoteSQLite(t.Columns[i].Name) })
}

// writer writes rows of one table during one execution.
type writer struct {
	*rowPlan
	x      Executor
	e      Environment
	b      Binding
	ignore bool
	// oneRow: an INSERT of one row, for which NULL where there may be none is an error in every mode.
	oneRow bool
	// lateNulls: a BEFORE trigger may yet put something in the place of NULL.
	lateNulls bool
	assign    schemas.Assignment
	// warned counts the statement's warnings.
	warned int
	// forgiven: IGNORE has made a warning of the last refusal; refused counts those that are no duplicates.
	forgiven bool
	refused  int
	// holding: warnings gather in held, until the row that they are about is written.
	holding bool
	held    []*mysqlerr.Error
	insert  [batchSteps]string
}

// batchSteps is how many sizes of multi-row INSERT there are: 1, 8 and 64 rows.
const batchSteps = 3

func (p *rowPlan) writer(x Executor, e Environment, b Binding, ignore bool) *writer {
	mode := e.Mode()
	return &writer{rowPlan: p, x: x, e: e, b: b, ignore: ignore, assign: schemas.Assignment{
		Strict:            mode&(StrictTransTables|StrictAllTables) != 0 && !ignore,
		NoZeroDate:        mode&NoZeroDate != 0,
		NoZeroInDate:      mode&NoZeroInDate != 0,
		AllowInvalidDates: mode&AllowInvalidDates != 0, TruncateFraction: mode&TimeTruncateFractional != 0,
		Zone:  e.Zone(),
		Now:   e.Now(),
		Table: p.t.Name,
	}}
}

func (w *writer) warn(e *mysqlerr.Error) {
	w.warned++
	if w.holding {
		w.held = append(w.held, e)
		return
	}
	w.e.Warn(e)
}

// convert turns a value into what column i stores.
func (w *writer) convert(i int, v txn.Value) (txn.Value, error) {
	c := &w.t.Columns[i]
	if v.IsNull() {
		return w.null(i)
	}
	out, warnings, err := schemas.Convert(c.Type, c.Name, v, w.assign)
	for _, warning := range warnings {
		w.warn(warning)
	}
	if err == nil && out.IsNull() && !c.Nullable {
		return w.implicit(c), nil
	}
	return out, err
}

// null is NULL for a column, which an error or the type's own zero takes the place of when the
// column does not allow it.
func (w *writer) null(i int) (txn.Value, error) {
	c := &w.t.Columns[i]
	if c.Nullable || w.lateNulls {
		return txn.Null(), nil
	}
	e := nullError(c)
	if w.assign.Strict || w.oneRow && !w.ignore || c.Type.Kind == schemas.Geometry {
		return txn.Null(), e
	}
	w.warn(e)
	return w.implicit(c), nil
}

// nullError is the error for NULL in a column that does not allow it. A shape has no value to take its place, not even with IGNORE.
func nullError(c *schemas.Column) *mysqlerr.Error {
	if c.Type.Kind == schemas.Geometry {
		return mysqlerr.Newf(errNullNotIgnored, "Column '%s' cannot be null", c.Name)
	}
	return mysqlerr.New(mysql.ER_BAD_NULL_ERROR, c.Name)
}

// implicit is the value of a NOT NULL column that is given none.
func (w *writer) implicit(c *schemas.Column) txn.Value {
	t := c.Type
	switch {
	case t.IsInteger(), t.Kind == schemas.Year, t.Kind == schemas.Bit && t.SQLiteType() == "INTEGER":
		return txn.Int(0)
	case t.Kind == schemas.Decimal:
		text := "0"
		if t.Decimals > 0 {
			text += "." + strings.Repeat("0", t.Decimals)
		}
		return txn.TextString(text)
	case t.Kind == schemas.Float, t.Kind == schemas.Double:
		return txn.Real(0)
	case t.Kind == schemas.Enum && len(t.Members) > 0:
		return txn.TextString(t.Members[0])
	case t.Kind == schemas.JSON:
		return txn.TextString("null")
	case t.IsTemporal():
		v, _, err := schemas.Convert(t, c.Name, txn.TextString(zeroText(t)), schemas.Assignment{Zone: w.assign.Zone})
		if err == nil {
			return v
		}
		return txn.TextString(zeroText(t))
	case t.IsText():
		return txn.Text([]byte{})
	case t.Kind == schemas.Binary:
		return txn.Blob(make([]byte, t.Length))
	case t.Kind == schemas.Bit:
		return txn.Blob(make([]byte, 8))
	}
	return txn.Blob([]byte{})
}

func zeroText(t schemas.Type) string {
	fraction := ""
	if t.Decimals > 0 {
		fraction = "." + strings.Repeat("0", t.Decimals)
	}
	switch t.Kind {
	case schemas.Date:
		return "0000-00-00"
	case schemas.Time:
		return "00:00:00" + fraction
	}
	return "0000-00-00 00:00:00" + fraction
}

// defaultValue is what column i gets when the statement gives it nothing; expression defaults
// and generated columns come later.
func (w *writer) defaultValue(i int) (txn.Value, error) {
	c := &w.t.Columns[i]
	switch {
	case c.Generated != nil, c.Default != nil && c.Default.Expression != "":
		return txn.Null(), nil
	case c.Default != nil && c.Default.Now:
		return w.now(i)
	case c.Default != nil && (!c.Default.Literal.IsNull() || c.Nullable):
		return c.Default.Literal, nil
	case c.Nullable && !c.NoDefault:
		return txn.Null(), nil
	case c.Type.Kind == schemas.Enum && c.Default == nil:
		return w.implicit(c), nil
	case w.lateNulls:
		return txn.Null(), nil
	}
	e := mysqlerr.New(mysql.ER_NO_DEFAULT_FOR_FIELD, c.Name)
	if w.assign.Strict || c.Type.Kind == schemas.Geometry {
		return txn.Null(), e
	}
	w.warn(e)
	if c.Nullable {
		return txn.Null(), nil
	}
	return w.implicit(c), nil
}

// now is CURRENT_TIMESTAMP for column i.
func (w *writer) now(i int) (txn.Value, error) {
	c := &w.t.Columns[i]
	text := w.e.Now().Format("2006-01-02 15:04:05.000000")
	text = text[:len("2006-01-02 15:04:05")]
	if c.Type.Decimals > 0 {
		text = w.e.Now().Format("2006-01-02 15:04:05." + strings.Repeat("0", c.Type.Decimals))
	}
	v, _, err := schemas.Convert(c.Type, c.Name, txn.TextString(text), w.assign)
	return v, err
}

// compute fills in computed columns from the row.
func (w *writer) compute(list []computed, row []txn.Value) error {
	for i := range list {
		var v txn.Value
		err := list[i].statement.query(w.x, Binding{}, row, func(values []txn.Value) error {
			v = values[0].Clone()
			return nil
		})
		if err != nil {
			return sqlError(err)
		}
		if row[list[i].column], err = w.convert(list[i].column, v); err != nil {
			return err
		}
	}
	return nil
}

// broken is error 3819 for a row that breaks a CHECK. Triggers see to CHECKs where a row is written; one that a unique key refuses
// is asked here, since MySQL looks at CHECKs first.
func (w *writer) broken(row []txn.Value) error {
	for i := range w.checks {
		breaks := false
		err := w.checks[i].statement.query(w.x, Binding{}, row, func(values []txn.Value) error {
			breaks = integerOf(values[0], 0) != 0
			return nil
		})
		if err != nil {
			return sqlError(err)
		}
		if breaks {
			return mysqlerr.New(errCheckViolated, w.checks[i].name)
		}
	}
	return nil
}

// duplicate finds the row that conflicts with the new row on a unique key, in MySQL's order of
// keys; identity, if set, is the row's own and no conflict.
func (w *writer) duplicate(row, identity []txn.Value) (*schemas.Index, *storedRow, error) {
	for i := range w.unique {
		p := &w.unique[i]
		if hasNull(p.index, row) {
			continue
		}
		var found *storedRow
		err := p.statement.query(w.x, Binding{}, row, func(values []txn.Value) error {
			r := w.split(values)
			if identity == nil || !equalValues(r.identity, identity) {
				found = &r
			}
			return nil
		})
		if err != nil {
			return nil, nil, sqlError(err)
		}
		if found != nil {
			return p.index, found, nil
		}
	}
	return nil, nil, nil
}

func hasNull(ix *schemas.Index, row []txn.Value) bool {
	for _, p := range ix.Parts {
		if row[p.Column].IsNull() {
			return true
		}
	}
	return false
}

func equalValues(a, b []txn.Value) bool {
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

// duplicateError is 1062 for the row's value of the index.
func (w *writer) duplicateError(ix *schemas.Index, row []txn.Value) *mysqlerr.Error {
	var text []byte
	for i, p := range ix.Parts {
		if i > 0 {
			text = append(text, '-')
		}
		part := schemas.AppendText(nil, w.t.Columns[p.Column].Type, row[p.Column])
		if p.Prefix > 0 {
			if runes := []rune(string(part)); len(runes) > p.Prefix {
				part = []byte(string(runes[:p.Prefix]))
			}
		}
		text = append(text, part...)
	}
	return mysqlerr.New(mysql.ER_DUP_ENTRY, string(text), w.t.Name+"."+ix.Name)
}

// failure works out what SQLite's refusal of a row means: MySQL's 1062 with the value for a
// duplicate. identity is the row's own in an UPDATE.
func (w *writer) failure(err error, row, identity []txn.Value) error {
	err = sqlError(err)
	if !isUniqueViolation(err) {
		return err
	}
	ix, _, probing := w.duplicate(row, identity)
	if probing != nil {
		return probing
	}
	if ix == nil {
		return err
	}
	if broken := w.broken(row); broken != nil {
		return broken
	}
	return w.duplicateError(ix, row).Wrap(err)
}

// update writes the given columns of a stored row.
func (w *writer) update(r *storedRow, columns []int, row []txn.Value) error {
	var b strings.Builder
	b.WriteString("UPDATE " + w.table + " SET ")
	args := make([]txn.Value, 0, len(columns)+len(w.identity))
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		args = append(args, row[c])
		b.WriteString(schemas.QuoteSQLite(w.t.Columns[c].Name) + " = ?" + strconv.Itoa(len(args)))
	}
	b.WriteString(w.whereIdentity(len(args)))
	_, err := w.x.Exec(b.String(), append(args, r.identity...))
	if err != nil {
		return w.failure(err, row, r.identity)
	}
	return nil
}

// whereIdentity finds one row by values bound from ?n+1 on.
func (w *writer) whereIdentity(n int) string {
	var b strings.Builder
	for i, name := range w.identity {
		word := " AND "
		if i == 0 {
			word = " WHERE "
		}
		b.WriteString(word + name + " = ?" + strconv.Itoa(n+i+1))
	}
	return b.String()
}

// remove deletes a stored row; it reports false if a cascade has deleted it already.
func (w *writer) remove(identity []txn.Value) (bool, error) {
	n, err := w.x.Exec("DELETE FROM "+w.table+w.whereIdentity(0), identity)
	return n > 0, sqlError(err)
}
