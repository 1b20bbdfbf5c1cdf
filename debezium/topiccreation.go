package debezium

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const topicCreation = "topic.creation."

// TopicSettings is how a topic is made that is not there.
type TopicSettings struct {
	Partitions  int32             // 0: as many as the emitter's topics have; -1: the broker's default
	Replication int16             // likewise
	Configs     map[string]string // of the topic, such as cleanup.policy
}

// topicGroup is one of topic.creation.groups.
type topicGroup struct {
	include, exclude *javaPattern // exclude may be nil
	settings         TopicSettings
}

// TopicSettings returns how a topic is made: by the first of topic.creation.groups that has it, or by topic.creation.default.
func (o *Options) TopicSettings(topic string) TopicSettings {
	for _, g := range o.topicGroups {
		excluded := false
		if g.exclude != nil {
			excluded, _ = g.exclude.matches(topic) // an expression that takes too long has no topic
		}
		if included, err := g.include.matches(topic); err == nil && included && !excluded {
			return g.settings
		}
	}
	return o.topicDefaults
}

// parseTopicCreation reads topic.creation.* as Kafka Connect does. A group has the partitions and replicas of the default group unless it
// says so, and not its other settings.
func (o *Options) parseTopicCreation(given map[string]string) error {
	groups := map[string]map[string]string{"default": {}}
	names := splitList(given[topicCreation+"groups"])
	for _, name := range names {
		groups[name] = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		rest, ok := strings.CutPrefix(name, topicCreation)
		if !ok || rest == "groups" || rest == "enable" {
			continue
		}
		group, key, _ := strings.Cut(rest, ".")
		if groups[group] == nil || key == "" {
			return &PropertyError{name, given[name], topicCreation + "groups does not have " + group}
		}
		groups[group][key] = given[name]
	}
	var err error
	if o.topicDefaults, err = parseTopicSettings("default", groups["default"], TopicSettings{}); err != nil {
		return err
	}
	for _, name := range names {
		if name == "default" {
			continue
		}
		inherited := TopicSettings{Partitions: o.topicDefaults.Partitions, Replication: o.topicDefaults.Replication}
		g := topicGroup{}
		if g.settings, err = parseTopicSettings(name, groups[name], inherited); err != nil {
			return err
		}
		if g.include, err = topicPatterns(name, "include", groups[name]); err != nil {
			return err
		}
		if g.exclude, err = topicPatterns(name, "exclude", groups[name]); err != nil {
			return err
		}
		if g.include != nil { // a group of no topic is taken, as by Kafka Connect
			o.topicGroups = append(o.topicGroups, g)
		}
	}
	return nil
}

// topicPatterns reads a list of expressions of which one has to match; nil if there is none.
func topicPatterns(group, key string, given map[string]string) (*javaPattern, error) {
	list := splitList(given[key])
	if len(list) == 0 {
		return nil, nil
	}
	p, err := compileJava(strings.Join(list, "|"))
	if err != nil {
		return nil, &PropertyError{topicCreation + group + "." + key, given[key], err.Error()}
	}
	return p, nil
}

// parseTopicSettings reads the settings of a group.
func parseTopicSettings(group string, given map[string]string, s TopicSettings) (TopicSettings, error) {
	for _, key := range slices.Sorted(maps.Keys(given)) {
		value := strings.TrimSpace(given[key])
		wrong := func(reason string) error { return &PropertyError{topicCreation + group + "." + key, value, reason} }
		switch key {
		case "partitions", "replication.factor":
			n, err := strconv.ParseInt(value, 10, 32)
			if limit := map[string]int64{"partitions": 10_000, "replication.factor": 1000}[key]; err != nil || n == 0 || n < -1 || n > limit {
				return s, wrong(fmt.Sprintf("want a number from 1 to %d, or -1 for the broker's default", limit))
			}
			if key == "partitions" {
				s.Partitions = int32(n)
			} else {
				s.Replication = int16(n)
			}
		case "include", "exclude":
			if group == "default" {
				return s, wrong("the default group has all topics that no other has")
			}
		default:
			if s.Configs == nil {
				s.Configs = map[string]string{}
			}
			s.Configs[key] = value
		}
	}
	return s, nil
}
