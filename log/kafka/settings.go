package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"marmot/log"
)

const (
	safeReplication  = 3
	safeInSync       = 2
	defaultPartition = 16
)

// Create creates the topics that do not exist yet, with the settings that Check wants.
func Create(ctx context.Context, o Options) error { return o.Security.Explain(create(ctx, o)) }

func create(ctx context.Context, o Options) error {
	if err := o.validate(); err != nil {
		return err
	}
	client, err := kgo.NewClient(baseOptions(o)...)
	if err != nil {
		return fmt.Errorf("log.brokers %s: %w", strings.Join(o.Brokers, ","), err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*openTimeout)
	defer cancel()
	if err := reach(ctx, client, o); err != nil {
		return err
	}
	admin := newAdmin(client)
	replication, err := o.replication(ctx, admin)
	if err != nil {
		return err
	}
	partitions := o.Partitions
	if partitions == 0 {
		partitions = defaultPartition
	}
	if partitions < 1 || partitions > 4096 {
		return fmt.Errorf("log.partitions is %d, want 1 to 4096", partitions)
	}
	for _, t := range []struct {
		name       string
		partitions int
		compacted  bool
	}{
		// The order topic comes last: who finds it finds the others.
		{o.membersTopic(), 1, true}, {o.changesTopic(), partitions, false}, {o.orderTopic(), 1, false},
	} {
		r, err := admin.CreateTopic(ctx, int32(t.partitions), int16(replication), topicConfigs(t.compacted, replication), t.name)
		if err == nil {
			err = r.Err
		}
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("create topic %s: %w %s", t.name, err, r.ErrMessage)
		}
	}
	return waitForLeaders(ctx, admin, o)
}

// replication returns how many replicas the topics get: log.replication, but not fewer than are safe.
func (o Options) replication(ctx context.Context, admin *kadm.Client) (int, error) {
	m, err := admin.BrokerMetadata(ctx)
	if err != nil {
		return 0, fmt.Errorf("%w: brokers: %w", log.ErrUnreachable, err)
	}
	brokers := len(m.Brokers)
	replication := o.Replication
	if replication == 0 {
		replication = safeReplication
		if o.AllowUnsafe {
			replication = min(replication, brokers)
		}
	}
	if replication > brokers {
		return 0, &log.CheckError{Where: "Kafka cluster", Setting: "number of brokers", Value: strconv.Itoa(brokers), Want: fmt.Sprintf("%d or more", replication),
			Remedy: "add brokers, or lower log.replication and set log.allow_unsafe if committed data may be lost with a broker"}
	}
	if replication < safeReplication && !o.AllowUnsafe {
		return 0, &log.CheckError{Where: "configuration", Setting: "log.replication", Value: strconv.Itoa(replication), Want: fmt.Sprintf("%d or more", safeReplication),
			Remedy: "raise it, or set log.allow_unsafe if committed data may be lost with a broker"}
	}
	return replication, nil
}

func topicConfigs(compacted bool, replication int) map[string]*string {
	inSync := strconv.Itoa(min(safeInSync, max(1, replication-1)))
	size := strconv.Itoa(maxMessageBytes)
	configs := map[string]string{
		"min.insync.replicas": inSync, "unclean.leader.election.enable": "false", "max.message.bytes": size, "message.timestamp.type": "LogAppendTime",
		"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1",
	}
	if compacted {
		configs["cleanup.policy"] = "compact"
	}
	result := map[string]*string{}
	for key, value := range configs {
		result[key] = kadm.StringPtr(value)
	}
	return result
}

func waitForLeaders(ctx context.Context, admin *kadm.Client, o Options) error {
	pause := firstPause
	for {
		m, err := freshMetadata(ctx, admin, o.membersTopic(), o.changesTopic(), o.orderTopic())
		if err == nil {
			err = leaderless(m)
		}
		if err == nil {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("the topics are created, but have no leaders yet: %w: %w", err, ctx.Err())
		}
		pause = min(2*pause, lastPause)
	}
}

func leaderless(m kadm.Metadata) error {
	for _, t := range m.Topics {
		if t.Err != nil {
			return t.Err
		}
		for _, p := range t.Partitions {
			if p.Err != nil || p.Leader < 0 {
				return fmt.Errorf("%s/%d: %w", t.Topic, p.Partition, kerr.LeaderNotAvailable)
			}
		}
	}
	return nil
}

