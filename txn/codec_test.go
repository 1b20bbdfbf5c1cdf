package txn

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files of testdata")

func testHeader() Header {
	return Header{
		Cluster: testUUID(1), Generation: 2, Node: "paris", Epoch: 17, Sequence: 4711,
		TimeUS: 1_700_000_000_123_456,
	}
}

func testUUID(first byte) UUID {
	var u UUID
	for i := range u {
		u[i] = first + byte(i)
	}
	return u
}

func testHash(first byte) (h Hash128) { return Hash128(testUUID(first)) }

func testChain(first byte) (c ChainHash) {
	for i := range c {
		c[i] = first + byte(i)
	}
	return c
}

func testTransaction() *Transaction {
	return &Transaction{
		ConnectionID: 9,
		Begin:        1000,
		Tables: []TableUse{
			{Table: 5, Database: 3, Version: 6, Writes: true, AutoIncrement: 12},
			{Table: 7, Database: 3, Version: 8, Read: true, ReadAt: 1001},
			{Table: 11, Database: 4, Version: 8, Exclusive: true, ExclusiveAt: 1002},
		},
		Keys: []Key{
			{Table: 5, Hash: 0xdeadbeefcafef00d, Mode: Exclusive, At: 1000},
			{Table: 5, Hash: 1, Mode: Exclusive, At: 1000},
			{Table: 7, Hash: 2, Mode: Read, At: 1001},
			{Table: 7, Hash: 3, Mode: Reference, At: 998},
		},
		Chunks:     []ChunkRef{{Partition: 3, Offset: 1 << 40, Bytes: 512 << 10, Hash: testHash(9)}},
		Inline:     []byte("inline"),
		Voided:     []OrdinalRange{{First: 2, End: 4}},
		Statements: []Statement{{Events: OrdinalRange{First: 0, End: 2}, Text: "INSERT INTO t VALUES (1)"}, {}},
		Events:     7,
	}
}

// testBodies holds one body of each type, no field zero.
func testBodies() []Body {
	return []Body{
		testTransaction(),
		&Transaction{},
		&DDL{Transaction: *testTransaction(), Definition: []ChunkRef{{Offset: 4, Hash: testHash(1)}}, InlineBody: []byte("body")},
		&Genesis{Base: 99, PreviousHash: testChain(3), Partitions: 16, Partition: -1,
			Settings: Settings{Rules: 1, WindowRecords: 2, WindowKeys: 3, CheckpointGap: 4}, CreatedBy: "2.0.0"},
		&Opening{DataUUID: testUUID(40), Version: "2.0.0", Rules: 1},
		&Noop{},
		&Barrier{},
		&Fence{Owner: 4, Tables: []TableID{1, 2}, Databases: []DatabaseID{3}, Exclusive: true},
		&Unfence{Owner: 4},
		&EmissionOwner{Emission: "debezium", Previous: 12},
		&Lease{Table: 5, Count: 100, AtLeast: 1000},
		&NamedLock{Name: "job", Owner: 5, Take: true},
		&EventOwner{Previous: 6},
		&MemberChange{Node: "rome", Removed: true},
		&SettingsChange{Settings: Settings{Rules: 1, WindowRecords: 20, WindowKeys: 30, CheckpointGap: 40}},
		&TrimFloor{Floor: 77},
		&Checkpoint{First: 1, Last: 4096, Aborted: []Position{3, 4, 4096}, Ledger: testHash(5), Chain: testChain(6)},
		&Account{User: "app", Host: "%", Statement: "GRANT", Verifier: []byte{1, 2}, Plugin: "caching_sha2_password", Removed: true},
		&Resolve{At: 55, Reason: "row of a table that is gone"},
		&Transaction{Statements: []Statement{{Events: OrdinalRange{First: 1, End: 2}, Text: "DELETE FROM t"}}},
		&Accounts{Seen: testHash(8), Changes: []Account{{User: "app", Host: "%", Statement: "{}", Verifier: []byte{1}, Plugin: "caching_sha2_password"}, {User: "old", Host: "h", Removed: true}}},
		&Kill{ID: 4194309, Connection: true, User: "app", Any: true, Request: 3},
		&Killed{Epoch: 12, Request: 3, Code: 1094},
		&EmissionSignal{Emission: "main", ID: "adhoc-1", Type: "execute-snapshot", Data: `{"data-collections":["inv.t"]}`},
		&EmissionControl{Emission: "main", Action: EmissionNeeds, Position: 4711, Reset: 4000},
		&Transaction{Events: 1, XA: true},
		&Accounts{Seen: testHash(8), Changes: []Account{{User: "app", Host: "%", Statement: "{}"}}, Statement: &AccountStatement{
			Text: "CREATE USER app", Database: "shop", Context: *testContext(), ConnectionID: 9, User: "root", Host: "%"}},
	}
}

