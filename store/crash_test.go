package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"marmot/schemas"
	"marmot/txn"
)

// The child is this test's binary run again: it applies a made-up log to the directory in
// MARMOT_STORE_CHILD and kills itself after MARMOT_STORE_CHILD_RECORDS records, somewhere in the next ones.
const childVariable = "MARMOT_STORE_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		if err := runChild(dir); err != nil {
			fmt.Println("child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runChild(dir string) error {
	s, err := Open(Options{Dir: dir, Set: testSet()})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if step := os.Getenv(childVariable + "_REPLACE"); step != "" {
		s.onStep = func(name string) {
			if name == step {
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		}
		reader, err := s.OpenBranch() // keeps the old file's WAL from going by itself
		if err == nil {
			err = errors.Join(reader.Use(1), reader.Snapshot(context.Background()))
		}
		return errors.Join(err, s.Replace(1, filepath.Join(dir, "copy.db")))
	}
	if os.Getenv(childVariable+"_RUN") != "" {
		go s.Run(ctx)
	}
	log := newCrashLog(s)
	var syncing sync.Mutex // no power loss between a sync and the note of it
	die := make(chan struct{})
	go func() {
		<-die
		syncing.Lock()
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}()
	for n := 0; ; n++ {
		if strconv.Itoa(n) == os.Getenv(childVariable+"_RECORDS") {
			close(die)
		}
		syncing.Lock()
		_, err := log.apply(s)
		if err == nil && log.synced {
			err = noteSynced(dir)
		}
		syncing.Unlock()
		if err != nil {
			return err
		}
	}
}

// noteSynced writes down how much of system.db's WAL a power loss must not take: DDL syncs it.
func noteSynced(dir string) error {
	info, err := os.Stat(filepath.Join(dir, "system.db-wal"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "synced"), []byte(strconv.FormatInt(info.Size(), 10)), 0o644)
}

// crashLog is a log that is a function of the position: transfers between the databases a and b, DDL
// on their tables, and a database c that comes and goes.
type crashLog struct {
	next   txn.Position
	state  map[txn.DatabaseID]*crashTable
	synced bool // the last record was DDL
}

// crashTable is the table of a or b as it has to be before the next record.
type crashTable struct {
	id      txn.TableID
	version txn.Position
	rows    [][]txn.Value
}

const (
	crashA, crashB = txn.DatabaseID(1), txn.DatabaseID(2)
	crashAccounts  = 10
)

// newCrashLog starts where a node that has opened s has to read from.
func newCrashLog(s *Store) *crashLog {
	first, _, _, err := s.LoadDecided()
	if err != nil {
		panic(err)
	}
	for _, id := range s.Databases() {
		first = min(first, s.FilePosition(id))
	}
	if s.Catalog().Database("a") == nil || s.Catalog().Database("b") == nil {
		first = 0
	}
	return crashLogAt(first)
}

// crashLogAt is the log after position p.
func crashLogAt(p txn.Position) *crashLog {
	l := &crashLog{next: 1, state: map[txn.DatabaseID]*crashTable{crashA: {id: 3, version: 3}, crashB: {id: 4, version: 4}}}
	for l.next <= p {
		l.record()
	}
	return l
}

// crashRecord is what one record does: exactly one of the three.
type crashRecord struct {
	position txn.Position
	database *txn.DefinitionChange
	single   map[txn.DatabaseID]Applied
	together map[txn.DatabaseID]Applied
}

// record makes the next record.
func (l *crashLog) record() crashRecord {
	p := l.next
	l.next++
	r := crashRecord{position: p}
	switch {
	case p <= 2:
		r.database = crashChange(txn.Insert, string('a'+rune(p)-1), 0)
	case p <= 4:
		c := tableChange(txn.DatabaseID(p-2), 0, crashDefinition())
		r.single = map[txn.DatabaseID]Applied{txn.DatabaseID(p - 2): {Position: p, Changes: []txn.DefinitionChange{c}}}
	case p == 5:
		r.together = map[txn.DatabaseID]Applied{crashA: l.accounts(crashA), crashB: l.accounts(crashB)}
	case p%100 == 0:
		r.database = crashChange(txn.Insert, "c", 0)
	case p%100 == 60 && p > 100:
		r.database = crashChange(txn.Delete, "c", uint64(p-60))
	case p%37 == 0:
		id := crashA + txn.DatabaseID(p%2)
		t := l.state[id]
		r.single = map[txn.DatabaseID]Applied{id: {Position: p, Changes: []txn.DefinitionChange{tableChange(id, t.id, crashDefinition(), "SELECT 1")}}}
		t.version = p
	default:
		random := rand.New(rand.NewPCG(uint64(p), 7))
		amount := int64(random.IntN(50))
		r.together = map[txn.DatabaseID]Applied{
			crashA: l.transfer(crashA, random.IntN(crashAccounts), -amount),
			crashB: l.transfer(crashB, random.IntN(crashAccounts), amount),
		}
	}
	return r
}

func crashDefinition() *schemas.Table {
	return define("t", true, "id int", "balance int", "note text")
}

func crashChange(op txn.Op, name string, id uint64) *txn.DefinitionChange {
	definition, err := schemas.EncodeDatabase(&schemas.Database{Name: name})
	if err != nil {
		panic(err)
	}
	return &txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: op, ID: id, Database: name, Name: name, Definition: definition}
}

