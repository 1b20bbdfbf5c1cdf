package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// handOver is the longest that another node takes to emit after the owner has died.
const handOver = 5 * time.Second

// emitterState is a row of /emitters.
type emitterState struct {
	Name     string `json:"name"`
	State    string `json:"state"`
	Node     string `json:"node"`
	Position uint64 `json:"position"`
	Lag      uint64 `json:"lag"`
	LagBytes uint64 `json:"lag_bytes"`
	LagMS    int64  `json:"lag_ms"`
	Error    string `json:"error"`
}

// emitters asks node i for them, by name.
func (c *cluster) emitters(i int) map[string]emitterState {
	found := map[string]emitterState{}
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get("http://" + c.Admin[i] + "/emitters")
	if err != nil {
		return found
	}
	defer resp.Body.Close()
	var list []emitterState
	if json.NewDecoder(resp.Body).Decode(&list) == nil {
		for _, s := range list {
			found[s.Name] = s
		}
	}
	return found
}

// order runs marmot emitters against node i.
func (c *cluster) order(i int, args ...string) {
	c.t.Helper()
	all := append([]string{"emitters"}, append(args, "--admin", c.Admin[i])...)
	if out, err := exec.Command(filepath.Join(c.root, "bin", "marmot"), all...).CombinedOutput(); err != nil {
		c.t.Fatalf("marmot %v: %v\n%s", all, err, out)
	}
}

// within waits until f is true and returns how long that took.
func (c *cluster) within(limit time.Duration, what string, f func() bool) time.Duration {
	c.t.Helper()
	began := time.Now()
	for !f() {
		if time.Since(began) > limit {
			c.t.Fatalf("%s: not within %s; emitters: %+v", what, limit, c.emitters(0))
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(began)
}

// watcher reads a topic as it grows.
type watcher struct {
	t      *testing.T
	client *kgo.Client
	values []string
	ids    map[float64]int // how often each id was created
}

func watch(t *testing.T, brokers, topic string) *watcher {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond), kgo.MetadataMinAge(100*time.Millisecond), kgo.MetadataMaxAge(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &watcher{t: t, client: client, ids: map[float64]int{}}
}

// look reads what comes within a while.
func (w *watcher) look(while time.Duration) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), while)
	defer cancel()
	w.client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
		w.values = append(w.values, string(r.Value))
		var event map[string]any
		if err := json.Unmarshal(r.Value, &event); err != nil {
			w.t.Fatalf("%s: %v", r.Value, err)
		}
		if payload, ok := event["payload"].(map[string]any); ok {
			event = payload
		}
		if after, ok := event["after"].(map[string]any); ok {
			w.ids[after["id"].(float64)]++
		}
	})
}

// until reads until n rows are there and returns how long that took.
func (w *watcher) until(limit time.Duration, n int) time.Duration {
	w.t.Helper()
	began := time.Now()
	for len(w.ids) < n {
		if time.Since(began) > limit {
			w.t.Fatalf("%d of %d rows after %s", len(w.ids), n, limit)
		}
		w.look(50 * time.Millisecond)
	}
	return time.Since(began)
}

// once fails if a row came more than once.
func (w *watcher) once(what string) {
	w.t.Helper()
	for id, n := range w.ids {
		if n != 1 {
			w.t.Errorf("%s: row %v came %d times", what, id, n)
		}
	}
}

