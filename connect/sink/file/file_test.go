package file

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"marmot/connect/sink"
	"marmot/connect/sink/sinktest"
)

// folder is a sinktest.Target.
type folder struct {
	dir string
	now time.Time
}

func newFolder(t *testing.T) *folder { return &folder{t.TempDir(), time.UnixMilli(1_700_000_000_000)} }

// Open implements sinktest.Target.
func (f *folder) Open(t *testing.T) sink.Sink {
	s, err := New(Options{Dir: f.dir, RotateBytes: 3000, RotateInterval: 5 * time.Second, Now: func() time.Time {
		f.now = f.now.Add(time.Second)
		return f.now
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files lists the finished files in the order of their offsets.
func (f *folder) files(t *testing.T) []string {
	names, err := filepath.Glob(filepath.Join(f.dir, "*", "*", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	return names
}

// Read implements sinktest.Target.
func (f *folder) Read(t *testing.T) map[sink.Partition][]sink.Record {
	t.Helper()
	stored := map[sink.Partition][]sink.Record{}
	for _, name := range f.files(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			r, err := ParseLine(lines.Bytes())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			p := sink.Partition{Topic: r.Topic, ID: r.Partition}
			stored[p] = append(stored[p], r)
		}
	}
	return stored
}

func TestConformance(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Target { return newFolder(t) })
}

func write(t *testing.T, s sink.Sink, offsets ...int64) {
	t.Helper()
	for _, o := range offsets {
		r := sink.Record{Topic: "m.a", Offset: o, TimestampMS: 1_700_000_000_000, Value: []byte(`{"a":1}`)}
		if err := s.Write(t.Context(), []sink.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
}

func assigned(t *testing.T, f *folder, want int64) sink.Sink {
	t.Helper()
	s := f.Open(t)
	next, err := s.Assign(t.Context(), sink.Partition{Topic: "m.a"})
	if err != nil || next != want {
		t.Fatalf("the sink wants %d, %v, want %d", next, err, want)
	}
	return s
}

func TestNamesTellTopicDayPartitionAndOffset(t *testing.T) {
	f := newFolder(t)
	s := assigned(t, f, sink.Unknown)
	write(t, s, 17, 18)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(f.dir, "m.a", "2023-11-14", "0-00000000000000000017.jsonl")
	if got := f.files(t); len(got) != 1 || got[0] != want {
		t.Errorf("files %v, want %s", got, want)
	}
	text, err := os.ReadFile(want)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if first != `{"topic":"m.a","partition":0,"offset":17,"timestamp":1700000000000,"headers":{},"key":null,"value":{"a":1}}` {
		t.Errorf("line %s", first)
	}
}

func TestATornLineIsCut(t *testing.T) {
	f := newFolder(t)
	s := assigned(t, f, sink.Unknown)
	write(t, s, 0, 1)
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	open, err := filepath.Glob(filepath.Join(f.dir, "*", "*", "*.open"))
	if err != nil || len(open) != 1 {
		t.Fatalf("open files %v, %v", open, err)
	}
	whole, err := os.ReadFile(open[0])
	if err != nil {
		t.Fatal(err)
	}
	second := bytes.IndexByte(whole, '\n') + 1
	for cut := len(whole) - 1; cut >= 0; cut-- {
		if err := os.WriteFile(open[0], whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		want := int64(1)
		if cut < second {
			want = sink.Unknown
		}
		assigned(t, f, want)
		if err := os.WriteFile(open[0], whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamageIsNamed(t *testing.T) {
	f := newFolder(t)
	s := assigned(t, f, sink.Unknown)
	write(t, s, 0, 1)
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	name := f.files(t)[0]
	for _, text := range []string{"{\"offset\":0}\n{\"off", "nonsense\n", "{}\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := f.Open(t).Assign(t.Context(), sink.Partition{Topic: "m.a"})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%q: error %v does not name the file and the damage", text, err)
		}
	}
}

func TestAFolderThatCannotBeWrittenIsNamed(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := New(Options{Dir: filepath.Join(blocked, "x"), RotateBytes: 1, RotateInterval: 1, Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), "sink.dir") {
		t.Errorf("error %v does not name sink.dir", err)
	}
}

// TestAFullDiskIsWaitedFor: the same call goes through once there is room, and nothing is lost or there twice.
func TestAFullDiskIsWaitedFor(t *testing.T) {
	f := newFolder(t)
	s := assigned(t, f, sink.Unknown).(*Sink)
	room := 100
	s.disk.write = func(file *os.File, b []byte) (int, error) {
		n, err := file.Write(b[:min(len(b), room)])
		if room -= n; err == nil && n < len(b) {
			err = syscall.ENOSPC
		}
		return n, err
	}
	until := func(call func() error) {
		t.Helper()
		for range 100 {
			err := call()
			if err == nil {
				return
			}
			if !errors.Is(err, sink.ErrTransient) {
				t.Fatal(err)
			}
			room += 700
		}
		t.Fatal("there was room again and again, and it was of no use")
	}
	for from := int64(0); from < 2000; from += 100 {
		var batch []sink.Record
		for offset := range int64(100) {
			batch = append(batch, sink.Record{Topic: "m.a", Offset: from + offset, Value: bytes.Repeat([]byte{'7'}, 60)})
		}
		until(func() error { return s.Write(t.Context(), batch) })
		if from%500 == 0 {
			until(func() error { return s.Flush(t.Context()) })
		}
	}
	until(func() error { return s.Close(t.Context()) })
	stored := f.Read(t)[sink.Partition{Topic: "m.a"}]
	if len(stored) != 2000 {
		t.Fatalf("%d records are stored, want 2000", len(stored))
	}
	for i, r := range stored {
		if r.Offset != int64(i) {
			t.Fatalf("record %d has offset %d", i, r.Offset)
		}
	}
}

// TestAFailedSyncIsNotTriedAgain: after it nobody knows what is on disk, and a second one would not tell.
func TestAFailedSyncIsNotTriedAgain(t *testing.T) {
	f := newFolder(t)
	s := assigned(t, f, sink.Unknown).(*Sink)
	write(t, s, 1, 2, 3)
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, s, 4, 5)
	s.disk.sync = func(*os.File) error { return syscall.ENOSPC }
	if err := s.Flush(t.Context()); err == nil || errors.Is(err, sink.ErrTransient) {
		t.Errorf("flush: %v, want an error that ends the sink", err)
	}
	assigned(t, f, 4) // what was not durable is wanted again
}

// TestFoldersAreDurableBeforeTheirFiles: an offset is committed only when a power cut cannot take the folder away.
func TestFoldersAreDurableBeforeTheirFiles(t *testing.T) {
	f := newFolder(t)
	s := assigned(t, f, sink.Unknown).(*Sink)
	var synced []string
	s.disk.syncDir = func(path string) error {
		name, err := filepath.Rel(f.dir, path)
		if err != nil {
			t.Fatal(err)
		}
		synced = append(synced, name)
		return nil
	}
	write(t, s, 1)
	if want := []string{".", "m.a", "m.a/2023-11-14"}; !slices.Equal(synced, want) {
		t.Errorf("synced %v, want %v", synced, want)
	}
}

func TestATopicThatIsNoneOfKafkasGetsNoFolder(t *testing.T) {
	s := newFolder(t).Open(t)
	for _, topic := range []string{"", ".", "..", "../m", "m/n", "m\x00", "m n"} {
		if _, err := s.Assign(t.Context(), sink.Partition{Topic: topic}); err == nil {
			t.Errorf("topic %q was taken", topic)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`{"topic":"m.a","partition":0,"offset":17,"timestamp":1,"headers":{"h":"x"},"key":null,"value":{"a":1}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := ParseLine(line)
		if err != nil {
			return
		}
		again, err := ParseLine(appendLine(nil, &r))
		if err != nil || again.Offset != r.Offset || again.Topic != r.Topic || !sameJSON(again.Value, r.Value) {
			t.Errorf("%q became %+v, %v", line, again, err)
		}
	})
}

// FuzzTakeOver has the sink find a file with any bytes in it, which is all the state that it has: it refuses the file, or goes
// on behind its last whole line, and then every line can be read.
func FuzzTakeOver(f *testing.F) {
	line := `{"topic":"m.a","partition":0,"offset":17,"timestamp":1,"headers":{},"key":null,"value":{"a":1}}` + "\n"
	for _, text := range []string{"", line, line[:30], line + line[:30], line + "{}\n", "\n", line + "\x00\x00"} {
		f.Add([]byte(text), true)
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, content []byte, unfinished bool) {
		folder := newFolder(t)
		name := filepath.Join(folder.dir, "m.a", "2023-11-14", "0-00000000000000000017.jsonl")
		if unfinished {
			name += openSuffix
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, content, 0o644)); err != nil {
			t.Fatal(err)
		}
		s := folder.Open(t)
		next, err := s.Assign(t.Context(), sink.Partition{Topic: "m.a"})
		if err != nil {
			if got, readErr := os.ReadFile(name); readErr != nil || !bytes.Equal(got, content) {
				t.Fatalf("a file that was refused (%v) was changed: %q, %v", err, got, readErr)
			}
			return
		}
		if next == sink.Unknown {
			next = 17
		}
		if next < 0 || next == math.MaxInt64 {
			return
		}
		write(t, s, next)
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if again, err := folder.Open(t).Assign(t.Context(), sink.Partition{Topic: "m.a"}); err != nil || again != next+1 {
			t.Fatalf("it goes on at %d, %v, want %d", again, err, next+1)
		}
	})
}

func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return bytes.Equal(a, b)
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}
