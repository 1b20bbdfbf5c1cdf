package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/commit"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxMoveEvents is how many row events a transaction may have and still move to a newer snapshot.
const maxMoveEvents = 10_000

// maxSnapshots is how often a snapshot is taken again until catalog and files agree.
const maxSnapshots = 200

// isolation is a transaction isolation level.
type isolation uint8

const (
	readCommitted isolation = iota
	repeatableRead
	serializable
)

// transaction is what a session has open: BEGIN's, autocommit=0's, or one statement's.
type transaction struct {
	session   *Session
	explicit  bool
	readOnly  bool
	isolation isolation
	begun     time.Time
	owner     *lockOwner
	borrowed  bool  // owner is that of LOCK TABLES and outlives the transaction
	lost      error // it was rolled back while the client was idle; the next statement says so

	branch    *store.Branch // C, or nil as long as nothing was read
	catalog   *schemas.Catalog
	rules     *catalogRules    // of catalog
	databases []txn.DatabaseID // that C uses
	// at is the position at which everything that the transaction rests on was read: C's.
	at       txn.Position
	begunC   bool  // C is inside a SQLite transaction
	triggers bool  // TEMP triggers were made in it
	view     *view // V, when it is not C
	fixed    bool  // a plain read has fixed V
	// patched: databases have joined C since its snapshot, so that together they are of no one moment.
	patched bool
	early   []txn.DatabaseID     // those that V had when it was fixed; what joins it later may be newer
	late    map[txn.TableID]bool // tables of other databases that were not written since V was fixed

	claims     claims
	written    written
	savepoints []savepoint
	tx         *commit.Tx // nil without row events
	xa         bool
	prepared   *txn.Transaction // the order record of a prepared XA transaction
	seen       txn.Position     // decided before the first chunk
	private    []string         // statements that changed temporary tables since C's snapshot
	// created, dropped: temporary tables were, which no ROLLBACK takes back.
	created, dropped bool
	hidden           int64 // hidden row ids handed out
	charged          int64 // of the node's memory
}

// written is what the transaction has written so far.
type written struct {
	events     []txn.RowEvent // in order; dropped once there are too many to move
	dropped    bool
	count      uint64 // events in force
	bytes      int64  // of the events in force, about
	next       uint64 // ordinal
	statements []txn.Statement
	databases  []txn.DatabaseID
	private    []txn.RowEvent // of temporary tables
}

// savepoint is a named mark of the client.
type savepoint struct {
	name       string // lower case
	sqlite     string
	events     int
	count      uint64
	bytes      int64
	next       uint64
	statements int
	private    int // rows of temporary tables
	changes    int // of temporary tables' definitions
}

func (s *Session) newTransaction(explicit bool) *transaction {
	t := &transaction{
		session:   s,
		explicit:  explicit,
		isolation: s.vars.isolation,
		readOnly:  s.vars.readOnly,
		begun:     s.engine.options.Now(),
		owner:     newLockOwner(),
	}
	if s.tables != nil && !s.tables.global {
		t.owner, t.borrowed = s.tables.owner, true
	}
	if s.next.isolation != "" {
		t.isolation = parseIsolation(s.next.isolation)
	}
	if s.next.access != "" {
		t.readOnly = s.next.access == "READ ONLY"
	}
	s.next = nextTransaction{}
	return t
}

// current returns the transaction that the statement belongs to: the open one, or under
// autocommit=0 a new one, or nil: then the statement is a transaction of its own.
func (s *Session) current() *transaction {
	if s.tx == nil && !s.vars.autocommit {
		s.tx = s.newTransaction(true)
	}
	return s.tx
}

// open makes C ready for the plan: a snapshot of its databases that its catalog fits. fresh
// reports whether the snapshot was taken just now. errReplan: the plan does not fit.
func (t *transaction) open(ctx context.Context, r *run) (fresh bool, err error) {
	if err := t.attach(ctx, r); err != nil {
		return false, err
	}
	if t.catalog == nil {
		if err := t.snapshot(ctx); err != nil {
			return false, err
		}
		t.at, fresh = t.branch.Position(), true
	}
	if t.catalog != r.catalog {
		if !samePlan(t.catalog, r.catalog, r.bound.Databases) {
			return fresh, errReplan
		}
	}
	return fresh, nil
}

