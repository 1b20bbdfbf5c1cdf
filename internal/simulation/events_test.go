package simulation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"marmot/applier"
	"marmot/debezium"
	"marmot/txn"
)

// replica is what a plain reader of the Debezium topics makes of them: rows by key, or, where a table has
// no key, a heap of rows.
type replica struct {
	topics map[string]*topic
	last   float64 // source.pos
	events map[string]int
	faults []string
}

// converted is the topic of a table whose ALTERs change what rows hold: of that no row event tells, as in MySQL, so that its
// rows cannot be rebuilt from a topic alone.
const converted = "sim.b.morph"

// topic holds the rows of one table, as JSON objects, newest first where no key tells them apart.
type topic struct {
	rows  map[string]map[string]any
	heap  []map[string]any
	keyed bool
}

// emission follows the log as a consumer of the topics does. Which node emits changes; events and progress go together, as in one
// transaction of Kafka's.
type emission struct {
	mu      sync.Mutex
	at      txn.Position
	replica *replica
}

func newEmission() *emission {
	return &emission{replica: &replica{topics: map[string]*topic{}, events: map[string]int{}}}
}

// position is up to where events have been emitted.
func (e *emission) position() txn.Position {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.at
}

// follow lets the node emit what it has applied.
func (e *emission) follow(ctx context.Context, w *world, r *run) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	last := r.applier.Applied()
	if err := w.saved(ctx, r.applier, last); err != nil {
		return err
	}
	encoder, err := debezium.NewEncoder(debezium.Options{TopicPrefix: "sim", Tombstones: true, TransactionMetadata: true, SchemaChanges: true,
		Decimal: debezium.DecimalString, ClusterUUID: w.genesis.Cluster.String()}, debezium.JSONFormat(debezium.JSONOptions{}), r.store.History(), w.now)
	if err != nil {
		return err
	}
	feed := r.applier.Feed(e.at)
	for e.at < last {
		committed, err := feed.Next(ctx)
		if err != nil {
			return fmt.Errorf("feed after %s: %w", e.at, err)
		}
		var records []debezium.Record
		keep := func(record debezium.Record) error {
			record.Key, record.Value = bytes.Clone(record.Key), bytes.Clone(record.Value)
			records = append(records, record)
			return nil
		}
		if err := encoder.Encode(ctx, encodable(ctx, feed, committed), 0, keep, func(uint64) error { return nil }); err != nil {
			return fmt.Errorf("events at %s: %w", committed.Position, err)
		}
		e.at = committed.Position
		for _, record := range records {
			if err := e.replica.take(record); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkEvents checks "Debezium topics replayed from the start rebuild each table exactly; each committed row event appears
// once, in order". The node that emits is another one each time.
func (w *world) checkEvents(c *connection) error {
	ctx, cancel := context.WithTimeout(c.run.ctx, time.Minute)
	defer cancel()
	if err := w.emission.follow(ctx, w, c.run); err != nil {
		w.broken(exactEvents, "node %s: %v", w.nameOf(c), err)
		return nil
	}
	replica := w.emission.replica
	for _, fault := range replica.faults[:min(len(replica.faults), 10)] {
		w.broken(exactEvents, "events of %s: %s", w.nameOf(c), fault)
	}
	replica.faults = nil
	w.compareReplica(c, replica)
	return nil
}

// encodable is a committed record as the emitter gets it.
func encodable(ctx context.Context, feed *applier.Feed, c *applier.Committed) *debezium.Committed {
	out := &debezium.Committed{Position: c.Position, TimeUS: c.TimeUS, DDL: c.Body}
	if c.Transaction != nil {
		out.ConnectionID, out.Statements = c.Transaction.ConnectionID, c.Transaction.Statements
	}
	out.Events = func(each func(*txn.RowEvent) error) error {
		if c.Transaction == nil && c.DDL == nil {
			return nil
		}
		return feed.Events(ctx, c, each)
	}
	return out
}

func (r *replica) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, args...))
}

// envelope is the value of any record on the topics that are read.
type envelope struct {
	Before, After map[string]any
	Op            string
	Source        struct{ Pos float64 }
	TableChanges  []struct{ Type, ID string }
	Transaction   struct{ ID string }
	Status        string
	EventCount    int `json:"event_count"`
	DatabaseName  string
	DDL           string
	ID            string
}

