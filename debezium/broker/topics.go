package broker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"marmot/debezium"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// settingsOf are the partitions, replicas and configuration of a topic that is made.
func (p *Publisher) settingsOf(topic string) debezium.TopicSettings {
	var s debezium.TopicSettings
	if p.options.Topic != nil {
		s = p.options.Topic(topic)
	}
	if s.Partitions == 0 {
		s.Partitions = p.options.Partitions
	}
	if s.Replication == 0 {
		s.Replication = p.options.Replication
	}
	if other, ok := p.options.Replicas[topic]; ok {
		s.Replication = other
	}
	return s
}

// createMissing makes topics, those with the same settings together.
func (p *Publisher) createMissing(ctx context.Context, missing []string) error {
	type alike struct {
		settings debezium.TopicSettings
		topics   []string
	}
	groups := map[string]*alike{}
	for _, t := range missing {
		s := p.settingsOf(t)
		key := fmt.Sprint(s.Partitions, s.Replication, s.Configs) // which prints maps in order
		if groups[key] == nil {
			groups[key] = &alike{settings: s}
		}
		groups[key].topics = append(groups[key].topics, t)
	}
	for _, g := range groups {
		limit := strconv.Itoa(maxEventBytes + 1<<20)
		configs := map[string]*string{"max.message.bytes": &limit}
		for name, value := range maps.All(g.settings.Configs) {
			configs[name] = &value
		}
		responses, err := kadm.NewClient(p.client).CreateTopics(ctx, g.settings.Partitions, g.settings.Replication, configs, g.topics...)
		if err != nil {
			return err
		}
		for _, r := range responses.Sorted() {
			if r.Err != nil && !errors.Is(r.Err, kerr.TopicAlreadyExists) {
				return fmt.Errorf("%s: %w", r.Topic, r.Err)
			}
		}
	}
	return nil
}