func (l *crashLog) accounts(id txn.DatabaseID) Applied {
	t := l.state[id]
	a := Applied{Position: l.next - 1}
	for n := range crashAccounts {
		t.rows = append(t.rows, row(n, 1000, nil))
		a.Events = append(a.Events, txn.RowEvent{Table: t.id, Version: t.version, Op: txn.Insert, After: t.rows[n]})
	}
	return a
}

func (l *crashLog) transfer(id txn.DatabaseID, account int, amount int64) Applied {
	t, p := l.state[id], l.next-1
	before := t.rows[account]
	after := row(account, before[1].Int64()+amount, strings.Repeat("x", int(p)%3000))
	t.rows[account] = after
	return Applied{Position: p, Events: []txn.RowEvent{{Table: t.id, Version: t.version, Op: txn.Update, Before: before, After: after}}}
}

// apply applies the next record as the applier would.
func (l *crashLog) apply(s *Store) (txn.Position, error) {
	r := l.record()
	p := r.position
	l.synced = r.together == nil
	if err := s.SaveDecided(Decided{Last: p, Chain: txn.ChainHash{byte(p)}, LedgerDelta: []byte(p.String()), WindowStart: p - min(p, 50)}); err != nil {
		return p, err
	}
	if r.database != nil {
		if err := s.ApplyDatabase(p, 0, *r.database); err != nil {
			return p, err
		}
	}
	for id, a := range r.single {
		if err := s.Apply(id, []Applied{a}); err != nil {
			return p, err
		}
	}
	if r.together != nil {
		if err := s.ApplyTogether(r.together); err != nil {
			return p, err
		}
	}
	s.AdvanceAll(p)
	return p, nil
}

// check compares each file with what the log says of its position.
func (f *fixture) checkCrashed() {
	f.t.Helper()
	for _, id := range []txn.DatabaseID{crashA, crashB} {
		at := f.s.FilePosition(id)
		if at == 0 {
			continue
		}
		want := crashLogAt(at).state[id]
		var lines []string
		for _, r := range want.rows {
			lines = append(lines, fmt.Sprint(r[0], " ", r[1], " ", r[2]))
		}
		if at < txn.Position(want.id) {
			continue // before its table
		}
		got := rows(f.t, f.s.database(id).writer, "SELECT * FROM t ORDER BY id")
		if strings.TrimSpace(got) != strings.Join(lines, "\n") {
			f.t.Fatalf("database %d at %s:\n%s\nwant\n%s", id, at, got, strings.Join(lines, "\n"))
		}
		if table := f.table(want.id); table.Version != want.version {
			f.t.Fatalf("table %d at %s has version %s, want %s", want.id, at, table.Version, want.version)
		}
		f.dump(id)
	}
}

