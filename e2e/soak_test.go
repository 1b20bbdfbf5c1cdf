package e2e

import (
	"bufio"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	soakRound   = 20 * time.Second // from one fault to the next
	soakFault   = 5 * time.Second  // that a fault lasts
	soakSample  = 10 * time.Second
	soakPause   = 50 * time.Millisecond // of each of the 15 clients between two operations
	soakSegment = "4194304"             // segment.bytes of the log's topics: trimming gives back whole segments
)

// TestSoak is the load of the fault tests for MARMOT_TEST_SOAK (a duration), with a fault every 20 s. It measures what the
// nodes hold, compares at the end what they hold with what clients were told, and writes a report with graphs to
// MARMOT_TEST_SOAK_REPORT (a directory). Node 3 is never killed, so that what it might leak has all the time to add up.
func TestSoak(t *testing.T) {
	needE2E(t)
	length, err := time.ParseDuration(os.Getenv("MARMOT_TEST_SOAK"))
	if err != nil {
		t.Skipf("a soak runs for MARMOT_TEST_SOAK (such as 1h), as make soak does: %v", err)
	}
	c := startCluster(t, 3, 3, "snapshot.interval=20s", "log.retain=60s")
	c.cutSegments("marmot")
	l := newLoad(c)
	l.pause = soakPause
	events := filepath.Join(t.TempDir(), "events")
	connect := c.startConnect(events, "marmot")
	s := &soak{load: l, began: time.Now()}
	stop := l.start()
	s.run(length)
	stop()
	l.conclude(connect, events)
	s.judge()
	if dir := os.Getenv("MARMOT_TEST_SOAK_REPORT"); dir != "" {
		if err := s.write(dir, length); err != nil {
			t.Error(err)
		}
	}
}

// cutSegments gives the log's topics short segments.
func (c *cluster) cutSegments(name string) {
	c.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(c.Kafka, ",")...))
	if err != nil {
		c.t.Fatal(err)
	}
	defer client.Close()
	size := soakSegment
	responses, err := kadm.NewClient(client).AlterTopicConfigs(c.t.Context(),
		[]kadm.AlterConfig{{Op: kadm.SetConfig, Name: "segment.bytes", Value: &size}}, order(name), "_marmot."+name+".changes")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, r := range responses {
		if r.Err != nil {
			c.t.Fatalf("segment.bytes of %s: %v", r.Name, r.Err)
		}
	}
}

// soak is what a run measured.
type soak struct {
	load    *load
	began   time.Time
	samples []sample
	faults  []suffered
}

// sample is what one node held at one time; node -1 stands for all brokers.
type sample struct {
	at     time.Duration
	node   int
	values map[string]float64
}

// suffered is one fault and what came of it.
type suffered struct {
	at, healed time.Duration
	name       string
	back       []time.Duration // of each node, from healing to its first acknowledged write
}

// The series of a report, in its order. Those with a limit must be flat.
var series = []struct {
	name, unit string
	divisor    float64
	flat       bool
	allowance  float64 // in the unit: what may come on top of a seventh
}{
	{"resident memory", "MiB", 1 << 20, true, 32},
	{"Go heap in use", "MiB", 1 << 20, true, 16},
	{"goroutines", "", 1, true, 40},
	{"open files", "", 1, true, 20},
	{"write-ahead files of SQLite", "MiB", 1 << 20, true, 16},
	{"log in the brokers' data", "MiB", 1 << 20, true, 32},
	{"system.db", "MiB", 1 << 20, false, 0},
	{"databases", "MiB", 1 << 20, false, 0},
	{"acknowledged writes", "per s", 1, false, 0},
}

// run strikes and heals until the time is over.
func (s *soak) run(length time.Duration) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			case <-time.After(soakSample):
				s.sample()
			}
		}
	}()
	faults := []func() fault{soakKill, pauseNode, killLeader, pauseEmitter, pauseLeader, soakKill}
	for i := 0; time.Since(s.began) < length-soakRound; i++ {
		next := time.Now().Add(soakRound)
		f := faults[i%len(faults)]()
		at := time.Since(s.began)
		heal, _ := f.strike(s.load.c)
		s.load.pass(soakFault)
		healing := time.Since(s.began) // the start of a process counts
		heal()
		s.faults = append(s.faults, suffered{at: at, healed: healing, name: f.name})
		s.load.pass(time.Until(next))
	}
	s.load.pass(time.Until(s.began.Add(length)))
	close(stop)
	<-ended
	for i := range s.faults {
		f := &s.faults[i]
		for node := range s.load.c.MySQL {
			f.back = append(f.back, s.load.firstAfter(node, s.began.Add(f.healed)))
		}
	}
}

