package kafkaclient

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Trouble is that brokers do not take a client as it is configured: what a person has to mend, here or there.
type Trouble struct {
	Setting, Value string // Value is "…" of a secret
	Broker         string // host:port where it is known
	Reason         string // what is wrong and what mends it
	Cause          error
	dial           error // makes clients treat it as one of dialling
}

// Error names broker, setting, value and remedy.
func (t *Trouble) Error() string {
	where := ""
	if t.Broker != "" {
		where = "broker " + t.Broker + ": "
	}
	return fmt.Sprintf("%s%s = %q: %s", where, t.Setting, t.Value, t.Reason)
}

// Unwrap gives what the client saw.
func (t *Trouble) Unwrap() []error {
	var list []error
	for _, err := range []error{t.Cause, t.dial} {
		if err != nil {
			list = append(list, err)
		}
	}
	return list
}

// Explain returns err with the setting that it is about, if it is about one of s. Others it returns as they are.
func (s *Security) Explain(err error) error {
	var known *Trouble
	if err == nil || errors.As(err, &known) {
		return err
	}
	if s == nil {
		s = &Security{}
	}
	if t := s.trouble(err); t != nil {
		return t
	}
	return err
}

// IsTrouble reports whether an error is one that asking again does not mend by itself.
func IsTrouble(err error) bool {
	var t *Trouble
	return errors.As(err, &t)
}

func (s *Security) settingTrouble(name, value string, cause error, reason string) *Trouble {
	return &Trouble{Setting: s.name(name), Value: value, Reason: reason, Cause: cause}
}

// trouble finds the setting that an error is about.
func (s *Security) trouble(err error) *Trouble {
	var t *Trouble
	if errors.As(err, &t) {
		return t
	}
	for _, find := range []func(error) *Trouble{s.certificateTrouble, s.alertTrouble, s.loginTrouble, s.protocolTrouble, s.rightsTrouble} {
		if t := find(err); t != nil {
			return t
		}
	}
	return nil
}

// certificateTrouble is that this client does not take the broker's certificate.
func (s *Security) certificateTrouble(err error) *Trouble {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	authority := s.TLS.AuthoritiesFile
	switch {
	case errors.As(err, &name):
		return s.settingTrouble(serverNameName, s.TLS.ServerName, err, fmt.Sprintf("the broker's certificate is of another name; give the broker a certificate of the host in its advertised.listeners, or set the name that it has (%v)", name))
	case errors.As(err, &unknown):
		return s.settingTrouble(caFileName, authority, err, fmt.Sprintf("the broker's certificate is signed by an authority that is not among these; put the certificate of the brokers' authority into the file (%v)", err))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return s.settingTrouble(protocolName, s.protocol(), err, fmt.Sprintf("the broker's certificate has expired or is not valid yet; renew it on the broker, or set this machine's clock (%v)", err))
	case errors.As(err, &invalid):
		return s.settingTrouble(caFileName, authority, err, fmt.Sprintf("the broker's certificate cannot be used; renew it on the broker (%v)", err))
	}
	return nil
}

// alertTrouble is what the broker says of this client's certificate. crypto/tls has no types for most of it.
func (s *Security) alertTrouble(err error) *Trouble {
	var header tls.RecordHeaderError
	if errors.As(err, &header) {
		return s.settingTrouble(protocolName, s.protocol(), err, "the listener of this port speaks no TLS; name the port of the brokers' SSL or SASL_SSL listener, or want PLAINTEXT or SASL_PLAINTEXT")
	}
	text := err.Error()
	at := strings.Index(text, "remote error: tls: ")
	if at < 0 {
		return nil
	}
	alert := text[at+len("remote error: tls: "):]
	switch {
	case strings.HasPrefix(alert, "protocol version not supported"), strings.HasPrefix(alert, "handshake failure"):
		if s.TLS.CertificateFile != "" || s.TLS.Certificate != "" || strings.HasPrefix(alert, "protocol") {
			return s.settingTrouble(protocolName, s.protocol(), err, fmt.Sprintf("the broker has no version or cipher of TLS in common with this client; let it take TLS 1.2 or 1.3 (%s)", alert))
		}
		return s.settingTrouble(certificateFileName, "", err, fmt.Sprintf("the broker ends the handshake; if its ssl.client.auth is required, name this client's certificate and key (%s)", alert))
	case strings.HasPrefix(alert, "internal error"), strings.HasPrefix(alert, "user canceled"):
		return nil
	}
	return s.settingTrouble(certificateFileName, s.TLS.CertificateFile, err,
		fmt.Sprintf("the broker does not take this client's certificate; it wants one that its truststore signs and that is valid now (%s)", alert))
}

