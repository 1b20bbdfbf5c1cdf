package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"marmot/accounts"
	"marmot/dialect"
	"marmot/internal/stage"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Session is one client's session. It implements the wire's session, dialect.Environment and
// what package expression asks besides. Commands come from one goroutine; Kill, expiry and
// SHOW PROCESSLIST from others, which see activity and, while no command runs, the transaction.
type Session struct {
	engine   *Engine
	info     ConnInfo
	slot     slot
	vars     variables
	user     userVariables
	database string
	tx       *transaction
	xa       *xaBranch // nil: tx is no XA transaction
	next     nextTransaction
	run      *run // the statement under way, or nil
	last     diagnostics
	texts    map[string]*prepared // of PREPARE
	tables   *tableLocks          // of LOCK TABLES, or nil
	// temporary are the temporary tables, or nil.
	temporary  *temporaries
	named      map[string]int // locks of GET_LOCK and how often each was taken
	programs   programs
	exec       *executor // that runs a statement of SQLite now, or nil
	multi      bool
	rights     rights
	following  transactionTrack
	attributes []QueryAttribute // of the statement under way
	gtid       string           // of the transaction that this command committed last
	flush      *time.Timer      // sends what waits for a full chunk, once the session idles
	lap        stage.Mark       // end of the last stage of the command

	mu       sync.Mutex // held while a command runs
	activity activity
}

// idleFlush is how long a session is idle before row events that wait for a full chunk leave.
const idleFlush = 2 * time.Millisecond

// diagnostics are what the statement before left behind.
type diagnostics struct {
	warnings  []*mysqlerr.Error
	errors    int // how many of the warnings are errors
	rowCount  int64
	foundRows uint64
	insertID  uint64 // LAST_INSERT_ID()
}

// nextTransaction is what SET TRANSACTION said of the next one only.
type nextTransaction struct {
	isolation string
	access    string // "READ ONLY", "READ WRITE" or empty
}

// activity is what others see of a session.
type activity struct {
	sync.Mutex
	cancel   context.CancelCauseFunc // of the command under way, or nil
	command  string
	state    string
	text     string
	database string
	since    time.Time
	begun    time.Time // of the explicit transaction, or zero
	killed   bool
}

func newSession(e *Engine, info ConnInfo) *Session {
	s := &Session{engine: e, info: info}
	s.slot.slots = e.slots
	s.setUp()
	return s
}

// setUp gives the session the state of a new one.
func (s *Session) setUp() {
	s.vars = newVariables(s)
	s.user = userVariables{}
	s.texts = map[string]*prepared{}
	s.named = map[string]int{}
	s.next = nextTransaction{}
	s.following = transactionTrack{}
	s.attributes = nil
	s.last = diagnostics{rowCount: -1}
	s.multi = s.info.MultiQuery
	s.activity.since = s.engine.options.Now()
	s.activity.command = "Sleep"
}

