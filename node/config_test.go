package node

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marmot/internal/settings"

	"github.com/spf13/pflag"
)

func load(t *testing.T, file string, environ []string, args ...string) (*settings.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "marmot.toml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	Program().Flags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return LoadConfig(path, environ, flags)
}

func TestFlagsOverrideEnvironmentOverridesFile(t *testing.T) {
	file := "[node]\nid = \"a\"\n[mysql]\nlisten = \"127.0.0.1:1\"\n[txn]\nmax_bytes = \"1MiB\"\n"
	c, err := load(t, file, []string{"MARMOT_MYSQL_LISTEN=127.0.0.1:2", "MARMOT_NODE_ID=b", "HOME=/x"}, "--node.id", "c")
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"node.id": "c", "mysql.listen": "127.0.0.1:2", "txn.max_bytes": "1MiB", "log.kind": "embedded"} {
		if got := c.String(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if c.Bytes("txn.max_bytes") != 1<<20 || c.Duration("txn.max_duration") != time.Hour {
		t.Errorf("sizes or durations read wrongly: %d, %s", c.Bytes("txn.max_bytes"), c.Duration("txn.max_duration"))
	}
	effective := strings.Join(c.Effective(), "\n")
	for _, want := range []string{"# flag --node.id", "# environment MARMOT_MYSQL_LISTEN", "# file ", "# default"} {
		if !strings.Contains(effective, want) {
			t.Errorf("effective configuration does not tell the source %q:\n%s", want, effective)
		}
	}
}

func TestDebeziumKeysKeepTheirOwnNames(t *testing.T) {
	for _, file := range []string{"[debezium]\n\"topic.prefix\" = \"shop\"\n", "debezium.topic.prefix = \"shop\"\n"} {
		c, err := load(t, file, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.String("debezium.topic.prefix"); got != "shop" {
			t.Errorf("%q: debezium.topic.prefix = %q", file, got)
		}
	}
}

func TestBadConfigurationNamesKeyValueAndRemedy(t *testing.T) {
	tests := []struct {
		name, file string
		environ    []string
		args       []string
		want       []string
	}{
		{"unknown key in the file", "[mysql]\nlisen = \"x\"", nil, nil, []string{"mysql.lisen", "did you mean mysql.listen?", "file "}},
		{"unknown key in the environment", "", []string{"MARMOT_MYSQL_LISTN=x"}, nil, []string{"MARMOT_MYSQL_LISTN", "no such configuration key"}},
		{"no TOML", "mysql.listen = ", nil, nil, []string{"line 1", "column"}},
		{"address without port", "mysql.listen = \"localhost\"", nil, nil, []string{"mysql.listen", "\"localhost\"", "want host:port"}},
		{"port out of range", "mysql.listen = \"localhost:99999\"", nil, nil, []string{"99999", "0 to 65535"}},
		{"kafka without brokers", "log.kind = \"kafka\"", nil, nil, []string{"log.brokers", "at least one broker"}},
		{"unknown kind", "log.kind = \"pulsar\"", nil, nil, []string{"log.kind", "\"pulsar\"", "embedded or kafka"}},
		{"no size", "txn.max_bytes = \"many\"", nil, nil, []string{"txn.max_bytes", "64MiB"}},
		{"no duration", "", nil, []string{"--txn.max_duration", "5"}, []string{"flag --txn.max_duration", "10s"}},
		{"no boolean", "log.allow_unsafe = \"maybe\"", nil, nil, []string{"log.allow_unsafe", "true or false"}},
		{"half of TLS", "mysql.tls_cert = \"c.pem\"", nil, nil, []string{"mysql.tls_cert and mysql.tls_key together"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.file, tt.environ, tt.args...)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
		})
	}
}

func TestSecretsAndTestVariablesAreNoKeys(t *testing.T) {
	if _, err := load(t, "", []string{"MARMOT_ROOT_PASSWORD=x", "MARMOT_TEST_KAFKA=y"}); err != nil {
		t.Fatal(err)
	}
}
