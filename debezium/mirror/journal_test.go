package mirror

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"marmot/debezium"
	"marmot/txn"
)

// goldenJournal is a file of format 1 with one batch.
const goldenJournal = "6d61726d6f742d6576656e74732d310a6f00000020f39114587b226e756d626572223a352c226174223a7b22706f736974696f6e223a377d2c226166746572223a7b22706f736974696f6e223a382c226576656e7473223a312c227265736574223a332c227374617465223a2273227d7d02017400026b02760201680276016e00017501000000"

func TestAJournalHasTheBytesThatItHad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, err := openJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []debezium.Record{recordOf("t", "v", true), {Topic: "u", Partition: -1, Extra: true}}
	at, after := debezium.Progress{Position: 7}, debezium.Progress{Position: 8, Events: 1, Reset: 3, State: "s"}
	if err := j.append(5, at, after, want); err != nil {
		t.Fatal(err)
	}
	_ = j.close()
	b, err := os.ReadFile(path)
	if err != nil || hex.EncodeToString(b) != goldenJournal {
		t.Errorf("%x, %v", b, err)
	}
	old, err := hex.DecodeString(goldenJournal)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if j, err = openJournal(path); err != nil || len(j.entries) != 1 {
		t.Fatalf("%+v, %v", j, err)
	}
	defer func() { _ = j.close() }()
	e := j.entries[0]
	got, err := j.records(e)
	if err != nil || e.number != 5 || e.at != at || e.after != after || !reflect.DeepEqual(got, want) {
		t.Errorf("it is read as %+v %+v, %v", e, got, err)
	}
}

