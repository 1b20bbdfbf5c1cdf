package applier

import (
	"context"
	"fmt"
	"sync"

	"marmot/applier/ledger"
	"marmot/log"
	"marmot/txn"
)

// decisions remembers the latest decisions, by position, and what became of this node's own
// records, by id.
type decisions struct {
	mu       sync.Mutex
	ring     []decided // of the last maxRemembered positions
	last     txn.Position
	waiting  map[txn.Position][]chan ledger.Decision
	outcomes map[txn.ID]decided
	order    []txn.ID // of outcomes, oldest at next
	next     int
}

type decided struct {
	position txn.Position
	decision ledger.Decision
}

// init begins behind last: decisions up to there were made by earlier runs.
func (d *decisions) init(last txn.Position) {
	d.last = last
	d.ring = make([]decided, maxRemembered)
	d.waiting = make(map[txn.Position][]chan ledger.Decision)
	d.outcomes = make(map[txn.ID]decided)
}

// put records a decision and wakes those who wait for it.
func (d *decisions) put(r *log.Read, decision ledger.Decision, own bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	entry := decided{position: r.Position, decision: decision}
	d.ring[r.Position%maxRemembered] = entry
	d.last = r.Position
	if own {
		d.outcome(r.Record.ID(), entry)
	}
	if len(d.waiting) == 0 {
		return
	}
	for _, c := range d.waiting[r.Position] {
		c <- decision // has room for one
	}
	delete(d.waiting, r.Position)
}

// outcome keeps the record that counts: of several copies the first, which is not void.
func (d *decisions) outcome(id txn.ID, entry decided) {
	old, found := d.outcomes[id]
	if found && old.decision.Verdict != txn.Void {
		return
	}
	d.outcomes[id] = entry
	if found {
		return
	}
	if len(d.order) < maxRemembered {
		d.order = append(d.order, id)
		return
	}
	delete(d.outcomes, d.order[d.next])
	d.order[d.next] = id
	d.next = (d.next + 1) % maxRemembered
}

// wait returns the decision at p, or a channel that will bring it; neither when it is too old to
// be remembered. One that is made, or stored already, and not put yet will come.
func (d *decisions) wait(p txn.Position) (ledger.Decision, chan ledger.Decision) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p > d.last {
		c := make(chan ledger.Decision, 1)
		d.waiting[p] = append(d.waiting[p], c)
		return ledger.Decision{}, c
	}
	if entry := d.ring[p%maxRemembered]; entry.position == p {
		return entry.decision, nil
	}
	return ledger.Decision{}, nil
}

// leave takes back a wait.
func (d *decisions) leave(p txn.Position, c chan ledger.Decision) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.waiting[p]
	for i := range list {
		if list[i] == c {
			list = append(list[:i], list[i+1:]...)
			break
		}
	}
	if len(list) == 0 {
		delete(d.waiting, p)
	} else {
		d.waiting[p] = list
	}
}

// Decision waits until p is decided and returns the decision. Of a position that lies long back only the verdict
// is known, and a void reads as a conflict.
func (a *Applier) Decision(ctx context.Context, p txn.Position) (ledger.Decision, error) {
	decision, c := a.decisions.wait(p)
	if c != nil {
		a.await(p)
		select {
		case decision = <-c:
			return decision, nil
		case <-ctx.Done():
			a.decisions.leave(p, c)
			return ledger.Decision{}, fmt.Errorf("decision on %s: %w", p, context.Cause(ctx))
		}
	}
	if decision.Verdict != 0 {
		return decision, nil
	}
	list, err := a.o.Store.Aborted(p, p)
	if err != nil {
		return ledger.Decision{}, fmt.Errorf("decision on %s: %w", p, err)
	}
	if len(list) > 0 {
		return ledger.Decision{Verdict: txn.Conflict}, nil
	}
	return ledger.Decision{Verdict: txn.Commit}, nil
}

// Outcome waits until settled is decided, and returns what became of a recent record of this node: the
// decision and position of the copy that counts. False: none has been seen.
func (a *Applier) Outcome(ctx context.Context, id txn.ID, settled txn.Position) (ledger.Decision, txn.Position, bool) {
	if _, err := a.Decision(ctx, settled); err != nil && settled > a.Decided() {
		return ledger.Decision{}, 0, false
	}
	a.decisions.mu.Lock()
	defer a.decisions.mu.Unlock()
	entry, found := a.decisions.outcomes[id]
	return entry.decision, entry.position, found
}
