package debezium

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// shop is a Tables of one database whose tables have an integer key and a number. Rows are those of the present position.
type shop struct {
	position txn.Position
	catalog  *schemas.Catalog
	rows     map[string][]int64
	expire   int // rows after which a view ends; 0: never
	fresh    bool
	ran      []string // statements
	run      func(sql string)
	fail     error
	text     func(*schemas.Table) string // of SHOW CREATE TABLE; nil: CREATE TABLE and the name
}

func newShop(rows map[string][]int64) *shop {
	s := &shop{position: 100, rows: rows}
	d := &schemas.Database{ID: 1, Name: "shop", Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci", Tables: map[string]*schemas.Table{}}
	names := make([]string, 0, len(rows))
	for name := range rows {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		d.Tables[name] = shopTable(txn.TableID(i+1), name)
	}
	s.catalog = &schemas.Catalog{Databases: map[string]*schemas.Database{"shop": d}}
	return s
}

func shopTable(id txn.TableID, name string) *schemas.Table {
	columns := []schemas.Column{{Name: "id", Type: schemas.Type{Kind: schemas.Int}}, {Name: "n", Type: schemas.Type{Kind: schemas.Int}, Nullable: true}}
	t := &schemas.Table{ID: id, Version: 1, Database: "shop", Name: name, AutoIncrement: -1, Primary: primary(0), Columns: columns, Identity: schemas.RowIDAlias}
	if name == "signal" {
		t.Columns = []schemas.Column{{Name: "id", Type: text(42)}, {Name: "type", Type: text(32)}, {Name: "data", Type: text(2048), Nullable: true}}
	}
	if name == "nokey" {
		t.Primary, t.Identity = nil, schemas.HiddenRowID
	}
	return t
}

func (s *shop) history() history {
	h := history{}
	for _, t := range s.catalog.Databases["shop"].Tables {
		h[t.ID] = t
	}
	return h
}

func (s *shop) Fresh(context.Context) (bool, error)         { return s.fresh, nil }
func (s *shop) First(context.Context) (txn.Position, error) { return 1, nil }
func (s *shop) Position() txn.Position                      { return s.position }
func (s *shop) Catalog() *schemas.Catalog                   { return s.catalog }
func (s *shop) Charset() (string, string)                   { return "utf8mb4", "utf8mb4_0900_ai_ci" }
func (s *shop) CreateText(_ context.Context, _, name string) (string, error) {
	if s.text != nil {
		return s.text(s.catalog.Databases["shop"].Tables[name]), nil
	}
	return "CREATE TABLE " + name, nil
}

func (s *shop) Query(_ context.Context, sql string, _ func([]txn.Value) error) error {
	s.ran = append(s.ran, sql)
	if s.run != nil {
		s.run(sql)
	}
	return s.fail
}

func (s *shop) View(_ context.Context, db txn.DatabaseID, at txn.Position) (View, error) {
	if db != 1 {
		return nil, nil
	}
	s.position = max(s.position, at)
	return &shopView{shop: s, position: s.position, left: s.expire}, nil
}

type shopView struct {
	shop     *shop
	position txn.Position
	left     int
	ended    bool
}

func (v *shopView) Position() txn.Position { return v.position }
func (v *shopView) Table(name string) *schemas.Table {
	return v.shop.catalog.Databases["shop"].Tables[name]
}

func (v *shopView) Rows(_ context.Context, t *schemas.Table, span Span, each func([]txn.Value) error) error {
	n := 0
	for _, id := range v.shop.rows[t.Name] {
		if span.After != nil && id <= span.After[0].Int64() || span.Upto != nil && id > span.Upto[0].Int64() {
			continue
		}
		if v.shop.expire > 0 {
			if v.left--; v.left < 0 {
				v.ended = true
				v.shop.position += 5
				return errors.New("snapshot too old")
			}
		}
		if n++; span.Limit > 0 && n > span.Limit {
			return nil
		}
		if err := each([]txn.Value{txn.Int(id), txn.Int(id * 10)}); err != nil {
			return err
		}
	}
	return nil
}

func (v *shopView) Row(_ context.Context, _ *schemas.Table, _ []int, values []txn.Value, each func([]txn.Value) error) error {
	return each([]txn.Value{values[0], txn.Int(values[0].Int64() * 10)})
}

func (v *shopView) Last(_ context.Context, t *schemas.Table, each func([]txn.Value) error) error {
	if rows := v.shop.rows[t.Name]; len(rows) > 0 {
		return each([]txn.Value{txn.Int(rows[len(rows)-1]), txn.Null()})
	}
	return nil
}

func (v *shopView) Count(_ context.Context, t *schemas.Table, _ int64) (int64, error) {
	return int64(len(v.shop.rows[t.Name])), nil
}

func (v *shopView) Cursor(_ *schemas.Table, _ *schemas.Index, image []txn.Value) []txn.Value {
	return []txn.Value{image[0].Clone()}
}
func (v *shopView) Ended() bool { return v.ended }
func (v *shopView) Close()      {}

// told is a record as tests compare it.
func told(t *testing.T, r Record) string {
	t.Helper()
	var v struct {
		Op     string
		After  map[string]any
		Before map[string]any
		Source struct {
			Snapshot string
			Table    string
			Pos      uint64
		}
		DDL        string
		Type       string
		Status     string
		Additional map[string]string `json:"additional_data"`
	}
	if err := json.Unmarshal(r.Value, &v); err != nil {
		t.Fatalf("%s: %v", r.Value, err)
	}
	switch {
	case v.Op == "r":
		return fmt.Sprintf("%s %v %s", v.Source.Table, v.After["id"], v.Source.Snapshot)
	case v.Op != "":
		return fmt.Sprintf("%s %s %v", v.Source.Table, v.Op, v.After["id"])
	case v.DDL != "":
		return v.DDL
	case v.Type != "":
		text := v.Type
		for _, name := range []string{"current_collection_in_progress", "scanned_collection", "total_rows_scanned", "status", "maximum_key", "last_processed_key"} {
			if v.Additional[name] != "" {
				text += " " + v.Additional[name]
			}
		}
		if v.Type == "ABORTED" || v.Type == "PAUSED" {
			text += " " + v.Additional["data_collections"]
		}
		return text
	}
	return string(r.Value)
}

// collector is a Publisher that may fail, before or after it has stored a batch.
type collector struct {
	t        *testing.T
	random   *rand.Rand // nil: it does not fail
	stored   []string
	progress Progress
	done     func(stored []string) bool
	cancel   context.CancelFunc
	most     int // records of a batch
}

func (c *collector) Progress(context.Context) (Progress, error) { return c.progress, nil }

func (c *collector) Publish(_ context.Context, batch []Record, p Progress) error {
	chance := 9
	if c.random != nil {
		chance = c.random.IntN(5)
	}
	if chance == 0 {
		return errors.New("lost before it was stored")
	}
	for _, r := range batch {
		c.stored = append(c.stored, told(c.t, r))
	}
	c.most = max(c.most, len(batch))
	c.progress = p
	if c.done(c.stored) {
		c.cancel()
	}
	if chance == 1 {
		return errors.New("stored, but the answer was lost")
	}
	return nil
}

// snapshotRun emits until done.
func snapshotRun(t *testing.T, s *shop, o Options, log []*Committed, random *rand.Rand, done func([]string) bool) *collector {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := &collector{t: t, random: random, done: done, cancel: cancel}
	m := NewEmitter(newPlainEncoder(t, o, s.history()), openFrom(log), c, Events{})
	m.pause = time.Microsecond
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

func ends(text string) func([]string) bool {
	return func(stored []string) bool { return len(stored) > 0 && slices.Contains(stored, text) }
}

func shopOptions() Options {
	return Options{TopicPrefix: "p", ClusterUUID: "u", Version: "v"}
}

func insertInto(p txn.Position, table txn.TableID, id int64) *Committed {
	c := commitOf(p, txn.RowEvent{Table: table, Version: 1, Op: txn.Insert, After: []txn.Value{txn.Int(id), txn.Int(id)}})
	c.Writes = []TableRef{{table, 1}}
	return c
}

func TestAnInitialSnapshotAndThenTheStream(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1}, "b": {}, "c": {1, 2, 3}, "d": {5, 6}, "e": {}})
	o := shopOptions()
	o.SchemaChanges, o.Notifications.Topic = true, "n"
	log := []*Committed{insertInto(50, 1, 50), insertInto(101, 1, 101)}
	c := snapshotRun(t, s, o, log, nil, ends("a c 101"))
	want := []string{"STARTED", "SET character_set_server=utf8mb4, collation_server=utf8mb4_0900_ai_ci",
		"DROP TABLE IF EXISTS `shop`.`a`", "DROP TABLE IF EXISTS `shop`.`b`", "DROP TABLE IF EXISTS `shop`.`c`", "DROP TABLE IF EXISTS `shop`.`d`", "DROP TABLE IF EXISTS `shop`.`e`",
		"DROP DATABASE IF EXISTS `shop`", "CREATE DATABASE `shop` CHARSET utf8mb4 COLLATE utf8mb4_0900_ai_ci", "USE `shop`",
		"CREATE TABLE a", "CREATE TABLE b", "CREATE TABLE c", "CREATE TABLE d", "CREATE TABLE e",
		"IN_PROGRESS shop.a", "a 1 first", "TABLE_SCAN_COMPLETED shop.a 1 SUCCEEDED",
		"IN_PROGRESS shop.b", "TABLE_SCAN_COMPLETED shop.b 0 SUCCEEDED",
		"IN_PROGRESS shop.c", "c 1 first_in_data_collection", "c 2 true", "c 3 last_in_data_collection", "TABLE_SCAN_COMPLETED shop.c 3 SUCCEEDED",
		"IN_PROGRESS shop.d", "d 5 first_in_data_collection", "d 6 last", "TABLE_SCAN_COMPLETED shop.d 2 SUCCEEDED",
		"IN_PROGRESS shop.e", "TABLE_SCAN_COMPLETED shop.e 0 SUCCEEDED", "COMPLETED", "a c 101"}
	if !slices.Equal(c.stored, want) {
		t.Errorf("got  %q\nwant %q", c.stored, want)
	}
}

