package session

import (
	"context"
	"errors"
	"slices"
	"strings"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxProgramDepth is how many stored programs may be inside one another.
const maxProgramDepth = 150

// programs is what a session knows of the stored programs that it runs.
type programs struct {
	stack []*schemas.Program // those under way, the innermost last
	// inside counts the functions and triggers among them: their statements are parts of the one around.
	inside  int
	scratch *store.Branch // for expressions that read nothing
	depth   int           // of commands that run programs
}

var _ dialect.ProgramHost = (*Session)(nil)

// Planner plans the statements of programs.
func (s *Session) Planner() *dialect.Planner {
	p, _ := s.engine.options.Planner.(*dialect.Planner)
	return p
}

// ProgramCatalog is the catalog in which programs are looked up: inside of a statement the statement's.
func (s *Session) ProgramCatalog() *schemas.Catalog {
	if s.programs.inside > 0 || s.exec != nil {
		if s.run != nil && s.run.catalog != nil {
			return s.run.catalog
		}
	}
	if s.tx != nil && s.tx.catalog != nil {
		return s.tx.catalog
	}
	return s.catalogOf(s.engine.options.Store.Catalog())
}

// Under makes x the executor on which statements of a trigger run.
func (s *Session) Under(x dialect.Executor) func() {
	own, ok := x.(*executor)
	if !ok {
		return func() {}
	}
	run, undo := s.run, own.under()
	return func() {
		s.run = run
		undo()
	}
}

// Interrupted is why the statement is to end.
func (s *Session) Interrupted() error {
	if s.run == nil {
		return nil
	}
	return context.Cause(s.run.ctx)
}

// Handleable reports whether a handler may take the error.
func (s *Session) Handleable(err error) bool {
	switch mysqlerr.Code(err) {
	case 0, mysql.ER_QUERY_INTERRUPTED, mysql.ER_SERVER_SHUTDOWN, errorQueryTimeout:
		return false
	}
	if s.run != nil && s.run.ctx.Err() != nil {
		return false
	}
	return s.programs.inside == 0 || !endsTransaction(err)
}

// Conditions are the diagnostics area.
func (s *Session) Conditions() (list []*mysqlerr.Error, errors int) {
	return s.last.warnings, s.last.errors
}

// SetConditions replaces the diagnostics area.
func (s *Session) SetConditions(list []*mysqlerr.Error, errors int) {
	if errors > 0 { // as after any statement that fails
		s.last.rowCount = -1
	}
	s.last.warnings, s.last.errors = list, errors
}

// OneResult implements dialect.ProgramHost.
func (s *Session) OneResult() bool { return s.info.OneResult }

// EnterProgram gives the session what a program has stored.
func (s *Session) EnterProgram(p *schemas.Program) (leave func(), err error) {
	if err := s.allowProgram(p); err != nil {
		return nil, err
	}
	asBefore, err := s.enterDefiner(p)
	if err != nil {
		return nil, err
	}
	g := &s.programs
	inside := p.Kind == schemas.Function || p.Kind == schemas.Trigger
	g.stack = append(g.stack, p)
	saved, database := s.last, s.database
	kept := s.keepSettings("sql_mode", "collation_connection", "character_set_connection", "character_set_client")
	v := &s.vars
	v.mode, v.collation = dialect.SQLMode(p.Mode), p.Collation
	v.values["sql_mode"] = setting{text: v.mode.String()}
	if c := schemas.LookupCollation(p.Collation); c != nil {
		v.values["collation_connection"], v.values["character_set_connection"] = setting{text: c.Name}, setting{text: c.Charset}
	}
	s.database = p.Database
	if inside {
		g.inside++
		s.last.warnings, s.last.errors = nil, 0
	}
	return func() {
		g.stack = g.stack[:len(g.stack)-1]
		asBefore()
		kept()
		if s.database != "" || database != p.Database { // it is gone if the program has dropped it
			s.database = database
		}
		if !inside {
			return
		}
		g.inside--
		left := s.last.warnings[:max(0, len(s.last.warnings)-s.last.errors)]
		s.last = saved
		if p.Kind == schemas.Trigger { // of what its statements warned nobody hears
			return
		}
		for _, w := range left {
			s.Warn(w)
		}
	}, nil
}

// keepSettings returns what gives the variables back the values that they have now.
func (s *Session) keepSettings(names ...string) func() {
	type kept struct {
		value setting
		known bool
	}
	v := &s.vars
	mode, collation := v.mode, v.collation
	list := make([]kept, len(names))
	for i, n := range names {
		list[i].value, list[i].known = v.values[n]
	}
	return func() {
		v.mode, v.collation = mode, collation
		for i, n := range names {
			if list[i].known {
				v.values[n] = list[i].value
			} else {
				delete(v.values, n)
			}
		}
	}
}

// allowProgram bounds recursion.
func (s *Session) allowProgram(p *schemas.Program) error {
	same := 0
	for _, other := range s.programs.stack {
		if other.ID == p.ID {
			same++
		}
	}
	switch {
	case len(s.programs.stack) >= maxProgramDepth:
		return mysqlerr.Newf(mysql.ER_STACK_OVERRUN_NEED_MORE, "Thread stack overrun: stored programs are nested too deeply")
	case same == 0:
	case p.Kind == schemas.Procedure:
		if most := s.vars.count("max_sp_recursion_depth"); uint64(same) > most {
			return mysqlerr.New(mysql.ER_SP_RECURSION_LIMIT, most, p.Name)
		}
	default:
		return mysqlerr.Newf(mysql.ER_SP_NO_RECURSION, "Recursive stored functions and triggers are not allowed.")
	}
	return nil
}

// CallProgram runs a stored function for the SQL function that stands for it.
func (s *Session) CallProgram(database, name string, args []txn.Value, ready string) (txn.Value, error) {
	outer, exec, planner := s.run, s.exec, s.Planner()
	if outer == nil || planner == nil {
		return txn.Null(), mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "FUNCTION", database+"."+name)
	}
	defer func() { s.run, s.exec = outer, exec }()
	return planner.CallFunction(s, database, name, args, ready)
}

