package session

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"time"

	"marmot/accounts"
	"marmot/applier/ledger"
	"marmot/dialect"
	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// The session answers what plans and SQL functions ask.
var (
	_ dialect.Environment     = (*Session)(nil)
	_ dialect.ServerInfo      = serverInfo{}
	_ dialect.Executor        = (*executor)(nil)
	_ expression.Session      = (*Session)(nil)
	_ expression.Modes        = (*Session)(nil)
	_ expression.Locks        = (*Session)(nil)
	_ expression.StrictWrites = (*Session)(nil)
	_ expression.Roles        = (*Session)(nil)
	_ dialect.Granting        = (*Session)(nil)
	_ expression.Outcomes     = (*Session)(nil)
	_ expression.Waits        = (*Session)(nil)

	_ expression.QueryAttributes = (*Session)(nil)
	_ expression.GTIDs           = (*Session)(nil)
	_ expression.Randomness      = (*Session)(nil)
)

// userVariables are @variables by lower-case name; one that is absent is NULL.
type userVariables map[string]userVariable

// userVariable is a value, and what it does not say of its type itself.
type userVariable struct {
	value txn.Value
	sort  expression.VariableSort
}

// maxUserVariables bounds them, and maxUserVariableBytes each of them.
const (
	maxUserVariables     = 65_536
	maxUserVariableBytes = 64 << 20
)

// Now is the start of the statement.
func (s *Session) Now() time.Time {
	if s.run == nil {
		return s.now()
	}
	return s.run.now
}

// Zone is the session's time zone.
func (s *Session) Zone() *time.Location { return s.vars.zone }

// Mode is the session's sql_mode.
func (s *Session) Mode() dialect.SQLMode { return s.vars.mode }

// ModeBits is Mode for package expression.
func (s *Session) ModeBits() uint64 { return uint64(s.vars.mode) }

// StrictWrite tells package expression that what is wrong with a value ends the statement.
func (s *Session) StrictWrite() bool {
	r := s.run
	if r == nil || r.bound.Plan == nil || s.vars.mode&(dialect.StrictTransTables|dialect.StrictAllTables) == 0 {
		return false
	}
	if r.program != nil && r.program.Targets != nil {
		return true
	}
	return r.bound.DDL != nil || r.bound.Write != nil && !r.bound.Write.Lenient
}

// ConnectionID is CONNECTION_ID().
func (s *Session) ConnectionID() uint64 { return s.info.ID }

// User is USER(): name as given and client's host.
func (s *Session) User() string { return s.info.User + "@" + s.info.Host }

// CurrentUser is CURRENT_USER(): the account.
func (s *Session) CurrentUser() string {
	if d := s.rights.definer; d != nil {
		return d.Name.Plain()
	}
	return s.info.Account.User + "@" + s.info.Account.Host
}

// Database is the default database, or empty.
func (s *Session) Database() string { return s.database }

// LastInsertID is LAST_INSERT_ID(): also what LAST_INSERT_ID(id) of the same statement has set.
func (s *Session) LastInsertID() uint64 {
	if s.run != nil && s.run.setInsertID {
		return s.run.insertID
	}
	return s.last.insertID
}

// SetLastInsertID is LAST_INSERT_ID(id); it outlives the statement if that succeeds.
func (s *Session) SetLastInsertID(id uint64) {
	if s.run != nil {
		s.run.insertID, s.run.setInsertID = id, true
	}
}

// RowCount is ROW_COUNT().
func (s *Session) RowCount() int64 { return s.last.rowCount }

// FoundRows is FOUND_ROWS().
func (s *Session) FoundRows() uint64 { return s.last.foundRows }

// UserVariable returns @name.
func (s *Session) UserVariable(name string) txn.Value { return s.user[strings.ToLower(name)].value }

// UserVariableType returns the type of @name, Kind 0 if it was never set or is NULL.
func (s *Session) UserVariableType(name string) schemas.Type {
	v := s.user[strings.ToLower(name)]
	return expression.VariableType(v.value.Kind(), v.sort, s.vars.collation)
}

