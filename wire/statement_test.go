package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	driver "github.com/go-sql-driver/mysql"
)

// executeBody is a COM_STMT_EXECUTE without its command byte.
func executeBody(id uint32, flags byte, params ...byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, id)
	return append(append(b, flags, 1, 0, 0, 0), params...)
}

func longData(id uint32, index uint16, data string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, id)
	return append(binary.LittleEndian.AppendUint16(b, index), data...)
}

func fetchBody(id, count uint32) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, id), count)
}

// lastCall is what the latest session was asked last.
func (ts *testServer) lastCall() string {
	f := ts.session()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[len(f.calls)-1]
}

func TestPrepareDescribesParametersAndColumns(t *testing.T) {
	s := &script{params: map[string]int{"p": 2}, columns: map[string][]dialect.ResultColumn{"p": textColumns("a", "b")}, status: session.StatusInTransaction}
	ts := startServer(t, s, nil)
	for _, capabilities := range []uint32{0, mysql.CLIENT_DEPRECATE_EOF} {
		c := ts.login(capabilities)
		first, second := c.prepare("p"), c.prepare("none")
		if len(first.params) != 2 || first.params[1].name != "?" || first.params[1].code != mysql.MYSQL_TYPE_VAR_STRING {
			t.Errorf("parameters %+v", first.params)
		}
		if len(first.columns) != 2 || first.columns[1].name != "b" {
			t.Errorf("columns %+v", first.columns)
		}
		if second.id == first.id || len(second.params)+len(second.columns) != 0 {
			t.Errorf("second statement %+v", second)
		}
		c.parseOK(c.ask(mysql.COM_PING))
	}
}

