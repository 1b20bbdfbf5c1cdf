package mirror

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"marmot/debezium"
	"marmot/txn"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// Meta keeps small values across restarts; *store.Store is one.
type Meta interface {
	Meta(key string) (value []byte, ok bool, err error) // false: nothing was set
	SetMeta(key string, value []byte) error
}

// Options configure a Mirror.
type Options struct {
	Listen    string // host:port
	Advertise string // host told to clients when Listen has none; empty: 127.0.0.1
	ClusterID string
	// Partitions of each event topic. The value of the first start holds for ever: offsets depend on it.
	Partitions     int32
	RetentionBytes int64 // of all records together, in equal parts for the emissions; at least 1 MiB
	Meta           Meta
	// Emissions are the names of those beside MainEmission that are published here.
	Emissions []string
	// First is the first position that the log has: what came before cannot be published again.
	First txn.Position
	// Journal is the file that keeps what is no function of the log; those of other emissions stand beside it, with their names at the
	// end. Empty: such events are gone after a restart.
	Journal string
	// Seen is the position up to which consumers may have seen events: where the log ended at the start.
	Seen txn.Position
}

const (
	// segmentBytes is how finely memory is given back.
	segmentBytes = "1048576"
	// maxBatchBytes bounds a record, and what one partition gets at once: the batches of the emitter are smaller,
	// but for a row that is larger, and nobody could publish that one in another way.
	maxBatchBytes = 1<<30 - 1<<20
)

// MainEmission is the emission that a new Mirror publishes.
const MainEmission = "main"

// Mirror is a debezium.Publisher whose topics are served over the Kafka protocol. Several emissions share one broker, each with
// a Mirror of its own, topics of its own and its own progress (Emission).
// Publish and Progress are called by one goroutine for each emission.
type Mirror struct {
	*shared
	name  string // of the emission
	state *state

	resume   atomic.Uint64 // what Resume returns
	kept     []span        // oldest first
	keptSize int64
	broken   error // a batch is in the broker in part, and cannot be taken back
	told     func(debezium.Progress)

	journal  *journal // nil: nothing is kept
	replayed int      // entries of the journal that are published
	number   uint64   // of the last one published
}

// shared is what the emissions of one mirror have together.
type shared struct {
	options Options
	gate    *gate
	broker  *kfake.Cluster
	client  *kgo.Client
	parts   []*Mirror // MainEmission first

	mu     sync.Mutex
	topics map[string]string // the emission that has it
}

// span is a run of records of one batch in one partition.
type span struct {
	topic     string
	partition int32
	end       int64 // offset after its last record
	bytes     int64
}

