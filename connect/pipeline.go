package connect

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"marmot/connect/sink"
	"marmot/internal/kafkaclient"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Options configure a Pipeline.
type Options struct {
	Brokers []string
	Group   string
	// Prefix is the topic.prefix of the events: <prefix> and all topics below <prefix>. are read.
	Prefix string
	// FlushInterval is how often the sink makes records durable.
	FlushInterval time.Duration
	Sink          sink.Sink
	Events        Events
	// Security is how brokers are reached; nil: PLAINTEXT.
	Security *kafkaclient.Security
}

// Events are told what a pipeline does; any may be nil.
type Events struct {
	Assigned func(p sink.Partition, next int64)
	Revoked  func(p sink.Partition)
	Stored   func(records int)
	Waiting  func(err error) // the sink or the broker cannot be used now
}

// Limits of one turn.
const (
	pollRecords = 5_000
	// topicsAge is how soon a new table's topic is found.
	topicsAge = 2 * time.Second
	// pause is how long a sink that cannot write is left alone.
	pause = time.Second
)

// Pipeline reads topics into a sink.
type Pipeline struct {
	options Options
	client  *kgo.Client

	// sink is used by Run and, while Run polls or ends, by the group's callbacks.
	mu sync.Mutex
	// failed is what a callback ran into.
	failed error
	// untaken: Run ends with records that were polled and that the sink has not taken. The client counts
	// them as consumed; to commit that would lose them for a sink that knows nothing of their partition.
	untaken bool
	// assigned: the group has given it a partition, now or before.
	assigned bool
}

// New returns a pipeline. It connects in Run.
func New(o Options) (*Pipeline, error) {
	p := &Pipeline{options: o}
	quoted := regexp.QuoteMeta(o.Prefix)
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(o.Brokers...),
		kgo.ConsumerGroup(o.Group),
		kgo.ConsumeRegex(),
		kgo.ConsumeTopics("^"+quoted+"$", "^"+quoted+`\..*$`),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.SessionTimeout(sessionTimeout),
		kgo.MetadataMaxAge(topicsAge),
		kgo.MetadataMinAge(topicsAge / 4),
		kgo.AdjustFetchOffsetsFn(p.adjust),
		kgo.OnPartitionsRevoked(p.revoke),
		kgo.OnPartitionsLost(p.revoke),
	}, o.Security.Options()...)...)
	if err != nil {
		return nil, fmt.Errorf("kafka.brokers: %w", err)
	}
	p.client = client
	return p, nil
}

// adjust lets the sink say where partitions go on. Called by the client when it gets partitions.
func (p *Pipeline) adjust(ctx context.Context, offsets map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.assigned = true
	for topic, partitions := range offsets {
		for id := range partitions {
			name := sink.Partition{Topic: topic, ID: id}
			next, err := p.options.Sink.Assign(ctx, name)
			if err != nil {
				p.failed = err
				return nil, err
			}
			if next != sink.Unknown {
				partitions[id] = kgo.NewOffset().At(next)
			}
			if p.options.Events.Assigned != nil {
				p.options.Events.Assigned(name, next)
			}
		}
	}
	return offsets, nil
}

// revoke gives partitions up.
func (p *Pipeline) revoke(ctx context.Context, _ *kgo.Client, lost map[string][]int32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for topic, partitions := range lost {
		for _, id := range partitions {
			name := sink.Partition{Topic: topic, ID: id}
			if err := p.options.Sink.Revoke(ctx, name); err != nil {
				p.failed = err
			}
			if p.options.Events.Revoked != nil {
				p.options.Events.Revoked(name)
			}
		}
	}
}

// Run reads until ctx ends, then finishes what it has. It returns an error that only a person
// can mend; brokers that are away and a sink that is full are waited for.
func (p *Pipeline) Run(ctx context.Context) error {
	err := p.enter(ctx)
	if err == nil {
		err = p.loop(ctx)
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err == nil {
		err = p.flush(closing)
	}
	p.leave(closing)
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(err, p.options.Sink.Close(closing))
}

// leave gives the partitions to the others of the group, and ends the client.
func (p *Pipeline) leave(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, leaveTimeout)
	defer cancel()
	p.client.AllowRebalance()
	if err := p.client.LeaveGroupContext(bounded); err != nil {
		p.waiting(fmt.Errorf("leave the group, which notices by itself after %s: %w", sessionTimeout, err))
	}
	p.client.Close()
}

