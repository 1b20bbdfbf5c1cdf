package debezium

import (
	"fmt"
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
	// DDL is what a DDL did, nil for a transaction.
	DDL *txn.DDLBody
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
	history schemas.History
	now     func() time.Time
	tables  map[tableVersion]*table
	headers []Header
}

type tableVersion struct {
	id      txn.TableID
	version txn.Position
}

// NewEncoder returns an encoder. history gives the definitions of rows of any age, now the
// clock of the envelope's ts fields.
func NewEncoder(o Options, history schemas.History, now func() time.Time) (*Encoder, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	return &Encoder{options: o, history: history, now: now, tables: map[tableVersion]*table{}, headers: []Header{
		{"__debezium.context.connectorLogicalName", []byte(o.TopicPrefix)},
		{"__debezium.context.taskId", []byte("0")},
		{"__debezium.context.connectorName", []byte("mysql")},
		{"__debezium.context.runId", []byte(o.RunID)},
	}}, nil
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
	t := newTable(def, &e.options)
	e.tables[key] = t
	return t, nil
}

// transaction is the state of one committed record while it is encoded.
type transaction struct {
	c     *Committed
	id    string // GTID
	order int64
	// collections counts events by "database.table", in order of first use.
	collections []collection
	statement   int // index in c.Statements of the present one
	rows        map[string]int64
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
func (e *Encoder) Encode(c *Committed, skip uint64, emit func(Record) error, after func(events uint64) error) error {
	x := &transaction{c: c, id: e.options.ClusterUUID + ":" + c.Position.String(), rows: map[string]int64{}}
	if c.DDL != nil && skip == 0 {
		if err := e.schemaChanges(x, emit); err != nil {
			return fmt.Errorf("events of DDL %s: %w", c.Position, err)
		}
	}
	var events uint64
	begun := false
	send := func(r Record) error {
		if events < skip {
			return nil
		}
		if !begun && skip == 0 && e.options.TransactionMetadata {
			if err := emit(e.boundary(x, "BEGIN")); err != nil {
				return err
			}
		}
		begun = true
		return emit(r)
	}
	err := c.Events(func(r *txn.RowEvent) error {
		if err := e.row(x, r, send); err != nil {
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
	if x.order > 0 && e.options.TransactionMetadata {
		return emit(e.boundary(x, "END"))
	}
	return nil
}

// row encodes one row event.
func (e *Encoder) row(x *transaction, r *txn.RowEvent, send func(Record) error) error {
	t, err := e.table(r.Table, r.Version)
	if err != nil {
		return err
	}
	index := x.rowIndex(r, t)
	before, after := t.row(r.Before), t.row(r.After)
	if r.Op == txn.Update && t.key != nil && !t.sameKey(r.Before, r.After) {
		return e.keyChange(x, t, before, after, index, send)
	}
	op, keyed := "c", after
	switch r.Op {
	case txn.Update:
		op = "u"
	case txn.Delete:
		op, keyed = "d", before
	}
	if e.options.skips(op) {
		return nil
	}
	key := e.key(t, t.keyRow(keyed))
	if err := send(e.envelope(x, t, op, before, after, index, key, nil)); err != nil {
		return err
	}
	if op == "d" && e.options.Tombstones {
		return send(Record{Topic: t.topic, Partition: -1, Key: key, Headers: e.headers})
	}
	return nil
}

// rowIndex is source.row: it counts from 0 within each statement and table.
func (x *transaction) rowIndex(r *txn.RowEvent, t *table) int64 {
	for x.statement < len(x.c.Statements) && r.Ordinal >= x.c.Statements[x.statement].Events.End {
		x.statement++
		clear(x.rows)
	}
	n := x.rows[t.topic]
	x.rows[t.topic] = n + 1
	return n
}

// keyChange encodes an update of the key: a delete and a tombstone of the old key, then a
// create under the new one, tied together by headers.
func (e *Encoder) keyChange(x *transaction, t *table, before, after any, index int64, send func(Record) error) error {
	oldRow, newRow := t.keyRow(before), t.keyRow(after)
	oldKey, newKey := e.key(t, oldRow), e.key(t, newRow)
	towards := []Header{{"__debezium.newkey", e.headerKey(t, newRow)}}
	back := []Header{{"__debezium.oldkey", e.headerKey(t, oldRow)}}
	if !e.options.skips("d") {
		if err := send(e.envelope(x, t, "d", before, nil, index, oldKey, towards)); err != nil {
			return err
		}
		if e.options.Tombstones {
			r := Record{Topic: t.topic, Partition: -1, Key: oldKey, Headers: append(towards, e.headers...)}
			if err := send(r); err != nil {
				return err
			}
		}
	}
	if e.options.skips("c") {
		return nil
	}
	return send(e.envelope(x, t, "c", nil, after, index, newKey, back))
}

func (e *Encoder) key(t *table, row []any) []byte {
	if t.key == nil {
		return nil
	}
	return appendMessage(nil, t.key, row, &e.options)
}

// headerKey writes a key as SimpleHeaderConverter does: a struct without its schema.
func (e *Encoder) headerKey(t *table, row []any) []byte {
	return appendValue(nil, t.key, row, false)
}

// envelope builds the record of one change.
func (e *Encoder) envelope(x *transaction, t *table, op string, before, after any, index int64, key []byte, extra []Header) Record {
	var block any
	if e.options.TransactionMetadata && op != "t" {
		x.order++
		block = []any{x.id, x.order, x.count(t.def.Database + "." + t.def.Name)}
	}
	now := e.now()
	var thread any
	if op != "t" {
		thread = int64(x.c.ConnectionID)
	}
	source := e.source(x, t.def.Database, t.def.Name, index, thread, e.query(x))
	data := []any{before, after, source, block, op, now.UnixMilli(), now.UnixMicro(), now.UnixNano()}
	return Record{Topic: t.topic, Partition: -1, Key: key, Value: appendMessage(nil, t.event, data, &e.options), Headers: append(extra, e.headers...)}
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
	return []any{e.options.Version, "mysql", e.options.TopicPrefix, us / 1000, "false", database, nil, us, us * 1000,
		table, e.options.ServerID, x.id, sourceFile, int64(x.c.Position), row, thread, query}
}

var (
	boundaryKey = &Schema{Kind: KindStruct, Name: "io.debezium.connector.common.TransactionMetadataKey", Version: 1,
		Fields: []Field{{"id", &Schema{Kind: KindString}}}}
	boundaryValue = &Schema{Kind: KindStruct, Name: "io.debezium.connector.common.TransactionMetadataValue", Version: 1, Fields: []Field{
		{"status", &Schema{Kind: KindString}},
		{"id", &Schema{Kind: KindString}},
		{"event_count", &Schema{Kind: KindInt64, Optional: true}},
		{"data_collections", &Schema{Kind: KindArray, Optional: true, Items: &Schema{Kind: KindStruct, Name: "event.collection", Version: 1, Fields: []Field{
			{"data_collection", &Schema{Kind: KindString}}, {"event_count", &Schema{Kind: KindInt64}}}}}},
		{"ts_ms", &Schema{Kind: KindInt64}},
	}}
)

// boundary is the record BEGIN or END of a transaction.
func (e *Encoder) boundary(x *transaction, status string) Record {
	var count, list any
	if status == "END" {
		collections := make([]any, len(x.collections))
		for i, c := range x.collections {
			collections[i] = []any{c.name, c.count}
		}
		count, list = x.order, collections
	}
	return Record{
		Topic:     topicName(e.options.TopicPrefix, "transaction"),
		Partition: -1,
		Key:       appendMessage(nil, boundaryKey, []any{x.id}, &e.options),
		Value:     appendMessage(nil, boundaryValue, []any{status, x.id, count, list, x.c.TimeUS / 1000}, &e.options),
	}
}

// quotedID is a table's id in a schema change: "database"."table".
func quotedID(database, name string) string { return `"` + database + `"."` + name + `"` }
