package e2e

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// shortLog are settings with which seconds of load are trimmed.
var shortLog = []string{"--snapshot.interval", "1s", "--log.retain", "2s", "--kafka.retention_bytes", "1MiB", "--log.segment_bytes", "1MiB"}

// size sums the bytes of the files below a directory.
func size(t *testing.T, dir string) (total int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil // it was trimmed meanwhile
		}
		if info, err := e.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// until waits for what a running node brings about by itself.
func until(t *testing.T, what string, within time.Duration, f func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for !f() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within %s", what, within)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func number(s map[string]any, key string) float64 {
	n, _ := s[key].(float64)
	return n
}

// run runs a command that ends by itself, well, and returns what it said.
func run(t *testing.T, args ...string) string {
	t.Helper()
	p := startProcess(t, marmot(t, nil, args...))
	if code := p.exit(time.Minute); code != 0 {
		t.Fatalf("marmot %s: exit code %d:\n%s", strings.Join(args, " "), code, p.output)
	}
	return p.output.String()
}

// TestTheLogOfASingleNodeStaysShort loads a node with many times what its log may keep, kills it, and restores what it
// has saved to another data directory.
func TestTheLogOfASingleNodeStaysShort(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	n := newNode(t, data, shortLog...)
	p := n.start()
	n.exec(0, "", "CREATE DATABASE big", "CREATE DATABASE quiet", "CREATE TABLE quiet.q (id INT PRIMARY KEY)", "INSERT INTO quiet.q VALUES (7)",
		"CREATE TABLE big.b (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(1000))")
	db := n.open(0, "big")
	const wave, most = 16 << 20, 12 << 20 // bytes written between two looks; bytes that the log may have then
	for w := range 3 {
		row := "(REPEAT('" + string(rune('a'+w)) + "', 1000)),"
		insert := "INSERT INTO b (v) VALUES " + strings.TrimSuffix(strings.Repeat(row, 64), ",")
		for range wave / (64 * 1000) {
			if _, err := db.Exec(insert); err != nil {
				t.Fatal(err)
			}
		}
		// A little more, so that the last wave is behind a mark.
		until(t, "the log is short", time.Minute, func() bool {
			for range 20 {
				if _, err := db.Exec("UPDATE quiet.q SET id = id + 1"); err != nil {
					t.Fatal(err)
				}
			}
			return size(t, filepath.Join(data, "log")) < most
		})
	}
	s, err := n.status(0)
	if err != nil || number(s, "log_start") <= 1 || number(s, "trim_floor") < number(s, "log_start") || number(s, "snapshot") < number(s, "trim_floor")-1 {
		t.Errorf("status: %v, %v", s, err)
	}
	if start := n.metric("marmot_log_start_position"); start == "1" {
		t.Error("marmot_log_start_position is 1")
	}
	before := n.offsets("marmot.big.b", 3*(wave/(64*1000))*64)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.exit(time.Minute)

	p = n.start()
	if after := n.offsets("marmot.big.b", before); before != after {
		t.Errorf("the mirror of events ends at %d, before the kill it did at %d", after, before)
	}
	says(t, run(t, "snapshot", "save", "--admin", n.Admin[0]), "snapshot-00001-")
	says(t, run(t, "snapshot", "verify", "--data.dir", data), "good")
	content, quiet := tables(t, filepath.Join(data, "db", "big.db")), tables(t, filepath.Join(data, "db", "quiet.db"))
	if len(content["b"]) != 3*(wave/(64*1000))*64 {
		t.Errorf("%d rows after kill -9", len(content["b"]))
	}
	p.stop()
	remove(t, filepath.Join(data, "db"))
	remove(t, filepath.Join(data, "system.db"))
	p = n.start() // the log does not go back to the beginning: a snapshot does the rest
	sameTables(t, "refilled big", content, tables(t, filepath.Join(data, "db", "big.db")))
	says(t, p.output.String(), "the files of this node are those of a snapshot now")
	p.stop()

	copied := filepath.Join(t.TempDir(), "copied")
	says(t, run(t, "restore", "--from", filepath.Join(data, "snapshots"), "--data.dir", copied), "restored snapshot-00001-", "generation 2")
	other := newNode(t, copied, shortLog...)
	p = other.start()
	sameTables(t, "restored big", content, tables(t, filepath.Join(copied, "db", "big.db")))
	sameTables(t, "restored quiet", quiet, tables(t, filepath.Join(copied, "db", "quiet.db")))
	other.exec(0, "big", "INSERT INTO b (v) VALUES ('goes on')")
	p.stop()
	startProcess(t, marmot(t, nil, "restore", "--from", filepath.Join(data, "snapshots"), "--data.dir", copied)).
		refuses(time.Minute, 1, "is there already", "nothing was changed")
}

