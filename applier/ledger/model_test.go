package ledger

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"marmot/txn"
)

var (
	seed  = flag.Uint64("seed", 0, "run this seed only")
	seeds = flag.Uint64("seeds", 60, "number of seeds")
)

// model decides transactions by going through the whole history for each: slow, and
// close to the words of the design.
type model struct {
	settings  txn.Settings
	history   []modelRecord
	start     txn.Position
	floor     txn.Position
	epochs    map[txn.NodeID]txn.Epoch
	sequences map[txn.Epoch]txn.Sequence
	fences    map[Holder]*txn.Fence
}

type modelRecord struct {
	position    txn.Position
	transaction *txn.Transaction
	ddl         bool
}

func (m *model) verdict(p txn.Position, r *txn.Record) txn.Verdict {
	if b, opening := r.Body.(*txn.Opening); opening && b != nil {
		for h := range m.fences {
			if h.Epoch == m.epochs[r.Node] {
				delete(m.fences, h)
			}
		}
		m.epochs[r.Node] = txn.Epoch(p)
		return txn.Commit
	}
	if m.epochs[r.Node] != r.Epoch || r.Epoch == 0 || r.Sequence <= m.sequences[r.Epoch] {
		return txn.Void
	}
	m.sequences[r.Epoch] = r.Sequence
	switch b := r.Body.(type) {
	case *txn.Transaction:
		return m.certify(p, b, r.Epoch, false)
	case *txn.DDL:
		return m.certify(p, &b.Transaction, r.Epoch, true)
	case *txn.TrimFloor:
		m.floor = max(m.floor, min(b.Floor, p))
	case *txn.Unfence:
		delete(m.fences, Holder{Epoch: r.Epoch, Owner: b.Owner})
	case *txn.Fence:
		m.fence(Holder{Epoch: r.Epoch, Owner: b.Owner}, b)
	}
	return txn.Commit
}

func (m *model) fence(me Holder, b *txn.Fence) {
	for h, f := range m.fences {
		for _, id := range b.Tables {
			for _, other := range f.Tables {
				if h != me && id == other && (f.Exclusive || b.Exclusive) {
					return
				}
			}
		}
	}
	m.fences[me] = b
}

func (m *model) certify(p txn.Position, t *txn.Transaction, epoch txn.Epoch, ddl bool) txn.Verdict {
	if t.Begin < m.floor || m.isFenced(t, epoch) {
		return txn.Conflict
	}
	for _, k := range t.Keys {
		if k.At < m.start {
			return txn.Conflict
		}
	}
	for _, u := range t.Tables {
		if u.Read && u.ReadAt < m.start || u.Exclusive && u.ExclusiveAt < m.start {
			return txn.Conflict
		}
	}
	for _, h := range m.history {
		if m.collides(t, &h) {
			return txn.Conflict
		}
	}
	m.history = append(m.history, modelRecord{position: p, transaction: t, ddl: ddl})
	return txn.Commit
}

func (m *model) isFenced(t *txn.Transaction, epoch txn.Epoch) bool {
	for h, f := range m.fences {
		if h == (Holder{Epoch: epoch, Owner: t.ConnectionID}) {
			continue
		}
		for _, u := range t.Tables {
			for _, id := range f.Tables {
				if id == u.Table && (f.Exclusive || u.Writes || u.Exclusive || takesExclusively(t.Keys, id)) {
					return true
				}
			}
		}
	}
	return false
}

// collides is the key table, cell by cell.
func (m *model) collides(t *txn.Transaction, h *modelRecord) bool {
	for _, u := range t.Tables {
		for _, other := range h.transaction.Tables {
			if u.Table != other.Table {
				continue
			}
			if h.ddl && other.Exclusive && h.position > u.Version {
				return true
			}
			if u.Read && h.position > u.ReadAt && (other.Writes || other.Exclusive) {
				return true
			}
			if u.Exclusive && h.position > u.ExclusiveAt && (other.Writes || other.Exclusive) {
				return true
			}
			for _, k := range t.Keys {
				if k.Table == other.Table && h.position > k.At && other.Exclusive {
					return true
				}
			}
		}
		for _, other := range h.transaction.Keys {
			if other.Table != u.Table {
				continue
			}
			if u.Read && h.position > u.ReadAt && other.Mode == txn.Exclusive ||
				u.Exclusive && h.position > u.ExclusiveAt && other.Mode != txn.Read {
				return true
			}
		}
	}
	for _, k := range t.Keys {
		for _, other := range h.transaction.Keys {
			if k.Table != other.Table || k.Hash != other.Hash || h.position <= k.At || other.Mode == txn.Read {
				continue
			}
			if k.Mode == txn.Exclusive || other.Mode == txn.Exclusive {
				return true
			}
		}
	}
	return false
}

