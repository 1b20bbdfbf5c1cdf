package debezium

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Modes of snapshot.mode.
const (
	SnapshotInitial     = "initial"
	SnapshotInitialOnly = "initial_only"
	SnapshotNoData      = "no_data"
	SnapshotAlways      = "always"
	SnapshotWhenNeeded  = "when_needed"
	SnapshotRecovery    = "recovery"
)

// Snapshot is what snapshot.* and incremental.snapshot.* say.
type Snapshot struct {
	Mode        string   // empty: initial
	Collections *NameSet // snapshot.include.collection.list; nil: all that are emitted
	// Selects are snapshot.select.statement.overrides: the statement by database.table.
	Selects   map[string]string
	FetchSize int // rows published at a time: snapshot.fetch.size; 0: as many as fit in a batch
	ChunkSize int // incremental.snapshot.chunk.size; 0: 1024
	// DeleteWindow deletes the row that opens a window instead of adding one that closes it:
	// incremental.snapshot.watermarking.strategy = insert_delete.
	DeleteWindow bool
	// OrderByRows is ascending or descending if tables come in the order of their sizes: snapshot.tables.order.by.row.count.
	OrderByRows string
	Delay       time.Duration // snapshot.delay.ms
	// ReadOnly takes no notice of the signalling table but for its signals: nothing is written there. read.only.
	ReadOnly bool
}

func (s *Snapshot) mode() string {
	if s.Mode == "" {
		return SnapshotInitial
	}
	return s.Mode
}

func (s *Snapshot) chunk() int {
	if s.ChunkSize <= 0 {
		return defaultChunk
	}
	return s.ChunkSize
}

// Limits of an incremental snapshot's chunk, which is held in memory.
const (
	defaultChunk = 1024
	maxChunk     = 1_000_000
)

// Signals is what signal.* says.
type Signals struct {
	Table         string // signal.data.collection: database.table; empty: none
	Source, Kafka bool   // signal.enabled.channels
	KafkaTopic    string // signal.kafka.topic; empty: <prefix>-signal
	KafkaBrokers  []string
	Poll          time.Duration // signal.poll.interval.ms
}

// table returns the names of the signalling table; empty without one.
func (s *Signals) table() (database, name string) {
	database, name, ok := strings.Cut(s.Table, ".")
	if !ok || !s.Source {
		return "", ""
	}
	return database, name
}

// KafkaTopicOf returns the topic of Kafka's signals for an emitter with the prefix.
func (s *Signals) KafkaTopicOf(prefix string) string {
	if s.KafkaTopic != "" {
		return s.KafkaTopic
	}
	return prefix + "-signal"
}

// Notifications is what notification.* says.
type Notifications struct {
	Topic string // notification.sink.topic.name with the channel sink; empty: none
	Log   bool   // the channel log
}

// number reads a number from 0 to 2^31-1.
func number(name, def, doc string, field func(*Options, int)) Property {
	return Property{Name: name, Default: def, Doc: doc, set: func(o *Options, v string) error {
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil || n < 0 {
			return fmt.Errorf("want a number from 0 to 2147483647")
		}
		field(o, int(n))
		return nil
	}}
}

func millis(name, def, doc string, field func(*Options) *time.Duration) Property {
	return number(name, def, doc, func(o *Options, n int) { *field(o) = time.Duration(n) * time.Millisecond })
}

// snapshotAliases are older names of modes.
var snapshotAliases = map[string]string{"schema_only": SnapshotNoData, "schema_only_recovery": SnapshotRecovery}

// snapshotModes are those that are taken.
var snapshotModes = words(SnapshotInitial, SnapshotInitialOnly, SnapshotNoData, SnapshotAlways, SnapshotWhenNeeded, SnapshotRecovery, "schema_only", "schema_only_recovery")

var snapshotProperties = []Property{
	{Name: "snapshot.mode", Default: SnapshotInitial, Doc: "what is read of the tables when an emitter begins", Kind: WordProperty, Values: snapshotModes, set: func(o *Options, v string) error {
		v = strings.ToLower(v)
		switch {
		case v == "configuration_based" || v == "custom":
			return fmt.Errorf("this release does not have it; want %s", strings.Join(snapshotModes, ", "))
		case !slices.Contains(snapshotModes, v):
			return fmt.Errorf("want %s", strings.Join(snapshotModes, ", "))
		}
		if other, ok := snapshotAliases[v]; ok {
			v = other
		}
		o.Snapshot.Mode = v
		return nil
	}},
	names("snapshot.include.collection.list", "regular expressions of database.table whose rows a snapshot reads", func(o *Options) **NameSet { return &o.Snapshot.Collections }),
	number("snapshot.fetch.size", "0", "most rows that a snapshot publishes at once; 0: what fits in a batch", func(o *Options, n int) { o.Snapshot.FetchSize = n }),
	millis("snapshot.delay.ms", "0", "milliseconds before a snapshot", func(o *Options) *time.Duration { return &o.Snapshot.Delay }),
	word("snapshot.tables.order.by.row.count", "disabled", "tables by their number of rows", words("disabled", "ascending", "descending"), func(o *Options) *string { return &o.Snapshot.OrderByRows }),
	{Name: "incremental.snapshot.chunk.size", Default: "1024", Doc: "rows of a chunk of an incremental snapshot", set: func(o *Options, v string) error {
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil || n < 1 || n > maxChunk {
			return fmt.Errorf("want a number from 1 to %d", maxChunk)
		}
		o.Snapshot.ChunkSize = int(n)
		return nil
	}},
	{Name: "incremental.snapshot.watermarking.strategy", Default: "insert_insert", Doc: "how a window of an incremental snapshot is closed in the signalling table", Kind: WordProperty,
		Values: words("insert_insert", "insert_delete"), set: func(o *Options, v string) error {
			switch strings.ToLower(v) {
			case "insert_insert", "insert_delete":
				o.Snapshot.DeleteWindow = strings.EqualFold(v, "insert_delete")
				return nil
			}
			return fmt.Errorf("want insert_insert, insert_delete")
		}},
	flag("read.only", "false", "incremental snapshots write nothing into the signalling table", func(o *Options) *bool { return &o.Snapshot.ReadOnly }),
}

