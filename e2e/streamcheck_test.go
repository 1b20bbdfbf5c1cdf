package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// stream checks what a consumer reads of one database's topics and of the transaction topic: each row event once, in the order of the
// log for each table, each transaction whole. Changes of a table are carried out as they come, and each has to fit what is there:
// an event that comes twice or never does not.
type stream struct {
	keys         map[string][]string // of each table
	tables       map[string]map[string]map[string]string
	last         map[string]place
	transactions map[string]*streamed
	order        []string // ids in the order of their BEGIN
	events       int
	wrong        []string
}

// place is where an event stands in the log.
type place struct{ position, order uint64 }

// streamed is what was read of one transaction.
type streamed struct {
	begun, ended int
	position     uint64
	orders       []uint64            // total_order of each row event
	tables       map[string][]uint64 // data_collection_order of each, by table
	count        uint64              // event_count, as END tells
	counts       map[string]uint64   // of each table, as END tells
}

// mostWrong is how much that is wrong is told.
const mostWrong = 20

func newStream(keys map[string][]string) *stream {
	s := &stream{keys: keys, tables: map[string]map[string]map[string]string{}, last: map[string]place{}, transactions: map[string]*streamed{}}
	for table := range keys {
		s.tables[table] = map[string]map[string]string{}
	}
	return s
}

func (s *stream) errorf(format string, args ...any) {
	if len(s.wrong) < mostWrong {
		s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
	}
}

func (s *stream) transaction(id string) *streamed {
	x := s.transactions[id]
	if x == nil {
		x = &streamed{tables: map[string][]uint64{}, counts: map[string]uint64{}}
		s.transactions[id] = x
	}
	return x
}

// payload returns the value of a record without its schema.
func payload(value []byte, into any) error {
	var with struct{ Payload json.RawMessage }
	if err := json.Unmarshal(value, &with); err != nil {
		return err
	}
	if with.Payload != nil {
		value = with.Payload
	}
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber() // the digits of large numbers
	return d.Decode(into)
}

// row takes a record of a table's topic.
func (s *stream) row(table string, value []byte) {
	if value == nil {
		return // the tombstone behind a delete
	}
	var e struct {
		Op            string
		Before, After map[string]any
		Source        struct {
			Position uint64 `json:"pos"`
			Snapshot any
		}
		Transaction *struct {
			ID    string
			Order uint64 `json:"total_order"`
			Own   uint64 `json:"data_collection_order"`
		}
	}
	if err := payload(value, &e); err != nil {
		s.errorf("%s: %v in %s", table, err, value)
		return
	}
	if e.Transaction == nil {
		s.errorf("%s: an event of no transaction: %s", table, value)
		return
	}
	s.events++
	now, before := place{e.Source.Position, e.Transaction.Order}, s.last[table]
	if now.position < before.position || now.position == before.position && now.order <= before.order {
		s.errorf("%s: event %d of position %d follows event %d of position %d", table, now.order, now.position, before.order, before.position)
	}
	s.last[table] = now
	x := s.transaction(e.Transaction.ID)
	x.orders = append(x.orders, e.Transaction.Order)
	x.tables[table] = append(x.tables[table], e.Transaction.Own)
	if x.position != 0 && x.position != now.position {
		s.errorf("%s: transaction %s has events of positions %d and %d", table, e.Transaction.ID, x.position, now.position)
	}
	x.position = now.position
	s.carryOut(table, e.Op, image(e.Before), image(e.After), now)
}

// image is a row as text, without the columns that the load adds and drops.
func image(row map[string]any) map[string]string {
	if row == nil {
		return nil
	}
	text := map[string]string{}
	for name, v := range row {
		if !strings.HasPrefix(name, "by_") {
			text[name] = fmt.Sprint(v)
		}
	}
	return text
}

func (s *stream) key(table string, row map[string]string) string {
	var list []string
	for _, name := range s.keys[table] {
		list = append(list, row[name])
	}
	return strings.Join(list, "/")
}

// carryOut changes the table as an event says, which has to fit.
func (s *stream) carryOut(table, op string, before, after map[string]string, at place) {
	rows := s.tables[table]
	if op != "c" {
		key := s.key(table, before)
		if there := rows[key]; !maps.Equal(there, before) {
			s.errorf("%s: %s at position %d of a row that was %v and is %v", table, op, at.position, before, there)
		}
		delete(rows, key)
	}
	switch op {
	case "c", "u":
		key := s.key(table, after)
		if there := rows[key]; there != nil {
			s.errorf("%s: %s at position %d of %v, which is there already", table, op, at.position, after)
		}
		rows[key] = after
	case "d":
	default:
		s.errorf("%s: an event of kind %q", table, op)
	}
}

