package kafkaclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"marmot/internal/credentials"
)

// dialTimeout bounds TCP's part of a new connection and TLS's, each.
const dialTimeout = 3 * time.Second

// Options returns what the security adds to a client. With PLAINTEXT that is nothing.
func (s *Security) Options() []kgo.Opt {
	if s == nil || s.protocol() == Plaintext {
		return nil
	}
	options := []kgo.Opt{kgo.Dialer(s.dial)}
	if s.usesSASL() {
		options = append(options, kgo.SASL(s.mechanism()))
	}
	return options
}

// Check refuses brokers that would get credentials in the clear.
func (s *Security) Check(brokers []string) error {
	if s == nil {
		return nil
	}
	for _, b := range brokers {
		if s.exposes(b) {
			return &SettingError{s.name(protocolName), s.Protocol, fmt.Sprintf("the credentials would travel to %s in the clear; want SASL_SSL, or %s = true", b, s.name(allowInsecureName))}
		}
	}
	return nil
}

// CheckFiles reads the files and secrets once, and says which cannot be used now.
func (s *Security) CheckFiles() error {
	var err error
	if s.usesTLS() {
		_, err = s.tlsConfig()
	}
	if err == nil && s.usesSASL() {
		if s.Mechanism == OAuthBearer {
			_, err = s.token()
		} else {
			_, err = s.password()
		}
	}
	var t *Trouble
	if errors.As(err, &t) {
		return &SettingError{t.Setting, t.Value, t.Reason}
	}
	return err
}

// exposes reports whether credentials would travel to a broker in the clear without leave.
func (s *Security) exposes(broker string) bool {
	if s.Protocol != SASLPlaintext || s.AllowInsecure {
		return false
	}
	host, _, err := net.SplitHostPort(broker)
	if err != nil {
		host = broker
	}
	if host == "localhost" {
		return false
	}
	ip := net.ParseIP(host)
	return ip == nil || !ip.IsLoopback()
}

// dial connects to a broker, through TLS where the protocol says so. Certificates are read each time.
func (s *Security) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if s.exposes(address) { // a broker that others have told of
		return nil, &Trouble{Setting: s.name(protocolName), Value: s.Protocol, Broker: address,
			Reason: "the credentials would travel in the clear; want SASL_SSL, or " + s.name(allowInsecureName) + " = true"}
	}
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err != nil || !s.usesTLS() {
		return conn, err
	}
	config, err := s.tlsConfig()
	if err != nil {
		_ = conn.Close() // nothing was sent
		return nil, s.asDial(err, address)
	}
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = address
		}
		config.ServerName = host
	}
	secure := tls.Client(conn, config)
	bounded, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := secure.HandshakeContext(bounded); err != nil {
		_ = conn.Close() // the handshake's error says more
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if bounded.Err() != nil { // a broker that stands still does so too
			err = fmt.Errorf("no answer to TLS's first word within %s: the broker is busy, or its listener speaks no TLS: %w", dialTimeout, bounded.Err())
			return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: brokerAddress(address), Err: err}
		}
		return nil, s.asDial(err, address)
	}
	return secure, nil
}

// asDial names the setting that an error of TLS is about, and makes the client treat the broker as one that cannot be dialled: it tries others, and later again.
func (s *Security) asDial(err error, address string) error {
	t := s.trouble(err)
	if t == nil && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)) {
		t = s.settingTrouble(protocolName, s.protocol(), err, "the listener hangs up at the first word of TLS; name the port of the brokers' SSL or SASL_SSL listener, or want PLAINTEXT or SASL_PLAINTEXT")
	}
	if t == nil {
		return &net.OpError{Op: "dial", Net: "tcp", Addr: brokerAddress(address), Err: err}
	}
	t.Broker = address
	t.dial = &net.OpError{Op: "dial", Net: "tcp", Addr: brokerAddress(address), Err: t.Cause}
	return t
}

// brokerAddress is an address as the configuration has it.
type brokerAddress string

func (brokerAddress) Network() string  { return "tcp" }
func (a brokerAddress) String() string { return string(a) }

// tlsConfig reads the certificates.
func (s *Security) tlsConfig() (*tls.Config, error) {
	config, err := s.TLS.Config(time.Now())
	switch {
	case errors.Is(err, credentials.ErrTruststore):
		return nil, s.settingTrouble(caFileName, s.TLS.AuthoritiesFile, err, unreadable(err))
	case errors.Is(err, credentials.ErrKeystore):
		return nil, s.settingTrouble(certificateFileName, s.TLS.CertificateFile, err, unreadable(err))
	}
	return config, err
}

// unreadable shortens the error of a file to what is not in the setting's name.
func unreadable(err error) string {
	text := err.Error()
	for _, prefix := range []string{credentials.ErrTruststore.Error() + ": ", credentials.ErrKeystore.Error() + ": "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

// password reads the password.
func (s *Security) password() (string, error) {
	if s.PasswordFile != "" {
		text, err := credentials.Line(s.PasswordFile)
		if err != nil {
			return "", s.settingTrouble(passwordFileName, s.PasswordFile, err, err.Error())
		}
		return text, nil
	}
	text, err := s.Password.Reveal()
	if err != nil {
		return "", s.settingTrouble(passwordName, "…", err, err.Error())
	}
	return text, nil
}

// token reads the token of OAUTHBEARER.
func (s *Security) token() (string, error) {
	text, err := credentials.Line(s.TokenFile)
	if err != nil {
		return "", s.settingTrouble(tokenFileName, s.TokenFile, err, err.Error())
	}
	return text, nil
}

// mechanism is how the client proves who it is; it reads password or token at each new connection.
func (s *Security) mechanism() sasl.Mechanism {
	scrams := func(context.Context) (scram.Auth, error) {
		password, err := s.password()
		return scram.Auth{User: s.Username, Pass: password}, err
	}
	switch s.Mechanism {
	case SCRAM256:
		return scram.Sha256(scrams)
	case SCRAM512:
		return scram.Sha512(scrams)
	case OAuthBearer:
		return oauth.Oauth(func(context.Context) (oauth.Auth, error) {
			token, err := s.token()
			return oauth.Auth{Token: token}, err
		})
	}
	return plain.Plain(func(context.Context) (plain.Auth, error) {
		password, err := s.password()
		return plain.Auth{User: s.Username, Pass: password}, err
	})
}
