package dialect

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// newParser gives vitess's parser, with the version up to which it reads version comments.
var newParser = sync.OnceValue(func() *sqlparser.Parser {
	p, err := sqlparser.New(sqlparser.Options{MySQLServerVersion: "8.4.99"})
	if err != nil { // the options are constants
		return sqlparser.NewTestParser()
	}
	return p
})

// parsed is a statement with what its tree has lost.
type parsed struct {
	statement sqlparser.Statement
	// items holds the source text of each expression of each select list; the n-th SELECT of the
	// text has the comment /*n*/.
	items [][]string
	// depths holds the level of parentheses of the set operator before each SELECT.
	depths []int
	// lockNames are the tables that FOR UPDATE OF and FOR SHARE OF name, by the number of their SELECT.
	lockNames map[int][]string
	// warnings say what is deprecated. spaced: see adapter.
	warnings   []*mysqlerr.Error
	spaced     int
	spacedName string
	// assigns: the text sets user variables by :=.
	assigns bool
}

// parse parses a fingerprint's text, or any other MySQL text in the parser's own mode.
func parse(text []byte) (*parsed, error) {
	m := marker{s: scanner{src: text}}
	marked := m.run()
	if m.adapt.contradiction {
		return nil, mysqlerr.New(mysql.ER_WRONG_USAGE, "ALL", "DISTINCT")
	}
	statement, err := parseStatement(string(marked))
	if err != nil && m.nameless {
		return nil, mysqlerr.New(mysql.ER_DERIVED_MUST_HAVE_ALIAS)
	}
	if err != nil {
		return nil, parseError(text, err)
	}
	return &parsed{statement: statement, items: m.items, depths: m.depths, lockNames: m.lockNames, warnings: m.adapt.warnings,
		spaced: m.adapt.spaced, spacedName: m.adapt.spacedName, assigns: bytes.Contains(text, []byte(":="))}, nil
}

// parseStatement runs the parser. Where that panics, the text is one that it does not know.
func parseStatement(text string) (statement sqlparser.Statement, err error) {
	defer func() {
		if recover() != nil {
			statement, err = nil, errUnknownForm
		}
	}()
	return newParser().ParseStrictDDL(text)
}

var errUnknownForm = errors.New("the statement has a form that the parser does not know")

// parseError turns the parser's error into MySQL's 1064 for the given text.
func parseError(text []byte, err error) error {
	if errors.Is(err, errUnknownForm) {
		return unsupported("this form of a statement")
	}
	plain := ascii(text)
	_, again := parseStatement(string(plain))
	if again == nil {
		again = err
	}
	var p sqlparser.PositionedErr
	if !errors.As(again, &p) {
		return mysqlerr.Newf(1064, "%s", again.Error())
	}
	at := min(max(p.Pos-1, 0), len(text))
	if p.Near != "" {
		from := max(0, at-len(p.Near)-3)
		if i := bytes.LastIndex(plain[from:at], []byte(p.Near)); i >= 0 {
			at = from + i
			if at > 0 && (text[at-1] == '\'' || text[at-1] == '"' || text[at-1] == '`') {
				at--
			}
		}
		if at > 0 && plain[at-1] == '@' {
			at--
		}
	} else if at = len(text); p.Pos >= 2 && p.Pos-2 < len(text) && !endsEarly(plain, p.Pos) {
		at = p.Pos - 2 // a single character of punctuation, which the parser does not name
	}
	return syntaxError(text, at)
}

// endsEarly reports whether the error at a place is that the text ends there, rather than its last character.
func endsEarly(text []byte, pos int) bool {
	if pos <= len(text) {
		return false
	}
	_, err := parseStatement(string(text) + " zzz")
	var p sqlparser.PositionedErr
	return !errors.As(err, &p) || p.Pos != pos || p.Near != ""
}

// limitError is 1064 at what stands behind LIMIT and does not belong there.
func limitError(sql []byte, mode SQLMode) error {
	s := scanner{src: sql, mode: mode}
	for t := s.next(); t.kind != tokenEnd && t.kind != tokenBad; t = s.next() {
		if t.kind != tokenWord || lowerWord(sql[t.start:t.end]) != "limit" {
			continue
		}
		for t = s.next(); ; t = s.next() {
			if t.kind != tokenInteger && t.kind != tokenParam {
				return syntaxError(sql, t.start)
			}
			t = s.next()
			if t.kind == tokenOperator && sql[t.start] != ',' && sql[t.start] != ')' && sql[t.start] != ';' {
				return syntaxError(sql, t.start)
			}
			if t.kind != tokenOperator || sql[t.start] != ',' {
				if t.kind != tokenWord || lowerWord(sql[t.start:t.end]) != "offset" {
					break
				}
			}
		}
	}
	return syntaxError(sql, len(sql))
}

