package dialect

import "bytes"

// tokenKind classifies a token of MySQL's SQL.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenName     // quoted identifier
	tokenString   // '…' or "…", several adjacent ones joined
	tokenInteger  // digits
	tokenDecimal  // digits with a point
	tokenFloat    // with an exponent
	tokenHex      // 0x…, x'…', 0b…, b'…'
	tokenVariable // @x, @@x, @@session
	tokenParam    // ?
	tokenOperator // one or more characters of punctuation
	tokenBad      // unfinished string, quoted name or comment, or a byte that begins nothing
)

// token is a token by its place in the text.
type token struct {
	kind       tokenKind
	start, end int
	// joined: a string that stands in several adjacent pieces.
	joined bool
	// gap: where the white space and comments before the token begin.
	gap int
	// commented: the gap holds a comment.
	commented bool
}

// scanner cuts MySQL text into tokens. It drops comments, and reads the inside of /*!NNNNN …*/
// as text when the version is not above supportedVersion.
type scanner struct {
	src  []byte
	pos  int
	mode SQLMode
	// inVersion: inside a version comment, whose */ is white space.
	inVersion bool
	// sawVersion: the text has a version comment.
	sawVersion bool
}

// supportedVersion is the version up to which version comments are part of the statement.
const supportedVersion = 80499

func isSpaceByte(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

func isDigitByte(c byte) bool { return c >= '0' && c <= '9' }

func (s *scanner) at(i int) byte {
	if i < len(s.src) {
		return s.src[i]
	}
	return 0
}

// skip moves past white space and comments. It reports false at a comment without an end, and
// whether a comment was met.
func (s *scanner) skip() (ok, commented bool) {
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		switch {
		case isSpaceByte(c):
			s.pos++
		case c == '#', c == '-' && s.at(s.pos+1) == '-' && (s.pos+2 >= len(s.src) || s.at(s.pos+2) <= ' '):
			commented = true
			if n := bytes.IndexByte(s.src[s.pos:], '\n'); n >= 0 {
				s.pos += n + 1
			} else {
				s.pos = len(s.src)
			}
		case c == '/' && s.at(s.pos+1) == '*':
			commented = true
			if !s.comment() {
				return false, true
			}
		case c == '*' && s.inVersion && s.at(s.pos+1) == '/':
			commented = true
			s.inVersion = false
			s.pos += 2
		default:
			return true, commented
		}
	}
	return !s.inVersion, commented
}

// comment moves past /* … */, or past the head of a version comment that counts.
func (s *scanner) comment() bool {
	if s.at(s.pos+2) == '!' && !s.inVersion {
		version, i := 0, s.pos+3
		for i < len(s.src) && i < s.pos+9 && isDigitByte(s.src[i]) {
			version = version*10 + int(s.src[i]-'0')
			i++
		}
		if i-s.pos-3 < 5 {
			version, i = 0, s.pos+3
		}
		if version <= supportedVersion {
			s.pos, s.inVersion, s.sawVersion = i, true, true
			return true
		}
	}
	n := bytes.Index(s.src[min(s.pos+2, len(s.src)):], []byte("*/"))
	if n < 0 {
		s.pos = len(s.src)
		return false
	}
	s.pos += n + 4
	return true
}

// next returns the next token.
func (s *scanner) next() token {
	t := token{gap: s.pos}
	ok, commented := s.skip()
	t.start, t.commented = s.pos, commented
	switch {
	case !ok:
		t.kind = tokenBad
	case s.pos < len(s.src):
		s.read(&t)
	}
	t.end = s.pos
	return t
}

func (s *scanner) read(t *token) {
	c := s.src[s.pos]
	following := s.at(s.pos + 1)
	switch {
	case isDigitByte(c) || c == '.' && isDigitByte(following) && !s.afterName():
		t.kind = s.number()
	case following == '\'' && (c == 'x' || c == 'X' || c == 'b' || c == 'B'):
		s.pos++
		t.kind = tokenHex
		if !s.quoted('\'', false) {
			t.kind = tokenBad
		}
	case isWordByte(c):
		t.kind = tokenWord
		s.word()
	case c == '\'' || c == '"' && s.mode&ANSIQuotes == 0:
		s.text(t)
	case c == '`' || c == '"':
		t.kind = tokenName
		if !s.quoted(c, false) {
			t.kind = tokenBad
		}
	case c == '@':
		s.variable(t)
	case c == '?':
		t.kind = tokenParam
		s.pos++
	default:
		s.operator(t)
	}
}

// afterName reports whether the point at the present place follows a name directly: t.1a is no number.
func (s *scanner) afterName() bool {
	return s.pos > 0 && (isWordByte(s.src[s.pos-1]) || s.src[s.pos-1] == '`')
}

func (s *scanner) word() {
	for s.pos < len(s.src) && isWordByte(s.src[s.pos]) {
		s.pos++
	}
}

// number reads a number; digits that letters follow are a word.
func (s *scanner) number() tokenKind {
	start := s.pos
	if s.src[s.pos] == '0' && (s.at(s.pos+1) == 'x' || s.at(s.pos+1) == 'b') {
		s.word()
		return tokenHex
	}
	kind := tokenInteger
	s.digits()
	if s.at(s.pos) == '.' {
		kind = tokenDecimal
		s.pos++
		s.digits()
	}
	if c := s.at(s.pos); c == 'e' || c == 'E' {
		i := s.pos + 1
		if c := s.at(i); c == '+' || c == '-' {
			i++
		}
		if isDigitByte(s.at(i)) {
			kind = tokenFloat
			s.pos = i
			s.digits()
		}
	}
	if kind == tokenInteger && s.pos < len(s.src) && isWordByte(s.src[s.pos]) {
		s.pos = start
		s.word()
		return tokenWord
	}
	return kind
}

