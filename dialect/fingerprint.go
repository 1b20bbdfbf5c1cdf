package dialect

import (
	"bytes"
	"math"
	"strconv"

	"marmot/txn"
)

// fingerprint is a statement's text in the form in which the plan cache knows it: comments
// dropped, white space one blank outside select lists, literals of WHERE, VALUES, SET and LIMIT
// replaced by markers. It is also the text that is parsed on a miss.
//
// A marker is :l, a letter for the literal's class, and its number: i an integer, u an integer above
// 2^63-1, s a string, f a float, d a decimal followed by its precision and scale. Rows of VALUES
// that hold nothing but literals are written once, as :r and the place in the row, however many they are.
type fingerprint struct {
	text     []byte
	literals []txn.Value
	params   int
	param    int // where the first of them stands in the source
	// rows is what the literals of collapsed VALUES rows are appended to literals after.
	rows []txn.Value
	// plain: the statement's kind is one whose literals stay in the text.
	plain   bool
	version bool // version comments were read
	first   keyword
}

// keyword is what the fingerprint needs to know of a word.
type keyword uint8

const (
	wordOther  keyword = iota
	wordSelect         // literals stay
	wordFrom
	wordOpen    // WHERE, HAVING, ON, SET, LIMIT, VALUES: literals go
	wordClosed  // GROUP, ORDER, WINDOW, PARTITION: literals stay
	wordBefore  // a word before a parenthesis that is no function call
	wordKeep    // the literal after it belongs to it
	wordAs      // so it does to AS
	wordValue   // VALUE, which INSERT takes for VALUES
	wordValues  // VALUES
	wordInsert  // INSERT, REPLACE
	wordChange  // UPDATE, DELETE
	wordWith    // WITH, TABLE
	wordIsNull  // NULL
	wordExplain // EXPLAIN, DESCRIBE
)

func classify(w []byte) keyword {
	var buf [12]byte
	if len(w) > len(buf) {
		return wordOther
	}
	if w[0] == '_' {
		return wordKeep
	}
	for i, c := range w {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[i] = c
	}
	switch string(buf[:len(w)]) {
	case "select":
		return wordSelect
	case "from":
		return wordFrom
	case "where", "having", "on", "set", "limit":
		return wordOpen
	case "group", "order", "window", "partition", "by":
		return wordClosed
	case "in", "and", "or", "not", "exists", "any", "all", "some", "union", "except", "intersect", "between", "like",
		"is", "xor", "div", "mod", "when", "then", "else", "join", "using", "case", "distinct", "recursive":
		return wordBefore
	case "interval", "date", "time", "timestamp", "escape", "collate", "separator", "n", "charset", "binary":
		return wordKeep
	case "as":
		return wordAs
	case "value":
		return wordValue
	case "values":
		return wordValues
	case "insert", "replace":
		return wordInsert
	case "update", "delete":
		return wordChange
	case "with", "table":
		return wordWith
	case "null":
		return wordIsNull
	case "explain", "describe", "desc":
		return wordExplain
	}
	return wordOther
}

// frame is one level of parentheses.
type frame struct {
	keep   bool // literals stay in the text
	locked bool // and nothing inside changes that
	// list: in a clause of expressions whose text may name a column, so that all inside stays too.
	list bool
}

// normalizer makes fingerprints; it is reused.
type normalizer struct {
	fingerprint
	s      scanner
	frames []frame
	key    []byte // of the plan cache
	// fresh: at the beginning of a list item, where comments belong to no name.
	fresh bool
	word  keyword // of the present token
}

// maxLiterals is how many literals may leave a text: SQLite has a limit of variables.
const maxLiterals = 8000

// run makes the fingerprint of sql. What it holds shares sql's bytes and lives until the next run.
func (n *normalizer) run(sql []byte, mode SQLMode) error {
	n.reset()
	n.s = scanner{src: sql, mode: mode}
	if n.scan(true) {
		return nil
	}
	if len(n.literals) > maxLiterals {
		n.reset()
		n.s = scanner{src: sql, mode: mode}
		if n.scan(false) {
			return nil
		}
	}
	return syntaxError(sql, n.s.pos)
}

func (n *normalizer) reset() {
	n.fingerprint = fingerprint{text: n.text[:0], literals: n.literals[:0]}
	n.frames = append(n.frames[:0], frame{keep: true})
}

