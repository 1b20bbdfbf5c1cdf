package e2e

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	awayRate     = 50 // commits a second
	awayRow      = 200
	awayShortest = time.Minute // that Kafka is away where MARMOT_TEST_AWAY does not say longer
	// awaySlow is what the machine may add to the time of a commit: other tests run beside this one.
	awaySlow = 50 * time.Millisecond
	// awaySlowest is what it may add to the slowest hundredth of them.
	awaySlowest = 250 * time.Millisecond
	// awayCatchUp is the slowest rate, in events a second, at which what has waited may come out.
	awayCatchUp = 100
	// awayPatience is how long a machine that is busy with other tests may take for what else takes moments.
	awayPatience = 3 * time.Minute
)

// TestEmittersOutlastTheirKafka: the Kafka that gets the events is killed and stays away for MARMOT_TEST_AWAY (a duration), while one
// client commits at a steady rate. Commits take as long as before, the node holds no more, the log keeps what waits, and whoever waits for
// the alert gets it. When the Kafka is back all events come out, each once and in the order of the commits, whichever the delivery.
func TestEmittersOutlastTheirKafka(t *testing.T) {
	needE2E(t)
	length := awayShortest
	if text := os.Getenv("MARMOT_TEST_AWAY"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatalf("MARMOT_TEST_AWAY: %v", err)
		}
	}
	a := newAway(t, length, "")
	a.phase("before", min(max(length/10, 15*time.Second), 2*time.Minute))
	a.settle("before")
	before := a.emitters(0)
	a.kafka("kill-broker", "1")
	killed, waitsFrom := time.Now(), a.status1("position")
	a.start("away")
	for _, name := range []string{"main", "soon"} {
		a.within(40*time.Second, name+" is told of", func() bool { return a.stalled(name) == "1" })
		a.notef("`marmot_emitter_stalled` of `%s` was 1 after %s", name, time.Since(killed).Round(time.Second))
	}
	a.pass(time.Until(killed.Add(length)))
	a.stillWaiting(before, waitsFrom, killed)
	a.kafka("start-broker", "1")
	a.start("catching up")
	a.caughtUp()
	a.phase("after", min(max(length/30, 10*time.Second), time.Minute))
	written := a.halt()
	a.settle("after")
	a.complete(written)
	a.trimmedAgain(waitsFrom + 100)
	a.judge()
	if dir := os.Getenv("MARMOT_TEST_SOAK_REPORT"); dir != "" && !t.Failed() {
		if err := writePart(filepath.Join(dir, "soak.md"), a.report(length)); err != nil {
			t.Error(err)
		}
	}
}

// away is a node, a Kafka beside it that gets its events, a client that commits, and readers of the events.
type away struct {
	*node
	process *process
	brokers string
	kafka   func(args ...string)
	db      *sql.DB
	written atomic.Int64 // commits
	stop    chan struct{}
	ended   chan error
	halted  bool // ended has been received
	now     atomic.Pointer[awayPhase]
	phases  []*awayPhase
	readers map[string]*sequence
	notes   []string
}

// awayPhase is a part of the run, and what was measured in it. Commits are the writer's, samples the test's.
type awayPhase struct {
	name    string
	began   time.Time
	took    time.Duration
	commits []time.Duration
	samples []awaySample
}

type awaySample struct {
	at     time.Duration
	values map[string]float64
}

// awaySeries are what is measured of the node; bounded ones may grow while the Kafka is away by the allowance only.
var awaySeries = []struct {
	name, unit string
	divisor    float64
	bounded    bool
	allowance  float64 // in the unit
}{
	{"resident memory", "MiB", 1 << 20, true, 192},
	{"Go heap in use", "MiB", 1 << 20, true, 96},
	{"goroutines", "", 1, true, 30},
	{"threads", "", 1, true, 20},
	{"open files", "", 1, true, 20},
	{"log on disk", "MiB", 1 << 20, false, 0},
	{"positions that wait", "", 1, false, 0},
}

