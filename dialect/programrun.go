package dialect

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// ProgramHost is what stored programs ask the session that runs them.
type ProgramHost interface {
	Environment
	// Planner plans the programs' statements, and keeps the programs parsed.
	Planner() *Planner
	// ProgramCatalog is the catalog that programs are looked up in.
	ProgramCatalog() *schemas.Catalog
	// RunInProgram runs a statement of a program: as one of the session's own in a procedure, as a part of the statement
	// around it in functions and triggers.
	RunInProgram(s *ProgramStatement) error
	// EnterProgram gives the session what the program has stored (its sql_mode, its database) until leave is called. It
	// refuses recursion that goes too deep.
	EnterProgram(p *schemas.Program) (leave func(), err error)
	// OneResult reports whether the client takes no result sets of a procedure.
	OneResult() bool
	// Conditions are the diagnostics area, oldest first; the last so many of them as errors are errors.
	Conditions() (list []*mysqlerr.Error, errors int)
	SetConditions(list []*mysqlerr.Error, errors int)
	// Under makes the executor the one that runs a statement now, until the result is called.
	Under(x Executor) func()
	// Interrupted is why the statement is to end, or nil.
	Interrupted() error
	// Handleable reports whether a handler may take the error: not if it ends the transaction or the statement around.
	Handleable(err error) bool
}

// ProgramStatement is a statement of a stored program on its way.
type ProgramStatement struct {
	Text    []byte
	Locals  *Locals
	Targets *Targets
	Raw     bool        // values of the result are wanted in stored form
	Values  []txn.Value // of the program's variables
	// Quiet: it is an expression of the program, no statement of its own.
	Quiet bool
	// Value, if set, is all that is to be done: it computes a value.
	Value func(x Executor) error
	// Columns and Row take the rows; without them the rows are the client's.
	Columns func([]ResultColumn) error
	Row     func([]txn.Value) error
	// Warnings are set to those that the statement caused.
	Warnings []*mysqlerr.Error
}

// activation is one execution of a program.
type activation struct {
	h       ProgramHost
	r       *routine
	values  []txn.Value
	cursors []*openedCursor
	blocks  []*block // whose handlers are in force, the innermost last
	handled []*handledCondition
	result  txn.Value
}

// handledCondition is what the handler under way was activated by.
type handledCondition struct {
	condition *mysqlerr.Error
	list      []*mysqlerr.Error
	errors    int
}

// flow says how execution goes on behind a statement.
type flow struct {
	kind  flowKind
	label string
	block *block // of flowExit
}

type flowKind uint8

const (
	flowNext flowKind = iota
	flowLeave
	flowIterate
	flowExit // of the block whose EXIT handler has run
	flowReturn
)

func newActivation(h ProgramHost, r *routine) *activation {
	return &activation{h: h, r: r, values: make([]txn.Value, r.slots), cursors: make([]*openedCursor, r.cursors)}
}

// end closes what the program has left open.
func (a *activation) end() { a.cursors = nil }

// statements runs statements one after the other.
func (a *activation) statements(list []node) (flow, error) {
	for _, n := range list {
		f, err := a.statement(n)
		if err != nil || f.kind != flowNext {
			return f, err
		}
	}
	return flow{}, nil
}

func (a *activation) statement(n node) (flow, error) {
	switch n := n.(type) {
	case *block:
		return a.block(n)
	case *choice:
		return a.choice(n)
	case *selection:
		return a.selection(n)
	case *loop:
		return a.loop(n)
	case *jump:
		if n.again {
			return flow{kind: flowIterate, label: n.label}, nil
		}
		return flow{kind: flowLeave, label: n.label}, nil
	case *giveBack:
		a.h.SetConditions(nil, 0) // of a function's warnings only those of RETURN are heard
		v, err := a.evaluate(n.value, Local{Name: a.r.program.Name + "()", Type: a.r.returns})
		if err != nil {
			return a.raised(err)
		}
		a.result = v
		return flow{kind: flowReturn}, nil
	case *signal:
		return a.signal(n)
	case *diagnosticsOf:
		return a.raised(a.diagnostics(n))
	}
	warnings, err := a.simple(n)
	if err != nil {
		return a.raised(err)
	}
	return a.warned(warnings)
}

// simple runs a statement that is no matter of flow, and returns the warnings that it caused.
func (a *activation) simple(n node) ([]*mysqlerr.Error, error) {
	switch n := n.(type) {
	case *assign:
		return a.assign(n)
	case *leaf:
		return a.leaf(n)
	case *call:
		return a.call(n)
	case *openCursor:
		return a.open(n.cursor)
	case *fetchCursor:
		return nil, a.fetch(n)
	case *closeCursor:
		return nil, a.close(n.cursor)
	}
	return nil, mysqlerr.Newf(mysql.ER_INTERNAL_ERROR, "Internal error: unknown statement of a program")
}

