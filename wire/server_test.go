package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marmot/mysqlerr"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	driver "github.com/go-sql-driver/mysql"
)

func TestIdleClientIsSentAway(t *testing.T) {
	ts := startServer(t, &script{settings: session.WireSettings{IdleTimeout: 50 * time.Millisecond}}, nil)
	c := ts.login(0)
	c.sequence = 0
	reply := c.read()
	c.expectError(reply, errClientInteractionTimeout)
	if !strings.Contains(string(reply), "The client was disconnected by the server because of inactivity.") {
		t.Errorf("message %q", reply)
	}
	c.expectEnd()
	<-ts.session().closed
}

// TestTooManyConnections: one beyond the limit is let in if it is an administrator's, and place is made by who leaves.
func TestTooManyConnections(t *testing.T) {
	ts := startServer(t, &script{}, func(o *Options) { o.MaxConnections = 2 })
	first, second := ts.login(0), ts.dial() // who has not logged in counts too
	third := ts.dial()
	third.write(third.response("root", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
	third.expectError(third.authenticate(testPassword), mysql.ER_CON_COUNT_ERROR)
	third.expectEnd()
	ts.await("the third's end", func() bool { return ts.Connections() == 2 })
	admin := ts.dial()
	admin.write(admin.response("admin", testPassword, mysql.AUTH_CACHING_SHA2_PASSWORD))
	admin.parseOK(admin.authenticate(testPassword))
	for range 5 {
		fourth := ts.dial()
		fourth.expectError(fourth.hello, mysql.ER_CON_COUNT_ERROR)
		fourth.expectEnd()
	}
	err := ping(connect(t, ts, "root", testPassword, ""))
	var e *driver.MySQLError
	if !errors.As(err, &e) || e.Number != mysql.ER_CON_COUNT_ERROR || e.Message != "Too many connections" {
		t.Errorf("the driver got %v", err)
	}
	_ = second.conn.Close()
	_ = admin.conn.Close()
	ts.await("their end", func() bool { return ts.Connections() == 1 })
	ts.login(0)
	first.parseOK(first.ask(mysql.COM_PING))
}

func TestOccupiedPortNamesTheKey(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, err = New(Options{Address: l.Addr().String()})
	if err == nil || !strings.Contains(err.Error(), `mysql.listen = "`+l.Addr().String()+`"`) || !strings.Contains(err.Error(), "taken by another process") {
		t.Errorf("got %v", err)
	}
}

// TestExposureIsRefused: a port that others reach needs a password or TLS, or the operator's word.
func TestExposureIsRefused(t *testing.T) {
	for _, c := range []struct {
		options Options
		open    bool
	}{
		{Options{Address: "127.0.0.1:3306"}, true},
		{Options{Address: "localhost:3306"}, true},
		{Options{Address: "[::1]:3306"}, true},
		{Options{Address: ":3306"}, false},
		{Options{Address: "0.0.0.0:3306"}, false},
		{Options{Address: "192.0.2.1:3306"}, false},
		{Options{Address: "db.example.com:3306"}, false},
		{Options{Address: "0.0.0.0:3306", PasswordSet: true}, true},
		{Options{Address: "0.0.0.0:3306", AllowInsecure: true}, true},
		{Options{Address: "3306", PasswordSet: true}, false},
	} {
		err := c.options.checkExposure("mysql.listen", c.options.Address)
		if (err == nil) != c.open || err != nil && !strings.Contains(err.Error(), "mysql.listen = ") {
			t.Errorf("%+v: %v", c.options, err)
		}
	}
}

func TestSocketsOfOthersAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	stale, file, served := filepath.Join(dir, "stale"), filepath.Join(dir, "file"), filepath.Join(dir, "served")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err = net.ListenUnix("unix", &net.UnixAddr{Name: served}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()

	s, err := New(Options{Socket: stale})
	if err != nil {
		t.Errorf("a socket that nobody serves: %v", err)
	} else {
		s.Close()
	}
	for _, path := range []string{file, served} {
		if _, err := New(Options{Socket: path}); err == nil || !strings.Contains(err.Error(), "mysql.socket = ") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "precious" {
		t.Errorf("the file holds %q, %v", b, err)
	}
}

// TestHangUpCancelsARunningQuery also over a client's half-closed socket.
func TestHangUpCancelsARunningQuery(t *testing.T) {
	started, ended := make(chan struct{}, 1), make(chan error, 1)
	ts := startServer(t, &script{queries: map[string]answer{"q": untilCancelled(started, ended)}}, nil)
	for _, leave := range []func(*net.TCPConn) error{(*net.TCPConn).Close, (*net.TCPConn).CloseWrite} {
		c := ts.login(0)
		c.command(mysql.COM_QUERY, 'q')
		<-started
		if err := leave(c.conn.(*net.TCPConn)); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the query ended with %v", err)
			}
		case <-time.After(patience):
			t.Fatal("the query runs on without its client")
		}
	}
}

// TestQueriesOfPresentClientsRunOn while another's connection is checked again and again.
func TestQueriesOfPresentClientsRunOn(t *testing.T) {
	started, ended := make(chan struct{}, 2), make(chan error, 2)
	ts := startServer(t, &script{queries: map[string]answer{"q": untilCancelled(started, ended)}}, nil)
	c := ts.login(0)
	c.command(mysql.COM_QUERY, 'q')
	<-started
	for range 3 {
		ts.cancelAbandoned(time.Now().Add(time.Hour))
	}
	select {
	case err := <-ended:
		t.Fatalf("the query ended with %v though its client waits", err)
	default:
	}
	ts.session().info.Disconnect()
	<-ended
}

// TestKilledConnectionsEndWithoutAWord: MySQL tells neither an idle client nor one that waits for its statement.
func TestKilledConnectionsEndWithoutAWord(t *testing.T) {
	started := make(chan struct{}, 1)
	killed := func(ctx context.Context, _ session.ResultWriter, _ []txn.Value) error {
		started <- struct{}{}
		<-ctx.Done()
		return mysqlerr.New(mysql.ER_SERVER_SHUTDOWN)
	}
	ts := startServer(t, &script{queries: map[string]answer{"q": killed}}, nil)
	idle := ts.login(0)
	ts.session().info.Disconnect()
	idle.expectEnd()
	busy := ts.login(0)
	busy.command(mysql.COM_QUERY, 'q')
	<-started
	ts.session().info.Disconnect()
	busy.expectEnd()
}

// TestStopTellsClients: idle ones, running ones, and those that log in get 1053 and their connections' end.
func TestStopTellsClients(t *testing.T) {
	started, ended := make(chan struct{}, 1), make(chan error, 1)
	ts := startServer(t, &script{queries: map[string]answer{"q": untilCancelled(started, ended)}}, nil)
	idle, running, entering := ts.login(0), ts.login(0), ts.dial()
	running.command(mysql.COM_QUERY, 'q')
	<-started
	ts.stop()
	<-ended
	running.expectError(running.read(), mysql.ER_QUERY_INTERRUPTED)
	for _, c := range []*client{idle, running} {
		c.sequence = 0
		c.expectError(c.read(), mysql.ER_SERVER_SHUTDOWN)
		c.expectEnd()
	}
	entering.sequence = 1
	entering.expectError(entering.read(), mysql.ER_SERVER_SHUTDOWN)
	entering.expectEnd()
	if err := <-ts.stopped; err != nil {
		t.Errorf("Run: %v", err)
	}
	ts.stopped <- nil
	if ts.Connections() != 0 {
		t.Errorf("%d connections are left", ts.Connections())
	}
	if _, err := net.Dial("tcp", ts.address); err == nil {
		t.Error("the port still takes connections")
	}
	for _, s := range ts.sessions {
		<-s.closed
	}
}

// TestDisconnectDuringLoginIsNotForgotten: the login's deadlines must not undo those of the end.
func TestDisconnectDuringLoginIsNotForgotten(t *testing.T) {
	s := &script{}
	s.open = func(info session.ConnInfo) error { info.Disconnect(); return nil }
	ts := startServer(t, s, nil)
	c := ts.dial()
	c.write(c.response("nobody", "", mysql.AUTH_CACHING_SHA2_PASSWORD))
	c.parseOK(c.read())
	c.expectEnd()
}

// endlessRows answers until the client's side fails.
func endlessRows(failed chan<- error) answer {
	return func(_ context.Context, w session.ResultWriter, _ []txn.Value) error {
		err := w.Columns(textColumns("a"))
		row := textRow(strings.Repeat("x", 1000))
		for err == nil {
			err = w.Row(row)
		}
		failed <- err
		return err
	}
}

func TestSlowReaderMeetsTheWriteTimeoutAlone(t *testing.T) {
	failed := make(chan error, 1)
	ts := startServer(t, &script{queries: map[string]answer{"q": endlessRows(failed)}}, func(o *Options) { o.WriteTimeout = 200 * time.Millisecond })
	slow, other := ts.login(0), ts.login(0)
	slow.command(mysql.COM_QUERY, 'q')
	for {
		select {
		case err := <-failed:
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the query ended with %v", err)
			}
			ts.await("the slow reader's end", func() bool { return ts.Connections() == 1 })
			return
		default:
			other.parseOK(other.ask(mysql.COM_PING))
		}
	}
}

