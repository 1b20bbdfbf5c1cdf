package debezium

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// growingFeed gives records of a list that statements of the emitter add to.
type growingFeed struct {
	list *[]*Committed
	next int
}

// Next implements Feed.
func (f *growingFeed) Next(ctx context.Context) (*Committed, error) {
	if f.next == len(*f.list) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	f.next++
	return (*f.list)[f.next-1], nil
}

func signalRow(p txn.Position, table txn.TableID, id, kind, data string) *Committed {
	c := commitOf(p, txn.RowEvent{Table: table, Version: 1, Op: txn.Insert, After: []txn.Value{txn.TextString(id), txn.TextString(kind), txn.TextString(data)}})
	c.Writes = []TableRef{{table, 1}}
	return c
}

func logSignal(p txn.Position, id, kind, data string) *Committed {
	return &Committed{Position: p, Signal: &txn.EmissionSignal{Emission: "main", ID: id, Type: kind, Data: data}, Events: func(func(*txn.RowEvent) error) error { return nil }}
}

// incrementalRun emits a log that the emitter's own statements grow, until done.
func incrementalRun(t *testing.T, s *shop, o Options, log []*Committed, changed func(sql string, log *[]*Committed), done func([]string) bool) *collector {
	t.Helper()
	return incrementalRunOf(t, s, o, log, changed, done, func(*Emitter) {})
}

// incrementalRunOf is incrementalRun with an emitter that is prepared.
func incrementalRunOf(t *testing.T, s *shop, o Options, log []*Committed, changed func(sql string, log *[]*Committed), done func([]string) bool, prepare func(*Emitter)) *collector {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := &collector{t: t, done: done, cancel: cancel, progress: Progress{Position: 100, State: StreamingState}}
	feed := func(after txn.Position) Feed {
		f := &growingFeed{list: &log}
		for f.next < len(log) && log[f.next].Position <= after {
			f.next++
		}
		return f
	}
	s.run = func(sql string) {
		signal := s.catalog.Databases["shop"].Tables["signal"]
		if signal == nil {
			changed(sql, &log)
			return
		}
		at := log[len(log)-1].Position + 1
		s.position = at
		parts := strings.Split(sql, "'")
		if strings.HasPrefix(sql, "INSERT") {
			log = append(log, signalRow(at, signal.ID, parts[1], parts[3], parts[5]))
		} else {
			d := commitOf(at, txn.RowEvent{Table: signal.ID, Version: 1, Op: txn.Delete, Before: []txn.Value{txn.TextString(parts[1]), txn.TextString("snapshot-window-open"), txn.Null()}})
			d.Writes = []TableRef{{signal.ID, 1}}
			log = append(log, d)
		}
		if changed != nil {
			changed(sql, &log)
		}
	}
	m := NewEmitter(newPlainEncoder(t, o, s.history()), feed, c, Events{})
	prepare(m)
	n := 0
	m.Use(Sources{Tables: s, Emission: "main", NewID: func() (string, error) {
		n++
		return fmt.Sprintf("id%d", n), nil
	}})
	if err := m.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v after %d records: %q", err, len(c.stored), c.stored[max(0, len(c.stored)-20):])
	}
	return c
}

func incrementalOptions() Options {
	o := shopOptions()
	o.Snapshot.ChunkSize, o.Notifications.Topic = 2, "n"
	return o
}

func count(text string, times int) func([]string) bool {
	return func(stored []string) bool {
		n := 0
		for _, s := range stored {
			if strings.HasPrefix(s, text) {
				n++
			}
		}
		return n >= times
	}
}