// begin starts a command: one after another, and each can be interrupted.
func (s *Session) begin(ctx context.Context, command, text string) (context.Context, func()) {
	s.mu.Lock()
	s.lap = s.engine.options.Stages.Now()
	if s.flush != nil {
		s.flush.Stop()
		s.flush = nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	a := &s.activity
	a.Lock()
	a.cancel, a.command, a.text, a.database, a.since = cancel, command, text, s.database, s.engine.options.Now()
	if a.killed {
		cancel(errKilled)
	}
	a.Unlock()
	return ctx, func() {
		a.Lock()
		a.cancel, a.command, a.text, a.since = nil, "Sleep", "", s.engine.options.Now()
		a.begun = time.Time{}
		if s.tx != nil && s.tx.explicit {
			a.begun = s.tx.begun
		}
		a.Unlock()
		cancel(nil)
		s.slot.give()
		if s.tx != nil && s.tx.tx != nil {
			s.flush = time.AfterFunc(idleFlush, s.tx.tx.Flush)
		}
		s.mu.Unlock()
	}
}

// staged records that a stage of the statement has ended.
func (s *Session) staged(of stage.Stage) { s.lap = s.engine.options.Stages.Lap(of, s.lap) }

// interrupt ends the statement under way, and the connection if asked.
func (s *Session) interrupt(connection bool) {
	a := &s.activity
	a.Lock()
	cancel := a.cancel
	a.killed = a.killed || connection
	a.Unlock()
	cause := errKilledQuery
	if connection {
		cause = errKilled
	}
	if cancel != nil {
		cancel(cause)
	}
	if connection && s.info.Disconnect != nil {
		s.info.Disconnect()
	}
}

// expire rolls the transaction back if it began before limit.
func (s *Session) expire(limit time.Time) {
	a := &s.activity
	a.Lock()
	begun, cancel := a.begun, a.cancel
	a.Unlock()
	if begun.IsZero() || begun.After(limit) {
		return
	}
	if cancel != nil {
		cancel(errExpired)
		return
	}
	if !s.mu.TryLock() {
		return // a command has just begun; the next look finds it
	}
	defer s.mu.Unlock()
	if s.tx != nil && s.tx.explicit && !s.tx.begun.After(limit) {
		s.tx.lost = errExpired
		s.tx.end()
		a.Lock()
		a.begun = time.Time{}
		a.Unlock()
	}
}

// onlyComment says of a text without a statement that it holds a comment, which MySQL answers with OK.
func onlyComment(sql []byte) bool { return len(bytes.Trim(sql, " \t\r\n;")) > 0 }

// Execute runs the statements of a query.
func (s *Session) Execute(ctx context.Context, sql []byte, w ResultWriter) error {
	sql = bytes.TrimSuffix(sql, []byte{0}) // mysqlslap sends it along
	ctx, end := s.begin(ctx, "Query", string(sql[:min(len(sql), 1024)]))
	defer end()
	text := s.vars.toUTF8(sql)
	first, rest, err := dialect.Split(text, s.vars.mode)
	for err == nil {
		if len(rest) > 0 {
			if more, splitErr := dialect.HoldsStatement(rest, s.vars.mode); splitErr == nil && !more && !(s.multi && onlyComment(rest)) {
				rest = nil
			} else if more && len(first) == 0 { // nothing before a semicolon
				s.last.warnings, s.last.errors = nil, 0
				return s.failed(dialect.SyntaxError(text, text[len(text)-len(rest)-1:]))
			}
		}
		if len(first) == 0 {
			if !onlyComment(text[:len(text)-len(rest)]) {
				s.last.warnings, s.last.errors = nil, 0
				return s.failed(mysqlerr.New(mysql.ER_EMPTY_QUERY))
			}
			first = []byte("DO 0")
		}
		if len(rest) > 0 && !s.multi {
			return s.failed(dialect.SyntaxError(text, rest))
		}
		if err := s.statement(ctx, &run{text: first, more: len(rest) > 0, writer: w}); err != nil {
			return err
		}
		if len(rest) == 0 {
			return nil
		}
		text = rest
		first, rest, err = dialect.Split(text, s.vars.mode)
	}
	s.last.warnings, s.last.errors = nil, 0
	return s.failed(err)
}

// Use changes the default database.
func (s *Session) Use(ctx context.Context, database string) error {
	ctx, end := s.begin(ctx, "Init DB", database)
	defer end()
	return s.failed(s.useNow(ctx, database))
}

func (s *Session) use(database string) error {
	if err := s.mayUse(database); err != nil {
		return err
	}
	if !isVirtualDatabase(database) && s.engine.options.Store.Catalog().Database(database) == nil {
		return mysqlerr.New(mysql.ER_BAD_DB_ERROR, database)
	}
	s.database = database
	return nil
}

// isVirtualDatabase reports whether the catalog's own tables live in the database.
func isVirtualDatabase(name string) bool {
	switch strings.ToLower(name) {
	case "information_schema", "performance_schema", "mysql", "sys":
		return true
	}
	return false
}

// TableColumns describes the columns of a table of the default database whose names match.
func (s *Session) TableColumns(ctx context.Context, table, pattern string) ([]dialect.ResultColumn, error) {
	ctx, end := s.begin(ctx, "Field List", table)
	defer end()
	if s.vars.strongReads {
		if err := s.awaitBarrier(ctx); err != nil {
			return nil, s.failed(err)
		}
	}
	if s.database == "" {
		return nil, s.failed(mysqlerr.New(mysql.ER_NO_DB_ERROR))
	}
	catalog := s.catalogOf(s.engine.options.Store.Catalog())
	t := catalog.Table(s.database, table)
	if !s.Privileges().SeesTable(s.database, table) {
		return nil, s.failed(accounts.TableDenied("SELECT", s.who(), table))
	}
	var list []dialect.ResultColumn
	if t == nil && catalog.View(s.database, table) != nil {
		p, err := s.prepare(ctx, []byte("SELECT * FROM "+schemas.QuoteName(s.database)+"."+schemas.QuoteName(table)))
		if err != nil {
			return nil, s.failed(err)
		}
		for _, c := range p.Columns() {
			if matchesLike(c.Name, pattern) {
				list = append(list, c)
			}
		}
		return list, nil
	}
	if t == nil {
		return nil, s.failed(mysqlerr.New(mysql.ER_NO_SUCH_TABLE, s.database, table))
	}
	for i := range t.Columns {
		if c := &t.Columns[i]; !c.Invisible && matchesLike(c.Name, pattern) {
			list = append(list, dialect.TableColumn(t, i))
		}
	}
	return list, nil
}

// matchesLike matches a name with a LIKE pattern, case aside; an empty pattern matches all.
func matchesLike(name, pattern string) bool {
	if pattern == "" {
		return true
	}
	return like([]rune(strings.ToLower(name)), []rune(strings.ToLower(pattern)))
}

func like(name, pattern []rune) bool {
	for len(pattern) > 0 {
		switch pattern[0] {
		case '%':
			for i := 0; i <= len(name); i++ {
				if like(name[i:], pattern[1:]) {
					return true
				}
			}
			return false
		case '\\':
			if len(pattern) > 1 {
				pattern = pattern[1:]
			}
		case '_':
			if len(name) == 0 {
				return false
			}
			name, pattern = name[1:], pattern[1:]
			continue
		}
		if len(name) == 0 || name[0] != pattern[0] {
			return false
		}
		name, pattern = name[1:], pattern[1:]
	}
	return len(name) == 0
}

// Reset gives the session the state of a new one: the transaction is rolled back, locks and variables go.
func (s *Session) Reset(ctx context.Context) error {
	_, end := s.begin(ctx, "Reset Connection", "")
	defer end()
	s.drop()
	s.setUp()
	s.setUpRights()
	return nil
}

// drop ends what the session has open.
func (s *Session) drop() {
	s.leaveXA()
	if s.tx != nil {
		s.tx.end()
		s.tx = nil
	}
	s.dropTemporaries()
	s.unlockTables()
	s.releaseNamed()
}

// SetMultiQuery allows or forbids several statements in one Execute.
func (s *Session) SetMultiQuery(on bool) { s.multi = on }

// Statistics is the line of COM_STATISTICS.
func (s *Session) Statistics() string {
	e := s.engine
	up := int64(e.options.Now().Sub(e.started) / time.Second)
	questions := e.counts.questions.Load()
	return fmt.Sprintf("Uptime: %d  Threads: %d  Questions: %d  Slow queries: 0  Opens: 0  Flush tables: 0  Open tables: 0  Queries per second avg: %.3f",
		up, e.Sessions(), questions, float64(questions)/float64(max(up, 1)))
}

// Settings returns what governs the connection.
func (s *Session) Settings() WireSettings { return s.vars.wire }

// Close ends the session: what is open is rolled back, locks are given up.
func (s *Session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
	s.engine.forget(s)
}

// failed turns an error into the one that the client gets and notes it for SHOW WARNINGS.
func (s *Session) failed(err error) error {
	if err == nil {
		return nil
	}
	err = s.engine.clientError(err)
	var e *mysqlerr.Error
	if errors.As(err, &e) {
		s.last.rowCount = -1
		s.last.warnings = append(s.last.warnings[:len(s.last.warnings):len(s.last.warnings)], e)
		s.last.errors++
	}
	return err
}

// Status is the server status between statements.
func (s *Session) Status() Status { return s.status(false) }

// status is the session's part of the protocol's status flags.
func (s *Session) status(more bool) Status {
	var status Status
	if s.vars.autocommit {
		status |= StatusAutocommit
	}
	if s.tx != nil && s.tx.explicit {
		status |= StatusInTransaction
		if s.tx.readOnly {
			status |= StatusReadOnly
		}
	}
	if s.vars.mode&dialect.NoBackslashEscapes != 0 {
		status |= StatusNoBackslashEscapes
	}
	if more {
		status |= StatusMoreResults
	}
	return status
}

// gtidText spells a position as a GTID of the cluster.
func (e *Engine) gtidText(p txn.Position) string {
	c, _ := e.options.Store.Cluster()
	return c.UUID.String() + ":" + p.String()
}
