package file

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return bytes.Equal(a, b)
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}