// samePlan reports whether the databases have the same definitions in both catalogs.
func samePlan(a, b *schemas.Catalog, ids []txn.DatabaseID) bool {
	if a.Version == b.Version {
		return true
	}
	return !slices.ContainsFunc(ids, func(id txn.DatabaseID) bool {
		x, y := databaseByID(a, id), databaseByID(b, id)
		return x == nil || y == nil || x.Version != y.Version
	})
}

func databaseByID(c *schemas.Catalog, id txn.DatabaseID) *schemas.Database { return c.DatabaseByID(id) }

// attach makes C use the databases.
func (t *transaction) attach(ctx context.Context, r *run) error {
	s := t.session
	if t.branch == nil {
		b, err := s.openBranch(r.bound.Databases)
		if err != nil {
			return err
		}
		s.adopt(b, b.Conn())
		t.branch, t.databases = b, slices.Clone(r.bound.Databases)
		return nil
	}
	var added []txn.DatabaseID
	for _, id := range r.bound.Databases {
		if !slices.Contains(t.databases, id) {
			added = append(added, id)
		}
	}
	if len(added) == 0 {
		return nil
	}
	if t.catalog != nil {
		// A database that lags behind the others would pull the transaction's position back.
		if err := s.slot.outside(ctx, func() error { return s.engine.options.Store.WaitPublished(ctx, t.at, added...) }); err != nil {
			return err
		}
	}
	if err := t.branch.Use(added...); err != nil {
		return fmt.Errorf("attach databases: %w", err)
	}
	t.databases = append(t.databases, added...)
	t.patched = t.catalog != nil
	if t.catalog == nil || fits(t.branch, t.catalog, added) {
		return nil
	}
	if err := t.move(ctx, 0); err != nil { // a newer catalog is needed
		return err
	}
	return errReplan
}

// fits reports whether the definitions in the files are those of the catalog.
func fits(b *store.Branch, c *schemas.Catalog, ids []txn.DatabaseID) bool {
	for _, id := range ids {
		d := databaseByID(c, id)
		if d == nil || b.Schema(id) != d.Version && !schemas.IsPrivate(id) {
			return false
		}
	}
	return true
}

// snapshot takes a fresh snapshot of C's databases and the catalog that fits it.
func (t *transaction) snapshot(ctx context.Context) error {
	c, err := t.session.fittingSnapshot(ctx, t.branch, t.databases)
	if err != nil {
		return err
	}
	t.patched = false
	if t.catalog != c {
		t.catalog, t.rules = c, t.session.rulesOf(c)
	}
	return nil
}

// fittingSnapshot takes a snapshot of a branch and returns the catalog that fits it.
func (s *Session) fittingSnapshot(ctx context.Context, b *store.Branch, ids []txn.DatabaseID) (*schemas.Catalog, error) {
	st := s.engine.options.Store
	for range maxSnapshots {
		if err := b.Snapshot(ctx); err != nil {
			return nil, err
		}
		c := s.catalogOf(st.Catalog())
		if fits(b, c, ids) {
			return c, nil
		}
		for _, id := range ids {
			d := databaseByID(c, id)
			if d == nil {
				return nil, errReplan // dropped meanwhile
			}
			newest := max(d.Version, b.Schema(id))
			if err := s.slot.outside(ctx, func() error { return st.WaitPublished(ctx, newest, id) }); err != nil {
				return nil, err
			}
		}
	}
	return nil, errors.New("snapshot: the files never agreed with the catalog")
}

// beginC starts the SQLite transaction in which C's statements run.
func (t *transaction) beginC() error {
	if t.begunC {
		return nil
	}
	return t.rebuild(t.branch)
}

func (t *transaction) executor() *executor {
	return &executor{session: t.session, conn: t.branch.Conn(), branch: t.branch, writes: true}
}

func (t *transaction) exec(sql string) error {
	_, err := t.executor().Exec(sql, nil)
	return err
}

// tooLarge reports whether captured bytes more would exceed txn.max_bytes.
func (t *transaction) tooLarge(captured int64) bool {
	return t.written.bytes+captured > t.session.engine.options.TxnMaxBytes
}

