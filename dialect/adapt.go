package dialect

import (
	"bytes"

	"marmot/mysqlerr"
)

// soundsLike is what SOUNDS LIKE becomes; see isSoundsLike.
const soundsLike = "= :lsl0 ^ "

// castToYear is what YEAR becomes as the type of a cast: a TIME of a precision that no other has.
const (
	castToYear      = "TIME(99)"
	precisionOfYear = 99
)

// adapter writes forms of MySQL's grammar that the parser does not know in others that mean the same.
// It sees the tokens of a text in their order, with what the marker has written for them.
type adapter struct {
	previous string // the last word in lower case, empty after other tokens
	before   string // the word before that
	levels   []adaptLevel
	// braces counts the {OJ that are open.
	braces int
	// distinct and all: modifiers of the SELECT that was just begun.
	modifiers      bool
	distinct, all  bool
	contradiction  bool // SELECT ALL DISTINCT
	lastWasOpening bool
	// first is the statement's first word.
	first string
	// warnings say what of the text is deprecated, in its order.
	warnings []*mysqlerr.Error
	// spaced is the place of the parenthesis behind a function that wants it without a space between, spacedName the
	// function; -1 without.
	spaced     int
	spacedName string
	lastEnd    int
	sounds     int  // where SOUNDS was written
	binary     bool // the last word is BINARY where an operator may stand
	// name is where the last word begins in the output, plus one, if it is a name unless what follows says otherwise.
	name int
	// pattern: LIKE has been read, and nothing that ends its pattern.
	pattern bool
	columns insertColumns
	// assignments are those of INSERT … SET.
	assignments insertSet
}

// adaptLevel is one level of parentheses.
type adaptLevel struct {
	// window: in the list of WINDOW.
	window bool
	// rollup: the parentheses of ROLLUP(…).
	rollup bool
	// cast: the parentheses of CAST(…) or CONVERT(…).
	cast bool
	// joins are the places behind joins that have no condition yet, in what has been written.
	joins []pendingJoin
	last  int // number of joins seen at this level
}

type pendingJoin struct {
	at     int // behind the word JOIN
	number int
	// straight is the place of the word STRAIGHT_JOIN, or -1.
	straight int
}

// top is the present level.
func (a *adapter) top() *adaptLevel {
	if len(a.levels) == 0 {
		a.levels = append(a.levels, adaptLevel{})
	}
	return &a.levels[len(a.levels)-1]
}

// token takes the next token of the text; out ends with what was written for it, of the given length.
// It returns out as it shall be.
func (a *adapter) token(t token, src []byte, out []byte) []byte {
	out = a.quoteName(t, src, out)
	out = a.columns.token(t, src, out, a.first, max(len(a.levels)-1, 0))
	start := len(out) - len(src)
	a.deprecated(t, src)
	if t.kind == tokenOperator {
		if src[0] == '(' && t.start > a.lastEnd && spaceless(a.previous) && a.before != "." && a.spaced == 0 {
			a.spaced, a.spacedName = t.start, a.previous
		}
		a.insertOperator(src[0], out, start)
		return a.operator(src, out, start)
	}
	a.lastEnd = t.end
	a.lastWasOpening = a.lastWasOpening && t.kind == tokenWord
	if t.kind != tokenWord {
		a.before, a.previous, a.modifiers = a.previous, "", false
		return out
	}
	w := lowerWord(src)
	if a.first == "" {
		a.first = w
	}
	a.follows(w)
	out, written := a.insertWord(w, out, start)
	if !written {
		out = a.word(w, out, start)
	}
	if a.mayBeName(w) && !written {
		a.name = start + 1
	}
	a.before, a.previous = a.previous, w
	a.lastWasOpening = false
	return out
}

