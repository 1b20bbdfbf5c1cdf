package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime/debug"

	"marmot/mysqlerr"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// run runs one command and writes its answer. quit ends the connection in peace; an error
// breaks it.
func (c *conn) run(ctx context.Context, payload []byte) (quit bool, err error) {
	if len(payload) == 0 {
		c.part(mysqlerr.New(mysql.ER_MALFORMED_PACKET))
		return false, errMalformed
	}
	if payload[0] == mysql.COM_QUIT {
		return true, nil
	}
	ctx, done := c.command(ctx)
	err = c.guarded(ctx, payload[0], payload[1:])
	done()
	if c.torn != nil {
		return false, c.torn
	}
	if err == nil {
		return false, nil
	}
	c.packets.cancel()
	if errors.Is(err, errMalformed) {
		c.part(mysqlerr.New(mysql.ER_MALFORMED_PACKET).Wrap(err))
		return false, err
	}
	if isBroken(err) {
		return false, err
	}
	var p *panicError
	if errors.As(err, &p) {
		if c.server.options.Events.Panicked != nil {
			c.server.options.Events.Panicked(c.address, err)
		}
		c.part(mysqlerr.Newf(mysql.ER_INTERNAL_ERROR, "Internal error: the statement failed in a way that was not foreseen; the connection ends"))
		return false, err
	}
	if c.isSilent() && mysqlerr.Code(err) == mysql.ER_SERVER_SHUTDOWN {
		return true, nil
	}
	return c.session == nil, c.writeError(err)
}

// panicError says that a command panicked.
type panicError struct {
	value any
	stack []byte
}

// Error tells where.
func (e *panicError) Error() string {
	return fmt.Sprintf("a command panicked: %v\n%s", e.value, e.stack)
}

// guarded dispatches a command. A panic ends its connection, whose session is rolled back, and not the node: what one client sends
// must not take the others' server away, on one node after the other.
func (c *conn) guarded(ctx context.Context, command byte, body []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	return c.dispatch(ctx, command, body)
}

// dispatch calls what a command stands for. What it returns is told to the client, unless
// the connection itself is broken.
func (c *conn) dispatch(ctx context.Context, command byte, body []byte) error {
	switch command {
	case mysql.COM_QUERY:
		return c.query(ctx, body)
	case mysql.COM_STMT_EXECUTE:
		return c.execute(ctx, body)
	case mysql.COM_STMT_PREPARE:
		return c.prepare(ctx, body)
	case mysql.COM_STMT_CLOSE:
		if len(body) < 4 {
			return errMalformed
		}
		c.closeStatement(binary.LittleEndian.Uint32(body))
		return nil
	case mysql.COM_STMT_SEND_LONG_DATA:
		return c.sendLongData(body)
	case mysql.COM_STMT_RESET:
		return c.resetStatement(body)
	case mysql.COM_STMT_FETCH:
		return c.fetch(body)
	case mysql.COM_PING:
		return c.plainOK()
	case mysql.COM_INIT_DB:
		if len(body) == 0 {
			return mysqlerr.New(mysql.ER_NO_DB_ERROR)
		}
		if err := c.session.Use(ctx, string(body)); err != nil {
			return err
		}
		return c.enteredOK(string(body))
	case mysql.COM_FIELD_LIST:
		return c.fieldList(ctx, body)
	case mysql.COM_RESET_CONNECTION:
		return c.resetConnection(ctx)
	case mysql.COM_CHANGE_USER:
		return c.changeUser(body)
	case mysql.COM_STATISTICS:
		return c.packets.finish(append(c.packets.begin(), c.session.Statistics()...))
	case mysql.COM_PROCESS_INFO:
		return c.session.Execute(ctx, []byte("SHOW PROCESSLIST"), c.newRowWriter(false, nil))
	case mysql.COM_PROCESS_KILL:
		return c.kill(ctx, body)
	case mysql.COM_SET_OPTION:
		return c.setOption(body)
	case mysql.COM_REFRESH: // there are no caches to empty, nor logs to begin anew
		return c.plainOK()
	case mysql.COM_DEBUG: // prints nothing
		return c.endList(0)
	case mysql.COM_REGISTER_SLAVE, mysql.COM_BINLOG_DUMP, mysql.COM_BINLOG_DUMP_GTID:
		return c.replication(ctx, command, body)
	case mysql.COM_SHUTDOWN:
		return mysqlerr.New(mysql.ER_SPECIFIC_ACCESS_DENIED_ERROR, "SHUTDOWN")
	}
	return mysqlerr.New(mysql.ER_UNKNOWN_COM_ERROR)
}

