package e2e

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"
)

// tables reads every table of a SQLite file that is a client's, each as its sorted rows.
// Columns are read by name, so that two files may hold them in another order.
func tables(t *testing.T, file string) map[string][]string {
	t.Helper()
	if _, err := os.Stat(file); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+file+"?mode=ro&_query_only=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	names := column(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\_marmot\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`)
	content := map[string][]string{}
	for _, name := range names {
		content[name] = rows(t, db, name)
	}
	return content
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	result, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer result.Close()
	var values []string
	for result.Next() {
		var v string
		if err := result.Scan(&v); err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

func rows(t *testing.T, db *sql.DB, table string) []string {
	t.Helper()
	quoted := `"` + strings.ReplaceAll(table, `"`, `""`) + `"`
	names := column(t, db, `SELECT name FROM pragma_table_info(`+"'"+strings.ReplaceAll(table, "'", "''")+"'"+`) WHERE name <> '_marmot_rowid' ORDER BY name`)
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = `quote("` + strings.ReplaceAll(n, `"`, `""`) + `")`
	}
	all := column(t, db, "SELECT "+strings.Join(parts, "||','||")+" FROM "+quoted+" NOT INDEXED")
	sort.Strings(all)
	return all
}

// sameTables fails the test unless both files hold the same tables with the same rows.
func sameTables(t *testing.T, what string, want, got map[string][]string) {
	t.Helper()
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: table %s is one too many", what, name)
		}
	}
	for name, rows := range want {
		other, ok := got[name]
		if !ok {
			if len(rows) > 0 {
				t.Errorf("%s: table %s (%d rows) is missing", what, name, len(rows))
			}
			continue
		}
		if d := difference(rows, other); d != "" {
			t.Errorf("%s: table %s: %s", what, name, d)
		}
	}
}

// difference tells the first row in which two sorted lists differ.
func difference(want, got []string) string {
	for i := 0; i < len(want) && i < len(got); i++ {
		if want[i] != got[i] {
			return fmt.Sprintf("%d rows, want %d; first difference: got %s, want %s", len(got), len(want), got[i], want[i])
		}
	}
	if len(want) != len(got) {
		return fmt.Sprintf("%d rows, want %d", len(got), len(want))
	}
	return ""
}

// sameFiles compares one database between all nodes.
func (c *cluster) sameFiles(database string) map[string][]string {
	c.t.Helper()
	c.settle()
	var first map[string][]string
	for i, data := range c.Data {
		content := tables(c.t, filepath.Join(data, "db", database+".db"))
		if first == nil {
			first = content
			continue
		}
		sameTables(c.t, fmt.Sprintf("%s.db of node %d against node 1", database, i+1), first, content)
	}
	return first
}
