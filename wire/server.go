package wire

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"marmot/internal/stage"
	"marmot/mysqlerr"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Defaults of Options, MySQL's own.
const (
	DefaultMaxConnections   = 151
	DefaultMaxAllowedPacket = 64 << 20
	DefaultMaxStatements    = 16382
	DefaultConnectTimeout   = 10 * time.Second
	DefaultWriteTimeout     = 60 * time.Second
	DefaultReadTimeout      = 30 * time.Second
	// DefaultMaxCursorBytes bounds the rows that the open cursors of one connection hold, most of them in files.
	DefaultMaxCursorBytes = 1 << 30
)

// Options configure a Server. Zero values are the defaults above.
type Options struct {
	Address string // host:port; empty: no TCP
	Socket  string // path of a unix socket; empty: none
	// More are further addresses. AdminAddress is one where only administrators log in, however many connections there are.
	More         []string
	AdminAddress string
	// ProxyNetworks are where proxies connect from: such connections begin with a header of the PROXY protocol.
	ProxyNetworks []netip.Prefix
	Version       string // @@version
	// TLS, if not nil, is offered to clients. RequireTLS refuses clients that do not take it.
	TLS        *tls.Config
	RequireTLS bool
	// PasswordKey returns the key that passwords travel under without TLS; nil: one is made when it is needed.
	PasswordKey func() (*rsa.PrivateKey, error)
	// PasswordSet says that no account lets in without a password; AllowInsecure, that the
	// operator wants an open port all the same.
	PasswordSet   bool
	AllowInsecure bool

	Accounts Accounts
	// Open begins the session of a client that has logged in.
	Open func(session.ConnInfo) (Session, error)

	// NextID gives a connection its id; nil: they are numbered.
	NextID func() uint32

	MaxConnections   int
	MaxAllowedPacket int
	MaxStatements    int    // prepared, on the whole server
	MaxCursorBytes   int    // of one connection
	TempDir          string // where rows of large cursors lie; empty: the system\'s
	ConnectTimeout   time.Duration
	ReadTimeout      time.Duration // within a packet
	WriteTimeout     time.Duration

	// Settings are the present settings of all connections; nil: those above.
	Settings func() session.ConnectionSettings

	Events Events
	Stages *stage.Recorder // of commands; may be nil
}

// Events are told what happens to connections; any may be nil.
type Events struct {
	Connected    func(user, address string)
	Refused      func(address string, err error) // failed login, too many connections
	Disconnected func(user, address string, err error)
	Panicked     func(address string, err error) // a command did; err holds the stack
}

// Server accepts connections and serves each in a goroutine of its own.
type Server struct {
	options Options
	auth    *authenticator

	listeners   []net.Listener
	admin       net.Listener // one of them, or nil
	statements  atomic.Int64 // prepared
	lastID      atomic.Uint32
	compressors compressors
	counts      counts

	mu    sync.Mutex
	conns map[*conn]struct{}
}

// New opens the listeners. It serves nobody before Run.
func New(o Options) (*Server, error) {
	o.setDefaults()
	s := &Server{options: o, auth: newAuthenticator(o.Accounts, o.PasswordKey), conns: map[*conn]struct{}{}}
	if err := s.listenTCP(); err != nil {
		s.Close()
		return nil, err
	}
	if o.Socket != "" {
		l, err := listenUnix(o.Socket)
		if err != nil {
			s.Close()
			return nil, err
		}
		s.listeners = append(s.listeners, l)
	}
	return s, nil
}

// listenTCP opens the TCP ports.
func (s *Server) listenTCP() error {
	o := &s.options
	for _, port := range append(append([]struct{ key, address string }{{"mysql.listen", o.Address}}, moreAddresses(o.More)...),
		struct{ key, address string }{"mysql.admin_listen", o.AdminAddress}) {
		if port.address == "" {
			continue
		}
		if err := o.checkExposure(port.key, port.address); err != nil {
			return err
		}
		l, err := net.Listen("tcp", port.address)
		if err != nil {
			return listenError(port.key, port.address, err)
		}
		s.listeners = append(s.listeners, l)
		if port.key == "mysql.admin_listen" {
			s.admin = l
		}
	}
	return nil
}

func moreAddresses(list []string) (ports []struct{ key, address string }) {
	for _, address := range list {
		ports = append(ports, struct{ key, address string }{"mysql.also_listen", address})
	}
	return ports
}

func (o *Options) setDefaults() {
	if o.MaxConnections == 0 {
		o.MaxConnections = DefaultMaxConnections
	}
	if o.MaxAllowedPacket == 0 {
		o.MaxAllowedPacket = DefaultMaxAllowedPacket
	}
	if o.MaxStatements == 0 {
		o.MaxStatements = DefaultMaxStatements
	}
	if o.MaxCursorBytes == 0 {
		o.MaxCursorBytes = DefaultMaxCursorBytes
	}
	if o.ConnectTimeout == 0 {
		o.ConnectTimeout = DefaultConnectTimeout
	}
	if o.ReadTimeout == 0 {
		o.ReadTimeout = DefaultReadTimeout
	}
	if o.WriteTimeout == 0 {
		o.WriteTimeout = DefaultWriteTimeout
	}
	if o.Version == "" {
		o.Version = "8.4.0-marmot"
	}
}

// settings are those of the options, or of the variables that have taken their place.
func (s *Server) settings() session.ConnectionSettings {
	if s.options.Settings != nil {
		return s.options.Settings()
	}
	o := &s.options
	return session.ConnectionSettings{
		RequireTLS: o.RequireTLS, ConnectTimeout: o.ConnectTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		MaxConnections: o.MaxConnections, MaxStatements: o.MaxStatements, MaxPacket: o.MaxAllowedPacket,
		Compression: []string{"zlib", "zstd", "uncompressed"},
	}
}

