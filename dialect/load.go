package dialect

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// Files is an Environment that reads and writes files of the server, and reads those of the client. A file that is read can be asked for again when
// the statement runs again.
type Files interface {
	// OpenFile opens a file for LOAD DATA; local is one that the client sends.
	OpenFile(name string, local bool) (io.ReadCloser, error)
	// CreateFile makes a file for SELECT … INTO OUTFILE, which must not exist.
	CreateFile(name string) (NewFile, error)
}

// NewFile is a file that is being written: exactly one of Keep and Remove ends it.
type NewFile interface {
	io.Writer
	Keep() error
	Remove()
}

// Errors of files that go-mysql's names do not fit.
const (
	errTooFewRecords  = 1261 // ER_WARN_TOO_FEW_RECORDS
	errTooManyRecords = 1262 // ER_WARN_TOO_MANY_RECORDS
	errNullToNotNull  = 1263 // ER_WARN_NULL_TO_NOTNULL
)

// loadBatch is how many lines are numbered and written together.
const loadBatch = 256

// loadSpec is LOAD DATA as written.
type loadSpec struct {
	file            string
	table           ObjectName
	local           bool
	replace, ignore bool
	format          fileFormat
	skip            uint64
	targets         []loadTarget
	assignments     []loadAssignment
	partitions      []string
}

// loadTarget is where a field of a line goes: a column or a user variable.
type loadTarget struct{ column, variable string }

// loadAssignment is column = expression of SET; empty is DEFAULT.
type loadAssignment struct{ column, expression string }

// planLoad plans LOAD behind the word.
func planLoad(c *Context, s *textReader) (*Plan, error) {
	if !s.accept("DATA") {
		s.expect("XML")
		return nil, unsupported("LOAD XML")
	}
	l := s.load()
	if err := s.finish(); err != nil {
		return nil, err
	}
	return newCompiler(c, nil).planLoad(l)
}

// load reads LOAD DATA behind these words.
func (s *textReader) load() *loadSpec {
	l := &loadSpec{}
	s.one("LOW_PRIORITY", "CONCURRENT")
	l.local = s.accept("LOCAL")
	s.expect("INFILE")
	l.file = s.str()
	switch s.one("REPLACE", "IGNORE") {
	case "REPLACE":
		l.replace = true
	case "IGNORE":
		l.ignore = true
	}
	l.ignore = l.ignore || l.local && !l.replace
	s.expect("INTO", "TABLE")
	l.table = s.object()
	if s.accept("PARTITION") {
		s.parenthesised(func() { l.partitions = append(l.partitions, s.name()) })
	}
	l.format = s.fileFormat()
	if s.accept("IGNORE") {
		l.skip = s.number()
		if s.one("LINES", "ROWS") == "" {
			s.wrong()
		}
	}
	if s.is("(") && !s.is("(", ")") {
		s.parenthesised(func() { l.targets = append(l.targets, s.loadTarget()) })
	} else if s.is("(", ")") {
		s.at += 2
	}
	if s.accept("SET") {
		s.commas(func() { l.assignments = append(l.assignments, s.loadAssignment()) })
	}
	return l
}

func (s *textReader) loadTarget() loadTarget {
	if t := s.token(); t.kind == tokenVariable {
		s.at++
		return loadTarget{variable: strings.Trim(strings.ToLower(s.raw(t)[1:]), "`'\"")}
	}
	name := s.name()
	if s.accept(".") {
		name = s.anyName()
	}
	return loadTarget{column: name}
}

func (s *textReader) loadAssignment() loadAssignment {
	a := loadAssignment{column: s.name()}
	for s.accept(".") {
		a.column = s.anyName()
	}
	if !s.accept(":=") {
		s.expect("=")
	}
	if s.accept("DEFAULT") && (s.is(",") || s.end()) {
		return a
	}
	from := s.at
	for depth := 0; s.err == nil && !s.end(); s.at++ {
		switch {
		case s.is("("):
			depth++
		case s.is(")"):
			depth--
		}
		if depth == 0 && s.is(",") {
			break
		}
	}
	if s.at == from {
		s.wrong()
		return a
	}
	a.expression = s.text(from, s.at)
	return a
}

