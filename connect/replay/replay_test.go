package replay

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marmot/connect/sink"
	"marmot/connect/sink/file"
	"marmot/debezium"
	"marmot/schemas"
	"marmot/txn"
)

// world is a small history: its definitions, and the records of its events.
type world struct {
	t        *testing.T
	position txn.Position
	tables   map[txn.Position]*schemas.Table // by version
	encoder  *debezium.Encoder
	sink     *file.Sink
	dir      string
	offsets  map[string]int64
}

// TableAt implements schemas.History.
func (w *world) TableAt(_ txn.TableID, version txn.Position) (*schemas.Table, error) {
	return w.tables[version], nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, tables: map[txn.Position]*schemas.Table{}, dir: t.TempDir(), offsets: map[string]int64{}}
	var err error
	o := debezium.Options{TopicPrefix: "m", Tombstones: true, TransactionMetadata: true, SchemaChanges: true, ClusterUUID: "u"}
	if w.encoder, err = debezium.NewEncoder(o, debezium.JSONFormat(debezium.JSONOptions{}), w, time.Now); err != nil {
		t.Fatal(err)
	}
	if w.sink, err = file.New(file.Options{Dir: w.dir, RotateBytes: 2000, RotateInterval: time.Hour, Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) emit(r debezium.Record) error {
	if _, ok := w.offsets[r.Topic]; !ok {
		if _, err := w.sink.Assign(w.t.Context(), sink.Partition{Topic: r.Topic}); err != nil {
			return err
		}
	}
	offset := w.offsets[r.Topic]
	w.offsets[r.Topic] = offset + 1
	return w.sink.Write(w.t.Context(), []sink.Record{{Topic: r.Topic, Offset: offset, TimestampMS: 1_700_000_000_000, Key: r.Key, Value: r.Value}})
}

func (w *world) commit(c debezium.Committed) {
	w.t.Helper()
	w.position++
	c.Position = w.position
	if c.Events == nil {
		c.Events = func(func(*txn.RowEvent) error) error { return nil }
	}
	if err := w.encoder.Encode(context.Background(), &c, 0, w.emit, func(uint64) error { return nil }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) define(op txn.Op, truncate bool, ddl string, def *schemas.Table) {
	w.t.Helper()
	w.tables[w.position+1] = def
	encoded, err := schemas.EncodeTable(def)
	if err != nil {
		w.t.Fatal(err)
	}
	w.commit(debezium.Committed{DDL: &txn.DDLBody{Text: ddl, Changes: []txn.DefinitionChange{
		{Kind: txn.ObjectTable, Op: op, Truncate: truncate, Database: def.Database, Name: def.Name, Definition: encoded, SQLite: []string{"x"}}}}})
}

func (w *world) rows(version txn.Position, events ...txn.RowEvent) {
	w.t.Helper()
	w.commit(debezium.Committed{Events: func(each func(*txn.RowEvent) error) error {
		for i := range events {
			events[i].Version, events[i].Ordinal = version, uint64(i)
			if err := each(&events[i]); err != nil {
				return err
			}
		}
		return nil
	}})
}

// content replays the files and returns the rows of a table.
func (w *world) content(table string) string {
	w.t.Helper()
	if err := w.sink.Close(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	name := filepath.Join(w.t.TempDir(), "re?play #1 %41.db")
	if _, err := Run(w.t.Context(), Options{Dir: w.dir, Database: "shop", SQLite: name}); err != nil {
		w.t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", uri(name))
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	return dump(w.t, db, table)
}

func dump(t *testing.T, db *sql.DB, table string) string {
	t.Helper()
	result, err := db.Query("SELECT * FROM " + table + " ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	names, err := result.Columns()
	if err != nil {
		t.Fatal(err)
	}
	out := strings.Join(names, " ")
	for result.Next() {
		values := make([]any, len(names))
		pointers := make([]any, len(names))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := result.Scan(pointers...); err != nil {
			t.Fatal(err)
		}
		out += "\n"
		for i, v := range values {
			if i > 0 {
				out += " "
			}
			out += fmt.Sprintf("%T:%v", v, v)
		}
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func item(columns ...schemas.Column) *schemas.Table {
	return &schemas.Table{ID: 1, Database: "shop", Name: "item", AutoIncrement: -1,
		Primary: &schemas.Index{Name: "PRIMARY", Unique: true, Parts: []schemas.IndexPart{{Column: 0}}},
		Columns: append([]schemas.Column{{Name: "id", Type: schemas.Type{Kind: schemas.Int}}}, columns...)}
}

func insert(values ...txn.Value) txn.RowEvent {
	return txn.RowEvent{Table: 1, Op: txn.Insert, After: values}
}

func TestValuesComeBackAsTheyAreStored(t *testing.T) {
	types := []schemas.Column{
		{Name: "de", Type: schemas.Type{Kind: schemas.Decimal, Length: 10, Decimals: 3}, Nullable: true},
		{Name: "bu", Type: schemas.Type{Kind: schemas.BigInt, Unsigned: true}, Nullable: true},
		{Name: "da", Type: schemas.Type{Kind: schemas.Date}, Nullable: true},
		{Name: "dt", Type: schemas.Type{Kind: schemas.DateTime, Decimals: 6}, Nullable: true},
		{Name: "ti", Type: schemas.Type{Kind: schemas.Time, Decimals: 2}, Nullable: true},
		{Name: "ts", Type: schemas.Type{Kind: schemas.Timestamp, Decimals: 3}, Nullable: true},
		{Name: "bi", Type: schemas.Type{Kind: schemas.Bit, Length: 10}, Nullable: true},
		{Name: "fl", Type: schemas.Type{Kind: schemas.Float, Decimals: -1}, Nullable: true},
		{Name: "js", Type: schemas.Type{Kind: schemas.JSON}, Nullable: true},
		{Name: "vb", Type: schemas.Type{Kind: schemas.VarBinary, Length: 10}, Nullable: true},
		{Name: "en", Type: schemas.Type{Kind: schemas.Enum, Members: []string{"a", "b"}}, Nullable: true},
	}
	w := newWorld(t)
	w.define(txn.Insert, false, "CREATE TABLE item …", item(types...))
	s := txn.TextString
	w.rows(1, insert(txn.Int(1), s("-1234.500"), s("18446744073709551615"), s("1969-12-31"), s("2024-02-29 23:59:59.123456"),
		s("-100:00:01.50"), s("2024-01-01 00:00:00.120"), txn.Int(513), txn.Real(float64(float32(0.1))), s(`{"a": [1, 2]}`), txn.Blob([]byte{0, 255}), s("b")))
	nulls := []txn.Value{txn.Int(2)}
	for range types {
		nulls = append(nulls, txn.Null())
	}
	w.rows(1, insert(nulls...))
	want := `id de bu da dt ti ts bi fl js vb en
int64:1 string:-1234.500 string:18446744073709551615 string:1969-12-31 string:2024-02-29 23:59:59.123456 string:-100:00:01.50 string:2024-01-01 00:00:00.120 int64:513 float64:0.10000000149011612 string:{"a": [1, 2]} []uint8:[0 255] string:b
int64:2` + strings.Repeat(" <nil>:<nil>", len(types))
	if got := w.content("item"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRowsFollowTheHistory(t *testing.T) {
	text := schemas.Type{Kind: schemas.VarChar, Length: 20, Charset: "utf8mb4"}
	integer := schemas.Type{Kind: schemas.Int}
	s, i := txn.TextString, txn.Int
	w := newWorld(t)
	w.define(txn.Insert, false, "CREATE TABLE item …", item(schemas.Column{Name: "name", Type: text}))
	w.rows(1, insert(i(1), s("gone")))
	w.define(txn.Update, true, "TRUNCATE TABLE item", item(schemas.Column{Name: "name", Type: text}))
	w.rows(1, insert(i(1), s("a")), insert(i(2), s("b")), insert(i(3), s("c")))
	w.rows(1,
		txn.RowEvent{Table: 1, Op: txn.Update, Before: []txn.Value{i(1), s("a")}, After: []txn.Value{i(10), s("a")}},
		txn.RowEvent{Table: 1, Op: txn.Update, Before: []txn.Value{i(2), s("b")}, After: []txn.Value{i(2), s("B")}},
		txn.RowEvent{Table: 1, Op: txn.Delete, Before: []txn.Value{i(3), s("c")}})
	stock := schemas.Column{Name: "stock", Type: integer, Default: &schemas.Default{Literal: i(7), Text: "7"}}
	w.define(txn.Update, false, "ALTER TABLE item ADD stock INT NOT NULL DEFAULT 7", item(schemas.Column{Name: "name", Type: text}, stock))
	w.define(txn.Update, false, "ALTER TABLE item RENAME COLUMN name TO title", item(schemas.Column{Name: "title", Type: text}, stock))
	renamed := item(schemas.Column{Name: "title", Type: text}, stock)
	renamed.Name = "product"
	w.define(txn.Update, false, "ALTER TABLE item RENAME TO product", renamed)
	w.rows(w.position, insert(i(11), s("x"), i(1)))
	want := "id title stock\nint64:2 string:B int64:7\nint64:10 string:a int64:7\nint64:11 string:x int64:1"
	if got := w.content("product"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// named is a table of one column in a database.
func named(id txn.TableID, database, name string) *schemas.Table {
	t := item()
	t.ID, t.Database, t.Name = id, database, name
	return t
}

func (w *world) renames(ddl string, tables ...*schemas.Table) {
	w.t.Helper()
	body := &txn.DDLBody{Text: ddl, Database: "shop"}
	for _, def := range tables {
		w.tables[w.position+1] = def
		encoded, err := schemas.EncodeTable(def)
		if err != nil {
			w.t.Fatal(err)
		}
		body.Changes = append(body.Changes, txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Update, ID: uint64(def.ID), Database: def.Database,
			Name: def.Name, Definition: encoded, SQLite: []string{"x"}})
	}
	w.commit(debezium.Committed{DDL: body})
}

func TestTablesSwapTheirNames(t *testing.T) {
	w := newWorld(t)
	w.define(txn.Insert, false, "CREATE TABLE item …", named(1, "shop", "item"))
	w.rows(w.position, insert(txn.Int(1)))
	w.define(txn.Insert, false, "CREATE TABLE other …", named(2, "shop", "other"))
	w.rows(w.position, insert(txn.Int(2)))
	w.renames("RENAME TABLE item TO swap, other TO `item`, shop.swap TO other", named(1, "shop", "other"), named(2, "shop", "item"))
	if got := w.content("item"); got != "id\nint64:2" {
		t.Errorf("item: %s", got)
	}
	if got := w.content("other"); got != "id\nint64:1" {
		t.Errorf("other: %s", got)
	}
}

func TestATableThatLeavesForAnotherDatabaseIsGone(t *testing.T) {
	w := newWorld(t)
	w.define(txn.Insert, false, "CREATE TABLE item …", named(1, "shop", "item"))
	w.rows(w.position, insert(txn.Int(1)))
	w.renames("RENAME TABLE shop.item TO store.item", named(1, "store", "item"))
	w.define(txn.Insert, false, "CREATE TABLE item …", named(2, "shop", "item"))
	w.rows(w.position, insert(txn.Int(2)))
	if got := w.content("item"); got != "id\nint64:2" {
		t.Errorf("item: %s", got)
	}
}

func TestATableThatComesFromAnotherDatabaseIsAnError(t *testing.T) {
	w := newWorld(t)
	w.define(txn.Insert, false, "CREATE TABLE item …", named(1, "store", "item"))
	w.rows(w.position, insert(txn.Int(1)))
	w.renames("RENAME TABLE store.item TO shop.item", named(1, "shop", "item"))
	if err := w.sink.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := Run(t.Context(), Options{Dir: w.dir, Database: "shop", SQLite: filepath.Join(t.TempDir(), "x.db")})
	if err == nil || !strings.Contains(err.Error(), "was renamed from one of another database") {
		t.Errorf("error %v does not say where the rows are", err)
	}
}

func TestARowThatIsNotThereIsAnError(t *testing.T) {
	w := newWorld(t)
	w.define(txn.Insert, false, "CREATE TABLE item …", item())
	w.rows(1, txn.RowEvent{Table: 1, Op: txn.Delete, Before: []txn.Value{txn.Int(1)}})
	if err := w.sink.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "x.db")
	_, err := Run(t.Context(), Options{Dir: w.dir, Database: "shop", SQLite: name})
	if err == nil || !strings.Contains(err.Error(), "m.shop.item/0 offset 0") {
		t.Errorf("error %v does not name the event", err)
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a database is left: %v", err)
	}
}
