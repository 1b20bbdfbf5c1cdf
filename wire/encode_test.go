package wire

import (
	"bytes"
	"database/sql"
	"fmt"
	"math"
	"testing"

	"marmot/dialect"
	"marmot/schemas"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

const utf8mb4 = "utf8mb4"

// typeCase is a column of a table, a value in stored form, and what MySQL sends of both.
type typeCase struct {
	name   string
	typ    schemas.Type
	value  txn.Value
	text   string
	binary string
	driver string // go-sql-driver's name of the type
	code   byte
	set    uint16 // character set
	length uint32
	flags  uint16
	digits byte
}

func text(kind schemas.Kind, length int, members ...string) schemas.Type {
	return schemas.Type{Kind: kind, Length: length, Charset: utf8mb4, Collation: "utf8mb4_0900_ai_ci", Members: members}
}

// typeCases are what `mysql --column-type-info` prints of such columns of tables.
var typeCases = []typeCase{
	{"tinyint", schemas.Type{Kind: schemas.TinyInt}, txn.Int(-128), "-128", "\x80", "TINYINT", mysql.MYSQL_TYPE_TINY, 63, 4, 0, 0},
	{"tinyint unsigned", schemas.Type{Kind: schemas.TinyInt, Unsigned: true}, txn.Int(255), "255", "\xff", "UNSIGNED TINYINT", mysql.MYSQL_TYPE_TINY, 63, 3, mysql.UNSIGNED_FLAG, 0},
	{"bool", schemas.Type{Kind: schemas.TinyInt, Length: 1}, txn.Int(1), "1", "\x01", "TINYINT", mysql.MYSQL_TYPE_TINY, 63, 1, 0, 0},
	{"smallint", schemas.Type{Kind: schemas.SmallInt}, txn.Int(-2), "-2", "\xfe\xff", "SMALLINT", mysql.MYSQL_TYPE_SHORT, 63, 6, 0, 0},
	{"mediumint", schemas.Type{Kind: schemas.MediumInt}, txn.Int(-8388608), "-8388608", "\x00\x00\x80\xff", "MEDIUMINT", mysql.MYSQL_TYPE_INT24, 63, 9, 0, 0},
	{"int", schemas.Type{Kind: schemas.Int}, txn.Int(math.MinInt32), "-2147483648", "\x00\x00\x00\x80", "INT", mysql.MYSQL_TYPE_LONG, 63, 11, 0, 0},
	{"int unsigned", schemas.Type{Kind: schemas.Int, Unsigned: true}, txn.Int(math.MaxUint32), "4294967295", "\xff\xff\xff\xff", "UNSIGNED INT", mysql.MYSQL_TYPE_LONG, 63, 10, mysql.UNSIGNED_FLAG, 0},
	{"int zerofill", schemas.Type{Kind: schemas.Int, Length: 5, Zerofill: true, Unsigned: true}, txn.Int(42), "00042", "\x2a\x00\x00\x00", "UNSIGNED INT", mysql.MYSQL_TYPE_LONG, 63, 5, mysql.UNSIGNED_FLAG | mysql.ZEROFILL_FLAG, 0},
	{"bigint", schemas.Type{Kind: schemas.BigInt}, txn.Int(math.MinInt64), "-9223372036854775808", "\x00\x00\x00\x00\x00\x00\x00\x80", "BIGINT", mysql.MYSQL_TYPE_LONGLONG, 63, 20, 0, 0},
	{"bigint unsigned, small", schemas.Type{Kind: schemas.BigInt, Unsigned: true}, txn.Int(7), "7", "\x07\x00\x00\x00\x00\x00\x00\x00", "UNSIGNED BIGINT", mysql.MYSQL_TYPE_LONGLONG, 63, 20, mysql.UNSIGNED_FLAG, 0},
	{"bigint unsigned of 2^63", schemas.Type{Kind: schemas.BigInt, Unsigned: true}, txn.TextString("09223372036854775808"), "9223372036854775808", "\x00\x00\x00\x00\x00\x00\x00\x80", "UNSIGNED BIGINT", mysql.MYSQL_TYPE_LONGLONG, 63, 20, mysql.UNSIGNED_FLAG, 0},
	{"bigint unsigned, greatest", schemas.Type{Kind: schemas.BigInt, Unsigned: true}, txn.TextString("18446744073709551615"), "18446744073709551615", "\xff\xff\xff\xff\xff\xff\xff\xff", "UNSIGNED BIGINT", mysql.MYSQL_TYPE_LONGLONG, 63, 20, mysql.UNSIGNED_FLAG, 0},
	{"decimal", schemas.Type{Kind: schemas.Decimal, Length: 10, Decimals: 2}, txn.TextString("-12.50"), "-12.50", "\x06-12.50", "DECIMAL", mysql.MYSQL_TYPE_NEWDECIMAL, 63, 12, 0, 2},
	{"decimal without fraction", schemas.Type{Kind: schemas.Decimal, Length: 10}, txn.TextString("7"), "7", "\x017", "DECIMAL", mysql.MYSQL_TYPE_NEWDECIMAL, 63, 11, 0, 0},
	{"decimal zerofill", schemas.Type{Kind: schemas.Decimal, Length: 6, Decimals: 2, Unsigned: true, Zerofill: true}, txn.TextString("1.50"), "0001.50", "\x070001.50", "DECIMAL", mysql.MYSQL_TYPE_NEWDECIMAL, 63, 7, mysql.UNSIGNED_FLAG | mysql.ZEROFILL_FLAG, 2},
	{"float", schemas.Type{Kind: schemas.Float, Decimals: -1}, txn.Real(1.5), "1.5", "\x00\x00\xc0\x3f", "FLOAT", mysql.MYSQL_TYPE_FLOAT, 63, 12, 0, 31},
	{"float(7,3)", schemas.Type{Kind: schemas.Float, Length: 7, Decimals: 3}, txn.Real(1.5), "1.500", "\x00\x00\xc0\x3f", "FLOAT", mysql.MYSQL_TYPE_FLOAT, 63, 7, 0, 3},
	{"double", schemas.Type{Kind: schemas.Double, Decimals: -1}, txn.Real(-1e20), "-1e20", "\x40\x8c\xb5\x78\x1d\xaf\x15\xc4", "DOUBLE", mysql.MYSQL_TYPE_DOUBLE, 63, 22, 0, 31},
	{"bit(1)", schemas.Type{Kind: schemas.Bit, Length: 1}, txn.Int(1), "\x01", "\x01\x01", "BIT", mysql.MYSQL_TYPE_BIT, 63, 1, mysql.UNSIGNED_FLAG, 0},
	{"bit(12)", schemas.Type{Kind: schemas.Bit, Length: 12}, txn.Int(0x0abc), "\x0a\xbc", "\x02\x0a\xbc", "BIT", mysql.MYSQL_TYPE_BIT, 63, 12, mysql.UNSIGNED_FLAG, 0},
	{"bit(64)", schemas.Type{Kind: schemas.Bit, Length: 64}, txn.Blob([]byte("\xff\x00\x00\x00\x00\x00\x00\x01")), "\xff\x00\x00\x00\x00\x00\x00\x01", "\x08\xff\x00\x00\x00\x00\x00\x00\x01", "BIT", mysql.MYSQL_TYPE_BIT, 63, 64, mysql.UNSIGNED_FLAG, 0},
	{"date", schemas.Type{Kind: schemas.Date}, txn.TextString("2026-01-31"), "2026-01-31", "\x04\xea\x07\x01\x1f", "DATE", mysql.MYSQL_TYPE_DATE, 63, 10, mysql.BINARY_FLAG, 0},
	{"zero date", schemas.Type{Kind: schemas.Date}, txn.TextString("0000-00-00"), "0000-00-00", "\x00", "DATE", mysql.MYSQL_TYPE_DATE, 63, 10, mysql.BINARY_FLAG, 0},
	{"date without day", schemas.Type{Kind: schemas.Date}, txn.TextString("2026-00-00"), "2026-00-00", "\x04\xea\x07\x00\x00", "DATE", mysql.MYSQL_TYPE_DATE, 63, 10, mysql.BINARY_FLAG, 0},
	{"time", schemas.Type{Kind: schemas.Time}, txn.TextString("-838:59:59"), "-838:59:59", "\x08\x01\x22\x00\x00\x00\x16\x3b\x3b", "TIME", mysql.MYSQL_TYPE_TIME, 63, 10, mysql.BINARY_FLAG, 0},
	{"time(3)", schemas.Type{Kind: schemas.Time, Decimals: 3}, txn.TextString("01:02:03.250"), "01:02:03.250", "\x0c\x00\x00\x00\x00\x00\x01\x02\x03\x90\xd0\x03\x00", "TIME", mysql.MYSQL_TYPE_TIME, 63, 14, mysql.BINARY_FLAG, 3},
	{"no time", schemas.Type{Kind: schemas.Time}, txn.TextString("00:00:00"), "00:00:00", "\x00", "TIME", mysql.MYSQL_TYPE_TIME, 63, 10, mysql.BINARY_FLAG, 0},
	{"datetime", schemas.Type{Kind: schemas.DateTime}, txn.TextString("2026-01-31 12:00:59"), "2026-01-31 12:00:59", "\x07\xea\x07\x01\x1f\x0c\x00\x3b", "DATETIME", mysql.MYSQL_TYPE_DATETIME, 63, 19, mysql.BINARY_FLAG, 0},
	{"datetime(6)", schemas.Type{Kind: schemas.DateTime, Decimals: 6}, txn.TextString("2026-01-31 00:00:00.000001"), "2026-01-31 00:00:00.000001", "\x0b\xea\x07\x01\x1f\x00\x00\x00\x01\x00\x00\x00", "DATETIME", mysql.MYSQL_TYPE_DATETIME, 63, 26, mysql.BINARY_FLAG, 6},
	{"datetime at midnight", schemas.Type{Kind: schemas.DateTime}, txn.TextString("2026-01-31 00:00:00"), "2026-01-31 00:00:00", "\x04\xea\x07\x01\x1f", "DATETIME", mysql.MYSQL_TYPE_DATETIME, 63, 19, mysql.BINARY_FLAG, 0},
	{"zero datetime", schemas.Type{Kind: schemas.DateTime}, txn.TextString("0000-00-00 00:00:00"), "0000-00-00 00:00:00", "\x00", "DATETIME", mysql.MYSQL_TYPE_DATETIME, 63, 19, mysql.BINARY_FLAG, 0},
	{"timestamp(2)", schemas.Type{Kind: schemas.Timestamp, Decimals: 2}, txn.TextString("2026-01-31 12:00:00.50"), "2026-01-31 12:00:00.50", "\x0b\xea\x07\x01\x1f\x0c\x00\x00\x20\xa1\x07\x00", "TIMESTAMP", mysql.MYSQL_TYPE_TIMESTAMP, 63, 22, mysql.BINARY_FLAG, 2},
	{"year", schemas.Type{Kind: schemas.Year}, txn.Int(2026), "2026", "\xea\x07", "YEAR", mysql.MYSQL_TYPE_YEAR, 63, 4, mysql.UNSIGNED_FLAG | mysql.ZEROFILL_FLAG, 0},
	{"year 0", schemas.Type{Kind: schemas.Year}, txn.Int(0), "0000", "\x00\x00", "YEAR", mysql.MYSQL_TYPE_YEAR, 63, 4, mysql.UNSIGNED_FLAG | mysql.ZEROFILL_FLAG, 0},
	{"char", text(schemas.Char, 10), txn.TextString("grün"), "grün", "\x05grün", "CHAR", mysql.MYSQL_TYPE_STRING, 255, 40, 0, 0},
	{"varchar", text(schemas.VarChar, 100), txn.TextString(""), "", "\x00", "VARCHAR", mysql.MYSQL_TYPE_VAR_STRING, 255, 400, 0, 0},
	{"varchar of bin", schemas.Type{Kind: schemas.VarChar, Length: 10, Charset: utf8mb4, Collation: "utf8mb4_bin"}, txn.TextString("x"), "x", "\x01x", "VARCHAR", mysql.MYSQL_TYPE_VAR_STRING, 255, 40, mysql.BINARY_FLAG, 0},
	{"tinytext", text(schemas.TinyText, 0), txn.TextString("x"), "x", "\x01x", "TEXT", mysql.MYSQL_TYPE_BLOB, 255, 1020, mysql.BLOB_FLAG, 0},
	{"text", text(schemas.Text, 0), txn.TextString("x"), "x", "\x01x", "TEXT", mysql.MYSQL_TYPE_BLOB, 255, 262140, mysql.BLOB_FLAG, 0},
	{"mediumtext", text(schemas.MediumText, 0), txn.TextString("x"), "x", "\x01x", "TEXT", mysql.MYSQL_TYPE_BLOB, 255, 67108860, mysql.BLOB_FLAG, 0},
	{"longtext", text(schemas.LongText, 0), txn.TextString("x"), "x", "\x01x", "TEXT", mysql.MYSQL_TYPE_BLOB, 255, 4294967295, mysql.BLOB_FLAG, 0},
	{"binary", schemas.Type{Kind: schemas.Binary, Length: 4}, txn.Blob([]byte("a\x00\xff\x00")), "a\x00\xff\x00", "\x04a\x00\xff\x00", "BINARY", mysql.MYSQL_TYPE_STRING, 63, 4, mysql.BINARY_FLAG, 0},
	{"varbinary", schemas.Type{Kind: schemas.VarBinary, Length: 4}, txn.Blob([]byte("\xff")), "\xff", "\x01\xff", "VARBINARY", mysql.MYSQL_TYPE_VAR_STRING, 63, 4, mysql.BINARY_FLAG, 0},
	{"tinyblob", schemas.Type{Kind: schemas.TinyBlob}, txn.Blob([]byte{}), "", "\x00", "BLOB", mysql.MYSQL_TYPE_BLOB, 63, 255, mysql.BLOB_FLAG | mysql.BINARY_FLAG, 0},
	{"blob", schemas.Type{Kind: schemas.Blob}, txn.Blob([]byte{0}), "\x00", "\x01\x00", "BLOB", mysql.MYSQL_TYPE_BLOB, 63, 65535, mysql.BLOB_FLAG | mysql.BINARY_FLAG, 0},
	{"mediumblob", schemas.Type{Kind: schemas.MediumBlob}, txn.Blob([]byte{0}), "\x00", "\x01\x00", "BLOB", mysql.MYSQL_TYPE_BLOB, 63, 16777215, mysql.BLOB_FLAG | mysql.BINARY_FLAG, 0},
	{"longblob", schemas.Type{Kind: schemas.LongBlob}, txn.Blob([]byte{0}), "\x00", "\x01\x00", "BLOB", mysql.MYSQL_TYPE_BLOB, 63, 4294967295, mysql.BLOB_FLAG | mysql.BINARY_FLAG, 0},
	{"enum", text(schemas.Enum, 0, "a", "grün"), txn.TextString("grün"), "grün", "\x05grün", "ENUM", mysql.MYSQL_TYPE_STRING, 255, 16, mysql.ENUM_FLAG, 0},
	{"set", text(schemas.Set, 0, "a", "bc"), txn.TextString("a,bc"), "a,bc", "\x04a,bc", "SET", mysql.MYSQL_TYPE_STRING, 255, 16, mysql.SET_FLAG, 0},
	{"json", schemas.Type{Kind: schemas.JSON}, txn.TextString(`{"a": 1}`), `{"a": 1}`, "\x08{\"a\": 1}", "JSON", mysql.MYSQL_TYPE_JSON, 63, 4294967295, mysql.BLOB_FLAG | mysql.BINARY_FLAG, 0},
	{"geometry", schemas.Type{Kind: schemas.Geometry}, txn.Blob([]byte("\x00\x00\x00\x00\x01")), "\x00\x00\x00\x00\x01", "\x05\x00\x00\x00\x00\x01", "GEOMETRY", mysql.MYSQL_TYPE_GEOMETRY, 63, 4294967295, mysql.BLOB_FLAG | mysql.BINARY_FLAG, 0},
	{"vector", schemas.Type{Kind: schemas.Vector, Length: 2}, txn.Blob([]byte("\x00\x00\x80\x3f\x00\x00\x00\x40")), "\x00\x00\x80\x3f\x00\x00\x00\x40", "\x08\x00\x00\x80\x3f\x00\x00\x00\x40", "VECTOR", mysql.MYSQL_TYPE_VECTOR, 63, 8, mysql.BLOB_FLAG | mysql.BINARY_FLAG, 0},
}

// typeColumns is a result set of all types, and its row of values.
func typeColumns() (columns []dialect.ResultColumn, row []txn.Value) {
	for _, c := range typeCases {
		columns = append(columns, dialect.ResultColumn{Name: c.name, OrgName: c.name, Table: "a", OrgTable: "t", Database: "d", Type: c.typ, Nullable: true})
		row = append(row, c.value)
	}
	return columns, row
}

func TestEveryTypeCoversEveryKind(t *testing.T) {
	seen := map[schemas.Kind]bool{}
	for _, c := range typeCases {
		seen[c.typ.Kind] = true
	}
	for k := schemas.TinyInt; k <= schemas.Vector; k++ {
		if !seen[k] {
			t.Errorf("no case of %s", schemas.Type{Kind: k}.Name())
		}
	}
}

// TestEveryType sends a row of all types, and one of NULLs, by both protocols.
func TestEveryType(t *testing.T) {
	columns, row := typeColumns()
	s := &script{
		queries:  map[string]answer{"SELECT": rows(columns, row, make([]txn.Value, len(row)))},
		columns:  map[string][]dialect.ResultColumn{"SELECT": columns},
		settings: session.WireSettings{CollationID: 255},
	}
	ts := startServer(t, s, nil)
	c := ts.login(mysql.CLIENT_DEPRECATE_EOF)

	got := c.readResult(c.ask(mysql.COM_QUERY, []byte("SELECT")...))
	if len(got.rows) != 2 {
		t.Fatalf("%d rows", len(got.rows))
	}
	d := decoder{data: got.rows[0]}
	for i, k := range typeCases {
		want := definition{database: "d", table: "a", orgTable: "t", name: k.name, orgName: k.name, charset: k.set, length: k.length, code: k.code, flags: k.flags, decimals: k.digits}
		if fmt.Sprintf("%+v", got.columns[i]) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s is described as\n%+v, want\n%+v", k.name, got.columns[i], want)
		}
		if v := d.lenencBytes(); string(v) != k.text {
			t.Errorf("%s as text: %q, want %q", k.name, v, k.text)
		}
	}
	if want := bytes.Repeat([]byte{0xfb}, len(row)); !bytes.Equal(got.rows[1], want) {
		t.Errorf("NULLs as text: % x", got.rows[1])
	}

	p := c.prepare("SELECT")
	if len(p.columns) != len(columns) {
		t.Fatalf("%d columns were announced", len(p.columns))
	}
	got = c.readResult(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, 0)...))
	want := append([]byte{0}, make([]byte, (len(row)+9)/8)...)
	for _, k := range typeCases {
		want = append(want, k.binary...)
	}
	if !bytes.Equal(got.rows[0], want) {
		t.Errorf("binary row\n% x, want\n% x", got.rows[0], want)
	}
	nulls := []byte{0}
	nulls = append(nulls, make([]byte, (len(row)+9)/8)...)
	for i := range row {
		nulls[1+(i+2)/8] |= 1 << ((i + 2) % 8)
	}
	if !bytes.Equal(got.rows[1], nulls) {
		t.Errorf("binary NULLs\n% x, want\n% x", got.rows[1], nulls)
	}
}

