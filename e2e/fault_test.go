package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Lengths of a run. A pause is longer than any session's timeout: that of the brokers, of the members, of the emission.
const (
	loadLength  = 60 * time.Second
	warmUp      = 8 * time.Second // of load before the first fault
	pauseLength = 15 * time.Second
	loadPause   = 10 * time.Millisecond // of each of the 15 clients
	mostSilence = 10 * time.Second      // without an acknowledged write where one is due
)

// fault is what happens to a running cluster under load.
type fault struct {
	name string
	// strike does harm and returns how it is healed and which node (from 0, or -1) is not expected to write meanwhile.
	strike func(c *cluster) (heal func(), lost int)
	length time.Duration
	// stall says that no node can write until the fault is healed: reads go on, and errors of writes are clear.
	stall bool
}

// scenario is a run of loadLength with faults one after the other.
type scenario struct {
	name   string
	faults []fault
	disks  bool // node 3 and broker 3 have small disks of their own
}

func killNode() fault {
	return fault{name: "kill -9 of a node", length: 5 * time.Second, strike: func(c *cluster) (func(), int) {
		n := c.notEmitter()
		c.do("kill-node", strconv.Itoa(n))
		return func() { c.do("start-node", strconv.Itoa(n)) }, n - 1
	}}
}

func pauseNode() fault {
	return fault{name: "SIGSTOP of a node", length: pauseLength, strike: func(c *cluster) (func(), int) {
		n := c.notEmitter()
		c.do("pause-node", strconv.Itoa(n))
		return func() { c.do("resume-node", strconv.Itoa(n)) }, n - 1
	}}
}

func killEmitter() fault {
	return fault{name: "kill -9 of the emitter", length: 5 * time.Second, strike: func(c *cluster) (func(), int) {
		n := c.emitter()
		c.do("kill-node", strconv.Itoa(n))
		return func() { c.do("start-node", strconv.Itoa(n)) }, n - 1
	}}
}

func pauseEmitter() fault {
	return fault{name: "SIGSTOP of the emitter", length: pauseLength, strike: func(c *cluster) (func(), int) {
		n := c.emitter()
		c.do("pause-node", strconv.Itoa(n))
		return func() { c.do("resume-node", strconv.Itoa(n)) }, n - 1
	}}
}

func killLeader() fault {
	return fault{name: "kill -9 of the broker that leads", length: pauseLength, strike: func(c *cluster) (func(), int) {
		b := strconv.Itoa(c.leader())
		c.do("kill-broker", b)
		return func() { c.do("start-broker", b) }, -1
	}}
}

func pauseLeader() fault {
	return fault{name: "SIGSTOP of the broker that leads", length: pauseLength, strike: func(c *cluster) (func(), int) {
		b := strconv.Itoa(c.leader())
		c.do("pause-broker", b)
		return func() { c.do("resume-broker", b) }, -1
	}}
}

func pauseTwoBrokers() fault {
	return fault{name: "SIGSTOP of two brokers", length: pauseLength, stall: true, strike: func(c *cluster) (func(), int) {
		one := c.leader()
		two := one%3 + 1
		for _, b := range []int{one, two} {
			c.do("pause-broker", strconv.Itoa(b))
		}
		return func() {
			for _, b := range []int{one, two} {
				c.do("resume-broker", strconv.Itoa(b))
			}
		}, -1
	}}
}

// killTwoFollowers leaves the leader alone, which answers that it has not enough replicas.
func killTwoFollowers() fault {
	return fault{name: "kill -9 of two brokers that follow", length: pauseLength, stall: true, strike: func(c *cluster) (func(), int) {
		one := c.leader()%3 + 1
		two := one%3 + 1
		for _, b := range []int{one, two} {
			c.do("kill-broker", strconv.Itoa(b))
		}
		return func() {
			done := make(chan struct{})
			go func() { c.start("start-broker", one, true); close(done) }()
			c.start("start-broker", two, true)
			<-done
		}, -1
	}}
}

