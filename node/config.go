package node

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"marmot/debezium"
	"marmot/internal/kafkaclient"
	"marmot/internal/settings"

	"github.com/spf13/pflag"
)

// Program is what a node is configured with. MARMOT_ROOT_PASSWORD is no key: secrets belong in
// no file.
func Program() *settings.Program {
	return &settings.Program{
		Keys:        Keys(),
		EnvPrefix:   "MARMOT_",
		ReservedEnv: []string{"MARMOT_ROOT_PASSWORD", "MARMOT_CONFIG", "MARMOT_TEST_", "MARMOT_CONNECT_"},
		Files:       []string{"./marmot.toml", "/etc/marmot/marmot.toml"},
		Listing:     "marmot config keys",
		Open:        []string{"debezium", "emitters"},
	}
}

// LoadConfig reads a node's configuration, fills what depends on other keys and checks what
// must agree.
func LoadConfig(file string, environ []string, flags *pflag.FlagSet) (*settings.Config, error) {
	c, err := Program().Load(file, environ, flags)
	if err != nil {
		return nil, err
	}
	if c.String("node.id") == "" {
		host, err := os.Hostname()
		if err != nil {
			return nil, c.Bad("node.id", "the host has no name; set node.id")
		}
		c.Fill("node.id", strings.Map(nodeRune, host), "host name")
	}
	if c.String("debezium.topic.prefix") == "" {
		c.Fill("debezium.topic.prefix", c.String("cluster.name"), "cluster.name")
	}
	if c.String("debezium.topic.replication") == "0" {
		c.Fill("debezium.topic.replication", c.String("log.replication"), "log.replication")
	}
	if c.String("snapshot.dir") == "" {
		c.Fill("snapshot.dir", filepath.Join(c.String("data.dir"), "snapshots"), "data.dir")
	}
	if c.String("log.kind") == "kafka" && len(c.List("log.brokers")) == 0 {
		return nil, c.Bad("log.brokers", "log.kind is kafka: name at least one broker, host:port")
	}
	if _, err := logSecurity(c); err != nil {
		return nil, err
	}
	if (c.String("mysql.tls_cert") == "") != (c.String("mysql.tls_key") == "") {
		return nil, c.Bad("mysql.tls_cert", "set mysql.tls_cert and mysql.tls_key together")
	}
	if !c.Bool("mysql.tls") && (c.Bool("mysql.require_secure_transport") || c.String("mysql.tls_cert") != "") {
		return nil, c.Bad("mysql.tls", "mysql.require_secure_transport and mysql.tls_cert need mysql.tls = true")
	}
	if _, err := emitterConfigs(c); err != nil {
		return nil, err
	}
	return c, nil
}

// emitterOptions reads what stands below debezium: the connector's properties.
func emitterOptions(c *settings.Config) (debezium.Options, error) {
	given := map[string]string{}
	for _, p := range debezium.Properties() {
		given[p.Name] = c.String("debezium." + p.Name)
	}
	maps.Copy(given, c.Open("debezium"))
	maps.DeleteFunc(given, func(name, _ string) bool { return kafkaclient.IsSetting(name) })
	o, err := debezium.ParseOptions(given)
	var wrong *debezium.PropertyError
	switch {
	case !errors.As(err, &wrong):
		return o, err
	case slices.ContainsFunc(debezium.Properties(), func(p debezium.Property) bool { return p.Name == wrong.Name }):
		return o, c.Bad("debezium."+wrong.Name, wrong.Reason)
	}
	return o, c.BadOpen("debezium."+wrong.Name, wrong.Value, wrong.Reason)
}

func nodeRune(r rune) rune {
	if settings.TopicName(string(r)) == nil {
		return r
	}
	return '_'
}
