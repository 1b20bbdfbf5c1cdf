package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"marmot/internal/golden"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// topics are those of one stream: of a prefix in a Kafka.
type topics struct{ brokers, prefix string }

// ofPrefix are the stream's topics, that of heartbeats among them.
func (t *topics) ofPrefix() *regexp.Regexp {
	return regexp.MustCompile(`^(?:__debezium-heartbeat\.)?` + regexp.QuoteMeta(t.prefix) + `(?:\..*)?$`)
}

// refresh is how often a client looks for new topics.
const refresh = 200 * time.Millisecond

func (t *topics) client(more ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(strings.Split(t.brokers, ",")...), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.ConsumeRegex(), kgo.ConsumeTopics(t.ofPrefix().String()), kgo.MetadataMinAge(refresh / 4), kgo.MetadataMaxAge(refresh), kgo.KeepControlRecords(),
	}, more...)...)
}

// place is a partition of a topic.
type place struct {
	topic     string
	partition int32
}

// follow hands over the events that come, and how far each partition is read, until done says that it is enough.
func (t *topics) follow(ctx context.Context, each func(golden.Event), done func(read map[place]int64) bool) error {
	c, err := t.client()
	if err != nil {
		return err
	}
	defer c.Close()
	read := map[place]int64{}
	for !done(read) {
		fetches := c.PollFetches(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %w", errNever, ctx.Err())
		}
		fetches.EachRecord(func(r *kgo.Record) {
			read[place{r.Topic, r.Partition}] = r.Offset + 1
			if r.Attrs.IsControl() {
				return
			}
			e := golden.Event{Topic: r.Topic, Key: r.Key, Value: r.Value}
			for _, h := range r.Headers {
				e.Headers = append(e.Headers, golden.Header{Name: h.Key, Value: string(h.Value)})
			}
			each(e)
		})
	}
	return nil
}

// whole waits for the last transaction of the statements and returns all events.
func (t *topics) whole(ctx context.Context) ([]golden.Event, error) {
	ended := false
	err := t.follow(ctx, func(e golden.Event) {
		ended = ended || e.Topic == t.prefix+".transaction" && bytes.Contains(e.Value, []byte(`"inv.sentinel"`))
	}, func(map[place]int64) bool { return ended })
	if err != nil {
		return nil, err
	}
	ends, err := t.ends(ctx)
	if err != nil {
		return nil, err
	}
	var events []golden.Event
	err = t.follow(ctx, func(e golden.Event) { events = append(events, e) }, func(read map[place]int64) bool {
		for p, end := range ends {
			if read[p] < end {
				return false
			}
		}
		return true
	})
	return events, err
}

// ends are the ends of all partitions that hold anything.
func (t *topics) ends(ctx context.Context) (map[place]int64, error) {
	c, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(t.brokers, ",")...))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	admin := kadm.NewClient(c)
	all, err := admin.ListTopics(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range all.Names() {
		if t.ofPrefix().MatchString(name) {
			names = append(names, name)
		}
	}
	listed, err := admin.ListCommittedOffsets(ctx, names...)
	if err == nil {
		err = listed.Error()
	}
	ends := map[place]int64{}
	listed.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			ends[place{o.Topic, o.Partition}] = o.Offset
		}
	})
	return ends, err
}

// await waits in both streams for notifications that have all texts.
func (o *options) await(ctx context.Context, _ io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, o.patience)
	defer cancel()
	for who, t := range map[string]*topics{"emitter": &o.ours, "connector": &o.theirs} {
		seen := 0
		err := t.follow(ctx, func(e golden.Event) {
			if e.Topic != t.prefix+golden.Notifications {
				return
			}
			for _, text := range o.arguments {
				if !bytes.Contains(e.Value, []byte(text)) {
					return
				}
			}
			seen++
		}, func(map[place]int64) bool { return seen >= o.times })
		if err != nil {
			return fmt.Errorf("the %s has told of %q %d of %d times: %w", who, o.arguments, seen, o.times, err)
		}
	}
	return nil
}

// renamed are events as if their prefix had been another one.
func renamed(events []golden.Event, from, to string) []golden.Event {
	name := func(b []byte) []byte {
		if b == nil {
			return nil
		}
		return bytes.ReplaceAll(b, []byte(from), []byte(to))
	}
	for i := range events {
		e := &events[i]
		e.Topic, e.Key, e.Value = string(name([]byte(e.Topic))), name(e.Key), name(e.Value)
		for j := range e.Headers {
			e.Headers[j].Value = string(name([]byte(e.Headers[j].Value)))
		}
	}
	return events
}
