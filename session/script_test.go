package session

import (
	"bufio"
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var rewrite = flag.Bool("rewrite", false, "write the answers into testdata/*.sql.txt")

// TestScripts runs testdata/*.sql.txt. A line "a> SQL" runs SQL in session a of node 0, "b1> SQL" in session b1 of
// node 1; the answer follows. A statement that waits for another session answers "waits"; "a?" then gives its
// answer. "sync" waits for all nodes. "# …" opens a section, which begins on a fresh database.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sql.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".sql.txt"), func(t *testing.T) { runScript(t, file) })
	}
}

type script struct {
	t        *testing.T
	cluster  *testCluster
	sessions map[string]*testSession
	waiting  map[string]chan string
	database string
	sections int
}

func runScript(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	nodes := 1
	if bytes.Contains(text, []byte("1>")) {
		nodes = 3
	}
	s := &script{t: t, cluster: newCluster(t, nodes, nil)}
	var out bytes.Buffer
	scanner := bufio.NewScanner(bytes.NewReader(text))
	number, want, got, step, at := 0, "", "", "", 0
	var take func(wait bool) string // answers of the step
	check := func() {
		if take != nil {
			got = take(strings.TrimSpace(want) == "waits" || *rewrite)
			take = nil
		}
		if step != "" && strings.TrimSpace(want) != strings.TrimSpace(got) && !*rewrite {
			t.Errorf("%s:%d: %s\n got: %s\nwant: %s", file, at, step, strings.TrimSpace(got), strings.TrimSpace(want))
		}
		if got != "" {
			out.WriteString(strings.TrimRight(got, "\n") + "\n")
		}
		want, got, step = "", "", ""
	}
	for scanner.Scan() {
		number++
		line := scanner.Text()
		name, sql, isStep := strings.Cut(line, "> ")
		await, isAwait := strings.CutSuffix(line, "?")
		switch {
		case strings.HasPrefix(line, "#"):
			check()
			out.WriteString(line + "\n")
			s.section()
		case line == "sync":
			check()
			out.WriteString(line + "\n")
			s.cluster.sync()
		case isStep && len(name) <= 2:
			check()
			out.WriteString(line + "\n")
			step, at, take = line, number, s.step(name, sql)
		case isAwait && len(await) <= 2:
			check()
			out.WriteString(line + "\n")
			step, at, got = line, number, s.await(await)
		case strings.TrimSpace(line) == "":
			check()
			out.WriteString("\n")
		default:
			want += line + "\n"
		}
	}
	check()
	if *rewrite {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// section begins with a database of its own and fresh sessions.
func (s *script) section() {
	for name := range s.waiting {
		s.t.Errorf("session %s still waits at the section's end", name)
	}
	for _, session := range s.sessions {
		session.Reset(s.t.Context())
	}
	s.sections++
	s.database = "d" + string(rune('a'+s.sections/26)) + string(rune('a'+s.sections%26))
	s.sessions, s.waiting = map[string]*testSession{}, map[string]chan string{}
	s.cluster.session(0, "").exec("CREATE DATABASE " + s.database)
	s.cluster.sync()
}

// step begins a statement. What it returns takes the answer, which is "waits" if the statement waits for another session. One that
// is expected to may be believed soon; another may wait for a moment, as for the log, and is given time.
func (s *script) step(name, sql string) func(expected bool) string {
	session := s.sessions[name]
	if session == nil {
		node := 0
		if len(name) > 1 {
			node = int(name[1] - '0')
		}
		session = s.cluster.session(node, s.database)
		s.sessions[name] = session
	}
	answer := make(chan string, 1)
	go func() { answer <- session.run(sql) }()
	return func(expected bool) string {
		enough := 10 * time.Second
		if expected {
			enough = 20 * time.Millisecond
		}
		return s.answer(name, sql, answer, enough)
	}
}

func (s *script) answer(name, sql string, answer chan string, enough time.Duration) string {
	session := s.sessions[name]
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case got := <-answer:
			return got
		case <-poll.C:
			if state := session.state(); state != "" && state != "waiting for the log" {
				select {
				case got := <-answer:
					return got
				case <-time.After(enough): // a wait that ends by itself is none
				}
				if session.state() == state {
					s.waiting[name] = answer
					return "waits"
				}
			}
		case <-deadline.C:
			s.t.Fatalf("%s> %s: no answer; state %q", name, sql, session.state())
		}
	}
}

func (s *script) await(name string) string {
	answer := s.waiting[name]
	if answer == nil {
		s.t.Fatalf("session %s does not wait", name)
	}
	delete(s.waiting, name)
	select {
	case got := <-answer:
		return got
	case <-time.After(time.Minute):
		s.t.Fatalf("session %s still waits", name)
		return ""
	}
}

func (s *Session) state() string {
	s.activity.Lock()
	defer s.activity.Unlock()
	return s.activity.state
}
