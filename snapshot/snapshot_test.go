package snapshot

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"marmot/schemas"
	"marmot/sqlext"
	"marmot/store"
	"marmot/txn"
)

// files is a store with two databases, of which one has a table with rows.
type files struct {
	t    *testing.T
	s    *store.Store
	last txn.Position
	db   txn.DatabaseID
	id   txn.TableID
	rows int
}

func set() sqlext.Set { return sqlext.Set{Collations: schemas.Collations()} }

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(store.Options{Dir: dir, Set: set()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newFiles(t *testing.T) *files {
	t.Helper()
	f := &files{t: t, s: open(t, t.TempDir())}
	t.Cleanup(func() { f.must(f.s.Close()) })
	f.must(f.s.SetCluster(store.Cluster{UUID: txn.UUID{5}, Name: "test", Generation: 1}))
	f.db = f.database("shop")
	f.database("a b")
	table := &schemas.Table{Name: "t", AutoIncrement: -1, Primary: &schemas.Index{Name: "PRIMARY", Unique: true, Parts: []schemas.IndexPart{{Column: 0}}},
		Columns: []schemas.Column{{Name: "id", Type: schemas.Type{Kind: schemas.Int}},
			{Name: "v", Nullable: true, Type: schemas.Type{Kind: schemas.VarChar, Length: 100, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}}},
		Indexes: []schemas.Index{{Name: "v", Parts: []schemas.IndexPart{{Column: 1}}}}}
	table.Settle(func(string) bool { return false })
	definition, err := schemas.EncodeTable(table)
	f.must(err)
	f.last++
	f.id = txn.TableID(f.last)
	f.must(f.s.Apply(f.db, []store.Applied{{Position: f.last, Changes: []txn.DefinitionChange{
		{Kind: txn.ObjectTable, Op: txn.Insert, DBID: f.db, Name: "t", Definition: definition, SQLite: table.CreateSQLite()}}}}))
	f.insert(100)
	return f
}

func (f *files) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *files) database(name string) txn.DatabaseID {
	f.t.Helper()
	definition, err := schemas.EncodeDatabase(&schemas.Database{Name: name, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"})
	f.must(err)
	f.last++
	f.must(f.s.ApplyDatabase(f.last, 1, txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Insert, Database: name, Name: name, Definition: definition}))
	return txn.DatabaseID(f.last)
}

// insert applies n records of one row, and stores that they are decided.
func (f *files) insert(n int) {
	f.t.Helper()
	for range n {
		f.last++
		f.rows++
		f.must(f.s.Apply(f.db, []store.Applied{{Position: f.last, Events: []txn.RowEvent{{Table: f.id, Version: txn.Position(f.id), Op: txn.Insert,
			After: []txn.Value{txn.Int(int64(f.rows)), txn.TextString(strings.Repeat("Ä", f.rows%50))}}}}}))
	}
	f.s.AdvanceAll(f.last)
	f.must(f.s.SaveDecided(store.Decided{Last: f.last, Chain: txn.ChainHash{byte(f.last)}, LedgerDelta: []byte("delta")}))
}

func (f *files) cut() *store.Cut {
	f.t.Helper()
	c, err := f.s.Cut(f.last)
	f.must(err)
	f.t.Cleanup(func() { f.must(c.Close()) })
	return c
}

func (f *files) saving() Saving {
	return Saving{Generation: 1, Now: time.UnixMicro(7), Version: "v", Set: set()}
}

func (f *files) save(s Storage) *Manifest {
	f.t.Helper()
	m, err := Save(f.t.Context(), s, f.cut(), f.saving())
	f.must(err)
	return m
}

// expect opens a data directory and compares what it holds.
func (f *files) expect(dir string, at txn.Position, rows int) {
	f.t.Helper()
	s := open(f.t, dir)
	defer s.Close()
	last, chain, deltas, err := s.LoadDecided()
	if err != nil || last != at || chain != (txn.ChainHash{byte(at)}) || len(deltas) == 0 {
		f.t.Errorf("decided %s, chain %s, %d deltas, %v; want %s", last, chain, len(deltas), err, at)
	}
	for _, db := range s.Databases() {
		if got := s.FilePosition(db); got != at {
			f.t.Errorf("database %d stands at %s, want %s", db, got, at)
		}
	}
	if n := len(s.Databases()); n != 2 {
		f.t.Errorf("%d databases", n)
	}
	if s.DataUUID() == f.s.DataUUID() {
		f.t.Error("the restored directory has the uuid of the other one")
	}
	if _, err := s.History().TableAt(f.id, txn.Position(f.id)); err != nil {
		f.t.Errorf("schema history: %v", err)
	}
	// It goes on where it stands: the next row fits, the last one does not.
	event := func(id int) []store.Applied {
		return []store.Applied{{Position: at + 1, Events: []txn.RowEvent{{Table: f.id, Version: txn.Position(f.id), Op: txn.Insert,
			After: []txn.Value{txn.Int(int64(id)), txn.Null()}}}}}
	}
	if err := s.Apply(f.db, event(rows)); err == nil {
		f.t.Errorf("row %d is not there", rows)
	}
	if err := s.Apply(f.db, event(rows+1)); err != nil {
		f.t.Errorf("row %d is there: %v", rows+1, err)
	}
}

// TestSaveVerifyRestore: a snapshot has what was there at the cut, whatever is written while it is copied.
func TestSaveVerifyRestore(t *testing.T) {
	f := newFiles(t)
	storage := Directory(filepath.Join(t.TempDir(), "below", "snapshots"))
	cut := f.cut()
	at, rows := f.last, f.rows
	f.insert(500)
	m, err := Save(t.Context(), storage, cut, f.saving())
	f.must(err)
	if m.Position != at || m.Cluster != (txn.UUID{5}) || m.Chain != (txn.ChainHash{byte(at)}) || len(m.Files) != 3 {
		t.Errorf("manifest: %+v", m)
	}
	names, err := storage.Names(t.Context())
	f.must(err)
	if len(names) != 1 || names[0] != Name(1, at) {
		t.Fatalf("names: %v", names)
	}
	if _, err := Verify(t.Context(), storage, names[0], set()); err != nil {
		t.Error(err)
	}
	dir := filepath.Join(t.TempDir(), "restored")
	_, err = Restore(t.Context(), storage, names[0], dir, set())
	f.must(err)
	f.expect(dir, at, rows)
	if _, err := Restore(t.Context(), storage, names[0], dir, set()); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("restore over a directory: %v", err)
	}
	if m, err := Save(t.Context(), storage, cut, f.saving()); err != nil || m.Position != at {
		t.Errorf("the same position again: %v", err)
	}
}

// TestSnapshotsOutliveWhatTheNodeDoes: a database is dropped and files grow while a cut is held.
func TestSnapshotsOutliveWhatTheNodeDoes(t *testing.T) {
	f := newFiles(t)
	cut := f.cut()
	at, rows := f.last, f.rows
	f.last++
	f.must(f.s.ApplyDatabase(f.last, 1, txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Delete, ID: uint64(f.db), Database: "shop", Name: "shop"}))
	storage := Directory(t.TempDir())
	m, err := Save(t.Context(), storage, cut, f.saving())
	f.must(err)
	dir := filepath.Join(t.TempDir(), "restored")
	_, err = Restore(t.Context(), storage, Name(1, m.Position), dir, set())
	f.must(err)
	f.expect(dir, at, rows)
}

