package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// block reads BEGIN … END behind the first word.
func (p *programParser) block(label string) node {
	p.s.accept("NOT", "ATOMIC")
	n := &block{label: label}
	scope, conditions, cursors := p.scope, len(p.conditions), len(p.cursors)
	d := declarations{p: p, n: n, firstCondition: conditions, firstCursor: cursors}
	for p.s.err == nil && p.s.accept("DECLARE") {
		d.declare()
		p.s.expect(";")
	}
	n.body = p.statements("END")
	p.s.expect("END")
	p.endLabel(label)
	p.scope, p.conditions, p.cursors = scope, p.conditions[:conditions], p.cursors[:cursors]
	return n
}

// declarations reads the declarations of one block.
type declarations struct {
	p                           *programParser
	n                           *block
	names                       []string // of variables
	firstCondition, firstCursor int
}

// declare reads one declaration behind DECLARE.
func (d *declarations) declare() {
	s := d.p.s
	if s.is("CONTINUE", "HANDLER") || s.is("EXIT", "HANDLER") || s.is("UNDO", "HANDLER") {
		d.handler()
		return
	}
	names := []string{s.name()}
	switch {
	case s.accept("CONDITION"):
		s.expect("FOR")
		d.condition(names[0])
		return
	case s.accept("CURSOR"):
		s.expect("FOR")
		d.cursor(names[0])
		return
	}
	for s.accept(",") {
		names = append(names, s.name())
	}
	d.variables(names)
}

func (d *declarations) variables(names []string) {
	p := d.p
	if len(d.n.handlers) > 0 || len(d.n.cursors) > 0 {
		p.s.fail(mysqlerr.Newf(mysql.ER_SP_VARCOND_AFTER_CURSHNDLR, "Variable or condition declaration after cursor or handler declaration"))
		return
	}
	t, _ := p.dataType(names[0])
	one := declaration{}
	if p.s.accept("DEFAULT") {
		one.value = p.expression()
	}
	for i, name := range names {
		for _, other := range append(d.names, names[:i]...) {
			if strings.EqualFold(other, name) {
				p.s.fail(mysqlerr.New(mysql.ER_SP_DUP_VAR, name))
			}
		}
		one.vars = append(one.vars, p.variable(Local{Name: name, Type: t}))
	}
	d.names = append(d.names, names...)
	d.n.vars = append(d.n.vars, one)
}

func (d *declarations) condition(name string) {
	p := d.p
	if len(d.n.handlers) > 0 || len(d.n.cursors) > 0 {
		p.s.fail(mysqlerr.Newf(mysql.ER_SP_VARCOND_AFTER_CURSHNDLR, "Variable or condition declaration after cursor or handler declaration"))
	}
	for _, other := range p.conditions[d.firstCondition:] {
		if strings.EqualFold(other.name, name) {
			p.s.fail(mysqlerr.New(mysql.ER_SP_DUP_COND, name))
		}
	}
	p.conditions = append(p.conditions, namedCondition{name, p.conditionValue()})
}

func (d *declarations) cursor(name string) {
	p := d.p
	if len(d.n.handlers) > 0 {
		p.s.fail(mysqlerr.Newf(mysql.ER_SP_CURSOR_AFTER_HANDLER, "Cursor declaration after handler declaration"))
	}
	for _, other := range p.cursors[d.firstCursor:] {
		if strings.EqualFold(other.name, name) {
			p.s.fail(mysqlerr.New(mysql.ER_SP_DUP_CURS, name))
		}
	}
	c := &cursorDeclaration{name: name, number: p.r.cursors}
	p.r.cursors++
	if !p.s.is("SELECT") && !p.s.is("WITH") && !p.s.is("(") && !p.s.is("TABLE") && !p.s.is("VALUES") {
		p.s.wrong()
		return
	}
	query, _ := p.leaf().(*leaf)
	if query != nil && query.into != nil {
		p.s.fail(mysqlerr.Newf(mysql.ER_SP_BAD_CURSOR_SELECT, "Cursor SELECT must not have INTO"))
	}
	c.query = query
	p.cursors = append(p.cursors, c)
	d.n.cursors = append(d.n.cursors, c)
}

// handler reads DECLARE … HANDLER behind DECLARE.
func (d *declarations) handler() {
	p := d.p
	h := &handler{}
	switch p.s.one("CONTINUE", "EXIT", "UNDO") {
	case "UNDO":
		p.s.wrong()
	case "EXIT":
		h.exit = true
	}
	p.s.expect("HANDLER", "FOR")
	p.s.commas(func() {
		c := p.handlerCondition()
		for _, other := range h.conditions {
			if other == c {
				p.s.fail(mysqlerr.New(mysql.ER_SP_DUP_HANDLER))
			}
		}
		h.conditions = append(h.conditions, c)
	})
	for _, other := range d.n.handlers {
		for _, a := range other.conditions {
			for _, b := range h.conditions {
				if a == b {
					p.s.fail(mysqlerr.New(mysql.ER_SP_DUP_HANDLER))
				}
			}
		}
	}
	p.labels = append(p.labels, programLabel{wall: true})
	p.inHandler++
	h.body = p.statement()
	p.inHandler--
	p.labels = p.labels[:len(p.labels)-1]
	d.n.handlers = append(d.n.handlers, h)
}

