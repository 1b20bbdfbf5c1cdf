package dialect

import (
	"path/filepath"
	"testing"
)

// TestStatements runs scripts in testdata/statements: a statement, "----", what it answers.
func TestStatements(t *testing.T) {
	paths, err := filepath.Glob("testdata/statements/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			e := newEngine(t)
			for _, c := range readScript(t, path) {
				if got := e.run(c.sql, nil).text(); got != c.want {
					t.Errorf("%s\ngot  %s\nwant %s", c.sql, got, c.want)
				}
			}
		})
	}
}
