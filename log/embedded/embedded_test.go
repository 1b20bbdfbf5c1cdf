package embedded

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"marmot/log"
	"marmot/log/logtest"
)

var rewrite = flag.Bool("rewrite", false, "write testdata anew")

func testOptions(dir string) Options {
	return Options{Dir: dir, Partitions: logtest.Partitions, SegmentBytes: minSegmentBytes,
		Now: func() time.Time { return time.UnixMicro(1_700_000_000_000_000) }, Random: bytes.NewReader(make([]byte, 64))}
}

func mustOpen(t *testing.T, o Options, d disk) *Log {
	t.Helper()
	l, err := open(o, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func mustAppend(t *testing.T, l *Log, s log.Stream, value string) int64 {
	t.Helper()
	offset, err := log.AppendWait(t.Context(), l, s, []byte(value))
	if err != nil {
		t.Fatalf("append %.20q: %v", value, err)
	}
	return offset
}

// crash copies the directory as it is, as if the process had been killed, and opens the copy.
func crash(t *testing.T, l *Log) *Log {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(l.options.Dir)); err != nil {
		t.Fatal(err)
	}
	return mustOpen(t, testOptions(dir), realDisk())
}

func TestConformance(t *testing.T) {
	failing := func(t *testing.T) (log.Log, *failure) {
		f := &failure{}
		return mustOpen(t, testOptions(t.TempDir()), f.disk()), f
	}
	logs := map[log.Log]*failure{}
	logtest.Run(t, logtest.Factory{
		New: func(t *testing.T) log.Log {
			l, f := failing(t)
			logs[l] = f
			return l
		},
		Reopen: func(t *testing.T, l log.Log) log.Log { return crash(t, l.(*Log)) },
		RefuseNext: func(t *testing.T, l log.Log) {
			// A full segment and no room for the next.
			e := l.(*Log)
			mustAppend(t, e, 2, strings.Repeat("x", int(minSegmentBytes-e.segments[0].used)-frameBytes-10))
			logs[l].set(syscall.ENOSPC, 1)
		},
		TooLarge: MaxValueBytes + 1,
	})
}

// failure makes the next writes fail.
type failure struct {
	mu    sync.Mutex
	err   error
	times int
	syncs error
}

func (f *failure) set(err error, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err, f.times = err, times
}

func (f *failure) disk() disk {
	d := realDisk()
	write, sync := d.write, d.sync
	d.write = func(file *os.File, b []byte, at int64) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.times > 0 && len(b) > 0 {
			f.times--
			return f.err
		}
		return write(file, b, at)
	}
	d.sync = func(file *os.File) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.syncs != nil {
			return f.syncs
		}
		return sync(file)
	}
	return d
}

// fill appends records of 100 bytes until n segments are there, and returns how many records the order has.
func fill(t *testing.T, l *Log, n int) int64 {
	t.Helper()
	for i := 0; ; i++ {
		offset := mustAppend(t, l, log.Order, fmt.Sprintf("%-100d", i))
		mustAppend(t, l, log.Stream(i%3), fmt.Sprintf("%-100d", i))
		l.mu.Lock()
		have := len(l.segments)
		l.mu.Unlock()
		if have >= n {
			return offset + 1
		}
	}
}

func checkOrder(t *testing.T, l *Log, from, to int64) {
	t.Helper()
	for offset := from; offset < to; {
		entries, err := l.Read(t.Context(), log.Order, offset, 1000)
		if err != nil {
			t.Fatalf("read at %d: %v", offset, err)
		}
		for _, e := range entries {
			if want := fmt.Sprintf("%-100d", offset); e.Offset != offset || string(e.Value) != want {
				t.Fatalf("offset %d: %d %q", offset, e.Offset, e.Value)
			}
			offset++
		}
	}
}

func TestSegmentsRollAndAreReadFromAllOfThem(t *testing.T) {
	l := mustOpen(t, testOptions(t.TempDir()), realDisk())
	n := fill(t, l, 2*maxOpenSegments)
	checkOrder(t, l, 0, n)
	again := crash(t, l)
	checkOrder(t, again, 0, n)
	if again.uuid != l.uuid {
		t.Error("the uuid has changed")
	}
}

