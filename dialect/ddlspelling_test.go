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
		{"CREATE TABLE s (y INT(5)) SELECT j, e, f, y FROM t, g", "s", "y , j , e , f "},
	} {
		if _, err := w.run(s.sql); err != nil {
			t.Fatalf("%s: %v", s.sql, err)
		}
		check(s.table, s.want)
	}
}
