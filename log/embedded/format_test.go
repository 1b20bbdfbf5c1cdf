package embedded

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marmot/log"
)

// goldenFiles reads testdata/segment.hex back: a segment up to its last record, and a genesis file.
func goldenFiles(t *testing.T) (segment, genesis []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "segment.hex"))
	if err != nil {
		t.Fatal(err)
	}
	var files [][]byte
	for dump := range strings.SplitSeq(string(text), "\n\n") {
		var b []byte
		for line := range strings.Lines(dump) {
			_, digits, _ := strings.Cut(line, "  ")
			digits, _, _ = strings.Cut(digits, "|")
			part, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
			if err != nil {
				t.Fatal(err)
			}
			b = append(b, part...)
		}
		files = append(files, b)
	}
	if len(files) != 2 {
		t.Fatalf("%d files in segment.hex", len(files))
	}
	return files[0], files[1]
}

// TestAGoldenSegmentIsRead opens a log that consists of the golden bytes and appends to it.
func TestAGoldenSegmentIsRead(t *testing.T) {
	segment, genesis := goldenFiles(t)
	o := testOptions(t.TempDir())
	file := make([]byte, o.SegmentBytes)
	copy(file, segment)
	if err := os.WriteFile(filepath.Join(o.Dir, "0000000000000001.segment"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	l := mustOpen(t, o, realDisk())
	for _, c := range []struct {
		stream log.Stream
		want   []string
	}{{log.Order, []string{"genesis", "an order record"}}, {2, []string{"a chunk"}}} {
		entries, err := l.Read(t.Context(), c.stream, 0, 1<<20)
		if err != nil || len(entries) != len(c.want) {
			t.Fatalf("stream %d: %v, %v", c.stream, entries, err)
		}
		for i, e := range entries {
			if string(e.Value) != c.want[i] || e.TimeUS == 0 {
				t.Errorf("stream %d, record %d: %q at %d", c.stream, i, e.Value, e.TimeUS)
			}
		}
	}
	mustAppend(t, l, log.Order, "one more")
	if e, err := decodeGenesis(genesis); err != nil || string(e.Value) != "genesis" || e.TimeUS != 5 {
		t.Errorf("the genesis file is read as %+v, %v", e, err)
	}
}

func TestFilesOfANewerFormatAreRefused(t *testing.T) {
	segment, genesis := goldenFiles(t)
	segment[9]++
	genesis[9]++
	o := testOptions(t.TempDir())
	if err := os.WriteFile(filepath.Join(o.Dir, "0000000000000001.segment"), segment, 0o600); err != nil {
		t.Fatal(err)
	}
	_, segmentErr := open(o, realDisk())
	_, genesisErr := decodeGenesis(genesis)
	for name, err := range map[string]error{"segment": segmentErr, "genesis": genesisErr} {
		for _, word := range []string{"format version is 2", "reads 1", "use the release that wrote it, or a later one"} {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v, want %q", name, err, word)
			}
		}
	}
}
