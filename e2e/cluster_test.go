package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
)

// cluster is what scripts/cluster.sh started.
type cluster struct {
	t        *testing.T
	root     string // of the repository
	dir      string
	MySQL    []string `json:"mysql"`
	Admin    []string `json:"admin"`
	Kafka    string   `json:"kafka"`
	User     string   `json:"user"`
	Password string   `json:"password"`
	Data     []string `json:"data"`
	pools    map[int]*sql.DB
}

// nextCluster and nextNode count the ranges of ports that were given out.
var nextCluster, nextNode atomic.Int32

// ports gives a range of ports to one cluster: 100 apart, off the usual ones and below those that the system gives to
// connections. A range of which somebody has a port is passed over. MARMOT_TEST_PORTS is where they begin, for tests that run beside others.
func ports() int {
	base, err := strconv.Atoi(os.Getenv("MARMOT_TEST_PORTS"))
	if err != nil {
		base = 21000
	}
	first := 0
	for range 100 {
		first = base + 100*int(nextCluster.Add(1))
		if free(first, first+1, first+2, first+20, first+21, first+22, first+40, first+41, first+42, first+50, first+90, first+91, first+92) {
			break
		}
	}
	return first
}

// nodePorts gives three ports to a single node.
func nodePorts() int {
	first := 0
	for range 900 {
		first = 18000 + 3*int(nextNode.Add(1))
		if free(first, first+1, first+2) {
			break
		}
	}
	return first
}

// free reports whether nobody listens on any of the ports.
func free(list ...int) bool {
	for _, port := range list {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}

// needE2E skips the test unless the environment asks for end-to-end tests.
func needE2E(t *testing.T) string {
	t.Helper()
	if os.Getenv("MARMOT_TEST_E2E") == "" {
		t.Skip("end-to-end tests run with MARMOT_TEST_E2E=1 and built binaries (make test)")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []string{"marmot", "marmot-connect"} {
		if _, err := os.Stat(filepath.Join(root, "bin", b)); err != nil {
			t.Fatalf("bin/%s is missing: run make build first", b)
		}
	}
	return root
}

// startCluster starts nodes and brokers and destroys them when the test ends.
func startCluster(t *testing.T, nodes, brokers int, set ...string) *cluster {
	t.Helper()
	return startClusterIn(t, nodes, brokers, func(string) {}, set...)
}

// startClusterIn does so in a directory that prepare has had before.
func startClusterIn(t *testing.T, nodes, brokers int, prepare func(dir string), set ...string) *cluster {
	t.Helper()
	root := needE2E(t)
	dir := filepath.Join(t.TempDir(), "cluster")
	c := &cluster{t: t, root: root, dir: dir}
	args := []string{"start", "--nodes", strconv.Itoa(nodes), "--brokers", strconv.Itoa(brokers), "--dir", dir, "--port", strconv.Itoa(ports())}
	for _, s := range set {
		args = append(args, "--set", s)
	}
	t.Cleanup(func() {
		if t.Failed() {
			c.keepLogs()
		}
		if out, err := c.script("destroy", "--dir", dir); err != nil {
			t.Errorf("cluster.sh destroy: %v\n%s", err, out)
		}
	})
	prepare(dir)
	out, err := c.script(args...)
	if err != nil {
		t.Fatalf("cluster.sh start: %v\n%s", err, out)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], c); err != nil {
		t.Fatalf("cluster.sh start printed no JSON: %v\n%s", err, out)
	}
	return c
}

// script runs cluster.sh; its standard output is returned, its standard error goes to the test's log on failure.
func (c *cluster) script(args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(c.root, "scripts", "cluster.sh"), args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, stderr.String())
	}
	return out, err
}

// do runs a verb of cluster.sh on the running cluster, as in c.do("kill-node", "2").
func (c *cluster) do(verb string, args ...string) {
	c.t.Helper()
	if out, err := c.script(append(append([]string{verb}, args...), "--dir", c.dir)...); err != nil {
		c.t.Fatalf("cluster.sh %s %v: %v\n%s", verb, args, err, out)
	}
}

// keepLogs shows the end of each log file of a failed run.
func (c *cluster) keepLogs() {
	_ = filepath.Walk(c.dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || !strings.HasSuffix(path, ".log") || strings.Contains(path, "/kafka/") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if len(text) > 6000 {
			text = text[len(text)-6000:]
		}
		c.t.Logf("end of %s:\n%s", path, text)
		return nil
	})
}

// open gives a connection pool to node i (from 0).
func (c *cluster) open(i int, database string) *sql.DB {
	c.t.Helper()
	dsn := fmt.Sprintf("%s:%s@tcp(%s)/%s?timeout=5s&readTimeout=60s&writeTimeout=60s&interpolateParams=true", c.User, c.Password, c.MySQL[i], database)
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { db.Close() })
	return db
}

// exec runs statements on node i and fails the test on an error.
func (c *cluster) exec(i int, database string, statements ...string) {
	c.t.Helper()
	db := c.open(i, database)
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			c.t.Fatalf("node %d: %s: %v", i+1, s, err)
		}
	}
}

// client runs the mariadb client against node i.
func (c *cluster) client(i int, stdin io.Reader, args ...string) (string, error) {
	host, port, err := net.SplitHostPort(c.MySQL[i])
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	all := append([]string{"--no-defaults", "-h", host, "-P", port, "-u", c.User, "--default-character-set=utf8mb4"}, args...)
	cmd := exec.CommandContext(ctx, "mariadb", all...)
	cmd.Env = append(os.Environ(), "MYSQL_PWD="+c.Password)
	cmd.Stdin = stdin
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// status reads /status of node i.
func (c *cluster) status(i int) (map[string]any, error) {
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get("http://" + c.Admin[i] + "/status")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	status := map[string]any{}
	return status, json.NewDecoder(resp.Body).Decode(&status)
}

// settle waits until all nodes have applied everything: a STRONG barrier on each node, then equal positions.
func (c *cluster) settle() {
	c.t.Helper()
	deadline := time.Now().Add(time.Minute)
	var seen []float64
	for time.Now().Before(deadline) {
		seen = seen[:0]
		equal := true
		for i := range c.Admin {
			s, err := c.status(i)
			if err != nil {
				equal = false
				break
			}
			position, _ := s["position"].(float64)
			end, _ := s["log_end"].(float64)
			seen = append(seen, position)
			equal = equal && position > 0 && position >= end && position == seen[0]
		}
		if equal && len(seen) == len(c.Admin) {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	c.t.Fatalf("nodes did not reach one position within a minute: %v", seen)
}
