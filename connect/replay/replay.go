package replay

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"marmot/schemas"

	_ "github.com/mattn/go-sqlite3" // the driver that writes the file
)

// Options name what to replay.
type Options struct {
	Dir      string // of the file sink
	Database string // whose tables to rebuild
	SQLite   string // file to make; it must not exist
}

// Result counts what was replayed.
type Result struct{ Tables, Changes, Rows int }

// Run rebuilds the database. After an error the file is not there.
func Run(ctx context.Context, o Options) (Result, error) {
	if _, err := os.Stat(o.SQLite); !errors.Is(err, fs.ErrNotExist) {
		return Result{}, fmt.Errorf("--sqlite %s: the file is there already; name a new one", o.SQLite)
	}
	db, err := sql.Open("sqlite3", uri(o.SQLite)+"?_journal_mode=OFF&_synchronous=OFF")
	if err != nil {
		return Result{}, err
	}
	result, err := rebuild(ctx, db, o)
	if err = errors.Join(err, db.Close()); err != nil {
		return result, errors.Join(err, removeIfThere(o.SQLite))
	}
	return result, nil
}

// uri names a file for SQLite, whatever characters the name has.
func uri(path string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func rebuild(ctx context.Context, db *sql.DB, o Options) (Result, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return Result{}, fmt.Errorf("--sqlite %s: %w", o.SQLite, err)
	}
	r := &replayer{ctx: ctx, tx: tx, database: o.Database, tables: map[string]*table{}}
	if err := merge(o.Dir, r.event); err != nil {
		_ = tx.Rollback()
		return r.result, err
	}
	r.result.Tables = len(r.tables)
	return r.result, tx.Commit()
}

// replayer applies events. Owned by one goroutine.
type replayer struct {
	ctx      context.Context //nolint:containedctx // lives as long as one Run
	tx       *sql.Tx
	database string
	tables   map[string]*table
	result   Result
}

// table is a table as its last definition has it.
type table struct {
	name    string
	columns []column
	primary []string
}

func (r *replayer) event(e *event) error {
	if e.Source.Database != r.database {
		return r.left(e)
	}
	if e.DDL != nil {
		r.result.Changes++
		return r.schemaChange(e)
	}
	if e.Source.Table == nil {
		return fmt.Errorf("a row event without source.table")
	}
	t := r.tables[*e.Source.Table]
	if t == nil {
		return fmt.Errorf("no schema change told of table %s before its first row", *e.Source.Table)
	}
	r.result.Rows++
	switch e.Op {
	case "c", "r":
		return r.insert(t, e.After)
	case "d":
		return r.remove(t, e.Before)
	case "u":
		if err := r.remove(t, e.Before); err != nil {
			return err
		}
		return r.insert(t, e.After)
	case "t":
		return r.exec("DELETE FROM " + schemas.QuoteSQLite(t.name))
	}
	return fmt.Errorf("unknown op %q", e.Op)
}

// left drops a table that the event of another database tells to have been renamed into that one.
func (r *replayer) left(e *event) error {
	if e.DDL == nil {
		return nil
	}
	database, name := renamedFrom(*e.DDL)
	if database != r.database || r.tables[name] == nil {
		return nil
	}
	delete(r.tables, name)
	return r.exec("DROP TABLE " + schemas.QuoteSQLite(name))
}

