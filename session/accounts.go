package session

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"marmot/accounts"
	"marmot/applier/ledger"
	"marmot/dialect"
	"marmot/txn"
)

// directory keeps the accounts as the ledger has them, decoded.
type directory struct {
	engine *Engine

	mu      sync.Mutex
	version atomic.Uint64 // of the ledger's accounts, one more than it says; 0: none yet
	stored  map[accounts.Name]txn.Account
	decoded map[accounts.Name]*accounts.Account
	current atomic.Pointer[knownAccounts]

	turn       chan struct{} // who changes accounts on this node holds it
	everything *accounts.Set // of sessions without account
	enforced   atomic.Bool   // EnsureRoot was called: an account that is not there may do nothing
	guesses    guesses
}

// knownAccounts is all accounts at one moment, and the ledger's hash of them.
type knownAccounts struct {
	*accounts.Directory
	hash txn.Hash128
}

func newDirectory(e *Engine) *directory {
	return &directory{engine: e, turn: make(chan struct{}, 1), everything: accounts.Everything(), guesses: guesses{failed: map[accounts.Name]failures{}}}
}

// get returns the accounts as they were when somebody last looked at the ledger.
func (d *directory) get() *accounts.Directory {
	if known := d.current.Load(); known != nil {
		return known.Directory
	}
	return d.refresh()
}

// refresh looks whether accounts have changed, and returns them.
func (d *directory) refresh() *accounts.Directory { return d.newest().Directory }

