package dialect

import (
	"slices"
	"testing"
)

// What MySQL 9.7 answered: the first malformed bytes of each warning, in the order of the warnings.
func TestMalformedLiterals(t *testing.T) {
	for _, c := range []struct {
		sql  string
		want []string
	}{
		{"SELECT 'plain é 🐙'", nil},
		{"SELECT 'a\xffb\xfec', 'ok', '\xe4\xbd'", []string{"FF62FE", "E4BD"}},
		{"SELECT '\xff' 'b', 'b' '\xff', 'a''\xff', 'a\\\xff', \"\xff\"", []string{"FF", "FF", "FF", "FF"}},
		{"SELECT _binary'\xff', _latin1'\xff', _utf8mb4'\xff', x'ff'", []string{"FF"}},
		{"SELECT 1 AS '\xff', 2 '\xfe', `\xff`.a /* '\xff' */", nil},
		{"SELECT DATE'\xff', INTERVAL '\xfe' DAY + a, GROUP_CONCAT(a SEPARATOR '\xff') COLLATE '\xfd' FROM t", []string{"FE"}},
		{"SELECT * FROM t WHERE comment = '\xff' AND a LIKE '\xfe' ESCAPE '|' GROUP BY '\xfd'", []string{"FF", "FE", "FD"}},
		{"SET NAMES '\xff'", nil},
		{"SET PASSWORD = '\xff'", nil},
		{"SET @a = '\xff', @b := '\xfe'", []string{"FF", "FE"}},
		{"CREATE TABLE t (a ENUM('\xff','b') COMMENT '\xff', b VARBINARY(9) DEFAULT '\xfe') COMMENT = '\xff'", []string{"FE"}},
		{"ALTER TABLE t ADD b VARBINARY(10) DEFAULT '\xfe' COMMENT '\xff'", []string{"FE"}},
		{"CREATE USER '\xff'@'h' IDENTIFIED BY '\xff'", nil},
		{"GRANT SELECT ON *.* TO '\xff'", nil},
		{"SHOW TABLES LIKE '\xff'", []string{"FF"}},
		{"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '\xff'", nil},
		{"LOAD DATA LOCAL INFILE '\xff' INTO TABLE t FIELDS TERMINATED BY '\xff' SET a = '\xfe'", []string{"FE"}},
		{"EXPLAIN FORMAT = '\xff' SELECT 1", nil},
		{"EXPLAIN FORMAT = TREE SELECT a FROM t WHERE format = '\xfe'", []string{"FE"}},
		{"CREATE PROCEDURE p(a BLOB) BEGIN DECLARE x BLOB DEFAULT '\xff'; SET x = '\xfe'; IF a = '\xfd' THEN SELECT '\xfc'; END IF; END", []string{"FF", "FE", "FD", "FC"}},
	} {
		var got []string
		for _, w := range MalformedLiterals([]byte(c.sql), DefaultSQLMode, "utf8mb4") {
			got = append(got, w.Message)
		}
		want := make([]string, 0, len(c.want))
		for _, bytes := range c.want {
			want = append(want, "Invalid utf8mb4 character string: '"+bytes+"'")
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", c.sql, got, want)
		}
	}
}

// Where client and connection have different sets, MySQL converts what is no value of an introducer's, and tells of utf8mb3 by its own name.
func TestMalformedLiteralsOfOtherSets(t *testing.T) {
	if got := MalformedLiterals([]byte("SELECT '\xff'"), DefaultSQLMode, ""); len(got) != 0 {
		t.Errorf("a literal that is converted: %v", got)
	}
	if got := MalformedLiterals([]byte("SELECT _utf8mb4'\xff'"), DefaultSQLMode, ""); len(got) != 1 {
		t.Errorf("an introducer: %v", got)
	}
	got := MalformedLiterals([]byte("SELECT '🐙'"), DefaultSQLMode, "utf8mb3")
	if len(got) != 1 || got[0].Message != "Invalid utf8mb3 character string: 'F09F90'" {
		t.Errorf("utf8mb3: %v", got)
	}
}