// newAway starts them; more is configuration in which BROKERS stands for the Kafka. length is about how long the run is.
func newAway(t *testing.T, length time.Duration, more string) *away {
	t.Helper()
	a := &away{stop: make(chan struct{}), ended: make(chan error, 1), readers: map[string]*sequence{}}
	dir, port := filepath.Join(t.TempDir(), "kafka"), ports()
	a.kafka = func(args ...string) {
		t.Helper()
		cmd := exec.Command(filepath.Join("..", "scripts", "kafka.sh"), append(args, "--dir", dir)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("kafka.sh %v: %v\n%s", args, err, out)
		}
	}
	t.Cleanup(func() { a.kafka("destroy") })
	a.kafka("start", "--brokers", "1", "--port", strconv.Itoa(port))
	brokers := fmt.Sprintf("127.0.0.1:%d", port)
	a.brokers = brokers
	file := filepath.Join(t.TempDir(), "marmot.toml")
	config := fmt.Sprintf("[debezium]\nbrokers = %q\n\"topic.replication\" = 1\n[emitters.soon]\nbrokers = %[1]q\n\"topic.replication\" = 1\n\"topic.prefix\" = \"soon\"\ndelivery = \"at_least_once\"\n", brokers) + strings.ReplaceAll(more, "BROKERS", brokers)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	// What may be trimmed is: the log is to keep what waits by itself. A snapshot copies all rows, so they come seldom in a long run.
	a.node = newNode(t, filepath.Join(t.TempDir(), "data"), "--config", file, "--log.retain", "1ms", "--snapshot.interval", max(length/60, time.Second).String(), "--log.segment_bytes", "1MiB")
	a.process = a.node.start()
	a.exec(0, "", "CREATE DATABASE shop", "CREATE TABLE shop.a (id INT PRIMARY KEY, seq INT NOT NULL, v VARCHAR(250) NOT NULL)")
	a.db = a.open(0, "shop")
	a.readers["main"], a.readers["soon"] = readSequence(t, brokers, "marmot.shop.a"), readSequence(t, brokers, "soon.shop.a")
	a.start("")
	go func() { a.ended <- a.write() }() // until halt
	t.Cleanup(func() {
		if !a.halted {
			close(a.stop)
			<-a.ended
		}
		for _, p := range a.phases[1:] {
			if t.Failed() {
				t.Logf("%s: %s", p.name, p)
			}
		}
	})
	return a
}

// write commits until it is stopped: four rows are inserted, one is changed. Each commit has its number in the row.
func (a *away) write() error {
	filling := strings.Repeat("x", awayRow-8)
	began := time.Now()
	for n := 1; ; n++ {
		select {
		case <-a.stop:
			return nil
		case <-time.After(time.Until(began.Add(time.Duration(n) * time.Second / awayRate))):
		}
		statement, id := "INSERT INTO a (seq, v, id) VALUES (?, ?, ?)", n
		if n%5 == 0 {
			statement, id = "UPDATE a SET seq = ?, v = ? WHERE id = ?", 5*(n/10)+1
		}
		asked := time.Now()
		result, err := a.db.Exec(statement, n, fmt.Sprintf("%s%08d", filling, n), id)
		if err != nil {
			return fmt.Errorf("commit %d: %w", n, err)
		}
		if rows, err := result.RowsAffected(); err != nil || rows != 1 {
			return fmt.Errorf("commit %d, row %d: %d rows, %w", n, id, rows, err)
		}
		phase := a.now.Load()
		phase.commits = append(phase.commits, time.Since(asked))
		a.written.Add(1)
		if late := time.Since(began) - time.Duration(n)*time.Second/awayRate; late > time.Second {
			began = began.Add(late) // what a slow machine has missed is not made up for
		}
	}
}