// handlerCondition reads what a handler is for.
func (p *programParser) handlerCondition() condition {
	switch {
	case p.s.accept("SQLWARNING"):
		return condition{class: "SQLWARNING"}
	case p.s.accept("NOT", "FOUND"):
		return condition{class: "NOT FOUND"}
	case p.s.accept("SQLEXCEPTION"):
		return condition{class: "SQLEXCEPTION"}
	case p.s.is("SQLSTATE"), p.s.token().kind == tokenInteger:
		return p.conditionValue()
	}
	return p.namedCondition()
}

// namedCondition reads the name of a condition.
func (p *programParser) namedCondition() condition {
	name := p.s.name()
	for i := len(p.conditions) - 1; i >= 0; i-- {
		if strings.EqualFold(p.conditions[i].name, name) {
			return p.conditions[i].is
		}
	}
	p.s.fail(mysqlerr.New(mysql.ER_SP_COND_MISMATCH, name))
	return condition{}
}

// conditionValue reads a code or SQLSTATE.
func (p *programParser) conditionValue() condition {
	if p.s.accept("SQLSTATE") {
		p.s.accept("VALUE")
		state := p.s.str()
		if p.s.err == nil && !validState(state) {
			p.s.fail(mysqlerr.New(mysql.ER_SP_BAD_SQLSTATE, state))
		}
		return condition{state: state}
	}
	n := p.s.number()
	if p.s.err == nil && (n == 0 || n > 65535) {
		p.s.fail(mysqlerr.Newf(mysql.ER_WRONG_VALUE, "Incorrect CONDITION value: '%d'", n))
	}
	return condition{code: uint16(n)}
}

// validState reports whether a text can be a SQLSTATE that is not success.
func validState(state string) bool {
	if len(state) != 5 || strings.HasPrefix(state, "00") {
		return false
	}
	for _, c := range []byte(state) {
		if !isDigitByte(c) && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// signalItems are the names that SIGNAL may set.
const signalItems = " CLASS_ORIGIN SUBCLASS_ORIGIN MESSAGE_TEXT MYSQL_ERRNO CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME " +
	"CATALOG_NAME SCHEMA_NAME TABLE_NAME COLUMN_NAME CURSOR_NAME "

// signal reads SIGNAL or RESIGNAL behind this word.
func (p *programParser) signal(again bool) node {
	n := &signal{again: again}
	switch {
	case again && (p.s.end() || p.s.is(";") || p.s.is("SET")):
	case p.s.is("SQLSTATE"):
		c := p.conditionValue()
		n.condition = &c
	default:
		c := p.namedCondition()
		if p.s.err == nil && c.state == "" {
			p.s.fail(mysqlerr.Newf(mysql.ER_SIGNAL_BAD_CONDITION_TYPE, "SIGNAL/RESIGNAL can only use a CONDITION defined with SQLSTATE"))
		}
		n.condition = &c
	}
	if !p.s.accept("SET") {
		return n
	}
	p.s.commas(func() {
		name := strings.ToUpper(p.s.name())
		if p.s.err == nil && !strings.Contains(signalItems, " "+name+" ") {
			p.s.at--
			p.s.wrong()
			return
		}
		for _, other := range n.items {
			if other.name == name {
				p.s.fail(mysqlerr.New(mysql.ER_DUP_SIGNAL_SET, name))
			}
		}
		p.s.expect("=")
		n.items = append(n.items, signalItem{name, p.expression()})
	})
	return n
}

// diagnostics reads GET DIAGNOSTICS behind GET.
func (p *programParser) diagnostics() node {
	n := &diagnosticsOf{}
	if !p.s.accept("CURRENT") {
		n.stacked = p.s.accept("STACKED")
	}
	p.s.expect("DIAGNOSTICS")
	known := " NUMBER ROW_COUNT "
	if p.s.accept("CONDITION") {
		from := p.s.at
		p.s.advance()
		if p.s.is(".") {
			p.s.at += 2
		}
		n.number = p.expressionOf(from, p.s.at)
		known = signalItems + "RETURNED_SQLSTATE "
	}
	p.s.commas(func() {
		from := p.s.at
		for p.s.err == nil && !p.s.end() && !p.s.is("=") && !p.s.is(";") {
			p.s.at++
		}
		to := p.targetOf(from, p.s.at)
		if to == nil && p.s.err == nil {
			p.s.at = from
			if p.s.isName(p.s.token()) {
				p.s.fail(mysqlerr.New(mysql.ER_SP_UNDECLARED_VAR, p.s.name()))
			}
			p.s.wrong()
			return
		}
		p.s.expect("=")
		name := strings.ToUpper(p.s.name())
		if p.s.err == nil && !strings.Contains(known, " "+name+" ") {
			p.s.at--
			p.s.wrong()
			return
		}
		if to != nil {
			n.items = append(n.items, diagnosticsItem{*to, name})
		}
	})
	return n
}

// restricted reports whether the program runs inside of another statement.
func (p *programParser) restricted() bool {
	return p.r.program.Kind == schemas.Function || p.r.program.Kind == schemas.Trigger
}