// newest is refresh with the hash.
func (d *directory) newest() *knownAccounts {
	same := false
	d.engine.ask(func(l *ledger.Ledger) { same = l.AccountsVersion()+1 == d.version.Load() })
	if same {
		return d.current.Load()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var version uint64
	var list []txn.Account
	next := &knownAccounts{}
	d.engine.ask(func(l *ledger.Ledger) {
		version, list, next.hash = l.AccountsVersion()+1, l.Accounts(), l.AccountsHash()
	})
	stored, decoded := map[accounts.Name]txn.Account{}, map[accounts.Name]*accounts.Account{}
	all := make([]*accounts.Account, 0, len(list))
	for _, a := range list {
		n := accounts.Name{User: a.User, Host: strings.ToLower(a.Host)}
		known, found := d.stored[n]
		if !found || known.Statement != a.Statement || known.Plugin != a.Plugin || !bytes.Equal(known.Verifier, a.Verifier) {
			decoded[n] = accounts.Decode(n, a.Statement, a.Plugin, a.Verifier)
		} else {
			decoded[n] = d.decoded[n]
		}
		stored[n] = a
		all = append(all, decoded[n])
	}
	d.stored, d.decoded = stored, decoded
	next.Directory = accounts.NewDirectory(all)
	d.current.Store(next)
	d.version.Store(version)
	return next
}

// Lookup finds the account of a login, as MySQL does: the most specific host first.
func (e *Engine) Lookup(user, host string) (Account, bool) {
	return e.found(e.directory.refresh().Lookup(user, host, false))
}

// LookupSocket finds the account of a login over the unix socket.
func (e *Engine) LookupSocket(user string) (Account, bool) {
	return e.found(e.directory.refresh().Lookup(user, "localhost", true))
}

func (e *Engine) found(a *accounts.Account) (Account, bool) {
	if a == nil {
		return Account{}, false
	}
	return e.account(a), true
}

// account is an account as logins need it.
func (e *Engine) account(a *accounts.Account) Account {
	account := Account{User: a.User, Host: a.Host, Plugin: a.Plugin, Verifier: bytes.Clone(a.Verifier), Locked: a.Locked || a.Unknown(), TLS: a.TLS,
		Secondary: bytes.Clone(a.Password.Secondary), SecondaryPlugin: a.Password.SecondaryKind, Expired: e.isExpired(a), MaxConnections: a.Limits.UserConnections, Limits: a.Limits}
	set := e.directory.get().Definer(a.Name)
	account.Admin = set != nil && (set.Global()&accounts.Super != 0 || set.Dynamic("CONNECTION_ADMIN"))
	account.LockDays, account.FailedLogins = a.Password.LockDays, a.Password.FailedLogins
	account.BlockedDays = e.directory.guesses.blocked(a, e.options.Now())
	return account
}

// FirstRoot says what the accounts of root are when a cluster begins. There are two: root@localhost, which lets the node's system user in through
// the unix socket without a password and nobody else, and root@% for TCP.
type FirstRoot struct {
	// Password is that of root@%; without it one is made, which has to be changed before anything else is done with it.
	Password string
	// SocketOnly: there is no root@%.
	SocketOnly bool
	// Open: root@localhost has no password at all, over TCP either, and there is no root@%.
	Open bool
}

// EnsureRoot creates the accounts of root, with all privileges, if the cluster has no account at all. A password that it makes it returns; the
// log holds only the verifier. From then on, sessions whose account is not there may do nothing.
func (e *Engine) EnsureRoot(ctx context.Context, first FirstRoot) (generated string, err error) {
	e.directory.enforced.Store(true)
	if e.hasAccounts() {
		return "", nil
	}
	seen := e.directory.newest().hash
	if e.hasAccounts() {
		return "", nil
	}
	list, generated, err := e.firstAccounts(first)
	if err != nil {
		return "", err
	}
	made, err := e.sendAccounts(ctx, seen, list, nil, firstStatement(list))
	if err != nil {
		return "", fmt.Errorf("accounts of root: %w", err)
	}
	e.directory.refresh()
	if !made { // another node has made them meanwhile
		return "", nil
	}
	return generated, nil
}

// sendAccounts has the changed and removed accounts take effect, all at once, if all accounts are as they were seen; else it reports false. st is the
// statement that does the same elsewhere, nil for none.
func (e *Engine) sendAccounts(ctx context.Context, seen txn.Hash128, changed []*accounts.Account, removed []accounts.Name, st *txn.AccountStatement) (done bool, err error) {
	record := &txn.Accounts{Seen: seen, Statement: st}
	for _, a := range changed {
		record.Changes = append(record.Changes, txn.Account{User: a.User, Host: a.Host, Statement: a.Document(), Verifier: a.Verifier, Plugin: a.Plugin})
	}
	for _, n := range removed {
		record.Changes = append(record.Changes, txn.Account{User: n.User, Host: n.Host, Removed: true})
	}
	result, err := e.options.Origin.Control(ctx, record)
	if err != nil || !result.Decision.Taken {
		return false, err
	}
	for i := range record.Changes {
		e.directory.guesses.forgive(accounts.Name{User: record.Changes[i].User, Host: record.Changes[i].Host})
	}
	return true, nil
}

// firstAccounts are the accounts that a cluster begins with.
func (e *Engine) firstAccounts(first FirstRoot) (list []*accounts.Account, generated string, err error) {
	now := e.options.Now()
	local := accounts.Administrator(accounts.Name{User: "root", Host: "localhost"}, accounts.Socket, nil, false, now)
	if first.Open {
		local.Plugin = accounts.CachingSHA2
	}
	if first.Open || first.SocketOnly {
		return []*accounts.Account{local}, "", nil
	}
	password := first.Password
	if password == "" {
		if generated, err = accounts.RandomPassword(e.options.Random); err != nil {
			return nil, "", fmt.Errorf("password of root: %w", err)
		}
		password = generated
	}
	verifier, err := accounts.HashPassword(password, e.options.Random)
	if err != nil {
		return nil, "", err
	}
	remote := accounts.Administrator(accounts.Name{User: "root", Host: "%"}, accounts.CachingSHA2, verifier, generated != "", now)
	return []*accounts.Account{remote, local}, generated, nil
}

// firstStatement makes those of the first accounts on replicas that one can log in to from elsewhere. Their privileges are a matter of who set the replica up.
func firstStatement(list []*accounts.Account) *txn.AccountStatement {
	for _, a := range list {
		if a.Host != "localhost" {
			return &txn.AccountStatement{Text: accounts.CreateText(a), Context: dialect.StatementContext(dialect.DefaultSQLMode, time.UTC, false, false)}
		}
	}
	return nil
}

func (e *Engine) hasAccounts() (known bool) {
	e.ask(func(l *ledger.Ledger) { known = len(l.Accounts()) > 0 })
	return known
}