// offsetError is 1064 at the comma or OFFSET behind the last LIMIT.
func offsetError(sql []byte, mode SQLMode) error {
	s := scanner{src: sql, mode: mode}
	at, limit := len(sql), false
	for t := s.next(); t.kind != tokenEnd && t.kind != tokenBad; t = s.next() {
		word := ""
		if t.kind == tokenWord {
			word = lowerWord(sql[t.start:t.end])
		}
		switch {
		case word == "limit":
			limit = true
		case limit && (word == "offset" || t.kind == tokenOperator && sql[t.start] == ','):
			at, limit = t.start, false
		}
	}
	return syntaxError(sql, at)
}

// marker rewrites a text for the parser: each SELECT gets a comment with its number, under
// which the texts of its select list are found.
type marker struct {
	s     scanner
	out   []byte
	items [][]string
	lists []*list // one a level of parentheses
	// main is the number of the first SELECT outside of parentheses, or -1.
	main int
	// from: the last word was FROM or JOIN; closed: a derived table has just ended; nameless: one
	// has no name, which the parser takes for a syntax error.
	from, closed, nameless bool
	// statement: the next token may begin a statement or a side of a set operation.
	statement bool
	// lock counts the words of FOR UPDATE or FOR SHARE that have just been read.
	lock int
	// operator is INTERSECT or EXCEPT when the next SELECT is its right side.
	operator string
	adapt    adapter
	// whole is the query in parentheses that has just ended, if it has an order or a limit of its own.
	whole *list
	// depth is the level of parentheses of the last set operator, depths that before each SELECT.
	depth  int
	depths []int
	// lockNames: see parsed.
	lockNames map[int][]string
}

// list is the select list that is being read at one level of parentheses.
type list struct {
	number int // of its SELECT, or -1
	last   int // of the SELECT that began last
	start  int // of the present item in the source, or -1
	end    int
	// derived: the parentheses stand in FROM, and hold a SELECT.
	from, derived bool
	values        bool // VALUES is being read that became a derived table
	// query: the parentheses are around a whole query or a side of a derived table, or this is the text itself; at is their
	// place in the output. ordered: it has ORDER BY or LIMIT, limited: LIMIT, operated: a
	// set operator.
	query, ordered, limited, operated bool
	at                                int
	// with: a WITH clause has begun here, body: the token before was the end of a common table expression, behind which
	// the query itself may stand in parentheses; opened is the place in the output of that parenthesis, plus one.
	with, body bool
	opened     int
}

// valuesEnd ends a VALUES that became a derived table.
const valuesEnd = ") AS `values`"

func (m *marker) run() []byte {
	m.lists, m.main, m.statement = []*list{{number: -1, query: true}}, -1, true
	last := 0
	for {
		t := m.s.next()
		if t.kind == tokenEnd || t.kind == tokenBad {
			m.out = m.adapt.quoteName(t, nil, m.out)
			m.finish()
			m.nameless = m.nameless || m.closed
			if m.lists[len(m.lists)-1].values {
				m.out = append(m.out, valuesEnd...)
			}
			return append(m.out, m.s.src[last:]...)
		}
		if m.locked(t) {
			m.skipNames()
			m.out = append(m.out, m.s.src[last:t.start]...)
			last = m.s.pos
			continue
		}
		m.out = append(m.out, m.s.src[last:t.end]...)
		if t.joined { // the parser does not join strings
			m.out = appendQuoted(m.out[:len(m.out)-(t.end-t.start)], unquote(m.s.src[t.start:t.end], 0))
		}
		m.quote(t)
		m.out = m.adapt.token(t, m.s.src[t.start:t.end], m.out)
		last = m.tighten(t)
		m.step(t)
		m.statement = m.begins(t)
	}
}

