package node

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"marmot/internal/settings"
	"marmot/session"
	"marmot/wire"
)

// openWire opens the ports of the MySQL protocol; nobody is served before they are run.
func (s *server) openWire() error {
	c := s.config
	own := s.ownCertificates()
	certificate, err := s.tlsConfig(own)
	if err != nil {
		return err
	}
	proxies, err := proxyNetworks(c)
	if err != nil {
		return err
	}
	s.wire, err = wire.New(wire.Options{
		Address: c.String("mysql.listen"), More: c.List("mysql.also_listen"), AdminAddress: c.String("mysql.admin_listen"), ProxyNetworks: proxies,
		Socket: c.String("mysql.socket"), Version: mysqlVersion, TLS: certificate,
		PasswordKey: sync.OnceValues(own.passwordKey),
		Settings:    func() session.ConnectionSettings { return s.engine.Load().ConnectionSettings() },
		TempDir:     filepath.Join(c.String("data.dir"), "tmp"),
		RequireTLS:  c.Bool("mysql.require_secure_transport"),
		PasswordSet: true, AllowInsecure: c.Bool("mysql.allow_insecure"), MaxConnections: c.Int("mysql.max_connections"),
		Accounts: lateAccounts{s}, Events: s.metrics.wireEvents(s.logger), Stages: s.metrics.stages,
		NextID: func() uint32 { return s.engine.Load().NextID() },
		Open:   func(info session.ConnInfo) (wire.Session, error) { return s.engine.Load().NewSession(info) },
	})
	return err
}

// proxyNetworks reads mysql.proxy_networks; an address alone is a network of one.
func proxyNetworks(c *settings.Config) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range c.List("mysql.proxy_networks") {
		network, err := netip.ParsePrefix(text)
		if address, addressErr := netip.ParseAddr(text); addressErr == nil {
			network, err = address.Prefix(address.BitLen())
		}
		if err != nil {
			return nil, c.Bad("mysql.proxy_networks", err.Error())
		}
		list = append(list, network.Masked())
	}
	return list, nil
}

// ownCertificates is what the node makes for itself; the host names are those that clients may use.
func (s *server) ownCertificates() ownCertificates {
	c := s.config
	host, _, _ := net.SplitHostPort(c.String("mysql.listen")) // an address without port has been refused
	own := ownCertificates{dir: c.String("data.dir"), hosts: []string{host, c.String("node.advertise")}, now: time.Now(), random: rand.Reader}
	if name, err := os.Hostname(); err == nil {
		own.hosts = append(own.hosts, name)
	}
	return own
}

// tlsConfig is what clients are offered: the configured certificate, or else the node's own; nil: no TLS.
func (s *server) tlsConfig(own ownCertificates) (*tls.Config, error) {
	c := s.config
	if !c.Bool("mysql.tls") {
		return nil, nil //nolint:nilnil // no TLS is no error
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	var pair tls.Certificate
	var err error
	if cert := c.String("mysql.tls_cert"); cert == "" {
		pair, err = own.server()
	} else if pair, err = tls.LoadX509KeyPair(cert, c.String("mysql.tls_key")); err != nil {
		err = c.Bad("mysql.tls_cert", err.Error())
	}
	if err != nil {
		return nil, err
	}
	config.Certificates = []tls.Certificate{pair}
	if name := c.String("mysql.tls_ca"); name != "" {
		authority, err := os.ReadFile(name) //nolint:gosec // the operator names it
		if err != nil {
			return nil, c.Bad("mysql.tls_ca", err.Error())
		}
		config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.VerifyClientCertIfGiven
		if !config.ClientCAs.AppendCertsFromPEM(authority) {
			return nil, c.Bad("mysql.tls_ca", name+" holds no certificate in PEM")
		}
	}
	return config, nil
}

// lateAccounts looks accounts up in the engine, which is there before the first client is served.
type lateAccounts struct{ s *server }

// Lookup implements wire.Accounts.
func (l lateAccounts) Lookup(user, host string) (session.Account, bool) {
	return l.s.engine.Load().Lookup(user, host)
}

// LookupSocket implements wire.SocketAccounts.
func (l lateAccounts) LookupSocket(user string) (session.Account, bool) {
	return l.s.engine.Load().LookupSocket(user)
}

// AwaitAccounts implements wire.FreshAccounts.
func (l lateAccounts) AwaitAccounts() error { return l.s.engine.Load().AwaitAccounts() }

// LoggedIn implements wire.LoginObserver.
func (l lateAccounts) LoggedIn(account session.Account, right bool) {
	l.s.engine.Load().LoggedIn(account, right)
}

// variables are the global system variables that the configuration says.
func (s *server) variables(port string) map[string]string {
	c := s.config
	v := map[string]string{"port": port, "hostname": c.String("node.id"), "server_uuid": s.store.DataUUID().String(),
		"max_connections": c.String("mysql.max_connections"), "socket": c.String("mysql.socket"), "version_comment": "Marmot",
		"secure_file_priv":   c.String("mysql.secure_file_priv"),
		"max_allowed_packet": strconv.FormatInt(c.Bytes("mysql.max_allowed_packet"), 10)}
	if c.Bool("mysql.require_secure_transport") {
		v["require_secure_transport"] = "ON"
	}
	for name, key := range map[string]string{"ssl_cert": "mysql.tls_cert", "ssl_key": "mysql.tls_key", "ssl_ca": "mysql.tls_ca"} {
		if file := c.String(key); file != "" {
			v[name] = file
		}
	}
	if !c.Bool("mysql.tls") {
		v["ssl_cert"], v["ssl_key"], v["ssl_ca"], v["tls_version"] = "", "", "", ""
	}
	return v
}
