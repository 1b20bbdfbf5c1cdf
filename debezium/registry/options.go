package registry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Options configure a Client.
type Options struct {
	URLs []*url.URL // tried in order; the user of one that has some is the user of all
	// User and password; nil: those of the URLs, if any.
	User      *url.Userinfo
	Bearer    string // token
	Proxy     *url.URL
	Normalize bool // the registry compares schemas by their normal form
	TLS       TLS
}

// TLS is what a registry behind https needs, in PEM: as it stands, or in a file.
type TLS struct {
	Authorities, AuthoritiesFile string // certificates that sign the registry's; empty: the system's
	// Certificate and Key are this client's; the file holds both.
	Certificate, Key, CertificateFile string
	// AnyName takes a certificate of any host name.
	AnyName bool
}

// ParseURLs reads addresses separated by commas.
func ParseURLs(text string) ([]*url.URL, error) {
	var list []*url.URL
	for part := range strings.SplitSeq(text, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, errors.New("want addresses as http://host:port, separated by commas")
		}
		list = append(list, u)
	}
	return list, nil
}

// ParseUser reads user:password.
func ParseUser(text string) (*url.Userinfo, error) {
	name, password, ok := strings.Cut(text, ":")
	if !ok || name == "" {
		return nil, errors.New("want user:password")
	}
	return url.UserPassword(name, password), nil
}

// urls returns the addresses without user, and the user, so that no address in an error or a log tells a password.
func (o *Options) urls() (list []string, user *url.Userinfo) {
	user = o.User
	for _, u := range o.URLs {
		if user == nil {
			user = u.User
		}
		plain := *u
		plain.User = nil
		list = append(list, plain.String())
	}
	return list, user
}

func (t *TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	authorities, err := fromFile(t.Authorities, t.AuthoritiesFile)
	if err != nil {
		return nil, fmt.Errorf("truststore: %w", err)
	}
	if len(authorities) > 0 {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, errors.New("truststore: no certificate in PEM")
		}
	}
	certificate, err := fromFile(t.Certificate, t.CertificateFile)
	if err != nil {
		return nil, fmt.Errorf("keystore: %w", err)
	}
	if len(certificate) > 0 {
		key := []byte(t.Key)
		if t.CertificateFile != "" {
			key = certificate
		}
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			return nil, fmt.Errorf("keystore: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if t.AnyName {
		c.InsecureSkipVerify = true // the chain is verified below
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

func fromFile(text, file string) ([]byte, error) {
	if file == "" {
		return []byte(text), nil
	}
	return os.ReadFile(file)
}
