package expression

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store/sqlite"
)

var rewrite = flag.Bool("rewrite", false, "write the answers of this run into testdata")

// TestScripts runs each SELECT of testdata/functions-*.txt. The expected answers are MySQL's: a
// line of types, and a line a row.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/functions-*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			runScriptOn(t, name, newConn(t, newTestSession()), &testCompiler{})
		})
	}
}

func runScriptOn(t *testing.T, name string, conn *sqlite.Conn, k *testCompiler) {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		sql, want, ok := strings.Cut(block, "\n----\n")
		for strings.HasPrefix(sql, "#") {
			comment, rest, _ := strings.Cut(sql, "\n")
			out.WriteString(comment + "\n")
			sql = rest
		}
		if !ok {
			t.Fatalf("%s: no ---- in %q", name, block)
		}
		got := func() string {
			operands, rest, err := k.statement(sql)
			if err != nil {
				return answerError(err)
			}
			var list, types []string
			for _, o := range operands {
				list = append(list, o.SQL)
				types = append(types, typeWord(o.Type))
			}
			rows, err := queryRows(conn, "SELECT "+strings.Join(list, ", ")+rest)
			if err != nil {
				return answerError(err)
			}
			answer := strings.Join(types, " ")
			for _, row := range rows {
				var cells []string
				for i, v := range row {
					cells = append(cells, shown(operands[i].Type, v))
				}
				answer += "\n" + strings.Join(cells, " | ")
			}
			return answer
		}()
		if !*rewrite && got != strings.TrimSpace(want) {
			t.Errorf("%s\n got: %s\nwant: %s", sql, got, want)
		}
		fmt.Fprintf(&out, "%s\n----\n%s\n\n", sql, got)
	}
	if *rewrite {
		if err := os.WriteFile(name, []byte(strings.TrimRight(out.String(), "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func answerError(err error) string {
	if code := mysqlerr.Code(err); code != 0 {
		return fmt.Sprintf("error %d", code)
	}
	return "error: " + err.Error()
}

// typeWord is the protocol's type, in one word.
func typeWord(t schemas.Type) string {
	switch t.Kind {
	case 0:
		return "null"
	case schemas.Enum, schemas.Set, schemas.Char, schemas.Binary:
		return "char"
	case schemas.VarBinary:
		return "varchar"
	case schemas.TinyBlob, schemas.Blob, schemas.MediumBlob, schemas.LongBlob:
		return strings.Replace(t.Name(), "blob", "text", 1)
	}
	return t.Name()
}
