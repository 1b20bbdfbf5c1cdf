package debezium

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"marmot/txn"
)

// sliceFeed gives prepared records and then waits.
type sliceFeed struct {
	list []*Committed
	next int
}

// Next implements Feed.
func (f *sliceFeed) Next(ctx context.Context) (*Committed, error) {
	if f.next == len(f.list) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	f.next++
	return f.list[f.next-1], nil
}

// faultyPublisher stores whole batches, and fails before or after storing by chance.
type faultyPublisher struct {
	random   *rand.Rand
	stored   []string
	progress Progress
	final    error         // what each Publish returns; nil: chance decides
	full     chan struct{} // closed once want records are stored
	once     sync.Once
	want     int
}

// Progress implements Publisher.
func (p *faultyPublisher) Progress(context.Context) (Progress, error) {
	if p.random.IntN(4) == 0 {
		return Progress{}, errors.New("the broker is away")
	}
	return p.progress, nil
}

// Publish implements Publisher.
func (p *faultyPublisher) Publish(_ context.Context, batch []Record, progress Progress) error {
	if p.final != nil {
		return fmt.Errorf("publish: %w", p.final)
	}
	chance := p.random.IntN(6)
	if chance == 0 {
		return errors.New("lost before it was stored")
	}
	for _, r := range batch {
		p.stored = append(p.stored, string(r.Key)+"="+string(r.Value))
	}
	p.progress = progress
	if len(p.stored) >= p.want {
		p.once.Do(func() { close(p.full) })
	}
	if chance == 1 {
		return errors.New("stored, but the answer was lost")
	}
	return nil
}

func testHistory(n int) []*Committed {
	var list []*Committed
	for i := range n {
		events := append(recordedTransactions()[0], recordedTransactions()[4]...)
		list = append(list, commitOf(txn.Position(3*i+2), events...))
	}
	return list
}

func openFrom(list []*Committed) func(after txn.Position) Feed {
	return func(after txn.Position) Feed {
		f := &sliceFeed{list: list}
		for f.next < len(list) && list[f.next].Position <= after {
			f.next++
		}
		return f
	}
}

func TestEachRecordIsStoredOnceWhateverFails(t *testing.T) {
	storedOnce(t, testHistory(60), 20)
}

// TestALargeTransactionIsStoredOnceWhateverFails: it leaves in several batches, and goes on behind what is stored.
func TestALargeTransactionIsStoredOnceWhateverFails(t *testing.T) {
	var events []txn.RowEvent
	for len(events) < 3*batchRecords {
		events = append(events, recordedTransactions()[0]...)
	}
	storedOnce(t, append(testHistory(2), commitOf(9, events...)), 5)
}

// storedOnce emits a history through publishers that fail by chance, one for each seed.
func storedOnce(t *testing.T, list []*Committed, seeds uint64) {
	t.Helper()
	o := recordedOptions()
	var want []string
	for _, c := range list {
		for _, r := range encodeAll(t, newPlainEncoder(t, o, recordedTables()), c, 0) {
			want = append(want, string(r.Key)+"="+string(r.Value))
		}
	}
	for seed := range seeds {
		p := &faultyPublisher{random: rand.New(rand.NewPCG(seed, 1)), full: make(chan struct{}), want: len(want)}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // it takes a second; the race detector and other tests make it more
		m := NewEmitter(newPlainEncoder(t, o, recordedTables()), openFrom(list), p, Events{})
		m.pause = time.Microsecond
		go func() {
			<-p.full
			cancel()
		}()
		if err := m.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("seed %d: %v after %d records of %d", seed, err, len(p.stored), len(want))
		}
		if len(p.stored) != len(want) {
			t.Errorf("seed %d: %d records are stored, want %d", seed, len(p.stored), len(want))
		}
		for i := range want {
			if p.stored[i] != want[i] {
				t.Fatalf("seed %d: record %d is %s, want %s", seed, i, p.stored[i], want[i])
			}
		}
		cancel()
	}
}

func TestAFencedOrBrokenEmitterEnds(t *testing.T) {
	for _, want := range []error{ErrFenced, ErrBroken} {
		p := &faultyPublisher{random: rand.New(rand.NewPCG(1, 1)), final: want}
		m := NewEmitter(newTestEncoder(t, recordedOptions(), recordedTables()), openFrom(testHistory(3)), p, Events{})
		m.pause = time.Microsecond
		if err := m.Run(t.Context()); !errors.Is(err, want) {
			t.Errorf("run: %v, want %v", err, want)
		}
	}
}

// plainPublisher stores whatever it is given.
type plainPublisher struct {
	stored    []string
	progress  Progress
	published func()
}

