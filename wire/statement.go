package wire

import (
	"context"
	"encoding/binary"
	"errors"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxParams is what the protocol's 16-bit count can say.
const maxParams = 65535

// statement is a prepared statement of a connection.
type statement struct {
	id     uint32
	inner  session.Statement
	params int
	last   execution // types and names as of the last execution that sent them
	long   [][]byte  // by parameter, from COM_STMT_SEND_LONG_DATA; nil if none came
	// longErr is what went wrong with long data; COM_STMT_EXECUTE reports it, for the
	// command itself has no answer.
	longErr   error
	longBytes int // of long
	cursor    *cursor
}

// prepare runs COM_STMT_PREPARE.
func (c *conn) prepare(ctx context.Context, sql []byte) error {
	if most := c.server.settings().MaxStatements; c.server.statements.Add(1) > int64(most) {
		c.server.statements.Add(-1)
		return mysqlerr.New(mysql.ER_MAX_PREPARED_STMT_COUNT_REACHED, most)
	}
	inner, err := c.session.Prepare(ctx, sql)
	if err == nil && inner.Params() > maxParams {
		inner.Close()
		err = mysqlerr.New(mysql.ER_PS_MANY_PARAM)
	}
	if err != nil {
		c.server.statements.Add(-1)
		return err
	}
	c.nextStmt++
	s := &statement{id: c.nextStmt, inner: inner, params: inner.Params()}
	c.statements[s.id] = s
	return c.writePrepared(s)
}

// writePrepared answers COM_STMT_PREPARE.
func (c *conn) writePrepared(s *statement) error {
	columns := s.inner.Columns()
	b := append(c.packets.begin(), mysql.OK_HEADER)
	b = binary.LittleEndian.AppendUint32(b, s.id)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(columns)))
	b = binary.LittleEndian.AppendUint16(b, uint16(s.params))
	settings := c.session.Settings()
	if err := c.packets.finish(c.appendMetadataFlag(append(b, 0, 0, 0), settings)); err != nil {
		return err
	}
	if c.leavesOut(settings) {
		if err := c.endDefinitions(s.params); err != nil {
			return err
		}
		return c.endDefinitions(len(columns))
	}
	types := s.inner.Types()
	for i := range s.params {
		b := c.packets.begin()
		if i < len(types) {
			parameter := dialect.ResultColumn{Name: "?", Type: types[i], Nullable: true}
			col := newColumn(&parameter, settings)
			b = col.appendDefinition(b, &parameter)
		} else {
			b = appendParamDefinition(b)
		}
		if err := c.packets.finish(b); err != nil {
			return err
		}
	}
	if err := c.endDefinitions(s.params); err != nil {
		return err
	}
	for i := range columns {
		col := newColumn(&columns[i], settings)
		if err := c.packets.finish(col.appendDefinition(c.packets.begin(), &columns[i])); err != nil {
			return err
		}
	}
	return c.endDefinitions(len(columns))
}

// endDefinitions writes the EOF after n definitions, for clients that expect it.
func (c *conn) endDefinitions(n int) error {
	if n == 0 || c.deprecateEOF() {
		return nil
	}
	return c.writeEOF(0, c.session.Status())
}

// execute runs COM_STMT_EXECUTE.
func (c *conn) execute(ctx context.Context, payload []byte) error {
	d := decoder{data: payload}
	id, flags := readExecute(&d)
	if d.err != nil {
		return errShort()
	}
	s := c.statements[id]
	if s == nil {
		return unknownStatement(id)
	}
	long, longErr := s.long, s.longErr
	c.dropLong(s)
	c.closeCursor(s)
	if longErr != nil {
		return longErr
	}
	e, err := parseParams(&d, s.params, flags, c.has(clientQueryAttributes), s.last, long)
	if errors.Is(err, errMalformed) {
		return errShort()
	}
	if err != nil {
		return err
	}
	args := e.values
	s.inner.Bind(sortsOf(e.types[:min(len(e.types), s.params)]))
	s.last = execution{types: e.types, names: e.names}
	c.session.SetQueryAttributes(e.attributes)
	c.handing()
	if flags&mysql.CURSOR_TYPE_READ_ONLY == 0 || s.inner.Columns() == nil {
		return s.inner.Execute(ctx, args, c.newRowWriter(true, nil))
	}
	s.cursor = &cursor{}
	err = s.inner.Execute(ctx, args, c.newRowWriter(true, s.cursor))
	if err != nil || !s.cursor.complete {
		c.closeCursor(s)
	}
	return err
}

func unknownStatement(id uint32) error {
	return mysqlerr.Newf(mysql.ER_UNKNOWN_STMT_HANDLER, "Unknown prepared statement handler (%d) given to mysql_stmt_precheck", id)
}

// errShort refuses a packet that ends too early. The packet is whole, so that the connection can go on, as on MySQL.
func errShort() error { return mysqlerr.New(mysql.ER_MALFORMED_PACKET) }

// dropLong forgets the long data of s.
func (c *conn) dropLong(s *statement) {
	c.longBytes -= s.longBytes
	s.long, s.longErr, s.longBytes = nil, nil, 0
}

// sendLongData runs COM_STMT_SEND_LONG_DATA, which has no answer.
func (c *conn) sendLongData(payload []byte) error {
	d := decoder{data: payload}
	s := c.statements[d.uint32()]
	index := int(d.uint16())
	if d.err != nil {
		return d.err
	}
	if s == nil || s.longErr != nil {
		return nil
	}
	if index >= s.params {
		s.longErr = mysqlerr.New(mysql.ER_WRONG_ARGUMENTS, "mysqld_stmt_send_long_data")
		return nil
	}
	data := d.rest()
	s.longBytes += len(data)
	c.longBytes += len(data)
	if c.longBytes > c.packets.maxAllowed {
		c.dropLong(s)
		s.longErr = mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "Parameter of prepared statement which is set through "+
			"mysql_send_long_data() is longer than 'max_allowed_packet' bytes")
		return nil
	}
	if s.long == nil {
		s.long = make([][]byte, s.params)
	}
	if s.long[index] == nil {
		s.long[index] = []byte{}
	}
	s.long[index] = append(s.long[index], data...)
	return nil
}

// resetStatement runs COM_STMT_RESET.
func (c *conn) resetStatement(payload []byte) error {
	d := decoder{data: payload}
	id := d.uint32()
	if d.err != nil {
		return errShort()
	}
	s := c.statements[id]
	if s == nil {
		return unknownStatement(id)
	}
	c.dropLong(s)
	c.closeCursor(s)
	return c.plainOK()
}

// closeStatement runs COM_STMT_CLOSE, which has no answer.
func (c *conn) closeStatement(id uint32) {
	s := c.statements[id]
	if s == nil {
		return
	}
	c.dropLong(s)
	c.closeCursor(s)
	s.inner.Close()
	delete(c.statements, id)
	c.server.statements.Add(-1)
}

// checkRow refuses a row that no client could take.
func (c *conn) checkRow(bytes int) error {
	if bytes > c.packets.maxAllowed+headerBytes {
		return mysqlerr.New(mysql.ER_NET_PACKET_TOO_LARGE)
	}
	return nil
}
