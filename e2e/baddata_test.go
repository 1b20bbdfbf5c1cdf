package e2e

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// shopRows is what seed puts into shop.item.
const shopRows = 200

// seed makes a data directory with a small shop in it, stopped well, and returns it.
func seed(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	n := newNode(t, data)
	p := n.start()
	n.exec(0, "", "CREATE DATABASE shop")
	n.exec(0, "shop", "CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(400) NOT NULL)")
	for i := range shopRows {
		n.exec(0, "shop", fmt.Sprintf("INSERT INTO item VALUES (%d, REPEAT('x', 300))", i))
	}
	p.stop()
	return data
}

// expectRows checks how many rows shop.item has.
func (c *cluster) expectRows(want int) {
	c.t.Helper()
	var n int
	if err := c.open(0, "shop").QueryRow("SELECT COUNT(*) FROM item").Scan(&n); err != nil || n != want {
		c.t.Errorf("shop.item has %d rows (%v), want %d", n, err, want)
	}
}

// overwrite writes bytes into the middle of a file.
func overwrite(t *testing.T, path string, at int64, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}

// noise are bytes that are nothing.
func noise(n int) []byte { return bytes.Repeat([]byte{0xde, 0xad, 0xbe, 0xef}, n/4+1)[:n] }

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// fill makes the node's files anew from its log, as the message about a damaged file says.
func fill(t *testing.T, data string) {
	remove(t, filepath.Join(data, "db"))
	remove(t, filepath.Join(data, "system.db"))
	remove(t, filepath.Join(data, "system.db-wal"))
	remove(t, filepath.Join(data, "system.db-shm"))
}

// TestABadDataDirectoryIsRefusedAndChangesNothing damages a data directory in many ways: the start ends with
// an error that names the file and the remedy, no file has changed, and the remedy brings every row back.
func TestABadDataDirectoryIsRefusedAndChangesNothing(t *testing.T) {
	needE2E(t)
	good, other := seed(t), seed(t)
	shop, segment := filepath.Join("db", "shop.db"), filepath.Join("log", "0000000000000001.segment")
	tests := []struct {
		name   string
		damage func(data string)
		words  []string
		remedy func(data string)
	}{
		{"a database with half a header", func(d string) { truncate(t, filepath.Join(d, shop), 50) }, []string{shop, "damaged", "system.db", "fills itself from the log"}, func(d string) { fill(t, d) }},
		{"a database that is cut off", func(d string) { truncate(t, filepath.Join(d, shop), 8192) }, []string{shop, "damaged", "fills itself from the log"}, func(d string) { fill(t, d) }},
		{"a database with noise for a header", func(d string) { overwrite(t, filepath.Join(d, shop), 0, noise(100)) }, []string{shop, "not a file of Marmot", "fills itself from the log"}, func(d string) { fill(t, d) }},
		{"a database with noise in its first page", func(d string) { overwrite(t, filepath.Join(d, shop), 100, noise(3000)) }, []string{shop, "damaged", "fills itself from the log"}, func(d string) { fill(t, d) }},
		{"an empty database", func(d string) { truncate(t, filepath.Join(d, shop), 0) }, []string{shop, "damaged", "fills itself from the log"}, func(d string) { fill(t, d) }},
		{"a missing database", func(d string) { remove(t, filepath.Join(d, shop)) }, []string{shop, "missing", "fills itself from the log"}, func(d string) { fill(t, d) }},
		{"a damaged system.db", func(d string) { overwrite(t, filepath.Join(d, "system.db"), 0, noise(5000)) }, []string{"system.db", "fills itself from the log"}, func(d string) { fill(t, d) }},
		{"a SQLite file of somebody else", func(d string) { foreignFile(t, filepath.Join(d, "db", "notes.db")) },
			[]string{"notes.db", "not a file of Marmot", "move it out of the data directory"}, func(d string) { remove(t, filepath.Join(d, "db", "notes.db")) }},
		{"a text file for a database", func(d string) { write(t, filepath.Join(d, "db", "notes.db"), bytes.Repeat([]byte("a note\n"), 100)) },
			[]string{"notes.db", "not a file of Marmot"}, func(d string) { remove(t, filepath.Join(d, "db", "notes.db")) }},
		{"a copy of a database", func(d string) { copyFile(t, filepath.Join(d, shop), filepath.Join(d, "db", "copy.db")) },
			[]string{"copy.db", "shop", "move"}, func(d string) { remove(t, filepath.Join(d, "db", "copy.db")) }},
		{"a database of another cluster", func(d string) {
			remove(t, filepath.Join(d, shop))
			copyFile(t, filepath.Join(other, shop), filepath.Join(d, shop))
		}, []string{shop, "belongs to another cluster"}, func(d string) { copyFile(t, filepath.Join(good, shop), filepath.Join(d, shop)) }},
		{"the log of another cluster", func(d string) {
			remove(t, filepath.Join(d, "log"))
			copyTree(t, filepath.Join(other, "log"), filepath.Join(d, "log"))
		}, []string{"data.dir", "holds cluster", "the log belongs to cluster"}, func(d string) {
			remove(t, filepath.Join(d, "log"))
			copyTree(t, filepath.Join(good, "log"), filepath.Join(d, "log"))
		}},
		{"a log that is gone", func(d string) { remove(t, filepath.Join(d, "log")) }, []string{"data.dir", "created anew", "data/log"}, func(d string) {
			remove(t, filepath.Join(d, "log"))
			copyTree(t, filepath.Join(good, "log"), filepath.Join(d, "log"))
		}},
		{"a log damaged in its middle", func(d string) { overwrite(t, filepath.Join(d, segment), 20000, noise(64)) },
			[]string{segment, "is damaged at byte", "nothing was changed", "Restore the file from a backup"}, func(d string) { copyFile(t, filepath.Join(good, segment), filepath.Join(d, segment)) }},
		{"a log whose file is empty", func(d string) { truncate(t, filepath.Join(d, segment), 0) },
			[]string{segment, "restore it from a backup"}, func(d string) { copyFile(t, filepath.Join(good, segment), filepath.Join(d, segment)) }},
		{"another number of partitions", nil, []string{"log.partitions is 7", "fixed at creation"}, func(string) {}},
		{"a uuid that is none", func(d string) { write(t, filepath.Join(d, "uuid"), []byte("mine\n")) },
			[]string{"uuid", "put back the uuid"}, func(d string) { copyFile(t, filepath.Join(good, "uuid"), filepath.Join(d, "uuid")) }},
		{"a file where the databases should be", func(d string) {
			remove(t, filepath.Join(d, "db"))
			write(t, filepath.Join(d, "db"), nil)
		}, []string{"db"}, func(d string) {
			remove(t, filepath.Join(d, "db"))
			copyTree(t, filepath.Join(good, "db"), filepath.Join(d, "db"))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			copyTree(t, good, data)
			n := newNode(t, data)
			var more []string
			if tt.damage == nil {
				more = []string{"--log.partitions", "7"}
			} else {
				tt.damage(data)
			}
			before := fingerprint(t, data)
			n.launch(more...).refuses(20*time.Second, 1, tt.words...)
			after := fingerprint(t, data)
			for name, sum := range before {
				if after[name] != sum {
					t.Errorf("the refused start changed %s: %s, was %s", name, after[name], sum)
				}
			}
			tt.remedy(data)
			p := n.start()
			n.expectRows(shopRows)
			n.exec(0, "shop", "INSERT INTO item VALUES (1000, 'goes on')")
			p.stop()
		})
	}
}

