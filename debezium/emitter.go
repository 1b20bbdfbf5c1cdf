package debezium

import (
	"context"
	"errors"
	"fmt"
	"time"

	"marmot/txn"
)

// Progress is how far an emission has come: everything up to Position, and the first Events
// row events of the record after it. State is what the emitter remembers besides: how far a snapshot is, what
// signals wait. It means nothing to a publisher, which stores it with the rest, and is at most MaxState long.
type Progress struct {
	Position txn.Position
	Events   uint64
	State    string
	// Row is source.row of the last row event that is out: the connector's schema changes have it.
	Row int64
	// Reset is the position of the newest reset of the emission that was carried out, 0 without one. A publisher that is given a
	// lower one keeps what it has.
	Reset txn.Position
}

// MaxState bounds Progress.State.
const MaxState = 1 << 20

// Feed gives committed records in the order of the log. Next waits for the one after the last
// that it gave. Of records without events or DDL it may leave out some; the others tell how far it is.
type Feed interface {
	Next(ctx context.Context) (*Committed, error) // one that ends with its ctx has passed over nothing
}

// Publisher stores records and progress together, or neither.
type Publisher interface {
	// Progress returns what was stored last, and takes over: an earlier publisher of the same emission
	// can store nothing any more.
	Progress(ctx context.Context) (Progress, error)
	// Publish stores a batch, which may be empty: then the progress alone. An error leaves it open whether it is stored; the caller asks for
	// Progress and goes on from there, unless it is ErrFenced or ErrBroken.
	Publish(ctx context.Context, batch []Record, p Progress) error
}

// Errors of a Publisher after which the emitter ends.
var (
	// ErrFenced says that another emitter has taken over.
	ErrFenced = errors.New("another emitter has taken over")
	// ErrBroken says that the publisher does not know what it holds and cannot find out: only a new process
	// can go on.
	ErrBroken = errors.New("the publisher cannot go on in this process")
)

// Limits of a batch. A larger transaction is published in several; progress remembers how many of its
// row events are out.
const (
	batchBytes   = 4 << 20
	batchRecords = 10_000
	// A record waits for others as long as the last batch took to publish, within these bounds: what takes long is costly (a Kafka
	// transaction), and brokers have commits to serve besides. So it is out after twice that time on average.
	waitFactor   = 1
	shortestWait = 5 * time.Millisecond
	longestWait  = 250 * time.Millisecond
)

// Events are told what an emitter does; any may be nil.
type Events struct {
	Published func(p Progress, records int)
	Retrying  func(err error)
	// Reached is called when everything up to a position is published; its error ends the emitter.
	Reached func(p txn.Position) error
}

// Emitter reads committed records and publishes their events.
type Emitter struct {
	encoder   *Encoder
	open      func(after txn.Position) Feed
	publisher Publisher
	events    Events
	pause     time.Duration // before the first try of a publisher that failed
	patient   time.Duration // windowPatience

	retries       int // in a row
	retryingSince time.Time

	batch     []Record
	positions []txn.Position // of each record of batch
	alone     txn.Position   // up to here each record of the log has a batch for itself; 0: none has
	bytes     int
	began     time.Time
	wait      time.Duration
	crowded   bool // when the batch had waited long enough, more was at hand

	progress Progress   // of what was taken up; what is not in batch is published
	feed     Feed       // nil: to be opened behind progress
	held     *Committed // taken from the feed, and not emitted yet
	side     sideline
}

// NewEmitter returns an emitter that has not begun. open returns a feed of what committed after
// a position.
func NewEmitter(e *Encoder, open func(after txn.Position) Feed, p Publisher, events Events) *Emitter {
	pause := retryPause
	if e.options.Failures.RetryFirst > 0 {
		pause = e.options.Failures.RetryFirst
	}
	return &Emitter{encoder: e, open: open, publisher: p, events: events, pause: pause, patient: windowPatience, wait: shortestWait}
}

// retryPause is the pause of options that have none.
const retryPause = 500 * time.Millisecond