// block runs BEGIN … END.
func (a *activation) block(b *block) (flow, error) {
	depth := len(a.blocks)
	a.blocks = append(a.blocks, b)
	defer func() { a.blocks = a.blocks[:depth] }()
	for _, c := range b.cursors {
		a.cursors[c.number] = nil
	}
	for i := range b.vars {
		d := &b.vars[i]
		for _, v := range d.vars {
			a.values[v.Slot] = txn.Null()
			if d.value == nil {
				continue
			}
			value, err := a.evaluate(d.value, v)
			if err != nil {
				f, err := a.raised(err)
				if err != nil || f.kind != flowNext {
					return a.leftBlock(b, f), err
				}
				continue
			}
			a.values[v.Slot] = value
		}
	}
	f, err := a.statements(b.body)
	for _, c := range b.cursors {
		a.cursors[c.number] = nil
	}
	return a.leftBlock(b, f), err
}

// leftBlock is how execution goes on behind a block.
func (*activation) leftBlock(b *block, f flow) flow {
	if f.kind == flowExit && f.block == b || f.kind == flowLeave && b.label != "" && strings.EqualFold(f.label, b.label) {
		return flow{}
	}
	return f
}

func (a *activation) choice(n *choice) (flow, error) {
	for i, c := range n.conditions {
		holds, err := a.holds(c)
		if err != nil {
			return a.raised(err)
		}
		if holds {
			return a.statements(n.bodies[i])
		}
	}
	if n.total {
		return a.raised(mysqlerr.New(mysql.ER_SP_CASE_NOT_FOUND))
	}
	return a.statements(n.otherwise)
}

// selection is CASE with a value: the value is kept in a slot, with which the others are compared.
func (a *activation) selection(n *selection) (flow, error) {
	v, t, err := a.raw(n.value)
	if err != nil {
		return a.raised(err)
	}
	slot := n.slot
	slot.Name, slot.Type = "CASE "+strconv.Itoa(slot.Slot), t
	a.values[slot.Slot] = v
	for i, c := range n.choice.conditions {
		equal := &programExpr{text: "`" + slot.Name + "` = (" + c.text + ")", scope: c.scope.with(slot)}
		if t.Kind == 0 {
			equal = &programExpr{text: "NULL", scope: c.scope}
		}
		holds, err := a.holds(equal)
		if err != nil {
			return a.raised(err)
		}
		if holds {
			return a.statements(n.choice.bodies[i])
		}
	}
	if n.choice.total {
		return a.raised(mysqlerr.New(mysql.ER_SP_CASE_NOT_FOUND))
	}
	return a.statements(n.choice.otherwise)
}

func (a *activation) loop(n *loop) (flow, error) {
	for {
		if err := a.h.Interrupted(); err != nil {
			return flow{}, err
		}
		if n.condition != nil && !n.until {
			holds, err := a.holds(n.condition)
			if err != nil {
				return a.raised(err)
			}
			if !holds {
				return flow{}, nil
			}
		}
		f, err := a.statements(n.body)
		if err != nil {
			return f, err
		}
		mine := n.label != "" && strings.EqualFold(f.label, n.label)
		switch {
		case f.kind == flowLeave && mine:
			return flow{}, nil
		case f.kind == flowIterate && mine:
			if n.until { // MySQL goes to the beginning of the body, not to the condition
				continue
			}
		case f.kind != flowNext:
			return f, nil
		}
		if n.until {
			holds, err := a.holds(n.condition)
			if err != nil {
				return a.raised(err)
			}
			if holds {
				return flow{}, nil
			}
		}
	}
}

// evaluate computes an expression as a value of the variable's type.
func (a *activation) evaluate(e *programExpr, v Local) (txn.Value, error) {
	value, _, err := a.evaluated(e, v)
	return value, err
}

// evaluated is evaluate, with the warnings that it caused.
func (a *activation) evaluated(e *programExpr, v Local) (txn.Value, []*mysqlerr.Error, error) {
	value := txn.Null()
	s := &ProgramStatement{Text: []byte("SELECT (" + e.text + ")"), Locals: e.scope, Targets: newTargets([]Local{v}), Values: a.values, Quiet: true,
		Row: func(row []txn.Value) error {
			value = row[0].Clone()
			return nil
		}}
	err := a.h.RunInProgram(s)
	return value, s.Warnings, err
}

