package wire

import (
	"context"
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"marmot/accounts"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/session"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// answer is how a fake session carries out one statement.
type answer func(ctx context.Context, w session.ResultWriter, args []txn.Value) error

// script is what the sessions of one server answer. It is not changed while the server runs.
type script struct {
	queries  map[string]answer
	params   map[string]int                    // of statements; 0 when missing
	columns  map[string][]dialect.ResultColumn // of statements, as of PREPARE
	tables   map[string][]dialect.ResultColumn
	settings session.WireSettings
	status   session.Status
	open     func(session.ConnInfo) error
}

// fakeSession answers by a script and notes what it is asked.
type fakeSession struct {
	script *script
	info   session.ConnInfo

	mu     sync.Mutex
	calls  []string
	closed chan struct{}
}

func (s *fakeSession) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, fmt.Sprintf(format, args...))
}

func (s *fakeSession) noted() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.calls, "; ")
}

func (s *fakeSession) SetQueryAttributes(list []session.QueryAttribute) {
	for _, a := range list {
		s.note("attribute %s=%v", a.Name, a.Value)
	}
}

func (s *fakeSession) Execute(ctx context.Context, sql []byte, w session.ResultWriter) error {
	s.note("query %.60s", sql)
	if a := s.script.queries[string(sql)]; a != nil {
		return a(ctx, w, nil)
	}
	return w.OK(session.Result{Status: s.script.status})
}

func (s *fakeSession) Prepare(_ context.Context, sql []byte) (session.Statement, error) {
	text := string(sql)
	if strings.HasPrefix(text, "wrong") {
		return nil, mysqlerr.New(mysql.ER_NO_SUCH_TABLE, "d", "wrong")
	}
	return &fakeStatement{session: s, text: text}, nil
}

func (s *fakeSession) Use(_ context.Context, database string) error {
	s.note("use %s", database)
	if database == "missing" {
		return mysqlerr.New(mysql.ER_BAD_DB_ERROR, database)
	}
	return nil
}

func (s *fakeSession) TableColumns(_ context.Context, table, pattern string) ([]dialect.ResultColumn, error) {
	s.note("columns of %s like %q", table, pattern)
	columns, ok := s.script.tables[table]
	if !ok {
		return nil, mysqlerr.New(mysql.ER_NO_SUCH_TABLE, "d", table)
	}
	return columns, nil
}

func (s *fakeSession) Reset(context.Context) error { s.note("reset"); return nil }

func (s *fakeSession) SetMultiQuery(on bool) { s.note("multi %v", on) }

func (s *fakeSession) Kill(_ context.Context, id uint64, connection bool) error {
	s.note("kill %d %v", id, connection)
	if id == 4040 {
		return mysqlerr.New(mysql.ER_NO_SUCH_THREAD, id)
	}
	return nil
}

func (s *fakeSession) Statistics() string { return "Uptime: 1  Threads: 1" }

func (s *fakeSession) Settings() session.WireSettings { return s.script.settings }

func (s *fakeSession) Status() session.Status { return s.script.status }

func (s *fakeSession) Close() { close(s.closed) }

// fakeStatement is a prepared statement of a fakeSession.
type fakeStatement struct {
	session *fakeSession
	text    string
}

func (p *fakeStatement) Params() int { return p.session.script.params[p.text] }

func (p *fakeStatement) Types() []schemas.Type { return nil }

func (p *fakeStatement) Bind([]dialect.Argument) {}

func (p *fakeStatement) Columns() []dialect.ResultColumn { return p.session.script.columns[p.text] }

func (p *fakeStatement) Close() { p.session.note("close %s", p.text) }

func (p *fakeStatement) Execute(ctx context.Context, args []txn.Value, w session.ResultWriter) error {
	p.session.note("execute %s %v", p.text, args)
	if a := p.session.script.queries[p.text]; a != nil {
		return a(ctx, w, args)
	}
	return w.OK(session.Result{Status: p.session.script.status})
}