// Check implements log.Log: it reads the settings that durability rests on and returns all that are wrong, each
// a *log.CheckError. With log.allow_unsafe only those remain under which the log cannot work at all.
func (l *Log) Check(ctx context.Context) error {
	if l.isClosed() {
		return log.ErrClosed
	}
	m, err := l.describe(ctx, l.options.orderTopic(), l.options.changesTopic())
	if err != nil {
		return fmt.Errorf("check the log: %w", l.options.Security.Explain(err))
	}
	var found []error
	for _, topic := range []string{l.options.orderTopic(), l.options.changesTopic()} {
		values, err := l.topicSettings(ctx, topic)
		if err != nil {
			return fmt.Errorf("check the log: settings of %s: %w", topic, l.options.Security.Explain(err))
		}
		found = append(found, l.checkTopic(topic, m.Topics[topic], values, len(m.Brokers))...)
	}
	return errors.Join(found...)
}

// topicSettings asks for the settings of a topic that exists. A broker that has not heard of it yet is asked again.
func (l *Log) topicSettings(ctx context.Context, topic string) (map[string]string, error) {
	patient, cancel := context.WithTimeout(ctx, electionPatience)
	defer cancel()
	for {
		configs, err := l.admin.DescribeTopicConfigs(ctx, topic)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", log.ErrUnreachable, err)
		}
		config, err := configs.On(topic, nil)
		if err == nil {
			err = config.Err
		}
		if errors.Is(err, kerr.UnknownTopicOrPartition) && l.sleep(patient, 5*firstPause) == nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		values := map[string]string{}
		for _, c := range config.Configs {
			values[c.Key] = c.MaybeValue()
		}
		return values, nil
	}
}

// checkTopic returns what is wrong with one topic.
func (l *Log) checkTopic(topic string, detail kadm.TopicDetail, values map[string]string, brokers int) []error {
	var found []error
	bad := func(fatal bool, setting, value, want, remedy string) {
		if fatal || !l.options.AllowUnsafe {
			found = append(found, &log.CheckError{Where: "topic " + topic, Setting: setting, Value: value, Want: want, Remedy: remedy})
		}
	}
	alter := func(fatal bool, setting, want string) string {
		remedy := fmt.Sprintf("set it with kafka-configs --alter --topic %s --add-config %s=%s", topic, setting, want)
		if !fatal {
			remedy += ", or set log.allow_unsafe"
		}
		return remedy
	}
	if n := len(detail.Partitions); topic == l.options.orderTopic() && n != 1 {
		bad(true, "number of partitions", strconv.Itoa(n), "1", "it was not made by `marmot log init`; delete the topic, if nothing of value is in it, or choose another cluster.name, and run that command")
	}
	replicas := 1 << 30
	for _, p := range detail.Partitions {
		replicas = min(replicas, len(p.Replicas))
	}
	if replicas < safeReplication {
		remedy := "raise it with kafka-reassign-partitions, or set log.allow_unsafe if committed data may be lost with a broker"
		if brokers < safeReplication {
			remedy = fmt.Sprintf("there are %d brokers; add some, or set log.allow_unsafe if committed data may be lost with a broker", brokers)
		}
		bad(false, "replication factor", strconv.Itoa(replicas), "3 or more", remedy)
	}
	inSync, err := strconv.Atoi(values["min.insync.replicas"])
	if err != nil || inSync < safeInSync {
		bad(false, "min.insync.replicas", values["min.insync.replicas"], "2 or more", alter(false, "min.insync.replicas", "2"))
	}
	if inSync > replicas {
		bad(true, "min.insync.replicas", values["min.insync.replicas"], "at most the replication factor", alter(true, "min.insync.replicas", "2"))
	}
	size, err := strconv.Atoi(values["max.message.bytes"])
	if err != nil || size < maxBatchBytes {
		bad(true, "max.message.bytes", values["max.message.bytes"], strconv.Itoa(maxMessageBytes), alter(true, "max.message.bytes", strconv.Itoa(maxMessageBytes)))
	}
	for _, want := range []struct {
		setting, value string
		fatal          bool
	}{
		{"cleanup.policy", "delete", true},
		{"unclean.leader.election.enable", "false", false},
		{"message.timestamp.type", "LogAppendTime", false},
		{"retention.ms", "-1", false},
		{"retention.bytes", "-1", false},
	} {
		if value, ok := values[want.setting]; !ok || value != want.value {
			if !ok {
				value = "not told"
			}
			bad(want.fatal, want.setting, value, want.value, alter(want.fatal, want.setting, want.value))
		}
	}
	return found
}
