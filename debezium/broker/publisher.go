package broker

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"marmot/debezium"
	"marmot/internal/kafkaclient"
	"marmot/txn"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Options configure a Publisher.
type Options struct {
	Brokers     []string
	Cluster     string // cluster.name
	ClusterID   string // of the log that positions are of: progress of another cluster of the same name is left aside
	Emission    string // name of the emission; its events have one owner at a time
	Partitions  int32  // of event topics that do not exist yet
	Replication int16  // of those topics; also of the progress topic
	// AtLeastOnce publishes without transactions and stores progress behind: sooner, and after a crash what came since the last that
	// was stored comes again.
	AtLeastOnce bool
	// Told, if not nil, is handed each answer of Progress too.
	Told   func(debezium.Progress)
	Logger *slog.Logger // nil: none
	// Replicas are of topics that have another number of replicas.
	Replicas map[string]int16
	// Topic says how a topic is made, where it is not as all are; nil: all are.
	Topic func(topic string) debezium.TopicSettings
	// Security is how brokers are reached; nil: PLAINTEXT.
	Security *kafkaclient.Security
	// Client adds options to the Kafka client.
	Client []kgo.Opt
}

// maxEventBytes is the largest event that topics and client take: a row of max_allowed_packet, before
// and after, is larger still only with both images near that limit. Kafka's own limit of a request is 100 MiB.
const maxEventBytes = 90 << 20

// transactionTimeout is how long Kafka keeps a transaction of an emitter that went silent.
const transactionTimeout = 10 * time.Second

// patience bounds each step of a transaction, of taking over and of making topics. The client itself waits as long as it takes for the fate of what it has sent, and for a
// coordinator that is busy with an earlier transaction; a new client of the emission finds out where it stands. Longer than transactionTimeout: by then Kafka has ended it.
const patience = 30 * time.Second

// Publisher is a debezium.Publisher on Kafka. Owned by one goroutine, but for Resume.
type Publisher struct {
	options Options
	client  *kgo.Client   // nil until Progress
	end     func()        // closes client, once
	patient time.Duration // patience
	topics  map[string]bool
	reset   txn.Position // newest that was carried out
	strange bool         // it was told that there is progress of another cluster
	behind  behind       // of AtLeastOnce
	resume  atomic.Uint64
	limits  map[string]int32 // max.message.bytes of topics that refused a batch
}

// New returns a publisher. It connects at Progress.
func New(o Options) *Publisher {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Publisher{options: o, patient: patience, topics: map[string]bool{}, limits: map[string]int32{}}
}

// Eager implements debezium.Eager: a batch without a transaction costs little.
func (p *Publisher) Eager() bool { return p.options.AtLeastOnce }

// Resume returns the position up to which the progress is stored, which is where another publisher would go on. Any goroutine
// may call it.
func (p *Publisher) Resume() txn.Position { return txn.Position(p.resume.Load()) }

// ProgressTopic is where the progress of a cluster's emissions is kept.
func ProgressTopic(cluster string) string { return "_marmot." + cluster + ".emitter" }

// stored is the value of a progress record.
type stored struct {
	Format   int    `json:"format"`
	Position uint64 `json:"position"`
	Events   uint64 `json:"events"`
	State    string `json:"state,omitempty"`
	Reset    uint64 `json:"reset,omitempty"`
	Row      int64  `json:"row,omitempty"` // a release that does not read it takes it for 0
	// ClusterID is whose log the position is of; empty: releases that did not say so.
	ClusterID string `json:"cluster,omitempty"`
}

// Close ends the client; an open transaction is aborted by Kafka in time.
func (p *Publisher) Close() {
	if p.client == nil {
		return
	}
	if p.options.AtLeastOnce {
		p.closeBehind()
	}
	p.drop()
}

// drop ends the client, and keeps what is known: another client stores the progress.
func (p *Publisher) drop() {
	p.behind.stop()
	if p.client != nil {
		p.end()
		p.client = nil
	}
}

// Progress takes over the emission and returns where it stands.
func (p *Publisher) Progress(ctx context.Context) (debezium.Progress, error) {
	progress, err := p.takeOver(ctx)
	return progress, p.options.Security.Explain(err)
}