// soakKill kills the emitter, or a node beside it, but never node 3.
func soakKill() fault {
	return fault{name: "kill -9 of a node", strike: func(c *cluster) (func(), int) {
		n := c.emitter()
		if n == 3 {
			n = 1 + int(time.Now().Unix()/20)%2
		}
		c.do("kill-node", strconv.Itoa(n))
		return func() { c.do("start-node", strconv.Itoa(n)) }, n - 1
	}}
}

// sample measures every node that answers.
func (s *soak) sample() {
	c := s.load.c
	at := time.Since(s.began)
	for node := range c.Admin {
		metrics, err := c.metrics(node)
		if err != nil {
			continue // it is down or paused
		}
		now := time.Now()
		data := c.Data[node]
		s.samples = append(s.samples, sample{at, node, map[string]float64{
			"resident memory":             metrics["process_resident_memory_bytes"],
			"Go heap in use":              metrics["go_memstats_heap_inuse_bytes"],
			"goroutines":                  metrics["go_goroutines"],
			"open files":                  metrics["process_open_fds"],
			"write-ahead files of SQLite": sizeOf(filepath.Join(data, "db"), "-wal") + sizeOf(data, "system.db-wal"),
			"system.db":                   sizeOf(data, "system.db"),
			"databases":                   sizeOf(filepath.Join(data, "db"), ".db"),
			"acknowledged writes":         float64(s.load.acknowledgedBy(node, now.Add(-soakSample), now)) / soakSample.Seconds(),
		}})
	}
	logs := 0.0
	for broker := 1; broker <= 3; broker++ {
		directories, _ := filepath.Glob(filepath.Join(c.dir, "kafka", strconv.Itoa(broker), "data", "_marmot.marmot.*"))
		for _, d := range directories {
			logs += sizeOf(d, ".log")
		}
	}
	s.samples = append(s.samples, sample{at, -1, map[string]float64{"log in the brokers' data": logs}})
}

// metrics reads the metrics without labels of a node.
func (c *cluster) metrics(node int) (map[string]float64, error) {
	client := http.Client{Timeout: 2 * time.Second}
	response, err := client.Get("http://" + c.Admin[node] + "/metrics")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	values := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseFloat(value, 64); ok && err == nil {
			values[name] = n
		}
	}
	return values, lines.Err()
}

// sizeOf sums the files below a directory whose names end so.
func sizeOf(dir, ending string) float64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // it has gone meanwhile
		}
		if d.IsDir() && path != dir {
			return filepath.SkipDir
		}
		if info, err := d.Info(); err == nil && !d.IsDir() && strings.HasSuffix(path, ending) {
			sum += info.Size()
		}
		return nil
	})
	return float64(sum)
}

// acknowledgedBy counts the writes that a node acknowledged between two times.
func (l *load) acknowledgedBy(node int, from, to time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for i := len(l.done) - 1; i >= 0 && l.done[i].at.After(from); i-- {
		if op := l.done[i]; op.node == node && op.said == saidCommitted && op.at.Before(to) {
			n++
		}
	}
	return n
}

// middle returns the median of a series of a node over a part of the run.
func (s *soak) middle(name string, node int, from, to time.Duration) (float64, bool) {
	var values []float64
	for _, m := range s.samples {
		if v, ok := m.values[name]; ok && m.node == node && m.at >= from && m.at < to {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	return values[len(values)/2], true
}

// judgement compares the second third of the run with the last one.
type judgement struct {
	name, unit   string
	node         int
	second, last float64
	flat, ok     bool
}

func (s *soak) judgements() []judgement {
	end := s.samples[len(s.samples)-1].at + 1
	var all []judgement
	for _, k := range series {
		for node := -1; node < len(s.load.c.MySQL); node++ {
			second, one := s.middle(k.name, node, end/3, end*2/3)
			last, two := s.middle(k.name, node, end*2/3, end)
			if !one || !two {
				continue
			}
			second, last = second/k.divisor, last/k.divisor
			all = append(all, judgement{k.name, k.unit, node, second, last, k.flat, !k.flat || last <= second*8/7+k.allowance})
		}
	}
	return all
}

// judge fails the test for what grew, and for nodes that did not come back in time.
func (s *soak) judge() {
	for _, j := range s.judgements() {
		if !j.ok {
			s.load.c.t.Errorf("%s of node %d grew from %.1f to %.1f %s", j.name, j.node+1, j.second, j.last, j.unit)
		}
	}
	for _, f := range s.faults {
		for node, back := range f.back {
			if back > mostSilence {
				s.load.c.t.Errorf("%s after %s: node %d wrote again only after %s", f.name, f.at.Round(time.Second), node+1, back.Round(time.Millisecond))
			}
		}
	}
}

func nodeName(node int) string {
	if node < 0 {
		return "brokers"
	}
	return fmt.Sprintf("node %d", node+1)
}
