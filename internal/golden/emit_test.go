package golden

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"marmot/node"

	_ "github.com/go-sql-driver/mysql"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const password = "golden"

// server is a node in this process that is started and stopped again over the same data.
type server struct {
	t     testing.TB
	dir   string
	kafka string // address of the mirror
	// brokers of a real Kafka that gets the events in place of the mirror, and the cluster's name there.
	brokers, cluster string
	stop             func()
	// decode makes text of what topics hold; nil: it is text.
	decode func(Event) Event
	// silent: it emits nothing.
	silent bool
	// topics is a regular expression of those that are read; empty: gold's.
	topics string
}

// start starts the node with the run's properties.
func (s *server) start(run *Run) {
	s.t.Helper()
	var file strings.Builder
	fmt.Fprintf(&file, "node.id = \"golden\"\ndata.dir = %q\nmysql.socket = %q\nmysql.listen = \"\"\nadmin.listen = \"\"\nkafka.listen = %q\n", filepath.Join(s.dir, "data"), filepath.Join(s.dir, "s"), s.kafka)
	fmt.Fprintf(&file, "log.segment_bytes = \"2MiB\"\n") // a start writes or reads a whole one
	fmt.Fprintf(&file, "log.rows_query = %v\n[debezium]\nenabled = %v\n", run.RowsQuery, !s.silent)
	if s.brokers != "" {
		fmt.Fprintf(&file, "brokers = %q\n\"topic.replication\" = 1\n", s.brokers)
	}
	for name, value := range run.Properties {
		fmt.Fprintf(&file, "%q = %q\n", name, value)
	}
	if s.cluster != "" {
		fmt.Fprintf(&file, "[cluster]\nname = %q\n", s.cluster)
	}
	s.serve(file.String())
}

// serve starts the node with a configuration.
func (s *server) serve(configuration string) {
	s.t.Helper()
	path := filepath.Join(s.dir, "marmot.toml")
	if err := os.WriteFile(path, []byte(configuration), 0o600); err != nil {
		s.t.Fatal(err)
	}
	config, err := node.LoadConfig(path, nil, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- node.Serve(ctx, config, node.ServeOptions{Logger: slog.New(slog.NewTextHandler(s.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), RootPassword: password, Announce: io.Discard})
	}()
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
		s.stop = func() {}
	}
	s.await(ended)
}

func (s *server) await(ended chan error) {
	deadline := time.Now().Add(time.Minute)
	for {
		db := s.open()
		err := db.Ping()
		_ = db.Close()
		if err == nil {
			return
		}
		select {
		case err := <-ended:
			ended <- nil
			s.t.Fatal(err)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			s.t.Fatal(err)
		}
	}
}

func (s *server) open() *sql.DB {
	db, err := sql.Open("mysql", "root:"+password+"@unix("+filepath.Join(s.dir, "s")+")/")
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}

