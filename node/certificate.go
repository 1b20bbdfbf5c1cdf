package node

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The names are MySQL's; they lie in data.dir when no certificate is configured.
const (
	caFile          = "ca.pem"
	caKeyFile       = "ca-key.pem"
	certificateFile = "server-cert.pem"
	keyFile         = "server-key.pem"
	// passwordKeyFile holds the key that passwords travel under without TLS, publicKeyFile its public half.
	passwordKeyFile = "private_key.pem"
	publicKeyFile   = "public_key.pem"

	// certificateLife is how long a certificate of the node's own is valid, as MySQL's is.
	certificateLife = 10 * 365 * 24 * time.Hour
	// certificateSerialBytes is the length of its serial number.
	certificateSerialBytes = 16
	// passwordKeyBits is the length of the RSA key.
	passwordKeyBits = 2048
)

// ownCertificates makes what is missing of a node's certificates. They prove nobody's identity to those
// who have not been given ca.pem: they make what clients send unreadable on the way.
type ownCertificates struct {
	dir    string
	hosts  []string // that clients know the node by, besides localhost
	now    time.Time
	random io.Reader
}

// server returns the server's certificate. It is made at the first start, or when the one that is there has
// expired or names another key, and signed by the authority in ca.pem.
func (o ownCertificates) server() (tls.Certificate, error) {
	cert, key := filepath.Join(o.dir, certificateFile), filepath.Join(o.dir, keyFile)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err == nil && o.now.Before(pair.Leaf.NotAfter) {
		return pair, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return pair, fmt.Errorf("%s and %s: %w; remove both, and the next start makes new ones", cert, key, err)
	}
	authority, err := o.authority()
	if err != nil {
		return pair, err
	}
	certPEM, keyPEM, err := o.make(certificateTemplate("Marmot_Auto_Generated_Server_Certificate", o.hosts), authority)
	if err != nil {
		return pair, fmt.Errorf("make a certificate: %w", err)
	}
	if err := o.save(cert, certPEM, key, keyPEM); err != nil {
		return pair, err
	}
	return tls.X509KeyPair(certPEM, keyPEM)
}

// authority returns the certificate that signs, which is made like the server's.
func (o ownCertificates) authority() (*tls.Certificate, error) {
	cert, key := filepath.Join(o.dir, caFile), filepath.Join(o.dir, caKeyFile)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err == nil && o.now.Add(certificateLife/2).Before(pair.Leaf.NotAfter) {
		return &pair, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s and %s: %w; remove both, and the next start makes new ones", cert, key, err)
	}
	template := certificateTemplate("Marmot_Auto_Generated_CA_Certificate", nil)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	template.DNSNames, template.IPAddresses, template.ExtKeyUsage = nil, nil, nil
	certPEM, keyPEM, err := o.make(template, nil)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	if err := o.save(cert, certPEM, key, keyPEM); err != nil {
		return nil, err
	}
	pair, err = tls.X509KeyPair(certPEM, keyPEM)
	return &pair, err
}

func certificateTemplate(name string, hosts []string) *x509.Certificate {
	t := &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil && !ip.IsLoopback() && !ip.IsUnspecified() {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else if ip == nil && h != "" && h != "localhost" {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	return t
}

// make makes a key and its certificate, both in PEM; without a signer it signs itself.
func (o ownCertificates) make(template *x509.Certificate, signer *tls.Certificate) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), o.random)
	if err != nil {
		return nil, nil, err
	}
	serial := make([]byte, certificateSerialBytes)
	if _, err := io.ReadFull(o.random, serial); err != nil {
		return nil, nil, err
	}
	serial[0] = serial[0]&0x7f | 1 // a serial number is positive
	template.SerialNumber = new(big.Int).SetBytes(serial)
	template.NotBefore, template.NotAfter = o.now.Add(-time.Hour), o.now.Add(certificateLife) // clients' clocks may be behind
	parent, signing := template, any(key)
	if signer != nil {
		parent, signing = signer.Leaf, signer.PrivateKey
	}
	der, err := x509.CreateCertificate(o.random, template, parent, &key.PublicKey, signing)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), nil
}

// save writes the two halves of a pair. The old public half goes first: a crash between the two leaves a key alone, and the
// next start makes both again.
func (o ownCertificates) save(public string, publicPEM []byte, private string, privatePEM []byte) error {
	if err := os.MkdirAll(o.dir, 0o750); err != nil { // ports open before the store makes it
		return err
	}
	if err := os.Remove(public); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := replaceFile(private, privatePEM, 0o600); err != nil {
		return err
	}
	return replaceFile(public, publicPEM, 0o644)
}

// passwordKey returns the RSA key that passwords travel under without TLS. Clients may have been given
// public_key.pem, so it stays.
func (o ownCertificates) passwordKey() (*rsa.PrivateKey, error) {
	private, public := filepath.Join(o.dir, passwordKeyFile), filepath.Join(o.dir, publicKeyFile)
	stored, err := os.ReadFile(private) //nolint:gosec // a file of the data directory
	if err == nil {
		key, err := parsePasswordKey(stored)
		if err != nil {
			return nil, fmt.Errorf("%s: %w; remove it, and the next start makes a new one", private, err)
		}
		return key, publishPasswordKey(key, public)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key, err := rsa.GenerateKey(o.random, passwordKeyBits)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	publicPEM, err := publicPasswordKey(key)
	if err != nil {
		return nil, err
	}
	return key, o.save(public, publicPEM, private, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// publishPasswordKey writes the public half where it is missing or another's.
func publishPasswordKey(key *rsa.PrivateKey, public string) error {
	want, err := publicPasswordKey(key)
	if err != nil {
		return err
	}
	if got, err := os.ReadFile(public); err == nil && bytes.Equal(got, want) { //nolint:gosec // a file of the data directory
		return nil
	}
	return replaceFile(public, want, 0o644)
}

func publicPasswordKey(key *rsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), err
}

func parsePasswordKey(b []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, errors.New("no PEM block")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil { // as MySQL writes it
		return key, nil
	}
	any8, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := any8.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("it is no RSA key")
	}
	return key, nil
}

// replaceFile writes a file, whole or not at all.
func replaceFile(path string, data []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