// programCommand carries out CALL, SIGNAL and their like.
func (s *Session) programCommand(r *run, c dialect.Program) error {
	call := &dialect.ProgramCall{Names: r.names}
	s.programs.depth++
	err := c.Run(s, r.binding(), call)
	if s.programs.depth--; s.programs.depth == 0 {
		s.closeScratch()
	}
	s.run = r
	list := s.last.warnings
	if err != nil && s.last.errors > 0 {
		list = list[:len(list)-1] // the error itself, which the end of the statement notes
		r.raised = s.last.errors - 1
	} else if err == nil {
		r.raised = s.last.errors
	}
	if !keepsDiagnostics(r.text) {
		r.warnings, r.warned = slices.Clone(list), len(list)
	}
	if err != nil {
		return err
	}
	if r.outParameters && len(call.Columns) > 0 {
		if err := s.outParameters(r, call); err != nil {
			return err
		}
	}
	return s.ok(r, Result{Affected: uint64(max(s.last.rowCount, 0))})
}

// outParameters sends the values of OUT parameters as a result set of their own.
func (s *Session) outParameters(r *run, call *dialect.ProgramCall) error {
	if err := r.writer.Columns(call.Columns); err != nil {
		return err
	}
	if err := r.writer.Row(call.Values); err != nil {
		return err
	}
	return r.writer.End(Result{Status: s.status(true) | StatusOutParameters})
}

// programWriter takes the answer of a statement of a program.
type programWriter struct {
	client ResultWriter
	of     *dialect.ProgramStatement
}

// Columns begins a result set.
func (w *programWriter) Columns(columns []dialect.ResultColumn) error {
	switch {
	case w.of.Columns != nil:
		return w.of.Columns(columns)
	case w.of.Row != nil:
		return nil
	}
	return w.client.Columns(columns)
}

// Row adds a row.
func (w *programWriter) Row(values []txn.Value) error {
	if w.of.Row != nil {
		return w.of.Row(values)
	}
	return w.client.Row(values)
}

// End ends a result set.
func (w *programWriter) End(r Result) error {
	if w.of.Row != nil {
		return nil
	}
	return w.client.End(r)
}

// OK is nothing to the client, who hears of the CALL only.
func (*programWriter) OK(Result) error { return nil }

// Rewind takes back nothing: what is under way is not known.
func (*programWriter) Rewind() bool { return false }

// RunInProgram runs a statement of a program.
func (s *Session) RunInProgram(p *dialect.ProgramStatement) error {
	outer := s.run
	if err := s.Interrupted(); err != nil {
		return err
	}
	inner := &run{text: p.Text, more: true, ctx: outer.ctx, now: outer.now, program: p,
		writer: &programWriter{client: outer.client(), of: p}}
	s.run = inner
	defer func() { s.run = outer }()
	var err error
	if s.programs.inside > 0 {
		inner.outer, inner.catalog = outer, outer.catalog
		err = s.runInside(inner)
		outer.takeOver(inner)
	} else {
		err = s.runAlone(inner, outer)
		outer.changed = append(outer.changed, inner.changed...)
	}
	p.Warnings = inner.warnings
	if s.programs.depth == 0 {
		s.closeScratch()
	}
	return err
}

// closeScratch gives the connection of expressions back.
func (s *Session) closeScratch() {
	if s.programs.scratch != nil {
		s.programs.scratch.Close()
		s.programs.scratch = nil
	}
}

