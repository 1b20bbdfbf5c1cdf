package dialect

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// world is a catalog that statements change, without files.
type world struct {
	t        *testing.T
	c        Context
	position txn.Position
	warnings []*mysqlerr.Error
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, c: Context{Mode: DefaultSQLMode, Collation: "utf8mb4_0900_ai_ci", User: "root@localhost", Database: "d",
		Catalog: &schemas.Catalog{Databases: map[string]*schemas.Database{}}}}
	if _, err := w.run("CREATE DATABASE d"); err != nil {
		t.Fatal(err)
	}
	return w
}

// run executes a definition statement and returns its resolution.
func (w *world) run(sql string) (*Resolution, error) {
	p, err, ok := planRaw(&w.c, sql)
	if err != nil {
		return nil, err
	}
	if !ok || p.DDL == nil {
		return nil, fmt.Errorf("no definition statement: %s", sql)
	}
	r, err := p.DDL.Resolve(w.c.Catalog, catalogEnvironment{w})
	if err != nil {
		return nil, err
	}
	w.warnings = r.Warnings
	w.apply(r)
	return r, nil
}

// apply makes the next catalog as a node would.
func (w *world) apply(r *Resolution) {
	w.t.Helper()
	w.position++
	next := &schemas.Catalog{Position: w.position, Version: uint64(w.position), Databases: map[string]*schemas.Database{}}
	for name, d := range w.c.Catalog.Databases {
		copied := *d
		copied.Tables, copied.Views = map[string]*schemas.Table{}, map[string]*schemas.View{}
		for n, t := range d.Tables {
			copied.Tables[n] = t
		}
		for n, v := range d.Views {
			copied.Views[n] = v
		}
		next.Databases[name] = &copied
	}
	created := 0
	for _, c := range r.Body.Changes {
		if c.Op == txn.Insert {
			created++
		}
		w.change(next, c)
	}
	if created > 1 {
		w.t.Fatalf("%d objects created by one statement", created)
	}
	w.c.Catalog = next
}