// history makes random records over few tables and keys, so that they meet.
type history struct {
	random    *rand.Rand
	position  txn.Position
	epochs    map[txn.NodeID]txn.Epoch
	sequences map[txn.Epoch]txn.Sequence
	versions  map[txn.TableID]txn.Position
}

func newHistory(seed uint64) *history {
	return &history{random: rand.New(rand.NewPCG(seed, 1)), epochs: map[txn.NodeID]txn.Epoch{},
		sequences: map[txn.Epoch]txn.Sequence{}, versions: map[txn.TableID]txn.Position{}}
}

func (h *history) next() (txn.Position, *txn.Record) {
	h.position++
	node := txn.NodeID(fmt.Sprintf("n%d", h.random.IntN(3)))
	if h.epochs[node] == 0 || h.random.IntN(60) == 0 {
		h.epochs[node] = txn.Epoch(h.position)
		return h.position, &txn.Record{Header: txn.Header{Node: node, TimeUS: int64(h.position)}, Body: &txn.Opening{Version: "v", Rules: 1}}
	}
	epoch := h.epochs[node]
	if h.random.IntN(30) == 0 {
		epoch = txn.Epoch(h.random.Uint64N(uint64(h.position)))
	}
	h.sequences[epoch]++
	sequence := h.sequences[epoch]
	if h.random.IntN(20) == 0 {
		sequence -= min(sequence, 2)
	}
	return h.position, &txn.Record{Header: txn.Header{Node: node, Epoch: epoch, Sequence: sequence}, Body: h.body()}
}

func (h *history) body() txn.Body {
	switch h.random.IntN(40) {
	case 0:
		return &txn.TrimFloor{Floor: h.back(40)}
	case 1, 2:
		return &txn.Fence{Owner: h.random.Uint64N(3), Tables: []txn.TableID{h.table()}, Exclusive: h.random.IntN(2) == 0}
	case 3, 4, 5:
		return &txn.Unfence{Owner: h.random.Uint64N(3)}
	case 6:
		return &txn.NamedLock{Name: "l", Owner: h.random.Uint64N(3), Take: h.random.IntN(2) == 0}
	case 7:
		return &txn.Lease{Table: h.table(), Count: h.random.Uint64N(9), AtLeast: h.random.Uint64N(30)}
	case 8:
		return &txn.EmissionOwner{Emission: "e"}
	case 9:
		return &txn.Account{User: "u", Host: "h", Statement: fmt.Sprint(h.random.IntN(9)), Verifier: []byte{1}}
	case 10:
		return &txn.Accounts{Changes: []txn.Account{{User: "v", Host: "h", Statement: "x", Verifier: []byte{2}}, {User: "u", Host: "h", Removed: true}}} // taken while there is none
	case 13, 14:
		return &txn.EmissionControl{Emission: "e", Action: txn.EmissionAction(1 + h.random.IntN(int(txn.EmissionRelease))), Position: h.back(40)}
	case 11, 12:
		d := &txn.DDL{Transaction: *h.transaction()}
		for i := range d.Tables {
			u := &d.Tables[i]
			u.Exclusive, u.ExclusiveAt = true, h.position-1
			h.versions[u.Table] = h.position // as if it committed: old versions come by themselves
		}
		return d
	}
	return h.transaction()
}

func (h *history) table() txn.TableID { return txn.TableID(1 + h.random.IntN(4)) }

func (h *history) back(n int) txn.Position {
	return h.position - min(h.position, txn.Position(h.random.IntN(n)))
}

