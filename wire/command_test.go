package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// TestCommandsReportTheSessionsStatus: "autocommit, no transaction" is not said of a session that is in one.
func TestCommandsReportTheSessionsStatus(t *testing.T) {
	s := &script{status: session.StatusInTransaction | session.StatusNoBackslashEscapes, tables: map[string][]dialect.ResultColumn{"t": textColumns("a")}}
	ts := startServer(t, s, nil)
	for _, capabilities := range []uint32{0, mysql.CLIENT_DEPRECATE_EOF} {
		c := ts.login(capabilities)
		p := c.prepare("p")
		for _, k := range []struct {
			name    string
			command byte
			body    []byte
			list    bool // answered with EOF
		}{
			{"COM_PING", mysql.COM_PING, nil, false},
			{"COM_INIT_DB", mysql.COM_INIT_DB, []byte("shop"), false},
			{"COM_STMT_RESET", mysql.COM_STMT_RESET, binary.LittleEndian.AppendUint32(nil, p.id), false},
			{"COM_PROCESS_KILL", mysql.COM_PROCESS_KILL, []byte{7, 0, 0, 0}, false},
			{"COM_SET_OPTION", mysql.COM_SET_OPTION, []byte{0, 0}, true},
			{"COM_DEBUG", mysql.COM_DEBUG, nil, true},
			{"COM_RESET_CONNECTION", mysql.COM_RESET_CONNECTION, nil, false},
		} {
			reply := c.ask(k.command, k.body...)
			var status uint16
			if k.list {
				status = c.endStatus(reply)
			} else {
				status = c.parseOK(reply).status
			}
			if status != uint16(s.status) {
				t.Errorf("%s: status %#x, want %#x", k.name, status, s.status)
			}
		}
	}
}

func TestCommandsReachTheSession(t *testing.T) {
	s := &script{tables: map[string][]dialect.ResultColumn{"t": textColumns("a", "b")}, queries: map[string]answer{"SHOW PROCESSLIST": counted(2, nil)}}
	ts := startServer(t, s, nil)
	c := ts.login(0)
	c.parseOK(c.ask(mysql.COM_INIT_DB, []byte("shop")...))
	c.expectError(c.ask(mysql.COM_INIT_DB, []byte("missing")...), mysql.ER_BAD_DB_ERROR)
	c.parseOK(c.ask(mysql.COM_PROCESS_KILL, 9, 1, 0, 0))
	c.expectError(c.ask(mysql.COM_PROCESS_KILL, binary.LittleEndian.AppendUint32(nil, 4040)...), mysql.ER_NO_SUCH_THREAD)
	c.endStatus(c.ask(mysql.COM_SET_OPTION, 0, 0))
	c.endStatus(c.ask(mysql.COM_SET_OPTION, 1, 0))
	if got := string(c.ask(mysql.COM_STATISTICS)); got != "Uptime: 1  Threads: 1" {
		t.Errorf("statistics %q", got)
	}
	if r := c.readResult(c.ask(mysql.COM_PROCESS_INFO)); len(r.rows) != 2 {
		t.Errorf("%d processes", len(r.rows))
	}
	want := `use shop; use missing; kill 265 true; kill 4040 true; multi true; multi false; query SHOW PROCESSLIST`
	if got := ts.session().noted(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestFieldList: definitions with a default value (NULL), then EOF, and no count before them.
// TestAPanicEndsItsConnectionOnly: the session is closed, and others are served.
func TestAPanicEndsItsConnectionOnly(t *testing.T) {
	s := &script{queries: map[string]answer{"boom": func(context.Context, session.ResultWriter, []txn.Value) error { panic("boom") }}}
	told := make(chan string, 1)
	ts := startServer(t, s, func(o *Options) {
		o.Events.Panicked = func(_ string, err error) { told <- err.Error() }
	})
	other, c := ts.login(0), ts.login(0)
	c.expectError(c.ask(mysql.COM_QUERY, []byte("boom")...), mysql.ER_INTERNAL_ERROR)
	c.expectEnd()
	if text := <-told; !strings.Contains(text, "boom") || !strings.Contains(text, "command_test.go") {
		t.Errorf("told %q, want the value and the place", text)
	}
	other.parseOK(other.ask(mysql.COM_PING))
}

func TestFieldList(t *testing.T) {
	ts := startServer(t, &script{tables: map[string][]dialect.ResultColumn{"t": textColumns("a", "b")}}, nil)
	for _, capabilities := range []uint32{0, mysql.CLIENT_DEPRECATE_EOF} {
		c := ts.login(capabilities)
		c.command(mysql.COM_FIELD_LIST, []byte("t\x00%")...)
		for _, name := range []string{"a", "b"} {
			if d := c.parseDefinition(c.read()); d.name != name || !bytes.Equal(d.rest, []byte{0xfb}) {
				t.Errorf("got %+v, want column %s with default NULL", d, name)
			}
		}
		c.endStatus(c.read())
		if got := ts.lastCall(); got != `columns of t like "%"` {
			t.Errorf("the session was asked for %s", got)
		}
		c.expectError(c.ask(mysql.COM_FIELD_LIST, []byte("u\x00")...), mysql.ER_NO_SUCH_TABLE)
	}
}

func TestQuitEndsInPeace(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	c := ts.login(0)
	c.command(mysql.COM_QUIT)
	c.expectEnd()
	<-ts.session().closed
	ts.await("the connection's end", func() bool { return ts.Connections() == 0 })
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if len(ts.farewell) != 1 || ts.farewell[0] != nil {
		t.Errorf("ended with %v", ts.farewell)
	}
}

func TestResetConnectionClosesStatements(t *testing.T) {
	ts := startServer(t, &script{}, nil)
	c := ts.login(0)
	p := c.prepare("p")
	c.parseOK(c.ask(mysql.COM_RESET_CONNECTION))
	if got := ts.session().noted(); got != "close p; reset" {
		t.Errorf("got %s", got)
	}
	c.expectError(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, 0)...), mysql.ER_UNKNOWN_STMT_HANDLER)
}

