package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"marmot/internal/stage"
	"marmot/schemas"
	"marmot/sqlext"
	"marmot/store/sqlite"
	"marmot/txn"
)

// Options configures a Store. Dir is required; the zero value of the rest means the default.
type Options struct {
	Dir               string
	Set               sqlext.Set       // registered on every connection
	Now               func() time.Time // time.Now
	Random            io.Reader        // crypto/rand.Reader
	MaxSnapshotAge    time.Duration    // txn.max_snapshot_age, 5 minutes
	WALLimitBytes     int64            // 64 MiB
	BranchMemoryBytes int64            // branch.memory: private pages of one branch in memory, 64 MiB
	Logger            *slog.Logger
	Stages            *stage.Recorder // its clock tells when something was published; may be nil
}

func (o Options) withDefaults() Options {
	o.MaxSnapshotAge = cmp.Or(o.MaxSnapshotAge, 5*time.Minute)
	o.WALLimitBytes = cmp.Or(o.WALLimitBytes, 64<<20)
	o.BranchMemoryBytes = cmp.Or(o.BranchMemoryBytes, 64<<20)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Store is the set of files of one node. Its methods may be called by several goroutines;
// those that write say by which.
//
// Locks, in the order in which they nest: replacing, a database's mutex (by id when several), gate, publication,
// directory, system.mutex. The catalog is published under directory.
type Store struct {
	o        Options
	lock     *os.File
	uuid     txn.UUID
	system   *system
	history  *history
	cluster  atomic.Pointer[Cluster]
	catalog  atomic.Pointer[schemas.Catalog]
	advanced watermark // what AdvanceAll said

	// publication keeps snapshots of several files whole: they share it, commits to several files
	// exclude them.
	publication sync.RWMutex
	torn        map[txn.DatabaseID]txn.Position // under publication: a commit to several files stopped half-way

	// gate is shared by branches while they open files or take snapshots; Replace marks a database as gone under it.
	gate      sync.RWMutex
	replacing sync.Mutex        // one Replace at a time
	onStep    func(step string) // of Replace; tests stop it there

	directory sync.RWMutex // guards the fields below
	databases map[txn.DatabaseID]*database
	private   map[txn.DatabaseID]*database // of sessions' temporary tables
	sorted    []*database                  // by id; replaced, never changed
	dropped   map[txn.DatabaseID]txn.Position
	change    chan struct{} // closed when databases changes

	pool   pool
	active snapshots
	index  atomic.Pointer[catalogIndex]
	// privateIndex is that of the last catalog with temporary tables.
	privateIndex atomic.Pointer[catalogIndex]
	layouts      layouts
	kick         chan struct{} // Run: a WAL has grown
	onWait       atomic.Pointer[func(txn.Position)]
}

// Open opens the data directory, which is made if it is not there, and every file in it.
// What is wrong with the directory or a file is a *FileError that names it and the remedy.
func Open(o Options) (*Store, error) {
	if err := sqlite.CheckBuild(); err != nil {
		return nil, err
	}
	s := &Store{
		o:         o.withDefaults(),
		torn:      map[txn.DatabaseID]txn.Position{},
		databases: map[txn.DatabaseID]*database{},
		dropped:   map[txn.DatabaseID]txn.Position{},
		private:   map[txn.DatabaseID]*database{},
		change:    make(chan struct{}),
		kick:      make(chan struct{}, 1),
	}
	s.pool.logger, s.pool.idle = s.o.Logger, map[string][]*idleBranch{}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open() error {
	for _, dir := range []string{s.o.Dir, s.databaseDir(), s.spillDir()} {
		if err := makeDirectory(dir); err != nil {
			return err
		}
	}
	var err error
	if s.lock, err = lockDirectory(s.o.Dir); err != nil {
		return err
	}
	if s.uuid, err = readUUID(s.o.Dir, s.o.Random); err != nil {
		return err
	}
	if err := s.openSystem(); err != nil {
		return err
	}
	if err := s.loadCluster(); err != nil {
		return err
	}
	if err := s.forgetPrivate(); err != nil {
		return err
	}
	return s.openDatabases()
}

func (s *Store) databaseDir() string { return filepath.Join(s.o.Dir, "db") }
func (s *Store) spillDir() string    { return filepath.Join(s.o.Dir, "tmp") }

// makeDirectory makes dir, closed to other users as MySQL's is, and makes sure that files can be made in it.
func makeDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fileError(dir, err)
	}
	probe, err := os.CreateTemp(dir, "probe-*"+temporary)
	if err != nil {
		return fileError(dir, err)
	}
	return fileError(dir, errors.Join(probe.Close(), os.Remove(probe.Name())))
}