// raw computes an expression as it is.
func (a *activation) raw(e *programExpr) (value txn.Value, t schemas.Type, err error) {
	s := &ProgramStatement{Text: []byte("SELECT (" + e.text + ")"), Locals: e.scope, Raw: true, Values: a.values, Quiet: true,
		Columns: func(c []ResultColumn) error {
			if len(c) != 1 {
				return mysqlerr.New(mysql.ER_OPERAND_COLUMNS, 1)
			}
			t = c[0].Type
			return nil
		},
		Row: func(row []txn.Value) error {
			value = row[0].Clone()
			return nil
		}}
	err = a.h.RunInProgram(s)
	return value, t, err
}

// holds computes a condition.
func (a *activation) holds(e *programExpr) (bool, error) {
	holds := false
	s := &ProgramStatement{Text: []byte("SELECT ((" + e.text + ") IS TRUE)"), Locals: e.scope, Raw: true, Values: a.values, Quiet: true,
		Row: func(row []txn.Value) error {
			holds = row[0].Kind() == txn.KindInteger && row[0].Int64() != 0
			return nil
		}}
	return holds, a.h.RunInProgram(s)
}

func (a *activation) assign(n *assign) ([]*mysqlerr.Error, error) {
	if n.useDefault {
		a.values[n.target.Slot] = txn.Null()
		return nil, nil
	}
	v, warnings, err := a.evaluated(n.value, n.target)
	if err != nil {
		return nil, err
	}
	a.values[n.target.Slot] = v
	return warnings, nil
}

// leaf runs a statement of SQL.
func (a *activation) leaf(n *leaf) ([]*mysqlerr.Error, error) {
	s := &ProgramStatement{Text: []byte(n.text), Locals: n.scope, Values: a.values}
	if n.into == nil {
		err := a.h.RunInProgram(s)
		return s.Warnings, err
	}
	var list []Local
	for _, t := range n.into {
		if t.local != nil {
			list = append(list, *t.local)
		} else {
			list = append(list, Local{Name: t.user})
		}
	}
	s.Targets = newTargets(list)
	var row []txn.Value
	rows := 0
	s.Row = func(values []txn.Value) error {
		if rows++; rows > 1 {
			return mysqlerr.New(mysql.ER_TOO_MANY_ROWS)
		}
		row = cloneValues(values)
		return nil
	}
	if err := a.h.RunInProgram(s); err != nil {
		return nil, err
	}
	if rows == 0 {
		missing := mysqlerr.New(mysql.ER_SP_FETCH_NO_DATA)
		list, n := a.h.Conditions()
		a.h.SetConditions(append(list[:len(list):len(list)], missing), n)
		return append(s.Warnings, missing), nil
	}
	a.store(n.into, row)
	return s.Warnings, nil
}

// store puts values, in the form that the targets take, into them.
func (a *activation) store(into []target, row []txn.Value) {
	for i, t := range into {
		if t.local != nil {
			a.values[t.local.Slot] = row[i]
		} else {
			a.h.SetUserVariable(t.user, row[i], expression.VariablePlain)
		}
	}
}

// call runs CALL inside of a program.
func (a *activation) call(n *call) ([]*mysqlerr.Error, error) {
	o := n.name
	if o.Database == "" {
		o.Database = a.r.program.Database
	}
	r, err := a.h.Planner().procedure(a.h, o, len(n.args))
	if err != nil {
		return nil, err
	}
	values := make([]txn.Value, len(n.args))
	for i := range n.args {
		p := &r.params[i]
		if p.mode != "IN" && n.args[i].target == nil {
			return nil, mysqlerr.New(mysql.ER_SP_NOT_VAR_ARG, i+1, o.Database+"."+r.program.Name)
		}
		if p.mode == "OUT" {
			continue
		}
		if values[i], err = a.evaluate(n.args[i].value, p.v); err != nil {
			return nil, err
		}
	}
	if err := runProcedure(a.h, r, values); err != nil {
		return nil, err
	}
	for i := range n.args {
		if r.params[i].mode == "IN" {
			continue
		}
		t := n.args[i].target
		if t.local == nil {
			a.h.SetUserVariable(t.user, r.params[i].forUser(a.h, values[i]), expression.SortOfVariable(r.params[i].v.Type))
			continue
		}
		if a.values[t.local.Slot], err = a.converted(r.params[i].v.Type, values[i], *t.local); err != nil {
			return nil, err
		}
	}
	list, _ := a.h.Conditions()
	return list, nil
}

// forUser is the value of a parameter as a user variable takes it.
func (p *parameter) forUser(e Environment, v txn.Value) txn.Value {
	t := p.v.Type
	switch {
	case v.IsNull(), t.IsInteger(), t.Kind == schemas.Double, t.Kind == schemas.Float, t.IsBlob():
		return v
	}
	if t.Kind == schemas.Timestamp {
		return localText(e, t, v)
	}
	return txn.Text(schemas.AppendText(nil, t, v))
}