// TestACutIsRefusedWhereFilesDisagree with what is decided or published.
func TestACutIsRefusedWhereFilesDisagree(t *testing.T) {
	f := newFiles(t)
	if c, err := f.s.Cut(f.last - 1); err == nil {
		t.Errorf("a cut below the files: %v", c.Close())
	}
	f.s.AdvanceAll(f.last + 1)
	if c, err := f.s.Cut(f.last + 1); err == nil || !strings.Contains(err.Error(), "system.db stands at") {
		t.Errorf("a cut above system.db: %v, %v", c, err)
	}
}

// TestDamageIsSeen: whatever is changed in a snapshot, it is verified no more, not restored, and an older one is taken.
func TestDamageIsSeen(t *testing.T) {
	f := newFiles(t)
	source := t.TempDir()
	f.save(Directory(source))
	old := Name(1, f.last)
	f.insert(10)
	m := f.save(Directory(source))
	name := Name(1, m.Position)
	change := func(file string, f func(b []byte) []byte) func(dir string) error {
		return func(dir string) error {
			path := filepath.Join(dir, name, file)
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return os.WriteFile(path, f(b), 0o644)
		}
	}
	for what, damage := range map[string]func(dir string) error{
		"a byte":        change("db/shop.db", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }),
		"a longer file": change("system.db", func(b []byte) []byte { return append(b, 0) }),
		"half a file":   change("db/a@0020b.db", func(b []byte) []byte { return b[:len(b)/2] }),
		"no file":       func(dir string) error { return os.Remove(filepath.Join(dir, name, "system.db")) },
		"no manifest":   func(dir string) error { return os.Remove(filepath.Join(dir, name, "manifest")) },
		"the manifest":  change("manifest", func(b []byte) []byte { return b[:len(b)/2] }),
		"another position": change("manifest", func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"position": `, `"position": 1`, 1))
		}),
		"files of the older one": func(dir string) error {
			return errors.Join(os.RemoveAll(filepath.Join(dir, name)), os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(dir, old))),
				change("manifest", func(b []byte) []byte {
					return []byte(strings.Replace(string(b), `"chain": "`+(&Manifest{Chain: txn.ChainHash{byte(f.last - 10)}}).Chain.String(), `"chain": "`+m.Chain.String(), 1))
				})(dir))
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			f.must(os.CopyFS(dir, os.DirFS(source)))
			f.must(damage(dir))
			if _, err := Verify(t.Context(), Directory(dir), name, set()); !errors.Is(err, ErrDamaged) {
				t.Errorf("verify: %v", err)
			}
			target := filepath.Join(t.TempDir(), "restored")
			if _, err := Restore(t.Context(), Directory(dir), name, target, set()); err == nil {
				t.Error("it was restored")
			}
			if _, err := os.Stat(target); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("restored directory: %v", err)
			}
			var skipped []string
			got, _, err := Newest(t.Context(), Directory(dir), set(), func(*Manifest) bool { return true }, func(name string, _ error) { skipped = append(skipped, name) })
			if err != nil || got != old || !slices.Equal(skipped, []string{name}) {
				t.Errorf("newest: %s, %v, passed over %v", got, err, skipped)
			}
		})
	}
}

// stopping is a Directory whose process ends at one step.
type stopping struct {
	Directory
	at   string
	half bool // the step is done, but its caller never hears of it
}

var errKilled = errors.New("killed")

func (s stopping) step(name string, do func() error) error {
	if s.at == name && !s.half {
		return errKilled
	}
	err := do()
	if s.at == name && err == nil {
		return errKilled
	}
	return err
}

// Publish implements Storage.
func (s stopping) Publish(ctx context.Context, staged, name string) error {
	return s.step("publish", func() error { return s.Directory.Publish(ctx, staged, name) })
}

// TestAKillLeavesNoHalfSnapshot: whatever Save had done when the process ended, what is listed is whole, and the next Save
// succeeds. The kill is a copy of the directory at each moment, taken while Save runs.
func TestAKillLeavesNoHalfSnapshot(t *testing.T) {
	f := newFiles(t)
	dir := t.TempDir()
	f.save(Directory(dir))
	f.insert(10)
	staged, err := Directory(dir).Stage(t.Context(), 0)
	f.must(err)
	cut := f.cut()
	check := func(what string, extra int) {
		t.Helper()
		now := t.TempDir()
		f.must(os.CopyFS(now, os.DirFS(dir)))
		names, err := Directory(now).Names(t.Context())
		if err != nil || len(names) != 1+extra {
			t.Fatalf("%s: %v, %v", what, names, err)
		}
		for _, name := range names {
			if _, err := Verify(t.Context(), Directory(now), name, set()); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := Save(t.Context(), Directory(now), cut, f.saving()); err != nil {
			t.Errorf("%s: the next save: %v", what, err)
		}
		if left, err := filepath.Glob(filepath.Join(now, ".*")); err != nil || len(left) > 0 {
			t.Errorf("%s: left over: %v, %v", what, left, err)
		}
	}
	check("an empty directory", 0)
	f.must(os.Mkdir(filepath.Join(staged, "db"), 0o750))
	f.must(os.WriteFile(filepath.Join(staged, "db", "shop.db"), []byte("half"), 0o644))
	check("half a file", 0)
	f.must(os.RemoveAll(staged))
	for _, half := range []bool{false, true} {
		_, err := Save(t.Context(), stopping{Directory(dir), "publish", half}, cut, f.saving())
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		extra := 0
		if half {
			extra = 1
		}
		check("at the naming", extra)
	}
	f.must(os.Rename(filepath.Join(dir, Name(1, cut.Position)), filepath.Join(dir, removing+"x")))
	check("at a removal", 0)
}

// TestASnapshotDoesNotFillTheDisk.
func TestASnapshotDoesNotFillTheDisk(t *testing.T) {
	dir := t.TempDir()
	if _, err := Directory(dir).Stage(t.Context(), 1<<60); err == nil || !strings.Contains(err.Error(), "make room") {
		t.Errorf("a snapshot that is larger than the disk: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// TestPruneKeepsTheNewest.
func TestPruneKeepsTheNewest(t *testing.T) {
	f := newFiles(t)
	storage := Directory(t.TempDir())
	var names []string
	var saved []*Manifest
	for range 4 {
		f.insert(1)
		m := f.save(storage)
		saved = append(saved, m)
		names = append(names, Name(1, m.Position))
	}
	gone, oldest, err := Prune(t.Context(), storage, saved[3], 2)
	f.must(err)
	left, err := storage.Names(t.Context())
	f.must(err)
	if !slices.Equal(gone, names[:2]) || !slices.Equal(left, names[2:]) || oldest != saved[2].Position {
		t.Errorf("gone %v, left %v, oldest %s", gone, left, oldest)
	}
	// Of a life that was given up: its snapshots, at higher positions, do not push out the one that was just saved.
	gone, oldest, err = Prune(t.Context(), storage, saved[2], 1)
	f.must(err)
	if len(gone) != 0 || oldest != saved[2].Position {
		t.Errorf("gone %v, oldest %s; want none, %s", gone, oldest, saved[2].Position)
	}
	other := *saved[3]
	other.Generation++
	gone, _, err = Prune(t.Context(), storage, &other, 1)
	f.must(err)
	if len(gone) != 0 {
		t.Errorf("snapshots of another generation are gone: %v", gone)
	}
}

// TestInstallGoesOnAfterAKill at each of its renames, and never lets an old -wal meet a new file.
func TestInstallGoesOnAfterAKill(t *testing.T) {
	for kill := range 6 {
		root := t.TempDir()
		data, restored, before := filepath.Join(root, "data"), filepath.Join(root, "data", "reseed"), filepath.Join(root, "data", "before")
		write := func(names ...string) {
			for _, name := range names {
				if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o750), os.WriteFile(name, []byte(name), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
		}
		write(filepath.Join(data, "system.db"), filepath.Join(data, "system.db-wal"), filepath.Join(data, "db", "old.db"), filepath.Join(data, "uuid"),
			filepath.Join(restored, "system.db"), filepath.Join(restored, "db", "new.db"))
		// What Install does, in its order, up to the kill.
		steps := [][2]string{
			{filepath.Join(data, "db"), filepath.Join(before, "db")}, {filepath.Join(restored, "db"), filepath.Join(data, "db")},
			{filepath.Join(data, "system.db-wal"), filepath.Join(before, "system.db-wal")}, {filepath.Join(data, "system.db"), filepath.Join(before, "system.db")},
			{filepath.Join(restored, "system.db"), filepath.Join(data, "system.db")},
		}
		if err := os.MkdirAll(before, 0o750); err != nil {
			t.Fatal(err)
		}
		for _, s := range steps[:kill] {
			if err := os.Rename(s[0], s[1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := Install(restored, data, before); err != nil {
			t.Fatalf("killed after %d steps: %v", kill, err)
		}
		for name, want := range map[string]bool{"system.db": true, "db/new.db": true, "uuid": true, "before/db/old.db": true, "before/system.db": true,
			"before/system.db-wal": true, "system.db-wal": false, "db/old.db": false, "reseed": false} {
			if _, err := os.Stat(filepath.Join(data, name)); (err == nil) != want {
				t.Errorf("killed after %d steps: %s: %v", kill, name, err)
			}
		}
		if b, err := os.ReadFile(filepath.Join(data, "system.db")); err != nil || !strings.Contains(string(b), "reseed") {
			t.Errorf("killed after %d steps: system.db is %q, %v", kill, b, err)
		}
	}
}
