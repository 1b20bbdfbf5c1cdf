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
	case word == "escape" && (t.kind == tokenString || t.kind == tokenParam || t.kind == tokenOperator && (src[0] == '?' || src[0] == '(' || src[0] == ':') || t.kind == tokenWord && lowerWord(src) == "null"):
		return out
	}
	out = slices.Insert(out, at+len(a.previous), '`')
	return slices.Insert(out, at, '`')
}
