package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// mutation is one rule broken.
type mutation struct {
	name  string
	rule  string // in the design's words
	edits []edit
	tests []test // in the order in which they are tried
}

// edit is a text of a file and what takes its place.
type edit struct{ file, old, new string }

// test is what follows `go test`: a package, and which of its tests.
type test struct{ arguments string }

func (t test) pkg() string {
	name, _, _ := strings.Cut(t.arguments, " ")
	return name
}

// readList reads mutations:
//
//	mutation: name
//	rule: text
//	file: path
//	test: ./package -run Tests
//	replace:
//	lines
//	with:
//	lines, or none
//	end
//
// Lines between replace and end are taken as they are. A second file or replace changes a second place. Lines that
// begin with # outside of them are comments.
func readList(in io.Reader) ([]mutation, error) {
	r := &listReader{lines: bufio.NewScanner(in)}
	for r.lines.Scan() {
		r.number++
		if err := r.line(r.lines.Text()); err != nil {
			return nil, fmt.Errorf("line %d: %w", r.number, err)
		}
	}
	if err := r.lines.Err(); err != nil {
		return nil, err
	}
	return r.list, nil
}

type listReader struct {
	lines  *bufio.Scanner
	number int
	list   []mutation
	file   string
}

func (r *listReader) line(line string) error {
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	word, text, ok := strings.Cut(line, ":")
	text = strings.TrimSpace(text)
	if ok && word == "mutation" {
		r.list, r.file = append(r.list, mutation{name: text}), ""
		return nil
	}
	if !ok || len(r.list) == 0 {
		return fmt.Errorf("%q is no part of a mutation", line)
	}
	m := &r.list[len(r.list)-1]
	switch word {
	case "rule":
		m.rule = text
	case "file":
		r.file = text
	case "test":
		m.tests = append(m.tests, test{text})
	case "replace":
		before, err := r.until("with:")
		if err != nil {
			return err
		}
		after, err := r.until("end")
		m.edits = append(m.edits, edit{file: r.file, old: before, new: after})
		return err
	default:
		return fmt.Errorf("%q is none of mutation, rule, file, test, replace", word)
	}
	return nil
}

// until reads lines up to the one that ends them.
func (r *listReader) until(end string) (string, error) {
	var lines []string
	for r.lines.Scan() {
		r.number++
		if r.lines.Text() == end {
			return strings.Join(lines, "\n"), nil
		}
		lines = append(lines, r.lines.Text())
	}
	return "", fmt.Errorf("no line %q follows", end)
}

// apply returns the files that the mutation changes, changed.
func (m *mutation) apply(root string) (map[string]string, error) {
	if m.rule == "" || len(m.edits) == 0 || len(m.tests) == 0 {
		return nil, errors.New("rule, file, test and replace are required")
	}
	changed := map[string]string{}
	for _, e := range m.edits {
		path := filepath.Join(root, e.file)
		text, ok := changed[path]
		if !ok {
			b, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			text = string(b)
		}
		switch n := strings.Count(text, e.old); {
		case n != 1:
			return nil, fmt.Errorf("%s holds this text %d times, want once:\n%s", e.file, n, e.old)
		case e.old == e.new:
			return nil, fmt.Errorf("%s: the mutation changes nothing", e.file)
		}
		changed[path] = strings.Replace(text, e.old, e.new, 1)
	}
	return changed, nil
}