// localText is a TIMESTAMP as text in the session's time zone.
func localText(e Environment, t schemas.Type, v txn.Value) txn.Value {
	at, err := time.Parse("2006-01-02 15:04:05.999999", string(v.Bytes()))
	if err != nil {
		return v
	}
	layout := "2006-01-02 15:04:05"
	if t.Decimals > 0 {
		layout += "." + strings.Repeat("0", t.Decimals)
	}
	return txn.TextString(at.In(e.Zone()).Format(layout))
}

// converted turns a value of one type into one of a variable.
func (a *activation) converted(from schemas.Type, v txn.Value, to Local) (txn.Value, error) {
	if v.IsNull() {
		return v, nil
	}
	switch {
	case from.Kind == to.Type.Kind && from.Kind == schemas.Timestamp:
		return v, nil
	case from.IsInteger(), from.Kind == schemas.Decimal, from.Kind == schemas.Double, from.Kind == schemas.Float,
		from.Kind >= schemas.Char && from.Kind <= schemas.LongText, from.IsBlob() && !to.Type.IsNumeric(), from.Kind == 0:
	default:
		text := schemas.AppendText(nil, from, v)
		if from.IsTemporal() && to.Type.IsNumeric() {
			text = []byte(strings.NewReplacer("-", "", ":", "", " ", "").Replace(string(text)))
		}
		v = txn.Text(text)
	}
	return convertFor(a.h, to, v)
}

// convertFor converts a value for a variable, as an assignment does.
func convertFor(e Environment, to Local, v txn.Value) (txn.Value, error) {
	if to.Type.Kind == 0 {
		return v, nil
	}
	mode := e.Mode()
	out, warnings, err := schemas.Convert(to.Type, to.Name, v, schemas.Assignment{
		Strict: mode&(StrictTransTables|StrictAllTables) != 0, NoZeroDate: mode&NoZeroDate != 0, NoZeroInDate: mode&NoZeroInDate != 0,
		AllowInvalidDates: mode&AllowInvalidDates != 0, TruncateFraction: mode&TimeTruncateFractional != 0, Zone: e.Zone(), Now: e.Now(), Row: 1})
	for _, w := range warnings {
		e.Warn(w)
	}
	return out, err
}

// openedCursor holds the rows of a cursor, which MySQL's cursors see as they were at OPEN too.
type openedCursor struct {
	columns []ResultColumn
	rows    [][]txn.Value
	bytes   int
	next    int
}

// maxCursorBytes bounds the rows of one cursor.
const maxCursorBytes = 256 << 20

func (a *activation) open(c *cursorDeclaration) ([]*mysqlerr.Error, error) {
	if a.cursors[c.number] != nil {
		return nil, mysqlerr.New(mysql.ER_SP_CURSOR_ALREADY_OPEN)
	}
	o := &openedCursor{}
	s := &ProgramStatement{Text: []byte(c.query.text), Locals: c.query.scope, Values: a.values,
		Columns: func(list []ResultColumn) error {
			o.columns = list
			return nil
		},
		Row: func(values []txn.Value) error {
			for _, v := range values {
				o.bytes += 24 + len(v.Bytes())
			}
			if o.bytes > maxCursorBytes {
				return mysqlerr.New(mysql.ER_OUT_OF_RESOURCES)
			}
			o.rows = append(o.rows, cloneValues(values))
			return nil
		}}
	if err := a.h.RunInProgram(s); err != nil {
		return nil, err
	}
	a.cursors[c.number] = o
	return s.Warnings, nil
}

func (a *activation) fetch(n *fetchCursor) error {
	o := a.cursors[n.cursor.number]
	if o == nil {
		return mysqlerr.New(mysql.ER_SP_CURSOR_NOT_OPEN)
	}
	if o.next < len(o.rows) && len(n.into) != len(o.rows[o.next]) || o.columns != nil && len(o.columns) != len(n.into) {
		return mysqlerr.New(mysql.ER_SP_WRONG_NO_OF_FETCH_ARGS)
	}
	if o.next >= len(o.rows) {
		return mysqlerr.New(mysql.ER_SP_FETCH_NO_DATA)
	}
	row := make([]txn.Value, len(n.into))
	for i, t := range n.into {
		var err error
		if row[i], err = a.converted(o.columns[i].Type, o.rows[o.next][i], *t.local); err != nil {
			a.values[t.local.Slot] = txn.Null()
			return err
		}
	}
	o.rows[o.next] = nil
	o.next++
	a.store(n.into, row)
	return nil
}

func (a *activation) close(c *cursorDeclaration) error {
	if a.cursors[c.number] == nil {
		return mysqlerr.New(mysql.ER_SP_CURSOR_NOT_OPEN)
	}
	a.cursors[c.number] = nil
	return nil
}

// errorOf is the MySQL error that err is, or nil.
func errorOf(err error) *mysqlerr.Error {
	var e *mysqlerr.Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
