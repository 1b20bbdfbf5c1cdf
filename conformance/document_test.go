package conformance

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write docs/compatibility.md as the recorded answers are")

const compatibilityDocument = "../docs/compatibility.md"

// TestCompatibilityDocument compares docs/compatibility.md with what the recorded answers and testdata/differences.md make of it.
func TestCompatibilityDocument(t *testing.T) {
	got := compatibility(t)
	if *rewrite {
		if err := os.WriteFile(compatibilityDocument, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(compatibilityDocument)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what the recorded answers say; make generate writes it", compatibilityDocument)
	}
}

func compatibility(t *testing.T) string {
	var rows strings.Builder
	statements, refused, scripts := 0, 0, 0
	for _, path := range scriptFiles(t) {
		area := strings.TrimSuffix(filepath.Base(path), ".sql")
		var names []string
		answers, errors := 0, 0
		recordings := readAnswers(t, area)
		for _, s := range readScripts(t, path) {
			names = append(names, s.name)
			for _, r := range recordings[s.name] {
				answers++
				if r.Errno != 0 {
					errors++
				}
			}
		}
		fmt.Fprintf(&rows, "| %s | %s | %d | %d |\n", area, strings.Join(names, ", "), answers, errors)
		statements, refused, scripts = statements+answers, refused+errors, scripts+len(names)
	}
	differences, err := os.ReadFile("testdata/differences.md")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`# Compatibility with MySQL

This file is written by `+"`make generate`"+` from the statements of conformance/testdata and the answers that MySQL 9.7 gave to them. A test gives each
statement to a node, over MySQL's protocol and, where it has rows, a second time prepared, and compares columns and their types, rows, affected rows, insert ids, the number of
warnings, errors with SQLSTATE and message. Everything listed here is answered as MySQL answers it. Functions and operators one by one are in [functions.md](functions.md).

%d statements in %d scripts, %d of them refused by MySQL.

| area | scripts | statements | refused |
|---|---|--:|--:|
%s
%s`, statements, scripts, refused, rows.String(), differences)
}
