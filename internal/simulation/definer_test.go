package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// definer changes definitions while others work.
func (w *world) definer(statements int) {
	random := rand.New(rand.NewPCG(w.seed, 300))
	for i := range statements {
		n := w.nodes[random.IntN(len(w.nodes))]
		_ = n.use(func(r *run) error { // a node that is down serves nobody
			c, err := w.connect(r, 0, random)
			if err != nil {
				return nil // it is going down
			}
			defer c.session.Close()
			c.now = w.attempts.begin("DDL", "")
			err = c.define(i)
			w.attempts.end(c.now, err)
			return nil
		})
		time.Sleep(time.Duration(random.IntN(10)) * time.Millisecond)
	}
}

// Codes of definitions that are there already, or are not: a DDL of before may have had an unknown outcome.
var definitionCodes = []uint16{1007, 1008, 1049, 1050, 1051, 1060, 1061, 1091, 1146, 1176}

func (c *connection) define(i int) error {
	var statements []string
	switch c.random.IntN(16) {
	case 0:
		statements = []string{"ALTER TABLE a.counter ADD COLUMN extra INT NOT NULL DEFAULT 7", "ALTER TABLE a.counter DROP COLUMN extra"}
	case 1:
		table := []string{"a.account", "b.account"}[c.random.IntN(2)]
		statements = []string{"CREATE INDEX balance ON " + table + " (balance)", "DROP INDEX balance ON " + table}
	case 2:
		name := fmt.Sprintf("%s.fresh", []string{"a", "b"}[c.random.IntN(2)])
		statements = []string{"CREATE TABLE " + name + " (id INT PRIMARY KEY, v INT)", "INSERT INTO " + name + " VALUES (1, 2), (3, 4)", "DROP TABLE " + name}
	case 3:
		return c.truncate()
	case 4:
		statements = []string{"CREATE DATABASE c", "CREATE TABLE c.guest (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20))",
			"INSERT INTO c.guest (name) VALUES ('first')", "DROP DATABASE c"}
	case 5, 6, 7, 8:
		return c.convert()
	case 10:
		return c.definePrograms(i)
	case 11:
		return c.definePartitions()
	case 12, 13:
		return c.changeAccounts(i)
	case 14, 15:
		return c.move()
	case 9:
		statements = []string{fmt.Sprintf("ALTER TABLE b.seat ADD COLUMN c%d VARCHAR(10)", i), fmt.Sprintf("ALTER TABLE b.seat RENAME COLUMN c%d TO d%[1]d", i)}
	}
	if c.random.IntN(3) == 0 {
		statements = statements[:1]
	}
	for _, sql := range statements {
		if _, err := c.query("%s", sql); err != nil {
			c.expect(err, append(definitionCodes, 1062)...)
			return tolerate(err, append(definitionCodes, 1062)...)
		}
	}
	return nil
}

// truncate empties a table that nobody else uses.
func (c *connection) truncate() error {
	for _, step := range []struct{ sql, query, want string }{
		{"INSERT INTO b.scratch (v) VALUES ('x'), ('y'), ('z')", "SELECT COUNT(*) >= 3 FROM b.scratch", "1"},
		{"TRUNCATE TABLE b.scratch", "SELECT COUNT(*) FROM b.scratch", "0"},
		{"INSERT INTO b.scratch (v) VALUES ('x')", "SELECT COUNT(*) FROM b.scratch", "1"},
	} {
		done, err := c.query("%s", step.sql)
		if err != nil {
			c.expect(err)
			return err
		}
		a, err := c.query("%s", step.query)
		if err != nil {
			c.expect(err)
			return err
		}
		if done.result.Warnings == 0 && a.value() != step.want {
			c.world.broken(freshReads, "after %s, %s answers %s, want %s", step.sql, step.query, a.value(), step.want)
		}
	}
	return nil
}
