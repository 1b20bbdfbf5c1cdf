package session

import "testing"

// twoDatabases makes tables t, c and quiet in databases a and b, and returns a session and another one.
func twoDatabases(t *testing.T) (mine, other *testSession) {
	c := newCluster(t, 1, nil)
	mine, other = c.session(0, ""), c.session(0, "")
	for _, d := range []string{"a", "b"} {
		for _, table := range []string{"t", "c", "quiet"} {
			if table == "t" {
				mine.exec("CREATE DATABASE " + d)
			}
			mine.exec("CREATE TABLE " + d + "." + table + " (id INT PRIMARY KEY, n INT); INSERT INTO " + d + "." + table + " VALUES (1, 0)")
		}
	}
	c.sync() // a view of one database is not from before what the other has
	return mine, other
}

func TestAViewIsOfOneMomentInAllDatabases(t *testing.T) {
	for _, moves := range []bool{false, true} {
		mine, other := twoDatabases(t)
		mine.exec("BEGIN")
		mine.want("SELECT n FROM a.t", "0")
		other.exec("BEGIN; UPDATE a.t SET n = n - 1; UPDATE b.t SET n = n + 1; UPDATE a.c SET n = 1; COMMIT")
		if moves { // what it writes is newer than what it reads
			mine.want("UPDATE a.c SET n = n + 1", "ok 1")
		}
		mine.want("SELECT n FROM b.quiet", "0")
		mine.want("SELECT n FROM a.t", "0")
		mine.want("SELECT n FROM b.t", "ERROR 1213")
		mine.want("SELECT n FROM b.t", "1")
	}
}

func TestWhatJoinsAViewStays(t *testing.T) {
	mine, other := twoDatabases(t)
	mine.exec("BEGIN")
	mine.want("SELECT n FROM a.t", "0")
	mine.want("SELECT n FROM b.t", "0")
	other.exec("UPDATE b.t SET n = 7")
	mine.want("SELECT n FROM b.t", "0")
	mine.exec("COMMIT")
	mine.want("SELECT n FROM b.t", "7")
}

func TestAViewShowsWhatItsTransactionWritesInAnotherDatabase(t *testing.T) {
	mine, other := twoDatabases(t)
	mine.exec("BEGIN")
	mine.want("SELECT n FROM a.t", "0")
	other.exec("UPDATE a.c SET n = 10; UPDATE a.t SET n = 10")
	mine.want("UPDATE a.c SET n = n + 1", "ok 1")
	mine.want("UPDATE b.c SET n = n + 1", "ok 1")
	mine.want("SELECT x.n, y.n, z.n FROM a.t x, a.c y, b.c z", "0 | 11 | 1")
	mine.exec("COMMIT")
	mine.want("SELECT x.n, y.n, z.n FROM a.t x, a.c y, b.c z", "10 | 11 | 1")
}

func TestStatementsAfterAnotherDatabaseHasJoinedReadOneMoment(t *testing.T) {
	mine, other := twoDatabases(t)
	mine.exec("SET TRANSACTION ISOLATION LEVEL READ COMMITTED; BEGIN; UPDATE a.quiet SET n = 1")
	other.exec("BEGIN; UPDATE a.t SET n = n - 1; UPDATE b.t SET n = n + 1; COMMIT")
	mine.exec("UPDATE b.quiet SET n = 1")
	mine.want("SELECT x.n + y.n FROM a.t x, b.t y", "0")
	mine.exec("COMMIT")
}

func TestATransactionMovesOnlyWhenItMust(t *testing.T) {
	c := newCluster(t, 1, nil)
	mine, other := c.session(0, ""), c.session(0, "")
	mine.exec("CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, n INT); CREATE TABLE u (id INT PRIMARY KEY); INSERT INTO t VALUES (1, 5), (2, 5)")
	moves := func() uint64 { return c.nodes[0].engine.counts.moves.Load() }
	before := moves()
	mine.exec("BEGIN; UPDATE t SET n = 6 WHERE id = 1")
	other.exec("INSERT INTO d.u VALUES (1)") // nothing that the transaction reads
	mine.exec("UPDATE t SET n = 7 WHERE n = 6; UPDATE t SET n = 8 WHERE id = 1; DELETE FROM t WHERE n = 100")
	mine.want("INSERT INTO t VALUES (2, 0)", "ERROR 1062")
	if n := moves() - before; n != 0 {
		t.Errorf("%d moves, want none", n)
	}
	other.exec("UPDATE d.t SET n = 9 WHERE id = 2")
	mine.want("UPDATE t SET n = 10 WHERE n = 9", "ok 1")
	if n := moves() - before; n != 1 {
		t.Errorf("%d moves after a row was changed, want 1", n)
	}
	mine.exec("COMMIT")
}
