package expression

import (
	"bytes"
	"unicode/utf8"

	"marmot/schemas"
	"marmot/txn"
)

// searchFunctions find strings in strings, by a collation or a regular expression.
func searchFunctions() []function {
	const group = "String"
	return []function{
		{names: "instr", group: group, least: 2, most: 2, args: "t", traits: isCollated, result: resultBigint, run: instr},
		{names: "locate position", group: group, least: 2, most: 3, args: "ttn", traits: isCollated, result: resultBigint, run: locate},
		{names: "find_in_set", group: group, least: 2, most: 2, args: "t", traits: isCollated, result: resultBigint, run: findInSet},
		{names: "regexp_like", group: group, least: 2, most: 3, args: "tts", traits: isCollated, result: resultBool, run: regexpLike},
		{names: "regexp_instr", group: group, least: 2, most: 6, args: "ttnnns", traits: isCollated, result: resultBigint, run: regexpInstr},
		{names: "regexp_substr", group: group, least: 2, most: 5, args: "ttnns", traits: isCollated | givesNull, result: resultLikeFirst(1), run: regexpSubstr},
		{names: "regexp_replace", group: group, least: 3, most: 6, args: "tttnns", traits: isCollated, result: resultText(-1), run: regexpReplace},
	}
}

// find returns the place of sub in text from the byte start, by a collation, or -1.
func find(text, sub []byte, start int, collation string) int {
	if start > len(text) {
		return -1
	}
	c := schemas.LookupCollation(collation)
	if c == nil || c.Rules() == nil || c.SQLiteBinary() || len(sub) == 0 {
		i := bytes.Index(text[start:], sub)
		if i < 0 {
			return -1
		}
		return start + i
	}
	length := utf8.RuneCount(sub)
	for at := start; at < len(text); {
		if window := firstRunes(text[at:], length); utf8.RuneCount(window) == length && sameText(c, window, sub) {
			return at
		}
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return -1
}

func sameText(c *schemas.Collation, a, b []byte) bool {
	if !c.Unicode() {
		return c.SameText(a, b)
	}
	return bytes.Equal(a, b) || c.Rules().Collate(a, b, false) == 0
}

func instr(r *runtime, args []txn.Value) (txn.Value, error) {
	return txn.Int(placeOf(args[0], args[1], 1, args[2])), nil
}

func locate(r *runtime, args []txn.Value) (txn.Value, error) {
	from := r.optionalInt(args, 2, 1)
	return txn.Int(placeOf(args[1], args[0], from, args[len(args)-1])), nil
}

// placeOf is the place of sub in text in characters from 1, or 0.
func placeOf(text, sub txn.Value, from int64, collation txn.Value) int64 {
	b := textOf(text)
	if from < 1 || from > int64(len(b))+1 {
		return 0
	}
	head, _ := cutAt(text, b, int(from-1))
	if runes(text, head) < int(from-1) {
		return 0
	}
	i := find(b, textOf(sub), len(head), string(collation.Bytes()))
	if i < 0 {
		return 0
	}
	return int64(runes(text, b[:i])) + 1
}

func findInSet(r *runtime, args []txn.Value) (txn.Value, error) {
	want, rest := textOf(args[0]), textOf(args[1])
	c := schemas.LookupCollation(string(args[2].Bytes()))
	if len(rest) == 0 || bytes.IndexByte(want, ',') >= 0 {
		return txn.Int(0), nil
	}
	for n := int64(1); ; n++ {
		one, after, more := bytes.Cut(rest, []byte{','})
		if bytes.Equal(one, want) || c != nil && c.Compare(one, want) == 0 {
			return txn.Int(n), nil
		}
		if !more {
			return txn.Int(0), nil
		}
		rest = after
	}
}
