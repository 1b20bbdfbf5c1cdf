package node

import (
	"slices"
	"strings"
	"time"

	"marmot/debezium"
	"marmot/internal/kafkaclient"
	"marmot/internal/settings"
)

// Keys lists every configuration key with its default, in the order in which
// `marmot config check` prints them. Keys below "debezium." carry Debezium's own names.
func Keys() []settings.Key {
	return slices.Concat(nodeKeys(), kafkaclient.Keys("log.", ""), emitterKeys())
}

func nodeKeys() []settings.Key {
	return []settings.Key{
		settings.NewKey("cluster.name", "marmot", "name of the cluster; the log's topics are _marmot.<name>.…", settings.Text, settings.TopicName),
		settings.NewKey("node.id", "", "name of this node, one of a kind in the cluster; empty: the host's name", settings.Text, nodeName),
		settings.NewKey("node.advertise", "", "host that other nodes and people reach this one at; empty: that of mysql.listen", settings.Text, nil),
		settings.NewKey("data.dir", "./data", "where the databases, system.db and the embedded log live", settings.Text, settings.NotEmpty),
		settings.NewKey("mysql.listen", "127.0.0.1:3306", "address of the MySQL protocol; empty: none", settings.Text, settings.Address),
		settings.NewKey("mysql.also_listen", "", "further addresses of the MySQL protocol: host:port, …", settings.List, nil),
		settings.NewKey("mysql.admin_listen", "", "address where only administrators log in, beyond mysql.max_connections too; empty: none", settings.Text, settings.Address),
		settings.NewKey("mysql.proxy_networks", "", "networks of proxies, whose connections begin with a PROXY header (version 1 or 2): 10.0.0.0/8, …", settings.List, nil),
		settings.NewKey("mysql.socket", "", "path of a unix socket for the MySQL protocol; empty: none", settings.Text, nil),
		settings.NewKey("mysql.max_connections", "1000", "connections at a time; one more gets error 1040", settings.Number, settings.Between(1, 100000)),
		settings.NewKey("mysql.max_allowed_packet", "64MiB", "largest statement or row, as the variable max_allowed_packet begins", settings.Size, nil),
		settings.NewKey("mysql.tls", "true", "offer TLS to clients", settings.Boolean, nil),
		settings.NewKey("mysql.tls_cert", "", "PEM file with the server's certificate; empty: the node makes one of its own in data.dir, signed by ca.pem there", settings.Text, nil),
		settings.NewKey("mysql.tls_key", "", "PEM file with the certificate's key", settings.Text, nil),
		settings.NewKey("mysql.tls_ca", "", "PEM file with the authorities that sign clients' certificates; empty: none are checked", settings.Text, nil),
		settings.NewKey("mysql.require_secure_transport", "false", "refuse clients without TLS, unless they come through the socket", settings.Boolean, nil),
		settings.NewKey("mysql.allow_insecure", "false", "listen beyond loopback without TLS", settings.Boolean, nil),
		settings.NewKey("mysql.root_without_password", "false", "for development: a new cluster has root@localhost without a password instead of root with one; mysql.listen must be on loopback", settings.Boolean, nil),
		settings.NewKey("admin.listen", "127.0.0.1:8080", "address of health, status and metrics; empty: none", settings.Text, settings.Address),
		settings.NewKey("admin.allow_insecure", "false", "serve admin.listen beyond loopback, where it has no password", settings.Boolean, nil),
		settings.NewKey("admin.profiling", "false", "serve Go's profiles below /debug/pprof/ on admin.listen", settings.Boolean, nil),
		settings.NewKey("kafka.listen", "127.0.0.1:9092", "address of the Kafka protocol that serves the Debezium topics of the embedded log; empty: none", settings.Text, settings.Address),
		settings.NewKey("kafka.allow_insecure", "false", "serve kafka.listen beyond loopback, where it has no password", settings.Boolean, nil),
		settings.NewKey("kafka.retention_bytes", "256MiB", "size of the event mirror behind kafka.listen; the oldest events leave first", settings.Size, nil),
		settings.NewKey("log.kind", "embedded", "embedded (one node, nothing to install) or kafka (a cluster)", settings.Text, settings.OneOf("embedded", "kafka")),
		settings.NewKey("log.brokers", "", "brokers of log.kind = kafka: host:port, …", settings.List, nil),
		settings.NewKey("log.partitions", "16", "partitions of the changes, fixed when the log is created", settings.Number, settings.Between(1, 1024)),
		settings.NewKey("log.replication", "3", "replicas of the log's topics when it is created", settings.Number, settings.Between(1, 15)),
		settings.NewKey("log.gather", "20ms", "shortest time between two reads of the log while nobody at this node waits for what follows", settings.Duration, settings.AtMost(time.Second)),
		settings.NewKey("log.inline_max_bytes", "4KiB", "row events of a transaction up to this size ride inside its order record", settings.Size, nil),
		settings.NewKey("log.allow_unsafe", "false", "accept log settings that may lose committed data (one broker, …)", settings.Boolean, nil),
		settings.NewKey("log.rows_query", "false", "record the text of each statement with its rows", settings.Boolean, nil),
		settings.NewKey("log.segment_bytes", "64MiB", "size of the embedded log's segment files", settings.Size, nil),
		settings.NewKey("log.trim", "true", "give up what lies behind a verified snapshot and is needed by nobody", settings.Boolean, nil),
		settings.NewKey("log.retain", "1h", "what is younger stays in the log; a transaction that is open for longer may end with error 1213", settings.Duration, nil),
		settings.NewKey("log.member_retention", "24h", "how long the log waits for a member that is gone", settings.Duration, nil),
		settings.NewKey("snapshot.dir", "", "where snapshots lie, and are looked for when the log no longer has what the node needs; each node has its own; empty: snapshots in data.dir", settings.Text, nil),
		settings.NewKey("snapshot.interval", "1h", "time between two snapshots", settings.Duration, nil),
		settings.NewKey("snapshot.keep", "2", "snapshots that are kept; 0: none is saved by itself, and the log is not trimmed", settings.Number, settings.Between(0, 1000)),
		settings.NewKey("txn.max_bytes", "64MiB", "row events of one transaction; more is error 1197", settings.Size, nil),
		settings.NewKey("txn.memory", "2GiB", "memory of all transactions of the node: private pages and row events; beyond it new ones wait, others get error 1197", settings.Size, nil),
		settings.NewKey("mysql.secure_file_priv", "NULL", "directory of the files of LOAD DATA and SELECT … INTO OUTFILE; NULL: none, empty: any", settings.Text, nil),
		settings.NewKey("temporary.max_bytes", "1GiB", "file of one session's temporary tables; more is error 1114", settings.Size, nil),
		settings.NewKey("txn.max_duration", "1h", "a transaction that is open for longer is rolled back", settings.Duration, nil),
		settings.NewKey("txn.max_snapshot_age", "5m", "the longest that a snapshot may hold back the checkpoint of a file", settings.Duration, nil),
		settings.NewKey("branch.memory", "64MiB", "memory of the private pages of one branch; more goes to an unlinked temporary file", settings.Size, nil),
		settings.NewKey("server.log_level", "info", "debug, info, warn or error", settings.Text, settings.OneOf("debug", "info", "warn", "error")),
		settings.NewKey("server.log_format", "text", "text or json", settings.Text, settings.OneOf("text", "json")),
	}
}

