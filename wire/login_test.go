package wire

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marmot/accounts"
	"marmot/mysqlerr"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
	driver "github.com/go-sql-driver/mysql"
)

// connect opens a pool of one connection of go-sql-driver.
func connect(t *testing.T, ts *testServer, user, password, options string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(%s)/%s", user, password, ts.address, options))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func ping(db *sql.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return db.PingContext(ctx)
}

// TestLogin logs in with go-sql-driver, which sends its password under the server's RSA key.
func TestLogin(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	for _, c := range []struct {
		name, user, password string
		code                 uint16 // 0: let in
		text                 string
	}{
		{"right password", "root", testPassword, 0, ""},
		{"right password again, by the fast path", "root", testPassword, 0, ""},
		{"wrong password", "root", "wrong", mysql.ER_ACCESS_DENIED_ERROR, "Access denied for user 'root'@'localhost' (using password: YES)"},
		{"no password where there is one", "root", "", mysql.ER_ACCESS_DENIED_ERROR, "Access denied for user 'root'@'localhost' (using password: NO)"},
		{"unknown user", "eve", testPassword, mysql.ER_ACCESS_DENIED_ERROR, "Access denied for user 'eve'@'localhost' (using password: YES)"},
		{"unknown user without password", "eve", "", mysql.ER_ACCESS_DENIED_ERROR, "Access denied for user 'eve'@'localhost' (using password: NO)"},
		{"no password", "nobody", "", 0, ""},
		{"password where there is none", "nobody", "x", mysql.ER_ACCESS_DENIED_ERROR, "Access denied for user 'nobody'@'localhost' (using password: YES)"},
		{"locked", "locked", testPassword, errAccountLocked, "Access denied for user 'locked'@'localhost'. Account is locked."},
		{"locked, wrong password", "locked", "wrong", mysql.ER_ACCESS_DENIED_ERROR, "Access denied for user 'locked'@'localhost' (using password: YES)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := ping(connect(t, ts, c.user, c.password, "?allowFallbackToPlaintext=true"))
			var e *driver.MySQLError
			switch {
			case c.code == 0 && err != nil:
				t.Fatal(err)
			case c.code == 0:
			case !errors.As(err, &e) || e.Number != c.code || e.Message != c.text:
				t.Fatalf("got %v, want %d: %s", err, c.code, c.text)
			case c.code == mysql.ER_ACCESS_DENIED_ERROR && string(e.SQLState[:]) != "28000":
				t.Fatalf("SQLSTATE %s, want 28000", e.SQLState)
			}
		})
	}
}