// quote puts a name with letters beyond ASCII, which the parser does not know, into quotes.
func (m *marker) quote(t token) {
	src := m.s.src[t.start:t.end]
	if !foreign(src) || t.kind != tokenWord && (t.kind != tokenVariable || bytes.ContainsAny(src, "`'\"")) {
		return
	}
	name := src
	if t.kind == tokenVariable {
		name = src[1:]
	}
	m.out = append(m.out[:len(m.out)-len(name)], '`')
	m.out = append(append(m.out, name...), '`')
}

// foreign reports whether a text has letters beyond ASCII.
func foreign(text []byte) bool {
	return bytes.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) >= 0
}

// ascii is a text with a plain letter in place of each byte of a word that is beyond ASCII, so that places stay.
func ascii(text []byte) []byte {
	if !foreign(text) {
		return text
	}
	out := bytes.Clone(text)
	s := scanner{src: text}
	for t := s.next(); t.kind != tokenEnd && t.kind != tokenBad; t = s.next() {
		for i := t.start; i < t.end && (t.kind == tokenWord || t.kind == tokenVariable); i++ {
			if out[i] >= 0x80 {
				out[i] = 'x'
			}
		}
	}
	return out
}

// locked reports whether the token is OF behind FOR UPDATE or FOR SHARE, which the parser does not know. All tables of
// the query are locked then, not only those named.
func (m *marker) locked(t token) bool {
	word := ""
	if t.kind == tokenWord {
		word = lowerWord(m.s.src[t.start:t.end])
	}
	of := word == "of" && m.lock == 2
	switch {
	case word == "for":
		m.lock = 1
	case m.lock == 1 && (word == "update" || word == "share"):
		m.lock = 2
	default:
		m.lock = 0
	}
	return of
}

// skipNames passes a list of names, and a second locking clause behind it: the first one's lock is taken for all.
func (m *marker) skipNames() {
	if m.lockNames == nil {
		m.lockNames = map[int][]string{}
	}
	n := m.lists[len(m.lists)-1].last
	names := m.lockNames[n]
	defer func() { m.lockNames[n] = names }()
	for {
		t := m.s.next()
		if t.kind != tokenWord && t.kind != tokenName {
			return
		}
		names = append(names, strings.Trim(string(m.s.src[t.start:t.end]), "`"))
		saved := m.s
		t = m.s.next()
		switch {
		case t.kind == tokenOperator && m.s.src[t.start] == ',':
		case t.kind == tokenOperator && m.s.src[t.start] == '.':
			names = names[:len(names)-1]
		case t.kind == tokenWord && lowerWord(m.s.src[t.start:t.end]) == "for" && m.locksAgain():
		default:
			m.s = saved
			return
		}
	}
}

// locksAgain passes UPDATE OF or SHARE OF behind FOR.
func (m *marker) locksAgain() bool {
	m.s.next()
	t := m.s.next()
	return t.kind == tokenWord && lowerWord(m.s.src[t.start:t.end]) == "of"
}

// begins reports whether a statement or a side of a set operation may begin behind the token.
func (m *marker) begins(t token) bool {
	if t.kind == tokenOperator {
		return m.s.src[t.start] == '('
	}
	switch lowerWord(m.s.src[t.start:t.end]) {
	case "union", "intersect", "except", "all", "distinct":
		return t.kind == tokenWord
	}
	return false
}

func (m *marker) step(t token) {
	src := m.s.src[t.start:t.end]
	top := m.lists[len(m.lists)-1]
	m.derivedName(t, src)
	m.orderedAgain(t, src, top)
	if t.kind != tokenOperator || src[0] != '(' && src[0] != ')' {
		top.body = false
	}
	if top.values && endsValues(t, src) {
		top.values = false
		m.out = append(append(m.out[:len(m.out)-len(src)], valuesEnd+" "...), src...)
	}
	switch {
	case t.kind == tokenOperator && m.punctuation(t, src[0], top), t.kind == tokenWord && m.word(src, top):
		return
	}
	m.extend(t)
}

// punctuation takes an operator, and reports whether it is no part of an item.
func (m *marker) punctuation(t token, c byte, top *list) bool {
	switch c {
	case '(':
		m.extend(t)
		inner := &list{number: -1, from: m.from, query: m.statement && (top.query || top.from), at: len(m.out) - 1}
		if top.body {
			inner.body, inner.opened = true, len(m.out)
		}
		m.lists = append(m.lists, inner)
		m.from = false
		return true
	case ')':
		if len(m.lists) > 1 {
			m.finish()
			m.closed = top.derived
			if top.query && top.ordered {
				m.whole = top
			}
			m.lists = m.lists[:len(m.lists)-1]
			if outer := m.lists[len(m.lists)-1]; outer.with {
				outer.body = true
			}
			m.unwrap(top)
		}
	case ',':
		if top.number >= 0 {
			m.item(top)
			return true
		}
	}
	return false
}