// TestEveryTypeReadByTheDriver compares what go-sql-driver makes of both protocols.
func TestEveryTypeReadByTheDriver(t *testing.T) {
	columns, row := typeColumns()
	s := &script{
		queries:  map[string]answer{"SELECT": rows(columns, row, make([]txn.Value, len(row))), "SELECT ?": rows(columns, row, make([]txn.Value, len(row)))},
		params:   map[string]int{"SELECT ?": 1},
		columns:  map[string][]dialect.ResultColumn{"SELECT ?": columns},
		settings: session.WireSettings{CollationID: 255},
	}
	db := connect(t, startServer(t, s, nil), "root", testPassword, "")
	for _, query := range []struct {
		text string
		args []any
	}{{"SELECT", nil}, {"SELECT ?", []any{1}}} {
		result, err := db.Query(query.text, query.args...)
		if err != nil {
			t.Fatal(err)
		}
		types, err := result.ColumnTypes()
		if err != nil {
			t.Fatal(err)
		}
		values := make([]sql.NullString, len(types))
		targets := make([]any, len(types))
		for i := range values {
			targets[i] = &values[i]
		}
		for n := range 2 {
			if !result.Next() {
				t.Fatal(result.Err())
			}
			if err := result.Scan(targets...); err != nil {
				t.Fatal(err)
			}
			for i, k := range typeCases {
				switch {
				case n == 1 && values[i].Valid:
					t.Errorf("%s: NULL reads as %q", k.name, values[i].String)
				case n == 0 && !sameText(k, values[i].String):
					t.Errorf("%s by %q reads as %q, want %q", k.name, query.text, values[i].String, k.text)
				}
			}
		}
		if result.Next() || result.Err() != nil {
			t.Errorf("after the rows: %v", result.Err())
		}
		for i, k := range typeCases {
			if name := types[i].DatabaseTypeName(); name != k.driver {
				t.Errorf("%s is called %s, want %s", k.name, name, k.driver)
			}
			if precision, scale, ok := types[i].DecimalSize(); k.typ.Kind == schemas.Decimal &&
				(!ok || precision != int64(k.typ.Length) || scale != int64(k.typ.Decimals)) && !k.typ.Unsigned { // of which the driver is wrong by the sign
				t.Errorf("%s: DecimalSize %d, %d, %v", k.name, precision, scale, ok)
			}
			if nullable, ok := types[i].Nullable(); !ok || !nullable {
				t.Errorf("%s: Nullable %v, %v", k.name, nullable, ok)
			}
		}
	}
}

