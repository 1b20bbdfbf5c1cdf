package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"marmot/log"
)

// Read implements log.Log.
func (l *Log) Read(ctx context.Context, s log.Stream, offset int64, maxBytes int) ([]log.Entry, error) {
	topic, partition, err := l.place(s)
	if err != nil {
		return nil, err
	}
	f := fetch{topic: topic, partition: partition, offset: offset, maxBytes: min(max(maxBytes, 1), maxFetchBytes), wait: fetchWait}
	for {
		records, err := l.fetch(ctx, f)
		if errors.Is(err, log.ErrTrimmed) && s == log.Order && offset == 0 {
			return l.readGenesis(ctx, err)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s/%d at %d: %w", topic, partition, offset, err)
		}
		if len(records) > 0 {
			return l.entries(f, records)
		}
	}
}

// entries checks that no offset is missing: without transactions and compaction none can be.
func (l *Log) entries(f fetch, records []*kgo.Record) ([]log.Entry, error) {
	entries := make([]log.Entry, len(records))
	for i, r := range records {
		if want := f.offset + int64(i); r.Offset != want {
			return nil, fmt.Errorf("read %s/%d: offset %d comes where %d should: %w", f.topic, f.partition, r.Offset, want, log.ErrGap)
		}
		entries[i] = log.Entry{Offset: r.Offset, Value: r.Value, TimeUS: r.Timestamp.UnixMicro()}
	}
	return entries, nil
}

// fetch is one request for records.
type fetch struct {
	topic     string
	partition int32
	offset    int64
	maxBytes  int
	wait      time.Duration
}

// fetch returns what the leader has, nothing if nothing came within f.wait. What comes with time (a leader's election,
// a broker that cannot be reached) is tried again until ctx ends.
func (l *Log) fetch(ctx context.Context, f fetch) ([]*kgo.Record, error) {
	pause := firstPause
	warned := false
	for {
		if l.isClosed() {
			return nil, log.ErrClosed
		}
		records, err := l.fetchOnce(ctx, f)
		switch {
		case err == nil:
			return records, nil
		case l.isClosed():
			return nil, log.ErrClosed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, log.ErrTrimmed) || errors.Is(err, log.ErrTruncated) || errors.Is(err, log.ErrRecreated) || errors.Is(err, errDamaged):
			return nil, err
		}
		if !warned && pause >= lastPause {
			l.logger.Warn("the log cannot be read, trying on", "topic", f.topic, "partition", f.partition, "error", l.options.Security.Explain(err))
			warned = true
		}
		if err := l.sleep(ctx, pause); err != nil {
			return nil, err
		}
		pause = min(2*pause, lastPause)
		if err := l.topics.load(ctx, l); errors.Is(err, log.ErrRecreated) {
			return nil, err
		}
	}
}

func (l *Log) sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-l.closed:
		return log.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errDamaged says that a batch came whose checksum or framing is wrong.
var errDamaged = errors.New("the broker returned a damaged batch")

// fetchOnce asks the leader once.
func (l *Log) fetchOnce(ctx context.Context, f fetch) ([]*kgo.Record, error) {
	id, leader := l.topics.leader(f.topic, f.partition)
	if leader < 0 {
		return nil, kerr.LeaderNotAvailable
	}
	request := kmsg.NewPtrFetchRequest()
	request.MaxWaitMillis = int32(f.wait.Milliseconds())
	request.MinBytes = 1
	request.MaxBytes = int32(f.maxBytes)
	partition := kmsg.NewFetchRequestTopicPartition()
	partition.Partition = f.partition
	partition.FetchOffset = f.offset
	partition.PartitionMaxBytes = int32(f.maxBytes)
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic, topic.TopicID = f.topic, id
	topic.Partitions = append(topic.Partitions, partition)
	request.Topics = append(request.Topics, topic)

	response, err := l.pool.request(ctx, l.closed, leader, request)
	if err != nil {
		return nil, err
	}
	if err := kerr.ErrorForCode(response.ErrorCode); err != nil {
		return nil, err
	}
	if len(response.Topics) != 1 || len(response.Topics[0].Partitions) != 1 {
		return nil, fmt.Errorf("the broker answered for %d topics", len(response.Topics))
	}
	return l.unpack(ctx, f, &response.Topics[0].Partitions[0])
}

func (l *Log) unpack(ctx context.Context, f fetch, p *kmsg.FetchResponseTopicPartition) ([]*kgo.Record, error) {
	switch err := kerr.ErrorForCode(p.ErrorCode); {
	case errors.Is(err, kerr.OffsetOutOfRange):
		return nil, l.outOfRange(ctx, f)
	case err != nil:
		return nil, err
	}
	options := kgo.ProcessFetchPartitionOpts{Offset: f.offset, Topic: f.topic, Partition: f.partition}
	processed, _ := kgo.ProcessFetchPartition(options, p, kgo.DefaultDecompressor(), nil)
	// An error behind whole records is met again when they have been read.
	if processed.Err != nil && len(processed.Records) == 0 {
		return nil, fmt.Errorf("%w: %w", errDamaged, processed.Err)
	}
	return processed.Records, nil
}

// outOfRange tells on which side of the partition the offset lies.
func (l *Log) outOfRange(ctx context.Context, f fetch) error {
	s := log.Stream(f.partition)
	if f.topic == l.options.orderTopic() {
		s = log.Order
	}
	if f.topic == l.options.membersTopic() {
		return log.ErrTruncated
	}
	start, end, err := l.Bounds(ctx, s)
	switch {
	case err != nil:
		return err
	case f.offset < start:
		return fmt.Errorf("the first offset is %d: %w", start, log.ErrTrimmed)
	case f.offset > end:
		return fmt.Errorf("the end is %d: %w", end, log.ErrTruncated)
	}
	return kerr.OffsetOutOfRange // by now it is in range
}

func (l *Log) newReader() (*kgo.Client, error) { return kgo.NewClient(baseOptions(l.options)...) }

// pool keeps connections for fetches. A fetch that waits at the end of a partition blocks its connection, so each
// that is under way has one to itself; the last one given back is the next one used.
type pool struct {
	make   func() (*kgo.Client, error)
	free   chan struct{} // holds a token for each connection in use
	mu     sync.Mutex
	idle   []*kgo.Client
	closed bool
}

func (p *pool) request(ctx context.Context, closed <-chan struct{}, broker int32, request *kmsg.FetchRequest) (*kmsg.FetchResponse, error) {
	select {
	case p.free <- struct{}{}:
		defer func() { <-p.free }()
	case <-closed:
		return nil, log.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	client, err := p.take()
	if err != nil {
		return nil, err
	}
	type result struct {
		response *kmsg.FetchResponse
		err      error
	}
	results := make(chan result, 1)
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		response, err := client.Broker(int(broker)).Request(bounded, request)
		r := result{err: err}
		if err == nil {
			r.response = response.(*kmsg.FetchResponse)
		}
		results <- r
	}()
	select {
	case r := <-results:
		if r.err != nil {
			// Its connection may still wait for the answer.
			client.Close()
			return nil, r.err
		}
		p.give(client)
		return r.response, nil
	case <-closed:
		cancel()
		<-results
		client.Close()
		return nil, log.ErrClosed
	}
}

func (p *pool) take() (*kgo.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		client := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return client, nil
	}
	return p.make()
}

func (p *pool) give(client *kgo.Client) {
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.idle = append(p.idle, client)
	}
	p.mu.Unlock()
	if closed {
		client.Close()
	}
}

func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, client := range idle {
		client.Close()
	}
}
