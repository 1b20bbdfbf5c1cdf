package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// look is the pause between two questions for a topic's end.
const look = 20 * time.Millisecond

func (o *options) client(more ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(strings.Split(o.brokers, ",")...), kgo.MetadataMinAge(look)}, more...)...)
}

// drain waits until the topic's one partition has so many committed records, and prints how many came in a second, from the first one
// seen to the last. What marks transactions counts too: one among thousands.
func (o *options) drain(ctx context.Context, out io.Writer) error {
	var began time.Time
	var first int64
	var telling error
	looks := 0
	end, err := o.follow(ctx, func(end int64, now time.Time) {
		if looks++; looks == 1 && o.ready != "" {
			telling = os.WriteFile(o.ready, nil, 0o600)
		}
		if first == 0 && end > int64(o.from) {
			began, first = now, end
		}
	})
	if err = errors.Join(err, telling); err != nil {
		return err
	}
	seconds := time.Since(began).Seconds()
	if end == first {
		return fmt.Errorf("%s had all %d records at the first look: too few to measure", o.topic, o.rows)
	}
	_, err = fmt.Fprintf(out, "%.0f\n", float64(end-first)/seconds)
	return err
}

// reach waits for as many records without measuring.
func (o *options) reach(ctx context.Context, _ io.Writer) error {
	_, err := o.follow(ctx, func(int64, time.Time) {})
	return err
}

// follow looks at the end of the committed records until there are so many, and returns it.
func (o *options) follow(ctx context.Context, seen func(end int64, now time.Time)) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, o.patience)
	defer cancel()
	c, err := o.client()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	admin := kadm.NewClient(c)
	for {
		listed, err := admin.ListCommittedOffsets(ctx, o.topic)
		if err != nil {
			return 0, fmt.Errorf("end of %s: %w", o.topic, err)
		}
		end, _ := listed.Lookup(o.topic, 0)
		if end.Err != nil { // there is no topic yet
			end.Offset = 0
		}
		seen(end.Offset, time.Now())
		if end.Offset >= int64(o.rows) {
			return end.Offset, nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%s has %d of %d records: %w", o.topic, end.Offset, o.rows, ctx.Err())
		case <-time.After(look):
		}
	}
}

// times collects when what committed was answered, and when its event was seen.
type times struct {
	mu             sync.Mutex
	answered, seen map[int64]time.Time
	latencies      []time.Duration
	committed      int
}

func (t *times) answer(id int64, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.committed++
	if seen, ok := t.seen[id]; ok {
		t.latencies = append(t.latencies, max(0, seen.Sub(at)))
		delete(t.seen, id)
		return
	}
	t.answered[id] = at
}

func (t *times) see(id int64, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if answered, ok := t.answered[id]; ok {
		t.latencies = append(t.latencies, max(0, at.Sub(answered)))
		delete(t.answered, id)
		return
	}
	t.seen[id] = at
}

func (t *times) left() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.answered)
}

// latency commits rows at a rate and prints, in milliseconds: commits a second, median and 99th percentile from COMMIT to event, median of
// a transaction of one record.
func (o *options) latency(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, o.length+o.patience)
	defer cancel()
	t := &times{answered: map[int64]time.Time{}, seen: map[int64]time.Time{}}
	reader, err := o.client(kgo.ConsumeTopics(o.topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxWait(500*time.Millisecond))
	if err != nil {
		return err
	}
	defer reader.Close()
	reading, stop := context.WithCancel(ctx)
	defer stop()
	go read(reading, reader, t)
	if err := o.warm(ctx, t); err != nil {
		return err
	}
	beside := make(chan error, 1)
	var transactions []time.Duration
	go func() {
		var err error
		transactions, err = o.transactions(ctx)
		beside <- err
	}()
	began := time.Now()
	if err := errors.Join(o.commit(ctx, t), <-beside); err != nil {
		return err
	}
	took := time.Since(began)
	for t.left() > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d events have not come: %w", t.left(), ctx.Err())
		case <-time.After(look):
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.Sort(t.latencies)
	slices.Sort(transactions)
	n := len(t.latencies)
	_, err = fmt.Fprintf(out, "%.0f\t%.2f\t%.2f\t%.2f\n", float64(t.committed)/took.Seconds(), milliseconds(t.latencies[n/2]), milliseconds(t.latencies[n*99/100]),
		milliseconds(transactions[len(transactions)/2]))
	return err
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// read notes the events of a topic by their keys.
func read(ctx context.Context, reader *kgo.Client, t *times) {
	for ctx.Err() == nil {
		fetches := reader.PollFetches(ctx)
		now := time.Now()
		fetches.EachRecord(func(r *kgo.Record) {
			var key struct{ ID int64 }
			if json.Unmarshal(r.Key, &key) == nil {
				t.see(key.ID, now)
			}
		})
	}
}

// warm commits rows until the reader has seen one, and forgets them.
func (o *options) warm(ctx context.Context, t *times) error {
	c, err := o.connect()
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // the server sees it go
	for seen := 0; seen == 0; {
		if _, err := c.Execute("INSERT INTO orders VALUES " + row()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no event on %s: %w", o.topic, ctx.Err())
		case <-time.After(10 * look):
		}
		t.mu.Lock()
		seen = len(t.seen)
		t.mu.Unlock()
	}
	t.mu.Lock()
	clear(t.seen)
	t.mu.Unlock()
	return nil
}

// commit commits rows of all connections, each at its share of the rate.
func (o *options) commit(ctx context.Context, t *times) error {
	errs := make([]error, o.connections)
	var group sync.WaitGroup
	end := time.Now().Add(o.length)
	for i := range o.connections {
		group.Go(func() { errs[i] = o.commitSome(ctx, t, i, end) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func (o *options) commitSome(ctx context.Context, t *times, i int, end time.Time) error {
	c, err := o.connect()
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // the server sees it go
	pause := time.Second * time.Duration(o.connections) / time.Duration(o.rate)
	statement := "INSERT INTO orders VALUES " + row()
	for next := time.Now().Add(pause * time.Duration(i) / time.Duration(o.connections)); ; next = next.Add(pause) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(next)):
		}
		if time.Now().After(end) {
			return nil
		}
		result, err := c.Execute(statement)
		if err != nil {
			return err
		}
		t.answer(int64(result.InsertId), time.Now())
	}
}

// transactions measures Kafka transactions of one small record, one after another with pauses, as long as the commits last.
func (o *options) transactions(ctx context.Context) ([]time.Duration, error) {
	const topic = "marmot.bench.transactions"
	c, err := o.client(kgo.TransactionalID("marmot-bench"), kgo.ProducerLinger(0))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if _, err := kadm.NewClient(c).CreateTopic(ctx, 1, 1, nil, topic); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return nil, fmt.Errorf("create topic %s: %w", topic, err)
	}
	var list []time.Duration
	for end := time.Now().Add(o.length); time.Now().Before(end) || len(list) < 2; {
		began := time.Now()
		if err := c.BeginTransaction(); err != nil {
			return nil, err
		}
		if err := c.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("x")}).FirstErr(); err != nil {
			return nil, err
		}
		if err := c.EndTransaction(ctx, kgo.TryCommit); err != nil {
			return nil, err
		}
		list = append(list, time.Since(began))
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return list[1:], nil // the first one finds the coordinator
}
