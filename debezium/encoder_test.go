package debezium

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"marmot/schemas"
	"marmot/txn"
)

// history gives tables by id, whatever the version.
type history map[txn.TableID]*schemas.Table

// TableAt implements schemas.History.
func (h history) TableAt(id txn.TableID, _ txn.Position) (*schemas.Table, error) {
	if t := h[id]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("no table %d", id)
}

func text(length int) schemas.Type {
	return schemas.Type{Kind: schemas.VarChar, Length: length, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}
}

func primary(columns ...int) *schemas.Index {
	ix := &schemas.Index{Name: "PRIMARY", Unique: true}
	for _, c := range columns {
		ix.Parts = append(ix.Parts, schemas.IndexPart{Column: c})
	}
	return ix
}

const (
	compID txn.TableID = iota + 1
	noneID
	typesID
)

func recordedTables() history {
	integer := schemas.Type{Kind: schemas.Int}
	return history{
		compID: {Database: "inv", Name: "k_comp", AutoIncrement: -1, Primary: primary(1, 0), Columns: []schemas.Column{
			{Name: "a", Type: integer}, {Name: "b", Type: text(10)}, {Name: "c", Type: integer, Nullable: true}}},
		noneID: {Database: "live", Name: "k_none", AutoIncrement: -1, Columns: []schemas.Column{
			{Name: "a", Type: integer, Nullable: true}, {Name: "b", Type: text(10), Nullable: true}}},
		typesID: {Database: "live", Name: "k_types", AutoIncrement: -1, Primary: primary(0, 1, 2, 3, 4, 5, 6, 7, 8), Columns: []schemas.Column{
			{Name: "d", Type: schemas.Type{Kind: schemas.Date}},
			{Name: "dt", Type: schemas.Type{Kind: schemas.DateTime, Decimals: 3}},
			{Name: "de", Type: schemas.Type{Kind: schemas.Decimal, Length: 6, Decimals: 2}},
			{Name: "bn", Type: schemas.Type{Kind: schemas.Binary, Length: 2}},
			{Name: "en", Type: schemas.Type{Kind: schemas.Enum, Members: []string{"p", "q"}}},
			{Name: "bu", Type: schemas.Type{Kind: schemas.BigInt, Unsigned: true}},
			{Name: "y", Type: schemas.Type{Kind: schemas.Year}},
			{Name: "ts", Type: schemas.Type{Kind: schemas.Timestamp}},
			{Name: "b", Type: schemas.Type{Kind: schemas.Bit, Length: 4}},
			{Name: "v", Type: integer, Nullable: true}}},
	}
}

// recordedTransactions are the statements behind testdata/recorded.jsonl, one transaction each.
func recordedTransactions() [][]txn.RowEvent {
	i, s := txn.Int, txn.TextString
	none := func(a, b txn.Value) txn.RowEvent {
		return txn.RowEvent{Table: noneID, Op: txn.Insert, After: []txn.Value{a, b, txn.Int(1)}}
	}
	comp := func(op txn.Op, before, after []txn.Value) txn.RowEvent {
		return txn.RowEvent{Table: compID, Op: op, Before: before, After: after}
	}
	return [][]txn.RowEvent{
		{none(i(1), s("x")), none(i(1), s("x")), none(txn.Null(), txn.Null())},
		{{Table: typesID, Op: txn.Insert, After: []txn.Value{s("2024-01-01"), s("2024-01-01 00:00:00.123"), s("1.50"), txn.Blob([]byte{1, 2}),
			s("q"), s("18446744073709551615"), i(2024), s("2024-01-01 00:00:00"), i(10), i(1)}}},
		{comp(txn.Insert, nil, []txn.Value{i(5), s("t"), i(0)})},
		{comp(txn.Update, []txn.Value{i(1), s("x"), i(10)}, []txn.Value{i(1), s("x"), i(11)})},
		{comp(txn.Update, []txn.Value{i(1), s("x"), i(11)}, []txn.Value{i(100), s("x"), i(11)})},
		{comp(txn.Delete, []txn.Value{i(2), s("y"), i(20)}, nil)},
	}
}

