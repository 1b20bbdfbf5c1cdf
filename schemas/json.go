package schemas

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// JSONError says where and why text is no JSON, in the words of MySQL's parser.
type JSONError struct {
	Reason string
	Offset int // bytes from the start
}

// Error prints reason and offset.
func (e *JSONError) Error() string { return fmt.Sprintf("%s at position %d", e.Reason, e.Offset) }

// maxJSONDepth is MySQL's limit on nesting.
const maxJSONDepth = 100

// ErrJSONDepth is the reason of a JSONError for documents nested deeper than MySQL allows
// (error 3157 there).
const ErrJSONDepth = "The JSON document exceeds the maximum depth."

// NormalizeJSON appends the normal form of a JSON document, the one in which MySQL prints and
// Marmot stores it: keys by length and then bytes, the last of equal keys, ", " and ": "
// between things, numbers as MySQL prints them. The error is a *JSONError.
func NormalizeJSON(dst, text []byte) ([]byte, error) {
	p := jsonParser{text: text}
	p.space()
	if p.at >= len(text) {
		return nil, p.fail("The document is empty.")
	}
	dst, err := p.value(dst, 1)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(text) {
		return nil, p.fail("The document root must not be followed by other values.")
	}
	return dst, nil
}

type jsonParser struct {
	text []byte
	at   int
}

func (p *jsonParser) fail(reason string) error { return &JSONError{Reason: reason, Offset: p.at} }

func (p *jsonParser) failAt(at int, reason string) error {
	return &JSONError{Reason: reason, Offset: at}
}

func (p *jsonParser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (p *jsonParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *jsonParser) value(dst []byte, depth int) ([]byte, error) {
	if depth > maxJSONDepth {
		return nil, p.fail(ErrJSONDepth)
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(dst, depth)
	case c == '[':
		return p.array(dst, depth)
	case c == '"':
		s, err := p.str()
		if err != nil {
			return nil, err
		}
		return AppendJSONString(dst, s), nil
	case c == 't':
		return p.word(dst, "true")
	case c == 'f':
		return p.word(dst, "false")
	case c == 'n':
		return p.word(dst, "null")
	case c == '-' || c >= '0' && c <= '9':
		return p.number(dst)
	}
	return nil, p.fail("Invalid value.")
}

func (p *jsonParser) word(dst []byte, word string) ([]byte, error) {
	for i := range len(word) {
		if p.peek() != word[i] {
			return nil, p.fail("Invalid value.")
		}
		p.at++
	}
	return append(dst, word...), nil
}

func (p *jsonParser) array(dst []byte, depth int) ([]byte, error) {
	p.at++
	dst = append(dst, '[')
	p.space()
	if p.peek() == ']' {
		p.at++
		return append(dst, ']'), nil
	}
	for {
		var err error
		if dst, err = p.value(dst, depth+1); err != nil {
			return nil, err
		}
		p.space()
		switch p.peek() {
		case ',':
			p.at++
			p.space()
			dst = append(dst, ", "...)
		case ']':
			p.at++
			return append(dst, ']'), nil
		default:
			return nil, p.fail("Missing a comma or ']' after an array element.")
		}
	}
}

// member is one key of an object with the normal form of its value.
type member struct{ key, value []byte }

func (p *jsonParser) object(dst []byte, depth int) ([]byte, error) {
	p.at++
	var members []member
	p.space()
	if p.peek() == '}' {
		p.at++
		return append(dst, "{}"...), nil
	}
	for {
		if p.peek() != '"' {
			return nil, p.fail("Missing a name for object member.")
		}
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		p.space()
		if p.peek() != ':' {
			return nil, p.fail("Missing a colon after a name of object member.")
		}
		p.at++
		p.space()
		value, err := p.value(nil, depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{key, value})
		p.space()
		switch p.peek() {
		case ',':
			p.at++
			p.space()
			continue
		case '}':
			p.at++
			return appendMembers(dst, members), nil
		}
		return nil, p.fail("Missing a comma or '}' after an object member.")
	}
}

// CompareJSONKeys orders the keys of an object: by length, then by bytes.
func CompareJSONKeys(a, b []byte) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return bytes.Compare(a, b)
}