// offsets waits until the event mirror has a topic's end, of all its partitions together, at least there, and returns the
// end. The oldest events are gone by then.
func (n *node) offsets(topic string, least int64) (end int64) {
	n.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(n.Kafka))
	if err != nil {
		n.t.Fatal(err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	until(n.t, "the events are in the mirror", time.Minute, func() bool {
		ctx, cancel := context.WithTimeout(n.t.Context(), 2*time.Second)
		defer cancel()
		first, err := admin.ListStartOffsets(ctx, topic)
		if err != nil {
			return false
		}
		last, err := admin.ListEndOffsets(ctx, topic)
		if err != nil {
			return false
		}
		start := int64(0)
		end = 0
		first.Each(func(o kadm.ListedOffset) { start += o.Offset })
		last.Each(func(o kadm.ListedOffset) { end += o.Offset })
		return start > 0 && end >= least
	})
	return end
}

// TestANodeJoinsAfterTheLogIsTrimmed: on three nodes and brokers, under load, until the log has no beginning any more; then a
// node joins from another one's snapshot, one takes it by itself at its start, and events still rebuild the tables.
func TestANodeJoinsAfterTheLogIsTrimmed(t *testing.T) {
	c := startCluster(t, 3, 3, "snapshot.interval=1s", "log.retain=2s")
	c.exec(0, "", "CREATE DATABASE d", "CREATE TABLE d.t (id INT AUTO_INCREMENT PRIMARY KEY, node INT, v VARCHAR(200))")
	events := filepath.Join(t.TempDir(), "events")
	connect := c.startConnect(events, "marmot")
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(c.Kafka, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	admin := kadm.NewClient(client)
	start := func(topic string) (least int64) {
		offsets, err := admin.ListStartOffsets(t.Context(), topic)
		if err != nil {
			t.Fatal(err)
		}
		offsets.Each(func(o kadm.ListedOffset) { least = max(least, o.Offset) })
		return least
	}
	until(t, "the order is trimmed", 4*time.Minute, func() bool {
		for i := range c.MySQL {
			c.exec(i, "d", fmt.Sprintf("INSERT INTO t (node, v) VALUES %s (%d, 'x')", strings.Repeat(fmt.Sprintf("(%d, REPEAT('y', 200)),", i), 40), i))
			for range 30 {
				c.exec(i, "d", fmt.Sprintf("INSERT INTO t (node, v) VALUES (%d, 'z')", i))
			}
		}
		return start(order("marmot")) > 500 && start(changes("marmot")) > 1
	})
	c.settle()

	toml := filepath.Join(c.dir, "node-1", "marmot.toml")
	join := func(id string, more ...string) *node {
		n := newNode(t, filepath.Join(t.TempDir(), id))
		n.args = append([]string{"server", "--config", toml, "--node.id", id, "--data.dir", n.dir, "--mysql.listen", n.MySQL[0], "--admin.listen", n.Admin[0]}, more...)
		n.Password = c.Password
		return n
	}
	empty := join("empty", "--snapshot.dir", filepath.Join(t.TempDir(), "nothing"))
	empty.launch().refuses(time.Minute, 1, "no longer keeps", "marmot restore --from", "snapshot.dir")

	shared := filepath.Join(c.Data[0], "snapshots")
	by := join("restored")
	says(t, run(t, "restore", "--config", toml, "--data.dir", by.dir, "--from", shared), "restored snapshot-")
	first := by.start()
	copied := filepath.Join(t.TempDir(), "copied")
	copyTree(t, shared, copied)
	itself := join("itself", "--snapshot.dir", copied)
	second := itself.start()
	c.exec(1, "d", "INSERT INTO t (node, v) VALUES (1, 'last')")
	c.settle()
	content := c.sameFiles("d")
	for _, n := range []*node{by, itself} {
		until(t, "the new node has caught up", time.Minute, func() bool {
			mine, err := n.status(0)
			theirs, err2 := c.status(0)
			return err == nil && err2 == nil && number(mine, "position") >= number(theirs, "log_end")
		})
		sameTables(t, n.dir, content, tables(t, filepath.Join(n.dir, "db", "d.db")))
	}
	first.stop()
	second.stop()
	c.sameAsEvents(connect, events, "d", content)
}
