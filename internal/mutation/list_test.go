package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const moduleRoot = "../.."

func mutations(t *testing.T) []mutation {
	t.Helper()
	f, err := os.Open("mutations.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := readList(f)
	if err != nil {
		t.Fatal("mutations.txt: ", err)
	}
	return list
}

// TestEachMutationFitsTheSource: who changes a line that keeps a rule changes the mutation too.
func TestEachMutationFitsTheSource(t *testing.T) {
	list := mutations(t)
	if len(list) < 70 {
		t.Errorf("%d mutations, want one for each rule", len(list))
	}
	names := map[string]bool{}
	for i := range list {
		m := &list[i]
		if names[m.name] {
			t.Errorf("two mutations are called %q", m.name)
		}
		names[m.name] = true
		if _, err := m.apply(moduleRoot); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

// TestEachNamedTestExists: a pattern that matches no test would let a mutation survive.
func TestEachNamedTestExists(t *testing.T) {
	functions := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	for _, m := range mutations(t) {
		for _, x := range m.tests {
			fields := strings.Fields(x.arguments)
			if len(fields) < 3 || fields[1] != "-run" {
				t.Errorf("%s: test %q, want: package -run pattern", m.name, x.arguments)
				continue
			}
			top, _, _ := strings.Cut(fields[2], "/")
			pattern, err := regexp.Compile(top)
			if err != nil {
				t.Errorf("%s: %v", m.name, err)
				continue
			}
			files, _ := filepath.Glob(filepath.Join(moduleRoot, x.pkg(), "*_test.go"))
			found := false
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range functions.FindAllSubmatch(text, -1) {
					found = found || pattern.Match(f[1])
				}
			}
			if !found {
				t.Errorf("%s: no test of %s is called like %q", m.name, x.pkg(), top)
			}
		}
	}
}

func TestAListIsRead(t *testing.T) {
	list, err := readList(strings.NewReader("# comment\nmutation: a\nrule: r: s\nfile: f.go\ntest: ./p -run X\nreplace:\n\tif x {\n\n# kept\nwith:\nend\n\nmutation: b\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].rule != "r: s" || list[0].tests[0].pkg() != "./p" || list[0].edits[0] != (edit{"f.go", "\tif x {\n\n# kept", ""}) {
		t.Errorf("%+v", list)
	}
	for _, bad := range []string{"rule: r", "mutation: a\nwhat: x", "mutation: a\nreplace:\nx", "mutation: a\nx"} {
		if _, err := readList(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func TestAFailureIsNamed(t *testing.T) {
	for output, want := range map[string]string{
		"--- FAIL: TestA (0.1s)\n    --- FAIL: TestA/one (0s)\n    --- FAIL: TestA/two (0s)\n--- FAIL: TestB (0s)\n": "TestA/one",
		"--- FAIL: TestA (0.1s)\npanic: out of range [recovered]\n":                                                  "TestA panic: out of range [recovered]",
		"panic: test timed out after 5m0s\n":                                                                         "panic: test timed out after 5m0s",
		"exit status 2":                                                                                              "failed without a name: exit status 2",
	} {
		if got := failure(output); got != want {
			t.Errorf("%q: got %q, want %q", output, got, want)
		}
	}
}
