package dialect

import (
	"strings"
	"testing"

	"marmot/txn"
)

func TestFingerprintTakesLiteralsOut(t *testing.T) {
	for _, c := range []struct{ sql, text, literals string }{
		{"SELECT c FROM sbtest1 WHERE id=5", "SELECT c FROM sbtest1 WHERE id=:li0 ", "5"},
		{"select  a +  1, 'x' from t where b = 'it''s' -- end", "select  a +  1, 'x' from t where b = :ls0 ", "'it's'"},
		{"SELECT 1 /* a */ FROM t /* b */ WHERE x=1.50", "SELECT 1 FROM t WHERE x=:ld3_2_0 ", "'1.50'"},
		{"SELECT a FROM t WHERE x IN (1,2, 3) ORDER BY 2 LIMIT 10", "SELECT a FROM t WHERE x IN (:li0 ,:li1 , :li2 ) ORDER BY 2 LIMIT :li3 ", "1 2 3 10"},
		{"SELECT a FROM t WHERE LEFT(s, 3) = 'abc' AND d > NOW() - INTERVAL 5 DAY", "SELECT a FROM t WHERE LEFT(s, 3) = :ls0 AND d > NOW() - INTERVAL 5 DAY", "'abc'"},
		{"SELECT (SELECT b FROM u WHERE u.id = 7) FROM t WHERE id = 8", "SELECT (SELECT b FROM u WHERE u.id = 7) FROM t WHERE id = :li0 ", "8"},
		{"SELECT * FROM (SELECT 1 AS x FROM u WHERE u.id = 7) s", "SELECT * FROM (SELECT 1 AS x FROM u WHERE u.id = :li0 ) s", "7"},
		{"INSERT INTO t (a,b) VALUES (1,'x'),(2,NULL),(-3,'z')", "INSERT INTO t (a,b) VALUES (:lr0, :lr1) ", "1 'x' 2 NULL -3 'z'"},
		{"INSERT INTO t VALUES (1, NOW()), (2, 'b')", "INSERT INTO t VALUES (:li0 , NOW()), (:li1 , :ls2 )", "1 2 'b'"},
		{"UPDATE t SET a = a + 1, b = 'q' WHERE id = 3", "UPDATE t SET a = a + :li0 , b = :ls1 WHERE id = :li2 ", "1 'q' 3"},
		{"DELETE FROM t WHERE a = 1e3 OR b = 0x41", "DELETE FROM t WHERE a = :lf0 OR b = 0x41", "1000"},
		{"/*!40101 SET NAMES utf8mb4 */;", "SET NAMES utf8mb4", ""},
		{"SELECT 1 /*!99999 + 1 */", "SELECT 1", ""},
		{"SELECT 'a' 'b' FROM t WHERE c = 'd' 'e'", "SELECT 'a' 'b' FROM t WHERE c = :ls0 ", "'de'"},
		{"INSERT LOW_PRIORITY IGNORE INTO t VALUES (quick)", "INSERT IGNORE INTO t VALUES (quick)", ""},
		{"DELETE LOW_PRIORITY QUICK FROM t", "DELETE FROM t", ""},
		{"CREATE TABLE t (a DECIMAL(10,2) DEFAULT 1.5)", "CREATE TABLE t (a DECIMAL(10,2) DEFAULT 1.5)", ""},
		{"SELECT a FROM t WHERE d = DATE '2024-01-01' AND e = _utf8mb4'x' AND f LIKE 'a%' ESCAPE '!'",
			"SELECT a FROM t WHERE d = DATE '2024-01-01' AND e = _utf8mb4'x' AND f LIKE :ls0 ESCAPE '!'", "'a%'"},
	} {
		var n normalizer
		if err := n.run([]byte(c.sql), DefaultSQLMode); err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if got := string(n.text); got != c.text {
			t.Errorf("%s\ngot  %q\nwant %q", c.sql, got, c.text)
		}
		var list []string
		for _, v := range n.values() {
			list = append(list, v.String())
		}
		if got := strings.Join(list, " "); got != c.literals {
			t.Errorf("%s: literals %s, want %s", c.sql, got, c.literals)
		}
	}
}