// sameText reports whether the driver's text of a value is the case's; of numbers it makes its own.
func sameText(c typeCase, got string) bool {
	switch c.name {
	case "int zerofill":
		return got == "42"
	case "float(7,3)":
		return got == "1.5"
	case "double":
		return got == "-1e+20"
	case "year 0":
		return got == "0"
	}
	return got == c.text
}

// TestComputedColumns: MySQL marks computed numbers as binary, and text of them as of varying length.
func TestComputedColumns(t *testing.T) {
	for _, c := range []struct {
		typ      schemas.Type
		flags    uint16
		decimals byte
	}{
		{schemas.Type{Kind: schemas.BigInt}, mysql.BINARY_FLAG, 0},
		{schemas.Type{Kind: schemas.BigInt, Unsigned: true}, mysql.BINARY_FLAG | mysql.UNSIGNED_FLAG, 0},
		{schemas.Type{Kind: schemas.Decimal, Length: 5, Decimals: 4}, mysql.BINARY_FLAG, 4},
		{schemas.Type{Kind: schemas.Double, Decimals: -1}, mysql.BINARY_FLAG, 31},
		{text(schemas.VarChar, 5), 0, 31},
		{schemas.Type{Kind: schemas.VarBinary, Length: 5}, mysql.BINARY_FLAG, 31},
		{schemas.Type{Kind: schemas.DateTime, Decimals: 3}, mysql.BINARY_FLAG, 3},
		{schemas.Type{}, mysql.BINARY_FLAG, 0},
	} {
		if got := typeFlags(c.typ, false); got != c.flags {
			t.Errorf("%s: flags %#x, want %#x", c.typ, got, c.flags)
		}
		if got := decimals(c.typ, false); got != c.decimals {
			t.Errorf("%s: decimals %d, want %d", c.typ, got, c.decimals)
		}
	}
}

