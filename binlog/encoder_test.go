package binlog

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/replication"
)

// history is one version of each table.
type history map[txn.TableID]*schemas.Table

// TableAt implements schemas.History.
func (h history) TableAt(id txn.TableID, version txn.Position) (*schemas.Table, error) {
	if t := h[id]; t != nil && t.Version == version {
		return t, nil
	}
	return nil, fmt.Errorf("table %d at %d: %w", id, version, schemas.ErrNoVersion)
}

func options() Options {
	return Options{Cluster: txn.UUID{1, 2, 3}, ServerID: 1, Version: "8.4.6-marmot", Checksum: true,
		CreateTable: func(t *schemas.Table) string { return "CREATE TABLE " + t.Name }, Mode: func(m uint64) uint64 { return m }}
}

func item(keys ...schemas.ForeignKey) *schemas.Table {
	return &schemas.Table{ID: 7, Version: 7, Database: "shop", Name: "item", AutoIncrement: -1, ForeignKeys: keys, Columns: []schemas.Column{
		{Name: "id", Type: schemas.Type{Kind: schemas.BigInt}},
		{Name: "note", Nullable: true, Type: schemas.Type{Kind: schemas.VarChar, Length: 3000, Charset: "utf8mb4", Collation: "utf8mb4_0900_ai_ci"}},
	}}
}

func record(p txn.Position, statements []txn.Statement, events ...txn.RowEvent) *Record {
	return &Record{Position: p, TimeUS: 1_700_000_000_123_456, ConnectionID: 9, Statements: statements, Rows: uint64(len(events)),
		Keys: []txn.Key{{Table: 7, Hash: 1}},
		Events: func(each func(*txn.RowEvent) error) error {
			for i := range events {
				events[i].Ordinal = uint64(i)
				if err := each(&events[i]); err != nil {
					return err
				}
			}
			return nil
		}}
}

func insert(id int64, note string) txn.RowEvent {
	return txn.RowEvent{Table: 7, Version: 7, Op: txn.Insert, After: []txn.Value{txn.Int(id), txn.TextString(note)}}
}

