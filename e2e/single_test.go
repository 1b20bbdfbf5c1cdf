package e2e

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestASingleNodeLosesNothingWhenItIsKilled kills a node with the embedded log while clients
// write and consumers are attached: Kafka clients, and marmot-connect, which is killed too. Each acknowledged row
// is there once; a client that keeps its own place has seen each event once; a member of a group, which begins again at its
// last commit, has seen each event under one offset; and the files rebuild the table.
func TestASingleNodeLosesNothingWhenItIsKilled(t *testing.T) {
	c := startCluster(t, 1, 0)
	c.exec(0, "", "CREATE DATABASE shop")
	c.exec(0, "shop", "CREATE TABLE item (id BIGINT AUTO_INCREMENT PRIMARY KEY, worker INT NOT NULL, n INT NOT NULL, UNIQUE KEY (worker, n))")
	events := filepath.Join(t.TempDir(), "events")
	connect := c.startConnect(events, "marmot")
	alone := c.attach("marmot.shop.item")
	member := c.attach("marmot.shop.item", kgo.ConsumerGroup("watcher"))

	const kills, workers = 4, 4
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	var acknowledged [workers][]int
	for w := range workers {
		db := c.open(0, "shop")
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := 0; ctx.Err() == nil; n++ {
				if _, err := db.Exec("INSERT INTO item (worker, n) VALUES (?, ?)", w, n); err == nil {
					acknowledged[w] = append(acknowledged[w], n)
				} else {
					pause(err)
				}
			}
		}()
	}
	for range kills {
		time.Sleep(1500 * time.Millisecond)
		c.do("kill-node", "1")
		connect.kill()
		c.do("start-node", "1")
		connect = c.startConnect(events, "marmot")
	}
	time.Sleep(time.Second)
	cancel()
	wg.Wait()

	content := c.sameFiles("shop")
	c.checkAcknowledged(acknowledged[:])
	c.sameAsEvents(connect, events, "shop", content)
	rows := len(content["item"])
	deadline := time.Now().Add(30 * time.Second)
	for min(alone.count(), member.count()) < rows && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
	}
	alone.check(t, "the client", rows, 1)
	member.check(t, "the member of a group", rows, 1+kills)
	t.Logf("%d rows, %d kills", rows, kills)
}

// checkAcknowledged finds each acknowledged insert in the table.
func (c *cluster) checkAcknowledged(acknowledged [][]int) {
	c.t.Helper()
	db := c.open(0, "shop")
	total := 0
	for w, list := range acknowledged {
		there := map[int]bool{}
		for _, n := range ints(c.t, db, "SELECT n FROM item WHERE worker = ?", w) {
			there[n] = true
		}
		for _, n := range list {
			if !there[n] {
				c.t.Errorf("worker %d: insert %d was acknowledged and is gone", w, n)
			}
		}
		total += len(list)
	}
	if total == 0 {
		c.t.Error("nothing was acknowledged")
	}
}

func ints(t *testing.T, db *sql.DB, query string, args ...any) []int {
	t.Helper()
	result, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	var list []int
	for result.Next() {
		var n int
		if err := result.Scan(&n); err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// consumer is an attached Kafka client that notes under which offset it sees each inserted row,
// by primary key, and how often.
type consumer struct {
	mu     sync.Mutex
	offset map[int64]int64
	times  map[int64]int
	moved  []string // rows that were seen under two offsets
}

// attach consumes a topic until the test ends.
func (c *cluster) attach(topic string, more ...kgo.Opt) *consumer {
	c.t.Helper()
	client, err := kgo.NewClient(append(more, kgo.SeedBrokers(c.Kafka), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(100*time.Millisecond), kgo.MetadataMaxAge(time.Second))...)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	k := &consumer{offset: map[int64]int64{}, times: map[int64]int{}}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for ctx.Err() == nil {
			client.PollFetches(ctx).EachRecord(k.take)
		}
	}()
	c.t.Cleanup(func() {
		cancel()
		wg.Wait()
		client.Close()
	})
	return k
}

func (k *consumer) take(r *kgo.Record) {
	var event struct {
		After struct {
			ID int64 `json:"id"`
		} `json:"after"`
	}
	if json.Unmarshal(r.Value, &event) != nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	id := event.After.ID
	k.times[id]++
	if was, ok := k.offset[id]; ok && was != r.Offset {
		k.moved = append(k.moved, fmt.Sprintf("row %d at %d and %d", id, was, r.Offset))
	}
	k.offset[id] = r.Offset
}

// count is how many different rows were seen.
func (k *consumer) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.offset)
}

