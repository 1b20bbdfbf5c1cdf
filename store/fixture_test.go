package store

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"marmot/schemas"
	"marmot/sqlext"
	"marmot/store/sqlite"
	"marmot/txn"
)

// fixture is a store whose log is made up as the test goes.
type fixture struct {
	t    testing.TB
	o    Options
	s    *Store
	last txn.Position
}

func testSet() sqlext.Set { return sqlext.Set{Collations: schemas.Collations()} }

func newFixture(t testing.TB) *fixture {
	f := &fixture{t: t, o: Options{Dir: t.TempDir(), Set: testSet(), Logger: slog.New(slog.DiscardHandler)}}
	f.open()
	t.Cleanup(func() { f.close() })
	return f
}

func (f *fixture) open() {
	f.t.Helper()
	s, err := Open(f.o)
	f.must(err)
	f.s = s
}

func (f *fixture) close() {
	f.t.Helper()
	if f.s != nil {
		f.must(f.s.Close())
		f.s = nil
	}
}

func (f *fixture) reopen() {
	f.t.Helper()
	f.close()
	f.open()
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) next() txn.Position {
	f.last++
	return f.last
}

func createChange(t testing.TB, name string) txn.DefinitionChange {
	t.Helper()
	definition, err := schemas.EncodeDatabase(&schemas.Database{Name: name, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"})
	if err != nil {
		t.Fatal(err)
	}
	return txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Insert, Database: name, Name: name, Definition: definition}
}

func (f *fixture) createDatabase(name string) txn.DatabaseID {
	f.t.Helper()
	p := f.next()
	f.must(f.s.ApplyDatabase(p, int64(p), createChange(f.t, name)))
	return txn.DatabaseID(p)
}

func (f *fixture) dropDatabase(id txn.DatabaseID, name string) {
	f.t.Helper()
	f.must(f.s.ApplyDatabase(f.next(), 0, txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Delete, ID: uint64(id), Database: name, Name: name}))
}

// define makes a table's definition: columns "name TYPE", the first of which is the primary key
// unless there is none. Types: int, text (collated), bin, dec, real, ubig.
func define(name string, primary bool, columns ...string) *schemas.Table {
	t := &schemas.Table{Name: name, AutoIncrement: -1}
	for i, c := range columns {
		column, kind, _ := strings.Cut(c, " ")
		t.Columns = append(t.Columns, schemas.Column{Name: column, Nullable: i > 0 || !primary, Type: testType(kind)})
	}
	if primary {
		t.Primary = &schemas.Index{Name: "PRIMARY", Unique: true, Parts: []schemas.IndexPart{{Column: 0}}}
	}
	t.Settle(func(string) bool { return false })
	return t
}

