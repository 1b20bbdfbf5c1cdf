package debezium

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// Markers of source.snapshot.
const (
	markFirst        = "first"
	markFirstOfTable = "first_in_data_collection"
	markTrue         = "true"
	markLastOfTable  = "last_in_data_collection"
	markLast         = "last"
	markIncremental  = "incremental"
	markFalse        = "false"
)

// snapshotSource is what the source block of a snapshot's rows tells.
type snapshotSource struct {
	marker   string
	timeUS   int64
	position txn.Position
	live     bool  // it names server and GTID, as rows that are read while the log is streamed do
	unnamed  bool  // no GTID has come in this run
	thread   int64 // connection that closed the window; 0: none
	query    any   // text of the statement that closed it
}

// block is the source block.
func (e *Encoder) snapshotBlock(s *snapshotSource, database string, table any) []any {
	var gtid, thread any
	server := int64(0)
	if s.live {
		server = e.options.ServerID
		if !e.options.WithoutGTID && !s.unnamed {
			gtid = e.options.ClusterUUID + ":" + s.position.String()
		}
	}
	if s.thread != 0 {
		thread = s.thread
	}
	return []any{e.options.Version, "mysql", e.options.TopicPrefix, s.timeUS / 1000, s.marker, database, nil, s.timeUS, s.timeUS * 1000,
		table, server, gtid, sourceFile, int64(s.position), int64(0), thread, s.query}
}

// snapshotRow is the event of a row that a snapshot has read.
func (e *Encoder) snapshotRow(s *snapshotSource, t *table, image []txn.Value) Message {
	now := e.now()
	source := e.snapshotBlock(s, t.def.Database, t.def.Name)
	data := []any{nil, t.value.row(image), source, nil, "r", now.UnixMilli(), now.UnixMicro(), now.UnixNano()}
	return Message{Topic: t.topic, Partition: -1, Key: t.keyOfRow(image), Value: Datum{t.event, data}, Headers: e.headers}
}

// snapshotTable compiles a definition for rows that a snapshot reads: the connector's query gives some values another form than the
// binlog does.
func (e *Encoder) snapshotTable(def *schemas.Table) (*table, error) {
	def, err := e.spelled(def, def.ID, def.Version)
	if err != nil {
		return nil, err
	}
	t := newTable(def, &e.options)
	t.value.asRead(def)
	t.key.asRead(def)
	return t, nil
}

// asRead converts values as a query hands them out.
func (f *fields) asRead(def *schemas.Table) {
	for i := range f.columns {
		c := &f.columns[i]
		kind := def.Columns[f.places[i]].Type.Kind
		switch kind {
		case schemas.Float:
			if t := def.Columns[f.places[i]].Type; t.Decimals < 0 {
				c.convert = shortFloat(c.convert)
			}
		case schemas.Double:
			if t := def.Columns[f.places[i]].Type; t.Decimals >= 0 && t.Length > 0 {
				c.convert = printedDouble(c.convert, t.Decimals)
			}
		case schemas.Char, schemas.VarChar, schemas.TinyText, schemas.Text, schemas.MediumText, schemas.LongText, schemas.TinyInt, schemas.JSON, schemas.Enum, schemas.Set, schemas.Date, schemas.DateTime, schemas.Timestamp, schemas.Year:
			if c.read != nil {
				c.convert = c.read
			}
			if kind == schemas.DateTime {
				c.convert = julian(c.convert)
			}
		}
	}
}

// julian converts dates between the Julian and the Gregorian calendar as Java does, which knows no day from 5 to 14 October 1582: it is taken for one that
// many days after the 5th.
func julian(convert func(txn.Value) (any, bool)) func(txn.Value) (any, bool) {
	return func(v txn.Value) (any, bool) {
		text := string(v.Bytes())
		if day, ok := strings.CutPrefix(text, "1582-10-"); ok && day[:2] >= "05" && day[:2] <= "14" {
			n, _ := strconv.Atoi(day[:2])
			v = txn.TextString("1582-10-" + strconv.Itoa(n+10) + day[2:])
		}
		return convert(v)
	}
}

// shortFloat cuts a FLOAT to the six digits that a query prints of it.
func shortFloat(convert func(txn.Value) (any, bool)) func(txn.Value) (any, bool) {
	return func(v txn.Value) (any, bool) {
		data, ok := convert(v)
		single, is := data.(float32)
		if !ok || !is {
			return data, ok
		}
		f, err := strconv.ParseFloat(strconv.FormatFloat(float64(single), 'g', 6, 32), 32)
		return float32(f), err == nil
	}
}