// emitterKeys are those of the emitter main: where its events go, and the connector's properties with a fixed name. Others, such as key.converter.schemas.enable, stand in the
// table [debezium] of the file.
func emitterKeys() []settings.Key {
	var keys []settings.Key
	for _, s := range emitterSettings() {
		keys = append(keys, settings.NewKey("debezium."+s.name, s.def, s.doc, s.kind, s.check))
	}
	keys = append(keys, kafkaclient.Keys("debezium.", "the log's where the brokers are the log's, else PLAINTEXT")...)
	for _, p := range debezium.Properties() {
		kind, check := settings.Text, (func(string) error)(nil)
		switch p.Kind {
		case debezium.BooleanProperty:
			kind = settings.Boolean
		case debezium.WordProperty:
			check = settings.OneOf(p.Values...)
		}
		keys = append(keys, settings.NewKey("debezium."+p.Name, p.Default, p.Doc, kind, check))
	}
	return keys
}

// EmitterKeys lists what a table [emitters.NAME] of the file may hold, with its defaults. Only the file has these keys.
func EmitterKeys() []settings.Key {
	keys := emitterKeys()
	for i := range keys {
		keys[i].Name = "emitters.NAME." + strings.TrimPrefix(keys[i].Name, "debezium.")
		if keys[i].Name == "emitters.NAME.topic.prefix" {
			keys[i].Doc += "; empty: <cluster.name>-NAME"
		}
	}
	return keys
}

func nodeName(v string) error {
	if v == "" {
		return nil
	}
	return settings.TopicName(v)
}