// TestAnIncrementalSnapshotWithoutASignallingTable is one that CALL marmot.signal asks for.
func TestAnIncrementalSnapshotWithoutASignallingTable(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1, 2, 3}, "b": {}, "nokey": {1}})
	s.position = 101
	log := []*Committed{logSignal(101, "s1", "execute-snapshot", `{"data-collections":["shop\\.(a|b)","shop.nokey","shop.none"]}`)}
	c := incrementalRun(t, s, incrementalOptions(), log, nil, ends("COMPLETED"))
	want := []string{"SKIPPED", "STARTED", "TABLE_SCAN_COMPLETED shop.b 0 EMPTY", // an expression's tables in the order of Java's HashSet
		"IN_PROGRESS shop.a 3 2", "a 1 incremental", "a 2 incremental", "IN_PROGRESS shop.a 3 3", "a 3 incremental", "TABLE_SCAN_COMPLETED shop.a 3 SUCCEEDED", "TABLE_SCAN_COMPLETED shop.nokey 0 NO_PRIMARY_KEY", "TABLE_SCAN_COMPLETED shop.none 0 UNKNOWN_SCHEMA", "COMPLETED"}
	if !slices.Equal(c.stored, want) {
		t.Errorf("got  %q\nwant %q", c.stored, want)
	}
	if len(s.ran) > 0 {
		t.Errorf("statements were run: %q", s.ran)
	}
}

// TestTheWindowsOfAnIncrementalSnapshot: rows that are overtaken between open and close do not come again, the others come before the row
// that closes the window, and one empty window ends the run.
func TestTheWindowsOfAnIncrementalSnapshot(t *testing.T) {
	for _, deleting := range []bool{false, true} {
		s := newShop(map[string][]int64{"a": {1, 2, 3}, "signal": nil})
		o := incrementalOptions()
		o.Signals = Signals{Table: "shop.signal", Source: true}
		o.Snapshot.DeleteWindow = deleting
		a, signal := s.catalog.Databases["shop"].Tables["a"].ID, s.catalog.Databases["shop"].Tables["signal"].ID
		first := true
		log := []*Committed{signalRow(101, signal, "s1", "execute-snapshot", `{"data-collections":["shop.a"]}`)}
		c := incrementalRun(t, s, o, log, func(sql string, log *[]*Committed) {
			if first { // between open and close, behind the view: row 1 changes
				first = false
				view := s.position
				at := view + 1
				u := commitOf(at, txn.RowEvent{Table: a, Version: 1, Op: txn.Update, Before: []txn.Value{txn.Int(1), txn.Int(10)}, After: []txn.Value{txn.Int(1), txn.Int(11)}})
				u.Writes = []TableRef{{a, 1}}
				*log = append(*log, u)
			}
		}, func(stored []string) bool {
			return slices.Contains(stored, "COMPLETED") && stored[len(stored)-1][:6] == "signal" && strings.HasPrefix(stored[len(stored)-2], "signal")
		})
		last := "signal c id4-close"
		open, closed := "signal c id2-open", "signal c id2-close"
		if deleting {
			closed = "signal d <nil>"
			last = closed
		}
		rows := slices.DeleteFunc(slices.Clone(c.stored), func(r string) bool {
			return !strings.HasPrefix(r, "a ") && r != open && r != closed && r != last
		})
		want := []string{open, "a u 1", "a 2 incremental", closed, "a 3 incremental"}
		if len(rows) < len(want) || !slices.Equal(rows[:len(want)], want) {
			t.Errorf("deleting %v: got %q, want %q first", deleting, rows, want)
		}
		if opened := count("signal c id", 0); !opened(c.stored) {
			t.Errorf("%q", c.stored)
		}
	}
}

// TestWhatOvertakesARow: changes from the row that opens the window on, and before it those that the reading has not seen.
func TestWhatOvertakesARow(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1, 2, 3, 4}, "signal": nil})
	o := incrementalOptions()
	o.Signals = Signals{Table: "shop.signal", Source: true}
	o.Snapshot.ChunkSize = 4
	a, signal := s.catalog.Databases["shop"].Tables["a"].ID, s.catalog.Databases["shop"].Tables["signal"].ID
	change := func(p txn.Position, id int64) *Committed {
		u := commitOf(p, txn.RowEvent{Table: a, Version: 1, Op: txn.Update, Before: []txn.Value{txn.Int(id), txn.Int(0)}, After: []txn.Value{txn.Int(id), txn.Int(1)}})
		u.Writes = []TableRef{{a, 1}}
		return u
	}
	log := []*Committed{signalRow(101, signal, "s1", "execute-snapshot", `{"data-collections":["shop.a"]}`)}
	first := true
	c := incrementalRun(t, s, o, log, func(sql string, log *[]*Committed) {
		if !first {
			return
		}
		first = false
		open := (*log)[len(*log)-1]
		at := open.Position
		open.Position = at + 2
		(*log)[len(*log)-1] = change(at, 1)                         // before the window opens, and the view has it
		*log = append(*log, change(at+1, 2), open, change(at+3, 3)) // the view has nothing behind at
		s.position = at
	}, count("signal c id2-close", 1))
	rows := slices.DeleteFunc(slices.Clone(c.stored), func(r string) bool { return !strings.HasPrefix(r, "a ") })
	if want := []string{"a u 1", "a u 2", "a u 3", "a 1 incremental", "a 4 incremental"}; !slices.Equal(rows, want) {
		t.Errorf("got %q, want %q", rows, want)
	}
}

