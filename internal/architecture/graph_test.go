package architecture

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// readGraph reads the block ```packages of ARCHITECTURE.md: "name: import import …".
func readGraph(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```packages\n(.*?)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("ARCHITECTURE.md has no block ```packages")
	}
	graph := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(block[1])), "\n") {
		if line == "" {
			continue
		}
		name, imports, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("ARCHITECTURE.md, packages: %q is not \"name: imports\"", line)
		}
		graph[strings.TrimSpace(name)] = strings.Fields(imports)
	}
	return graph
}

// readImports reads which packages of the module each package imports, tests left out.
func readImports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string]map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		if found[name] == nil {
			found[name] = map[string]bool{}
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(imported, "marmot/"); ok {
				found[name][own] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string][]string{}
	for name, set := range found {
		list := make([]string, 0, len(set))
		for i := range set {
			list = append(list, i)
		}
		sort.Strings(list)
		imports[name] = list
	}
	return imports
}

func TestPackageGraphIsTheDocumentedOne(t *testing.T) {
	documented, real := readGraph(t), readImports(t)
	for name, imports := range real {
		allowed, ok := documented[name]
		if !ok {
			t.Errorf("package %s is not in ARCHITECTURE.md; add the line\n%s: %s", name, name, strings.Join(imports, " "))
			continue
		}
		sort.Strings(allowed)
		if strings.Join(imports, " ") != strings.Join(allowed, " ") {
			t.Errorf("package %s imports [%s], ARCHITECTURE.md says [%s]", name, strings.Join(imports, " "), strings.Join(allowed, " "))
		}
	}
	for name := range documented {
		if _, ok := real[name]; !ok {
			t.Errorf("ARCHITECTURE.md lists package %s, which does not exist", name)
		}
	}
}

// TestSpokenFilesExist holds the documents to their own paths: a file named in backquotes exists.
func TestSpokenFilesExist(t *testing.T) {
	name := regexp.MustCompile("`((?:[a-z0-9_.-]+/)+[A-Za-z0-9_.-]+\\.(?:go|sh|md|sql|proto|yml))`")
	for _, document := range []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(filepath.Join(root, document))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, string(m[1]))); err != nil {
				t.Errorf("%s names %s, which does not exist", document, m[1])
			}
		}
	}
}