// halt ends the writer and returns how often it committed.
func (a *away) halt() int {
	a.t.Helper()
	a.halted = true
	close(a.stop)
	if err := <-a.ended; err != nil {
		a.t.Fatal(err)
	}
	a.now.Load().took = time.Since(a.now.Load().began)
	return int(a.written.Load())
}

// start begins a part of the run.
func (a *away) start(name string) {
	if last := a.now.Load(); last != nil {
		last.took = time.Since(last.began)
	}
	p := &awayPhase{name: name, began: time.Now()}
	a.phases = append(a.phases, p)
	a.now.Store(p)
}

// phase is a part of the run in which nothing happens.
func (a *away) phase(name string, length time.Duration) {
	a.t.Helper()
	a.start(name)
	a.pass(length)
}

// pass measures for a while.
func (a *away) pass(length time.Duration) {
	a.t.Helper()
	end := time.Now().Add(length)
	for time.Now().Before(end) {
		a.sample()
		select {
		case err := <-a.ended:
			a.halted = true
			a.t.Fatalf("the writer ended: %v", err)
		case <-time.After(min(time.Until(end), max(length/100, time.Second))):
		}
	}
}

// sample measures the node.
func (a *away) sample() {
	a.t.Helper()
	metrics, err := a.metrics(0)
	if err != nil {
		a.t.Logf("a sample is missing: %v", err) // a machine that is busy with other things
		return
	}
	pid := strconv.Itoa(a.process.cmd.Process.Pid)
	text, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		a.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\nThreads:")
	threads, _, _ := strings.Cut(rest, "\n")
	number, err := strconv.ParseFloat(strings.TrimSpace(threads), 64)
	if err != nil {
		a.t.Fatal(err)
	}
	p := a.now.Load()
	p.samples = append(p.samples, awaySample{time.Since(p.began), map[string]float64{
		"resident memory": metrics["process_resident_memory_bytes"], "Go heap in use": metrics["go_memstats_heap_inuse_bytes"],
		"goroutines": metrics["go_goroutines"], "threads": number, "open files": metrics["process_open_fds"],
		"log on disk": float64(size(a.t, filepath.Join(a.dir, "log"))), "positions that wait": float64(a.emitters(0)["main"].Lag),
	}})
}

func (a *away) notef(format string, args ...any) {
	a.notes = append(a.notes, fmt.Sprintf(format, args...))
	a.t.Logf(format, args...)
}

func (a *away) stalled(emitter string) string {
	a.t.Helper()
	return a.metric(fmt.Sprintf(`marmot_emitter_stalled{emitter=%q,node="n1"}`, emitter))
}

// status1 is a number of /status.
func (a *away) status1(key string) uint64 {
	a.t.Helper()
	var s map[string]any
	a.within(awayPatience, "the node tells of itself", func() (told bool) {
		var err error
		s, err = a.status(0)
		return err == nil
	})
	return uint64(number(s, key))
}

// settle waits until the events of what is committed now are read.
func (a *away) settle(when string) {
	a.t.Helper()
	for _, name := range []string{"main", "soon"} {
		want := a.written.Load()
		a.within(awayPatience, fmt.Sprintf("%s: %d events of %s", when, want, name), func() bool { return a.readers[name].seen.Load() >= want })
	}
}

