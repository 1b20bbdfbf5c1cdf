package dialect

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

var rewrite = flag.Bool("rewrite", false, "write docs/functions.md as the code is")

const functionsDocument = "../docs/functions.md"

// TestFunctionsDocument runs the example of each function and operator of MySQL's manual in
// testdata/manual.txt. docs/functions.md is what it finds: the committed one must be the same, so
// none is lost, answers otherwise or is refused otherwise unseen.
func TestFunctionsDocument(t *testing.T) {
	text, err := os.ReadFile("testdata/manual.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := manualDocument(t, string(text))
	if *rewrite {
		if err := os.WriteFile(functionsDocument, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(functionsDocument)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		var g, w string
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Errorf("line %d (make generate writes the document)\n got: %s\nwant: %s", i+1, g, w)
		}
	}
}

// manualDocument is the document for the examples of text.
func manualDocument(t *testing.T, text string) string {
	e := newEngine(t)
	e.must("CREATE TABLE manual (i INT DEFAULT 7, t TEXT, j JSON)")
	e.must(`INSERT INTO manual VALUES (3, 'a word', '{"a": 1, "b": "x"}')`)
	e.must("CREATE FULLTEXT INDEX t ON manual (t)")
	var body strings.Builder
	same, differ, refused, sessions := 0, 0, 0, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			// Comments before the first empty line are for readers of the list.
			if heading, ok := strings.CutPrefix(line, "# "); ok && body.Len() > 0 {
				body.WriteString("## " + heading + "\n\n| name | example | Marmot |\n|---|---|---|\n")
			} else if line == "" {
				body.WriteString("\n")
			}
			continue
		}
		name, example, want := fields[0], fields[1], fields[2]
		out := e.run(example, nil)
		verdict := "as MySQL"
		switch answer := manualAnswer(out); {
		case answer == want:
			same++
		case mysqlerr.Code(out.err) == mysql.ER_NOT_SUPPORTED_YET && e.plans(example):
			// It compiles, and asks the session for what the test's has not.
			sessions++
			verdict = "answered by the session"
		case out.err != nil:
			refused++
			verdict = fmt.Sprintf("refused, error %d", mysqlerr.Code(out.err))
			if mysqlerr.Code(out.err) == 0 {
				t.Errorf("%s: %s: not an error of MySQL: %v", name, example, out.err)
			}
		default:
			differ++
			verdict = "differs: `" + answer + "`, MySQL: `" + want + "`"
		}
		fmt.Fprintf(&body, "| %s | `%s` | %s |\n", markdownCell(name), markdownCell(example), markdownCell(verdict))
	}
	return "# Functions and operators\n\n" +
		"Those of MySQL 8.4's reference manual, each with an example that a test runs (`make generate` writes this file, `dialect/manual_test.go`\n" +
		"compares it). *As MySQL*: the example's answer is the one that MySQL gave.\n\n" +
		"*Answered by the session*: it compiles, and asks the session for what this test has not.\n\n" +
		fmt.Sprintf("%d as MySQL, %d answered by the session, %d differ, %d refused.\n", same, sessions, differ, refused) + body.String()
}

// plans reports whether a statement compiles.
func (e *engine) plans(sql string) bool {
	_, err := e.planner.Plan(&e.w.c, []byte(sql))
	return err == nil
}

// manualAnswer is an outcome in one line, as testdata/manual.txt has it.
func manualAnswer(out outcome) string {
	if out.err != nil {
		return fmt.Sprintf("error %d", mysqlerr.Code(out.err))
	}
	var rows []string
	for _, row := range out.rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = "NULL"
			if cell != nil {
				cells[i] = *cell
			}
		}
		rows = append(rows, strings.Join(cells, ", "))
	}
	return strings.Join(rows, " / ")
}

func markdownCell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