// orderedAgain makes a derived table of a query in parentheses that has an order or a limit and is ordered or limited once more, since the
// parser keeps the last ones only.
func (m *marker) orderedAgain(t token, src []byte, top *list) {
	whole := m.whole
	m.whole = nil
	if t.kind != tokenWord {
		return
	}
	switch word := lowerWord(src); word {
	case "union", "intersect", "except":
		top.operated = true
	case "order", "limit":
		limit := word == "limit"
		top.limited = top.limited || limit
		// The parser keeps an order before a limit, as MySQL does.
		if whole != nil && !top.operated && (whole.limited || !limit) {
			word := len(m.out) - len(src)
			m.out = slices.Concat(m.out[:whole.at], []byte("SELECT * FROM "), m.out[whole.at:word], []byte(" AS `side` "), m.out[word:])
		}
		top.ordered = true
	}
}

// word takes a word, and reports whether it is no part of an item.
func (m *marker) word(src []byte, top *list) bool {
	switch w := lowerWord(src); w {
	case "with":
		top.with = top.with || m.statement || top.opened > 0
	case "table":
		if !m.statement {
			break
		}
		m.out = m.out[:len(m.out)-len(src)]
		m.open(top)
		m.out = append(m.out, " * FROM"...)
		m.items[top.number] = []string{"*"}
		top.number = -1
		return true
	case "values":
		if !m.statement || m.operator == "" { // only what has no other place for its operator
			break
		}
		m.out = m.out[:len(m.out)-len(src)]
		m.open(top)
		m.out = append(m.out, " * FROM (VALUES"...)
		m.items[top.number] = []string{"*"}
		top.number, top.values = -1, true
		return true
	case "select":
		m.out = m.out[:len(m.out)-len(src)]
		m.open(top)
		return true
	case "intersect", "except": // the parser knows UNION only; the next SELECT's comment says what it was
		m.finish()
		m.operator, m.depth = w, len(m.lists)
		m.out = append(m.out[:len(m.out)-len(src)], "UNION"...)
		return true
	case "from":
		if m.fromEnd() {
			break
		}
		m.finish()
		return true
	case "union":
		m.depth = len(m.lists)
		m.finish()
		return true
	case "into", "where", "group", "having", "order", "limit", "for", "lock", "window":
		m.finish()
		return true
	case "distinct", "all", "distinctrow", "high_priority", "straight_join", "sql_small_result", "sql_big_result",
		"sql_buffer_result", "sql_no_cache", "sql_calc_found_rows":
		if top.number >= 0 && top.start < 0 && len(m.items[top.number]) == 0 {
			return true
		}
	}
	return false
}

// open writes a SELECT with its comment.
func (m *marker) open(top *list) {
	m.finish()
	top.derived = top.from
	top.number, top.start = len(m.items), -1
	top.last = top.number
	if len(m.lists) == 1 && m.main < 0 {
		m.main = top.number
	}
	m.items = append(m.items, nil)
	m.depths = append(m.depths, m.depth)
	m.out = append(append(append(m.out, "SELECT /*"...), strconv.Itoa(top.number)+" "+m.operator...), "*/"...)
	m.operator = ""
}

// unwrap takes the parentheses off a whole query behind a WITH clause, with which the parser fails.
func (m *marker) unwrap(l *list) {
	if l.opened == 0 {
		return
	}
	next := m.s
	t := next.next()
	if t.kind != tokenEnd && (t.kind != tokenOperator || next.src[t.start] != ')' && next.src[t.start] != ';') {
		return
	}
	m.out[l.opened-1], m.out[len(m.out)-1] = ' ', ' '
}

// endsValues reports whether the rows of VALUES end before the token.
func endsValues(t token, src []byte) bool {
	if t.kind != tokenWord {
		return t.kind == tokenOperator && src[0] == ')'
	}
	switch lowerWord(src) {
	case "order", "limit", "union", "intersect", "except", "into", "for":
		return true
	}
	return false
}