// stillWaiting looks at what the node says at the end of the time in which the Kafka was away.
func (a *away) stillWaiting(before map[string]emitterState, from uint64, killed time.Time) {
	a.t.Helper()
	var told map[string]emitterState
	a.within(awayPatience, "the node tells of both emitters", func() bool {
		told = a.emitters(0)
		return len(told) == 2
	})
	gone := time.Since(killed)
	for name, s := range told {
		if s.State != "stalled" || s.Error == "" || a.stalled(name) != "1" || s.Position > from {
			a.t.Errorf("%s is %+v after %s without its Kafka, at its beginning it was %+v", name, s, gone, before[name])
		}
		if lag := time.Duration(s.LagMS) * time.Millisecond; lag < gone-20*time.Second || lag > gone+20*time.Second {
			a.t.Errorf("%s lags %s after %s", name, lag, gone)
		}
		least := uint64(gone.Seconds()) * awayRate / 5 // of a machine that is busy
		if s.Lag < least || s.LagBytes < s.Lag*awayRow {
			a.t.Errorf("%s lags %d positions, %d bytes after %s", name, s.Lag, s.LagBytes, gone)
		}
		if name == "main" {
			a.notef("%d positions, %d MiB wait after %s", s.Lag, s.LagBytes>>20, gone.Round(time.Second))
		}
	}
	if floor, start := a.status1("trim_floor"), a.status1("log_start"); floor > from+1 || start > from+1 {
		a.t.Errorf("the log begins at %d and is trimmed up to %d, and events wait since %d", start, floor, from)
	}
}

// caughtUp waits until the events have reached the commits, and the alert is over.
func (a *away) caughtUp() {
	a.t.Helper()
	began := time.Now()
	waited, readBefore := a.written.Load(), a.readers["main"].seen.Load()
	limit := time.Minute + time.Duration(waited-readBefore)*time.Second/awayCatchUp
	left, next := []string{"main", "soon"}, began
	a.within(limit, "both have caught up", func() bool {
		if time.Now().After(next) {
			a.sample()
			next = time.Now().Add(time.Second)
		}
		left = slices.DeleteFunc(left, func(name string) bool {
			done := a.readers[name].seen.Load() >= a.written.Load()-awayRate/5
			if done {
				a.notef("`%s` had caught up %s after the Kafka served again, with %d events", name, time.Since(began).Round(100*time.Millisecond), a.readers[name].seen.Load()-readBefore)
			}
			return done
		})
		return len(left) == 0
	})
	for _, name := range []string{"main", "soon"} {
		a.within(awayPatience, name+" is well", func() bool {
			s := a.emitters(0)[name]
			return a.stalled(name) == "0" && s.State == "emitting" && s.Error == ""
		})
		a.notef("`marmot_emitter_stalled` of `%s` was 0 again after %s", name, time.Since(began).Round(100*time.Millisecond))
	}
}

// complete compares the events with what was committed, and with the table.
func (a *away) complete(written int) {
	a.t.Helper()
	want := map[int64]int64{}
	rows, err := a.db.Query("SELECT id, seq FROM a")
	if err != nil {
		a.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, seq int64
		if err := rows.Scan(&id, &seq); err != nil {
			a.t.Fatal(err)
		}
		want[id] = seq
	}
	if err := rows.Err(); err != nil {
		a.t.Fatal(err)
	}
	for name, r := range a.readers {
		r.end()
		if int(r.seen.Load()) != written || len(r.wrong) > 0 {
			a.t.Errorf("%s: %d events of %d commits; wrong: %v", name, r.seen.Load(), written, r.wrong)
		}
		differ := 0
		for id, seq := range want {
			if r.rows[id] != seq {
				differ++
			}
		}
		if differ > 0 || len(r.rows) != len(want) {
			a.t.Errorf("%s: %d of %d rows differ from the events'", name, differ, len(want))
		}
	}
	a.notef("%d commits, and of each emitter as many events, each once and in the order of the commits", written)
}

// trimmedAgain waits until the log has let go of what had waited. A trim comes with a snapshot.
func (a *away) trimmedAgain(beyond uint64) {
	a.t.Helper()
	kept := size(a.t, filepath.Join(a.dir, "log"))
	a.within(awayPatience, "the log is trimmed again", func() bool {
		if _, err := a.db.Exec("UPDATE a SET v = UUID() WHERE id = 1"); err != nil {
			a.t.Fatal(err)
		}
		return a.status1("trim_floor") > beyond && a.status1("log_start") > 1
	})
	a.notef("the log had %d MiB on disk when all was out, and %d after the next trim", kept>>20, size(a.t, filepath.Join(a.dir, "log"))>>20)
}

