package wire

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"marmot/dialect"
	"marmot/internal/stage"
	"marmot/mysqlerr"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Session is the client's session as the connection uses it. Methods are called by one
// goroutine. Errors that are a *mysqlerr.Error reach the client as they are.
type Session interface {
	// Execute runs the statements of a COM_QUERY. The bytes of sql may be kept until it returns.
	Execute(ctx context.Context, sql []byte, w session.ResultWriter) error
	// Prepare plans a statement with ? parameters. sql is not kept.
	Prepare(ctx context.Context, sql []byte) (session.Statement, error)
	// Use changes the default database.
	Use(ctx context.Context, database string) error
	// TableColumns describes the columns of a table of the default database whose names match the
	// LIKE pattern, for COM_FIELD_LIST.
	TableColumns(ctx context.Context, table, pattern string) ([]dialect.ResultColumn, error)
	// Reset gives the session the state of a new one (COM_RESET_CONNECTION).
	Reset(ctx context.Context) error
	// SetQueryAttributes gives the attributes that the client sent with the next statement.
	SetQueryAttributes(list []session.QueryAttribute)
	// SetMultiQuery allows or forbids several statements in one Execute.
	SetMultiQuery(on bool)
	// Kill ends the query or the connection with the given id.
	Kill(ctx context.Context, id uint64, connection bool) error
	// Statistics is the line of COM_STATISTICS.
	Statistics() string
	// Settings returns what governs the connection; it is asked before each command.
	Settings() session.WireSettings
	// Status is the server status between statements.
	Status() session.Status
	// Close ends the session and rolls back what is open.
	Close()
}

// conn is one client connection. Its goroutine owns everything but the fields under mu.
type conn struct {
	server  *Server
	socket  net.Conn // as accepted; packets.socket may be TLS over it
	packets *packets
	nonce   []byte
	admin   bool            // of the port for administrators
	secure  bool            // TLS or unix socket
	tls     *tls.Conn       // nil without TLS
	packed  *compressedConn // nil without compression

	proxied                   bool   // a proxy\'s header comes first
	algorithm                 string // of compression; empty: none
	id                        uint32
	user, host                string
	address                   string
	capabilities              uint32
	session                   Session
	readTimeout, writeTimeout time.Duration // net_read_timeout, net_write_timeout
	statements                map[uint32]*statement
	nextStmt                  uint32
	cursorBytes               int        // held by open cursors
	longBytes                 int        // held by parameters that came as long data
	received                  stage.Mark // when the command was there
	timed                     bool       // it is one whose stages are measured
	torn                      error      // what broke the connection while a statement read from it

	mu      sync.Mutex
	cancel  context.CancelFunc // of the command under way, or nil
	since   time.Time          // when it began
	closing bool
	silent  bool // it ends without a word, as KILL ends it
}

// nextID is the id of the next connection.
func (s *Server) nextID() uint32 {
	if s.options.NextID != nil {
		return s.options.NextID()
	}
	return s.lastID.Add(1)
}

func (s *Server) newConn(socket net.Conn) *conn {
	c := &conn{
		server:     s,
		socket:     socket,
		packets:    newPackets(socket, maxLoginPacket),
		id:         s.nextID(),
		statements: map[uint32]*statement{},
		host:       "localhost",
		address:    "localhost",
	}
	if a, ok := socket.RemoteAddr().(*net.TCPAddr); ok {
		c.setAddress(a.AddrPort())
		c.proxied = s.isProxy(a.AddrPort().Addr())
		if t, ok := socket.(*net.TCPConn); ok {
			_ = t.SetKeepAlivePeriod(30 * time.Second) // only advice to the kernel
		}
	} else {
		c.secure = true
	}
	c.packets.writing = func() { c.setDeadline(socket.SetWriteDeadline, c.writeTimeout) }
	return c
}

// setAddress notes where the client is.
func (c *conn) setAddress(a netip.AddrPort) {
	c.address, c.host = a.String(), "localhost"
	if ip := a.Addr().Unmap(); !ip.IsLoopback() {
		c.host = ip.String()
	}
}

// partingTime is how long a connection that is being closed waits for its client to read.
const partingTime = time.Second