// query runs COM_QUERY.
func (c *conn) query(ctx context.Context, body []byte) error {
	var attributes []session.QueryAttribute
	if c.has(clientQueryAttributes) {
		d := decoder{data: body}
		var err error
		if attributes, err = readQueryAttributes(&d); err != nil {
			return err
		}
		body = d.data
	}
	c.session.SetQueryAttributes(attributes)
	c.handing()
	return c.session.Execute(ctx, body, c.newRowWriter(false, nil))
}

// fieldList runs COM_FIELD_LIST: table, zero byte, pattern.
func (c *conn) fieldList(ctx context.Context, body []byte) error {
	d := decoder{data: body}
	table, pattern := string(d.zeroTerminated()), string(d.rest())
	if d.err != nil {
		return d.err
	}
	columns, err := c.session.TableColumns(ctx, table, pattern)
	if err != nil {
		return err
	}
	settings := c.session.Settings()
	for i := range columns {
		col := newColumn(&columns[i], settings)
		b := col.appendDefinition(c.packets.begin(), &columns[i])
		if err := c.packets.finish(append(b, 0xfb)); err != nil { // no default value is told: NULL
			return err
		}
	}
	return c.endList(0)
}

// resetConnection runs COM_RESET_CONNECTION: a fresh session without a new login.
func (c *conn) resetConnection(ctx context.Context) error {
	for id := range c.statements {
		c.closeStatement(id)
	}
	if err := c.session.Reset(ctx); err != nil {
		return err
	}
	return c.plainOK()
}

// changeUser runs COM_CHANGE_USER: a new login on the same connection. If it fails the
// connection ends.
func (c *conn) changeUser(body []byte) error {
	r, err := parseChangeUser(body, c.capabilities)
	if err != nil {
		return err
	}
	c.closeSession()
	if r.capabilities&mysql.CLIENT_PLUGIN_AUTH != 0 {
		r.plugin = "" // the nonce of the greeting is used up: the client scrambles a fresh one
	}
	if err := c.enter(&r, func(session.Account) error { return nil }); err != nil {
		return err
	}
	return c.greetSession(r.database)
}

// enteredOK answers a command that has made database the default.
func (c *conn) enteredOK(database string) error {
	return c.writeOK(mysql.OK_HEADER, session.Result{Status: c.session.Status(), Schema: database, SchemaChanged: true})
}

// kill runs COM_PROCESS_KILL.
func (c *conn) kill(ctx context.Context, body []byte) error {
	if len(body) < 4 {
		return errShort()
	}
	if err := c.session.Kill(ctx, uint64(binary.LittleEndian.Uint32(body)), true); err != nil {
		return err
	}
	return c.plainOK()
}

// setOption runs COM_SET_OPTION: several statements in a query, on or off.
func (c *conn) setOption(body []byte) error {
	d := decoder{data: body}
	switch option := d.uint16(); {
	case d.err != nil:
		return errShort()
	case option == mysql.MYSQL_OPTION_MULTI_STATEMENTS_ON:
		c.session.SetMultiQuery(true)
	case option == mysql.MYSQL_OPTION_MULTI_STATEMENTS_OFF:
		c.session.SetMultiQuery(false)
	default:
		return mysqlerr.New(mysql.ER_UNKNOWN_COM_ERROR)
	}
	return c.endList(0)
}