// changeUser is a COM_CHANGE_USER's body.
func (c *client) changeUser(user, database string) []byte {
	b := append([]byte(user), 0)
	b = append(append(b, 32), make([]byte, 32)...)
	b = append(append(b, database...), 0)
	b = append(b, defaultCollation, 0)
	b = append(append(b, mysql.AUTH_CACHING_SHA2_PASSWORD...), 0)
	return appendLenencBytes(b, appendLenencString(appendLenencString(nil, "program_name"), "again"))
}

func TestChangeUser(t *testing.T) {
	ts := startServer(t, &script{status: session.StatusAutocommit}, nil)
	c := ts.login(0)
	c.prepare("p")
	before := ts.session()
	switchTo := func(user, password, database string) []byte {
		d := decoder{data: c.ask(mysql.COM_CHANGE_USER, c.changeUser(user, database)...)}
		if header, plugin := d.uint8(), string(d.zeroTerminated()); header != mysql.EOF_HEADER || plugin != mysql.AUTH_CACHING_SHA2_PASSWORD {
			t.Fatalf("switch request %#x %q", header, plugin)
		}
		c.write(scrambled(password, d.take(nonceBytes)))
		return c.authenticate(password)
	}
	if ok := c.parseOK(switchTo("nobody", "", "shop")); ok.status != mysql.SERVER_STATUS_AUTOCOMMIT {
		t.Errorf("status %#x", ok.status)
	}
	<-before.closed
	after := ts.session()
	if after == before || after.info.User != "nobody" || after.info.Database != "shop" || attribute(after.info, "program_name") != "again" ||
		after.info.ID != before.info.ID || before.noted() != "close p" {
		t.Errorf("after %q, new session %+v", before.noted(), after.info)
	}
	c.expectError(switchTo("root", "wrong", ""), mysql.ER_ACCESS_DENIED_ERROR)
	c.expectEnd()
	<-after.closed
}