// savepoint sets a named mark; an older one of the name goes.
func (t *transaction) savepoint(name string) error {
	if i := t.findSavepoint(name); i >= 0 {
		t.savepoints = slices.Delete(t.savepoints, i, i+1)
	}
	w := &t.written
	sp := savepoint{name: strings.ToLower(name), sqlite: "mark" + strconv.FormatUint(w.next, 10) + "_" + strconv.Itoa(len(t.savepoints)),
		events: len(w.events), count: w.count, bytes: w.bytes, next: w.next, statements: len(w.statements), private: len(w.private), changes: len(t.private)}
	for _, other := range t.savepoints {
		if other.sqlite == sp.sqlite {
			sp.sqlite += "_"
		}
	}
	if t.begunC {
		if err := t.exec("SAVEPOINT " + sp.sqlite); err != nil {
			return err
		}
	}
	t.savepoints = append(t.savepoints, sp)
	return t.view.savepoint(sp.sqlite)
}

func (t *transaction) findSavepoint(name string) int {
	return slices.IndexFunc(t.savepoints, func(sp savepoint) bool { return sp.name == strings.ToLower(name) })
}

// rollbackTo takes back what was written since the mark; locks stay.
func (t *transaction) rollbackTo(name string) error {
	i := t.findSavepoint(name)
	if i < 0 {
		return mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "SAVEPOINT", name)
	}
	sp := t.savepoints[i]
	if t.begunC {
		if err := t.exec("ROLLBACK TO " + sp.sqlite); err != nil {
			return err
		}
	}
	if err := t.view.rollbackTo(sp.sqlite); err != nil {
		return err
	}
	t.savepoints = t.savepoints[:i+1]
	w := &t.written
	if t.tx != nil && w.next > sp.next {
		t.tx.Void(txn.OrdinalRange{First: sp.next, End: w.next})
	}
	if !w.dropped {
		w.events = w.events[:sp.events]
	}
	w.count, w.bytes, w.statements, w.private = sp.count, sp.bytes, w.statements[:sp.statements], w.private[:sp.private]
	return t.runPrivate(t.private[min(sp.changes, len(t.private)):])
}

// releaseSavepoint forgets the mark and those set after it.
func (t *transaction) releaseSavepoint(name string) error {
	i := t.findSavepoint(name)
	if i < 0 {
		return mysqlerr.New(mysql.ER_SP_DOES_NOT_EXIST, "SAVEPOINT", name)
	}
	t.savepoints = t.savepoints[:i]
	return nil
}

// end gives up all that the transaction holds; what was not committed is gone.
func (t *transaction) end() {
	if t.tx != nil {
		t.tx.Abandon()
		t.tx = nil
	}
	t.closeBranches()
	t.discharge()
	if t.borrowed {
		t.session.engine.locks.endCommit(t.owner)
	} else {
		t.session.engine.locks.release(t.owner)
	}
	if t.session.tx == t && t.lost == nil {
		t.session.tx = nil
	}
}

// closeBranches gives C and V back.
func (t *transaction) closeBranches() {
	if t.view != nil {
		t.view.close()
		t.view = nil
	}
	if t.branch == nil {
		return
	}
	if t.begunC {
		t.endC()
	}
	t.branch.Close()
	t.branch, t.catalog, t.databases = nil, nil, nil
}

// endC ends C's SQLite transaction: by a COMMIT into the private pages when it made TEMP
// triggers, which a ROLLBACK would take away.
func (t *transaction) endC() {
	conn := t.branch.Conn()
	t.begunC = false
	if t.triggers && conn.Exec("COMMIT") == nil {
		t.triggers = false
		return
	}
	if conn.InTransaction() {
		_ = conn.Exec("ROLLBACK") // the branch drops its pages with the next snapshot in any case
	}
}

// isWritten reports whether there is something to commit.
func (t *transaction) isWritten() bool { return t.written.count > 0 || len(t.written.private) > 0 }

// access refuses writes in a READ ONLY transaction.
func (t *transaction) access(p *dialect.Plan) error {
	if t.readOnly && (p.Write != nil && !allTemporary(p) || p.DDL != nil) {
		return mysqlerr.New(mysql.ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION)
	}
	return nil
}
