package session

import (
	"context"
	"errors"
	"fmt"

	"marmot/commit"
	"marmot/internal/stage"
	"marmot/mysqlerr"
	"marmot/txn"
)

// commit sends the transaction's order record and waits for the verdict, and for its publication
// in the databases that it wrote. errConflict: rolled back. warning: committed, but not applied
// here in time. The caller ends the transaction in any case.
func (t *transaction) commit(ctx context.Context) (warning *mysqlerr.Error, err error) {
	s := t.session
	e := s.engine
	if !t.isWritten() {
		return nil, nil
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if t.written.count == 0 {
		t.closeBranches()
		return nil, t.applyPrivate()
	}
	if err := e.locks.beginCommit(t.owner); err != nil {
		return nil, err
	}
	s.slot.give()
	s.setState("waiting for the log")
	defer s.setState("")
	body := t.prepared
	if body == nil {
		body = t.record()
	}
	databases := t.written.databases
	t.closeBranches() // what was written is in the log's hands; the snapshot need not hold up checkpoints
	tx := t.tx
	t.tx = nil
	s.staged(stage.Close)
	// The client's going away must not leave the outcome open: the sender bounds the wait.
	result, err := tx.Commit(context.WithoutCancel(ctx), body)
	if err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	switch result.Decision.Verdict {
	case txn.Conflict:
		e.counts.conflicts.Add(1)
		t.awaitWinner(ctx, result.Position, databases)
		return nil, fmt.Errorf("%w: %s", errConflict, result.Decision)
	case txn.Void:
		return nil, &commit.NotCommittedError{Cause: fmt.Errorf("record %d is void: %s", result.Position, result.Decision)}
	}
	e.counts.commits.Add(1)
	if err := t.applyPrivate(); err != nil { // what others see is committed
		s.Warn(mysqlerr.Newf(1105, "The transaction is committed, but not its rows of temporary tables: %v", err))
	}
	s.gtid = e.gtidText(result.Position)
	return t.awaitPublication(ctx, result.Position, databases), nil
}

// awaitWinner waits until who was first is applied here, so that the client's next attempt sees it.
func (t *transaction) awaitWinner(ctx context.Context, p txn.Position, databases []txn.DatabaseID) {
	e := t.session.engine
	ctx, cancel := context.WithTimeout(ctx, e.options.PublishTimeout)
	defer cancel()
	if err := e.options.Store.WaitPublished(ctx, p, databases...); err != nil {
		e.options.Logger.Debug("wait after a conflict", "position", p, "error", err)
	}
}

// record builds the order record, without chunks.
func (t *transaction) record() *txn.Transaction {
	body := &txn.Transaction{
		ConnectionID: t.session.info.ID,
		Statements:   t.written.statements,
		Events:       t.written.count,
		XA:           t.xa,
	}
	t.claims.transaction(body, t.at)
	return body
}

// awaitPublication waits until a committed record is applied here. Locks stay until it is.
func (t *transaction) awaitPublication(ctx context.Context, p txn.Position, databases []txn.DatabaseID) *mysqlerr.Error {
	e := t.session.engine
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.options.PublishTimeout)
	defer cancel()
	decided := e.options.Stages.Now()
	published, err := e.options.Store.WaitPublishedAt(wait, p, databases...)
	t.session.lap = e.options.Stages.Between(stage.Apply, decided, published)
	t.session.staged(stage.Wake)
	if err == nil {
		return nil
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		e.options.Logger.Warn("wait for publication", "position", p, "error", err)
	}
	e.counts.unpublished.Add(1)
	if t.borrowed {
		return unpublishedWarning(e.gtidText(p), p)
	}
	owner := t.owner
	t.owner = newLockOwner()
	e.whenPublished(p, databases, func() { e.locks.release(owner) })
	return unpublishedWarning(e.gtidText(p), p)
}
