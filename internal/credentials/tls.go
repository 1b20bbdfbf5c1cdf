package credentials

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

// TLS is what a client needs for TLS, in PEM: as it stands, or in files.
type TLS struct {
	Authorities     Secret // certificates that sign the server's; with no file either: the system's
	AuthoritiesFile string
	// Certificate and Key are this client's. A file of the certificate may hold the key too.
	Certificate, Key         Secret
	CertificateFile, KeyFile string
	ServerName               string // that the server's certificate has to have; empty: the host that is dialled
	AnyName                  bool   // take a certificate of any host name
}

// Parts of a TLS that can be wrong.
var (
	// ErrTruststore is of the authorities.
	ErrTruststore = errors.New("truststore")
	// ErrKeystore is of the certificate or the key of this client.
	ErrKeystore = errors.New("keystore")
)

// Config reads the files and returns a configuration for one or more connections. Its ServerName is that of t, if any.
func (t *TLS) Config(now time.Time) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	authorities, err := fromFile(t.Authorities, t.AuthoritiesFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTruststore, err)
	}
	if len(authorities) > 0 {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, fmt.Errorf("%w: no certificate in PEM", ErrTruststore)
		}
	}
	pair, err := t.pair(now)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeystore, err)
	}
	if pair != nil {
		c.Certificates = []tls.Certificate{*pair}
		// Without this a client says nothing to a server that did not name its authority, and the server's complaint misleads.
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return pair, nil }
	}
	if t.AnyName {
		c.InsecureSkipVerify = true // the chain is verified here
		c.VerifyConnection = func(s tls.ConnectionState) error {
			o := x509.VerifyOptions{Roots: c.RootCAs, Intermediates: x509.NewCertPool()}
			for _, further := range s.PeerCertificates[1:] {
				o.Intermediates.AddCert(further)
			}
			_, err := s.PeerCertificates[0].Verify(o)
			return err
		}
	}
	return c, nil
}

// Fingerprint is another text for other contents of the files, other secrets and others of the further texts. It tells nothing of them.
func (t *TLS) Fingerprint(further ...string) (string, error) {
	h := sha256.New()
	for _, part := range []struct {
		text Secret
		file string
		kind error
	}{{t.Authorities, t.AuthoritiesFile, ErrTruststore}, {t.Certificate, t.CertificateFile, ErrKeystore}, {t.Key, t.KeyFile, ErrKeystore}} {
		data, err := fromFile(part.text, part.file)
		if err != nil {
			return "", fmt.Errorf("%w: %w", part.kind, err)
		}
		further = append(further, string(data))
	}
	for _, text := range further {
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// pair reads the client's certificate and key; nil: it has none.
func (t *TLS) pair(now time.Time) (*tls.Certificate, error) {
	certificate, err := fromFile(t.Certificate, t.CertificateFile)
	if err != nil || len(certificate) == 0 {
		return nil, err
	}
	key, err := fromFile(t.Key, t.KeyFile)
	if err != nil {
		return nil, err
	}
	if len(key) == 0 {
		key = certificate
	}
	if encrypted(key) {
		return nil, errors.New("the key is encrypted, and only plain keys are read: write it out with `openssl pkey -in KEY -out PLAIN` and let nobody else read the file")
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, err
	}
	if now.After(leaf.NotAfter) {
		return nil, fmt.Errorf("this client's certificate has expired at %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	pair.Leaf = leaf
	return &pair, nil
}

// encrypted reports whether PEM holds a key that wants a password.
func encrypted(key []byte) bool {
	for block, rest := pem.Decode(key); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return true
		}
	}
	return false
}

// fromFile returns what the file holds, or the text.
func fromFile(text Secret, file string) ([]byte, error) {
	if file == "" {
		revealed, err := text.Reveal()
		return []byte(revealed), err
	}
	return read(file)
}
