package debezium

import (
	"context"
	"strings"
	"testing"

	"marmot/schemas"
	"marmot/txn"

	"github.com/linkedin/goavro/v2"
)

// kilobyte is a table of ten columns and a row of about 1 KB.
func kilobyte() (history, txn.RowEvent) {
	table := &schemas.Table{Database: "shop", Name: "orders", AutoIncrement: 0, Primary: primary(0), Columns: []schemas.Column{
		{Name: "id", Type: schemas.Type{Kind: schemas.BigInt}}, {Name: "amount", Type: schemas.Type{Kind: schemas.Decimal, Length: 10, Decimals: 2}},
		{Name: "at", Type: schemas.Type{Kind: schemas.DateTime, Decimals: 6}}, {Name: "count", Type: schemas.Type{Kind: schemas.Int}, Nullable: true}}}
	row := txn.RowEvent{Table: 1, Op: txn.Insert, After: []txn.Value{txn.Int(4711), txn.TextString("1234.50"), txn.TextString("2024-01-01 10:20:30.123456"), txn.Null()}}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		table.Columns = append(table.Columns, schemas.Column{Name: name, Type: text(255), Nullable: true})
		row.After = append(row.After, txn.TextString(strings.Repeat(name, 160)))
	}
	return history{1: table}, row
}

// BenchmarkFormats measures the way from a row event to bytes.
func BenchmarkFormats(b *testing.B) {
	h, row := kilobyte()
	run := func(name string, f Format) {
		b.Run(name, func(b *testing.B) {
			e := avroEncoder(b, f, Options{TopicPrefix: "bench", Decimal: DecimalString}, h)
			c, bytes := commitOf(9, row), 0
			for b.Loop() {
				err := e.Encode(context.Background(), c, 0, func(r Record) error { bytes += len(r.Value); return nil }, func(uint64) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(bytes / b.N))
		})
	}
	run("json", JSONFormat(JSONOptions{}))
	run("json with schema", JSONFormat(JSONOptions{SchemasEnable: true}))
	run("avro", avroFormat(b, newRegistry(b), nil))
	f := Format{Key: NewJSONConverter(JSONOptions{}), Value: &goavroConverter{}}
	run("avro by goavro", f)
}

// goavroConverter writes datums by goavro, which wants maps.
type goavroConverter struct{ codecs map[*Schema]*goavro.Codec }

// Convert implements Converter.
func (c *goavroConverter) Convert(_ context.Context, _ string, d Datum) ([]byte, error) {
	codec := c.codecs[d.Schema]
	if codec == nil {
		_, text, err := avroSchema(d.Schema, avroOptions{})
		if err != nil {
			return nil, err
		}
		if codec, err = goavro.NewCodec(text); err != nil {
			return nil, err
		}
		c.codecs = map[*Schema]*goavro.Codec{d.Schema: codec}
	}
	return codec.BinaryFromNative(make([]byte, 5, 512), goavroNative(d.Schema, d.Value, false))
}

func goavroNative(s *Schema, v any, branch bool) any {
	if v == nil {
		return nil
	}
	if s.Optional && !branch {
		name := avroPrimitives[s.Kind]
		if s.Kind == KindStruct {
			name = s.Name
		}
		return map[string]any{name: goavroNative(s, v, true)}
	}
	if list, ok := v.([]any); ok && s.Kind == KindStruct {
		native := map[string]any{}
		for i, f := range s.Fields {
			native[f.Name] = goavroNative(f.Schema, list[i], false)
		}
		return native
	}
	return v
}
