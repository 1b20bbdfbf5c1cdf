package debezium

import (
	"fmt"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

func TestATypeIsToldAsItWasDeclared(t *testing.T) {
	for _, c := range []struct {
		t    schemas.Type
		want string
	}{
		{schemas.Type{Kind: schemas.Int, Spelling: "INT", Written: "(11)"}, "INT 4 11 <nil> <nil>"},
		{schemas.Type{Kind: schemas.Int}, "INT 4 <nil> <nil> <nil>"},
		{schemas.Type{Kind: schemas.Int, Unsigned: true, Zerofill: true, Spelling: "INT", Written: "()"}, "INT UNSIGNED ZEROFILL 4 <nil> <nil> <nil>"},
		{schemas.Type{Kind: schemas.Int, Unsigned: true, Zerofill: true}, "INT UNSIGNED ZEROFILL 4 10 <nil> <nil>"},
		{schemas.Type{Kind: schemas.TinyInt, Length: 1, Spelling: "BOOL", Written: "()"}, "BOOL 16 <nil> <nil> <nil>"},
		{schemas.Type{Kind: schemas.TinyInt, Length: 1}, "TINYINT 5 1 <nil> <nil>"},
		{schemas.Type{Kind: schemas.BigInt, Unsigned: true, Spelling: "SERIAL", Written: ""}, "BIGINT UNSIGNED -5 <nil> <nil> <nil>"},
		{schemas.Type{Kind: schemas.Double, Decimals: -1, Spelling: "FLOAT", Written: "(53)"}, "FLOAT 6 53 <nil> <nil>"},
		{schemas.Type{Kind: schemas.Double, Decimals: -1}, "DOUBLE 8 <nil> <nil> <nil>"},
		{schemas.Type{Kind: schemas.Double, Length: 10, Decimals: 4, Spelling: "DOUBLE PRECISION"}, "DOUBLE PRECISION 8 10 4 <nil>"},
		{schemas.Type{Kind: schemas.Decimal, Length: 10, Spelling: "DEC", Written: "()"}, "DEC 3 10 0 <nil>"},
		{schemas.Type{Kind: schemas.Char, Length: 5, Charset: "utf8mb3", Spelling: "NCHAR"}, "NCHAR -15 5 <nil> utf8"},
		{schemas.Type{Kind: schemas.VarChar, Length: 5, Charset: "utf8mb3", Spelling: "NATIONAL VARCHAR"}, "NATIONAL VARCHAR -9 5 <nil> utf8"},
		{schemas.Type{Kind: schemas.VarChar, Length: 5, Charset: "utf8mb3"}, "VARCHAR 12 5 <nil> utf8mb3"},
		{schemas.Type{Kind: schemas.TinyBlob, Spelling: "BLOB", Written: "(9)"}, "BLOB 2004 9 <nil> <nil>"},
		{schemas.Type{Kind: schemas.Binary, Length: 1, Spelling: "BINARY", Written: "()"}, "BINARY -2 <nil> <nil> <nil>"},
		{schemas.Type{Kind: schemas.Binary, Length: 3, Spelling: "CHAR"}, "CHAR 1 3 <nil> binary"},
		{schemas.Type{Kind: schemas.Binary, Length: 3}, "BINARY -2 3 <nil> <nil>"},
		{schemas.Type{Kind: schemas.Int, Spelling: "INT", Declared: &schemas.Declaration{Modifier: "SIGNED"}}, "INT SIGNED 4 <nil> <nil> <nil>"},
		{schemas.Type{Kind: schemas.Char, Length: 3, Charset: "latin1", Spelling: "CHAR", Declared: &schemas.Declaration{Modifier: "BINARY", Charset: "utf8mb4"}}, "CHAR BINARY 1 3 <nil> utf8mb4"},
		{schemas.Type{Kind: schemas.TinyBlob, Spelling: "TINYTEXT"}, "TINYTEXT 12 <nil> <nil> binary"},
		{schemas.Type{Kind: schemas.LongBlob, Spelling: "LONGBLOB"}, "LONGBLOB 2004 <nil> <nil> <nil>"},
		{schemas.Type{Kind: schemas.Year, Spelling: "YEAR", Written: "(4)"}, "YEAR 4 4 <nil> <nil>"},
		{schemas.Type{Kind: schemas.Vector, Length: 2048, Spelling: "VECTOR", Written: "()"}, "VECTOR 1111 <nil> <nil> <nil>"},
		{schemas.Type{Kind: schemas.Vector, Length: 2048}, "VECTOR 1111 2048 <nil> <nil>"},
		{schemas.Type{Kind: schemas.DateTime, Decimals: 3, Spelling: "DATETIME"}, "DATETIME 93 3 <nil> <nil>"},
		{schemas.Type{Kind: schemas.Set, Charset: "latin1", Members: []string{"a", "b"}, Spelling: "SET"}, "SET 1 3 <nil> latin1"},
		{schemas.Type{Kind: schemas.Geometry, Spelling: "GEOMETRYCOLLECTION"}, "GEOMETRYCOLLECTION 1111 <nil> <nil> <nil>"},
	} {
		length, scale := lengthAndScale(c.t)
		if got := fmt.Sprintln(typeName(c.t), jdbcType(c.t), length, scale, charsetName(c.t)); got != c.want+"\n" {
			t.Errorf("%+v is told as %s, want %s", c.t, got, c.want)
		}
	}
}

func TestADefaultIsToldAsItWasWritten(t *testing.T) {
	varbinary := schemas.Type{Kind: schemas.VarBinary, Length: 4, Spelling: "VARBINARY"}
	binary := schemas.Type{Kind: schemas.Binary, Length: 4}
	boolean := schemas.Type{Kind: schemas.TinyInt, Length: 1, Spelling: "BOOL"}
	text := schemas.Type{Kind: schemas.VarChar, Length: 9, Charset: "utf8mb4", Spelling: "VARCHAR"}
	for _, c := range []struct {
		t          schemas.Type
		d          schemas.Default
		told, data any
	}{
		{varbinary, schemas.Default{Literal: txn.Blob([]byte{1, 2}), Text: "\x01\x02", Written: "0x0102"}, "010", []byte("010")},
		{binary, schemas.Default{Literal: txn.Blob([]byte("ab\x00\x00")), Text: "ab"}, `ab\0\0`, []byte(`ab\0\0`)},
		{boolean, schemas.Default{Literal: txn.Int(1), Text: "1", Written: "true"}, "true", true},
		{text, schemas.Default{Literal: txn.TextString("it's"), Text: "it's", Written: `it\'s`}, `it\'s`, `it\'s`},
		{text, schemas.Default{Literal: txn.TextString("it's"), Text: "it's"}, "it''s", "it''s"},
	} {
		def := schemas.Column{Name: "c", Type: c.t, Default: &c.d}
		o := recordedOptions()
		col := newColumn(&def, &o)
		if told := defaultText(&def); told != c.told || fmt.Sprint(col.schema.Default) != fmt.Sprint(c.data) {
			t.Errorf("%+v: told as %q, in the schema %q, want %q and %q", c.d, told, col.schema.Default, c.told, c.data)
		}
	}
}

func TestANumberOfFixedPlacesHasTheNoiseOfMySQL(t *testing.T) {
	col := realColumn(schemas.Type{Kind: schemas.Double, Length: 10, Decimals: 4})
	for f, want := range map[float64]float64{-0.0001: -9.999999999998899e-05, 123456.7891: 123456.7891, 0: 0, -2: -2} {
		if got, _ := col.convert(txn.Real(f)); got != want {
			t.Errorf("%v becomes %v, want %v", f, got, want)
		}
	}
}

func TestTextIsReadAsTheConnectorReadsIt(t *testing.T) {
	declared := func(charset string) *schemas.Declaration { return &schemas.Declaration{Charset: charset} }
	for _, c := range []struct {
		charset    string
		declared   *schemas.Declaration
		text, want string
	}{
		{"utf8mb4", nil, "é🙂", "é🙂"},
		{"koi8u", nil, "привіт", "прив╕т"},
		{"latin1", declared("utf8mb4"), "café s", "caf\ufffd s"},
		{"ucs2", declared("utf8mb4"), "ab", "\x00a\x00b"},
		{"utf8mb3", declared("utf8"), "é", "é"},
		{"latin1", declared("LATIN1"), "é", "é"},
		{"utf8mb4", declared("latin1"), "é", "Ã©"},
		{"cp866", nil, "²x", "¤x"},
		{"swe7", nil, "Äa", "[a"},
		{"keybcs2", nil, "č", "ç"},
		{"euckr", nil, "가갂", "가\ufffdA"},
		{"latin1", nil, "a\u0081", "a\ufffd"},
		{"utf16", nil, "\ufeffa\ufeff", "a\ufeff"},
	} {
		column := schemas.Type{Kind: schemas.VarChar, Length: 9, Charset: c.charset, Spelling: "VARCHAR", Declared: c.declared}
		if got, _ := textColumn(column).convert(txn.TextString(c.text)); got != c.want {
			t.Errorf("%q of %s is read as %q, want %q", c.text, c.charset, got, c.want)
		}
	}
	for bytes, want := range map[string]string{"\xe9a": "\ufffda", "\xe2\x82a": "\ufffda", "\xf0\x9f\x99": "\ufffd", "\xff\xfe": "\ufffd\ufffd", "\xed\xa0\x80": "\ufffd", "\xe0\x80": "\ufffd\ufffd"} {
		if got := javaUTF8([]byte(bytes)); got != want {
			t.Errorf("% x is read as %q, want %q", bytes, got, want)
		}
	}
}
