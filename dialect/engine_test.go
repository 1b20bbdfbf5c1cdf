package dialect

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/sqlext"
	"marmot/store/sqlite"
	"marmot/txn"
)

// engine runs statements against plain SQLite: a session without branches, log or clients.
type engine struct {
	t        testing.TB
	w        *world
	planner  *Planner
	dir      string
	conn     *sqlite.Conn
	attached map[txn.DatabaseID]string
	triggers map[string]bool
	open     bool // a transaction is

	variables map[string]txn.Value
	settings  map[string]string
	lastID    uint64
	rowCount  int64
	found     uint64
	counters  map[txn.TableID]uint64
	hidden    int64
	now       time.Time
	cascade   int64
}

func newEngine(t testing.TB) *engine {
	e := &engine{t: t, planner: NewPlanner(Options{}), dir: t.TempDir(), attached: map[txn.DatabaseID]string{}, triggers: map[string]bool{},
		variables: map[string]txn.Value{}, settings: map[string]string{}, counters: map[txn.TableID]uint64{},
		now: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}
	e.w = &world{c: Context{Mode: DefaultSQLMode, Collation: "utf8mb4_0900_ai_ci", User: "root@localhost",
		Catalog: &schemas.Catalog{Databases: map[string]*schemas.Database{}}}}
	e.w.t, _ = t.(*testing.T)
	if e.w.t == nil {
		e.w.t = &testing.T{} // a benchmark's
	}
	var err error
	if e.conn, err = sqlite.Open(sqlite.OpenOptions{Path: ":memory:"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.conn.Close() })
	set := Extensions()
	cascade := func(args []txn.Value) (txn.Value, error) {
		if len(args) > 0 {
			e.cascade += args[0].Int64()
		}
		return txn.Int(e.cascade), nil
	}
	set.Functions = append(set.Functions, sqlext.Function{Name: "marmot_cascade", Arity: -1, Call: cascade})
	if err := e.conn.Register(set); err != nil {
		t.Fatal(err)
	}
	e.conn.SetState(testEnvironment{e})
	if err := e.conn.Exec("PRAGMA recursive_triggers=ON"); err != nil {
		t.Fatal(err)
	}
	e.must("CREATE DATABASE difft")
	e.w.c.Database = "difft"
	return e
}

func (e *engine) must(sql string) {
	e.t.Helper()
	if a := e.run(sql, nil); a.err != nil {
		e.t.Fatalf("%s: %v", sql, a.err)
	}
}

// outcome is what a statement answered.
type outcome struct {
	columns  []ResultColumn
	rows     [][]*string
	result   WriteResult
	warnings []*mysqlerr.Error
	err      error
}

// run executes one statement; args not nil: a prepared one.
func (e *engine) run(sql string, args []txn.Value) outcome {
	e.w.warnings = nil
	var out outcome
	var bound Bound
	if args != nil {
		b, err := e.planner.Prepare(&e.w.c, []byte(sql))
		if err != nil {
			return outcome{err: err}
		}
		bound = *b
	} else {
		var err error
		if bound, err = e.planner.Plan(&e.w.c, []byte(sql)); err != nil {
			return outcome{err: err}
		}
	}
	if args == nil {
		e.w.warnings = append(e.w.warnings, bound.Warnings...)
	}
	e.cascade = 0
	e.now = e.now.Add(time.Second)
	b := Binding{Literals: bound.Literals, Args: args}
	switch {
	case bound.Query != nil:
		out = e.query(bound.Plan, b)
	case bound.Write != nil:
		out = e.write(bound.Plan, b)
	case bound.DDL != nil:
		out.result.Affected, out.err = e.define(bound.DDL)
	default:
		out.err = e.command(bound.Command, b)
	}
	out.warnings = e.w.warnings
	return out
}

func (e *engine) query(p *Plan, b Binding) outcome {
	out := outcome{columns: p.Columns}
	found := uint64(0)
	out.err = p.Query.Run(e, testEnvironment{e}, b, func(values []txn.Value) error {
		found++
		out.rows = append(out.rows, textRow(p.Columns, values))
		return nil
	})
	if n, ok, err := p.Query.FoundRows(e, testEnvironment{e}, b); ok {
		found, out.err = n, errors.Join(out.err, err)
	}
	e.rowCount, e.found = -1, found
	return out
}

