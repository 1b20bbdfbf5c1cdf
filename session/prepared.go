package session

import (
	"context"
	"slices"
	"strings"

	"marmot/accounts"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxPrepared is how many statements of PREPARE one session keeps.
const maxPrepared = 16_382

// prepared is a prepared statement: its text, which the plan cache makes cheap to plan again.
type prepared struct {
	session *Session
	text    []byte
	mode    dialect.SQLMode // of those that say how the text is read
	params  int
	types   []schemas.Type
	columns []dialect.ResultColumn
	// arguments are the types of the parameters, and sorts what the values' storage classes do not say of them.
	arguments dialect.Arguments
	sorts     []dialect.Argument
}

// Prepare plans a statement with ? parameters.
func (s *Session) Prepare(ctx context.Context, sql []byte) (Statement, error) {
	ctx, end := s.begin(ctx, "Prepare", string(sql[:min(len(sql), 1024)]))
	defer end()
	s.last.warnings, s.last.errors = nil, 0 // also when the text is refused: what reads them cannot be prepared
	p, err := s.prepare(ctx, append([]byte(nil), s.vars.toUTF8(sql)...))
	if err != nil {
		return nil, s.failed(err)
	}
	s.last.warnings = dialect.MalformedLiterals(p.text, s.vars.mode, s.vars.literals)
	return p, nil
}

// prepare plans the one statement that the text holds.
func (s *Session) prepare(ctx context.Context, text []byte) (*prepared, error) {
	first, rest, err := dialect.Split(text, s.vars.mode)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		if more, err := dialect.HoldsStatement(rest, s.vars.mode); err != nil || more {
			return nil, dialect.SyntaxError(text, rest)
		}
	}
	if len(first) == 0 {
		return nil, mysqlerr.New(mysql.ER_EMPTY_QUERY)
	}
	preparable := dialect.Preparable(first, s.vars.mode)
	if preparable && accounts.Begins(first) {
		return &prepared{session: s, text: first, mode: s.vars.mode & dialect.Spelling}, nil
	}
	r := &run{text: first, prepared: true, ctx: ctx, now: s.now()}
	if err := s.planNow(r); !preparable && mysqlerr.Code(err) != mysql.ER_PARSE_ERROR {
		return nil, mysqlerr.New(mysql.ER_UNSUPPORTED_PS)
	} else if err != nil {
		return nil, err
	}
	p := &prepared{session: s, text: first, mode: s.vars.mode & dialect.Spelling, params: r.bound.Params, types: r.bound.Parameters, columns: r.bound.Columns}
	p.arguments = dialect.NewArguments(p.params, p.types)
	if p.params > 0 && r.bound.Typed() {
		r.types = p.arguments.Derived()
		if err := s.planNow(r); err != nil {
			return nil, err
		}
		p.columns = r.bound.Columns
	}
	return p, nil
}

// Params returns the number of ? parameters.
func (p *prepared) Params() int { return p.params }

// Types are the types that the parameters are expected to have.
func (p *prepared) Types() []schemas.Type { return p.types }

// Columns describes the result set, as of PREPARE.
func (p *prepared) Columns() []dialect.ResultColumn { return p.columns }

// Close frees the statement; it holds nothing.
func (p *prepared) Close() {}

// Bind tells of which types the values of the executions to come are.
func (p *prepared) Bind(sorts []dialect.Argument) { p.sorts = sorts }

// Execute runs the statement.
func (p *prepared) Execute(ctx context.Context, args []txn.Value, w ResultWriter) error {
	s := p.session
	ctx, end := s.begin(ctx, "Execute", string(p.text[:min(len(p.text), 1024)]))
	defer end()
	if len(args) != p.params {
		return s.failed(mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "mysqld_stmt_execute"))
	}
	r := &run{text: p.text, prepared: true, spelling: &p.mode, args: args, types: p.arguments.Bind(args, p.sorts), writer: w, outParameters: true}
	if s.vars.client != nil {
		r.raw, r.args = args, slices.Clone(args)
		for i, v := range args {
			if v.Kind() == txn.KindText {
				r.args[i] = txn.Text(s.vars.toUTF8(v.Bytes()))
			}
		}
	}
	return s.statement(ctx, r)
}

// prepareText is PREPARE name FROM text.
func (s *Session) prepareText(r *run, c dialect.PrepareText) error {
	text := []byte(c.Text)
	if c.Variable {
		v := s.UserVariable(c.Text)
		if v.IsNull() {
			text = []byte("NULL")
		} else {
			text = append([]byte(nil), plainBytes(v)...)
		}
	}
	delete(s.texts, strings.ToLower(c.Name)) // a failing PREPARE drops the old statement too
	if len(s.texts) >= maxPrepared {
		return mysqlerr.New(mysql.ER_MAX_PREPARED_STMT_COUNT_REACHED, maxPrepared)
	}
	p, err := s.prepare(r.ctx, text)
	if err != nil {
		return err
	}
	s.texts[strings.ToLower(c.Name)] = p
	for _, w := range dialect.MalformedLiterals(p.text, s.vars.mode, s.vars.literals) {
		s.Warn(w)
	}
	return s.ok(r, Result{Info: "Statement prepared"})
}

// executeText is EXECUTE name USING @a, ….
func (s *Session) executeText(r *run, c dialect.ExecuteText) error {
	p := s.texts[strings.ToLower(c.Name)]
	if p == nil {
		return mysqlerr.New(mysql.ER_UNKNOWN_STMT_HANDLER, len(c.Name), c.Name, "EXECUTE")
	}
	if len(c.Args) != p.params {
		return mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "EXECUTE")
	}
	inner := &run{text: p.text, prepared: true, spelling: &p.mode, more: r.more, writer: r.writer, ctx: r.ctx, now: r.now, names: c.Args}
	var sorts []dialect.Argument
	for _, name := range c.Args {
		inner.args = append(inner.args, s.UserVariable(name))
		sorts = append(sorts, s.user[strings.ToLower(name)].sort.Argument())
	}
	inner.types = p.arguments.Bind(inner.args, sorts)
	s.run = inner
	defer func() {
		r.warnings, r.warned = inner.warnings, inner.warned
		s.run = r
	}()
	return s.carryOut(inner)
}