// loadPlan is a compiled LOAD DATA: an INSERT whose rows come from a file.
type loadPlan struct {
	insertPlan
	spec *loadSpec
	// fields lists, for each field of a line, the place in columns, or -1 for a variable. Those of SET follow in columns.
	fields []int
	set    insertRow
}

func (k *compiler) planLoad(l *loadSpec) (*Plan, error) {
	name := sqlparser.TableName{Name: sqlparser.NewIdentifierCS(l.table.Name), Qualifier: sqlparser.NewIdentifierCS(l.table.Database)}
	var names []string
	for _, target := range l.targets {
		if target.column != "" {
			names = append(names, target.column)
		}
	}
	target, err := k.insertTarget(name, names)
	if err != nil {
		return nil, err
	}
	target.rename(l)
	table := target.table
	if len(l.format.fieldEnd) == 0 && len(l.format.enclosed) == 0 {
		return nil, unsupported("LOAD DATA of fields without end")
	}
	p := &loadPlan{insertPlan: insertPlan{ignore: l.ignore, replace: l.replace, check: target.check}, spec: l}
	if p.rowPlan, err = k.newRowPlan(table); err != nil {
		return nil, err
	}
	if len(l.partitions) > 0 {
		if p.places, err = partitionPlaces(table, l.partitions); err != nil {
			return nil, err
		}
		if p.partition, err = k.partitionCheck(table, p.places); err != nil {
			return nil, err
		}
	}
	k.targets = []targetTable{{table, table.Name, true}}
	if err := p.compile(k); err != nil {
		return nil, err
	}
	events := eventInsert
	if p.replace {
		events |= eventDelete | eventUpdate
	}
	w := &Write{Targets: []*schemas.Table{table}, Lenient: p.ignore, run: p.run}
	w.Reachable, p.triggers, err = k.reachable(table, events)
	if err != nil {
		return nil, err
	}
	w.Scans, w.Into = k.scans, true
	k.volatile = true
	return k.finish(&Plan{Write: w}), nil
}

// rename gives the columns of a view the names that they have in the table.
func (t *insertTarget) rename(l *loadSpec) {
	if t.view == nil {
		return
	}
	if len(l.targets) == 0 {
		for i := range t.view.columns {
			l.targets = append(l.targets, loadTarget{column: t.view.columns[i].name})
		}
	}
	for i := range l.targets {
		if c := t.column(l.targets[i].column); c >= 0 && l.targets[i].column != "" {
			l.targets[i].column = t.table.Columns[c].Name
		}
	}
	for i := range l.assignments {
		if c := t.column(l.assignments[i].column); c >= 0 {
			l.assignments[i].column = t.table.Columns[c].Name
		}
	}
}

// compile works out where fields go and what SET computes.
func (p *loadPlan) compile(k *compiler) error {
	t := p.t
	targets := p.spec.targets
	if len(targets) == 0 {
		for i := range t.Columns {
			if c := &t.Columns[i]; !c.Invisible {
				targets = append(targets, loadTarget{column: c.Name})
			}
		}
		p.spec.targets = targets
	}
	for _, target := range targets {
		if target.variable != "" {
			p.fields = append(p.fields, -1)
			continue
		}
		c := t.ColumnIndex(target.column)
		if c < 0 {
			return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, target.column, "field list")
		}
		if t.Columns[c].Generated != nil && len(p.spec.targets) > 0 && slices.Contains(p.spec.targets, target) {
			return generatedError(t, c)
		}
		if slices.Contains(p.columns, c) {
			return mysqlerr.New(mysql.ER_FIELD_SPECIFIED_TWICE, target.column)
		}
		p.fields = append(p.fields, len(p.columns))
		p.columns = append(p.columns, c)
	}
	listed := len(p.columns)
	for range listed {
		p.set.slots = append(p.set.slots, slot{})
	}
	for _, a := range p.spec.assignments {
		c := t.ColumnIndex(a.column)
		if c < 0 {
			return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, a.column, "field list")
		}
		if t.Columns[c].Generated != nil {
			return generatedError(t, c)
		}
		p.columns = append(p.columns, c)
		if err := p.assignment(k, a, &t.Columns[c]); err != nil {
			return err
		}
	}
	return nil
}

