package commit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/zeebo/xxh3"

	"marmot/internal/stage"
	"marmot/log"
	"marmot/txn"
)

const (
	sendBytes  = 256 << 10            // pending bytes that leave at once
	chunkBytes = 512<<10 - 1<<10      // longest payload: a chunk with its header stays below 512 KiB
	maxEvents  = uint64(1) << 24      // hidden row ids have room for so many
	keepBytes  = sendBytes + 64<<10   // larger buffers are not kept for the next transaction
	maxRecord  = txnRecordBytes - 512 // inline rows leave room for the rest of the order record
)

// txnRecordBytes bounds what rides inside an order record, whatever log.inline_max_bytes says.
const txnRecordBytes = 1 << 20

// Tx is the sending side of one transaction. Its methods are called by one session; Flush may
// come from another goroutine.
type Tx struct {
	origin     *Origin
	connection uint64
	begin      txn.Position

	mu      sync.Mutex
	branch  uint64         // 0 until the first chunk
	buffer  []byte         // encoded row events that have not left
	pending []pendingEvent // where they lie in buffer, by ordinal
	written []txn.OrdinalRange
	voided  []txn.OrdinalRange
	next    uint64 // lowest ordinal that may come
	sent    uint64 // one past the highest ordinal that left in a chunk
	ended   bool
	chunks  []sentChunk // in the order of sending; offsets are in acks
	acks    acks
}

// pendingEvent is one row event in the buffer.
type pendingEvent struct {
	partition  int32
	ordinal    uint64
	start, end int
}

type sentChunk struct {
	ref  txn.ChunkRef // without the offset
	kind txn.ChunkKind
}

// Partition returns the changes stream of a table, named "database.table", among n.
func Partition(table string, n int) int32 { return int32(xxh3.HashString(table) % uint64(n)) }

// Begin starts the sending side of a transaction of a connection that has seen everything up to seen.
func (o *Origin) Begin(connection uint64, seen txn.Position) *Tx {
	buffer := o.payloads.Get().(*[]byte)
	return &Tx{origin: o, connection: connection, begin: seen, buffer: (*buffer)[:0]}
}

// Write takes a row event of the table, named "database.table"; ordinals ascend. The event is encoded
// before Write returns. At 256 KiB what is pending leaves; Write waits while too much is in flight. Its error is a
// *NotCommittedError: the transaction can only be abandoned then.
func (t *Tx) Write(table string, e *txn.RowEvent) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.ended:
		return &NotCommittedError{errEnded}
	case e.Ordinal >= maxEvents:
		return &NotCommittedError{ErrTooManyEvents}
	case e.Ordinal < t.next:
		return &NotCommittedError{fmt.Errorf("row event %d comes after %d", e.Ordinal, t.next-1)}
	}
	if err := t.acks.failed(); err != nil {
		return &NotCommittedError{err}
	}
	start := len(t.buffer)
	t.buffer = txn.AppendRowEvent(t.buffer, e)
	t.pending = append(t.pending, pendingEvent{Partition(table, t.origin.options.Partitions), e.Ordinal, start, len(t.buffer)})
	t.next = e.Ordinal + 1
	if last := len(t.written) - 1; last >= 0 && t.written[last].End == e.Ordinal {
		t.written[last].End++
	} else {
		t.written = append(t.written, txn.OrdinalRange{First: e.Ordinal, End: e.Ordinal + 1})
	}
	if len(t.buffer) < sendBytes || t.inline() {
		return nil
	}
	if err := t.send(); err != nil {
		return &NotCommittedError{err}
	}
	return nil
}

// inline tells whether what has been written so far may ride inside the order record.
func (t *Tx) inline() bool {
	return len(t.chunks) == 0 && int64(len(t.buffer)) <= min(t.origin.options.InlineMaxBytes, maxRecord)
}

// Flush sends what is pending: the statement has ended and the session idles. An error is met by the next Write or
// by Commit.
func (t *Tx) Flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended || t.inline() || t.acks.failed() != nil {
		return
	}
	if err := t.send(); err != nil {
		t.acks.fail(err)
	}
}

// Void takes back the row events of a range: a statement failed, or ROLLBACK TO.
func (t *Tx) Void(r txn.OrdinalRange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.void(r)
}

func (t *Tx) void(r txn.OrdinalRange) {
	if r.First >= r.End {
		return
	}
	t.written = subtract(t.written, r)
	if r.First < t.sent {
		t.voided = join(t.voided, r)
	}
	// What has not left is cut out of the buffer; almost always it is the buffer's end.
	kept, end := t.pending[:0], 0
	for _, p := range t.pending {
		if r.First <= p.ordinal && p.ordinal < r.End {
			continue
		}
		size := copy(t.buffer[end:], t.buffer[p.start:p.end])
		kept = append(kept, pendingEvent{p.partition, p.ordinal, end, end + size})
		end += size
	}
	t.pending, t.buffer = kept, t.buffer[:end]
}

// subtract removes r from ascending ranges.
func subtract(ranges []txn.OrdinalRange, r txn.OrdinalRange) []txn.OrdinalRange {
	var rest []txn.OrdinalRange
	for _, w := range ranges {
		if before := (txn.OrdinalRange{First: w.First, End: min(w.End, r.First)}); before.First < before.End {
			rest = append(rest, before)
		}
		if behind := (txn.OrdinalRange{First: max(w.First, r.End), End: w.End}); behind.First < behind.End {
			rest = append(rest, behind)
		}
	}
	return rest
}