// judge compares the parts of the run with the one before the Kafka went away.
func (a *away) judge() {
	a.t.Helper()
	base := a.phases[1]
	for _, p := range a.phases[1:] {
		if len(p.samples) == 0 || len(p.commits) == 0 {
			a.t.Errorf("%s: nothing was measured", p.name)
		}
		a.t.Logf("%s (%s): %s", p.name, p.took.Round(time.Second), p)
		for at, slow := range map[float64]time.Duration{0.5: awaySlow, 0.99: awaySlowest} {
			if now, then := quantile(p.commits, at), quantile(base.commits, at); p.name == "away" && now > 2*then+slow {
				a.t.Errorf("%s: %.0f %% of the commits take up to %s, before they took %s", p.name, 100*at, now, then)
			}
		}
		for _, s := range awaySeries {
			most, then := p.most(s.name)/s.divisor, base.most(s.name)/s.divisor
			if s.bounded && most > then*1.25+s.allowance {
				a.t.Errorf("%s: up to %.1f %s of %s, before %.1f", p.name, most, s.unit, s.name, then)
			}
		}
	}
}

// most is the largest sample.
func (p *awayPhase) most(name string) (value float64) {
	for _, s := range p.samples {
		value = max(value, s.values[name])
	}
	return value
}

// String tells the figures of a part.
func (p *awayPhase) String() string {
	list := []string{fmt.Sprintf("%d commits", len(p.commits))}
	for _, at := range []float64{0.5, 0.99, 1} {
		list = append(list, fmt.Sprintf("%.0f %%: %s", 100*at, quantile(p.commits, at).Round(10*time.Microsecond)))
	}
	for _, s := range awaySeries {
		list = append(list, fmt.Sprintf("%s up to %.1f %s", s.name, p.most(s.name)/s.divisor, s.unit))
	}
	return strings.Join(list, ", ")
}

func quantile(list []time.Duration, at float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	ordered := slices.Sorted(slices.Values(list))
	return ordered[min(int(at*float64(len(ordered))), len(ordered)-1)]
}

// sequence reads a topic whose rows carry the number of their commit, for as long as it takes.
type sequence struct {
	client *kgo.Client
	seen   atomic.Int64 // numbers in their order
	step   int64        // from one number to the next
	sample string       // the last event
	places
	rows  map[int64]int64
	wrong []string
	last  uint64 // position
	end   func()
}

func readSequence(t *testing.T, brokers, topic string) *sequence {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond), kgo.MetadataMinAge(100*time.Millisecond), kgo.MetadataMaxAge(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s, done := &sequence{client: client, step: 1, rows: map[int64]int64{}}, make(chan struct{})
	go func() { // ends with ctx
		defer close(done)
		for ctx.Err() == nil {
			client.PollFetches(ctx).EachRecord(s.take)
		}
	}()
	s.end = func() {
		cancel()
		<-done
		client.Close()
	}
	t.Cleanup(s.end)
	return s
}

func (s *sequence) take(r *kgo.Record) {
	var e struct {
		After  struct{ ID, Seq int64 }
		Source struct {
			Pos uint64 `json:"pos"`
		}
	}
	if err := json.Unmarshal(r.Value, &e); err != nil {
		s.wrongf("%s: %v", r.Value, err)
		return
	}
	s.sample = string(r.Value)
	if due := (s.seen.Load() + 1) * s.step; !s.place(e.After.Seq, e.Source.Pos) {
		s.wrongf("event %d comes where %d is due", e.After.Seq, due)
	}
	if e.Source.Pos <= s.last {
		s.wrongf("position %d follows %d", e.Source.Pos, s.last)
	}
	s.last, s.rows[e.After.ID] = e.Source.Pos, e.After.Seq
	s.seen.Add(1)
}