func (p *loadPlan) assignment(k *compiler, a loadAssignment, c *schemas.Column) error {
	if a.expression == "" {
		p.set.slots = append(p.set.slots, slot{kind: slotDefault})
		return nil
	}
	parsed, err := parse([]byte("SELECT " + a.expression))
	if err != nil {
		return err
	}
	sel, ok := parsed.statement.(*sqlparser.Select)
	if !ok || len(sel.SelectExprs.Exprs) != 1 {
		return syntaxError([]byte(a.expression), 0)
	}
	e, ok := sel.SelectExprs.Exprs[0].(*sqlparser.AliasedExpr)
	if !ok {
		return syntaxError([]byte(a.expression), 0)
	}
	k.p = parsed
	s := &scope{k: k, clause: "field list", strictDivision: p.strictDivision(k), sources: []*source{k.rowSource(p.t, p.t.Name, local)}}
	one, err := k.slot(s, &p.set, c.Type, c.Name, e.Expr)
	p.set.slots = append(p.set.slots, one)
	return err
}

// loadRun is one execution of LOAD DATA.
type loadRun struct {
	insertRun
	p     *loadPlan
	in    *fieldReader
	line  int
	lines []newRow
	first int // number of the first of lines
}

func (p *loadPlan) run(x Executor, e Environment, b Binding) (WriteResult, error) {
	files, ok := e.(Files)
	if !ok {
		return WriteResult{}, unsupported("LOAD DATA")
	}
	for _, t := range p.triggers {
		if err := x.Trigger(t); err != nil {
			return WriteResult{}, err
		}
	}
	f, err := files.OpenFile(p.spec.file, p.spec.local)
	if err != nil {
		return WriteResult{}, err
	}
	r := &loadRun{insertRun: p.insertPlan.begin(x, e, b), p: p, in: newFieldReader(p.spec.format, f)}
	err = r.load()
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return r.result, err
	}
	if r.result.InsertID == 0 {
		r.result.InsertID = r.given
	}
	skipped := 0
	if p.ignore {
		skipped = r.copies
	}
	deleted := 0
	if p.replace {
		deleted = max(int(r.result.Affected)-r.line, 0)
	}
	r.result.Info = fmt.Sprintf("Records: %d  Deleted: %d  Skipped: %d  Warnings: %d", r.line, deleted, skipped, r.warned)
	return r.result, nil
}

func (r *loadRun) load() error {
	for range r.p.spec.skip {
		if more, err := r.in.skip(); err != nil || !more {
			return err
		}
	}
	for {
		more, err := r.in.next()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		r.line++
		r.assign.Row = r.line
		row, err := r.read()
		if err != nil {
			return err
		}
		if len(r.lines) == 0 {
			r.first = r.line
		}
		r.lines = append(r.lines, row)
		if len(r.lines) == loadBatch {
			if err := r.writeLines(); err != nil {
				return err
			}
		}
	}
	if err := r.writeLines(); err != nil {
		return err
	}
	return r.flush()
}

// writeLines writes the lines at hand.
func (r *loadRun) writeLines() error {
	if err := r.number(r.lines); err != nil {
		return err
	}
	for i := range r.lines {
		if err := r.write(r.lines[i].values, r.first+i, r.lines[i].id); err != nil {
			return err
		}
		r.lines[i] = newRow{}
	}
	r.lines = r.lines[:0]
	return nil
}

