package session

import (
	"sync"
	"time"

	"marmot/accounts"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// usages counts what accounts with limits for each hour have done. As in MySQL the counts are this server's, and forgotten when it ends; an
// hour begins with the first use after the last one.
type usages struct {
	mu    sync.Mutex
	spent map[accounts.Name]*usage
}

type usage struct {
	since                         time.Time
	queries, updates, connections int64
}

// hour is how long counts last.
const hour = time.Hour

// of gives the counts of the account's present hour. The usages are locked.
func (u *usages) of(a Account, now time.Time) *usage {
	n := accounts.Name{User: a.User, Host: a.Host}
	spent := u.spent[n]
	if spent == nil || now.Sub(spent.since) >= hour {
		spent = &usage{since: now}
		if u.spent == nil {
			u.spent = map[accounts.Name]*usage{}
		}
		u.spent[n] = spent
	}
	return spent
}

// connect counts a connection, or refuses it.
func (u *usages) connect(a Account, now time.Time) error {
	if a.Limits.Connections <= 0 {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return spend(&u.of(a, now).connections, a.Limits.Connections, a, "max_connections_per_hour")
}

// statement counts a statement, or refuses it.
func (u *usages) statement(a Account, now time.Time, changes bool) error {
	if a.Limits.Queries <= 0 && a.Limits.Updates <= 0 {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	spent := u.of(a, now)
	if a.Limits.Queries > 0 {
		if err := spend(&spent.queries, a.Limits.Queries, a, "max_questions"); err != nil {
			return err
		}
	}
	if a.Limits.Updates > 0 && changes {
		return spend(&spent.updates, a.Limits.Updates, a, "max_updates")
	}
	return nil
}

func spend(count *int64, limit int64, a Account, what string) error {
	if *count >= limit {
		return mysqlerr.New(mysql.ER_USER_LIMIT_REACHED, a.User, what, limit)
	}
	*count++
	return nil
}

// forget begins all counts anew, as FLUSH USER_RESOURCES does.
func (u *usages) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	clear(u.spent)
}

// spend counts the statement of a client against its account's limits. What runs inside of a statement, and what runs again, is no other one.
func (s *Session) spend(r *run) error {
	if r.spent || r.outer != nil || r.program != nil {
		return nil
	}
	r.spent = true
	p := r.bound.Plan
	return s.engine.usages.statement(s.info.Account, s.now(), p.Write != nil || p.DDL != nil)
}
