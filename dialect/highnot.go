package dialect

import "bytes"

// tightNot stands behind each NOT of a fingerprint that binds as ! does, which HIGH_NOT_PRECEDENCE makes of NOT where an operand may begin. The
// word stays, since names of columns show it; the marker writes ! for both.
const tightNot = ":lh0"

// bindsTight reports whether t is a NOT of that kind. s stands behind it; plain says that the text is no plain statement on rows.
func bindsTight(s *scanner, t, previous token, plain bool) bool {
	if !s.isWord(t, "not") || bytes.HasPrefix(s.src[t.end:], []byte(tightNot)) {
		return false
	}
	before := s.src[previous.start:previous.end]
	switch previous.kind {
	case tokenOperator:
		return before[0] != ')' && before[0] != '}' && !(before[0] == '.' && previous.end == t.start)
	case tokenWord:
	default:
		return false
	}
	switch lowerWord(before) {
	case "select", "distinct", "distinctrow", "all", "sql_calc_found_rows", "sql_small_result", "sql_big_result", "high_priority", "straight_join",
		"where", "and", "or", "xor", "not", "on", "having", "when", "then", "else", "between", "like", "rlike", "regexp", "case", "by", "div", "mod",
		"interval", "return", "while", "elseif":
		return true
	case "until":
		return plain
	case "do":
		return plain && len(bytes.TrimSpace(s.src[:previous.start])) == 0
	case "if":
		return !ifNotExists(*s)
	}
	return false
}

func (s *scanner) isWord(t token, word string) bool {
	return t.kind == tokenWord && t.end-t.start == len(word) && lowerWord(s.src[t.start:t.end]) == word
}

// ifNotExists reports whether the words of IF NOT EXISTS go on with a name, as they do in definitions, rather than with a query.
func ifNotExists(s scanner) bool {
	if t := s.next(); !s.isWord(t, "exists") {
		return false
	}
	t := s.next()
	return t.kind != tokenOperator || s.src[t.start] != '('
}

// tighten writes ! in place of a NOT that has just been written, if the text marks it, and moves behind the mark.
func (m *marker) tighten(t token) (end int) {
	if t.kind != tokenWord || !bytes.HasPrefix(m.s.src[t.end:], []byte(tightNot)) {
		return t.end
	}
	m.out = append(m.out[:len(m.out)-(t.end-t.start)], '!', ' ')
	m.s.pos += len(tightNot)
	return m.s.pos
}
