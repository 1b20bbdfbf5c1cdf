package conformance

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/client"

	"marmot/node"
)

var (
	record = flag.String("record", "", "USER[:PASSWORD]@HOST:PORT of a MySQL whose answers are written into testdata")
	areas  = flag.String("area", "", "areas to run, with commas between them; empty: all")
)

const rootPassword = "conformance"

// startNode runs a node in process, over the embedded log in a temporary directory; clients reach it through a unix socket.
func startNode(t testing.TB) server {
	t.Helper()
	dir, err := os.MkdirTemp("", "conf")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "s")
	config, err := node.LoadConfig("", []string{"MARMOT_NODE_ID=n", "MARMOT_DATA_DIR=" + filepath.Join(dir, "data"), "MARMOT_MYSQL_SOCKET=" + socket,
		"MARMOT_MYSQL_LISTEN=", "MARMOT_ADMIN_LISTEN=", "MARMOT_KAFKA_LISTEN=", "MARMOT_DEBEZIUM_ENABLED=false"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- node.Serve(ctx, config, node.ServeOptions{Logger: slog.New(slog.DiscardHandler), RootPassword: rootPassword, Announce: io.Discard})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s := server{address: socket, user: "root", password: rootPassword}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		c, err := s.dial("")
		if err == nil {
			_ = c.Close()
			return s
		}
		select {
		case err := <-ended:
			ended <- nil
			t.Fatal(err)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// TestAnswers runs all scripts; a statement that is not answered as MySQL answered it is named with its line.
func TestAnswers(t *testing.T) {
	if *record != "" {
		recordAnswers(t)
		return
	}
	s := startNode(t)
	n := 0
	for _, path := range scriptFiles(t) {
		area := strings.TrimSuffix(filepath.Base(path), ".sql")
		t.Run(area, func(t *testing.T) {
			answers := readAnswers(t, area)
			scripts := readScripts(t, path)
			for _, one := range scripts {
				n++
				database := fmt.Sprintf("conf_%08d", n)
				t.Run(one.name, func(t *testing.T) { compareScript(t, s, path, one, answers[one.name], database) })
			}
			if len(scripts) < len(answers) {
				t.Errorf("%s: answers of scripts that are gone; record the area anew", path)
			}
		})
	}
}

func scriptFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts", err)
	}
	if *areas == "" {
		return paths
	}
	var list []string
	for _, area := range strings.Split(*areas, ",") {
		path := "testdata/" + area + ".sql"
		if !slices.Contains(paths, path) {
			t.Fatalf("there is no %s", path)
		}
		list = append(list, path)
	}
	return list
}

func compareScript(t *testing.T, s server, path string, one script, want []recorded, database string) {
	if len(want) != len(one.statements) {
		t.Fatalf("%s:%d: %d statements, %d answers; record the area anew", path, one.line, len(one.statements), len(want))
	}
	got := play(t, s, path, one, database)
	for i, st := range one.statements {
		if want[i].SQL != st.sql {
			t.Fatalf("%s:%d: the recorded answer is that of %q; record the area anew", path, st.line, want[i].SQL)
		}
		text := difference(st, got[i], want[i].answer)
		if p := want[i].Prepared; st.runsTwice() && !st.ignored["prepared"] && got[i].Errno == 0 && text == "" {
			if p == nil {
				p = &want[i].answer
			}
			if text = difference(st, *got[i].Prepared, *p); text != "" {
				text = "\n  when prepared" + text
			}
		}
		if text != "" {
			t.Errorf("%s:%d: %s%s", path, st.line, st.sql, text)
		}
	}
}

// recordAnswers asks MySQL, and writes what it answers.
func recordAnswers(t *testing.T) {
	if *areas == "" {
		t.Fatal("-record needs -area: which answers are to be written")
	}
	at := strings.LastIndex(*record, "@")
	if at < 0 {
		t.Fatal("-record is USER[:PASSWORD]@HOST:PORT")
	}
	s := server{address: (*record)[at+1:]}
	s.user, s.password, _ = strings.Cut((*record)[:at], ":")
	for _, path := range scriptFiles(t) {
		var list []recorded
		area := strings.TrimSuffix(filepath.Base(path), ".sql")
		for _, one := range readScripts(t, path) {
			for i, a := range play(t, s, path, one, fmt.Sprintf("conf_%08x", rand.Uint32())) { //nolint:gosec // a name that no other recording has
				if st := one.statements[i]; a.Prepared != nil && (st.ignored["prepared"] || difference(st, *a.Prepared, a) == "") {
					a.Prepared = nil
				}
				list = append(list, recorded{Script: one.name, SQL: one.statements[i].sql, answer: a})
			}
		}
		writeAnswers(t, area, list)
	}
}

// player runs one script.
type player struct {
	t        *testing.T
	server   server
	script   script
	database string
	conns    map[int]*client.Conn
	pending  map[int]func() // takes the answer of a connection that waits
}

// statementTimeout is how long a statement may take before the script is given up.
const statementTimeout = 60 * time.Second

// play runs a script in a database of that name and returns the answers. The database's name in them is {database}.
func play(t *testing.T, s server, path string, one script, database string) []answer {
	p := &player{t: t, server: s, script: one, database: database, conns: map[int]*client.Conn{}, pending: map[int]func(){}}
	root, err := s.dial("")
	if err != nil {
		t.Fatal(err)
	}
	defer p.end(root)
	p.must(root, "CREATE DATABASE "+database)
	answers := make([]answer, len(one.statements))
	for i, st := range one.statements {
		p.settle(st.conn)
		if st.refused {
			answers[i] = p.anonymous(p.refusal(st))
			continue
		}
		c := p.conn(st)
		done := make(chan answer, 1)
		sql := withBytes(strings.ReplaceAll(st.sql, "{database}", database))
		go func() {
			a := run(c, sql, st.prepared, st.args)
			if a.Errno == 0 && st.runsTwice() {
				second := run(c, sql, true, nil)
				sameAsText(&second, a)
				a.Prepared = &second
			}
			done <- a
		}()
		take := func() {
			select {
			case a := <-done:
				answers[i] = p.anonymous(a)
			case <-time.After(statementTimeout):
				t.Fatalf("%s:%d: %s\n  no answer within %s", path, st.line, st.sql, statementTimeout)
			}
		}
		if st.waits {
			p.pending[st.conn] = take
			time.Sleep(100 * time.Millisecond) // so that it does wait before the next statement comes
		} else {
			take()
		}
	}
	for conn := range p.conns {
		p.settle(conn)
	}
	return answers
}

func (p *player) must(c *client.Conn, sql string) {
	p.t.Helper()
	if _, err := c.Execute(sql); err != nil {
		p.t.Fatalf("%s: %v", sql, err)
	}
}

// settle takes the answer that a connection still owes.
func (p *player) settle(conn int) {
	if take := p.pending[conn]; take != nil {
		delete(p.pending, conn)
		take()
	}
}

// refusal is the error of a login that fails.
func (p *player) refusal(st statement) answer {
	login := p.script.logins[st.conn]
	c, err := p.server.dial(strings.ReplaceAll(login, "{database}", p.database))
	if err == nil {
		_ = c.Close()
		return answer{Message: "the login is let in"}
	}
	return answerOf(nil, err, false)
}

func (p *player) conn(st statement) *client.Conn {
	c := p.conns[st.conn]
	if c != nil {
		return c
	}
	login := p.script.logins[st.conn]
	c, err := p.server.dial(strings.ReplaceAll(login, "{database}", p.database))
	if err != nil {
		p.t.Fatalf("line %d: connection %d as %q: %v", st.line, st.conn, login, err)
	}
	p.conns[st.conn] = c
	if login == "" {
		p.must(c, "USE "+p.database)
	}
	return c
}

// end leaves nothing behind: connections, databases and accounts of the script go.
func (p *player) end(root *client.Conn) {
	for _, c := range p.conns {
		_ = c.Close() // the server rolls back what is open
	}
	for _, list := range []struct{ what, query string }{
		{"DATABASE", "SELECT CONCAT('`', schema_name, '`') FROM information_schema.schemata WHERE schema_name LIKE '" + p.database + "%'"},
		{"USER", "SELECT CONCAT('`', user, '`@`', host, '`') FROM mysql.user WHERE user LIKE '" + p.database + "%'"},
	} {
		r, err := root.Execute(list.query)
		if err != nil {
			p.t.Fatalf("%s: %v", list.query, err)
		}
		for i := range r.Values {
			p.must(root, "DROP "+list.what+" "+string(r.Values[i][0].AsString()))
		}
	}
	_ = root.Close()
}

// bytesInText stands in a statement for bytes that need not be UTF-8.
var bytesInText = regexp.MustCompile(`\{bytes:([0-9A-F]+)\}`)

// withBytes puts the bytes in a statement that {bytes:…} stand for.
func withBytes(sql string) string {
	return bytesInText.ReplaceAllStringFunc(sql, func(s string) string {
		b, err := hex.DecodeString(bytesInText.FindStringSubmatch(s)[1])
		if err != nil {
			return s
		}
		return string(b)
	})
}

// anonymous puts {database} where the database's name stands.
func (p *player) anonymous(a answer) answer {
	text, err := json.Marshal(a)
	if err != nil {
		p.t.Fatal(err)
	}
	var out answer
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), p.database, "{database}")), &out); err != nil {
		p.t.Fatal(err)
	}
	return out
}
