package expression

import (
	"strings"
	"testing"

	"marmot/mysqlerr"
	"marmot/schemas"
)

func TestNamesInSQLiteAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Extensions().Functions {
		if seen[f.Name] {
			t.Errorf("%s is registered twice", f.Name)
		}
		seen[f.Name] = true
	}
	for _, a := range Extensions().Aggregates {
		if seen[a.Name] {
			t.Errorf("%s is registered twice", a.Name)
		}
		seen[a.Name] = true
	}
}

func TestWrongCallsAreMySQLErrors(t *testing.T) {
	if _, err := Call("no_such", nil); mysqlerr.Code(err) != 1305 {
		t.Errorf("unknown function: %v", err)
	}
	if _, err := Call("left", []Operand{Null()}); mysqlerr.Code(err) != 1582 {
		t.Errorf("LEFT of one argument: %v", err)
	}
	if _, err := Aggregate("sum", nil, AggregateOptions{}); mysqlerr.Code(err) != 1582 {
		t.Errorf("SUM(): %v", err)
	}
}

// TestEveryFunctionTakesNull calls each function with NULLs, which must neither panic nor fail but
// for arguments that may not be NULL.
func TestEveryFunctionTakesNull(t *testing.T) {
	conn := newConn(t, newTestSession())
	for name, f := range functionTable() {
		args := make([]Operand, f.least)
		for i := range args {
			args[i] = Null()
		}
		o, err := Call(name, args)
		if err != nil {
			continue
		}
		if _, err := queryRows(conn, "SELECT "+o.SQL); err != nil && mysqlerr.Code(err) == 0 {
			t.Errorf("%s of NULLs: %v", name, err)
		}
	}
}

func TestLongPatternsAreNotKept(t *testing.T) {
	c := newPatternCache()
	long := strings.Repeat("a", patternCacheBytes+1)
	if !c.like([]byte(long), nil, schemas.LookupCollation("utf8mb4_bin")).Match([]byte(long)) {
		t.Error("a long pattern does not match itself")
	}
	if _, err := c.regexp(long, 0); err != nil {
		t.Error(err)
	}
	if len(c.likes) != 0 || len(c.regexps) != 0 {
		t.Errorf("%d patterns of LIKE and %d of REGEXP are kept", len(c.likes), len(c.regexps))
	}
}

// TestAPatternIsKeptWithoutItsCaller: the bytes of an argument are SQLite's, which writes over them.
func TestAPatternIsKeptWithoutItsCaller(t *testing.T) {
	for _, name := range []string{"utf8mb4_bin", "utf8mb4_general_ci", "binary"} {
		c := newPatternCache()
		collation := schemas.LookupCollation(name)
		for _, text := range []string{"abc", "ab%"} {
			pattern := []byte(text)
			c.like(pattern, []byte(`\`), collation)
			copy(pattern, "xxx")
			if p := c.like([]byte(text), []byte(`\`), collation); !p.Match([]byte("abc")) || p.Match([]byte("xxx")) {
				t.Errorf("%s under %s has changed", text, name)
			}
		}
	}
}
