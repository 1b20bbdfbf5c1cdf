package e2e

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestWrongConfigurationEndsTheProgramAndNamesTheRemedy: exit code 2 is a mistake in the
// configuration, 1 one that the world around shows.
func TestWrongConfigurationEndsTheProgramAndNamesTheRemedy(t *testing.T) {
	needE2E(t)
	tests := []struct {
		name    string
		file    string // marmot.toml in the working directory, if not empty
		environ []string
		args    []string
		code    int
		words   []string
	}{
		{"unknown key in the file", "[mysql]\nlisen = \"127.0.0.1:1\"\n", nil, []string{"server"}, 2, []string{"mysql.lisen", "marmot.toml", "did you mean mysql.listen?"}},
		{"unknown key in the environment", "", []string{"MARMOT_MYSQL_LISEN=x"}, []string{"server"}, 2, []string{"MARMOT_MYSQL_LISEN", "marmot config keys"}},
		{"unknown flag", "", nil, []string{"server", "--mysql.lisen", "x"}, 2, []string{"mysql.lisen", "marmot server --help"}},
		{"unknown command", "", nil, []string{"serve"}, 2, []string{`"serve"`, "did you mean server?", "marmot --help"}},
		{"unknown argument", "", nil, []string{"server", "now"}, 2, []string{`"now"`, "marmot server --help"}},
		{"no TOML", "mysql = [\n", nil, []string{"server"}, 2, []string{"marmot.toml", "line "}},
		{"a file that is not there", "", nil, []string{"server", "--config", "/nowhere/marmot.toml"}, 2, []string{"/nowhere/marmot.toml", "no such file"}},
		{"a value of the wrong form", "", nil, []string{"server", "--txn.max_bytes", "many"}, 2, []string{"txn.max_bytes", "\"many\"", "64MiB"}},
		{"kafka without brokers", "", nil, []string{"server", "--log.kind", "kafka"}, 2, []string{"log.brokers", "host:port"}},
		{"log init of the embedded log", "", nil, []string{"log", "init"}, 2, []string{"log.kind", "creates itself"}},
		{"MySQL for everybody without TLS", "", nil, []string{"server", "--mysql.listen", "0.0.0.0:0"}, 2, []string{"mysql.listen", "mysql.tls_cert", "mysql.allow_insecure"}},
		{"admin for everybody", "", nil, []string{"server", "--admin.listen", ":0"}, 2, []string{"admin.listen", "admin.allow_insecure"}},
		{"Kafka for everybody", "", nil, []string{"server", "--kafka.listen", "0.0.0.0:0"}, 2, []string{"kafka.listen", "kafka.allow_insecure"}},
		{"a certificate that is not there", "", nil, []string{"server", "--mysql.tls_cert", "/nowhere/c.pem", "--mysql.tls_key", "/nowhere/k.pem"}, 2, []string{"mysql.tls_cert", "/nowhere/c.pem"}},
		{"status of nobody", "", nil, []string{"status", "--admin", "127.0.0.1:1"}, 1, []string{"127.0.0.1:1", "is the node running", "admin.listen"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if tt.file != "" {
				if err := os.WriteFile(filepath.Join(dir, "marmot.toml"), []byte(tt.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := marmot(t, tt.environ, tt.args...)
			cmd.Dir = dir
			startProcess(t, cmd).refuses(20*time.Second, tt.code, tt.words...)
		})
	}
}

// TestAnOccupiedPortIsNamed also shows that a node that could not start leaves nothing behind: it starts
// once the port is free.
func TestAnOccupiedPortIsNamed(t *testing.T) {
	n := newNode(t, filepath.Join(t.TempDir(), "data"))
	for _, tt := range []struct{ key, address, words string }{
		{"mysql.listen", n.MySQL[0], "taken by another process; stop it or choose another"},
		{"admin.listen", n.Admin[0], "is another node running there"},
		{"kafka.listen", n.Kafka, "taken by another process; stop it, choose another"},
	} {
		t.Run(tt.key, func(t *testing.T) {
			l, err := net.Listen("tcp", tt.address)
			if err != nil {
				t.Fatal(err)
			}
			p := startProcess(t, marmot(t, nil, n.args...))
			p.refuses(20*time.Second, 1, tt.key, tt.address, tt.words)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
	n.start().stop()
}

// TestASecondProcessDoesNotGetTheDataDirectory: nor does it disturb the first.
func TestASecondProcessDoesNotGetTheDataDirectory(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	first := newNode(t, data)
	first.start()
	first.exec(0, "", "CREATE DATABASE shop")
	second := newNode(t, data)
	second.launch().refuses(20*time.Second, 1, data, "another process uses the data directory", "data.dir")
	first.exec(0, "shop", "CREATE TABLE item (id INT PRIMARY KEY)", "INSERT INTO item VALUES (1)")
}

// TestAnUnreachableBrokerEndsTheStart within its bound, and names the key.
func TestAnUnreachableBrokerEndsTheStart(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	for name, brokers := range map[string]string{"refused": "127.0.0.1:1", "silent": silent.Addr().String(), "unknown host": "no-such-host.invalid:9092"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNode(t, filepath.Join(t.TempDir(), "data"), "--log.kind", "kafka", "--log.brokers", brokers)
			n.launch().refuses(75*time.Second, 1, "log.brokers", brokers)
			init := marmot(t, nil, "log", "init", "--log.kind", "kafka", "--log.brokers", brokers)
			startProcess(t, init).refuses(75*time.Second, 1, "log.brokers", brokers)
		})
	}
}