func TestSplitCutsStatements(t *testing.T) {
	want := []string{
		"SELECT ';' /* ; */", "", "UPDATE t SET a = `;`",
		"CREATE PROCEDURE p() BEGIN SELECT 1; IF a THEN SELECT CASE WHEN 1 THEN 2 END; END IF; END",
		"CREATE TABLE t (begin INT, end INT, `case` INT)",
		"CREATE DEFINER=`a`@`%` TRIGGER g BEFORE INSERT ON t FOR EACH ROW IF NEW.a THEN SET NEW.a = 1; ELSE SET NEW.a = IF(b, 1, 2); END IF",
		"CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW SET NEW.a = CASE WHEN 1 THEN 2 END",
		"CREATE FUNCTION f(a INT, b VARCHAR(9)) RETURNS VARCHAR(9) CHARACTER SET utf8mb4 DETERMINISTIC RETURN IF(a, REPEAT('x', 2), b)",
		"CREATE FUNCTION f() RETURNS INT l: LOOP REPEAT SET a = 1; UNTIL a END REPEAT; WHILE b DO CASE c WHEN 1 THEN SELECT 1; END CASE; END WHILE; LEAVE l; END LOOP l",
		"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END",
		"CREATE VIEW v AS SELECT CASE a WHEN 1 THEN 2 END FROM t",
		"SELECT 2",
	}
	rest := []byte(strings.Join(want, ";"))
	for i := 0; len(rest) > 0; i++ {
		var first []byte
		var err error
		if first, rest, err = Split(rest, DefaultSQLMode); err != nil {
			t.Fatal(err)
		}
		if i >= len(want) || string(first) != want[i] {
			t.Fatalf("statement %d is %q", i, first)
		}
		var n normalizer
		if err := n.run(first, DefaultSQLMode); err != nil {
			t.Errorf("%s: %v", first, err)
		}
	}
	if first, _, err := Split([]byte(" -- nothing\n /* at all */ "), 0); len(first) > 0 || err != nil {
		t.Errorf("comments only gave %q, %v", first, err)
	}
	if _, _, err := Split([]byte("SELECT 'open"), 0); err == nil {
		t.Error("a string without an end was taken")
	}
}

func TestUnquoteReadsEscapes(t *testing.T) {
	for text, want := range map[string]string{
		`'a\'b'`: "a'b", `'a''b'`: "a'b", `"a""b"`: `a"b`, `'a\nb\t\0\Z\\'`: "a\nb\t\x00\x1a\\", `'50\%'`: `50\%`, `'a' 'b'`: "ab", `''`: "",
	} {
		if got := string(unquote([]byte(text), 0)); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
	if got := string(unquote([]byte(`'a\n'`), NoBackslashEscapes)); got != `a\n` {
		t.Errorf("without escapes: %q", got)
	}
}

// FuzzFingerprint checks on any text that the fingerprint ends, that what it made is read again as
// it is, and that statements which differ in their literals only share it.
func FuzzFingerprint(f *testing.F) {
	for _, s := range []string{"SELECT a FROM t WHERE id=1", "INSERT INTO t VALUES (1,'a'),(2,NULL)", "/*!50000 SELECT*/ 'a' 'b'", "a'\\''", "SELECT `x``y`, \"z\" FROM t -- c", "WITH x AS (SELECT 1) SELECT * FROM x WHERE a BETWEEN 1 AND 2e3"} {
		f.Add([]byte(s), uint64(DefaultSQLMode))
	}
	f.Fuzz(func(t *testing.T, sql []byte, mode uint64) {
		var n normalizer
		if n.run(sql, SQLMode(mode)) != nil {
			return
		}
		if len(n.text) > 4*len(sql)+64 {
			t.Fatalf("%d bytes became %d", len(sql), len(n.text))
		}
		for _, v := range n.values() {
			if v.Kind() > txn.KindNull {
				t.Fatal("no value")
			}
		}
		first := string(n.text)
		var again normalizer
		if err := again.run([]byte(first), SQLMode(mode)&^(ANSIQuotes|NoBackslashEscapes)); err != nil && !strings.ContainsAny(first, ":{}") {
			t.Fatalf("%q made %q, which is refused: %v", sql, first, err)
		}
		m := marker{s: scanner{src: []byte(first)}}
		m.run()
	})
}

// FuzzSplit checks that Split ends and loses nothing but separators.
func FuzzSplit(f *testing.F) {
	f.Add([]byte("SELECT 1; SELECT ';'; -- x\n"))
	f.Fuzz(func(t *testing.T, sql []byte) {
		rest := sql
		for len(rest) > 0 {
			first, next, err := Split(rest, 0)
			if err != nil {
				return
			}
			if len(next) >= len(rest) || len(first)+len(next) > len(rest) {
				t.Fatalf("%q gave %q and %q", rest, first, next)
			}
			rest = next
		}
	})
}