// checkExposure refuses an address that others can reach while anybody could log in.
func (o *Options) checkExposure(key, address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%s = %q: %w; want host:port", key, address, err)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	if o.TLS != nil || o.PasswordSet || o.AllowInsecure {
		return nil
	}
	return fmt.Errorf("%s = %q can be reached from other machines, and anybody could log in: "+
		"set MARMOT_ROOT_PASSWORD, or mysql.tls_cert and mysql.tls_key, or mysql.allow_insecure = true", key, address)
}

// listenError names the remedy of the usual reason.
func listenError(key, address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s = %q: the port is taken by another process; stop it or choose another address", key, address)
	}
	return fmt.Errorf("%s = %q: %w", key, address, err)
}

// listenUnix listens on a unix socket and replaces one that nobody serves any more.
func listenUnix(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if c, dialErr := net.DialTimeout("unix", path, time.Second); dialErr == nil {
			_ = c.Close()
			return nil, fmt.Errorf("mysql.socket = %q: another process serves it", path)
		}
		if info, statErr := os.Lstat(path); statErr == nil && info.Mode().Type() != os.ModeSocket {
			return nil, fmt.Errorf("mysql.socket = %q: there is something that is no socket; remove it or choose another path", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("mysql.socket = %q: %w", path, err)
		}
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("mysql.socket = %q: %w", path, err)
	}
	return l, nil
}

// Addr returns the TCP address that the server listens on, or nil.
func (s *Server) Addr() net.Addr {
	for _, l := range s.listeners {
		if _, ok := l.(*net.TCPListener); ok {
			return l.Addr()
		}
	}
	return nil
}

// Connections returns the number of open connections.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Close closes the listeners of a server that is not run.
func (s *Server) Close() {
	for _, l := range s.listeners {
		_ = l.Close()
	}
}

// Run serves until ctx ends; then it closes the listeners and all connections and waits
// for their goroutines. It returns an error only if a listener fails by itself.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() {
		s.Close()
		s.closeConnections()
	})
	defer stop()
	var group sync.WaitGroup
	for _, l := range s.listeners {
		group.Go(func() {
			if err := s.accept(ctx, l, &group); err != nil {
				cancel(err)
			}
		})
	}
	group.Go(func() { s.watch(ctx) })
	<-ctx.Done()
	group.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// acceptPause is how long accept waits when the process has run out of descriptors.
const acceptPause = 50 * time.Millisecond

// accept takes connections from one listener.
func (s *Server) accept(ctx context.Context, l net.Listener, group *sync.WaitGroup) error {
	for {
		socket, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = socket.Close()
			}
			return nil
		case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ECONNABORTED):
			if s.options.Events.Refused != nil {
				s.options.Events.Refused(l.Addr().String(), err)
			}
			select {
			case <-time.After(acceptPause):
			case <-ctx.Done():
			}
		case err != nil:
			return fmt.Errorf("accept on %s: %w", l.Addr(), err)
		default:
			c := s.newConn(socket)
			c.admin = s.admin != nil && l == s.admin
			group.Go(func() { s.serve(ctx, c) })
		}
	}
}

// serve is the life of one connection.
func (s *Server) serve(ctx context.Context, c *conn) {
	defer func() { _ = c.socket.Close() }()
	if err := s.admit(ctx, c); err != nil {
		c.sendError(err)
		s.refused(c, err)
		return
	}
	defer s.forget(c)
	defer c.closeSession()
	if err := c.handshake(ctx); err != nil {
		s.refused(c, err)
		return
	}
	if s.options.Events.Connected != nil {
		s.options.Events.Connected(c.user, c.address)
	}
	err := c.loop(ctx)
	if err != nil {
		s.counts.abortedClients.Add(1)
	}
	c.closeSession()
	if s.options.Events.Disconnected != nil {
		s.options.Events.Disconnected(c.user, c.address, err)
	}
}

func (s *Server) refused(c *conn, err error) {
	s.counts.abortedConnects.Add(1)
	if s.options.Events.Refused != nil {
		s.options.Events.Refused(c.address, err)
	}
}

// admit adds c to the open connections, unless the server is full or stopping. One connection beyond the limit gets to log
// in: it is for an administrator.
func (s *Server) admit(ctx context.Context, c *conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return mysqlerr.New(mysql.ER_SERVER_SHUTDOWN)
	}
	if len(s.conns) > s.settings().MaxConnections && !c.admin {
		s.counts.refusedFull.Add(1)
		return mysqlerr.New(mysql.ER_CON_COUNT_ERROR)
	}
	s.conns[c] = struct{}{}
	s.counts.mostUsed.Store(max(s.counts.mostUsed.Load(), int64(len(s.conns))))
	return nil
}

// checkFull refuses an account that is no administrator's on the connection beyond the limit, or on the port for administrators.
func (s *Server) checkFull(account session.Account, onAdminPort bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if account.Admin || !onAdminPort && len(s.conns) <= s.settings().MaxConnections {
		return nil
	}
	if onAdminPort {
		return mysqlerr.New(mysql.ER_SPECIFIC_ACCESS_DENIED_ERROR, "SERVICE_CONNECTION_ADMIN")
	}
	s.counts.refusedFull.Add(1)
	return mysqlerr.New(mysql.ER_CON_COUNT_ERROR)
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

func (s *Server) closeConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.disconnect()
	}
}
