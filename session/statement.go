package session

import (
	"bytes"
	"context"
	"errors"
	"os"
	"runtime/debug"
	"slices"
	"time"

	"marmot/dialect"
	"marmot/dialect/expression"
	"marmot/internal/stage"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Limits of one statement.
const (
	maxReplans  = 20   // a plan that its snapshot does not fit is made again so often
	maxWarnings = 1024 // kept for SHOW WARNINGS; the rest is only counted
)

// run is one statement under way.
type run struct {
	text     []byte
	logged   []byte             // that stands for text where statements are logged; nil: text itself
	args     []txn.Value        // of ?, one a parameter
	types    []dialect.Argument // of ?, as the statement is to be planned; nil: not known
	argued   bool               // args are values of these types
	raw      []txn.Value        // of ?, in the client's own character set; nil: the same as args
	prepared bool               // text may hold ?
	spelling *dialect.SQLMode   // the modes that a prepared text is read by; nil: the session's
	more     bool               // another statement of the same command follows
	writer   ResultWriter

	ctx      context.Context //nolint:containedctx // of this one statement
	now      time.Time
	bound    dialect.Bound
	catalog  *schemas.Catalog // that it was planned with
	inView   bool             // it is to be planned with V's catalog
	aware    bool             // this node has all that anybody was told of before it
	warnings []*mysqlerr.Error
	warned   int   // warnings in all
	stop     error // why the progress function stopped it, if not the context

	insertID    uint64 // LAST_INSERT_ID(expr)
	setInsertID bool
	autos       []autoRange // AUTO_INCREMENT values, the same ones when the statement runs again
	nextAuto    int
	noted       map[txn.TableID]uint64            // explicit AUTO_INCREMENT values
	randoms     map[int64]*expression.RandomState // of RAND(n) with a constant, by call
	before      userVariables                     // user variables that it has set, as they were
	changed     []Variable                        // tracked system variables that it has set
	tracked     bool                              // session_track_state_change was on when it began
	local       *os.File                          // what the client has sent for LOAD DATA LOCAL

	names         []string // of EXECUTE … USING
	outParameters bool     // the client takes the values of OUT parameters as a result set
	program       *dialect.ProgramStatement
	make          func(*dialect.Context) (dialect.Bound, error) // plans it, in place of the planner
	spent         bool                                          // it counts for its account's limits already
	outer         *run                                          // the statement that it is a part of, in a function or trigger
	inside        footprint                                     // of the statements inside of it
	raised        int                                           // how many of the warnings are errors, the last ones
}

// binding holds the values of the execution.
func (r *run) binding() dialect.Binding {
	b := dialect.Binding{Literals: r.bound.Literals, Args: r.args, Raw: r.raw}
	if r.program != nil {
		b.Variables = r.program.Values
	}
	return b
}

// statement runs one statement from plan to answer.
func (s *Session) statement(ctx context.Context, r *run) error {
	r.ctx, r.now, r.tracked = ctx, s.now(), s.vars.wire.TrackState
	s.run = r
	s.gtid = ""
	s.engine.counts.questions.Add(1)
	keep := keepsDiagnostics(r.text)
	before := s.last
	if !keep {
		s.last.warnings, s.last.errors = nil, 0
	}
	var err error
	if keep { // it may change the diagnostics itself
		err = s.carryOut(r)
	} else {
		err = s.answer(r, before)
	}
	r.endLocal()
	s.run = nil
	if s.tx != nil {
		s.tx.charge()
	}
	s.slot.give()
	if !keep {
		s.last.warnings = slices.Concat(r.warnings, s.last.warnings)
		s.last.errors += r.raised
	}
	return s.failed(err)
}

// answer carries the statement out. The diagnostics of the statement before stay visible to it.
func (s *Session) answer(r *run, before diagnostics) error {
	now := s.last
	s.last = before
	defer func() { s.last.warnings, s.last.errors = now.warnings, now.errors }()
	return s.carryOut(r)
}

// carryOut plans and runs the statement, again when the definitions have moved on.
func (s *Session) carryOut(r *run) error {
	if done, err := s.accountStatement(r); done {
		return err
	}
	for attempt := 0; ; attempt++ {
		if err := s.planNow(r); err != nil {
			s.warnMalformed(r, err)
			return err
		}
		s.staged(stage.Plan)
		if err := s.xaAllows(r); err != nil {
			return err
		}
		err := s.dispatch(r)
		if !errors.Is(err, errReplan) || attempt == maxReplans {
			return err
		}
		s.undoSideEffects(r)
		s.slot.give() // the next attempt may wait for rows before it runs
	}
}

// keepsDiagnostics reports whether the statement asks for the warnings of the one before, which
// must not replace them.
func keepsDiagnostics(text []byte) bool {
	words := bytes.Fields(text[:min(len(text), 64)])
	if len(words) < 2 {
		return false
	}
	if bytes.EqualFold(words[0], []byte("GET")) {
		return true
	}
	if !bytes.EqualFold(words[0], []byte("SHOW")) {
		return false
	}
	for _, w := range words[1:min(len(words), 3)] {
		if bytes.EqualFold(w, []byte("WARNINGS")) || bytes.EqualFold(w, []byte("ERRORS")) {
			return true
		}
	}
	return false
}

// now is the session's clock: @@timestamp when it is set.
func (s *Session) now() time.Time {
	if !s.vars.timestamp.IsZero() {
		return s.vars.timestamp.In(s.vars.zone)
	}
	return s.engine.options.Now().In(s.vars.zone)
}

// plan plans the statement with the catalog that the transaction's snapshot fits, or the newest. A panic of the planner, which
// holds nothing, is the statement's error: a text must not be able to end the node.
func (s *Session) plan(r *run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.engine.options.Logger.Error("planning a statement panicked", "panic", p, "stack", string(debug.Stack()))
			err = mysqlerr.Newf(mysql.ER_INTERNAL_ERROR, "Internal error: the statement could not be planned")
		}
	}()
	if r.outer != nil { // a part of a statement, in the same state
		c := s.context(r.catalog)
		return s.planInProgram(r, &c)
	}
	r.catalog = s.catalogOf(s.engine.options.Store.Catalog())
	if s.tx != nil && s.tx.catalog != nil {
		r.catalog = s.tx.catalog
		if r.inView && s.tx.view != nil {
			r.catalog = s.tx.view.catalog
		}
	}
	c := s.context(r.catalog)
	if r.program != nil {
		return s.planInProgram(r, &c)
	}
	if r.make != nil {
		r.bound, err = r.make(&c)
		return err
	}
	if r.prepared {
		c.Arguments = r.types
		if r.spelling != nil {
			c.Mode = c.Mode&^dialect.Spelling | *r.spelling
		}
		bound, err := s.engine.options.Planner.Prepare(&c, r.text)
		if err == nil {
			r.bound = *bound
			if len(r.args) > 0 && !r.argued {
				r.args, r.argued = r.bound.Argue(r.args, r.types, s.Warn), true
			}
			if r.bound.Limits() {
				r.args = slices.Clone(r.args)
				if err := r.bound.LimitArguments(r.args, r.names != nil); err != nil {
					return err
				}
			}
			return s.authorize(r.bound.Plan)
		}
		return s.hideFrom(&c, r, err)
	}
	bound, err := s.engine.options.Planner.Plan(&c, r.text)
	r.bound = bound
	if err != nil {
		return s.hideFrom(&c, r, err)
	}
	return s.authorize(r.bound.Plan)
}

