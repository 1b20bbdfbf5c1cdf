package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// client speaks the protocol by hand.
type client struct {
	t            *testing.T
	conn         net.Conn
	sequence     uint8
	capabilities uint32
	nonce        []byte
	hello        []byte // the greeting
}

// clientCapabilities are those of a usual client.
const clientCapabilities = mysql.CLIENT_LONG_PASSWORD | mysql.CLIENT_LONG_FLAG | mysql.CLIENT_PROTOCOL_41 | mysql.CLIENT_TRANSACTIONS |
	mysql.CLIENT_SECURE_CONNECTION | mysql.CLIENT_MULTI_STATEMENTS | mysql.CLIENT_MULTI_RESULTS | mysql.CLIENT_PLUGIN_AUTH |
	mysql.CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA | mysql.CLIENT_CONNECT_ATTRS

// dial connects and reads the greeting.
func (ts *testServer) dial() *client {
	ts.t.Helper()
	conn, err := net.Dial("tcp", ts.address)
	if err != nil {
		ts.t.Fatal(err)
	}
	ts.t.Cleanup(func() { _ = conn.Close() })
	return ts.greeted(conn)
}

// greeted reads the greeting of a connection.
func (ts *testServer) greeted(conn net.Conn) *client {
	ts.t.Helper()
	c := &client{t: ts.t, conn: conn, capabilities: clientCapabilities}
	c.hello = c.read()
	if c.hello[0] == mysql.ClassicProtocolVersion {
		g := decoder{data: c.hello[1:]}
		g.zeroTerminated()
		g.take(4)
		c.nonce = append(c.nonce, g.take(8)...)
		g.take(1 + 2 + 1 + 2 + 2 + 1 + 10)
		c.nonce = append(c.nonce, g.take(12)...)
	}
	return c
}

