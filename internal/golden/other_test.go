package golden

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// TestOtherStatementsGiveTheConnectorsEvents runs the statements of the other recordings with an emitter for each setting.
func TestOtherStatementsGiveTheConnectorsEvents(t *testing.T) {
	for _, o := range Others() {
		t.Run(o.Name, func(t *testing.T) {
			t.Parallel()
			got := otherRun(t, &o, nil, func(map[string]string) {})
			for _, setting := range o.Settings() {
				want, err := o.Recorded(setting)
				if err != nil {
					t.Fatal(err)
				}
				judgeSetting(t, setting, Compare(want, ofPrefix(got, setting)), o.Least[setting])
			}
		})
	}
}

// TestOtherStatementsInAvroGiveTheConnectorsEvents is the same with AvroConverter.
func TestOtherStatementsInAvroGiveTheConnectorsEvents(t *testing.T) {
	for _, o := range Others() {
		if !o.Avro {
			continue
		}
		t.Run(o.Name, func(t *testing.T) {
			t.Parallel()
			registry := srfake.New()
			defer registry.Close()
			got := otherRun(t, &o, avroDecoder(t, registry.URL()), func(properties map[string]string) {
				inAvro(Run{Properties: properties}, registry.URL())
			})
			for _, setting := range o.Settings() {
				want, refused, err := o.RecordedAvro(setting)
				if err != nil {
					t.Fatal(err)
				}
				judgeSetting(t, setting, Compare(want, without(ofPrefix(got, setting), refused)), o.Least[setting])
			}
		})
	}
}

func judgeSetting(t *testing.T, setting string, r *Result, least float64) {
	if dir := os.Getenv("MARMOT_TEST_GOLDEN_DUMP"); dir != "" {
		dump(t, filepath.Join(dir, setting), r)
	}
	t.Logf("%s: %s", setting, r.Summary())
	if r.Percent() < least || os.Getenv("MARMOT_TEST_GOLDEN_MOST") != "" {
		report(t, r)
	}
	if r.Percent() < least {
		t.Errorf("%s: %.2f %% of the events are the connector's, want %.1f", setting, r.Percent(), least)
	}
}

// dump writes all differences as JSON.
func dump(t *testing.T, path string, r *Result) {
	b, err := json.Marshal(map[string][]Difference{"different": r.Different, "missing": r.Missing, "extra": r.Extra})
	if err == nil {
		err = os.WriteFile(path+".json", b, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}

// ofPrefix returns the events of a setting without notifications and heartbeats.
func ofPrefix(events []Event, prefix string) []Event {
	var list []Event
	for _, e := range events {
		if e.Topic == prefix || strings.HasPrefix(e.Topic, prefix) && strings.ContainsAny(e.Topic[len(prefix):len(prefix)+1], ".-_") {
			list = append(list, e)
		}
	}
	return rows(list)
}

// otherRun takes the steps of a recording on one node: data before the emitters begin, their snapshots, the stream.
func otherRun(t *testing.T, o *Other, decode func(Event) Event, change func(properties map[string]string)) []Event {
	t.Helper()
	dir, err := os.MkdirTemp("", "gold")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s := &server{t: t, dir: dir, kafka: freeAddress(t), decode: decode, topics: "^(" + strings.Join(o.Settings(), "|") + ").*"}
	var emitters strings.Builder
	metadata := map[string]string{}
	lastRowIsSkipped := map[string]int{} // and so many events there are
	unreadable := map[string][2]int{}    // CloudEvents has neither notifications nor transactions: so many records say nothing
	for _, setting := range o.Settings() {
		properties, err := o.Properties(setting)
		if err != nil {
			t.Fatal(err)
		}
		metadata[setting] = properties["provide.transaction.metadata"]
		if strings.Contains(properties["skipped.operations"], "c") {
			recorded, err := o.Recorded(setting)
			if err != nil {
				t.Fatal(err)
			}
			lastRowIsSkipped[setting] = len(recorded)
		}
		if strings.HasSuffix(properties["value.converter"], "CloudEventsConverter") {
			unreadable[setting] = silentOf(t, o, setting)
		}
		change(properties)
		fmt.Fprintf(&emitters, "[emitters.%s]\n", setting)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			fmt.Fprintf(&emitters, "%q = '''%s'''\n", name, properties[name])
		}
	}
	base := fmt.Sprintf("node.id = \"golden\"\ndata.dir = %q\nmysql.socket = %q\nmysql.listen = \"\"\nadmin.listen = \"\"\nkafka.listen = %q\nlog.rows_query = %v\n[debezium]\nenabled = false\n",
		filepath.Join(dir, "data"), filepath.Join(dir, "s"), s.kafka, o.RowsQuery)
	s.serve(base)
	s.set(o.Variables)
	s.play(o, "setup.sql")
	s.stop()
	s.serve(base + emitters.String())
	defer func() { s.stop() }()
	s.set(o.Variables)
	s.until(func(events []Event) bool {
		return all(o.Settings(), func(n string) bool {
			if silent, ok := unreadable[n]; ok {
				return count(events, n+".notifications") >= silent[0]
			}
			return snapshotDone(events, n)
		})
	})
	s.play(o, "stream.sql")
	s.play(o, "end.sql")
	return s.read(func(events []Event) bool {
		return all(o.Settings(), func(n string) bool {
			if lastRowIsSkipped[n] > 0 {
				return len(ofPrefix(events, n)) >= lastRowIsSkipped[n]
			}
			if silent, ok := unreadable[n]; ok {
				return ended(events, n, false) && count(events, n+".transaction") >= silent[1]
			}
			return ended(events, n, metadata[n] == "true")
		})
	})
}

// silentOf is how many notifications and boundaries of transactions a setting's recording has.
func silentOf(t *testing.T, o *Other, setting string) [2]int {
	t.Helper()
	events, err := Recorded(path.Join("other", o.Name, setting))
	if err != nil {
		t.Fatal(err)
	}
	return [2]int{count(events, setting+".notifications"), count(events, setting+".transaction")}
}

func count(events []Event, topic string) (n int) {
	for i := range events {
		if events[i].Topic == topic {
			n++
		}
	}
	return n
}

func all(names []string, is func(string) bool) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return !is(n) })
}

func snapshotDone(events []Event, setting string) bool {
	return slices.ContainsFunc(events, func(e Event) bool {
		return e.Topic == setting+".notifications" && strings.Contains(string(e.Value), "COMPLETED") && strings.Contains(string(e.Value), "Initial Snapshot") && !strings.Contains(string(e.Value), "TABLE_SCAN")
	})
}

// ended reports whether the last row has come, and the end of its transaction.
func ended(events []Event, setting string, metadata bool) bool {
	row, end := false, !metadata
	for i := len(events) - 1; i >= 0 && !(row && end); i-- {
		e := &events[i]
		if !strings.HasPrefix(e.Topic, setting) {
			continue
		}
		row = row || strings.HasSuffix(e.Topic, "sentinel") && strings.Contains(string(e.Value), `end`)
		end = end || strings.Contains(string(e.Value), `"data_collections"`) && strings.Contains(string(e.Value), `.sentinel"`)
	}
	return row && end
}

// play runs a recording's statements in one session. Some fail, here as there.
func (s *server) play(o *Other, file string) {
	s.t.Helper()
	statements, err := o.Statements(file)
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
	if _, err := c.ExecContext(s.t.Context(), "SET NAMES utf8mb4"); err != nil { // as the client of the recording
		s.t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := c.ExecContext(s.t.Context(), statement); err != nil {
			s.t.Logf("%s: %.120q: %v", file, statement, err)
		}
	}
}