func textRow(columns []ResultColumn, values []txn.Value) []*string {
	row := make([]*string, len(columns))
	for i := range columns {
		if !values[i].IsNull() {
			text := string(schemas.AppendText(nil, columns[i].Type, values[i]))
			row[i] = &text
		}
	}
	return row
}

func (e *engine) write(p *Plan, b Binding) (out outcome) {
	if err := e.conn.Exec("SAVEPOINT statement"); err != nil {
		return outcome{err: err}
	}
	out.result, out.err = p.Write.Run(e, testEnvironment{e}, b)
	if out.err != nil {
		e.rowCount = -1
		if err := e.conn.Exec("ROLLBACK TO statement"); err != nil {
			out.err = errors.Join(out.err, err)
		}
	} else {
		e.rowCount = int64(out.result.Affected)
		if out.result.GeneratedID {
			e.lastID = out.result.InsertID
		}
	}
	if err := e.conn.Exec("RELEASE statement"); err != nil {
		out.err = errors.Join(out.err, err)
	}
	return out
}

// define carries out a DDL as a node would: its SQLite statements run in the database's file.
func (e *engine) define(d *DDL) (uint64, error) {
	if e.open {
		if err := e.conn.Exec("COMMIT"); err != nil {
			return 0, err
		}
		e.open = false
	}
	r, err := d.Resolve(e.w.c.Catalog, testEnvironment{e})
	if err != nil {
		return 0, err
	}
	e.w.warnings = append(e.w.warnings, r.Warnings...)
	if err := e.check(r, true); err != nil {
		return 0, err
	}
	before := e.w.c.Catalog
	if err := e.forgetTriggers(); err != nil {
		return 0, err
	}
	if len(r.Body.Changes) > 0 {
		e.w.apply(r)
	}
	for _, change := range r.Body.Changes {
		db := e.w.c.Catalog.Database(change.Database)
		if change.Kind == txn.ObjectDatabase {
			db = e.w.c.Catalog.Database(change.Name)
		}
		if db == nil {
			continue
		}
		if err := e.attach(db.ID); err != nil {
			return 0, err
		}
		if change.Truncate {
			delete(e.counters, txn.TableID(change.ID))
		}
		if err := e.runInFile(db.ID, change.SQLite); err != nil {
			e.w.c.Catalog = before
			return 0, constraintOf(err)
		}
	}
	if err := e.check(r, false); err != nil { // a node checks in a branch, which it drops
		e.w.c.Catalog = before
		return 0, err
	}
	if r.Rows != nil {
		if a := e.run(r.Rows.Insert, nil); a.err != nil {
			return 0, a.err
		}
	}
	return r.Affected, nil
}

// constraintOf finds MySQL's error behind SQLite's.
func constraintOf(err error) error {
	var own *mysqlerr.Error
	if errors.As(err, &own) {
		return own
	}
	return err
}

// check runs the check of a DDL on the file that it changes.
func (e *engine) check(r *Resolution, before bool) error {
	if r.Check == nil {
		return nil
	}
	c, err := sqlite.Open(sqlite.OpenOptions{Path: e.attached[r.Body.Changes[0].DBID]})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Register(Extensions()); err != nil {
		return err
	}
	return r.Check(&engine{t: e.t, w: e.w, conn: c}, before)
}

// forgetTriggers drops the TEMP triggers, as a session does that closes its branch.
func (e *engine) forgetTriggers() error {
	var names []string
	if err := e.Query("SELECT name FROM temp.sqlite_schema WHERE type = 'trigger'", nil, func(row []txn.Value) error {
		names = append(names, string(row[0].Bytes()))
		return nil
	}); err != nil {
		return err
	}
	for _, n := range names {
		if err := e.conn.Exec("DROP TRIGGER temp." + schemas.QuoteSQLite(n)); err != nil {
			return err
		}
	}
	return nil
}

