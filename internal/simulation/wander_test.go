package simulation

import "fmt"

// Tables that go from one database to the other while clients write to them, and partitions that change places with a table of the
// other database.
const wanderTables = `
		CREATE TABLE a.wander (attempt BIGINT PRIMARY KEY, place INT NOT NULL, KEY (place));
		CREATE TABLE b.roam (attempt BIGINT, text VARCHAR(20), FULLTEXT KEY (text));
		CREATE TABLE b.shelf (attempt BIGINT PRIMARY KEY, n INT) PARTITION BY HASH (attempt) PARTITIONS 2;
		CREATE TABLE a.crate (attempt BIGINT PRIMARY KEY, n INT);
	`

// exchanged are the topics of tables whose rows change places: of that no row event tells, as in MySQL.
var exchanged = []string{"sim.b.shelf", "sim.a.crate"}

// wherever runs a statement with the database of a table that wanders, which may leave in between.
func (c *connection) wherever(format string, args ...any) error {
	databases := []string{"a", "b"}
	at := c.random.IntN(2)
	var err error
	for i := range databases {
		if _, err = c.query(fmt.Sprintf(format, databases[(at+i)%2])+"%s", fmt.Sprintf(" /* %d */", args...)); codeOf(err) != 1146 {
			break
		}
	}
	c.expect(err, 1146)
	return tolerate(err, 1146)
}

// wander adds a row to a table that may be in either database.
func (c *connection) wander() error {
	if c.random.IntN(2) == 0 {
		return c.wherever(fmt.Sprintf("INSERT INTO %%s.wander VALUES (%d, %d)", c.now.number, c.random.IntN(5)), c.now.number)
	}
	return c.wherever(fmt.Sprintf("UPDATE %%s.wander SET place = place + 1 WHERE place < %d", c.random.IntN(5)), c.now.number)
}

// roam adds a row to one without a key.
func (c *connection) roam() error {
	return c.wherever(fmt.Sprintf("INSERT INTO %%s.roam VALUES (%d, 'word%d')", c.now.number, c.random.IntN(5)), c.now.number)
}

// store adds a row to a table with partitions, or to one that takes the place of the first of them.
func (c *connection) store() error {
	table := "b.shelf"
	if c.now.number%2 == 0 && c.random.IntN(2) == 0 {
		table = "a.crate"
	}
	_, err := c.query("INSERT INTO %s VALUES (%d, 1)", table, c.now.number)
	return err
}

var wanderWorkloads = []workload{
	{"wander", 2, "", (*connection).wander, false},
	{"roam", 2, "roam", (*connection).roam, false},
	{"store", 2, "store", (*connection).store, false},
}

// move sends tables to the other database.
func (c *connection) move() error {
	statements := []string{
		"RENAME TABLE a.wander TO b.wander", "RENAME TABLE b.wander TO a.wander",
		"RENAME TABLE a.roam TO b.roam", "RENAME TABLE b.roam TO a.roam",
		"RENAME TABLE a.wander TO b.wander, b.roam TO a.roam", "RENAME TABLE a.wander TO b.wander, a.roam TO b.roam",
		"ALTER TABLE b.shelf EXCHANGE PARTITION p0 WITH TABLE a.crate",
	}
	for range 2 {
		_, err := c.query("%s", statements[c.random.IntN(len(statements))])
		c.expect(err, 1050, 1146) // it is there already: MySQL looks at the new name first
		if err := tolerate(err, 1050, 1146); err != nil {
			return err
		}
	}
	return nil
}

// wandering is the database that holds a table now.
func (c *connection) wandering(table string) string {
	for _, database := range []string{"a", "b"} {
		if c.run.store.Catalog().BaseTable(database, table) != nil {
			return database
		}
	}
	c.world.broken(survival, "table %s is in neither database", table)
	return "a"
}
