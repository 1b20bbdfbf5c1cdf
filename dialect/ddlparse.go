package dialect

import (
	"strconv"
	"strings"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// textReader reads the statements that the package parses by itself: definitions, SHOW, SET and
// other commands. Its methods do nothing after the first error, which err keeps, so that a
// grammar rule reads as a straight list; whoever loops looks at err or at the end of the text.
type textReader struct {
	c    *Context
	src  []byte
	list []token // the last is of kind tokenEnd
	at   int
	err  error
}

// newTextReader cuts text into tokens. Semicolons at the end are left out.
func newTextReader(c *Context, text string) *textReader {
	s := &textReader{c: c, src: []byte(text)}
	x := scanner{src: s.src, mode: c.Mode}
	for {
		t := x.next()
		if t.kind == tokenBad {
			s.err = syntaxError(s.src, t.start)
			t = token{kind: tokenEnd, start: t.start, end: t.start}
		}
		if t.kind == tokenEnd {
			for n := len(s.list); n > 0 && s.raw(s.list[n-1]) == ";"; n-- {
				s.list = s.list[:n-1]
			}
			if n := len(s.list); n > 0 && s.err == nil {
				t.start, t.end = s.list[n-1].end, s.list[n-1].end
			}
			s.list = append(s.list, t)
			return s
		}
		s.list = append(s.list, t)
	}
}

func (s *textReader) raw(t token) string { return string(s.src[t.start:t.end]) }

func (s *textReader) token() token {
	if s.err != nil {
		return s.list[len(s.list)-1]
	}
	return s.list[s.at]
}

// ahead returns the n-th token after the present one.
func (s *textReader) ahead(n int) token { return s.list[min(s.at+n, len(s.list)-1)] }

func (s *textReader) end() bool { return s.token().kind == tokenEnd }

func (s *textReader) advance() token {
	t := s.token()
	if t.kind != tokenEnd {
		s.at++
	}
	return t
}

// fail notes an error unless there is one already.
func (s *textReader) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// wrong notes a syntax error at the present token.
func (s *textReader) wrong() {
	s.fail(syntaxError(s.src, s.token().start))
}

// is reports whether the tokens from here on are these words or symbols.
func (s *textReader) is(words ...string) bool {
	if s.err != nil {
		return false
	}
	for i, w := range words {
		t := s.ahead(i)
		if t.kind != tokenWord && t.kind != tokenOperator || !strings.EqualFold(s.raw(t), w) {
			return false
		}
	}
	return true
}

// accept passes these words or symbols if they are next.
func (s *textReader) accept(words ...string) bool {
	if !s.is(words...) {
		return false
	}
	s.at += len(words)
	return true
}

// one passes the first of the words that is next, and returns it in upper case, or "".
func (s *textReader) one(words ...string) string {
	for _, w := range words {
		if s.accept(w) {
			return strings.ToUpper(w)
		}
	}
	return ""
}

// expect passes these words or symbols, which must be next.
func (s *textReader) expect(words ...string) {
	for _, w := range words {
		if !s.accept(w) {
			s.wrong()
		}
	}
}

// finish notes an error unless the text is at its end, and returns what went wrong.
func (s *textReader) finish() error {
	if !s.end() {
		s.wrong()
	}
	return s.err
}

// maxName is the longest name of a database, table, column, index or constraint, in characters.
const maxName = 64

// isName reports whether the token can be a name.
func (s *textReader) isName(t token) bool {
	return t.kind == tokenName || t.kind == tokenWord && !reservedWord(s.raw(t))
}

// name reads an identifier.
func (s *textReader) name() string {
	t := s.token()
	if !s.isName(t) {
		s.wrong()
		return ""
	}
	return s.anyName()
}

// anyName reads an identifier that may be a reserved word (after a point, say).
func (s *textReader) anyName() string {
	t := s.advance()
	name := s.raw(t)
	switch t.kind {
	case tokenName:
		name = string(unquote([]byte(name), NoBackslashEscapes))
	case tokenWord:
	default:
		s.fail(syntaxError(s.src, t.start))
		return ""
	}
	if len([]rune(name)) > maxName {
		s.fail(mysqlerr.New(mysql.ER_TOO_LONG_IDENT, name))
	}
	return name
}

// optionalName reads an identifier if one is next.
func (s *textReader) optionalName() string {
	if s.err == nil && s.isName(s.token()) {
		return s.name()
	}
	return ""
}

// object reads [database.]name; without database it is the default one.
func (s *textReader) object() ObjectName {
	o := ObjectName{Name: s.name()}
	if s.accept(".") {
		o.Database, o.Name = o.Name, s.anyName()
	} else if s.err == nil {
		o.Database = s.c.Database
		if o.Database == "" {
			s.fail(mysqlerr.New(mysql.ER_NO_DB_ERROR))
		}
	}
	return o
}

// list reads ( one [, one …] ).
func (s *textReader) parenthesised(one func()) {
	s.expect("(")
	s.commas(one)
	s.expect(")")
}

// commas reads one [, one …].
func (s *textReader) commas(one func()) {
	for one(); s.accept(","); {
		one()
	}
}

// str reads a string.
func (s *textReader) str() string {
	t := s.advance()
	if t.kind != tokenString {
		s.fail(syntaxError(s.src, t.start))
		return ""
	}
	return string(unquote(s.src[t.start:t.end], s.c.Mode))
}

// word reads a name or a string: character sets, engines and the like.
func (s *textReader) word() string {
	switch t := s.token(); {
	case t.kind == tokenString:
		return s.str()
	case t.kind == tokenWord && s.isName(t), t.kind == tokenName, s.is("BINARY"):
		return s.anyName()
	}
	s.wrong()
	return ""
}

// number reads an unsigned integer.
func (s *textReader) number() uint64 {
	t := s.advance()
	if t.kind == tokenInteger {
		if n, err := strconv.ParseUint(s.raw(t), 10, 64); err == nil {
			return n
		}
	}
	s.fail(syntaxError(s.src, t.start))
	return 0
}

// length reads ( number ) if it is next, and returns -1 otherwise.
func (s *textReader) length() int {
	if !s.accept("(") {
		return -1
	}
	n := s.number()
	s.expect(")")
	return int(min(n, 1<<40))
}

// balanced reads a parenthesised expression and returns its text without the outer
// parentheses.
func (s *textReader) balanced() string {
	s.expect("(")
	from := s.at
	for depth := 1; s.err == nil; s.at++ {
		switch t := s.token(); {
		case t.kind == tokenEnd:
			s.wrong()
		case s.is("("):
			depth++
		case s.is(")"):
			depth--
			if depth == 0 {
				text := s.text(from, s.at)
				s.at++
				return text
			}
		}
	}
	return ""
}

// text returns the source of the tokens [from, to), with what the session's mode gives another meaning written so that the parser
// reads it: names in backticks, strings with escapes, || and NOT as in a fingerprint.
func (s *textReader) text(from, to int) string {
	var b []byte
	for i := from; i < to; i++ {
		t := s.list[i]
		if i > from && t.start > s.list[i-1].end {
			b = append(b, ' ')
		}
		raw := s.raw(t)
		switch {
		case t.kind == tokenName && raw[0] == '"':
			name := string(unquote([]byte(raw), NoBackslashEscapes))
			b = append(b, "`"+strings.ReplaceAll(name, "`", "``")+"`"...)
		case t.kind == tokenString && s.c.Mode&NoBackslashEscapes != 0:
			b = appendQuoted(b, unquote([]byte(raw), s.c.Mode))
		case t.kind == tokenOperator && raw == "||" && s.c.Mode&PipesAsConcat != 0:
			b = append(b, concatMark...)
		default:
			b = append(b, raw...)
		}
		if s.c.Mode&HighNotPrecedence != 0 && i > 0 && bindsTight(&scanner{src: s.src, pos: t.end, mode: s.c.Mode}, t, s.list[i-1], true) {
			b = append(b, tightNot...)
		}
	}
	return string(b)
}

// rest returns the source from here to the end, and moves there.
func (s *textReader) rest() string {
	if s.err != nil {
		return ""
	}
	from := s.at
	s.at = len(s.list) - 1
	return s.text(from, s.at)
}

// ifExists reads IF EXISTS, ifNotExists reads IF NOT EXISTS.
func (s *textReader) ifExists() bool    { return s.accept("IF", "EXISTS") }
func (s *textReader) ifNotExists() bool { return s.accept("IF", "NOT", "EXISTS") }