// keptMirror is a mirror with a journal over the same values.
func keptMirror(t *testing.T, meta Meta, path string, retention int64) *Mirror {
	t.Helper()
	m, err := New(t.Context(), Options{Listen: "127.0.0.1:0", ClusterID: "c", Partitions: 2, RetentionBytes: retention, Meta: meta, First: 1, Journal: path})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func recordOf(topic, value string, extra bool) debezium.Record {
	return debezium.Record{Topic: topic, Partition: 0, Key: []byte("k"), Value: []byte(value), Headers: []debezium.Header{{Name: "h", Value: []byte(value)}, {Name: "n"}}, Extra: extra}
}

// TestWhatIsNoFunctionOfTheLogIsKept: after a restart the kept batches come behind the progress that they came behind, and offsets are what
// they were.
func TestWhatIsNoFunctionOfTheLogIsKept(t *testing.T) {
	meta := &memoryMeta{values: map[string][]byte{}}
	path := filepath.Join(t.TempDir(), "journal")
	m := keptMirror(t, meta, path, 1<<20)
	publishOne := func(m *Mirror, r []debezium.Record, p debezium.Progress) {
		t.Helper()
		if err := m.Publish(t.Context(), r, p); err != nil {
			t.Fatal(err)
		}
	}
	publishOne(m, nil, debezium.Progress{Position: 10, State: "a"}) // a jump
	publishOne(m, []debezium.Record{recordOf("t", "11", false)}, debezium.Progress{Position: 11, State: "a"})
	publishOne(m, []debezium.Record{recordOf("t", "snapshot", true)}, debezium.Progress{Position: 12, State: "b"})
	publishOne(m, []debezium.Record{recordOf("t", "13", false)}, debezium.Progress{Position: 13, State: "b"})
	ends := m.state.ends["t"][0]
	if got := m.Resume(); got != 10 {
		t.Errorf("it resumes after %s, want the first jump", got)
	}
	m.Close()

	again := keptMirror(t, meta, path, 1<<20)
	defer again.Close()
	for i, want := range []struct{ at, after debezium.Progress }{
		{debezium.Progress{}, debezium.Progress{Position: 10, State: "a"}},
		{debezium.Progress{Position: 11, State: "a"}, debezium.Progress{Position: 12, State: "b"}},
	} {
		at, ok := again.Kept()
		if !ok || at != want.at {
			t.Fatalf("batch %d stands behind %+v, %v", i, at, ok)
		}
		if i == 1 {
			publishOne(again, []debezium.Record{recordOf("t", "11", false)}, debezium.Progress{Position: 11, State: "a"})
		}
		if p, err := again.PublishKept(t.Context()); err != nil || p != want.after {
			t.Fatalf("batch %d: %+v, %v", i, p, err)
		}
	}
	if _, more := again.Kept(); more {
		t.Error("there is a third batch")
	}
	publishOne(again, []debezium.Record{recordOf("t", "13", false)}, debezium.Progress{Position: 13, State: "b"})
	if got := again.state.ends["t"][0]; got != ends {
		t.Errorf("the topic ends at %d, ended at %d", got, ends)
	}
}

// TestAJournalForgetsWhatItsCheckpointHas: the file does not grow beyond what the retention needs.
func TestAJournalForgetsWhatItsCheckpointHas(t *testing.T) {
	meta := &memoryMeta{values: map[string][]byte{}}
	path := filepath.Join(t.TempDir(), "journal")
	m := keptMirror(t, meta, path, 1<<20)
	large := strings.Repeat("x", 100_000)
	for i := range 200 { // 20 MB, twenty times the retention
		if err := m.Publish(t.Context(), []debezium.Record{recordOf("t", large, true)}, debezium.Progress{Position: txn.Position(i + 1), State: "s"}); err != nil {
			t.Fatal(err)
		}
	}
	ends := m.state.ends["t"][0]
	m.Close()
	info, err := os.Stat(path)
	if err != nil || info.Size() > 3*journalSlack {
		t.Fatalf("the journal has %d bytes, %v", info.Size(), err)
	}
	again := keptMirror(t, meta, path, 1<<20)
	defer again.Close()
	for {
		if _, more := again.Kept(); !more {
			break
		}
		if _, err := again.PublishKept(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := again.state.ends["t"][0]; got != ends || again.number != 200 {
		t.Errorf("the topic ends at %d after batch %d, ended at %d", got, again.number, ends)
	}
}

// TestATornJournalIsCutAndADamagedOneRefused tells the end of a killed process from damage.
func TestATornJournalIsCutAndADamagedOneRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, err := openJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := j.append(uint64(i+1), debezium.Progress{}, debezium.Progress{Position: 7}, []debezium.Record{recordOf("t", "v", true)}); err != nil {
			t.Fatal(err)
		}
	}
	second := j.entries[1].offset
	_ = j.close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	load := func(b []byte) (int, error) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(path)
		if err != nil {
			return 0, err
		}
		defer func() { _ = j.close() }()
		return len(j.entries), nil
	}
	for cut := range 20 {
		if n, err := load(whole[:len(whole)-1-cut]); err != nil || n != 2 {
			t.Errorf("%d bytes short: %d entries, %v", cut+1, n, err)
		}
	}
	damaged := bytes.Clone(whole)
	damaged[second+frameHeader+3] ^= 1
	if _, err := load(damaged); !errors.Is(err, txn.ErrCorrupt) {
		t.Errorf("a damaged frame in the midst: %v", err)
	}
	damaged = bytes.Clone(whole)
	damaged[len(damaged)-1] ^= 1
	if n, err := load(damaged); err != nil || n != 2 {
		t.Errorf("a last frame that was written in part: %d entries, %v", n, err)
	}
	if _, err := load([]byte("marmot-events-2\n")); !errors.Is(err, txn.ErrFuture) || !strings.Contains(err.Error(), "format 2, this release reads up to 1") {
		t.Errorf("a newer format: %v", err)
	}
	if _, err := load([]byte("something else")); !errors.Is(err, txn.ErrCorrupt) {
		t.Errorf("another file: %v", err)
	}
}

func FuzzJournal(f *testing.F) {
	path := filepath.Join(f.TempDir(), "seed")
	j, err := openJournal(path)
	if err != nil {
		f.Fatal(err)
	}
	if err := j.append(1, debezium.Progress{}, debezium.Progress{Position: 7, State: "s"}, []debezium.Record{recordOf("t", "v", true)}); err != nil {
		f.Fatal(err)
	}
	seed, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "journal")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(path)
		if err != nil {
			if !errors.Is(err, txn.ErrFuture) && !errors.Is(err, txn.ErrCorrupt) {
				t.Fatalf("error of no kind: %v", err)
			}
			return
		}
		defer func() { _ = j.close() }()
		for _, e := range j.entries {
			if _, err := j.records(e); err != nil && !errors.Is(err, txn.ErrCorrupt) {
				t.Fatalf("error of no kind: %v", err)
			}
		}
	})
}
