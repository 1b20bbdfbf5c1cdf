package store

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"marmot/store/sqlite"
	"marmot/txn"
)

// TestAMissingDatabaseIsNoticed: a file that somebody took away is not taken for a database that never was.
func TestAMissingDatabaseIsNoticed(t *testing.T) {
	f := newFixture(t)
	db := f.createDatabase("a")
	path := filepath.Join(f.o.Dir, "db", "a.db")
	away := func() {
		f.t.Helper()
		f.close()
		f.must(os.Rename(path, path+".away"))
	}
	away()
	f.reopen() // its creation is not stored as decided: it will come again
	f.close()
	f.must(os.Rename(path+".away", path))
	f.reopen()
	f.must(f.s.SaveDecided(Decided{Last: txn.Position(db)}))
	away()
	_, err := Open(f.o)
	var file *FileError
	if !errors.Is(err, ErrMissingFile) || !errors.As(err, &file) || file.Path != path || file.Remedy == "" {
		t.Fatalf("got %v, want %v", err, ErrMissingFile)
	}
	f.must(os.Rename(path+".away", path))
	f.reopen()
	if len(f.s.Databases()) != 1 {
		t.Errorf("databases %v", f.s.Databases())
	}
}

// TestDamagedFilesAreNamed opens directories in which one file is wrong.
func TestDamagedFilesAreNamed(t *testing.T) {
	edit := func(offset int, value uint32) func([]byte) []byte {
		return func(b []byte) []byte {
			binary.BigEndian.PutUint32(b[offset:], value)
			return b
		}
	}
	for _, c := range []struct {
		name, file string
		change     func([]byte) []byte
		want       error
		text       string
	}{
		{"empty", "db/a.db", func(b []byte) []byte { return nil }, ErrDamagedFile, "shorter than a header"},
		{"other file", "db/a.db", func(b []byte) []byte { return []byte(strings.Repeat("hello ", 100)) }, ErrForeignFile, "no SQLite header"},
		{"foreign database", "db/a.db", edit(68, 42), ErrForeignFile, "application_id 0x2a"},
		{"system.db as a database", "db/a.db", edit(68, systemApplicationID), ErrForeignFile, "application_id"},
		{"newer format", "db/a.db", edit(60, 9), ErrFutureFile, "format 9"},
		{"cut short", "db/a.db", func(b []byte) []byte { return b[:len(b)-pageSize] }, ErrDamagedFile, "its header says"},
		{"page of zeros", "db/a.db", func(b []byte) []byte { clear(b[pageSize:]); return b }, ErrDamagedFile, "malformed"},
		{"system.db newer", "system.db", edit(60, 9), ErrFutureFile, "format 9"},
		{"system.db foreign", "system.db", edit(68, 1), ErrForeignFile, "application_id"},
		{"system.db empty", "system.db", func(b []byte) []byte { return nil }, ErrDamagedFile, "shorter"},
		{"uuid", "uuid", func(b []byte) []byte { return []byte("nonsense") }, ErrDamagedFile, "uuid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			f.createTable(f.createDatabase("a"), define("t", true, "id int"))
			f.close()
			path := filepath.Join(f.o.Dir, c.file)
			b, err := os.ReadFile(path)
			f.must(err)
			f.must(os.WriteFile(path, c.change(b), 0o644))
			_, err = Open(f.o)
			var file *FileError
			if !errors.Is(err, c.want) || !errors.As(err, &file) || file.Path != path || file.Remedy == "" || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v\nwant %v with %q", err, c.want, c.text)
			}
			if again, err := lockDirectory(f.o.Dir); err != nil {
				t.Errorf("the failed Open keeps the directory: %v", err)
			} else {
				again.Close()
			}
		})
	}
}

func TestCopiedAndForeignDatabasesAreRefused(t *testing.T) {
	f := newFixture(t)
	f.must(f.s.SetCluster(Cluster{UUID: txn.UUID{1}, Name: "c"}))
	f.createDatabase("a")
	path := f.s.database(1).path
	f.close()
	copyFile(t, path, filepath.Join(f.o.Dir, "db", "b.db"))
	if _, err := Open(f.o); !errors.Is(err, ErrForeignFile) || !strings.Contains(err.Error(), `holds database "a"`) {
		t.Errorf("copied file: %v", err)
	}
	f.must(os.Remove(filepath.Join(f.o.Dir, "db", "b.db")))
	c, err := sqlite.Open(sqlite.OpenOptions{Path: path})
	f.must(err)
	f.must(run(c, "UPDATE _marmot_state SET cluster = x'09'"))
	f.must(c.Close())
	if _, err := Open(f.o); !errors.Is(err, ErrOtherCluster) {
		t.Errorf("file of another cluster: %v", err)
	}
}

