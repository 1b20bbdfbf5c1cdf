package node

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"marmot/internal/kafkaclient"
	"marmot/internal/settings"
)

// Where pasted properties of a connector say how its clients reach Kafka.
const (
	producerProperties = "producer.override."
	signalProperties   = "signal.consumer."
)

// logSecurity is how the brokers of the log are reached.
func logSecurity(c *settings.Config) (*kafkaclient.Security, error) {
	return kafkaclient.FromConfig(c, "log.", c.List("log.brokers"))
}

// takeSecurity takes the settings of clients of Kafka out of an emitter's table, under their own names or those of Java. Those that stand there
// as a connector's producer.override.… are left, since the connector's properties hold them too.
func takeSecurity(c *settings.Config, prefix string, table map[string]string) (given map[string]kafkaclient.Given, err error) {
	given = overridden(prefix, producerProperties, table)
	for name, value := range table {
		if !kafkaclient.IsSetting(name) {
			continue
		}
		delete(table, name)
		if value == "" && name != "ssl.endpoint.identification.algorithm" || value == "false" {
			continue // as if it were not there
		}
		if other, twice := given[name]; twice {
			return nil, c.Refuse(prefix+name, value, "set this or "+other.Name+", not both")
		}
		given[name] = kafkaclient.Given{Name: prefix + name, Value: value}
	}
	return given, nil
}

// overridden returns the settings that a connector gives to one of its clients.
func overridden(prefix, client string, table map[string]string) map[string]kafkaclient.Given {
	given := map[string]kafkaclient.Given{}
	for property, value := range table {
		if name, ok := strings.CutPrefix(property, client); ok && kafkaclient.IsSetting(name) {
			given[name] = kafkaclient.Given{Name: prefix + property, Value: value}
		}
	}
	return given
}

// secureMain is secure of the emitter main, some of whose settings are keys with a fixed name.
func (e *emitterConfig) secureMain(c *settings.Config) error {
	table := maps.Clone(c.Open("debezium"))
	if table == nil {
		table = map[string]string{}
	}
	for _, s := range kafkaclient.Settings() {
		table[s.Name] = c.String("debezium." + s.Name)
	}
	signals := overridden("debezium.", signalProperties, table)
	given, err := takeSecurity(c, "debezium.", table)
	if err != nil {
		return err
	}
	return e.secure(c, "debezium.", given, signals)
}

// secure finds how an emitter reaches the brokers of its events and of its signals: as its own settings say, or as the log's where the brokers are the log's.
func (e *emitterConfig) secure(c *settings.Config, prefix string, given, signals map[string]kafkaclient.Given) error {
	shared, err := logSecurity(c)
	if err != nil {
		return err
	}
	inherited := func(brokers []string) *kafkaclient.Security {
		if c.String("log.kind") == "kafka" && among(brokers, c.List("log.brokers")) {
			return shared
		}
		return &kafkaclient.Security{}
	}
	if e.security, err = chosen(c, prefix, given, e.brokers, inherited(e.brokers)); err != nil {
		return err
	}
	if len(e.brokers) == 0 {
		for _, g := range given {
			if !strings.HasPrefix(g.Name, prefix+producerProperties) {
				return c.Refuse(g.Name, g.Value, fmt.Sprintf("the events are served at kafka.listen, to which no client connects; set %sbrokers to send them to a Kafka", prefix))
			}
		}
	}
	brokers, own := e.options.Signals.KafkaBrokers, e.security
	if len(brokers) > 0 && !among(brokers, e.brokers) {
		own = inherited(brokers)
	}
	if len(brokers) == 0 {
		brokers = e.brokers
	}
	e.signalSecurity, err = chosen(c, prefix+signalProperties, signals, brokers, own)
	return err
}

// chosen is what is given, or what holds else.
func chosen(c *settings.Config, prefix string, given map[string]kafkaclient.Given, brokers []string, other *kafkaclient.Security) (*kafkaclient.Security, error) {
	if len(given) == 0 {
		return other, nil
	}
	security, err := kafkaclient.Parse(prefix, given)
	if err == nil {
		err = security.Check(brokers)
	}
	return security, kafkaclient.Refused(c, err)
}

// among reports whether all brokers are of a list, and there are some.
func among(brokers, list []string) bool {
	return len(brokers) > 0 && !slices.ContainsFunc(brokers, func(b string) bool { return !slices.Contains(list, b) })
}

// CheckFiles reads all certificates and passwords that the configuration names once, and says which cannot be used now.
func CheckFiles(c *settings.Config) error {
	security, err := logSecurity(c)
	if err == nil {
		err = security.CheckFiles()
	}
	if err != nil {
		return kafkaclient.Refused(c, err)
	}
	list, err := emitterConfigs(c)
	if err != nil {
		return err
	}
	for i := range list {
		for _, s := range []*kafkaclient.Security{list[i].security, list[i].signalSecurity} {
			if err := s.CheckFiles(); err != nil {
				return kafkaclient.Refused(c, err)
			}
		}
	}
	return nil
}