// TestATornTailOfTheLogIsCut: what a power loss leaves behind the last whole record was never acknowledged.
func TestATornTailOfTheLogIsCut(t *testing.T) {
	needE2E(t)
	data := seed(t)
	segment := filepath.Join(data, "log", "0000000000000001.segment")
	b, err := os.ReadFile(segment)
	if err != nil {
		t.Fatal(err)
	}
	end := int64(len(bytes.TrimRight(b, "\x00")))
	overwrite(t, segment, end+16, noise(100))
	n := newNode(t, data)
	p := n.start()
	n.expectRows(shopRows)
	n.exec(0, "shop", "INSERT INTO item VALUES (1000, 'goes on')")
	p.stop()
	p = n.start()
	n.expectRows(shopRows + 1)
	p.stop()
}

// TestADamagedPageIsNeitherServedNorLosesTheRest: SQLite finds it when it reads the page; the rows are in
// the log.
func TestADamagedPageIsNeitherServedNorLosesTheRest(t *testing.T) {
	needE2E(t)
	data := seed(t)
	shop := filepath.Join(data, "db", "shop.db")
	info, err := os.Stat(shop)
	if err != nil {
		t.Fatal(err)
	}
	overwrite(t, shop, info.Size()-2*4096, noise(4096))
	n := newNode(t, data)
	p := n.launch()
	n.ready(p)
	if rows, err := n.open(0, "shop").Query("SELECT * FROM item"); err == nil {
		count := 0
		for rows.Next() {
			count++
		}
		err = rows.Err()
		rows.Close()
		if err == nil {
			t.Errorf("the damaged table gave %d rows and no error", count)
		}
		says(t, fmt.Sprint(err), "damaged", "the node's log says what to do")
	} else {
		says(t, err.Error(), "damaged", "the node's log says what to do")
	}
	p.stop() // then its output is complete
	says(t, p.output.String(), "a database file is damaged", "the node fills itself from the log")
	fill(t, data)
	p = n.start()
	n.expectRows(shopRows)
	p.stop()
}

func foreignFile(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('mine')"); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, b)
}