func TestHistoryLostBySystemDatabaseComesBackFromFiles(t *testing.T) {
	f := newFixture(t)
	a := f.createDatabase("a")
	table := f.createTable(a, define("t", true, "id int"))
	old := table.Version
	wider := define("t", true, "id int", "v text")
	p := f.next()
	alter := Applied{Position: p, Changes: []txn.DefinitionChange{tableChange(a, table.ID, wider, "ALTER TABLE t ADD COLUMN v TEXT")}}
	f.must(f.s.Apply(a, []Applied{alter}))
	f.must(f.s.system.do(func(c *sqlite.Conn) error { return run(c, "DELETE FROM history") }))
	f.reopen()
	if h, err := f.s.History().TableAt(table.ID, p); err != nil || len(h.Columns) != 2 {
		t.Errorf("current version: %v", err)
	}
	if _, err := f.s.History().TableAt(table.ID, old); err == nil || !strings.Contains(err.Error(), "version 2 of table 2") {
		t.Errorf("old version: %v", err)
	}
	// Replaying the log brings the versions in between.
	f.must(f.s.Apply(a, []Applied{{Position: old, TimeUS: 7, Changes: []txn.DefinitionChange{tableChange(a, 0, define("t", true, "id int"))}}, alter}))
	if h, err := f.s.History().TableAt(table.ID, old); err != nil || len(h.Columns) != 1 || h.CreatedUS != 7 || h.Database != "a" {
		t.Errorf("replayed version: %+v %v", h, err)
	}
}

func TestDirectoryThatCannotBeWrittenIsNamed(t *testing.T) {
	f := newFixture(t)
	f.createDatabase("a")
	path := f.s.database(1).path
	f.close()
	for _, c := range []struct {
		name, wanted string
		mode         map[string]os.FileMode
	}{
		{"directory", f.o.Dir, map[string]os.FileMode{f.o.Dir: 0o555}},
		{"db", filepath.Dir(path), map[string]os.FileMode{filepath.Dir(path): 0o555}},
		{"file", path, map[string]os.FileMode{path: 0o444}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f.must(filepath.Walk(f.o.Dir, func(p string, info os.FileInfo, err error) error {
				mode := os.FileMode(0o666)
				if info.IsDir() {
					mode = 0o777
				}
				if special, ok := c.mode[p]; ok {
					mode = special
				}
				return errors.Join(err, os.Chmod(p, mode))
			}))
			defer os.Chmod(f.o.Dir, 0o777)
			text := openAsNobody(t, f.o)
			if !strings.Contains(text, ErrReadOnlyFile.Error()) || !strings.Contains(text, c.wanted) || !strings.Contains(text, "owner, mode, mount") {
				t.Errorf("got %s", text)
			}
		})
	}
}

// openAsNobody opens the directory as a user without special rights, and returns the error's text.
func openAsNobody(t *testing.T, o Options) string {
	t.Helper()
	if os.Geteuid() != 0 {
		s, err := Open(o)
		if err == nil {
			s.Close()
			return "no error"
		}
		return err.Error()
	}
	dir := t.TempDir()
	for d := range strings.SplitSeq(dir+"\n"+filepath.Dir(dir)+"\n"+o.Dir+"\n"+filepath.Dir(o.Dir), "\n") {
		if info, err := os.Stat(d); err == nil && d != o.Dir {
			if err := os.Chmod(d, info.Mode()|0o055); err != nil {
				t.Fatal(err)
			}
		}
	}
	binary := filepath.Join(dir, "test")
	copyFile(t, os.Args[0], binary)
	if err := os.Chmod(binary, 0o755); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(binary)
	child.Dir = dir
	child.Env = append(os.Environ(), childVariable+"="+o.Dir, childVariable+"_RECORDS=0")
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := child.CombinedOutput()
	if err == nil {
		t.Fatal("no error")
	}
	return string(out)
}

// TestNamesThatLookAlikeHaveTheirOwnFiles: the name of a file is that of one database.
func TestNamesThatLookAlikeHaveTheirOwnFiles(t *testing.T) {
	f := newFixture(t)
	long := strings.Repeat("ä", 60)
	for _, names := range [][2]string{{"\U0001F600", "\u1F600"}, {"@0041", "@A"}, {long + "1", long + "2"}, {"a@@1", "a"}} {
		for _, name := range names {
			f.createDatabase(name)
		}
	}
	files, err := filepath.Glob(filepath.Join(f.o.Dir, "db", "*.db"))
	f.must(err)
	if len(files) != len(f.s.Databases()) {
		t.Errorf("%d databases in %d files: %v", len(f.s.Databases()), len(files), files)
	}
}

func TestALockFileThatCannotBeWrittenIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(path, []byte("1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path) // for reading only
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := writeOwner(f); err == nil {
		t.Error("the owner's pid was not written, and nobody said so")
	}
}