// operator follows parentheses, commas and braces.
func (a *adapter) operator(src, out []byte, start int) []byte {
	top := a.top()
	opening := false
	switch src[0] {
	case '(':
		rollup := a.previous == "rollup" && a.before == "by"
		if rollup {
			out = append(out[:start-len("rollup")], ' ')
		}
		a.levels = append(a.levels, adaptLevel{rollup: rollup, cast: a.previous == "cast" || a.previous == "convert"})
		opening = true
	case ')':
		if top.rollup {
			out = append(out[:start], " WITH ROLLUP"...)
		}
		if len(a.levels) > 1 {
			a.levels = a.levels[:len(a.levels)-1]
		}
	case ',':
		top.joins = nil
		if top.window {
			out = append(out, " WINDOW "...)
		}
	case '}':
		if a.braces > 0 {
			a.braces--
			out = append(out[:start], ' ')
		}
	}
	a.before, a.previous, a.modifiers = "", "", false
	a.lastWasOpening = opening
	switch src[0] {
	case '{', '.', '(', ',', '=':
		a.previous = string(src[:1])
	}
	return out
}

// deprecate notes MySQL's warning for a piece of the text.
func (a *adapter) deprecate(code uint16, text string) {
	if len(a.warnings) < maxDeprecations && a.first != "create" && a.first != "alter" {
		a.warnings = append(a.warnings, mysqlerr.Newf(code, "%s", text))
	}
}

// maxDeprecations bounds the warnings of one text; the server keeps as many.
const maxDeprecations = 64

const (
	warnDeprecated     = 1287
	warnDeprecatedWord = 1681
	warnNational       = 3720
)

// deprecated looks for what MySQL warns of while it reads a statement.
func (a *adapter) deprecated(t token, src []byte) {
	if a.binary && (t.kind != tokenOperator || src[0] == '(') && t.kind != tokenEnd {
		a.deprecate(warnDeprecated, "'BINARY expr' is deprecated and will be removed in a future release. Please use CAST instead")
	}
	a.binary = false
	switch t.kind {
	case tokenOperator:
		switch string(src) {
		case "&&":
			a.deprecate(warnDeprecated, "'&&' is deprecated and will be removed in a future release. Please use AND instead")
		case "||":
			a.deprecate(warnDeprecated, "'|| as a synonym for OR' is deprecated and will be removed in a future release. Please use OR instead")
		case "!":
			a.deprecate(warnDeprecated, "'!' is deprecated and will be removed in a future release. Please use NOT instead")
		case ":=":
			if a.first != "set" {
				a.deprecate(warnDeprecated, "Setting user variables within expressions is deprecated and will be removed in a future release. Consider alternatives: 'SET variable=expression, ...', or 'SELECT expression(s) INTO variables(s)'.")
			}
		case "(":
			if a.previous == "found_rows" {
				a.deprecate(warnDeprecated, "FOUND_ROWS() is deprecated and will be removed in a future release. Consider using COUNT(*) instead.")
			}
		}
	case tokenString:
		if a.previous == "n" && t.start == a.lastEnd {
			a.deprecate(warnNational, adviceOnNational)
		}
	case tokenWord:
		switch w := lowerWord(src); w {
		case "sql_calc_found_rows":
			a.deprecate(warnDeprecated, "SQL_CALC_FOUND_ROWS is deprecated and will be removed in a future release. Consider using two separate queries instead.")
		case "sql_no_cache":
			if !a.modifiers {
				break
			}
			a.deprecate(warnDeprecatedWord, "'SQL_NO_CACHE' is deprecated and will be removed in a future release.")
		case "binary":
			a.binary = a.operandFollows()
		}
	}
}

// operandFollows reports whether an operand may stand at the present place.
func (a *adapter) operandFollows() bool {
	switch a.first {
	case "select", "insert", "update", "delete", "replace", "with":
	default:
		return false
	}
	switch a.previous {
	case "select", "where", "and", "or", "not", "xor", "on", "having", "by", "when", "then", "else", "like", "between", "distinct", "in", "(", ",", "=":
		return true
	}
	return false
}

