package debezium

import (
	"slices"
	"testing"
)

func TestADDLIsToldFromItsFirstTokenToItsLast(t *testing.T) {
	for _, c := range []struct{ ddl, want string }{
		{"CREATE TABLE t (a INT)", "CREATE TABLE t (a INT)"},
		{"/* c */ CREATE TABLE t (a INT /* in */) -- eol\n ; ", "CREATE TABLE t (a INT /* in */)"},
		{"CREATE TABLE t (a INT)\n/*!50100 PARTITION BY HASH (a)\nPARTITIONS 3 */", "CREATE TABLE t (a INT)\n/*!50100 PARTITION BY HASH (a)\nPARTITIONS 3"},
		{"/*!40101 CREATE DATABASE d */", "CREATE DATABASE d"},
		{`ALTER TABLE t COMMENT "it's ""so"""`, `ALTER TABLE t COMMENT 'it''s ""so""'`},
		{`ALTER TABLE t COMMENT '*/ -- "#'`, `ALTER TABLE t COMMENT '*/ -- "#'`},
		{"DROP DATABASE `a;`;", "DROP DATABASE `a;`"},
	} {
		if got := statementText(c.ddl); got != c.want {
			t.Errorf("%q is told as %q, want %q", c.ddl, got, c.want)
		}
	}
}

func TestWordsOfADDLAreOutsideCommentsAndQuotes(t *testing.T) {
	got := statementWords("/* CREATE */ create /*!50000 unique*/ index `table x` on t (a) COMMENT 'drop index'")
	if want := []string{"CREATE", "UNIQUE", "INDEX", "?", "ON", "T", "(A)", "COMMENT", "?"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
