package node

import (
	"context"
	"errors"
	"fmt"

	"marmot/applier"
	"marmot/binlog"
	"marmot/log"
	"marmot/schemas"
	"marmot/session"
	"marmot/store"
	"marmot/txn"
)

// binlogSource gives replicas what they ask of the log.
type binlogSource struct {
	log     log.Log
	genesis log.Genesis
	applier *applier.Applier
	store   *store.Store
}

// First implements session.BinlogSource.
func (b *binlogSource) First(ctx context.Context) (txn.Position, error) {
	start, _, err := b.log.Bounds(ctx, log.Order)
	return b.genesis.Position(start), err
}

// History implements session.BinlogSource.
func (b *binlogSource) History() schemas.History { return b.store.History() }

// Follow implements session.BinlogSource.
func (b *binlogSource) Follow(ctx context.Context, after txn.Position) session.BinlogFeed {
	return &binlogFeed{source: b, inner: b.applier.Feed(after), ctx: ctx}
}

// binlogFeed adapts the applier's feed to a replica's.
type binlogFeed struct {
	source *binlogSource
	inner  *applier.Feed
	given  *applier.Committed // waits for its definitions
	ctx    context.Context    //nolint:containedctx // lives as long as the feed
}

// Next implements session.BinlogFeed.
func (f *binlogFeed) Next(ctx context.Context) (*binlog.Record, error) {
	if f.given == nil {
		c, err := f.inner.Next(ctx)
		if err != nil {
			return nil, purged(err)
		}
		f.given = c
	}
	c := f.given
	t := c.Transaction
	if c.DDL != nil {
		t = &c.DDL.Transaction
	}
	r := &binlog.Record{Position: c.Position, TimeUS: c.TimeUS, DDL: c.Body, Accounts: c.Accounts}
	if t != nil {
		if err := awaitDefinitions(ctx, f.source.store, c, t); err != nil {
			return nil, err
		}
		r.ConnectionID, r.Statements, r.Tables, r.Keys, r.Rows = t.ConnectionID, t.Statements, t.Tables, t.Keys, t.Events
		r.XA = t.XA
		r.Events = func(each func(*txn.RowEvent) error) error { return purged(f.inner.Events(f.ctx, c, each)) }
	}
	f.given = nil
	return r, nil
}

// purged names an error of the log that was trimmed in the words of sessions.
func purged(err error) error {
	if errors.Is(err, log.ErrTrimmed) {
		return fmt.Errorf("%w: %w", session.ErrPurged, err)
	}
	return err
}

// awaitDefinitions waits until the definitions that the rows of c were written under are in this node's history: a DDL may be decided and
// not applied yet.
func awaitDefinitions(ctx context.Context, s *store.Store, c *applier.Committed, t *txn.Transaction) error {
	for i := range t.Tables {
		use := &t.Tables[i]
		if !use.Writes {
			continue
		}
		if _, err := s.History().TableAt(use.Table, use.Version); err == nil {
			continue
		}
		if err := s.WaitPublished(ctx, use.Version, use.Database); err != nil {
			return err
		}
	}
	if c.DDL != nil && t.Events > 0 {
		return s.WaitPublished(ctx, c.Position)
	}
	return nil
}
