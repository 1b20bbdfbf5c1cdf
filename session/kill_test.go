package session

import (
	"fmt"
	"testing"
	"time"
)

// TestConnectionIDsOfNodesDiffer: an id says which node gave it, and a node never gives one that is in use.
func TestConnectionIDsOfNodesDiffer(t *testing.T) {
	c := newCluster(t, 3, nil)
	seen := map[uint64]bool{}
	for node := range c.nodes {
		for range 3 {
			id := c.session(node, "").ConnectionID()
			if seen[id] || id == 0 || id>>32 != 0 {
				t.Errorf("node %d gives the id %d", node, id)
			}
			seen[id] = true
		}
	}
	if !seen[1] || !seen[2] || !seen[3] {
		t.Errorf("the first node does not count from 1: %v", seen)
	}
	engine := c.nodes[1].engine
	engine.mu.Lock()
	engine.nextID = maxConnection - 1
	engine.mu.Unlock()
	for _, want := range []uint32{1<<connectionBits | maxConnection, 1<<connectionBits | 4} { // 1 to 3 are in use
		if got := engine.NextID(); got != want {
			t.Errorf("the id %d, want %d", got, want)
		}
	}
}

func TestKillReachesConnectionsOfOtherNodes(t *testing.T) {
	c := newCluster(t, 2, nil)
	root := c.session(0, "")
	root.exec("CREATE USER u; CREATE USER v; GRANT CONNECTION_ADMIN ON *.* TO v")
	c.sync()
	own, foreign := c.as(0, "u"), c.as(1, "u")
	other, admin := c.session(1, ""), c.as(0, "v")
	for _, test := range []struct {
		name       string
		from       *testSession
		sql        string
		victim     *testSession
		want, gets string
	}{
		{"query of the same user", own, "KILL QUERY %d", foreign, "ok", "1"},
		{"of another user", own, "KILL QUERY %d", other, "ERROR 1095", "1"},
		{"by who may", admin, "KILL QUERY %d", other, "ok", "1"},
		{"the connection", admin, "KILL %d", foreign, "ok", "ERROR 1053"},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := make(chan string, 1)
			go func() { answer <- test.victim.run("SELECT SLEEP(300)") }()
			waitFor(t, "the victim does not sleep", func() bool {
				test.victim.activity.Lock()
				defer test.victim.activity.Unlock()
				return test.victim.activity.state == "User sleep"
			})
			test.from.want(fmt.Sprintf(test.sql, test.victim.ConnectionID()), test.want)
			if test.want != "ok" {
				if !staysSo(func() bool { return len(answer) == 0 }) {
					t.Error("a refused KILL ends the query")
				}
				admin.want(fmt.Sprintf(test.sql, test.victim.ConnectionID()), "ok")
			}
			select {
			case got := <-answer:
				if got != test.gets {
					t.Errorf("the victim answers %s, want %s", got, test.gets)
				}
			case <-time.After(time.Minute):
				t.Error("the victim sleeps on")
			}
		})
	}
}

// TestKillOfNobody: an id that nobody has is error 1094, whichever node would have given it.
func TestKillOfNobody(t *testing.T) {
	c := newCluster(t, 2, nil)
	a := c.session(0, "")
	for _, id := range []uint64{0, 4711, 1<<connectionBits | 4711, 9<<connectionBits | 1, 1 << connectionBits, 1 << 32, 1<<32 | 1, 1 << 63} {
		a.want(fmt.Sprintf("KILL %d", id), "ERROR 1094")
		a.want(fmt.Sprintf("KILL QUERY %d", id), "ERROR 1094")
	}
	// What is for itself needs no other node.
	before := c.end()
	a.want("KILL QUERY CONNECTION_ID()", "ERROR 1317")
	if c.end() != before {
		t.Error("a KILL of its own node goes through the log")
	}
}

// TestNumbersOfConnectionsCannotBeTakenByClients: a lock of a client never has the name that stands for a node's number.
func TestNumbersOfConnectionsCannotBeTakenByClients(t *testing.T) {
	c := newCluster(t, 2, nil)
	a := c.session(0, "")
	a.want("SELECT IS_FREE_LOCK('"+numberLock(0)+"'), GET_LOCK('"+numberLock(1)+"', 0)", "1 | 1")
	if err := c.nodes[1].engine.ClaimNumber(t.Context()); err != nil || c.nodes[1].engine.number != 1 {
		t.Errorf("node 1 has the number %d, %v", c.nodes[1].engine.number, err)
	}
}

// TestKillOfANodeThatIsSilent: it ends in time, and says so.
func TestKillOfANodeThatIsSilent(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	c.sync()
	c.nodes[1].log.StaleEnd(100) // it does not see what comes now
	defer c.nodes[1].log.StaleEnd(0)
	a.want(fmt.Sprintf("KILL %d", b.ConnectionID()), "ERROR 1094")
}