// crash runs the child until it has applied n records and killed itself.
func (f *fixture) crash(n int, extra ...string) {
	f.t.Helper()
	f.must(os.WriteFile(filepath.Join(f.o.Dir, "synced"), []byte("0"), 0o644))
	child := exec.Command(os.Args[0])
	child.Env = append(append(os.Environ(), childVariable+"="+f.o.Dir, childVariable+"_RECORDS="+strconv.Itoa(n)), extra...)
	out, err := child.CombinedOutput()
	if child.ProcessState == nil || child.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		f.t.Fatalf("the child ended by itself: %v\n%s", err, out)
	}
}

// losePower cuts what was not synced off the WALs, each at a random place.
func (f *fixture) losePower(random *rand.Rand) {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.o.Dir, "synced"))
	f.must(err)
	synced, err := strconv.ParseInt(string(text), 10, 64)
	f.must(err)
	for _, pattern := range []string{"*.db-wal", "db/*.db-wal"} {
		list, err := filepath.Glob(filepath.Join(f.o.Dir, pattern))
		f.must(err)
		for _, wal := range list {
			info, err := os.Stat(wal)
			f.must(err)
			least := int64(0)
			if pattern == "*.db-wal" {
				least = synced
			}
			f.must(os.Truncate(wal, least+random.Int64N(info.Size()-least+1)))
			f.must(os.Remove(strings.TrimSuffix(wal, "-wal") + "-shm"))
		}
	}
}

// finish applies the log to its end and compares with a directory that never crashed. The history is
// written before the files and may be ahead of them.
func (f *fixture) finish() {
	f.t.Helper()
	end, _, _, err := f.s.LoadDecided()
	f.must(err)
	for _, id := range f.s.Databases() {
		end = max(end, f.s.FilePosition(id))
	}
	f.must(query(f.s.system.conn, "SELECT max(version) FROM history", func(row []txn.Value) error {
		end = max(end, toPosition(row[0])) + 30
		return nil
	}))
	straight := newFixture(f.t)
	for _, g := range []*fixture{f, straight} {
		l := newCrashLog(g.s)
		for l.next <= end {
			_, err := l.apply(g.s)
			g.must(err)
		}
		g.s.settle()
	}
	if len(f.s.Databases()) != len(straight.s.Databases()) {
		f.t.Fatalf("databases %v, want %v", f.s.Databases(), straight.s.Databases())
	}
	for _, id := range straight.s.Databases() {
		if got, want := f.dump(id), straight.dump(id); got != want {
			f.t.Fatalf("database %d after %s:\n%s\nwant\n%s", id, end, got, want)
		}
	}
	const history = "SELECT kind, id, version, database, hex(definition) FROM history ORDER BY kind, id, version"
	got := strings.Split(rows(f.t, f.s.system.conn, history), "\n")
	want := strings.Split(rows(f.t, straight.s.system.conn, history), "\n")
	for _, line := range got {
		if !slices.Contains(want, line) {
			f.t.Errorf("history has %s", shorten(line))
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			f.t.Errorf("history lacks %s", shorten(line))
		}
	}
}

func TestKilledProcessLosesNothing(t *testing.T) {
	f := newFixture(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 8 {
		f.close()
		f.crash(1+random.IntN(300), childVariable+"_RUN=1")
		f.open()
		f.checkCrashed()
	}
	f.finish()
}

// TestPowerLoss cuts what was not synced off the WALs, which is what a power loss may do: the files
// fall back to earlier positions, each to another.
func TestPowerLoss(t *testing.T) {
	f := newFixture(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 8 {
		f.close()
		f.crash(1 + random.IntN(200))
		f.losePower(random)
		f.open()
		f.checkCrashed()
	}
	f.finish()
}
