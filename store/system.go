package store

import (
	"encoding/json"
	"fmt"
	"sync"

	"marmot/store/sqlite"
	"marmot/txn"
)

// systemStatements make system.db.
var systemStatements = []string{
	// Small values of this and other packages.
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
	// How far the log is decided, and the hash chain there: one row.
	"CREATE TABLE decided (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL, chain BLOB NOT NULL)",
	// What each batch of decisions changed in the ledger, by the last position of the batch.
	"CREATE TABLE ledger (last INTEGER PRIMARY KEY, delta BLOB NOT NULL)",
	// Conflicts and voids.
	"CREATE TABLE aborted (position INTEGER PRIMARY KEY)",
	// Every version of every definition; kind as in _marmot_catalog.
	"CREATE TABLE history (kind INTEGER NOT NULL, id INTEGER NOT NULL, version INTEGER NOT NULL, database INTEGER NOT NULL, definition BLOB NOT NULL, PRIMARY KEY (kind, id, version)) WITHOUT ROWID",
	// Databases that are gone: their records are skipped when the log is replayed.
	"CREATE TABLE dropped (id INTEGER PRIMARY KEY, name TEXT NOT NULL, position INTEGER NOT NULL)",
}

// system is system.db behind a mutex: one connection, used for moments only.
type system struct {
	path  string
	mutex sync.Mutex
	conn  *sqlite.Conn
	wal   walState
}

// do runs f with the connection, and names the file in its error.
func (s *system) do(f func(c *sqlite.Conn) error) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return fileError(s.path, f(s.conn))
}

func (s *system) close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	err := s.wal.close()
	if e := s.conn.Close(); err == nil {
		err = e
	}
	return fileError(s.path, err)
}

// durably runs f in a transaction that is on disk when durably returns.
func (s *system) durably(f func(c *sqlite.Conn) error) error {
	return s.do(func(c *sqlite.Conn) error {
		if err := run(c, "PRAGMA synchronous=FULL"); err != nil {
			return err
		}
		err := transaction(c, func() error { return f(c) })
		if e := run(c, "PRAGMA synchronous=NORMAL"); err == nil {
			err = e
		}
		return err
	})
}

// Meta returns the small value that SetMeta stored under key.
func (s *Store) Meta(key string) (value []byte, ok bool, err error) {
	err = s.system.do(func(c *sqlite.Conn) error {
		return query(c, "SELECT value FROM meta WHERE key = ?", func(row []txn.Value) error {
			value, ok = append([]byte{}, row[0].Bytes()...), true
			return nil
		}, txn.TextString(key))
	})
	return value, ok, err
}

// SetMeta stores a small value in system.db; a nil value removes it. After a power loss the
// latest values may be gone.
func (s *Store) SetMeta(key string, value []byte) error {
	return s.system.do(func(c *sqlite.Conn) error {
		s.system.wal.grew(2*pageSize + int64(len(value)))
		if value == nil {
			return run(c, "DELETE FROM meta WHERE key = ?", txn.TextString(key))
		}
		return run(c, "INSERT OR REPLACE INTO meta VALUES (?, ?)", txn.TextString(key), txn.Blob(value))
	})
}

// Cluster names the cluster and the generation of the log that the files follow.
type Cluster struct {
	UUID       txn.UUID
	Name       string
	Generation uint32
	Base       txn.Position // of the generation
}

const clusterKey = "store.cluster"

// Cluster returns what SetCluster stored. It reports false for a new data directory.
func (s *Store) Cluster() (Cluster, bool) {
	if c := s.cluster.Load(); c != nil {
		return *c, true
	}
	return Cluster{}, false
}

// SetCluster ties the data directory to a cluster, durably. Another cluster than the one it is tied to,
// or an older generation, is an error: the files hold another history.
func (s *Store) SetCluster(c Cluster) error {
	if old, ok := s.Cluster(); ok {
		if old == c {
			return nil
		}
		if old.UUID != c.UUID {
			return &FileError{Path: s.o.Dir, Err: ErrOtherCluster, Detail: fmt.Sprintf("%s %q, the log is of %s %q", old.UUID, old.Name, c.UUID, c.Name), Remedy: "check cluster.name and log.brokers, or use an empty data.dir"}
		}
		if old.Generation > c.Generation {
			return &FileError{Path: s.o.Dir, Err: ErrOtherCluster, Detail: fmt.Sprintf("generation %d of the log, this one is generation %d", old.Generation, c.Generation), Remedy: "check log.brokers: this log was left for a newer one"}
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("set cluster: %w", err)
	}
	err = s.system.durably(func(conn *sqlite.Conn) error {
		return run(conn, "INSERT OR REPLACE INTO meta VALUES (?, ?)", txn.TextString(clusterKey), txn.Blob(text))
	})
	if err == nil {
		s.cluster.Store(&c)
	}
	return err
}

// loadCluster reads at Open what SetCluster stored.
func (s *Store) loadCluster() error {
	text, ok, err := s.Meta(clusterKey)
	if err != nil || !ok {
		return err
	}
	var c Cluster
	if err := json.Unmarshal(text, &c); err != nil {
		return &FileError{Path: s.system.path, Err: ErrDamagedFile, Detail: err.Error(), Remedy: DamagedRemedy}
	}
	s.cluster.Store(&c)
	return nil
}