// fromEnd reports whether the FROM just read belongs to NTH_VALUE(…) FROM FIRST or FROM LAST.
func (m *marker) fromEnd() bool {
	s := m.s
	t := s.next()
	w := lowerWord(s.src[t.start:t.end])
	if t.kind != tokenWord || w != "first" && w != "last" {
		return false
	}
	t = s.next()
	w = lowerWord(s.src[t.start:t.end])
	return t.kind == tokenWord && (w == "over" || w == "respect" || w == "ignore")
}

// derivedName notes a derived table without a name.
func (m *marker) derivedName(t token, src []byte) {
	if m.closed && t.kind != tokenName {
		m.closed = false
		switch w := lowerWord(src); {
		case t.kind != tokenWord:
			m.nameless = true
		case w == "where", w == "order", w == "group", w == "limit", w == "join", w == "left", w == "inner", w == "union", w == "on", w == "having":
			m.nameless = true
		}
	}
	if t.kind == tokenWord {
		w := lowerWord(src)
		m.from = w == "from" || w == "join"
	}
}

// extend takes a token into the present item.
func (m *marker) extend(t token) {
	top := m.lists[len(m.lists)-1]
	if top.number < 0 {
		return
	}
	if top.start < 0 {
		top.start = t.start
	}
	top.end = t.end
}

// item ends the present item.
func (m *marker) item(l *list) {
	if l.start >= 0 {
		m.items[l.number] = append(m.items[l.number], string(m.s.src[l.start:l.end]))
	}
	l.start = -1
}

// finish ends the select list of the present level.
func (m *marker) finish() {
	top := m.lists[len(m.lists)-1]
	if top.number >= 0 {
		m.item(top)
	}
	top.number = -1
}

// mark reads the comment that marker gave to a SELECT: its number, or -1, and the set
// operator before it if that is not UNION.
func mark(s *sqlparser.Select) (number int, operator string) {
	for _, c := range s.Comments.GetComments() {
		text, operator, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(c, "/*"), "*/"), " ")
		if n, err := strconv.Atoi(text); err == nil && ok {
			return n, operator
		}
	}
	return -1, ""
}

// itemsOf returns the source texts of a SELECT's list; nil if they are not known.
func (p *parsed) itemsOf(s *sqlparser.Select) []string {
	if n, _ := mark(s); n >= 0 && n < len(p.items) && len(p.items[n]) == len(s.SelectExprs.Exprs) {
		return p.items[n]
	}
	return nil
}

// itemName is the column name that MySQL makes of the source text of an expression.
func itemName(text string, e sqlparser.Expr) string {
	literal := e
	switch e := e.(type) {
	case *sqlparser.ColName:
		return e.Name.String()
	case *sqlparser.NullVal:
		return "NULL"
	case *sqlparser.IntroducerExpr:
		literal = e.Expr
	case *sqlparser.UnaryExpr:
		if e.Operator == sqlparser.NStringOp {
			literal = e.Expr
		}
	}
	if l, ok := literal.(*sqlparser.Literal); ok && l.Type == sqlparser.StrVal {
		return metadataName(strings.TrimLeft(firstString(text, l.Val), " \t\r\n"))
	}
	text = strings.ReplaceAll(text, concatMark, "||")
	text = strings.ReplaceAll(text, tightNot, "")
	text, _, _ = strings.Cut(text, "\x00")
	if l, ok := literal.(*sqlparser.Literal); ok && literal == e && (l.Type == sqlparser.IntVal || l.Type == sqlparser.DecimalVal || l.Type == sqlparser.FloatVal) {
		text = strings.TrimRight(strings.TrimLeft(text, "+( \t\r\n"), ") \t\r\n") // without a sign
	}
	if len(text) > 256 {
		text = strings.ToValidUTF8(text[:256], "")
	}
	return metadataName(text)
}

// metadataName is a name as MySQL's metadata holds it, in utf8mb3: a question mark stands for what that does not have.
func metadataName(name string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return '?'
		}
		return r
	}, name)
}

// firstString is the first of the adjacent strings that a literal is joined of.
func firstString(text, value string) string {
	at := strings.IndexAny(text, `'"`)
	if at < 0 {
		return value
	}
	s := scanner{src: []byte(text), pos: at}
	if !s.quoted(text[at], true) {
		return value
	}
	return string(unquote([]byte(text[at:s.pos]), 0))
}