// read makes a row of one line.
func (r *loadRun) read() (newRow, error) {
	p := r.p
	values, stored, defaults := make([]txn.Value, len(p.columns)), make([]bool, len(p.columns)), make([]bool, len(p.columns))
	for i, at := range p.fields {
		f, there, err := r.in.field()
		if err != nil {
			return newRow{}, err
		}
		switch {
		case at < 0:
			r.e.SetUserVariable(p.spec.targets[i].variable, f.value(schemas.Type{}, there), expression.VariablePlain)
			if there {
				continue
			}
		case there:
			if values[at], stored[at], defaults[at], err = r.value(p.columns[at], f); err != nil {
				return newRow{}, err
			}
			continue
		}
		if at >= 0 {
			defaults[at] = true
		}
		if err := r.complain(mysqlerr.New(errTooFewRecords, r.line)); err != nil {
			return newRow{}, err
		}
	}
	if err := r.rest(); err != nil {
		return newRow{}, err
	}
	if err := r.assignments(values, stored, defaults); err != nil {
		return newRow{}, err
	}
	return r.newRow(values, stored, defaults)
}

// rest passes the fields that nobody wants.
func (r *loadRun) rest() error {
	for n := 0; ; n++ {
		_, there, err := r.in.field()
		if err != nil || !there {
			return err
		}
		if n == 0 {
			if err := r.complain(mysqlerr.New(errTooManyRecords, r.line)); err != nil {
				return err
			}
		}
	}
}

// complain is an error in strict mode, else a warning.
func (r *loadRun) complain(e *mysqlerr.Error) error {
	if r.assign.Strict {
		return e
	}
	r.warn(e)
	return nil
}

// value is a field for column c. NULL where there may be none gives the column's default.
func (r *loadRun) value(c int, f field) (v txn.Value, stored, isDefault bool, err error) {
	column := &r.t.Columns[c]
	if f.null && !column.Nullable && c != r.t.AutoIncrement {
		if err := r.complain(mysqlerr.New(errNullToNotNull, column.Name, r.line)); err != nil {
			return v, false, false, err
		}
		return r.implicit(column), true, column.Type.Kind == schemas.Timestamp, nil
	}
	return f.value(column.Type, true), false, false, nil
}

// value is the field's text for a column of type t.
func (f field) value(t schemas.Type, there bool) txn.Value {
	switch {
	case !there || f.null:
		return txn.Null()
	case t.IsBlob():
		return txn.Blob(slices.Clone(f.text))
	}
	return txn.Text(slices.Clone(f.text))
}

// assignments computes SET; its expressions see the columns that the line gave.
func (r *loadRun) assignments(values []txn.Value, stored, defaults []bool) error {
	p := r.p
	listed := len(p.columns) - len(p.spec.assignments)
	if listed == len(p.columns) {
		return nil
	}
	before, err := r.blank()
	if err != nil {
		return err
	}
	see := func(i int) {
		c := &r.t.Columns[p.columns[i]]
		if v, _, err := schemas.Convert(c.Type, c.Name, values[i], schemas.Assignment{Zone: r.assign.Zone}); err == nil {
			before[p.columns[i]] = v
		}
	}
	for i := range listed {
		see(i)
	}
	for i := listed; i < len(p.columns); i++ {
		s := &p.set.slots[i]
		switch s.kind {
		case slotDefault:
			for j := range listed {
				defaults[j] = defaults[j] || p.columns[j] == p.columns[i]
			}
			defaults[i] = true
			continue
		case slotValue:
			values[i] = s.v
		case slotExpression:
			err := p.set.query[s.at].query(r.x, r.b, before, func(v []txn.Value) error {
				values[i] = v[0].Clone()
				return nil
			})
			if err != nil {
				return sqlError(err)
			}
			stored[i] = s.stored
		default:
			return errors.New("LOAD DATA: SET with a parameter")
		}
		see(i)
	}
	return nil
}
