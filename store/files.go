package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf16"

	"marmot/store/sqlite"
	"marmot/txn"
)

// Numbers in the header of every file. They are part of the format and never change.
const (
	databaseApplicationID = 0x4d524d54 // "MRMT"
	systemApplicationID   = 0x4d524d53 // "MRMS"
	// fileFormat is user_version: what this release writes, and the newest that it reads.
	fileFormat = 1
	pageSize   = 4096
)

const (
	databaseSuffix = ".db"
	temporary      = ".new" // behind the name of a file that is being made
	// replacement is behind the name of a whole file that has to take the place of the one of that name.
	replacement = ".replacement"
)

// fileName returns the name of a database's file, encoded as MySQL encodes file names: letters,
// digits and _ stand for themselves, everything else is @ and four hexadecimal digits for each UTF-16 unit. No
// two names share a file. A name that would be too long for a directory entry ends with the database's id.
func fileName(database string, id txn.DatabaseID) string {
	const longest = 200
	var b strings.Builder
	for _, r := range database {
		part := string(r)
		if !isPlainRune(r) {
			part = ""
			for _, unit := range utf16.AppendRune(nil, r) {
				part += fmt.Sprintf("@%04x", unit)
			}
		}
		if b.Len()+len(part) > longest {
			return b.String() + "@@" + strconv.FormatUint(uint64(id), 10) + databaseSuffix
		}
		b.WriteString(part)
	}
	return b.String() + databaseSuffix
}

func isPlainRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
}

// lockDirectory takes the directory for this process until the returned file is closed. The
// lock is the kernel's, so it ends with the process; the pid in the file is for people.
func lockDirectory(dir string) (*os.File, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fileError(path, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		pid, _ := io.ReadAll(io.LimitReader(f, 32))
		_ = f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fileError(path, err)
		}
		return nil, &FileError{
			Path: path, Err: ErrDirectoryLocked, Detail: "pid " + strings.TrimSpace(string(pid)),
			Remedy: "stop that process, or give this one another data.dir",
		}
	}
	if err := writeOwner(f); err != nil {
		return nil, errors.Join(fileError(path, err), f.Close())
	}
	return f, nil
}

// writeOwner writes the pid of this process into the lock file.
func writeOwner(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readUUID reads data/uuid, or makes it.
func readUUID(dir string, random io.Reader) (txn.UUID, error) {
	path := filepath.Join(dir, "uuid")
	text, err := os.ReadFile(path)
	if err == nil {
		u, err := txn.ParseUUID(strings.TrimSpace(string(text)))
		if err != nil {
			return u, &FileError{Path: path, Err: ErrDamagedFile, Detail: err.Error(), Remedy: "put back the uuid of this data directory, or start with an empty one"}
		}
		return u, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return txn.UUID{}, fileError(path, err)
	}
	u, err := txn.NewUUID(random)
	if err != nil {
		return u, fmt.Errorf("%s: %w", path, err)
	}
	if err := os.WriteFile(path+temporary, []byte(u.String()+"\n"), 0o644); err != nil {
		return u, fileError(path, err)
	}
	return u, install(path)
}

// install makes path+temporary durable and gives it its name. No connection has it open.
func install(path string) error {
	f, err := os.Open(path + temporary)
	if err != nil {
		return fileError(path, err)
	}
	err = errors.Join(f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path+temporary, path)
	}
	if err == nil {
		err = syncDirectory(filepath.Dir(path))
	}
	return fileError(path, err)
}

func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// removeFile removes a database file and what SQLite keeps beside it. The -wal goes last but
// before anybody can make a new file of that name: a left-over one would be read as its own.
func removeFile(path string) error {
	for _, suffix := range []string{replacement, "", "-shm", "-wal", "-journal"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fileError(path+suffix, err)
		}
	}
	return fileError(path, syncDirectory(filepath.Dir(path)))
}