func appendMembers(dst []byte, members []member) []byte {
	slices.SortStableFunc(members, func(a, b member) int { return CompareJSONKeys(a.key, b.key) })
	dst = append(dst, '{')
	first := true
	for i, m := range members {
		if i+1 < len(members) && bytes.Equal(members[i+1].key, m.key) {
			continue
		}
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = append(AppendJSONString(dst, m.key), ": "...)
		dst = append(dst, m.value...)
	}
	return append(dst, '}')
}

// str reads a string, quotes included, and returns it without escapes.
func (p *jsonParser) str() ([]byte, error) {
	p.at++
	start := p.at
	for i := start; i < len(p.text); i++ {
		if c := p.text[i]; c == '"' {
			if !utf8.Valid(p.text[start:i]) {
				break
			}
			p.at = i + 1
			return p.text[start:i], nil
		} else if c == '\\' || c < 0x20 {
			break
		}
	}
	var out []byte
	for {
		if p.at >= len(p.text) {
			return nil, p.fail("Missing a closing quotation mark in string.")
		}
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return out, nil
		case c == '\\':
			var err error
			if out, err = p.escape(out); err != nil {
				return nil, err
			}
		case c < 0x20:
			return nil, p.fail("Invalid encoding in string.")
		default:
			r, size := utf8.DecodeRune(p.text[p.at:])
			if r == utf8.RuneError && size == 1 {
				return nil, p.fail("Invalid encoding in string.")
			}
			out = append(out, p.text[p.at:p.at+size]...)
			p.at += size
		}
	}
}

func (p *jsonParser) escape(out []byte) ([]byte, error) {
	start := p.at
	p.at++
	c := p.peek()
	p.at++
	switch c {
	case '"', '\\', '/':
		return append(out, c), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
	default:
		return nil, p.failAt(start, "Invalid escape character in string.")
	}
	r, ok := p.hex()
	if !ok {
		return nil, p.failAt(start, `Incorrect hex digit after \u escape in string.`)
	}
	if utf16.IsSurrogate(r) {
		low := rune(0)
		if p.peek() == '\\' && p.at+1 < len(p.text) && p.text[p.at+1] == 'u' {
			p.at += 2
			if low, ok = p.hex(); !ok {
				return nil, p.failAt(start, `Incorrect hex digit after \u escape in string.`)
			}
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return nil, p.failAt(start, "The surrogate pair in string is invalid.")
		}
	}
	return utf8.AppendRune(out, r), nil
}

func (p *jsonParser) hex() (rune, bool) {
	if p.at+4 > len(p.text) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.text[p.at:p.at+4]), 16, 32)
	if err != nil {
		return 0, false
	}
	p.at += 4
	return rune(n), true
}

func (p *jsonParser) number(dst []byte) ([]byte, error) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	switch c := p.peek(); {
	case c == '0':
		p.at++
	case c >= '1' && c <= '9':
		p.at += digits(p.text[p.at:])
	default:
		return nil, p.fail("Invalid value.")
	}
	whole := true
	if p.peek() == '.' {
		p.at++
		whole = false
		n := digits(p.text[p.at:])
		if n == 0 {
			return nil, p.fail("Miss fraction part in number.")
		}
		p.at += n
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		whole = false
		if c := p.peek(); c == '-' || c == '+' {
			p.at++
		}
		n := digits(p.text[p.at:])
		if n == 0 {
			return nil, p.fail("Miss exponent in number.")
		}
		p.at += n
	}
	text := string(p.text[start:p.at])
	if whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return strconv.AppendInt(dst, n, 10), nil
		}
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			return strconv.AppendUint(dst, n, 10), nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, p.failAt(start, "Number too big to be stored in double.")
	}
	return AppendJSONDouble(dst, f), nil
}

// AppendJSONDouble appends a double as JSON has it: it never looks like an integer.
func AppendJSONDouble(dst []byte, f float64) []byte {
	start := len(dst)
	dst = AppendFloat(dst, Type{Kind: Double, Decimals: -1}, f)
	if !math.IsInf(f, 0) && !bytes.ContainsAny(dst[start:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst
}

// AppendJSONString appends s as a JSON string, with MySQL's escapes.
func AppendJSONString(dst, s []byte) []byte {
	const hexDigits = "0123456789abcdef"
	dst = append(dst, '"')
	for _, c := range s {
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			if c < 0x20 {
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			} else {
				dst = append(dst, c)
			}
		}
	}
	return append(dst, '"')
}
