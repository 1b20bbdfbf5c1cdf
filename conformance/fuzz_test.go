package conformance

import (
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

const (
	// maxFuzzBytes bounds the text of one try: what is longer only takes longer.
	maxFuzzBytes = 4 << 10
	// fuzzSeeds is of how many scripts one is a seed.
	fuzzSeeds = 6
	// fuzzAllocated bounds what one try may allocate in all, bytes.
	fuzzAllocated = 2 << 30
	// fuzzTime bounds how long it may take. Its statements have a tenth of it.
	fuzzTime = 20 * time.Second
)

// excluded are statements that would end the node, its accounts or the try itself.
var excluded = regexp.MustCompile(`(?i)shutdown|restart|kill|global|persist|user|password|role|grant|revoke|sleep|benchmark|outfile|dumpfile|infile|lock|wait|clone|max_execution_time`)

// FuzzStatements changes recorded statements. Whatever comes out of it, the node answers with rows or with an error of MySQL's: not with
// one of its own failures (1105, 1815), within a time, and with bounded memory.
func FuzzStatements(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.sql")
	if err != nil {
		f.Fatal(err)
	}
	n := 0
	for _, path := range paths {
		for _, s := range readScripts(f, path) {
			if n++; n%fuzzSeeds != 0 {
				continue
			}
			var b strings.Builder
			for _, st := range s.statements {
				if b.Len()+len(st.sql) < maxFuzzBytes/4 && st.conn == 0 && !st.waits && !excluded.MatchString(st.sql) {
					b.WriteString(st.sql + "\n;\n")
				}
			}
			f.Add(b.String())
		}
	}
	s := startNode(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > maxFuzzBytes || excluded.MatchString(text) {
			return
		}
		c, err := s.dial("")
		if err != nil {
			t.Fatalf("the node lets nobody in: %v", err)
		}
		defer func() { _ = c.Close() }() // the node rolls back what is open
		for _, sql := range []string{"SET max_execution_time = 2000", "DROP DATABASE IF EXISTS fuzz", "CREATE DATABASE fuzz", "USE fuzz"} {
			if a := run(c, sql, false, nil); a.Errno != 0 {
				t.Fatalf("%s: error %d: %s", sql, a.Errno, a.Message)
			}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begun := time.Now()
		for sql := range strings.SplitSeq(text, "\n;\n") {
			a := run(c, sql, false, nil)
			switch a.Errno {
			case 1105, 1815, -1:
				t.Errorf("%s\nerror %d: %s", sql, a.Errno, a.Message)
				return // -1: the connection is gone
			}
		}
		if took := time.Since(begun); took > fuzzTime {
			t.Errorf("%d bytes took %s", len(text), took)
		}
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > fuzzAllocated {
			t.Errorf("%d bytes of text took %d bytes of memory", len(text), after.TotalAlloc-before.TotalAlloc)
		}
	})
}
