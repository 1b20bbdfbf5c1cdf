package session

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"marmot/accounts"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// killTimeout is how long KILL waits for the word of another node. maxKillAnswers bounds those that this node gives at a time; one that is not
// given lets who asked wait in vain.
const (
	killTimeout    = 5 * time.Second
	maxKillAnswers = 64
)

// kills are the KILLs of this node that wait for another node's answer.
type kills struct {
	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan uint32
	answers chan struct{} // a place for each answer that is being given
}

// ask numbers a request; its answer comes through the channel.
func (k *kills) ask() (request uint64, answer chan uint32) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last++
	answer = make(chan uint32, 1)
	k.waiting[k.last] = answer
	return k.last, answer
}

// end forgets a request.
func (k *kills) end(request uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.waiting, request)
}

// answered hands an answer over to who waits for it.
func (k *kills) answered(request uint64, code uint32) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if answer := k.waiting[request]; answer != nil {
		answer <- code // has room for one
		delete(k.waiting, request)
	}
}

// kill is KILL.
func (s *Session) kill(r *run, c dialect.Kill) error {
	x := &lateReader{session: s, run: r}
	defer x.close()
	v, err := c.ID(x, s, r.binding())
	if err != nil {
		return err
	}
	id, err := strconv.ParseUint(string(plainBytes(v)), 10, 64)
	if err != nil {
		id = 0 // nobody's, as MySQL has it of what is no number
	}
	s.slot.give()
	if err := s.Kill(r.ctx, id, !c.Query); err != nil {
		return err
	}
	if r.ctx.Err() != nil { // it was this session itself
		return mysqlerr.New(mysql.ER_QUERY_INTERRUPTED)
	}
	return s.ok(r, Result{})
}

// Kill ends the query or the connection with the given id, on whatever node it is.
func (s *Session) Kill(ctx context.Context, id uint64, connection bool) error {
	e, set := s.engine, s.Privileges()
	request := txn.Kill{ID: id, Connection: connection, User: s.info.Account.User,
		Any: set.Global()&accounts.Super != 0 || set.Dynamic("CONNECTION_ADMIN")}
	if n, ok := numberOf(id); ok && n != e.number && !e.knows(id) {
		return e.killElsewhere(ctx, n, request)
	}
	return killError(e.kill(&request), id)
}

// killElsewhere asks the node with the number to end a connection of its own, through the log.
func (e *Engine) killElsewhere(asked context.Context, number uint32, k txn.Kill) error {
	if _, held := e.lockOwner(numberLock(number)); !held {
		return killError(mysql.ER_NO_SUCH_THREAD, k.ID)
	}
	var answer chan uint32
	k.Request, answer = e.kills.ask()
	defer e.kills.end(k.Request)
	ctx, cancel := context.WithTimeout(asked, killTimeout)
	defer cancel()
	if _, err := e.options.Origin.Control(ctx, &k); err != nil {
		return fmt.Errorf("KILL: %w", withoutOutcome(asked, err))
	}
	select {
	case code := <-answer:
		return killError(code, k.ID)
	case <-ctx.Done():
	}
	if asked.Err() != nil {
		return context.Cause(asked)
	}
	return mysqlerr.Newf(mysql.ER_NO_SUCH_THREAD, "Unknown thread id: %d; the node that gave it does not answer", k.ID)
}

// killError is the error of a KILL, nil for code 0.
func killError(code uint32, id uint64) error {
	if code == 0 {
		return nil
	}
	return mysqlerr.New(uint16(code), id) //nolint:gosec // MySQL's codes have 16 bits
}

// knows reports whether a session of this node has the id.
func (e *Engine) knows(id uint64) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sessions[id] != nil
}

// kill ends the statement, or the connection, of a session of this node. It returns MySQL's code, 0 when it is done.
func (e *Engine) kill(k *txn.Kill) (code uint32) {
	e.mu.Lock()
	other := e.sessions[k.ID]
	e.mu.Unlock()
	switch {
	case other == nil:
		return mysql.ER_NO_SUCH_THREAD
	case other.info.Account.User != k.User && !k.Any:
		return mysql.ER_KILL_DENIED_ERROR
	}
	other.interrupt(k.Connection)
	return 0
}

// Observe is told each committed record of the log, in order: those that are for this engine it heeds. It does not block.
func (e *Engine) Observe(r *txn.Record) {
	switch b := r.Body.(type) {
	case *txn.Kill:
		if n, ok := numberOf(b.ID); !ok || n != e.number || r.Epoch == e.options.Epoch {
			return
		}
		select {
		case e.kills.answers <- struct{}{}:
		default:
			return
		}
		e.stragglers.Go(func() {
			defer func() { <-e.kills.answers }()
			ctx, cancel := context.WithTimeout(e.background, killTimeout)
			defer cancel()
			answer := &txn.Killed{Epoch: r.Epoch, Request: b.Request, Code: e.kill(b)}
			if _, err := e.options.Origin.Control(ctx, answer); err != nil {
				e.options.Logger.Warn("a KILL of another node was not answered", "connection", b.ID, "error", err)
			}
		})
	case *txn.Killed:
		if b.Epoch == e.options.Epoch {
			e.kills.answered(b.Request, b.Code)
		}
	}
}
