package connect

import (
	"fmt"
	"time"

	"marmot/connect/sink"
	"marmot/connect/sink/file"
	"marmot/internal/kafkaclient"
	"marmot/internal/settings"

	"github.com/spf13/pflag"
)

// Program is what marmot-connect is configured with.
func Program() *settings.Program {
	return &settings.Program{
		Keys: append(kafkaclient.Keys("kafka.", ""), []settings.Key{
			settings.NewKey("kafka.brokers", "127.0.0.1:9092", "brokers to read from: host:port, …; a single node's kafka.listen is one", settings.List, settings.NotEmpty),
			settings.NewKey("kafka.group", "marmot-connect", "consumer group; processes of one group share the partitions", settings.Text, settings.NotEmpty),
			settings.NewKey("topics.prefix", "marmot", "topic.prefix of the events: this topic and all below it are read", settings.Text, settings.TopicName),
			settings.NewKey("sink.kind", "file", "file: JSON lines in files", settings.Text, settings.OneOf("file")),
			settings.NewKey("sink.dir", "./events", "folder of the file sink", settings.Text, settings.NotEmpty),
			settings.NewKey("sink.rotate_bytes", "64MiB", "a file of this size is finished", settings.Size, nil),
			settings.NewKey("sink.rotate_interval", "10s", "a file of this age is finished", settings.Duration, nil),
			settings.NewKey("sink.flush_interval", "1s", "how often records are made durable and offsets committed", settings.Duration, nil),
			settings.NewKey("admin.listen", "127.0.0.1:8090", "address of health and metrics; empty: none", settings.Text, settings.Address),
			settings.NewKey("admin.allow_insecure", "false", "serve admin.listen beyond loopback, where it has no password", settings.Boolean, nil),
			settings.NewKey("log_level", "info", "debug, info, warn or error", settings.Text, settings.OneOf("debug", "info", "warn", "error")),
		}...),
		EnvPrefix:   "MARMOT_CONNECT_",
		ReservedEnv: []string{"MARMOT_CONNECT_CONFIG"},
		Files:       []string{"./connect.toml", "/etc/marmot/connect.toml"},
		Listing:     "marmot-connect keys",
	}
}

// LoadConfig reads the configuration of marmot-connect as Program describes it, and checks what must agree.
func LoadConfig(file string, environ []string, flags *pflag.FlagSet) (*settings.Config, error) {
	c, err := Program().Load(file, environ, flags)
	if err != nil {
		return nil, err
	}
	if _, err := Security(c); err != nil {
		return nil, err
	}
	return c, c.RefuseExposed("admin.listen", "admin.allow_insecure")
}

// Security is how the brokers are reached.
func Security(c *settings.Config) (*kafkaclient.Security, error) {
	return kafkaclient.FromConfig(c, "kafka.", c.List("kafka.brokers"))
}

// NewSink makes the sink that the configuration names.
func NewSink(c *settings.Config) (sink.Sink, error) {
	switch kind := c.String("sink.kind"); kind {
	case "file":
		return file.New(file.Options{
			Dir:            c.String("sink.dir"),
			RotateBytes:    max(c.Bytes("sink.rotate_bytes"), 1),
			RotateInterval: c.Duration("sink.rotate_interval"),
			Now:            time.Now,
		})
	default:
		return nil, fmt.Errorf("sink.kind = %q: want file", kind)
	}
}