func TestWhatSnapshotModesRead(t *testing.T) {
	log := []*Committed{insertInto(50, 1, 50), insertInto(101, 1, 101)}
	row, early, late := "a 1 last", "a c 50", "a c 101"
	running := Progress{Position: 60, State: StreamingState}
	lost := Progress{Position: 0, State: StreamingState}
	for _, c := range []struct {
		mode  string
		fresh bool
		from  Progress
		want  []string
	}{
		{SnapshotInitial, false, Progress{}, []string{row, late}},
		{SnapshotInitial, true, Progress{}, []string{early, late}},
		{SnapshotInitial, false, running, []string{late}},
		{SnapshotInitial, false, Progress{Position: 60}, []string{late}}, // of a release without state
		{SnapshotNoData, false, Progress{}, []string{late}},
		{SnapshotNoData, true, Progress{}, []string{early, late}},
		{SnapshotAlways, false, running, []string{row, late}},
		{SnapshotWhenNeeded, false, running, []string{late}},
		{SnapshotWhenNeeded, false, Progress{}, []string{row, late}},
		{SnapshotRecovery, false, running, []string{late}},
		{SnapshotRecovery, false, lost, []string{early, late}},
	} {
		s := newShop(map[string][]int64{"a": {1}})
		s.fresh = c.fresh
		o := shopOptions()
		o.Snapshot.Mode = c.mode
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		p := &collector{t: t, progress: c.from, done: ends(late), cancel: cancel}
		m := NewEmitter(newPlainEncoder(t, o, s.history()), openFrom(log), p, Events{})
		m.Use(Sources{Tables: s, NewID: func() (string, error) { return "id", nil }})
		if err := m.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", c.mode, err)
		}
		cancel()
		if !slices.Equal(p.stored, c.want) {
			t.Errorf("%s, fresh %v, from %+v: %q, want %q", c.mode, c.fresh, c.from, p.stored, c.want)
		}
	}
}

