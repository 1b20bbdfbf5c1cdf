package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"marmot/applier"
	"marmot/debezium"
	"marmot/debezium/broker"
	"marmot/dialect"
	"marmot/schemas"
	"marmot/session"
	"marmot/store"
	"marmot/txn"
)

// emitterTables is a debezium.Tables over this node's files.
type emitterTables struct {
	store   *store.Store
	applier *applier.Applier
	first   func(ctx context.Context) (txn.Position, error)
	// taken is the position at which this run took the emission over.
	taken  func() txn.Position
	base   txn.Position // of the log's generation
	engine func() *session.Engine
}

// engineWait is how often it is looked whether the node serves sessions.
const engineWait = 20 * time.Millisecond

// Fresh implements debezium.Tables: it reads the log up to where the emission was taken over, or to the first record that changed
// something.
func (t *emitterTables) Fresh(ctx context.Context) (bool, error) {
	first, err := t.first(ctx)
	if err != nil {
		return false, &debezium.PublishError{Cause: fmt.Errorf("where the log begins: %w", err)}
	}
	taken := t.taken()
	if first > t.base+1 || t.base > 0 || taken == 0 {
		return false, nil
	}
	feed := t.applier.Feed(first - 1)
	for at := first - 1; at+1 < taken; {
		c, err := feed.Next(ctx)
		if err != nil {
			return false, err
		}
		if c.Position < taken && (c.Transaction != nil || c.DDL != nil) {
			return false, nil
		}
		at = c.Position
	}
	return true, nil
}

// First implements debezium.Tables.
func (t *emitterTables) First(ctx context.Context) (txn.Position, error) { return t.first(ctx) }

// Position implements debezium.Tables.
func (t *emitterTables) Position() txn.Position { return t.store.PublishedAll() }

// Catalog implements debezium.Tables.
func (t *emitterTables) Catalog() *schemas.Catalog { return t.store.Catalog() }

// Charset implements debezium.Tables.
func (t *emitterTables) Charset() (charset, collation string) { return "utf8mb4", "utf8mb4_0900_ai_ci" }

// maxViews bounds how often a view is taken again because the definitions move on.
const maxViews = 50

// View implements debezium.Tables.
func (t *emitterTables) View(ctx context.Context, db txn.DatabaseID, at txn.Position) (debezium.View, error) {
	branch, err := t.store.OpenBranch()
	if err != nil {
		return nil, err
	}
	v, err := t.view(ctx, branch, db, at)
	if err != nil || v == nil {
		branch.Close()
		return nil, err
	}
	return v, nil
}

func (t *emitterTables) view(ctx context.Context, branch *store.Branch, db txn.DatabaseID, at txn.Position) (debezium.View, error) {
	if t.store.Catalog().DatabaseByID(db) == nil {
		return nil, nil
	}
	if err := t.store.WaitPublished(ctx, at, db); err != nil {
		return nil, err
	}
	if err := branch.Use(db); err != nil {
		return nil, err
	}
	for range maxViews {
		d := t.store.Catalog().DatabaseByID(db)
		if d == nil {
			return nil, nil
		}
		if err := branch.Snapshot(ctx); err != nil {
			return nil, err
		}
		if branch.Schema(db) == d.Version && branch.PositionOf(db) >= at {
			return &tableView{branch: branch, database: d}, nil
		}
		newest := max(d.Version, branch.Schema(db), at)
		branch.Release()
		if err := t.store.WaitPublished(ctx, newest, db); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("view of a database: its file never agreed with the definitions")
}

// CreateText implements debezium.Tables.
func (t *emitterTables) CreateText(ctx context.Context, database, name string) (string, error) {
	var text string
	err := t.query(ctx, "@@GLOBAL.time_zone", "SHOW CREATE TABLE "+schemas.QuoteName(database)+"."+schemas.QuoteName(name), func(row []txn.Value) error {
		if len(row) > 1 {
			text = string(row[1].Bytes())
		}
		return nil
	})
	return text, err
}

// Query implements debezium.Tables.
func (t *emitterTables) Query(ctx context.Context, sql string, each func(row []txn.Value) error) error {
	return t.query(ctx, "'+00:00'", sql, each)
}

// query runs a query in a session of a time zone. It waits until the node serves sessions.
func (t *emitterTables) query(ctx context.Context, zone, sql string, each func(row []txn.Value) error) error {
	for t.engine() == nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(engineWait):
		}
	}
	s, err := t.engine().NewSession(session.ConnInfo{})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Execute(ctx, []byte("SET time_zone = "+zone), &rowReader{}); err != nil {
		return err
	}
	return s.Execute(ctx, []byte(strings.TrimSpace(sql)), &rowReader{each: each})
}

