package dialect

import (
	"strings"
	"testing"

	"marmot/schemas"
)

// TestDefinitionsKeepHowTypesWereDeclared: what a statement said of types and defaults is in the definition, and follows the column.
func TestDefinitionsKeepHowTypesWereDeclared(t *testing.T) {
	w := newWorld(t)
	check := func(table, want string) {
		t.Helper()
		encoded, err := schemas.EncodeTable(w.c.Catalog.Databases["d"].Tables[table])
		if err != nil {
			t.Fatal(err)
		}
		def, err := schemas.DecodeTable(encoded)
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		for i := range def.Columns {
			c := &def.Columns[i]
			part := c.Name + " " + c.Type.Spelling + c.Type.Written
			if d := c.Type.Declared; d != nil {
				told := []string{d.Modifier, d.Charset, strings.Join(d.Members, "|"), d.Comment}
				if d.Nullable {
					told = append(told, "NULL")
				}
				part += strings.TrimRight(" {"+strings.Join(told, " "), " ") + "}"
			}
			if c.Default != nil && c.Default.Written != "" {
				part += " " + c.Default.Written
			}
			parts = append(parts, part)
		}
		if got := strings.Join(parts, ", "); got != want {
			t.Errorf("%s is declared as\n%s, want\n%s", table, got, want)
		}
	}
	for _, s := range []struct{ sql, table, want string }{
		{"CREATE TABLE t (a INT(11), b bool DEFAULT TRUE, c NATIONAL CHARACTER VARYING(5), d DOUBLE PRECISION, e FLOAT(24), f BINARY, g VARCHAR(9) DEFAULT 'it''s', h VARBINARY(4) DEFAULT 0x0102, i BIT(3) DEFAULT b'101')", "t",
			"a INT(11), b BOOL() TRUE, c NATIONAL CHARACTER VARYING, d DOUBLE PRECISION, e FLOAT(24), f BINARY(), g VARCHAR it''s, h VARBINARY 0x0102, i BIT"},
		{"ALTER TABLE t MODIFY a INTEGER, CHANGE b bb TINYINT(1) DEFAULT 0, ALTER g SET DEFAULT 'x', ALTER h SET DEFAULT 'ab', DROP i, ADD j DEC DEFAULT 01.5 FIRST", "t",
			"j DEC() 01.5, a INTEGER, bb TINYINT, c NATIONAL CHARACTER VARYING, d DOUBLE PRECISION, e FLOAT(24), f BINARY(), g VARCHAR, h VARBINARY"},
		{"CREATE TABLE u LIKE t", "u", "j DEC() 01.5, a INTEGER, bb TINYINT, c NATIONAL CHARACTER VARYING, d DOUBLE PRECISION, e FLOAT(24), f BINARY(), g VARCHAR, h VARBINARY"},
		{"CREATE TABLE g (id SERIAL, a GEOMETRYCOLLECTION, b LONG VARBINARY, c ENUM('a','b') DEFAULT 'a', y YEAR(4))", "g",
			"id SERIAL, a GEOMETRYCOLLECTION, b LONG VARBINARY, c ENUM, y YEAR(4)"},
		{"ALTER TABLE g MODIFY a GEOMCOLLECTION", "g", "id SERIAL, a GEOMCOLLECTION, b LONG VARBINARY, c ENUM, y YEAR(4)"},
		{"CREATE TABLE m (a INT SIGNED DEFAULT +4, b CHAR(5) BINARY DEFAULT N'x', c VARCHAR(9) ASCII, d TEXT UNICODE, e CHAR(3) BYTE, f VARCHAR(9) CHARSET utf8 BINARY, g VARCHAR(9) COLLATE utf8mb4_bin, h VARCHAR(9) COLLATE binary, i INT SIGNED ZEROFILL, " +
			"j VARCHAR(9) CHARACTER SET latin1, k TEXT COLLATE utf8_bin, l CHAR(3) CHARACTER SET binary, n NCHAR(2), o DATE DEFAULT DATE \"2020-01-01\") CHARSET utf8mb4", "m",
			"a INT {SIGNED} +4, b CHAR {BINARY} N'x', c VARCHAR { utf8mb4}, d TEXT { utf8mb4}, e CHAR { utf8mb4}, f VARCHAR {BINARY utf8}, g VARCHAR, h VARCHAR { utf8mb4}, i INT(), " +
				"j VARCHAR, k TEXT { utf8}, l CHAR, n NCHAR, o DATE DATE'2020-01-01'"},
		{"CREATE TABLE e (a ENUM('a ','b'), b SET('it\\'s',\"d'q\"), c ENUM('it''s',\"d\"))", "e", "a ENUM {  a |b}, b SET {  it\\'s|d''q}, c ENUM"},
		{"CREATE TABLE k (a INT PRIMARY KEY COMMENT 'c', b CHAR(3) NOT NULL)", "k", "a INT, b CHAR"},
		{"ALTER TABLE k MODIFY a BIGINT, MODIFY b CHAR(4)", "k", "a BIGINT {    NULL}, b CHAR"},
		{"ALTER TABLE k MODIFY a INT NOT NULL COMMENT 'd'", "k", "a INT, b CHAR"},
		{"ALTER TABLE k CHANGE a aa INT NOT NULL", "k", "aa INT {   d}, b CHAR"},
		{"CREATE TABLE s (y INT(5)) SELECT j, e, f, y FROM t, g", "s", "y , j , e , f "},
	} {
		if _, err := w.run(s.sql); err != nil {
			t.Fatalf("%s: %v", s.sql, err)
		}
		check(s.table, s.want)
	}
}