// rows answers with one result set.
func rows(columns []dialect.ResultColumn, values ...[]txn.Value) answer {
	return func(_ context.Context, w session.ResultWriter, _ []txn.Value) error {
		if err := w.Columns(columns); err != nil {
			return err
		}
		for _, row := range values {
			if err := w.Row(row); err != nil {
				return err
			}
		}
		return w.End(session.Result{Status: session.StatusAutocommit})
	}
}

// untilCancelled runs until its client or the server ends it.
func untilCancelled(started chan<- struct{}, ended chan<- error) answer {
	return func(ctx context.Context, _ session.ResultWriter, _ []txn.Value) error {
		started <- struct{}{}
		<-ctx.Done()
		ended <- ctx.Err()
		return mysqlerr.New(mysql.ER_QUERY_INTERRUPTED)
	}
}

// fakeAccounts are found by user name.
type fakeAccounts map[string]session.Account

func (a fakeAccounts) Lookup(user, _ string) (session.Account, bool) {
	account, ok := a[user]
	return account, ok
}

const testPassword = "open, sesame"

// testAccounts are root, admin and locked, all with testPassword, and nobody, without one.
var testAccounts = sync.OnceValue(func() fakeAccounts {
	verifier, err := accounts.HashPassword(testPassword, rand.New(rand.NewSource(1)))
	if err != nil {
		panic(err)
	}
	return fakeAccounts{
		"root":   {User: "root", Host: "%", Verifier: verifier},
		"admin":  {User: "admin", Host: "%", Verifier: verifier, Admin: true},
		"locked": {User: "locked", Host: "%", Verifier: verifier, Locked: true},
		"nobody": {User: "nobody", Host: "%"},
	}
})

// patience is how long a test waits for what comes at once on an idle machine.
const patience = time.Minute

// testServer is a Server that runs for one test.
type testServer struct {
	*Server
	t       *testing.T
	address string
	stop    context.CancelFunc
	stopped chan error // what Run returned

	mu       sync.Mutex
	sessions []*fakeSession
	refusals []error
	farewell []error
}

// startServer runs a server with sessions that answer by the script, until the test ends.
func startServer(t *testing.T, s *script, change func(*Options)) *testServer {
	t.Helper()
	ts := &testServer{t: t, stopped: make(chan error, 1)}
	o := Options{Address: "127.0.0.1:0", ConnectTimeout: patience, Accounts: testAccounts(), Open: func(info session.ConnInfo) (Session, error) { return ts.open(s, info) }}
	o.Events.Refused = func(_ string, err error) {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		ts.refusals = append(ts.refusals, err)
	}
	o.Events.Disconnected = func(_, _ string, err error) {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		ts.farewell = append(ts.farewell, err)
	}
	if change != nil {
		change(&o)
	}
	var err error
	if ts.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	if a := ts.Addr(); a != nil {
		ts.address = a.String()
	}
	ctx, cancel := context.WithCancel(context.Background())
	ts.stop = cancel
	go func() { ts.stopped <- ts.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ts.stopped:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run goes on after its context has ended")
		}
	})
	return ts
}

func (ts *testServer) open(s *script, info session.ConnInfo) (Session, error) {
	if s.open != nil {
		if err := s.open(info); err != nil {
			return nil, err
		}
	}
	f := &fakeSession{script: s, info: info, closed: make(chan struct{})}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.sessions = append(ts.sessions, f)
	return f, nil
}

// session returns the latest session.
func (ts *testServer) session() *fakeSession {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if len(ts.sessions) == 0 {
		ts.t.Fatal("no session was opened")
	}
	return ts.sessions[len(ts.sessions)-1]
}

// await waits until condition holds.
func (ts *testServer) await(what string, condition func() bool) {
	ts.t.Helper()
	for limit := time.Now().Add(patience); !condition(); {
		if time.Now().After(limit) {
			ts.t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// attribute is a connection attribute's value.
func attribute(info session.ConnInfo, name string) string {
	for _, a := range info.Attributes {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}