// disconnect ends the connection from another goroutine.
func (c *conn) disconnect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	c.closing = true
	if c.cancel != nil {
		c.cancel()
	}
	// A broken socket shows in the next read or write.
	_ = c.socket.SetReadDeadline(time.Unix(1, 0)) // wakes the command loop, which closes
	_ = c.socket.SetWriteDeadline(time.Now().Add(partingTime))
}

// hangUp ends the connection as KILL does: the client only sees its end.
func (c *conn) hangUp() {
	c.mu.Lock()
	c.silent = c.silent || !c.closing
	c.mu.Unlock()
	c.disconnect()
}

func (c *conn) isSilent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.silent
}

func (c *conn) isClosing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing
}

func (c *conn) newNonce() error {
	c.nonce = make([]byte, nonceBytes)
	if _, err := rand.Read(c.nonce); err != nil {
		return fmt.Errorf("nonce: %w", err)
	}
	for i, b := range c.nonce { // printable enough for old clients, and without zero bytes
		c.nonce[i] = b&0x7f | 0x01
	}
	return nil
}

// send ends the packet in b and flushes.
func (c *conn) send(b []byte) error {
	if err := c.packets.finish(b); err != nil {
		return err
	}
	return c.packets.flush()
}

// handshake runs the connection phase: greeting, TLS, login, session.
func (c *conn) handshake(ctx context.Context) error {
	settings := c.server.settings()
	c.readTimeout, c.writeTimeout = settings.ReadTimeout, settings.WriteTimeout
	c.setReadDeadline(settings.ConnectTimeout)
	if c.proxied {
		if err := c.readProxyHeader(); err != nil {
			return c.refuse(err)
		}
	}
	r, err := c.greet(ctx)
	if err == nil {
		err = c.enter(r, func(a session.Account) error { return c.server.checkFull(a, c.admin) })
	}
	if err != nil {
		return c.refuse(err)
	}
	c.packets.reading = func() { c.setReadDeadline(c.readTimeout) }
	c.applySettings()
	if err := c.greetSession(r.database); err != nil {
		return err
	}
	if err := c.packets.flush(); err != nil {
		return err
	}
	c.compress(r.zstdLevel)
	return nil
}

// greetSession is the OK that ends a login.
func (c *conn) greetSession(database string) error {
	if database == "" {
		return c.plainOK()
	}
	return c.enteredOK(database)
}

// compress begins to compress, if that was agreed upon.
func (c *conn) compress(zstdLevel int) {
	if c.algorithm == "" {
		return
	}
	p := c.packets
	c.packed = newCompressedConn(p.socket, p.in[p.start:p.end], &c.server.compressors, c.algorithm, zstdLevel)
	p.start, p.end = 0, 0
	p.socket, p.framed = c.packed, c.packed
}

// has reports whether client and server have agreed on a capability.
func (c *conn) has(capability uint32) bool { return c.capabilities&capability != 0 }

// refuse tells the client why it is not let in, where it may still listen, and returns that error.
func (c *conn) refuse(err error) error {
	switch {
	case c.isClosing():
		err = mysqlerr.New(mysql.ER_SERVER_SHUTDOWN).Wrap(err)
	case mysqlerr.Code(err) != 0:
	case errors.Is(err, errMalformed), errors.Is(err, errSequence), errors.Is(err, errTooLarge), errors.Is(err, errProxyHeader):
		err = mysqlerr.New(mysql.ER_HANDSHAKE_ERROR).Wrap(err)
		c.part(err)
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = mysqlerr.New(mysql.ER_NET_READ_INTERRUPTED).Wrap(err)
	case errors.Is(err, errTLS), isBroken(err):
		return err
	}
	c.sendError(err)
	return err
}

// greet sends the greeting and reads the response, over TLS if the client asks for it.
func (c *conn) greet(ctx context.Context) (*response, error) {
	if err := c.newNonce(); err != nil {
		return nil, err
	}
	settings := c.server.settings()
	g := greeting{version: c.server.options.Version, connectionID: c.id, nonce: c.nonce, capabilities: serverCapabilities | compressionCapabilities(settings.Compression)}
	if c.server.options.TLS != nil {
		g.capabilities |= mysql.CLIENT_SSL
	}
	if err := c.send(g.append(c.packets.begin())); err != nil {
		return nil, err
	}
	payload, err := c.packets.read()
	if err != nil {
		return nil, err
	}
	r, wantsTLS, err := parseResponse(payload)
	if err != nil {
		return nil, err
	}
	if wantsTLS {
		if r, err = c.startTLS(ctx); err != nil {
			return nil, err
		}
	}
	r.capabilities &= g.capabilities
	c.capabilities = r.capabilities
	if r.capabilities&requiredCapabilities != requiredCapabilities {
		return nil, mysqlerr.New(mysql.ER_NOT_SUPPORTED_AUTH_MODE)
	}
	if settings.RequireTLS && !c.secure {
		return nil, mysqlerr.New(errSecureTransportRequired, "--require_secure_transport=ON")
	}
	c.algorithm, err = chooseCompression(settings.Compression, &r)
	return &r, err
}

