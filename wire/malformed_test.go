package wire

import (
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"marmot/dialect"
	"marmot/schemas"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// TestTruncatedHandshakeResponses cuts a real response after every byte: each is a bad handshake or
// an incomplete login, and the server lives on.
func TestTruncatedHandshakeResponses(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	probe := ts.dial()
	probe.capabilities |= mysql.CLIENT_CONNECT_WITH_DB
	length := len(probe.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
	// The response is whole where everything that is optional begins.
	optional := map[int]bool{}
	fixed := 32 + len("root") + 1 + 1 + 32
	optional[fixed] = true                                                       // no database, so native password
	optional[fixed+len("shop")+1] = true                                         // no plugin, so native password
	optional[fixed+len("shop")+1+len(mysql.AUTH_CACHING_SHA2_PASSWORD)+1] = true // no attributes
	for n := range length {
		c := ts.dial()
		c.capabilities |= mysql.CLIENT_CONNECT_WITH_DB
		c.write(c.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD)[:n])
		reply := c.read()
		if optional[n] {
			if reply[0] == mysql.ERR_HEADER {
				t.Fatalf("%d bytes of %d: %s", n, length, readError(reply))
			}
			_ = c.conn.Close()
			continue
		}
		c.expectError(reply, mysql.ER_HANDSHAKE_ERROR)
		c.expectEnd()
	}
	ts.login(0)
}

// TestHandshakeOutOfOrder sends responses under wrong numbers, too large, and in part.
func TestHandshakeOutOfOrder(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	c := ts.dial()
	c.sequence = 7
	c.write(c.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
	c.expectError(c.read(), mysql.ER_HANDSHAKE_ERROR)
	c.expectEnd()

	c = ts.dial()
	c.write(append(c.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD), make([]byte, maxLoginPacket)...))
	c.expectError(c.read(), mysql.ER_HANDSHAKE_ERROR)
	c.expectEnd()

	hasty := startServer(t, &script{}, func(o *Options) { o.ConnectTimeout = time.Second })
	c = hasty.dial() // says nothing
	c.expectError(c.read(), mysql.ER_NET_READ_INTERRUPTED)
	c.expectEnd()

	c = hasty.dial()
	c.writeRaw([]byte{200, 0, 0, 1, 'x'})
	c.sequence = 2
	c.expectError(c.read(), mysql.ER_NET_READ_INTERRUPTED)
	c.expectEnd()
}

// TestMalformedCommands: error 1835, or MySQL's own, and the connection ends where its state is unclear.
func TestMalformedCommands(t *testing.T) {
	s := &script{params: map[string]int{"two": 2}}
	ts := startServer(t, s, nil)
	word := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
	types := []byte{0, 1, mysql.MYSQL_TYPE_LONG, 0, mysql.MYSQL_TYPE_VAR_STRING, 0}
	for _, c := range []struct {
		name    string
		command byte
		body    []byte
		code    uint16
		ends    bool
	}{
		{"unknown command", 0x77, nil, mysql.ER_UNKNOWN_COM_ERROR, false},
		{"COM_SLEEP", mysql.COM_SLEEP, nil, mysql.ER_UNKNOWN_COM_ERROR, false},
		{"replication", mysql.COM_BINLOG_DUMP, []byte("anything"), mysql.ER_UNKNOWN_COM_ERROR, false},
		{"shutdown", mysql.COM_SHUTDOWN, nil, mysql.ER_SPECIFIC_ACCESS_DENIED_ERROR, false},
		{"execute without id", mysql.COM_STMT_EXECUTE, []byte{1, 0}, mysql.ER_MALFORMED_PACKET, false},
		{"execute an unknown statement", mysql.COM_STMT_EXECUTE, append(word(99), 0, 1, 0, 0, 0), mysql.ER_UNKNOWN_STMT_HANDLER, false},
		{"execute without types", mysql.COM_STMT_EXECUTE, append(word(1), 0, 1, 0, 0, 0, 0, 0), mysql.ER_MALFORMED_PACKET, false},
		{"execute with half a type", mysql.COM_STMT_EXECUTE, append(append(word(1), 0, 1, 0, 0, 0), types[:3]...), mysql.ER_MALFORMED_PACKET, false},
		{"execute without values", mysql.COM_STMT_EXECUTE, append(append(word(1), 0, 1, 0, 0, 0), types...), mysql.ER_MALFORMED_PACKET, false},
		{"execute with half a value", mysql.COM_STMT_EXECUTE, append(append(word(1), 0, 1, 0, 0, 0), append(types, 1, 0, 0, 0, 9, 'x')...), mysql.ER_MALFORMED_PACKET, false},
		{"execute with a type that is none", mysql.COM_STMT_EXECUTE, append(word(1), 0, 1, 0, 0, 0, 0, 1, 0x55, 0, 0x55, 0, 1, 2), mysql.ER_MALFORMED_PACKET, false},
		{"execute with a date of three bytes", mysql.COM_STMT_EXECUTE, append(word(1), 0, 1, 0, 0, 0, 2, 1, mysql.MYSQL_TYPE_DATE, 0, 0, 0, 3, 1, 1, 1), mysql.ER_MALFORMED_PACKET, false},
		{"reset without id", mysql.COM_STMT_RESET, []byte{1}, mysql.ER_MALFORMED_PACKET, false},
		{"reset an unknown statement", mysql.COM_STMT_RESET, word(99), mysql.ER_UNKNOWN_STMT_HANDLER, false},
		{"fetch half a packet", mysql.COM_STMT_FETCH, word(1), mysql.ER_MALFORMED_PACKET, true},
		{"fetch of an unknown statement", mysql.COM_STMT_FETCH, append(word(99), word(1)...), mysql.ER_UNKNOWN_STMT_HANDLER, false},
		{"fetch without cursor", mysql.COM_STMT_FETCH, append(word(1), word(1)...), mysql.ER_STMT_HAS_NO_OPEN_CURSOR, false},
		{"close without id", mysql.COM_STMT_CLOSE, []byte{1, 0}, mysql.ER_MALFORMED_PACKET, true},
		{"long data without parameter", mysql.COM_STMT_SEND_LONG_DATA, word(1), mysql.ER_MALFORMED_PACKET, true},
		{"prepare what fails", mysql.COM_STMT_PREPARE, []byte("wrong"), mysql.ER_NO_SUCH_TABLE, false},
		{"field list without end of name", mysql.COM_FIELD_LIST, []byte("t"), mysql.ER_MALFORMED_PACKET, true},
		{"kill without id", mysql.COM_PROCESS_KILL, []byte{1}, mysql.ER_MALFORMED_PACKET, false},
		{"option that is none", mysql.COM_SET_OPTION, []byte{9, 0}, mysql.ER_UNKNOWN_COM_ERROR, false},
		{"half an option", mysql.COM_SET_OPTION, []byte{1}, mysql.ER_MALFORMED_PACKET, false},
		{"change to half a user", mysql.COM_CHANGE_USER, []byte("root"), mysql.ER_MALFORMED_PACKET, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := ts.login(0)
			cl.t = t
			cl.prepare("two")
			cl.expectError(cl.ask(c.command, c.body...), c.code)
			if c.ends {
				cl.expectEnd()
			} else if reply := cl.ask(mysql.COM_PING); reply[0] != mysql.OK_HEADER {
				t.Fatalf("ping: %s", readError(reply))
			}
		})
	}
}

