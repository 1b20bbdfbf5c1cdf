package golden

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"
	"time"
)

// stage is where the steps of a scenario are taken: a node, or a MySQL with the connector.
type stage interface {
	start(properties map[string]string)
	halt()
	statement(text string) error
	signal(line string)
	await(done func([]Event) bool) []Event
}

// play takes the steps of a scenario and returns all events.
func play(t *testing.T, s *Scenario, on stage) []Event {
	t.Helper()
	properties := scenarioProperties()
	running := false
	for _, step := range s.Steps {
		switch step.Kind {
		case stepProperty:
			setProperty(properties, step.Text)
		case stepStart:
			on.start(maps.Clone(properties))
			running = true
		case stepStop:
			on.halt()
			running = false
		case stepSignal:
			on.signal(step.Text)
		case stepUntil:
			kind, text, times := step.condition()
			on.await(notified(kind, text, times))
		case stepSeen:
			topic, text, times := step.condition()
			on.await(sees(topic, text, times))
		default:
			if err := on.statement(step.Text); err != nil {
				t.Fatalf("%s: %v", step.Text, err)
			}
		}
	}
	if s.Unstreamed {
		return on.await(func([]Event) bool { return true })
	}
	if !running {
		t.Fatal("the scenario ends without a connector")
	}
	return on.await(isSentinel)
}

// nodeStage is a node of this process. A halted emitter is a node whose configuration has it off.
type nodeStage struct {
	*server
	session
	t *testing.T
}

// session is the connection of a scenario's statements. It outlives no restart; the default database does.
type session struct {
	db    *sql.DB
	c     *sql.Conn
	named string // USE …
}

func (s *session) run(ctx context.Context, open func() *sql.DB, text string) error {
	if s.c == nil {
		s.db = open()
		c, err := s.db.Conn(ctx)
		if err != nil {
			return err
		}
		s.c = c
		if s.named != "" {
			if _, err := c.ExecContext(ctx, s.named); err != nil {
				return err
			}
		}
	}
	if strings.HasPrefix(text, "USE ") {
		s.named = text
	}
	_, err := s.c.ExecContext(ctx, text)
	return err
}

func (s *session) close() {
	if s.c != nil {
		_, _ = s.c.Close(), s.db.Close() // the server may be gone
		s.c = nil
	}
}

func newNodeStage(t *testing.T) *nodeStage {
	dir, err := os.MkdirTemp("", "gold")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dir: dir, kafka: freeAddress(t), silent: true}
	s.start(&Run{})
	t.Cleanup(func() {
		s.stop()
		_ = os.RemoveAll(dir)
	})
	return &nodeStage{server: s, t: t}
}

func (n *nodeStage) start(properties map[string]string) {
	for _, part := range []string{"key.converter", "value.converter"} {
		properties[part+".schemas.enable"] = "true"
		properties[part+".replace.null.with.default"] = "true"
	}
	if properties["signal.enabled.channels"] == "file" { // CALL marmot.signal does for it
		properties["signal.enabled.channels"] = "in-process"
	}
	n.close()
	n.stop()
	n.silent = false
	n.server.start(&Run{Properties: properties})
}

func (n *nodeStage) halt() {
	n.close()
	n.stop()
	n.silent = true
	n.server.start(&Run{})
}

func (n *nodeStage) statement(text string) error {
	return n.session.run(n.t.Context(), n.open, text)
}

func (n *nodeStage) signal(line string) {
	var s struct {
		ID, Type string
		Data     json.RawMessage
	}
	if err := json.Unmarshal([]byte(line), &s); err != nil {
		n.t.Fatal(err)
	}
	db := n.open()
	defer db.Close()
	if _, err := db.ExecContext(n.t.Context(), "CALL marmot.signal(?, ?, ?)", s.ID, s.Type, string(s.Data)); err != nil {
		n.t.Fatal(err)
	}
}

func (n *nodeStage) await(done func([]Event) bool) []Event {
	n.t.Helper()
	for {
		got := n.readAll(done, quiet)
		if !done(got) {
			n.t.Fatalf("after %d events it has not come; emitters: %s; notifications: %s", len(got), n.emitters(), told(got))
		}
		if n.silent || n.lag() == 0 {
			return got
		}
	}
}

// lag is how many positions of the log are not published.
func (n *nodeStage) lag() (positions int) {
	db := n.open()
	defer db.Close()
	var rest [10]any
	targets := []any{&rest[0], &rest[1], &rest[2], &rest[3], &rest[4], &positions, &rest[5], &rest[6], &rest[7], &rest[8], &rest[9]}
	if err := db.QueryRowContext(n.t.Context(), "CALL marmot.emitters()").Scan(targets...); err != nil {
		n.t.Fatal(err)
	}
	return positions
}

// quiet is how long nothing may come before all has come: events too many are looked for as well.
const quiet = 500 * time.Millisecond

// TestScenariosAreTheConnectors takes the steps of each scenario and compares the events with the recorded, in the order of each topic.
func TestScenariosAreTheConnectors(t *testing.T) {
	for _, name := range Scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := LoadScenario(name)
			if err != nil {
				t.Fatal(err)
			}
			want, err := Recorded(name)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, s, newNodeStage(t))
			r := CompareInOrder(withoutRepeats(want), got)
			t.Logf("%s", r.Summary())
			if r.Percent() < s.Least || os.Getenv("MARMOT_TEST_GOLDEN_MOST") != "" {
				report(t, r)
			}
			if r.Percent() < s.Least {
				t.Errorf("%.2f %% of the events are the connector's, want %.1f", r.Percent(), s.Least)
			}
		})
	}
}