func bodyName(i int, b Body) string {
	return fmt.Sprintf("%02d-%s", i, strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", b), "*txn.")))
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	for i, body := range testBodies() {
		t.Run(bodyName(i, body), func(t *testing.T) {
			want := &Record{Header: testHeader(), Body: body}
			b, err := EncodeRecord(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := DecodeRecord(b)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			golden(t, "record-"+bodyName(i, body), b)
		})
	}
}

// golden compares bytes with a file that only -rewrite changes: records are for ever.
func golden(t *testing.T, name string, b []byte) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".hex")
	text := hexLines(b)
	if *rewrite {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("%s: bytes of a record have changed\ngot\n%swant\n%s", file, text, want)
	}
}

func hexLines(b []byte) string {
	var s strings.Builder
	for len(b) > 0 {
		n := min(32, len(b))
		fmt.Fprintf(&s, "%x\n", b[:n])
		b = b[n:]
	}
	return s.String()
}

func TestChunkAndStreamGenesisComeBackAsTheyWere(t *testing.T) {
	chunk := &Chunk{Header: testHeader(), Branch: 8, Kind: ChunkRows,
		Ordinals: OrdinalRange{First: 10, End: 20}, Continues: true, Payload: []byte("payload")}
	b, err := EncodeChunk(chunk)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeChunk(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, chunk) {
		t.Errorf("got  %+v\nwant %+v", got, chunk)
	}
	golden(t, "chunk", b)

	genesis := &Genesis{Base: 99, PreviousHash: testChain(3), Partitions: 16, Partition: 5, CreatedBy: "2.0.0"}
	if b, err = EncodeStreamGenesis(testHeader(), genesis); err != nil {
		t.Fatal(err)
	}
	h, g, err := DecodeStreamGenesis(b)
	if err != nil {
		t.Fatal(err)
	}
	if h != testHeader() || *g != *genesis {
		t.Errorf("got %+v %+v", h, g)
	}
	golden(t, "stream-genesis", b)
}

func testContext() *StatementContext {
	return &StatementContext{SQLMode: 4, TimeZone: "+02:00", NoForeignKeyChecks: true, NoUniqueChecks: true}
}

// testContextBody is a body with what older ones lack.
func testContextBody() *DDLBody {
	return &DDLBody{Text: `CREATE TABLE "t" ("c" INT)`, Context: testContext(), Changes: []DefinitionChange{{Kind: ObjectTable, Op: Insert, Database: "shop", Name: "t"}}}
}

func testDDLBody() *DDLBody {
	return &DDLBody{
		Text: "ALTER TABLE t ADD c INT", Database: "shop",
		Changes: []DefinitionChange{{Kind: ObjectTable, Op: Update, ID: 5, DBID: 3, Database: "shop", Name: "t",
			Definition: []byte("{}"), Truncate: true, SQLite: []string{"ALTER TABLE t ADD c", "SELECT 1"}}},
		Conversions: []Conversion{{Name: "cast", Version: 1, Table: 5, Args: []string{"c", "INT"}}},
	}
}

func TestDDLBodyComesBackWithItsContext(t *testing.T) {
	b, err := EncodeDDLBody(testContextBody())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeDDLBody(b); err != nil || !reflect.DeepEqual(got, testContextBody()) {
		t.Errorf("%+v, %v", got, err)
	}
	golden(t, "ddlbody-context", b)
}

// testNamedBody is a statement that found nothing to do.
func testNamedBody() *DDLBody {
	return &DDLBody{Text: "DROP TABLE IF EXISTS `a` /* generated by server */", Database: "shop",
		Named: []NamedObject{{Kind: ObjectTable, Database: "shop", Name: "a"}, {Kind: ObjectDatabase, Database: "old"}}}
}