// fillNode fills the disk of node 3.
func fillNode() fault {
	return fault{name: "a full disk of a node", length: pauseLength, strike: func(c *cluster) (func(), int) {
		remove := c.fill(filepath.Join(c.dir, "node-3", "data"))
		return remove, 2
	}}
}

// fillBroker fills the disk of broker 3, which then ends by itself, and starts it with room again.
func fillBroker() fault {
	return fault{name: "a full disk of a broker", length: pauseLength, strike: func(c *cluster) (func(), int) {
		remove := c.fill(filepath.Join(c.dir, "kafka", "3", "data"))
		return func() {
			remove()
			c.start("kill-broker", 3, false) // one that still runs, with a directory that it has given up
			c.start("start-broker", 3, true)
		}, -1
	}}
}

// TestAClusterSurvivesFaults is the run for everyone: a node is killed, the broker that leads is killed, the emitter stopped.
func TestAClusterSurvivesFaults(t *testing.T) {
	runScenario(t, scenario{name: "all in one", faults: []fault{killNode(), killLeader(), pauseEmitter()}})
}

// TestAClusterSurvivesEachFault has a minute for each fault.
func TestAClusterSurvivesEachFault(t *testing.T) {
	needE2E(t)
	if os.Getenv("MARMOT_TEST_LONG") == "" {
		t.Skip("a minute for each of ten faults: MARMOT_TEST_LONG=1, as make long does")
	}
	for _, f := range []fault{
		killNode(), pauseNode(), killLeader(), pauseLeader(), killEmitter(), pauseEmitter(), pauseTwoBrokers(), killTwoFollowers(),
	} {
		t.Run(f.name, func(t *testing.T) { runScenario(t, scenario{name: f.name, faults: []fault{f}}) })
	}
	for _, f := range []fault{fillNode(), fillBroker()} {
		t.Run(f.name, func(t *testing.T) { runScenario(t, scenario{name: f.name, faults: []fault{f}, disks: true}) })
	}
}

func runScenario(t *testing.T, s scenario) {
	needE2E(t)
	var c *cluster
	if s.disks {
		c = startOnSmallDisks(t)
	} else {
		c = startCluster(t, 3, 3)
	}
	l := newLoad(c)
	l.pause = loadPause
	events := filepath.Join(t.TempDir(), "events")
	connect := c.startConnect(events, "marmot")
	stop := l.start()
	began := time.Now()
	l.pass(warmUp)
	for _, f := range s.faults {
		l.suffer(f)
	}
	l.pass(loadLength - time.Since(began))
	stop()
	l.conclude(connect, events)
}

// suffer has a fault for its length, heals it, and checks how long nodes were silent. The load goes on until that is measured.
func (l *load) suffer(f fault) {
	l.c.t.Helper()
	struck := time.Now()
	heal, lost := f.strike(l.c)
	if f.stall {
		l.reads(f.length)
	} else {
		l.pass(f.length)
	}
	healing := time.Now()
	heal()
	healed := time.Now()
	l.pass(mostSilence + time.Second)
	end := healed.Add(mostSilence)
	if f.stall && l.acknowledged(healing.Add(-f.length/2), healing) > 0 {
		l.c.t.Errorf("%s: writes were acknowledged by a log that has no quorum", f.name)
	}
	for node := range l.c.MySQL {
		if f.stall || node == lost {
			from := healing // a node's start counts, that of brokers does not
			if f.stall {
				from = healed
			}
			back := l.firstAfter(node, from)
			l.c.t.Logf("%s: node %d writes %s after it is healed (healing took %s)", f.name, node+1, back.Round(time.Millisecond), healed.Sub(healing).Round(time.Millisecond))
			if back > mostSilence {
				l.c.t.Errorf("%s: node %d acknowledged nothing in the %s after it was healed", f.name, node+1, mostSilence)
			}
			continue
		}
		gap := l.longestGap(node, struck, end)
		l.c.t.Logf("%s: node %d: longest silence %s", f.name, node+1, gap.Round(time.Millisecond))
		if gap > mostSilence {
			l.c.t.Errorf("%s: node %d acknowledged nothing for %s, want at most %s", f.name, node+1, gap, mostSilence)
		}
	}
}