// check verifies that want different rows were seen, each under one offset and at most so many times.
func (k *consumer) check(t *testing.T, who string, want, times int) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.offset) != want {
		t.Errorf("%s saw %d rows, want %d", who, len(k.offset), want)
	}
	if len(k.moved) > 0 {
		t.Errorf("%s saw %d rows under two offsets; the first: %s", who, len(k.moved), k.moved[0])
	}
	again := 0
	for _, n := range k.times {
		if n > times {
			again++
		}
	}
	if again > 0 {
		t.Errorf("%s saw %d rows more than %d times", who, again, times)
	}
}

// kill ends marmot-connect with SIGKILL.
func (p *connectProcess) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// TestAHistoryMovesToKafka stops a single node, goes on with its history on a real Kafka, and
// adds a second node from a copy of its files. Then the Kafka's topics are lost, and the history goes on in
// others. No earlier log goes on beside the newest.
func TestAHistoryMovesToKafka(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	single := newNode(t, data, "--log.partitions", "4")
	p := single.start()
	single.exec(0, "", "CREATE DATABASE shop")
	single.exec(0, "shop", "CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20))", "INSERT INTO item VALUES (1, 'one'), (2, 'two')")
	p.stop()

	k := startKafka(t)
	k.goOn("moved", data)
	single.launch().refuses(soon, 1, "data.dir", "generation 2", "the history has moved on to another log")
	second := filepath.Join(t.TempDir(), "data")
	copyData(t, data, second)
	c, processes := k.pair("moved", data, second)
	c.exec(0, "shop", "INSERT INTO item VALUES (3, 'three')")
	c.exec(1, "shop", "INSERT INTO item VALUES (4, 'four')")
	c.settle()
	content := c.sameFiles("shop")
	if len(content["item"]) != 4 {
		t.Errorf("items %v, want 4", content["item"])
	}
	for _, p := range processes {
		p.stop()
	}

	k.remove(order("moved"), changes("moved"), "_marmot.moved.members")
	newNode(t, data, k.flags("moved")...).launch().refuses(soon, 1, "data.dir", "created anew", "marmot log init --from "+data)
	// The second node may not have seen the good-bye of the first: it cannot go on where the first ended.
	k.goOn("again", data)
	remove(t, second)
	copyData(t, data, second)
	c, _ = k.pair("again", data, second)
	c.exec(0, "shop", "INSERT INTO item VALUES (5, 'five')")
	c.exec(1, "shop", "INSERT INTO item VALUES (6, 'six')")
	c.settle()
	if content := c.sameFiles("shop"); len(content["item"]) != 6 {
		t.Errorf("items %v, want 6", content["item"])
	}
}

// goOn begins a log with the history of a data directory.
func (k *kafka) goOn(cluster, data string) {
	k.t.Helper()
	p := k.init(cluster, "--from", data)
	if code := p.exit(soon); code != 0 {
		k.t.Fatalf("log init --from %s ended with %d:\n%s", data, code, p.output)
	}
}

// pair starts two nodes of a cluster on their data directories.
func (k *kafka) pair(cluster string, data ...string) (*cluster, []*process) {
	k.t.Helper()
	var all *node
	var processes []*process
	for i, d := range data {
		n := newNode(k.t, d, k.flags(cluster, "--node.id", fmt.Sprintf("n%d", i+1))...)
		processes = append(processes, n.start())
		if all == nil {
			all = n
			continue
		}
		all.MySQL, all.Admin, all.Data = append(all.MySQL, n.MySQL...), append(all.Admin, n.Admin...), append(all.Data, n.Data...)
	}
	return all.cluster, processes
}

// copyData copies what another node may begin with: the databases and system.db, not the uuid.
func copyData(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(to, "db"), 0o755); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(from, "db", "*.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, filepath.Join(from, "system.db")) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(from, f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// pause keeps a client whose node is gone from spinning.
func pause(error) { time.Sleep(50 * time.Millisecond) }