const (
	// closeTimeout bounds the end of a pipeline.
	closeTimeout = 20 * time.Second
	// commitTimeout and leaveTimeout bound what of that brokers may take that do not answer; the sink has the rest.
	commitTimeout = 5 * time.Second
	leaveTimeout  = 3 * time.Second
	// sessionTimeout is how long a group keeps the partitions of a process that was killed.
	sessionTimeout = 10 * time.Second
)

const (
	// entryPatience is how long brokers may refuse a client that has just started: they may be starting too.
	entryPatience = 5 * time.Second
	// entryTimeout bounds one look at the brokers.
	entryTimeout = 5 * time.Second
	// topicPatience is how long a group may be without partitions before somebody is told.
	topicPatience = 30 * time.Second
)

// enter makes sure that the brokers take the client as it is configured. Brokers that are away are waited for later.
func (p *Pipeline) enter(ctx context.Context) error {
	for begun := time.Now(); ; {
		bounded, cancel := context.WithTimeout(ctx, entryTimeout)
		_, err := kadm.NewClient(p.client).BrokerMetadata(bounded) // a request that wants a login, as a ping does not
		cancel()
		err = p.options.Security.Explain(err)
		switch {
		case ctx.Err() != nil || !kafkaclient.IsTrouble(err):
			return nil
		case time.Since(begun) > entryPatience:
			return err
		}
		p.waiting(err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// waiting tells that something cannot be used now.
func (p *Pipeline) waiting(err error) {
	if p.options.Events.Waiting != nil {
		p.options.Events.Waiting(p.options.Security.Explain(err))
	}
}

// lookForTopics tells once if there has been nothing to read for long. To a client without rights on them topics do not exist.
func (p *Pipeline) lookForTopics(begun time.Time) (told bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.assigned && time.Since(begun) > topicPatience {
		p.waiting(fmt.Errorf("no topic %s or %s.… is there, or none that this client has a right to read", p.options.Prefix, p.options.Prefix))
		return true
	}
	return p.assigned
}

func (p *Pipeline) loop(ctx context.Context) error {
	begun, told := time.Now(), false
	flushed := time.Now()
	for ctx.Err() == nil {
		if !told {
			told = p.lookForTopics(begun)
		}
		if err := p.turn(ctx); err != nil {
			return err
		}
		if time.Since(flushed) < p.options.FlushInterval {
			continue
		}
		if err := p.flush(ctx); err != nil {
			return err
		}
		flushed = time.Now()
	}
	return nil
}

// turn polls once and hands what came to the sink.
func (p *Pipeline) turn(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, p.options.FlushInterval)
	defer cancel()
	fetches := p.client.PollRecords(bounded, pollRecords)
	defer p.client.AllowRebalance()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed != nil {
		return p.failed
	}
	fetches.EachError(func(topic string, id int32, err error) {
		if bounded.Err() == nil {
			p.waiting(fmt.Errorf("read %s/%d: %w", topic, id, err))
		}
	})
	records := make([]sink.Record, 0, fetches.NumRecords())
	fetches.EachRecord(func(r *kgo.Record) { records = append(records, fromKafka(r)) })
	if len(records) == 0 {
		return nil
	}
	if err := p.write(ctx, records); err != nil {
		return err
	}
	if p.options.Events.Stored != nil && !p.untaken {
		p.options.Events.Stored(len(records))
	}
	return nil
}

// write hands records to the sink until it has taken them: what does not fit now may fit later.
func (p *Pipeline) write(ctx context.Context, records []sink.Record) error {
	for {
		err := p.options.Sink.Write(ctx, records)
		if err == nil || !errors.Is(err, sink.ErrTransient) {
			return err
		}
		p.waiting(err)
		select {
		case <-ctx.Done():
			p.untaken = true
			return nil // read again at the next start
		case <-time.After(pause):
		}
	}
}

// flush makes the sink's records durable and commits the group's offsets.
func (p *Pipeline) flush(ctx context.Context) error {
	p.mu.Lock()
	err := p.options.Sink.Flush(ctx)
	p.mu.Unlock()
	if errors.Is(err, sink.ErrTransient) {
		p.waiting(err)
		return nil
	}
	if err != nil || p.untaken {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	if err := p.client.CommitUncommittedOffsets(bounded); err != nil && ctx.Err() == nil {
		p.waiting(fmt.Errorf("commit offsets: %w", err))
	}
	return nil
}

func fromKafka(r *kgo.Record) sink.Record {
	out := sink.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, TimestampMS: r.Timestamp.UnixMilli(), Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, sink.Header{Name: h.Key, Value: h.Value})
	}
	return out
}