// login connects as root; capabilities are added to the usual ones.
func (ts *testServer) login(capabilities uint32) *client {
	ts.t.Helper()
	c := ts.dial()
	c.capabilities |= capabilities
	c.write(c.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
	if reply := c.authenticate(testPassword); reply[0] != mysql.OK_HEADER {
		ts.t.Fatalf("login: %s", readError(reply))
	}
	return c
}

// response makes a handshake response.
func (c *client) response(user, password, plugin string) []byte {
	var b []byte
	for _, n := range []uint32{c.capabilities, 1 << 24} {
		b = append(b, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
	b = append(append(b, defaultCollation), make([]byte, 23)...)
	b = append(append(b, user...), 0)
	b = appendLenencBytes(b, scrambled(password, c.nonce))
	if c.capabilities&mysql.CLIENT_CONNECT_WITH_DB != 0 {
		b = append(append(b, "shop"...), 0)
	}
	if c.capabilities&mysql.CLIENT_PLUGIN_AUTH != 0 {
		b = append(append(b, plugin...), 0)
	}
	if c.capabilities&mysql.CLIENT_CONNECT_ATTRS != 0 {
		pairs := appendLenencString(appendLenencString(nil, "program_name"), "test")
		b = appendLenencBytes(b, pairs)
	}
	if c.capabilities&clientZstd != 0 {
		b = append(b, 3)
	}
	return b
}

func scrambled(password string, nonce []byte) []byte {
	if password == "" {
		return nil
	}
	return mysql.CalcCachingSha2Password(nonce, []byte(password))
}

// authenticate answers what the server asks for after a scramble, and returns its last word.
func (c *client) authenticate(password string) []byte {
	c.t.Helper()
	for {
		reply := c.read()
		switch {
		case reply[0] != mysql.MORE_DATE_HEADER:
			return reply
		case reply[1] == mysql.CACHE_SHA2_FULL_AUTH:
			c.write(append([]byte(password), 0))
		case reply[1] != mysql.CACHE_SHA2_FAST_AUTH:
			c.t.Fatalf("unexpected authentication data % x", reply)
		}
	}
}

// write sends a payload under the next sequence number.
func (c *client) write(payload []byte) {
	c.t.Helper()
	for {
		n := min(len(payload), maxPayload)
		packet := append([]byte{byte(n), byte(n >> 8), byte(n >> 16), c.sequence}, payload[:n]...)
		c.sequence++
		c.writeRaw(packet)
		if payload = payload[n:]; n < maxPayload {
			return
		}
	}
}

func (c *client) writeRaw(b []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

// tryRead returns the next payload, joined, and checks the sequence numbers.
func (c *client) tryRead() ([]byte, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	var payload []byte
	for {
		var header [4]byte
		if _, err := io.ReadFull(c.conn, header[:]); err != nil {
			return nil, err
		}
		if header[3] != c.sequence {
			return nil, fmt.Errorf("sequence number %d, want %d", header[3], c.sequence)
		}
		c.sequence++
		n := int(header[0]) | int(header[1])<<8 | int(header[2])<<16
		at := len(payload)
		payload = append(payload, make([]byte, n)...)
		if _, err := io.ReadFull(c.conn, payload[at:]); err != nil {
			return nil, err
		}
		if n < maxPayload {
			return payload, nil
		}
	}
}

func (c *client) read() []byte {
	c.t.Helper()
	payload, err := c.tryRead()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	if len(payload) == 0 {
		c.t.Fatal("read an empty packet")
	}
	return payload
}

// command begins a command.
func (c *client) command(code byte, body ...byte) {
	c.t.Helper()
	c.sequence = 0
	c.write(append([]byte{code}, body...))
}

// ask begins a command and returns the first packet of its answer.
func (c *client) ask(code byte, body ...byte) []byte {
	c.t.Helper()
	c.command(code, body...)
	return c.read()
}

// expectError checks an error packet.
func (c *client) expectError(reply []byte, code uint16) {
	c.t.Helper()
	if reply[0] != mysql.ERR_HEADER || uint16(reply[1])|uint16(reply[2])<<8 != code {
		c.t.Fatalf("got %s, want error %d", readError(reply), code)
	}
}

// expectEnd checks that the server has closed the connection.
func (c *client) expectEnd() {
	c.t.Helper()
	payload, err := c.tryRead()
	if !errors.Is(err, io.EOF) {
		c.t.Fatalf("got packet %q, error %v; want the connection's end", payload, err)
	}
}

// readError spells an error packet.
func readError(reply []byte) string {
	if len(reply) < 3 || reply[0] != mysql.ERR_HEADER {
		return fmt.Sprintf("packet %q", reply)
	}
	return fmt.Sprintf("%d %s", uint16(reply[1])|uint16(reply[2])<<8, reply[3:])
}

// okPacket is an OK packet taken apart.
type okPacket struct {
	affected, insertID uint64
	status, warnings   uint16
	info               string
	state              []byte
}

func (c *client) parseOK(reply []byte) okPacket {
	c.t.Helper()
	if reply[0] != mysql.OK_HEADER && reply[0] != mysql.EOF_HEADER {
		c.t.Fatalf("got %s, want OK", readError(reply))
	}
	d := decoder{data: reply[1:]}
	p := okPacket{affected: d.lenenc(), insertID: d.lenenc(), status: d.uint16(), warnings: d.uint16()}
	if len(d.data) > 0 {
		p.info = string(d.lenencBytes())
	}
	if p.status&mysql.SERVER_SESSION_STATE_CHANGED != 0 {
		p.state = d.lenencBytes()
	}
	if d.err != nil || len(d.data) > 0 {
		c.t.Fatalf("OK packet %q: error %v, %d bytes left", reply, d.err, len(d.data))
	}
	return p
}

// definition is a column definition taken apart.
type definition struct {
	database, table, orgTable, name, orgName string
	charset                                  uint16
	length                                   uint32
	code                                     byte
	flags                                    uint16
	decimals                                 byte
	rest                                     []byte
}

func (c *client) parseDefinition(payload []byte) definition {
	c.t.Helper()
	d := decoder{data: payload}
	if catalog := string(d.lenencBytes()); catalog != "def" {
		c.t.Fatalf("catalog %q of %q", catalog, payload)
	}
	text := func() string { return string(d.lenencBytes()) }
	v := definition{database: text(), table: text(), orgTable: text(), name: text(), orgName: text()}
	if n := d.lenenc(); n != 12 {
		c.t.Fatalf("length of fixed fields %d, want 12", n)
	}
	v.charset, v.length, v.code, v.flags, v.decimals = d.uint16(), d.uint32(), d.uint8(), d.uint16(), d.uint8()
	d.take(2)
	v.rest = d.rest()
	if d.err != nil {
		c.t.Fatalf("column definition %q: %v", payload, d.err)
	}
	return v
}

// resultSet is a result set as it came.
type resultSet struct {
	columns []definition
	rows    [][]byte // payloads
	middle  []byte   // the EOF after the columns
	end     []byte   // the packet after the rows
}

// readResult reads a result set whose first packet is head.
func (c *client) readResult(head []byte) resultSet {
	c.t.Helper()
	if head[0] == mysql.ERR_HEADER || head[0] == mysql.OK_HEADER {
		c.t.Fatalf("got %s, want a result set", readError(head))
	}
	d := decoder{data: head}
	var r resultSet
	for range d.lenenc() {
		r.columns = append(r.columns, c.parseDefinition(c.read()))
	}
	if c.capabilities&mysql.CLIENT_DEPRECATE_EOF == 0 {
		r.middle = c.read()
	}
	r.rows, r.end = c.readRows()
	return r
}

// readRows reads rows up to the packet that ends them.
func (c *client) readRows() (list [][]byte, end []byte) {
	c.t.Helper()
	for {
		p := c.read()
		if p[0] == mysql.ERR_HEADER || p[0] == mysql.EOF_HEADER && len(p) < maxPayload {
			return list, p
		}
		list = append(list, p)
	}
}

// prepared is the answer to COM_STMT_PREPARE.
type prepared struct {
	id      uint32
	params  []definition
	columns []definition
}

func (c *client) prepare(text string) prepared {
	c.t.Helper()
	reply := c.ask(mysql.COM_STMT_PREPARE, []byte(text)...)
	if reply[0] != mysql.OK_HEADER || len(reply) != 12 {
		c.t.Fatalf("prepare %s: %s", text, readError(reply))
	}
	d := decoder{data: reply[1:]}
	p := prepared{id: d.uint32()}
	columns, params := int(d.uint16()), int(d.uint16())
	read := func(n int) (list []definition) {
		for range n {
			list = append(list, c.parseDefinition(c.read()))
		}
		if n > 0 && c.capabilities&mysql.CLIENT_DEPRECATE_EOF == 0 {
			if end := c.read(); end[0] != mysql.EOF_HEADER || len(end) != 5 {
				c.t.Fatalf("end of definitions %q", end)
			}
		}
		return list
	}
	p.params, p.columns = read(params), read(columns)
	return p
}

// readCursor reads the head of a cursor and returns the packet that ends it.
func (c *client) readCursor(head []byte) []byte {
	c.t.Helper()
	if head[0] == mysql.ERR_HEADER || head[0] == mysql.OK_HEADER {
		c.t.Fatalf("got %s, want a cursor", readError(head))
	}
	for range int(head[0]) {
		c.parseDefinition(c.read())
	}
	return c.read()
}

// endStatus is the status in the packet that ends rows.
func (c *client) endStatus(end []byte) uint16 {
	c.t.Helper()
	if c.capabilities&mysql.CLIENT_DEPRECATE_EOF != 0 {
		return c.parseOK(end).status
	}
	if end[0] != mysql.EOF_HEADER || len(end) != 5 {
		c.t.Fatalf("got %s, want EOF", readError(end))
	}
	return binary.LittleEndian.Uint16(end[3:])
}