func (e *engine) attach(id txn.DatabaseID) error {
	if e.attached[id] != "" {
		return nil
	}
	path := filepath.Join(e.dir, fmt.Sprint(id)+".db")
	c, err := sqlite.Open(sqlite.OpenOptions{Path: path, Create: true})
	if err != nil {
		return err
	}
	if err := c.Exec("PRAGMA journal_mode=WAL"); err != nil {
		return err
	}
	if err := c.Close(); err != nil {
		return err
	}
	e.attached[id] = path
	return e.conn.Attach(path, "d"+fmt.Sprint(id))
}

func (e *engine) runInFile(id txn.DatabaseID, statements []string) error {
	c, err := sqlite.Open(sqlite.OpenOptions{Path: e.attached[id]})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Register(Extensions()); err != nil {
		return err
	}
	if err := c.Exec("BEGIN"); err != nil { // a node runs all of a record or nothing
		return err
	}
	for _, s := range statements {
		if err := c.Exec(s); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", s, err), c.Exec("ROLLBACK"))
		}
	}
	return c.Exec("COMMIT")
}

// command carries out what a session would.
func (e *engine) command(c Command, b Binding) error {
	switch c := c.(type) {
	case Begin:
		return e.transaction("BEGIN", true)
	case Commit:
		return e.transaction("COMMIT", false)
	case Rollback:
		if c.Savepoint != "" {
			return e.conn.Exec("ROLLBACK TO " + c.Savepoint)
		}
		return e.transaction("ROLLBACK", false)
	case Savepoint:
		return e.conn.Exec("SAVEPOINT " + c.Name)
	case ReleaseSavepoint:
		return e.conn.Exec("RELEASE " + c.Name)
	case Use:
		if e.w.c.Catalog.Database(c.Database) == nil {
			return mysqlerr.New(1049, c.Database)
		}
		e.w.c.Database = c.Database
	case Set:
		values := make([]txn.Value, len(c.Assignments))
		for i, a := range c.Assignments { // all are computed before the first is assigned
			if a.Default {
				continue
			}
			v, err := a.Value(e, testEnvironment{e}, b)
			if err != nil {
				return err
			}
			values[i] = v.Clone()
		}
		for i, a := range c.Assignments {
			if err := e.set(a, values[i]); err != nil {
				return err
			}
		}
	case NoOperation:
	default:
		return fmt.Errorf("command %T is the session's", c)
	}
	return nil
}

func (e *engine) transaction(sql string, open bool) error {
	if open == e.open {
		if !open {
			return nil
		}
		if err := e.conn.Exec("COMMIT"); err != nil {
			return err
		}
	}
	e.open = open
	return e.conn.Exec(sql)
}

func (e *engine) set(a SetVariable, v txn.Value) error {
	if a.Scope == "user" {
		e.variables[strings.ToLower(a.Name)] = v
		return nil
	}
	known := LookupVariable(a.Name)
	if known == nil {
		return nil
	}
	text := known.Default
	if !a.Default {
		var err error
		if text, err = known.Normalize(v); err != nil {
			return err
		}
	}
	e.settings[known.Name] = text
	switch known.Name {
	case "sql_mode":
		mode, err := ParseSQLMode(text)
		e.w.c.Mode = mode
		return err
	case "foreign_key_checks":
		e.w.c.NoForeignKeys = text == "OFF"
	}
	return nil
}

// Query, Exec, Savepoint and Trigger make the engine an Executor.
func (e *engine) Query(sql string, args []txn.Value, row func([]txn.Value) error) error {
	s, err := e.conn.Prepare(sql)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, sql)
	}
	defer s.Reset()
	if err := s.Bind(args); err != nil {
		return err
	}
	for {
		more, err := s.Step()
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
		if err := row(s.Row()); err != nil {
			return err
		}
	}
}

func (e *engine) Exec(sql string, args []txn.Value) (int64, error) {
	err := e.Query(sql, args, func([]txn.Value) error { return nil })
	return e.conn.Changes(), err
}