func (h *history) transaction() *txn.Transaction {
	t := &txn.Transaction{ConnectionID: h.random.Uint64N(3), Begin: h.back(30)}
	for id := txn.TableID(1); id <= 4; id++ {
		if h.random.IntN(3) > 0 {
			continue
		}
		u := txn.TableUse{Table: id, Version: h.position, Writes: h.random.IntN(3) == 0}
		if h.random.IntN(12) == 0 {
			u.Read, u.ReadAt = true, h.back(12)
		}
		if h.random.IntN(25) == 0 {
			u.Exclusive, u.ExclusiveAt = true, h.back(6)
		}
		if h.random.IntN(10) == 0 {
			u.Version = h.back(60)
		}
		t.Tables = append(t.Tables, u)
		for range h.random.IntN(4) {
			t.Keys = append(t.Keys, txn.Key{Table: id, Hash: h.random.Uint64N(12),
				Mode: txn.Mode(1 + h.random.IntN(3)), At: h.back(15)})
		}
	}
	return t
}

func eachSeed(t *testing.T, f func(t *testing.T, seed uint64)) {
	t.Helper()
	if *seed != 0 {
		f(t, *seed)
		return
	}
	for n := uint64(1); n <= *seeds && !t.Failed(); n++ {
		f(t, n)
	}
}

func TestVerdictsAreThoseOfAModelThatReadsTheWholeHistory(t *testing.T) {
	verdicts := map[txn.Verdict]int{}
	eachSeed(t, func(t *testing.T, seed uint64) {
		settings := txn.Settings{WindowRecords: 20, WindowKeys: 40}
		l := New(settings)
		m := &model{settings: settings, epochs: map[txn.NodeID]txn.Epoch{},
			sequences: map[txn.Epoch]txn.Sequence{}, fences: map[Holder]*txn.Fence{}}
		h := newHistory(seed)
		for range 400 {
			p, r := h.next()
			m.start = l.WindowStart() // the window's own rules have scripts
			want := m.verdict(p, r)
			got := l.Decide(p, r)
			verdicts[got.Verdict]++
			if got.Verdict != want {
				t.Fatalf("seed %d: %s %T: ledger says %s, model %s\n%+v", seed, p, r.Body, got, want, r.Body)
			}
			checkWindow(t, seed, l)
		}
	})
	if *seed == 0 && (verdicts[txn.Commit] < 1000 || verdicts[txn.Conflict] < 1000 || verdicts[txn.Void] < 100) {
		t.Errorf("histories are too tame: %v", verdicts)
	}
}

// checkWindow checks the invariant of window, and the hash against one made anew.
func checkWindow(t *testing.T, seed uint64, l *Ledger) {
	t.Helper()
	w := &l.window
	index := map[keyID]taken{}
	var total sum
	keys := uint64(0)
	for i, block := range w.blocks {
		if i == 0 {
			block = block[w.head:]
		}
		for len(block) > 0 {
			r := readRow(block)
			block = block[len(r.bytes):]
			total.add(r.bytes)
			keys += uint64(r.count())
			if r.position <= w.start {
				t.Fatalf("seed %d: row at %s in a window after %s", seed, r.position, w.start)
			}
			for i := range r.count() {
				k := index[r.key(i)]
				if i < r.exclusive {
					k.exclusive = r.position
				} else {
					k.reference = r.position
				}
				index[r.key(i)] = k
			}
		}
	}
	if !reflect.DeepEqual(index, w.index) || total != w.sum || keys != w.keys {
		t.Fatalf("seed %d: at %s the window's index is not that of its rows", seed, l.Position())
	}
	if s := l.settings; uint64(l.position-w.start) > s.WindowRecords {
		t.Fatalf("seed %d: window of %d records", seed, l.position-w.start)
	}
}

func TestRestoredLedgerIsTheSameAndDecidesAlike(t *testing.T) {
	eachSeed(t, func(t *testing.T, seed uint64) {
		settings := txn.Settings{WindowRecords: 50, WindowKeys: 90, CheckpointGap: 32}
		live, copied := New(settings), (*Ledger)(nil)
		h := newHistory(seed)
		var stored []storedDelta
		for range 500 {
			p, r := h.next()
			d := live.Decide(p, r)
			if copied != nil {
				if got := copied.Decide(p, r); got != d {
					t.Fatalf("seed %d: %s: restored ledger says %s, live %s", seed, p, got, d)
				}
				compare(t, seed, live, copied)
			}
			if h.random.IntN(7) > 0 {
				continue
			}
			stored = append(stored, storedDelta{last: live.Position(), bytes: live.AppendDelta(nil)})
			for stored[0].last <= live.WindowStart() {
				stored = stored[1:]
			}
			if h.random.IntN(3) == 0 {
				copied = restore(t, seed, settings, stored)
				compare(t, seed, live, copied)
				if h.random.IntN(2) == 0 {
					live = copied // goes on writing deltas
					copied = nil
				}
			}
		}
	})
}