// TestStopDoesNotWaitForSlowReaders: the last words have a second, whatever the write timeout.
func TestStopDoesNotWaitForSlowReaders(t *testing.T) {
	failed := make(chan error, 1)
	ts := startServer(t, &script{queries: map[string]answer{"q": endlessRows(failed)}}, func(o *Options) { o.WriteTimeout = time.Hour })
	slow := ts.login(0)
	slow.command(mysql.COM_QUERY, 'q')
	slow.read() // it streams
	ts.stop()
	select {
	case <-failed:
	case <-time.After(patience):
		t.Fatal("the server waits for a client that does not read")
	}
}

func TestVersionAndConnectionIDAreInTheGreeting(t *testing.T) {
	ts := startServer(t, &script{}, func(o *Options) { o.Version = "8.4.0-test" })
	for i := 1; i <= 2; i++ {
		d := decoder{data: ts.dial().hello[1:]}
		if version, id := string(d.zeroTerminated()), d.uint32(); version != "8.4.0-test" || id != uint32(i) {
			t.Errorf("version %s, connection %d, want connection %d", version, id, i)
		}
	}
}

// TestManyClients has dozens log in and work at once, some of which vanish without a word.
func TestManyClients(t *testing.T) {
	ts := startServer(t, &script{queries: map[string]answer{"q": counted(100, nil)}}, nil)
	done := make(chan error)
	const clients = 40
	for i := range clients {
		go func() {
			db := connect(t, ts, "root", testPassword, "")
			defer func() { _ = db.Close() }()
			var err error
			for range 20 {
				var n int
				if err = db.QueryRow("q").Scan(&n); err != nil {
					err = fmt.Errorf("client %d: %w", i, err)
					break
				}
			}
			done <- err
		}()
	}
	for range clients {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	ts.await("the clients' end", func() bool { return ts.Connections() == 0 })
}