// TestTruncatedExecutes cuts a COM_STMT_EXECUTE with a parameter of each type after every byte.
func TestTruncatedExecutes(t *testing.T) {
	body := allParams()
	n := len(allParamTypes)
	for cut := range body {
		d := decoder{data: body[:cut]}
		readExecute(&d)
		if _, err := parseParams(&d, n, 0, false, execution{}, nil); !errors.Is(err, errMalformed) {
			t.Fatalf("%d bytes of %d: %v", cut, len(body), err)
		}
	}
	d := decoder{data: body}
	readExecute(&d)
	if e, err := parseParams(&d, n, 0, false, execution{}, nil); err != nil || len(e.values) != n {
		t.Fatalf("the whole: %v", err)
	}
}

func TestPacketsThatBreakTheConnection(t *testing.T) {
	patient := startServer(t, &script{}, func(o *Options) { o.MaxAllowedPacket = 1 << 20 })
	idle := session.WireSettings{IdleTimeout: time.Second} // governs what has no whole header
	hasty := startServer(t, &script{settings: idle}, func(o *Options) { o.MaxAllowedPacket, o.ReadTimeout = 1<<20, time.Second })
	for _, c := range []struct {
		name     string
		server   *testServer
		bytes    []byte
		sequence uint8 // of the answer
		code     uint16
	}{
		{"no command", patient, []byte{0, 0, 0, 0}, 1, mysql.ER_MALFORMED_PACKET},
		{"wrong sequence number", patient, []byte{1, 0, 0, 5, mysql.COM_PING}, 6, mysql.ER_NET_PACKETS_OUT_OF_ORDER},
		{"larger than max_allowed_packet", patient, frame(0, make([]byte, 1<<20+1)), 1, mysql.ER_NET_PACKET_TOO_LARGE},
		{"larger than max_allowed_packet in several packets", patient, frame(0, make([]byte, maxPayload+10)), 2, mysql.ER_NET_PACKET_TOO_LARGE},
		{"a header's half", hasty, []byte{1, 0}, 0, mysql.ER_NET_READ_INTERRUPTED},
		{"announced, not sent", hasty, []byte{0xff, 0xff, 0x0f, 0, mysql.COM_QUERY, 'x'}, 1, mysql.ER_NET_READ_INTERRUPTED},
		{"too much announced, not sent", patient, []byte{0xff, 0xff, 0xff, 0, mysql.COM_QUERY, 'x'}, 1, mysql.ER_NET_PACKET_TOO_LARGE},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.server.login(0)
			s.t = t
			s.writeRaw(c.bytes)
			s.sequence = c.sequence
			s.expectError(s.read(), c.code)
			s.expectEnd()
		})
	}
	patient.login(0)
	hasty.login(0)
}

