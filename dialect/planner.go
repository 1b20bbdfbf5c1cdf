package dialect

import (
	"bytes"
	"errors"
	"strings"
	"sync"

	"marmot/dialect/expression"
	"marmot/dialect/fulltext"
	"marmot/mysqlerr"
	"marmot/sqlext"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// Options configure a Planner.
type Options struct {
	CacheSize int // plans kept; 0 is 10,000
}

// Planner plans statements. Many goroutines may use it at once.
type Planner struct {
	cache    *planCache
	pool     sync.Pool // of *normalizer
	routines routineCache
}

// NewPlanner builds a Planner with an empty cache.
func NewPlanner(o Options) *Planner {
	if o.CacheSize <= 0 {
		o.CacheSize = 10000
	}
	return &Planner{cache: newPlanCache(o.CacheSize), pool: sync.Pool{New: func() any { return new(normalizer) }}}
}

// Plan plans one statement of the text protocol. The literals of the result share sql's bytes,
// which must stay until the statement has run. Errors are MySQL's.
func (p *Planner) Plan(c *Context, sql []byte) (Bound, error) {
	return p.bound(c, sql, false)
}

// Prepare plans a statement that may hold parameters.
func (p *Planner) Prepare(c *Context, sql []byte) (*Bound, error) {
	b, err := p.bound(c, bytes.Clone(sql), true)
	if err != nil {
		return nil, err
	}
	return &b, nil
}

// bound plans a statement. One of the text protocol may hold no parameters.
func (p *Planner) bound(c *Context, sql []byte, parameters bool) (Bound, error) {
	if rest, ok := passthrough(sql); ok {
		plan, err := planPassthrough(c, rest)
		return Bound{Plan: plan}, err
	}
	n := p.pool.Get().(*normalizer)
	defer p.pool.Put(n)
	if err := n.run(sql, c.Mode); err != nil {
		return Bound{}, err
	}
	if len(n.text) == 0 {
		return Bound{}, mysqlerr.New(mysql.ER_EMPTY_QUERY)
	}
	if n.params > 0 && !parameters {
		_, err := p.plan(c, n, sql)
		return Bound{}, parameterError(sql, n.param, err)
	}
	general := c
	if len(c.Arguments) > 0 {
		own := *c
		own.Arguments = nil
		general = &own
	}
	plan, err := p.plan(general, n, sql)
	if err == nil && plan.typed && general != c {
		plan, err = p.plan(c, n, sql)
	}
	if err != nil {
		return Bound{}, err
	}
	return Bound{Plan: plan, Literals: n.values()}, nil
}

// parameterError is the syntax error of a text that is not prepared and holds a parameter at the given place, unless err is one
// before it.
func parameterError(sql []byte, at int, err error) error {
	if mysqlerr.Code(err) == mysql.ER_PARSE_ERROR {
		if _, near, ok := strings.Cut(err.Error(), " near '"); ok {
			near = near[:max(0, strings.LastIndex(near, "' at line "))]
			if i := bytes.Index(sql, []byte(near)); near != "" && i >= 0 && i < at {
				return err
			}
		}
	}
	return syntaxError(sql, at)
}

// SyntaxError is MySQL's error 1064 near the first token of the rest of a text, without the semicolons at its end.
func SyntaxError(text, rest []byte) error {
	s := scanner{src: rest}
	at := len(text) - len(rest) + s.next().start
	text = bytes.TrimRight(text, "; \t\r\n")
	return syntaxError(text, min(at, len(text)))
}

// plan takes the plan from the cache, or makes it.
func (p *Planner) plan(c *Context, n *normalizer, sql []byte) (*Plan, error) {
	key := cacheKey(n.key[:0], c, n.text)
	n.key = key
	if plan := p.cache.get(key); plan != nil && plan.fits(c) {
		return plan, nil
	}
	own := *c
	own.planner = p
	plan, cached, err := planText(&own, n, sql)
	if err == nil && cached {
		p.cache.put(key, plan)
	}
	return plan, err
}

// values copies the literals out of the reused normalizer; the bytes stay the statement's.
func (n *normalizer) values() []txn.Value {
	if len(n.literals)+len(n.rows) == 0 {
		return nil
	}
	list := make([]txn.Value, 0, len(n.literals)+len(n.rows))
	return append(append(list, n.literals...), n.rows...)
}

// planText plans a statement that the cache does not know. It reports whether the plan may be cached.
func planText(c *Context, n *normalizer, sql []byte) (*Plan, bool, error) {
	if err := checkDepth(n.text); err != nil {
		return nil, false, err
	}
	text := string(n.text)
	own := text // the statement as the client wrote it
	if n.version {
		c.written = writtenStatement(sql, c.Mode)
	} else {
		own = trimStatement(sql, c.Mode)
	}
	if n.plain {
		if plan, err, ok := planRaw(c, own); ok {
			return plan, false, err
		}
	}
	if plan, err, ok := planExport(c, own); ok {
		return plan, false, err
	}
	p, err := parse(n.text)
	if err != nil {
		return nil, false, located(sql, c.Mode, err)
	}
	if p.spaced > 0 && c.Mode&IgnoreSpace == 0 {
		return nil, false, spacedCall(c, p, sql)
	}
	plan, err := planStatement(c, p, own, len(n.literals))
	if errors.Is(err, errLimit) {
		return nil, false, limitError(sql, c.Mode)
	}
	if errors.Is(err, errOffset) {
		return nil, false, offsetError(sql, c.Mode)
	}
	if err != nil {
		return nil, false, err
	}
	if plan.Params != n.params && plan.Params < n.params {
		plan.Params = n.params
	}
	return plan, plan.DDL == nil && len(text) < maxCachedText, nil
}

// spacedCall is the error for a function like COUNT with a space before its parenthesis: it is taken for a stored one.
func spacedCall(c *Context, p *parsed, sql []byte) error {
	s := scanner{src: sql, mode: c.Mode}
	name := ""
	for t := s.next(); t.kind != tokenEnd && t.kind != tokenBad; t = s.next() {
		if t.kind == tokenOperator && sql[t.start] == '(' && strings.EqualFold(name, p.spacedName) {
			if next := s.next(); next.kind == tokenOperator && sql[next.start] == '*' {
				return syntaxError(sql, next.start)
			}
			break
		}
		name = string(sql[t.start:t.end])
	}
	if c.Database == "" {
		return mysqlerr.New(mysql.ER_NO_DB_ERROR)
	}
	return mysqlerr.New(mysql.ER_FUNC_INEXISTENT_NAME_COLLISION, c.Database+"."+strings.ToUpper(name))
}

// maxCachedText bounds what one plan may add to the cache's keys.
const maxCachedText = 64 << 10

// located reports a syntax error at its place in the client's own text rather than in the fingerprint's.
func located(sql []byte, mode SQLMode, err error) error {
	if mysqlerr.Code(err) != mysql.ER_PARSE_ERROR || mode&(ANSIQuotes|NoBackslashEscapes) != 0 {
		return err
	}
	return parseError(sql, err)
}

// trimStatement is a statement without the comments and white space around it.
func trimStatement(sql []byte, mode SQLMode) string {
	s := scanner{src: sql, mode: mode}
	first := s.next()
	end := first.end
	var inside blocks
	for t := first; t.kind != tokenEnd && t.kind != tokenBad; t = s.next() {
		inside.step(sql, t)
		if t.kind == tokenOperator && sql[t.start] == ';' && !inside.open() {
			break
		}
		end = t.end
	}
	return string(sql[first.start:end])
}

// writtenStatement is trimStatement with the marks of version comments before and behind the statement.
func writtenStatement(sql []byte, mode SQLMode) string {
	text := trimStatement(sql, mode)
	at := bytes.Index(sql, []byte(text))
	start, end := at, at+len(text)
	if mark := bytes.Index(sql[:start], []byte("/*!")); mark >= 0 {
		start = mark
	}
	s := scanner{src: sql[:end], mode: mode}
	for t := s.next(); t.kind != tokenEnd && t.kind != tokenBad; t = s.next() {
	}
	if n := bytes.Index(sql[end:], []byte("*/")); s.inVersion && n >= 0 {
		end += n + 2
	}
	return string(sql[start:end])
}

// planStatement plans a parsed statement.
func planStatement(c *Context, p *parsed, text string, literals int) (*Plan, error) {
	k := newCompiler(c, p)
	k.literals = literals
	switch t := p.statement.(type) {
	case sqlparser.TableStatement:
		plan, err := k.planQuery(t)
		if mysqlerr.Code(err) == mysql.ER_WRONG_FIELD_WITH_GROUP && c.Allowed != nil { // columns that may not be read come first
			if denied := c.Allowed(k.needs); denied != nil {
				return nil, denied
			}
		}
		return plan, err
	case *sqlparser.Insert:
		return k.planInsert(t)
	case *sqlparser.Update:
		return k.planUpdate(t)
	case *sqlparser.Delete:
		return k.planDelete(t)
	case sqlparser.DDLStatement, sqlparser.DBDDLStatement:
		return planDDL(c, p.statement, text)
	}
	return planCommand(c, p.statement, text)
}

// planSelectText plans a SELECT in MySQL's SQL, as SHOW and DESCRIBE are made of.
func planSelectText(c *Context, sql string) (*Plan, error) {
	p, err := parse([]byte(sql))
	if err != nil {
		return nil, err
	}
	t, ok := p.statement.(sqlparser.TableStatement)
	if !ok {
		return nil, unsupported("statement")
	}
	return newCompiler(c, p).planQuery(t)
}

// cacheKey is what a plan depends on, as bytes.
func cacheKey(dst []byte, c *Context, text []byte) []byte {
	put := func(n uint64) {
		for range 8 {
			dst = append(dst, byte(n))
			n >>= 8
		}
	}
	put(c.Catalog.Version)
	put(uint64(c.Mode))
	put(c.SelectLimit)
	put(uint64(c.DivisionDelta))
	flags := byte(0)
	for i, set := range []bool{c.NoForeignKeys, c.NoUniqueChecks, c.FoundRows, len(c.Arguments) > 0, c.Raw} {
		if set {
			flags |= 1 << i
		}
	}
	dst = append(dst, flags)
	for _, kind := range c.Arguments { // how many they are, the text says
		dst = append(dst, byte(kind))
	}
	dst = append(append(dst, c.Database...), 0)
	dst = append(append(dst, c.Collation...), 0)
	dst = append(append(dst, c.Locale...), 0)
	if c.Locals != nil {
		dst = append(append(dst, c.Locals.key...), 0)
	}
	if c.Targets != nil {
		dst = append(append(dst, c.Targets.key...), 1)
	}
	return append(dst, text...)
}

// Extensions lists all that emitted SQL needs of SQLite: the functions, aggregates and collations
// of expressions, and those of statements.
func Extensions() sqlext.Set {
	set := expression.Extensions()
	set.Functions = append(set.Functions, statementFunctions()...)
	set.Functions = append(set.Functions, fulltext.Functions()...)
	return set
}

// passthrough recognises /*sqlite*/ and returns the SQLite text behind it.
func passthrough(sql []byte) ([]byte, bool) {
	return bytes.CutPrefix(bytes.TrimSpace(sql), []byte("/*sqlite*/"))
}