// Run emits until ctx ends, the emission is fenced (ErrFenced) or its publisher broken (ErrBroken). Other errors of
// the publisher are retried from the progress that it has, as long as Failures says: the log waits.
func (m *Emitter) Run(ctx context.Context) error {
	for {
		err := m.run(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrFenced), errors.Is(err, ErrBroken):
			return err
		}
		if errors.Is(err, errMixed) {
			continue
		}
		var temporary *PublishError
		if !errors.As(err, &temporary) {
			return err
		}
		pause, giveUp := m.pauseFor(err, time.Now())
		if giveUp != nil {
			return giveUp
		}
		if m.events.Retrying != nil {
			m.events.Retrying(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// PublishError is a failure of the publisher, after which the emitter goes on.
type PublishError struct{ Cause error }

// Error says what failed.
func (e *PublishError) Error() string { return "publish events: " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *PublishError) Unwrap() error { return e.Cause }

// run emits from the stored progress until something fails.
func (m *Emitter) run(ctx context.Context) error {
	if err := m.resume(ctx); err != nil {
		return err
	}
	defer m.leave()
	if err := m.beginSnapshots(ctx); err != nil {
		return err
	}
	for {
		if err := m.sideWork(ctx); err != nil {
			return err
		}
		c, err := m.next(ctx)
		if err != nil {
			return err
		}
		if c == nil { // nothing more at hand
			err = m.flush(ctx, m.progress)
		} else {
			err = m.emit(ctx, c)
		}
		if err != nil {
			return err
		}
		if err := m.reached(); err != nil {
			return err
		}
	}
}

// resume asks where the emission stands, and publishes again what the publisher has to show once more.
func (m *Emitter) resume(ctx context.Context) error {
	progress, err := m.publisher.Progress(ctx)
	if err != nil {
		return publishError(err)
	}
	m.batch, m.positions, m.bytes = m.batch[:0], m.positions[:0], 0
	m.feed, m.held = nil, nil
	if err := m.setProgress(progress); err != nil {
		return err
	}
	m.encoder.failures.position = progress.Position
	return m.replay(ctx)
}

// reached tells how far everything is published.
func (m *Emitter) reached() error {
	if len(m.batch) > 0 || m.events.Reached == nil || m.side.replaying {
		return nil
	}
	return m.events.Reached(m.progress.Position)
}

func publishError(err error) error {
	var refused *EventError
	if errors.Is(err, ErrFenced) || errors.Is(err, ErrBroken) || errors.Is(err, errMixed) || errors.As(err, &refused) {
		return err
	}
	return &PublishError{err}
}

// peek returns the next record, which stays the next until taken, or nil when something else is to be done first.
func (m *Emitter) peek(ctx context.Context) (*Committed, error) {
	if m.held != nil {
		return m.held, nil
	}
	if m.feed == nil {
		m.feed = m.open(m.progress.Position)
	}
	bounded, cancel := ctx, context.CancelFunc(func() {})
	wait, limited := m.patience()
	if limited {
		if wait <= 0 {
			m.lookFurther()
			return nil, nil
		}
		bounded, cancel = context.WithTimeout(ctx, wait)
	}
	defer cancel()
	c, err := m.feed.Next(bounded)
	if err != nil && limited && bounded.Err() != nil && ctx.Err() == nil {
		return nil, nil
	}
	m.held = c
	return c, err
}

// lookFurther finds out whether a batch that has waited long enough leaves records behind that are at hand.
func (m *Emitter) lookFurther() {
	if len(m.batch) == 0 || !m.eager() {
		return
	}
	over, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	if c, err := m.feed.Next(over); err == nil { // another error comes again when it is waited for
		m.held, m.crowded = c, true
	}
}

// patience is how long the next record is waited for; false: for ever.
func (m *Emitter) patience() (time.Duration, bool) {
	wait, limited := m.sidePatience()
	if len(m.batch) > 0 {
		if w := m.wait - time.Since(m.began); !limited || w < wait {
			wait, limited = w, true
		}
	}
	return wait, limited
}

// next takes the next record, or nil when a batch has waited long enough for it, or other work is due.
func (m *Emitter) next(ctx context.Context) (*Committed, error) {
	c, err := m.peek(ctx)
	if c != nil {
		m.held = nil
	}
	return c, err
}

// streamTo emits everything up to a position, and nothing behind it.
func (m *Emitter) streamTo(ctx context.Context, p txn.Position) error {
	for m.progress.Position < p {
		c, err := m.peek(ctx)
		switch {
		case err != nil:
			return err
		case c == nil:
			if err := m.flush(ctx, m.progress); err != nil {
				return err
			}
			continue
		case c.Position > p:
			m.progress.Position, m.progress.Events = p, 0
			m.encoder.failures.position = p
			return nil
		}
		m.held = nil
		if err := m.emit(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// emit adds the events of one record to the batch and flushes when it is full.
func (m *Emitter) emit(ctx context.Context, c *Committed) error {
	from := m.progress
	if c.Position <= from.Position {
		return fmt.Errorf("the feed gave position %s after %s", c.Position, from.Position)
	}
	signals, err := m.inspect(ctx, c)
	if err != nil {
		return err
	}
	if err := m.separate(ctx); err != nil {
		return err
	}
	previous, parted, before := c.Position-1, from.Events > 0, len(m.batch)
	if !m.side.state.Silent {
		err = m.encoder.Encode(ctx, c, from.Events, func(r Record) error {
			m.add(r)
			return nil
		}, func(done uint64) error {
			if !m.full() {
				return nil
			}
			parted, before = true, -1
			p := m.progress
			p.Position, p.Events = previous, done
			return m.flush(ctx, p)
		})
	}
	if err != nil {
		return m.refuse(ctx, before, err)
	}
	m.progress.Position, m.progress.Events = c.Position, 0
	if len(signals) > 0 {
		if parted { // what is kept for a replay stands between two records
			if err := m.boundary(ctx); err != nil {
				return err
			}
		}
		if err := m.expect(signals); err != nil {
			return err
		}
	}
	if m.full() || m.alone > 0 {
		if err := m.flush(ctx, m.progress); err != nil {
			return err
		}
	}
	return m.behind(ctx, c)
}

func (m *Emitter) add(r Record) {
	if len(m.batch) == 0 {
		m.began = time.Now()
	}
	m.batch, m.positions = append(m.batch, r), append(m.positions, max(m.encoder.failures.position, m.progress.Position))
	m.bytes += len(r.Key) + len(r.Value) + recordOverhead
}

// recordOverhead is about what headers and framing add to a record.
const recordOverhead = 200

func (m *Emitter) full() bool { return m.bytes >= batchBytes || len(m.batch) >= batchRecords }

// flush publishes the batch.
func (m *Emitter) flush(ctx context.Context, p Progress) error {
	if len(m.batch) == 0 {
		return nil
	}
	return m.publish(ctx, p)
}

// publish stores batch, which may be empty, and progress.
func (m *Emitter) publish(ctx context.Context, p Progress) error {
	started := time.Now()
	p.Row = m.encoder.lastRow
	m.progress.Row = p.Row
	if err := m.deliver(ctx, p); err != nil {
		return publishError(err)
	}
	m.wait = m.linger(time.Since(started))
	m.crowded = false
	if p.Position >= m.alone {
		m.alone = 0
	}
	if m.events.Published != nil {
		m.events.Published(p, len(m.batch))
	}
	clear(m.batch)
	m.batch, m.positions, m.bytes = m.batch[:0], m.positions[:0], 0
	return nil
}

// Eager is a Publisher whose batches cost little: records wait for others but eagerWait.
type Eager interface{ Eager() bool }

// eagerWait lets the records of one moment share a batch; those of the next gather while it is published. An emitter that is behind, to which
// records come without a pause, gathers as long as others do: a batch of what a millisecond brings costs the broker a request all the same.
const eagerWait = time.Millisecond

// linger is how long a record waits for others after a batch that took so long to publish.
func (m *Emitter) linger(took time.Duration) time.Duration {
	if m.eager() && !m.crowded && !m.full() {
		return eagerWait
	}
	return min(max(waitFactor*took, shortestWait), longestWait)
}

func (m *Emitter) eager() bool {
	e, ok := m.publisher.(Eager)
	return ok && e.Eager()
}