// TestAnOpenWindowIsReadAgainAfterADDL: what was read before it would have an older form than what is streamed.
func TestAnOpenWindowIsReadAgainAfterADDL(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1, 2}, "signal": nil})
	o := incrementalOptions()
	o.Signals = Signals{Table: "shop.signal", Source: true}
	signal := s.catalog.Databases["shop"].Tables["signal"].ID
	log := []*Committed{signalRow(101, signal, "s1", "execute-snapshot", `{"data-collections":["shop.a"]}`)}
	opened := false
	c := incrementalRun(t, s, o, log, func(_ string, log *[]*Committed) {
		if !opened {
			opened = true
			*log = append(*log, shopDDL(t, (*log)[len(*log)-1].Position+1, s.catalog.Databases["shop"].Tables["a"]))
		}
	}, count("signal c id4-close", 1))
	got := slices.DeleteFunc(slices.Clone(c.stored), func(r string) bool {
		return !strings.HasPrefix(r, "a ") && !strings.HasPrefix(r, "signal c id") && !strings.HasPrefix(r, "IN_PROGRESS")
	})
	want := []string{"IN_PROGRESS shop.a 2 2", "signal c id2-open", "IN_PROGRESS shop.a 2 2", "signal c id2-close", "signal c id3-open", "a 1 incremental", "a 2 incremental", "signal c id3-close"}
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// shopDDL is a statement that changes a table.
func shopDDL(t *testing.T, p txn.Position, def *schemas.Table) *Committed {
	t.Helper()
	b, err := schemas.EncodeTable(def)
	if err != nil {
		t.Fatal(err)
	}
	c := commitOf(p)
	c.DDL = &txn.DDLBody{Text: "ALTER", Database: "shop", Changes: []txn.DefinitionChange{{Kind: txn.ObjectTable, Op: txn.Update, ID: uint64(def.ID), Database: def.Database, Name: def.Name, Definition: b}}}
	return c
}

// TestReadOnlyChunksWaitForTransactions: their rows go out where the next transaction begins, and one chunk after the other where it ends.
func TestReadOnlyChunksWaitForTransactions(t *testing.T) {
	rows := map[string][]int64{"a": {1, 2, 3, 4, 5}, "b": {1}}
	o := incrementalOptions()
	o.Snapshot.ReadOnly = true
	for name, c := range map[string]struct {
		log  func(s *shop) []*Committed
		at   txn.Position // of the tables when the signal comes
		want []string
	}{
		"a transaction": {func(*shop) []*Committed { return []*Committed{insertInto(102, 2, 102)} }, 101,
			[]string{"a 1 incremental", "a 2 incremental", "b c 102", "a 3 incremental", "a 4 incremental", "a 5 incremental"}},
		"one that the tables have": {func(*shop) []*Committed { return []*Committed{insertInto(102, 2, 102), insertInto(103, 2, 103)} }, 103,
			[]string{"b c 102", "b c 103", "a 1 incremental", "a 2 incremental", "a 3 incremental", "a 4 incremental", "a 5 incremental"}},
		"a statement on the table": {func(s *shop) []*Committed {
			return []*Committed{shopDDL(t, 102, s.catalog.Databases["shop"].Tables["a"]), insertInto(103, 2, 103)}
		}, 101, []string{"a 1 incremental", "a 2 incremental", "ALTER", "a 3 incremental", "a 4 incremental", "b c 103", "a 5 incremental"}},
		"nothing": {func(*shop) []*Committed { return nil }, 101,
			[]string{"a 1 incremental", "a 2 incremental", "a 3 incremental", "a 4 incremental", "a 5 incremental"}},
	} {
		s := newShop(rows)
		s.position = c.at
		log := append([]*Committed{logSignal(101, "s1", "execute-snapshot", `{"data-collections":["shop.a"]}`)}, c.log(s)...)
		last := false
		got := incrementalRunOf(t, s, o, log, nil, func(stored []string) bool {
			last = last || slices.Contains(stored, "COMPLETED")
			return last
		}, func(m *Emitter) {
			if m.encoder.options.SchemaChanges = true; len(log) == 1 {
				m.patient = 20 * time.Millisecond
			}
		})
		list := slices.DeleteFunc(slices.Clone(got.stored), func(r string) bool { return !strings.HasPrefix(r, "a ") && !strings.HasPrefix(r, "b ") && r != "ALTER" })
		if !slices.Equal(list, c.want) {
			t.Errorf("%s: got %q, want %q", name, list, c.want)
		}
	}
}