// client is the writer of the client's statement.
func (r *run) client() ResultWriter {
	if w, ok := r.writer.(*programWriter); ok {
		return w.client
	}
	return r.writer
}

// takeOver notes what a statement inside of r has done to the session.
func (r *run) takeOver(inner *run) {
	for name, value := range inner.before {
		if _, noted := r.before[name]; !noted {
			if r.before == nil {
				r.before = userVariables{}
			}
			r.before[name] = value
		}
	}
	for id, value := range inner.noted {
		if r.noted == nil {
			r.noted = map[txn.TableID]uint64{}
		}
		r.noted[id] = max(r.noted[id], value)
	}
	r.changed = append(r.changed, inner.changed...)
}

// runAlone runs a statement of a procedure as one of the session's own.
func (s *Session) runAlone(r, outer *run) error {
	p := r.program
	r.now = s.now()
	keep := p.Quiet || keepsDiagnostics(r.text)
	before := s.last
	if !keep {
		s.last.warnings, s.last.errors = nil, 0
		s.gtid = ""
	}
	var err error
	if p.Quiet {
		err = s.programExpression(r, outer)
		s.last.rowCount, s.last.foundRows = before.rowCount, before.foundRows
	} else {
		if err = s.answer(r, before); err == nil && p.Targets != nil { // SELECT … INTO
			s.last.rowCount = int64(s.last.foundRows)
		}
	}
	if s.tx != nil {
		s.tx.charge()
	}
	s.slot.give()
	switch {
	case !keep:
		s.last.warnings = slices.Concat(r.warnings, s.last.warnings)
	case r.warned > 0:
		s.last.warnings, s.last.errors = r.warnings, 0
	}
	if err == nil {
		return nil
	}
	err = s.failed(err)
	if mysqlerr.Code(err) == 0 {
		return err
	}
	return asError(err)
}

// asError is the MySQL error in err alone: what has caused it is over, and a handler may take it.
func asError(err error) error {
	var e *mysqlerr.Error
	if errors.As(err, &e) {
		return e
	}
	return err
}

// programExpression computes an expression of a procedure.
func (s *Session) programExpression(r, outer *run) error {
	if r.program.Value != nil {
		r.bound, r.catalog = outer.bound, outer.catalog
		if r.bound.Writes {
			return s.inWrite(r, func(x *executor, _ *outcome) error { return r.program.Value(x) })
		}
		x := &lateReader{session: s, run: r}
		defer x.close()
		return r.program.Value(x)
	}
	for attempt := 0; ; attempt++ {
		if err := s.plan(r); err != nil {
			return err
		}
		err := s.programQuery(r)
		if !errors.Is(err, errReplan) || attempt == maxReplans {
			return err
		}
		s.undoSideEffects(r)
		s.slot.give()
	}
}

// programQuery runs the query of an expression: on a connection of the program's own if it reads no table.
func (s *Session) programQuery(r *run) error {
	if r.bound.Query == nil || r.bound.Query.NeedsTransactionView || len(r.bound.Databases) > 0 {
		return s.dispatch(r)
	}
	if err := s.slot.take(r.ctx); err != nil {
		return err
	}
	if s.programs.scratch == nil {
		b, err := s.openBranch(nil)
		if err != nil {
			return err
		}
		if err := b.Snapshot(r.ctx); err != nil {
			b.Close()
			return err
		}
		s.programs.scratch = b
	}
	b := s.programs.scratch
	for _, w := range r.bound.Warnings {
		s.Warn(w)
	}
	sink := s.newRowSink(r)
	if err := sink.run(&executor{session: s, conn: b.Reader(), branch: b}); err != nil {
		return err
	}
	return sink.end()
}

// runInside runs a statement of a function or trigger as a part of the statement around it, in the same state.
func (s *Session) runInside(r *run) error {
	x := s.exec
	if x == nil {
		return mysqlerr.Newf(mysql.ER_INTERNAL_ERROR, "Internal error: a stored function runs outside of a statement")
	}
	defer func() { s.exec = x }()
	p := r.program
	inner := &executor{session: s, conn: x.conn, branch: x.branch, writes: x.writes, depth: x.depth}
	if p.Value != nil {
		return p.Value(inner)
	}
	if !p.Quiet && !keepsDiagnostics(r.text) {
		s.last.warnings, s.last.errors = nil, 0
	}
	err := s.plan(r)
	if err == nil {
		err = s.partOfStatement(r, inner)
	}
	if !p.Quiet || r.warned > 0 {
		s.last.warnings = slices.Concat(r.warnings, s.last.warnings)
	}
	if err != nil && mysqlerr.Code(err) == 0 {
		if e := s.engine.clientError(err); mysqlerr.Code(e) != 0 && !endsTransaction(err) && !errors.Is(err, errReplan) {
			err = e
		}
	}
	if e := (*mysqlerr.Error)(nil); errors.As(err, &e) && !p.Quiet {
		s.last.rowCount = -1
	}
	return err
}