// join adds r to ascending ranges that neither overlap nor touch: a transaction that goes back to its
// savepoint a million times has few of them.
func join(ranges []txn.OrdinalRange, r txn.OrdinalRange) []txn.OrdinalRange {
	first := slices.IndexFunc(ranges, func(v txn.OrdinalRange) bool { return v.End >= r.First })
	if first < 0 {
		return append(ranges, r)
	}
	end := first
	for ; end < len(ranges) && ranges[end].First <= r.End; end++ {
		r = txn.OrdinalRange{First: min(r.First, ranges[end].First), End: max(r.End, ranges[end].End)}
	}
	return slices.Replace(ranges, first, end, r)
}

// Commit sends the rest, waits until the log has taken all of it, appends the order record and waits for its
// decision. Body comes without chunks, inline rows and count of events; ranges in its Voided are voided as by Void. A
// conflict is a Result, not an error.
func (t *Tx) Commit(ctx context.Context, body *txn.Transaction) (Result, error) {
	whole, began := *body, t.origin.options.Stages.Now()
	err := t.refused()
	if err == nil {
		err = t.complete(ctx, &whole)
	}
	if err != nil {
		return Result{}, &NotCommittedError{err}
	}
	t.origin.options.Stages.Lap(stage.Changes, began)
	return t.origin.submit(ctx, &whole)
}

// refused ends a transaction that the node cannot take now.
func (t *Tx) refused() error {
	if t.origin.options.Refuse == nil {
		return nil
	}
	err := t.origin.options.Refuse()
	if err != nil {
		t.Abandon()
	}
	return err
}

// CommitDDL is Commit for a DDL: d travels in chunks of its own, or inside the order record if it is small.
func (t *Tx) CommitDDL(ctx context.Context, body *txn.DDL, d *txn.DDLBody) (Result, error) {
	whole := *body
	whole.Definition = nil
	if err := t.refused(); err != nil {
		return Result{}, &NotCommittedError{err}
	}
	encoded, err := txn.EncodeDDLBody(d)
	if err != nil {
		return Result{}, &NotCommittedError{err}
	}
	if int64(len(encoded)) <= min(t.origin.options.InlineMaxBytes, maxRecord) {
		whole.InlineBody = encoded
	} else if err := t.sendDefinition(ddlPartition(d, t.origin.options.Partitions), encoded); err != nil {
		return Result{}, &NotCommittedError{err}
	}
	if err := t.complete(ctx, &whole.Transaction); err != nil {
		return Result{}, &NotCommittedError{err}
	}
	whole.Definition = t.refs(txn.ChunkDDL)
	return t.origin.submit(ctx, &whole)
}

// ddlPartition is that of the first table that the DDL changes.
func ddlPartition(d *txn.DDLBody, partitions int) int32 {
	if len(d.Changes) == 0 {
		return Partition(d.Database, partitions)
	}
	first := d.Changes[0]
	if first.Kind == txn.ObjectDatabase {
		return Partition(first.Name, partitions)
	}
	return Partition(first.Database+"."+first.Name, partitions)
}

// complete ends the transaction's sending and fills in what only the sending side knows.
func (t *Tx) complete(ctx context.Context, body *txn.Transaction) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return errEnded
	}
	defer t.end()
	for _, r := range body.Voided {
		t.void(r)
	}
	body.Inline, body.Chunks = nil, nil
	if t.inline() {
		body.Inline = bytes.Clone(t.buffer)
	} else if err := t.send(); err != nil {
		return err
	}
	if err := t.acks.wait(ctx); err != nil {
		return err
	}
	body.Chunks = t.refs(txn.ChunkRows)
	body.ConnectionID, body.Begin, body.Voided = t.connection, t.begin, t.voided
	body.Events = 0
	for _, w := range t.written {
		body.Events += w.End - w.First
	}
	return nil
}

// refs returns the references to the chunks of a kind, all of them acknowledged.
func (t *Tx) refs(kind txn.ChunkKind) []txn.ChunkRef {
	var refs []txn.ChunkRef
	for i, c := range t.chunks {
		if c.kind == kind {
			c.ref.Offset = t.acks.offsets[i]
			refs = append(refs, c.ref)
		}
	}
	return refs
}

// Abandon ends the transaction without a record. Chunks that have left mean nothing.
func (t *Tx) Abandon() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end()
}

func (t *Tx) end() {
	if !t.ended && cap(t.buffer) <= keepBytes {
		buffer := t.buffer[:0]
		t.origin.payloads.Put(&buffer)
	}
	t.ended, t.buffer, t.pending = true, nil, nil
}

// acks collects the log's answers to the chunks of a transaction.
type acks struct {
	mu      sync.Mutex
	offsets []int64
	waiting int           // chunks without an answer
	idle    chan struct{} // closed when waiting is 0 again; nil when it is
	err     error         // the first
}

// expect makes room for one more answer and returns its number.
func (a *acks) expect() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting == 0 {
		a.idle = make(chan struct{})
	}
	a.waiting++
	a.offsets = append(a.offsets, -1)
	return len(a.offsets) - 1
}

func (a *acks) take(n int, offset int64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.offsets[n] = offset
	if err != nil && a.err == nil {
		a.err = err
	}
	a.waiting--
	if a.waiting == 0 {
		close(a.idle)
		a.idle = nil
	}
}

func (a *acks) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil {
		a.err = err
	}
}

// failed returns the first error. That the log does not know of a chunk is no unknown outcome: no
// order record will name it.
func (a *acks) failed() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if errors.Is(a.err, log.ErrUnknown) {
		return notUnknown{a.err}
	}
	return a.err
}

func (a *acks) wait(ctx context.Context) error {
	a.mu.Lock()
	idle := a.idle
	a.mu.Unlock()
	if idle != nil {
		select {
		case <-idle:
		case <-ctx.Done():
			return fmt.Errorf("the log has not taken all row events: %w", ctx.Err())
		}
	}
	return a.failed()
}