// run runs the statements of a script in one session. Those in failing may fail.
func (s *server) run(script string) {
	s.t.Helper()
	text, err := Script(script)
	if err != nil {
		s.t.Fatal(err)
	}
	db := s.open()
	defer db.Close()
	c, err := db.Conn(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	for _, statement := range Statements(text) {
		if _, err := c.ExecContext(s.t.Context(), statement); err != nil {
			s.t.Logf("%s: %.90q: %v", script, statement, err)
		}
	}
}

// read reads the topics until done says that what came is enough.
func (s *server) read(done func([]Event) bool) []Event { return s.readAll(done, 0) }

// readAll reads until done says that what came is enough, all that the topics have then is read too, and nothing has come for a while afterwards.
func (s *server) readAll(done func([]Event) bool, quiet time.Duration) []Event {
	s.t.Helper()
	topics := cmp.Or(s.topics, "^(__debezium-heartbeat\\.)?gold.*")
	client, err := kgo.NewClient(kgo.SeedBrokers(s.target()...), kgo.ConsumeRegex(), kgo.ConsumeTopics(topics),
		kgo.KeepControlRecords(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(50*time.Millisecond), kgo.MetadataMaxAge(200*time.Millisecond))
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience())
	defer cancel()
	var events []Event
	var enough bool
	var rest unread
	for !enough || !rest.over() || quiet > 0 {
		poll, stop := ctx, context.CancelFunc(func() {})
		if enough && rest.over() {
			poll, stop = context.WithTimeout(ctx, quiet)
		}
		fetches := client.PollFetches(poll)
		over := poll.Err() != nil
		stop()
		if over {
			if !enough || !rest.over() {
				s.t.Logf("after %d events nothing more comes", len(events))
			}
			break
		}
		fetches.EachRecord(func(r *kgo.Record) {
			rest.read(r)
			if r.Attrs.IsControl() {
				return
			}
			e := Event{Topic: r.Topic, Key: r.Key, Value: r.Value}
			for _, h := range r.Headers {
				e.Headers = append(e.Headers, Header{h.Key, string(h.Value)})
			}
			if s.decode != nil {
				e = s.decode(e)
			}
			events = append(events, e)
		})
		if !enough && done(events) {
			enough = true
			rest.find(ctx, s.t, client, topics)
		}
	}
	return events
}

// unread is how far each partition was read, and where it ends.
type unread struct {
	next map[partition]int64
	ends map[partition]int64
}

type partition struct {
	topic  string
	number int32
}

func (u *unread) read(r *kgo.Record) {
	if u.next == nil {
		u.next = map[partition]int64{}
	}
	u.next[partition{r.Topic, r.Partition}] = r.Offset + 1
}

// find finds the ends that the topics have now: the last event may come before those of topics that are fetched later. It waits until
// all that is written there now is decided: a commit's markers reach one partition after the other.
func (u *unread) find(ctx context.Context, t testing.TB, client *kgo.Client, topics string) {
	t.Helper()
	wanted := regexp.MustCompile(topics)
	admin := kadm.NewClient(client)
	starts, err := admin.ListStartOffsets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ends, err := admin.ListEndOffsets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	u.ends = map[partition]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		if start, found := starts.Lookup(end.Topic, end.Partition); wanted.MatchString(end.Topic) && found && start.Offset < end.Offset {
			u.ends[partition{end.Topic, end.Partition}] = end.Offset
		}
	})
	for ctx.Err() == nil && !u.decided(ctx, t, admin) {
		time.Sleep(10 * time.Millisecond)
	}
}

// decided reports whether no transaction is open before the ends.
func (u *unread) decided(ctx context.Context, t testing.TB, admin *kadm.Client) bool {
	t.Helper()
	committed, err := admin.ListCommittedOffsets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for p, end := range u.ends {
		if stable, found := committed.Lookup(p.topic, p.number); found && stable.Offset < end {
			return false
		}
	}
	return true
}

func (u *unread) over() bool {
	for p, end := range u.ends {
		if u.next[p] < end {
			return false
		}
	}
	return true
}

// target is where the events are read.
func (s *server) target() []string {
	if s.brokers != "" {
		return strings.Split(s.brokers, ",")
	}
	return []string{s.kafka}
}

// lastPort is the last that freeAddress has looked at.
var lastPort = func() *atomic.Int32 {
	p := &atomic.Int32{}
	p.Store(11000 + rand.Int32N(4000)) //nolint:gosec // somewhere else than tests of another process
	return p
}()

