package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store/sqlite"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxAttached is how many databases one branch may use. Above 30 SQLite's statements become slower.
const maxAttached = 30

// errSnapshotTooOld is what the statements of a transaction get whose snapshot was ended.
func errSnapshotTooOld(age time.Duration) error {
	return mysqlerr.Newf(mysql.ER_LOCK_DEADLOCK, "Transaction ended: its snapshot is older than txn.max_snapshot_age (%s); try restarting transaction", age)
}

func errTooManyDatabases() error {
	return mysqlerr.Newf(mysql.ER_TOO_MANY_TABLES, "Too many databases; Marmot can only use %d databases in a transaction", maxAttached)
}

// errTorn is what snapshots of several databases get while a commit to several files is half done.
func errTorn(name string) error {
	return mysqlerr.Newf(mysql.ER_GET_ERRNO, "Database '%s' waits for the rest of a transaction that could not be written (see the error log); retry, or read it alone", name)
}

// Branch is a session's private view of a snapshot of some databases. It belongs to one goroutine
// at a time. Statements run on Conn (writes stay private) and Reader, which are asked for anew for each
// statement; they need a snapshot.
type Branch struct {
	store *Store
	inner *sqlite.Branch // nil until it is known which databases are wanted
	main  *database      // of OpenFileBranch
	files []*usedFile
	// held: there is a snapshot. started and ended are its beginning, and why it was ended.
	held    bool
	started time.Time
	ended   atomic.Pointer[error]
	resting bool // written by the owner under active.mutex
	wrote   bool // Conn was handed out since the branch came from the pool
	altered bool // a used file has other definitions than in the snapshot before
	place   txn.Position
}

// usedFile is one file of a branch.
type usedFile struct {
	database *database
	schema   string // name under which SQLite knows it
	state    string // query of its state
	position txn.Position
	ddl      txn.Position
}

func newUsedFile(d *database, schema string) *usedFile {
	return &usedFile{database: d, schema: schema, state: "SELECT position, ddl FROM " + schema + "._marmot_state"}
}

// OpenBranch returns a branch without databases; Use adds them. Its connections come from a
// pool once the first Use or Snapshot tells which databases it is for.
func (s *Store) OpenBranch() (*Branch, error) { return &Branch{store: s}, nil }

// OpenFileBranch returns a branch whose main database is the file of db, for DDL with unqualified
// names. It is not pooled.
func (s *Store) OpenFileBranch(db txn.DatabaseID) (*Branch, error) {
	d, err := s.usable(db)
	if err != nil {
		return nil, err
	}
	s.gate.RLock()
	defer s.gate.RUnlock()
	if err := d.usable(); err != nil {
		return nil, err
	}
	inner, err := s.openInner(d.path)
	if err != nil {
		return nil, err
	}
	return &Branch{store: s, inner: inner, main: d, files: []*usedFile{newUsedFile(d, "main")}}, nil
}

func (s *Store) openInner(main string) (*sqlite.Branch, error) {
	inner, err := sqlite.OpenBranch(sqlite.BranchOptions{Set: s.o.Set, Main: main, MemoryLimit: s.o.BranchMemoryBytes, SpillDir: s.spillDir()})
	if err != nil {
		return nil, fmt.Errorf("open branch: %w", err)
	}
	return inner, nil
}

// Use attaches the databases that are not attached yet, under their aliases. It may be called
// inside a transaction: what is attached then is as of now, not as of the snapshot.
func (b *Branch) Use(ids ...txn.DatabaseID) error {
	b.wake()
	if err := b.Err(); err != nil {
		return err
	}
	wanted, err := b.missing(ids)
	if err != nil {
		return err
	}
	if b.inner == nil {
		if idle := b.store.pool.take(poolKey(wanted)); idle != nil {
			b.inner, b.files = idle.branch, idle.files
			return nil
		}
	}
	if err := b.ensure(); err != nil {
		return err
	}
	for _, f := range wanted {
		if err := b.attach(f); err != nil {
			return err
		}
	}
	return nil
}

// missing lists the databases that are not attached.
func (b *Branch) missing(ids []txn.DatabaseID) ([]*usedFile, error) {
	var wanted []*usedFile
	for _, id := range ids {
		if b.file(id) != nil || slices.ContainsFunc(wanted, func(f *usedFile) bool { return f.database.id == id }) {
			continue
		}
		d, err := b.store.usable(id)
		if err != nil {
			return nil, err
		}
		wanted = append(wanted, newUsedFile(d, d.alias))
	}
	if len(b.files)+len(wanted) > maxAttached {
		return nil, errTooManyDatabases()
	}
	return wanted, nil
}

func (b *Branch) ensure() (err error) {
	if b.inner == nil {
		b.inner, err = b.store.openInner("")
	}
	return err
}

