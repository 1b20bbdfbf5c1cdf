package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// answer is how a fake session carries out one statement.
type answer func(ctx context.Context, w session.ResultWriter, args []txn.Value) error

// script is what the sessions of one server answer. It is not changed while the server runs.
type script struct {
	queries  map[string]answer
	params   map[string]int                    // of statements; 0 when missing
	columns  map[string][]dialect.ResultColumn // of statements, as of PREPARE
	tables   map[string][]dialect.ResultColumn
	settings session.WireSettings
	status   session.Status
	open     func(session.ConnInfo) error
}

// fakeSession answers by a script and notes what it is asked.
type fakeSession struct {
	script *script
	info   session.ConnInfo

	mu     sync.Mutex
	calls  []string
	closed chan struct{}
}

func (s *fakeSession) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
}

func (s *fakeSession) noted() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.calls, "; ")
}

func (s *fakeSession) Execute(ctx context.Context, sql []byte, w session.ResultWriter) error {
	s.note("query %.60s", sql)
	if a := s.script.queries[string(sql)]; a != nil {
		return a(ctx, w, nil)
	}
	return w.OK(session.Result{Status: s.script.status})
}

func (s *fakeSession) Prepare(_ context.Context, sql []byte) (session.Statement, error) {
	text := string(sql)
	if strings.HasPrefix(text, "wrong") {
		return nil, mysqlerr.New(mysql.ER_NO_SUCH_TABLE, "d", "wrong")
	}
	return &fakeStatement{session: s, text: text}, nil
}

func (s *fakeSession) Use(_ context.Context, database string) error {
	s.note("use %s", database)
	if database == "missing" {
		return mysqlerr.New(mysql.ER_BAD_DB_ERROR, database)
	}
	return nil
}

func (s *fakeSession) TableColumns(_ context.Context, table, pattern string) ([]dialect.ResultColumn, error) {
	s.note("columns of %s like %q", table, pattern)
	columns, ok := s.script.tables[table]
	if !ok {
		return nil, mysqlerr.New(mysql.ER_NO_SUCH_TABLE, "d", table)
	}
	return columns, nil
}

func (s *fakeSession) Reset(context.Context) error { s.note("reset"); return nil }

func (s *fakeSession) SetMultiQuery(on bool) { s.note("multi %v", on) }

func (s *fakeSession) Kill(_ context.Context, id uint64, connection bool) error {
	s.note("kill %d %v", id, connection)
	if id == 4040 {
		return mysqlerr.New(mysql.ER_NO_SUCH_THREAD, id)
	}
	return nil
}

func (s *fakeSession) Statistics() string { return "Uptime: 1  Threads: 1" }

func (s *fakeSession) Settings() session.WireSettings { return s.script.settings }

func (s *fakeSession) Status() session.Status { return s.script.status }

func (s *fakeSession) Close() { close(s.closed) }

// fakeStatement is a prepared statement of a fakeSession.
type fakeStatement struct {
	session *fakeSession
	text    string
}

func (p *fakeStatement) Params() int { return p.session.script.params[p.text] }

func (p *fakeStatement) Columns() []dialect.ResultColumn { return p.session.script.columns[p.text] }

func (p *fakeStatement) Close() { p.session.note("close %s", p.text) }

func (p *fakeStatement) Execute(ctx context.Context, args []txn.Value, w session.ResultWriter) error {
	p.session.note("execute %s %v", p.text, args)
	if a := p.session.script.queries[p.text]; a != nil {
		return a(ctx, w, args)
	}
	return w.OK(session.Result{Status: p.session.script.status})
}

// rows answers with one result set.
func rows(columns []dialect.ResultColumn, values ...[]txn.Value) answer {
	return func(_ context.Context, w session.ResultWriter, _ []txn.Value) error {
		if err := w.Columns(columns); err != nil {
			return err
		}
		for _, row := range values {
			if err := w.Row(row); err != nil {
				return err
			}
		}
		return w.End(session.Result{Status: session.StatusAutocommit})
	}
}

// untilCancelled runs until its client or the server ends it.
func untilCancelled(started chan<- struct{}, ended chan<- error) answer {
	return func(ctx context.Context, _ session.ResultWriter, _ []txn.Value) error {
		started <- struct{}{}
		<-ctx.Done()
		ended <- ctx.Err()
		return mysqlerr.New(mysql.ER_QUERY_INTERRUPTED)
	}
}

// fakeAccounts are found by user name.
type fakeAccounts map[string]session.Account

func (a fakeAccounts) Lookup(user, _ string) (session.Account, bool) {
	account, ok := a[user]
	return account, ok
}

const testPassword = "open, sesame"

// testAccounts are root and locked, both with testPassword, and nobody, without one.
var testAccounts = sync.OnceValue(func() fakeAccounts {
	verifier, err := session.HashPassword(testPassword, rand.New(rand.NewSource(1)))
	if err != nil {
		panic(err)
	}
	return fakeAccounts{
		"root":   {User: "root", Host: "%", Verifier: verifier},
		"locked": {User: "locked", Host: "%", Verifier: verifier, Locked: true},
		"nobody": {User: "nobody", Host: "%"},
	}
})

// testServer is a Server that runs for one test.
type testServer struct {
	*Server
	t       *testing.T
	address string
	stop    context.CancelFunc
	stopped chan error // what Run returned

	mu       sync.Mutex
	sessions []*fakeSession
	refusals []error
	farewell []error
}

// startServer runs a server with sessions that answer by the script, until the test ends.
func startServer(t *testing.T, s *script, change func(*Options)) *testServer {
	t.Helper()
	ts := &testServer{t: t, stopped: make(chan error, 1)}
	o := Options{Address: "127.0.0.1:0", Accounts: testAccounts(), Open: func(info session.ConnInfo) (Session, error) { return ts.open(s, info) }}
	o.Events.Refused = func(_ string, err error) {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		ts.refusals = append(ts.refusals, err)
	}
	o.Events.Disconnected = func(_, _ string, err error) {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		ts.farewell = append(ts.farewell, err)
	}
	if change != nil {
		change(&o)
	}
	var err error
	if ts.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	if a := ts.Addr(); a != nil {
		ts.address = a.String()
	}
	ctx, cancel := context.WithCancel(context.Background())
	ts.stop = cancel
	go func() { ts.stopped <- ts.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ts.stopped:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Run goes on after its context has ended")
		}
	})
	return ts
}

func (ts *testServer) open(s *script, info session.ConnInfo) (Session, error) {
	if s.open != nil {
		if err := s.open(info); err != nil {
			return nil, err
		}
	}
	f := &fakeSession{script: s, info: info, closed: make(chan struct{})}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.sessions = append(ts.sessions, f)
	return f, nil
}

// session returns the latest session.
func (ts *testServer) session() *fakeSession {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if len(ts.sessions) == 0 {
		ts.t.Fatal("no session was opened")
	}
	return ts.sessions[len(ts.sessions)-1]
}

// await waits until condition holds.
func (ts *testServer) await(what string, condition func() bool) {
	ts.t.Helper()
	for limit := time.Now().Add(5 * time.Second); !condition(); {
		if time.Now().After(limit) {
			ts.t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

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
	_ = c.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
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
