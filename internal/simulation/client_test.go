package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"marmot/commit"
	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// writer is one transaction of a client that makes its records itself: a snapshot, and what it wants to change.
type writer struct {
	world  *world
	run    *run
	branch *store.Branch
	tx     *commit.Tx
	body   txn.Transaction
	next   uint64
	wrote  []txn.DatabaseID
	err    error
}

func begin(w *world, r *run) (*writer, error) {
	b, err := r.store.OpenBranch()
	if err != nil {
		return nil, err
	}
	if err := b.Use(w.shop.a, w.shop.b); err != nil {
		b.Close()
		return nil, err
	}
	if err := b.Snapshot(r.ctx); err != nil {
		b.Close()
		return nil, err
	}
	return &writer{world: w, run: r, branch: b, tx: r.origin.Begin(1, b.Position())}, nil
}

func (s *writer) close() {
	s.tx.Abandon()
	s.branch.Close()
}

func (s *writer) define(id txn.TableID) *schemas.Table {
	for _, d := range s.run.store.Catalog().Databases {
		for _, t := range d.Tables {
			if t.ID == id {
				return t
			}
		}
	}
	s.err = errors.Join(s.err, fmt.Errorf("table %d is not in the catalog", id))
	return &schemas.Table{}
}

// read returns the rows of a query at the snapshot, %s standing for the table.
func (s *writer) read(id txn.TableID, sql string, args ...txn.Value) [][]txn.Value {
	t := s.define(id)
	name := fmt.Sprintf("d%d.%s", t.DBID, t.Name)
	stmt, err := s.branch.Reader().Prepare(fmt.Sprintf(sql, name))
	if err == nil {
		defer stmt.Reset()
		err = stmt.Bind(args)
	}
	var rows [][]txn.Value
	for err == nil {
		var more bool
		if more, err = stmt.Step(); err != nil || !more {
			break
		}
		var row []txn.Value
		for _, v := range stmt.Row() {
			row = append(row, v.Clone())
		}
		rows = append(rows, row)
	}
	s.err = errors.Join(s.err, err)
	return rows
}

// number returns column 1 of the row with the key.
func (s *writer) number(id txn.TableID, key int64) int64 {
	rows := s.read(id, "SELECT * FROM %s WHERE id = ?", txn.Int(key))
	if len(rows) != 1 {
		s.err = errors.Join(s.err, fmt.Errorf("%d rows with key %d in table %d at %s", len(rows), key, id, s.branch.Position()))
		return 0
	}
	return rows[0][1].Int64()
}

func (s *writer) insert(id txn.TableID, values ...txn.Value) {
	s.event(txn.RowEvent{Table: id, Op: txn.Insert, After: values})
}

func (s *writer) update(id txn.TableID, key, before, after int64) {
	s.event(txn.RowEvent{Table: id, Op: txn.Update, Before: []txn.Value{txn.Int(key), txn.Int(before)}, After: []txn.Value{txn.Int(key), txn.Int(after)}})
}

func (s *writer) event(e txn.RowEvent) {
	t := s.define(e.Table)
	e.Version, e.Ordinal = t.Version, s.next
	s.next++
	if !slices.ContainsFunc(s.body.Tables, func(u txn.TableUse) bool { return u.Table == t.ID }) {
		s.body.Tables = append(s.body.Tables, txn.TableUse{Table: t.ID, Database: t.DBID, Version: t.Version, Writes: true})
		s.wrote = append(s.wrote, t.DBID)
	}
	for _, image := range [][]txn.Value{e.Before, e.After} {
		if image == nil {
			continue
		}
		for _, h := range t.RowKeys(image) {
			k := txn.Key{Table: t.ID, Hash: h, Mode: txn.Exclusive, At: s.branch.Position()}
			if !slices.Contains(s.body.Keys, k) {
				s.body.Keys = append(s.body.Keys, k)
			}
		}
	}
	s.err = errors.Join(s.err, s.tx.Write(t.Database+"."+t.Name, &e))
}

// commit commits and waits until the session sees its own writes.
func (s *writer) commit() error {
	if s.err != nil {
		return &commit.NotCommittedError{Cause: s.err}
	}
	ctx, cancel := context.WithTimeout(s.run.ctx, time.Minute)
	defer cancel()
	result, err := s.tx.Commit(ctx, &s.body)
	if err != nil {
		return err
	}
	if result.Decision.Verdict != txn.Commit {
		return errConflict
	}
	slices.Sort(s.wrote)
	return s.run.store.WaitPublished(ctx, result.Position, slices.Compact(s.wrote)...)
}

var errNothing = errors.New("nothing to do")

// client works for a while, each time on a node at random.
func (w *world) client(number uint64, transactions int) {
	random := rand.New(rand.NewPCG(w.seed, 100+number))
	for range transactions {
		n := w.nodes[random.IntN(len(w.nodes))]
		attempt := w.results.number()
		err := n.use(func(r *run) error { return w.attempt(r, random, attempt) })
		w.results.note(attempt, err)
		if errors.Is(err, errDown) {
			time.Sleep(time.Millisecond)
		}
	}
}

// attempt does one transaction, which leaves its number in the journal.
func (w *world) attempt(r *run, random *rand.Rand, attempt int64) error {
	s, err := begin(w, r)
	if err != nil {
		return errors.Join(errNothing, err)
	}
	defer s.close()
	kind := random.IntN(4)
	s.insert(w.shop.journal, txn.Int(attempt), txn.Int(int64(kind)))
	switch kind {
	case 0, 1:
		key := random.Int64N(counters)
		n := s.number(w.shop.counters, key)
		s.update(w.shop.counters, key, n, n+1)
		s.body.Keys = slices.Compact(s.body.Keys)
	case 2:
		w.transfer(s, random)
	case 3:
		value := random.Int64N(tags)
		if len(s.read(w.shop.tags, "SELECT id FROM %s WHERE value = ?", txn.Int(value))) > 0 {
			return errNothing
		}
		s.insert(w.shop.tags, txn.Int(attempt), txn.Int(value))
	}
	w.checkTotal(s)
	if s.err != nil {
		return &commit.NotCommittedError{Cause: s.err}
	}
	return s.commit()
}

// transfer moves money between the databases.
func (w *world) transfer(s *writer, random *rand.Rand) {
	from, to := random.Int64N(accounts), random.Int64N(accounts)
	amount := 1 + random.Int64N(9)
	a, b := s.number(w.shop.accountsA, from), s.number(w.shop.accountsB, to)
	s.update(w.shop.accountsA, from, a, a-amount)
	s.update(w.shop.accountsB, to, b, b+amount)
}

// checkTotal checks "bank totals constant at every snapshot".
func (w *world) checkTotal(s *writer) {
	total := int64(0)
	for _, id := range []txn.TableID{w.shop.accountsA, w.shop.accountsB} {
		for _, row := range s.read(id, "SELECT balance FROM %s") {
			total += row[0].Int64()
		}
	}
	if s.err == nil && total != 2*accounts*opening {
		w.broken(firstCommitterWins, "bank total is %d at %s, want %d", total, s.branch.Position(), 2*accounts*opening)
	}
}