// rowReader is a session.ResultWriter that hands rows on.
type rowReader struct {
	each func(row []txn.Value) error
}

// Columns implements session.ResultWriter.
func (*rowReader) Columns([]dialect.ResultColumn) error { return nil }

// Row implements session.ResultWriter.
func (r *rowReader) Row(values []txn.Value) error {
	if r.each == nil {
		return nil
	}
	return r.each(values)
}

// End implements session.ResultWriter.
func (*rowReader) End(session.Result) error { return nil }

// OK implements session.ResultWriter.
func (*rowReader) OK(session.Result) error { return nil }

// Rewind implements session.ResultWriter.
func (*rowReader) Rewind() bool { return false }

// tableView is a debezium.View: a branch with a snapshot of one database.
type tableView struct {
	branch   *store.Branch
	database *schemas.Database
}

// Position implements debezium.View.
func (v *tableView) Position() txn.Position { return v.branch.PositionOf(v.database.ID) }

// Table implements debezium.View.
func (v *tableView) Table(name string) *schemas.Table { return v.database.Tables[name] }

// Rows implements debezium.View.
func (v *tableView) Rows(_ context.Context, t *schemas.Table, span debezium.Span, each func([]txn.Value) error) error {
	return v.branch.TableRows(v.database.ID, t, store.RowSpan(span), each)
}

// Row implements debezium.View.
func (v *tableView) Row(_ context.Context, t *schemas.Table, columns []int, values []txn.Value, each func([]txn.Value) error) error {
	return v.branch.TableRow(v.database.ID, t, columns, values, each)
}

// Last implements debezium.View.
func (v *tableView) Last(_ context.Context, t *schemas.Table, each func([]txn.Value) error) error {
	return v.branch.LastRow(v.database.ID, t, each)
}

// Count implements debezium.View.
func (v *tableView) Count(_ context.Context, t *schemas.Table, limit int64) (int64, error) {
	return v.branch.CountRows(v.database.ID, t, limit)
}

// Cursor implements debezium.View.
func (v *tableView) Cursor(t *schemas.Table, by *schemas.Index, image []txn.Value) []txn.Value {
	return store.RowCursor(t, by, image)
}

// Ended implements debezium.View.
func (v *tableView) Ended() bool { return v.branch.Err() != nil }

// Close implements debezium.View.
func (v *tableView) Close() { v.branch.Close() }

// newID is a random UUID.
func newID() (string, error) {
	id, err := txn.NewUUID(rand.Reader)
	return id.String(), err
}

// emitterSources is what an emission needs beside the log.
func (s *server) emitterSources(e *emission) debezium.Sources {
	sources := debezium.Sources{
		Tables: &emitterTables{store: s.store, applier: s.applier, first: e.first, base: s.genesis.Base, engine: s.engine.Load,
			taken: func() txn.Position { return txn.Position(e.taken.Load()) }},
		NewID: newID, Logger: s.logger, Emission: e.name,
	}
	o := &e.config.options
	brokers := o.Signals.KafkaBrokers
	if len(brokers) == 0 {
		brokers = e.config.brokers
	}
	switch {
	case !o.Signals.Kafka:
	case len(brokers) == 0:
		s.logger.Warn("no signals of Kafka: set signal.kafka.bootstrap.servers", "emitter", e.name)
	default:
		reader := &broker.Signals{Brokers: brokers, Topic: o.Signals.KafkaTopicOf(o.TopicPrefix), Key: o.TopicPrefix, Logger: s.logger, Security: e.config.signalSecurity}
		sources.Signals, sources.Close = reader.Read, reader.Close
	}
	return sources
}

// written lists the tables that a transaction writes to.
func written(t *txn.Transaction) []debezium.TableRef {
	var list []debezium.TableRef
	for i := range t.Tables {
		if use := &t.Tables[i]; use.Writes {
			list = append(list, debezium.TableRef{Table: use.Table, Version: use.Version})
		}
	}
	return list
}
