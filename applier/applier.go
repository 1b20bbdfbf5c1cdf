package applier

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/txn"
)

// Applier follows the log. Its methods may be called by several goroutines, also before Run.
//
// Locks: stepping before saving before mu; the mutexes of decisions, workers and notices are leaves.
type Applier struct {
	o     Options
	epoch atomic.Uint64 // of this node's run, 0 before Opened

	// stepping has its one token while records are decided and handed on; Cut puts its own there, so nothing moves.
	stepping chan struct{}
	// saving keeps the saver out while a DDL is decided and carried out.
	saving sync.Mutex
	// unsavable is set, under saving, when a DDL was decided but not carried out: its position must not be stored.
	unsavable bool
	kick      chan struct{} // wakes the saver; capacity one
	// mu guards the ledger: the deciding goroutine writes, everybody reads.
	mu      sync.RWMutex
	ledger  *ledger.Ledger
	cursor  log.Cursor     // last decided
	aborted []txn.Position // decided, not saved
	moot    []txn.Position // likewise

	decided   atomic.Uint64 // last position whose decision may be asked for
	handed    atomic.Uint64 // last position that has been handed to the databases
	saved     atomic.Uint64 // last position that system.db has decided
	decisions decisions
	hasty     atomic.Int64  // how many want each record at once
	awaited   atomic.Uint64 // highest position that somebody at this node waits for
	hurry     chan struct{} // gets a token when it rises; capacity one
	changed   notice        // a decision
	progress  notice        // something was saved, applied or quarantined
	start     start

	databases databases
	stall     stall
	duty      duty
}

// start is where the log ended when Run began.
type start struct {
	decided txn.Position  // by system.db
	known   chan struct{} // closed when target is set
	// target is the end of the log, or the position of the file that is furthest.
	target txn.Position
}

// New restores ledger and cursor from the store. It starts nothing. A node that has diverged stays refused with
// log.ErrDiverged until its files are new.
func New(o Options) (*Applier, error) {
	if err := refuseDiverged(o.Store); err != nil {
		return nil, err
	}
	last, chain, deltas, err := o.Store.LoadDecided()
	if err != nil {
		return nil, fmt.Errorf("load what was decided: %w", err)
	}
	l, err := ledger.Restore(o.Genesis.Settings, deltas)
	if err != nil {
		return nil, fmt.Errorf("restore at %s: %w", last, err)
	}
	if l.Position() != last {
		return nil, fmt.Errorf("restore at %s: the ledger is at %s", last, l.Position())
	}
	a := &Applier{
		o:      o.withDefaults(),
		ledger: l,
		cursor: log.Cursor{Position: last, Chain: chain},
		start:  start{known: make(chan struct{}), decided: last},
		kick:   make(chan struct{}, 1),
		hurry:  make(chan struct{}, 1),

		stepping: make(chan struct{}, 1),
	}
	if err := a.refuseNewerRules(); err != nil {
		return nil, err
	}
	a.decided.Store(uint64(last))
	a.handed.Store(uint64(last))
	a.saved.Store(uint64(last))
	a.decisions.init(last)
	a.databases.init()
	o.Store.OnWait(a.await)
	if err := a.duty.load(o.Store); err != nil {
		return nil, err
	}
	return a, nil
}

// Opened tells the applier the epoch of this node's run. Once a later run of the node is seen, Run ends with ErrFenced.
func (a *Applier) Opened(epoch txn.Epoch) { a.epoch.Store(uint64(epoch)) }

// Run verifies that the log is the one it was, and follows it until ctx ends or a step fails. It is
// called once.
func (a *Applier) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.save(ctx) })
	group.Go(func() error { return a.writeCheckpoints(ctx) })
	group.Go(func() error { return a.follow(ctx, group) })
	err := group.Wait()
	a.progress.tell()
	return err
}

// follow is the deciding goroutine.
func (a *Applier) follow(ctx context.Context, group *errgroup.Group) error {
	reader := log.NewReader(a.o.Log, a.o.Genesis, a.cursor)
	if err := a.verify(ctx, reader); err != nil {
		return err
	}
	d := &dispatcher{applier: a, group: group}
	for _, db := range a.o.Store.Databases() {
		d.open(ctx, db)
	}
	if err := a.catchUp(ctx, d); err != nil {
		return err
	}
	for {
		reads, err := a.next(ctx, reader, true)
		if err != nil {
			return err
		}
		var gathered <-chan time.Time
		if a.o.Gather > 0 {
			gathered = a.o.After(a.o.Gather)
		}
		if err := a.stepAll(ctx, d, reads); err != nil {
			return err
		}
		signal(a.kick)
		if err := a.waitSaved(ctx, reads[len(reads)-1].Position, maxUnsaved); err != nil {
			return err
		}
		if err := a.gather(ctx, gathered); err != nil {
			return err
		}
	}
}

