package applier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"marmot/log"
	"marmot/store"
	"marmot/txn"
)

// databases holds the worker of each database. The deciding goroutine changes it.
type databases struct {
	mu   sync.Mutex
	byID map[txn.DatabaseID]*worker
}

func (d *databases) init() { d.byID = make(map[txn.DatabaseID]*worker) }

func (d *databases) get(db txn.DatabaseID) *worker {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.byID[db]
}

// dispatcher is the part of the deciding goroutine that hands committed records to the databases.
type dispatcher struct {
	applier *Applier
	group   *errgroup.Group // of the workers
	workers []*worker       // those of databases, for advance
}

// open starts the worker of a database.
func (d *dispatcher) open(ctx context.Context, db txn.DatabaseID) {
	a := d.applier
	if a.databases.get(db) != nil {
		return
	}
	w := newWorker(a, db)
	a.databases.mu.Lock()
	a.databases.byID[db] = w
	a.databases.mu.Unlock()
	d.workers = append(d.workers, w)
	d.group.Go(func() error { return w.run(ctx) })
}

// close ends the worker of a database that is gone; its queue is empty.
func (d *dispatcher) close(db txn.DatabaseID) {
	a := d.applier
	w := a.databases.get(db)
	if w == nil {
		return
	}
	a.databases.mu.Lock()
	delete(a.databases.byID, db)
	a.databases.mu.Unlock()
	d.workers = slices.DeleteFunc(d.workers, func(v *worker) bool { return v == w })
	close(w.end)
	a.progress.tell()
}

// advance publishes p wherever nothing up to p is under way; the rest follow when they are done.
func (d *dispatcher) advance(p txn.Position) {
	for _, w := range d.workers {
		w.advance(p)
	}
	if len(d.workers) == 0 {
		d.applier.o.Store.AdvanceAll(p)
	}
	d.applier.handed.Store(uint64(p))
	d.applier.progress.tell()
}

// dispatch hands a committed record to the databases that it concerns.
func (d *dispatcher) dispatch(ctx context.Context, r *log.Read) error {
	switch b := r.Record.Body.(type) {
	case *txn.Transaction:
		if b.Events == 0 {
			return nil
		}
		return d.hand(ctx, &item{read: r, transaction: b}, writtenDatabases(b))
	case *txn.DDL:
		return d.ddl(ctx, r, b)
	}
	return nil
}

// writtenDatabases lists the databases of the tables that have row events, ascending.
func writtenDatabases(t *txn.Transaction) []txn.DatabaseID {
	var list []txn.DatabaseID
	for i := range t.Tables {
		if u := &t.Tables[i]; u.Writes && !slices.Contains(list, u.Database) {
			list = append(list, u.Database)
		}
	}
	slices.Sort(list)
	return list
}

// hand puts a record into the queues of databases. Databases that have been dropped since are left out.
func (d *dispatcher) hand(ctx context.Context, it *item, list []txn.DatabaseID) error {
	var members []*worker
	for _, db := range list {
		if w := d.applier.databases.get(db); w != nil {
			members = append(members, w)
		}
	}
	if len(members) > 1 {
		it.together = newTogether(members)
	}
	for _, w := range members {
		if err := w.push(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// ddl reads what a DDL does and hands it on. Changes of whole databases are made here, after
// the database has come to rest.
func (d *dispatcher) ddl(ctx context.Context, r *log.Read, b *txn.DDL) error {
	a := d.applier
	var body *txn.DDLBody
	err := a.reaching(ctx, func() (err error) {
		body, err = log.Definition(ctx, a.o.Log, b)
		return err
	})
	if err != nil {
		return err
	}
	it := &item{read: r, transaction: &b.Transaction, body: body}
	list := writtenDatabases(&b.Transaction)
	for i := range body.Changes {
		c := &body.Changes[i]
		if c.Kind != txn.ObjectDatabase && !slices.Contains(list, c.DBID) && !dropsDatabase(body, c.DBID) {
			list = append(list, c.DBID)
		}
	}
	slices.Sort(list)
	if err := d.hand(ctx, it, list); err != nil {
		return err
	}
	for i := range body.Changes {
		if body.Changes[i].Kind == txn.ObjectDatabase {
			if err := d.changeDatabase(ctx, r, &body.Changes[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropsDatabase tells whether the DDL drops a database: its tables go with its file.
func dropsDatabase(body *txn.DDLBody, db txn.DatabaseID) bool {
	return slices.ContainsFunc(body.Changes, func(c txn.DefinitionChange) bool {
		return c.Kind == txn.ObjectDatabase && c.Op == txn.Delete && c.ID == uint64(db)
	})
}

func (d *dispatcher) changeDatabase(ctx context.Context, r *log.Read, c *txn.DefinitionChange) error {
	a := d.applier
	db := txn.DatabaseID(c.ID)
	if db == 0 {
		db = txn.DatabaseID(r.Position)
	}
	if w := a.databases.get(db); w != nil {
		if err := w.rest(ctx); err != nil {
			return err
		}
	}
	err := a.patiently(ctx, func() error {
		return a.o.Store.ApplyDatabase(r.Position, r.Record.TimeUS, *c)
	})
	switch {
	case isMismatch(err) && a.databases.get(db) != nil:
		a.quarantine(a.databases.get(db), r.Position, err)
		return nil
	case err != nil:
		return fmt.Errorf("database %q: %w", c.Database, err)
	case c.Op == txn.Insert && slices.Contains(a.o.Store.Databases(), db):
		d.open(ctx, db)
	case c.Op == txn.Delete:
		d.close(db)
	}
	return nil
}

// release lets a quarantined database go on behind a record that has been voided at p.
func (d *dispatcher) release(ctx context.Context, at, p txn.Position) error {
	a := d.applier
	found := false
	for _, w := range d.workers {
		if !w.stoppedAt(at) {
			continue
		}
		// What was queued meanwhile is passed over first; then it all comes again, in order.
		if err := w.rest(ctx); err != nil {
			return err
		}
		w.release()
		found = true
	}
	if !found {
		return nil
	}
	// The verdicts of what lies between come from system.db, which lags a little behind.
	if err := a.waitSaved(ctx, p-1, 0); err != nil {
		return err
	}
	return a.replay(ctx, d, at, p-1)
}

// isMismatch tells whether applying failed because the change does not fit what the file holds.
func isMismatch(err error) bool {
	var e interface{ Mismatch() bool }
	return errors.As(err, &e) && e.Mismatch()
}

// isDiskFull tells whether applying failed for want of room.
func isDiskFull(err error) bool {
	var e interface{ DiskFull() bool }
	return errors.As(err, &e) && e.DiskFull() || errors.Is(err, store.ErrDiskFull)
}