func (p *Publisher) takeOver(ctx context.Context) (debezium.Progress, error) {
	p.drop()
	client, err := kgo.NewClient(append(p.clientOptions(), p.options.Client...)...)
	if err != nil {
		return debezium.Progress{}, fmt.Errorf("kafka client: %w", err)
	}
	p.client, p.end = client, sync.OnceFunc(client.Close)
	if err := p.step(ctx, p.createProgressTopic); err != nil {
		return debezium.Progress{}, err
	}
	if !p.options.AtLeastOnce {
		// The producer id comes with a new epoch, which fences earlier owners and ends their transactions.
		if err := p.step(ctx, func(ctx context.Context) error { _, _, err := client.ProducerID(ctx); return err }); err != nil {
			return debezium.Progress{}, fmt.Errorf("transactional id %s: %w", p.transactionalID(), err)
		}
	}
	progress, err := p.readProgress(ctx)
	if err != nil {
		return progress, err
	}
	progress = p.behind.latest(progress)
	if p.options.AtLeastOnce {
		p.storeSoon()
	}
	p.reset = progress.Reset
	p.resume.Store(uint64(progress.Position))
	if p.options.Told != nil {
		p.options.Told(progress)
	}
	return progress, nil
}

func (p *Publisher) transactionalID() string {
	return "marmot-" + p.options.Cluster + "-" + p.options.Emission
}

// clientOptions are those of the client that publishes.
func (p *Publisher) clientOptions() []kgo.Opt {
	list := append(p.options.Security.Options(),
		kgo.SeedBrokers(p.options.Brokers...),
		kgo.ProducerLinger(0),
		kgo.ProducerBatchMaxBytesFn(batchLimits(maps.Clone(p.limits))),
		kgo.RecordPartitioner(debezium.Partitioner()),
		kgo.ProducerBatchCompression(kgo.Lz4Compression(), kgo.NoCompression()),
	)
	if p.options.AtLeastOnce {
		// Without a limit of time the client sends a batch again without writing it twice; but who ends does not wait for that.
		return append(list, kgo.AllowIdempotentProduceCancellation())
	}
	return append(list, kgo.RecordDeliveryTimeout(transactionTimeout), kgo.TransactionalID(p.transactionalID()), kgo.TransactionTimeout(transactionTimeout))
}

func (p *Publisher) createProgressTopic(ctx context.Context) error {
	admin := kadm.NewClient(p.client)
	compact := "compact"
	_, err := admin.CreateTopic(ctx, 1, p.options.Replication, map[string]*string{"cleanup.policy": &compact}, ProgressTopic(p.options.Cluster))
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("create topic %s: %w", ProgressTopic(p.options.Cluster), err)
	}
	return nil
}

// progressLook is how many of the last records of the progress topic are read first; each further look reads lookGrowth times as many.
const (
	progressLook = 1000
	lookGrowth   = 10
)

// readProgress reads the newest progress of the emission that is committed. It is near the end of the topic, unless the
// emission has rested while others went on.
func (p *Publisher) readProgress(ctx context.Context) (debezium.Progress, error) {
	topic := ProgressTopic(p.options.Cluster)
	admin := kadm.NewClient(p.client)
	patient, cancel := context.WithTimeout(ctx, topicPatience)
	defer cancel()
	start, err := offsetOf(patient, admin.ListStartOffsets, topic)
	if err != nil {
		return debezium.Progress{}, fmt.Errorf("start of %s: %w", topic, err)
	}
	end, err := offsetOf(patient, admin.ListEndOffsets, topic)
	if err != nil {
		return debezium.Progress{}, fmt.Errorf("end of %s: %w", topic, err)
	}
	for look := int64(progressLook); ; look *= lookGrowth {
		from := max(end-look, start)
		progress, found, err := p.readProgressFrom(ctx, from, end)
		if err != nil || found || from == start {
			return progress, err
		}
	}
}

// How long the progress topic may have no leader that knows of it, and how long to wait between two questions.
const (
	topicPatience = 10 * time.Second
	topicPause    = 50 * time.Millisecond
)