// restricting is the kind of the innermost program that gives no result sets, with whatever procedures it has called.
func (g *programs) restricting() string {
	for _, p := range slices.Backward(g.stack) {
		if p.Kind != schemas.Procedure {
			return strings.ToLower(string(p.Kind))
		}
	}
	return "function"
}

// partOfStatement carries out a statement inside of another.
func (s *Session) partOfStatement(r *run, x *executor) error {
	if err := s.authorize(r.bound.Plan); err != nil {
		return err
	}
	for _, w := range r.bound.Warnings {
		s.Warn(w)
	}
	switch {
	case r.bound.Write != nil:
		return s.writeInside(r, x)
	case r.bound.Query != nil:
		if r.bound.Columns != nil && r.program.Row == nil {
			return mysqlerr.New(mysql.ER_SP_NO_RETSET, s.programs.restricting())
		}
		return s.queryInside(r, x)
	}
	switch c := r.bound.Command.(type) {
	case dialect.Set:
		return s.setVariables(r, c, x)
	case dialect.NoOperation:
		return nil
	}
	return mysqlerr.Newf(mysql.ER_COMMIT_NOT_ALLOWED_IN_SF_OR_TRG, "Explicit or implicit commit is not allowed in stored function or trigger.")
}

// queryInside runs a query inside of a statement.
func (s *Session) queryInside(r *run, x *executor) error {
	q := r.bound.Query
	headed := false
	head := func() error {
		if headed || r.program.Columns == nil {
			return nil
		}
		headed = true
		return r.program.Columns(r.bound.Columns)
	}
	n := uint64(0)
	err := q.Run(x, s, r.binding(), func(values []txn.Value) error {
		n++
		if err := head(); err != nil {
			return err
		}
		if r.program.Row == nil {
			return nil
		}
		return r.program.Row(values)
	})
	if err == nil {
		err = head()
	}
	if err != nil {
		return err
	}
	if !r.program.Quiet {
		s.last.foundRows, s.last.rowCount = n, -1
	}
	return s.accountFor(r, x, q.Scans)
}

// writeInside runs a change of rows inside of a statement. An error leaves nothing of it.
func (s *Session) writeInside(r *run, x *executor) error {
	for _, t := range r.bound.Write.Targets {
		for at := r.outer; at != nil; at = at.outer {
			if at.bound.Plan != nil && slices.ContainsFunc(at.bound.Direct(), func(other *schemas.Table) bool { return other.ID == t.ID }) {
				return mysqlerr.New(mysql.ER_CANT_UPDATE_USED_TABLE_IN_SF_OR_TRG, t.Name)
			}
		}
	}
	if s.tx != nil {
		if err := s.tx.access(r.bound.Plan); err != nil {
			return err
		}
	}
	keep, undo, err := x.Savepoint()
	if err != nil {
		return err
	}
	result, err := r.bound.Write.Run(x, s, r.binding())
	if err != nil {
		if undoErr := undo(); undoErr != nil {
			return undoErr
		}
		return err
	}
	if err := keep(); err != nil {
		return err
	}
	s.last.rowCount = int64(result.Affected)
	if result.GeneratedID {
		s.last.insertID = result.InsertID
	}
	return s.accountFor(r, x, r.bound.Write.Scans)
}

// accountFor adds what a statement inside of another has read to what the one around it rests on.
func (s *Session) accountFor(r *run, x *executor, scans []dialect.Scan) error {
	root := r
	for root.outer != nil {
		root = root.outer
	}
	f := &root.inside
	for _, t := range r.bound.Tables {
		f.touch(t)
	}
	if !x.writes {
		return nil
	}
	for i := range scans {
		if scans[i].Target {
			continue
		}
		hash, one, err := scans[i].Key(s, r.binding())
		if err != nil {
			return err
		}
		if one {
			f.key(scans[i].Table.ID, hash, txn.Read)
		} else {
			f.touch(scans[i].Table).read = true
		}
	}
	if q := r.bound.Query; q != nil && q.Lock != dialect.LockNone {
		return s.tx.lockRows(r, x, f)
	}
	return nil
}

// merge adds another footprint.
func (f *footprint) merge(other *footprint) {
	f.keys = append(f.keys, other.keys...)
	for i := range other.touches {
		o := &other.touches[i]
		t := f.touch(o.table)
		t.writes, t.read, t.exclusive = t.writes || o.writes, t.read || o.read, t.exclusive || o.exclusive
		t.autoIncrement = max(t.autoIncrement, o.autoIncrement)
	}
}