// TestReadOnlyChunksOfAStartGoOutAtOnce: before anything is streamed, as at the connector's start.
func TestReadOnlyChunksOfAStartGoOutAtOnce(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1, 2, 3}, "b": {}})
	s.position = 101
	o := incrementalOptions()
	o.Snapshot.ReadOnly = true
	state := emissionState{Format: stateFormat, Begun: true, Incremental: &incremental{ID: "s1", Tables: []wantedTable{{Name: "shop.a"}}}}
	text, err := state.encode()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c := &collector{t: t, done: ends("b c 101"), cancel: cancel, progress: Progress{Position: 100, State: text}}
	m := NewEmitter(newPlainEncoder(t, o, s.history()), openFrom([]*Committed{insertInto(101, 2, 101)}), c, Events{})
	m.Use(Sources{Tables: s, Emission: "main", NewID: func() (string, error) { return "id", nil }})
	if err := m.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v after %q", err, c.stored)
	}
	list := slices.DeleteFunc(slices.Clone(c.stored), func(r string) bool { return !strings.HasPrefix(r, "a ") && !strings.HasPrefix(r, "b ") })
	if want := []string{"a 1 incremental", "a 2 incremental", "a 3 incremental", "b c 101"}; !slices.Equal(list, want) {
		t.Errorf("got %q, want %q", list, want)
	}
}

// TestABlockingSnapshotTellsWhatWasTold: the definitions that the run's snapshots have shown before, and what is new.
func TestABlockingSnapshotTellsWhatWasTold(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1}, "b": {1}})
	s.position = 100
	o := shopOptions()
	o.SchemaChanges = true
	a := s.catalog.Databases["shop"].Tables["a"]
	signal := func(p txn.Position) *Committed {
		return logSignal(p, "s", "execute-snapshot", `{"data-collections":["shop.a"],"type":"blocking"}`)
	}
	log := []*Committed{signal(101), shopDDL(t, 102, a), signal(103), insertInto(104, 1, 104)}
	s.text = func(t *schemas.Table) string { return fmt.Sprintf("CREATE TABLE %s version %s", t.Name, t.Version) }
	c := snapshotRun(t, s, o, log, nil, func(stored []string) bool {
		if slices.Contains(stored, "ALTER") { // the node's tables have it by now
			changed := *a
			changed.Version = 102
			s.catalog.Databases["shop"].Tables["a"] = &changed
		}
		return slices.Contains(stored, "a c 104")
	})
	list := slices.DeleteFunc(slices.Clone(c.stored), func(r string) bool { return !strings.Contains(r, "TABLE a") && !strings.HasSuffix(r, "`a`") })
	drop, first, second := "DROP TABLE IF EXISTS `shop`.`a`", "CREATE TABLE a version 1", "CREATE TABLE a version 102"
	if want := []string{drop, first, drop, first, drop, first, second}; !slices.Equal(list, want) {
		t.Errorf("got  %q\nwant %q", list, want)
	}
}