func (s *Store) openSystem() error {
	path := filepath.Join(s.o.Dir, "system.db")
	_, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		err = createFile(path, systemApplicationID, systemStatements, nil)
	}
	if err != nil {
		return fileError(path, err)
	}
	if err := checkFile(path, systemApplicationID); err != nil {
		return err
	}
	c, err := openWriter(path)
	if err != nil {
		return err
	}
	s.system = &system{path: path, conn: c}
	s.history = &history{system: s.system, cached: map[versioned]*schemas.Table{}}
	return s.system.do(func(c *sqlite.Conn) error {
		return query(c, "SELECT id, position FROM dropped", func(row []txn.Value) error {
			s.dropped[txn.DatabaseID(row[0].Int64())] = toPosition(row[1])
			return nil
		})
	})
}

// openDatabases opens every file in data/db and publishes the catalog they make up.
func (s *Store) openDatabases() error {
	if err := s.finishReplacements(); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.databaseDir())
	if err != nil {
		return fileError(s.databaseDir(), err)
	}
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	c := &schemas.Catalog{Databases: map[string]*schemas.Database{}, Version: 1}
	for _, e := range entries {
		name := e.Name()
		path := filepath.Join(s.databaseDir(), name)
		if base, ok := leftOver(name); ok && !names[base] {
			if err := os.Remove(path); err != nil {
				return fileError(path, err)
			}
			continue
		}
		if !strings.HasSuffix(name, databaseSuffix) {
			continue
		}
		if err := s.openOne(path, c); err != nil {
			return err
		}
	}
	if err := s.missDatabases(); err != nil {
		return err
	}
	s.catalog.Store(c)
	return nil
}

// missDatabases notices files that somebody took away. A database that was created at a position
// that is not stored as decided may still have to be made.
func (s *Store) missDatabases() error {
	return s.system.do(func(c *sqlite.Conn) error {
		const created = "SELECT id, min(version), definition FROM history WHERE kind = ? GROUP BY id HAVING min(version) <= (SELECT last FROM decided)"
		return query(c, created, func(row []txn.Value) error {
			id := txn.DatabaseID(row[0].Int64())
			if _, gone := s.dropped[id]; gone || s.databases[id] != nil {
				return nil
			}
			definition, err := schemas.DecodeDatabase(row[2].Bytes())
			if err != nil {
				return fmt.Errorf("schema history, database %d: %w", id, err)
			}
			return &FileError{Path: filepath.Join(s.databaseDir(), fileName(definition.Name, id)), Err: ErrMissingFile, Remedy: missingRemedy}
		}, txn.Int(int64(txn.ObjectDatabase)))
	})
}

// leftOver recognises what a crash can leave without its file, and tells which file that is.
func leftOver(name string) (base string, ok bool) {
	if strings.HasSuffix(name, temporary) {
		return "", true
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if base, found := strings.CutSuffix(name, suffix); found {
			return base, true
		}
	}
	return "", false
}