func TestParametersOfEveryType(t *testing.T) {
	d := decoder{data: allParams()}
	readExecute(&d)
	e, err := parseParams(&d, len(allParamTypes), 0, false, execution{}, nil)
	if err != nil || len(d.data) != 0 {
		t.Fatalf("%v, %d bytes left", err, len(d.data))
	}
	var got []string
	for _, v := range e.values {
		got = append(got, v.String())
	}
	blob, str := "x'610062'", "'a\x00b'"
	want := []string{"NULL", "-2", "2026", "2026", "1069547520", "1069547520", "4609434218613702656", "1.5", "1.5", "'2026-01-31'",
		"'2026-01-31 12:30:59.123456'", "'2026-01-31 12:30:59.123456'", "'-838:59:59.123456'", str, str, blob, str, str, str, blob, str, str, blob}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestParametersAtTheirLimits(t *testing.T) {
	for _, c := range []struct {
		code     byte
		unsigned bool
		bytes    string
		want     txn.Value
	}{
		{mysql.MYSQL_TYPE_TINY, true, "\xff", txn.Int(255)},
		{mysql.MYSQL_TYPE_SHORT, true, "\xff\xff", txn.Int(65535)},
		{mysql.MYSQL_TYPE_SHORT, false, "\xff\xff", txn.Int(-1)},
		{mysql.MYSQL_TYPE_LONG, true, "\xff\xff\xff\xff", txn.Int(math.MaxUint32)},
		{mysql.MYSQL_TYPE_LONG, false, "\xff\xff\xff\xff", txn.Int(-1)},
		{mysql.MYSQL_TYPE_LONGLONG, true, "\xff\xff\xff\xff\xff\xff\xff\xff", txn.TextString("18446744073709551615")},
		{mysql.MYSQL_TYPE_LONGLONG, true, "\xff\xff\xff\xff\xff\xff\xff\x7f", txn.Int(math.MaxInt64)},
		{mysql.MYSQL_TYPE_LONGLONG, false, "\xff\xff\xff\xff\xff\xff\xff\xff", txn.Int(-1)},
		{mysql.MYSQL_TYPE_FLOAT, false, "\xcd\xcc\xcc\x3d", txn.Real(0.10000000149011612)},
		{mysql.MYSQL_TYPE_DATE, false, "\x00", txn.TextString("0000-00-00")},
		{mysql.MYSQL_TYPE_DATE, false, "\x07\xea\x07\x01\x1f\x01\x02\x03", txn.TextString("2026-01-31 01:02:03")},
		{mysql.MYSQL_TYPE_DATETIME, false, "\x00", txn.TextString("0000-00-00 00:00:00")},
		{mysql.MYSQL_TYPE_DATETIME, false, "\x04\xea\x07\x01\x1f", txn.TextString("2026-01-31 00:00:00")},
		{mysql.MYSQL_TYPE_TIME, false, "\x00", txn.TextString("00:00:00")},
		{mysql.MYSQL_TYPE_TIME, false, "\x08\x00\x01\x00\x00\x00\x01\x02\x03", txn.TextString("25:02:03")},
		{mysql.MYSQL_TYPE_VAR_STRING, false, "\x00", txn.TextString("")},
		{mysql.MYSQL_TYPE_BLOB, false, "\xfc\x02\x00ab", txn.Blob([]byte("ab"))},
	} {
		d := decoder{data: []byte(c.bytes)}
		if got := parseParam(&d, paramType{code: c.code, unsigned: c.unsigned}); d.err != nil || len(d.data) > 0 || !got.Equal(c.want) {
			t.Errorf("type %#x, % x: %v (%v), want %v", c.code, c.bytes, got, d.err, c.want)
		}
	}
}

// TestExecutionWithoutTypesKeepsThem: "new_params_bind_flag" is set on the first execution only.
func TestExecutionWithoutTypesKeepsThem(t *testing.T) {
	ts := startServer(t, &script{params: map[string]int{"p": 2}}, nil)
	c := ts.login(0)
	p := c.prepare("p")
	types := []byte{mysql.MYSQL_TYPE_LONG, 0, mysql.MYSQL_TYPE_VAR_STRING, 0}
	for _, e := range []struct {
		params []byte
		want   string
	}{
		{append(append([]byte{0, 1}, types...), 1, 0, 0, 0, 1, 'a'), "execute p [1 'a']"},
		{[]byte{0, 0, 2, 0, 0, 0, 1, 'b'}, "execute p [2 'b']"},
		{[]byte{2, 0, 3, 0, 0, 0}, "execute p [3 NULL]"},
		{[]byte{3, 1, mysql.MYSQL_TYPE_NULL, 0, mysql.MYSQL_TYPE_TINY, 0}, "execute p [NULL NULL]"},
		{[]byte{1, 0, 0xff}, "execute p [NULL -1]"},
	} {
		c.parseOK(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, 0, e.params...)...))
		if got := ts.lastCall(); got != e.want {
			t.Errorf("got %s, want %s", got, e.want)
		}
	}
}

// TestNullsNeedNoTypes: Connector/J sends "new_params_bind_flag" with the first value that is not NULL only.
func TestNullsNeedNoTypes(t *testing.T) {
	ts := startServer(t, &script{params: map[string]int{"p": 2}}, nil)
	c := ts.login(0)
	p := c.prepare("p")
	for _, e := range []struct {
		params []byte
		want   string
	}{
		{[]byte{3, 0}, "execute p [NULL NULL]"},
		{[]byte{3, 0}, "execute p [NULL NULL]"},
		{[]byte{2, 1, mysql.MYSQL_TYPE_TINY, 0, mysql.MYSQL_TYPE_NULL, 0, 7}, "execute p [7 NULL]"},
		{[]byte{3, 0}, "execute p [NULL NULL]"},
		{[]byte{2, 0, 8}, "execute p [8 NULL]"},
	} {
		c.parseOK(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, 0, e.params...)...))
		if got := ts.lastCall(); got != e.want {
			t.Errorf("got %s, want %s", got, e.want)
		}
	}
	q := c.prepare("p")
	if reply := c.ask(mysql.COM_STMT_EXECUTE, executeBody(q.id, 0, 2, 0, 8)...); reply[0] != mysql.ERR_HEADER {
		t.Errorf("a value without a type: % x", reply)
	}
}

