package embedded

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"marmot/log"
)

// killedDir names the directory to the process that is going to be killed.
const killedDir = "MARMOT_TEST_KILLED_DIR"

// TestAppendUntilKilled is the process that TestWhatWasAcknowledgedSurvivesKill starts and kills.
func TestAppendUntilKilled(t *testing.T) {
	dir := os.Getenv(killedDir)
	if dir == "" {
		t.Skip("it runs as a process of its own only")
	}
	l := mustOpen(t, testOptions(dir), realDisk())
	lines := make(chan string, 1000)
	for stream := log.Order; stream < 3; stream++ {
		go func() {
			for {
				offset, err := log.AppendWait(t.Context(), l, stream, fmt.Append(nil, stream, strings.Repeat("x", 90)))
				if err != nil {
					lines <- err.Error()
					return
				}
				lines <- fmt.Sprint(stream, " ", offset)
			}
		}()
	}
	for line := range lines {
		fmt.Println("acknowledged", line)
	}
}

func TestWhatWasAcknowledgedSurvivesKill(t *testing.T) {
	dir := t.TempDir()
	next := map[log.Stream]int64{}
	for round := range 3 {
		command := exec.Command(os.Args[0], "-test.run", "^TestAppendUntilKilled$")
		command.Env = append(os.Environ(), killedDir+"="+dir)
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(out)
		for n := 0; scanner.Scan(); {
			var stream log.Stream
			var offset int64
			if _, err := fmt.Sscanf(scanner.Text(), "acknowledged %d %d", &stream, &offset); err != nil {
				continue
			}
			next[stream] = max(next[stream], offset+1)
			if n++; n == 300 {
				if err := command.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := command.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("round %d: the process ended with %v", round, err)
		}
		l := mustOpen(t, testOptions(dir), realDisk())
		for stream, want := range next {
			_, end, err := l.Bounds(t.Context(), stream)
			if err != nil || end < want {
				t.Fatalf("round %d: stream %d ends at %d, %d were acknowledged, %v", round, stream, end, want, err)
			}
			for offset := int64(0); offset < end; {
				entries, err := l.Read(t.Context(), stream, offset, 1<<20)
				if err != nil {
					t.Fatal(err)
				}
				offset += int64(len(entries))
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