// Progress implements Publisher.
func (p *plainPublisher) Progress(context.Context) (Progress, error) { return p.progress, nil }

// Publish implements Publisher.
func (p *plainPublisher) Publish(_ context.Context, batch []Record, progress Progress) error {
	for _, r := range batch {
		p.stored = append(p.stored, string(r.Key)+"="+string(r.Value))
	}
	p.progress = progress
	p.published()
	return nil
}

// TestASchemaChangeHasTheRowBeforeAfterARestart: source.row of a schema change is that of the row event before it, whoever published that.
func TestASchemaChangeHasTheRowBeforeAfterARestart(t *testing.T) {
	o := recordedOptions()
	o.SchemaChanges = true
	list := []*Committed{commitOf(2, recordedTransactions()[0]...), commitOf(3)}
	list[1].DDL = &txn.DDLBody{Text: "CREATE DATABASE d", Changes: []txn.DefinitionChange{{Kind: txn.ObjectDatabase, Op: txn.Insert, Name: "d"}}}
	var whole []string
	for _, restarts := range []bool{false, true} {
		p := &plainPublisher{}
		ends := []int{2}
		if restarts {
			ends = []int{1, 2}
		}
		for _, end := range ends {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			p.published = func() {
				if p.progress.Position == list[end-1].Position {
					cancel()
				}
			}
			m := NewEmitter(newPlainEncoder(t, o, recordedTables()), openFrom(list[:end]), p, Events{})
			if err := m.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			cancel()
		}
		if !restarts {
			whole = p.stored
			continue
		}
		if last := len(whole) - 1; len(p.stored) != len(whole) || p.stored[last] != whole[last] {
			t.Errorf("after a restart %q, without %q", p.stored, whole)
		}
	}
}

// endlessFeed gives records as long as it is asked, or one each pause.
type endlessFeed struct {
	at    txn.Position
	pause time.Duration
}

// Next implements Feed.
func (f *endlessFeed) Next(ctx context.Context) (*Committed, error) {
	if f.pause > 0 {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(f.pause):
		}
	}
	f.at++
	return commitOf(f.at+1, recordedTransactions()[0]...), nil
}

// slowPublisher is eager, and each batch takes it a while. It remembers how long after the batch before each one came.
type slowPublisher struct {
	takes     time.Duration
	since     time.Time
	gathering []time.Duration
	full      bool // was one of them: no time would have made it larger
}

// Eager implements Eager.
func (p *slowPublisher) Eager() bool { return true }

// Progress implements Publisher.
func (p *slowPublisher) Progress(context.Context) (Progress, error) { return Progress{}, nil }

// Publish implements Publisher.
func (p *slowPublisher) Publish(_ context.Context, records []Record, _ Progress) error {
	bytes := 0
	for i := range records {
		bytes += len(records[i].Key) + len(records[i].Value) + recordOverhead
	}
	p.full = p.full || len(records) >= batchRecords || bytes >= batchBytes
	if !p.since.IsZero() {
		p.gathering = append(p.gathering, time.Since(p.since))
	}
	time.Sleep(p.takes)
	p.since = time.Now()
	if len(p.gathering) == 6 {
		return ErrFenced
	}
	return nil
}

// gathered is how long each batch after the first gathered, and whether one of them was full.
func gathered(t *testing.T, f Feed, takes time.Duration) ([]time.Duration, bool) {
	t.Helper()
	p := &slowPublisher{takes: takes}
	m := NewEmitter(newPlainEncoder(t, recordedOptions(), recordedTables()), func(txn.Position) Feed { return f }, p, Events{})
	if err := m.Run(t.Context()); !errors.Is(err, ErrFenced) {
		t.Fatal(err)
	}
	return p.gathering, p.full
}

// TestAnEagerEmitterThatIsBehindGathers: it would send what it encodes in a millisecond, and wait for the broker as often.
func TestAnEagerEmitterThatIsBehindGathers(t *testing.T) {
	const takes = 5 * time.Millisecond
	times, full := gathered(t, &endlessFeed{}, takes)
	for i, g := range times {
		if g < takes && !full {
			t.Errorf("batch %d gathered for %s though more was at hand, want %s", i+2, g, takes)
		}
	}
}

// TestAnEagerEmitterThatKeepsUpDoesNotGather: what comes alone leaves at once, however long the batch before took.
func TestAnEagerEmitterThatKeepsUpDoesNotGather(t *testing.T) {
	const takes, pause = 200 * time.Millisecond, 10 * time.Millisecond
	times, _ := gathered(t, &endlessFeed{pause: pause}, takes)
	for i, g := range times {
		if g >= takes {
			t.Errorf("batch %d gathered for %s though nothing came", i+2, g)
		}
	}
}