// boundary takes a record of the transaction topic.
func (s *stream) boundary(database string, value []byte) {
	var e struct {
		Status      string
		ID          string
		Count       uint64 `json:"event_count"`
		Collections []struct {
			Name  string `json:"data_collection"`
			Count uint64 `json:"event_count"`
		} `json:"data_collections"`
	}
	if err := payload(value, &e); err != nil {
		s.errorf("transaction topic: %v in %s", err, value)
		return
	}
	x := s.transaction(e.ID)
	switch e.Status {
	case "BEGIN":
		if x.begun++; x.ended > 0 {
			s.errorf("BEGIN of %s follows its END", e.ID)
		}
		s.order = append(s.order, e.ID)
	case "END":
		if x.ended++; x.begun == 0 {
			s.errorf("END of %s without BEGIN", e.ID)
		}
		x.count = e.Count
		for _, c := range e.Collections {
			x.counts[strings.TrimPrefix(c.Name, database+".")] = c.Count
		}
	default:
		s.errorf("transaction topic: status %q", e.Status)
	}
}

// conclude looks at the transactions as a whole, when all has been read.
func (s *stream) conclude() {
	for id, x := range s.transactions {
		if x.begun != 1 || x.ended != 1 {
			s.errorf("transaction %s has %d BEGIN and %d END", id, x.begun, x.ended)
		}
		if uint64(len(x.orders)) != x.count {
			s.errorf("transaction %s: event_count is %d, %d events were read", id, x.count, len(x.orders))
		}
		s.numbered(id+", total_order", x.orders)
		for table, list := range x.tables {
			s.numbered(id+", data_collection_order of "+table, list)
			if x.counts[table] != uint64(len(list)) {
				s.errorf("transaction %s: %d events of %s are announced, %d were read", id, x.counts[table], table, len(list))
			}
		}
		if len(x.counts) != len(x.tables) {
			s.errorf("transaction %s: tables %v are announced, %d were read", id, slices.Sorted(maps.Keys(x.counts)), len(x.tables))
		}
	}
	var last uint64
	for _, id := range s.order {
		if p := s.transactions[id].position; p != 0 && p <= last {
			s.errorf("BEGIN of %s, position %d, follows that of position %d", id, p, last)
		} else if p != 0 {
			last = p
		}
	}
}

// numbered has 1, 2, 3, … in any order.
func (s *stream) numbered(what string, list []uint64) {
	sorted := slices.Sorted(slices.Values(list))
	for i, n := range sorted {
		if n != uint64(i+1) {
			s.errorf("%s: %v, want 1 to %d", what, sorted, len(sorted))
			return
		}
	}
}

// A check that cannot fail shows nothing: each of these streams has one fault.
func TestFaultsOfAStreamAreSeen(t *testing.T) {
	event := func(op string, position, order, own int, before, after string) []byte {
		return fmt.Appendf(nil, `{"op":%q,"before":%s,"after":%s,"source":{"pos":%d},"transaction":{"id":"x:%d","total_order":%d,"data_collection_order":%d}}`,
			op, before, after, position, position, order, own)
	}
	begin := func(position int) []byte { return fmt.Appendf(nil, `{"status":"BEGIN","id":"x:%d"}`, position) }
	end := func(position, n int) []byte {
		return fmt.Appendf(nil, `{"payload":{"status":"END","id":"x:%d","event_count":%d,"data_collections":[{"data_collection":"bank.t","event_count":%d}]}}`, position, n, n)
	}
	one := event("c", 1, 1, 1, "null", `{"id":1,"n":1}`)
	two := event("u", 2, 1, 1, `{"id":1,"n":1}`, `{"id":1,"n":2,"by_1":7}`)
	three := event("d", 2, 2, 2, `{"id":1,"n":2}`, "null")
	ends := [][]byte{begin(1), end(1, 1), begin(2), end(2, 2)}
	for _, c := range []struct {
		name       string
		rows, ends [][]byte
		want       string // in what is wrong
	}{
		{"whole", [][]byte{one, two, nil, three}, ends, ""},
		{"an event twice", [][]byte{one, two, two, three}, ends, "follows event"},
		{"an event lost", [][]byte{one, three}, ends, "of a row that was"},
		{"the last event lost", [][]byte{one, two}, ends, "event_count is 2, 1 events"},
		{"the wrong order", [][]byte{two, one, three}, ends, "follows event"},
		{"a transaction that did not commit", [][]byte{one, two, three, event("c", 3, 1, 1, "null", `{"id":9,"n":1}`)}, ends, "has 0 BEGIN"},
		{"BEGIN twice", [][]byte{one, two, three}, append([][]byte{begin(1)}, ends...), "has 2 BEGIN"},
		{"END lost", [][]byte{one, two, three}, ends[:3], "0 END"},
		{"transactions in the wrong order", [][]byte{one, two, three}, [][]byte{begin(2), end(2, 2), begin(1), end(1, 1)}, "follows that of position"},
	} {
		s := newStream(map[string][]string{"t": {"id"}})
		for _, r := range c.rows {
			s.row("t", r)
		}
		for _, e := range c.ends {
			s.boundary("bank", e)
		}
		s.conclude()
		got := strings.Join(s.wrong, "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
