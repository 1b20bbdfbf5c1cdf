package debezium

import (
	"errors"
	"fmt"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

// The schemas and values are what the converters of connector 3.6.1 made of such columns of MySQL 9.7.
func TestColumnConvertersDoWhatTheConnectorsDo(t *testing.T) {
	o, err := ParseOptions(map[string]string{"topic.prefix": "c", "converters": "one,len,sink,flt,zero,nul",
		"one.type": "io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter", "one.selector": `k\.b\..*`,
		"len.type": "io.debezium.connector.mysql.converters.TinyIntOneToBooleanConverter", "len.selector": `k\.bl\..*`, "len.length.checker": "false",
		"sink.type": "io.debezium.connector.binlog.converters.JdbcSinkDataTypesConverter", "sink.selector.boolean": `k\.j\.b.*`,
		"sink.selector.real": `k\.j\.r.*`, "sink.selector.string": `k\.j\.s.*`,
		"flt.type": "io.debezium.connector.mysql.converters.JdbcSinkDataTypesConverter", "flt.selector.real": `k\.jf\.r.*`, "flt.treat.real.as.double": "false",
		"zero.type": "io.debezium.connector.binlog.converters.ZeroDateFallbackConverter", "zero.selector": `k\.z\..*`, "zero.fallback.date": "1999-12-31",
		"zero.fallback.datetime": "1999-12-31 01:02:03", "zero.fallback.timestamp": "1999-12-31T01:02:03+01:00", "zero.column.k.z.dtn.fallback": "2001-02-03 04:05:06",
		"nul.type": "io.debezium.connector.binlog.converters.ZeroDateFallbackConverter", "nul.selector": `k\.zn\..*`,
	})
	if err != nil {
		t.Fatal(err)
	}
	tiny := func(width int) schemas.Type {
		s := schemas.Type{Kind: schemas.TinyInt, Spelling: "TINYINT"}
		if width > 0 {
			s.Written = fmt.Sprintf("(%d)", width)
		}
		return s
	}
	literal := func(v txn.Value) *schemas.Default { return &schemas.Default{Literal: v, Text: string(v.Bytes())} }
	date, datetime := schemas.Type{Kind: schemas.Date}, func(n int) schemas.Type { return schemas.Type{Kind: schemas.DateTime, Decimals: n} }
	for _, c := range []struct {
		table, name string
		t           schemas.Type
		nullable    bool
		d           *schemas.Default
		stored      txn.Value
		schema      string
		data        any
	}{
		{"b", "t1", tiny(1), true, nil, txn.Int(5), `{"type":"boolean","optional":true}`, true},
		{"b", "x", tiny(1), true, literal(txn.Int(-1)), txn.Int(-3), `{"type":"boolean","optional":true,"default":false}`, false},
		{"b", "n", tiny(1), true, nil, txn.Value{}, `{"type":"boolean","optional":true}`, nil},
		{"b", "t", tiny(0), true, nil, txn.Int(5), `{"type":"int16","optional":true}`, int64(5)},
		{"bl", "t", tiny(0), true, nil, txn.Int(5), `{"type":"boolean","optional":true}`, true},
		{"bl", "s", schemas.Type{Kind: schemas.SmallInt}, true, nil, txn.Int(1), `{"type":"int16","optional":true}`, int64(1)},
		{"j", "b4", schemas.Type{Kind: schemas.Int}, false, literal(txn.Int(5)), txn.Int(-4), `{"type":"int16","optional":false,"default":1}`, int64(0)},
		{"j", "b2", schemas.Type{Kind: schemas.TinyInt, Spelling: "BOOLEAN"}, false, literal(txn.Int(1)), txn.Int(1), `{"type":"int16","optional":false,"default":1}`, int64(1)},
		{"j", "r5", schemas.Type{Kind: schemas.Int}, true, literal(txn.Int(4)), txn.Int(6), `{"type":"double","optional":true,"default":4.0}`, float64(6)},
		{"j", "r2", schemas.Type{Kind: schemas.Float, Decimals: -1}, true, nil, txn.Real(float64(float32(0.1))), `{"type":"double","optional":true}`, 0.10000000149011612},
		{"jf", "r3", schemas.Type{Kind: schemas.Double, Decimals: -1}, true, nil, txn.Real(2.5), `{"type":"float","optional":true}`, float32(2.5)},
		{"j", "s1", schemas.Type{Kind: schemas.VarChar, Length: 10, Charset: "utf8mb4"}, true, nil, txn.TextString("ü€"),
			`{"type":"string","optional":true,"parameters":{"__debezium.source.column.character_set":"utf8mb4"}}`, "ü€"},
		{"j", "s5", schemas.Type{Kind: schemas.Int}, true, literal(txn.Int(7)), txn.Int(8), `{"type":"string","optional":true,"parameters":{"__debezium.source.column.character_set":null},"default":"7"}`, "8"},
		{"z", "d", date, true, nil, txn.Value{}, `{"type":"int32","optional":true,"name":"io.debezium.time.Date","version":1}`, int64(10956)},
		{"z", "dd", date, false, literal(txn.TextString("2020-01-02")), txn.TextString("0000-00-00"), `{"type":"int32","optional":false,"name":"io.debezium.time.Date","version":1,"default":10956}`, int64(10956)},
		{"z", "dtn", datetime(0), false, nil, txn.TextString("0000-00-00 00:00:00"), `{"type":"int64","optional":false,"name":"io.debezium.time.Timestamp","version":1}`, int64(981173106000)},
		{"z", "dt6", datetime(6), false, nil, txn.TextString("2024-02-29 12:34:56.123456"), `{"type":"int64","optional":false,"name":"io.debezium.time.MicroTimestamp","version":1}`, int64(1709210096123456)},
		{"z", "ts6", schemas.Type{Kind: schemas.Timestamp, Decimals: 6}, true, nil, txn.TextString("2024-02-29 12:34:56.500000"), `{"type":"string","optional":true,"name":"io.debezium.time.ZonedTimestamp","version":1}`, "2024-02-29T12:34:56.5Z"},
		{"z", "ts", schemas.Type{Kind: schemas.Timestamp}, true, nil, txn.Value{}, `{"type":"string","optional":true,"name":"io.debezium.time.ZonedTimestamp","version":1}`, "1999-12-31T00:02:03Z"},
		{"zn", "dn", date, false, nil, txn.TextString("0000-00-00"), `{"type":"int32","optional":true,"name":"io.debezium.time.Date","version":1}`, nil},
	} {
		def := &schemas.Table{Database: "k", Name: c.table, Columns: []schemas.Column{{Name: c.name, Type: c.t, Nullable: c.nullable, Default: c.d}}}
		col := o.converted(newColumn(&def.Columns[0], &o), def, 0)
		if got := string(appendSchema(nil, col.schema, "")); got != c.schema {
			t.Errorf("%s.%s: schema %s, want %s", c.table, c.name, got, c.schema)
		}
		if got := col.value(c.stored); got != c.data {
			t.Errorf("%s.%s: %#v, want %#v", c.table, c.name, got, c.data)
		}
	}
}

func TestWrongColumnConvertersAreNamed(t *testing.T) {
	for name, value := range map[string]string{"a.type": "com.example.Mine", "a.selectr": "x", "a.selector": "(", "b.fallback.date": "yesterday", "b.column.k.z.d.fallback": "x"} {
		given := map[string]string{"topic.prefix": "c", "converters": "a,b", "a.type": "io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter",
			"b.type": "io.debezium.connector.binlog.converters.ZeroDateFallbackConverter"}
		given[name] = value
		_, err := ParseOptions(given)
		var wrong *PropertyError
		if !errors.As(err, &wrong) || wrong.Name != name {
			t.Errorf("%s = %s: %v", name, value, err)
		}
	}
}
