package debezium

import (
	"bytes"
	"encoding/json"
	goflag "flag"
	"os"
	"path/filepath"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

var rewrite = goflag.Bool("rewrite", false, "write schemas/avro as events are emitted")

const published = "../schemas/avro"

// customers is the example among the published contracts: a column of each family of types.
func customers() *schemas.Table {
	point := schemas.Type{Kind: schemas.Geometry, Spelling: "POINT"}
	return &schemas.Table{Database: "shop", Name: "customers", AutoIncrement: 0, Primary: primary(0), Columns: []schemas.Column{
		{Name: "id", Type: schemas.Type{Kind: schemas.BigInt}},
		{Name: "name", Type: text(100)},
		{Name: "email", Type: text(255), Nullable: true},
		{Name: "level", Type: schemas.Type{Kind: schemas.TinyInt}, Default: &schemas.Default{Literal: txn.Int(1), Text: "1"}},
		{Name: "visits", Type: schemas.Type{Kind: schemas.Int, Unsigned: true}, Nullable: true, Default: &schemas.Default{Literal: txn.Int(0), Text: "0"}},
		{Name: "credit", Type: schemas.Type{Kind: schemas.Decimal, Length: 12, Decimals: 2}, Nullable: true},
		{Name: "score", Type: schemas.Type{Kind: schemas.Double}, Nullable: true},
		{Name: "state", Type: schemas.Type{Kind: schemas.Enum, Members: []string{"new", "active", "gone"}, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}},
		{Name: "tags", Type: schemas.Type{Kind: schemas.Set, Members: []string{"a", "b"}, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}, Nullable: true},
		{Name: "birthday", Type: schemas.Type{Kind: schemas.Date}, Nullable: true},
		{Name: "opens", Type: schemas.Type{Kind: schemas.Time}, Nullable: true},
		{Name: "seen", Type: schemas.Type{Kind: schemas.DateTime, Decimals: 6}, Nullable: true},
		{Name: "created", Type: schemas.Type{Kind: schemas.Timestamp}},
		{Name: "since", Type: schemas.Type{Kind: schemas.Year}, Nullable: true},
		{Name: "flags", Type: schemas.Type{Kind: schemas.Bit, Length: 8}, Nullable: true},
		{Name: "photo", Type: schemas.Type{Kind: schemas.Blob, Length: 65535}, Nullable: true},
		{Name: "profile", Type: schemas.Type{Kind: schemas.JSON}, Nullable: true},
		{Name: "home", Type: point, Nullable: true},
		{Name: "taste", Type: schemas.Type{Kind: schemas.Vector, Length: 3}, Nullable: true}}}
}

// TestPublishedSchemas: schemas/avro holds the schemas that the registry gets when events are emitted with AvroConverter and the
// defaults of all else. -rewrite writes them.
func TestPublishedSchemas(t *testing.T) {
	want := emittedSchemas(t)
	if *rewrite {
		for name, text := range want {
			if err := os.WriteFile(filepath.Join(published, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(published, "*.avsc"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, ok := want[filepath.Base(file)]; !ok {
			t.Errorf("%s is published and not emitted", file)
		}
	}
	for name, text := range want {
		b, err := os.ReadFile(filepath.Join(published, name))
		if err != nil || string(b) != text {
			t.Errorf("%s is not what is emitted (%v); make generate writes it", name, err)
		}
	}
}

// emittedSchemas emits an event of each kind and returns what the registry has, by file.
func emittedSchemas(t *testing.T) map[string]string {
	t.Helper()
	registry := newRegistry(t)
	o, err := ParseOptions(map[string]string{"topic.prefix": "marmot"})
	if err != nil {
		t.Fatal(err)
	}
	f := avroFormat(t, registry, nil)
	e := avroEncoder(t, f, o, history{1: customers()})
	row := make([]txn.Value, len(customers().Columns))
	row[0], row[1], row[3], row[7], row[12] = txn.Int(1), txn.TextString("Anna"), txn.Int(1), txn.TextString("new"), txn.TextString("2024-01-01 00:00:00")
	records := encodeAll(t, e, commitOf(9, txn.RowEvent{Table: 1, Op: txn.Insert, After: row}), 0)
	change := e.schemaChange(e.transaction(commitOf(10)), "shop", "customers", "DROP TABLE customers", []any{[]any{"DROP", quotedID("shop", "customers"), nil}})
	e.options.Notifications.Topic = "marmot.notifications"
	for _, m := range []Message{change, e.notify(&notification{}), e.heartbeat()} {
		r, err := f.record(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	found := map[string]string{}
	for _, r := range records {
		for _, part := range []string{"key", "value"} {
			known, ok := registry.GetSchema(r.Topic+"-"+part, 1)
			if !ok {
				t.Fatalf("no schema of %s-%s", r.Topic, part)
			}
			var b bytes.Buffer
			if err := json.Indent(&b, []byte(known.Schema.Schema), "", "  "); err != nil {
				t.Fatal(err)
			}
			found[r.Topic+"-"+part+".avsc"] = b.String() + "\n"
		}
	}
	return found
}
