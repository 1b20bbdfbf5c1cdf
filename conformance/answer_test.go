package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// column is what the protocol says about a column of a result.
type column struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Length   uint32 `json:"length"`
	Decimals uint8  `json:"decimals,omitempty"`
	Charset  uint16 `json:"charset"`
	Flags    string `json:"flags,omitempty"`
	Table    string `json:"table,omitempty"` // schema.alias.table.column
}

// answer is what a server answered to a statement.
type answer struct {
	Columns  []column    `json:"columns,omitempty"`
	Rows     [][]*string `json:"rows,omitempty"`
	Affected uint64      `json:"affected,omitempty"`
	InsertID uint64      `json:"insertid,omitempty"`
	Warnings int         `json:"warnings,omitempty"`
	Errno    int         `json:"errno,omitempty"`
	State    string      `json:"state,omitempty"`
	Message  string      `json:"message,omitempty"`
	More     []answer    `json:"more,omitempty"`     // further results of the same statement
	Prepared *answer     `json:"prepared,omitempty"` // of the second run, where it is another
}

// recorded is one line of an answers file.
type recorded struct {
	Script string `json:"script"`
	SQL    string `json:"sql"`
	answer
}

func answersPath(area string) string { return "testdata/" + area + ".answers.jsonl" }

func readAnswers(t *testing.T, area string) map[string][]recorded {
	t.Helper()
	f, err := os.Open(answersPath(area))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	all := map[string][]recorded{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var one recorded
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		all[one.Script] = append(all[one.Script], one)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func writeAnswers(t *testing.T, area string, list []recorded) {
	t.Helper()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	for _, one := range list {
		if err := e.Encode(one); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(answersPath(area), out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// difference tells in what got is not want, within what the statement does not ignore; empty: in nothing.
func difference(s statement, got, want answer) string {
	if s.nocheck {
		return ""
	}
	var out strings.Builder
	differ := func(mask, what string, got, want any) {
		if !s.ignored[mask] && got != want {
			fmt.Fprintf(&out, "\n  %s\n     got: %v\n    want: %v", what, got, want)
		}
	}
	differ("errno", "error", describeError(got, s), describeError(want, s))
	if got.Errno != 0 || want.Errno != 0 {
		return out.String()
	}
	differ("affected", "affected rows", got.Affected, want.Affected)
	differ("insertid", "insert id", got.InsertID, want.InsertID)
	differ("warnings", "warnings", got.Warnings, want.Warnings)
	if len(got.Columns) != len(want.Columns) {
		differ("", "columns", describeColumns(got.Columns, s), describeColumns(want.Columns, s))
		return out.String()
	}
	for i := range want.Columns {
		differ("", "column "+strconv.Itoa(i+1), describeColumn(got.Columns[i], s), describeColumn(want.Columns[i], s))
	}
	if g, w := rowLines(s, got, want.Columns), rowLines(s, want, want.Columns); g != w {
		differ("rows", "rows", g, w)
	}
	if len(got.More) != len(want.More) {
		differ("", "further results", len(got.More), len(want.More))
		return out.String()
	}
	for i := range want.More {
		out.WriteString(difference(s, got.More[i], want.More[i]))
	}
	return out.String()
}

func describeError(a answer, s statement) string {
	if a.Errno == 0 {
		return "none"
	}
	text := fmt.Sprintf("%d (%s)", a.Errno, a.State)
	if !s.ignored["message"] {
		text += ": " + a.Message
	}
	return text
}

func describeColumns(list []column, s statement) string {
	parts := make([]string, 0, len(list))
	for _, c := range list {
		parts = append(parts, describeColumn(c, s))
	}
	return strings.Join(parts, "; ")
}

// numeric are types whose BINARY flag is not compared: MySQL sets it or not with the way in which it runs the query.
var numeric = map[string]bool{"TINY": true, "SHORT": true, "INT24": true, "LONG": true, "LONGLONG": true, "DECIMAL": true, "FLOAT": true, "DOUBLE": true, "YEAR": true}

func describeColumn(c column, s statement) string {
	var parts []string
	add := func(mask, format string, v any) {
		if !s.ignored[mask] {
			parts = append(parts, fmt.Sprintf(format, v))
		}
	}
	if s.ignored["sizes"] {
		c.Type = typeClass(c.Type)
	}
	add("names", "%s", c.Name)
	add("types", "%s", c.Type)
	add("length", "length %d", c.Length)
	add("decimals", "decimals %d", c.Decimals)
	add("charset", "charset %d", c.Charset)
	flags := c.Flags
	if numeric[c.Type] {
		flags = strings.TrimSpace(strings.ReplaceAll(" "+flags, " BINARY", ""))
	}
	add("flags", "%s", flags)
	add("table", "of %s", c.Table)
	return strings.Join(parts, " ")
}

// typeClass is a type without what "-- ignore: sizes" leaves out.
func typeClass(name string) string {
	switch name {
	case "TINY", "SHORT", "INT24", "LONG", "LONGLONG":
		return "integer"
	case "FLOAT", "DOUBLE":
		return "floating point"
	case "DATETIME", "TIMESTAMP":
		return "DATETIME"
	case "VAR_STRING", "STRING", "VARCHAR", "TINY_BLOB", "BLOB", "MEDIUM_BLOB", "LONG_BLOB", "ENUM", "SET", "NULL":
		return "string"
	}
	return name
}

// rowLines makes rows comparable: one line each, sorted where the order does not matter.
func rowLines(s statement, a answer, columns []column) string {
	lines := make([]string, 0, len(a.Rows))
	for _, row := range a.Rows {
		parts := make([]string, 0, len(row))
		for i, v := range row {
			switch {
			case s.any[columns[i].Name]:
				parts = append(parts, "*")
			case v == nil:
				parts = append(parts, "NULL")
			default:
				parts = append(parts, strconv.Quote(*v))
			}
		}
		lines = append(lines, strings.Join(parts, " | "))
	}
	if !s.inOrder() {
		sort.Strings(lines)
	}
	return strings.Join(lines, "\n          ")
}

// sameAsText makes a prepared run's values those of the text run where they are the same number: the binary protocol has all
// digits of a FLOAT, the text protocol six.
func sameAsText(prepared *answer, text answer) {
	if len(prepared.Rows) != len(text.Rows) || len(prepared.Columns) != len(text.Columns) {
		return
	}
	for i, row := range prepared.Rows {
		for j, v := range row {
			t := text.Rows[i][j]
			if v == nil || t == nil || *v == *t {
				continue
			}
			tolerance := 1e-15
			switch prepared.Columns[j].Type {
			case "FLOAT":
				tolerance = 1e-5
			case "DOUBLE":
			default:
				continue
			}
			p, err1 := strconv.ParseFloat(*v, 64)
			q, err2 := strconv.ParseFloat(*t, 64)
			if d := prepared.Columns[j].Decimals; d < 31 {
				tolerance = math.Max(tolerance, math.Pow(10, -float64(d))/math.Max(math.Abs(p), 1e-300))
			}
			if err1 == nil && err2 == nil && (p == q || math.Abs(p-q) <= tolerance*math.Abs(p)) {
				prepared.Rows[i][j] = t
			}
		}
	}
}
