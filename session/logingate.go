package session

import (
	"context"
	"strings"
	"sync"
	"time"

	"marmot/dialect"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// loginPause is the shortest time between two barriers for logins: whoever may open connections but has no password can have the log hold
// so many records a second and no more.
const loginPause = 20 * time.Millisecond

// loginGate lets logins that come at about the same time share one barrier.
type loginGate struct {
	mu      sync.Mutex
	waiting *loginRound // one may still join it
	last    time.Time   // when the last barrier was asked for
}

// loginRound is one barrier for logins; err is set before done is closed.
type loginRound struct {
	done chan struct{}
	err  error
}

// join returns the round that waits, or opens one, of which the caller takes care, after a pause.
func (g *loginGate) join(now time.Time) (round *loginRound, leads bool, pause time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting != nil {
		return g.waiting, false, 0
	}
	g.waiting = &loginRound{done: make(chan struct{})}
	return g.waiting, true, min(loginPause, loginPause-now.Sub(g.last))
}

// begin closes the round to those who come later.
func (g *loginGate) begin(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting, g.last = nil, now
}

// AwaitAccounts waits until this node knows what became of accounts before the call, on whatever node, if sessions begin with strong reads:
// a login is the first read of a session. The error is that the log did not answer in time.
func (e *Engine) AwaitAccounts() error {
	if !e.strongLogins() {
		return nil
	}
	ctx, cancel := context.WithTimeout(e.background, loginBarrier)
	defer cancel()
	round, leads, pause := e.logins.join(e.options.Now())
	if leads {
		round.err = e.leadLogins(ctx, pause)
		close(round.done)
		return round.err
	}
	select {
	case <-round.done:
		return round.err
	case <-ctx.Done():
		return errLoginBarrier()
	}
}

// leadLogins has the log take a barrier once the pause is over, and waits until it is decided here.
func (e *Engine) leadLogins(ctx context.Context, pause time.Duration) error {
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	e.logins.begin(e.options.Now())
	p, err := e.options.Origin.Barrier(ctx)
	if err == nil {
		_, err = e.options.Applier.Decision(ctx, p)
	}
	if err != nil {
		e.options.Logger.Warn("logins cannot be told what other nodes know of accounts", "error", err)
		return errLoginBarrier()
	}
	return nil
}

// strongLogins reports whether sessions begin with strong reads.
func (e *Engine) strongLogins() bool {
	d := dialect.LookupVariable("marmot_read_consistency")
	return d != nil && strings.EqualFold(e.globals.get(d).text, "STRONG")
}

// errLoginBarrier is what a client is told whose login could not be decided: ER_LOCK_WAIT_TIMEOUT, after which it may try again.
func errLoginBarrier() error {
	return mysqlerr.Newf(mysql.ER_LOCK_WAIT_TIMEOUT, "The log did not answer in time to tell which accounts there are; try again, or log in through the unix socket")
}
