package dialect

import (
	"slices"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxProgramDepth bounds the nesting of blocks and loops in a program.
const maxProgramDepth = 200

// programParser reads the body of a stored program.
type programParser struct {
	s     *textReader
	c     *Context
	r     *routine
	table tableBuilder // knows the character set of the program's database
	scope *Locals
	// names are the conditions and cursors that are visible, the innermost last.
	conditions []namedCondition
	cursors    []*cursorDeclaration
	labels     []programLabel
	depth      int
	// inHandler counts the handlers around.
	inHandler int
}

// namedCondition is DECLARE … CONDITION.
type namedCondition struct {
	name string
	is   condition
}

// programLabel is a label that is visible; a loop's can be iterated.
type programLabel struct {
	name string
	loop bool
	// wall: labels before it are of a block around a handler, and out of reach.
	wall bool
}

// newProgramParser begins the parsing of a program of the database that p names.
func newProgramParser(c *Context, s *textReader, p *schemas.Program) *programParser {
	x := &programParser{s: s, c: c, r: &routine{program: p, mode: SQLMode(p.Mode), newRow: -1, oldRow: -1}}
	x.table = tableBuilder{c: c, s: s, table: &schemas.Table{Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}}
	collation := p.DatabaseCollation
	if d := c.Catalog.Database(p.Database); collation == "" && d != nil {
		collation = d.Collation
	}
	if co := schemas.LookupCollation(collation); co != nil {
		x.table.table.Charset, x.table.table.Collation = co.Charset, co.Name
	}
	return x
}

// variable gives a new variable its slot and makes it visible.
func (p *programParser) variable(v Local) Local {
	v.Slot = p.r.slots
	p.r.slots++
	p.scope = p.scope.with(v)
	return v
}

// dataType reads a type with its character set.
func (p *programParser) dataType(name string) (schemas.Type, string) {
	from := p.s.at
	w := p.s.columnType()
	if p.s.err != nil {
		return schemas.Type{}, ""
	}
	if p.s.accept("COLLATE") {
		w.collation = p.s.word()
	}
	text := p.source(from, p.s.at)
	t, _, err := p.table.typeOf(name, &w)
	if err != nil {
		p.s.fail(err)
	}
	return t, text
}

// source is the text of the tokens [from, to) as it was written.
func (p *programParser) source(from, to int) string {
	if p.s.err != nil || to <= from {
		return ""
	}
	return string(p.s.src[p.s.list[from].start:p.s.list[to-1].end])
}

// parameters reads the parameters of a procedure or function, without the parentheses around.
func (p *programParser) parameters(function bool) {
	if p.s.end() || p.s.is(")") {
		return
	}
	p.s.commas(func() {
		mode := "IN"
		if !function {
			if m := p.s.one("INOUT", "IN", "OUT"); m != "" {
				mode = m
			}
		}
		name := p.s.name()
		t, text := p.dataType(name)
		for _, other := range p.r.params {
			if strings.EqualFold(other.v.Name, name) {
				p.s.fail(mysqlerr.New(mysql.ER_SP_DUP_PARAM, name))
			}
		}
		p.r.params = append(p.r.params, parameter{mode: mode, v: p.variable(Local{Name: name, Type: t}), text: text})
	})
}

// rows makes NEW and OLD of a trigger visible.
func (p *programParser) rows(t *schemas.Table, on string, after bool) {
	row := func(prefix string, fixed bool) int {
		first := p.r.slots
		for i := range t.Columns {
			c := &t.Columns[i]
			p.variable(Local{Name: prefix + "." + c.Name, Type: c.Type, Fixed: fixed})
		}
		return first
	}
	if on != "INSERT" {
		p.r.oldRow = row("OLD", true)
	}
	if on != "DELETE" {
		p.r.newRow = row("NEW", after)
	}
}

// body reads the statement that a program consists of, to the end of the text.
func (p *programParser) body() error {
	p.r.body = p.statement()
	if err := p.s.finish(); err != nil {
		return err
	}
	if p.r.program.Kind == schemas.Function && !p.r.hasReturn {
		return mysqlerr.New(mysql.ER_SP_NORETURN, p.r.program.Database+"."+p.r.program.Name)
	}
	return nil
}

// statements reads statements, each with its semicolon, up to one of the words.
func (p *programParser) statements(until ...string) []node {
	var list []node
	for p.s.err == nil {
		if slices.ContainsFunc(until, func(w string) bool { return p.s.is(w) }) {
			return list
		}
		if n := p.statement(); n != nil {
			list = append(list, n)
		}
		p.s.expect(";")
	}
	return list
}

// statement reads one statement without its semicolon.
func (p *programParser) statement() node {
	if p.depth++; p.depth > maxProgramDepth {
		p.s.fail(mysqlerr.Newf(mysql.ER_STACK_OVERRUN_NEED_MORE, "Thread stack overrun: the program is nested too deeply"))
	}
	defer func() { p.depth-- }()
	s := p.s
	label := ""
	if t := s.token(); s.err == nil && s.isName(t) && s.raw(s.ahead(1)) == ":" && s.ahead(1).kind == tokenOperator {
		label = s.name()
		s.at++
		if !s.is("BEGIN") && !s.is("LOOP") && !s.is("WHILE") && !s.is("REPEAT") {
			s.wrong()
			return nil
		}
		p.addLabel(label, !s.is("BEGIN"))
		defer func() { p.labels = p.labels[:len(p.labels)-1] }()
	}
	switch {
	case s.accept("BEGIN"):
		return p.block(label)
	case s.accept("LOOP"):
		return p.loop(label)
	case s.accept("WHILE"):
		return p.while(label)
	case s.accept("REPEAT"):
		return p.repeat(label)
	case s.accept("IF"):
		return p.choice()
	case s.accept("CASE"):
		return p.caseOf()
	case s.accept("LEAVE"):
		return p.jump(false)
	case s.accept("ITERATE"):
		return p.jump(true)
	case s.accept("RETURN"):
		return p.giveBack()
	case s.accept("OPEN"):
		return &openCursor{p.cursor()}
	case s.accept("CLOSE"):
		return &closeCursor{p.cursor()}
	case s.accept("FETCH"):
		return p.fetch()
	case s.is("SET"):
		return p.set()
	case s.accept("SIGNAL"):
		return p.signal(false)
	case s.accept("RESIGNAL"):
		return p.signal(true)
	case s.accept("GET"):
		return p.diagnostics()
	case s.accept("CALL"):
		return p.call()
	}
	return p.leaf()
}

func (p *programParser) addLabel(name string, loop bool) {
	for i := len(p.labels) - 1; i >= 0 && !p.labels[i].wall; i-- {
		if strings.EqualFold(p.labels[i].name, name) {
			p.s.fail(mysqlerr.New(mysql.ER_SP_LABEL_REDEFINE, name))
		}
	}
	p.labels = append(p.labels, programLabel{name: name, loop: loop})
}

// endLabel reads the label behind END, which must be the one at the beginning.
func (p *programParser) endLabel(label string) {
	if p.s.err != nil || p.s.end() || !p.s.isName(p.s.token()) {
		return
	}
	if name := p.s.name(); !strings.EqualFold(name, label) {
		p.s.fail(mysqlerr.New(mysql.ER_SP_LABEL_MISMATCH, name))
	}
}

func (p *programParser) loop(label string) node {
	n := &loop{label: label, body: p.statements("END")}
	p.s.expect("END", "LOOP")
	p.endLabel(label)
	return n
}

func (p *programParser) while(label string) node {
	n := &loop{label: label, condition: p.expression("DO")}
	p.s.expect("DO")
	n.body = p.statements("END")
	p.s.expect("END", "WHILE")
	p.endLabel(label)
	return n
}

func (p *programParser) repeat(label string) node {
	n := &loop{label: label, until: true, body: p.statements("UNTIL")}
	p.s.expect("UNTIL")
	n.condition = p.expression("END")
	p.s.expect("END", "REPEAT")
	p.endLabel(label)
	return n
}

// choice reads IF behind this word.
func (p *programParser) choice() node {
	n := &choice{}
	for {
		n.conditions = append(n.conditions, p.expression("THEN"))
		p.s.expect("THEN")
		n.bodies = append(n.bodies, p.statements("ELSEIF", "ELSE", "END"))
		if p.s.err != nil || !p.s.accept("ELSEIF") {
			break
		}
	}
	if p.s.accept("ELSE") {
		n.otherwise = p.statements("END")
	}
	p.s.expect("END", "IF")
	return n
}

// caseOf reads CASE behind this word.
func (p *programParser) caseOf() node {
	n := &selection{}
	if !p.s.is("WHEN") {
		n.value = p.expression("WHEN")
		n.slot = Local{Name: "CASE", Slot: p.r.slots}
		p.r.slots++
	}
	c := &n.choice
	c.total = true
	for p.s.accept("WHEN") {
		c.conditions = append(c.conditions, p.expression("THEN"))
		p.s.expect("THEN")
		c.bodies = append(c.bodies, p.statements("WHEN", "ELSE", "END"))
	}
	if len(c.bodies) == 0 {
		p.s.wrong()
	}
	if p.s.accept("ELSE") {
		c.otherwise, c.total = p.statements("END"), false
	}
	p.s.expect("END", "CASE")
	if n.value == nil {
		return c
	}
	return n
}

func (p *programParser) jump(again bool) node {
	name := p.s.name()
	for i := len(p.labels) - 1; i >= 0 && !p.labels[i].wall; i-- {
		if l := p.labels[i]; strings.EqualFold(l.name, name) && (l.loop || !again) {
			return &jump{label: l.name, again: again}
		}
	}
	word := "LEAVE"
	if again {
		word = "ITERATE"
	}
	p.s.fail(mysqlerr.New(mysql.ER_SP_LILABEL_MISMATCH, word, name))
	return nil
}

func (p *programParser) giveBack() node {
	if p.r.program.Kind != schemas.Function {
		p.s.fail(mysqlerr.New(mysql.ER_SP_BADRETURN))
		return nil
	}
	p.r.hasReturn = true
	return &giveBack{p.expression()}
}

// expression reads an expression up to one of the words, or to the end of the statement.
func (p *programParser) expression(until ...string) *programExpr {
	from := p.s.at
	p.skipExpression(until...)
	if p.s.err == nil && p.s.at == from {
		p.s.wrong()
	}
	return p.expressionOf(from, p.s.at)
}

// skipExpression moves behind an expression: to a word, comma or semicolon outside of parentheses and of CASE … END.
func (p *programParser) skipExpression(until ...string) {
	s := p.s
	parens, cases := 0, 0
	for s.err == nil && !s.end() {
		switch {
		case s.is("("):
			parens++
		case s.is(")"):
			if parens == 0 {
				return
			}
			parens--
		case s.is(";"):
			return
		case s.is(",") && parens == 0:
			return
		case parens == 0 && cases == 0 && slices.ContainsFunc(until, func(w string) bool { return s.is(w) }):
			return
		case s.is("CASE"):
			cases++
		case s.is("END") && cases > 0:
			cases--
		}
		s.at++
	}
}

// expressionOf makes an expression of the tokens [from, to), whose syntax is checked.
func (p *programParser) expressionOf(from, to int) *programExpr {
	e := &programExpr{text: p.source(from, to), scope: p.scope}
	if p.s.err == nil {
		p.checkSyntax("SELECT (", e.text, ")", from)
		p.r.exprs = append(p.r.exprs, e)
	}
	return e
}

// checkSyntax reports a syntax error of a text that stands at a token of the program.
func (p *programParser) checkSyntax(before, text, behind string, at int) {
	if p.s.err != nil {
		return
	}
	var n normalizer
	mode := p.c.Mode
	if err := n.run([]byte(before+text+behind), mode); err == nil {
		_, err = parse(n.text)
		if err == nil || mysqlerr.Code(err) != mysql.ER_PARSE_ERROR {
			return
		}
		p.s.fail(p.misplaced(located([]byte(before+text+behind), mode, err), len(behind), at))
	}
}

// misplaced moves a syntax error of a part of the program to its place in the whole: what it quotes is looked for
// behind the token where the part begins.
func (p *programParser) misplaced(err error, behind, at int) error {
	_, near, ok := strings.Cut(asMySQL(err).Message, " near '")
	if !ok {
		return err
	}
	if i := strings.LastIndex(near, "' at line "); i >= 0 {
		near = near[:i]
	}
	near = near[:max(0, len(near)-behind)]
	start := p.s.list[at].start
	if i := strings.Index(string(p.s.src[start:]), near); i >= 0 && near != "" {
		return syntaxError(p.s.src, start+i)
	}
	return syntaxError(p.s.src, p.s.token().start)
}

func (p *programParser) cursor() *cursorDeclaration {
	name := p.s.name()
	for i := len(p.cursors) - 1; i >= 0; i-- {
		if strings.EqualFold(p.cursors[i].name, name) {
			return p.cursors[i]
		}
	}
	p.s.fail(mysqlerr.New(mysql.ER_SP_CURSOR_MISMATCH, name))
	return nil
}

// fetch reads FETCH [[NEXT] FROM] cursor INTO variables behind the first word.
func (p *programParser) fetch() node {
	if p.s.accept("NEXT") {
		p.s.expect("FROM")
	} else {
		p.s.accept("FROM")
	}
	n := &fetchCursor{cursor: p.cursor()}
	p.s.expect("INTO")
	p.s.commas(func() {
		name := p.s.name()
		v := p.scope.find(name)
		if v == nil {
			p.s.fail(mysqlerr.New(mysql.ER_SP_UNDECLARED_VAR, name))
			return
		}
		n.into = append(n.into, target{local: v})
	})
	return n
}

// call reads CALL behind this word.
func (p *programParser) call() node {
	n := &call{name: ObjectName{Name: p.s.name()}}
	if p.s.accept(".") {
		n.name = ObjectName{n.name.Name, p.s.anyName()}
	}
	if p.s.accept("(") && !p.s.accept(")") {
		p.s.commas(func() {
			from := p.s.at
			p.skipExpression()
			if p.s.at == from {
				p.s.wrong()
			}
			a := callArgument{value: p.expressionOf(from, p.s.at), target: p.targetOf(from, p.s.at)}
			a.text = a.value.text
			n.args = append(n.args, a)
		})
		p.s.expect(")")
	}
	p.r.calls = append(p.r.calls, n)
	return n
}

// targetOf is the variable that the tokens [from, to) are, or nil.
func (p *programParser) targetOf(from, to int) *target {
	if p.s.err != nil {
		return nil
	}
	first := p.s.list[from]
	switch {
	case to-from == 1 && first.kind == tokenVariable && !strings.HasPrefix(p.s.raw(first), "@@"):
		return &target{user: userVariableName(p.s.raw(first))}
	case to-from == 1 && p.s.isName(first):
		if v := p.scope.find(unquotedName(p.s.raw(first))); v != nil {
			return &target{local: v}
		}
	case to-from == 3 && p.s.raw(p.s.list[from+1]) == "." && strings.EqualFold(p.s.raw(first), "new"):
		if v := p.scope.find("NEW." + unquotedName(p.s.raw(p.s.list[from+2]))); v != nil && !v.Fixed {
			return &target{local: v}
		}
	}
	return nil
}

// unquotedName is a name without the quotes around it.
func unquotedName(raw string) string {
	if len(raw) > 1 && (raw[0] == '`' || raw[0] == '"') {
		return string(unquote([]byte(raw), NoBackslashEscapes))
	}
	return raw
}