// offsetOf asks for one end of the progress topic until ctx ends. A broker may not have heard yet of a topic that has just been
// created, and a leader that is being elected answers with an error that passes.
func offsetOf(ctx context.Context, list func(context.Context, ...string) (kadm.ListedOffsets, error), topic string) (int64, error) {
	for {
		listed, err := list(ctx, topic)
		if err == nil {
			err = listed.Error()
		}
		if err == nil {
			if o, ok := listed.Lookup(topic, 0); ok {
				return o.Offset, nil
			}
			err = kerr.UnknownTopicOrPartition
		}
		if !kerr.IsRetriable(err) {
			return 0, err
		}
		select {
		case <-time.After(topicPause):
		case <-ctx.Done():
			return 0, err
		}
	}
}

// readProgressFrom reads a part of the progress topic. It does not wait for transactions that are open there, which a reader of committed records does: those
// of others do not matter, and of the emission's own none is open once it has its producer id. Markers tell what is committed.
func (p *Publisher) readProgressFrom(ctx context.Context, from, end int64) (progress debezium.Progress, found bool, err error) {
	if from >= end {
		return progress, false, nil
	}
	topic := ProgressTopic(p.options.Cluster)
	reader, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(p.options.Brokers...),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(from)}}),
		kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.KeepControlRecords(),
	}, append(p.options.Security.Options(), p.options.Client...)...)...)
	if err != nil {
		return progress, false, fmt.Errorf("kafka client: %w", err)
	}
	defer reader.Close()
	newest := func(one debezium.Progress) {
		if !older(one, progress) {
			progress, found = one, true
		}
	}
	open := map[int64]debezium.Progress{} // of transactions, by producer
	take := func(r *kgo.Record) error {
		if r.Attrs.IsControl() {
			if one, ok := open[r.ProducerID]; ok && commits(r.Key) {
				newest(one)
			}
			delete(open, r.ProducerID)
			return nil
		}
		if string(r.Key) != p.options.Emission {
			return nil
		}
		one, cluster, err := decodeProgress(r.Value)
		switch {
		case err != nil:
			return err
		case !p.mine(cluster):
		case r.Attrs.IsTransactional():
			open[r.ProducerID] = one // a transaction has one
		default:
			newest(one)
		}
		return nil
	}
	for next := from; next < end; {
		var fetches kgo.Fetches
		if err := p.step(ctx, func(ctx context.Context) error { fetches = reader.PollFetches(ctx); return fetches.Err() }); err != nil {
			return progress, false, fmt.Errorf("read %s: %w", topic, err)
		}
		var failed error
		fetches.EachRecord(func(r *kgo.Record) {
			next = r.Offset + 1
			if failed == nil {
				failed = take(r)
			}
		})
		if failed != nil {
			return progress, false, fmt.Errorf("read %s: %w", topic, failed)
		}
	}
	return progress, found, nil
}

// commits reports whether the key of a control record is that of a commit: a version, and 1 (0: what came before is taken back).
func commits(key []byte) bool {
	return len(key) >= 4 && binary.BigEndian.Uint16(key[2:]) == 1
}

// mine reports whether a progress is of this cluster's log. That of an earlier cluster of the same name is of other positions.
func (p *Publisher) mine(cluster string) bool {
	if cluster == "" || p.options.ClusterID == "" || cluster == p.options.ClusterID {
		return true
	}
	if !p.strange {
		p.strange = true
		p.options.Logger.Warn("progress of another cluster of this name is left aside", "emitter", p.options.Emission, "cluster", cluster)
	}
	return false
}

// older reports whether a was stored by a publisher that others had overtaken: without transactions it may come late.
func older(a, b debezium.Progress) bool {
	return cmp.Or(cmp.Compare(a.Reset, b.Reset), cmp.Compare(a.Position, b.Position), cmp.Compare(a.Events, b.Events)) < 0
}

// progressFormat is what is written, and the newest that is read. Progress without Reset is written as format 2, which had none, and
// without State too as format 1.
const progressFormat = 3

func encodeProgress(p debezium.Progress, cluster string) ([]byte, error) {
	format := progressFormat
	switch {
	case p.Reset != 0:
	case p.State != "":
		format = 2
	default:
		format = 1
	}
	return json.Marshal(stored{format, uint64(p.Position), p.Events, p.State, uint64(p.Reset), p.Row, cluster})
}

