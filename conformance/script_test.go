package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// statement is one statement of a script.
type statement struct {
	sql      string
	line     int // in its file
	conn     int
	prepared bool
	args     []any
	waits    bool
	refused  bool // the login is
	textOnly bool
	nocheck  bool
	ordered  *bool
	any      map[string]bool // columns whose values do not matter
	ignored  map[string]bool
}

// script is a sequence of statements that begins with a fresh database.
type script struct {
	area, name string
	line       int
	logins     map[int]string // connection: user:password; the others are root's
	statements []statement
}

// masks are what "-- ignore:" can name.
var masks = strings.Fields("names types sizes length decimals charset flags table rows affected insertid warnings errno message prepared")

type scriptReader struct {
	t       testing.TB
	path    string
	number  int
	scripts []script
	next    statement
	buffer  []string
	begin   int // line of the buffer's first line
	block   bool
	conn    int
	file    map[string]bool // ignored in the whole file
	always  map[string]bool // ignored in the whole script
}

func readScripts(t testing.TB, path string) []script {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := scriptReader{t: t, path: path}
	for line := range strings.Lines(string(text)) {
		r.number++
		r.readLine(strings.TrimRight(line, "\n"))
	}
	r.flush()
	if r.block {
		r.fatal("a block --{ that never ends")
	}
	names := map[string]bool{}
	for _, s := range r.scripts {
		if names[s.name] {
			t.Fatalf("%s:%d: two scripts %q", path, s.line, s.name)
		}
		names[s.name] = true
	}
	return r.scripts
}

func (r *scriptReader) fatal(format string, args ...any) {
	r.t.Helper()
	r.t.Fatalf("%s:%d: %s", r.path, r.number, fmt.Sprintf(format, args...))
}

func (r *scriptReader) readLine(line string) {
	text := strings.TrimSpace(line)
	switch {
	case r.block && text == "--}":
		r.flush()
		r.block = false
	case r.block:
		r.add(line)
	case text == "--{":
		r.block = true
	case strings.HasPrefix(text, "--c "):
		r.add("-- " + text[4:])
	case strings.HasPrefix(text, "--") && len(r.buffer) == 0:
		if directive, ok := strings.CutPrefix(text, "-- "); ok {
			name, argument, _ := strings.Cut(directive, ":")
			r.directive(name, strings.TrimSpace(argument))
		}
	case text == "" && len(r.buffer) == 0:
	default:
		r.add(line)
		if strings.HasSuffix(text, ";") {
			r.flush()
		}
	}
}

func (r *scriptReader) add(line string) {
	if len(r.buffer) == 0 {
		r.begin = r.number
	}
	r.buffer = append(r.buffer, line)
}

func (r *scriptReader) directive(name, argument string) {
	switch name {
	case "script":
		area := strings.TrimSuffix(filepath.Base(r.path), ".sql")
		r.scripts = append(r.scripts, script{area: area, name: argument, line: r.number, logins: map[int]string{}})
		r.conn, r.always = 0, map[string]bool{}
	case "conn":
		number, login, as := strings.Cut(argument, " as ")
		n, err := strconv.Atoi(number)
		if err != nil || len(r.scripts) == 0 {
			r.fatal("-- conn: NUMBER [as USER:PASSWORD], in a script")
		}
		r.conn = n
		if as {
			r.scripts[len(r.scripts)-1].logins[n] = login
		}
	case "args":
		r.next.prepared = true
		r.next.args = r.arguments(argument)
	case "waits":
		r.next.waits = true
	case "refused":
		r.next.refused = true
	case "text":
		r.next.textOnly = true
	case "nocheck":
		r.next.nocheck = true
	case "ordered", "unordered":
		ordered := name == "ordered"
		r.next.ordered = &ordered
	case "any":
		r.next.any = map[string]bool{}
		for _, column := range strings.Split(argument, ",") {
			r.next.any[strings.TrimSpace(column)] = true
		}
	case "ignore":
		r.next.ignored = r.masks(argument, nil)
	case "ignore always":
		if len(r.scripts) == 0 {
			r.file = r.masks(argument, r.file)
		} else {
			r.always = r.masks(argument, r.always)
		}
	}
}

func (r *scriptReader) masks(list string, into map[string]bool) map[string]bool {
	if into == nil {
		into = map[string]bool{}
	}
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		known := false
		for _, m := range masks {
			known = known || m == name
		}
		if !known {
			r.fatal("-- ignore: %q is none of %v", name, masks)
		}
		into[name] = true
	}
	return into
}

func (r *scriptReader) arguments(text string) []any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var list []any
	if err := d.Decode(&list); err != nil {
		r.fatal("%v", err)
	}
	for i, a := range list {
		switch a := a.(type) {
		case bool:
			list[i] = int64(0)
			if a {
				list[i] = int64(1)
			}
		case json.Number:
			if n, err := a.Int64(); err == nil {
				list[i] = n
			} else if n, err := strconv.ParseUint(a.String(), 10, 64); err == nil {
				list[i] = n
			} else if f, err := a.Float64(); err == nil {
				list[i] = f
			}
		}
	}
	return list
}

func (r *scriptReader) flush() {
	sql := strings.TrimSpace(strings.Join(r.buffer, "\n"))
	r.buffer = nil
	if !r.block {
		sql = strings.TrimSuffix(sql, ";")
	}
	if sql == "" {
		return
	}
	if len(r.scripts) == 0 {
		r.fatal("a statement before the first -- script:")
	}
	r.next.sql, r.next.conn, r.next.line = sql, r.conn, r.begin
	for _, set := range []map[string]bool{r.file, r.always} {
		for name := range set {
			r.next.ignored = r.masks(name, r.next.ignored)
		}
	}
	s := &r.scripts[len(r.scripts)-1]
	s.statements = append(s.statements, r.next)
	r.next = statement{}
}

// inOrder tells whether the order of a statement's rows matters.
func (s statement) inOrder() bool {
	if s.ordered != nil {
		return *s.ordered
	}
	return strings.Contains(strings.ToUpper(s.sql), "ORDER BY")
}

// runsTwice tells whether a statement is run prepared after it was run as text.
func (s statement) runsTwice() bool {
	if s.prepared || s.waits || s.refused || s.textOnly || s.nocheck {
		return false
	}
	word := strings.ToUpper(strings.TrimLeft(s.sql, "( \n\t"))
	for _, w := range []string{"SELECT", "WITH", "VALUES", "TABLE"} {
		if strings.HasPrefix(word, w) {
			return true
		}
	}
	return false
}
