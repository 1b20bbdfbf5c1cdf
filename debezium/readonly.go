package debezium

import (
	"context"
	"slices"
	"time"

	"marmot/txn"
)

// With read.only nothing is written that tells where a chunk's rows stand in the stream. As with the connector, the transaction that comes next says so: they go
// out where it begins; and where a transaction ends, chunks are read and go out one after the other until another transaction is there.

// windowPatience is how long the rows of a chunk wait for a transaction. The connector waits for the server's heartbeat, which comes after 48 s.
const windowPatience = 10 * time.Second

// ended is the transaction that was streamed last, while chunks that have been read since go out at its end.
type ended struct {
	position txn.Position
	thread   int64
}

// isTransaction reports whether c is what the binary log has between BEGIN and COMMIT.
func isTransaction(c *Committed) bool { return c.DDL == nil && len(c.Writes) > 0 }

// closesWaiting reports whether the window waits for c: for any transaction behind it, or a change of its table, after which its rows would have an older form.
func (m *Emitter) closesWaiting(c *Committed) bool {
	w := m.side.window
	if w == nil || !w.waits || c.Position <= w.position {
		return false
	}
	return isTransaction(c) || w.isOf(c.DDL)
}

// isOf reports whether a DDL changes the window's table.
func (w *window) isOf(ddl *txn.DDLBody) bool {
	return ddl != nil && slices.ContainsFunc(ddl.Changes, func(d txn.DefinitionChange) bool {
		return d.Kind == txn.ObjectTable && len(w.rows) > 0 && d.ID == uint64(w.rows[0].def.ID)
	})
}

// behind does what is due when c has been streamed: signals, and windows that its end closes or that its DDL makes old.
func (m *Emitter) behind(ctx context.Context, c *Committed) error {
	if !m.side.on {
		return m.heed(ctx)
	}
	m.side.heard = time.Now()
	waiting := m.side.window != nil && m.side.window.waits
	switch {
	case isTransaction(c):
		m.side.ended = &ended{c.Position, threadOf(c)}
	case c.DDL != nil || !waiting: // behind anything else nothing has ended, unless chunks wait only for what is no transaction
		m.side.ended = nil
	}
	if err := m.readAgain(ctx, c); err != nil {
		return err
	}
	if err := m.heed(ctx); err != nil {
		return err
	}
	return m.closeReached(ctx)
}

// closeReached emits the windows that the end of the last transaction closes, and reads further chunks, until one has been read behind the stream.
func (m *Emitter) closeReached(ctx context.Context) error {
	if m.side.replaying {
		return nil
	}
	at := m.side.ended
	for w := m.side.window; at != nil && w != nil && w.waits && w.position <= m.progress.Position; w = m.side.window {
		if err := m.boundary(ctx); err != nil {
			return err
		}
		source := &snapshotSource{marker: markIncremental, timeUS: m.encoder.now().UnixMicro(), position: at.position, live: true, thread: at.thread}
		if err := m.emitWindow(ctx, source); err != nil {
			return err
		}
		if in := m.side.state.Incremental; in != nil && !in.Paused {
			if err := m.readChunk(ctx); err != nil {
				return err
			}
		}
		if err := m.commit(ctx); err != nil {
			return err
		}
	}
	if m.side.window == nil {
		m.side.ended = nil
	}
	return nil
}

// closeAtStart emits the chunks that are read at the start of a run, as the connector does at the server's first heartbeat: without a GTID, before
// anything is streamed, and until a chunk has been read at another position.
func (m *Emitter) closeAtStart(ctx context.Context) error {
	first := m.side.window
	for w := first; w != nil && w.waits && w.position == first.position; w = m.side.window {
		if err := m.emitWindow(ctx, &snapshotSource{marker: markIncremental, timeUS: m.encoder.now().UnixMicro(), position: m.progress.Position, live: true, unnamed: true}); err != nil {
			return err
		}
		if in := m.side.state.Incremental; in != nil && !in.Paused {
			if err := m.readChunk(ctx); err != nil {
				return err
			}
		}
		if err := m.commit(ctx); err != nil {
			return err
		}
	}
	return nil
}

// readAgain reads the chunk of an open window anew after a DDL has changed its table. The rows that were to close the window close nothing then.
func (m *Emitter) readAgain(ctx context.Context, c *Committed) error {
	w := m.side.window
	if w == nil || w.id == "" || !w.opened || m.side.replaying || !w.isOf(c.DDL) {
		return nil
	}
	if err := m.boundary(ctx); err != nil {
		return err
	}
	m.side.window, m.side.readFrom = nil, c.Position
	if err := m.readChunk(ctx); err != nil {
		return err
	}
	return m.commit(ctx)
}
