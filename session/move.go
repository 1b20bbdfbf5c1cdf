package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-mysql-org/go-mysql/mysql"

	"marmot/applier/ledger"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/store"
	"marmot/txn"
)

// published returns the last position that is published in all of the databases.
func (e *Engine) published(ids []txn.DatabaseID) txn.Position {
	if len(ids) == 0 || len(ids) == 1 && schemas.IsPrivate(ids[0]) {
		return e.options.Store.PublishedAll()
	}
	p := e.options.Store.Published(ids[0])
	for _, id := range ids[1:] {
		p = min(p, e.options.Store.Published(id))
	}
	return p
}

// move brings C to a fresh snapshot, at p at least. The ledger is asked the question that COMMIT will
// ask; a conflict is error 1213. What the transaction has written is replayed. Under
// REPEATABLE READ, what plain reads have fixed stays behind as V.
func (t *transaction) move(ctx context.Context, p txn.Position) error {
	s := t.session
	if t.written.dropped {
		return errCannotMove
	}
	s.engine.counts.moves.Add(1)
	if p > 0 {
		if err := s.slot.outside(ctx, func() error { return s.engine.options.Store.WaitPublished(ctx, p, t.databases...) }); err != nil {
			return err
		}
	}
	if err := s.slot.take(ctx); err != nil {
		return err
	}
	if err := t.renew(ctx); err != nil {
		return t.lostWith(err)
	}
	s.engine.locks.rely(t.owner, nil, t.at)
	return nil
}

// lostWith is the error of a move that failed half-way: C is not what it was, so the transaction is lost.
func (t *transaction) lostWith(err error) error {
	err = t.withoutDatabase(err)
	if errors.Is(err, errReplan) && t.explicit {
		err = errConflict // a database that it uses is gone
	}
	if errors.Is(err, errReplan) || endsTransaction(err) {
		return err
	}
	return fmt.Errorf("%w: %w", errLostBranch, err)
}

// withoutDatabase makes a conflict of the error that a database is unknown, when it is one that the transaction has
// used before: in MySQL it could not have been dropped under it.
func (t *transaction) withoutDatabase(err error) error {
	if !t.explicit || mysqlerr.Code(err) != mysql.ER_BAD_DB_ERROR {
		return err
	}
	c := t.session.engine.options.Store.Catalog()
	for _, id := range t.databases {
		if databaseByID(c, id) == nil {
			return fmt.Errorf("%w: %s", errConflict, err.Error()) // without its code
		}
	}
	return err
}

// renew takes a fresh snapshot for C, asks the ledger, and replays.
func (t *transaction) renew(ctx context.Context) error {
	if t.fixed && t.view == nil && t.isolation != readCommitted {
		if err := t.leaveView(); err != nil {
			return err
		}
	} else if t.begunC {
		t.endC()
	}
	if err := t.snapshot(ctx); err != nil {
		return err
	}
	if !t.claims.empty() {
		if err := t.conflict(); err != nil {
			return err
		}
	}
	t.at = t.branch.Position()
	return t.rebuild(t.branch)
}

// leaveView makes the present branch V and opens another one for C.
func (t *transaction) leaveView() error {
	b, err := t.session.openBranch(t.databases)
	if err != nil {
		return err
	}
	t.session.adopt(b, b.Conn())
	t.view = &view{session: t.session, branch: t.branch, catalog: t.catalog, rules: t.rules, at: t.at}
	if !t.begunC {
		if err := t.rebuild(t.branch); err != nil {
			return err
		}
	}
	t.branch, t.begunC, t.triggers = b, false, false
	return nil
}

// conflict asks the ledger whether the transaction could commit what it has so far.
func (t *transaction) conflict() error {
	var body txn.Transaction
	t.claims.transaction(&body, t.at)
	body.ConnectionID, body.Begin = t.session.info.ID, t.seen
	if t.tx == nil {
		body.Begin = t.session.engine.options.Applier.Decided()
	}
	var refused bool
	t.session.engine.ask(func(l *ledger.Ledger) { _, refused = l.Conflict(&body, t.session.engine.options.Epoch) })
	if refused {
		return errConflict
	}
	return nil
}

// rebuild starts a SQLite transaction in b and replays in it what was written, savepoints at their places.
func (t *transaction) rebuild(b *store.Branch) error {
	conn := b.Conn()
	if err := conn.Exec("BEGIN"); err != nil {
		return err
	}
	if b == t.branch {
		t.begunC = true
	}
	done := 0
	for _, sp := range t.savepoints {
		if err := t.replay(b, &done, sp.events); err != nil {
			return err
		}
		if err := conn.Exec("SAVEPOINT " + sp.sqlite); err != nil {
			return err
		}
	}
	return t.replay(b, &done, len(t.written.events))
}

func (t *transaction) replay(b *store.Branch, done *int, end int) error {
	if *done == end {
		return nil
	}
	events := slices.DeleteFunc(slices.Clone(t.written.events[*done:end]), func(e txn.RowEvent) bool { return e.Op == 0 })
	if err := b.Replay(events, t.catalog); err != nil {
		return fmt.Errorf("replay the transaction: %w", err)
	}
	*done = end
	return nil
}
