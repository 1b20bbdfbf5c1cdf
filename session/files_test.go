package session

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// filesSession is a session on a node whose files lie in the directory that is returned too.
func filesSession(t *testing.T) (*testSession, string) {
	t.Helper()
	dir := t.TempDir()
	c := newCluster(t, 1, func(o *Options) { o.Variables = map[string]string{"secure_file_priv": dir} })
	c.session(0, "").exec("CREATE DATABASE d")
	return c.session(0, "d"), dir
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoadDataReadsWhatSelectIntoOutfileWrites(t *testing.T) {
	s, dir := filesSession(t)
	s.exec("CREATE TABLE a (id INT PRIMARY KEY, s VARCHAR(30), n DECIMAL(6,2), d DATE, b VARBINARY(5))")
	s.exec(`INSERT INTO a VALUES (1, 'tab\tquote"back\\line\n', 1.50, '2024-02-29', x'0022ff'), (2, NULL, NULL, NULL, NULL), (3, '', -1, NULL, '')`)
	s.exec("CREATE TABLE b LIKE a")
	for i, format := range []string{"", `FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' LINES TERMINATED BY '\r\n'`,
		`FIELDS TERMINATED BY '||' ENCLOSED BY '"' ESCAPED BY '' LINES STARTING BY '>>'`} {
		name := filepath.Join(dir, fmt.Sprintf("out%d", i))
		s.want(fmt.Sprintf("SELECT * FROM a INTO OUTFILE '%s' %s", name, format), "ok 3")
		s.want(fmt.Sprintf("SELECT * FROM a INTO OUTFILE '%s' %s", name, format), "ERROR 1086")
		s.exec("TRUNCATE b")
		s.want(fmt.Sprintf("LOAD DATA INFILE '%s' INTO TABLE b %s", name, format), "ok 3")
		s.want("SELECT COUNT(*) FROM a JOIN b ON a.id = b.id AND a.s <=> b.s AND a.n <=> b.n AND a.d <=> b.d AND a.b <=> b.b", "3")
	}
}

func TestLoadDataAssignsFieldsAndVariables(t *testing.T) {
	s, dir := filesSession(t)
	s.exec("CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(20), n INT DEFAULT 7)")
	put(t, filepath.Join(dir, "f"), "head\n1,x\n2,\\N\n3,\"a,b\"\n")
	load := "LOAD DATA INFILE 'f' INTO TABLE t FIELDS TERMINATED BY ',' ENCLOSED BY '\"' IGNORE 1 LINES "
	s.want(load+"(id, @v) SET s = CONCAT('<', @v, '>'), n = id * 10", "ok 3")
	s.want("SELECT * FROM t", "1 | <x> | 10\n2 | NULL | 20\n3 | <a,b> | 30")
	s.want("SELECT @v", "a,b")
	s.want(load+"(id, s)", "ERROR 1062")
	s.want("LOAD DATA INFILE 'f' IGNORE INTO TABLE t FIELDS TERMINATED BY ',' ENCLOSED BY '\"' IGNORE 1 LINES (id, s)", "ok (3 warnings)")
	s.want("LOAD DATA INFILE 'f' REPLACE INTO TABLE t FIELDS TERMINATED BY ',' ENCLOSED BY '\"' IGNORE 1 LINES (id, s)", "ok 6")
	s.want("SELECT * FROM t", "1 | x | 7\n2 | NULL | 7\n3 | a,b | 7")
	put(t, filepath.Join(dir, "short"), "8\n")
	s.want("LOAD DATA INFILE 'short' INTO TABLE t", "ERROR 1261")
	put(t, filepath.Join(dir, "long"), "8\ta\t1\tmore\n")
	s.want("LOAD DATA INFILE 'long' INTO TABLE t", "ERROR 1262")
	s.want("LOAD DATA INFILE 'long' INTO TABLE t PARTITION (p)", "ERROR 1747")
	s.want("LOAD DATA INFILE 'nothing' INTO TABLE t", "ERROR 13")
}

func TestFilesOutsideOfSecureFilePrivAreRefused(t *testing.T) {
	s, dir := filesSession(t)
	s.exec("CREATE TABLE t (a INT)")
	outside := filepath.Join(t.TempDir(), "f")
	put(t, outside, "1\n")
	for _, name := range []string{outside, filepath.Join(dir, "..", "f"), "../f"} {
		s.want("LOAD DATA INFILE '"+name+"' INTO TABLE t", "ERROR 1290")
		s.want("SELECT 1 INTO OUTFILE '"+name+"'", "ERROR 1290")
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	s.want("LOAD DATA INFILE 'link' INTO TABLE t", "ERROR 1290")
	null := newCluster(t, 1, nil).session(0, "")
	null.want("SELECT 1 INTO OUTFILE '"+filepath.Join(dir, "x")+"'", "ERROR 1290")
}

// sendingClient answers the request for a local file.
type sendingClient struct {
	textAnswer
	file  string
	asked int
}

func (c *sendingClient) OpenClientFile(string) (io.ReadCloser, error) {
	c.asked++
	return io.NopCloser(bytes.NewBufferString(c.file)), nil
}

func TestALocalFileIsAskedForOnce(t *testing.T) {
	c := newCluster(t, 1, nil)
	c.session(0, "").exec("CREATE DATABASE d")
	a, b := c.session(0, "d"), c.session(0, "d")
	a.exec("CREATE TABLE t (id INT PRIMARY KEY, n INT)")
	client := &sendingClient{file: "1\t5\n2\t6\n"}
	const load = "LOAD DATA LOCAL INFILE 'f' INTO TABLE t"
	if got := client.text(a.Execute(t.Context(), []byte(load), client)); got != "ERROR 3948" {
		t.Fatal("local_infile is OFF, but:", got)
	}
	a.exec("SET GLOBAL local_infile = ON")
	b.exec("BEGIN")
	b.exec("INSERT INTO t VALUES (2, 0)")
	client = &sendingClient{file: client.file}
	done := make(chan string)
	go func() { done <- client.text(a.Execute(t.Context(), []byte(load), client)) }()
	for a.engine.counts.lockWaits.Load() == 0 { // it has read the file, and waits for b
		runtime.Gosched()
		if t.Context().Err() != nil {
			t.Fatal(t.Context().Err())
		}
	}
	b.exec("ROLLBACK")
	if got := <-done; got != "ok 2" || client.asked != 1 {
		t.Errorf("%s, asked %d times", got, client.asked)
	}
	a.want("SELECT * FROM t", "1 | 5\n2 | 6")
}
