package session

import (
	"context"
	"time"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// loginBarrier is how long a login waits for the definitions when its database is not known and reads are strong.
const loginBarrier = 10 * time.Second

// planNow plans the statement with definitions that are as new as the session's read consistency asks for.
func (s *Session) planNow(r *run) error {
	err := s.plan(r)
	if r.aware || !s.vars.strongReads || r.outer != nil || s.tx != nil && s.tx.catalog != nil {
		return err
	}
	if mysqlerr.Code(err) == mysql.ER_PARSE_ERROR || err == nil && !asksForTheNewest(r.bound.Plan) {
		return err
	}
	if err := s.awaitBarrier(r.ctx); err != nil {
		return err
	}
	r.aware = true
	return s.plan(r)
}

// asksForTheNewest reports whether a plan is to be made again once this node has all that anybody was told of: it reads the catalog,
// or it is for rows that it must not miss. The snapshot of a plain read tells by itself whether the plan fits it.
func asksForTheNewest(p *dialect.Plan) bool {
	switch {
	case p.DDL != nil, p.ReadsCatalog, p.Writes:
		return true
	case p.Write != nil:
		return len(p.Write.Scans) > 0
	case p.Query != nil:
		return p.Query.Lock != dialect.LockNone
	}
	switch c := p.Command.(type) {
	case dialect.Begin:
		return c.ConsistentSnapshot
	case dialect.Program:
		return true
	}
	return false
}

// awaitBarrier waits until this node has applied all that anybody was told of before, in the databases, or in all when none is given:
// definitions included.
func (s *Session) awaitBarrier(ctx context.Context, databases ...txn.DatabaseID) error {
	p, err := s.engine.options.Origin.Barrier(ctx)
	if err != nil {
		return err
	}
	return s.engine.options.Store.WaitPublished(ctx, p, databases...)
}

// useNow is use, which does not take a database for unknown that another node has just created, if reads are strong.
func (s *Session) useNow(ctx context.Context, database string) error {
	err := s.use(database)
	if err == nil || !s.vars.strongReads {
		return err
	}
	if err := s.awaitBarrier(ctx); err != nil {
		return err
	}
	return s.use(database)
}

// useAtLogin is useNow for a session that begins, which no statement's context bounds.
func (s *Session) useAtLogin(database string) error {
	ctx, cancel := context.WithTimeout(context.Background(), loginBarrier)
	defer cancel()
	return s.useNow(ctx, database)
}