func (e *engine) Savepoint() (keep, undo func() error, err error) {
	if err := e.conn.Exec("SAVEPOINT part"); err != nil {
		return nil, nil, err
	}
	keep = func() error { return e.conn.Exec("RELEASE part") }
	undo = func() error { return e.conn.Exec("ROLLBACK TO part; RELEASE part") }
	return keep, undo, nil
}

func (e *engine) Trigger(t TempTrigger) error {
	known := false
	err := e.Query("SELECT 1 FROM temp.sqlite_schema WHERE name = ?1", []txn.Value{txn.TextString(t.Name)}, func([]txn.Value) error {
		known = true
		return nil
	})
	if err != nil || known {
		return err
	}
	if err := e.conn.Exec(t.SQL); err != nil {
		return fmt.Errorf("%s: %w", t.SQL, err)
	}
	return nil
}

// testEnvironment is the engine as an Environment.
type testEnvironment struct{ e *engine }

func (t testEnvironment) Now() time.Time           { return t.e.now }
func (t testEnvironment) Zone() *time.Location     { return time.UTC }
func (t testEnvironment) Mode() SQLMode            { return t.e.w.c.Mode }
func (t testEnvironment) ModeBits() uint64         { return uint64(t.e.w.c.Mode) }
func (t testEnvironment) ConnectionID() uint64     { return 7 }
func (t testEnvironment) User() string             { return "root@localhost" }
func (t testEnvironment) CurrentUser() string      { return "root@localhost" }
func (t testEnvironment) Database() string         { return t.e.w.c.Database }
func (t testEnvironment) LastInsertID() uint64     { return t.e.lastID }
func (t testEnvironment) SetLastInsertID(n uint64) { t.e.lastID = n }
func (t testEnvironment) RowCount() int64          { return t.e.rowCount }
func (t testEnvironment) FoundRows() uint64        { return t.e.found }
func (t testEnvironment) UserVariable(name string) txn.Value {
	return t.e.variables[strings.ToLower(name)]
}
func (t testEnvironment) SetUserVariable(name string, v txn.Value, _ expression.VariableSort) {
	t.e.variables[strings.ToLower(name)] = v.Clone()
}
func (t testEnvironment) SystemVariable(_, name string) (txn.Value, error) {
	if v, ok := t.e.settings[name]; ok {
		return txn.TextString(v), nil
	}
	if known := LookupVariable(name); known != nil {
		return txn.TextString(known.Default), nil
	}
	return txn.Null(), nil
}
func (t testEnvironment) NextAutoIncrement(table *schemas.Table, n uint64) (uint64, error) {
	first := max(t.e.counters[table.ID], table.AutoIncrementStart, 1)
	t.e.counters[table.ID] = first + n
	return first, nil
}
func (t testEnvironment) ReturnAutoIncrement(table *schemas.Table, first, n uint64) {
	if t.e.counters[table.ID] == first+n {
		t.e.counters[table.ID] = first
	}
}
func (t testEnvironment) NoteAutoIncrement(table *schemas.Table, n uint64) {
	t.e.counters[table.ID] = max(t.e.counters[table.ID], n+1)
}
func (t testEnvironment) NextHiddenRowID() (int64, error) {
	t.e.hidden++
	return txn.HiddenBase + t.e.hidden, nil
}
func (t testEnvironment) Warn(w *mysqlerr.Error) { t.e.w.warnings = append(t.e.w.warnings, w) }
func (t testEnvironment) Server() ServerInfo     { return nil }

// text prints an outcome for tests: rows of columns separated by |, or what a write did, or the error.
func (o outcome) text() string {
	var own *mysqlerr.Error
	if errors.As(o.err, &own) {
		return fmt.Sprintf("ERROR %d (%s): %s", own.Code, own.State, own.Message)
	}
	if o.err != nil {
		return "broken: " + o.err.Error()
	}
	if o.columns == nil {
		return "affected " + strconv.FormatUint(o.result.Affected, 10)
	}
	var b strings.Builder
	for _, row := range o.rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte('|')
			}
			if v == nil {
				b.WriteString("NULL")
			} else {
				b.WriteString(*v)
			}
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}
