package wire

import (
	"crypto/tls"
	"strconv"
	"strings"
	"sync/atomic"

	"marmot/dialect"
)

// counts are what SHOW STATUS tells of all connections.
type counts struct {
	abortedClients, abortedConnects, refusedFull atomic.Uint64
	mostUsed                                     atomic.Int64
	tlsAccepts                                   atomic.Uint64
}

// tlsVersions are the names that MySQL gives to the versions.
var tlsVersions = map[uint16]string{tls.VersionTLS12: "TLSv1.2", tls.VersionTLS13: "TLSv1.3"}

// cipherNames turns names of the standard into OpenSSL's, which MySQL shows.
var cipherNames = strings.NewReplacer("TLS_ECDHE_ECDSA_WITH_", "ECDHE-ECDSA-", "TLS_ECDHE_RSA_WITH_", "ECDHE-RSA-", "TLS_RSA_WITH_", "",
	"AES_128_", "AES128-", "AES_256_", "AES256-", "CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305", "GCM_", "GCM-", "CBC_", "", "_", "-")

// cipherName is the name of a cipher suite as OpenSSL spells it: those of TLS 1.3 as they stand.
func cipherName(state *tls.ConnectionState) string {
	name := tls.CipherSuiteName(state.CipherSuite)
	if state.Version == tls.VersionTLS13 {
		return name
	}
	return cipherNames.Replace(name)
}

// cipherList is what the server accepts, best first.
func cipherList() string {
	var list []string
	for _, s := range tls.CipherSuites() {
		list = append(list, cipherName(&tls.ConnectionState{Version: s.SupportedVersions[len(s.SupportedVersions)-1], CipherSuite: s.ID}))
	}
	return strings.Join(list, ":")
}

// statusValues lists what SHOW STATUS tells of the connection.
func (c *conn) statusValues() []dialect.NameValue {
	version, cipher, ciphers, verify := "", "", "", "0"
	if c.tls != nil {
		state := c.tls.ConnectionState()
		version, cipher, ciphers = tlsVersions[state.Version], cipherName(&state), cipherList()
	}
	if o := c.server.options.TLS; o != nil && o.ClientAuth != tls.NoClientCert {
		verify = "5" // SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE
	}
	compression, level := "OFF", "0"
	if c.packed != nil {
		compression, level = "ON", c.packed.levelText()
	}
	return []dialect.NameValue{
		{Name: "Bytes_received", Value: strconv.FormatUint(c.packets.received, 10)},
		{Name: "Bytes_sent", Value: strconv.FormatUint(c.packets.sent, 10)},
		{Name: "Compression", Value: compression},
		{Name: "Compression_algorithm", Value: c.algorithm},
		{Name: "Compression_level", Value: level},
		{Name: "Ssl_cipher", Value: cipher},
		{Name: "Ssl_cipher_list", Value: ciphers},
		{Name: "Ssl_verify_mode", Value: verify},
		{Name: "Ssl_version", Value: version},
	}
}

// certificateTime is how OpenSSL prints the bounds of a certificate.
const certificateTime = "Jan _2 15:04:05 2006 GMT"

// StatusValues lists what SHOW STATUS tells of the server's connections.
func (s *Server) StatusValues() []dialect.NameValue {
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	c := &s.counts
	var after, before string
	if o := s.options.TLS; o != nil && len(o.Certificates) > 0 && o.Certificates[0].Leaf != nil {
		leaf := o.Certificates[0].Leaf
		after, before = leaf.NotAfter.UTC().Format(certificateTime), leaf.NotBefore.UTC().Format(certificateTime)
	}
	return []dialect.NameValue{
		{Name: "Aborted_clients", Value: n(c.abortedClients.Load())},
		{Name: "Aborted_connects", Value: n(c.abortedConnects.Load())},
		{Name: "Connection_errors_max_connections", Value: n(c.refusedFull.Load())},
		{Name: "Max_used_connections", Value: strconv.FormatInt(c.mostUsed.Load(), 10)},
		{Name: "Prepared_stmt_count", Value: strconv.FormatInt(s.statements.Load(), 10)},
		{Name: "Ssl_accepts", Value: n(c.tlsAccepts.Load())},
		{Name: "Ssl_finished_accepts", Value: n(c.tlsAccepts.Load())},
		{Name: "Ssl_server_not_after", Value: after},
		{Name: "Ssl_server_not_before", Value: before},
	}
}
