package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// password is root's in the nodes that tests start by themselves.
const password = "secret of the tests"

// output collects what a process says while it runs.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

// process is one run of a program; it is killed with the test.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	output *output
	ended  chan struct{} // closed once it has ended
}

func startProcess(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, output: &output{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if cmd.Dir == "" {
		cmd.Dir = t.TempDir()
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // ends with the process
		_ = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		if t.Failed() { // one that is ending may yet say why
			select {
			case <-p.ended:
			case <-time.After(2 * time.Second):
			}
		}
		_ = cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("%s:\n%s", strings.Join(cmd.Args, " "), p.output)
		}
	})
	return p
}

// marmot makes a command of bin/marmot with only the given variables of Marmot's in its environment.
func marmot(t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(needE2E(t), "bin", "marmot"), args...)
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "MARMOT_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, "MARMOT_ROOT_PASSWORD="+password)
	cmd.Env = append(cmd.Env, environ...)
	return cmd
}

// exit waits for the process to end by itself and returns its exit code.
func (p *process) exit(within time.Duration) int {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(within):
		p.t.Fatalf("the process has not ended after %s; it said:\n%s", within, p.output)
		return 0
	}
}

// refuses waits for the process to end with the exit code and an output that has all of the words.
func (p *process) refuses(within time.Duration, code int, words ...string) {
	p.t.Helper()
	if got := p.exit(within); got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
	says(p.t, p.output.String(), words...)
	if strings.Contains(p.output.String(), "goroutine ") {
		p.t.Errorf("the process ended with a stack trace:\n%s", p.output)
	}
}

func says(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("it does not say %q:\n%s", w, text)
		}
	}
}

// stop ends the process with SIGINT and expects that it ends well.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	if code := p.exit(30 * time.Second); code != 0 {
		p.t.Errorf("the process ended with code %d after SIGINT:\n%s", code, p.output)
	}
}

// node is a node that a test starts by itself, again and again if need be.
type node struct {
	*cluster
	args []string
}

// newNode gives ports and a data directory to a node; more are flags of its configuration.
func newNode(t *testing.T, data string, more ...string) *node {
	t.Helper()
	root, port := needE2E(t), nodePorts()
	n := &node{cluster: &cluster{t: t, root: root, dir: data, User: "root", Password: password, Data: []string{data}}}
	n.MySQL = []string{fmt.Sprintf("127.0.0.1:%d", port)}
	n.Admin = []string{fmt.Sprintf("127.0.0.1:%d", port+1)}
	n.Kafka = fmt.Sprintf("127.0.0.1:%d", port+2)
	n.args = append([]string{"server", "--node.id", "n1", "--data.dir", data, "--mysql.listen", n.MySQL[0], "--admin.listen", n.Admin[0],
		"--kafka.listen", n.Kafka, "--log.segment_bytes", "4MiB"}, more...)
	return n
}

// launch starts the node without waiting for it; more flags override.
func (n *node) launch(more ...string) *process {
	n.t.Helper()
	return startProcess(n.t, marmot(n.t, nil, append(n.args, more...)...))
}

// start starts the node and waits until it serves.
func (n *node) start(more ...string) *process {
	n.t.Helper()
	p := n.launch(more...)
	n.ready(p)
	return p
}

// ready waits until the node of process p serves.
func (n *node) ready(p *process) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if s, err := n.status(0); err == nil && s["ready"] == true {
			return
		}
		select {
		case <-p.ended:
			n.t.Fatalf("the node ended:\n%s", p.output)
		case <-ctx.Done():
			n.t.Fatalf("the node is not ready after a minute:\n%s", p.output)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// metric reads the value of a metric without labels.
func (n *node) metric(name string) string {
	n.t.Helper()
	response, err := http.Get("http://" + n.Admin[0] + "/metrics")
	if err != nil {
		n.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return value
		}
	}
	n.t.Fatalf("there is no metric %s", name)
	return ""
}

// copyTree copies a directory.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// fingerprint hashes the files below dir that hold data; locks and what SQLite rebuilds are left out.
func fingerprint(t *testing.T, dir string) map[string]string {
	t.Helper()
	sums := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Name() == "lock" || strings.HasSuffix(path, "-shm") {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		sums[strings.TrimPrefix(path, dir)] = fmt.Sprintf("%d bytes %x", len(b), sha256.Sum256(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}
