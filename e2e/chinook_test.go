package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestChinookOnThreeNodes loads a real database through the mariadb client into node 1
// while the others serve reads; then all files are equal, the answers are MySQL's on every
// node, and the Debezium files rebuild the tables.
func TestChinookOnThreeNodes(t *testing.T) {
	c := startCluster(t, 3, 3)
	events := filepath.Join(t.TempDir(), "events")
	connect := c.startConnect(events, "marmot")

	readers, stop := context.WithCancel(context.Background())
	failed := make(chan error, 2)
	for i := 1; i <= 2; i++ {
		go func() { failed <- c.readWhile(readers, i) }()
	}
	load, err := os.Open("testdata/chinook/Chinook_MySql.sql")
	if err != nil {
		t.Fatal(err)
	}
	defer load.Close()
	started := time.Now()
	if out, err := c.client(0, load); err != nil {
		t.Fatalf("loading Chinook: %v\n%s", err, out)
	}
	t.Logf("Chinook loaded in %s", time.Since(started).Round(time.Millisecond))
	stop()
	for range 2 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}

	content := c.sameFiles("Chinook")
	total := 0
	for _, rows := range content {
		total += len(rows)
	}
	if total != 15607 {
		t.Errorf("the files hold %d rows, want 15607", total)
	}
	for i := range c.MySQL {
		c.sameAnswers(i)
	}
	c.sameAsEvents(connect, events, "Chinook", content)
}

// readWhile reads the catalog and, once it is there, a table of Chinook until ctx ends; any
// error but "no such database or table" is returned, and at least one read must have worked.
func (c *cluster) readWhile(ctx context.Context, node int) error {
	db := c.open(node, "")
	reads := 0
	for ctx.Err() == nil {
		var n int
		err := db.QueryRow("SELECT COUNT(*) FROM information_schema.TABLES").Scan(&n)
		if err != nil {
			return fmt.Errorf("node %d: reading information_schema while loading: %w", node+1, err)
		}
		err = db.QueryRow("SELECT COUNT(*) FROM Chinook.Artist").Scan(&n)
		if err != nil && !strings.Contains(err.Error(), "1146") && !strings.Contains(err.Error(), "1049") {
			return fmt.Errorf("node %d: reading Chinook while loading: %w", node+1, err)
		}
		reads++
		time.Sleep(5 * time.Millisecond)
	}
	if reads == 0 {
		return fmt.Errorf("node %d answered no read while loading", node+1)
	}
	return nil
}

// sameAnswers runs the analytical queries on a node and compares with what MySQL 9.7 said.
func (c *cluster) sameAnswers(node int) {
	c.t.Helper()
	text, err := os.ReadFile("testdata/chinook/queries.sql")
	if err != nil {
		c.t.Fatal(err)
	}
	for i, query := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		want, err := os.ReadFile(fmt.Sprintf("testdata/chinook/answers/%02d.tsv", i+1))
		if err != nil {
			c.t.Fatal(err)
		}
		got, err := c.client(node, nil, "-B", "Chinook", "-e", query)
		if err != nil {
			c.t.Errorf("node %d, query %d: %v\n%s", node+1, i+1, err, got)
			continue
		}
		if d := difference(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
			c.t.Errorf("node %d, query %d: %s\n%s", node+1, i+1, d, query)
		}
	}
}

// connectProcess is a running marmot-connect with the file sink.
type connectProcess struct {
	cmd *exec.Cmd
	log *bytes.Buffer
}

// startConnect runs marmot-connect on the cluster's Kafka into dir and ends it with the test.
func (c *cluster) startConnect(dir, prefix string) *connectProcess {
	c.t.Helper()
	p := &connectProcess{log: &bytes.Buffer{}}
	p.cmd = exec.Command(filepath.Join(c.root, "bin", "marmot-connect"), "run")
	p.cmd.Env = append(os.Environ(),
		"MARMOT_CONNECT_KAFKA_BROKERS="+c.Kafka, "MARMOT_CONNECT_TOPICS_PREFIX="+prefix,
		"MARMOT_CONNECT_SINK_DIR="+dir, "MARMOT_CONNECT_ADMIN_LISTEN=")
	p.cmd.Dir = c.t.TempDir()
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { p.stop() })
	return p
}

// stop ends the process with SIGTERM, which makes it finish its files.
func (p *connectProcess) stop() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Signal(os.Interrupt)
		_ = p.cmd.Wait()
	}
}

// eventsPatience is how long events may take that waited for a broker, an owner and a password at once.
const eventsPatience = 3 * time.Minute

// sameAsEvents replays the files of marmot-connect into an empty SQLite file until it equals content. After an hour of load one replay
// takes minutes: what counts is when the last one began.
func (c *cluster) sameAsEvents(p *connectProcess, dir, database string, content map[string][]string) {
	c.t.Helper()
	want := 0
	for _, rows := range content {
		want += len(rows)
	}
	deadline := time.Now().Add(eventsPatience)
	var got map[string][]string
	for attempt := 0; ; attempt++ {
		began := time.Now()
		file := filepath.Join(c.t.TempDir(), fmt.Sprintf("replay-%d.db", attempt))
		out, err := exec.Command(filepath.Join(c.root, "bin", "marmot-connect"), "replay", "--dir", dir, "--sqlite", file, "--database", database).CombinedOutput()
		if err == nil {
			got = tables(c.t, file)
			if sameContent(content, got) {
				return
			}
		}
		if began.After(deadline) {
			c.t.Logf("replay: %v\n%s\nmarmot-connect:\n%s", err, out, p.log)
			sameTables(c.t, "replay of the Debezium files", content, got)
			if !c.t.Failed() {
				c.t.Errorf("replaying the Debezium files gave no file")
			}
			return
		}
		time.Sleep(time.Second)
	}
}

func sameContent(want, got map[string][]string) bool {
	for name, rows := range want {
		if difference(rows, got[name]) != "" {
			return false
		}
	}
	return true
}