type storedDelta struct {
	last  txn.Position
	bytes []byte
}

func restore(t *testing.T, seed uint64, settings txn.Settings, stored []storedDelta) *Ledger {
	t.Helper()
	deltas := make([][]byte, len(stored))
	for i := range stored {
		deltas[i] = stored[i].bytes
	}
	l, err := Restore(settings, deltas)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	checkWindow(t, seed, l)
	return l
}

func compare(t *testing.T, seed uint64, a, b *Ledger) {
	t.Helper()
	if a.Hash() != b.Hash() {
		t.Fatalf("seed %d: at %s hash of live is %s, of restored %s", seed, a.Position(), a.Hash(), b.Hash())
	}
	for _, pair := range [][2]any{
		{a.Epochs(), b.Epochs()}, {a.Accounts(), b.Accounts()}, {a.Members(), b.Members()},
		{a.locks, b.locks}, {a.owners, b.owners}, {a.emissions, b.emissions}, {len(a.fences), len(b.fences)}, {a.checkpoints, b.checkpoints},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Fatalf("seed %d: at %s live holds %+v, restored %+v", seed, a.Position(), pair[0], pair[1])
		}
	}
	for i := range a.fences {
		if fmt.Sprint(a.fences[i]) != fmt.Sprint(b.fences[i]) {
			t.Fatalf("seed %d: fences %v and %v", seed, a.fences, b.fences)
		}
	}
}

func TestLedgerThatLacksAPartIsNotRestored(t *testing.T) {
	settings := txn.Settings{WindowRecords: 1000}
	l := New(settings)
	h := newHistory(3)
	var deltas [][]byte
	for range 30 {
		for range 10 {
			l.Decide(h.next())
		}
		deltas = append(deltas, l.AppendDelta(nil))
	}
	if _, err := Restore(settings, deltas); err != nil {
		t.Fatal(err)
	}
	for i := range len(deltas) {
		d, err := readDelta(deltas[i])
		if err != nil {
			t.Fatal(err)
		}
		if i == len(deltas)-1 || len(d.window) == 0 {
			continue // what is left is an earlier state, or the same, whole
		}
		without := append(append([][]byte(nil), deltas[:i]...), deltas[i+1:]...)
		if _, err := Restore(settings, without); err == nil {
			t.Errorf("restored without delta %d", i)
		}
	}
}

func TestHashIsOfStateAlone(t *testing.T) {
	a, b := New(txn.Settings{}), New(txn.Settings{})
	h1, h2 := newHistory(9), newHistory(9)
	for i := range 200 {
		a.Decide(h1.next())
		b.Decide(h2.next())
		if i%3 == 0 {
			a.AppendDelta(nil)
		}
		if a.Hash() != b.Hash() {
			t.Fatalf("step %d: hashes differ by when deltas were taken", i)
		}
	}
	h1.random.Uint64()
	before := a.Hash()
	a.Decide(h1.next())
	if a.Hash() == before {
		t.Error("a record left the hash as it was")
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, keys := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("%d keys", keys), func(b *testing.B) {
			l := New(txn.Settings{})
			l.Decide(1, &txn.Record{Header: txn.Header{Node: "n"}, Body: &txn.Opening{}})
			random := rand.New(rand.NewPCG(1, 1))
			t := &txn.Transaction{Tables: []txn.TableUse{{Table: 7, Version: 1 << 60, Writes: true}}, Keys: make([]txn.Key, keys)}
			r := &txn.Record{Header: txn.Header{Node: "n", Epoch: 1}, Body: t}
			conflicts := 0
			for b.Loop() {
				p := l.Position()
				t.Begin = p
				for i := range t.Keys {
					t.Keys[i] = txn.Key{Table: 7, Hash: random.Uint64(), Mode: txn.Exclusive, At: p - min(p, 5)}
				}
				r.Sequence++
				if d := l.Decide(p+1, r); d.Verdict != txn.Commit {
					conflicts++
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*keys), "ns/key")
		})
	}
}
