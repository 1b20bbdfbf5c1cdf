package session

import (
	"sync"
	"time"

	"marmot/accounts"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// failures are the wrong passwords that an account was tried with, one after another.
type failures struct {
	count int64
	since time.Time // when it was blocked
}

// guesses counts wrong passwords, for FAILED_LOGIN_ATTEMPTS. As in MySQL they are this server's, and forgotten when it ends.
type guesses struct {
	mu     sync.Mutex
	failed map[accounts.Name]failures
}

// blocked returns how many days an account is blocked still, -1 for ever, 0 not at all.
func (g *guesses) blocked(a *accounts.Account, now time.Time) int64 {
	p := &a.Password
	if p.FailedLogins == 0 || p.LockDays == 0 {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.failed[a.Name]
	switch {
	case f.count < p.FailedLogins:
		return 0
	case p.LockDays < 0:
		return -1
	}
	until := f.since.AddDate(0, 0, int(p.LockDays))
	if !now.Before(until) {
		delete(g.failed, a.Name)
		return 0
	}
	return int64((until.Sub(now) + 24*time.Hour - 1) / (24 * time.Hour))
}

// LoggedIn notes how a login ended: a wrong password counts, a right one clears the count.
func (e *Engine) LoggedIn(account Account, right bool) {
	g := &e.directory.guesses
	n := accounts.Name{User: account.User, Host: account.Host}
	g.mu.Lock()
	defer g.mu.Unlock()
	if right {
		delete(g.failed, n)
		return
	}
	a := e.directory.get().Find(n)
	if a == nil || a.Password.FailedLogins == 0 || a.Password.LockDays == 0 {
		return
	}
	f := g.failed[n]
	if f.count++; f.count == a.Password.FailedLogins {
		f.since = e.options.Now()
	}
	g.failed[n] = f
}

// forgive clears the count of an account, as ALTER USER … ACCOUNT UNLOCK does.
func (g *guesses) forgive(n accounts.Name) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.failed, n)
}

// refuseMany refuses one connection more than MAX_USER_CONNECTIONS of the account, or max_user_connections, allow. The engine is locked.
func (e *Engine) refuseMany(account Account) error {
	limit := account.MaxConnections
	own := limit > 0
	if !own {
		limit = e.globals.number("max_user_connections")
	}
	if limit <= 0 {
		return nil
	}
	count := int64(0)
	for _, s := range e.sessions {
		if s.info.Account.User == account.User && s.info.Account.Host == account.Host {
			count++
		}
	}
	if count < limit {
		return nil
	}
	if own {
		return mysqlerr.New(mysql.ER_USER_LIMIT_REACHED, account.User, "max_user_connections", limit)
	}
	return mysqlerr.New(mysql.ER_TOO_MANY_USER_CONNECTIONS, account.User)
}

// isExpired reports whether the account's password has to be changed before anything else.
func (e *Engine) isExpired(a *accounts.Account) bool {
	p := &a.Password
	if p.Expired {
		return true
	}
	days := e.globals.number("default_password_lifetime")
	if p.LifetimeDays != nil {
		days = *p.LifetimeDays
	}
	return days > 0 && p.ChangedUS > 0 && e.options.Now().After(time.UnixMicro(p.ChangedUS).AddDate(0, 0, int(days)))
}
