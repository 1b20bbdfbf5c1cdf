package dialect

import (
	"strconv"
	"strings"

	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// ProgramCall is what a CALL leaves behind for a client of prepared statements: the values of the parameters OUT and
// INOUT that were ? in its text.
type ProgramCall struct {
	// Names are the user variables that EXECUTE … USING names, one a ?.
	Names   []string
	Columns []ResultColumn
	Values  []txn.Value
}

// Run carries the command out.
func (p Program) Run(h ProgramHost, b Binding, call *ProgramCall) error { return p.run(h, b, call) }

// procedure finds a procedure and checks the number of its arguments.
func (p *Planner) procedure(h ProgramHost, o ObjectName, args int) (*routine, error) {
	c := h.ProgramCatalog()
	program := c.Program(schemas.Procedure, o.Database, o.Name)
	if program == nil {
		return nil, mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "PROCEDURE", o.Database+"."+o.Name)
	}
	r, err := p.routine(c, program, nil)
	if err != nil {
		return nil, err
	}
	if len(r.params) != args {
		return nil, mysqlerr.New(mysql.ER_SP_WRONG_NO_OF_ARGS, "PROCEDURE", program.Database+"."+program.Name, len(r.params), args)
	}
	return r, nil
}

// runProcedure runs a procedure. values are those of its parameters, and hold what it gives back afterwards.
func runProcedure(h ProgramHost, r *routine, values []txn.Value) error {
	if r.answers && h.OneResult() {
		return mysqlerr.New(mysql.ER_SP_BADSELECT, r.program.Database+"."+r.program.Name)
	}
	leave, err := h.EnterProgram(r.program)
	if err != nil {
		return err
	}
	defer leave()
	a := newActivation(h, r)
	defer a.end()
	for i := range values {
		a.values[r.params[i].v.Slot] = values[i]
	}
	if _, err := a.statement(r.body); err != nil {
		return err
	}
	for i := range values {
		values[i] = a.values[r.params[i].v.Slot]
	}
	return nil
}

// CallFunction runs a stored function. Of each argument, ready says whether it is in the stored form of its parameter.
func (p *Planner) CallFunction(h ProgramHost, database, name string, args []txn.Value, ready string) (txn.Value, error) {
	c := h.ProgramCatalog()
	program := programOf(c, schemas.Function, database, name)
	if program == nil {
		return txn.Null(), mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "FUNCTION", database+"."+name)
	}
	r, err := p.routine(c, program, nil)
	if err != nil {
		return txn.Null(), err
	}
	leave, err := h.EnterProgram(program)
	if err != nil {
		return txn.Null(), err
	}
	defer leave()
	a := newActivation(h, r)
	defer a.end()
	for i := range args {
		v := args[i].Clone()
		if ready[i] == '0' && !v.IsNull() {
			if v, err = convertFor(h, r.params[i].v, v); err != nil {
				return v, err
			}
		}
		a.values[r.params[i].v.Slot] = v
	}
	f, err := a.statement(r.body)
	if err != nil {
		return txn.Null(), err
	}
	if f.kind != flowReturn {
		return txn.Null(), mysqlerr.New(mysql.ER_SP_NORETURNEND, program.Name)
	}
	return a.result, nil
}

// plannedArgument is an argument of CALL outside of programs.
type plannedArgument struct {
	value func(Executor, Environment, Binding) (txn.Value, error)
	user  string // the user variable that it is
	param int    // the number of the ? that it is, or -1
}