func TestLongData(t *testing.T) {
	ts := startServer(t, &script{params: map[string]int{"p": 2}}, func(o *Options) { o.MaxAllowedPacket = 100 })
	c := ts.login(0)
	p, q := c.prepare("p"), c.prepare("p")
	types := []byte{1, mysql.MYSQL_TYPE_BLOB, 0, mysql.MYSQL_TYPE_VAR_STRING, 0}
	long := func(id uint32, index uint16, data string) {
		c.command(mysql.COM_STMT_SEND_LONG_DATA, longData(id, index, data)...)
	}
	execute := func(id uint32, params ...byte) []byte {
		return c.ask(mysql.COM_STMT_EXECUTE, executeBody(id, 0, params...)...)
	}
	expect := func(want string) {
		t.Helper()
		if got := ts.lastCall(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	long(p.id, 0, "ab")
	long(p.id, 0, "cd")
	long(p.id, 1, "") // an empty string, not NULL
	c.parseOK(execute(p.id, append([]byte{0}, types...)...))
	expect("execute p [x'61626364' '']")

	c.parseOK(execute(p.id, 0, 0, 1, 'x', 1, 'y')) // the long data are used up
	expect("execute p [x'78' 'y']")

	long(p.id, 0, "gone")
	c.parseOK(c.ask(mysql.COM_STMT_RESET, binary.LittleEndian.AppendUint32(nil, p.id)...))
	c.parseOK(execute(p.id, 0, 0, 1, 'x', 1, 'y'))
	expect("execute p [x'78' 'y']")

	long(p.id, 2, "no such parameter")
	c.expectError(execute(p.id, 0, 0, 1, 'x', 1, 'y'), mysql.ER_WRONG_ARGUMENTS)
	long(99, 0, "no such statement, and no answer")

	long(p.id, 0, strings.Repeat("x", 60))
	long(q.id, 0, strings.Repeat("y", 60)) // more than the connection may hold
	c.parseOK(execute(p.id, 0, 0, 1, 'y'))
	c.expectError(execute(q.id, append([]byte{0}, append(types, 1, 'x', 1, 'y')...)...), mysql.ER_UNKNOWN_ERROR)
	c.parseOK(execute(q.id, append([]byte{0}, append(types, 1, 'x', 1, 'y')...)...))
	for range 10 { // nothing is left of what was dropped
		long(q.id, 0, strings.Repeat("y", 80))
		c.parseOK(c.ask(mysql.COM_STMT_RESET, binary.LittleEndian.AppendUint32(nil, q.id)...))
	}
	long(q.id, 0, strings.Repeat("y", 80))
	c.command(mysql.COM_STMT_CLOSE, binary.LittleEndian.AppendUint32(nil, q.id)...)
	long(p.id, 0, strings.Repeat("x", 80))
	c.parseOK(execute(p.id, 0, 0, 1, 'y'))
}

func TestStatementsAreLimitedAndClosed(t *testing.T) {
	ts := startServer(t, &script{params: map[string]int{"many": maxParams + 1}}, func(o *Options) { o.MaxStatements = 2 })
	c := ts.login(0)
	c.expectError(c.ask(mysql.COM_STMT_PREPARE, []byte("many")...), mysql.ER_PS_MANY_PARAM)
	a := c.prepare("a")
	c.prepare("b")
	c.expectError(c.ask(mysql.COM_STMT_PREPARE, 'c'), mysql.ER_MAX_PREPARED_STMT_COUNT_REACHED)
	c.command(mysql.COM_STMT_CLOSE, binary.LittleEndian.AppendUint32(nil, a.id)...)
	c.command(mysql.COM_STMT_CLOSE, 99, 0, 0, 0) // nothing to close, and no answer
	c.prepare("c")
	c.expectError(c.ask(mysql.COM_STMT_EXECUTE, executeBody(a.id, 0)...), mysql.ER_UNKNOWN_STMT_HANDLER)
	_ = c.conn.Close()
	ts.await("the statements' end", func() bool { return ts.statements.Load() == 0 })
}

// counted answers n rows of one text column.
func counted(n int, fail error) answer {
	return func(_ context.Context, w session.ResultWriter, _ []txn.Value) error {
		if err := w.Columns(textColumns("n")); err != nil {
			return err
		}
		for i := range n {
			if err := w.Row(textRow(fmt.Sprint(i))); err != nil {
				return err
			}
		}
		if fail != nil {
			return fail
		}
		return w.End(session.Result{Status: session.StatusAutocommit, Warnings: 3})
	}
}

func TestCursors(t *testing.T) {
	failed := mysqlerr.New(mysql.ER_DIVISION_BY_ZERO)
	s := &script{
		queries: map[string]answer{"five": counted(5, nil), "none": counted(0, nil), "fails": counted(5, failed), "huge": counted(100, nil)},
		columns: map[string][]dialect.ResultColumn{"five": textColumns("n"), "none": textColumns("n"), "fails": textColumns("n"), "huge": textColumns("n")},
		status:  session.StatusAutocommit | session.StatusInTransaction,
	}
	ts := startServer(t, s, func(o *Options) { o.MaxCursorBytes = 500 })
	for _, capabilities := range []uint32{0, mysql.CLIENT_DEPRECATE_EOF} {
		c := ts.login(capabilities)
		cursor := func(text string) uint32 {
			p := c.prepare(text)
			r := c.readCursor(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, mysql.CURSOR_TYPE_READ_ONLY)...))
			if status := c.endStatus(r); status&mysql.SERVER_STATUS_CURSOR_EXISTS == 0 {
				t.Fatalf("status %#x of an open cursor", status)
			}
			return p.id
		}
		fetch := func(id, count uint32) (n int, status uint16) {
			c.command(mysql.COM_STMT_FETCH, fetchBody(id, count)...)
			list, end := c.readRows()
			return len(list), c.endStatus(end)
		}
		id := cursor("five")
		n, status := fetch(id, 2)
		if want := uint16(s.status) | mysql.SERVER_STATUS_CURSOR_EXISTS; n != 2 || status != want {
			t.Errorf("first fetch: %d rows, status %#x, want %#x", n, status, want)
		}
		n, status = fetch(id, 100)
		if want := uint16(s.status) | mysql.SERVER_STATUS_LAST_ROW_SEND; n != 3 || status != want {
			t.Errorf("second fetch: %d rows, status %#x, want %#x", n, status, want)
		}
		c.expectError(c.ask(mysql.COM_STMT_FETCH, fetchBody(id, 1)...), mysql.ER_STMT_HAS_NO_OPEN_CURSOR)

		id = cursor("none")
		if n, status = fetch(id, 1); n != 0 || status&mysql.SERVER_STATUS_LAST_ROW_SEND == 0 {
			t.Errorf("fetch of no rows: %d rows, status %#x", n, status)
		}

		id = cursor("five") // COM_STMT_RESET closes a cursor
		c.parseOK(c.ask(mysql.COM_STMT_RESET, binary.LittleEndian.AppendUint32(nil, id)...))
		c.expectError(c.ask(mysql.COM_STMT_FETCH, fetchBody(id, 1)...), mysql.ER_STMT_HAS_NO_OPEN_CURSOR)

		for text, code := range map[string]uint16{"fails": mysql.ER_DIVISION_BY_ZERO, "huge": mysql.ER_OUT_OF_RESOURCES} {
			p := c.prepare(text)
			for range 3 { // what failed holds nothing
				c.expectError(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, mysql.CURSOR_TYPE_READ_ONLY)...), code)
			}
		}
		for range 50 { // a second execution closes the first's cursor
			p := c.prepare("five")
			for range 5 {
				c.readCursor(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, mysql.CURSOR_TYPE_READ_ONLY)...))
			}
			c.command(mysql.COM_STMT_CLOSE, binary.LittleEndian.AppendUint32(nil, p.id)...)
		}
		p := c.prepare("no rows at all") // a cursor of no result set is an OK
		c.parseOK(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, mysql.CURSOR_TYPE_READ_ONLY)...))
	}
}