// scan goes through the text; with take, literals are taken out. It reports false at a bad token
// or when there are too many literals.
func (n *normalizer) scan(take bool) bool {
	var previous token
	previousWord := wordOther
	keepNext := false
	started, leading := false, false
	var inside blocks
	for {
		t := n.s.next()
		if n.plain || !started {
			inside.step(n.s.src, t)
		}
		switch t.kind {
		case tokenEnd:
			n.version = n.s.sawVersion
			return true
		case tokenBad:
			n.s.pos = t.start
			return false
		case tokenOperator:
			if n.s.src[t.start] == ';' && !inside.open() {
				if started {
					if n.s.next().kind != tokenEnd {
						n.s.pos = t.end
						return false
					}
					n.version = n.s.sawVersion
					return true
				}
				continue
			}
		}
		word := wordOther
		if t.kind == tokenWord && !(previous.kind == tokenOperator && n.s.src[previous.start] == '.' && previous.end == t.start) {
			word = classify(n.s.src[t.start:t.end])
		}
		n.word = word
		if !started {
			started = n.start(t, word)
			leading = started
		} else if leading = leading && n.modifies(t); leading {
			continue
		}
		if take && !n.plain && n.literal(t, word, keepNext) {
			if len(n.literals) > maxLiterals {
				return false
			}
		} else {
			n.write(t)
			if n.s.mode&HighNotPrecedence != 0 && bindsTight(&n.s, t, previous, n.plain) {
				n.text = append(n.text, tightNot...)
			}
			n.step(t, previous, word, previousWord)
		}
		if (word == wordValues || word == wordValue) && take && n.first == wordInsert && len(n.frames) == 1 {
			n.collapse()
		}
		negative := t.kind == tokenOperator && n.s.src[t.start] == '-'
		keepNext = word == wordKeep || word == wordAs || keepNext && negative
		previous, previousWord = t, word
	}
}

// start looks at the first token of the statement.
func (n *normalizer) start(t token, word keyword) bool {
	if t.kind == tokenOperator && n.s.src[t.start] == '(' {
		return false
	}
	n.first = word
	switch word {
	case wordSelect, wordInsert, wordChange, wordWith, wordValues:
	default:
		n.plain = true
	}
	return true
}

// modifies reports whether a word behind INSERT, REPLACE, UPDATE or DELETE only schedules the statement, which InnoDB
// ignores and the parser does not know.
func (n *normalizer) modifies(t token) bool {
	if t.kind != tokenWord || n.first != wordInsert && n.first != wordChange {
		return false
	}
	switch lowerWord(n.s.src[t.start:t.end]) {
	case "low_priority", "high_priority", "delayed", "quick":
		return true
	}
	return false
}

// step follows the clauses and parentheses of the statement.
func (n *normalizer) step(t, previous token, word, previousWord keyword) {
	n.fresh = word == wordSelect || t.kind == tokenOperator && n.s.src[t.start] == ','
	top := &n.frames[len(n.frames)-1]
	switch {
	case t.kind == tokenOperator && n.s.src[t.start] == '(':
		call := previous.kind == tokenWord && (previousWord == wordOther || previousWord == wordKeep || previousWord == wordInsert)
		locked := top.locked || top.list || call
		n.frames = append(n.frames, frame{keep: locked || top.keep, locked: locked})
	case t.kind == tokenOperator && n.s.src[t.start] == ')':
		if len(n.frames) > 1 {
			n.frames = n.frames[:len(n.frames)-1]
		}
	case t.kind != tokenWord:
	case word == wordFrom:
		top.list = false
	case word == wordOpen, word == wordValues, word == wordValue && n.first == wordInsert:
		top.keep, top.list = top.locked, false
	case word == wordSelect, word == wordClosed:
		top.keep, top.list = true, true
	}
}

