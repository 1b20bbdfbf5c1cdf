package applier

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// fakeStore keeps in memory what the SQLite files would, and checks that it is called as it must be: positions
// ascend, a database is written by one goroutine at a time, decided positions do not go back.
type fakeStore struct {
	mu        sync.Mutex
	databases map[txn.DatabaseID]*fakeDatabase
	dropped   map[txn.DatabaseID]bool
	decided   store.Decided
	deltas    map[txn.Position][]byte
	aborted   []txn.Position
	moot      []txn.Position
	meta      map[string][]byte
	history   map[fakeVersion]*schemas.Table // definitions that were applied
	errors    []string

	// failures are asked before a step is taken.
	beforeApply    func(db txn.DatabaseID, batch []store.Applied) error
	beforeDatabase func(c txn.DefinitionChange) error
	beforeSave     func(d store.Decided) error
}

type fakeDatabase struct {
	file, published txn.Position
	busy            bool
	batches         []int          // sizes
	positions       []txn.Position // applied
	rows            map[string]string
}

func newFakeStore() *fakeStore {
	return &fakeStore{databases: map[txn.DatabaseID]*fakeDatabase{}, dropped: map[txn.DatabaseID]bool{},
		deltas: map[txn.Position][]byte{}, meta: map[string][]byte{}, history: map[fakeVersion]*schemas.Table{}}
}

// fakeVersion names one version of a table's definition.
type fakeVersion struct {
	table   txn.TableID
	version txn.Position
}

func (s *fakeStore) History() schemas.History { return s }

// TableAt knows what was applied. Tables of version 0 never had a definition: tests that do not
// care write into them.
func (s *fakeStore) TableAt(table txn.TableID, version txn.Position) (*schemas.Table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if version == 0 {
		return &schemas.Table{ID: table, Identity: schemas.RowIDAlias}, nil
	}
	if t := s.history[fakeVersion{table, version}]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("version %s of table %d: %w", version, table, schemas.ErrNoVersion)
}

// define notes the definitions of a record.
func (s *fakeStore) define(a store.Applied) {
	for i := range a.Changes {
		c := &a.Changes[i]
		if c.Kind != txn.ObjectTable || c.Op == txn.Delete {
			continue
		}
		t, err := schemas.DecodeTable(c.Definition)
		if err != nil {
			s.complain("definition at %s: %v", a.Position, err)
			continue
		}
		id := txn.TableID(c.ID)
		if id == 0 {
			id = txn.TableID(a.Position)
		}
		s.history[fakeVersion{id, a.Position}] = t
	}
}

// fitError is a mismatch or a full disk.
type fitError struct{ mismatch, full bool }

func (e *fitError) Error() string  { return fmt.Sprintf("mismatch %v, full %v", e.mismatch, e.full) }
func (e *fitError) Mismatch() bool { return e.mismatch }
func (e *fitError) DiskFull() bool { return e.full }

func (s *fakeStore) complain(format string, args ...any) {
	s.errors = append(s.errors, fmt.Sprintf(format, args...))
}

func (s *fakeStore) LoadDecided() (txn.Position, txn.ChainHash, [][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lasts []txn.Position
	for p := range s.deltas {
		lasts = append(lasts, p)
	}
	slices.Sort(lasts)
	var deltas [][]byte
	for _, p := range lasts {
		deltas = append(deltas, s.deltas[p])
	}
	return s.decided.Last, s.decided.Chain, deltas, nil
}

func (s *fakeStore) SaveDecided(d store.Decided) error {
	if s.beforeSave != nil {
		if err := s.beforeSave(d); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.Last <= s.decided.Last {
		s.complain("decided %s after %s", d.Last, s.decided.Last)
	}
	s.decided = d
	s.deltas[d.Last] = d.LedgerDelta
	s.aborted = append(s.aborted, d.Aborted...)
	s.moot = append(s.moot, d.Moot...)
	for p := range s.deltas {
		if p < d.WindowStart {
			delete(s.deltas, p)
		}
	}
	return nil
}

func (s *fakeStore) Moot(p txn.Position) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.moot, p), nil
}

func (s *fakeStore) Aborted(from, to txn.Position) ([]txn.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to > s.decided.Last {
		s.complain("asked for verdicts up to %s of %s", to, s.decided.Last)
	}
	var list []txn.Position
	for _, p := range s.aborted {
		if p >= from && p <= to {
			list = append(list, p)
		}
	}
	return list, nil
}

func (s *fakeStore) Meta(key string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, found := s.meta[key]
	return b, found, nil
}

func (s *fakeStore) SetMeta(key string, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meta[key] = value
	return nil
}

func (s *fakeStore) OnWait(func(txn.Position)) {}