// start is c.do for other goroutines, and for what may fail because it is so already unless it must not.
func (c *cluster) start(verb string, broker int, must bool) {
	c.t.Helper()
	if out, err := c.script(verb, strconv.Itoa(broker), "--dir", c.dir); err != nil {
		say := c.t.Logf
		if must {
			say = c.t.Errorf
		}
		say("cluster.sh %s %d: %v\n%s", verb, broker, err, out)
	}
}

// emitter is the number of the node that emits events.
func (c *cluster) emitter() int {
	c.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		for node := range c.Admin {
			status, err := c.status(node)
			if err != nil {
				continue
			}
			name, _ := status["emitter"].(string)
			if n, err := strconv.Atoi(strings.TrimPrefix(name, "node-")); err == nil {
				return n
			}
		}
		if time.Now().After(deadline) {
			c.t.Fatal("no node emits events")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// notEmitter is the number of a node that does not.
func (c *cluster) notEmitter() int { return c.emitter()%len(c.MySQL) + 1 }

// leader is the number of the broker that leads the order stream.
func (c *cluster) leader() int {
	c.t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(c.Kafka, ",")...))
	if err != nil {
		c.t.Fatal(err)
	}
	defer client.Close()
	topics, err := kadm.NewClient(client).ListTopics(c.t.Context(), order("marmot"))
	if err != nil {
		c.t.Fatal(err)
	}
	partition, ok := topics[order("marmot")].Partitions[0]
	if !ok || partition.Leader < 1 {
		c.t.Fatalf("nobody leads %s: %+v", order("marmot"), partition)
	}
	return int(partition.Leader)
}

// startOnSmallDisks starts a cluster of which node 3 and broker 3 have their data on file systems of their own: tmpfs of
// limited size. Where mounting is not permitted the test is skipped: a quota would do, but needs the same right.
func startOnSmallDisks(t *testing.T) *cluster {
	t.Helper()
	probe := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "none", probe).CombinedOutput(); err != nil {
		t.Skipf("a full disk is made by a small tmpfs, which needs the right to mount (root, or CAP_SYS_ADMIN): %v %s", err, out)
	}
	if out, err := exec.Command("umount", probe).CombinedOutput(); err != nil {
		t.Fatalf("umount %s: %v %s", probe, err, out)
	}
	return startClusterIn(t, 3, 3, func(dir string) {
		for _, d := range []string{filepath.Join(dir, "node-3", "data"), filepath.Join(dir, "kafka", "3", "data")} {
			if err := os.MkdirAll(d, 0o755); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1g", "none", d).CombinedOutput(); err != nil {
				t.Fatalf("mount %s: %v %s", d, err, out)
			}
			t.Cleanup(func() { // before the directory is removed; processes that still write keep it until they end
				if out, err := exec.Command("umount", "--lazy", d).CombinedOutput(); err != nil {
					t.Errorf("umount %s: %v %s", d, err, out)
				}
			})
		}
	})
}

// fill takes all room on the file system of a directory, and gives it back when the returned function is called.
func (c *cluster) fill(dir string) func() {
	c.t.Helper()
	name := filepath.Join(dir, "filling")
	file, err := os.Create(name)
	if err != nil {
		c.t.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 1<<20)
	for written := 0; ; {
		n, err := file.Write(block)
		written += n
		if err != nil && len(block) > 4096 { // and what is less than a block
			block = block[:4096]
		} else if err != nil {
			c.t.Logf("%s is full after %d MiB: %v", dir, written>>20, err)
			break
		}
	}
	return func() {
		if err := os.Remove(name); err != nil {
			c.t.Error(fmt.Errorf("make room again: %w", err))
		}
	}
}
