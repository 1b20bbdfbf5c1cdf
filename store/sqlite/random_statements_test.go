package sqlite

import (
	"fmt"
	"math/rand"
	"strings"
)

const randomSchema = `
CREATE TABLE x.t(id INTEGER PRIMARY KEY, k INT, s TEXT, n REAL); CREATE INDEX x.tk ON t(k); CREATE INDEX x.ts ON t(s,k);
CREATE TABLE x.nr(a TEXT, b BLOB, UNIQUE(a));
CREATE TABLE x.p(id INTEGER PRIMARY KEY, v TEXT NOT NULL, u INT UNIQUE, CHECK(u<>13));
CREATE TABLE x.c(id INTEGER PRIMARY KEY, pid INT, x); CREATE INDEX x.cp ON c(pid);
CREATE TABLE x.wr(a INT, b TEXT, c, PRIMARY KEY(b,a)) WITHOUT ROWID;
CREATE TABLE x.log(id INTEGER PRIMARY KEY AUTOINCREMENT, m TEXT);
CREATE TABLE x.ci(id INTEGER PRIMARY KEY, e TEXT COLLATE folded_false NOT NULL, big BLOB); CREATE UNIQUE INDEX x.cie ON ci(e);
CREATE TABLE x.cw(e TEXT COLLATE folded_false, n INT, big BLOB, PRIMARY KEY(e)) WITHOUT ROWID;
CREATE TABLE x.tree(id INTEGER PRIMARY KEY, up INT, s TEXT); CREATE INDEX x.treeup ON tree(up);
CREATE TABLE x.keep(id INTEGER PRIMARY KEY, pid INT, loose INT); CREATE INDEX x.keepp ON keep(pid); CREATE INDEX x.keepl ON keep(loose);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<900) INSERT INTO x.t SELECT i, i%500, hex(zeroblob(i%150)), 1.5 FROM n;
INSERT INTO x.p SELECT id, 'p', id FROM x.t WHERE id<40 AND id<>13;
INSERT INTO x.tree SELECT id, id-1, 's' FROM x.t WHERE id<20; INSERT INTO x.tree SELECT id, id%20, 's' FROM x.t WHERE id BETWEEN 20 AND 60;
INSERT INTO x.keep SELECT id, id*3, id FROM x.t WHERE id<12;`

// randomTriggers are what a session compiles: foreign keys of $c's tables to the p of $p, with cascades, SET NULL and
// RESTRICT, one of a table to itself, and a user trigger.
const randomTriggers = `
CREATE TEMP TRIGGER child AFTER INSERT ON $c.c WHEN marmot_cascade()=0 AND NEW.pid IS NOT NULL AND NOT EXISTS (SELECT 1 FROM $p.p WHERE id=NEW.pid)
BEGIN SELECT RAISE(ABORT, '1452:fk'); END;
CREATE TEMP TRIGGER gone BEFORE DELETE ON $p.p BEGIN SELECT RAISE(ABORT, '1451:fk') WHERE EXISTS (SELECT 1 FROM $c.keep WHERE pid=OLD.id);
SELECT marmot_cascade(1); DELETE FROM $c.c WHERE pid=OLD.id; SELECT marmot_cascade(-1);
SELECT marmot_cascade(1); UPDATE $c.keep SET loose=NULL WHERE loose=OLD.id; SELECT marmot_cascade(-1); END;
CREATE TEMP TRIGGER felled BEFORE DELETE ON $c.tree BEGIN SELECT RAISE(ABORT, '3008:15') WHERE marmot_cascade()>=15 AND EXISTS (SELECT 1 FROM $c.tree WHERE up=OLD.id);
SELECT marmot_cascade(1); DELETE FROM $c.tree WHERE up=OLD.id; SELECT marmot_cascade(-1); END;
CREATE TEMP TRIGGER moved AFTER UPDATE OF id ON $p.p WHEN NEW.id IS NOT OLD.id
BEGIN SELECT marmot_cascade(1); UPDATE $c.c SET pid=NEW.id WHERE pid=OLD.id; SELECT marmot_cascade(-1); END;
CREATE TEMP TRIGGER noted AFTER UPDATE ON $p.p BEGIN INSERT INTO $p.log(m) VALUES(OLD.v||NEW.v); END;`