// write copies a token to the text.
func (n *normalizer) write(t token) {
	n.space(t)
	src := n.s.src[t.start:t.end]
	switch {
	case t.kind == tokenString && n.s.mode&NoBackslashEscapes != 0:
		n.text = appendQuoted(n.text, unquote(src, n.s.mode))
	case t.kind == tokenOperator && len(src) == 2 && src[0] == '|' && n.s.mode&PipesAsConcat != 0:
		n.text = append(n.text, concatMark...) // binds as || does in this mode; see isConcat
	case t.kind == tokenName && src[0] == '"':
		n.text = append(n.text, '`')
		for i := 1; i < len(src)-1; i++ {
			switch src[i] {
			case '`':
				n.text = append(n.text, '`')
			case '"':
				i++
			}
			n.text = append(n.text, src[i])
		}
		n.text = append(n.text, '`')
	default:
		n.text = append(n.text, src...)
	}
	if t.kind == tokenParam {
		if n.params == 0 {
			n.param = t.start
		}
		n.params++
	}
}

// space writes what stands between the last token and t.
func (n *normalizer) space(t token) {
	if len(n.text) == 0 {
		return
	}
	if t.gap == t.start {
		if last := n.text[len(n.text)-1]; isWordByte(last) && isWordByte(n.s.src[t.start]) {
			n.text = append(n.text, ' ')
		}
		return
	}
	top := n.frames[len(n.frames)-1]
	if t.commented && (top.list || top.locked) && !n.plain && !n.fresh && n.word != wordFrom && n.s.src[t.start] != ',' {
		n.text = appendGap(n.text, n.s.src[t.gap:t.start])
		return
	}
	if t.commented || !n.frames[len(n.frames)-1].keep || n.plain {
		if n.text[len(n.text)-1] != ' ' {
			n.text = append(n.text, ' ')
		}
		return
	}
	n.text = append(n.text, n.s.src[t.gap:t.start]...)
}

// appendGap copies the white space and comments between two tokens, as they are part of a column's
// name, without the marks of version comments.
func appendGap(dst, gap []byte) []byte {
	for len(gap) > 0 {
		end := 1
		switch {
		case bytes.HasPrefix(gap, []byte("/*!")):
			if n := skippedVersion(gap); n > 0 {
				gap = gap[n:]
				continue
			}
			gap = gap[3:]
			for len(gap) > 0 && isDigitByte(gap[0]) {
				gap = gap[1:]
			}
			continue
		case bytes.HasPrefix(gap, []byte("*/")):
			gap = gap[2:]
			continue
		case bytes.HasPrefix(gap, []byte("/*")):
			if i := bytes.Index(gap[2:], []byte("*/")); i >= 0 {
				end = i + 4
			}
		case gap[0] == '#', bytes.HasPrefix(gap, []byte("--")):
			if i := bytes.IndexByte(gap, '\n'); i >= 0 {
				end = i + 1
			}
		}
		dst, gap = append(dst, gap[:end]...), gap[end:]
	}
	return dst
}

// skippedVersion is the length of the version comment at the head of a gap if it is one for later versions, which is no part
// of a column's name; otherwise 0.
func skippedVersion(gap []byte) int {
	s := scanner{src: gap}
	if s.comment() && !s.inVersion {
		return s.pos
	}
	return 0
}

// literal takes a literal out of the text. It reports false if t is none, or has to stay.
func (n *normalizer) literal(t token, word keyword, keep bool) bool {
	if keep || n.frames[len(n.frames)-1].keep {
		return false
	}
	src := n.s.src[t.start:t.end]
	class, v := classLiteral(t, src, n.s.mode)
	if class == 0 {
		return false
	}
	n.space(t)
	n.text = append(n.text, ':', 'l', class)
	if class == 'd' {
		n.text = appendPrecision(n.text, src)
	}
	n.text = strconv.AppendInt(n.text, int64(len(n.literals)), 10)
	n.text = append(n.text, ' ')
	n.literals = append(n.literals, v)
	return true
}

// classLiteral returns the class and the value of a literal token; class 0 is no literal that
// may leave the text.
func classLiteral(t token, src []byte, mode SQLMode) (byte, txn.Value) {
	switch t.kind {
	case tokenInteger:
		if n, ok := parseInteger(src); ok {
			return 'i', txn.Int(n)
		}
	case tokenString:
		return 's', txn.Text(unquote(src, mode))
	case tokenFloat:
		if f, err := strconv.ParseFloat(string(src), 64); err == nil && !math.IsInf(f, 0) {
			return 'f', txn.Real(f)
		}
	case tokenDecimal:
		if len(src) <= 60 {
			return 'd', txn.Text(normalDecimal(src))
		}
	}
	return 0, txn.Value{}
}

