package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/semaphore"

	"marmot/internal/kafkaclient"
	"marmot/log"
)

// MaxValueBytes is the largest record that the log takes. The topics take a little more, for Kafka's framing.
const MaxValueBytes = 8 << 20

// Limits of a Log.
const (
	maxBatchBytes    = MaxValueBytes + 64<<10
	maxMessageBytes  = MaxValueBytes + 1<<20 // max.message.bytes of the topics
	maxBufferedBytes = 64 << 20
	maxBuffered      = 8192 // records
	maxFetchBytes    = 8 << 20
	maxConnections   = 128 // reads under way
	deliveryTimeout  = 8 * time.Second
	dialTimeout      = 3 * time.Second
	requestTimeout   = 3 * time.Second // what a broker may take beyond what the request itself allows
	produceTimeout   = 2 * time.Second // what replication of a batch may take before it is tried again
	retryTimeout     = 5 * time.Second // of requests that are no appends
	openTimeout      = 15 * time.Second
	fetchWait        = 2 * time.Second
	metadataAge      = 250 * time.Millisecond // so soon after another a new leader is looked for
	missingPatience  = 3 * time.Second        // for a topic that may not be there
	electionPatience = 15 * time.Second       // for the leader of a partition that is there
	firstPause       = 20 * time.Millisecond
	lastPause        = time.Second
)

// Options of a Log.
type Options struct {
	Brokers     []string     // log.brokers, host:port
	Cluster     string       // cluster.name
	AllowUnsafe bool         // log.allow_unsafe
	Partitions  int          // log.partitions; 0: what is there, or 16
	Replication int          // log.replication; 0: 3, or with AllowUnsafe as many as there are brokers
	Logger      *slog.Logger // nil: silent
	// Security is how brokers are reached; nil: PLAINTEXT.
	Security *kafkaclient.Security
}

func (o Options) orderTopic() string   { return "_marmot." + o.Cluster + ".order" }
func (o Options) changesTopic() string { return "_marmot." + o.Cluster + ".changes" }
func (o Options) membersTopic() string { return "_marmot." + o.Cluster + ".members" }

func (o Options) validate() error {
	if len(o.Brokers) == 0 {
		return errors.New("log.brokers is empty; name at least one broker as host:port")
	}
	if o.Cluster == "" || len(o.Cluster) > 200 || strings.Trim(o.Cluster, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" {
		return fmt.Errorf("cluster.name is %q; Kafka's topics take letters, digits, '.', '_' and '-'", o.Cluster)
	}
	return nil
}

// Log is the log of one cluster in Kafka.
type Log struct {
	options    Options
	logger     *slog.Logger
	producer   *kgo.Client
	admin      *kadm.Client // on producer
	writes     atomic.Int64 // produce requests that have begun to leave
	bytes      *semaphore.Weighted
	slots      *semaphore.Weighted
	partitions int
	order      round
	changes    round
	topics     topics
	pool       pool
	members    members

	once   sync.Once
	closed chan struct{}
}

// Open opens the log of a cluster whose topics exist (else log.ErrNoGenesis, which names the command).
// It does not check settings; Check does. Unreachable brokers are log.ErrUnreachable.
func Open(ctx context.Context, o Options) (*Log, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	l := &Log{
		options: o,
		logger:  o.Logger,
		bytes:   semaphore.NewWeighted(maxBufferedBytes),
		slots:   semaphore.NewWeighted(maxBuffered),
		closed:  make(chan struct{}),
	}
	if l.logger == nil {
		l.logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if l.producer, err = newProducer(o, &l.writes); err != nil {
		return nil, fmt.Errorf("log.brokers %s: %w", strings.Join(o.Brokers, ","), err)
	}
	l.admin = newAdmin(l.producer)
	l.pool = pool{make: l.newReader, free: make(chan struct{}, maxConnections)}
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(o.Security.Explain(err), l.Close())
	}
	return l, nil
}

func (l *Log) open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if err := reach(ctx, l.producer, l.options); err != nil {
		return err
	}
	if err := l.topics.load(ctx, l); err != nil {
		return err
	}
	l.partitions = l.topics.count(l.options.changesTopic())
	if l.options.Partitions != 0 && l.options.Partitions != l.partitions {
		return fmt.Errorf("log.partitions is %d, but topic %s has %d; their number is fixed at creation", l.options.Partitions, l.options.changesTopic(), l.partitions)
	}
	return nil
}

func baseOptions(o Options) []kgo.Opt {
	return append([]kgo.Opt{
		kgo.SeedBrokers(o.Brokers...),
		kgo.ClientID("marmot"),
		kgo.DialTimeout(dialTimeout),
		kgo.RequestTimeoutOverhead(requestTimeout),
		kgo.RetryTimeout(retryTimeout),
		kgo.MetadataMinAge(metadataAge),
	}, o.Security.Options()...)
}

func newProducer(o Options, writes *atomic.Int64) (*kgo.Client, error) {
	return kgo.NewClient(append(baseOptions(o),
		kgo.RequiredAcks(kgo.AllISRAcks()), // idempotence is kgo's default
		kgo.ProducerLinger(0),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchMaxBytes(maxBatchBytes),
		kgo.ProducerBatchCompression(kgo.Lz4Compression(), kgo.NoCompression()),
		kgo.MaxBufferedRecords(2*maxBuffered), // slots and bytes below are the limit, so Produce never blocks
		kgo.RecordDeliveryTimeout(deliveryTimeout),
		kgo.ProduceRequestTimeout(produceTimeout),
		kgo.WithHooks(writeCounter{writes}),
	)...)
}

// newAdmin asks the brokers that know, and no longer than a request may take.
func newAdmin(c *kgo.Client) *kadm.Client {
	admin := kadm.NewClient(c)
	admin.SetTimeoutMillis(int32(requestTimeout.Milliseconds()))
	return admin
}

// reach waits until one of the brokers answers.
func reach(ctx context.Context, c *kgo.Client, o Options) error {
	if err := c.Ping(ctx); err != nil {
		if err = o.Security.Explain(err); kafkaclient.IsTrouble(err) {
			return fmt.Errorf("%w: %w", log.ErrUnreachable, err)
		}
		return fmt.Errorf("%w: no broker of log.brokers (%s) answers: %w", log.ErrUnreachable, strings.Join(o.Brokers, ","), err)
	}
	return nil
}

// Close ends the log; appends under way end with log.ErrUnknown, reads with log.ErrClosed.
func (l *Log) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.producer.Close()
		l.pool.close()
	})
	return nil
}

func (l *Log) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// Partitions implements log.Log.
func (l *Log) Partitions() int { return l.partitions }

// place returns topic and partition of a stream.
func (l *Log) place(s log.Stream) (string, int32, error) {
	switch {
	case s == log.Order:
		return l.options.orderTopic(), 0, nil
	case s >= 0 && int(s) < l.partitions:
		return l.options.changesTopic(), int32(s), nil
	}
	return "", 0, fmt.Errorf("stream %d: the log has %d changes streams", s, l.partitions)
}

var (
	_ log.Log     = (*Log)(nil)
	_ log.Members = (*Log)(nil)
)