// A log that nobody reads from the front, as while an emitter waits, holds no more files than one that is read.
func TestSegmentsThatNobodyReadsAreClosed(t *testing.T) {
	l := mustOpen(t, testOptions(t.TempDir()), realDisk())
	n := fill(t, l, 3*maxOpenSegments)
	l.mu.Lock()
	open := 0
	for _, s := range l.segments {
		if s.file != nil || s.index != nil {
			open++
		}
	}
	l.mu.Unlock()
	if want := maxOpenSegments + 1; open != want {
		t.Errorf("%d segments are open, want %d", open, want)
	}
	checkOrder(t, l, 0, n)
}

func TestRecordsLargerThanASegmentGetTheirOwn(t *testing.T) {
	l := mustOpen(t, testOptions(t.TempDir()), realDisk())
	for i := range 3 {
		mustAppend(t, l, log.Order, strings.Repeat(fmt.Sprint(i), 3*minSegmentBytes))
		mustAppend(t, l, log.Order, "small")
	}
	entries, err := crash(t, l).Read(t.Context(), log.Order, 0, 1<<20)
	if err != nil || len(entries) != 6 || len(entries[4].Value) != 3*minSegmentBytes {
		t.Fatalf("%d records, %v", len(entries), err)
	}
}

func TestTrimRemovesWholeSegmentsThatNoStreamNeeds(t *testing.T) {
	l := mustOpen(t, testOptions(t.TempDir()), realDisk())
	n := fill(t, l, 6)
	if err := l.Trim(t.Context(), log.Order, n-5); err != nil {
		t.Fatal(err)
	}
	if start, _, _ := l.Bounds(t.Context(), log.Order); start != 0 {
		t.Errorf("the order starts at %d though the changes streams are needed", start)
	}
	for s := range log.Stream(3) {
		_, end, err := l.Bounds(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Trim(t.Context(), s, end); err != nil {
			t.Fatal(err)
		}
	}
	start, _, _ := l.Bounds(t.Context(), log.Order)
	files, err := filepath.Glob(filepath.Join(l.options.Dir, "*.segment"))
	if err != nil || start == 0 || len(files) > 2 {
		t.Fatalf("the order starts at %d, %d segments are left, %v", start, len(files), err)
	}
	again := crash(t, l)
	for _, l := range []*Log{l, again} {
		checkOrder(t, l, start, n)
		entries, err := l.Read(t.Context(), log.Order, 0, 100)
		if err != nil || string(entries[0].Value) != fmt.Sprintf("%-100d", 0) {
			t.Errorf("record 0 after a trim: %v, %v", entries, err)
		}
		if _, err := l.Read(t.Context(), log.Order, 1, 100); !errors.Is(err, log.ErrTrimmed) {
			t.Errorf("read of a trimmed record: %v", err)
		}
	}
}

// TestAnyTornTailIsCut cuts the file after every byte, and writes garbage where it was cut.
func TestAnyTornTailIsCut(t *testing.T) {
	dir := t.TempDir()
	o := testOptions(dir)
	l := mustOpen(t, o, realDisk())
	for i := range 3 {
		mustAppend(t, l, 0, fmt.Sprintf("change %d", i))
	}
	mustAppend(t, l, log.Order, "order 0")
	ends := []int64{int64(headerBytes(3)), l.segments[0].used}
	mustAppend(t, l, log.Order, "order 1")
	ends = append(ends, l.segments[0].used)
	path := l.segments[0].path
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := ends[1]; cut <= ends[2]; cut++ {
		for _, tail := range [][]byte{nil, []byte("garbage"), make([]byte, 100)} {
			if err := os.WriteFile(path, append(whole[:cut:cut], tail...), 0o600); err != nil {
				t.Fatal(err)
			}
			l, err := open(o, realDisk())
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			want := int64(1)
			if cut == ends[2] {
				want = 2
			}
			_, end, _ := l.Bounds(t.Context(), log.Order)
			if end != want {
				t.Errorf("cut at %d: the order ends at %d, want %d", cut, end, want)
			}
			if offset := mustAppend(t, l, log.Order, "after"); offset != want {
				t.Errorf("cut at %d: offset %d, want %d", cut, offset, want)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestNoOldRecordComesBackBehindACut(t *testing.T) {
	o := testOptions(t.TempDir())
	l := mustOpen(t, o, realDisk())
	for _, value := range []string{"aaaa", "bbbb", "cccc"} {
		mustAppend(t, l, 0, value) // changes only: nothing is on disk for sure
	}
	path, at := l.segments[0].path, l.segments[0].used-2*(frameBytes+4)
	l.Close()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte{0xff}, at+frameBytes); err != nil {
		t.Fatal(err)
	}
	file.Close()
	l = mustOpen(t, o, realDisk())
	mustAppend(t, l, 0, "BBBB")
	if _, end, _ := crash(t, l).Bounds(t.Context(), 0); end != 2 {
		t.Errorf("stream 0 ends at %d, want 2: the old third record came back", end)
	}
}

func TestDamageOfWhatWasOnDiskIsAnErrorAndNothingIsCut(t *testing.T) {
	for _, segments := range []int{1, 3} {
		o := testOptions(t.TempDir())
		l := mustOpen(t, o, realDisk())
		if n := fill(t, l, segments); n < 3 {
			fill(t, l, segments)
			mustAppend(t, l, log.Order, "more")
		}
		path := l.segments[0].path
		l.Close()
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		damaged := bytes.Clone(whole)
		damaged[headerBytes(3)+frameBytes+3] ^= 1
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err = open(o, realDisk())
		if err == nil {
			_, err = l.Read(t.Context(), log.Order, 0, 100)
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), fmt.Sprint("byte ", headerBytes(3))) {
			t.Errorf("%d segments: %v, want an error that names file and byte", segments, err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, damaged) {
			t.Errorf("%d segments: the file was changed", segments)
		}
	}
}

func TestAFullDiskRefusesUntilThereIsRoom(t *testing.T) {
	f := &failure{}
	l := mustOpen(t, testOptions(t.TempDir()), f.disk())
	fill(t, l, 2)
	if r := <-waitReady(t, l); r != nil {
		t.Fatal(r)
	}
	f.set(syscall.ENOSPC, 1000)
	refused := 0
	var last error
	for range 200 {
		_, err := log.AppendWait(t.Context(), l, log.Order, make([]byte, 200))
		if err != nil {
			refused++
			last = err
		}
	}
	// The segment in use is sealed by its failing write, which leaves one record unknown.
	if refused < 199 || errors.Is(last, log.ErrUnknown) || !errors.Is(last, syscall.ENOSPC) || !strings.Contains(last.Error(), "make room") {
		t.Fatalf("%d of 200 refused, the last with %v", refused, last)
	}
	_, before, _ := l.Bounds(t.Context(), log.Order)
	checkOrder(t, l, 0, before)
	f.set(nil, 0)
	if offset := mustAppend(t, l, log.Order, fmt.Sprintf("%-100d", before)); offset != before {
		t.Errorf("offset %d after room was made, want %d", offset, before)
	}
	checkOrder(t, crash(t, l), 0, before+1)
}

// waitReady waits until nothing is being prepared in the background.
func waitReady(t *testing.T, l *Log) <-chan error {
	t.Helper()
	result := make(chan error, 1)
	go func() {
		for {
			info, err := os.Stat(l.readyPath())
			if err == nil && info.Size() == l.options.SegmentBytes {
				result <- nil
				return
			}
			if t.Context().Err() != nil {
				result <- t.Context().Err()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return result
}

func TestAFailedSyncStopsAppendsUntilTheLogIsOpenedAgain(t *testing.T) {
	f := &failure{}
	o := testOptions(t.TempDir())
	l := mustOpen(t, o, f.disk())
	mustAppend(t, l, log.Order, "0")
	f.mu.Lock()
	f.syncs = syscall.EIO
	f.mu.Unlock()
	if _, err := log.AppendWait(t.Context(), l, log.Order, []byte("1")); !errors.Is(err, log.ErrUnknown) || !errors.Is(err, syscall.EIO) {
		t.Errorf("append: %v, want ErrUnknown", err)
	}
	f.mu.Lock()
	f.syncs = nil
	f.mu.Unlock()
	if _, err := log.AppendWait(t.Context(), l, log.Order, []byte("2")); err == nil || errors.Is(err, log.ErrUnknown) || !strings.Contains(err.Error(), "restart") {
		t.Errorf("append after a failed sync: %v", err)
	}
	if entries, err := l.Read(t.Context(), log.Order, 0, 10); err != nil || len(entries) != 1 {
		t.Errorf("read: %v, %v", entries, err)
	}
	l.Close()
	mustAppend(t, mustOpen(t, o, realDisk()), log.Order, "3")
}

func TestASecondProcessIsRefused(t *testing.T) {
	l := mustOpen(t, testOptions(t.TempDir()), realDisk())
	_, err := open(l.options, realDisk())
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) || !strings.Contains(err.Error(), l.options.Dir) {
		t.Errorf("%v, want an error that names process and directory", err)
	}
}

func TestThePartitionsAreFixedAtCreation(t *testing.T) {
	o := testOptions(t.TempDir())
	mustOpen(t, o, realDisk()).Close()
	o.Partitions = 7
	if _, err := open(o, realDisk()); err == nil || !strings.Contains(err.Error(), "log.partitions is 7") {
		t.Errorf("open with other partitions: %v", err)
	}
	o.Partitions = 0
	if l := mustOpen(t, o, realDisk()); l.Partitions() != logtest.Partitions {
		t.Errorf("%d partitions", l.Partitions())
	}
}

func TestAMissingSegmentIsNamed(t *testing.T) {
	o := testOptions(t.TempDir())
	l := mustOpen(t, o, realDisk())
	fill(t, l, 4)
	missing := l.segments[1].path
	l.Close()
	if err := os.Remove(missing); err != nil {
		t.Fatal(err)
	}
	if _, err := open(o, realDisk()); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("%v, want an error that names %s", err, missing)
	}
}

// TestGoldenBytes holds the format to what it was.
func TestGoldenBytes(t *testing.T) {
	l := mustOpen(t, testOptions(t.TempDir()), realDisk())
	mustAppend(t, l, log.Order, "genesis")
	mustAppend(t, l, 2, "a chunk")
	mustAppend(t, l, log.Order, "an order record")
	b, err := os.ReadFile(l.segments[0].path)
	if err != nil {
		t.Fatal(err)
	}
	got := hex.Dump(b[:l.segments[0].used]) + "\n" + hex.Dump(encodeGenesis(log.Entry{TimeUS: 5, Value: []byte("genesis")}))
	path := filepath.Join("testdata", "segment.hex")
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("bytes\n%s\nwant\n%s", got, want)
	}
}

func FuzzSegment(f *testing.F) {
	header := &segmentHeader{number: 1, first: []int64{0, 0, 5}}
	b := header.encode()
	for i := range int64(3) {
		record := frame{stream: 1, offset: 5 + i, timeUS: 1, durable: 0, value: []byte("value")}
		b = record.append(b)
	}
	f.Add(b)
	f.Add(append(b, make([]byte, 100)...))
	f.Add(encodeGenesis(log.Entry{TimeUS: 1, Value: []byte("g")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := decodeGenesis(b); err == nil && !bytes.Equal(encodeGenesis(e), b) {
			t.Error("a genesis does not encode to its bytes")
		}
		h, err := decodeHeader(b)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(b, h.encode()) {
			t.Fatal("a header does not encode to its bytes")
		}
		found, end, torn, err := scan("file", h, b, 0)
		if err != nil {
			return
		}
		records := 0
		for _, places := range found {
			records += len(places)
		}
		// What is cut decodes to the same records.
		again, endAgain, tornAgain, err := scan("file", h, b[:end], 0)
		if err != nil || endAgain != end || tornAgain || fmt.Sprint(again) != fmt.Sprint(found) {
			t.Fatalf("%d records up to %d, torn %v; cut there: %v, %d, %v, %v", records, end, torn, again, endAgain, tornAgain, err)
		}
	})
}

func BenchmarkAppendOrder(b *testing.B) {
	l, err := Open(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	value := make([]byte, 300)
	for b.Loop() {
		if _, err := log.AppendWait(context.Background(), l, log.Order, value); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendChunkAndOrder64(b *testing.B) {
	l, err := Open(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	value := make([]byte, 300)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			for _, s := range []log.Stream{3, log.Order} {
				if _, err := log.AppendWait(context.Background(), l, s, value); err != nil {
					b.Error(err)
				}
			}
		}
	})
}