// loginTrouble is that the broker refuses the credentials.
func (s *Security) loginTrouble(err error) *Trouble {
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed) && s.Mechanism == OAuthBearer:
		return s.settingTrouble(tokenFileName, s.TokenFile, err, fmt.Sprintf("the broker refuses the token; renew the file's (%v)", err))
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		name, value := passwordName, "…"
		if s.PasswordFile != "" {
			name, value = passwordFileName, s.PasswordFile
		}
		return s.settingTrouble(name, value, err, fmt.Sprintf("the broker refuses user %q by %s; correct the password or %s, or let the brokers know the user with this mechanism (%v)", s.Username, s.Mechanism, s.name(usernameName), err))
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return s.settingTrouble(mechanismName, s.Mechanism, err, "the broker's listener does not have this mechanism; want one of its sasl.enabled.mechanisms")
	case errors.Is(err, kerr.IllegalSaslState):
		return s.settingTrouble(protocolName, s.protocol(), err, "the broker's listener expects another login; want the protocol that the listener has")
	}
	return nil
}

// protocolTrouble is that client and listener speak of different things: a listener ends connections that it does not understand.
func (s *Security) protocolTrouble(err error) *Trouble {
	var first *kgo.ErrFirstReadEOF
	switch {
	case strings.Contains(err.Error(), "tls alert record") && !s.usesTLS(): // kgo has no type for it
		return s.settingTrouble(protocolName, s.protocol(), err, "the listener of this port speaks TLS; want "+map[bool]string{false: SSL + " or " + SASLSSL, true: SASLSSL}[s.usesSASL()])
	case errors.As(err, &first):
		want := "if that is one with SASL want SASL_PLAINTEXT, with TLS SSL or SASL_SSL"
		switch s.protocol() {
		case SSL:
			want = "if that is one with SASL want SASL_SSL, and if its ssl.client.auth is required name this client's certificate in " + s.name(certificateFileName)
		case SASLPlaintext:
			want = "if that is one with TLS want SASL_SSL, and if it has no SASL want PLAINTEXT"
		case SASLSSL:
			want = "if that has no SASL want SSL, and if its ssl.client.auth is required name this client's certificate in " + s.name(certificateFileName)
		}
		return s.settingTrouble(protocolName, s.protocol(), err, "the broker hangs up at the first word: its listener is of another protocol; "+want)
	}
	return nil
}

// rightsTrouble is that the user may not do what the client does.
func (s *Security) rightsTrouble(err error) *Trouble {
	for _, e := range []struct {
		err  error
		what string
	}{
		{kerr.TopicAuthorizationFailed, "topic"}, {kerr.GroupAuthorizationFailed, "consumer group"}, {kerr.ClusterAuthorizationFailed, "cluster"},
		{kerr.TransactionalIDAuthorizationFailed, "transactional id"},
	} {
		if !errors.Is(err, e.err) {
			continue
		}
		name, value := usernameName, s.Username
		who := fmt.Sprintf("user %q", s.Username)
		if !s.usesSASL() {
			name, value, who = certificateFileName, s.TLS.CertificateFile, "the user of this client's certificate"
			if value == "" && s.TLS.Certificate == "" {
				name, value, who = protocolName, s.protocol(), "a client without login (User:ANONYMOUS)"
			}
		}
		return s.settingTrouble(name, value, err, fmt.Sprintf("%s lacks a right on the %s; give it the ACLs that docs/security.md lists (%v)", who, e.what, err))
	}
	return nil
}
