package golden

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWholeRunsAreTheConnectors compares all that was recorded, snapshots, signals, notifications and heartbeats too.
func TestWholeRunsAreTheConnectors(t *testing.T) {
	for _, run := range Runs() {
		t.Run(run.Name, func(t *testing.T) {
			t.Parallel()
			run = Whole(run)
			want, err := Recorded(run.Name)
			if err != nil {
				t.Fatal(err)
			}
			r := Compare(want, wholeRun(t, &run, &server{}))
			t.Logf("%s", r.Summary())
			if r.Percent() < run.LeastWhole || os.Getenv("MARMOT_TEST_GOLDEN_MOST") != "" {
				report(t, r)
			}
			if r.Percent() < run.LeastWhole {
				t.Errorf("%.2f %% of the events are the connector's, want %.0f", r.Percent(), run.LeastWhole)
			}
		})
	}
}

// wholeRun takes the steps of the recording: data before the emitter begins, its snapshot, the stream, the signals one after the other.
func wholeRun(t *testing.T, run *Run, s *server) []Event {
	t.Helper()
	dir, err := os.MkdirTemp("", "gold")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s.t, s.dir, s.kafka, s.silent = t, dir, freeAddress(t), true
	s.start(run)
	s.set(run.Variables)
	s.run("00_setup.sql")
	s.stop()
	s.silent = false
	s.start(run)
	defer func() { s.stop() }()
	s.set(run.Variables)
	s.until(notified("COMPLETED", `"aggregate_type":"Initial Snapshot"`, 1))
	s.run("10_stream.sql")
	// The recording's connector was slower than the client: it read the signal when all of the script was there.
	s.exec("CALL marmot.pause_emitter('main')")
	s.run("20_signal.sql")
	s.exec("CALL marmot.resume_emitter('main')")
	s.until(notified("COMPLETED", `"id":"adhoc-1"`, 1))
	s.run("21_signal_filter.sql")
	s.until(notified("COMPLETED", `"id":"adhoc-2"`, 1))
	s.run("22_signal_blocking.sql")
	s.until(notified("COMPLETED", `"aggregate_type":"Initial Snapshot"`, 2))
	s.run("23_signal_pause_stop.sql")
	s.until(notified("COMPLETED", `"id":"adhoc-6"`, 1))
	s.run("90_end.sql")
	whole := func(e []Event) bool {
		return has(e, "gold.inv.sentinel", `"op":"c"`) && has(e, "gold.transaction", `inv.sentinel`) && (run.Name != "default" || has(e, "__debezium-heartbeat.gold", "ts_ms"))
	}
	// The pause above ended the emitter; the connector was never started again, and told of no snapshot that it skipped.
	unskipped := func(events []Event) []Event {
		return slices.DeleteFunc(events, func(e Event) bool {
			return e.Topic == "gold.notifications" && strings.Contains(string(e.Value), "SKIPPED")
		})
	}
	got := unskipped(s.read(whole))
	s.stop()
	s.start(run)
	sameAgain(t, got, unskipped(s.read(whole)))
	return got
}

// until waits for events.
func (s *server) until(done func([]Event) bool) {
	s.t.Helper()
	began := time.Now()
	if got := s.read(done); !done(got) {
		s.t.Fatalf("after %s and %d events it has not come; emitters: %s; notifications: %s", time.Since(began), len(got), s.emitters(), told(got))
	}
}

// emitters is what the node says of its emitters.
func (s *server) emitters() string {
	db := s.open()
	defer db.Close()
	var name, state, lag, needed, position string
	var rest [6]any
	targets := []any{&name, &state, &rest[0], &position, &needed, &lag, &rest[1], &rest[2], &rest[3], &rest[4], &rest[5]}
	if err := db.QueryRowContext(s.t.Context(), "CALL marmot.emitters()").Scan(targets...); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %s at %s, needs %s, lags %s, %v", name, state, position, needed, lag, rest[5])
}

// told are the notifications among the events.
func told(events []Event) string {
	var text strings.Builder
	for _, e := range events {
		if e.Topic == "gold.notifications" {
			fmt.Fprintf(&text, "\n%s", e.Value[strings.Index(string(e.Value), `"payload":`)+1:])
		}
	}
	return text.String()
}

// notified reports whether so many notifications of a kind have come.
func notified(kind, text string, times int) func([]Event) bool {
	return func(events []Event) bool {
		n := 0
		for _, e := range events {
			if e.Topic == "gold.notifications" && strings.Contains(string(e.Value), `"type":"`+kind+`"`) && strings.Contains(string(e.Value), text) {
				n++
			}
		}
		return n >= times
	}
}