// TestDriversArguments binds Go values of all kinds by go-sql-driver's binary protocol.
func TestDriversArguments(t *testing.T) {
	ts := startServer(t, &script{params: map[string]int{"p": 9}}, nil)
	db := connect(t, ts, "root", testPassword, "")
	at := time.Date(2026, 1, 31, 12, 30, 0, 5000, time.UTC)
	large := bytes.Repeat([]byte("l"), 1<<20)
	if _, err := db.Exec("p", int64(-1), uint64(math.MaxUint64), 2.5, true, "text", []byte{0xff}, nil, at, large); err != nil {
		t.Fatal(err)
	}
	got := ts.session().noted()
	want := "execute p [-1 18446744073709551615 2.5 1 'text' '\xff' NULL '2026-01-31 12:30:00.000005' '" + string(large) + "']"
	if got = strings.Split(got, "; ")[0]; got != want && got != strings.Replace(want, "18446744073709551615", "'18446744073709551615'", 1) {
		t.Errorf("got %.200s, want %.200s", got, want)
	}
}

func TestDriverSeesErrorsOfStatements(t *testing.T) {
	s := &script{params: map[string]int{"p": 1}, queries: map[string]answer{"p": counted(3, mysqlerr.New(mysql.ER_LOCK_DEADLOCK))}, columns: map[string][]dialect.ResultColumn{"p": textColumns("n")}}
	db := connect(t, startServer(t, s, nil), "root", testPassword, "")
	result, err := db.Query("p", 1)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for result.Next() {
		n++
	}
	var e *driver.MySQLError
	if err := result.Err(); n != 3 || !errors.As(err, &e) || e.Number != mysql.ER_LOCK_DEADLOCK || string(e.SQLState[:]) != "40001" {
		t.Errorf("after %d rows: %v", n, err)
	}
	if err := ping(db); err != nil {
		t.Error(err)
	}
}