// TestSignalsThatPauseResumeAndStop, and those that mean nothing.
func TestSignalsThatPauseResumeAndStop(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1, 2, 3, 4, 5}, "b": {1}, "c": {1}})
	s.position = 101
	log := []*Committed{
		logSignal(101, "s1", "execute-snapshot", `{"data-collections":["shop.a","shop.b","shop.c"]}`),
		logSignal(102, "p", "pause-snapshot", `{"type":"incremental"}`),
		logSignal(103, "x", "no-such-signal", `{}`),
		logSignal(104, "y", "execute-snapshot", `not json`),
		logSignal(105, "z", "stop-snapshot", `{"data-collections":["shop.b"],"type":"incremental"}`),
		logSignal(106, "r", "resume-snapshot", `{}`),
	}
	c := incrementalRun(t, s, incrementalOptions(), log, nil, ends("COMPLETED"))
	got := slices.DeleteFunc(slices.Clone(c.stored), func(r string) bool { return strings.HasPrefix(r, "IN_PROGRESS") })
	want := []string{"SKIPPED", "STARTED", "a 1 incremental", "a 2 incremental", "a 3 incremental", "a 4 incremental", "PAUSED shop.a,shop.b,shop.c", "RESUMED", "ABORTED shop.b", "a 5 incremental", "TABLE_SCAN_COMPLETED shop.a 5 SUCCEEDED", "c 1 incremental", "TABLE_SCAN_COMPLETED shop.c 1 SUCCEEDED", "COMPLETED"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}

	log = []*Committed{
		logSignal(101, "s1", "execute-snapshot", `{"data-collections":["shop.a"]}`),
		logSignal(102, "z", "stop-snapshot", `{"type":"incremental"}`),
		logSignal(103, "s2", "execute-snapshot", `{"data-collections":["shop.b"]}`),
	}
	s = newShop(map[string][]int64{"a": {1, 2, 3, 4, 5}, "b": {1}})
	s.position = 101
	c = incrementalRun(t, s, incrementalOptions(), log, nil, ends("COMPLETED"))
	if !slices.Contains(c.stored, "ABORTED shop.a") || slices.Contains(c.stored, "a 5 incremental") || !slices.Contains(c.stored, "b 1 incremental") {
		t.Errorf("after a stop: %q", c.stored)
	}
}

func TestABlockingSnapshot(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1, 2}, "b": {7}})
	s.position = 101
	o := incrementalOptions()
	o.SchemaChanges = true
	log := []*Committed{logSignal(101, "s1", "execute-snapshot", `{"data-collections":["shop.b","shop.a"],"type":"BLOCKING"}`), insertInto(102, 1, 102)}
	c := incrementalRun(t, s, o, log, nil, ends("a c 102"))
	want := []string{"SKIPPED", "STARTED", "DROP TABLE IF EXISTS `shop`.`a`", "DROP TABLE IF EXISTS `shop`.`b`", "CREATE TABLE a", "CREATE TABLE b",
		"IN_PROGRESS shop.a", "a 1 first", "a 2 last_in_data_collection", "TABLE_SCAN_COMPLETED shop.a 2 SUCCEEDED", "IN_PROGRESS shop.b", "b 7 last", "TABLE_SCAN_COMPLETED shop.b 1 SUCCEEDED", "COMPLETED", "a c 102"}
	if !slices.Equal(c.stored, want) {
		t.Errorf("got  %q\nwant %q", c.stored, want)
	}
}

func TestSignalsOfOtherEmissionsAreLeftAlone(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1}})
	other := logSignal(101, "s1", "execute-snapshot", `{"data-collections":["shop.a"]}`)
	other.Signal.Emission = "other"
	c := incrementalRun(t, s, incrementalOptions(), []*Committed{other, insertInto(102, 1, 102)}, nil, ends("a c 102"))
	if !slices.Equal(c.stored, []string{"SKIPPED", "a c 102"}) {
		t.Errorf("%q", c.stored)
	}
}

// failing is a publisher with a replay that keeps nothing: one of its answers is an error, with nothing stored.
type failing struct {
	*collector
	fails int // the publication that fails, from 0
}

// Publish implements Publisher.
func (f *failing) Publish(ctx context.Context, batch []Record, p Progress) error {
	f.fails--
	if f.fails == -1 {
		return errors.New("not stored")
	}
	return f.collector.Publish(ctx, batch, p)
}