// set sets global variables, so that a restarted node has them before its emitters begin.
func (s *server) set(variables map[string]string) {
	s.t.Helper()
	db := s.open()
	defer db.Close()
	for name, value := range variables {
		if _, err := db.ExecContext(s.t.Context(), "SET PERSIST "+name+" = '"+value+"'"); err != nil {
			s.t.Fatal(err)
		}
	}
}

// sameAgain checks that a restarted node serves what it served before: for each key of a topic the same events in the same order.
func sameAgain(t *testing.T, before, after []Event) {
	t.Helper()
	byKey := func(events []Event) map[string][]string {
		m := map[string][]string{}
		for _, e := range events {
			key := e.Topic + " " + string(e.Key)
			m[key] = append(m[key], masked(e))
		}
		return m
	}
	again := byKey(after)
	for key, list := range byKey(before) {
		if strings.HasPrefix(key, "__debezium-heartbeat") {
			continue // they go on
		}
		if !slices.Equal(again[key], list) {
			t.Errorf("after a restart %s has %d events, had %d", key, len(again[key]), len(list))
		}
	}
}

// exec runs statements that must succeed.
func (s *server) exec(statements ...string) {
	s.t.Helper()
	db := s.open()
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(s.t.Context(), statement); err != nil {
			s.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// TestSignalsComeThroughTheLog: CALL marmot.signal takes snapshots without a signalling table; conditions are MySQL's. An override of the
// initial snapshot's statement says nothing to others.
func TestSignalsComeThroughTheLog(t *testing.T) {
	dir, err := os.MkdirTemp("", "gold")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s := &server{t: t, dir: dir, kafka: freeAddress(t)}
	s.start(&Run{Properties: map[string]string{
		"topic.prefix": "gold", "notification.enabled.channels": "sink", "notification.sink.topic.name": "gold.notifications",
		"provide.transaction.metadata": "false", "include.schema.changes": "false", "snapshot.select.statement.overrides.inv.u": "SELECT * FROM inv.u WHERE id <> 2",
	}})
	defer func() { s.stop() }()
	s.exec("CREATE DATABASE inv", "CREATE TABLE inv.t (a VARCHAR(10), b INT, c INT, PRIMARY KEY (b, a))", "INSERT INTO inv.t VALUES ('x', 1, 1), ('Y', 1, 2), ('z', 2, 3), ('a', 10, 4)",
		"CREATE TABLE inv.u (id INT PRIMARY KEY)", "INSERT INTO inv.u VALUES (1), (2), (3)", "CREATE TABLE inv.w (v INT)", "INSERT INTO inv.w VALUES (1), (1)",
		`CALL marmot.signal('one', 'execute-snapshot', '{"data-collections":["inv.t"],"additional-conditions":[{"data-collection":"inv.t","filter":"c MOD 2 = 0 OR a LIKE ''Z%''"}]}')`)
	s.until(notified("COMPLETED", `"id":"one"`, 1))
	s.exec(`CALL marmot.signal('two', 'execute-snapshot', '{"data-collections":["inv.*"],"type":"blocking"}')`)
	got := s.read(notified("COMPLETED", `"aggregate_type":"Initial Snapshot"`, 1))
	var rows []string
	for _, e := range got {
		if v := string(e.Value); strings.Contains(v, `"op":"r"`) {
			after, rest, _ := strings.Cut(v[strings.Index(v, `"after":`)+len(`"after":`):], `,"source"`)
			_, mark, _ := strings.Cut(rest, `"snapshot":"`)
			mark, _, _ = strings.Cut(mark, `"`)
			rows = append(rows, e.Topic+after+mark)
		}
	}
	slices.Sort(rows) // of several topics and partitions
	want := []string{
		`gold.inv.t{"a":"Y","b":1,"c":2}incremental`, `gold.inv.t{"a":"Y","b":1,"c":2}true`, `gold.inv.t{"a":"a","b":10,"c":4}incremental`, `gold.inv.t{"a":"a","b":10,"c":4}last_in_data_collection`,
		`gold.inv.t{"a":"x","b":1,"c":1}first`, `gold.inv.t{"a":"z","b":2,"c":3}incremental`, `gold.inv.t{"a":"z","b":2,"c":3}true`,
		`gold.inv.u{"id":1}first_in_data_collection`, `gold.inv.u{"id":2}true`, `gold.inv.u{"id":3}last_in_data_collection`, `gold.inv.w{"v":1}first_in_data_collection`, `gold.inv.w{"v":1}last`,
	}
	if !slices.Equal(rows, want) {
		t.Errorf("got  %q\nwant %q", rows, want)
	}
}
