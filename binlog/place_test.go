package binlog

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/replication"
)

// encoded are the events of a record, their data copied.
func encoded(t *testing.T, e *Encoder, r *Record) (list []Event) {
	t.Helper()
	if err := e.Encode(r, func(event Event) error {
		event.Data = bytes.Clone(event.Data)
		list = append(list, event)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// endOf is where an event says that it ends.
func endOf(e Event) uint64 { return uint64(binary.LittleEndian.Uint32(e.Data[13:])) }

// rowsOf are so many rows of so many bytes.
func rowsOf(n, bytes int) (list []txn.RowEvent) {
	for i := range n {
		list = append(list, insert(int64(i), strings.Repeat("r", bytes)))
	}
	return list
}

// TestAReaderGoesOnWhereItStoppedWithinALargeTransaction takes each end that an event says for the place where a reader goes on: it gets the events
// that it lacks.
func TestAReaderGoesOnWhereItStoppedWithinALargeTransaction(t *testing.T) {
	for _, c := range []struct{ rows, bytes int }{{1, 10}, {2, 3500}, {3, 3000}, {400, 3000}, {1, 100_000}} {
		e := NewEncoder(options(), history{7: item()}, 4)
		list := encoded(t, e, record(5, nil, rowsOf(c.rows, c.bytes)...))
		start := txn.PlaceOf(5).Offset
		for i := range list[:len(list)-1] {
			p, within := txn.BinlogPlace{File: 1, Offset: endOf(list[i])}.Position()
			if p != 5 {
				t.Fatalf("%d rows: event %d ends at %d, which is position %s", c.rows, i, endOf(list[i]), p)
			}
			for j, other := range list {
				if sent := other.From >= within; sent != (j > i) {
					t.Errorf("%d rows of %d bytes: event %d is sent after %d, which ends at %d: %t", c.rows, c.bytes, j, i, endOf(list[i])-start, sent)
				}
			}
		}
		if end := endOf(list[len(list)-1]); end != txn.EndOf(5).Offset {
			t.Errorf("%d rows: the last event ends at %d", c.rows, end)
		}
	}
}

// TestEventsBeyondThePlacesOfASlotAreSentAgain has more events than there are places: none is lost.
func TestEventsBeyondThePlacesOfASlotAreSentAgain(t *testing.T) {
	p := placing{start: txn.BinlogSlot, whole: 1 << 30}
	last := uint64(0)
	for range 3 * slotHalf {
		from, end := p.place(8000, false)
		if from != last || end-p.start < last || end-p.start > lastPlace {
			t.Fatalf("an event from %d to %d after %d", from, end, last)
		}
		last = end - p.start
	}
	if from, end := p.place(31, true); from != lastPlace || end != 2*txn.BinlogSlot {
		t.Errorf("the last event lies from %d to %d", from, end)
	}
}

// TestAReplicaThatAddsUpWhatItGetsIsWhereTheSourceSays compares the ends of events with the bytes sent.
func TestAReplicaThatAddsUpWhatItGetsIsWhereTheSourceSays(t *testing.T) {
	for _, maria := range []bool{false, true} {
		for size := 10; size < 2*txn.BinlogSlot; size += 37 {
			o := options()
			o.Adds, o.MariaDB = true, maria
			list := encoded(t, NewEncoder(o, history{7: item()}, 4), record(5, nil, insert(1, strings.Repeat("x", size))))
			at := txn.PlaceOf(5).Offset
			if list[0].Own {
				at = fileHeaderBytes
			}
			var whole uint64
			for i, event := range list {
				at, whole = at+uint64(len(event.Data)), whole+uint64(len(event.Data))
				if maria && !event.Own && i == len(list)-1 {
					at = txn.EndOf(5).Offset // a MariaDB takes the end of an event that is farther than its sum
				}
				if endOf(event) != at {
					t.Fatalf("%d bytes: event %d ends at %d, and the sum is %d", size, i, endOf(event), at)
				}
			}
			if !list[0].Own && at != txn.EndOf(5).Offset {
				t.Fatalf("%d bytes: the transaction ends at %d", size, at)
			}
			if list[0].Own != (size > txn.BinlogSlot-400) && (size < txn.BinlogSlot-500 || size > txn.BinlogSlot-100) {
				t.Errorf("a row of %d bytes is a file of its own: %t", size, list[0].Own)
			}
			p := replication.NewBinlogParser()
			if _, err := p.Parse((&Writer{Checksum: true}).FormatDescription("8.4.6-marmot", 0)); err != nil {
				t.Fatal(err)
			}
			g, err := p.Parse(list[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			if length := g.Event.(*replication.GTIDEvent).TransactionLength; length != whole {
				t.Errorf("%d bytes: the transaction has %d and says %d", size, whole, length)
			}
		}
	}
}

func TestAMariaDBGetsJSONAsText(t *testing.T) {
	o := options()
	o.MariaDB = true
	def := item()
	def.Columns[1].Type = schemas.Type{Kind: schemas.JSON}
	list := encoded(t, NewEncoder(o, history{7: def}, 4), record(5, nil, insert(1, `{"a": 1}`)))
	p := replication.NewBinlogParser()
	if _, err := p.Parse((&Writer{Checksum: true}).FormatDescription("8.4.6-marmot", 0)); err != nil {
		t.Fatal(err)
	}
	for _, event := range list {
		b, err := p.Parse(event.Data)
		if err != nil {
			t.Fatal(err)
		}
		switch x := b.Event.(type) {
		case *replication.TableMapEvent:
			if x.ColumnType[1] != columnBlob {
				t.Errorf("the column has type %d", x.ColumnType[1])
			}
		case *replication.RowsEvent:
			if got, ok := x.Rows[0][1].([]byte); !ok || string(got) != `{"a": 1}` {
				t.Errorf("the value is %v", x.Rows[0][1])
			}
		case *replication.QueryEvent:
			if !bytes.Contains(x.StatusVars, []byte{statusCharset, mariaCollation, 0, mariaCollation, 0, mariaServerCollation & 0xff, mariaServerCollation >> 8}) {
				t.Errorf("the collations are others: % x", x.StatusVars)
			}
		}
	}
}

func TestNamesOfFilesOfOneTransaction(t *testing.T) {
	for _, p := range []txn.Position{1, 12, 999_999_999_999, 1 << 50} {
		if got, ok := txn.ParseOwnFile(txn.OwnFile(p)); !ok || got != p {
			t.Errorf("%s is read as %d", txn.OwnFile(p), got)
		}
	}
	for _, name := range []string{"", "marmot-bin.000001", "marmot-transaction.1", "marmot-transaction.000000000000", "marmot-transaction.-00000000001"} {
		if _, ok := txn.ParseOwnFile(name); ok {
			t.Errorf("%q is taken for a file of one transaction", name)
		}
	}
}

func TestAMariaDBGetsItsOwnNamesOfCollations(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"CREATE TABLE t (a TEXT COLLATE utf8mb4_0900_ai_ci, b TEXT COLLATE utf8mb4_0900_bin)", "CREATE TABLE t (a TEXT COLLATE utf8mb4_uca1400_nopad_ai_ci, b TEXT COLLATE utf8mb4_nopad_bin)"},
		{"CREATE TABLE `utf8mb4_0900_ai_ci` (a INT COMMENT 'utf8mb4_0900_ai_ci') /*!50100 COLLATE UTF8MB4_0900_AS_CS */", "CREATE TABLE `utf8mb4_0900_ai_ci` (a INT COMMENT 'utf8mb4_0900_ai_ci') /*!50100 COLLATE utf8mb4_uca1400_nopad_as_cs */"},
		{"CREATE TABLE t (a TEXT COLLATE utf8mb4_unicode_ci)", "CREATE TABLE t (a TEXT COLLATE utf8mb4_unicode_ci)"},
	} {
		q := query{text: c.text}
		if q.forMariaDB(); q.text != c.want {
			t.Errorf("%s\nbecomes %s\nnot     %s", c.text, q.text, c.want)
		}
	}
}