func TestDDLBodyComesBackWithWhatItNames(t *testing.T) {
	b, err := EncodeDDLBody(testNamedBody())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeDDLBody(b); err != nil || !reflect.DeepEqual(got, testNamedBody()) {
		t.Errorf("%+v, %v", got, err)
	}
	golden(t, "ddlbody-named", b)
	future := testNamedBody()
	future.Named[0].Kind = ObjectProgram + 1
	if b, err = EncodeDDLBody(future); err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeDDLBody(b); !errors.Is(err, ErrFuture) {
		t.Errorf("a name of an unknown kind gives %v", err)
	}
}

func TestDDLBodyComesBackAsItWas(t *testing.T) {
	b, err := EncodeDDLBody(testDDLBody())
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeDDLBody(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, testDDLBody()) {
		t.Errorf("got  %+v\nwant %+v", got, testDDLBody())
	}
	golden(t, "ddlbody", b)
}

func TestKeysComeBackGroupedByTable(t *testing.T) {
	body := &Transaction{
		Tables: []TableUse{{Table: 1}, {Table: 2}},
		Keys: []Key{
			{Table: 2, Hash: 20, Mode: Exclusive, At: 5}, {Table: 1, Hash: 10, Mode: Exclusive, At: 7},
			{Table: 2, Hash: 21, Mode: Reference, At: 3}, {Table: 1, Hash: 11, Mode: Exclusive, At: 7},
		},
	}
	b, err := EncodeRecord(&Record{Header: testHeader(), Body: body})
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeRecord(b)
	if err != nil {
		t.Fatal(err)
	}
	want := []Key{body.Keys[1], body.Keys[3], body.Keys[0], body.Keys[2]}
	if keys := got.Body.(*Transaction).Keys; !reflect.DeepEqual(keys, want) {
		t.Errorf("got %v, want %v", keys, want)
	}
}

func TestEncodeRefusesWhatDecodeWouldNotGiveBack(t *testing.T) {
	for name, body := range map[string]Body{
		"no body":             nil,
		"key without a table": &Transaction{Keys: []Key{{Table: 1, Mode: Read}}},
		"key without a mode":  &Transaction{Tables: []TableUse{{Table: 1}}, Keys: []Key{{Table: 1}}},
		"table named twice":   &Transaction{Tables: []TableUse{{Table: 1}, {Table: 1}}},
		"name not UTF-8":      &NamedLock{Name: "\xff"},
	} {
		if _, err := EncodeRecord(&Record{Header: testHeader(), Body: body}); err == nil {
			t.Errorf("%s: encoded", name)
		}
	}
}

func TestStatementTextNeedNotBeUTF8(t *testing.T) {
	body := &Transaction{Statements: []Statement{{Text: "INSERT INTO t VALUES ('\xff\xfe')"}}}
	b, err := EncodeRecord(&Record{Header: testHeader(), Body: body})
	if err != nil {
		t.Fatal(err)
	}
	r, err := DecodeRecord(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Body.(*Transaction).Statements[0].Text; got != "INSERT INTO t VALUES ('\uFFFD')" {
		t.Errorf("got %q", got)
	}
}

func TestDamageIsToldFromForeignAndFutureRecords(t *testing.T) {
	good, err := EncodeRecord(&Record{Header: testHeader(), Body: &Noop{}})
	if err != nil {
		t.Fatal(err)
	}
	future := append([]byte(nil), good...)
	future[4] = 2
	unknownType := append(append([]byte(nil), good[:len(good)-2]...), 0xf2, 0x3f, 0) // field 1022 instead of noop
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"empty", nil, ErrForeign},
		{"short", []byte("MRM"), ErrForeign},
		{"another program's", []byte("{\"id\": 1}"), ErrForeign},
		{"newer format", future, ErrFuture},
		{"unknown type", unknownType, ErrFuture},
		{"cut off", good[:len(good)-1], ErrCorrupt},
		{"prefix only", good[:5], ErrCorrupt},
	} {
		if _, err := DecodeRecord(c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}
