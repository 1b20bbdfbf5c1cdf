package dialect

import (
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// leaf reads a statement of SQL up to its semicolon.
func (p *programParser) leaf() node {
	s := p.s
	from := s.at
	for s.err == nil && !s.end() && !s.is(";") {
		s.at++
	}
	if s.err != nil || s.at == from {
		s.wrong()
		return nil
	}
	n := &leaf{scope: p.scope, word: strings.ToUpper(s.raw(s.list[from]))}
	n.text = p.source(from, s.at)
	if err := p.allowed(from, n); err != nil {
		s.fail(err)
		return nil
	}
	switch n.word {
	case "SELECT", "WITH", "(", "VALUES", "TABLE":
		p.into(n, from, s.at)
		n.rows = n.into == nil && !strings.Contains(strings.ToUpper(n.text), "INTO OUTFILE")
		if s.err == nil {
			p.checkSyntax("", n.text, "", from)
		}
	case "INSERT", "REPLACE", "UPDATE", "DELETE":
		p.checkSyntax("", n.text, "", from)
	case "SHOW", "EXPLAIN", "DESCRIBE", "DESC", "CHECK", "ANALYZE", "OPTIMIZE", "REPAIR", "CHECKSUM", "HELP":
		n.rows = true
	case "EXECUTE":
		if from+2 < s.at && !strings.EqualFold(s.raw(s.list[from+2]), "USING") { // IMMEDIATE is a name
			s.at = from + 2
			s.wrong()
			return nil
		}
		p.knownStatement(from, n)
	case "END", "ELSE", "ELSEIF", "THEN", "WHEN", "UNTIL", "DECLARE":
		s.at = from
		s.wrong()
		return nil
	default:
		p.knownStatement(from, n)
	}
	if n.rows && p.restricted() && s.err == nil && p.declaring(from) {
		s.fail(mysqlerr.New(mysql.ER_SP_NO_RETSET, strings.ToLower(string(p.r.program.Kind))))
	}
	p.r.answers = p.r.answers || n.word == "EXECUTE" || n.rows && p.declaring(from)
	p.r.leaves = append(p.r.leaves, n)
	return n
}

// declaring reports whether the leaf that begins at the token is not the query of a cursor.
func (p *programParser) declaring(from int) bool {
	return from < 2 || !strings.EqualFold(p.s.raw(p.s.list[from-1]), "FOR") || !strings.EqualFold(p.s.raw(p.s.list[from-2]), "CURSOR")
}

// knownStatement refuses a text that begins no statement.
func (p *programParser) knownStatement(from int, n *leaf) {
	r := *p.s
	r.list = append(append([]token{}, p.s.list[from:p.s.at]...), token{kind: tokenEnd, start: p.s.list[p.s.at-1].end, end: p.s.list[p.s.at-1].end})
	r.at, r.err = 0, nil
	if r.grammar() == nil && r.err == nil && n.word != "XA" {
		p.s.at = min(from+1, p.s.at) // the word itself might be a label
		p.s.wrong()
	}
}

// allowed refuses the statements that a program may not hold.
func (p *programParser) allowed(from int, n *leaf) error {
	second := ""
	if from+1 < p.s.at {
		second = strings.ToUpper(p.s.raw(p.s.list[from+1]))
	}
	switch n.word {
	case "USE":
		return mysqlerr.New(mysql.ER_SP_BADSTATEMENT, n.word)
	case "LOCK", "UNLOCK":
		return mysqlerr.New(mysql.ER_SP_BADSTATEMENT, n.word)
	case "LOAD":
		return mysqlerr.New(mysql.ER_SP_BADSTATEMENT, "LOAD DATA")
	case "CREATE", "ALTER", "DROP":
		if err := p.allowedDefinition(from, n.word); err != nil {
			return err
		}
	}
	if !p.restricted() {
		return nil
	}
	switch n.word {
	case "PREPARE", "EXECUTE", "DEALLOCATE":
		return mysqlerr.New(mysql.ER_STMT_NOT_ALLOWED_IN_SF_OR_TRG, "Dynamic SQL")
	case "FLUSH":
		return mysqlerr.New(mysql.ER_STMT_NOT_ALLOWED_IN_SF_OR_TRG, "FLUSH")
	case "CREATE", "DROP":
		if second == "TEMPORARY" {
			return nil
		}
	case "ROLLBACK":
		if second == "TO" || second == "WORK" && from+2 < p.s.at && strings.EqualFold(p.s.raw(p.s.list[from+2]), "TO") {
			return nil
		}
	case "COMMIT", "START", "BEGIN", "ALTER", "TRUNCATE", "RENAME", "GRANT", "REVOKE", "ANALYZE", "OPTIMIZE", "REPAIR", "CHECK":
	default:
		return nil
	}
	return mysqlerr.Newf(mysql.ER_COMMIT_NOT_ALLOWED_IN_SF_OR_TRG, "Explicit or implicit commit is not allowed in stored function or trigger.")
}

// allowedDefinition refuses the definition of programs inside of a program.
func (p *programParser) allowedDefinition(from int, verb string) error {
	for i := from + 1; i < min(from+16, p.s.at); i++ {
		t := p.s.list[i]
		if t.kind != tokenWord {
			continue
		}
		switch word := strings.ToUpper(p.s.raw(t)); word {
		case "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT":
			switch {
			case word == "EVENT" && verb != "DROP":
				return mysqlerr.New(mysql.ER_EVENT_RECURSION_FORBIDDEN)
			case verb == "CREATE":
				return mysqlerr.New(mysql.ER_SP_NO_RECURSIVE_CREATE, word)
			case word == "PROCEDURE" || word == "FUNCTION":
				return mysqlerr.New(mysql.ER_SP_NO_DROP_SP, word)
			}
			return nil
		case "VIEW":
			if verb == "ALTER" {
				return mysqlerr.New(mysql.ER_SP_BADSTATEMENT, "ALTER VIEW")
			}
			return nil
		case "TABLE", "DATABASE", "SCHEMA", "INDEX", "USER", "TEMPORARY", "ROLE":
			return nil
		}
	}
	return nil
}

// into takes INTO and the variables behind it out of a SELECT.
func (p *programParser) into(n *leaf, from, to int) {
	s := p.s
	depth := 0
	for i := from; i < to; i++ {
		switch raw := s.raw(s.list[i]); {
		case raw == "(" && s.list[i].kind == tokenOperator:
			depth++
		case raw == ")" && s.list[i].kind == tokenOperator:
			depth--
		case depth == 0 && s.list[i].kind == tokenWord && strings.EqualFold(raw, "INTO"):
			if next := s.raw(s.list[i+1]); strings.EqualFold(next, "OUTFILE") || strings.EqualFold(next, "DUMPFILE") {
				return
			}
			end := p.intoTargets(n, i+1, to)
			if s.err != nil {
				return
			}
			n.text = p.source(from, i)
			if end < to {
				n.text += " " + p.source(end, to)
			}
			return
		}
	}
}

// intoTargets reads the variables of INTO from the token at, and returns the place behind them.
func (p *programParser) intoTargets(n *leaf, at, to int) int {
	s := p.s
	for {
		t := s.list[at]
		switch {
		case at >= to:
			s.fail(syntaxError(s.src, t.start))
			return to
		case t.kind == tokenVariable && !strings.HasPrefix(s.raw(t), "@@"):
			n.into = append(n.into, target{user: userVariableName(s.raw(t))})
		case s.isName(t):
			name := unquotedName(s.raw(t))
			if at+2 < to && s.raw(s.list[at+1]) == "." {
				name += "." + unquotedName(s.raw(s.list[at+2]))
				at += 2
			}
			v := p.scope.find(name)
			if v == nil {
				s.fail(mysqlerr.New(mysql.ER_SP_UNDECLARED_VAR, name))
				return to
			}
			n.into = append(n.into, target{local: v})
		default:
			s.fail(syntaxError(s.src, t.start))
			return to
		}
		if at++; at >= to || s.raw(s.list[at]) != "," {
			return at
		}
		at++
	}
}

// set reads SET: assignments of the program's variables, and any others, which stay statements.
func (p *programParser) set() node {
	s := p.s
	start := s.at
	s.at++
	if s.is("TRANSACTION") || s.is("NAMES") || s.is("CHARACTER") || s.is("CHARSET") || s.is("PASSWORD") || s.is("ROLE") ||
		s.is("DEFAULT") || s.is("RESOURCE") || s.is("GLOBAL") || s.is("SESSION") || s.is("LOCAL") || s.is("PERSIST") || s.is("PERSIST_ONLY") {
		s.at = start
		return p.leaf()
	}
	var list []node
	s.commas(func() {
		if n := p.assignment(); n != nil {
			list = append(list, n)
		}
	})
	if len(list) == 1 {
		return list[0]
	}
	return &block{body: list}
}

// assignment reads one assignment of SET.
func (p *programParser) assignment() node {
	s := p.s
	from := s.at
	var v *Local
	switch {
	case s.err != nil:
		return nil
	case s.raw(s.ahead(1)) == "." && (s.is("NEW") || s.is("OLD")) && (p.r.newRow >= 0 || p.r.oldRow >= 0 || p.r.program.Kind == schemas.Trigger):
		if v = p.rowColumn(); v == nil {
			return nil
		}
	case s.isName(s.token()) && (s.raw(s.ahead(1)) == "=" || s.raw(s.ahead(1)) == ":="):
		name := unquotedName(s.raw(s.token()))
		if v = p.scope.find(name); v == nil && LookupVariable(name) == nil {
			s.fail(mysqlerr.New(mysql.ER_UNKNOWN_SYSTEM_VARIABLE, name))
			return nil
		}
		if v != nil {
			s.at++
		}
	}
	if v == nil {
		p.skipExpression()
		n := &leaf{text: "SET " + p.source(from, s.at), scope: p.scope, word: "SET"}
		p.r.leaves = append(p.r.leaves, n)
		return n
	}
	if !s.accept("=") {
		s.expect(":=")
	}
	if s.is("DEFAULT") && (s.raw(s.ahead(1)) == ";" || s.raw(s.ahead(1)) == "," || s.ahead(1).kind == tokenEnd) {
		s.at++
		return &assign{target: *v, useDefault: true}
	}
	return &assign{target: *v, value: p.expression()}
}

// rowColumn reads NEW.column, which SET changes.
func (p *programParser) rowColumn() *Local {
	s := p.s
	row := strings.ToUpper(s.raw(s.token()))
	s.at += 2
	name := s.anyName()
	switch {
	case row == "OLD":
		s.fail(mysqlerr.New(mysql.ER_TRG_CANT_CHANGE_ROW, row, ""))
		return nil
	case p.r.newRow < 0:
		s.fail(mysqlerr.New(mysql.ER_TRG_NO_SUCH_ROW_IN_TRG, row, "on DELETE"))
		return nil
	}
	v := p.scope.find(row + "." + name)
	switch {
	case s.err != nil:
		return nil
	case v == nil:
		s.fail(mysqlerr.New(mysql.ER_BAD_FIELD_ERROR, name, row))
	case v.Fixed:
		s.fail(mysqlerr.New(mysql.ER_TRG_CANT_CHANGE_ROW, row, "after "))
	}
	return v
}