// planInProgram plans a statement of a stored program.
func (s *Session) planInProgram(r *run, c *dialect.Context) (err error) {
	p := r.program
	c.Locals, c.Targets, c.Raw = p.Locals, p.Targets, p.Raw
	if p.Quiet {
		c.SelectLimit = 0
	}
	if r.bound, err = s.engine.options.Planner.Plan(c, r.text); err != nil {
		return s.hideFrom(c, r, err)
	}
	return s.authorize(r.bound.Plan)
}

func (s *Session) context(c *schemas.Catalog) dialect.Context {
	v := &s.vars
	return dialect.Context{
		Catalog:        c,
		Database:       s.database,
		Mode:           v.mode,
		Collation:      v.collation,
		Locale:         v.locale,
		DivisionDelta:  v.divisionDelta,
		User:           s.CurrentUser(),
		NoForeignKeys:  v.noForeignKeys,
		NoUniqueChecks: v.noUniqueChecks,
		FoundRows:      s.info.FoundRows,
		SelectLimit:    v.selectLimit,
		UserVariables:  s,
	}
}

// dispatch calls what carries out a statement of the plan's kind.
func (s *Session) dispatch(r *run) error {
	p := r.bound.Plan
	if err := s.reportLost(p); err != nil {
		return err
	}
	if err := s.spend(r); err != nil {
		return err
	}
	s.warnPlanned(r)
	if err := s.tables.allow(p, r.outer != nil); err != nil {
		return err
	}
	switch {
	case p.Command != nil:
		return s.command(r, p.Command)
	case p.DDL != nil:
		s.engine.counts.ddls.Add(1)
		return s.ddl(r)
	case p.Write != nil:
		s.engine.counts.writes.Add(1)
		if p.Write.Unkeyed && s.vars.safeUpdates {
			return mysqlerr.Newf(mysql.ER_UPDATE_WITHOUT_KEY_IN_SAFE_MODE, "You are using safe update mode and you tried to update a table without a WHERE that uses a KEY column. ")
		}
		if err := s.awaitMemory(r.ctx); err != nil {
			return err
		}
		return s.write(r)
	}
	s.engine.counts.reads.Add(1)
	return s.query(r)
}