var randomPolicies = []string{"", "", "", "OR REPLACE", "OR IGNORE"}

// randomName writes one of few texts, of which many are equal by the collation.
func randomName(r *rand.Rand) string {
	b := make([]byte, 1+r.Intn(2))
	for i := range b {
		b[i] = "aAbBcCdD\x01"[r.Intn(9)]
	}
	return string(b)
}

func randomText(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.Intn(26))
	}
	return string(b)
}

// randomStatement writes a statement that changes rows in one of the files, and maybe reads another.
func randomStatement(r *rand.Rand, files []string) string {
	i := r.Intn
	d, e, policy := files[i(len(files))], files[i(len(files))], randomPolicies[i(len(randomPolicies))]
	statements := []func() string{
		func() string {
			return fmt.Sprintf("INSERT INTO %s.t(k,s,n) VALUES(%d,'%s',%d.5)", d, i(500), randomText(r, i(300)), i(100))
		},
		func() string {
			return fmt.Sprintf("INSERT %s INTO %s.t(id,k,s) VALUES(%d,%d,'%s')", policy, d, i(2000), i(500), randomText(r, i(3000)))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.t SET k=k+%d, s='%s' WHERE id=%d", d, i(5), randomText(r, i(900)), i(2000))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.t SET k=%d WHERE k BETWEEN %d AND %d", d, i(500), i(500), i(500))
		},
		func() string { return fmt.Sprintf("DELETE FROM %s.t WHERE k=%d", d, i(500)) },
		func() string { return fmt.Sprintf("DELETE FROM %s.t WHERE id BETWEEN %d AND %d", d, i(2000), i(2000)) },
		func() string {
			return fmt.Sprintf("INSERT OR REPLACE INTO %s.t(id,k,s) SELECT id+%d,k,s||'x' FROM %s.t WHERE k<%d", d, i(3), e, i(50))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.t SET s=(SELECT s FROM %s.t x WHERE x.k=t.k ORDER BY id LIMIT 1) WHERE k=%d", d, e, i(500))
		},
		func() string {
			return fmt.Sprintf("INSERT %s INTO %s.p SELECT id+%d,'%s',u+1 FROM %s.p WHERE id>%d", policy, d, i(9), randomText(r, 5), e, i(60))
		},
		func() string {
			return fmt.Sprintf("INSERT %s INTO %s.p VALUES(%d,'%s',%d)", policy, d, i(60), randomText(r, 5), i(60))
		},
		func() string {
			return fmt.Sprintf("INSERT INTO %s.p VALUES(%d,'%s',%d) ON CONFLICT(id) DO UPDATE SET v=excluded.v, u=u+1", d, i(60), randomText(r, 5), i(60))
		},
		func() string { return fmt.Sprintf("DELETE FROM %s.p WHERE id=%d", d, i(60)) },
		func() string { return fmt.Sprintf("UPDATE %s %s.p SET id=%d WHERE id=%d", policy, d, i(60), i(60)) },
		func() string { return fmt.Sprintf("UPDATE %s.p SET u=u+100 WHERE u<%d RETURNING id, u", d, i(60)) },
		func() string { return fmt.Sprintf("INSERT INTO %s.c(pid,x) VALUES(%d,'q'),(%d,'r')", d, i(40), i(60)) },
		func() string {
			return fmt.Sprintf("INSERT INTO %s.wr VALUES(%d,'%s',%d) ON CONFLICT DO UPDATE SET c=c+1", d, i(30), randomText(r, 1), i(99))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s %s.wr SET a=a+%d WHERE b='%s'", policy, d, i(4), randomText(r, 1))
		},
		func() string {
			return fmt.Sprintf("INSERT OR REPLACE INTO %s.nr VALUES('%s',zeroblob(%d))", d, randomText(r, 1), i(20000))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.nr SET a='%s', rowid=rowid+%d WHERE a='%s'", d, randomText(r, 1), i(3), randomText(r, 1))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s.t SET n=g.c FROM (SELECT pid,count(*) c FROM %s.c GROUP BY pid) g WHERE g.pid=t.k", d, e)
		},
		func() string { return fmt.Sprintf("DELETE FROM %s.wr WHERE a<%d", d, i(10)) },
		func() string {
			return fmt.Sprintf("INSERT %s INTO %s.ci(e,big) VALUES('%s',zeroblob(%d))", policy, d, randomName(r), i(70000))
		},
		func() string {
			return fmt.Sprintf("INSERT INTO %s.ci(e,big) VALUES('%s',zeroblob(%d)) ON CONFLICT(e) DO UPDATE SET e=excluded.e, big=excluded.big", d, randomName(r), i(200000))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s %s.ci SET e='%s' WHERE e='%s'", policy, d, randomName(r), randomName(r))
		},
		func() string {
			return fmt.Sprintf("INSERT %s INTO %s.cw SELECT e||'%s', id, big FROM %s.ci WHERE id%%3=%d", policy, d, randomName(r), e, i(3))
		},
		func() string {
			return fmt.Sprintf("INSERT INTO %s.cw VALUES('%s',%d,zeroblob(%d)) ON CONFLICT DO UPDATE SET e=excluded.e, n=n+1", d, randomName(r), i(9), i(9000))
		},
		func() string {
			return fmt.Sprintf("UPDATE %s %s.cw SET e=e||'%s', big=zeroblob(%d) WHERE n<%d", policy, d, randomName(r), i(30000), i(9))
		},
		func() string { return fmt.Sprintf("DELETE FROM %s.cw WHERE e>'%s'", d, randomName(r)) },
		func() string { return fmt.Sprintf("DELETE FROM %s.tree WHERE id=%d", d, i(60)) },
		func() string {
			return fmt.Sprintf("INSERT OR IGNORE INTO %s.tree VALUES(%d,%d,'%s')", d, i(60), i(60), randomText(r, i(2000)))
		},
		func() string {
			return fmt.Sprintf("INSERT INTO %s.keep(pid,loose) VALUES(%d,%d)", d, i(120), i(60))
		},
		func() string { return fmt.Sprintf("DELETE FROM %s.p WHERE id BETWEEN %d AND %d", d, i(60), i(60)) },
		func() string {
			return fmt.Sprintf("DELETE FROM %s.%s", d, []string{"log", "nr", "c", "wr", "ci", "keep"}[i(6)])
		},
	}
	return statements[i(len(statements))]()
}

