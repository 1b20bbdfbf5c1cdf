package simulation

import (
	"fmt"
	"slices"
	"strings"

	"marmot/session"
)

// Codes of programs and events that are there already, or are not.
var programCodes = []uint16{
	1304, // a procedure is there
	1305, // no such procedure
	1359, // a trigger is there
	1360, // no such trigger
	1537, // an event is there
	1539, // no such event
}

// each runs statements; those that fail with one of the codes are passed over, since one of before may have had an unknown outcome.
func (c *connection) each(codes []uint16, statements ...string) error {
	for _, sql := range statements {
		if _, err := c.query("%s", sql); err != nil {
			c.expect(err, codes...)
			if !slices.Contains(codes, codeOf(err)) {
				return err
			}
		}
	}
	return nil
}

// definePrograms changes procedures, triggers and events while others use them.
func (c *connection) definePrograms(i int) error {
	var statements []string
	switch c.random.IntN(4) {
	case 0:
		statements = []string{"DROP PROCEDURE a.flux", fmt.Sprintf("CREATE PROCEDURE a.flux () BEGIN DECLARE v INT DEFAULT %d; SELECT v; END", 1+c.random.IntN(2))}
	case 1: // beside the triggers that are counted
		statements = []string{"CREATE TRIGGER a.line_more BEFORE INSERT ON a.line FOR EACH ROW FOLLOWS line_bi SET NEW.n = NEW.n + 1", "DROP TRIGGER a.line_more"}
	case 2:
		at := c.world.now().Add(1).UTC()
		statements = []string{fmt.Sprintf("CREATE EVENT a.once%d ON SCHEDULE AT '%s' + INTERVAL 1 SECOND ON COMPLETION %s PRESERVE DO INSERT INTO a.tick VALUES ('once%[1]d')",
			c.now.number, at.Format("2006-01-02 15:04:05"), []string{"", "NOT"}[i%2])}
	case 3:
		statements = []string{"ALTER EVENT a.often DISABLE", "ALTER EVENT a.often ENABLE"}
	}
	return c.each(programCodes, statements...)
}

// definePartitions cuts the partitions of a table anew. No row goes.
func (c *connection) definePartitions() error {
	// 1505: it has none; 1507: no such partition; 1517: the same name; 1493: not in order.
	return c.each([]uint16{1505, 1507, 1517, 1493, 1735},
		[]string{
			"ALTER TABLE b.measure REORGANIZE PARTITION p2 INTO (PARTITION p3 VALUES LESS THAN (30), PARTITION p4 VALUES LESS THAN MAXVALUE)",
			"ALTER TABLE b.measure REORGANIZE PARTITION p3, p4 INTO (PARTITION p2 VALUES LESS THAN MAXVALUE)",
			"ALTER TABLE b.measure REORGANIZE PARTITION p0, p1 INTO (PARTITION p0 VALUES LESS THAN (5), PARTITION p1 VALUES LESS THAN (20))",
			"ALTER TABLE b.measure REBUILD PARTITION ALL",
		}[c.random.IntN(4)])
}

// guests are accounts whose privileges one client changes.
const guests = 3

// changeAccounts gives and takes the privilege to write a table, and checks on another node that it is so.
func (c *connection) changeAccounts(i int) error {
	name := fmt.Sprintf("guest%d", c.random.IntN(guests))
	if err := c.all("CREATE USER IF NOT EXISTS " + name + " IDENTIFIED BY 'secret'"); err != nil {
		c.expect(err)
		return err
	}
	switch c.random.IntN(5) {
	case 0:
		_, err := c.query("DROP USER %s", name)
		c.expect(err)
		return err
	case 1:
		_, err := c.query("ALTER USER %s IDENTIFIED BY 'secret%d'", name, i)
		c.expect(err)
		return err
	}
	give := c.random.IntN(2) == 0
	sql := "GRANT INSERT ON b.scratch TO " + name
	if !give {
		sql = "REVOKE IF EXISTS INSERT ON b.scratch FROM " + name
	}
	a, err := c.query("%s", sql)
	if err != nil {
		c.expect(err)
		return err
	}
	if a.result.GTID == "" {
		return nil
	}
	return c.elsewhere(func(other *connection) error {
		if _, err := other.query("SET marmot_wait_gtid = '%s'", a.result.GTID); err != nil {
			return err
		}
		if _, err := other.query("SELECT 1 FROM b.scratch LIMIT 1"); err != nil { // it waits
			return err
		}
		s, err := other.run.engine.NewSession(session.ConnInfo{User: name, Host: "localhost", Account: session.Account{User: name, Host: "%"}, CollationID: 255})
		if err != nil {
			return nil // it is going down
		}
		defer s.Close()
		err = s.Execute(other.run.ctx, []byte("INSERT INTO b.scratch (v) VALUES ('guest')"), &answer{})
		if refused := codeOf(err) == 1142; give && refused || !give && err == nil {
			c.world.broken(freshReads, "after %s, acknowledged, another node that waited for it says: %v", sql, err)
		}
		other.expect(err, 1142)
		return nil
	})
}

// checkAccounts checks that all nodes know the same accounts.
func (w *world) checkAccounts(c *connection) {
	var b strings.Builder
	for _, row := range c.rows("SELECT user, host, authentication_string FROM mysql.user ORDER BY user, host") {
		fmt.Fprintln(&b, row)
		for _, grant := range c.rows("SHOW GRANTS FOR '%s'@'%s'", row[0], row[1]) {
			fmt.Fprintln(&b, grant)
		}
	}
	key := fmt.Sprintf("%d accounts", w.checks)
	if before, known := w.ranked[key]; known && before != b.String() {
		w.broken(equalNodes, "accounts of %s:\n%s\nof another node:\n%s", w.nameOf(c), &b, before)
	}
	w.ranked[key] = b.String()
}