func TestLoginTellsTheSessionWhoTheClientIs(t *testing.T) {
	ts := startServer(t, &script{status: session.StatusAutocommit | session.StatusNoBackslashEscapes}, nil)
	c := ts.dial()
	c.capabilities |= mysql.CLIENT_CONNECT_WITH_DB | mysql.CLIENT_FOUND_ROWS | mysql.CLIENT_INTERACTIVE | mysql.CLIENT_IGNORE_SPACE
	c.write(c.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
	ok := c.parseOK(c.authenticate(testPassword))
	if want := uint16(session.StatusAutocommit | session.StatusNoBackslashEscapes); ok.status != want {
		t.Errorf("status %#x, want %#x", ok.status, want)
	}
	i := ts.session().info
	if i.User != "root" || i.Account.Name() != "'root'@'%'" || i.Host != "localhost" || i.Database != "shop" || i.CollationID != defaultCollation ||
		!i.FoundRows || !i.Interactive || !i.IgnoreSpace || !i.MultiQuery || i.TLS || attribute(i, "program_name") != "test" || i.Address != c.conn.LocalAddr().String() {
		t.Errorf("session was opened with %+v", i)
	}
}

// TestSecondLoginTakesTheFastPath: after a full exchange a scramble alone is enough, until the
// account's password changes.
func TestSecondLoginTakesTheFastPath(t *testing.T) {
	accounts := fakeAccounts{"root": testAccounts()["root"]}
	ts := startServer(t, &script{}, func(o *Options) { o.Accounts = accounts })
	exchange := func() byte {
		c := ts.dial()
		c.write(c.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
		reply := c.read()
		if reply[0] != mysql.MORE_DATE_HEADER {
			t.Fatalf("got %s", readError(reply))
		}
		if reply[1] == mysql.CACHE_SHA2_FULL_AUTH {
			c.write(append([]byte(testPassword), 0))
		}
		if last := c.read(); last[0] != mysql.OK_HEADER {
			t.Fatalf("got %s", readError(last))
		}
		return reply[1]
	}
	if got := exchange(); got != mysql.CACHE_SHA2_FULL_AUTH {
		t.Fatalf("first login: %#x, want the full exchange", got)
	}
	if got := exchange(); got != mysql.CACHE_SHA2_FAST_AUTH {
		t.Fatalf("second login: %#x, want the fast path", got)
	}
	changed := session.Account{User: "root", Host: "%", Verifier: append([]byte(nil), accounts["root"].Verifier...)}
	changed.Verifier[len(changed.Verifier)-1] ^= 1
	if ts.auth.fastCheck(changed, make([]byte, nonceBytes), scrambled(testPassword, make([]byte, nonceBytes))) {
		t.Fatal("the fast path took a digest of a verifier that is not the account's any more")
	}
	if !ts.auth.fastCheck(accounts["root"], make([]byte, nonceBytes), scrambled(testPassword, make([]byte, nonceBytes))) {
		t.Fatal("the fast path refused the right scramble")
	}
}

// TestClientsOfOtherPluginsAreSwitched: a client that begins with mysql_native_password is asked to
// scramble a fresh nonce with caching_sha2_password.
func TestClientsOfOtherPluginsAreSwitched(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	for _, password := range []string{testPassword, "wrong"} {
		c := ts.dial()
		c.write(c.response("root", "whatever", mysql.AUTH_NATIVE_PASSWORD))
		d := decoder{data: c.read()}
		if header, plugin := d.uint8(), string(d.zeroTerminated()); header != mysql.EOF_HEADER || plugin != mysql.AUTH_CACHING_SHA2_PASSWORD {
			t.Fatalf("switch request %#x to %q", header, plugin)
		}
		nonce := d.take(nonceBytes)
		if string(nonce) == string(c.nonce) {
			t.Fatal("the switch request repeats the greeting's nonce")
		}
		c.write(scrambled(password, nonce))
		reply := c.authenticate(password)
		if password == testPassword && reply[0] != mysql.OK_HEADER {
			t.Fatalf("got %s", readError(reply))
		} else if password != testPassword {
			c.expectError(reply, mysql.ER_ACCESS_DENIED_ERROR)
		}
	}
}

func TestClientsWithoutPluginsAreTold(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	for _, without := range []uint32{mysql.CLIENT_PLUGIN_AUTH, mysql.CLIENT_PROTOCOL_41} {
		c := ts.dial()
		c.capabilities &^= without
		c.write(c.response("root", testPassword, ""))
		c.expectError(c.read(), mysql.ER_NOT_SUPPORTED_AUTH_MODE)
		c.expectEnd()
	}
}

func TestSecretUnderAnotherKeyIsAWrongPassword(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	c := ts.dial()
	c.write(c.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
	if reply := c.read(); reply[1] != mysql.CACHE_SHA2_FULL_AUTH {
		t.Fatalf("got % x", reply)
	}
	other, err := rsa.GenerateKey(rand.Reader, rsaBits)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, &other.PublicKey, []byte(testPassword), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.write(secret)
	c.expectError(c.read(), mysql.ER_ACCESS_DENIED_ERROR)
}

// TestPublicKeyIsOnePairPerServer asks twice for the key and decrypts nothing without it.
func TestPublicKeyIsOnePairPerServer(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	var keys []string
	for range 2 {
		c := ts.dial()
		c.write(c.response("root", "wrong", mysql.AUTH_CACHING_SHA2_PASSWORD))
		c.read()
		c.write([]byte{requestPublicKey})
		key := c.read()
		if block, _ := pem.Decode(key[1:]); block == nil || block.Type != "PUBLIC KEY" {
			t.Fatalf("key %q", key)
		}
		keys = append(keys, string(key))
		c.write([]byte("too short"))
		c.expectError(c.read(), mysql.ER_ACCESS_DENIED_ERROR)
	}
	if keys[0] != keys[1] {
		t.Fatal("two connections were given two keys")
	}
}

// TestClearPasswordIsTakenOnLoopbackOnly: others than the machine itself have to encrypt it.
func TestClearPasswordIsTakenOnLoopbackOnly(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	for _, c := range []struct {
		host string
		want error
	}{{"localhost", nil}, {"192.0.2.7", errDenied}} {
		server, remote := net.Pipe()
		defer func() { _ = server.Close(); _ = remote.Close() }()
		under := ts.newConn(server)
		under.secure, under.host = false, c.host
		go func() {
			_, _ = remote.Write(append([]byte{byte(len(testPassword)) + 1, 0, 0, 0}, testPassword+"\x00"...))
		}()
		password, err := under.readPassword(make([]byte, nonceBytes))
		if !errors.Is(err, c.want) || err == nil && password != testPassword {
			t.Errorf("from %s: password %q, error %v; want error %v", c.host, password, err, c.want)
		}
	}
}

// certificate makes a self-signed certificate for 127.0.0.1, and the pool that trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "marmot"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestLoginOverTLS(t *testing.T) {
	cert, pool := certificate(t)
	large := strings.Repeat("x", 1<<20)
	s := &script{queries: map[string]answer{"SELECT '" + large + "'": rows(textColumns("c"), textRow(large))}}
	ts := startServer(t, s, func(o *Options) {
		o.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		o.RequireTLS = true
	})
	if err := driver.RegisterTLSConfig("test", &tls.Config{RootCAs: pool}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { driver.DeregisterTLSConfig("test") })
	db := connect(t, ts, "root", testPassword, "?tls=test")
	var got string
	if err := db.QueryRow("SELECT '" + large + "'").Scan(&got); err != nil || got != large {
		t.Fatalf("query over TLS: %d bytes, %v", len(got), err)
	}
	if !ts.session().info.TLS {
		t.Error("the session was not told of TLS")
	}

	err := ping(connect(t, ts, "root", testPassword, ""))
	var e *driver.MySQLError
	if !errors.As(err, &e) || e.Number != errSecureTransportRequired {
		t.Errorf("without TLS: %v, want %d", err, errSecureTransportRequired)
	}
	if err := ping(connect(t, ts, "root", "wrong", "?tls=test")); !errors.As(err, &e) || e.Number != mysql.ER_ACCESS_DENIED_ERROR {
		t.Errorf("wrong password over TLS: %v", err)
	}
}

// TestTLSIsNotSpokenWithWhoDoesNotOffer sends an SSL request to a server without a certificate, and
// rubbish to one with.
func TestTLSIsNotSpokenWithWhoDoesNotOffer(t *testing.T) {
	request := func(c *client) []byte {
		c.capabilities |= mysql.CLIENT_SSL
		return c.response("", "", "")[:sslRequestBytes]
	}
	ts := startServer(t, &script{}, nil)
	c := ts.dial()
	c.write(request(c))
	c.expectError(c.read(), mysql.ER_HANDSHAKE_ERROR)

	cert, _ := certificate(t)
	ts = startServer(t, &script{}, func(o *Options) { o.TLS = &tls.Config{Certificates: []tls.Certificate{cert}} })
	c = ts.dial()
	c.write(request(c))
	c.writeRaw([]byte("GET / HTTP/1.1\r\n\r\n"))
	ts.await("the refusal", func() bool {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		return len(ts.refusals) == 1 && errors.Is(ts.refusals[0], errTLS)
	})
}

func TestLoginOverAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	ts := startServer(t, &script{}, func(o *Options) { o.Address, o.Socket = "", path })
	db, err := sql.Open("mysql", fmt.Sprintf("root:%s@unix(%s)/", testPassword, path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := ping(db); err != nil {
		t.Fatal(err)
	}
	if i := ts.session().info; i.Host != "localhost" || i.Address != "localhost" {
		t.Errorf("session was opened with %+v", i)
	}
}

func TestSessionThatCannotBeOpenedIsALoginError(t *testing.T) {
	ts := startServer(t, &script{open: func(session.ConnInfo) error { return mysqlerr.New(mysql.ER_BAD_DB_ERROR, "shop") }}, nil)
	err := ping(connect(t, ts, "root", testPassword, "shop"))
	var e *driver.MySQLError
	if !errors.As(err, &e) || e.Number != mysql.ER_BAD_DB_ERROR {
		t.Fatalf("got %v, want unknown database", err)
	}
}

// TestClientThatLeavesAtItsLoginLeavesNoSession closes the connection before the login's last word.
func TestClientThatLeavesAtItsLoginLeavesNoSession(t *testing.T) {
	var ts *testServer
	var c *client
	ready := make(chan struct{})
	ts = startServer(t, &script{open: func(session.ConnInfo) error {
		<-ready
		return c.conn.Close()
	}}, nil)
	c = ts.dial()
	c.write(c.response("nobody", "", mysql.AUTH_CACHING_SHA2_PASSWORD))
	close(ready)
	ts.await("the session", func() bool { ts.mu.Lock(); defer ts.mu.Unlock(); return len(ts.sessions) == 1 })
	select {
	case <-ts.session().closed:
	case <-time.After(patience):
		t.Fatal("the session stays open")
	}
}

// TestUnknownVerifierIsWellFormed: else unknown users would be refused faster than known ones.
func TestUnknownVerifierIsWellFormed(t *testing.T) {
	if err := accounts.CheckVerifier([]byte(unknownVerifier)); err != nil {
		t.Fatal(err)
	}
}