// TestFlagsOfTheColumnAreAdded to those of its type.
func TestFlagsOfTheColumnAreAdded(t *testing.T) {
	column := dialect.ResultColumn{Name: "id", OrgName: "id", Type: schemas.Type{Kind: schemas.Int, Unsigned: true},
		Flags: mysql.NOT_NULL_FLAG | mysql.PRI_KEY_FLAG | mysql.AUTO_INCREMENT_FLAG}
	col := newColumn(&column, session.WireSettings{})
	got := (&client{t: t}).parseDefinition(col.appendDefinition(nil, &column))
	if want := column.Flags | mysql.UNSIGNED_FLAG; got.flags != want {
		t.Errorf("flags %#x, want %#x", got.flags, want)
	}
}

// latin1 converts UTF-8 below U+0100, as a session with character_set_results = latin1 does.
func latin1(dst, text []byte) []byte {
	for _, r := range string(text) {
		dst = append(dst, byte(r))
	}
	return dst
}

// TestResultsInTheClientsCharacterSet: values, names and errors are converted, binary values are not.
func TestResultsInTheClientsCharacterSet(t *testing.T) {
	columns := append(textColumns("größe"), dialect.ResultColumn{Name: "b", Type: schemas.Type{Kind: schemas.VarBinary, Length: 9}})
	row := []txn.Value{txn.TextString("grün"), txn.Blob([]byte("grün"))}
	for _, c := range []struct {
		name     string
		settings session.WireSettings
		charset  uint16
		length   uint32
		want     string
	}{
		{"latin1", session.WireSettings{CollationID: 8, FromUTF8: latin1}, 8, 100, "gr\xfcn"},
		{"utf8mb3", session.WireSettings{CollationID: 33}, 33, 300, "grün"},
		{"NULL", session.WireSettings{}, 255, 400, "grün"},
		{"binary", session.WireSettings{CollationID: 63}, 63, 100, "grün"},
	} {
		s := &script{queries: map[string]answer{"SELECT": rows(columns, row)}, settings: c.settings}
		ts := startServer(t, s, nil)
		cl := ts.login(0)
		got := cl.readResult(cl.ask(mysql.COM_QUERY, []byte("SELECT")...))
		d := decoder{data: got.rows[0]}
		if v := string(d.lenencBytes()); v != c.want {
			t.Errorf("%s: text %q, want %q", c.name, v, c.want)
		}
		if v := string(d.lenencBytes()); v != "grün" {
			t.Errorf("%s: binary value %q", c.name, v)
		}
		name := "größe"
		if c.settings.FromUTF8 != nil {
			name = string(c.settings.FromUTF8(nil, []byte(name)))
		}
		if k := got.columns[0]; k.charset != c.charset || k.length != c.length || k.name != name {
			t.Errorf("%s: column %q of character set %d and length %d", c.name, k.name, k.charset, k.length)
		}
		if k := got.columns[1]; k.charset != binaryCollation || k.length != 9 {
			t.Errorf("%s: binary column of character set %d and length %d", c.name, k.charset, k.length)
		}
	}
}