// errSecureTransportRequired is ER_SECURE_TRANSPORT_REQUIRED.
const errSecureTransportRequired = 3159

// errTLS is a TLS handshake that failed: the client would not understand a MySQL packet.
var errTLS = errors.New("TLS")

// startTLS turns the connection into TLS and reads the response again.
func (c *conn) startTLS(ctx context.Context) (response, error) {
	if c.server.options.TLS == nil {
		return response{}, mysqlerr.New(mysql.ER_HANDSHAKE_ERROR)
	}
	p := c.packets
	raw := &bufferedConn{Conn: c.socket, pending: append([]byte(nil), p.in[p.start:p.end]...)}
	p.start, p.end = 0, 0
	secured := tls.Server(raw, c.server.options.TLS)
	if err := secured.HandshakeContext(ctx); err != nil {
		return response{}, fmt.Errorf("%w: %w", errTLS, err)
	}
	c.server.counts.tlsAccepts.Add(1)
	p.socket, c.secure, c.tls = secured, true, secured
	payload, err := p.read()
	if err != nil {
		return response{}, err
	}
	r, again, err := parseResponse(payload)
	if err == nil && again {
		err = errMalformed
	}
	return r, err
}

// bufferedConn gives back bytes that were read ahead before the rest of the stream.
type bufferedConn struct {
	net.Conn
	pending []byte
}

// Read reads the pending bytes first.
func (b *bufferedConn) Read(p []byte) (int, error) {
	if len(b.pending) > 0 {
		n := copy(p, b.pending)
		b.pending = b.pending[n:]
		return n, nil
	}
	return b.Conn.Read(p)
}

// enter logs in and opens the session of an account that passes the check.
func (c *conn) enter(r *response, check func(session.Account) error) error {
	account, err := c.login(r)
	if err == nil {
		err = check(account)
	}
	if err != nil {
		return err
	}
	c.user, c.capabilities = r.user, r.capabilities
	s, err := c.server.options.Open(session.ConnInfo{
		ID:          uint64(c.id),
		Account:     account,
		User:        r.user,
		Host:        c.host,
		Address:     c.address,
		Database:    r.database,
		CollationID: r.collation,
		FoundRows:   r.capabilities&mysql.CLIENT_FOUND_ROWS != 0,
		IgnoreSpace: r.capabilities&mysql.CLIENT_IGNORE_SPACE != 0,
		Interactive: r.capabilities&mysql.CLIENT_INTERACTIVE != 0,
		MultiQuery:  r.capabilities&mysql.CLIENT_MULTI_STATEMENTS != 0,
		OneResult:   r.capabilities&mysql.CLIENT_MULTI_RESULTS == 0,
		TLS:         c.tls != nil,
		Attributes:  r.attributes,
		Status:      c.statusValues,

		OptionalMetadata: r.capabilities&clientOptionalMetadata != 0,
		Disconnect:       c.hangUp,
	})
	if err != nil {
		return err
	}
	c.session = s
	return nil
}

func (c *conn) closeSession() {
	for id := range c.statements {
		c.closeStatement(id)
	}
	if c.session != nil {
		c.session.Close()
		c.session = nil
	}
}

// loop reads and runs commands until the client leaves or an error breaks the protocol.
func (c *conn) loop(ctx context.Context) error {
	for {
		payload, err := c.next()
		if err != nil {
			return c.readFailed(err)
		}
		stages := c.server.options.Stages
		c.received, c.timed = stages.Now(), false
		quit, err := c.run(ctx, payload)
		answered := stages.Now()
		if err == nil && !quit {
			err = c.packets.flush()
		}
		if c.timed {
			stages.Between(stage.Command, c.received, stages.Lap(stage.Reply, answered))
		}
		if quit || err != nil {
			_ = c.packets.flush() // the connection ends whether or not the last words arrive
			return err
		}
	}
}