func (s *sequence) wrongf(format string, args ...any) {
	if len(s.wrong) < mostWrong {
		s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
	}
}

// A reader that sees nothing wrong shows nothing: each of these streams has one fault.
func TestFaultsOfASequenceAreSeen(t *testing.T) {
	event := func(seq, position int) *kgo.Record {
		return &kgo.Record{Value: fmt.Appendf(nil, `{"after":{"id":7,"seq":%d},"source":{"pos":%d}}`, seq, position)}
	}
	for name, c := range map[string]struct {
		events []*kgo.Record
		right  bool
	}{
		"whole": {[]*kgo.Record{event(1, 10), event(2, 11)}, true},
		"lost":  {[]*kgo.Record{event(1, 10), event(3, 12)}, false},
		"twice": {[]*kgo.Record{event(1, 10), event(1, 10)}, false},
		"order": {[]*kgo.Record{event(2, 11), event(1, 10)}, false},
		"a row": {[]*kgo.Record{event(1, 10), {Value: []byte("no JSON")}}, false},
	} {
		s := &sequence{step: 1, rows: map[int64]int64{}}
		for _, r := range c.events {
			s.take(r)
		}
		if (len(s.wrong) == 0) != c.right {
			t.Errorf("%s: wrong is %v", name, s.wrong)
		}
	}
}

// report is a part of docs/soak.md.
func (a *away) report(length time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %.0f minutes without the emitters' Kafka\n\nOne node with its own log and two emitters, `main` exactly once and `soon` at least once, into a Kafka of one broker, all on one\n"+
		"machine; written by `scripts/long.sh away`. One client made %d commits a second, of rows of %d bytes. The broker was killed with kill -9 and started again after that time.\n"+
		"`log.retain` was 1 ms.\n\n", length.Minutes(), awayRate, awayRow)
	b.WriteString("| | ")
	for _, p := range a.phases[1:] {
		fmt.Fprintf(&b, "%s | ", p.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("--:|", len(a.phases)-1) + "\n")
	row := func(name string, value func(p *awayPhase) string) {
		b.WriteString("| " + name + " |")
		for _, p := range a.phases[1:] {
			b.WriteString(" " + value(p) + " |")
		}
		b.WriteString("\n")
	}
	row("length", func(p *awayPhase) string { return p.took.Round(time.Second).String() })
	row("commits", func(p *awayPhase) string { return strconv.Itoa(len(p.commits)) })
	for _, q := range []struct {
		name string
		at   float64
	}{{"a commit, median", 0.5}, {"99 % of them", 0.99}, {"the longest", 1}} {
		row(q.name, func(p *awayPhase) string { return quantile(p.commits, q.at).Round(100 * time.Microsecond).String() })
	}
	for _, s := range awaySeries {
		row(s.name+", most", func(p *awayPhase) string {
			return strings.TrimSpace(fmt.Sprintf("%.0f %s", p.most(s.name)/s.divisor, s.unit))
		})
	}
	b.WriteString("\n")
	for _, n := range a.notes {
		b.WriteString("* " + n + "\n")
	}
	return b.String()
}

// writePart puts a part into a document of parts that each begin with a heading of the first level, in place of an earlier one of that heading, or at
// its end.
func writePart(path, part string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	heading, _, _ := strings.Cut(part, "\n")
	var parts []string
	found := false
	for i, text := range strings.Split("\n"+string(old), "\n# ") {
		if i == 0 {
			continue
		}
		text = "# " + strings.TrimRight(text, "\n") + "\n"
		if strings.HasPrefix(text, heading+"\n") {
			text, found = strings.TrimRight(part, "\n")+"\n", true
		}
		parts = append(parts, text)
	}
	if !found {
		parts = append(parts, strings.TrimRight(part, "\n")+"\n")
	}
	return os.WriteFile(path, []byte(strings.Join(parts, "\n")), 0o644)
}