func (s *fakeStore) Databases() []txn.DatabaseID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []txn.DatabaseID
	for db := range s.databases {
		list = append(list, db)
	}
	slices.Sort(list)
	return list
}

func (s *fakeStore) FilePosition(db txn.DatabaseID) txn.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.databases[db]; d != nil {
		return d.file
	}
	return 0
}

func (s *fakeStore) Published(db txn.DatabaseID) txn.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.databases[db]; d != nil {
		return d.published
	}
	return 0
}

func (s *fakeStore) Apply(db txn.DatabaseID, batch []store.Applied) error {
	s.mu.Lock()
	d := s.databases[db]
	if d == nil {
		defer s.mu.Unlock()
		if !s.dropped[db] {
			s.complain("apply to database %d, which never was", db)
		}
		return nil
	}
	if d.busy {
		s.complain("two apply to database %d", db)
	}
	d.busy = true
	s.mu.Unlock()
	var err error
	if s.beforeApply != nil {
		err = s.beforeApply(db, batch)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.busy = false
	if err != nil {
		return err
	}
	d.batches = append(d.batches, len(batch))
	for _, a := range batch {
		if a.Position <= d.file {
			continue
		}
		if a.Position <= d.published {
			s.complain("record %s applied to database %d after %s was published", a.Position, db, d.published)
		}
		s.define(a)
		d.take(a)
	}
	d.published = max(d.published, d.file)
	return nil
}

func (d *fakeDatabase) take(a store.Applied) {
	d.file = a.Position
	d.positions = append(d.positions, a.Position)
	for _, e := range a.Events {
		image := e.After
		if e.Op == txn.Delete {
			image = e.Before
		}
		table := e.Table
		if table == 0 {
			table = txn.TableID(a.Position) // the one that the record creates
		}
		key := fmt.Sprintf("%d/%s", table, image[0])
		if e.Op == txn.Delete {
			delete(d.rows, key)
		} else {
			d.rows[key] = fmt.Sprint(image[1:])
		}
	}
}

func (s *fakeStore) ApplyTogether(batch map[txn.DatabaseID]store.Applied) error {
	for db, a := range batch {
		if s.beforeApply != nil {
			if err := s.beforeApply(db, []store.Applied{a}); err != nil {
				return err
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for db, a := range batch {
		d := s.databases[db]
		if d.busy {
			s.complain("record %s is applied together beside database %d", a.Position, db)
		}
		s.define(a)
		d.take(a)
		d.published = max(d.published, d.file)
	}
	return nil
}

func (s *fakeStore) ApplyDatabase(p txn.Position, _ int64, c txn.DefinitionChange) error {
	if s.beforeDatabase != nil {
		if err := s.beforeDatabase(c); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.decided.Last >= p && !s.dropped[txn.DatabaseID(p)] && c.Op == txn.Insert && s.databases[txn.DatabaseID(p)] == nil {
		s.complain("database of %s is created after it was stored as decided", p)
	}
	switch c.Op {
	case txn.Insert:
		if s.databases[txn.DatabaseID(p)] == nil && !s.dropped[txn.DatabaseID(p)] {
			s.databases[txn.DatabaseID(p)] = &fakeDatabase{file: p, published: p, rows: map[string]string{}}
		}
	case txn.Delete:
		if d := s.databases[txn.DatabaseID(c.ID)]; d != nil && d.busy {
			s.complain("database %d is dropped while it is written", c.ID)
		}
		delete(s.databases, txn.DatabaseID(c.ID))
		s.dropped[txn.DatabaseID(c.ID)] = true
	}
	return nil
}

func (s *fakeStore) Advance(db txn.DatabaseID, p txn.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.databases[db]; d != nil {
		d.published = max(d.published, p)
	}
}

func (s *fakeStore) AdvanceAll(p txn.Position) {
	for _, db := range s.Databases() {
		s.Advance(db, p)
	}
}

// crash returns what a crash leaves: files and system.db, each possibly cut back to an earlier state by the test.
func (s *fakeStore) crash() *fakeStore {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := newFakeStore()
	for db, d := range s.databases {
		rows := map[string]string{}
		for k, v := range d.rows {
			rows[k] = v
		}
		c.databases[db] = &fakeDatabase{file: d.file, published: d.file, rows: rows, positions: slices.Clone(d.positions)}
	}
	for db := range s.dropped {
		c.dropped[db] = true
	}
	c.decided, c.aborted = s.decided, slices.Clone(s.aborted)
	c.moot = slices.Clone(s.moot)
	for p, b := range s.deltas {
		c.deltas[p] = b
	}
	for k, b := range s.meta {
		c.meta[k] = b
	}
	for v, t := range s.history {
		c.history[v] = t
	}
	return c
}

func (s *fakeStore) complaint() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.errors) == 0 {
		return nil
	}
	return errors.New(fmt.Sprint(s.errors))
}