// New binds the address and restores what Meta has: checkpoints and the offsets of consumer
// groups. Clients wait until Open.
func New(ctx context.Context, o Options) (*Mirror, error) {
	network, err := net.Listen("tcp", o.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("kafka.listen = %q: the port is taken by another process; stop it, choose another address, or set kafka.listen = \"\"", o.Listen)
	}
	if err != nil {
		return nil, fmt.Errorf("kafka.listen = %q: %w", o.Listen, err)
	}
	s := &shared{options: o, gate: newGate(network, advertised(network.Addr(), o.Advertise)), topics: map[string]string{}}
	for _, name := range append([]string{MainEmission}, o.Emissions...) {
		s.parts = append(s.parts, &Mirror{shared: s, name: name})
	}
	m := s.parts[0]
	if err := s.start(ctx); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

// Emission returns the publisher of another emission of the same mirror, nil if New was not told of it.
func (m *Mirror) Emission(name string) *Mirror {
	for _, part := range m.parts {
		if part.name == name {
			return part
		}
	}
	return nil
}

// retention is the part of the records' room that each emission has.
func (s *shared) retention() int64 { return s.options.RetentionBytes / int64(len(s.parts)) }

// advertised returns the address that clients are told, nil for the listener's own.
func advertised(bound net.Addr, host string) net.Addr {
	tcp, ok := bound.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() && host == "" {
		return nil
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return hostPort(net.JoinHostPort(host, fmt.Sprint(tcp.Port)))
}

func (s *shared) start(ctx context.Context) error {
	if err := s.listen(); err != nil {
		return err
	}
	for _, part := range s.parts {
		if err := part.restore(ctx); err != nil {
			return err
		}
	}
	return nil
}

// restore makes the emission's topics anew.
func (m *Mirror) restore(ctx context.Context) error {
	var err error
	if m.state, err = loadState(m.options.Meta, stateKey(m.name), m.options.Partitions, m.retention(), m.options.First); err != nil {
		return err
	}
	if err := m.openJournal(); err != nil {
		return err
	}
	m.resume.Store(uint64(m.resumes()))
	for _, topic := range m.state.topics() {
		if err := m.seed(ctx, topic); err != nil {
			return fmt.Errorf("restore topic %s: %w", topic, err)
		}
	}
	return nil
}

// listen starts the broker and the client that writes.
func (s *shared) listen() error {
	var err error
	s.broker, err = kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.ClusterID(s.options.ClusterID),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return s.gate, nil }),
		kfake.MaxVersions(kversion.V2_7_0()), // the last without topic ids
	)
	if err != nil {
		return fmt.Errorf("kafka.listen: %w", err)
	}
	s.client, err = kgo.NewClient(
		kgo.SeedBrokers(s.gate.Addr().String()),
		kgo.Dialer(s.gate.dial),
		kgo.BrokerMaxWriteBytes(maxBatchBytes+1<<20),
	)
	if err != nil {
		return fmt.Errorf("kafka.listen: %w", err)
	}
	return nil
}

// Addr returns the address that clients are told.
func (m *Mirror) Addr() string { return m.gate.Addr().String() }

// Open restores the offsets of consumer groups and lets clients in. The caller has published
// again what was published before the last stop.
func (m *Mirror) Open(ctx context.Context) error {
	if err := m.restoreGroups(ctx); err != nil {
		return err
	}
	m.gate.open()
	return nil
}

// Close ends the broker and all connections.
func (m *Mirror) Close() {
	m.gate.close()
	for _, part := range m.parts {
		if part.journal != nil {
			_ = part.journal.close() // each batch was synced
		}
	}
	if m.client != nil {
		m.client.Close()
	}
	if m.broker != nil {
		m.broker.Close()
	}
}

// Progress implements debezium.Publisher: what the mirror holds now, which after New is the
// checkpoint that it began at.
func (m *Mirror) Progress(context.Context) (debezium.Progress, error) {
	if m.told != nil {
		m.told(m.state.progress)
	}
	return m.state.progress, m.broken
}

// Tell has each answer of Progress handed to f too. It is called before the first.
func (m *Mirror) Tell(f func(debezium.Progress)) { m.told = f }

// Resume returns the position after which a mirror would begin that was made now from what Meta has: it needs the
// log from there on. Any goroutine may call it.
func (m *Mirror) Resume() txn.Position { return txn.Position(m.resume.Load()) }

// Publish implements debezium.Publisher. After an error that leaves a part of the batch in the broker it
// is debezium.ErrBroken for ever: to publish the batch again would show consumers records twice.
func (m *Mirror) Publish(ctx context.Context, batch []debezium.Record, p debezium.Progress) error {
	if m.broken != nil {
		return m.broken
	}
	if err := m.keepBatch(batch, p); err != nil {
		return err
	}
	return m.produce(ctx, batch, p)
}

// keep accounts for a record.
func (m *Mirror) keep(r *kgo.Record) {
	size := int64(len(r.Key)+len(r.Value)) + recordOverhead
	m.state.advance(r.Topic, r.Partition, r.Offset+1, size)
	m.keptSize += size
	if n := len(m.kept); n > 0 {
		last := &m.kept[n-1]
		if last.topic == r.Topic && last.partition == r.Partition && last.bytes < 64<<10 {
			last.end, last.bytes = r.Offset+1, last.bytes+size
			return
		}
	}
	m.kept = append(m.kept, span{r.Topic, r.Partition, r.Offset + 1, size})
}

// recordOverhead is about what framing and headers add to a record.
const recordOverhead = 300

