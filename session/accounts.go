package session

import (
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"strings"

	"marmot/applier/ledger"
	"marmot/txn"
)

// verifierPlugin is the only authentication plugin of accounts.
const verifierPlugin = "caching_sha2_password"

// Lookup finds the account of a login: of those with the user's name, the one whose host pattern is the
// most specific; accounts without a name come last.
func (e *Engine) Lookup(user, host string) (Account, bool) {
	var best Account
	rank := 0
	e.ask(func(l *ledger.Ledger) {
		for _, a := range l.Accounts() {
			if a.User != user && a.User != "" || !isAccountHost(a.Host, host) {
				continue
			}
			if r := accountRank(a.User, a.Host); r > rank {
				rank = r
				best = Account{User: a.User, Host: a.Host, Verifier: append([]byte(nil), a.Verifier...), Locked: isLocked(a.Statement)}
			}
		}
	})
	return best, rank > 0
}

// accountRank orders accounts by how much they say: a host without wildcard, then one with a longer beginning.
func accountRank(user, host string) int {
	rank := 1
	if i := strings.IndexAny(host, "%_"); i >= 0 {
		rank += i
	} else {
		rank += 1000
	}
	if user != "" {
		rank += 2000
	}
	return rank
}

// rootLock is the named lock that keeps two nodes from creating root at once, and rootOwner who asks for it.
const (
	rootLock  = "_marmot_root"
	rootOwner = ^uint64(0)
)

// EnsureRoot creates the account root, with all privileges, if the cluster has no account at all. Without a
// password it makes one, which it returns; the log holds only the verifier.
func (e *Engine) EnsureRoot(ctx context.Context, password string) (generated string, err error) {
	if e.hasAccounts() {
		return "", nil
	}
	release, err := e.takeRootLock(ctx)
	if err != nil {
		return "", fmt.Errorf("account root: %w", err)
	}
	defer release()
	if e.hasAccounts() {
		return "", nil
	}
	if password == "" {
		var b [15]byte
		if _, err := io.ReadFull(e.options.Random, b[:]); err != nil {
			return "", fmt.Errorf("password of root: %w", err)
		}
		password = strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
		generated = password
	}
	verifier, err := HashPassword(password, e.options.Random)
	if err != nil {
		return "", err
	}
	_, err = e.options.Origin.Control(ctx, &txn.Account{
		User: "root", Host: "%", Plugin: verifierPlugin, Verifier: verifier,
		Statement: "GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION",
	})
	if err != nil {
		return "", fmt.Errorf("account root: %w", err)
	}
	return generated, nil
}

func (e *Engine) hasAccounts() (known bool) {
	e.ask(func(l *ledger.Ledger) { known = len(l.Accounts()) > 0 })
	return known
}

// takeRootLock waits until no other node creates root.
func (e *Engine) takeRootLock(ctx context.Context) (release func(), err error) {
	for {
		changed := e.options.Applier.Changed()
		result, err := e.options.Origin.Control(ctx, &txn.NamedLock{Name: rootLock, Owner: rootOwner, Take: true})
		if err != nil {
			return nil, err
		}
		if result.Decision.Taken {
			return func() {
				if _, err := e.options.Origin.Control(ctx, &txn.NamedLock{Name: rootLock, Owner: rootOwner}); err != nil {
					e.options.Logger.Error("the lock for the first account ends with this run of the node", "error", err)
				}
			}, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
