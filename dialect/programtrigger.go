package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Codes of triggers that go-mysql's table lacks.
const (
	errNoReferencedTrigger = 3011
	errTriggerElsewhere    = 4100
)

// triggerSpec is CREATE TRIGGER as written.
type triggerSpec struct {
	program     schemas.Program
	name, table ObjectName
	ifNotExists bool
	order       string // FOLLOWS or PRECEDES
	other       string
}

// planCreateTrigger plans CREATE TRIGGER behind CREATE.
func planCreateTrigger(c *Context, s *textReader) (*Plan, error) {
	var w triggerSpec
	p := &w.program
	p.Definer, p.Kind = s.definerAndKind(c)
	p.Trigger = &schemas.TriggerPart{}
	w.ifNotExists = s.ifNotExists()
	qualified := s.ahead(1).kind == tokenOperator && s.raw(s.ahead(1)) == "."
	w.name = s.object()
	when := s.one("BEFORE", "AFTER")
	p.Trigger.After = when == "AFTER"
	p.Trigger.On = s.one("INSERT", "UPDATE", "DELETE")
	if when == "" || p.Trigger.On == "" {
		s.wrong()
	}
	s.expect("ON")
	if qualified && s.raw(s.ahead(1)) != "." { // a table without a database is one of the trigger's
		w.table = ObjectName{Database: w.name.Database, Name: s.name()}
	} else {
		w.table = s.object()
	}
	s.expect("FOR", "EACH", "ROW")
	if w.order = s.one("FOLLOWS", "PRECEDES"); w.order != "" {
		w.other = s.name()
	}
	if s.err != nil {
		return nil, s.err
	}
	if !qualified {
		w.name.Database = w.table.Database
	}
	p.Database, p.Name, p.Mode, p.Security = w.name.Database, w.name.Name, uint64(c.Mode), "DEFINER"
	x := newProgramParser(c, s, p)
	p.Body = x.source(s.at, len(s.list)-1)
	plan := planDefinition(c, s, []ObjectName{{Database: p.Database}, w.table}, func(d *definition) error { return d.createTrigger(&w) })
	t := c.Catalog.Table(w.table.Database, w.table.Name)
	if t == nil { // the definition tells
		return plan, nil
	}
	x.rows(t, p.Trigger.On, p.Trigger.After)
	if err := x.triggerBody(t); err != nil {
		return nil, err
	}
	if err := checkName(p.Name, mysql.ER_SP_WRONG_NAME); err != nil {
		return nil, err
	}
	return plan, nil
}

// triggerBody reads the body of a trigger and checks the columns of NEW and OLD in it. t is nil if there is no such table,
// of which the definition tells.
func (p *programParser) triggerBody(t *schemas.Table) error {
	from := p.s.at
	if err := p.body(); err != nil || t == nil {
		return err
	}
	for i := from; i+2 < len(p.s.list); i++ {
		row := strings.ToUpper(p.s.raw(p.s.list[i]))
		if p.s.list[i].kind != tokenWord || row != "NEW" && row != "OLD" || p.s.raw(p.s.list[i+1]) != "." || i > from && p.s.raw(p.s.list[i-1]) == "." {
			continue
		}
		switch {
		case row == "NEW" && p.r.newRow < 0:
			return mysqlerr.New(mysql.ER_TRG_NO_SUCH_ROW_IN_TRG, row, "on DELETE")
		case row == "OLD" && p.r.oldRow < 0:
			return mysqlerr.New(mysql.ER_TRG_NO_SUCH_ROW_IN_TRG, row, "on INSERT")
		}
		if name := unquotedName(p.s.raw(p.s.list[i+2])); t.ColumnIndex(name) < 0 {
			return mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, name, row)
		}
	}
	return nil
}

func (d *definition) createTrigger(w *triggerSpec) error {
	if _, err := d.database(w.table.Database); err != nil {
		return err
	}
	t := d.table(w.table)
	switch {
	case w.name.Database != w.table.Database && (t != nil || d.view(w.table) != nil):
		return mysqlerr.Newf(errTriggerInWrongSchema, "Trigger in wrong schema")
	case t == nil && d.view(w.table) != nil:
		return mysqlerr.New(mysql.ER_WRONG_OBJECT, w.table.Database, w.table.Name, "BASE TABLE")
	case t == nil:
		return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, w.table.Database, w.table.Name)
	case t.Temporary():
		return mysqlerr.New(mysql.ER_TRG_ON_VIEW_OR_TEMP_TABLE, t.Name)
	}
	db, err := d.database(w.name.Database)
	if err != nil {
		return err
	}
	if old := d.c.Catalog.Program(schemas.Trigger, db.Name, w.program.Name); old != nil {
		exists := mysqlerr.New(mysql.ER_TRG_ALREADY_EXISTS)
		switch {
		case w.ifNotExists && old.Trigger.Table == t.ID:
			d.note(exists)
			d.programThere(db, &w.program)
			return nil
		case w.ifNotExists:
			return mysqlerr.Newf(errTriggerElsewhere, "Trigger '%s'.'%s' already exists on a different table. The 'IF NOT EXISTS' clause is only supported for triggers associated with the same table.",
				db.Name, w.program.Name)
		}
		return exists
	}
	p := w.program
	part := *w.program.Trigger
	p.Trigger, part.Table = &part, t.ID
	others, err := d.placeTrigger(db, w, &part)
	if err != nil {
		return err
	}
	if err := d.addProgram(db, &p); err != nil {
		return err
	}
	for _, o := range others {
		if err := d.changeProgram(o, txn.Update); err != nil {
			return err
		}
	}
	return d.touch(t)
}

