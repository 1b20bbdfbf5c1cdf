package expression

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"sync"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/mysql/collations/colldata"
	"vitess.io/vitess/go/mysql/icuregex"
)

// Like is a LIKE pattern ESCAPE escape, or NOT LIKE. A nil escape is the backslash; an empty
// string means that there is none.
func Like(a, pattern Operand, escape *Operand, not bool) (Operand, error) {
	nullable := a.Nullable || pattern.Nullable || pattern.Param || a.Param
	if isNull(a) || isNull(pattern) {
		return boolean("NULL", true), nil
	}
	common, err := commonCollation("like", []Operand{a, pattern}, true)
	if err != nil {
		return a, err
	}
	escapeSQL := `'\'`
	if escape != nil {
		e, err := asText(*escape)
		if err != nil {
			return a, err
		}
		if c := escape.Constant; c != nil && !c.IsNull() && len([]rune(c.String())) > 1 && escape.Type.IsInteger() ||
			e.Constant != nil && len([]rune(string(e.Constant.Bytes()))) > 1 {
			return a, mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "ESCAPE")
		}
		escapeSQL = e.SQL
	}
	left, err := asText(a)
	if err != nil {
		return a, err
	}
	right, err := asText(pattern)
	if err != nil {
		return a, err
	}
	for _, one := range []*Operand{&left, &right} {
		if besideBytes(*one, common.collation) {
			if one.SQL, err = asBytes(*one); err != nil {
				return a, err
			}
		}
	}
	sql := call("marmot_like", left.SQL, right.SQL, escapeSQL, quoteText(common.collation))
	if not {
		return boolean("(NOT "+sql+")", nullable), nil
	}
	if escape == nil {
		sql = likeRange(a, right, common.collation) + sql
	}
	return boolean("("+sql+")", nullable), nil
}

