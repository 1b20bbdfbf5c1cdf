package session

import (
	"fmt"
	"sync"
	"time"

	"marmot/applier/ledger"
	"marmot/schemas"
	"marmot/txn"
)

const (
	// maxCountedRows is how far a table's rows are counted for SHOW TABLE STATUS; a larger table is estimated.
	maxCountedRows = 200_000
	// estimateAge is how long the estimate of a larger table serves while the table is written.
	estimateAge = 10 * time.Second
	// maxRowCounts bounds the estimates kept.
	maxRowCounts = 10_000
)

// rowCounts are what the tables' rows were counted to.
type rowCounts struct {
	mu    sync.Mutex
	known map[txn.TableID]rowCount
}

// rowCount is one table's estimate.
type rowCount struct {
	rows int64
	at   txn.Position // of the snapshot
	when time.Time
}

func (c *rowCounts) get(id txn.TableID) (rowCount, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.known[id]
	return n, ok
}

func (c *rowCounts) put(id txn.TableID, n rowCount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxRowCounts {
		c.known = map[txn.TableID]rowCount{}
	}
	c.known[id] = n
}

// TableRows counts the committed rows of a table. Above maxCountedRows it is what the span of row ids says, or that
// number where row ids have gaps by their nature. A table that cannot be read has 0.
func (i serverInfo) TableRows(t *schemas.Table) int64 {
	s := i.session
	e := s.engine
	n, known := e.rowCounts.get(t.ID)
	if known && !t.Temporary() {
		written := false
		e.ask(func(l *ledger.Ledger) { _, written = l.WrittenAfter(t.ID, n.at) })
		if !written || n.rows >= maxCountedRows && e.options.Now().Sub(n.when) < estimateAge {
			return n.rows
		}
	}
	n, err := s.countRows(t)
	if err != nil {
		e.options.Logger.Debug("count rows", "database", t.Database, "table", t.Name, "error", err)
		return 0
	}
	if !t.Temporary() {
		e.rowCounts.put(t.ID, n)
	}
	return n.rows
}

// countRows counts in a snapshot of its own.
func (s *Session) countRows(t *schemas.Table) (n rowCount, err error) {
	if s.run == nil || t.DBID == 0 {
		return n, nil
	}
	ctx := s.run.ctx
	if err := s.slot.take(ctx); err != nil {
		return n, err
	}
	b, err := s.openBranch([]txn.DatabaseID{t.DBID})
	if err != nil {
		return n, err
	}
	defer b.Close()
	if err := b.Snapshot(ctx); err != nil {
		return n, err
	}
	n.at, n.when = b.Position(), s.engine.options.Now()
	x := &executor{session: s, conn: b.Reader(), branch: b}
	one := func(row []txn.Value) error {
		n.rows = row[0].Int64()
		return nil
	}
	table := fmt.Sprintf("d%d.%s", t.DBID, schemas.QuoteSQLite(t.SQLiteName))
	err = x.Query(fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d)", table, maxCountedRows), nil, one)
	if err != nil {
		return n, err
	}
	dense := t.Identity == schemas.RowIDAlias || t.Identity == schemas.UniqueIndex
	if n.rows < maxCountedRows || !dense {
		return n, nil
	}
	counted := n.rows
	err = x.Query("SELECT max(rowid) - min(rowid) + 1 FROM "+table, nil, one)
	n.rows = max(n.rows, counted)
	return n, err
}