// freeAddress is an address of which nobody has the port, each time another. It lies below the ports that the system gives to
// connections: a node that is stopped for a moment finds it free again.
func freeAddress(t testing.TB) string {
	for range 1000 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", lastPort.Add(1)))
		if err == nil {
			_ = l.Close()
			return l.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// TestStreamedEventsAreTheConnectors runs the statements of each recording and compares all topics with it.
func TestStreamedEventsAreTheConnectors(t *testing.T) {
	for _, run := range Runs() {
		t.Run(run.Name, func(t *testing.T) {
			t.Parallel()
			r := emitted(t, &run)
			t.Logf("%s", r.Summary())
			if r.Percent() < run.Least || os.Getenv("MARMOT_TEST_GOLDEN_MOST") != "" {
				report(t, r)
			}
			if r.Percent() < run.Least {
				t.Errorf("%.2f %% of the events are the connector's, want %.1f", r.Percent(), run.Least)
			}
		})
	}
}

// emitted runs one recording's statements and returns how the events of the stream compare.
func emitted(t *testing.T, run *Run) *Result {
	t.Helper()
	want, err := Streamed(run.Name)
	if err != nil {
		t.Fatal(err)
	}
	return Compare(want, streamedBy(t, run))
}

// streamedBy runs one recording's statements and returns the events of the stream.
func streamedBy(t *testing.T, run *Run) []Event {
	t.Helper()
	dir, err := os.MkdirTemp("", "gold")
	if err != nil {
		t.Fatal(err)
	}
	recorded := *run
	recorded.Properties = maps.Clone(run.Properties)
	maps.Copy(recorded.Properties, map[string]string{"notification.enabled.channels": "sink", "notification.sink.topic.name": "gold.notifications"})
	s := &server{t: t, dir: dir, kafka: freeAddress(t), silent: true}
	defer os.RemoveAll(dir)
	s.start(&recorded)
	s.set(run.Variables)
	s.run("00_setup.sql")
	s.stop()
	s.silent = false
	s.start(&recorded)
	defer func() { s.stop() }()
	s.set(run.Variables)
	s.until(notified("COMPLETED", `"aggregate_type":"Initial Snapshot"`, 1))
	s.run("10_stream.sql")
	s.run("90_end.sql")
	got := s.read(func(e []Event) bool {
		return has(e, "gold.inv.sentinel", `"op":"c"`) && has(e, "gold.transaction", `inv.sentinel`)
	})
	return slices.DeleteFunc(got, func(e Event) bool {
		return strings.HasSuffix(e.Topic, ".notifications") || isHeartbeat(e.Topic) || ofSnapshot(string(e.Value))
	})
}

func has(events []Event, topic, text string) bool {
	for _, e := range events {
		if e.Topic == topic && strings.Contains(string(e.Value), text) {
			return true
		}
	}
	return false
}

// report prints the first differences: of two events what lies around the first byte that differs, of others the payload.
func report(t *testing.T, r *Result) {
	most := 60
	if n, err := strconv.Atoi(os.Getenv("MARMOT_TEST_GOLDEN_MOST")); err == nil {
		most = n
	}
	for _, list := range []struct {
		name string
		of   []Difference
	}{{"different", r.Different}, {"missing", r.Missing}, {"extra", r.Extra}} {
		for i, d := range list.of {
			if i == most {
				t.Logf("%s: and %d more", list.name, len(list.of)-most)
				break
			}
			want, got := d.Want, d.Got
			if want != "" && got != "" {
				at := 0
				for at < min(len(want), len(got)) && want[at] == got[at] {
					at++
				}
				want, got = around(want, at), around(got, at)
			}
			t.Logf("%s %s\n%s%s", list.name, d.Topic, line("want ", want), line("got  ", got))
		}
	}
}

func around(text string, at int) string {
	return "…" + text[max(0, at-100):min(len(text), at+160)]
}

var schemaText = regexp.MustCompile(`\{"schema":.*,"payload":`)

func line(name, text string) string {
	if text == "" {
		return ""
	}
	text = strings.ReplaceAll(schemaText.ReplaceAllString(text, ""), "\n", " | ")
	return name + text[:min(len(text), 700)] + "\n"
}

// patience is how long a test waits for an event.
func patience() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("MARMOT_TEST_GOLDEN_WAIT")); err == nil {
		return d
	}
	return 3 * time.Minute
}
