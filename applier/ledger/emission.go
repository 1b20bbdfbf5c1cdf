package ledger

import (
	"maps"
	"slices"

	"marmot/txn"
)

// Emission is what the log says of one emission. One that has had an owner and no EmissionControl yet has its name alone.
type Emission struct {
	Name    string
	Paused  bool
	Dropped bool // nobody emits it, and the log does not wait for it; a reset makes it live again
	// Needs is the position up to which it needs nothing of the log any more.
	Needs txn.Position
	// ResetAt is the position of the newest reset, 0 without one, and ResetTo the position behind which it goes on since.
	ResetAt, ResetTo txn.Position
}

const (
	// maxEmissions bounds the emissions that the ledger knows, those that were dropped among them.
	maxEmissions = 1000
	// maxEmissionName bounds an emission's name.
	maxEmissionName = 200
)

// emission carries out an EmissionControl.
func (l *Ledger) emission(p txn.Position, epoch txn.Epoch, b *txn.EmissionControl) Decision {
	row := textName(kindEmission, b.Emission)
	e, known := l.emissions[row]
	owner, owned := l.owners[textName(kindEmitter, b.Emission)]
	mine := owned && owner.epoch == epoch
	if !known {
		if !owned || len(l.emissions) >= maxEmissions || len(b.Emission) > maxEmissionName {
			return Decision{Verdict: txn.Commit, Reason: ReasonUnknown}
		}
		e.Name = b.Emission
	}
	switch b.Action {
	case txn.EmissionNeeds:
		if !mine || e.Dropped || b.Reset != e.ResetAt {
			return Decision{Verdict: txn.Commit, Reason: ReasonHeld, Against: owner.at}
		}
		e.Needs = max(e.Needs, min(b.Position, p))
	case txn.EmissionPause, txn.EmissionResume:
		if e.Dropped {
			return Decision{Verdict: txn.Commit, Reason: ReasonDropped}
		}
		e.Paused = b.Action == txn.EmissionPause
	case txn.EmissionReset:
		if b.Position+1 < l.floor {
			return Decision{Verdict: txn.Commit, Reason: ReasonFloor, Against: l.floor}
		}
		e.ResetAt, e.ResetTo, e.Dropped = p, min(b.Position, p), false
		e.Needs = e.ResetTo
	case txn.EmissionDrop:
		e = Emission{Name: b.Emission, Dropped: true, ResetAt: e.ResetAt, ResetTo: e.ResetTo}
		l.disown(b.Emission)
	case txn.EmissionRelease:
		if !mine {
			return Decision{Verdict: txn.Commit, Reason: ReasonHeld, Against: owner.at}
		}
		l.disown(b.Emission)
	}
	l.emissions[row] = e
	l.rows.put(row, appendEmission(nil, &e))
	return Decision{Verdict: txn.Commit, Taken: true}
}

// disown leaves an emission without an owner.
func (l *Ledger) disown(emission string) {
	name := textName(kindEmitter, emission)
	delete(l.owners, name)
	l.rows.remove(name)
}

// ownEmission gives an emission to a run, unless it was dropped.
func (l *Ledger) ownEmission(p txn.Position, epoch txn.Epoch, b *txn.EmissionOwner) Decision {
	if l.emissions[textName(kindEmission, b.Emission)].Dropped {
		return Decision{Verdict: txn.Commit, Reason: ReasonDropped}
	}
	return l.own(p, epoch, b.Previous, textName(kindEmitter, b.Emission))
}

// Emission returns what is known of the named emission.
func (l *Ledger) Emission(name string) (e Emission, known bool) {
	e, known = l.emissions[textName(kindEmission, name)]
	if !known {
		e.Name = name
		_, known = l.owners[textName(kindEmitter, name)]
	}
	return e, known
}

// Emissions returns all that are known, by name: those with an owner, and those without that were never dropped, or were.
func (l *Ledger) Emissions() []Emission {
	names := map[string]bool{}
	for _, e := range l.emissions {
		names[e.Name] = true
	}
	for row := range l.owners {
		if row[0] == kindEmitter {
			names[row[1:]] = true
		}
	}
	var list []Emission
	for _, name := range slices.Sorted(maps.Keys(names)) {
		e, _ := l.Emission(name)
		list = append(list, e)
	}
	return list
}

// Registered reports whether the log holds a word on the named emission beside its owner: then it waits for it, owner or not.
func (l *Ledger) Registered(name string) bool {
	e, found := l.emissions[textName(kindEmission, name)]
	return found && !e.Dropped
}
