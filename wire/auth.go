package wire

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // MySQL's protocol fixes OAEP with SHA-1 for the password exchange
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"sync"

	"marmot/accounts"
	"marmot/mysqlerr"
	"marmot/session"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Accounts finds the account that a client logs in as.
type Accounts interface {
	// Lookup returns the account of user as seen from host, or false.
	Lookup(user, host string) (session.Account, bool)
}

const (
	// errAccountLocked is ER_ACCOUNT_HAS_BEEN_LOCKED.
	errAccountLocked = 3118
	// rsaBits is the length of the key that passwords travel under without TLS.
	rsaBits = 2048
	// cachedPasswords bounds the cache of verified passwords; beyond it entries are dropped.
	cachedPasswords = 10_000
	// maxPasswordBytes bounds a clear-text password.
	maxPasswordBytes = 1024
	// requestPublicKey is what a client sends to be given the server's RSA key.
	requestPublicKey = 0x02
)

// authenticator checks passwords. It may be used by several connections at once.
type authenticator struct {
	accounts Accounts
	random   io.Reader

	mu sync.Mutex
	// fast holds SHA256(SHA256(password)) of accounts whose verifier a client has matched.
	fast map[string]fastEntry
	key  func() (*rsa.PrivateKey, error)
}

// unknownVerifier is of no password: no digest is spelled like it.
const unknownVerifier = "$A$005$" + "marmot marmot marmot" + "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"

// fastEntry is valid for one verifier: an ALTER USER makes it worthless.
type fastEntry struct {
	verifier string
	digest   [sha256.Size]byte
}

func newAuthenticator(accounts Accounts, key func() (*rsa.PrivateKey, error)) *authenticator {
	if key == nil {
		key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, rsaBits) })
	}
	return &authenticator{
		accounts: accounts,
		random:   rand.Reader,
		fast:     map[string]fastEntry{},
		key:      key,
	}
}

// fastCheck compares a scramble with the cached digest of the account's password. The scramble is
// SHA256(password) XOR SHA256(SHA256(SHA256(password)) ‖ nonce).
func (a *authenticator) fastCheck(account session.Account, nonce, scramble []byte) bool {
	a.mu.Lock()
	entry, ok := a.fast[account.Name()]
	a.mu.Unlock()
	if !ok || entry.verifier != string(account.Verifier) || len(scramble) != sha256.Size {
		return false
	}
	h := sha256.New()
	h.Write(entry.digest[:])
	h.Write(nonce)
	once := h.Sum(nil)
	for i := range once {
		once[i] ^= scramble[i]
	}
	twice := sha256.Sum256(once)
	return subtle.ConstantTimeCompare(twice[:], entry.digest[:]) == 1
}

// fullCheck compares a clear-text password with the verifier, and remembers its digest.
func (a *authenticator) fullCheck(account session.Account, password string) bool {
	ok, err := accounts.CheckPassword(account.Verifier, password)
	if err != nil || !ok {
		return false
	}
	once := sha256.Sum256([]byte(password))
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.fast) >= cachedPasswords {
		clear(a.fast)
	}
	a.fast[account.Name()] = fastEntry{verifier: string(account.Verifier), digest: sha256.Sum256(once[:])}
	return true
}