// createFile makes a SQLite file in WAL mode with the given statements and gives it its name
// once it is complete and on disk: a file under its own name is never half made.
func createFile(path string, application uint32, statements []string, fill func(*sqlite.Conn) error) error {
	for _, leftover := range []string{path + temporary, path} {
		if err := removeFile(leftover); err != nil {
			return err
		}
	}
	c, err := sqlite.Open(sqlite.OpenOptions{Path: path + temporary, Create: true})
	if err != nil {
		return fileError(path, err)
	}
	list := append([]string{
		fmt.Sprintf("PRAGMA page_size=%d", pageSize),
		fmt.Sprintf("PRAGMA application_id=%d", application),
		fmt.Sprintf("PRAGMA user_version=%d", fileFormat),
		"PRAGMA journal_mode=WAL",
		"PRAGMA synchronous=FULL",
	}, statements...)
	for _, sql := range list {
		if err == nil {
			err = c.Exec(sql)
		}
	}
	if err == nil && fill != nil {
		err = fill(c)
	}
	if e := c.Close(); err == nil {
		err = e // closing the only connection brings the WAL into the file and removes it
	}
	if err != nil {
		return errors.Join(fileError(path, err), removeFile(path+temporary))
	}
	return install(path)
}

// checkFile looks at a file before SQLite opens it: that it is one of ours, whole and writable.
func checkFile(path string, application uint32) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fileError(path, err)
	}
	defer func() { _ = f.Close() }() // nothing was written
	header := make([]byte, 100)
	if _, err := io.ReadFull(f, header); err != nil {
		return &FileError{Path: path, Err: ErrDamagedFile, Detail: "shorter than a header", Remedy: DamagedRemedy}
	}
	if string(header[:16]) != "SQLite format 3\x00" {
		return &FileError{Path: path, Err: ErrForeignFile, Detail: "no SQLite header", Remedy: "if it should be a database of Marmot it is damaged; " + DamagedRemedy}
	}
	if got := binary.BigEndian.Uint32(header[68:]); got != application {
		return &FileError{Path: path, Err: ErrForeignFile, Detail: fmt.Sprintf("application_id %#x, want %#x", got, application), Remedy: "move it out of the data directory; rows of other SQLite files come in through SQL"}
	}
	if got := binary.BigEndian.Uint32(header[60:]); got > fileFormat {
		return &FileError{Path: path, Err: ErrFutureFile, Detail: fmt.Sprintf("format %d, this release knows %d", got, fileFormat), Remedy: "start that release again, or an empty data.dir"}
	}
	return checkLength(f, path, header)
}

// checkLength compares the file's length with its header. With a -wal beside it the header may be
// ahead: a checkpoint that was cut short wrote page 1 first, and will be finished.
func checkLength(f *os.File, path string, header []byte) error {
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return fileError(path, err)
	}
	want := int64(binary.BigEndian.Uint32(header[28:])) * int64(pageSize)
	if got := info.Size(); got < want || binary.BigEndian.Uint16(header[16:]) != pageSize {
		return &FileError{Path: path, Err: ErrDamagedFile, Detail: fmt.Sprintf("%d bytes, its header says %d", got, want), Remedy: DamagedRemedy}
	}
	return nil
}

// openWriter opens a checked file for its one writer.
func openWriter(path string) (*sqlite.Conn, error) {
	c, err := sqlite.Open(sqlite.OpenOptions{Path: path})
	if err != nil {
		return nil, fileError(path, err)
	}
	for _, sql := range []string{
		"PRAGMA synchronous=NORMAL",
		"PRAGMA wal_autocheckpoint=0",                                  // Run checkpoints, so that commits do not wait for the disk
		fmt.Sprintf("PRAGMA journal_size_limit=%d", 2*checkpointBytes), // what a WAL keeps when it begins anew
		"PRAGMA foreign_keys=OFF",
		"PRAGMA cache_size=-16384",
		"PRAGMA busy_timeout=5000",
	} {
		if err := c.Exec(sql); err != nil {
			return nil, errors.Join(fileError(path, err), c.Close())
		}
	}
	return c, nil
}
