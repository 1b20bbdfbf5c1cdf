package dialect

import (
	"slices"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"vitess.io/vitess/go/vt/sqlparser"
)

// programUse finds what the programs use that a statement calls or activates: the tables, which must be there when the
// statement begins, and whether rows are written. It goes by the names in the programs' texts, so it may find too much.
type programUse struct {
	k    *compiler
	seen map[any]bool
}

// useProgram notes what a program uses.
func (k *compiler) useProgram(p *schemas.Program) {
	if k.programs.seen == nil {
		k.programs = programUse{k: k, seen: map[any]bool{}}
	}
	k.programs.program(p)
}

func (u *programUse) program(p *schemas.Program) {
	if u.seen[p] {
		return
	}
	u.seen[p] = true
	if p.Kind == schemas.Trigger {
		if t := tableOf(u.k.c.Catalog, p); t != nil {
			u.table(t)
		}
	}
	u.text(p.Body, p.Database, SQLMode(p.Mode))
}

func (u *programUse) table(t *schemas.Table) {
	if u.seen[t] {
		return
	}
	u.seen[t] = true
	if !slices.Contains(u.k.tables, t) {
		u.k.indirect = append(u.k.indirect, t)
	}
	if d := u.k.c.Catalog.Database(t.Database); d != nil {
		for _, p := range d.TriggersOf(t.ID) {
			u.program(p)
		}
		for _, ref := range u.k.c.Catalog.Referencing(t.Database, t.Name) {
			u.table(ref.Child)
		}
		for i := range t.ForeignKeys {
			if parent := u.k.c.Catalog.Table(t.ForeignKeys[i].ReferencedDatabase, t.ForeignKeys[i].ReferencedTable); parent != nil {
				u.table(parent)
			}
		}
	}
}

// text looks through the text of a program or view.
func (u *programUse) text(text, database string, mode SQLMode) {
	x := scanner{src: []byte(text), mode: mode}
	raw := func(t token) string { return unquotedName(text[t.start:t.end]) }
	previous := ""
	t := x.next()
	for t.kind != tokenEnd && t.kind != tokenBad {
		following := x.next()
		if t.kind != tokenWord && t.kind != tokenName {
			previous, t = "", following
			continue
		}
		in, name := database, raw(t)
		word := ""
		if t.kind == tokenWord {
			word = strings.ToUpper(name)
		}
		if isOperator(text, following, ".") {
			if last := x.next(); last.kind == tokenWord || last.kind == tokenName {
				in, name = name, raw(last)
				following = x.next()
			}
		}
		switch word {
		case "INSERT", "UPDATE", "DELETE", "REPLACE":
			u.k.writes = true
		}
		u.name(in, name, previous == "CALL", isOperator(text, following, "("))
		previous, t = word, following
	}
}

func isOperator(text string, t token, what string) bool {
	return t.kind == tokenOperator && text[t.start:t.end] == what
}

// name looks at a name: whether it is that of a table, view or program.
func (u *programUse) name(database, name string, called, function bool) {
	c := u.k.c.Catalog
	if t := c.Table(database, name); t != nil {
		u.table(t)
	}
	if v := c.View(database, name); v != nil && !u.seen[v] {
		u.seen[v] = true
		u.text(v.Select, v.Database, 0)
	}
	if p := c.Program(schemas.Procedure, database, name); p != nil && called {
		u.program(p)
	}
	if p := programOf(c, schemas.Function, database, name); p != nil && function {
		u.program(p)
	}
}

// storedFunction compiles a call of a stored function. It reports false if there is none of that name.
func (s *scope) storedFunction(e *sqlparser.FuncExpr) (o expression.Operand, found bool, err error) {
	k := s.k
	database := e.Qualifier.String()
	if database == "" {
		database = k.c.Database
	}
	program := programOf(k.c.Catalog, schemas.Function, database, e.Name.String())
	if program == nil {
		return o, false, nil
	}
	r, err := k.routine(program, nil)
	if err != nil {
		return o, true, err
	}
	if len(r.params) != len(e.Exprs) {
		return o, true, mysqlerr.New(mysql.ER_SP_WRONG_NO_OF_ARGS, "FUNCTION", database+"."+program.Name, len(r.params), len(e.Exprs))
	}
	args, err := s.exprs(e.Exprs)
	if err != nil {
		return o, true, err
	}
	ready := make([]byte, len(args))
	list := make([]string, len(args))
	for i, a := range args {
		v := &r.params[i].v
		var sql string
		stored := false
		if a.Constant != nil {
			sql = expression.QuoteValue(constantFor(a, v.Type))
		} else {
			sql, stored = assignSQL(a, v.Type, v.Name)
		}
		list[i], ready[i] = sql, '0'
		if stored {
			ready[i] = '1'
		}
	}
	k.useProgram(program)
	k.needRoutine(program.Database, program.Name, "FUNCTION")
	column := schemas.Column{Name: program.Name, Type: r.returns, Nullable: true}
	sql := "marmot_program(" + expression.QuoteValue(txn.TextString(functionRef(program))) + ", " + expression.QuoteValue(txn.Text(ready))
	for _, a := range list {
		sql += ", " + a
	}
	o = columnOperand(&column, sql+")")
	if k.padsChars() {
		o = padded(o)
	}
	return o, true, nil
}

// routine parses a program, or finds it parsed.
func (k *compiler) routine(p *schemas.Program, t *schemas.Table) (*routine, error) {
	if k.c.planner != nil {
		return k.c.planner.routine(k.c.Catalog, p, t)
	}
	return parseProgram(&Context{Catalog: k.c.Catalog, Database: p.Database, Mode: SQLMode(p.Mode), Collation: p.Collation}, p, t)
}

// programCaller is what the state of a connection implements to run stored functions.
type programCaller interface {
	CallProgram(database, name string, args []txn.Value, ready string) (txn.Value, error)
}

// callProgram is the SQL function that stands for all stored functions.
func callProgram(state any, args []txn.Value) (txn.Value, error) {
	database, name, ok := parseFunctionRef(string(args[0].Bytes()))
	caller, is := state.(programCaller)
	if !ok || !is || len(args) < 2 {
		return txn.Null(), mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "FUNCTION", name)
	}
	ready := string(args[1].Bytes())
	if len(ready) != len(args)-2 {
		return txn.Null(), mysqlerr.New(mysql.ER_SP_WRONG_NO_OF_ARGS, "FUNCTION", database+"."+name, len(ready), len(args)-2)
	}
	return caller.CallProgram(database, name, args[2:], ready)
}