func TestInitialOnlyStreamsNothing(t *testing.T) {
	s := newShop(map[string][]int64{"a": {1, 2}})
	o := shopOptions()
	o.Snapshot.Mode = SnapshotInitialOnly
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := &collector{t: t, done: func([]string) bool { return false }, cancel: cancel}
	m := NewEmitter(newPlainEncoder(t, o, s.history()), openFrom([]*Committed{insertInto(101, 1, 101)}), p, Events{Reached: func(at txn.Position) error {
		if at >= 101 { // the log may forget it
			cancel()
		}
		return nil
	}})
	m.Use(Sources{Tables: s, NewID: func() (string, error) { return "id", nil }})
	if err := m.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if want := []string{"a 1 first", "a 2 last"}; !slices.Equal(p.stored, want) {
		t.Errorf("%q, want %q", p.stored, want)
	}
}

// TestEachRowOfASnapshotIsStoredOnceWhateverFails: the publisher fails by chance, views end, and batches are small.
func TestEachRowOfASnapshotIsStoredOnceWhateverFails(t *testing.T) {
	rows := map[string][]int64{"a": nil, "b": nil, "c": nil}
	var want []string
	for _, name := range []string{"a", "b", "c"} {
		for i := range int64(300) {
			rows[name] = append(rows[name], i)
			mark := "true"
			switch {
			case name == "a" && i == 0:
				mark = "first"
			case i == 0:
				mark = "first_in_data_collection"
			case i == 299 && name == "c":
				mark = "last"
			case i == 299:
				mark = "last_in_data_collection"
			}
			want = append(want, fmt.Sprintf("%s %d %s", name, i, mark))
		}
	}
	for seed := range uint64(30) {
		s := newShop(rows)
		if seed%2 == 1 {
			s.expire = 70
		}
		var log []*Committed
		for p := txn.Position(101); p < 400; p++ {
			log = append(log, insertInto(p, 1, int64(p)*1000))
		}
		o := shopOptions()
		o.Snapshot.FetchSize = 13
		c := snapshotRun(t, s, o, log, rand.New(rand.NewPCG(seed, 7)), ends("a c 399000"))
		var read, streamed []string
		for _, r := range c.stored {
			if strings.Contains(r, " c ") {
				streamed = append(streamed, r)
			} else {
				read = append(read, r)
			}
		}
		if !slices.Equal(read, want) {
			t.Fatalf("seed %d: %d rows, want %d: %q", seed, len(read), len(want), read[:min(len(read), 30)])
		}
		if len(streamed) != 299 {
			t.Fatalf("seed %d: %d changes, want 299", seed, len(streamed))
		}
		for i, r := range streamed {
			if r != fmt.Sprintf("a c %d", (101+i)*1000) {
				t.Fatalf("seed %d: change %d is %s", seed, i, r)
			}
		}
	}
}

