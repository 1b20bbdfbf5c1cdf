package accounts

import (
	"strings"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Options are what the words of a statement mean by.
type Options struct {
	NoBackslashEscapes, ANSIQuotes bool
}

// word is a token: a word, number or sign, or a quoted text or name.
type word struct {
	text   string
	quoted byte // the quote, or 0
	start  int
}

// isText reports whether the word is a quoted text rather than a name.
func (w word) isText(o Options) bool { return w.quoted == '\'' || w.quoted == '"' && !o.ANSIQuotes }

// Begins reports whether the text may be a statement on accounts, without looking at more than its first words.
func Begins(text []byte) bool {
	first, rest := nextWord(text)
	second, rest := nextWord(rest)
	switch len(first) {
	case 3:
		return equalFold(first, "SET") && (equalFold(second, "PASSWORD") || equalFold(second, "ROLE") || equalFold(second, "DEFAULT"))
	case 4:
		third, _ := nextWord(rest)
		return equalFold(first, "SHOW") && (equalFold(second, "GRANTS") || equalFold(second, "CREATE") && equalFold(third, "USER")) ||
			equalFold(first, "DROP") && isAccountKind(second)
	case 5:
		return equalFold(first, "GRANT") || equalFold(first, "ALTER") && isAccountKind(second)
	case 6:
		return equalFold(first, "REVOKE") || (equalFold(first, "CREATE") || equalFold(first, "RENAME")) && isAccountKind(second)
	}
	return false
}

func isAccountKind(word []byte) bool { return equalFold(word, "USER") || equalFold(word, "ROLE") }

// equalFold compares a word with one in upper case.
func equalFold(word []byte, upper string) bool {
	if len(word) != len(upper) {
		return false
	}
	for i, c := range word {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// nextWord cuts the next unquoted word off, comments before it left out.
func nextWord(text []byte) (first, rest []byte) {
	i := skipSpace(text, 0)
	from := i
	for i < len(text) && isNameByte(text[i]) {
		i++
	}
	return text[from:i], text[i:]
}

// skipSpace passes white space and comments.
func skipSpace(text []byte, i int) int {
	for i < len(text) {
		switch c := text[i]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			i++
		case c == '#', c == '-' && i+2 < len(text) && text[i+1] == '-' && text[i+2] <= ' ':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case c == '/' && i+1 < len(text) && text[i+1] == '*' && !(i+2 < len(text) && text[i+2] == '!'):
			end := strings.Index(string(text[i+2:]), "*/")
			if end < 0 {
				return len(text)
			}
			i += end + 4
		default:
			return i
		}
	}
	return i
}

func isNameByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// split cuts a statement into words; the signs of /*! … */ are passed.
func split(text []byte, o Options) []word {
	var list []word
	for i := skipSpace(text, 0); i < len(text); i = skipSpace(text, i) {
		c := text[i]
		start := i
		switch {
		case c == '\'' || c == '"' || c == '`':
			t, next := quotedText(text, i, !o.NoBackslashEscapes && c != '`')
			list = append(list, word{text: t, quoted: c, start: start})
			i = next
		case isNameByte(c):
			host := len(list) > 0 && list[len(list)-1].text == "@" && list[len(list)-1].quoted == 0
			for i < len(text) && (isNameByte(text[i]) || host && (text[i] == '.' || text[i] == '-')) {
				i++
			}
			list = append(list, word{text: string(text[start:i]), start: start})
		case c == '/' && i+2 < len(text) && text[i+1] == '*' && text[i+2] == '!':
			for i += 3; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
			}
		case c == '*' && i+1 < len(text) && text[i+1] == '/':
			i += 2
		default:
			list = append(list, word{text: string(c), start: start})
			i++
		}
	}
	for n := len(list); n > 0 && list[n-1].text == ";" && list[n-1].quoted == 0; n-- {
		list = list[:n-1]
	}
	return list
}

// quotedText reads the text quoted at i and returns the place behind it.
func quotedText(text []byte, i int, escapes bool) (string, int) {
	quote := text[i]
	var b []byte
	for i++; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && escapes && i+1 < len(text):
			i++
			switch e := text[i]; e {
			case '%', '_':
				b = append(b, '\\', e)
			case 'n':
				b = append(b, '\n')
			case 't':
				b = append(b, '\t')
			case 'r':
				b = append(b, '\r')
			case '0':
				b = append(b, 0)
			case 'b':
				b = append(b, '\b')
			case 'Z':
				b = append(b, 26)
			default:
				b = append(b, e)
			}
		case c == quote && i+1 < len(text) && text[i+1] == quote:
			i++
			b = append(b, quote)
		case c == quote:
			return string(b), i + 1
		default:
			b = append(b, c)
		}
	}
	return string(b), i
}

// reader reads words from left to right. Its methods do nothing after the first error.
type reader struct {
	text    []byte
	words   []word
	at      int
	options Options
	current Name
	err     error
	logged  logged
}

func (r *reader) end() bool { return r.err != nil || r.at >= len(r.words) }

func (r *reader) peek(n int) word {
	if r.err == nil && r.at+n < len(r.words) {
		return r.words[r.at+n]
	}
	return word{start: len(r.text)}
}

// is reports whether the words come next.
func (r *reader) is(words ...string) bool {
	if r.err != nil || r.at+len(words) > len(r.words) {
		return false
	}
	for i, w := range words {
		if next := r.words[r.at+i]; next.quoted != 0 || !strings.EqualFold(next.text, w) {
			return false
		}
	}
	return true
}