// SetUserVariable sets @name. Beyond the limits the variable stays as it is, with a warning.
func (s *Session) SetUserVariable(name string, value txn.Value, sort expression.VariableSort) {
	name = strings.ToLower(name)
	old, known := s.user[name]
	if !known && len(s.user) >= maxUserVariables || len(value.Bytes()) > maxUserVariableBytes {
		s.Warn(mysqlerr.Newf(1105, "User variable @%s was not set: too many variables, or too long a value", name))
		return
	}
	if r := s.run; r != nil {
		if _, noted := r.before[name]; !noted {
			if r.before == nil {
				r.before = userVariables{}
			}
			r.before[name] = old
		}
	}
	s.user[name] = userVariable{value.Clone(), sort}
}

// Warn adds a warning to the statement's; nil is one that is counted only, since the diagnostics area has it.
func (s *Session) Warn(w *mysqlerr.Error) {
	r := s.run
	if r == nil || w == nil && s.programs.inside > 0 {
		return
	}
	r.warned++
	if w != nil && len(r.warnings) < maxWarnings {
		r.warnings = append(r.warnings, w)
	}
}

// Random is the engine's source of randomness.
func (s *Session) Random() io.Reader { return s.engine.options.Random }

// WallClock is the present time.
func (s *Session) WallClock() time.Time { return s.engine.options.Now().In(s.vars.zone) }

// maxHiddenRowIDs is how many rows without primary key one transaction can insert: their
// numbers have 24 bits beside the position's.
const maxHiddenRowIDs = 1 << 24

// NextHiddenRowID returns a new hidden row id.
func (s *Session) NextHiddenRowID() (int64, error) {
	if s.tx == nil || s.tx.hidden >= maxHiddenRowIDs {
		return 0, errTransactionTooLarge
	}
	id := txn.HiddenBase + s.tx.hidden
	s.tx.hidden++
	return id, nil
}

// Server answers what only the node knows.
func (s *Session) Server() dialect.ServerInfo { return serverInfo{s} }

// serverInfo answers catalog queries with live state.
type serverInfo struct{ session *Session }

// Version is @@version.
func (i serverInfo) Version() string { return i.session.engine.options.Version }

// Variables lists the system variables of a scope.
func (i serverInfo) Variables(scope string) []dialect.NameValue {
	list := []dialect.NameValue{}
	for _, v := range dialect.Variables() {
		if scope == "global" && v.Scope == dialect.ScopeSession {
			continue
		}
		if text, err := i.session.variableText(scope, &v); err == nil {
			list = append(list, dialect.NameValue{Name: v.Name, Value: text})
		}
	}
	return list
}

// StatusValues lists SHOW STATUS.
func (i serverInfo) StatusValues() []dialect.NameValue { return i.session.statusValues() }

// Processes lists the sessions of this node.
func (i serverInfo) Processes() []dialect.Process {
	e := i.session.engine
	now := e.options.Now()
	var list []dialect.Process
	all := i.session.Privileges().Global()&accounts.Process != 0
	for _, s := range e.list() {
		if !all && s.info.Account.User != i.session.info.Account.User {
			continue
		}
		a := &s.activity
		a.Lock()
		list = append(list, dialect.Process{
			ID: s.info.ID, User: s.info.User, Host: s.info.Address, Database: a.database, Command: a.command, State: a.state,
			Seconds: int64(now.Sub(a.since) / time.Second), Info: accounts.Redact(a.text),
			Transport: s.info.transport(), Attributes: s.info.attributeList(), Own: s.info.Account.Name() == i.session.info.Account.Name(),
		})
		a.Unlock()
	}
	slices.SortFunc(list, func(a, b dialect.Process) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// Warnings lists those of the statement before.
func (i serverInfo) Warnings() []*mysqlerr.Error { return i.session.last.warnings }

// AutoIncrement is the next value that this node would give, or the ledger's.
func (i serverInfo) AutoIncrement(t *schemas.Table) uint64 {
	if t.AutoIncrement < 0 {
		return 0
	}
	if t.Temporary() && i.session.temporary != nil {
		return max(i.session.temporary.next[t.ID], 1)
	}
	e := i.session.engine
	if next, ok := e.leases.peek(t); ok {
		return next
	}
	var last uint64
	e.ask(func(l *ledger.Ledger) { last = l.AutoIncrement(t.ID) })
	return max(last+1, t.AutoIncrementStart)
}

// BinaryLog is the last position published in all databases.
func (i serverInfo) BinaryLog() txn.Position { return i.session.engine.options.Store.PublishedAll() }

// ClusterUUID is the GTIDs' source.
func (i serverInfo) ClusterUUID() txn.UUID {
	c, _ := i.session.engine.options.Store.Cluster()
	return c.UUID
}