// Kept implements Replayer.
func (*failing) Kept() (Progress, bool) { return Progress{}, false }

// PublishKept implements Replayer.
func (*failing) PublishKept(context.Context) (Progress, error) {
	return Progress{}, errors.New("nothing is kept")
}

// Seen implements Replayer.
func (*failing) Seen() txn.Position { return 0 }

// TestASignalOutlivesItsEmitter: whatever publication fails, and with it all that the emitter had in memory, a signal is heeded.
func TestASignalOutlivesItsEmitter(t *testing.T) {
	for fails := range 6 {
		s := newShop(map[string][]int64{"a": {1, 2, 3}, "signal": nil})
		s.position = 101
		o := incrementalOptions()
		o.Signals.Table, o.Signals.Source, o.Snapshot.ReadOnly = "shop.signal", true, true
		table := s.catalog.Databases["shop"].Tables["signal"].ID
		log := []*Committed{signalRow(101, table, "s1", "execute-snapshot", `{"data-collections":["shop.a"]}`)}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		c := &failing{&collector{t: t, done: ends("COMPLETED"), cancel: cancel, progress: Progress{Position: 100, State: StreamingState}}, fails}
		m := NewEmitter(newPlainEncoder(t, o, s.history()), openFrom(log), c, Events{})
		m.pause = time.Millisecond
		m.Use(Sources{Tables: s, Emission: "main", NewID: func() (string, error) { return "id", nil }})
		if err := m.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("publication %d fails: %v after %q", fails, err, c.stored)
		}
		cancel()
		for _, row := range []string{"a 1 incremental", "a 2 incremental", "a 3 incremental"} {
			if !slices.Contains(c.stored, row) {
				t.Errorf("publication %d fails: no %q in %q", fails, row, c.stored)
			}
		}
	}
}

func TestHeartbeatsComeWhileNothingElseDoes(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1}})
	o := incrementalOptions()
	o.Heartbeat = time.Millisecond
	o.HeartbeatQuery = "INSERT INTO beats"
	ran := 0
	s.fail = errors.New("no such table") // which is logged, no more
	c := incrementalRun(t, s, o, []*Committed{insertInto(101, 1, 101)}, func(string, *[]*Committed) { ran++ }, count(`{"ts_ms":`, 3))
	if ran < 3 || !slices.Contains(c.stored, "a c 101") {
		t.Errorf("%d statements, %q", ran, c.stored)
	}
}

func TestSignalsAreRead(t *testing.T) {
	all := []string{"inv.a", "inv.ab", "live.a"}
	o, err := parseOrder(`{"data-collections":["inv\\..*","live.x"],"type":"INCREMENTAL","surrogate-key":"k","additional-conditions":[{"data-collection":"inv.a","filter":"x > 1, y"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := []wantedTable{{Name: "inv.a", Filter: "x > 1, y", Surrogate: "k"}, {Name: "inv.ab", Surrogate: "k"}, {Name: "live.x", Surrogate: "k"}}
	if got := o.tables(all); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, bad := range []string{"x", `{"type":"other"}`, `{"data-collections":"inv.a"}`} {
		if _, err := parseOrder(bad); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
	if o, err := parseOrder(""); err != nil || o.Type != "incremental" {
		t.Errorf("nothing is %+v, %v", o, err)
	}
	for _, text := range []string{`{"id":"i","type":"t","data":{"a":1}}`, `{"id":"i","type":"t","data":"{\"a\":1}"}`} {
		if got, err := ParseSignal([]byte(text)); err != nil || got != (Signal{ID: "i", Type: "t", Data: `{"a":1}`}) {
			t.Errorf("%s is %+v, %v", text, got, err)
		}
	}
	if _, err := ParseSignal([]byte("x")); err == nil {
		t.Error("x is a signal of Kafka")
	}
}

func TestTimesInNotificationsAreJavasDurations(t *testing.T) {
	for text, want := range map[string]string{
		"10:00:00.25": "PT10H0.25S", "-10:00:00": "PT-10H", "00:00:00": "PT0S", "01:02:03": "PT1H2M3S", "-00:00:00.500000": "PT-0.5S", "838:59:59": "PT838H59M59S",
	} {
		if got := durationText(text); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}
