package wire

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // MySQL's protocol fixes OAEP with SHA-1 for the password exchange
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
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

// SocketAccounts is what Accounts implements besides if some accounts are for the unix socket, whose client's system user is known.
type SocketAccounts interface {
	// LookupSocket returns the account of user as seen from the unix socket, or false.
	LookupSocket(user string) (session.Account, bool)
}

// FreshAccounts is what Accounts implements besides if what it tells may be older than what a client was told elsewhere.
type FreshAccounts interface {
	// AwaitAccounts returns once what is looked up then is as new as logins ask for. Its error is a *mysqlerr.Error, for the client.
	AwaitAccounts() error
}

// LoginObserver is what Accounts implements besides if it counts wrong passwords.
type LoginObserver interface {
	// LoggedIn tells how a login as the account ended.
	LoggedIn(account session.Account, right bool)
}

const (
	// errAccountLocked is ER_ACCOUNT_HAS_BEEN_LOCKED.
	errAccountLocked = 3118
	// errPasswordExpired is ER_MUST_CHANGE_PASSWORD_LOGIN, errAccountBlocked ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK.
	errPasswordExpired = 1862
	errAccountBlocked  = 3955
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
		if len(account.Secondary) == 0 || account.SecondaryPlugin != accounts.CachingSHA2 {
			return false
		}
		if ok, err = accounts.CheckPassword(account.Secondary, password); err != nil || !ok {
			return false
		}
		return true
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

// lookup finds the account of a login; over the unix socket those count too that are for it alone.
func (c *conn) lookup(user string) (session.Account, bool) {
	if list, ok := c.server.auth.accounts.(SocketAccounts); ok && c.isUnix() {
		return list.LookupSocket(user)
	}
	return c.server.auth.accounts.Lookup(user, c.host)
}

// isUnix reports whether the client came over a unix socket.
func (c *conn) isUnix() bool {
	_, ok := c.socket.(*net.UnixConn)
	return ok
}

// login runs the authentication exchange for r and returns the account. Its error is a
// *mysqlerr.Error when the client should be told.
func (c *conn) login(r *response) (session.Account, error) {
	if list, ok := c.server.auth.accounts.(FreshAccounts); ok {
		if err := list.AwaitAccounts(); err != nil && !c.isUnix() { // whoever is on the machine comes in to see what is wrong
			return session.Account{User: r.user, Host: "%"}, err
		}
	}
	account, known := c.lookup(r.user)
	if !known {
		// An unknown user goes the way of a known one, and takes as long, so that names cannot be probed.
		account = session.Account{User: r.user, Host: "%", Verifier: []byte(unknownVerifier)}
	}
	if account.Plugin == accounts.Socket {
		if !c.isSystemUser() {
			return account, mysqlerr.New(mysql.ER_ACCESS_DENIED_NO_PASSWORD_ERROR, r.user, c.host)
		}
		return account, c.admitted(r, account)
	}
	plugin := accounts.CachingSHA2
	if account.Plugin == accounts.NativePassword {
		plugin = accounts.NativePassword
	}
	scramble, nonce := r.auth, c.nonce
	if r.plugin != plugin {
		if r.capabilities&mysql.CLIENT_PLUGIN_AUTH == 0 {
			return account, mysqlerr.New(mysql.ER_NOT_SUPPORTED_AUTH_MODE)
		}
		var err error
		if scramble, err = c.switchPlugin(plugin); err != nil {
			return account, err
		}
		nonce = c.nonce
	}
	using := "YES"
	if emptyPassword(scramble) {
		using = "NO"
	}
	err := c.verify(account, nonce, scramble)
	right := err == nil && known
	if observer, ok := c.server.auth.accounts.(LoginObserver); ok && known && (right || errors.Is(err, errDenied)) && account.BlockedDays == 0 {
		observer.LoggedIn(account, right)
		if !right { // this one may have been one too many
			if now, known := c.lookup(r.user); known {
				account.BlockedDays = now.BlockedDays
			}
		}
	}
	switch {
	case known && account.BlockedDays != 0 && (right || errors.Is(err, errDenied)):
		return account, blockedError(r.user, c.host, account)
	case errors.Is(err, errDenied) || err == nil && !known:
		return account, mysqlerr.New(mysql.ER_ACCESS_DENIED_ERROR, r.user, c.host, using)
	case err != nil:
		return account, err
	}
	if !c.satisfies(account.TLS) {
		return account, mysqlerr.New(mysql.ER_ACCESS_DENIED_ERROR, r.user, c.host, using)
	}
	return account, c.admitted(r, account)
}

// admitted refuses accounts that are locked, and those with an expired password to clients that could not change it.
func (c *conn) admitted(r *response, account session.Account) error {
	switch {
	case account.Locked:
		return mysqlerr.New(errAccountLocked, r.user, c.host)
	case account.Expired && r.capabilities&mysql.CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS == 0:
		return mysqlerr.Newf(errPasswordExpired, "Your password has expired. To log in you must change it using a client that supports expired passwords.")
	}
	return nil
}

// blockedError is ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK.
func blockedError(user, host string, account session.Account) error {
	days, left := strconv.FormatInt(account.LockDays, 10), strconv.FormatInt(account.BlockedDays, 10)
	if account.BlockedDays < 0 {
		days, left = "unlimited", "unlimited"
	}
	return mysqlerr.Newf(errAccountBlocked, "Access denied for user '%s'@'%s'. Account is blocked for %s day(s) (%s day(s) remaining) due to %d consecutive failed logins.",
		user, host, days, left, account.FailedLogins)
}

// satisfies reports whether the connection is what REQUIRE asks for.
func (c *conn) satisfies(t accounts.TLS) bool {
	if t.Kind == "" {
		return true
	}
	secured, ok := c.packets.socket.(*tls.Conn)
	if !ok {
		return false
	}
	state := secured.ConnectionState()
	if t.Kind == "ANY" {
		return true
	}
	if len(state.VerifiedChains) == 0 {
		return false
	}
	leaf := state.PeerCertificates[0]
	return t.Kind == "X509" || (t.Cipher == "" || t.Cipher == tls.CipherSuiteName(state.CipherSuite)) &&
		(t.Issuer == "" || t.Issuer == leaf.Issuer.String()) && (t.Subject == "" || t.Subject == leaf.Subject.String())
}

// emptyPassword reports whether authentication data stand for no password: libmysql sends
// one zero byte, others nothing.
func emptyPassword(auth []byte) bool { return len(auth) == 0 || len(auth) == 1 && auth[0] == 0 }

// switchPlugin asks the client to start again with another plugin and a fresh nonce.
func (c *conn) switchPlugin(plugin string) ([]byte, error) {
	if err := c.newNonce(); err != nil {
		return nil, err
	}
	b := append(c.packets.begin(), mysql.EOF_HEADER)
	b = append(append(b, plugin...), 0)
	b = append(append(b, c.nonce...), 0)
	if err := c.send(b); err != nil {
		return nil, err
	}
	return c.packets.read()
}

// verify is the exchange of the account's plugin.
func (c *conn) verify(account session.Account, nonce, scramble []byte) error {
	if account.Plugin != accounts.NativePassword {
		return c.verifySHA2(account, nonce, scramble)
	}
	if emptyPassword(scramble) {
		if len(account.Verifier) == 0 {
			return nil
		}
		return errDenied
	}
	if matchesNative(account.Verifier, nonce, scramble) {
		return nil
	}
	if account.SecondaryPlugin == accounts.NativePassword && matchesNative(account.Secondary, nonce, scramble) {
		return nil
	}
	return errDenied
}

// matchesNative compares a scramble of mysql_native_password, SHA1(password) XOR SHA1(nonce ‖ SHA1(SHA1(password))), with a verifier.
func matchesNative(verifier, nonce, scramble []byte) bool {
	digest, err := accounts.NativeDigest(verifier)
	if err != nil || len(scramble) != sha1.Size {
		return false
	}
	h := sha1.New() //nolint:gosec // the plugin is made of it
	h.Write(nonce)
	h.Write(digest)
	once := mysql.Xor(h.Sum(nil), scramble)
	twice := sha1.Sum(once) //nolint:gosec // as above
	return subtle.ConstantTimeCompare(twice[:], digest) == 1
}

// verifySHA2 is the exchange of caching_sha2_password.
func (c *conn) verifySHA2(account session.Account, nonce, scramble []byte) error {
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
