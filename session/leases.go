package session

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"marmot/applier/ledger"
	"marmot/commit"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Leases double while they are used up within leaseQuick, up to maxLease, and shrink to one when
// they last longer than leaseSlow, so that a table that is written rarely has no gaps.
const (
	maxLease   = 1024
	leaseQuick = 200 * time.Millisecond
	leaseSlow  = 5 * time.Second
)

// controller is the part of Committer that leases need.
type controller interface {
	Control(ctx context.Context, body txn.Body) (commit.Result, error)
}

// leases are the AUTO_INCREMENT values that this run of the node has been given.
type leases struct {
	origin controller
	now    func() time.Time
	mu     sync.Mutex
	tables map[txn.TableID]*lease
}

func newLeases(origin controller, now func() time.Time) *leases {
	return &leases{origin: origin, now: now, tables: map[txn.TableID]*lease{}}
}

// lease is what is left of a table's values.
type lease struct {
	mu sync.Mutex
	grant
}

// grant is a lease's state. Invariant: next <= end; the values are [next, end).
type grant struct {
	version txn.Position // of the table
	next    uint64
	end     uint64
	atLeast uint64 // explicit values have raised the counter to this
	size    uint64 // of the next lease
	taken   time.Time
}

func (s *leases) of(id txn.TableID) *lease {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.tables[id]
	if l == nil {
		l = &lease{grant: grant{size: 1}}
		s.tables[id] = l
	}
	return l
}

// take reserves n values that follow one another and returns the first.
func (s *leases) take(ctx context.Context, t *schemas.Table, n uint64) (uint64, error) {
	l := s.of(t.ID)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.version != t.Version { // ALTER TABLE … AUTO_INCREMENT, TRUNCATE TABLE and their like
		l.grant = grant{version: t.Version, size: 1, atLeast: t.AutoIncrementStart}
	}
	if l.end-l.next < n {
		if err := s.renew(ctx, l, t.ID, n); err != nil {
			return 0, err
		}
	}
	first := l.next
	if first+(n-1) == math.MaxUint64 { // which MySQL gives nobody
		return 0, mysqlerr.New(mysql.ER_AUTOINC_READ_FAILED)
	}
	l.next += n
	return first, nil
}

// takeNow is take, if the values are at hand and nobody holds the lease.
func (s *leases) takeNow(t *schemas.Table, n uint64) (first uint64, ok bool) {
	l := s.of(t.ID)
	if !l.mu.TryLock() {
		return 0, false
	}
	defer l.mu.Unlock()
	if l.version != t.Version || l.end-l.next < n || l.next+(n-1) == math.MaxUint64 {
		return 0, false
	}
	first = l.next
	l.next += n
	return first, true
}

// giveBack returns values of which no row has come, if they are the last that were taken.
func (s *leases) giveBack(t *schemas.Table, first, n uint64) {
	l := s.of(t.ID)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.version == t.Version && l.next == first+n {
		l.next = first
	}
}

// renew asks the log for more. A lease that continues the last one leaves no gap.
func (s *leases) renew(ctx context.Context, l *lease, table txn.TableID, n uint64) error {
	now := s.now()
	if age := now.Sub(l.taken); age < leaseQuick {
		l.size = min(l.size*2, maxLease)
	} else if age > leaseSlow {
		l.size = 1
	}
	left := l.end - l.next
	for {
		count := max(l.size, n-left)
		result, err := s.origin.Control(ctx, &txn.Lease{Table: table, Count: count, AtLeast: max(l.atLeast, 1)})
		if err != nil {
			return fmt.Errorf("AUTO_INCREMENT values: %w", withoutOutcome(ctx, err))
		}
		d := result.Decision
		if d.Verdict != txn.Commit {
			return fmt.Errorf("AUTO_INCREMENT values of table %d: %s", table, d)
		}
		continues := left > 0 && d.LeaseFirst == l.end
		if d.LeaseCount < count && !(d.LeaseCount >= n || continues && left+d.LeaseCount >= n) { // the numbers end
			return mysqlerr.New(mysql.ER_AUTOINC_READ_FAILED)
		}
		l.taken = now
		if continues {
			l.end += d.LeaseCount
			return nil
		}
		l.next, l.end = d.LeaseFirst, d.LeaseFirst+d.LeaseCount
		if d.LeaseCount >= n {
			return nil
		}
		left = d.LeaseCount
	}
}