func (s *scanner) digits() {
	for s.pos < len(s.src) && isDigitByte(s.src[s.pos]) {
		s.pos++
	}
}

// quoted moves past a quoted piece; a doubled quote stands for itself, and so does what follows
// a backslash when escapes is set.
func (s *scanner) quoted(quote byte, escapes bool) bool {
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case c == quote && s.at(s.pos+1) == quote && s.pos+1 < len(s.src):
			s.pos++
		case c == quote:
			s.pos++
			return true
		case c == '\\' && escapes:
			s.pos++
		}
	}
	s.pos = len(s.src)
	return false
}

// text reads a string and the strings that follow it, which MySQL joins.
func (s *scanner) text(t *token) {
	t.kind = tokenString
	escapes := s.mode&NoBackslashEscapes == 0
	for {
		if !s.quoted(s.src[s.pos], escapes) {
			t.kind = tokenBad
			return
		}
		end := s.pos
		inVersion := s.inVersion
		ok, commented := s.skip()
		c := s.at(s.pos)
		if !ok || commented || s.pos == end || c != '\'' && (c != '"' || s.mode&ANSIQuotes != 0) {
			s.pos, s.inVersion = end, inVersion
			return
		}
		t.joined = true
	}
}

func (s *scanner) variable(t *token) {
	t.kind = tokenVariable
	s.pos++
	if s.at(s.pos) == '@' {
		s.pos++
	}
	switch c := s.at(s.pos); c {
	case '`', '\'', '"':
		if !s.quoted(c, false) {
			t.kind = tokenBad
		}
		return
	}
	for s.pos < len(s.src) && (isWordByte(s.src[s.pos]) || s.src[s.pos] == '.') {
		s.pos++
	}
}

func (s *scanner) operator(t *token) {
	t.kind = tokenOperator
	c, following := s.src[s.pos], s.at(s.pos+1)
	length := 1
	switch c {
	case ',', '(', ')', '+', '*', '/', '%', '^', '~', '.', ';', '{', '}', '=':
	case '<':
		if following == '=' || following == '>' || following == '<' {
			length = 2
		}
		if following == '=' && s.at(s.pos+2) == '>' {
			length = 3
		}
	case '>':
		if following == '=' || following == '>' {
			length = 2
		}
	case '-':
		if following == '>' {
			length = 2
			if s.at(s.pos+2) == '>' {
				length = 3
			}
		}
	case '!', ':':
		if following == '=' {
			length = 2
		}
	case '|', '&':
		if following == c {
			length = 2
		}
	default:
		t.kind = tokenBad
	}
	s.pos += length
}

// unquote returns the value of a string token.
func unquote(text []byte, mode SQLMode) []byte {
	quote := text[0]
	inner := text[1 : len(text)-1]
	escapes := mode&NoBackslashEscapes == 0
	if bytes.IndexByte(inner, quote) < 0 && (!escapes || bytes.IndexByte(inner, '\\') < 0) {
		return inner
	}
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(text); {
		quote = text[i]
		if isSpaceByte(quote) {
			i++
			continue
		}
		for i++; i < len(text); i++ {
			c := text[i]
			if c == quote {
				if i++; i >= len(text) || text[i] != quote {
					break
				}
				out = append(out, c)
				continue
			}
			if c == '\\' && escapes && i+1 < len(text) {
				i++
				out = appendEscape(out, text[i])
				continue
			}
			out = append(out, c)
		}
	}
	return out
}

func appendEscape(out []byte, c byte) []byte {
	switch c {
	case 'n':
		return append(out, '\n')
	case 't':
		return append(out, '\t')
	case 'r':
		return append(out, '\r')
	case 'b':
		return append(out, '\b')
	case '0':
		return append(out, 0)
	case 'Z':
		return append(out, 26)
	case '%', '_': // for LIKE, which reads the backslash itself
		return append(out, '\\', c)
	}
	return append(out, c)
}

// Split cuts the first statement off a text that may hold several, separated by semicolons.
// A text of nothing but comments and white space gives an empty first. The error is MySQL's
// 1064 for a string, name or comment without an end.
func Split(sql []byte, mode SQLMode) (first, rest []byte, err error) {
	s := scanner{src: sql, mode: mode}
	started := false
	var inside blocks
	for {
		t := s.next()
		inside.step(sql, t)
		switch {
		case t.kind == tokenBad && t.end >= len(sql):
			return nil, nil, syntaxError(sql, t.start)
		case t.kind == tokenEnd:
			if !started {
				return nil, nil, nil
			}
			return bytes.TrimSpace(sql), nil, nil
		case t.kind == tokenOperator && sql[t.start] == ';' && !inside.open():
			if !started {
				return nil, sql[t.end:], nil
			}
			return bytes.TrimSpace(sql[:t.start]), sql[t.end:], nil
		}
		started = true
	}
}

// HoldsStatement reports whether a text holds more than semicolons, comments and white space.
func HoldsStatement(sql []byte, mode SQLMode) (bool, error) {
	for len(sql) > 0 {
		first, rest, err := Split(sql, mode)
		if err != nil || len(first) > 0 {
			return len(first) > 0, err
		}
		sql = rest
	}
	return false, nil
}

// lowerWord is a short ASCII word in lower case; longer ones are no keywords and come back empty.
func lowerWord(w []byte) string {
	var buf [24]byte
	if len(w) > len(buf) {
		return ""
	}
	for i, c := range w {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	return string(buf[:len(w)])
}