// warnPlanned gives the warnings about the text and those that planning it found, in the order in which MySQL finds them.
func (s *Session) warnPlanned(r *run) {
	list := r.bound.Plan.Warnings
	for _, w := range list {
		if deprecation(w.Code) && !r.prepared { // else PREPARE has told of it
			s.Warn(w)
		}
	}
	s.warnMalformed(r, nil)
	for _, w := range list {
		if !deprecation(w.Code) {
			s.Warn(w)
		}
	}
}

// warnMalformed warns of string literals that are no text of the client's character set, unless planning the statement has failed
// at its very syntax.
func (s *Session) warnMalformed(r *run, planning error) {
	if r.prepared || r.program != nil || r.outer != nil || mysqlerr.Code(planning) == mysql.ER_PARSE_ERROR {
		return
	}
	for _, w := range dialect.MalformedLiterals(r.text, s.vars.mode, s.vars.literals) {
		s.Warn(w)
	}
}

// deprecation reports whether a warning is about the text of a statement.
func deprecation(code uint16) bool { return code == 1287 || code == 1681 || code == 3720 }

// ok answers a statement that has no result set.
func (s *Session) ok(r *run, result Result) error {
	s.last.rowCount = int64(result.Affected)
	s.finish(r, &result)
	return r.writer.OK(result)
}

// finish fills in what every answer says.
func (s *Session) finish(r *run, result *Result) {
	s.slot.give()
	if r.setInsertID {
		s.last.insertID = r.insertID
		if result.InsertID == 0 {
			result.InsertID = r.insertID
		}
	}
	result.Status |= s.status(r.more)
	result.Warnings = uint16(min(r.warned, 65535))
	s.trackAll(r, result)
}

// undoSideEffects takes back what the statement has done to the session itself, before it runs again.
func (s *Session) undoSideEffects(r *run) {
	for name, value := range r.before {
		if value.value.IsNull() {
			delete(s.user, name)
		} else {
			s.user[name] = value
		}
	}
	r.before, r.noted, r.randoms = nil, nil, nil
	r.warnings, r.warned = nil, 0
	r.setInsertID, r.nextAuto = false, 0
	r.stop = nil
}

// reportLost tells the client of a transaction that was rolled back while it was idle.
func (s *Session) reportLost(p *dialect.Plan) error {
	t := s.tx
	if t == nil || t.lost == nil {
		return nil
	}
	s.tx = nil
	if c, ok := p.Command.(dialect.Rollback); ok && c.Savepoint == "" {
		return nil
	}
	return t.lost
}

// setState says what the session waits for, for SHOW PROCESSLIST; empty is the work itself.
func (s *Session) setState(state string) {
	s.activity.Lock()
	defer s.activity.Unlock()
	s.activity.state = state
}