// printedDouble is a DOUBLE(m,d) as a query prints it, with its digits behind the point: without the noise that storing makes.
func printedDouble(convert func(txn.Value) (any, bool), decimals int) func(txn.Value) (any, bool) {
	return func(v txn.Value) (any, bool) {
		data, ok := convert(v)
		double, is := data.(float64)
		if !ok || !is {
			return data, ok
		}
		f, err := strconv.ParseFloat(strconv.FormatFloat(double, 'f', decimals, 64), 64)
		return f, err == nil
	}
}

// shown tells which definitions are known to consumers as SHOW CREATE TABLE spells them, and not as the statement that made them:
// those that a snapshot has read. A column stays as it was read until a statement that is streamed changes it.
type shown struct {
	since  txn.Position // all versions up to it
	tables map[txn.TableID]txn.Position
}

// Versions is a History that finds the newest version of a table up to a position; nil: there is none.
type Versions interface {
	TableUpTo(table txn.TableID, at txn.Position) (*schemas.Table, error)
}

// spelled returns a definition as the connector would know it.
func (e *Encoder) spelled(def *schemas.Table, id txn.TableID, version txn.Position) (*schemas.Table, error) {
	read := max(e.shown.since, e.shown.tables[id])
	if version <= read {
		return asShown(def, nil), nil
	}
	v, ok := e.history.(Versions)
	if !ok || id == 0 || txn.Position(id) > read {
		return def, nil
	}
	base, err := v.TableUpTo(id, read)
	if err != nil || base == nil {
		return def, err
	}
	return asShown(def, base), nil
}

// showTables makes the definitions known as a snapshot reads them.
func (e *Encoder) showTables(s shown) {
	e.shown = s
	clear(e.tables)
}

// asShown returns a definition as SHOW CREATE TABLE spells it: all of it, or what is as it was in base.
func asShown(def, base *schemas.Table) *schemas.Table {
	t := *def
	if base == nil || reflect.DeepEqual(base.Read, def.Read) {
		t.Read = nil
	}
	t.Columns = slices.Clone(def.Columns)
	for i := range t.Columns {
		c := &t.Columns[i]
		if base == nil || slices.ContainsFunc(base.Columns, func(b schemas.Column) bool { return b.Name == c.Name && reflect.DeepEqual(b, *c) }) {
			*c = c.AsShown()
		}
	}
	return &t
}

// shownChange is a schema change that a snapshot tells of.
type shownChange struct {
	database, table string // table is empty for what is of the database
	ddl             string
	message         Message
}

// maxStated bounds the schema changes of snapshots that a run remembers.
const maxStated = 4_000

// snapshotChange is a record of the topic <prefix> within a snapshot.
func (e *Encoder) snapshotChange(s *snapshotSource, database, table, ddl string, entries []any) shownChange {
	if entries == nil {
		entries = []any{}
	}
	var name any
	if table != "" {
		name = table
	}
	block := *s
	block.timeUS = e.now().UnixMicro()
	return shownChange{database, table, ddl, Message{
		Topic:   e.options.topicName(e.options.TopicPrefix),
		Key:     Datum{changeKey, []any{database}},
		Value:   Datum{changeValue, []any{e.snapshotBlock(&block, database, name), e.now().UnixMilli(), database, nil, normalizedText(ddl), entries}},
		Headers: e.headers,
	}}
}

// shownTableOf is a table with the text of SHOW CREATE TABLE.
type shownTableOf struct {
	def  *schemas.Table
	text string
}

// snapshotDrop and snapshotCreate are the two records of a table.
func (e *Encoder) snapshotDrop(s *snapshotSource, def *schemas.Table) shownChange {
	text := "DROP TABLE IF EXISTS " + schemas.QuoteName(def.Database) + "." + schemas.QuoteName(def.Name)
	return e.snapshotChange(s, def.Database, def.Name, text, []any{[]any{"DROP", quotedID(def.Database, def.Name), nil}})
}

func (e *Encoder) snapshotCreate(s *snapshotSource, t *shownTableOf) shownChange {
	entry := []any{"CREATE", quotedID(t.def.Database, t.def.Name), e.tableOfChange(asShown(t.def, nil))}
	return e.snapshotChange(s, t.def.Database, t.def.Name, statementText(t.text), []any{entry})
}

