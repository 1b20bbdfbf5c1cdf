package wire

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// binaryHeader is a header of version 2.
func binaryHeader(command, family byte, addresses string) []byte {
	b := append([]byte{}, proxySignature...)
	return append(append(b, 0x20|command, family, byte(len(addresses)>>8), byte(len(addresses))), addresses...)
}

const fourAddresses = "\xc0\x00\x02\x07\x7f\x00\x00\x01\x30\x39\x0c\xea" // 192.0.2.7:12345 to 127.0.0.1:3306

func TestProxyHeaders(t *testing.T) {
	six := "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
	for _, c := range []struct {
		name, header, client string
		wrong                bool
	}{
		{"version 1", "PROXY TCP4 192.0.2.7 127.0.0.1 12345 3306\r\n", "192.0.2.7:12345", false},
		{"version 1, IPv6", "PROXY TCP6 2001:db8::1 ::1 12345 3306\r\n", "[2001:db8::1]:12345", false},
		{"version 1, unknown", "PROXY UNKNOWN whatever\r\n", "", false},
		{"version 2", string(binaryHeader(1, 0x11, fourAddresses)), "192.0.2.7:12345", false},
		{"version 2 with more behind the addresses", string(binaryHeader(1, 0x11, fourAddresses+"\x04\x00\x01x")), "192.0.2.7:12345", false},
		{"version 2, IPv6", string(binaryHeader(1, 0x21, six+six+"\x30\x39\x0c\xea")), "[2001:db8::1]:12345", false},
		{"version 2, a look whether the server lives", string(binaryHeader(0, 0, "")), "", false},
		{"version 2, unix", string(binaryHeader(1, 0x31, fourAddresses)), "", false},
		{"no header", "\x20\x00\x00\x01garbage", "", true},
		{"another family's address", "PROXY TCP6 192.0.2.7 127.0.0.1 12345 3306\r\n", "", true},
		{"no port", "PROXY TCP4 192.0.2.7 127.0.0.1 123456 3306\r\n", "", true},
		{"too few addresses", string(binaryHeader(1, 0x11, "\x7f\x00")), "", true},
		{"another version", "\r\n\r\n\x00\r\nQUIT\n\x31\x11\x00\x00", "", true},
		{"a flood", "\r\n\r\n\x00\r\nQUIT\n\x21\x11\xff\xff", "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := parseProxyHeader([]byte(c.header + "rest"))
			if errors.Is(err, errProxyHeader) != c.wrong || err == nil && (h.length != len(c.header) || h.client.IsValid() != (c.client != "")) {
				t.Fatalf("%+v, %v", h, err)
			}
			if c.client != "" && h.client != netip.MustParseAddrPort(c.client) {
				t.Errorf("client %s", h.client)
			}
			for cut := range len(c.header) {
				if h, err := parseProxyHeader([]byte(c.header[:cut])); err == nil {
					t.Fatalf("%d bytes of %d: %+v", cut, len(c.header), h)
				}
			}
		})
	}
}

// TestClientsBehindProxies: the header's address is the client's, and whoever sends none is not let in.
func TestClientsBehindProxies(t *testing.T) {
	ts := startServer(t, &script{}, func(o *Options) { o.ProxyNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	for _, header := range [][]byte{[]byte("PROXY TCP4 192.0.2.7 127.0.0.1 12345 3306\r\n"), binaryHeader(1, 0x11, fourAddresses)} {
		conn, err := net.Dial("tcp", ts.address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.Write(header); err != nil {
			t.Fatal(err)
		}
		c := ts.greeted(conn)
		c.write(c.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
		// The password travels under the RSA key: the client is not on this machine.
		if reply := c.read(); reply[0] == mysql.MORE_DATE_HEADER && reply[1] == mysql.CACHE_SHA2_FULL_AUTH {
			c.write([]byte{requestPublicKey})
			if key := c.read(); len(key) < 100 {
				t.Fatalf("public key %q", key)
			}
		}
		ts.await("the client's address", func() bool {
			for conn := range ts.connsCopy() {
				if conn.address == "192.0.2.7:12345" && conn.host == "192.0.2.7" {
					return true
				}
			}
			return false
		})
	}
	conn, err := net.Dial("tcp", ts.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte("no header at all")); err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, conn: conn}
	c.expectError(c.read(), mysql.ER_HANDSHAKE_ERROR)
}

// connsCopy is the open connections.
func (ts *testServer) connsCopy() map[*conn]struct{} {
	ts.Server.mu.Lock()
	defer ts.Server.mu.Unlock()
	m := map[*conn]struct{}{}
	for c := range ts.conns {
		m[c] = struct{}{}
	}
	return m
}

func TestSeveralPorts(t *testing.T) {
	ts := startServer(t, &script{}, func(o *Options) {
		o.MaxConnections, o.More, o.AdminAddress = 1, []string{"127.0.0.1:0"}, "127.0.0.1:0"
	})
	first := ts.login(0)
	dial := func(l net.Listener, user string) []byte {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		c := ts.greeted(conn)
		if c.hello[0] == mysql.ERR_HEADER {
			return c.hello
		}
		c.write(c.response(user, testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
		return c.authenticate(testPassword)
	}
	// The limit is reached with this one, which is for an administrator.
	if reply := dial(ts.listeners[1], "admin"); reply[0] != mysql.OK_HEADER {
		t.Errorf("a further port: %s", readError(reply))
	}
	for range 3 {
		if reply := dial(ts.admin, "admin"); reply[0] != mysql.OK_HEADER {
			t.Errorf("the port for administrators: %s", readError(reply))
		}
	}
	first.expectError(dial(ts.admin, "root"), mysql.ER_SPECIFIC_ACCESS_DENIED_ERROR)
	first.expectError(dial(ts.listeners[0], "root"), mysql.ER_CON_COUNT_ERROR)
}
