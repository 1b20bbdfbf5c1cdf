package node

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// kind is the form of a configuration value.
type kind uint8

const (
	kindString kind = iota
	kindInt
	kindBool
	kindDuration
	kindBytes
	kindList
)

// Key is one configuration key.
type Key struct {
	Name    string
	Default string
	Doc     string
	kind    kind
	check   func(string) error
}

// Keys lists every configuration key with its default, in the order in which
// `marmot config check` prints them. Keys below "debezium." carry Debezium's own names.
func Keys() []Key {
	return []Key{
		{"cluster.name", "marmot", "name of the cluster; the log's topics are _marmot.<name>.…", kindString, topicName},
		{"node.id", "", "name of this node, one of a kind in the cluster; empty: the host's name", kindString, nodeName},
		{"node.advertise", "", "host that other nodes and people reach this one at; empty: that of mysql.listen", kindString, nil},
		{"data.dir", "./data", "where the databases, system.db and the embedded log live", kindString, notEmpty},
		{"mysql.listen", "127.0.0.1:3306", "address of the MySQL protocol; empty: none", kindString, address},
		{"mysql.socket", "", "path of a unix socket for the MySQL protocol; empty: none", kindString, nil},
		{"mysql.max_connections", "1000", "connections at a time; one more gets error 1040", kindInt, between(1, 100000)},
		{"mysql.tls_cert", "", "PEM file with the server's certificate", kindString, nil},
		{"mysql.tls_key", "", "PEM file with the certificate's key", kindString, nil},
		{"mysql.allow_insecure", "false", "listen beyond loopback without TLS", kindBool, nil},
		{"admin.listen", "127.0.0.1:8080", "address of health, status and metrics; empty: none", kindString, address},
		{"admin.allow_insecure", "false", "serve admin.listen beyond loopback, where it has no password", kindBool, nil},
		{"kafka.listen", "127.0.0.1:9092", "address of the Kafka protocol that serves the Debezium topics of the embedded log; empty: none", kindString, address},
		{"kafka.allow_insecure", "false", "serve kafka.listen beyond loopback, where it has no password", kindBool, nil},
		{"kafka.retention_bytes", "256MiB", "size of the event mirror behind kafka.listen; the oldest events leave first", kindBytes, nil},
		{"log.kind", "embedded", "embedded (one node, nothing to install) or kafka (a cluster)", kindString, oneOf("embedded", "kafka")},
		{"log.brokers", "", "brokers of log.kind = kafka: host:port, …", kindList, nil},
		{"log.partitions", "16", "partitions of the changes, fixed when the log is created", kindInt, between(1, 1024)},
		{"log.replication", "3", "replicas of the log's topics when it is created", kindInt, between(1, 15)},
		{"log.inline_max_bytes", "0", "row events of a transaction up to this size ride inside its order record", kindBytes, nil},
		{"log.allow_unsafe", "false", "accept log settings that may lose committed data (one broker, …)", kindBool, nil},
		{"log.rows_query", "false", "record the text of each statement with its rows", kindBool, nil},
		{"log.segment_bytes", "64MiB", "size of the embedded log's segment files", kindBytes, nil},
		{"txn.max_bytes", "64MiB", "row events of one transaction; more is error 1197", kindBytes, nil},
		{"txn.max_duration", "1h", "a transaction that is open for longer is rolled back", kindDuration, nil},
		{"txn.max_snapshot_age", "5m", "the longest that a snapshot may hold back the checkpoint of a file", kindDuration, nil},
		{"branch.memory", "256MiB", "memory of all branches of this node together", kindBytes, nil},
		{"read.allow_stale", "false", "serve LOCAL reads while this node is cut off from the log", kindBool, nil},
		{"server.log_level", "info", "debug, info, warn or error", kindString, oneOf("debug", "info", "warn", "error")},
		{"server.log_format", "text", "text or json", kindString, oneOf("text", "json")},
		{"debezium.enabled", "true", "emit Debezium events", kindBool, nil},
		{"debezium.topic.prefix", "", "prefix of the topics; empty: cluster.name", kindString, nil},
		{"debezium.tombstones.on.delete", "true", "follow each delete by a record without value", kindBool, nil},
		{"debezium.provide.transaction.metadata", "true", "emit BEGIN and END on <prefix>.transaction", kindBool, nil},
		{"debezium.include.schema.changes", "true", "emit DDL on the topic <prefix>", kindBool, nil},
		{"debezium.schemas.enable", "false", "put the Connect schema into every JSON key and value", kindBool, nil},
		{"debezium.topic.partitions", "1", "partitions of the event topics", kindInt, between(1, 1024)},
		{"debezium.topic.replication", "0", "replicas of the event topics; 0: log.replication", kindInt, between(0, 15)},
	}
}

func notEmpty(v string) error {
	if v == "" {
		return fmt.Errorf("must not be empty")
	}
	return nil
}

var topicChars = regexp.MustCompile(`^[A-Za-z0-9._-]{1,200}$`)

func topicName(v string) error {
	if !topicChars.MatchString(v) {
		return fmt.Errorf("want 1 to 200 of the characters A-Z a-z 0-9 . _ -")
	}
	return nil
}

func nodeName(v string) error {
	if v == "" {
		return nil
	}
	return topicName(v)
}

func address(v string) error {
	if v == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(v)
	if err != nil {
		return fmt.Errorf("want host:port")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("port %q is not a number from 0 to 65535", port)
	}
	return nil
}

func oneOf(words ...string) func(string) error {
	return func(v string) error {
		for _, w := range words {
			if v == w {
				return nil
			}
		}
		return fmt.Errorf("want %s", strings.Join(words, " or "))
	}
}

func between(low, high int) func(string) error {
	return func(v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return fmt.Errorf("want a number from %d to %d", low, high)
		}
		return nil
	}
}

// parseBytes reads a size: a number with an optional unit B, KiB, MiB or GiB.
func parseBytes(s string) (int64, error) {
	units := []struct {
		name string
		size int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}
	number, size := s, int64(1)
	for _, u := range units {
		if n, ok := strings.CutSuffix(s, u.name); ok {
			number, size = strings.TrimSpace(n), u.size
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/size {
		return 0, fmt.Errorf("want a size such as 1048576, 512KiB or 64MiB")
	}
	return n * size, nil
}

// validate checks the value's form and range.
func (k Key) validate(v string) error {
	var err error
	switch k.kind {
	case kindInt:
		_, err = strconv.Atoi(v)
	case kindBool:
		err = oneOf("true", "false")(v)
	case kindDuration:
		if d, perr := time.ParseDuration(v); perr != nil || d <= 0 {
			err = fmt.Errorf("want a duration above zero such as 500ms, 10s or 5m")
		}
	case kindBytes:
		_, err = parseBytes(v)
	}
	if err == nil && k.check != nil {
		err = k.check(v)
	}
	return err
}