// placeTrigger gives a new trigger its place among those of the same time and event, and returns those that move.
func (d *definition) placeTrigger(db *schemas.Database, w *triggerSpec, part *schemas.TriggerPart) ([]*schemas.Program, error) {
	var same []*schemas.Program
	at := -1
	for _, p := range db.TriggersOf(part.Table) {
		if p.Trigger.On != part.On || p.Trigger.After != part.After {
			continue
		}
		if w.other != "" && p.Name == w.other {
			at = len(same)
			if w.order == "FOLLOWS" {
				at++
			}
		}
		same = append(same, p)
	}
	if w.other != "" && at < 0 {
		return nil, mysqlerr.Newf(errNoReferencedTrigger, "Referenced trigger '%s' for the given action time and event type does not exist.", w.other)
	}
	if at < 0 {
		at = len(same)
	}
	part.Order = at + 1
	var moved []*schemas.Program
	for i, p := range same {
		order := i + 1
		if i >= at {
			order++
		}
		if p.Trigger.Order == order {
			continue
		}
		changed, its := *p, *p.Trigger
		its.Order = order
		changed.Trigger = &its
		moved = append(moved, &changed)
	}
	return moved, nil
}

// dropTriggers drops the triggers of a table that is dropped.
func (d *definition) dropTriggers(t *schemas.Table) error {
	db := d.c.Catalog.Database(t.Database)
	if db == nil || t.ID == 0 {
		return nil
	}
	for _, p := range db.TriggersOf(t.ID) {
		if err := d.changeProgram(p, txn.Delete); err != nil {
			return err
		}
	}
	return nil
}

// fired are the triggers of a table that a statement may activate, in their order.
type fired struct {
	before, after map[string][]*schemas.Program
}

// has reports whether there is a trigger on the event.
func (f *fired) has(on string) bool {
	return f != nil && len(f.before[on])+len(f.after[on]) > 0
}

// firedOf collects the triggers of a table, and what they use.
func (k *compiler) firedOf(t *schemas.Table) *fired {
	db := k.c.Catalog.Database(t.Database)
	if db == nil || t.Temporary() {
		return nil
	}
	list := db.TriggersOf(t.ID)
	if len(list) == 0 {
		return nil
	}
	f := &fired{before: map[string][]*schemas.Program{}, after: map[string][]*schemas.Program{}}
	for _, p := range list {
		k.useProgram(p)
		if p.Trigger.After {
			f.after[p.Trigger.On] = append(f.after[p.Trigger.On], p)
		} else {
			f.before[p.Trigger.On] = append(f.before[p.Trigger.On], p)
		}
	}
	return f
}

// beforeRow activates the BEFORE triggers of a row, which may change row, the new one.
func (w *writer) beforeRow(on string, old, row []txn.Value) error {
	if w.fired == nil {
		return nil
	}
	return w.activate(w.fired.before[on], old, row)
}

// afterRow activates the AFTER triggers of a row.
func (w *writer) afterRow(on string, old, row []txn.Value) error {
	if w.fired == nil {
		return nil
	}
	return w.activate(w.fired.after[on], old, row)
}

func (w *writer) activate(list []*schemas.Program, old, row []txn.Value) error {
	if len(list) == 0 {
		return nil
	}
	h, ok := w.e.(ProgramHost)
	if !ok {
		return unsupported("TRIGGER")
	}
	defer h.Under(w.x)()
	for _, p := range list {
		if err := w.activateOne(h, p, old, row); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) activateOne(h ProgramHost, p *schemas.Program, old, row []txn.Value) error {
	r, err := h.Planner().routine(h.ProgramCatalog(), p, w.t)
	if err != nil {
		return err
	}
	leave, err := h.EnterProgram(p)
	if err != nil {
		return err
	}
	defer leave()
	a := newActivation(h, r)
	defer a.end()
	n := len(w.t.Columns)
	if r.oldRow >= 0 {
		copy(a.values[r.oldRow:r.oldRow+n], old)
	}
	if r.newRow >= 0 {
		copy(a.values[r.newRow:r.newRow+n], row)
	}
	if _, err := a.statement(r.body); err != nil {
		return err
	}
	if r.newRow >= 0 && !p.Trigger.After {
		for i := range n {
			if w.t.Columns[i].Generated == nil {
				row[i] = a.values[r.newRow+i]
			}
		}
	}
	return nil
}

// complain refuses NULL in columns that do not allow it, once BEFORE triggers had their say. missing are the columns that
// the statement gave no value and that have no default.
func (w *writer) complain(row []txn.Value, missing map[int]bool) error {
	for i := range w.t.Columns {
		c := &w.t.Columns[i]
		if c.Nullable || !row[i].IsNull() || c.Generated != nil || i == w.t.AutoIncrement {
			continue
		}
		e := nullError(c)
		if missing[i] {
			e = mysqlerr.New(mysql.ER_NO_DEFAULT_FOR_FIELD, c.Name)
		}
		if w.assign.Strict || w.oneRow && !w.ignore && !missing[i] || c.Type.Kind == schemas.Geometry {
			return e
		}
		w.warn(e)
		row[i] = w.implicit(c)
	}
	return nil
}