// gather lets records gather in the log until gathered is due, or somebody waits for one that is not decided yet. Every read
// costs a request to the log and commits of SQLite, which many records then share.
func (a *Applier) gather(ctx context.Context, gathered <-chan time.Time) error {
	for gathered != nil && a.hasty.Load() == 0 && a.awaited.Load() <= a.decided.Load() {
		select {
		case <-gathered:
			return nil
		case <-a.hurry:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Hasten lets no records gather in the log from now on, until the returned function is called: for those who follow the log and
// want each record at once.
func (a *Applier) Hasten() (end func()) {
	a.hasty.Add(1)
	signal(a.hurry)
	return sync.OnceFunc(func() { a.hasty.Add(-1) })
}

// await notes that somebody waits for p.
func (a *Applier) await(p txn.Position) {
	for {
		old := a.awaited.Load()
		if uint64(p) <= old {
			return
		}
		if a.awaited.CompareAndSwap(old, uint64(p)) {
			signal(a.hurry)
			return
		}
	}
}

// stepAll decides what was read and hands it on.
func (a *Applier) stepAll(ctx context.Context, d *dispatcher, reads []log.Read) error {
	select {
	case a.stepping <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-a.stepping }()
	for i := range reads {
		if err := a.step(ctx, d, &reads[i]); err != nil {
			return fmt.Errorf("record %s of the log: %w", reads[i].Position, err)
		}
	}
	d.advance(reads[len(reads)-1].Position)
	return nil
}

// verify checks the log and notes where it ends.
func (a *Applier) verify(ctx context.Context, reader *log.Reader) error {
	return a.reaching(ctx, func() error {
		if err := a.believe(ctx, reader); err != nil {
			return err
		}
		_, end, err := a.o.Log.Bounds(ctx, log.Order)
		if err != nil {
			return err
		}
		target := a.o.Genesis.Position(end - 1)
		for _, db := range a.o.Store.Databases() {
			target = max(target, a.o.Store.FilePosition(db))
		}
		a.start.target = target
		close(a.start.known)
		return nil
	})
}

// next reads on. After the log was out of reach, a reader that knows the chain verifies it again: it may
// not be the same.
func (a *Applier) next(ctx context.Context, reader *log.Reader, chained bool) ([]log.Read, error) {
	var reads []log.Read
	lost := false
	err := a.reaching(ctx, func() (err error) {
		if lost && chained {
			if err := a.believe(ctx, reader); err != nil {
				return err
			}
		}
		reads, err = reader.Next(ctx, readBytes)
		lost = err != nil
		return err
	})
	return reads, err
}

// believe verifies the log. An end before what this node has read may be an end that is seen late, as from a replica that has
// just become the leader: only one that stays is believed.
func (a *Applier) believe(ctx context.Context, reader *log.Reader) error {
	pause := firstPause
	for looks := 1; ; looks++ {
		err := reader.Verify(ctx)
		if !errors.Is(err, log.ErrTruncated) || looks == endLooks {
			return err
		}
		if err := a.pause(ctx, &pause); err != nil {
			return err
		}
	}
}

// reaching repeats f while the log cannot be reached.
func (a *Applier) reaching(ctx context.Context, f func() error) error {
	pause := firstPause
	for {
		err := f()
		if err == nil || ctx.Err() != nil || !errors.Is(err, log.ErrUnreachable) {
			return err
		}
		a.o.Logger.Warn("the log cannot be reached", "error", err)
		if err := a.pause(ctx, &pause); err != nil {
			return err
		}
	}
}

// catchUp brings files that are behind system.db up to it.
func (a *Applier) catchUp(ctx context.Context, d *dispatcher) error {
	from := a.cursor.Position
	for _, db := range a.o.Store.Databases() {
		from = min(from, a.o.Store.FilePosition(db))
	}
	if err := a.replay(ctx, d, from, a.cursor.Position); err != nil {
		return err
	}
	d.advance(a.cursor.Position)
	return nil
}

// replay hands the committed records in (after, last], all decided and saved, to the databases once more.
func (a *Applier) replay(ctx context.Context, d *dispatcher, after, last txn.Position) error {
	if after >= last {
		return nil
	}
	a.o.Logger.Info("catching up", "after", after, "last", last)
	verdicts := verdicts{store: a.o.Store, last: last}
	reader := log.NewReader(a.o.Log, a.o.Genesis, a.cursorAt(after))
	for after < last {
		reads, err := a.next(ctx, reader, false)
		if err != nil {
			return err
		}
		for i := range reads {
			r := &reads[i]
			if after = r.Position; after > last {
				return nil
			}
			if err := a.repeat(ctx, d, &verdicts, r); err != nil {
				return fmt.Errorf("record %s of the log: %w", r.Position, err)
			}
		}
	}
	return nil
}

func (a *Applier) repeat(ctx context.Context, d *dispatcher, v *verdicts, r *log.Read) error {
	if r.Record == nil {
		return nil
	}
	aborted, err := v.aborted(r.Position)
	if err != nil || aborted || a.resolved(r.Position) {
		return err
	}
	return d.dispatch(ctx, r)
}

// cursorAt is a cursor for reading without the chain, which is known at the last position only.
func (a *Applier) cursorAt(p txn.Position) log.Cursor {
	c := log.Cursor{Position: p}
	if p == a.o.Genesis.Base {
		c.Chain = a.o.Genesis.PreviousHash
	}
	return c
}

func (a *Applier) resolved(p txn.Position) (resolved bool) {
	a.Ask(func(l *ledger.Ledger) { _, resolved = l.Resolved(p) })
	return resolved
}

// signal wakes the reader of a channel of capacity one.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