func (b *Branch) attach(f *usedFile) error {
	b.store.gate.RLock()
	defer b.store.gate.RUnlock()
	if err := f.database.usable(); err != nil {
		return err
	}
	published := f.database.published.get()
	if err := b.inner.Attach(f.schema, f.database.path); err != nil {
		if gone := f.database.usable(); gone != nil {
			return gone // its file went while it was opened
		}
		return fmt.Errorf("attach database %q: %w", f.database.name, err)
	}
	if !b.held {
		b.files = append(b.files, f)
		return nil
	}
	b.store.active.change(func() { b.files = append(b.files, f) })
	if err := b.readState(f, published); err != nil {
		return err
	}
	b.place = b.least()
	return nil
}

func (b *Branch) file(id txn.DatabaseID) *usedFile {
	for _, f := range b.files {
		if f.database.id == id {
			return f
		}
	}
	return nil
}

func (b *Branch) uses(d *database) bool {
	return slices.ContainsFunc(b.files, func(f *usedFile) bool { return f.database == d })
}

// Rest says that the owner leaves the branch alone for a while, as a session does that waits for its
// client in the middle of a transaction: a snapshot that gets too old can be ended meanwhile. The next
// call of any other method ends the rest.
func (b *Branch) Rest() {
	b.store.active.change(func() { b.resting = true })
}

// wake ends a rest. A snapshot that was ended is given up, at the latest here.
func (b *Branch) wake() {
	if b.resting {
		b.store.active.change(func() { b.resting = false })
	}
	if b.held && b.ended.Load() != nil {
		b.inner.Release()
	}
}

// Err tells why the branch can no longer be used as it is: its snapshot was ended because of its
// age, or a database was dropped or its file replaced. Statements then fail with sqlite.ErrNoSnapshot or as interrupted, and
// the session asks here for what to tell its client. A new Snapshot mends the former.
func (b *Branch) Err() error {
	if err := b.ended.Load(); err != nil {
		return *err
	}
	for _, f := range b.files {
		if err := f.database.usable(); err != nil {
			return err
		}
	}
	return nil
}

// Snapshot takes a fresh snapshot of all used databases; private pages and what was captured are gone,
// TEMP tables stay. No transaction may be open in the branch, and no statement have rows left.
// It waits at most 50 ms for a checkpoint when a WAL is above its limit.
func (b *Branch) Snapshot(ctx context.Context) error {
	b.wake()
	if b.held {
		b.store.active.remove(b)
		b.held = false
		b.inner.Cut(0)
	}
	b.ended.Store(nil)
	if err := b.Err(); err != nil {
		b.discard()
		return err
	}
	if err := b.ensure(); err != nil {
		return err
	}
	if err := b.snapshot(ctx); err != nil {
		b.Release()
		b.inner.Release()
		return err
	}
	return nil
}

func (b *Branch) snapshot(ctx context.Context) error {
	for _, f := range b.files {
		if err := f.database.wal.await(ctx); err != nil {
			return err
		}
	}
	var buffer [4]txn.Position
	published, err := b.hold(buffer[:0])
	if err != nil {
		return err
	}
	for i, f := range b.files {
		if err := b.readState(f, published[i]); err != nil {
			return err
		}
	}
	b.place = b.least()
	return b.forgetTriggers()
}

// hold takes the snapshot while no file is being replaced, and makes it known to those who end snapshots.
// It appends what was published before.
func (b *Branch) hold(published []txn.Position) ([]txn.Position, error) {
	b.store.gate.RLock()
	defer b.store.gate.RUnlock()
	if err := b.Err(); err != nil {
		return nil, err
	}
	for _, f := range b.files {
		published = append(published, f.database.published.get())
	}
	if err := b.take(); err != nil {
		return nil, err
	}
	b.held, b.started = true, b.store.o.Now()
	b.store.active.add(b)
	return published, nil
}

// forgetTriggers drops the TEMP triggers when definitions have changed: each belongs to one version of a table, and
// would go on firing.
func (b *Branch) forgetTriggers() error {
	if !b.altered {
		return nil
	}
	if err := b.inner.ForgetTempTriggers(); err != nil {
		return fmt.Errorf("triggers of older definitions: %w", err)
	}
	b.altered = false
	return nil
}

// take takes the snapshot; of several files under the shared publication lock.
func (b *Branch) take() error {
	if len(b.files) > 1 {
		b.store.publication.RLock()
		defer b.store.publication.RUnlock()
		for _, f := range b.files {
			if _, torn := b.store.torn[f.database.id]; torn {
				return errTorn(f.database.name)
			}
		}
	}
	if err := b.inner.Snapshot(); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return nil
}

// readState reads a file's own positions in the snapshot. What was published before the snapshot
// was taken is in it too, though a quiet file's own position may be older.
func (b *Branch) readState(f *usedFile, published txn.Position) error {
	err := query(b.inner.Read(), f.state, func(row []txn.Value) error {
		ddl := toPosition(row[1])
		b.altered = b.altered || f.ddl != 0 && f.ddl != ddl
		f.position, f.ddl = max(toPosition(row[0]), published), ddl
		return nil
	})
	if err != nil {
		return fmt.Errorf("position of database %q: %w", f.database.name, err)
	}
	return nil
}

