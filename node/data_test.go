package node

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"
)

// unpack unpacks a data directory and returns its path.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return filepath.Join(dir, "data")
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else {
			var b []byte
			if b, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(path, b, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rootPassword is that of the data directories of the tests.
const rootPassword = "secret of the tests"

// serve runs a node on a data directory while f uses its socket.
func serve(t *testing.T, data, database string, f func(db *sql.DB), flags ...string) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	c, err := load(t, "", nil, append([]string{"--node.id", "v1", "--cluster.name", "old", "--data.dir", data, "--mysql.listen", "", "--mysql.socket", socket,
		"--admin.listen", "", "--kafka.listen", "127.0.0.1:0", "--log.partitions", "3", "--log.segment_bytes", "64KiB"}, flags...)...)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	announce, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		err := Serve(ctx, c, ServeOptions{Logger: slog.New(slog.NewTextHandler(&said, nil)), RootPassword: rootPassword, Announce: w})
		w.Close()
		done <- err
	}()
	lines := bufio.NewScanner(announce)
	ready := false
	for !ready && lines.Scan() {
		ready = strings.Contains(lines.Text(), "ready")
	}
	go func() { _, _ = io.Copy(io.Discard, announce) }() // ends with the node
	if ready {
		db, err := sql.Open("mysql", "root:"+rootPassword+"@unix("+socket+")/"+database)
		if err != nil {
			t.Fatal(err)
		}
		f(db)
		db.Close()
	}
	cancel()
	if err := <-done; err != nil || !ready {
		t.Fatalf("the node ended with %v and said:\n%s", err, said.String())
	}
}

// answers prints the rows of a query, a line each.
func answers(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	result, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer result.Close()
	columns, err := result.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for result.Next() {
		row := make([]sql.NullString, len(columns))
		pointers := make([]any, len(row))
		for i := range row {
			pointers[i] = &row[i]
		}
		if err := result.Scan(pointers...); err != nil {
			t.Fatal(err)
		}
		for i, v := range row {
			if i > 0 {
				out.WriteString(" ")
			}
			if v.Valid {
				out.WriteString(v.String)
			} else {
				out.WriteString("NULL")
			}
		}
		out.WriteString("\n")
	}
	if err := result.Err(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestADataDirectoryOfVersion1IsServed starts on what the first release with these formats left when it was killed:
// the embedded log in several segments, system.db and a database with their WALs. Its rows, definitions, accounts, settings and
// counters are there, it takes writes, and it does so again after a restart.
func TestADataDirectoryOfVersion1IsServed(t *testing.T) {
	data := unpack(t, filepath.Join("testdata", "data.v1.tar.gz"))
	for start := range 3 {
		serve(t, data, "shop", func(db *sql.DB) {
			for query, want := range map[string]string{
				"SELECT id, mail, born FROM customer WHERE id < 8 ORDER BY id":                        "1 ann@example.com 1990-02-28\n2 Bob@example.com NULL\n6 mail1@example.com NULL\n7 mail2@example.com NULL\n",
				"SELECT id, customer, price, state, note, raw, twice FROM orders ORDER BY id LIMIT 2": "1 1 7.000 new NULL NULL 14.000\n2 2 8.250 new NULL NULL 16.500\n",
				"SELECT a, f, added FROM bare ORDER BY f":                                             "1 11.75 new\n2 12 new\n1 13.5 new\n",
				"SELECT mail FROM mails ORDER BY mail":                                                "ann@example.com\nBob@example.com\n",
				"SELECT @@global.sql_mode":                                                            "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION\n",
				"SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'gone'":         "0\n",
				"SELECT user FROM mysql.user WHERE user = 'app'":                                      "app\n",
				"SELECT COUNT(*) FROM orders":                                                         fmt.Sprintf("%d\n", 2+start),
			} {
				if got := answers(t, db, query); got != want {
					t.Errorf("start %d: %s\ngot  %q\nwant %q", start, query, got, want)
				}
			}
			result, err := db.Exec("INSERT INTO orders (customer, price) VALUES (1, ?)", start)
			if err != nil {
				t.Fatal(err)
			}
			if id, err := result.LastInsertId(); err != nil || id != int64(3+start) && start == 0 {
				t.Errorf("start %d: new row %d, %v", start, id, err)
			}
			for _, refused := range []string{
				"INSERT INTO customer (mail) VALUES ('ANN@EXAMPLE.com')", // unique by collation
				"INSERT INTO orders (customer, price) VALUES (3, 1)",     // foreign key
				"INSERT INTO orders (customer, price) VALUES (1, -1)",    // check
			} {
				if _, err := db.Exec(refused); err == nil {
					t.Errorf("%s was taken", refused)
				}
			}
		})
	}
}

// TestADataDirectoryOfANewerFormatIsRefused changes the numbers of the formats in a copy, one by one.
func TestADataDirectoryOfANewerFormatIsRefused(t *testing.T) {
	for _, c := range []struct {
		file  string
		at    int64
		bytes []byte
		words []string
	}{
		{"db/shop.db", 60, []byte{0, 0, 0, 9}, []string{"shop.db", "format 9", "start that release again"}},
		{"system.db", 60, []byte{0, 0, 0, 9}, []string{"system.db", "format 9", "start that release again"}},
		{"log/0000000000000003.segment", 8, []byte{0, 9}, []string{"0000000000000003.segment", "format version is 9", "use the release that wrote it"}},
	} {
		data := unpack(t, filepath.Join("testdata", "data.v1.tar.gz"))
		f, err := os.OpenFile(filepath.Join(data, filepath.FromSlash(c.file)), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(c.bytes, c.at); err != nil {
			t.Fatal(err)
		}
		f.Close()
		config, err := load(t, "", nil, "--node.id", "v1", "--cluster.name", "old", "--data.dir", data, "--mysql.listen", "", "--mysql.socket", filepath.Join(t.TempDir(), "s"), "--admin.listen", "", "--kafka.listen", "", "--log.partitions", "3")
		if err != nil {
			t.Fatal(err)
		}
		err = Serve(t.Context(), config, ServeOptions{Logger: slog.New(slog.DiscardHandler), Announce: io.Discard})
		for _, w := range c.words {
			if err == nil || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v, want %q", c.file, err, w)
			}
		}
	}
}