// accept passes the words if they come next.
func (r *reader) accept(words ...string) bool {
	if !r.is(words...) {
		return false
	}
	r.at += len(words)
	return true
}

func (r *reader) expect(words ...string) {
	for _, w := range words {
		if !r.accept(w) {
			r.wrong()
		}
	}
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// wrong is a syntax error at the next word. What follows is shown as MySQL does, but never a password.
func (r *reader) wrong() {
	if r.err != nil {
		return
	}
	start := r.peek(0).start
	near := strings.TrimRight(string(r.text[min(start, len(r.text)):]), " \t\r\n;")
	for i, w := range r.words[min(r.at, len(r.words)):] {
		secret := w.quoted != 0 && w.isText(r.options) && r.at+i > 0
		if secret {
			before := strings.ToUpper(r.words[r.at+i-1].text)
			if before == "BY" || before == "=" || before == "AS" || before == "REPLACE" || before == "(" {
				near = strings.TrimRight(string(r.text[start:w.start]), " ")
				break
			}
		}
	}
	line := 1 + strings.Count(string(r.text[:min(start, len(r.text))]), "\n")
	r.err = mysqlerr.New(mysql.ER_PARSE_ERROR, "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use",
		near[:min(len(near), 80)], line)
}

// str reads a quoted text.
func (r *reader) str() string {
	w := r.peek(0)
	if r.end() || !w.isText(r.options) {
		r.wrong()
		return ""
	}
	r.at++
	return w.text
}

// name reads a name, quoted or not.
func (r *reader) name() string {
	w := r.peek(0)
	if r.end() || w.quoted == 0 && !isNameByte(w.text[0]) || w.quoted == '\'' {
		r.wrong()
		return ""
	}
	r.at++
	return w.text
}

// number reads a whole number.
func (r *reader) number() int64 {
	w := r.peek(0)
	n := int64(0)
	if r.end() || w.quoted != 0 {
		r.wrong()
		return 0
	}
	for _, c := range []byte(w.text) {
		if c < '0' || c > '9' || n > 1<<40 {
			r.wrong()
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	r.at++
	return n
}

// Limits of names, in characters.
const (
	maxUser = 32
	maxHost = 255
)

// account reads user[@host]; without host it is %.
func (r *reader) account() Name {
	if r.accept("CURRENT_USER") || r.is("USER", "(") && r.accept("USER") {
		if r.accept("(") {
			r.expect(")")
		}
		return r.current
	}
	return r.named()
}

// named reads user[@host] where CURRENT_USER does not stand.
func (r *reader) named() Name {
	w := r.peek(0)
	if r.end() || w.quoted == 0 && !isNameByte(w.text[0]) {
		r.wrong()
		return Name{}
	}
	r.at++
	n := Name{User: w.text, Host: "%"}
	if r.accept("@") {
		h := r.peek(0)
		if r.at >= len(r.words) || h.quoted == 0 && !isNameByte(h.text[0]) && h.text != "%" {
			r.wrong()
			return n
		}
		r.at++
		n.Host = strings.ToLower(h.text)
		if n.Host == "" {
			n.Host = "%"
		}
	}
	if len([]rune(n.User)) > maxUser {
		r.fail(mysqlerr.New(mysql.ER_WRONG_STRING_LENGTH, n.User, "user name", maxUser))
	}
	if len([]rune(n.Host)) > maxHost {
		r.fail(mysqlerr.New(mysql.ER_WRONG_STRING_LENGTH, n.Host, "host name", maxHost))
	}
	return n
}

// list reads one or more, parted by commas.
func (r *reader) list(one func()) {
	one()
	for r.accept(",") {
		one()
	}
}

// accounts reads a list of accounts.
func (r *reader) accounts() []Name {
	var list []Name
	r.list(func() { list = append(list, r.account()) })
	return list
}

// finish checks that nothing follows.
func (r *reader) finish() error {
	if r.err == nil && r.at < len(r.words) {
		r.wrong()
	}
	return r.err
}

// Redact puts <secret> in the place of passwords and verifiers, for those who look at what others do.
func Redact(text string) string {
	upper := strings.ToUpper(text)
	if !strings.Contains(upper, "PASSWORD") && !strings.Contains(upper, "IDENTIFIED") {
		return text
	}
	words := split([]byte(text), Options{})
	var b strings.Builder
	last := 0
	for i, w := range words {
		if w.quoted != '\'' && w.quoted != '"' || !isSecret(words[:i]) {
			continue
		}
		end := len(text)
		if _, next := quotedText([]byte(text), w.start, true); next < end {
			end = next
		}
		b.WriteString(text[last:w.start])
		b.WriteString("<secret>")
		last = end
	}
	return b.String() + text[last:]
}

// isSecret reports whether a text behind the words is a password or verifier.
func isSecret(before []word) bool {
	at := func(n int) string {
		if len(before) < n || before[len(before)-n].quoted != 0 {
			return ""
		}
		return strings.ToUpper(before[len(before)-n].text)
	}
	switch at(1) {
	case "BY", "REPLACE", "AS":
		return true
	case "(":
		return at(2) == "PASSWORD"
	case "=":
		for i := max(0, len(before)-12); i < len(before); i++ {
			if before[i].quoted == 0 && strings.EqualFold(before[i].text, "PASSWORD") {
				return true
			}
		}
	}
	return false
}