func (w *world) change(next *schemas.Catalog, c txn.DefinitionChange) {
	w.t.Helper()
	fail := func(err error) {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	switch c.Kind {
	case txn.ObjectDatabase:
		if c.Op == txn.Delete {
			delete(next.Databases, c.Name)
			return
		}
		d, err := schemas.DecodeDatabase(c.Definition)
		fail(err)
		d.Tables, d.Views = map[string]*schemas.Table{}, map[string]*schemas.View{}
		if old := next.Databases[c.Name]; old != nil {
			d.Tables, d.Views = old.Tables, old.Views
		}
		if d.ID == 0 {
			d.ID = txn.DatabaseID(w.position)
		}
		next.Databases[c.Name] = d
	case txn.ObjectTable:
		tables := next.Databases[c.Database].Tables
		for name, t := range tables {
			if uint64(t.ID) == c.ID {
				delete(tables, name)
			}
		}
		if c.Op == txn.Delete {
			return
		}
		t, err := schemas.DecodeTable(c.Definition)
		fail(err)
		if t.ID == 0 {
			t.ID = txn.TableID(w.position)
		}
		t.Version = w.position
		tables[t.Name] = t
	case txn.ObjectView:
		views := next.Databases[c.Database].Views
		for name, v := range views {
			if uint64(v.ID) == c.ID {
				delete(views, name)
			}
		}
		if c.Op == txn.Delete {
			return
		}
		v, err := schemas.DecodeView(c.Definition)
		fail(err)
		if v.ID == 0 {
			v.ID = txn.TableID(w.position)
		}
		views[v.Name] = v
	}
}

// catalogEnvironment is a session that only has a clock.
type catalogEnvironment struct{ w *world }

func (catalogEnvironment) Now() time.Time {
	return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
}
func (catalogEnvironment) Zone() *time.Location                                       { return time.UTC }
func (e catalogEnvironment) Mode() SQLMode                                            { return e.w.c.Mode }
func (catalogEnvironment) ConnectionID() uint64                                       { return 7 }
func (catalogEnvironment) User() string                                               { return "root@localhost" }
func (catalogEnvironment) CurrentUser() string                                        { return "root@localhost" }
func (e catalogEnvironment) Database() string                                         { return e.w.c.Database }
func (catalogEnvironment) LastInsertID() uint64                                       { return 0 }
func (catalogEnvironment) SetLastInsertID(uint64)                                     {}
func (catalogEnvironment) RowCount() int64                                            { return 0 }
func (catalogEnvironment) FoundRows() uint64                                          { return 0 }
func (catalogEnvironment) UserVariable(string) txn.Value                              { return txn.Null() }
func (catalogEnvironment) SetUserVariable(string, txn.Value, expression.VariableSort) {}
func (catalogEnvironment) SystemVariable(_, name string) (txn.Value, error)           { return txn.Null(), nil }
func (catalogEnvironment) NextAutoIncrement(*schemas.Table, uint64) (uint64, error)   { return 1, nil }
func (catalogEnvironment) ReturnAutoIncrement(*schemas.Table, uint64, uint64)         {}
func (catalogEnvironment) NoteAutoIncrement(*schemas.Table, uint64)                   {}
func (catalogEnvironment) NextHiddenRowID() (int64, error)                            { return txn.HiddenBase, nil }
func (e catalogEnvironment) Warn(w *mysqlerr.Error)                                   { e.w.warnings = append(e.w.warnings, w) }
func (e catalogEnvironment) Server() ServerInfo                                       { return nil }

// answer is what a script shows of a statement: what MySQL answered when it was recorded.
func (w *world) answer(sql string) string {
	lower := strings.ToLower(sql)
	if rest, ok := strings.CutPrefix(lower, "show create table "); ok {
		t := w.c.Catalog.Table("d", strings.ReplaceAll(strings.Trim(sql[len(sql)-len(rest):], "`"), "``", "`"))
		if t == nil {
			return fmt.Sprintf("ERROR 1146 (42S02): Table 'd.%s' doesn't exist", sql[len(sql)-len(rest):])
		}
		return createTableText(t, t.AutoIncrementStart, time.UTC)
	}
	r, err := w.run(sql)
	var e *mysqlerr.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("ERROR %d (%s): %s", e.Code, e.State, e.Message)
	}
	if err != nil {
		return err.Error()
	}
	_ = r
	return "ok"
}

// scriptCase is a statement of a script and its recorded answer.
type scriptCase struct{ sql, want string }

func readScript(t *testing.T, path string) []scriptCase {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []scriptCase
	var current scriptCase
	inAnswer := false
	flush := func() {
		if current.sql != "" {
			current.want = strings.TrimSuffix(current.want, "\n")
			list = append(list, current)
		}
		current, inAnswer = scriptCase{}, false
	}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == "" && inAnswer:
			flush()
		case line == "----" && !inAnswer:
			inAnswer = true
		case strings.HasPrefix(line, "# ") && !inAnswer || line == "":
		case inAnswer:
			current.want += line + "\n"
		default:
			if current.sql != "" {
				current.sql += "\n"
			}
			current.sql += line
		}
	}
	flush()
	return list
}

// TestDefinitionsAreMySQLs runs scripts whose answers were recorded from MySQL 9.7.
func TestDefinitionsAreMySQLs(t *testing.T) {
	paths, err := filepath.Glob("testdata/ddl/*.mysql.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			w := newWorld(t)
			for _, c := range readScript(t, path) {
				if got := w.answer(c.sql); got != c.want {
					t.Errorf("%s\ngot  %s\nwant %s", c.sql, got, c.want)
				}
			}
		})
	}
}

var autoIncrementOption = regexp.MustCompile(` AUTO_INCREMENT=\d+`)

