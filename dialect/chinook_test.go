package dialect

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestChinookAnswersAsMySQL loads the Chinook database and compares queries with MySQL's answers.
func TestChinookAnswersAsMySQL(t *testing.T) {
	const dir = "../e2e/testdata/chinook/"
	script, err := os.ReadFile(dir + "Chinook_MySql.sql")
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(t)
	rest := script
	for len(rest) > 0 {
		var first []byte
		if first, rest, err = Split(rest, e.w.c.Mode); err != nil {
			t.Fatal(err)
		}
		if len(first) > 0 {
			e.must(string(first))
		}
	}
	queries, err := os.ReadFile(dir + "queries.sql")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(queries)) {
		n++
		sql := strings.TrimSuffix(strings.TrimSpace(line), ";")
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			a := e.run(sql, nil)
			if a.err != nil {
				t.Fatalf("%s\n%v", sql, a.err)
			}
			want, err := os.ReadFile(fmt.Sprintf("%sanswers/%02d.tsv", dir, n))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, c := range a.columns {
				names = append(names, c.Name)
			}
			lines := append([]string{strings.Join(names, "|")}, rowLines(a.rows)...)
			got := strings.ReplaceAll(strings.Join(lines, "\n")+"\n", "|", "\t")
			if got != string(want) {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", sql, got, want)
			}
		})
	}
}