func (r *replica) take(record debezium.Record) error {
	if record.Value == nil {
		return nil // a tombstone; the delete came before it
	}
	var e envelope
	decoder := json.NewDecoder(bytes.NewReader(record.Value))
	decoder.UseNumber()
	if err := decoder.Decode(&e); err != nil {
		return fmt.Errorf("%s: %w in %s", record.Topic, err, record.Value)
	}
	switch record.Topic {
	case "sim":
		if pair, renames := strings.CutPrefix(e.DDL, "RENAME TABLE "); renames {
			from, to, _ := strings.Cut(pair, " TO ")
			r.topics["sim."+to] = r.topics["sim."+from]
			delete(r.topics, "sim."+from)
		}
		for _, change := range e.TableChanges {
			if change.Type == "DROP" {
				delete(r.topics, "sim."+strings.ReplaceAll(change.ID, `"`, ""))
			}
		}
		if strings.HasPrefix(e.DDL, "DROP DATABASE") { // says nothing of the tables
			maps.DeleteFunc(r.topics, func(name string, _ *topic) bool { return strings.HasPrefix(name, "sim."+e.DatabaseName+".") })
		}
		return nil
	case "sim.transaction":
		if e.Status == "END" && r.events[e.ID] != e.EventCount {
			r.fault("transaction %s announces %d events, %d came", e.ID, e.EventCount, r.events[e.ID])
		}
		return nil
	}
	r.events[e.Transaction.ID]++
	if e.Source.Pos < r.last {
		r.fault("%s at %v comes after %v", record.Topic, e.Source.Pos, r.last)
	}
	r.last = e.Source.Pos
	t := r.topics[record.Topic]
	if t == nil {
		t = &topic{rows: map[string]map[string]any{}}
		r.topics[record.Topic] = t
	}
	if record.Topic == converted || slices.Contains(exchanged, record.Topic) {
		return nil
	}
	if fault := t.take(string(record.Key), record.Key != nil, &e); fault != "" {
		r.fault("%s at %v: %s", record.Topic, e.Source.Pos, fault)
	}
	return nil
}

func (t *topic) take(key string, keyed bool, e *envelope) (fault string) {
	switch {
	case e.Op == "t":
		t.rows, t.heap = map[string]map[string]any{}, nil
		return ""
	case !keyed:
		return t.takeUnkeyed(e)
	}
	t.keyed = true
	present := t.rows[key]
	switch {
	case e.Op == "c" && present != nil:
		fault = fmt.Sprintf("insert of %s, which is there", key)
	case e.Op != "c" && !agree(present, e.Before):
		fault = fmt.Sprintf("%s of %v, there is %v", e.Op, e.Before, present)
	}
	delete(t.rows, key)
	if e.After != nil {
		t.rows[key] = e.After
	}
	return fault
}

func (t *topic) takeUnkeyed(e *envelope) (fault string) {
	if e.Before != nil {
		i := slices.IndexFunc(t.heap, func(row map[string]any) bool { return agree(row, e.Before) })
		if i < 0 {
			return fmt.Sprintf("%s of %v, which is not there", e.Op, e.Before)
		}
		t.heap = slices.Delete(t.heap, i, i+1)
	}
	if e.After != nil {
		t.heap = append(t.heap, e.After)
	}
	return ""
}

// agree reports whether a row and a later image of it are the same, columns that have come or gone aside.
func agree(row, image map[string]any) bool {
	if row == nil || image == nil {
		return false
	}
	for name, value := range row {
		if now, known := image[name]; known && text(now) != text(value) {
			return false
		}
	}
	return true
}

func text(v any) string {
	if v == nil {
		return null
	}
	return fmt.Sprint(v)
}

// compareReplica compares what was made of the topics with the tables of a node.
func (w *world) compareReplica(c *connection, r *replica) {
	names := map[string]bool{}
	for _, d := range c.run.store.Catalog().Databases {
		for _, t := range d.Tables {
			name := "sim." + d.Name + "." + t.Name
			names[name] = true
			if name == converted || slices.Contains(exchanged, name) {
				continue
			}
			var defaults []string
			var columns []string
			for i := range t.Columns {
				columns = append(columns, t.Columns[i].Name)
				value := null
				if def := t.Columns[i].Default; def != nil && !def.Literal.IsNull() {
					value = plain(def.Literal)
				}
				defaults = append(defaults, value)
			}
			var want []string
			for _, row := range c.rows("SELECT * FROM %s.%s", d.Name, t.Name) {
				want = append(want, strings.Join(row, " | "))
			}
			got := r.topics[name].lines(columns, defaults)
			slices.Sort(want)
			if slices.Sort(got); !slices.Equal(got, want) {
				w.broken(exactEvents, "node %s: the topic of %s gives\n%s\nthe table holds\n%s", w.nameOf(c), name, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
	for name := range maps.Keys(r.topics) {
		if !names[name] {
			w.broken(exactEvents, "topic %s is of no table", name)
		}
	}
}

// lines writes the rows; columns that a row was written without have their default.
func (t *topic) lines(columns, defaults []string) (lines []string) {
	if t == nil {
		return nil
	}
	for _, row := range append(slices.Collect(maps.Values(t.rows)), t.heap...) {
		words := make([]string, len(columns))
		for i, name := range columns {
			words[i] = defaults[i]
			if value, known := row[name]; known {
				words[i] = text(value)
			}
		}
		lines = append(lines, strings.Join(words, " | "))
	}
	return lines
}