func TestHangUpAnywhereEndsTheConnection(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	for _, bytes := range [][]byte{nil, {1}, {5, 0, 0, 0}, {5, 0, 0, 0, mysql.COM_QUERY}, {0xff, 0xff, 0x0f, 0, mysql.COM_QUERY}} {
		c := ts.login(0)
		c.writeRaw(bytes)
		_ = c.conn.Close()
		ts.await("the connection's end", func() bool { return ts.Connections() == 0 })
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for i, err := range ts.farewell {
		if i == 0 && err != nil || i > 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("connection %d ended with %v", i, err)
		}
	}
}

// allParamTypes is every type that a parameter may be bound as.
var allParamTypes = []byte{mysql.MYSQL_TYPE_NULL, mysql.MYSQL_TYPE_TINY, mysql.MYSQL_TYPE_SHORT, mysql.MYSQL_TYPE_YEAR, mysql.MYSQL_TYPE_LONG,
	mysql.MYSQL_TYPE_INT24, mysql.MYSQL_TYPE_LONGLONG, mysql.MYSQL_TYPE_FLOAT, mysql.MYSQL_TYPE_DOUBLE, mysql.MYSQL_TYPE_DATE,
	mysql.MYSQL_TYPE_DATETIME, mysql.MYSQL_TYPE_TIMESTAMP, mysql.MYSQL_TYPE_TIME, mysql.MYSQL_TYPE_NEWDECIMAL, mysql.MYSQL_TYPE_VARCHAR,
	mysql.MYSQL_TYPE_BIT, mysql.MYSQL_TYPE_JSON, mysql.MYSQL_TYPE_ENUM, mysql.MYSQL_TYPE_SET, mysql.MYSQL_TYPE_BLOB,
	mysql.MYSQL_TYPE_VAR_STRING, mysql.MYSQL_TYPE_STRING, mysql.MYSQL_TYPE_GEOMETRY}

// allParams is the body of a COM_STMT_EXECUTE with one value of each of allParamTypes.
func allParams() []byte {
	n := len(allParamTypes)
	b := append([]byte{1, 0, 0, 0, 0, 1, 0, 0, 0}, make([]byte, (n+7)/8)...)
	b = append(b, 1)
	for _, code := range allParamTypes {
		b = append(b, code, 0)
	}
	for _, code := range allParamTypes {
		b = append(b, paramBytes(code)...)
	}
	return b
}

func paramBytes(code byte) []byte {
	switch code {
	case mysql.MYSQL_TYPE_NULL:
		return nil
	case mysql.MYSQL_TYPE_TINY:
		return []byte{0xfe}
	case mysql.MYSQL_TYPE_SHORT, mysql.MYSQL_TYPE_YEAR:
		return []byte{0xea, 0x07}
	case mysql.MYSQL_TYPE_LONG, mysql.MYSQL_TYPE_INT24, mysql.MYSQL_TYPE_FLOAT:
		return []byte{0, 0, 0xc0, 0x3f} // 1.5 as FLOAT
	case mysql.MYSQL_TYPE_LONGLONG, mysql.MYSQL_TYPE_DOUBLE:
		return []byte{0, 0, 0, 0, 0, 0, 0xf8, 0x3f} // 1.5 as DOUBLE
	case mysql.MYSQL_TYPE_DATE:
		return []byte{4, 0xea, 0x07, 1, 31}
	case mysql.MYSQL_TYPE_DATETIME, mysql.MYSQL_TYPE_TIMESTAMP:
		return []byte{11, 0xea, 0x07, 1, 31, 12, 30, 59, 0x40, 0xe2, 0x01, 0}
	case mysql.MYSQL_TYPE_TIME:
		return []byte{12, 1, 34, 0, 0, 0, 22, 59, 59, 0x40, 0xe2, 0x01, 0}
	}
	return []byte{3, 'a', 0, 'b'}
}

// textColumns are VARCHAR columns with the given names.
func textColumns(names ...string) []dialect.ResultColumn {
	var list []dialect.ResultColumn
	for _, name := range names {
		list = append(list, dialect.ResultColumn{Name: name, Nullable: true,
			Type: schemas.Type{Kind: schemas.VarChar, Length: 100, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}})
	}
	return list
}

func textRow(values ...string) []txn.Value {
	var row []txn.Value
	for _, v := range values {
		row = append(row, txn.TextString(v))
	}
	return row
}