// TestSnapshotsReadATablePartitionByPartition takes snapshots of a table with partitions, with views that end and runs that do.
func TestSnapshotsReadATablePartitionByPartition(t *testing.T) {
	rows := map[string][]int64{"a": nil}
	for i := range int64(100) {
		rows["a"] = append(rows["a"], i)
	}
	var want []string
	for part := range 3 {
		for i := part; i < 100; i += 3 {
			mark := "true"
			switch i {
			case 0:
				mark = "first"
			case 98:
				mark = "last"
			}
			want = append(want, fmt.Sprintf("a %d %s", i, mark))
		}
	}
	for seed := range uint64(10) {
		s := newShop(rows)
		s.expire = 40 + int(seed)*70
		s.catalog.Databases["shop"].Tables["a"].Partitioning = &schemas.Partitioning{Method: "HASH", Expression: "`id`", Count: 3}
		o := shopOptions()
		o.Snapshot.FetchSize = 7
		var log []*Committed
		for p := txn.Position(101); p < 400; p++ {
			log = append(log, insertInto(p, 1, int64(p)*1000))
		}
		c := snapshotRun(t, s, o, log, rand.New(rand.NewPCG(seed, 7)), ends("a c 399000"))
		got := slices.DeleteFunc(c.stored, func(r string) bool { return strings.Contains(r, " c ") })
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %q, want %q", seed, got, want)
		}
	}
}

// versions is a history of one table.
type versions map[txn.Position]*schemas.Table

func (v versions) TableAt(_ txn.TableID, version txn.Position) (*schemas.Table, error) {
	return v[version], nil
}

func (v versions) TableUpTo(_ txn.TableID, at txn.Position) (*schemas.Table, error) {
	var found *schemas.Table
	for p, t := range v {
		if p <= at && (found == nil || p > found.Version) {
			found = t
		}
	}
	return found, nil
}

// TestColumnsStayAsASnapshotHasReadThem until a statement that is streamed changes them: SHOW CREATE TABLE says tinyint(1) of a BOOL.
func TestColumnsStayAsASnapshotHasReadThem(t *testing.T) {
	boolean := schemas.Type{Kind: schemas.TinyInt, Length: 1, Spelling: "BOOL"}
	table := func(version txn.Position, columns ...schemas.Column) *schemas.Table {
		return &schemas.Table{ID: 5, Version: version, Database: "d", Name: "t", AutoIncrement: -1, Columns: columns, Identity: schemas.HiddenRowID}
	}
	a, b := schemas.Column{Name: "a", Type: boolean, Nullable: true}, schemas.Column{Name: "b", Type: boolean, Nullable: true}
	notNull := a
	notNull.Nullable = false
	h := versions{10: table(10, a), 150: table(150, a, b), 160: table(160, notNull, b)}
	e := newPlainEncoder(t, shopOptions(), h)
	kinds := func(version txn.Position) (list []Kind) {
		compiled, err := e.table(5, version)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range compiled.value.schema.Fields {
			list = append(list, f.Schema.Kind)
		}
		return list
	}
	for _, c := range []struct {
		shown   shown
		version txn.Position
		want    []Kind
	}{
		{shown{}, 10, []Kind{KindBoolean}},
		{shown{since: 100}, 10, []Kind{KindInt16}},
		{shown{since: 100}, 150, []Kind{KindInt16, KindBoolean}},
		{shown{since: 100}, 160, []Kind{KindBoolean, KindBoolean}},
		{shown{since: 100, tables: map[txn.TableID]txn.Position{5: 150}}, 150, []Kind{KindInt16, KindInt16}},
		{shown{since: 100, tables: map[txn.TableID]txn.Position{5: 150}}, 160, []Kind{KindBoolean, KindInt16}},
		{shown{since: 3}, 10, []Kind{KindBoolean}}, // made later
	} {
		e.showTables(c.shown)
		if got := kinds(c.version); !slices.Equal(got, c.want) {
			t.Errorf("read up to %+v, version %s: %v, want %v", c.shown, c.version, got, c.want)
		}
	}
}