// likeRange is a condition that every match of a constant pattern meets and that an index serves:
// the column begins as the pattern does. Only where the collation compares letter by letter and
// nothing sorts below the end of a string.
func likeRange(a, pattern Operand, collation string) string {
	c := schemas.LookupCollation(collation)
	if c == nil || c.PadSpace || a.Constant != nil || !isPlainText(a.Type) || a.Type.Collation != collation ||
		pattern.Constant == nil || strings.ContainsAny(a.SQL, "( ") {
		return ""
	}
	text := string(pattern.Constant.Bytes())
	end := strings.IndexAny(text, `%_\`)
	if end <= 0 {
		return ""
	}
	column, prefix := a.SQL+collateSQL(collation), text[:end]
	return column + " >= " + quoteText(prefix) + " AND " + column + " <= " + quoteText(prefix+strings.Repeat("\U0010FFFF", 3)) + " AND "
}

// Regexp is a REGEXP pattern, or NOT REGEXP.
func Regexp(a, pattern Operand, not bool) (Operand, error) {
	out, err := Call("regexp_like", []Operand{a, pattern})
	if err == nil && not {
		out.SQL = "(NOT " + out.SQL + ")"
	}
	return out, err
}

// What bounds a patternCache: patterns of each kind, and bytes of one, for a pattern may be a column's value.
const (
	patternCacheLimit = 1000
	patternCacheBytes = 4 << 10
)

// patternCache holds compiled patterns of LIKE and REGEXP. It serves all connections of a Set.
type patternCache struct {
	mu      sync.RWMutex
	likes   map[string]colldata.WildcardPattern
	regexps map[string]*icuregex.Pattern
}

func newPatternCache() *patternCache {
	return &patternCache{likes: map[string]colldata.WildcardPattern{}, regexps: map[string]*icuregex.Pattern{}}
}

func (c *patternCache) like(pattern, escape []byte, collation *schemas.Collation) colldata.WildcardPattern {
	key := collation.Name + "\x00" + string(escape) + "\x00" + string(pattern)
	c.mu.RLock()
	p := c.likes[key]
	c.mu.RUnlock()
	if p != nil {
		return p
	}
	// A rune that no text holds: 0 would be MySQL's backslash to vitess.
	sign := rune(math.MaxInt32)
	if len(escape) > 0 {
		sign = []rune(string(escape))[0]
	}
	p = collation.LikePattern(bytes.Clone(pattern), sign) // it keeps the pattern, which is SQLite's
	if len(pattern) > patternCacheBytes {
		return p
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.likes) >= patternCacheLimit {
		clear(c.likes)
	}
	c.likes[key] = p
	return p
}

func (c *patternCache) regexp(pattern string, flags icuregex.RegexpFlag) (*icuregex.Pattern, error) {
	key := string(rune('0'+flags)) + pattern
	c.mu.RLock()
	p := c.regexps[key]
	c.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	if pattern == "" {
		return nil, mysqlerr.New(errRegexpIllegal)
	}
	p, err := icuregex.CompileString(pattern, flags)
	if err != nil {
		return nil, compileError(err)
	}
	if len(pattern) > patternCacheBytes {
		return p, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.regexps) >= patternCacheLimit {
		clear(c.regexps)
	}
	c.regexps[key] = p
	return p, nil
}

// likeFunction is marmot_like(x, pattern, escape, collation).
func likeFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	if args[0].IsNull() || args[1].IsNull() {
		return txn.Null(), nil
	}
	collation := schemas.LookupCollation(string(args[3].Bytes()))
	if collation == nil || collation.Rules() == nil {
		return txn.Null(), mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, string(args[3].Bytes()))
	}
	escape := textOf(args[2])
	if len([]rune(string(escape))) > 1 {
		return txn.Null(), mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "ESCAPE")
	}
	text, pattern := textOf(args[0]), textOf(args[1])
	return boolValue(r.patterns.like(pattern, escape, collation).Match(text)), nil
}

// MySQL's errors on regular expressions.
const (
	errRegexpIllegal    = 3685
	errRegexpOutOfRange = 3686
	errRegexpInternal   = 3687
	errRegexpSyntax     = 3688
	errRegexpGroupName  = 3887
	errRegexpCharsets   = 3995
	errRegexpNumber     = 4007
)

func compileError(err error) error {
	var e *icuregex.CompileError
	if !errors.As(err, &e) {
		return mysqlerr.New(errRegexpInternal)
	}
	code, ok := map[icuregex.CompileErrorCode]uint16{
		icuregex.BadEscapeSequence: 3689, icuregex.Unimplemented: 3690, icuregex.MismatchedParen: 3691,
		icuregex.BadInterval: 3692, icuregex.MaxLtMin: 3693, icuregex.InvalidBackRef: 3694, icuregex.LookBehindLimit: 3695,
		icuregex.MissingCloseBracket: 3696, icuregex.InvalidRange: 3697, icuregex.PatternTooBig: 3700,
		icuregex.PropertySyntax: errRegexpIllegal, icuregex.InvalidFlag: errRegexpIllegal,
		icuregex.NumberTooBig: errRegexpNumber, icuregex.InvalidCaptureGroupName: errRegexpGroupName,
	}[e.Code]
	if !ok {
		return mysqlerr.New(errRegexpSyntax, e.Line, e.Offset)
	}
	return mysqlerr.New(code)
}

func matchError(err error) error {
	var e *icuregex.MatchError
	if errors.As(err, &e) && e.Code == icuregex.StackOverflow {
		return mysqlerr.New(3698)
	}
	return mysqlerr.New(3699)
}

// regexpCall is what the REGEXP functions share: a matcher over the text as characters.
type regexpCall struct {
	text    []rune
	pattern []byte
	matcher *icuregex.Matcher
}

// regexpOf compiles the pattern. flags are the match_type letters; the last argument of each
// function is the collation, which says whether case counts.
func (r *runtime) regexpOf(text, pattern, flags, collation txn.Value) (*regexpCall, error) {
	var f icuregex.RegexpFlag
	if strings.Contains(string(collation.Bytes()), "_ci") {
		f |= icuregex.CaseInsensitive
	}
	for _, c := range textOf(flags) {
		switch c {
		case 'c':
			f &^= icuregex.CaseInsensitive
		case 'i':
			f |= icuregex.CaseInsensitive
		case 'm':
			f |= icuregex.Multiline
		case 'n':
			f |= icuregex.DotAll
		case 'u':
			f |= icuregex.UnixLines
		default:
			return nil, mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "regexp_like")
		}
	}
	p, err := r.patterns.regexp(string(textOf(pattern)), f)
	if err != nil {
		return nil, err
	}
	return &regexpCall{text: []rune(string(textOf(text))), pattern: textOf(pattern), matcher: icuregex.NewMatcher(p)}, nil
}

// find moves to the n-th match at or after the character start, and reports whether there is one.
func (c *regexpCall) find(start, n int) (bool, error) {
	c.matcher.Reset(c.text[start:])
	for range max(n, 1) {
		found, err := c.matcher.Find()
		if err != nil {
			return false, matchError(err)
		}
		if !found {
			return false, nil
		}
	}
	return true, nil
}

// place reads an argument of a function as a position from 1, up to most; without it 1. Functions other than REGEXP_INSTR
// take no position below 1 for one at all.
func (r *runtime) place(args []txn.Value, i, most int, function string) (int, error) {
	if i >= len(args)-1 {
		return 0, nil
	}
	n := r.integer(args[i])
	if n < 1 && function != "" {
		return 0, mysqlerr.New(mysql.ER_WRONG_PARAMETERS_TO_NATIVE_FCT, function)
	}
	if n < 1 || n > int64(most) && n > 1 {
		return 0, mysqlerr.New(errRegexpOutOfRange)
	}
	return int(n - 1), nil
}

func optional(args []txn.Value, i int) txn.Value {
	if i < len(args)-1 {
		return args[i]
	}
	return txn.Null()
}

func (r *runtime) optionalInt(args []txn.Value, i int, otherwise int64) int64 {
	if i < len(args)-1 {
		return r.integer(args[i])
	}
	return otherwise
}

func regexpLike(r *runtime, args []txn.Value) (txn.Value, error) {
	c, err := r.regexpOf(args[0], args[1], optional(args, 2), args[len(args)-1])
	if err != nil {
		return txn.Null(), err
	}
	found, err := c.find(0, 1)
	return boolValue(found), err
}

func regexpInstr(r *runtime, args []txn.Value) (txn.Value, error) {
	c, err := r.regexpOf(args[0], args[1], optional(args, 5), args[len(args)-1])
	if err != nil {
		return txn.Null(), err
	}
	start, err := r.place(args, 2, len(c.text), "")
	if err != nil {
		return txn.Null(), err
	}
	option := r.optionalInt(args, 4, 0)
	if option != 0 && option != 1 {
		return txn.Null(), mysqlerr.Newf(mysql.ER_WRONG_ARGUMENTS, "Incorrect arguments to regexp_instr: return_option must be 1 or 0.")
	}
	found, err := c.find(start, int(r.optionalInt(args, 3, 1)))
	switch {
	case err != nil || !found:
		return txn.Int(0), err
	case option == 1:
		return txn.Int(int64(start + c.matcher.End() + 1)), nil
	}
	return txn.Int(int64(start + c.matcher.Start() + 1)), nil
}

func regexpSubstr(r *runtime, args []txn.Value) (txn.Value, error) {
	c, err := r.regexpOf(args[0], args[1], optional(args, 4), args[len(args)-1])
	if err != nil {
		return txn.Null(), err
	}
	start, err := r.place(args, 2, len(c.text)+1, "regexp_substr")
	if err != nil {
		return txn.Null(), err
	}
	found, err := c.find(start, int(r.optionalInt(args, 3, 1)))
	if err != nil || !found {
		return txn.Null(), err
	}
	return txn.TextString(string(c.text[start+c.matcher.Start() : start+c.matcher.End()])), nil
}

func regexpReplace(r *runtime, args []txn.Value) (txn.Value, error) {
	c, err := r.regexpOf(args[0], args[1], optional(args, 5), args[len(args)-1])
	if err != nil {
		return txn.Null(), err
	}
	start, err := r.place(args, 3, len(c.text)+1, "regexp_replace")
	if err != nil {
		return txn.Null(), err
	}
	only := int(r.optionalInt(args, 4, 0))
	replacement := []rune(string(textOf(args[2])))
	out := append([]rune(nil), c.text[:start]...)
	rest := c.text[start:]
	c.matcher.Reset(rest)
	at := 0
	for n := 1; ; n++ {
		found, err := c.matcher.Find()
		if err != nil {
			return txn.Null(), matchError(err)
		}
		if !found {
			break
		}
		if only > 0 && n != only {
			continue
		}
		out = append(out, rest[at:c.matcher.Start()]...)
		if out, err = c.expand(out, rest, replacement); err != nil {
			return txn.Null(), err
		}
		if len(out) > maxPacket {
			return r.tooLong("regexp_replace")
		}
		at = c.matcher.End()
	}
	text := string(append(out, rest[at:]...))
	if len(text) > maxPacket {
		return r.tooLong("regexp_replace")
	}
	return txn.TextString(text), nil
}

// expand appends the replacement with $1, ${name} and the like filled in. A backslash at its end means nothing.
func (c *regexpCall) expand(out, text, replacement []rune) ([]rune, error) {
	for i := 0; i < len(replacement); i++ {
		x := replacement[i]
		switch {
		case x == '\\':
			if i++; i < len(replacement) {
				out = append(out, replacement[i])
			}
		case x == '$' && (i+1 == len(replacement) || replacement[i+1] < '0' || replacement[i+1] > '9'):
			group, end := c.named(replacement, i+1)
			if group < 1 {
				return out, mysqlerr.New(errRegexpGroupName)
			}
			if start := c.matcher.StartForGroup(group); start >= 0 {
				out = append(out, text[start:c.matcher.EndForGroup(group)]...)
			}
			i = end
		case x == '$':
			group, digits := 0, 0
			for i+1 < len(replacement) && replacement[i+1] >= '0' && replacement[i+1] <= '9' {
				next := group*10 + int(replacement[i+1]-'0')
				if digits > 0 && next > c.matcher.GroupCount() {
					break
				}
				group, digits, i = next, digits+1, i+1
			}
			if group > c.matcher.GroupCount() {
				return out, mysqlerr.New(errRegexpOutOfRange)
			}
			if start := c.matcher.StartForGroup(group); start >= 0 {
				out = append(out, text[start:c.matcher.EndForGroup(group)]...)
			}
		default:
			out = append(out, x)
		}
	}
	return out, nil
}

// named finds the group of a {name} that begins at a place, and the place of its end; 0 if there is none.
func (c *regexpCall) named(replacement []rune, at int) (group, end int) {
	if at == len(replacement) || replacement[at] != '{' {
		return 0, at
	}
	for end = at + 1; end < len(replacement); end++ {
		if replacement[end] == '}' {
			return groupNamed(c.pattern, string(replacement[at+1:end])), end
		}
	}
	return 0, at
}

// groupNamed is the number of a pattern's group (?<name>…), or 0.
func groupNamed(pattern []byte, name string) int {
	groups, class := 0, false
	for i := 0; i < len(pattern); i++ {
		switch rest := pattern[i:]; {
		case pattern[i] == '\\':
			if bytes.HasPrefix(rest, []byte(`\Q`)) {
				i += max(bytes.Index(rest, []byte(`\E`)), 1) - 1
			}
			i++
		case pattern[i] == '[':
			class = true
		case pattern[i] == ']':
			class = false
		case pattern[i] != '(' || class:
		case !bytes.HasPrefix(rest, []byte("(?")):
			groups++
		case bytes.HasPrefix(rest, []byte("(?<")) && len(rest) > 3 && rest[3] != '=' && rest[3] != '!':
			if groups++; bytes.HasPrefix(rest[3:], []byte(name+">")) {
				return groups
			}
		}
	}
	return 0
}

// sameBytes refuses bytes beside text among the arguments of a REGEXP function, which MySQL does not convert.
func sameBytes(function string, args []Operand) error {
	first := -1
	for i, a := range args {
		if !a.Type.IsBlob() && !a.Type.IsText() || a.Param || isNull(a) {
			return nil
		}
		if first < 0 {
			first = i
		}
		if a.Type.IsBlob() != args[first].Type.IsBlob() {
			return mysqlerr.Newf(errRegexpCharsets, "Character set '%s' cannot be used in conjunction with '%s' in call to %s.",
				strengthOf(args[first]).collation, strengthOf(a).collation, function)
		}
	}
	return nil
}
