package dialect

import "slices"

// mayBeName reports whether the parser takes a word for one of its own where MySQL reads a name, unless the token behind it
// says otherwise.
func (a *adapter) mayBeName(w string) bool {
	switch w {
	case "cast", "curdate", "curtime", "extract", "json_length", "now", "substr", "substring", "sysdate", // functions before a parenthesis
		"escape",
		"next", "postpone", "revert", "sql_cache", "sql_tsi_microsecond", "vstream": // not in MySQL's grammar of what gets here
		return true
	case "off": // a value of variables
		return a.first != "set"
	case "savepoint":
		return a.previous != "" && a.previous != "to" && a.previous != "release"
	case "sql_no_cache":
		return !a.modifiers
	}
	return false
}

// startsValue reports whether a token behind ESCAPE begins the sign for it, rather than goes on behind a name.
func startsValue(t token, src []byte) bool {
	switch t.kind {
	case tokenName, tokenVariable, tokenInteger:
		return true
	case tokenWord:
		switch lowerWord(src) {
		case "from", "as", "and", "or", "xor", "is", "in", "not", "like", "rlike", "regexp", "between", "div", "mod", "collate", "end", "then", "when", "else",
			"order", "group", "having", "limit", "asc", "desc", "union", "intersect", "except", "into", "for", "window", "where":
			return false
		}
		return true
	}
	return false
}

// follows notes whether the present place is behind LIKE and its pattern.
func (a *adapter) follows(w string) {
	switch w {
	case "like":
		a.pattern = true
	case "and", "or", "xor", "select", "from", "where", "then", "when", "else", "order", "group", "having":
		a.pattern = false
	}
}

// quoteName puts the last word into quotes if it is a name. The present token is what out ends with.
func (a *adapter) quoteName(t token, src, out []byte) []byte {
	at := a.name - 1
	a.name = 0
	if at < 0 {
		return out
	}
	switch word := a.previous; {
	case t.kind == tokenOperator && src[0] == '(' && t.start == a.lastEnd:
		return out
	case word == "escape" && (t.kind == tokenString || t.kind == tokenParam || t.kind == tokenOperator && (src[0] == '?' || src[0] == '(' || src[0] == ':') || t.kind == tokenWord && lowerWord(src) == "null" || a.pattern && startsValue(t, src)):
		return out
	}
	out = slices.Insert(out, at+len(a.previous), '`')
	return slices.Insert(out, at, '`')
}
