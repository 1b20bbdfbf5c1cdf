package dialect

import (
	"fmt"
	"testing"
)

// TestDefinitionsKeepWhatTheConnectorReads: key, default character set and comment, as far as they are not those of the definition.
func TestDefinitionsKeepWhatTheConnectorReads(t *testing.T) {
	w := newWorld(t)
	for _, s := range []struct{ sql, table, want string }{
		{"CREATE TABLE a (x INT NOT NULL, y INT, UNIQUE (y), UNIQUE (x))", "a", "[x] utf8mb4"},
		{"ALTER TABLE a MODIFY x INT NULL", "a", "[x] utf8mb4 read"},
		{"ALTER TABLE a RENAME COLUMN x TO z", "a", "[z] utf8mb4 read"},
		{"ALTER TABLE a DROP COLUMN z", "a", "[] utf8mb4"},
		{"ALTER TABLE a MODIFY y INT NOT NULL", "a", "[] utf8mb4 read"},
		{"CREATE TABLE a2 LIKE a", "a2", "[] utf8mb4 read"},
		{"ALTER TABLE a ADD PRIMARY KEY (y)", "a", "[y] utf8mb4"},
		{"CREATE TABLE b (x INT UNIQUE, y INT NOT NULL UNIQUE)", "b", "[x] utf8mb4 read"},
		{"ALTER TABLE b DROP INDEX x", "b", "[x] utf8mb4 read"},
		{"CREATE TABLE c (x INT UNIQUE, y INT PRIMARY KEY)", "c", "[y] utf8mb4"},
		{"ALTER TABLE c ADD z INT NOT NULL UNIQUE, DROP PRIMARY KEY", "c", "[] utf8mb4 read"},
		{"CREATE UNIQUE INDEX u ON c (z, y)", "c", "[z y] utf8mb4 read key comes"},
		{"CREATE INDEX p ON c (y)", "c", "[z y] utf8mb4 read untold"},
		{"ALTER TABLE c ADD w INT", "c", "[z y] utf8mb4 read"},
		{"CREATE TABLE d (x INT, v VARCHAR(9)) CHARSET latin1 COMMENT 'c'", "d", "[] latin1"},
		{"ALTER TABLE d DEFAULT CHARACTER SET gbk", "d", "[] latin1 read"},
		{"ALTER TABLE d CONVERT TO CHARACTER SET gbk", "d", "[] gbk"},
		{"CREATE TABLE d2 LIKE d", "d2", "[] gbk read no comment"},
		{"ALTER TABLE d2 COMMENT ''", "d2", "[] gbk read empty comment"},
		{"ALTER TABLE d2 COMMENT 'x'", "d2", "[] gbk"},
		{"CREATE TABLE e (x INT) COLLATE latin1_bin", "e", "[] utf8mb4 read"},
	} {
		if _, err := w.run(s.sql); err != nil {
			t.Fatalf("%s: %v", s.sql, err)
		}
		def := w.c.Catalog.Databases["d"].Tables[s.table]
		got := fmt.Sprint(def.ReadKeyNames(), " ", def.ReadCharset())
		if def.Read != nil {
			got += " read"
			switch {
			case def.Read.KeyComes:
				got += " key comes"
			case def.Read.KeyUntold:
				got += " untold"
			}
			if def.Read.NoComment {
				got += " no comment"
			}
			if def.Read.EmptyComment {
				got += " empty comment"
			}
		}
		if got != s.want {
			t.Errorf("%s: %s, want %s", s.sql, got, s.want)
		}
	}
}