// trim gives up the oldest records beyond the retention.
func (m *Mirror) trim() error {
	n := 0
	for ; m.keptSize > m.retention() && n < len(m.kept)-1; n++ {
		s := m.kept[n]
		if err := m.broker.DeleteRecords(s.topic, s.partition, s.end); err != nil {
			return fmt.Errorf("trim %s: %w", s.topic, err)
		}
		m.keptSize -= s.bytes
	}
	m.kept = m.kept[n:]
	return nil
}

// ensure creates a topic that is not there.
func (m *Mirror) ensure(topic string) error {
	if m.state.has(topic) {
		return nil
	}
	if err := m.claim(topic); err != nil {
		return err
	}
	settings := map[string]string{"segment.bytes": segmentBytes, "retention.ms": "-1", "max.message.bytes": strconv.Itoa(maxBatchBytes)}
	if err := m.broker.CreateTopic(topic, m.state.Partitions, settings); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("create topic %s: %w", topic, err)
	}
	m.state.add(topic)
	return nil
}

// claim takes a topic for this emission: a start could not make one again that two write to.
func (m *Mirror) claim(topic string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if owner := m.topics[topic]; owner != "" && owner != m.name {
		return fmt.Errorf("topic %s is that of emitter %s, and emitter %s would write to it too: give them topics that differ", topic, owner, m.name)
	}
	m.topics[topic] = m.name
	return nil
}

// seed creates a topic whose partitions end where the checkpoint says and hold nothing.
func (m *Mirror) seed(ctx context.Context, topic string) error {
	ends := m.state.ends[topic]
	delete(m.state.ends, topic)
	if err := m.ensure(topic); err != nil {
		return err
	}
	for partition, end := range ends {
		for at := int64(0); at < end; {
			n := int32(min(end-at, 1<<30))
			if err := m.skip(ctx, topic, int32(partition), n); err != nil {
				return err
			}
			at += int64(n)
		}
		if end > 0 {
			if err := m.broker.DeleteRecords(topic, int32(partition), end); err != nil {
				return err
			}
		}
	}
	m.state.ends[topic] = ends
	return nil
}

// skip moves the end of a partition by n offsets: a batch that says it has n records, and has none.
func (m *Mirror) skip(ctx context.Context, topic string, partition, n int32) error {
	request := newProduceRequest()
	addPartition(request, topic, partition, emptyBatch(n))
	return m.send(ctx, request, nil)
}

// groups keeps what consumer groups have committed.
type groups struct {
	mu      sync.Mutex
	meta    Meta
	offsets map[string]map[string]map[int32]committed // group, topic, partition
}

type committed struct {
	Offset   int64  `json:"offset"`
	Metadata string `json:"metadata,omitempty"`
}

// restoreGroups commits the stored offsets again and from then on stores each commit before
// the broker answers it. (A commit that the broker then refuses, of a member that was put out of its group,
// is stored too: such a group may read records again after a restart.)
func (m *Mirror) restoreGroups(ctx context.Context) error {
	g, err := loadGroups(m.options.Meta)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	admin := kadm.NewClient(m.client)
	for group, topics := range g.offsets {
		offsets := kadm.Offsets{}
		for topic, partitions := range topics {
			if m.topics[topic] == "" {
				continue // nothing is published there, so nothing was read
			}
			for partition, c := range partitions {
				offsets.Add(kadm.Offset{Topic: topic, Partition: partition, At: c.Offset, LeaderEpoch: -1, Metadata: c.Metadata})
			}
		}
		if err := admin.CommitAllOffsets(ctx, group, offsets); err != nil {
			return fmt.Errorf("restore the offsets of consumer group %s: %w", group, err)
		}
	}
	m.broker.ControlKey(int16(kmsg.OffsetCommit), func(r kmsg.Request) (kmsg.Response, error, bool) {
		m.broker.KeepControl()
		if err := g.store(r.(*kmsg.OffsetCommitRequest)); err != nil {
			return nil, err, true // closes the connection; the client tries again
		}
		return nil, nil, false
	})
	return nil
}