// publicKey returns the server's RSA key in PEM.
func (a *authenticator) publicKey() ([]byte, error) {
	key, err := a.key()
	if err != nil {
		return nil, fmt.Errorf("RSA key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("RSA key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// decrypt reads a password that came under the RSA key, masked by the nonce. What does not
// decrypt is a wrong password: a client may have kept the key of a server that was here before.
func (a *authenticator) decrypt(secret, nonce []byte) (string, error) {
	key, err := a.key()
	if err != nil {
		return "", fmt.Errorf("RSA key: %w", err)
	}
	masked, err := rsa.DecryptOAEP(sha1.New(), a.random, key, secret, nil)
	if err != nil {
		return "", errDenied
	}
	return trimZero(mysql.Xor(masked, nonce)), nil
}

func trimZero(b []byte) string {
	if n := len(b); n > 0 && b[n-1] == 0 {
		b = b[:n-1]
	}
	return string(b)
}

// errDenied is a failed login whose client still has to be told.
var errDenied = errors.New("access denied")

// login runs the authentication exchange for r and returns the account. Its error is a
// *mysqlerr.Error when the client should be told.
func (c *conn) login(r *response) (session.Account, error) {
	account, known := c.server.auth.accounts.Lookup(r.user, c.host)
	if !known {
		// An unknown user goes the way of a known one, and takes as long, so that names cannot be probed.
		account = session.Account{User: r.user, Host: "%", Verifier: []byte(unknownVerifier)}
	}
	scramble, nonce := r.auth, c.nonce
	if r.plugin != mysql.AUTH_CACHING_SHA2_PASSWORD {
		if r.capabilities&mysql.CLIENT_PLUGIN_AUTH == 0 {
			return account, mysqlerr.New(mysql.ER_NOT_SUPPORTED_AUTH_MODE)
		}
		var err error
		if scramble, err = c.switchPlugin(); err != nil {
			return account, err
		}
		nonce = c.nonce
	}
	using := "YES"
	if emptyPassword(scramble) {
		using = "NO"
	}
	err := c.verify(account, nonce, scramble)
	if err == nil && known && account.Locked {
		return account, mysqlerr.New(errAccountLocked, r.user, c.host)
	}
	if errors.Is(err, errDenied) || err == nil && !known {
		return account, mysqlerr.New(mysql.ER_ACCESS_DENIED_ERROR, r.user, c.host, using)
	}
	return account, err
}

// emptyPassword reports whether authentication data stand for no password: libmysql sends
// one zero byte, others nothing.
func emptyPassword(auth []byte) bool { return len(auth) == 0 || len(auth) == 1 && auth[0] == 0 }

// switchPlugin asks the client to start again with caching_sha2_password and a fresh nonce.
func (c *conn) switchPlugin() ([]byte, error) {
	if err := c.newNonce(); err != nil {
		return nil, err
	}
	b := append(c.packets.begin(), mysql.EOF_HEADER)
	b = append(append(b, mysql.AUTH_CACHING_SHA2_PASSWORD...), 0)
	b = append(append(b, c.nonce...), 0)
	if err := c.send(b); err != nil {
		return nil, err
	}
	return c.packets.read()
}

// verify is the exchange of caching_sha2_password.
func (c *conn) verify(account session.Account, nonce, scramble []byte) error {
	if emptyPassword(scramble) {
		if len(account.Verifier) == 0 {
			return nil
		}
		return errDenied
	}
	if len(account.Verifier) == 0 {
		return errDenied
	}
	if c.server.auth.fastCheck(account, nonce, scramble) {
		return c.packets.finish(append(c.packets.begin(), mysql.MORE_DATE_HEADER, mysql.CACHE_SHA2_FAST_AUTH))
	}
	if err := c.send(append(c.packets.begin(), mysql.MORE_DATE_HEADER, mysql.CACHE_SHA2_FULL_AUTH)); err != nil {
		return err
	}
	password, err := c.readPassword(nonce)
	if err != nil {
		return err
	}
	if !c.server.auth.fullCheck(account, password) {
		return errDenied
	}
	return nil
}

// readPassword reads the password in the clear over TLS or a unix socket, else under the RSA
// key, which is sent on request. MariaDB's client (Connector/C 3.3) sends it in the clear over TCP too;
// that is taken where nobody else can listen, or where the operator has said that it is fine.
func (c *conn) readPassword(nonce []byte) (string, error) {
	payload, err := c.packets.read()
	if err != nil {
		return "", err
	}
	if len(payload) > maxPasswordBytes {
		return "", errMalformed
	}
	if c.secure {
		return trimZero(payload), nil
	}
	if len(payload) == 1 && payload[0] == requestPublicKey {
		key, err := c.server.auth.publicKey()
		if err != nil {
			return "", err
		}
		if err := c.send(append(append(c.packets.begin(), mysql.MORE_DATE_HEADER), key...)); err != nil {
			return "", err
		}
		if payload, err = c.packets.read(); err != nil {
			return "", err
		}
	}
	if len(payload) < rsaBits/8 && (c.host == "localhost" || c.server.options.AllowInsecure) {
		return trimZero(payload), nil
	}
	return c.server.auth.decrypt(payload, nonce)
}
