package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"marmot/txn"
)

// must fails the test on an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newFile makes a database file with the given schema and returns its path and the
// connection that wrote it.
func newFile(t testing.TB, schema string) (string, *Conn) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "base.db")
	c, err := Open(OpenOptions{Path: path, Create: true})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	must(t, c.Exec("PRAGMA synchronous=OFF"))
	must(t, c.Exec(schema))
	return path, c
}

// newMemory opens an empty database in memory.
func newMemory(t testing.TB, schema string) *Conn {
	t.Helper()
	c, err := Open(OpenOptions{Path: ":memory:"})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	must(t, c.Exec(schema))
	return c
}

// query runs a statement and prints its rows, a line each, columns separated by |.
func query(c *Conn, sql string, args ...txn.Value) (string, error) {
	s, err := c.Prepare(sql)
	if err != nil {
		return "", err
	}
	defer s.Reset()
	if err := s.Bind(args); err != nil {
		return "", err
	}
	var out strings.Builder
	for {
		row, err := s.Step()
		if err != nil || !row {
			return out.String(), err
		}
		for i, v := range s.Row() {
			if i > 0 {
				out.WriteByte('|')
			}
			if v.Kind() == txn.KindText {
				out.Write(v.Bytes())
			} else {
				out.WriteString(v.String())
			}
		}
		out.WriteByte('\n')
	}
}

// want compares what a query prints.
func want(t testing.TB, c *Conn, sql, wanted string, args ...txn.Value) {
	t.Helper()
	got, err := query(c, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if got = strings.TrimSuffix(got, "\n"); got != wanted {
		t.Fatalf("%s\n got %q\nwant %q", sql, got, wanted)
	}
}

// wantError checks that a statement fails with a message that holds the text.
func wantError(t testing.TB, c *Conn, sql, text string) {
	t.Helper()
	_, err := query(c, sql)
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Fatalf("%s: error %v, want one with %q", sql, err, text)
	}
}
