package e2e

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// code returns MySQL's error code, or 0 of other errors.
func code(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// TestClientsAreRefusedWithMySQLsErrors: each mistake has MySQL's code, and changes nothing.
func TestClientsAreRefusedWithMySQLsErrors(t *testing.T) {
	needE2E(t)
	n := newNode(t, t.TempDir(), "--txn.max_bytes", "256KiB")
	p := n.start()
	n.exec(0, "", "CREATE DATABASE shop")
	n.exec(0, "shop",
		"CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL, price TINYINT UNSIGNED, UNIQUE KEY (name), CHECK (id <> 13))",
		"CREATE TABLE part (id INT PRIMARY KEY, item INT, FOREIGN KEY (item) REFERENCES item (id))",
		"INSERT INTO item VALUES (1, 'one', 1), (2, 'two', 2)", "INSERT INTO part VALUES (1, 1)")
	db := n.open(0, "shop")
	for _, tt := range []struct {
		statement string
		code      uint16
		text      string
	}{
		{"SELEC 1", 1064, "You have an error in your SQL syntax"},
		{"SELECT 'open", 1064, "syntax"},
		{"SELECT " + strings.Repeat("(", 200_000) + "1" + strings.Repeat(")", 200_000), 0, ""}, // deep: an error or an answer, no crash
		{"SELECT * FROM nowhere", 1146, "shop.nowhere"},
		{"SELECT * FROM no.where_", 1049, "no"},
		{"SELECT nothing FROM item", 1054, "nothing"},
		{"SELECT NOTHING_AT_ALL(1)", 1305, "NOTHING_AT_ALL"},
		{"INSERT INTO item VALUES (1, 'three', 3)", 1062, "Duplicate entry '1' for key 'item.PRIMARY'"},
		{"INSERT INTO item VALUES (3, 'TWO', 3)", 1062, "Duplicate entry 'TWO' for key 'item.name'"},
		{"INSERT INTO item VALUES (3, NULL, 3)", 1048, "name"},
		{"INSERT INTO item VALUES (3, 'three')", 1136, "Column count"},
		{"INSERT INTO item VALUES (3, '" + strings.Repeat("x", 21) + "', 3)", 1406, "name"},
		{"INSERT INTO item VALUES (3, 'three', 256)", 1264, "price"},
		{"INSERT INTO item VALUES ('three', 'three', 3)", 1366, "id"},
		{"INSERT INTO item VALUES (13, 'unlucky', 3)", 3819, "violated"},
		{"INSERT INTO item VALUES (3, 'three', 3), (4, 'one', 4)", 1062, "'one'"},
		{"INSERT INTO part VALUES (2, 77)", 1452, "foreign key constraint fails"},
		{"DELETE FROM item WHERE id = 1", 1451, "foreign key constraint fails"},
		{"DROP TABLE item", 3730, "part"},
		{"CREATE TABLE item (id INT)", 1050, "item"},
		{"DROP DATABASE nowhere", 1008, "nowhere"},
		{"CREATE DATABASE shop", 1007, "shop"},
		{"CREATE TABLE t (id INT, id INT)", 1060, "id"},
		{"CREATE TABLE t (id SPACESHIP)", 1064, "SPACESHIP"},
		{"UPDATE item SET id = id + 1", 1062, "Duplicate entry '2'"},
		{"SET @@nothing = 1", 1193, "nothing"},
		{"KILL 123456", 1094, "123456"},
	} {
		_, err := db.Exec(tt.statement)
		if tt.code == 0 && tt.text == "" {
			continue
		}
		shown := tt.statement[:min(len(tt.statement), 60)]
		if code(err) != tt.code {
			t.Errorf("%s: %v, want error %d", shown, err, tt.code)
		} else {
			says(t, err.Error(), tt.text)
		}
	}
	n.expectRows(2)

	t.Run("credentials", func(t *testing.T) {
		for _, dsn := range []string{"root:wrong@tcp(%s)/", "root@tcp(%s)/", "nobody:x@tcp(%s)/", "@tcp(%s)/"} {
			if err := ping(t, fmt.Sprintf(dsn, n.MySQL[0])); code(err) != 1045 {
				t.Errorf("%s: %v, want error 1045", dsn, err)
			}
		}
		if err := ping(t, fmt.Sprintf("root:%s@tcp(%s)/nowhere", password, n.MySQL[0])); code(err) != 1049 {
			t.Errorf("unknown database: %v, want error 1049", err)
		}
	})
	t.Run("a transaction that is too large", func(t *testing.T) { n.tooLarge(t) })
	t.Run("packets that are too large", func(t *testing.T) { n.tooLargePackets(t) })
	t.Run("noise on the ports", func(t *testing.T) { n.noisyPorts(t) })
	n.expectRows(2)
	if strings.Contains(p.output.String(), "goroutine ") {
		t.Errorf("the node wrote a stack trace:\n%s", p.output)
	}
}

func ping(t *testing.T, dsn string) error {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return db.Ping()
}

// tooLarge goes over txn.max_bytes in one statement and in many. Of the first nothing is left, of the
// second what came before the failed statement, as in MySQL, until the client rolls it back.
func (n *node) tooLarge(t *testing.T) {
	n.exec(0, "shop", "CREATE TABLE wide (id INT PRIMARY KEY, text LONGTEXT)")
	db := n.open(0, "shop")
	if _, err := db.Exec("INSERT INTO wide VALUES (1, 'small'), (2, REPEAT('x', 300000))"); code(err) != 1197 {
		t.Errorf("one statement: %v, want error 1197", err)
	} else {
		says(t, err.Error(), "txn.max_bytes")
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	inserted := 0
	for ; inserted < 100; inserted++ {
		if _, err = tx.Exec("INSERT INTO wide VALUES (?, REPEAT('x', 20000))", 10+inserted); err != nil {
			break
		}
	}
	if code(err) != 1197 || inserted == 0 {
		t.Errorf("after %d statements: %v, want error 1197", inserted, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Errorf("ROLLBACK after error 1197: %v", err)
	}
	var count int
	if err := db.QueryRow("SELECT COUNT(*) FROM wide").Scan(&count); err != nil || count != 0 {
		t.Errorf("%d rows are left (%v), want none", count, err)
	}
	if _, err := db.Exec("INSERT INTO wide VALUES (1, REPEAT('x', 200000))"); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
}

// tooLargePackets sends more than max_allowed_packet.
func (n *node) tooLargePackets(t *testing.T) {
	var limit int
	db := n.open(0, "shop")
	if err := db.QueryRow("SELECT @@max_allowed_packet").Scan(&limit); err != nil {
		t.Fatal(err)
	}
	big, err := sql.Open("mysql", fmt.Sprintf("root:%s@tcp(%s)/shop?maxAllowedPacket=%d&writeTimeout=30s&readTimeout=30s", password, n.MySQL[0], 4*limit))
	if err != nil {
		t.Fatal(err)
	}
	defer big.Close()
	_, err = big.Exec("INSERT INTO item VALUES (9, '" + strings.Repeat("x", limit) + "', 1)")
	if code(err) != 1153 && !errors.Is(err, mysql.ErrInvalidConn) { // a client may see the hang-up first
		t.Errorf("a packet above max_allowed_packet: %v, want error 1153", err)
	}
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
}

// noisyPorts sends to each port what does not belong there; the node goes on.
func (n *node) noisyPorts(t *testing.T) {
	payloads := map[string][]byte{
		"HTTP":              []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"zeros":             make([]byte, 4096),
		"ones":              bytes.Repeat([]byte{0xff}, 4096),
		"noise":             noise(64 << 10),
		"a giant length":    {0xff, 0xff, 0xff, 0x01, 1, 2, 3},
		"a negative length": {0xff, 0xff, 0xff, 0xff, 0, 0},
		"nothing":           nil,
	}
	var all sync.WaitGroup
	for _, address := range []string{n.MySQL[0], n.Admin[0], n.Kafka} {
		for name, b := range payloads {
			all.Go(func() {
				conn, err := net.DialTimeout("tcp", address, 5*time.Second)
				if err != nil {
					t.Errorf("%s to %s: %v", name, address, err)
					return
				}
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
				_, _ = conn.Write(b)
				_, _ = io.Copy(io.Discard, conn)
			})
		}
	}
	all.Wait()
	n.exec(0, "shop", "SELECT 1")
	if s, err := n.status(0); err != nil || s["ready"] != true {
		t.Errorf("status %v, %v", s, err)
	}
}

// TestTooManyConnectionsAreError1040: and whoever is in stays in.
func TestTooManyConnectionsAreError1040(t *testing.T) {
	needE2E(t)
	n := newNode(t, t.TempDir(), "--mysql.max_connections", "3")
	n.start()
	db := n.open(0, "")
	var held []*sql.Conn
	var refused error
	for range 8 {
		c, err := db.Conn(t.Context())
		if err != nil {
			refused = err
			break
		}
		held = append(held, c)
	}
	if code(refused) != 1040 || len(held) < 3 {
		t.Errorf("after %d connections: %v, want error 1040 after 3 or 4", len(held), refused)
	}
	for _, c := range held {
		if err := c.PingContext(t.Context()); err != nil {
			t.Error(err)
		}
		c.Close()
	}
}