func (b *Branch) least() txn.Position {
	if len(b.files) == 0 {
		return b.store.advanced.get()
	}
	var p txn.Position
	for _, f := range b.files {
		if !schemas.IsPrivate(f.database.id) && (p == 0 || f.position < p) {
			p = f.position
		}
	}
	if p == 0 { // temporary tables alone, which are of no position
		return b.store.PublishedAll()
	}
	return p
}

// Position returns the position of the snapshot: everything up to it is seen, in all used databases.
func (b *Branch) Position() txn.Position { return b.place }

// PositionOf returns the position of the snapshot in one database, 0 if it is not used.
func (b *Branch) PositionOf(db txn.DatabaseID) txn.Position {
	if f := b.file(db); f != nil {
		return f.position
	}
	return 0
}

// Schema returns the position of the last DDL that the snapshot of a used database holds. A plan
// fits the snapshot if it was made with a catalog whose Database.Version is the same.
func (b *Branch) Schema(db txn.DatabaseID) txn.Position {
	if f := b.file(db); f != nil {
		return f.ddl
	}
	return 0
}

// Conn returns the connection whose writes stay private. Use or Snapshot comes first.
func (b *Branch) Conn() *sqlite.Conn {
	b.wake()
	b.wrote = true
	return b.inner.Conn()
}

// Reader returns the plain connection at the snapshot. Use or Snapshot comes first.
func (b *Branch) Reader() *sqlite.Conn {
	b.wake()
	return b.inner.Read()
}

// Mark returns the place in the list of captured rows, for Events and Cut.
func (b *Branch) Mark() int {
	b.wake()
	return b.inner.Mark()
}

// Cut forgets what was captured since mark: the statement failed or was undone.
func (b *Branch) Cut(mark int) {
	b.wake()
	b.inner.Cut(mark)
}

// CapturedBytes returns the size of what was captured.
func (b *Branch) CapturedBytes() int64 {
	b.wake()
	return b.inner.CapturedBytes()
}

// Memory returns the bytes that the branch holds: private pages, page caches, captured rows.
func (b *Branch) Memory() int64 {
	if b.inner == nil {
		return 0
	}
	return b.inner.Memory()
}

// Release ends the snapshot and keeps the connections.
func (b *Branch) Release() {
	b.wake()
	if !b.held {
		return
	}
	b.store.active.remove(b)
	b.held = false
	b.inner.Release()
}

// Close ends the snapshot and gives the connections back.
func (b *Branch) Close() {
	b.wake()
	if b.inner == nil {
		return
	}
	reusable := b.reusable()
	b.Release()
	b.inner.Release()
	if !reusable {
		b.discard()
		return
	}
	b.store.pool.put(&idleBranch{branch: b.inner, files: b.files})
	b.inner, b.files = nil, nil
}

// reusable clears what belongs to the session. TEMP tables cannot be left to another one, and a
// branch that carries too many TEMP triggers is not worth it. Close releases the snapshot that it may take.
func (b *Branch) reusable() bool {
	if b.main != nil || b.Err() != nil {
		return false
	}
	for _, c := range []*sqlite.Conn{b.inner.Conn(), b.inner.Read()} {
		c.SetState(nil)
		c.SetProgress(0, nil)
	}
	if !b.wrote {
		return true
	}
	if !b.held && b.inner.Snapshot() != nil { // nothing can be asked without one
		return false
	}
	rollback(b.inner.Conn())
	b.inner.ResetCascade()
	clean := false
	err := query(b.inner.Conn(), "SELECT count(*), count(*) FILTER (WHERE type <> 'trigger') FROM temp.sqlite_schema", func(row []txn.Value) error {
		clean = row[0].Int64() <= maxTempObjects && row[1].Int64() == 0
		return nil
	})
	return err == nil && clean
}

// discard closes the connections.
func (b *Branch) discard() {
	if b.inner != nil {
		if err := b.inner.Close(); err != nil {
			b.store.o.Logger.Warn("close branch", "error", err)
		}
	}
	b.inner, b.files, b.main = nil, nil, nil
}

// snapshots are the branches that hold a snapshot. Its mutex keeps them from being closed while
// another goroutine interrupts them.
type snapshots struct {
	mutex sync.Mutex
	held  map[*Branch]struct{}
}

func (s *snapshots) add(b *Branch) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.held == nil {
		s.held = map[*Branch]struct{}{}
	}
	s.held[b] = struct{}{}
}

// change runs f while nobody looks at the branches.
func (s *snapshots) change(f func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	f()
}

func (s *snapshots) remove(b *Branch) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.held, b)
}

// end tells branches that their snapshot is over. Those at rest lose it at once; of the others
// what runs is interrupted, and they give it up themselves. It returns how many heard it for the first time.
func (s *snapshots) end(reason error, match func(*Branch) bool) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	n := 0
	for b := range s.held {
		if !match(b) || !b.ended.CompareAndSwap(nil, &reason) {
			continue
		}
		n++
		if b.resting {
			b.inner.Release()
			continue
		}
		b.inner.Conn().Interrupt()
		b.inner.Read().Interrupt()
	}
	return n
}