// TestEmittersSideBySide: two with different filters, formats and ways of delivery, and one whose Kafka is away, on nodes that stop and die.
func TestEmittersSideBySide(t *testing.T) {
	c := startCluster(t, 2, 1, "debezium.table.include.list=shop[.].*",
		"emitters.audit.topic.prefix=audit", "emitters.audit.table.include.list=shop[.]a", "emitters.audit.delivery=at_least_once",
		"emitters.audit.value.converter.schemas.enable=true", "emitters.far.brokers=127.0.0.1:1")
	c.exec(0, "", "CREATE DATABASE shop", "CREATE TABLE shop.a (id INT PRIMARY KEY)", "CREATE TABLE shop.b (id INT PRIMARY KEY)")
	next := 0
	write := func(node, n int) {
		t.Helper()
		var rows []string
		for range n {
			next++
			rows = append(rows, fmt.Sprintf("(%d)", next))
		}
		list := strings.Join(rows, ",")
		c.exec(node, "shop", "INSERT INTO a (id) VALUES "+list, "INSERT INTO b VALUES "+list)
	}
	write(0, 20)
	a, b, audit := watch(t, c.Kafka, "marmot.shop.a"), watch(t, c.Kafka, "marmot.shop.b"), watch(t, c.Kafka, "audit.shop.a")
	for _, w := range []*watcher{a, b, audit} {
		w.until(20*time.Second, next)
	}
	if !strings.Contains(audit.values[0], `"schema"`) || strings.Contains(a.values[0], `"schema":{`) {
		t.Errorf("the formats are not as configured:\n%s\n%s", audit.values[0], a.values[0])
	}
	c.within(30*time.Second, "the emitter whose Kafka is away is told of", func() bool {
		s := c.emitters(1)["far"]
		return s.State == "stalled" && s.Lag > 0 && s.LagBytes > 0 && s.LagMS > 0 && s.Error != ""
	})

	// Paused, and that stays so when its node dies. The others go on elsewhere.
	c.order(0, "pause", "--emitter", "main")
	c.within(5*time.Second, "main rests", func() bool { return c.emitters(0)["main"].State == "paused" && c.emitters(1)["main"].State == "paused" })
	owner := c.emitters(0)["audit"].Node
	victim, err := strconv.Atoi(strings.TrimPrefix(owner, "node-"))
	if err != nil {
		t.Fatalf("audit is owned by %q", owner)
	}
	other := 2 - victim // from 0
	died := time.Now()
	c.do("kill-node", strconv.Itoa(victim))
	write(other, 20)
	audit.until(time.Minute, next)
	if took := time.Since(died); took > handOver {
		t.Errorf("another node emitted %s after the owner had died", took)
	} else {
		t.Logf("another node emitted %s after the owner had died", took)
	}
	c.do("start-node", strconv.Itoa(victim))
	a.look(time.Second)
	if len(a.ids) != 20 {
		t.Errorf("%d rows are out although main is paused", len(a.ids))
	}
	c.exec(other, "", "CALL marmot.resume_emitter('main')")
	a.until(20*time.Second, next)
	b.until(20*time.Second, next)

	// An orderly stop hands over at once.
	owner = c.emitters(other)["audit"].Node
	pid, err := os.ReadFile(filepath.Join(c.dir, owner, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	if err != nil {
		t.Fatal(err)
	}
	stopped, _ := strconv.Atoi(strings.TrimPrefix(owner, "node-"))
	rest := 2 - stopped
	if err := syscall.Kill(number, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	took := c.within(10*time.Second, "the other node has all", func() bool {
		list := c.emitters(rest)
		return list["audit"].Node != owner && list["audit"].State == "emitting" && list["main"].Node != owner && list["main"].State == "emitting"
	})
	if took > 2500*time.Millisecond {
		t.Errorf("an orderly hand-over took %s", took)
	}
	write(rest, 20)
	for _, w := range []*watcher{a, b, audit} {
		w.until(20*time.Second, next)
	}
	a.once("exactly once")
	b.once("exactly once")

	c.order(rest, "drop", "--emitter", "far")
	c.within(5*time.Second, "far is dropped", func() bool { return c.emitters(rest)["far"].State == "dropped" })

	// A reset to the beginning shows each row under the definition of its time.
	c.exec(rest, "", "ALTER TABLE shop.a ADD COLUMN later INT DEFAULT 7")
	write(rest, 1)
	audit.until(20*time.Second, next)
	began := len(audit.values)
	c.order(rest, "reset", "--emitter", "audit", "--to", "start")
	c.within(20*time.Second, "audit emits all again", func() bool {
		audit.look(50 * time.Millisecond)
		return len(audit.values) >= began+next
	})
	if first, last := audit.values[began], audit.values[began+next-1]; strings.Contains(first, `"later"`) || !strings.Contains(last, `"later":7`) {
		t.Errorf("the definitions are not those of the rows' time:\n%s\n%s", first, last)
	}
}