// TestAlteredTablesAreMySQLs runs scripts with rows, whose answers were recorded from MySQL 9.7.
func TestAlteredTablesAreMySQLs(t *testing.T) {
	paths, err := filepath.Glob("testdata/ddl/*.run.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			e := newEngine(t)
			for _, c := range readScript(t, path) {
				got := e.run(c.sql, nil).text()
				if p, err := e.planner.Plan(&e.w.c, []byte(c.sql)); err == nil {
					if n, ok := p.Command.(NoOperation); ok && n.Rows != nil {
						got = maintenanceText(p.Plan, n)
					}
				}
				if strings.HasPrefix(got, "affected ") {
					got = "ok"
				}
				c.want = autoIncrementOption.ReplaceAllString(c.want, "") // counters are the session's
				got = autoIncrementOption.ReplaceAllString(got, "")
				if got != c.want {
					t.Errorf("%s\ngot  %s\nwant %s", c.sql, got, c.want)
				}
			}
		})
	}
}

func maintenanceText(p *Plan, n NoOperation) string {
	o := outcome{columns: p.Columns}
	for _, row := range n.Rows {
		o.rows = append(o.rows, textRow(p.Columns, row))
	}
	return o.text()
}

// FuzzStatementsOfTheOwnGrammar looks for texts that break the grammar of definitions and commands.
func FuzzStatementsOfTheOwnGrammar(f *testing.F) {
	for _, pattern := range []string{"testdata/ddl/*.txt"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			for i, part := range strings.Split(string(text), "\n\n") {
				if sql, _, ok := strings.Cut(part, "\n----"); ok && i%7 == 0 {
					f.Add(sql)
				}
			}
		}
	}
	c := &Context{Mode: DefaultSQLMode, Collation: "utf8mb4_0900_ai_ci", User: "root@localhost", Database: "d",
		Catalog: &schemas.Catalog{Databases: map[string]*schemas.Database{"d": {ID: 1, Name: "d", Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}}}}
	f.Fuzz(func(t *testing.T, sql string) {
		p, err, ok := planRaw(c, sql)
		if !ok || err != nil || p.DDL == nil {
			return
		}
		// The second time must give the same: nothing of the plan changes when it is worked out.
		one, err := p.DDL.Resolve(c.Catalog, catalogEnvironment{&world{c: *c}})
		two, again := p.DDL.Resolve(c.Catalog, catalogEnvironment{&world{c: *c}})
		if (err == nil) != (again == nil) || err == nil && len(one.Body.Changes) != len(two.Body.Changes) {
			t.Errorf("%s: %v, then %v", sql, err, again)
		}
	})
}

// "If you lock a table explicitly with LOCK TABLES, any tables related by a foreign key constraint are
// opened and locked implicitly." (MySQL Reference Manual, 15.3.6)
func TestLockTablesTakesForeignKeysAlong(t *testing.T) {
	w := newWorld(t)
	for _, sql := range []string{
		"CREATE TABLE a (id INT PRIMARY KEY)",
		"CREATE TABLE b (id INT PRIMARY KEY, a INT REFERENCES a (id) ON DELETE CASCADE)",
		"CREATE TABLE c (b INT REFERENCES b (id))",
		"CREATE TABLE z (id INT)",
	} {
		if _, err := w.run(sql); err != nil {
			t.Fatal(err)
		}
	}
	for sql, want := range map[string]string{
		"LOCK TABLES a WRITE":         "a write, b write, c read",
		"LOCK TABLES a READ, z WRITE": "a read, z write",
		"LOCK TABLES c WRITE":         "c write, b read",
	} {
		p, err, ok := planRaw(&w.c, sql)
		if err != nil || !ok {
			t.Fatal(err)
		}
		var got []string
		for _, l := range p.Command.(LockTables).Tables {
			mode := " read"
			if l.Write {
				mode = " write"
			}
			got = append(got, l.Table.Name+mode)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: got %s, want %s", sql, strings.Join(got, ", "), want)
		}
	}
}
