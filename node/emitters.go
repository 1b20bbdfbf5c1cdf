package node

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"marmot/debezium"
	"marmot/internal/kafkaclient"
	"marmot/internal/settings"
)

const (
	// mainEmission is the emitter that [debezium] configures.
	mainEmission = "main"
	// mostEmitters bounds the emitters of one configuration: each has a goroutine, a client of Kafka and a reader of the log.
	mostEmitters = 32
)

// Ways of delivery.
const (
	exactlyOnce = "exactly_once"
	atLeastOnce = "at_least_once"
)

// emitterConfig is one emitter as it is configured.
type emitterConfig struct {
	name        string
	options     debezium.Options
	brokers     []string // empty: the mirror of the embedded log
	delivery    string
	partitions  int
	replication int
	// security is how the brokers of the events are reached, signalSecurity those of the signals.
	security, signalSecurity *kafkaclient.Security
}

// emitterSettings are the keys of an emitter beside the connector's properties.
type emitterSetting struct {
	name, def, doc string
	kind           settings.Kind
	check          func(string) error
}

func emitterSettings() []emitterSetting {
	return []emitterSetting{
		{"enabled", "true", "emit Debezium events", settings.Boolean, settings.OneOf("true", "false")},
		{"brokers", "", "brokers of the Kafka that gets the events: host:port, …; empty: that of the log, with the embedded log kafka.listen", settings.List, nil},
		{"delivery", exactlyOnce, "exactly_once: in Kafka's transactions, together with the progress; at_least_once: sooner, and after a crash some events come again", settings.Text, settings.OneOf(exactlyOnce, atLeastOnce)},
		{"topic.partitions", "1", "partitions of the event topics", settings.Number, settings.Between(1, 1024)},
		{"topic.replication", "0", "replicas of the event topics; 0: log.replication", settings.Number, settings.Between(0, 15)},
	}
}

var emitterName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// emitterConfigs returns the emitters of a configuration, main first, the others by name.
func emitterConfigs(c *settings.Config) ([]emitterConfig, error) {
	var list []emitterConfig
	o, err := emitterOptions(c)
	if err != nil {
		return nil, err
	}
	if c.Bool("debezium.enabled") {
		e := emitterConfig{
			name: mainEmission, options: o, brokers: targetOf(c, c.List("debezium.brokers")), delivery: c.String("debezium.delivery"),
			partitions: c.Int("debezium.topic.partitions"), replication: c.Int("debezium.topic.replication"),
		}
		if err := e.secureMain(c); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	byName := map[string]map[string]string{}
	open := c.Open("emitters")
	for _, key := range slices.Sorted(maps.Keys(open)) {
		name, property, found := strings.Cut(key, ".")
		if !found || !emitterName.MatchString(name) || name == mainEmission {
			return nil, c.BadOpen("emitters."+key, open[key], "want a table [emitters.NAME], the name of up to 64 of A-Z a-z 0-9 _ -, and not main, which is [debezium]")
		}
		if byName[name] == nil {
			byName[name] = map[string]string{}
		}
		byName[name][property] = open[key]
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		e, enabled, err := namedEmitter(c, name, byName[name])
		if err != nil {
			return nil, err
		}
		if enabled {
			list = append(list, e)
		}
	}
	if len(list) > mostEmitters {
		return nil, c.BadOpen("emitters", strconv.Itoa(len(list)), fmt.Sprintf("at most %d emitters run side by side", mostEmitters))
	}
	return list, refuseCollisions(c, list)
}

// targetOf returns the brokers that events go to; none is the mirror.
func targetOf(c *settings.Config, brokers []string) []string {
	if len(brokers) == 0 && c.String("log.kind") == "kafka" {
		return c.List("log.brokers")
	}
	return brokers
}

// namedEmitter reads the table [emitters.NAME].
func namedEmitter(c *settings.Config, name string, given map[string]string) (e emitterConfig, enabled bool, err error) {
	prefix := "emitters." + name + "."
	own := map[string]string{}
	for _, s := range emitterSettings() {
		value, found := given[s.name]
		if !found {
			value = s.def
		}
		if s.check != nil {
			if err := s.check(value); err != nil {
				return e, false, c.BadOpen(prefix+s.name, value, err.Error())
			}
		}
		own[s.name] = value
		delete(given, s.name)
	}
	signals := overridden(prefix, signalProperties, given)
	secure, err := takeSecurity(c, prefix, given)
	if err != nil {
		return e, false, err
	}
	if given["topic.prefix"] == "" {
		given["topic.prefix"] = c.String("cluster.name") + "-" + name
	}
	o, err := debezium.ParseOptions(given)
	if err != nil {
		var wrong *debezium.PropertyError
		if errors.As(err, &wrong) {
			err = c.BadOpen(prefix+wrong.Name, wrong.Value, wrong.Reason)
		}
		return e, false, err
	}
	e = emitterConfig{name: name, options: o, brokers: targetOf(c, splitList(own["brokers"])), delivery: own["delivery"]}
	e.partitions, _ = strconv.Atoi(own["topic.partitions"]) // checked
	if e.replication, _ = strconv.Atoi(own["topic.replication"]); e.replication == 0 {
		e.replication = c.Int("log.replication")
	}
	if own["enabled"] != "true" {
		return e, false, nil
	}
	return e, true, e.secure(c, prefix, secure, signals)
}

func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// refuseCollisions refuses emitters that would write to the same topics of one Kafka.
func refuseCollisions(c *settings.Config, list []emitterConfig) error {
	for i, e := range list {
		for _, other := range list[:i] {
			if e.target() == other.target() && (within(e, other) || within(other, e)) {
				return c.BadOpen("emitters."+e.name+".topic.prefix", e.options.TopicPrefix,
					fmt.Sprintf("its topics could be those of emitter %s, whose topic.prefix is %q, in the same Kafka; choose a prefix that is no beginning of the other", other.name, other.options.TopicPrefix))
			}
		}
	}
	return nil
}

// within reports whether topics of a may have the names of topics of b.
func within(a, b emitterConfig) bool {
	delimited := func(e emitterConfig) string {
		if e.options.TopicDelimiter == "" {
			return e.options.TopicPrefix + "."
		}
		return e.options.TopicPrefix + e.options.TopicDelimiter
	}
	return a.options.TopicPrefix == b.options.TopicPrefix || strings.HasPrefix(delimited(a), delimited(b))
}

// target names where the events go.
func (e *emitterConfig) target() string {
	if len(e.brokers) == 0 {
		return "kafka.listen"
	}
	return strings.Join(slices.Sorted(slices.Values(e.brokers)), ",")
}