// snapshotSchema is the sequence of schema changes at the beginning of a snapshot: tables and databases are dropped and made again.
// Databases come in the order of their first tables. The last has the marker of s.
func (e *Encoder) snapshotSchema(s *snapshotSource, charset, collation string, databases []*schemas.Database, tables []shownTableOf) []shownChange {
	before := *s
	before.marker = markTrue
	last := s
	s = &before
	list := []shownChange{e.snapshotChange(s, "", "", "SET character_set_server="+charset+", collation_server="+collation, nil)}
	for i := range tables {
		list = append(list, e.snapshotDrop(s, tables[i].def))
	}
	created := 0
	for _, d := range databases {
		name := schemas.QuoteName(d.Name)
		list = append(list,
			e.snapshotChange(s, d.Name, "", "DROP DATABASE IF EXISTS "+name, nil),
			e.snapshotChange(s, d.Name, "", "CREATE DATABASE "+name+" CHARSET "+d.Charset+" COLLATE "+d.Collation, nil),
			e.snapshotChange(s, d.Name, "", "USE "+name, nil))
		for i := range tables {
			if tables[i].def.Database == d.Name {
				if created++; created == len(tables) {
					s = last
				}
				list = append(list, e.snapshotCreate(s, &tables[i]))
			}
		}
	}
	return list
}

// notification schemas.
var (
	notificationKey = &Schema{Kind: KindStruct, Name: "io.debezium.connector.common.NotificationKey", Version: 1,
		Fields: []Field{{"id", &Schema{Kind: KindString}}}}
	notificationValue = &Schema{Kind: KindStruct, Name: "io.debezium.connector.common.Notification", Version: 1, Fields: []Field{
		{"id", &Schema{Kind: KindString}},
		{"type", &Schema{Kind: KindString}},
		{"aggregate_type", &Schema{Kind: KindString}},
		{"additional_data", &Schema{Kind: KindMap, Optional: true, Items: &Schema{Kind: KindString}}},
		{"timestamp", &Schema{Kind: KindInt64}},
	}}
	heartbeatKey = &Schema{Kind: KindStruct, Name: "io.debezium.connector.common.ServerNameKey", Version: 1,
		Fields: []Field{{"serverName", &Schema{Kind: KindString}}}}
	heartbeatValue = &Schema{Kind: KindStruct, Name: "io.debezium.connector.common.Heartbeat", Version: 1,
		Fields: []Field{{"ts_ms", &Schema{Kind: KindInt64}}}}
)

// Aggregates of notifications.
const (
	initialSnapshot     = "Initial Snapshot"
	incrementalSnapshot = "Incremental Snapshot"
)

// notification is one notification.
type notification struct {
	id, kind, aggregate string
	data                []any // pairs of name and value
}

// notify is the record of a notification. The topic is used as it is given.
func (e *Encoder) notify(n *notification) Message {
	data := append([]any{[]any{"connector_name", e.options.TopicPrefix}}, n.data...)
	javaMap(data)
	return Message{
		Topic: e.options.Notifications.Topic, Partition: -1,
		Key:   Datum{notificationKey, []any{n.id}},
		Value: Datum{notificationValue, []any{n.id, n.kind, n.aggregate, data, e.now().UnixMilli()}},
	}
}

// javaMap puts pairs into the order in which Java's HashMap has their names.
func javaMap(pairs []any) {
	names, byName := make([]string, len(pairs)), make(map[string]any, len(pairs))
	for i, p := range pairs {
		names[i] = p.([]any)[0].(string)
		byName[names[i]] = p
	}
	javaOrder(names)
	for i, name := range names {
		pairs[i] = byName[name]
	}
}

// heartbeat is the record of a heartbeat.
func (e *Encoder) heartbeat() Message {
	return Message{
		Topic: e.options.heartbeatTopic(),
		Key:   Datum{heartbeatKey, []any{e.options.TopicPrefix}},
		Value: Datum{heartbeatValue, []any{e.now().UnixMilli()}},
	}
}

func (o *Options) heartbeatTopic() string {
	if o.HeartbeatTopic != "" {
		return o.HeartbeatTopic
	}
	prefix := o.HeartbeatTopicPrefix
	if prefix == "" {
		prefix = "__debezium-heartbeat"
	}
	return o.topicName(prefix, o.TopicPrefix)
}

// Convert makes the record of a message that no committed record stands for.
func (e *Encoder) convert(ctx context.Context, m Message, emit func(Record) error) error {
	return e.send(ctx, m, func(r Record) error {
		r.Extra = true
		return emit(r)
	})
}

// windowStamp spells a time as Java's Instant does, in nanoseconds.
func windowStamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// joinNames joins names by commas.
func joinNames(names []string) string { return strings.Join(names, ",") }
