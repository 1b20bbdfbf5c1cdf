package wire

import (
	"context"
	"errors"
	"io"

	"marmot/mysqlerr"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Source is a Session that serves replicas.
type Source interface {
	// RegisterReplica notes what a replica says of itself.
	RegisterReplica(ctx context.Context, r session.Replica) error
	// DumpBinlog sends the log to a replica.
	DumpBinlog(ctx context.Context, r session.BinlogRequest, w session.BinlogWriter) error
}

// replication runs the commands of replicas.
func (c *conn) replication(ctx context.Context, command byte, body []byte) error {
	source, ok := c.session.(Source)
	if !ok {
		return mysqlerr.New(mysql.ER_UNKNOWN_COM_ERROR)
	}
	if command == mysql.COM_REGISTER_SLAVE {
		return c.registerReplica(ctx, source, body)
	}
	r, err := parseDump(command, body)
	if err != nil {
		return err
	}
	if err := source.DumpBinlog(ctx, r, eventWriter{c}); err != nil && !errors.Is(err, session.ErrDumpEnded) {
		return err
	} else if err == nil {
		return c.endList(0)
	}
	return c.dumpEnded()
}

// dumpEnded ends the connection of a replica whose dump has ended, which then connects anew. As MySQL's does: after KILL QUERY with the end of a list, otherwise
// without a word.
func (c *conn) dumpEnded() error {
	if c.isSilent() || c.isClosing() {
		return io.EOF
	}
	if err := c.endList(0); err != nil {
		return err
	}
	if err := c.packets.flush(); err != nil {
		return err
	}
	return io.EOF
}

// registerReplica runs COM_REGISTER_SLAVE: server id, host, user, password, port, rank, source's id.
func (c *conn) registerReplica(ctx context.Context, source Source, body []byte) error {
	d := decoder{data: body}
	r := session.Replica{ServerID: d.uint32()}
	r.Host = string(d.take(int(d.uint8())))
	d.take(int(d.uint8()))
	d.take(int(d.uint8()))
	r.Port = d.uint16()
	if d.err != nil {
		return d.err
	}
	if err := source.RegisterReplica(ctx, r); err != nil {
		return err
	}
	return c.plainOK()
}

// Flags of COM_BINLOG_DUMP and COM_BINLOG_DUMP_GTID.
const (
	dumpNonBlocking = 0x01
	dumpThroughGTID = 0x04
)

// parseDump reads a request for the log.
func parseDump(command byte, body []byte) (session.BinlogRequest, error) {
	var r session.BinlogRequest
	d := decoder{data: body}
	if command == mysql.COM_BINLOG_DUMP {
		r.Offset = uint64(d.uint32())
		r.NonBlocking = d.uint16()&dumpNonBlocking != 0
		r.ServerID = d.uint32()
		r.File = string(d.rest())
		return r, d.err
	}
	r.GTID = true
	flags := d.uint16()
	r.NonBlocking = flags&dumpNonBlocking != 0
	r.ServerID = d.uint32()
	r.File = string(d.take(int(d.uint32())))
	r.Offset = d.uint64()
	if d.err == nil && (flags&dumpThroughGTID != 0 || len(d.data) >= 4) {
		r.Set = append(r.Set, d.take(int(d.uint32()))...)
	}
	return r, d.err
}

// eventWriter sends events: each is a packet behind a zero byte.
type eventWriter struct{ c *conn }

// Send implements session.BinlogWriter.
func (w eventWriter) Send(event []byte) error {
	p := w.c.packets
	return p.finish(append(append(p.begin(), 0), event...))
}

// Flush implements session.BinlogWriter.
func (w eventWriter) Flush() error { return w.c.packets.flush() }
