package simulation

import (
	"context"
	"fmt"
	"testing"
	"time"

	"marmot/log"
	"marmot/log/memory"
)

// resumeLimit is how long a healed node may take until it writes again.
const resumeLimit = time.Minute

// resume checks "after healing, writes resume without a person": each node that is up commits a row and a DDL.
func (w *world) resume() {
	w.t.Helper()
	for _, n := range w.nodes {
		if n.present() == nil {
			continue
		}
		began := time.Now()
		var last error
		for time.Since(began) < resumeLimit {
			if last = n.use(w.writeOnce); last == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if last != nil {
			w.fatal("node %s does not write within %s: %v", n.id, resumeLimit, last)
		}
	}
}

// writeOnce commits a row that must be found later, and a DDL.
func (w *world) writeOnce(r *run) error {
	ctx, cancel := context.WithTimeout(r.ctx, resumeLimit)
	defer cancel()
	bounded := *r
	bounded.ctx = ctx
	c, err := w.connect(&bounded, 0, nil)
	if err != nil {
		return err
	}
	defer c.session.Close()
	c.now = w.attempts.begin("resume", "journal")
	_, err = c.query("INSERT INTO a.journal VALUES (%d, 'resume', 0)", c.now.number)
	w.attempts.end(c.now, err)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("resumed%d", c.now.number)
	if _, err := c.query("CREATE TABLE b.%s (id INT PRIMARY KEY)", name); err != nil {
		return err
	}
	_, err = c.query("DROP TABLE b.%s", name)
	return err
}

// TestANodeThatIsCutOffCommitsNothing checks that the others go on meanwhile, and that it resumes by itself.
func TestANodeThatIsCutOffCommitsNothing(t *testing.T) {
	w := newSQLWorld(t, 2)
	defer w.stop()
	lonely := w.nodes[0]
	lonely.client.Cut(true)
	err := lonely.use(func(r *run) error {
		c, err := w.connect(r, 0, nil)
		if err != nil {
			return err
		}
		defer c.session.Close()
		c.now = w.attempts.begin("cut off", "journal")
		ctx, cancel := context.WithTimeout(r.ctx, 3*appendTimeout)
		defer cancel()
		bounded := *r
		bounded.ctx = ctx
		c.run = &bounded
		_, err = c.query("INSERT INTO a.journal VALUES (%d, 'cut off', 0)", c.now.number)
		w.attempts.end(c.now, err)
		return err
	})
	if err == nil {
		t.Error("a node that is cut off from the log has committed")
	}
	for _, n := range w.nodes[1:] {
		if err := n.use(w.writeOnce); err != nil {
			t.Errorf("node %s, while another one is cut off: %v", n.id, err)
		}
	}
	lonely.client.Cut(false)
	w.resume()
	w.rest()
	w.checkSQL()
}

// TestAFenceIsGivenUpOnceTheLogIsBack checks that a fence whose end the log refused at first keeps nobody out for ever.
func TestAFenceIsGivenUpOnceTheLogIsBack(t *testing.T) {
	w := newSQLWorld(t, 4)
	defer w.stop()
	holder := w.nodes[0]
	err := holder.use(func(r *run) error {
		c, err := w.connect(r, 0, nil)
		if err != nil {
			return err
		}
		defer c.session.Close()
		if _, err := c.query("LOCK TABLES b.turn WRITE"); err != nil {
			return err
		}
		refused := 0
		holder.client.SetFaults(func(a memory.Append) memory.Fault {
			if refused++; a.Stream != log.Order || refused > 3 {
				return memory.Fault{}
			}
			return memory.Fault{Refuse: log.ErrUnreachable}
		})
		_, err = c.query("UNLOCK TABLES")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = w.nodes[1].use(func(r *run) error {
		c, err := w.connect(r, 0, nil)
		if err != nil {
			return err
		}
		defer c.session.Close()
		return c.all("UPDATE b.turn SET n = n + 1", "ALTER TABLE b.turn ADD COLUMN later INT")
	})
	if err != nil {
		t.Errorf("another node, after the fence was given up: %v", err)
	}
}