// parseInteger reads digits that fit an int64.
func parseInteger(b []byte) (int64, bool) {
	var n int64
	for _, c := range b {
		d := int64(c - '0')
		if n > (math.MaxInt64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// normalDecimal is the stored form of a decimal literal: ".5" is "0.5", "05." is "5".
func normalDecimal(src []byte) []byte {
	for len(src) > 1 && src[0] == '0' && src[1] != '.' {
		src = src[1:]
	}
	if src[len(src)-1] == '.' {
		src = src[:len(src)-1]
	}
	if len(src) == 0 || src[0] == '.' {
		return append([]byte{'0'}, src...)
	}
	return src
}

// appendPrecision writes precision and scale of a decimal literal, each ended by an underscore.
func appendPrecision(dst, src []byte) []byte {
	precision, scale := decimalShape(src)
	dst = append(strconv.AppendInt(dst, int64(precision), 10), '_')
	return append(strconv.AppendInt(dst, int64(scale), 10), '_')
}

func decimalShape(src []byte) (precision, scale int) {
	seen := false
	whole := 0
	for _, c := range src {
		switch {
		case c == '.':
			seen = true
		case seen:
			scale++
		case c != '0' || whole > 0:
			whole++
		}
	}
	return max(whole+scale, 1), scale
}

// appendQuoted quotes a string for the parser.
func appendQuoted(dst, value []byte) []byte {
	dst = append(dst, '\'')
	for i, c := range value {
		switch {
		case c == '\'':
			dst = append(dst, '\'', '\'')
		case c == '\\' && i+1 < len(value) && (value[i+1] == '%' || value[i+1] == '_'):
			dst = append(dst, '\\') // the parser keeps the backslash before these itself
		case c == '\\':
			dst = append(dst, '\\', '\\')
		case c == 0:
			dst = append(dst, '\\', '0')
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\'')
}

// collapse reads the rows after VALUES if they hold nothing but literals, and writes them as one.
func (n *normalizer) collapse() {
	saved := n.s
	width := 0
	var rows []txn.Value
	var end scanner
	for {
		before := len(rows)
		var ok bool
		if rows, ok = n.row(rows); !ok || width > 0 && len(rows)-before != width {
			n.s = saved
			return
		}
		width = len(rows) - before
		end = n.s
		t := n.s.next()
		if t.kind == tokenOperator && n.s.src[t.start] == ',' {
			continue
		}
		break
	}
	n.s = end
	n.rows = rows
	n.text = append(n.text, " ("...)
	for i := range width {
		if i > 0 {
			n.text = append(n.text, ", "...)
		}
		n.text = append(n.text, ":lr"...)
		n.text = strconv.AppendInt(n.text, int64(i), 10)
	}
	n.text = append(n.text, ") "...)
}

// row reads one parenthesized row of literals.
func (n *normalizer) row(rows []txn.Value) ([]txn.Value, bool) {
	if !n.punctuation('(') {
		return rows, false
	}
	for {
		t := n.s.next()
		negative := false
		if t.kind == tokenOperator && n.s.src[t.start] == '-' && t.end == t.start+1 {
			negative = true
			t = n.s.next()
		}
		src := n.s.src[t.start:t.end]
		class, v := classLiteral(t, src, n.s.mode)
		switch {
		case class == 0 && t.kind == tokenWord && !negative && classify(src) == wordIsNull:
		case class == 0, class == 's' && negative:
			return rows, false
		case negative:
			v = negate(v)
		}
		rows = append(rows, v)
		t = n.s.next()
		if t.kind != tokenOperator {
			return rows, false
		}
		switch n.s.src[t.start] {
		case ',':
		case ')':
			return rows, true
		default:
			return rows, false
		}
	}
}

func (n *normalizer) punctuation(c byte) bool {
	t := n.s.next()
	return t.kind == tokenOperator && n.s.src[t.start] == c
}

// negate turns the sign of a literal.
func negate(v txn.Value) txn.Value {
	switch v.Kind() {
	case txn.KindInteger:
		return txn.Int(-v.Int64())
	case txn.KindReal:
		return txn.Real(-v.Float64())
	}
	return txn.Text(append([]byte{'-'}, v.Bytes()...))
}
