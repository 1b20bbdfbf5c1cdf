package golden

import (
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Recording a scenario takes a MySQL that may be emptied, and a program that runs the connector:
//
//	go test ./internal/golden -run TestRecordScenario -record NAME -mysql 127.0.0.1:3306 -capture "java -cp … Capture"
//
// The program gets as arguments a file of properties, a directory, a name, and a path; it writes the events into directory/name.jsonl, one a line with
// topic, headers, key and value, and ends in order when path.stop exists.
var (
	recordName = flag.String("record", "", "scenario whose events are recorded")
	mysqlAt    = flag.String("mysql", "", "address of the MySQL that the scenario is recorded on: all its databases are dropped")
	captureBy  = flag.String("capture", "", "program that runs the connector")
)

// recordPatience is how long a recording waits for an event: a connector needs a minute for its start on a machine that is busy.
const recordPatience = 15 * time.Minute

// connectorStage is a MySQL with the connector.
type connectorStage struct {
	session
	t    *testing.T
	dir  string
	runs int
	end  func()
}

func (c *connectorStage) open() *sql.DB {
	db, err := sql.Open("mysql", "root@tcp("+*mysqlAt+")/")
	if err != nil {
		c.t.Fatal(err)
	}
	return db
}

// empty drops what an earlier recording left.
func (c *connectorStage) empty() {
	db := c.open()
	defer db.Close()
	rows, err := db.QueryContext(c.t.Context(), "SHOW DATABASES")
	if err != nil {
		c.t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			c.t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	for _, name := range names {
		if slices.Contains([]string{"mysql", "sys", "information_schema", "performance_schema"}, name) {
			continue
		}
		if err := c.statement("DROP DATABASE `" + name + "`"); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := c.statement("RESET BINARY LOGS AND GTIDS"); err != nil {
		c.t.Fatal(err)
	}
}

func (c *connectorStage) start(properties map[string]string) {
	c.runs++
	host, port, _ := strings.Cut(*mysqlAt, ":")
	all := map[string]string{
		"name": "golden", "connector.class": "io.debezium.connector.mysql.MySqlConnector", "database.hostname": host, "database.port": port, "database.user": "root",
		"database.password": "", "database.server.id": "5501", "offset.storage": "org.apache.kafka.connect.storage.FileOffsetBackingStore",
		"offset.storage.file.filename": filepath.Join(c.dir, "offsets.dat"), "offset.flush.interval.ms": "500",
		"schema.history.internal": "io.debezium.storage.file.history.FileSchemaHistory", "schema.history.internal.file.filename": filepath.Join(c.dir, "history.jsonl"),
		"database.exclude.list": "mysql,sys,performance_schema,information_schema", "signal.file": filepath.Join(c.dir, "signals"), "signal.poll.interval.ms": "500",
	}
	for name, value := range properties {
		all[name] = value
	}
	if all["database.include.list"] != "" {
		delete(all, "database.exclude.list")
	}
	if all["signal.enabled.channels"] == "" {
		all["signal.enabled.channels"] = "source,file"
	}
	var text strings.Builder
	for name, value := range all {
		fmt.Fprintf(&text, "%s=%s\n", name, strings.ReplaceAll(value, `\`, `\\`))
	}
	file := filepath.Join(c.dir, "connector.properties")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
	name := fmt.Sprintf("%03d", c.runs)
	ready := filepath.Join(c.dir, "ready-"+name)
	arguments := append(strings.Fields(*captureBy), file, c.dir, name, ready, strconv.Itoa(int(2*recordPatience/time.Second)))
	log, err := os.Create(filepath.Join(c.dir, name+".log"))
	if err != nil {
		c.t.Fatal(err)
	}
	command := exec.CommandContext(c.t.Context(), arguments[0], arguments[1:]...)
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.end = func() {
		if err := os.WriteFile(ready+".stop", nil, 0o600); err != nil {
			c.t.Fatal(err)
		}
		_ = command.Wait() // its code says whether it saw the row that ends a run
		_ = log.Close()
		c.end = func() {}
	}
}

func (c *connectorStage) halt() { c.end() }

func (c *connectorStage) statement(text string) error {
	return c.session.run(c.t.Context(), c.open, text)
}

func (c *connectorStage) signal(line string) {
	var s struct {
		ID, Type string
		Data     json.RawMessage
	}
	if err := json.Unmarshal([]byte(line), &s); err != nil {
		c.t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(c.dir, "signals"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintln(f, line); err != nil {
		c.t.Fatal(err)
	}
}

// lines are what was recorded so far.
func (c *connectorStage) lines() (text []string, events []Event) {
	for run := 1; run <= c.runs; run++ {
		b, err := os.ReadFile(filepath.Join(c.dir, fmt.Sprintf("%03d.jsonl", run)))
		if err != nil {
			continue // has not begun
		}
		for line := range strings.Lines(string(b)) {
			if e, err := recordedEvent([]byte(line)); err == nil && strings.HasSuffix(line, "\n") {
				text, events = append(text, line), append(events, e)
			}
		}
	}
	return text, events
}

func (c *connectorStage) await(done func([]Event) bool) []Event {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), recordPatience)
	defer cancel()
	for since, had := time.Now(), 0; ; {
		_, events := c.lines()
		if len(events) != had {
			since, had = time.Now(), len(events)
		}
		if done(events) && time.Since(since) > 2*time.Second {
			return events
		}
		select {
		case <-ctx.Done():
			c.t.Fatalf("after %d events it has not come: %s", len(events), told(events))
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// TestRecordScenario records the events of a scenario.
func TestRecordScenario(t *testing.T) {
	if *recordName == "" {
		t.Skip("nothing is to be recorded (-record)")
	}
	s, err := LoadScenario(*recordName)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "gold")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the connector's files are in %s", dir)
	c := &connectorStage{t: t, dir: dir, end: func() {}}
	t.Cleanup(func() { c.end() })
	c.empty()
	play(t, s, c)
	c.end()
	text, _ := c.lines()
	f, err := os.Create("testdata/" + s.Name + ".jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	w, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range text {
		if _, err := w.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
