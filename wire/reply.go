package wire

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"unicode/utf8"

	"marmot/mysqlerr"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// maxMessageBytes bounds an error message, as MYSQL_ERRMSG_SIZE does.
const maxMessageBytes = 512

// sendError writes an error and flushes; it is for the end of a connection.
func (c *conn) sendError(err error) {
	c.packets.cancel()
	if c.writeError(err) == nil {
		_ = c.packets.flush() // the connection ends anyway
	}
}

// writeError writes an ERR packet. An error without a MySQL code is 1105, unknown error.
func (c *conn) writeError(err error) error {
	var e *mysqlerr.Error
	if !errors.As(err, &e) {
		e = mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "%v", err)
	}
	b := append(c.packets.begin(), mysql.ERR_HEADER)
	b = binary.LittleEndian.AppendUint16(b, e.Code)
	if c.capabilities&mysql.CLIENT_PROTOCOL_41 != 0 {
		b = append(append(b, '#'), e.State...)
	}
	message := []byte(e.Message)
	if c.session != nil {
		if convert := c.session.Settings().FromUTF8; convert != nil {
			message = convert(nil, message)
		}
	}
	if len(message) > maxMessageBytes {
		at := maxMessageBytes
		for at > maxMessageBytes-utf8.UTFMax && !utf8.RuneStart(message[at]) {
			at--
		}
		message = message[:at]
	}
	return c.packets.finish(append(b, message...))
}

// plainOK answers a command that has nothing to say but the session's status.
func (c *conn) plainOK() error {
	return c.writeOK(mysql.OK_HEADER, session.Result{Status: c.session.Status()})
}

// writeOK writes an OK packet; header is 0x00, or 0xfe where it ends a result set.
func (c *conn) writeOK(header byte, r session.Result) error {
	state := c.sessionState(&r)
	status := uint16(r.Status)
	if len(state) > 0 {
		status |= mysql.SERVER_SESSION_STATE_CHANGED
	}
	b := append(c.packets.begin(), header)
	b = appendLenenc(b, r.Affected)
	b = appendLenenc(b, r.InsertID)
	b = binary.LittleEndian.AppendUint16(b, status)
	b = binary.LittleEndian.AppendUint16(b, r.Warnings)
	if r.Info != "" || len(state) > 0 {
		b = appendLenencString(b, r.Info) // with its length, whatever the client's capabilities
	}
	if len(state) > 0 {
		b = appendLenencBytes(b, state)
	}
	return c.packets.finish(b)
}

// sessionState encodes what the client tracks of r, in MySQL's order.
func (c *conn) sessionState(r *session.Result) []byte {
	if c.capabilities&mysql.CLIENT_SESSION_TRACK == 0 || r.GTID == "" && !r.SchemaChanged && len(r.Variables) == 0 &&
		!r.StateChanged && r.TransactionState == "" && !r.TransactionTextChanged {
		return nil
	}
	settings := c.session.Settings()
	var b, item []byte
	if settings.TrackVariables {
		for _, v := range r.Variables {
			item = appendLenencString(appendLenencString(item[:0], v.Name), v.Value)
			b = appendLenencBytes(append(b, mysql.SESSION_TRACK_SYSTEM_VARIABLES), item)
		}
	}
	text := func(kind byte, s string) {
		item = appendLenencString(item[:0], s)
		b = appendLenencBytes(append(b, kind), item)
	}
	if r.SchemaChanged && settings.TrackSchema {
		text(mysql.SESSION_TRACK_SCHEMA, r.Schema)
	}
	if r.StateChanged {
		b = append(b, mysql.SESSION_TRACK_STATE_CHANGE, 1, '1')
	}
	if r.GTID != "" && settings.TrackGTID {
		b = appendLenencBytes(append(b, mysql.SESSION_TRACK_GTIDS), appendLenencString(append(item[:0], 0), r.GTID))
	}
	if r.TransactionState != "" {
		text(mysql.SESSION_TRACK_TRANSACTION_STATE, r.TransactionState)
	}
	if r.TransactionTextChanged {
		text(mysql.SESSION_TRACK_TRANSACTION_CHARACTERISTICS, r.TransactionText)
	}
	return b
}

// writeEOF writes the packet that ends definitions or rows of clients without DEPRECATE_EOF.
func (c *conn) writeEOF(warnings uint16, status session.Status) error {
	b := append(c.packets.begin(), mysql.EOF_HEADER)
	b = binary.LittleEndian.AppendUint16(b, warnings)
	return c.packets.finish(binary.LittleEndian.AppendUint16(b, uint16(status)))
}

// deprecateEOF reports whether the client takes OK packets in place of EOF packets.
func (c *conn) deprecateEOF() bool { return c.capabilities&mysql.CLIENT_DEPRECATE_EOF != 0 }

// endList ends a list that is no statement's result set, or the head of a cursor; more are bits
// of the status that the session does not know.
func (c *conn) endList(more uint16) error {
	return c.endRows(session.Result{Status: c.session.Status() | session.Status(more)})
}

// endRows writes the packet that ends a result set.
func (c *conn) endRows(r session.Result) error {
	if c.deprecateEOF() {
		return c.writeOK(mysql.EOF_HEADER, r)
	}
	return c.writeEOF(r.Warnings, r.Status)
}

// isBroken reports whether err comes from the socket, so that there is nobody to tell.
func isBroken(err error) bool {
	if mysqlerr.Code(err) != 0 {
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, errSequence) || errors.Is(err, errTooLarge)
}
