package sqlite

/*
#include "branch.h"
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unsafe"

	"marmot/sqlext"
)

const (
	// DefaultMemoryLimit is the MemoryLimit of a branch that names none.
	DefaultMemoryLimit = 64 << 20
	minMemoryLimit     = 1 << 20

	// MaxAttached is how many files a branch may attach besides its main database.
	MaxAttached = 30

	// cacheKiB is how much of each file a connection of a branch keeps in its page cache.
	cacheKiB = 2048

	usualPageSize = 4096

	readerBusyMS = 1000
)

// BranchOptions tell what a branch is made of.
type BranchOptions struct {
	Set sqlext.Set
	// Main is the path of the file that is the main database; empty: an empty one in memory, every
	// file being attached.
	Main string
	// MemoryLimit bounds the private pages held in memory, in bytes; 0 is DefaultMemoryLimit.
	// Uncommitted pages of one file stay in its page cache up to a quarter of it, written ones in
	// the overlay up to the whole.
	MemoryLimit int64
	// SpillDir is an existing directory that holds what does not fit, in files without a name. Empty: a
	// statement that needs more fails with ErrBranchMemory, and its transaction may be over.
	SpillDir string
}

// Branch is a private copy-on-write view of a snapshot of one or several files in WAL mode. It
// belongs to one goroutine at a time, both of its connections included.
type Branch struct {
	c       *C.MarmotBranch
	reader  *Conn
	writer  *Conn
	files   map[string]*C.MarmotFile // by alias
	options BranchOptions
	held    bool // a snapshot is held
	closed  bool
}

// OpenBranch opens a branch. It holds no snapshot yet.
func OpenBranch(o BranchOptions) (*Branch, error) {
	if o.MemoryLimit == 0 {
		o.MemoryLimit = DefaultMemoryLimit
	}
	o.MemoryLimit = max(o.MemoryLimit, minMemoryLimit)
	b := &Branch{options: o, files: map[string]*C.MarmotFile{}}
	var dir *C.char
	if o.SpillDir != "" {
		dir = C.CString(o.SpillDir)
		defer C.free(unsafe.Pointer(dir))
	}
	b.c = C.marmot_branch_new(C.int64_t(o.MemoryLimit), dir)
	if b.c == nil {
		return nil, &Error{Code: codeNoMemory, Extended: codeNoMemory, Message: "out of memory"}
	}
	if err := b.open(); err != nil {
		return nil, fmt.Errorf("open branch: %w", errors.Join(err, b.Close()))
	}
	return b, nil
}

// open opens the two connections.
func (b *Branch) open() error {
	var err error
	if b.options.Main == "" {
		err = b.openMemory()
	} else {
		err = b.openMain()
	}
	if err != nil {
		return err
	}
	b.writer.branch, b.reader.branch = b, b
	if err := b.configure(); err != nil {
		return err
	}
	for _, c := range []*Conn{b.reader, b.writer} {
		if err := c.Register(b.options.Set); err != nil {
			return err
		}
		c.c.guarded = 1
	}
	if err := registerCascade(b.writer); err != nil {
		return err
	}
	C.marmot_branch_release(b.c)
	return nil
}

// registerCascade adds the function marmot_cascade, by which triggers know how deep in a cascade
// of foreign keys they are: marmot_cascade(d) adds d and returns the depth, marmot_cascade() returns
// it. Beyond 15, as in MySQL, it fails like RAISE(ABORT, '3008:15').
func registerCascade(c *Conn) error {
	if rc := C.marmot_create_cascade(c.c); rc != 0 {
		return c.failure(rc)
	}
	return nil
}

func (b *Branch) openMemory() (err error) {
	if b.reader, err = open(":memory:", openReadWrite|openURI, ""); err != nil {
		return err
	}
	b.c.reader = b.reader.c
	if b.writer, err = open(":memory:", openReadWrite|openURI, C.GoString(C.marmot_branch_vfs(b.c))); err != nil {
		return err
	}
	b.c.writer = b.writer.c
	C.marmot_capture_start(b.writer.c, 0)
	return nil
}

func (b *Branch) openMain() error {
	path, err := filepath.Abs(b.options.Main)
	if err != nil {
		return err
	}
	if b.reader, err = open(path, openReadOnly|openURI, ""); err != nil {
		return err
	}
	b.c.reader = b.reader.c
	file, err := b.add("main", path)
	if err != nil {
		return err
	}
	name, err := cString(path)
	if err != nil {
		return err
	}
	defer C.free(unsafe.Pointer(name))
	b.writer, err = newConn(func(handle C.uintptr_t) (*C.MarmotConn, C.int) {
		rc := C.marmot_branch_open_main(b.c, file, name, openReadWrite|openURI, handle)
		return b.c.writer, rc
	})
	if err != nil {
		b.c.writer = nil // closed again
		return fmt.Errorf("%s: %w", path, err)
	}
	C.marmot_capture_start(b.writer.c, 1)
	return b.configureFile(b.writer, "main")
}

// configure sets what a branch's connections need: nothing of theirs is ever synced or checkpointed.
func (b *Branch) configure() error {
	temporary := "MEMORY"
	if b.options.SpillDir != "" {
		temporary = "FILE"
	}
	err := b.writer.own("PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=0; PRAGMA recursive_triggers=ON; " +
		"PRAGMA foreign_keys=OFF; PRAGMA temp_store=" + temporary)
	if err != nil {
		return err
	}
	// Readers wait for nobody but the one that recovers a file's WAL after a crash.
	C.sqlite3_busy_timeout(b.reader.c.db, readerBusyMS)
	return b.reader.own("PRAGMA query_only=ON")
}

// configureFile sets the caches of one file. Uncommitted pages leave the writer's page cache for the
// overlay only beyond their share of the memory: earlier would cost more of both time and memory.
func (b *Branch) configureFile(c *Conn, alias string) error {
	sql := fmt.Sprintf("PRAGMA %s.cache_size=-%d", quoteName(alias), cacheKiB)
	if c == b.writer {
		size := int64(usualPageSize)
		if known := b.files[alias].page_size; known > 0 {
			size = int64(known)
		}
		sql += fmt.Sprintf("; PRAGMA %s.cache_spill=%d", quoteName(alias), b.options.MemoryLimit/4/size)
	}
	return c.own(sql)
}

// add takes up a file that the reader has opened.
func (b *Branch) add(alias, path string) (*C.MarmotFile, error) {
	name := C.CString(alias)
	defer C.free(unsafe.Pointer(name))
	var file *C.MarmotFile
	switch rc := C.marmot_file_add(b.c, name, &file); rc {
	case 0:
	case C.MARMOT_NOT_WAL:
		return nil, fmt.Errorf("%s: %w", path, ErrNotWAL)
	default:
		return nil, fmt.Errorf("%s: %w", path, b.failure(rc))
	}
	b.files[alias] = file
	return file, nil
}

// failure is the reader's error, or one of the results that only branches give.
func (b *Branch) failure(rc C.int) error {
	if rc == C.MARMOT_UNKNOWN_WALINDEX {
		return &Error{Code: codeMisuse, Extended: codeMisuse, Message: "wal-index of an unknown version: another SQLite wrote it"}
	}
	return b.reader.failure(rc)
}

// Attach adds a file under the given alias. While a snapshot is held, also in the middle of a
// transaction, the file joins it as it is now.
func (b *Branch) Attach(alias, path string) error {
	if b.closed {
		return ErrClosed
	}
	if _, known := b.files[alias]; known {
		return fmt.Errorf("attach %s: alias is in use", alias)
	}
	path, err := filepath.Abs(path)
	if err == nil {
		err = b.attach(alias, path)
	}
	if err != nil {
		return fmt.Errorf("attach %s: %w", alias, err)
	}
	if !b.held {
		C.marmot_branch_release(b.c)
	}
	return nil
}

func (b *Branch) attach(alias, path string) error {
	if strings.IndexByte(path, 0) >= 0 || strings.IndexByte(alias, 0) >= 0 {
		return &Error{Code: codeMisuse, Extended: codeMisuse, Message: "path or alias contains a zero byte"}
	}
	uri := "file:" + escapePath(path)
	if err := b.reader.own("ATTACH " + quoteText(uri+"?mode=ro") + " AS " + quoteName(alias)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	file, err := b.add(alias, path)
	if err == nil {
		err = b.attachWriter(file, alias, uri)
	}
	if err != nil {
		if file != nil {
			C.marmot_file_remove(b.c, file)
			delete(b.files, alias)
		}
		return errors.Join(err, b.reader.own("DETACH "+quoteName(alias)))
	}
	return errors.Join(b.configureFile(b.reader, alias), b.configureFile(b.writer, alias))
}

// attachWriter attaches the file to the writer, through the VFS of branches.
func (b *Branch) attachWriter(file *C.MarmotFile, alias, uri string) error {
	vfs := C.GoString(C.marmot_branch_vfs(b.c))
	sql := C.CString("ATTACH " + quoteText(uri+"?vfs="+vfs) + " AS " + quoteName(alias))
	defer C.free(unsafe.Pointer(sql))
	if rc := C.marmot_branch_attach(b.c, file, sql); rc != 0 {
		return b.writer.failure(rc)
	}
	return nil
}

// Detach takes a file off. It gives up the snapshot, and drops every TEMP trigger of the branch
// first: the trigger of a detached schema would come back to life with the next one of that alias. It
// is refused in a transaction.
func (b *Branch) Detach(alias string) error {
	file := b.files[alias]
	switch {
	case b.closed:
		return ErrClosed
	case file == nil || alias == "main":
		return fmt.Errorf("detach %s: not attached", alias)
	case b.writer.InTransaction():
		return fmt.Errorf("detach %s: a transaction is open", alias)
	}
	b.Release()
	if err := b.dropTempTriggers(); err != nil {
		return fmt.Errorf("detach %s: %w", alias, err)
	}
	if err := b.writer.own("DETACH " + quoteName(alias)); err != nil {
		return fmt.Errorf("detach %s: %w", alias, err)
	}
	C.marmot_file_remove(b.c, file)
	delete(b.files, alias)
	if err := b.reader.own("DETACH " + quoteName(alias)); err != nil {
		return fmt.Errorf("detach %s: %w", alias, err)
	}
	return nil
}

// dropTempTriggers needs the schemas readable, and so the snapshot for a moment.
func (b *Branch) dropTempTriggers() error {
	if err := b.Snapshot(); err != nil {
		return err
	}
	defer b.Release()
	return b.ForgetTempTriggers()
}

// ForgetTempTriggers drops the TEMP triggers; the branch is out of a transaction and has a snapshot. DROP TRIGGER
// would not find those of a table that is gone, though they come back with a new table of its name: they are deleted
// where SQLite keeps them.
func (b *Branch) ForgetTempTriggers() error {
	err := b.writer.own("PRAGMA writable_schema=ON; DELETE FROM temp.sqlite_schema WHERE type='trigger'")
	if e := b.writer.own("PRAGMA writable_schema=RESET"); err == nil {
		err = e
	}
	return err
}

// Snapshot drops the private pages and moves every file to its newest state. The branch must be out
// of a transaction, and no statement of it may have rows left. With several files the caller holds the
// publication lock's shared side, so that no commit to more than one file falls in between. Captured rows
// stay; Release and Cut drop them.
func (b *Branch) Snapshot() error {
	if b.closed {
		return ErrClosed
	}
	if b.writer.InTransaction() || b.reader.InTransaction() {
		return errors.New("snapshot: a transaction is open in the branch")
	}
	for _, c := range []*Conn{b.reader, b.writer} {
		if sql := c.cache.running(); sql != "" {
			return fmt.Errorf("snapshot: a statement has rows left: %.80s", sql)
		}
	}
	b.held = false
	if rc := C.marmot_branch_snapshot(b.c); rc != 0 {
		return fmt.Errorf("snapshot: %w", b.failure(rc))
	}
	b.held = true
	return nil
}

// Release ends the snapshot: running statements are ended, an open transaction is rolled back,
// private pages and captured rows are dropped. Nothing runs until the next Snapshot.
func (b *Branch) Release() {
	if b.closed {
		return
	}
	for _, c := range []*Conn{b.reader, b.writer} {
		c.cache.cancel()
		if c.InTransaction() {
			// Without a transaction there is nothing left to roll back: SQLite fails only then.
			_ = c.own("ROLLBACK")
		}
	}
	C.marmot_branch_release(b.c)
	b.held = false
	b.Cut(0)
}

// Held reports whether a snapshot is held.
func (b *Branch) Held() bool { return b.held }

// Conn returns the connection in which statements run and write.
func (b *Branch) Conn() *Conn { return b.writer }

// Read returns the plain connection that pins the snapshot: it sees the snapshot and nothing of
// what the branch wrote.
func (b *Branch) Read() *Conn { return b.reader }

// ResetCascade makes marmot_cascade() zero again, as it has to be before each statement: one that
// failed inside a cascade leaves it higher. A statement begun while no other runs does it by itself.
func (b *Branch) ResetCascade() {
	if !b.closed {
		b.writer.c.cascade = 0
	}
}

// Memory returns the bytes that the branch holds: private pages, page caches, captured rows, wal-index.
func (b *Branch) Memory() int64 {
	if b.closed {
		return 0
	}
	return int64(C.marmot_branch_memory(b.c))
}

// outOfMemory reports, once, that the branch ran into its memory limit.
func (b *Branch) outOfMemory() bool {
	full := b.c.full != 0
	b.c.full = 0
	return full
}

// Close ends the snapshot and closes both connections. Closing again does nothing.
func (b *Branch) Close() error {
	if b.closed {
		return nil
	}
	b.closed, b.held = true, false
	var err error
	if b.writer != nil {
		err = b.writer.Close()
	}
	for _, file := range b.files {
		C.marmot_file_remove(b.c, file)
	}
	b.files = nil
	if b.reader != nil {
		err = errors.Join(err, b.reader.Close())
	}
	C.marmot_branch_free(b.c)
	b.c = nil
	return err
}

// escapePath writes a path as SQLite's URI file names want it.
func escapePath(path string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-~@+,="
	var out strings.Builder
	for i := range len(path) {
		if strings.IndexByte(plain, path[i]) >= 0 {
			out.WriteByte(path[i])
		} else {
			fmt.Fprintf(&out, "%%%02X", path[i])
		}
	}
	return out.String()
}
