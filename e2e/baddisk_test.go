package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// inside makes a command that runs in a mount namespace of its own, after the shell commands in setup. It
// skips the test where that is not permitted.
func inside(t *testing.T, setup string, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	if out, err := exec.Command("unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt").CombinedOutput(); err != nil {
		t.Skipf("needs the right to mount (root, or CAP_SYS_ADMIN): %v %s", err, out)
	}
	wrapped := exec.Command("unshare", append([]string{"-m", "sh", "-c", "set -e; " + setup + `; exec "$0" "$@"`}, cmd.Args...)...)
	wrapped.Env, wrapped.Dir = cmd.Env, cmd.Dir
	return wrapped
}

// TestAReadOnlyDataDirectoryIsNamed mounts the data directory read-only, which stops root as well.
func TestAReadOnlyDataDirectoryIsNamed(t *testing.T) {
	needE2E(t)
	data := seed(t)
	n := newNode(t, data)
	before := fingerprint(t, data)
	cmd := inside(t, fmt.Sprintf("mount --bind %s %s; mount -o remount,bind,ro %s", data, data, data), marmot(t, nil, n.args...))
	startProcess(t, cmd).refuses(20*time.Second, 1, data, "cannot be written", "mount options")
	after := fingerprint(t, data)
	for name, sum := range before {
		if after[name] != sum {
			t.Errorf("the refused start changed %s", name)
		}
	}
	p := n.start()
	n.expectRows(shopRows)
	p.stop()
}

// TestAFullDiskRefusesWritesUntilThereIsRoom gives a node a small disk, for all or for its log alone, and fills it: writes
// are refused, reads go on, and with room again writing goes on by itself. What was acknowledged is there, also after a kill.
func TestAFullDiskRefusesWritesUntilThereIsRoom(t *testing.T) {
	needE2E(t)
	t.Run("all", func(t *testing.T) { fullDisk(t, "", 24) })
	t.Run("the log", func(t *testing.T) { fullDisk(t, "log", 6) })
}

// fullDisk does so for a directory below the data directory, with a disk of some MiB.
func fullDisk(t *testing.T, below string, size int) {
	data := filepath.Join(t.TempDir(), "data")
	disk := filepath.Join(data, below)
	if err := os.MkdirAll(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	n := newNode(t, data, "--log.segment_bytes", "1MiB")
	p := startProcess(t, inside(t, fmt.Sprintf("mount -t tmpfs -o size=%dm none %s", size, disk), marmot(t, nil, n.args...)))
	n.ready(p)
	n.exec(0, "", "CREATE DATABASE shop")
	n.exec(0, "shop", "CREATE TABLE item (id INT PRIMARY KEY, name LONGTEXT NOT NULL)")

	acknowledged := map[int]bool{}
	db := n.open(0, "shop")
	insert := func(id int) error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_, err := db.ExecContext(ctx, "INSERT INTO item VALUES (?, REPEAT('x', 20000))", id)
		if err == nil {
			acknowledged[id] = true
		}
		return err
	}
	var refused error
	id := 0
	for ; id < 2000 && refused == nil; id++ {
		refused = insert(id)
	}
	if refused == nil {
		t.Fatalf("%d MiB took 40 MB", size)
	}
	t.Logf("after %d rows: %v", id-1, refused)
	if code(refused) == 0 {
		t.Errorf("a full disk: %v, want an error of MySQL's", refused)
	}
	says(t, refused.Error(), "not committed", "make room")
	if err := db.Ping(); err != nil {
		t.Error(err)
	}
	var count int
	if err := db.QueryRow("SELECT COUNT(*) FROM item WHERE name <> ''").Scan(&count); err != nil || count == 0 {
		t.Errorf("reading while the disk is full: %d rows, %v", count, err)
	}
	if s, err := n.status(0); err != nil || below == "" && s["stalled"] == nil {
		t.Errorf("/status does not tell that the disk is full: %v, %v", s, err)
	}

	if out, err := exec.Command("nsenter", "-t", fmt.Sprint(p.cmd.Process.Pid), "-m", "mount", "-o", fmt.Sprintf("remount,size=%dm", 4*size), disk).CombinedOutput(); err != nil {
		t.Fatalf("more room: %v %s", err, out)
	}
	deadline := time.Now().Add(30 * time.Second)
	for id++; ; id++ {
		err := insert(id)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("there is room again, and still: %v", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	n.expectAll(db, acknowledged)

	// The disk ends with the node: save what a kill would leave on it, and go on with that elsewhere.
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "data")
	copyTree(t, fmt.Sprintf("/proc/%d/root%s", p.cmd.Process.Pid, data), copied)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.ended
	again := newNode(t, copied)
	p = again.start()
	again.expectAll(again.open(0, "shop"), acknowledged)
	p.stop()
}

// expectAll checks that each acknowledged row is there.
func (n *node) expectAll(db *sql.DB, acknowledged map[int]bool) {
	n.t.Helper()
	there := map[int]bool{}
	for _, id := range ints(n.t, db, "SELECT id FROM item") {
		there[id] = true
	}
	for id := range acknowledged {
		if !there[id] {
			n.t.Errorf("row %d was acknowledged and is gone", id)
		}
	}
}
