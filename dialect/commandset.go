package dialect

import (
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// planSet plans SET behind this word.
func planSet(c *Context, s *textReader) (*Plan, error) {
	switch {
	case s.is("TRANSACTION"), s.is("GLOBAL", "TRANSACTION"), s.is("SESSION", "TRANSACTION"), s.is("LOCAL", "TRANSACTION"):
		return planSetTransaction(s)
	case s.is("PASSWORD"), s.is("ROLE"), s.is("DEFAULT", "ROLE"), s.is("RESOURCE", "GROUP"):
		return nil, unsupported("SET " + strings.ToUpper(s.raw(s.token())))
	}
	p := &Plan{HasSideEffects: true}
	var list []SetVariable
	s.commas(func() { list = append(list, s.assignments(c, p)...) })
	if err := s.finish(); err != nil {
		return nil, err
	}
	p.Command = Set{Assignments: list}
	return p, nil
}

// planSetTransaction plans SET [scope] TRANSACTION.
func planSetTransaction(s *textReader) (*Plan, error) {
	t := SetTransaction{Scope: strings.ToLower(s.one("GLOBAL", "SESSION", "LOCAL"))}
	if t.Scope == "local" {
		t.Scope = "session"
	}
	s.expect("TRANSACTION")
	s.commas(func() {
		switch {
		case t.Access == "" && s.accept("READ", "ONLY"):
			t.Access = "READ ONLY"
		case t.Access == "" && s.accept("READ", "WRITE"):
			t.Access = "READ WRITE"
		case t.Isolation != "":
			s.wrong()
		default:
			s.expect("ISOLATION", "LEVEL")
			switch {
			case s.accept("READ", "COMMITTED"):
				t.Isolation = "READ-COMMITTED"
			case s.accept("READ", "UNCOMMITTED"):
				t.Isolation = "READ-UNCOMMITTED"
			case s.accept("REPEATABLE", "READ"):
				t.Isolation = "REPEATABLE-READ"
			case s.accept("SERIALIZABLE"):
				t.Isolation = "SERIALIZABLE"
			default:
				s.wrong()
			}
		}
	})
	if err := s.finish(); err != nil {
		return nil, err
	}
	return &Plan{Command: t}, nil
}

// assignments reads one assignment of SET, which may come to several.
func (s *textReader) assignments(c *Context, p *Plan) []SetVariable {
	switch {
	case s.accept("NAMES"):
		return s.names()
	case s.is("CHARSET"), s.is("CHARACTER", "SET"), s.is("CHAR", "SET"):
		if !s.accept("CHARSET") {
			s.at += 2
		}
		return s.characterSet(c)
	}
	v := s.variable()
	if !s.accept("=") && !s.accept(":=") {
		s.wrong()
	}
	s.setValue(c, p, &v)
	return []SetVariable{v}
}

// names reads SET NAMES behind these words.
func (s *textReader) names() []SetVariable {
	v := SetVariable{Scope: "names", Name: "names"}
	if s.accept("DEFAULT") {
		v.Default = true
		return []SetVariable{v}
	}
	charset, collation := s.word(), ""
	if s.accept("COLLATE") {
		collation = s.word()
	}
	if s.err == nil {
		_, name, err := charsetNames(charset, collation)
		if err != nil {
			s.fail(err)
		}
		v.Value, v.Warnings = constantValue(txn.TextString(name)), charsetWarnings(charset, collation)
	}
	return []SetVariable{v}
}

// charsetNames resolves a character set and a collation, which may be empty, to their names.
func charsetNames(charset, collation string) (string, string, error) {
	cs, ok := schemas.LookupCharset(charset)
	if !ok {
		return "", "", mysqlerr.New(mysql.ER_UNKNOWN_CHARACTER_SET, charset)
	}
	if collation == "" {
		return cs.Name, cs.DefaultCollation, nil
	}
	co := schemas.LookupCollation(collation)
	if co == nil {
		return "", "", mysqlerr.New(mysql.ER_UNKNOWN_COLLATION, collation)
	}
	if co.Charset != cs.Name {
		return "", "", mysqlerr.New(mysql.ER_COLLATION_CHARSET_MISMATCH, co.Name, cs.Name)
	}
	return cs.Name, co.Name, nil
}

// characterSet reads SET CHARACTER SET behind these words: what comes and goes is in that
// character set, what is compared in the database's.
func (s *textReader) characterSet(c *Context) []SetVariable {
	connection := SetVariable{Scope: "session", Name: "collation_connection", Value: constantValue(txn.TextString(databaseCollation(c)))}
	if s.accept("DEFAULT") {
		return []SetVariable{{Scope: "names", Name: "names", Default: true}, connection}
	}
	charset := s.word()
	if s.err != nil {
		return nil
	}
	name, _, err := charsetNames(charset, "")
	if err != nil {
		s.fail(err)
	}
	value := constantValue(txn.TextString(name))
	return []SetVariable{{Scope: "session", Name: "character_set_client", Value: value},
		{Scope: "session", Name: "character_set_results", Value: value}, connection}
}

// databaseCollation is the collation of the default database.
func databaseCollation(c *Context) string {
	if d := c.Catalog.Database(c.Database); d != nil && d.Collation != "" {
		return d.Collation
	}
	return "utf8mb4_0900_ai_ci"
}

// constantValue is the Value of an assignment of a constant.
func constantValue(v txn.Value) func(Executor, Environment, Binding) (txn.Value, error) {
	return func(Executor, Environment, Binding) (txn.Value, error) { return v, nil }
}

// variable reads the left side of an assignment.
func (s *textReader) variable() SetVariable {
	v := SetVariable{Scope: "session"}
	if t := s.token(); t.kind == tokenVariable && s.err == nil {
		s.at++
		raw := s.raw(t)
		if !strings.HasPrefix(raw, "@@") {
			if raw == "@" {
				s.fail(mysqlerr.Newf(3061, "User variable name '' is illegal"))
			}
			return SetVariable{Scope: "user", Name: userVariableName(raw)}
		}
		name := strings.Trim(raw[2:], "`")
		if name == "" { // @@`x`, or @@ and a space
			name = s.anyName()
		}
		scope, rest, ok := strings.Cut(name, ".")
		if !ok {
			scope, rest = "session", name
			if s.accept(".") {
				scope, rest = name, s.anyName()
			}
		} else if rest == "" {
			rest = s.anyName()
		}
		v.Scope, v.Name = strings.ToLower(scope), rest
	} else {
		switch scope := s.one("GLOBAL", "SESSION", "LOCAL", "PERSIST", "PERSIST_ONLY"); {
		case scope != "" && (s.is("=") || s.is(":=")):
			v.Name = scope
		case scope != "":
			v.Scope, v.Name = strings.ToLower(scope), s.name()
		default:
			if v.Name = s.name(); s.accept(".") {
				v.Name += "." + s.anyName()
			}
		}
	}
	switch v.Scope {
	case "local":
		v.Scope = "session"
	case "persist_only":
		v.Scope = "persist"
	case "session", "global", "persist":
	default:
		s.fail(mysqlerr.New(mysql.ER_UNKNOWN_SYSTEM_VARIABLE, v.Scope+"."+v.Name))
	}
	v.Name = strings.ToLower(v.Name)
	if s.err == nil && LookupVariable(v.Name) == nil {
		s.fail(mysqlerr.New(mysql.ER_UNKNOWN_SYSTEM_VARIABLE, v.Name))
	}
	return v
}

// userVariableName is the name of @name, with or without quotes; its case does not matter.
func userVariableName(raw string) string {
	name := strings.TrimPrefix(raw, "@")
	if len(name) > 1 && (name[0] == '`' || name[0] == '\'' || name[0] == '"') {
		name = string(unquote([]byte(name), NoBackslashEscapes))
	}
	return strings.ToLower(name)
}

// setValue reads the right side of an assignment.
func (s *textReader) setValue(c *Context, p *Plan, v *SetVariable) {
	if s.err != nil {
		return
	}
	from := s.at
	for depth := 0; !s.end() && (depth > 0 || !s.is(",")); s.at++ {
		switch {
		case s.is("("):
			depth++
		case s.is(")"):
			depth--
		}
	}
	if s.at == from {
		s.wrong()
		return
	}
	first := s.list[from]
	if s.at == from+1 && v.Scope != "user" && first.kind == tokenName { // "ANSI" is a name where double quotes make one
		v.Value = constantValue(txn.TextString(string(unquote(s.src[first.start:first.end], NoBackslashEscapes))))
		return
	}
	if s.at == from+1 && v.Scope != "user" && first.kind == tokenWord && c.Locals.find(s.raw(first)) == nil {
		switch word := s.raw(first); {
		case strings.EqualFold(word, "DEFAULT"):
			v.Default = true
			return
		case !strings.EqualFold(word, "NULL") && !strings.EqualFold(word, "TRUE") && !strings.EqualFold(word, "FALSE"):
			v.Value = constantValue(txn.TextString(word))
			return
		}
	}
	var t schemas.Type
	v.Value, t = s.expressionFor(c, p, from, nil)
	v.Sort = expression.SortOfVariable(t)
}

// expressionValue compiles the expression of the tokens from the given one to the present one.
func (s *textReader) expressionValue(c *Context, p *Plan, from int) func(Executor, Environment, Binding) (txn.Value, error) {
	value, _ := s.expressionFor(c, p, from, nil)
	return value
}

// expressionFor is expressionValue for a variable of a program, or for none, and the expression's type.
func (s *textReader) expressionFor(c *Context, p *Plan, from int, targets *Targets) (func(Executor, Environment, Binding) (txn.Value, error), schemas.Type) {
	own := *c
	own.Mode &^= ANSIQuotes // text() has rewritten the names
	own.Targets = targets
	before := p.Params
	own.Arguments = c.Arguments[min(before, len(c.Arguments)):]
	q, err := planSelectText(&own, "SELECT ("+s.text(from, s.at)+")")
	if err != nil {
		s.fail(err)
		return nil, schemas.Type{}
	}
	if len(q.Columns) != 1 {
		s.fail(mysqlerr.New(mysql.ER_OPERAND_COLUMNS, 1))
		return nil, schemas.Type{}
	}
	p.Params += q.Params
	p.typed = p.typed || q.typed
	p.variables = append(p.variables, q.variables...)
	p.Writes = p.Writes || q.Writes
	p.indirect = append(p.indirect, q.indirect...)
	p.Databases = append(p.Databases, q.Databases...)
	p.Tables = append(p.Tables, q.Tables...)
	p.need(q.Needs)
	return func(x Executor, e Environment, b Binding) (txn.Value, error) {
		value := txn.Null()
		rows := 0
		b.Args, b.Raw = b.Args[min(before, len(b.Args)):], b.Raw[min(before, len(b.Raw)):]
		err := q.Query.Run(x, e, b, func(row []txn.Value) error {
			if rows++; rows > 1 {
				return mysqlerr.New(mysql.ER_SUBQUERY_NO_1_ROW)
			}
			value = row[0].Clone()
			return nil
		})
		return value, err
	}, q.Columns[0].Type
}
