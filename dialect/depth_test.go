package dialect

import (
	"strings"
	"testing"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
)

func TestStatementsThatAreTooDeep(t *testing.T) {
	const n = 100_000
	nest := func(open, inside, closed string, n int) string {
		return strings.Repeat(open, n) + inside + strings.Repeat(closed, n)
	}
	for _, c := range []struct {
		name, text string
		code       uint16
	}{
		{"parentheses", "SELECT " + nest("(", "1", ")", n), 1436},
		{"functions", "SELECT " + nest("abs(", "1", ")", n), 1436},
		{"a chain of sums", "SELECT " + strings.Repeat("1+", n) + "1", 1436},
		{"signs", "SELECT " + strings.Repeat("- ", n) + "1", 1436},
		{"negations", "SELECT " + strings.Repeat("NOT ", n) + "1", 1436},
		{"cases without parentheses", "SELECT " + nest("CASE WHEN a AND ", "1", " END", n), 1436},
		{"a deep operand of a chain", "SELECT 1 OR " + nest("(1+", "1", ")", n), 1436},
		{"sums behind parentheses", "SELECT " + nest("(", "1", "+1)", n), 1436},
		{"a long chain of conditions", "SELECT 1 FROM t WHERE " + strings.Repeat("a = 1 AND b < -(2) OR ", 3000) + "1", 0},
		{"many rows", "INSERT INTO t VALUES " + strings.Repeat("(1, -2, (1+1)*3),", n) + "(1, 2, 3)", 0},
		{"many columns", "SELECT " + strings.Repeat("a + b * -1, ", n) + "1", 0},
		{"a list", "SELECT 1 IN (" + strings.Repeat("1,", n) + "1)", 0},
		{"many branches", "SELECT CASE " + strings.Repeat("WHEN a THEN b ", n) + "END", 0},
		{"64 selects", "SELECT " + nest("(SELECT ", "1", ")", 63), 0},
		{"65 selects", "SELECT " + nest("(SELECT ", "1", ")", 64), 1473},
		{"many selects side by side", strings.Repeat("SELECT (SELECT 1) UNION ", 1000) + "SELECT 2", 0},
		{"parentheses that nobody opened", strings.Repeat(")", n), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := checkDepth([]byte(c.text)); mysqlerr.Code(err) != c.code {
				t.Errorf("%v, want code %d", err, c.code)
			}
		})
	}
}

// FuzzTokens cuts any text into tokens: they lie one behind the other, within the text, and come to an end.
func FuzzTokens(f *testing.F) {
	f.Add([]byte("SELECT 'a' 'b', `c``d`, x'00', 0b1, 1.5e-3, @a, @@b.c /*!80000 , ? */ -- end\n FROM t; SELECT 2"), uint64(0))
	f.Add([]byte("\"a\"\"b\" <=> 1 ->> '$' := /* open"), uint64(ANSIQuotes))
	f.Fuzz(func(t *testing.T, text []byte, mode uint64) {
		s := scanner{src: text, mode: SQLMode(mode)}
		end := 0
		for {
			token := s.next()
			if token.start < end || token.end < token.start || token.end > len(text) {
				t.Fatalf("a token from %d to %d behind %d, of %d bytes", token.start, token.end, end, len(text))
			}
			if token.kind == tokenEnd || token.kind == tokenBad {
				break
			}
			if token.end == token.start {
				t.Fatalf("an empty token at %d", token.start)
			}
			end = token.end
		}
		first, rest, err := Split(text, SQLMode(mode))
		if err == nil && len(first)+len(rest) > len(text) {
			t.Fatalf("%d and %d bytes of %d", len(first), len(rest), len(text))
		}
		_ = checkDepth(text) // it returns
	})
}

// FuzzFront takes any text through the normalizer and the parser: no panic, and an end within seconds.
func FuzzFront(f *testing.F) {
	for _, text := range []string{"SELECT a, COUNT(*) FROM t WHERE b = 1 GROUP BY a", "INSERT INTO t VALUES (1, 'x'), (2, DEFAULT)",
		"WITH RECURSIVE c AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT * FROM c", "CREATE TABLE t (a INT PRIMARY KEY, b JSON, KEY ((a+1)))",
		"SELECT /*!80000 1 + */ 2; SELECT 3", "SET @a = 1, SESSION sql_mode = ''", "LOAD DATA LOCAL INFILE 'x' INTO TABLE t"} {
		f.Add([]byte(text))
	}
	planner := NewPlanner(Options{CacheSize: 16})
	catalog := &schemas.Catalog{Databases: map[string]*schemas.Database{"d": {ID: 1, Name: "d", Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}}}
	f.Fuzz(func(t *testing.T, text []byte) {
		begun := time.Now()
		_, err := planner.Plan(&Context{Catalog: catalog, Collation: "utf8mb4_0900_ai_ci"}, text)
		if took := time.Since(begun); took > 10*time.Second {
			t.Fatalf("%d bytes took %s", len(text), took)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error without words")
		}
	})
}
