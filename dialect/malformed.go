package dialect

import (
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/schemas"
)

// MalformedLiterals are the warnings for the string literals of a statement that are no text of the client's character set: one for
// each literal that is a value, by its first piece, as MySQL's parser finds them. Names, aliases, comments and options are no values.
// set is utf8mb4 or utf8mb3, the character set of client and connection, or empty if the two differ: then only literals with an
// introducer are looked at.
func MalformedLiterals(sql []byte, mode SQLMode, set string) []*mysqlerr.Error {
	if firstMalformed(sql, set) < 0 {
		return nil
	}
	m := malformed{s: scanner{src: sql, mode: mode}, set: set, depthOfList: -1}
	for {
		t := m.s.next()
		if t.kind == tokenEnd || t.kind == tokenBad || m.isForeign(t) {
			return m.found
		}
		if t.kind == tokenString && m.isValue(t) {
			m.check(t)
		}
		m.step(t)
	}
}

// malformed goes through the tokens of a statement.
type malformed struct {
	s     scanner
	set   string
	found []*mysqlerr.Error
	// words counts the tokens.
	words int
	first string
	// before are the words in front of the present token, the last one first; empty for what is no word.
	before [2]string
	// operand: the last token ended a value, so that a string behind it names the value.
	operand bool
	depth   int
	// depthOfList is the depth of parentheses in which the names of ENUM or SET stand, or -1.
	depthOfList int
}

// isForeign reports whether the statement is of a kind none of whose strings is a value.
func (m *malformed) isForeign(t token) bool {
	m.words++
	if m.words > 2 {
		return false
	}
	word := lowerWord(m.s.src[t.start:t.end])
	if m.words == 1 {
		m.first = word
		switch word {
		case "grant", "revoke", "xa", "help", "signal", "resignal", "prepare", "purge", "change", "install", "uninstall", "clone", "import", "start", "stop":
			return true
		}
		return false
	}
	switch word {
	case "user", "role", "server", "tablespace", "resource":
		switch m.first {
		case "create", "alter", "drop", "rename":
			return true
		}
	case "password":
		return m.first == "set"
	}
	return false
}

// isValue reports whether a string is a value where it stands.
func (m *malformed) isValue(t token) bool {
	if m.operand || m.depthOfList >= 0 || m.s.at(t.end) == '@' {
		return false
	}
	word := m.before[0]
	switch word {
	case "as", "date", "time", "timestamp", "separator", "infile", "outfile", "dumpfile", "names", "charset", "collate":
		return false
	case "set":
		return m.before[1] != "character"
	case "by":
		switch m.before[1] {
		case "terminated", "enclosed", "escaped", "starting", "identified":
			return false
		}
	}
	return !m.isOption()
}

// isOption reports whether what stands before a string is the name of an option of a definition or of EXPLAIN.
func (m *malformed) isOption() bool {
	word := m.before[0]
	if word == "=" {
		word = m.before[1]
	}
	switch m.first {
	case "explain", "describe", "desc":
		return word == "format" && m.words <= 5 // behind EXPLAIN ANALYZE FORMAT =
	case "create", "alter":
	default:
		return false
	}
	switch word {
	case "comment", "engine", "charset", "set", "collate", "directory", "connection", "compression", "encryption", "attribute",
		"engine_attribute", "secondary_engine_attribute":
		return true
	}
	return false
}

// check adds the warning of a literal, if it is malformed.
func (m *malformed) check(t token) {
	set := m.set
	switch introducer := m.before[0]; {
	case introducer == "n", introducer == "_utf8mb3", introducer == "_utf8":
		set = "utf8mb3"
	case introducer == "_utf8mb4":
		set = "utf8mb4"
	case len(introducer) > 1 && introducer[0] == '_':
		if _, ok := schemas.LookupCharset(introducer[1:]); ok {
			return
		}
	}
	if set == "" {
		return
	}
	piece := scanner{src: m.s.src, pos: t.start, mode: m.s.mode}
	piece.quoted(m.s.src[t.start], m.s.mode&NoBackslashEscapes == 0)
	text := unquote(m.s.src[t.start:piece.pos], m.s.mode)
	if at := firstMalformed(text, set); at >= 0 {
		m.found = append(m.found, schemas.BadText(set, text[at:]))
	}
}

// step notes a token as the one before the next.
func (m *malformed) step(t token) {
	word := ""
	src := m.s.src[t.start:t.end]
	switch t.kind {
	case tokenWord:
		word = lowerWord(src)
		m.operand = false
	case tokenOperator:
		m.operand = src[0] == ')'
		switch src[0] {
		case '=':
			word = "="
		case '(':
			m.depth++
			if (m.before[0] == "enum" || m.before[0] == "set") && (m.first == "create" || m.first == "alter") && m.depthOfList < 0 {
				m.depthOfList = m.depth
			}
		case ')':
			if m.depth == m.depthOfList {
				m.depthOfList = -1
			}
			m.depth--
		}
	default:
		m.operand = true
	}
	m.before = [2]string{word, m.before[0]}
}

// firstMalformed is where the first bytes stand that are no character of utf8mb4 or utf8mb3, or -1; an empty set is as
// demanding as utf8mb3, which an introducer may name.
func firstMalformed(text []byte, set string) int {
	if set == "utf8mb4" && utf8.Valid(text) {
		return -1
	}
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n < 2 || n > 3 && set != "utf8mb4" {
			return i
		}
		i += n
	}
	return -1
}