// randomDefinition writes a statement that changes a definition.
func randomDefinition(r *rand.Rand, files []string) string {
	d, n := files[r.Intn(len(files))], r.Intn(3)
	switch r.Intn(5) {
	case 0:
		return fmt.Sprintf("CREATE TABLE %s.extra%d AS SELECT id, k FROM %s.t WHERE id<%d", d, n, d, r.Intn(300))
	case 1:
		return fmt.Sprintf("CREATE INDEX %s.more%d ON t(n, k)", d, n)
	case 2:
		return fmt.Sprintf("DROP INDEX %s.more%d", d, n)
	case 3:
		return fmt.Sprintf("ALTER TABLE %s.extra%d ADD COLUMN z%d DEFAULT 7", d, n, r.Intn(4))
	}
	return fmt.Sprintf("DROP TABLE %s.extra%d", d, n)
}

// randomDumps are queries over everything.
func randomDumps(files []string) []string {
	var out []string
	for _, d := range files {
		for _, q := range []string{"SELECT * FROM x.t ORDER BY id", "SELECT count(*),sum(k),sum(length(s)) FROM x.t INDEXED BY tk WHERE k>=0",
			"SELECT s,k FROM x.t INDEXED BY ts WHERE s>='' ORDER BY s,k", "SELECT rowid,a,length(b) FROM x.nr ORDER BY rowid", "SELECT * FROM x.p ORDER BY id",
			"SELECT id,pid,x FROM x.c ORDER BY id", "SELECT * FROM x.wr ORDER BY b,a", "SELECT * FROM x.log ORDER BY id",
			"SELECT id,e,length(big) FROM x.ci ORDER BY id", "SELECT e FROM x.ci INDEXED BY cie WHERE e>'' ORDER BY e", "SELECT e,n,length(big) FROM x.cw ORDER BY e",
			"SELECT * FROM x.tree ORDER BY id", "SELECT * FROM x.keep ORDER BY id", "SELECT id FROM x.keep INDEXED BY keepl WHERE loose>0 ORDER BY loose,id", "SELECT name FROM x.sqlite_schema ORDER BY 1"} {
			out = append(out, strings.ReplaceAll(q, "x.", d+"."))
		}
	}
	return out
}