func recordedOptions() Options {
	return Options{TopicPrefix: "gold", Tombstones: true, TransactionMetadata: true, ExtendedHeaders: true,
		ClusterUUID: "u", Version: "v", RunID: "r"}
}

// masks hide what differs between any two runs.
var masks = []*regexp.Regexp{
	regexp.MustCompile(`"(ts_ms|ts_us|ts_ns|server_id|pos|thread|total_order|data_collection_order)":\d+`),
	regexp.MustCompile(`"(version|gtid|file|id)":"[^"]*"`),
}

func masked(b []byte) string {
	for _, m := range masks {
		b = m.ReplaceAll(b, []byte(`"$1":…`))
	}
	return string(b)
}

// commitOf wraps events as a committed transaction.
func commitOf(p txn.Position, events ...txn.RowEvent) *Committed {
	return &Committed{Position: p, TimeUS: 1_700_000_000_123_456, ConnectionID: 7, Events: func(each func(*txn.RowEvent) error) error {
		for i := range events {
			events[i].Ordinal = uint64(i)
			if err := each(&events[i]); err != nil {
				return err
			}
		}
		return nil
	}}
}

func encodeAll(t *testing.T, e *Encoder, c *Committed, skip uint64) []Record {
	t.Helper()
	var list []Record
	err := e.Encode(t.Context(), c, skip, func(r Record) error { list = append(list, r); return nil }, func(uint64) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func newTestEncoder(t *testing.T, o Options, h schemas.History) *Encoder {
	t.Helper()
	return newEncoderOf(t, JSONOptions{SchemasEnable: true, ReplaceNullWithDefault: true}, o, h)
}

// newPlainEncoder writes payloads alone.
func newPlainEncoder(t *testing.T, o Options, h schemas.History) *Encoder {
	t.Helper()
	return newEncoderOf(t, JSONOptions{ReplaceNullWithDefault: true}, o, h)
}

func newEncoderOf(t *testing.T, j JSONOptions, o Options, h schemas.History) *Encoder {
	t.Helper()
	e, err := NewEncoder(o, JSONFormat(j), h, func() time.Time { return time.UnixMicro(1_700_000_001_000_001) })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestRowsAreTheConnectorsToTheByte compares with what io.debezium.connector.mysql 3.6.1 wrote
// for the same statements on MySQL 9.7.
func TestRowsAreTheConnectorsToTheByte(t *testing.T) {
	file, err := os.Open("testdata/recorded.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	e := newTestEncoder(t, recordedOptions(), recordedTables())
	for n, events := range recordedTransactions() {
		for _, got := range encodeAll(t, e, commitOf(txn.Position(n+10), events...), 0) {
			if got.Topic == "gold.transaction" {
				continue
			}
			if !lines.Scan() {
				t.Fatalf("the recording ends before %s %s", got.Topic, got.Key)
			}
			var want struct {
				Topic, Header string
				Key, Value    json.RawMessage
			}
			if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
				t.Fatal(err)
			}
			sameRecord(t, got, want.Topic, want.Header, want.Key, want.Value)
		}
	}
	if lines.Scan() {
		t.Errorf("the recording goes on with %.100s", lines.Bytes())
	}
}

func sameRecord(t *testing.T, got Record, topic, header string, key, value []byte) {
	t.Helper()
	null := func(b []byte) []byte {
		if b == nil {
			return []byte("null")
		}
		return b
	}
	if got.Topic != topic || got.Headers[0].Name != header {
		t.Errorf("record on %s with header %s, want %s and %s", got.Topic, got.Headers[0].Name, topic, header)
	}
	if g, w := masked(null(got.Key)), masked(key); g != w {
		t.Errorf("%s: key\n got %s\nwant %s", topic, g, w)
	}
	if g, w := masked(null(got.Value)), masked(value); g != w {
		t.Errorf("%s: value\n got %s\nwant %s", topic, g, w)
	}
}

func TestTransactionsAreFramedAndCounted(t *testing.T) {
	e := newPlainEncoder(t, recordedOptions(), recordedTables())
	events := append(recordedTransactions()[0], recordedTransactions()[4]...)
	var got bytes.Buffer
	for _, r := range encodeAll(t, e, commitOf(12, events...), 0) {
		fmt.Fprintf(&got, "%s %s\n", r.Topic, summary(r))
	}
	want := `gold.transaction {"status":"BEGIN","id":"u:12","event_count":null,"data_collections":null,"ts_ms":1700000000123}
gold.live.k_none c 1/1
gold.live.k_none c 2/2
gold.live.k_none c 3/3
gold.inv.k_comp d 4/1
gold.inv.k_comp tombstone
gold.inv.k_comp c 5/2
gold.transaction {"status":"END","id":"u:12","event_count":5,"data_collections":[{"data_collection":"inv.k_comp","event_count":2},{"data_collection":"live.k_none","event_count":3}],"ts_ms":1700000000123}
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

// summary shows the op and the place in the transaction of a record.
func summary(r Record) string {
	if r.Value == nil {
		return "tombstone"
	}
	var v struct {
		Op          string
		Transaction struct {
			Total int64 `json:"total_order"`
			Own   int64 `json:"data_collection_order"`
		}
	}
	if json.Unmarshal(r.Value, &v) != nil || v.Op == "" {
		return string(r.Value)
	}
	return fmt.Sprintf("%s %d/%d", v.Op, v.Transaction.Total, v.Transaction.Own)
}

// TestSkippedEventsGoOnWhereTheyStopped: a batch may end within a transaction; whoever goes on
// emits the same records as if nothing had happened.
// TestXAHasNeitherThreadNorBoundaries: so the connector sees it.
func TestXAHasNeitherThreadNorBoundaries(t *testing.T) {
	e := newPlainEncoder(t, recordedOptions(), recordedTables())
	c := commitOf(9, recordedTransactions()[2]...)
	c.XA = true
	records := encodeAll(t, e, c, 0)
	if len(records) != 1 || !bytes.Contains(records[0].Value, []byte(`"thread":null`)) || !bytes.Contains(records[0].Value, []byte(`"transaction":null`)) {
		t.Errorf("%d events, the first %s", len(records), records[0].Value)
	}
}

func TestSkippedEventsGoOnWhereTheyStopped(t *testing.T) {
	e := newTestEncoder(t, recordedOptions(), recordedTables())
	events := append(recordedTransactions()[0], recordedTransactions()[4]...)
	whole := encodeAll(t, e, commitOf(12, events...), 0)
	records := make([]int, len(events)+1) // handed over after so many events
	count := 0
	err := e.Encode(t.Context(), commitOf(12, events...), 0, func(Record) error { count++; return nil }, func(n uint64) error { records[n] = count; return nil })
	if err != nil {
		t.Fatal(err)
	}
	for skip := 1; skip <= len(events); skip++ {
		rest := encodeAll(t, e, commitOf(12, events...), uint64(skip))
		want := whole[records[skip]:]
		if len(rest) != len(want) {
			t.Fatalf("skip %d: %d records, want %d", skip, len(rest), len(want))
		}
		for i := range want {
			if !bytes.Equal(rest[i].Value, want[i].Value) || !bytes.Equal(rest[i].Key, want[i].Key) {
				t.Errorf("skip %d, record %d: %s, want %s", skip, i, rest[i].Value, want[i].Value)
			}
		}
	}
}

func TestDefinitionChangesAreEvents(t *testing.T) {
	o := recordedOptions()
	o.SchemaChanges = true
	e := newPlainEncoder(t, o, history{})
	def, err := schemas.EncodeTable(recordedTables()[compID])
	if err != nil {
		t.Fatal(err)
	}
	ddl := func(c ...txn.DefinitionChange) *Committed {
		x := commitOf(20)
		x.DDL = &txn.DDLBody{Text: "the text", Database: "inv", Changes: c}
		return x
	}
	change := txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Insert, Database: "inv", Name: "k_comp", Definition: def, SQLite: []string{"x"}}
	for _, test := range []struct {
		name   string
		change *Committed
		want   []string
	}{
		{"create table", ddl(change), []string{`"ddl":"the text"`, `"type":"CREATE","id":"\"inv\".\"k_comp\""`, `"primaryKeyColumnNames":["b","a"]`}},
		{"create database", ddl(txn.DefinitionChange{Kind: txn.ObjectDatabase, Op: txn.Insert, Database: "inv", Name: "inv"}), []string{`"databaseName":"inv"`, `"tableChanges":[]`}},
		{"drop table", ddl(txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Delete, Database: "inv", Name: "k_comp"}), []string{"DROP TABLE `inv`.`k_comp`", `"type":"DROP"`, `"table":null`}},
		{"truncate", ddl(txn.DefinitionChange{Kind: txn.ObjectTable, Op: txn.Update, Truncate: true, Database: "inv", Name: "k_comp", Definition: def}), []string{`"op":"t"`, `"before":null,"after":null`}},
		{"view", ddl(txn.DefinitionChange{Kind: txn.ObjectView, Op: txn.Insert, Database: "inv", Name: "v"}), nil},
	} {
		records := encodeAll(t, e, test.change, 0)
		if test.want == nil {
			if len(records) != 0 {
				t.Errorf("%s: %d records, want none", test.name, len(records))
			}
			continue
		}
		if len(records) != 1 {
			t.Fatalf("%s: %d records, want 1", test.name, len(records))
		}
		for _, w := range test.want {
			if !strings.Contains(string(records[0].Value), w) {
				t.Errorf("%s: %s lacks %s", test.name, records[0].Value, w)
			}
		}
	}
}

func TestStatementsThatChangeNothingAreEventsOfTheConnector(t *testing.T) {
	event, err := schemas.EncodeProgram(&schemas.Program{Kind: schemas.Event, Name: "e", Definer: "ann@%", Event: &schemas.EventPart{}})
	if err != nil {
		t.Fatal(err)
	}
	program := func(op txn.Op) []txn.DefinitionChange {
		return []txn.DefinitionChange{{Kind: txn.ObjectProgram, Op: op, Database: "inv", Name: "e", Definition: event}}
	}
	named := func(kind txn.ObjectKind, names ...string) (list []txn.NamedObject) {
		for _, n := range names {
			database, name, _ := strings.Cut(n, ".")
			list = append(list, txn.NamedObject{Kind: kind, Database: database, Name: name})
		}
		return list
	}
	dropped := []txn.DefinitionChange{{Kind: txn.ObjectTable, Op: txn.Delete, Database: "inv", Name: "there"}}
	for _, test := range []struct {
		body     txn.DDLBody
		want     []string // database, source.table and text of each event
		captured []string // the same where only what concerns captured tables is told
	}{
		{txn.DDLBody{Text: "DROP TABLE IF EXISTS a, x.b, x.c", Named: named(txn.ObjectTable, "inv.a", "x.b", "x.c")},
			[]string{"inv \"a\" DROP TABLE IF EXISTS `inv`.`a`", "x \"c,b\" DROP TABLE IF EXISTS `x`.`b`", "x \"c,b\" DROP TABLE IF EXISTS `x`.`c`"},
			[]string{"inv \"a\" DROP TABLE IF EXISTS `inv`.`a`"}},
		{txn.DDLBody{Text: "drop tables if exists a, there", Changes: dropped, Named: named(txn.ObjectTable, "inv.a")},
			[]string{"inv \"there,a\" DROP TABLE IF EXISTS `inv`.`there`", "inv \"there,a\" DROP TABLE IF EXISTS `inv`.`a`"},
			[]string{"inv \"there,a\" DROP TABLE IF EXISTS `inv`.`there`", "inv \"there,a\" DROP TABLE IF EXISTS `inv`.`a`"}},
		{txn.DDLBody{Text: "CREATE TABLE IF NOT EXISTS a (id INT)", Named: named(txn.ObjectTable, "inv.a")}, []string{"inv \"\" CREATE TABLE IF NOT EXISTS a (id INT)"}, nil},
		{txn.DDLBody{Text: "DROP DATABASE IF EXISTS old", Named: named(txn.ObjectDatabase, "old")}, []string{"old null DROP DATABASE IF EXISTS old"}, []string{"old null DROP DATABASE IF EXISTS old"}},
		{txn.DDLBody{Text: "DROP VIEW IF EXISTS v", Named: named(txn.ObjectView, "inv.v")}, nil, nil},
		{txn.DDLBody{Text: "DROP TRIGGER IF EXISTS `event`", Named: named(txn.ObjectProgram, "inv.event")}, nil, nil},
		{txn.DDLBody{Text: "DROP EVENT IF EXISTS e", Named: named(txn.ObjectProgram, "inv.e")}, []string{"inv \"\" DROP EVENT IF EXISTS e"}, nil},
		{txn.DDLBody{Text: "create event e on schedule every 1 day do select 1", Changes: program(txn.Insert)}, []string{"inv \"\" CREATE DEFINER=`ann`@`%` event e on schedule every 1 day do select 1"}, nil},
		{txn.DDLBody{Text: "CREATE DEFINER = `a b`@'%' EVENT e DO SELECT 1", Changes: program(txn.Insert)}, []string{"inv \"\" CREATE DEFINER=`ann`@`%` EVENT e DO SELECT 1"}, nil},
		{txn.DDLBody{Text: "CREATE DEFINER=ann@`%` PROCEDURE event() SELECT 1", Changes: program(txn.Insert)}, nil, nil},
		{txn.DDLBody{Text: "DROP EVENT e", Changes: program(txn.Delete)}, []string{"inv \"\" DROP EVENT e"}, nil},
		{txn.DDLBody{Text: "", Changes: program(txn.Update)}, nil, nil}, // the scheduler's own
		{txn.DDLBody{Text: "FLUSH TABLES"}, []string{"inv \"\" FLUSH TABLES"}, nil},
		{txn.DDLBody{Text: "flush privileges"}, []string{"inv \"\" flush privileges"}, nil},
		{txn.DDLBody{Text: "FLUSH PRIVILEGES"}, nil, nil},
		{txn.DDLBody{Text: "FLUSH RELAY LOGS"}, nil, nil},
		{txn.DDLBody{Text: "analyze table t"}, nil, nil},
		{txn.DDLBody{Text: "GRANT SELECT ON *.* TO u"}, nil, nil},
		{txn.DDLBody{Text: "ALTER USER 'u'@'%' ACCOUNT LOCK"}, nil, nil},
		{txn.DDLBody{Text: "RENAME USER u TO w"}, []string{"inv \"\" RENAME USER u TO w"}, nil},
	} {
		for _, only := range []bool{false, true} {
			o := recordedOptions()
			o.SchemaChanges, o.OnlyCapturedDDL = true, only
			var err error
			if o.Tables.Include, err = ParseNameSet("inv\\..*"); err != nil {
				t.Fatal(err)
			}
			x := commitOf(20)
			test.body.Database = "inv"
			x.DDL = &test.body
			var got []string
			for _, r := range encodeAll(t, newPlainEncoder(t, o, history{}), x, 0) {
				var v struct {
					Source       struct{ Table json.RawMessage }
					DatabaseName string
					DDL          string
				}
				if err := json.Unmarshal(r.Value, &v); err != nil {
					t.Fatal(err)
				}
				got = append(got, v.DatabaseName+" "+string(v.Source.Table)+" "+v.DDL)
			}
			want := test.want
			if only {
				want = test.captured
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s (captured tables only: %v)\ngot  %q\nwant %q", test.body.Text, only, got, want)
			}
		}
	}
}

func TestTopicNamesAreWhatKafkaTakes(t *testing.T) {
	for parts, want := range map[string]string{
		"gold|odd-db$1|odd tbl-é": "gold.odd-db_1.odd_tbl-_",
		"m|shop|🙂":                "m.shop.__",
	} {
		if got := (&Options{}).topicName(strings.Split(parts, "|")...); got != want {
			t.Errorf("topic of %s: %s, want %s", parts, got, want)
		}
	}
	if got := (&Options{}).topicName(strings.Repeat("x", 300)); len(got) != 249 {
		t.Errorf("a long name has %d characters", len(got))
	}
}

func TestNumbersAreSpelledAsJavaDoes(t *testing.T) {
	for f, want := range map[float64]string{0: "0.0", 1: "1.0", 1e10: "1.0E10", -1e-10: "-1.0E-10", 123456.7891: "123456.7891", 1e7: "1.0E7", 0.001: "0.001", 1.5e-4: "1.5E-4",
		1234567890123456789: "1.23456789012345677E18", -1e17: "-1.0E17", 9007199254740993: "9.007199254740992E15", 1e19: "1.0E19"} {
		if got := string(appendDouble(nil, f, 64)); got != want {
			t.Errorf("%g is spelled %s, want %s", f, got, want)
		}
	}
}

func TestDecimalsAreMinimalTwosComplement(t *testing.T) {
	for text, want := range map[string]string{"0.00": "00", "1.50": "0096", "-1.00": "9c", "-0.01": "ff", "1.27": "7f", "1.28": "0080", "-1.28": "80", "-1.29": "ff7f", "327.68": "008000"} {
		got, ok := unscaled([]byte(text), 2)
		if !ok || fmt.Sprintf("%x", got) != want {
			t.Errorf("%s is %x, %v, want %s", text, got, ok, want)
		}
	}
}

// TestMessageKeysStandInTheOrderOfTheirExpressions: those of all entries that fit a table, each column once.
func TestMessageKeysStandInTheOrderOfTheirExpressions(t *testing.T) {
	def := recordedTables()[compID]
	for text, want := range map[string]string{
		"inv.k_comp:c,a":              "c,a",
		"inv.k_comp:[a-c]":            "a,b,c",
		"(.*).k_.*:b;INV.k_comp:C,b":  "b,c",
		"inv.k_comp:nothing":          "b,a",
		"live.*:c":                    "b,a",
		"live.k_none,inv.k_comp:c, a": "c,a",
	} {
		o := recordedOptions()
		var err error
		if o.MessageKeys, err = parseMessageKeys(text); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range o.keyColumns(def) {
			got = append(got, def.Columns[i].Name)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestRowsThatAreSkippedLeaveTheRowNumber: the connector does not look into rows events of operations and tables that it skips.
func TestRowsThatAreSkippedLeaveTheRowNumber(t *testing.T) {
	o := recordedOptions()
	o.SkippedOperations = "u"
	var err error
	if o.Tables.Exclude, err = ParseNameSet("inv.k_comp"); err != nil {
		t.Fatal(err)
	}
	e := newPlainEncoder(t, o, recordedTables())
	for i, commit := range [][]txn.RowEvent{recordedTransactions()[0], recordedTransactions()[3], recordedTransactions()[2]} {
		encodeAll(t, e, commitOf(txn.Position(i+1), commit...), 0)
		if e.lastRow != 2 {
			t.Errorf("after transaction %d it is %d, want that of the last of three inserts", i, e.lastRow)
		}
	}
}

func TestSingleFloatsAreSpelledAsInJava(t *testing.T) {
	for f, want := range map[float32]string{123456789: "1.23456792E8", 16777216: "1.6777216E7", 1234567890123: "1.23456795E12", 9223372036854775807: "9.223372E18", 20000000: "2.0E7", 1e19: "1.0E19", 0.1: "0.1", 1e-45: "1.4E-45", -33554434: "-3.3554432E7"} {
		if got := string(appendDouble(nil, float64(f), 32)); got != want {
			t.Errorf("%g is spelled %s, want %s", f, got, want)
		}
	}
}