// note raises the counter past an explicit value.
func (s *leases) note(t *schemas.Table, value uint64) {
	l := s.of(t.ID)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.version != t.Version {
		l.grant = grant{version: t.Version, size: 1, atLeast: t.AutoIncrementStart}
	}
	following := value + min(1, math.MaxUint64-value)
	l.atLeast = max(l.atLeast, following)
	if value >= l.next {
		l.next = min(following, l.end)
	}
}

// peek returns the next value at hand, if there is one.
func (s *leases) peek(t *schemas.Table) (uint64, bool) {
	l := s.of(t.ID)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next, l.version == t.Version && l.next < l.end
}

// autoRange is a range of AUTO_INCREMENT values that a statement has reserved. When it runs again it
// gets the same, unless the table's definition is another one: TRUNCATE begins to count anew.
type autoRange struct {
	table   txn.TableID
	version txn.Position
	first   uint64
	n       uint64
	forced  bool // by SET insert_id, so that it raises the counter as an explicit value does
}

// NextAutoIncrement reserves n values that follow one another.
func (s *Session) NextAutoIncrement(table *schemas.Table, n uint64) (uint64, error) {
	if table.Temporary() {
		return s.nextPrivate(table, n), nil
	}
	r := s.run
	if r.nextAuto < len(r.autos) {
		if a := r.autos[r.nextAuto]; a.table == table.ID && a.version == table.Version && a.n == n {
			r.nextAuto++
			if a.forced {
				s.NoteAutoIncrement(table, a.first+n-1)
			}
			return a.first, nil
		}
		r.autos = r.autos[:r.nextAuto]
	}
	if first := s.takeInsertID(); first > 0 {
		s.NoteAutoIncrement(table, first+n-1)
		r.autos = append(r.autos, autoRange{table: table.ID, version: table.Version, first: first, n: n, forced: true})
		r.nextAuto++
		return first, nil
	}
	first, ok := s.engine.leases.takeNow(table, n)
	if !ok {
		err := s.slot.outside(r.ctx, func() (err error) {
			first, err = s.engine.leases.take(r.ctx, table, n)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	var version txn.Position
	if s.engine.ask(func(l *ledger.Ledger) { version = l.Version(table.ID) }); version > table.Version {
		return 0, errBehind // after a TRUNCATE the values may be those of rows that this snapshot still has
	}
	r.autos = append(r.autos, autoRange{table: table.ID, version: table.Version, first: first, n: n})
	r.nextAuto++
	return first, nil
}

// ReturnAutoIncrement gives back values that the statement has reserved and that no row has got.
func (s *Session) ReturnAutoIncrement(table *schemas.Table, first, n uint64) {
	if table.Temporary() {
		if s.temporary.next[table.ID] == first+n {
			s.temporary.next[table.ID] = first
		}
		return
	}
	r := s.run
	last := r.nextAuto - 1
	if last < 0 || last != len(r.autos)-1 || r.autos[last].table != table.ID || r.autos[last].first != first || r.autos[last].n != n {
		return
	}
	r.autos, r.nextAuto = r.autos[:last], last
	s.engine.leases.giveBack(table, first, n)
}

// NoteAutoIncrement tells of an explicit value: it raises this node's counter now, the cluster's at COMMIT.
func (s *Session) NoteAutoIncrement(table *schemas.Table, value uint64) {
	if table.Temporary() {
		s.notePrivate(table, value)
		return
	}
	if s.run.noted == nil {
		s.run.noted = map[txn.TableID]uint64{}
	}
	s.run.noted[table.ID] = max(s.run.noted[table.ID], value)
	s.engine.leases.note(table, value)
}

// keep lets the values at hand outlive a change of the table's version that leaves its counter as it is: the change took the
// table as a whole at the version before, so that nothing else has come in between.
func (s *leases) keep(id txn.TableID, from, to txn.Position) {
	l := s.of(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.version == from {
		l.version = to
	}
}
