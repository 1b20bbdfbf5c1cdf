package ledger

import (
	"encoding/binary"
	"fmt"

	"marmot/txn"
)

// Ledger is the state that decides. See the package comment for what it promises.
type Ledger struct {
	settings    txn.Settings // with defaults
	position    txn.Position // last decided
	floor       txn.Position // records that began below it are refused
	checkpoints checkpoints
	window      window
	tables      tables
	rows        rows // the small state, of which the following are views

	runs   map[txn.Epoch]*Run
	fences []Fence          // in the order in which they were set
	locks  map[string]lock  // by name
	owners map[string]owner // by the name of their row
	// emissions are what is known of each beside its owner, by the name of their row.
	emissions map[string]Emission
	accounts  map[string]txn.Account // by the name of their row
	// accountsVersion counts the changes of accounts since the ledger was made: no state, for those who keep copies.
	accountsVersion uint64
	accountsSum     sum // of the rows of accounts, of which it is a view

	deltas deltas
}

// New returns the ledger of a log that begins, under the settings of its genesis.
func New(settings txn.Settings) *Ledger {
	return &Ledger{
		settings:  settings.WithDefaults(),
		window:    newWindow(),
		tables:    tables{byID: make(map[txn.TableID]*table)},
		rows:      newRows(),
		runs:      make(map[txn.Epoch]*Run),
		locks:     make(map[string]lock),
		owners:    make(map[string]owner),
		emissions: make(map[string]Emission),
		accounts:  make(map[string]txn.Account),
	}
}

// Decide gives the decision on the record at p and moves the state to p. Positions follow one
// another without a gap. A nil record is one that Marmot did not write: it only advances.
func (l *Ledger) Decide(p txn.Position, r *txn.Record) Decision {
	switch {
	case l.position == 0:
		l.window.start = p - 1
		l.checkpoints.last = p - 1
	case p != l.position+1:
		panic(fmt.Sprintf("ledger: record %s follows %s", p, l.position))
	}
	l.position = p
	d := Decision{Verdict: txn.Commit}
	if r != nil {
		d = l.decide(p, r)
	}
	l.evict()
	l.endSpan()
	return d
}

// evict moves the window's start up to what the settings allow.
func (l *Ledger) evict() {
	start := l.window.start
	if records := txn.Position(l.settings.WindowRecords); l.position > records {
		start = max(start, l.position-records)
	}
	l.window.evict(start, l.settings.WindowKeys)
}

func (l *Ledger) decide(p txn.Position, r *txn.Record) Decision {
	switch b := r.Body.(type) {
	case *txn.Genesis:
		// Whoever reads the log knows which genesis won; another one says nothing.
		return Decision{Verdict: txn.Commit}
	case *txn.Opening:
		return l.opening(p, r, b)
	}
	run := l.runs[r.Epoch]
	if run == nil || run.Node != r.Node {
		return Decision{Verdict: txn.Void, Reason: ReasonEpoch}
	}
	if r.Sequence <= run.Sequence {
		return Decision{Verdict: txn.Void, Reason: ReasonRepeat}
	}
	run.Sequence = r.Sequence
	switch b := r.Body.(type) {
	case *txn.Transaction:
		return l.transaction(p, b, r.Epoch, false)
	case *txn.DDL:
		return l.transaction(p, &b.Transaction, r.Epoch, true)
	}
	return l.control(p, r)
}

func (l *Ledger) transaction(p txn.Position, t *txn.Transaction, epoch txn.Epoch, ddl bool) Decision {
	if d, found := l.conflict(t, epoch); found {
		return d
	}
	l.take(p, t, ddl)
	return Decision{Verdict: txn.Commit}
}

func (l *Ledger) control(p txn.Position, r *txn.Record) Decision {
	switch b := r.Body.(type) {
	case *txn.Fence:
		return l.fence(p, r.Epoch, b)
	case *txn.Unfence:
		return Decision{Verdict: txn.Commit, Taken: l.unfence(Holder{Epoch: r.Epoch, Owner: b.Owner})}
	case *txn.EmissionOwner:
		return l.ownEmission(p, r.Epoch, b)
	case *txn.EmissionControl:
		return l.emission(p, r.Epoch, b)
	case *txn.EventOwner:
		return l.own(p, r.Epoch, b.Previous, textName(kindEventOwner, ""))
	case *txn.Lease:
		return l.lease(b)
	case *txn.NamedLock:
		return l.namedLock(p, r.Epoch, b)
	case *txn.MemberChange:
		return l.member(b)
	case *txn.SettingsChange:
		return l.change(b)
	case *txn.TrimFloor:
		return l.trim(p, b)
	case *txn.Checkpoint:
		return l.checkpoint(b)
	case *txn.Account:
		return l.account(b)
	case *txn.Accounts:
		return l.changeAccounts(b)
	case *txn.Resolve:
		return l.resolve(p, b)
	}
	return Decision{Verdict: txn.Commit} // no-op, barrier, kill, killed, signal
}

// Hash returns the hash of the whole state. It is equal on all nodes at one position.
func (l *Ledger) Hash() txn.Hash128 {
	total := l.window.sum
	total = total.plus(l.tables.sum).plus(l.rows.sum)
	total.add(l.appendScalars([]byte{kindScalars}))
	return total.hash()
}

// appendScalars appends the state that is neither window nor table nor row: numbers, the hash at
// the end of the span that is due, and the last sequence of each run, which changes with every record.
func (l *Ledger) appendScalars(b []byte) []byte {
	s := &l.settings
	c := &l.checkpoints
	for _, v := range [...]uint64{uint64(l.position), uint64(l.window.start), uint64(l.floor),
		uint64(s.Rules), s.WindowRecords, s.WindowKeys, s.CheckpointGap, uint64(c.last), uint64(c.due)} {
		b = binary.BigEndian.AppendUint64(b, v)
	}
	b = append(b, c.dueHash[:]...)
	for _, run := range l.Epochs() {
		b = binary.BigEndian.AppendUint64(b, uint64(run.Epoch))
		b = binary.BigEndian.AppendUint64(b, uint64(run.Sequence))
	}
	return b
}