// TestTruncatedChangeUsers cuts a COM_CHANGE_USER after every byte.
func TestTruncatedChangeUsers(t *testing.T) {
	c := &client{t: t}
	body := c.changeUser("root", "shop")
	whole := map[int]bool{}
	for n := range body {
		_, err := parseChangeUser(body[:n], clientCapabilities)
		if err == nil {
			whole[n] = true
		} else if !errors.Is(err, errMalformed) {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	end := len("root") + 1 + 1 + 32 + len("shop") + 1 // what follows is optional
	want := map[int]bool{end: true, end + 1: true, end + 2: true, end + 2 + len(mysql.AUTH_CACHING_SHA2_PASSWORD) + 1: true}
	delete(want, end+1) // a lone byte is half a character set
	if fmt.Sprint(whole) != fmt.Sprint(want) {
		t.Errorf("taken as whole at %v, want %v", whole, want)
	}
}

// TestSeveralResultSets: each but the last says that more follow, and an error ends the list.
func TestSeveralResultSets(t *testing.T) {
	more := session.StatusAutocommit | session.StatusMoreResults
	s := &script{queries: map[string]answer{
		"several": func(_ context.Context, w session.ResultWriter, _ []txn.Value) error {
			if err := w.OK(session.Result{Affected: 3, InsertID: 300, Warnings: 2, Status: more, Info: "Records: 3"}); err != nil {
				return err
			}
			if err := w.Columns(textColumns("a")); err != nil {
				return err
			}
			if err := w.Row(textRow("x")); err != nil {
				return err
			}
			if err := w.End(session.Result{Status: more}); err != nil {
				return err
			}
			return mysqlerr.New(mysql.ER_NO_SUCH_TABLE, "d", "t")
		},
	}}
	ts := startServer(t, s, nil)
	for _, capabilities := range []uint32{0, mysql.CLIENT_DEPRECATE_EOF, mysql.CLIENT_SESSION_TRACK} {
		c := ts.login(capabilities)
		ok := c.parseOK(c.ask(mysql.COM_QUERY, []byte("several")...))
		if ok.affected != 3 || ok.insertID != 300 || ok.warnings != 2 || ok.status != uint16(more) || ok.info != "Records: 3" {
			t.Errorf("first answer %+v", ok)
		}
		r := c.readResult(c.read())
		if len(r.rows) != 1 || c.endStatus(r.end) != uint16(more) {
			t.Errorf("second answer: %d rows, end %q", len(r.rows), r.end)
		}
		c.expectError(c.read(), mysql.ER_NO_SUCH_TABLE)
		c.parseOK(c.ask(mysql.COM_PING))
	}
}

// TestSessionTracking: what changed travels with the OK of clients that asked for it, as far as
// the session_track_ variables say.
func TestSessionTracking(t *testing.T) {
	result := session.Result{Status: session.StatusAutocommit, GTID: "u:5", Schema: "shop", SchemaChanged: true,
		Variables: []session.Variable{{Name: "autocommit", Value: "ON"}}}
	all := session.WireSettings{TrackSchema: true, TrackGTID: true, TrackVariables: true}
	run := func(settings session.WireSettings, capabilities uint32) okPacket {
		s := &script{settings: settings, status: session.StatusAutocommit, queries: map[string]answer{"q": func(_ context.Context, w session.ResultWriter, _ []txn.Value) error { return w.OK(result) }}}
		c := startServer(t, s, nil).login(capabilities)
		if settings.TrackSchema && capabilities != 0 {
			if state := c.parseOK(c.ask(mysql.COM_INIT_DB, []byte("d")...)).state; string(state) != "\x01\x02\x01d" {
				t.Errorf("COM_INIT_DB: state %q", state)
			}
		}
		return c.parseOK(c.ask(mysql.COM_QUERY, 'q'))
	}
	for _, c := range []struct {
		name         string
		settings     session.WireSettings
		capabilities uint32
		want         string
	}{
		{"all", all, mysql.CLIENT_SESSION_TRACK, "\x00\x0e\x0aautocommit\x02ON" + "\x01\x05\x04shop" + "\x03\x05\x00\x03u:5"},
		{"schema", session.WireSettings{TrackSchema: true}, mysql.CLIENT_SESSION_TRACK, "\x01\x05\x04shop"},
		{"none", session.WireSettings{}, mysql.CLIENT_SESSION_TRACK, ""},
		{"client that does not track", all, 0, ""},
	} {
		if got := run(c.settings, c.capabilities); string(got.state) != c.want || (got.status&mysql.SERVER_SESSION_STATE_CHANGED != 0) != (c.want != "") {
			t.Errorf("%s: state %q, status %#x; want state %q", c.name, got.state, got.status, c.want)
		}
	}
}

// TestErrorsOfQueries: codes and states as they are, 1105 without a code, and no more than 512 bytes.
func TestErrorsOfQueries(t *testing.T) {
	fail := func(err error) answer {
		return func(context.Context, session.ResultWriter, []txn.Value) error { return err }
	}
	s := &script{queries: map[string]answer{
		"known":   fail(fmt.Errorf("behind a path: %w", mysqlerr.New(mysql.ER_DUP_ENTRY, "1", "t.PRIMARY"))),
		"unknown": fail(errors.New("no code")),
		"long":    fail(mysqlerr.Newf(mysql.ER_UNKNOWN_ERROR, "%s", strings.Repeat("ü", 400))),
	}}
	c := startServer(t, s, nil).login(0)
	for text, want := range map[string]string{
		"known":   "1062 #23000Duplicate entry '1' for key 't.PRIMARY'",
		"unknown": "1105 #HY000no code",
		"long":    "1105 #HY000" + strings.Repeat("ü", maxMessageBytes/2),
	} {
		if got := readError(c.ask(mysql.COM_QUERY, []byte(text)...)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestRewoundAnswersAreNotSeen: a statement that runs again begins its answer again.
func TestRewoundAnswersAreNotSeen(t *testing.T) {
	again := func(_ context.Context, w session.ResultWriter, args []txn.Value) error {
		if args == nil { // the first of two statements
			if err := w.OK(session.Result{Status: session.StatusMoreResults}); err != nil {
				return err
			}
		}
		for range 3 {
			if err := w.Columns(textColumns("a")); err != nil {
				return err
			}
			if err := w.Row(textRow("x")); err != nil {
				return err
			}
			if !w.Rewind() {
				return errors.New("rewind refused")
			}
		}
		return counted(1, nil)(context.Background(), w, nil)
	}
	s := &script{queries: map[string]answer{"q": again}, columns: map[string][]dialect.ResultColumn{"q": textColumns("a")}, params: map[string]int{"q": 1}}
	c := startServer(t, s, nil).login(0)
	c.parseOK(c.ask(mysql.COM_QUERY, 'q'))
	if r := c.readResult(c.read()); len(r.rows) != 1 || string(r.rows[0]) != "\x010" {
		t.Errorf("rows %q", r.rows)
	}
	p := c.prepare("q")
	for range 3 {
		c.readCursor(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, mysql.CURSOR_TYPE_READ_ONLY, 1, 1, mysql.MYSQL_TYPE_NULL, 0)...))
		c.command(mysql.COM_STMT_FETCH, fetchBody(p.id, 10)...)
		if list, _ := c.readRows(); len(list) != 1 || string(list[0]) != "\x00\x00\x010" {
			t.Errorf("rows of the cursor %q", list)
		}
	}
}

// TestLargeResults: rows around 16 MiB are split, thousands of small ones are flushed on the way.
func TestLargeResults(t *testing.T) {
	const smallRows = 50_000
	s := &script{queries: map[string]answer{"many": counted(smallRows, nil)}}
	for _, n := range []int{maxPayload - 5, maxPayload - 4, maxPayload - 3, 2*maxPayload + 1} {
		s.queries[fmt.Sprint(n)] = rows(textColumns("a"), textRow(strings.Repeat("x", n)), textRow("y"))
	}
	ts := startServer(t, s, nil)
	c := ts.login(mysql.CLIENT_DEPRECATE_EOF)
	r := c.readResult(c.ask(mysql.COM_QUERY, []byte("many")...))
	if last := r.rows[len(r.rows)-1]; len(r.rows) != smallRows || string(last[1:]) != fmt.Sprint(smallRows-1) || c.parseOK(r.end).warnings != 3 {
		t.Errorf("%d rows, last %q", len(r.rows), last)
	}
	for text := range s.queries {
		if text == "many" {
			continue
		}
		r := c.readResult(c.ask(mysql.COM_QUERY, []byte(text)...))
		d := decoder{data: r.rows[0]}
		if value := d.lenencBytes(); fmt.Sprint(len(value)) != text || len(r.rows) != 2 || string(r.rows[1]) != "\x01y" {
			t.Errorf("row of %s bytes came back as %d", text, len(value))
		}
	}
}

func TestRowBeyondMaxAllowedPacketIsRefused(t *testing.T) {
	s := &script{queries: map[string]answer{"q": rows(textColumns("a"), textRow("small"), textRow(strings.Repeat("x", 2000)), textRow("never"))},
		columns: map[string][]dialect.ResultColumn{"q": textColumns("a")}}
	c := startServer(t, s, func(o *Options) { o.MaxAllowedPacket = 1000 }).login(0)
	r := c.readResult(c.ask(mysql.COM_QUERY, 'q'))
	if len(r.rows) != 1 {
		t.Errorf("%d rows before the error", len(r.rows))
	}
	c.expectError(r.end, mysql.ER_NET_PACKET_TOO_LARGE)
	p := c.prepare("q")
	c.expectError(c.ask(mysql.COM_STMT_EXECUTE, executeBody(p.id, mysql.CURSOR_TYPE_READ_ONLY)...), mysql.ER_NET_PACKET_TOO_LARGE)
	c.parseOK(c.ask(mysql.COM_PING))
}

// TestPipelinedCommands: commands that come together are answered one after another.
func TestPipelinedCommands(t *testing.T) {
	c := startServer(t, &script{}, nil).login(0)
	c.writeRaw(bytes.Repeat([]byte{1, 0, 0, 0, mysql.COM_PING}, 3000))
	for range 3000 {
		c.sequence = 1
		c.parseOK(c.read())
	}
}