// openOne opens one file, unless its database was dropped: then it finishes the removal.
func (s *Store) openOne(path string, c *schemas.Catalog) error {
	if err := checkFile(path, databaseApplicationID); err != nil {
		return err
	}
	d, definition, rows, err := s.openDatabase(path)
	if err != nil {
		return err
	}
	if _, ok := s.dropped[d.id]; ok {
		if err := d.close(); err != nil {
			return err
		}
		return removeFile(path)
	}
	if other := s.databases[d.id]; other != nil {
		copied := &FileError{Path: path, Err: ErrForeignFile, Detail: "a copy of " + other.path, Remedy: "move one of the two out of the data directory"}
		return errors.Join(copied, d.close())
	}
	s.add(d)
	c.Databases[d.name] = definition
	c.Position = max(c.Position, definition.Version)
	return s.history.heal(rows)
}

// add makes a database known. The caller holds directory, or is Open.
func (s *Store) add(d *database) {
	s.databases[d.id] = d
	s.membershipChanged()
}

func (s *Store) membershipChanged() {
	list := make([]*database, 0, len(s.databases))
	for _, d := range s.databases {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *database) int { return cmp.Compare(a.id, b.id) })
	s.sorted = list
	close(s.change)
	s.change = make(chan struct{})
}

// database returns a database, or nil.
func (s *Store) database(id txn.DatabaseID) *database {
	s.directory.RLock()
	defer s.directory.RUnlock()
	if schemas.IsPrivate(id) {
		return s.private[id]
	}
	return s.databases[id]
}

// list returns the databases by id; the caller does not change it.
func (s *Store) list() []*database {
	s.directory.RLock()
	defer s.directory.RUnlock()
	return s.sorted
}

// changed returns a channel that is closed when a database appears or goes.
func (s *Store) changed() <-chan struct{} {
	s.directory.RLock()
	defer s.directory.RUnlock()
	return s.change
}

// tombstone returns the position at which the database was dropped.
func (s *Store) tombstone(id txn.DatabaseID) (txn.Position, bool) {
	s.directory.RLock()
	defer s.directory.RUnlock()
	p, ok := s.dropped[id]
	return p, ok
}

// Databases returns the ids of the databases, ascending.
func (s *Store) Databases() []txn.DatabaseID {
	list := s.list()
	ids := make([]txn.DatabaseID, len(list))
	for i, d := range list {
		ids[i] = d.id
	}
	return ids
}

// DataUUID names this data directory for ever.
func (s *Store) DataUUID() txn.UUID { return s.uuid }

// Catalog returns the definitions as of the last DDL applied. It is immutable.
func (s *Store) Catalog() *schemas.Catalog { return s.catalog.Load() }

// publishCatalog replaces the parts of the catalog that the batches change, all at once.
func (s *Store) publishCatalog(list []*pending) {
	s.directory.Lock()
	defer s.directory.Unlock()
	c := s.nextCatalog(list[0].ddl)
	for _, p := range list {
		c.Databases[p.database.name] = p.current
	}
	s.catalog.Store(c)
}

// replaceInCatalog replaces one database's part of the catalog; nil takes it out. The caller
// holds directory.
func (s *Store) replaceInCatalog(name string, d *schemas.Database, p txn.Position) {
	c := s.nextCatalog(p)
	if d == nil {
		delete(c.Databases, name)
	} else {
		c.Databases[name] = d
	}
	s.catalog.Store(c)
}

// nextCatalog returns a copy of the catalog to be changed at p. The caller holds directory.
func (s *Store) nextCatalog(p txn.Position) *schemas.Catalog {
	old := s.catalog.Load()
	c := &schemas.Catalog{Position: max(old.Position, p), Version: old.Version + 1, Databases: make(map[string]*schemas.Database, len(old.Databases)+1)}
	for n, other := range old.Databases {
		c.Databases[n] = other
	}
	return c
}

// Close closes every file. Branches must be closed before; Run must have ended.
func (s *Store) Close() error {
	s.pool.close()
	errs := s.closePrivate()
	for _, d := range s.list() {
		if err := d.settle(); err != nil {
			errs = append(errs, err)
		}
		if err := d.close(); err != nil {
			errs = append(errs, err)
		}
	}
	if s.system != nil {
		errs = append(errs, s.system.close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Run keeps the WALs short, ends snapshots that are older than MaxSnapshotAge, and writes the
// positions of quiet databases, until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	return s.keep(ctx)
}