func (r *replayer) exec(query string, args ...any) error {
	_, err := r.tx.ExecContext(r.ctx, query, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

func (t *table) values(row map[string]json.RawMessage) ([]any, error) {
	values := make([]any, len(t.columns))
	for i := range t.columns {
		v, err := t.columns[i].value(row[t.columns[i].Name])
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func (r *replayer) insert(t *table, row map[string]json.RawMessage) error {
	values, err := t.values(row)
	if err != nil {
		return err
	}
	return r.exec("INSERT INTO "+schemas.QuoteSQLite(t.name)+" VALUES ("+strings.TrimSuffix(strings.Repeat("?,", len(values)), ",")+")", values...)
}

// remove deletes one row: by the primary key, or by all values.
func (r *replayer) remove(t *table, row map[string]json.RawMessage) error {
	values, err := t.values(row)
	if err != nil {
		return err
	}
	var conditions []string
	var args []any
	for i := range t.columns {
		if len(t.primary) == 0 || slices.Contains(t.primary, t.columns[i].Name) {
			conditions = append(conditions, schemas.QuoteSQLite(t.columns[i].Name)+" IS ?")
			args = append(args, values[i])
		}
	}
	name := schemas.QuoteSQLite(t.name)
	query := "DELETE FROM " + name + " WHERE " + strings.Join(conditions, " AND ")
	if len(t.primary) == 0 {
		query = "DELETE FROM " + name + " WHERE rowid = (SELECT rowid FROM " + name + " WHERE " + strings.Join(conditions, " AND ") + " LIMIT 1)"
	}
	result, err := r.tx.ExecContext(r.ctx, query, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = fmt.Errorf("the row to change is there %d times", n)
	}
	if err != nil {
		return fmt.Errorf("table %s: %w", t.name, err)
	}
	return nil
}

// schemaChange applies the table changes of a DDL event.
func (r *replayer) schemaChange(e *event) error {
	if err := r.follow(e); err != nil {
		return err
	}
	for i := range e.Changes {
		c := &e.Changes[i]
		_, name, ok := strings.Cut(strings.Trim(c.ID, `"`), `"."`)
		if !ok {
			return fmt.Errorf("table id %s is not \"database\".\"table\"", c.ID)
		}
		switch {
		case c.Type == "DROP":
			if r.tables[name] != nil {
				delete(r.tables, name)
				if err := r.exec("DROP TABLE " + schemas.QuoteSQLite(name)); err != nil {
					return err
				}
			}
		case c.Table == nil:
			return fmt.Errorf("%s of table %s without a definition", c.Type, name)
		default:
			next := &table{name: name, columns: c.Table.Columns, primary: c.Table.Primary}
			if err := r.define(e, next); err != nil {
				return err
			}
		}
	}
	return nil
}

// define creates a table, or rebuilds it with its new definition.
func (r *replayer) define(e *event, next *table) error {
	old := r.tables[next.name]
	if old == nil {
		database, from := renamedFrom(*e.DDL)
		old = r.tables[from]
		switch {
		case from == "":
		case old == nil || database != "" && database != r.database:
			return fmt.Errorf("table %s was renamed from one of another database (%s): its rows are in the events of that one", next.name, *e.DDL)
		default:
			delete(r.tables, from)
		}
	}
	r.tables[next.name] = next
	if old == nil {
		return r.exec(next.create(next.name))
	}
	const temporary = "_replay_new"
	if err := r.exec(next.create(temporary)); err != nil {
		return err
	}
	targets, sources, args := next.carry(old)
	if len(targets) > 0 {
		err := r.exec("INSERT INTO "+temporary+" ("+strings.Join(targets, ", ")+") SELECT "+strings.Join(sources, ", ")+" FROM "+schemas.QuoteSQLite(old.name), args...)
		if err != nil {
			return err
		}
	}
	if err := r.exec("DROP TABLE " + schemas.QuoteSQLite(old.name)); err != nil {
		return err
	}
	return r.exec("ALTER TABLE " + temporary + " RENAME TO " + schemas.QuoteSQLite(next.name))
}

// follow gives a table the name that RENAME TABLE gives it. Such a statement has an event for each of its pairs, and tables may swap names.
func (r *replayer) follow(e *event) error {
	m := pair.FindStringSubmatch(*e.DDL)
	if m == nil {
		return nil
	}
	from, to := strings.Trim(m[2], "`"), strings.Trim(m[3], "`")
	t := r.tables[from]
	if database := strings.Trim(m[1], "`"); t == nil || database != "" && database != r.database {
		return nil
	}
	if err := r.exec("ALTER TABLE " + schemas.QuoteSQLite(from) + " RENAME TO " + schemas.QuoteSQLite(to)); err != nil {
		return err
	}
	delete(r.tables, from)
	t.name = to
	r.tables[to] = t
	return nil
}

// pair is RENAME TABLE of one table.
var pair = regexp.MustCompile("(?is)^\\s*RENAME\\s+TABLE\\s+(?:(`[^`]+`|\\w+)\\.)?(`[^`]+`|\\w+)\\s+TO\\s+(?:(?:`[^`]+`|\\w+)\\.)?(`[^`]+`|\\w+)\\s*$")

// rename is a statement that gives a table another name: RENAME TABLE a TO b, ALTER TABLE a … RENAME TO b.
var rename = regexp.MustCompile("(?is)^\\s*(?:RENAME\\s+TABLE|ALTER\\s+TABLE)\\s+(?:(`[^`]+`|\\w+)\\.)?(`[^`]+`|\\w+)\\s.*?(?:\\bTO\\b|\\bRENAME\\s+(?:TO|AS)?\\b)")

// renamedFrom is the old name of a table that a statement renames, or empty; the database too where the statement says it.
func renamedFrom(ddl string) (database, name string) {
	m := rename.FindStringSubmatch(ddl)
	if m == nil {
		return "", ""
	}
	return strings.Trim(m[1], "`"), strings.Trim(m[2], "`")
}

func (t *table) create(name string) string {
	parts := make([]string, len(t.columns))
	for i := range t.columns {
		c := &t.columns[i]
		parts[i] = strings.TrimSpace(schemas.QuoteSQLite(c.Name) + " " + c.sqliteType())
	}
	if len(t.primary) > 0 {
		keys := make([]string, len(t.primary))
		for i, k := range t.primary {
			keys[i] = schemas.QuoteSQLite(k)
		}
		parts = append(parts, "UNIQUE ("+strings.Join(keys, ", ")+")")
	}
	return "CREATE TABLE " + schemas.QuoteSQLite(name) + " (" + strings.Join(parts, ", ") + ")"
}

// carry tells which columns of the old table go into which of the new; an added one gets its
// default.
func (t *table) carry(old *table) (targets, sources []string, args []any) {
	for i := range t.columns {
		c := &t.columns[i]
		targets = append(targets, schemas.QuoteSQLite(c.Name))
		switch {
		case old.has(c.Name):
			sources = append(sources, schemas.QuoteSQLite(c.Name))
		case len(old.columns) == len(t.columns) && !t.has(old.columns[i].Name):
			sources = append(sources, schemas.QuoteSQLite(old.columns[i].Name))
		default:
			sources = append(sources, "?")
			args = append(args, c.defaultValue())
		}
	}
	return targets, sources, args
}

func (t *table) has(name string) bool {
	for i := range t.columns {
		if strings.EqualFold(t.columns[i].Name, name) {
			return true
		}
	}
	return false
}
