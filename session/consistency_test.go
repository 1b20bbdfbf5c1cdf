package session

import (
	"testing"

	"marmot/log"
)

func TestStrongReadsSeeWhatAnybodyWasTold(t *testing.T) {
	c := newCluster(t, 2, nil)
	a, b := c.session(0, ""), c.session(1, "")
	a.exec("CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY)")
	c.sync()
	b.exec("SET marmot_read_consistency = 'STRONG'")
	end := func() int64 {
		_, end, err := c.log.Bounds(t.Context(), log.Order)
		if err != nil {
			t.Fatal(err)
		}
		return end
	}
	c.nodes[1].log.StaleEnd(100) // it does not see what comes now
	a.want("INSERT INTO d.t VALUES (1)", "ok 1")
	before := end()
	answer := make(chan string, 1)
	go func() { answer <- b.run("SELECT id FROM d.t") }()
	waitFor(t, "a strong read leaves no barrier in the log", func() bool { return end() > before || len(answer) > 0 })
	c.nodes[1].log.StaleEnd(0)
	if got := <-answer; got != "1" {
		t.Errorf("a strong read answers %s", got)
	}
	b.exec("SET marmot_read_consistency = 'LOCAL'")
}
