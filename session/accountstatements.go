package session

import (
	"context"
	"fmt"
	"strings"

	"marmot/accounts"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// accountStatement carries out the statements of package accounts: CREATE USER, GRANT, SET ROLE and their like. It reports false when the
// statement is another.
func (s *Session) accountStatement(r *run) (done bool, err error) {
	if !accounts.Begins(r.text) {
		return false, nil
	}
	st, err := accounts.Parse(r.text, s.accountName(), accounts.Options{
		NoBackslashEscapes: s.vars.mode&dialect.NoBackslashEscapes != 0, ANSIQuotes: s.vars.mode&dialect.ANSIQuotes != 0})
	if err != nil {
		return true, err
	}
	if st == nil {
		return false, nil
	}
	if s.rights.expired && !st.Expired {
		return true, errExpiredPassword()
	}
	if !st.Reads {
		if err := s.commitOpen(r); err != nil {
			return true, err
		}
	}
	if s.vars.strongReads && r.outer == nil { // accounts, tables and routines of other nodes are there
		s.slot.give()
		if err := s.awaitBarrier(r.ctx); err != nil {
			return true, err
		}
	}
	if st.Reads {
		return true, s.readAccounts(r, st)
	}
	out, err := s.changeAccounts(r, st)
	if err != nil {
		return true, err
	}
	return true, s.answerAccounts(r, out)
}

// readAccounts runs a statement that changes no account.
func (s *Session) readAccounts(r *run, st *accounts.Statement) error {
	out, err := st.Run(s.accountWork(r, s.engine.directory.refresh()))
	if err != nil {
		return err
	}
	if out.RolesSet {
		s.rights.roles, s.rights.set = out.Roles, nil
	}
	return s.answerAccounts(r, out)
}

// answerAccounts tells the client what became of a statement.
func (s *Session) answerAccounts(r *run, out *accounts.Outcome) error {
	for _, w := range out.Warnings {
		s.Warn(w)
	}
	if out.Columns == nil {
		return s.ok(r, Result{})
	}
	columns := make([]dialect.ResultColumn, len(out.Columns))
	for i, name := range out.Columns {
		columns[i] = dialect.ResultColumn{Name: name, Flags: notNullFlag,
			Type: schemas.Type{Kind: schemas.VarChar, Length: 1024, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}}
		if name == "auth_factor" {
			columns[i].Type = schemas.Type{Kind: schemas.BigInt, Length: 20}
		}
	}
	r.bound.Plan = &dialect.Plan{Columns: columns}
	sink := s.newRowSink(r)
	for _, row := range out.Rows {
		values := make([]txn.Value, len(row))
		for i, text := range row {
			values[i] = txn.TextString(text)
			if columns[i].Type.IsInteger() {
				values[i] = txn.Int(1) // the only factor there is
			}
		}
		if err := sink.row(values); err != nil {
			return err
		}
	}
	return sink.end()
}

// notNullFlag is the protocol's NOT_NULL_FLAG.
const notNullFlag = 1

// maxAccountAttempts is how often a statement is worked out again because other accounts changed meanwhile.
const maxAccountAttempts = 100

// changeAccounts works a statement out and sends what changes to the log, as one record that counts only if no account has changed since.
// Sessions of this node do so one after another, which spares them the second attempt.
func (s *Session) changeAccounts(r *run, st *accounts.Statement) (*accounts.Outcome, error) {
	s.slot.give()
	e := s.engine
	select {
	case e.directory.turn <- struct{}{}:
	case <-r.ctx.Done():
		return nil, context.Cause(r.ctx)
	}
	defer func() { <-e.directory.turn }()
	confirmed := s.vars.strongReads // there was a barrier already
	for range maxAccountAttempts {
		if err := context.Cause(r.ctx); err != nil {
			return nil, err
		}
		known := e.directory.newest()
		out, err := st.Run(s.accountWork(r, known.Directory))
		if err != nil {
			return nil, err
		}
		done := len(out.Changed)+len(out.Removed) == 0
		if done && !confirmed { // nothing to do, by what this node knows: IF NOT EXISTS must not mean an account that another has dropped
			if err := s.awaitBarrier(r.ctx); err != nil {
				return nil, err
			}
			confirmed = true
			continue
		}
		if !done {
			if done, err = e.sendAccounts(context.WithoutCancel(r.ctx), known.hash, out.Changed, out.Removed, s.accountLogged(out)); err != nil {
				return nil, fmt.Errorf("change accounts: %w", err)
			}
		}
		if done {
			e.directory.refresh()
			if out.Password {
				s.rights.expired = false
			}
			return out, nil
		}
	}
	return nil, mysqlerr.New(mysql.ER_LOCK_WAIT_TIMEOUT)
}

// accountLogged is a statement on accounts as readers of the binary log execute it.
func (s *Session) accountLogged(out *accounts.Outcome) *txn.AccountStatement {
	if out.Text == "" {
		return nil
	}
	name := s.accountName()
	return &txn.AccountStatement{Text: out.Text, Database: s.database, Context: s.statementContext(), ConnectionID: s.info.ID, User: name.User, Host: name.Host}
}

// statementContext is what the session says of a statement that readers of the binary log execute.
func (s *Session) statementContext() txn.StatementContext {
	return dialect.StatementContext(s.vars.mode, s.vars.zone, s.vars.noForeignKeys, s.vars.noUniqueChecks)
}

// accountWork is what a statement is worked out on at this moment.
func (s *Session) accountWork(r *run, directory *accounts.Directory) accounts.Work {
	e := s.engine
	catalog := e.options.Store.Catalog()
	return accounts.Work{
		Directory: directory, Set: s.Privileges(), Who: s.who(), Now: r.now, Random: e.options.Random, Database: s.database,
		Mandatory: e.globals.mandatoryRoles(), Login: s.loginRoles,
		Columns: func(database, table string) ([]string, bool) { return tableColumns(catalog, database, table) },
		Routine: func(database, name string, function bool) bool {
			kind := schemas.Procedure
			if function {
				kind = schemas.Function
			}
			return catalog.Program(kind, database, name) != nil
		},
		Definer: func(n accounts.Name) string { return definerOf(catalog, n) },
	}
}

// warnOfDefiner notes that what was created has a definer who is not there.
func (s *Session) warnOfDefiner(res *dialect.Resolution) {
	if !s.engine.directory.enforced.Load() {
		return
	}
	catalog := s.engine.options.Store.Catalog()
	for _, c := range res.Body.Changes {
		definer := ""
		if v := catalog.View(c.Database, c.Name); v != nil && c.Kind == txn.ObjectView && c.Op != txn.Delete {
			definer = v.Definer
		}
		if definer == "" || definer == "@" || s.definerSet(definer) != nil {
			continue
		}
		n := accounts.ParsePlain(definer)
		s.Warn(mysqlerr.New(mysql.ER_NO_SUCH_USER, n.User, n.Host))
	}
}

// routineGrants follows a definition with the grants on the routines that came and went: whoever creates one may run and change it, and what
// was granted on one that is gone is gone too.
func (s *Session) routineGrants(r *run, res *dialect.Resolution) error {
	var list []accounts.RoutineChange
	for _, c := range res.Body.Changes {
		if c.Kind != txn.ObjectProgram || c.Op == txn.Update || len(list) > 0 && c.Op == txn.Insert {
			continue
		}
		for _, function := range [...]bool{false, true} {
			list = append(list, accounts.RoutineChange{Database: c.Database, Name: c.Name, Function: function, Gone: c.Op == txn.Delete})
		}
	}
	if len(list) == 0 || s.isInternal() {
		return nil
	}
	catalog := s.engine.options.Store.Catalog()
	st := accounts.FollowRoutines(list, func(database, name string, function bool) bool {
		kind := schemas.Procedure
		if function {
			kind = schemas.Function
		}
		return catalog.Program(kind, database, name) != nil
	})
	if out, err := st.Run(s.accountWork(r, s.engine.directory.refresh())); err != nil || len(out.Changed) == 0 {
		return err
	}
	_, err := s.changeAccounts(r, st)
	return err
}

// tableColumns lists the columns of a table or view; those of a view are not known without planning it.
func tableColumns(c *schemas.Catalog, database, table string) ([]string, bool) {
	if t := c.Table(database, table); t != nil {
		var list []string
		for _, i := range t.VisibleColumns() {
			list = append(list, t.Columns[i].Name)
		}
		return list, true
	}
	if v := c.View(database, table); v != nil {
		return dialect.ViewColumns(c, v), true
	}
	return dialect.CatalogColumns(database, table)
}

// definerOf tells what kind of object names the account as its definer.
func definerOf(c *schemas.Catalog, n accounts.Name) string {
	for _, d := range c.Databases {
		for _, v := range d.Views {
			if strings.EqualFold(v.Definer, n.Plain()) {
				return "view"
			}
		}
		for _, p := range d.Programs {
			if !strings.EqualFold(p.Definer, n.Plain()) {
				continue
			}
			if p.Kind == schemas.Trigger || p.Kind == schemas.Event {
				return strings.ToLower(string(p.Kind))
			}
			return "stored routine"
		}
	}
	return ""
}

// mandatoryRoles are the roles that everybody has.
func (g *globals) mandatoryRoles() []accounts.Name {
	d := dialect.LookupVariable("mandatory_roles")
	if d == nil {
		return nil
	}
	text := g.get(d).text
	if text == "" {
		return nil
	}
	list, err := accounts.ParseRoles([]byte(text))
	if err != nil {
		return nil // SET has checked it
	}
	return list
}

// isOn reports whether a global switch is on.
func (g *globals) isOn(name string) bool {
	d := dialect.LookupVariable(name)
	return d != nil && g.get(d).text == "ON"
}

// number is a global whole number, 0 if it is none.
func (g *globals) number(name string) int64 {
	d := dialect.LookupVariable(name)
	if d == nil {
		return 0
	}
	var n int64
	if _, err := fmt.Sscan(g.get(d).text, &n); err != nil {
		return 0
	}
	return n
}

// checkRoles refuses a text of mandatory_roles that is none.
func checkRoles(text string) error {
	if _, err := accounts.ParseRoles([]byte(text)); err != nil {
		return mysqlerr.Newf(errorWrongRoles, "Variable 'mandatory_roles' can't be set to the value of '%s'", text)
	}
	return nil
}

// errorWrongRoles is ER_WRONG_VALUE_FOR_VAR.
const errorWrongRoles = 1231