// TestValuesOfAnotherClass: a value whose storage class is not the type's usual one is sent all the same.
func TestValuesOfAnotherClass(t *testing.T) {
	for _, c := range []struct {
		kind         schemas.Kind
		value        txn.Value
		text, binary string
	}{
		{schemas.BigInt, txn.TextString("-5"), "-5", "\xfb\xff\xff\xff\xff\xff\xff\xff"},
		{schemas.BigInt, txn.Real(3), "3", "\x03\x00\x00\x00\x00\x00\x00\x00"},
		{schemas.BigInt, txn.TextString("2.5e1"), "2.5e1", "\x19\x00\x00\x00\x00\x00\x00\x00"},
		{schemas.Double, txn.Int(2), "2", "\x00\x00\x00\x00\x00\x00\x00\x40"},
		{schemas.Double, txn.TextString("0.5"), "0.5", "\x00\x00\x00\x00\x00\x00\xe0\x3f"},
		{schemas.VarChar, txn.Int(-1), "-1", "\x02-1"},
		{schemas.VarBinary, txn.TextString("x"), "x", "\x01x"},
	} {
		column := dialect.ResultColumn{Type: schemas.Type{Kind: c.kind, Decimals: -1}}
		col := newColumn(&column, session.WireSettings{})
		var scratch []byte
		d := decoder{data: appendTextValue(nil, &col, c.value, &scratch)}
		if got := string(d.lenencBytes()); got != c.text {
			t.Errorf("%s %v as text: %q, want %q", column.Type.Name(), c.value, got, c.text)
		}
		if got := string(appendBinaryValue(nil, &col, c.value, &scratch)); got != c.binary {
			t.Errorf("%s %v as binary: %q, want %q", column.Type.Name(), c.value, got, c.binary)
		}
	}
	null := []column{{code: mysql.MYSQL_TYPE_NULL}}
	var scratch []byte
	if got := appendBinaryRow(nil, null, []txn.Value{txn.Int(1)}, &scratch); string(got) != "\x00\x04" {
		t.Errorf("value of a column that the client takes for NULL: % x", got)
	}
}