// handing notes that the session gets a statement now.
func (c *conn) handing() {
	c.timed = true
	c.server.options.Stages.Lap(stage.Wire, c.received)
}

// next waits for a command: up to the session's idle timeout for its first byte, then up
// to the read timeout for the rest.
func (c *conn) next() ([]byte, error) {
	c.packets.restart()
	idle := c.applySettings()
	wait := c.readTimeout
	if c.packets.start == c.packets.end {
		wait = idle
	}
	c.setReadDeadline(wait)
	return c.packets.read()
}

// applySettings takes over what the session's variables say of the connection, and returns how long it may idle.
func (c *conn) applySettings() time.Duration {
	s, fallback := c.session.Settings(), c.server.settings()
	c.readTimeout, c.writeTimeout, c.packets.maxAllowed = fallback.ReadTimeout, fallback.WriteTimeout, fallback.MaxPacket
	if s.ReadTimeout > 0 {
		c.readTimeout = s.ReadTimeout
	}
	if s.WriteTimeout > 0 {
		c.writeTimeout = s.WriteTimeout
	}
	if s.MaxPacket > 0 {
		c.packets.maxAllowed = s.MaxPacket
	}
	return s.IdleTimeout
}

func (c *conn) setReadDeadline(d time.Duration) { c.setDeadline(c.socket.SetReadDeadline, d) }

// setDeadline moves a deadline to d from now (0: never), unless the connection is being closed,
// which has set its own.
func (c *conn) setDeadline(set func(time.Time) error, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	var at time.Time
	if d > 0 {
		at = time.Now().Add(d)
	}
	_ = set(at) // a broken socket shows in the read or write
}

// errClientInteractionTimeout is ER_CLIENT_INTERACTION_TIMEOUT.
const errClientInteractionTimeout = 4031

// readFailed tells the client why its connection ends, where it may still listen.
func (c *conn) readFailed(err error) error {
	switch {
	case errors.Is(err, io.EOF), c.isSilent():
		return nil
	case c.isClosing():
		c.sendError(mysqlerr.New(mysql.ER_SERVER_SHUTDOWN))
		return nil
	case errors.Is(err, errTooLarge):
		c.part(mysqlerr.New(mysql.ER_NET_PACKET_TOO_LARGE).Wrap(err))
	case errors.Is(err, errSequence):
		c.part(mysqlerr.New(mysql.ER_NET_PACKETS_OUT_OF_ORDER).Wrap(err))
	case errors.Is(err, errPacketTimeout):
		c.sendError(mysqlerr.New(mysql.ER_NET_READ_INTERRUPTED).Wrap(err))
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.sendError(mysqlerr.New(errClientInteractionTimeout).Wrap(err))
	}
	return err
}

// partingBytes is how much is read of a client that is sent away.
const partingBytes = 1 << 20

// part sends a last error to a client that may still be writing, and reads on for a moment: a
// socket that is closed with unread input is reset, and the error might never arrive.
func (c *conn) part(err error) {
	c.sendError(err)
	half, ok := c.socket.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.setReadDeadline(partingTime)
	_, _ = io.CopyN(io.Discard, c.socket, partingBytes) // its end, however it comes, is what is waited for
}

// command makes the context of one command: it ends when the client disconnects.
func (c *conn) command(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	c.cancel, c.since = cancel, time.Now()
	if c.closing {
		cancel()
	}
	c.mu.Unlock()
	return ctx, func() {
		c.mu.Lock()
		c.cancel = nil
		c.mu.Unlock()
		cancel()
	}
}

// hangupPeriod is how often running commands are checked for clients that went away.
const hangupPeriod = 250 * time.Millisecond

// watch cancels the commands of clients that have closed their side.
func (s *Server) watch(ctx context.Context) {
	ticker := time.NewTicker(hangupPeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			s.cancelAbandoned(now)
		}
	}
}

func (s *Server) cancelAbandoned(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.mu.Lock()
		if c.cancel != nil && now.Sub(c.since) > hangupPeriod && hungUp(c.socket) {
			c.cancel()
		}
		c.mu.Unlock()
	}
}
