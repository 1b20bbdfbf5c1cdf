package dialect

import "bytes"

// insertSet is the list of INSERT … SET, which the parser knows without an alias of the row. With one it is written as
// (columns) VALUES (values).
type insertSet struct {
	active        bool
	at            int // where SET was written
	from          int // where the present assignment was
	equals        int // where its value begins; 0 before that
	names, values [][]byte
}

// insertWord follows the words of INSERT and REPLACE outside parentheses.
func (a *adapter) insertWord(w string, out []byte, start int) ([]byte, bool) {
	if len(a.levels) > 1 || a.first != "insert" && a.first != "replace" {
		return out, false
	}
	s := &a.assignments
	switch w {
	case "table": // TABLE t
		return append(out[:start], "SELECT * FROM"...), true
	case "set":
		if a.first == "replace" { // whose row has no alias
			return out, false
		}
		*s = insertSet{active: true, at: start, from: len(out)}
	case "on":
		s.active = false
	case "as":
		if !s.active || s.equals == 0 {
			return out, false
		}
		s.end(out[:start])
		s.active = false
		tail := string(out[start:])
		out = append(append(out[:s.at], '('), bytes.Join(s.names, []byte(", "))...)
		out = append(append(out, ") VALUES ("...), bytes.Join(s.values, []byte(", "))...)
		return append(append(out, ") "...), tail...), true
	}
	return out, false
}

// insertOperator follows what separates the assignments.
func (a *adapter) insertOperator(c byte, out []byte, start int) {
	s := &a.assignments
	if !s.active || len(a.levels) > 1 {
		return
	}
	switch {
	case c == '=' && s.equals == 0:
		s.names = append(s.names, bytes.Clone(out[s.from:start]))
		s.equals = len(out)
	case c == ',' && s.equals > 0:
		s.end(out[:start])
		s.from, s.equals = len(out), 0
	}
}

// end closes the present assignment, up to which out goes.
func (s *insertSet) end(out []byte) {
	s.values = append(s.values, bytes.Clone(out[s.equals:]))
}