// spaceless reports whether MySQL takes a word for a function only if the parenthesis follows at once.
func spaceless(w string) bool {
	switch w {
	case "adddate", "bit_and", "bit_or", "bit_xor", "cast", "count", "curdate", "curtime", "date_add", "date_sub", "extract",
		"group_concat", "max", "mid", "min", "now", "position", "session_user", "std", "stddev", "stddev_pop", "stddev_samp",
		"subdate", "substr", "substring", "sum", "sysdate", "system_user", "trim", "variance", "var_pop", "var_samp":
		return true
	}
	return false
}

// word follows the words of one level.
func (a *adapter) word(w string, out []byte, start int) []byte {
	top := a.top()
	if w != "distinct" && w != "all" && w != "distinctrow" {
		a.modifiers = a.modifiers && modifier(w)
	}
	switch w {
	case "select":
		a.modifiers, a.distinct, a.all = true, false, false
	case "distinct", "distinctrow":
		a.distinct = a.modifiers
		a.contradiction = a.contradiction || a.modifiers && a.all
	case "all":
		if a.lastWasOpening { // COUNT(ALL x)
			return out[:start]
		}
		a.all = a.modifiers
		a.contradiction = a.contradiction || a.modifiers && a.distinct
	case "oj", "fn", "d", "t", "ts":
		if a.previous != "{" {
			break
		}
		a.braces++
		word := map[string]string{"d": " DATE", "t": " TIME", "ts": " TIMESTAMP"}[w]
		return append(append(out[:bytes.LastIndexByte(out[:start], '{')], ' '), word...)
	case "sounds": // SOUNDS LIKE
		a.sounds = len(out) - len(w)
	case "like":
		if a.previous == "sounds" {
			return append(out[:a.sounds], soundsLike...)
		}
	case "year": // CAST(x AS YEAR), CONVERT(x, YEAR)
		if top.cast && (a.previous == "as" || a.previous == ",") {
			return append(out[:start], castToYear...)
		}
	case "precision": // DOUBLE PRECISION
		if a.previous == "double" {
			return out[:start]
		}
	case "int": // CAST(x AS SIGNED INT)
		if a.previous == "signed" || a.previous == "unsigned" {
			return out[:start]
		}
	case "inner":
		if a.previous == "natural" {
			return out[:start]
		}
	case "window":
		top.window = true
	case "order", "limit", "for", "into", "union", "except", "intersect", "lock":
		top.window, top.joins = false, nil
	case "where", "group", "having", "set", "values":
		top.joins = nil
	case "join", "straight_join":
		top.last++
		j := pendingJoin{at: len(out), number: top.last, straight: -1}
		if w == "straight_join" {
			j.straight = start
		}
		if a.natural() {
			break
		}
		top.joins = append(top.joins, j)
	case "on", "using":
		return a.condition(top, w, out, start)
	}
	return out
}

// natural reports whether the join that is being read has no condition by itself.
func (a *adapter) natural() bool {
	return a.previous == "natural" || a.before == "natural"
}

// condition meets the condition of the last join that has none. One that other joins have followed reaches over
// all of them, which the parser wants in parentheses.
func (a *adapter) condition(top *adaptLevel, w string, out []byte, start int) []byte {
	if len(top.joins) == 0 {
		return out
	}
	j := top.joins[len(top.joins)-1]
	top.joins = top.joins[:len(top.joins)-1]
	if j.number < top.last {
		word := string(out[start:])
		tail := string(out[j.at:start])
		out = append(out[:j.at], " ("...)
		out = append(out, tail...)
		out = append(out, ") "...)
		out = append(out, word...)
	}
	if w == "using" && j.straight >= 0 { // the parser gives STRAIGHT_JOIN no USING; the order is a hint
		copy(out[j.straight:], "         JOIN")
	}
	return out
}

// modifier reports whether a word may stand between SELECT and its list.
func modifier(w string) bool {
	switch w {
	case "select", "high_priority", "straight_join", "sql_small_result", "sql_big_result", "sql_buffer_result", "sql_no_cache", "sql_calc_found_rows":
		return true
	}
	return false
}