var signalProperties = []Property{
	{Name: "signal.data.collection", Doc: "database.table of the signalling table", set: func(o *Options, v string) error {
		if before, after, ok := strings.Cut(v, "."); !ok || before == "" || after == "" {
			return fmt.Errorf("want database.table")
		}
		o.Signals.Table = v
		return nil
	}},
	{Name: "signal.enabled.channels", Default: "source", Doc: "ways that signals take: source, kafka; the procedure marmot.signal is always one", set: func(o *Options, v string) error {
		o.Signals.Source, o.Signals.Kafka = false, false
		for _, channel := range splitList(v) {
			switch strings.ToLower(channel) {
			case "source":
				o.Signals.Source = true
			case "kafka":
				o.Signals.Kafka = true
			case "in-process":
			default:
				return fmt.Errorf("channel %q: want source, kafka", channel)
			}
		}
		return nil
	}},
	textProperty("signal.kafka.topic", "", "topic of signals; empty: <prefix>-signal", func(o *Options) *string { return &o.Signals.KafkaTopic }),
	{Name: "signal.kafka.bootstrap.servers", Doc: "brokers of that topic; empty: those of the events", set: func(o *Options, v string) error {
		o.Signals.KafkaBrokers = splitList(v)
		return nil
	}},
	millis("signal.poll.interval.ms", "5000", "milliseconds between looks for signals of Kafka", func(o *Options) *time.Duration { return &o.Signals.Poll }),
	{Name: "notification.enabled.channels", Doc: "ways that notifications take: sink, log", set: func(o *Options, v string) error {
		for _, channel := range splitList(v) {
			switch strings.ToLower(channel) {
			case "sink":
				o.notifySink = true
			case "log":
				o.Notifications.Log = true
			default:
				return fmt.Errorf("channel %q: want sink, log", channel)
			}
		}
		return nil
	}},
	textProperty("notification.sink.topic.name", "", "topic of notifications, with the channel sink", func(o *Options) *string { return &o.Notifications.Topic }),
	millis("heartbeat.interval.ms", "0", "milliseconds between heartbeats; 0: none", func(o *Options) *time.Duration { return &o.Heartbeat }),
	textProperty("heartbeat.action.query", "", "statement that is run with each heartbeat", func(o *Options) *string { return &o.HeartbeatQuery }),
	textProperty("topic.heartbeat.name", "", "name of the topic of heartbeats, in place of prefix and topic.prefix", func(o *Options) *string { return &o.HeartbeatTopic }),
	textProperty("topic.heartbeat.prefix", "__debezium-heartbeat", "prefix of the topic of heartbeats", func(o *Options) *string { return &o.HeartbeatTopicPrefix }),
}

// selectOverrides is the prefix of the properties that hold the statements of snapshot.select.statement.overrides.
const selectOverrides = "snapshot.select.statement.overrides"

// setSelect takes snapshot.select.statement.overrides, whose list of tables says nothing that their statements do not, and the
// statement of a table.
func (o *Options) setSelect(name, value string) error {
	table, ok := strings.CutPrefix(name, selectOverrides+".")
	if !ok {
		return nil
	}
	if strings.Count(table, ".") != 1 {
		return fmt.Errorf("want %s.<database>.<table>", selectOverrides)
	}
	if !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(value)), "SELECT") {
		return fmt.Errorf("want a SELECT")
	}
	if o.Snapshot.Selects == nil {
		o.Snapshot.Selects = map[string]string{}
	}
	o.Snapshot.Selects[table] = value
	return nil
}

// agreeOnSignals checks what depends on several properties of signals and notifications.
func (o *Options) agreeOnSignals(given map[string]string) error {
	switch {
	case o.notifySink && o.Notifications.Topic == "":
		return &PropertyError{"notification.sink.topic.name", "", "the channel sink needs a topic"}
	case !o.notifySink:
		o.Notifications.Topic = ""
	}
	for _, table := range splitList(given[selectOverrides]) {
		if o.Snapshot.Selects[table] == "" {
			return &PropertyError{selectOverrides, given[selectOverrides], "there is no " + selectOverrides + "." + table}
		}
	}
	return nil
}