// TestLargeCursorsLieInFiles: what does not fit in memory comes back in order, and the file is gone with the cursor.
func TestLargeCursorsLieInFiles(t *testing.T) {
	const count = 5000
	many := make([][]txn.Value, count)
	for i := range many {
		many[i] = []txn.Value{txn.TextString(fmt.Sprintf("%05d%s", i, strings.Repeat("x", i%300)))}
	}
	s := &script{queries: map[string]answer{"p": rows(textColumns("a"), many...)}, columns: map[string][]dialect.ResultColumn{"p": textColumns("a")}}
	dir := t.TempDir()
	ts := startServer(t, s, func(o *Options) { o.TempDir = dir })
	c := ts.login(mysql.CLIENT_DEPRECATE_EOF)
	p := c.prepare("p")
	for range 2 { // the second execution closes the first one's cursor
		c.readCursor(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, mysql.CURSOR_TYPE_READ_ONLY)...))
		got := 0
		for {
			c.command(mysql.COM_STMT_FETCH, fetchBody(p.id, 700)...)
			list, end := c.readRows()
			for _, row := range list {
				d := decoder{data: row[2:]}
				if text := string(d.lenencBytes()); text != string(many[got][0].Bytes()) {
					t.Fatalf("row %d is %q", got, text)
				}
				got++
			}
			if c.endStatus(end)&mysql.SERVER_STATUS_LAST_ROW_SEND != 0 {
				break
			}
		}
		if got != count {
			t.Errorf("%d rows", got)
		}
	}
	c.readCursor(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, mysql.CURSOR_TYPE_READ_ONLY)...))
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("files with names: %v, %v", entries, err)
	}
}