// planCall plans CALL behind the word.
func planCall(c *Context, s *textReader) (*Plan, error) {
	var o ObjectName
	o.Name = s.name()
	if s.accept(".") {
		o = ObjectName{o.Name, s.anyName()}
	} else if o.Database = c.Database; s.err == nil && o.Database == "" {
		s.fail(mysqlerr.New(mysql.ER_NO_DB_ERROR))
	}
	if procedure, found := lookupEmitterProcedure(c, o); found && s.err == nil {
		return planEmitterCall(c, s, o, procedure)
	}
	from := s.at
	n := 0
	if s.accept("(") && !s.accept(")") {
		skip := programParser{s: s, c: c}
		s.commas(func() {
			at := s.at
			skip.skipExpression()
			if s.at == at {
				s.wrong()
			}
			n++
		})
		s.expect(")")
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	r, err := c.planner.procedure(&catalogHost{catalog: c.Catalog}, o, n)
	if err != nil {
		return nil, err
	}
	s.at = from
	p := &Plan{HasSideEffects: true}
	args := s.plannedArguments(c, p, r)
	if s.err != nil {
		return nil, s.err
	}
	p.Command = Program{run: func(h ProgramHost, b Binding, call *ProgramCall) error { return callProcedure(h, o, args, b, call) }}
	return p, nil
}

// catalogHost is a host of which only the catalog is asked.
type catalogHost struct {
	ProgramHost
	catalog *schemas.Catalog
}

// ProgramCatalog is the catalog.
func (h *catalogHost) ProgramCatalog() *schemas.Catalog { return h.catalog }

// plannedArguments compiles the arguments of CALL.
func (s *textReader) plannedArguments(c *Context, p *Plan, r *routine) []plannedArgument {
	var args []plannedArgument
	if !s.accept("(") || s.accept(")") {
		return nil
	}
	skip := programParser{s: s, c: c}
	s.commas(func() {
		from := s.at
		skip.skipExpression()
		a := plannedArgument{param: -1}
		param := &r.params[len(args)]
		if t := s.list[from]; s.at == from+1 {
			switch {
			case t.kind == tokenVariable && !strings.HasPrefix(s.raw(t), "@@"):
				a.user = userVariableName(s.raw(t))
			case t.kind == tokenParam:
				a.param = p.Params
			}
		}
		if param.mode != "IN" && a.user == "" && a.param < 0 {
			s.fail(mysqlerr.New(mysql.ER_SP_NOT_VAR_ARG, len(args)+1, r.program.Database+"."+r.program.Name))
			return
		}
		a.value, _ = s.expressionFor(c, p, from, newTargets([]Local{param.v}))
		args = append(args, a)
	})
	return args
}

// callProcedure runs CALL.
func callProcedure(h ProgramHost, o ObjectName, args []plannedArgument, b Binding, call *ProgramCall) error {
	r, err := h.Planner().procedure(h, o, len(args))
	if err != nil {
		return err
	}
	values := make([]txn.Value, len(args))
	for i := range args {
		if r.params[i].mode == "OUT" {
			continue
		}
		err := h.RunInProgram(&ProgramStatement{Quiet: true, Value: func(x Executor) error {
			v, err := args[i].value(x, h, b)
			values[i] = v.Clone()
			return err
		}})
		if err != nil {
			return err
		}
	}
	if err := runProcedure(h, r, values); err != nil {
		return err
	}
	for i := range args {
		p := &r.params[i]
		switch a := &args[i]; {
		case p.mode == "IN":
		case a.user != "":
			h.SetUserVariable(a.user, p.forUser(h, values[i]), expression.SortOfVariable(p.v.Type))
		case call != nil && a.param < len(call.Names):
			h.SetUserVariable(call.Names[a.param], p.forUser(h, values[i]), expression.SortOfVariable(p.v.Type))
		case call != nil:
			call.Columns = append(call.Columns, ResultColumn{Name: p.v.Name, Type: p.v.Type, Nullable: true})
			call.Values = append(call.Values, values[i])
		}
	}
	return nil
}

// planDiagnostics plans SIGNAL, RESIGNAL and GET DIAGNOSTICS outside of programs, behind the first word.
func planDiagnostics(c *Context, s *textReader) (*Plan, error) {
	s.at = 0
	x := newProgramParser(c, s, &schemas.Program{Kind: schemas.Procedure, Database: c.Database, Mode: uint64(c.Mode)})
	if err := x.body(); err != nil {
		return nil, err
	}
	r := x.r
	return &Plan{HasSideEffects: true, Command: Program{run: func(h ProgramHost, _ Binding, _ *ProgramCall) error {
		_, err := newActivation(h, r).statement(r.body)
		return err
	}}}, nil
}

// functionRef names a stored function in SQL.
func functionRef(p *schemas.Program) string {
	return strconv.Itoa(len(p.Database)) + ":" + p.Database + p.Name
}

// parseFunctionRef reads what functionRef has written.
func parseFunctionRef(text string) (database, name string, ok bool) {
	n, rest, ok := strings.Cut(text, ":")
	length, err := strconv.Atoi(n)
	if !ok || err != nil || length > len(rest) {
		return "", "", false
	}
	return rest[:length], rest[length:], true
}