func decodeProgress(value []byte) (p debezium.Progress, cluster string, err error) {
	var s stored
	if err := json.Unmarshal(value, &s); err != nil {
		return p, "", fmt.Errorf("progress record %q: %w: %w", value, err, txn.ErrCorrupt)
	}
	switch {
	case s.Format > progressFormat:
		return p, "", fmt.Errorf("progress record of format %d, this release reads up to %d; start the release that wrote it, or a later one: %w", s.Format, progressFormat, txn.ErrFuture)
	case s.Format < 1, s.Format == 1 && s.State != "", s.Format < 3 && s.Reset != 0:
		return p, "", fmt.Errorf("progress record of format %d: %w", s.Format, txn.ErrCorrupt)
	}
	return debezium.Progress{Position: txn.Position(s.Position), Events: s.Events, State: s.State, Reset: txn.Position(s.Reset), Row: s.Row}, s.ClusterID, nil
}

// Publish writes the batch and the progress in one transaction, or with AtLeastOnce the batch, and the progress soon after.
func (p *Publisher) Publish(ctx context.Context, batch []debezium.Record, progress debezium.Progress) error {
	return p.options.Security.Explain(p.publish(ctx, batch, progress))
}

func (p *Publisher) publish(ctx context.Context, batch []debezium.Record, progress debezium.Progress) error {
	progress.Reset = max(progress.Reset, p.reset)
	p.reset = progress.Reset
	if err := p.step(ctx, func(ctx context.Context) error { return p.createTopics(ctx, batch) }); err != nil {
		return fenced(err)
	}
	if p.options.AtLeastOnce {
		return p.publishSoon(ctx, batch, progress)
	}
	if err := p.client.BeginTransaction(); err != nil {
		return fenced(fmt.Errorf("begin transaction: %w", err))
	}
	value, err := encodeProgress(progress, p.options.ClusterID)
	if err != nil {
		return fmt.Errorf("progress record: %w", err)
	}
	if failed := p.produceAll(ctx, batch, value); failed.err != nil {
		aborted := p.endTransaction(ctx, kgo.TryAbort) // if it fails, the caller asks for Progress, which aborts it for sure
		err := fmt.Errorf("produce: %w", failed.err)
		if aborted == nil && failed.index >= 0 && errors.Is(err, kerr.MessageTooLarge) {
			return p.tooLarge(ctx, batch, failed.index, err)
		}
		return fenced(err)
	}
	if err := p.endTransaction(ctx, kgo.TryCommit); err != nil {
		return fenced(fmt.Errorf("commit transaction: %w", err))
	}
	p.resume.Store(uint64(progress.Position))
	return nil
}

// step does what is given up after a while.
func (p *Publisher) step(ctx context.Context, do func(ctx context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, p.patient)
	defer cancel()
	err := do(bounded)
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return fmt.Errorf("no answer within %s: %w", p.patient, err)
	}
	return err
}

func (p *Publisher) endTransaction(ctx context.Context, how kgo.TransactionEndTry) error {
	return p.step(ctx, func(ctx context.Context) error { return p.client.EndTransaction(ctx, how) })
}

// produceAll writes the records of a transaction. Those that are on their way when it is given up stay where they are: only the end of the client
// ends the wait for them.
func (p *Publisher) produceAll(ctx context.Context, batch []debezium.Record, progress []byte) (result produced) {
	err := p.step(ctx, func(ctx context.Context) error {
		defer context.AfterFunc(ctx, p.end)()
		result = p.produce(ctx, batch, progress)
		return result.err
	})
	result.err = err
	return result
}

// fenced marks errors that say that another publisher has the transactional id.
func fenced(err error) error {
	if errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerEpoch) {
		return fmt.Errorf("%w: %w", debezium.ErrFenced, err)
	}
	return err
}

// createTopics makes the event topics of a batch that are not known to exist.
func (p *Publisher) createTopics(ctx context.Context, batch []debezium.Record) error {
	var missing []string
	for i := range batch {
		t := batch[i].Topic
		if p.topics[t] {
			continue
		}
		if !validTopic(t) { // a transform may name topics as it likes
			for _, t := range missing {
				delete(p.topics, t)
			}
			return &debezium.RecordError{Index: i, Cause: fmt.Errorf("topic %q: %w", t, kerr.InvalidTopicException)}
		}
		p.topics[t] = true
		missing = append(missing, t)
	}
	if len(missing) == 0 {
		return nil
	}
	err := p.createMissing(ctx, missing)
	if err == nil {
		return nil
	}
	for _, t := range missing {
		delete(p.topics, t)
	}
	return fmt.Errorf("create event topics: %w", err)
}