// parsed are the events of a record as go-mysql's parser, which checks the checksums, reads them.
func parsed(t *testing.T, e *Encoder, encode func(emit func(Event) error) error) (list []*replication.BinlogEvent, size uint64) {
	t.Helper()
	p := replication.NewBinlogParser()
	p.SetVerifyChecksum(true)
	if _, err := p.Parse(e.FormatDescription("8.4.6-marmot", 0)); err != nil {
		t.Fatal(err)
	}
	if err := encode(func(event Event) error {
		if event.At != size {
			t.Errorf("an event says that it begins at %d, and there are %d bytes before it", event.At, size)
		}
		size += uint64(len(event.Data))
		b, err := p.Parse(bytes.Clone(event.Data))
		if err == nil {
			list = append(list, b)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list, size
}

// shape is the types of events, and of rows events how many rows they hold and whether they end their statement.
func shape(list []*replication.BinlogEvent) string {
	var words []string
	for _, e := range list {
		word := e.Header.EventType.String()
		if rows, ok := e.Event.(*replication.RowsEvent); ok {
			word = fmt.Sprintf("%s(%d)", word, len(rows.Rows))
			if rows.Flags&replication.RowsEventStmtEndFlag != 0 {
				word += "."
			}
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestATransactionIsWhatAParserOfMySQLReads(t *testing.T) {
	e := NewEncoder(options(), history{7: item()}, 99)
	r := record(100, []txn.Statement{{Events: txn.OrdinalRange{First: 0, End: 2}}, {Events: txn.OrdinalRange{First: 2, End: 4}}},
		insert(1, "eins"), insert(2, "zwei"),
		txn.RowEvent{Table: 7, Version: 7, Op: txn.Update, Before: []txn.Value{txn.Int(1), txn.TextString("eins")}, After: []txn.Value{txn.Int(1), txn.Null()}},
		txn.RowEvent{Table: 7, Version: 7, Op: txn.Delete, Before: []txn.Value{txn.Int(2), txn.TextString("zwei")}})
	list, size := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
	want := "GTIDEvent QueryEvent TableMapEvent WriteRowsEventV2(2). TableMapEvent UpdateRowsEventV2(2) DeleteRowsEventV2(1). XIDEvent"
	if got := shape(list); got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	g := list[0].Event.(*replication.GTIDEvent)
	if g.GNO != 100 || g.LastCommitted != 99 || g.SequenceNumber != 100 || g.TransactionLength != size || g.ImmediateCommitTimestamp != 1_700_000_000_123_456 || g.ImmediateServerVersion != 80406 {
		t.Errorf("GTID event %+v of a transaction of %d bytes", g, size)
	}
	if got := list[5].Event.(*replication.RowsEvent).Rows; got[0][1] != "eins" || got[1][1] != nil {
		t.Errorf("images %v", got)
	}
	if last := list[len(list)-1].Header; uint64(last.LogPos) != txn.EndOf(100).Offset {
		t.Errorf("the transaction ends at %d, not where the next one begins", last.LogPos)
	}
}

// TestXATransactionsArePreparedAndCommittedAtOnce: as MySQL 9.7 wrote one that was committed in one phase.
func TestXATransactionsArePreparedAndCommittedAtOnce(t *testing.T) {
	e := NewEncoder(options(), history{7: item()}, 0)
	r := record(31, nil, insert(1, "eins"))
	r.XA = true
	list, _ := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
	if got, want := shape(list), "GTIDEvent QueryEvent TableMapEvent WriteRowsEventV2(1). QueryEvent XAPrepareLogEvent"; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	const name = "6d61726d6f742d3331" // marmot-31
	for at, want := range map[int]string{1: "XA START X'" + name + "',X'',1", 4: "XA END X'" + name + "',X'',1"} {
		if q := list[at].Event.(*replication.QueryEvent); string(q.Query) != want || string(q.Schema) != "shop" {
			t.Errorf("got  %s in %s\nwant %s", q.Query, q.Schema, want)
		}
	}
	want, err := hex.DecodeString("010100000009000000" + "00000000" + name)
	if err != nil {
		t.Fatal(err)
	}
	if got := list[5].RawData; !bytes.Equal(got[headerBytes:len(got)-checksumBytes], want) {
		t.Errorf("the event that ends it is %x", got)
	}
}

func TestRowsEventsAreDividedAsMySQLDivides(t *testing.T) {
	e := NewEncoder(options(), history{7: item()}, 0)
	long := strings.Repeat("x", 3000)
	r := record(1, nil, insert(1, long), insert(2, long), insert(3, long), insert(4, long), insert(5, long))
	list, size := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
	if got, want := shape(list), "GTIDEvent QueryEvent TableMapEvent WriteRowsEventV2(2) WriteRowsEventV2(2) WriteRowsEventV2(1). XIDEvent"; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	if size <= txn.BinlogSlot {
		t.Fatalf("%d bytes are not more than a slot", size)
	}
	last := uint32(0)
	for _, event := range list {
		if event.Header.LogPos < last || uint64(event.Header.LogPos) > txn.EndOf(1).Offset {
			t.Errorf("%s ends at %d after %d", event.Header.EventType, event.Header.LogPos, last)
		}
		last = event.Header.LogPos
	}
}

// TestRowsEventsHoldRowsOfOnePartition: as MySQL 9.7 divided the same rows, the partitions as it wrote them.
func TestRowsEventsHoldRowsOfOnePartition(t *testing.T) {
	part := item()
	part.Partitioning = &schemas.Partitioning{Method: "RANGE", Expression: "`id`", Parts: []schemas.Partition{{LessThan: []string{"2000"}}, {LessThan: []string{schemas.MaxValue}}}}
	e := NewEncoder(options(), history{7: part}, 0)
	r := record(1, nil, insert(1999, "a"), insert(2024, "b"), insert(2025, "c"), insert(1990, "d"),
		txn.RowEvent{Table: 7, Version: 7, Op: txn.Update, Before: []txn.Value{txn.Int(1999), txn.Null()}, After: []txn.Value{txn.Int(2001), txn.Null()}},
		txn.RowEvent{Table: 7, Version: 7, Op: txn.Delete, Before: []txn.Value{txn.Int(2001), txn.Null()}})
	list, _ := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
	want := "GTIDEvent QueryEvent TableMapEvent WriteRowsEventV2(1) WriteRowsEventV2(2) WriteRowsEventV2(1) UpdateRowsEventV2(2) DeleteRowsEventV2(1). XIDEvent"
	if got := shape(list); got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	for at, want := range map[int]string{3: "0500010000", 4: "0500010100", 5: "0500010000", 6: "07000101000000", 7: "0500010100"} {
		const before = headerBytes + 6 + 2 // the table's number, flags
		if got := hex.EncodeToString(list[at].RawData[before : before+len(want)/2]); got != want {
			t.Errorf("event %d has the extra data %s, want %s", at, got, want)
		}
	}
}

func TestALargeTransactionIsTheSameInTwoPasses(t *testing.T) {
	e := NewEncoder(options(), history{7: item()}, 0)
	var rows []txn.RowEvent
	for i := range 2 * keepBytes / 3000 {
		rows = append(rows, insert(int64(i), strings.Repeat("y", 3000)))
	}
	list, size := parsed(t, e, func(emit func(Event) error) error { return e.Encode(record(1, nil, rows...), emit) })
	if g := list[0].Event.(*replication.GTIDEvent); g.TransactionLength != size {
		t.Errorf("the transaction has %d bytes and says %d", size, g.TransactionLength)
	}
	n := 0
	for _, event := range list {
		if r, ok := event.Event.(*replication.RowsEvent); ok {
			n += len(r.Rows)
		}
	}
	if n != len(rows) || uint64(list[len(list)-1].Header.LogPos) != txn.EndOf(1).Offset {
		t.Errorf("%d rows of %d, the end at %d", n, len(rows), list[len(list)-1].Header.LogPos)
	}
}

func TestChildrenOfAStatementAreNotChecked(t *testing.T) {
	parent := &schemas.Table{ID: 8, Version: 8, Database: "shop", Name: "parent", AutoIncrement: -1, Columns: []schemas.Column{{Name: "id", Type: schemas.Type{Kind: schemas.Int}}}}
	child := item(schemas.ForeignKey{Columns: []int{0}, ReferencedDatabase: "shop", ReferencedTable: "parent", ReferencedColumns: []string{"id"}})
	e := NewEncoder(options(), history{7: child, 8: parent}, 0)
	r := record(1, nil,
		txn.RowEvent{Table: 7, Version: 7, Op: txn.Delete, Before: []txn.Value{txn.Int(1), txn.Null()}},
		txn.RowEvent{Table: 8, Version: 8, Op: txn.Delete, Before: []txn.Value{txn.Int(1)}})
	list, _ := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
	if got, want := shape(list), "GTIDEvent QueryEvent TableMapEvent TableMapEvent DeleteRowsEventV2(1) DeleteRowsEventV2(1). XIDEvent"; got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	if first := list[2].Event.(*replication.TableMapEvent); string(first.Table) != "parent" {
		t.Errorf("the first table map is that of %s", first.Table)
	}
	// As MySQL 9.7 wrote them for DELETE of a parent.
	if a, b := list[4].Event.(*replication.RowsEvent).Flags, list[5].Event.(*replication.RowsEvent).Flags; a != 0x12 || b != 0x11 {
		t.Errorf("flags %#x and %#x", a, b)
	}
}

func TestWhatCarriesNothingIsATransactionToo(t *testing.T) {
	e := NewEncoder(options(), history{}, 4)
	list, _ := parsed(t, e, func(emit func(Event) error) error { return e.Empty(5, 1_000_000, emit) })
	if got := shape(list); got != "GTIDEvent QueryEvent" {
		t.Fatalf("got %s", got)
	}
	if uint64(list[1].Header.LogPos) != txn.EndOf(5).Offset {
		t.Errorf("it ends at %d", list[1].Header.LogPos)
	}
}

func TestTransactionsWaitForThoseThatHaveAKeyOfTheirs(t *testing.T) {
	e := NewEncoder(options(), history{7: item()}, 9)
	key := func(n uint64) []txn.Key { return []txn.Key{{Table: 7, Hash: n, At: txn.Position(n)}} }
	for _, c := range []struct {
		r    Record
		want uint64
	}{
		{Record{Position: 10, Keys: key(1), Rows: 1}, 9},
		{Record{Position: 11, Keys: key(2), Rows: 1}, 9},
		{Record{Position: 12}, 9},
		{Record{Position: 13, Keys: append(key(2), key(1)...), Rows: 1}, 11},
		{Record{Position: 14, Rows: 1}, 13},
		{Record{Position: 15, Keys: key(3), Rows: 1}, 14},
		{Record{Position: 16, DDL: &txn.DDLBody{}}, 15},
		{Record{Position: 17, Keys: key(3), Rows: 1}, 16},
		{Record{Position: 18, Keys: key(4), Rows: 1, Tables: []txn.TableUse{{Exclusive: true}}}, 17},
		{Record{Position: 19, Keys: key(5), Rows: 1}, 18},
		{Record{Position: 20, Keys: key(6), Rows: 1}, 19},
		{Record{Position: 21, Keys: key(7), Rows: 1}, 20},
	} {
		if got, sequence := e.order.next(&c.r, c.r.Position == 20); got != c.want || sequence != uint64(c.r.Position) {
			t.Errorf("%d waits for %d, not %d; it is number %d", c.r.Position, got, c.want, sequence)
		}
	}
}

func TestPlacesOfPositions(t *testing.T) {
	for _, p := range []txn.Position{1, 2, 131071, 131072, 131073, 1 << 40} {
		place := txn.PlaceOf(p)
		if back, within := place.Position(); back != p || within != 0 {
			t.Errorf("%d lies at %v, where %d is", p, place, back)
		}
		if file, ok := txn.ParseBinlogFile(place.Name()); !ok || file != place.File {
			t.Errorf("the file %s of %d is read as %d", place.Name(), p, file)
		}
		if place.Offset >= 1<<31 || p < place.First() || p > place.Last() {
			t.Errorf("%d lies at %v", p, place)
		}
	}
	if a, b := txn.PlaceOf(131072), txn.PlaceOf(131073); a.File != 1 || b.File != 2 || b.Offset != txn.BinlogSlot {
		t.Errorf("files end at %v and begin at %v", a, b)
	}
	for _, name := range []string{"", "marmot-bin.", "marmot-bin.1", "marmot-bin.000000", "mysql-bin.000001", "marmot-bin.000001x"} {
		if _, ok := txn.ParseBinlogFile(name); ok {
			t.Errorf("%q is taken for a file", name)
		}
	}
}

func TestDefinitionsAreStatementsThatAReplicaExecutes(t *testing.T) {
	program, err := schemas.EncodeProgram(&schemas.Program{Kind: schemas.Procedure, Name: "p", Definer: "ann@%", Mode: 4, Body: "SELECT 1"})
	if err != nil {
		t.Fatal(err)
	}
	view, err := schemas.EncodeView(&schemas.View{Select: "select 1 AS `1`", Definer: "ann@localhost"})
	if err != nil {
		t.Fatal(err)
	}
	table, err := schemas.EncodeTable(item())
	if err != nil {
		t.Fatal(err)
	}
	created := func(kind txn.ObjectKind, definition []byte) []txn.DefinitionChange {
		return []txn.DefinitionChange{{Kind: kind, Op: txn.Insert, Database: "shop", Name: "x", Definition: definition}}
	}
	dropped := []txn.DefinitionChange{{Kind: txn.ObjectTable, Op: txn.Delete, Database: "shop", Name: "a"}, {Kind: txn.ObjectTable, Op: txn.Delete, Database: "old", Name: "b"}}
	for _, c := range []struct {
		text    string
		changes []txn.DefinitionChange
		want    string // statements of the transaction
	}{
		{"create table x (id int)", created(txn.ObjectTable, table), "create table x (id int)"},
		{"create table x (id int default 1 comment 'select')", created(txn.ObjectTable, table), "create table x (id int default 1 comment 'select')"},
		{"create table x as select * from y", created(txn.ObjectTable, table), "CREATE TABLE x"},
		{"CREATE TABLE `x` (\n  `id` int\n) START TRANSACTION", created(txn.ObjectTable, table), "CREATE TABLE `x` (\n  `id` int\n)"},
		{"drop table temporary_one, a, old.b", dropped, "DROP TABLE `a`,`old`.`b` /* generated by server */"},
		{"DROP TABLE IF EXISTS a, old.b", dropped, "DROP TABLE IF EXISTS `a`,`old`.`b` /* generated by server */"},
		{"create view x as select 1", created(txn.ObjectView, view), "CREATE ALGORITHM=UNDEFINED DEFINER=`ann`@`localhost` SQL SECURITY DEFINER VIEW `shop`.`x` AS select 1 AS `1`"},
		{"create procedure x() select 1", created(txn.ObjectProgram, program), "CREATE DEFINER=`ann`@`%` procedure x() select 1"},
		{"CREATE DEFINER = ann PROCEDURE x() SELECT 1", created(txn.ObjectProgram, program), "CREATE DEFINER=`ann`@`%` PROCEDURE x() SELECT 1"},
		{"", created(txn.ObjectTable, table), nothing.text},
	} {
		e := NewEncoder(options(), history{}, 0)
		r := record(1, nil)
		r.DDL = &txn.DDLBody{Text: c.text, Database: "shop", Changes: c.changes}
		list, _ := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
		var got []string
		for _, event := range list {
			if q, ok := event.Event.(*replication.QueryEvent); ok {
				got = append(got, string(q.Query))
			}
		}
		if text := strings.Join(got, "; "); text != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.text, text, c.want)
		}
	}
}

func TestStatementsThatFoundNothingToDoAreLogged(t *testing.T) {
	table := func(database, name string) txn.NamedObject {
		return txn.NamedObject{Kind: txn.ObjectTable, Database: database, Name: name}
	}
	dropped := []txn.DefinitionChange{{Kind: txn.ObjectTable, Op: txn.Delete, Database: "shop", Name: "z"}}
	for _, c := range []struct {
		body     txn.DDLBody
		database string
		want     string
	}{
		{txn.DDLBody{Text: "drop tables if exists a, old.b", Named: []txn.NamedObject{table("shop", "a"), table("old", "b")}}, "shop", "DROP TABLE IF EXISTS `a`,`old`.`b` /* generated by server */"},
		{txn.DDLBody{Text: "DROP TABLE IF EXISTS a, z", Changes: dropped, Named: []txn.NamedObject{table("shop", "a")}}, "shop", "DROP TABLE IF EXISTS `z`,`a` /* generated by server */"},
		{txn.DDLBody{Text: "CREATE TABLE IF NOT EXISTS a (id INT)", Named: []txn.NamedObject{table("shop", "a")}}, "shop", "CREATE TABLE IF NOT EXISTS a (id INT)"},
		{txn.DDLBody{Text: "DROP DATABASE IF EXISTS x", Named: []txn.NamedObject{{Kind: txn.ObjectDatabase, Database: "x"}}}, "x", "DROP DATABASE IF EXISTS x"},
		{txn.DDLBody{Text: "FLUSH TABLES"}, "shop", "FLUSH TABLES"},
	} {
		for _, maria := range []bool{false, true} {
			o := options()
			o.MariaDB = maria
			r := record(1, nil)
			c.body.Database = "shop"
			r.DDL = &c.body
			want := c.want
			if maria && len(c.body.Changes) == 0 {
				want = nothing.text
			}
			var got *replication.QueryEvent
			list, _ := parsed(t, NewEncoder(o, history{}, 0), func(emit func(Event) error) error { return NewEncoder(o, history{}, 0).Encode(r, emit) })
			for _, event := range list {
				if q, ok := event.Event.(*replication.QueryEvent); ok {
					got = q
				}
			}
			if got == nil || string(got.Query) != want || !maria && string(got.Schema) != c.database {
				t.Errorf("%s is told as %+v, want %s in %s (MariaDB: %v)", c.body.Text, got, want, c.database, maria)
			}
		}
	}
}

// status is what a query event says of the session: the options, the mode, and its time zone.
func status(e *replication.QueryEvent) (options uint32, mode uint64, zone string) {
	r := &reader{b: e.StatusVars}
	for len(r.b) > 0 {
		switch kind := r.uint(1); kind {
		case statusFlags2:
			options = uint32(r.uint(4))
		case statusSQLMode:
			mode = r.uint(8)
		case statusCatalog:
			r.bytes(int(r.uint(1)))
		case statusCharset:
			r.uint(6)
		case statusTimeZone:
			zone = string(r.bytes(int(r.uint(1))))
		default:
			return options, mode, zone
		}
	}
	return options, mode, zone
}

// TestDefinitionsRunAsInTheirSession: its mode decides how the text is read, its checks what may be missing, its time zone what a constant means.
func TestDefinitionsRunAsInTheirSession(t *testing.T) {
	table, err := schemas.EncodeTable(item())
	if err != nil {
		t.Fatal(err)
	}
	const ansiQuotes = 4
	context := &txn.StatementContext{SQLMode: ansiQuotes, TimeZone: "+02:00", NoForeignKeyChecks: true, NoUniqueChecks: true}
	for _, c := range []struct {
		text    string
		context *txn.StatementContext
		options uint32
		mode    uint64
		zone    string
	}{
		{`CREATE TABLE "x" ("id" INT)`, context, 1<<26 | 1<<27, ansiQuotes, ""},
		{"CREATE TABLE x (t TIMESTAMP DEFAULT '2024-01-01 00:00:00')", context, 1<<26 | 1<<27, ansiQuotes, "+02:00"},
		{"CREATE TABLE x (id INT)", nil, 0, defaultSQLMode, ""}, // of a release that did not know it
	} {
		e := NewEncoder(options(), history{}, 0)
		r := record(1, nil)
		r.DDL = &txn.DDLBody{Text: c.text, Database: "shop", Context: c.context, Changes: []txn.DefinitionChange{{Kind: txn.ObjectTable, Op: txn.Insert, Database: "shop", Name: "x", Definition: table}}}
		list, _ := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
		options, mode, zone := status(list[1].Event.(*replication.QueryEvent))
		if options != c.options || mode != c.mode || zone != c.zone {
			t.Errorf("%s: options %#x, mode %d, zone %q", c.text, options, mode, zone)
		}
	}
}

func TestStatementsOnAccountsAreTransactionsOfTheirOwn(t *testing.T) {
	e := NewEncoder(options(), history{}, 0)
	r := record(7, nil)
	r.Accounts = &txn.AccountStatement{Text: "DROP USER u", Database: "shop", Context: txn.StatementContext{SQLMode: 4}, ConnectionID: 9, User: "ann", Host: "h"}
	list, _ := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
	if got := shape(list); got != "GTIDEvent QueryEvent" {
		t.Fatalf("got %s", got)
	}
	if g := list[0].Event.(*replication.GTIDEvent); g.LastCommitted != 6 {
		t.Errorf("it waits for %d", g.LastCommitted)
	}
	q := list[1].Event.(*replication.QueryEvent)
	_, mode, _ := status(q)
	if string(q.Query) != "DROP USER u" || string(q.Schema) != "shop" || q.SlaveProxyID != 9 || mode != 4 ||
		!bytes.Contains(q.StatusVars, []byte("\x0b\x03ann\x01h\x0c\x01mysql\x00")) {
		t.Errorf("%s in %s, mode %d, %x", q.Query, q.Schema, mode, q.StatusVars)
	}
	if n, ok := statusNumber(q.StatusVars, statusXID); !ok || n != 7 {
		t.Errorf("number %d", n)
	}
}

func TestTransactionsOfTablesWithoutPrimaryKeyRunAlone(t *testing.T) {
	alone(t, item())
}

func TestTransactionsOfTablesWithForeignKeysRunAlone(t *testing.T) {
	child := item(schemas.ForeignKey{Columns: []int{0}, ReferencedDatabase: "shop", ReferencedTable: "parent", ReferencedColumns: []string{"id"}})
	child.Primary = &schemas.Index{Name: "PRIMARY", Unique: true, Parts: []schemas.IndexPart{{Column: 0}}}
	alone(t, child)
}

// alone checks that each transaction on the table waits for the one before.
func alone(t *testing.T, table *schemas.Table) {
	t.Helper()
	e := NewEncoder(options(), history{7: table}, 0)
	for p := txn.Position(1); p < 4; p++ {
		r := record(p, nil, insert(int64(p), "x"))
		r.Keys[0].Hash = uint64(p)
		r.Tables = []txn.TableUse{{Table: 7, Version: 7, Writes: true}}
		list, _ := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
		if g := list[0].Event.(*replication.GTIDEvent); g.LastCommitted != int64(p)-1 {
			t.Errorf("%d waits for %d", p, g.LastCommitted)
		}
	}
}

// TestADatabaseThatNamesNoCollationGetsThatOfItsSource: a replica takes it from the session's collation_server.
func TestADatabaseThatNamesNoCollationGetsThatOfItsSource(t *testing.T) {
	for collation, want := range map[string]uint64{"latin1_swedish_ci": 8, "utf8mb4_0900_ai_ci": defaultCollation} {
		definition, err := schemas.EncodeDatabase(&schemas.Database{Name: "x", Charset: schemas.LookupCollation(collation).Charset, Collation: collation})
		if err != nil {
			t.Fatal(err)
		}
		e := NewEncoder(options(), history{}, 0)
		r := record(1, nil)
		r.DDL = &txn.DDLBody{Text: "CREATE DATABASE x", Changes: []txn.DefinitionChange{{Kind: txn.ObjectDatabase, Op: txn.Insert, Database: "x", Name: "x", Definition: definition}}}
		list, _ := parsed(t, e, func(emit func(Event) error) error { return e.Encode(r, emit) })
		vars := list[1].Event.(*replication.QueryEvent).StatusVars
		// options, mode and catalog stand before the collations of client, connection and server.
		got := (&reader{b: vars[5+9+5+1+4:]}).uint(2)
		if vars[5+9+5] != statusCharset || got != want {
			t.Errorf("%s: kind %d, collation_server %d", collation, vars[5+9+5], got)
		}
	}
}
