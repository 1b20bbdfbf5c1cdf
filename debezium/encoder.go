package debezium

import (
	"context"
	"fmt"
	"slices"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// Record is a Kafka record to publish.
type Record struct {
	Topic string
	// Partition is the partition the connector names, or -1: hash of the key.
	Partition int32
	Key       []byte // nil: none
	Value     []byte // nil: tombstone
	Headers   []Header
	// Extra: no committed record stands for it alone. Whoever publishes the log anew has to keep it.
	Extra bool
	// Timestamp is in milliseconds; 0: when it is sent.
	Timestamp int64
}

// Header is a header of a record.
type Header struct {
	Name  string
	Value []byte
}

// Committed is a committed record of the log, as the emitter needs it.
type Committed struct {
	Position     txn.Position
	TimeUS       int64 // commit time by the origin's clock
	ConnectionID uint64
	Statements   []txn.Statement
	// XA: the rows are of an XA transaction, of which the connector knows neither thread nor boundaries.
	XA bool
	// DDL is what a DDL did, nil for a transaction.
	DDL *txn.DDLBody
	// Writes are the tables that it writes to.
	Writes []TableRef
	// Signal is a signal that came through the log, nil of other records.
	Signal *txn.EmissionSignal
	// Events hands over the row events, in order; values live until each returns.
	Events func(each func(*txn.RowEvent) error) error
}

// sourceFile is the only binlog file there is.
const sourceFile = "marmot-bin.000001"

// maxTables bounds the compiled tables an Encoder keeps.
const maxTables = 4096

// Encoder turns committed records into Debezium's. Owned by one goroutine.
type Encoder struct {
	options Options
	format  Format
	history schemas.History
	now     func() time.Time
	tables  map[tableVersion]*table
	headers []MessageHeader
	// transform is what the configuration's transforms are together; nil: there are none.
	transform Transform
	failures  failures
	// lastRow is source.row of the row event before, but for those of skipped operations and of tables that are not captured: the connector's schema changes have it.
	lastRow int64
	shown   shown
	// stated are the schema changes that snapshots have told of since this process began to emit, a pause of the emission included; statedOf are the
	// versions of tables that they tell of.
	stated   []shownChange
	statedOf map[txn.TableID]txn.Position
}

type tableVersion struct {
	id      txn.TableID
	version txn.Position
}

// NewEncoder returns an encoder. f says how messages become bytes, history gives the definitions of rows of any age,
// now the clock of the envelope's ts fields.
func NewEncoder(o Options, f Format, history schemas.History, now func() time.Time) (*Encoder, error) {
	if o.TopicPrefix == "" {
		return nil, &PropertyError{"topic.prefix", "", "must not be empty"}
	}
	e := &Encoder{options: o, format: f, history: history, now: now, tables: map[tableVersion]*table{}}
	if o.ExtendedHeaders {
		e.headers = []MessageHeader{
			textHeader("__debezium.context.connectorLogicalName", o.TopicPrefix),
			textHeader("__debezium.context.taskId", "0"),
			textHeader("__debezium.context.connectorName", "mysql"),
			textHeader("__debezium.context.runId", o.RunID),
		}
	}
	var err error
	e.failures = newFailures(&e.options)
	e.transform, err = NewTransforms(o.Transforms, func(text string) { e.failures.warn(text) })
	return e, err
}

func (e *Encoder) table(id txn.TableID, version txn.Position) (*table, error) {
	key := tableVersion{id, version}
	if t := e.tables[key]; t != nil {
		return t, nil
	}
	def, err := e.history.TableAt(id, version)
	if err != nil {
		return nil, err
	}
	if len(e.tables) >= maxTables {
		clear(e.tables)
	}
	if def, err = e.spelled(def, id, version); err != nil {
		return nil, err
	}
	t := newTable(def, &e.options)
	e.tables[key] = t
	return t, nil
}

// transaction is the state of one committed record while it is encoded.
type transaction struct {
	c     *Committed
	id    string // of the transaction: the GTID, or file and position
	gtid  any    // source.gtid
	order int64
	// collections counts events by "database.table", in order of first use.
	collections []collection
	statement   int   // index in c.Statements of the present one
	run         int64 // index of the present row within its rows event
	runTable    txn.TableID
	runOp       txn.Op
	runParts    [2]int // partitions before and after
}

type collection struct {
	name  string
	count int64
}

func (x *transaction) count(name string) int64 {
	for i := range x.collections {
		if x.collections[i].name == name {
			x.collections[i].count++
			return x.collections[i].count
		}
	}
	x.collections = append(x.collections, collection{name, 1})
	return 1
}

// Encode hands the records of c to emit, in order: schema changes, BEGIN, rows, END. after tells how many row
// events of c are encoded so far, for progress within a large transaction; it is called
// after each of them, when all its records have been handed over. The first skip row events
// are counted and not handed over, nor what comes before them.
func (e *Encoder) Encode(ctx context.Context, c *Committed, skip uint64, emit func(Record) error, after func(events uint64) error) error {
	return e.encode(c, skip, func(m Message) error { return e.send(ctx, m, emit) }, after)
}

// send hands a message on as a record, through the transforms and the converters. Every message takes this way.
func (e *Encoder) send(ctx context.Context, m Message, emit func(Record) error) error {
	changed, keep, err := m, true, error(nil)
	if e.transform != nil {
		changed, keep, err = e.transform.Apply(m)
	}
	if err == nil && !keep {
		return nil
	}
	var r Record
	if err == nil {
		r, err = e.format.record(ctx, changed)
	}
	if err != nil {
		return e.failures.message(ctx, m, err, emit)
	}
	return emit(r)
}

// encode is Encode before conversion.
func (e *Encoder) encode(c *Committed, skip uint64, emitted func(Message) error, after func(events uint64) error) error {
	x := e.transaction(c)
	e.failures.position = c.Position
	var sending error // is not about the row
	emit := func(m Message) error {
		sending = emitted(m)
		return sending
	}
	var events uint64
	if c.DDL != nil && skip == 0 {
		err := e.schemaChanges(x, emit)
		if err != nil && sending == nil {
			err = e.failures.skips("a DDL", err)
		}
		if err != nil {
			return fmt.Errorf("events of DDL %s: %w", c.Position, err)
		}
	}
	bounded := e.options.TransactionMetadata && !c.XA
	send := func(m Message) error {
		if events < skip {
			return nil
		}
		return emit(m)
	}
	err := c.Events(func(r *txn.RowEvent) error {
		if bounded && events == 0 && skip == 0 { // whatever tables it writes to
			if err := emit(e.boundary(x, "BEGIN")); err != nil {
				return err
			}
		}
		err := e.row(x, r, send)
		if err != nil && sending == nil {
			err = e.failures.skips("a row", err)
		}
		if err != nil {
			return err
		}
		events++
		if events <= skip {
			return nil
		}
		return after(events)
	})
	if err != nil {
		return fmt.Errorf("events of transaction %s: %w", c.Position, err)
	}
	if bounded && events > 0 {
		return emit(e.boundary(x, "END"))
	}
	return nil
}

// transaction begins the encoding of a record.
func (e *Encoder) transaction(c *Committed) *transaction {
	x := &transaction{c: c, id: e.options.ClusterUUID + ":" + c.Position.String()}
	x.gtid = x.id
	if e.options.WithoutGTID {
		x.id, x.gtid = "file="+sourceFile+",pos="+c.Position.String(), nil
	}
	return x
}

// row encodes one row event.
func (e *Encoder) row(x *transaction, r *txn.RowEvent, send func(Message) error) error {
	t, err := e.table(r.Table, r.Version)
	if err != nil {
		return err
	}
	index := x.rowIndex(r, t.partitions)
	op, keyed := "c", r.After
	switch r.Op {
	case txn.Update:
		op = "u"
	case txn.Delete:
		op, keyed = "d", r.Before
	}
	if e.options.skips(op) {
		return nil
	}
	if !t.visible {
		return nil
	}
	e.lastRow = index
	if op == "u" && t.key.schema != nil && !t.sameKey(r.Before, r.After) {
		return e.keyChange(x, t, r, index, send)
	}
	if op == "u" && e.options.SkipUnchanged && t.unchanged(r.Before, r.After) {
		return nil
	}
	key := t.keyOfRow(keyed)
	before, after := t.value.row(r.Before), t.value.row(r.After)
	m := e.envelope(x, t, op, before, after, index, key, nil)
	if op == "d" {
		return e.removal(m, send)
	}
	return send(m)
}

// removal sends a delete and its tombstone, which has the headers of the delete.
func (e *Encoder) removal(m Message, send func(Message) error) error {
	tombstone := Message{Topic: m.Topic, Partition: -1, Key: m.Key, Headers: m.Headers}
	if !e.options.Tombstones {
		return send(m)
	}
	var added []MessageHeader
	m.added = &added
	if err := send(m); err != nil {
		return err
	}
	tombstone.Headers = append(slices.Clip(tombstone.Headers), added...)
	return send(tombstone)
}

// rowIndex is source.row: it counts from 0 within each rows event of the binlog, which holds rows of one partition and one
// operation that follow each other in a statement.
func (x *transaction) rowIndex(r *txn.RowEvent, p *schemas.RowPartition) int64 {
	fresh := false
	for x.statement < len(x.c.Statements) && r.Ordinal >= x.c.Statements[x.statement].Events.End {
		x.statement++
		fresh = true
	}
	parts := [2]int{p.Of(r.Before), p.Of(r.After)}
	if fresh || r.Table != x.runTable || r.Op != x.runOp || parts != x.runParts {
		x.runTable, x.runOp, x.runParts, x.run = r.Table, r.Op, parts, 0
	} else {
		x.run++
	}
	return x.run
}

// keyChange encodes an update of the key: a delete and a tombstone of the old key, then a
// create under the new one, tied together by headers. All are one operation to skipped.operations: an update.
func (e *Encoder) keyChange(x *transaction, t *table, r *txn.RowEvent, index int64, send func(Message) error) error {
	oldKey, newKey := t.keyOfRow(r.Before), t.keyOfRow(r.After)
	towards := []MessageHeader{{"__debezium.newkey", newKey}}
	back := []MessageHeader{{"__debezium.oldkey", oldKey}}
	if err := e.removal(e.envelope(x, t, "d", t.value.row(r.Before), nil, index, oldKey, towards), send); err != nil {
		return err
	}
	return send(e.envelope(x, t, "c", nil, t.value.row(r.After), index, newKey, back))
}

// envelope builds the record of one change.
func (e *Encoder) envelope(x *transaction, t *table, op string, before, after any, index int64, key Datum, extra []MessageHeader) Message {
	var block any
	if e.options.TransactionMetadata && op != "t" && !x.c.XA {
		x.order++
		block = []any{x.id, x.order, x.count(t.def.Database + "." + t.def.Name)}
	}
	now := e.now()
	var thread any
	if op != "t" && !x.c.XA {
		thread = int64(x.c.ConnectionID)
	}
	source := e.source(x, t.def.Database, t.def.Name, index, thread, e.query(x))
	data := []any{before, after, source, block, op, now.UnixMilli(), now.UnixMicro(), now.UnixNano()}
	return Message{Topic: t.topic, Partition: -1, Key: key, Value: Datum{t.event, data}, Headers: append(extra, e.headers...)}
}

func (e *Encoder) query(x *transaction) any {
	if !e.options.IncludeQuery || x.statement >= len(x.c.Statements) || x.c.Statements[x.statement].Text == "" {
		return nil
	}
	return x.c.Statements[x.statement].Text
}

// source builds the source block. table is a string or nil.
func (e *Encoder) source(x *transaction, database string, table any, row int64, thread, query any) []any {
	us := x.c.TimeUS
	return []any{e.options.Version, "mysql", e.options.TopicPrefix, us / 1000, nil, database, nil, us, us * 1000,
		table, e.options.ServerID, x.gtid, sourceFile, int64(x.c.Position), row, thread, query}
}

var (
	boundaryKey = &Schema{Kind: KindStruct, Name: "io.debezium.connector.common.TransactionMetadataKey", Version: 1,
		Fields: []Field{{"id", &Schema{Kind: KindString}}}}
	boundaryValue = &Schema{Kind: KindStruct, Name: "io.debezium.connector.common.TransactionMetadataValue", Version: 1, Fields: []Field{
		{"status", &Schema{Kind: KindString}},
		{"id", &Schema{Kind: KindString}},
		{"event_count", &Schema{Kind: KindInt64, Optional: true}},
		{"data_collections", &Schema{Kind: KindArray, Optional: true, Items: &Schema{Kind: KindStruct, Optional: true, Name: "event.collection", Version: 1, Fields: []Field{
			{"data_collection", &Schema{Kind: KindString}}, {"event_count", &Schema{Kind: KindInt64}}}}}},
		{"ts_ms", &Schema{Kind: KindInt64}},
	}}
)

// boundary is the record BEGIN or END of a transaction.
func (e *Encoder) boundary(x *transaction, status string) Message {
	var count, list any
	if status == "END" {
		names, counts := make([]string, len(x.collections)), map[string]int64{}
		for i, c := range x.collections {
			names[i], counts[c.name] = c.name, c.count
		}
		javaOrder(names)
		collections := make([]any, len(names))
		for i, name := range names {
			collections[i] = []any{name, counts[name]}
		}
		count, list = x.order, collections
	}
	return Message{
		Topic:     e.options.transactionTopic(),
		Partition: -1,
		Key:       Datum{boundaryKey, []any{x.id}},
		Value:     Datum{boundaryValue, []any{status, x.id, count, list, x.c.TimeUS / 1000}},
	}
}

// quotedID is a table's id in a schema change: "database"."table".
func quotedID(database, name string) string { return `"` + database + `"."` + name + `"` }