func testType(kind string) schemas.Type {
	switch kind {
	case "int":
		return schemas.Type{Kind: schemas.Int}
	case "ubig":
		return schemas.Type{Kind: schemas.BigInt, Unsigned: true}
	case "bin":
		return schemas.Type{Kind: schemas.VarBinary, Length: 100}
	case "dec":
		return schemas.Type{Kind: schemas.Decimal, Length: 10, Decimals: 2}
	case "real":
		return schemas.Type{Kind: schemas.Double, Decimals: -1}
	}
	return schemas.Type{Kind: schemas.VarChar, Length: 100, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
}

// tableChange makes the definition change of a table; id 0 creates it.
func tableChange(db txn.DatabaseID, id txn.TableID, table *schemas.Table, statements ...string) txn.DefinitionChange {
	definition, err := schemas.EncodeTable(table)
	if err != nil {
		panic(err)
	}
	op := txn.Update
	if id == 0 {
		op = txn.Insert
		if statements == nil {
			statements = table.CreateSQLite()
		}
	}
	return txn.DefinitionChange{Kind: txn.ObjectTable, Op: op, ID: uint64(id), DBID: db, Name: table.Name, Definition: definition, SQLite: statements}
}

func (f *fixture) createTable(db txn.DatabaseID, t *schemas.Table) *schemas.Table {
	f.t.Helper()
	p := f.next()
	f.must(f.s.Apply(db, []Applied{{Position: p, TimeUS: 7, Changes: []txn.DefinitionChange{tableChange(db, 0, t)}}}))
	return f.table(txn.TableID(p))
}

func (f *fixture) table(id txn.TableID) *schemas.Table {
	f.t.Helper()
	t := findTable(f.s.Catalog(), id)
	if t == nil {
		f.t.Fatalf("the catalog has no table %d", id)
	}
	return t
}

// apply applies one record of events.
func (f *fixture) apply(db txn.DatabaseID, events ...txn.RowEvent) error {
	return f.s.Apply(db, []Applied{{Position: f.next(), Events: events}})
}

func insert(t *schemas.Table, values ...any) txn.RowEvent {
	return txn.RowEvent{Table: t.ID, Version: t.Version, Op: txn.Insert, After: row(values...)}
}

func remove(t *schemas.Table, values ...any) txn.RowEvent {
	return txn.RowEvent{Table: t.ID, Version: t.Version, Op: txn.Delete, Before: row(values...)}
}

func update(t *schemas.Table, before, after []txn.Value) txn.RowEvent {
	return txn.RowEvent{Table: t.ID, Version: t.Version, Op: txn.Update, Before: before, After: after}
}

func row(values ...any) []txn.Value {
	var list []txn.Value
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			list = append(list, txn.Null())
		case int:
			list = append(list, txn.Int(int64(v)))
		case int64:
			list = append(list, txn.Int(v))
		case float64:
			list = append(list, txn.Real(v))
		case string:
			list = append(list, txn.TextString(v))
		case []byte:
			list = append(list, txn.Blob(v))
		default:
			panic(fmt.Sprintf("%T", v))
		}
	}
	return list
}

// rows prints what a query gives, a line a row.
func rows(t testing.TB, c *sqlite.Conn, sql string, args ...any) string {
	t.Helper()
	var b strings.Builder
	err := query(c, sql, func(row []txn.Value) error {
		for i, v := range row {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString(v.String())
		}
		b.WriteString("\n")
		return nil
	}, row(args...)...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return b.String()
}

// dump prints every table of a database, state and catalog too, as the file holds them.
func (f *fixture) dump(id txn.DatabaseID) string {
	f.t.Helper()
	d := f.s.database(id)
	if d == nil {
		f.t.Fatalf("there is no database %d", id)
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	names := strings.Fields(rows(f.t, d.writer, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"))
	var b strings.Builder
	for _, n := range names {
		n = strings.Trim(n, "'")
		b.WriteString(n + "\n")
		lines := strings.Split(rows(f.t, d.writer, "SELECT * FROM "+schemas.QuoteSQLite(n)), "\n")
		slices.Sort(lines)
		b.WriteString(strings.Join(lines, "\n") + "\n")
	}
	if check := rows(f.t, d.writer, "PRAGMA integrity_check"); check != "'ok'\n" {
		f.t.Fatalf("integrity: %s", check)
	}
	return b.String()
}

func (f *fixture) branch(ids ...txn.DatabaseID) *Branch {
	f.t.Helper()
	b, err := f.s.OpenBranch()
	f.must(err)
	f.must(b.Use(ids...))
	f.must(b.Snapshot(f.t.Context()))
	return b
}

func tableNames(d *schemas.Database) string {
	return strings.Join(slices.Sorted(maps.Keys(d.Tables)), " ")
}

// clock is a time that the test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// branchOf opens a branch without a snapshot.
func (f *fixture) branchOf(ids ...txn.DatabaseID) *Branch {
	f.t.Helper()
	b, err := f.s.OpenBranch()
	f.must(err)
	f.must(b.Use(ids...))
	return b
}
