package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// formatConstant is how a package names the number of a format that it writes.
var formatConstant = regexp.MustCompile(`(?m)^(?:const |\t)([a-zA-Z]*(?:[fF]ormat|formatVersion|deltaVersion)) += (\d+)$`)

// TestEveryFormatIsListed compares the table "Formats" of ARCHITECTURE.md with the code: each number of a format stands in it
// as it is, and what the table names as golden bytes and as fuzz target exists. So no format comes without either.
func TestEveryFormatIsListed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n## Formats\n")
	if !found {
		t.Fatal("ARCHITECTURE.md has no section Formats")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	listed := map[string]bool{}
	fuzz := map[string]bool{}
	err = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, "_test.go") {
			for _, m := range regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`).FindAllStringSubmatch(string(source), -1) {
				fuzz[filepath.ToSlash(dir)+" "+m[1]] = true
			}
			return nil
		}
		for _, m := range formatConstant.FindAllStringSubmatch(string(source), -1) {
			name := filepath.ToSlash(dir) + "." + m[1] + " = " + m[2]
			listed[name] = true
			if !strings.Contains(table, "`"+name+"`") {
				t.Errorf("ARCHITECTURE.md, Formats, does not list `%s`", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		rows++
		if name := strings.Trim(cells[1], " `"); !listed[name] {
			t.Errorf("ARCHITECTURE.md, Formats: the code has no %s", name)
		}
		golden := strings.Trim(cells[2], " `")
		if files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(golden))); err != nil || len(files) == 0 {
			t.Errorf("ARCHITECTURE.md, Formats: there is no %s", golden)
		}
		if strings.Contains(cells[3], "none: SQLite reads them") {
			continue
		}
		for target := range strings.SplitSeq(cells[3], ",") {
			if target = strings.Trim(target, " `"); !fuzz[target] {
				t.Errorf("ARCHITECTURE.md, Formats: there is no fuzz target %q", target)
			}
		}
	}
	if rows == 0 || rows < len(listed) {
		t.Errorf("%d rows for %d formats", rows, len(listed))
	}
}
