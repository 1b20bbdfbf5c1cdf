package session

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"marmot/dialect"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

var _ dialect.Files = (*Session)(nil)

// Errors of files.
const (
	errStat             = 13   // EE_STAT
	errLocalFilesClosed = 3948 // ER_CLIENT_LOCAL_FILES_DISABLED
	// maxSpoolFactor times txn.max_bytes is the largest file that a client may send: what is larger cannot be one transaction.
	maxSpoolFactor = 16
)

// OpenFile opens a file of LOAD DATA.
func (s *Session) OpenFile(name string, local bool) (io.ReadCloser, error) {
	if local {
		return s.localFile(name)
	}
	path, err := s.securePath(name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, mysqlerr.New(mysql.ER_TEXTFILE_NOT_READABLE, name)
	}
	if err == nil {
		var f *os.File
		if f, err = os.Open(path); err == nil {
			return f, nil
		}
	}
	return nil, statError(name, err)
}

// statError is MySQL's error for a file that cannot be opened.
func statError(name string, err error) error {
	number, text := systemError(err)
	return mysqlerr.Newf(errStat, "Can't get stat of '%s' (OS errno %d - %s)", name, number, text).Wrap(err)
}

// systemError is the system's number of an error and its text, as MySQL writes it.
func systemError(err error) (int, string) {
	var number syscall.Errno
	text := err.Error()
	if errors.As(err, &number) {
		text = number.Error()
	}
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	return int(number), text
}

// securePath is the path of a file of the server, where secure_file_priv allows it.
func (s *Session) securePath(name string) (string, error) {
	refused := mysqlerr.New(mysql.ER_OPTION_PREVENTS_STATEMENT, "--secure-file-priv")
	allowed, null := s.engine.globals.secureFiles()
	if null {
		return "", refused
	}
	path := filepath.Clean(name)
	if !filepath.IsAbs(path) {
		if allowed == "" {
			return "", refused // there is no directory of a database's own
		}
		path = filepath.Join(allowed, path)
	}
	if allowed == "" {
		return path, nil
	}
	root, err := filepath.EvalSymlinks(allowed)
	if err != nil {
		return "", refused
	}
	directory, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		directory = filepath.Dir(path)
	}
	if target, err := filepath.EvalSymlinks(path); err == nil { // a link must not lead out
		directory = filepath.Dir(target)
	}
	if inside, err := filepath.Rel(root, directory); err != nil || inside == ".." || strings.HasPrefix(inside, "../") {
		return "", refused
	}
	return path, nil
}

// secureFiles returns the directory of secure_file_priv, and whether there is none.
func (g *globals) secureFiles() (directory string, null bool) {
	directory, ok := g.engine.options.Variables["secure_file_priv"]
	return directory, !ok || directory == "NULL"
}

// serverFile is a file of SELECT … INTO OUTFILE.
type serverFile struct{ *os.File }

// Keep ends a complete file.
func (f serverFile) Keep() error { return f.Close() }

// Remove takes an incomplete one away.
func (f serverFile) Remove() {
	_ = f.Close()
	_ = os.Remove(f.Name()) // the statement has failed, and tells why
}

// CreateFile makes a file of SELECT … INTO OUTFILE.
func (s *Session) CreateFile(name string) (dialect.NewFile, error) {
	path, err := s.securePath(name)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if errors.Is(err, os.ErrExist) {
		return nil, mysqlerr.New(mysql.ER_FILE_EXISTS_ERROR, name)
	}
	if err != nil {
		number, text := systemError(err)
		return nil, mysqlerr.Newf(1, "Can't create/write to file '%s' (OS errno %d - %s)", name, number, text).Wrap(err)
	}
	return serverFile{f}, nil
}

// localFile is the client's file. It is kept in a file without name, for the statement may run again.
func (s *Session) localFile(name string) (io.ReadCloser, error) {
	r := s.run
	if r.local != nil {
		if _, err := r.local.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("local file: %w", err)
		}
		return io.NopCloser(r.local), nil
	}
	client, ok := r.writer.(ClientFiles)
	if !ok || s.engine.globals.get(dialect.LookupVariable("local_infile")).text != "ON" {
		return nil, mysqlerr.New(errLocalFilesClosed)
	}
	if err := s.slot.outside(r.ctx, func() error { return r.spool(client, name, s.engine.options.TxnMaxBytes*maxSpoolFactor) }); err != nil {
		return nil, err
	}
	return io.NopCloser(r.local), nil
}

// spool takes the client's file.
func (r *run) spool(client ClientFiles, name string, limit int64) error {
	in, err := client.OpenClientFile(name)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp("", "marmot-load-*")
	if err != nil {
		return errors.Join(err, in.Close())
	}
	r.local = f
	err = os.Remove(f.Name()) // it ends with its descriptor
	var n int64
	if err == nil {
		n, err = io.Copy(f, io.LimitReader(in, limit+1))
	}
	if e := in.Close(); err == nil {
		err = e
	}
	if err == nil && n > limit {
		err = errTransactionTooLarge
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	return err
}

// endLocal gives the client's file up.
func (r *run) endLocal() {
	if r.local != nil {
		_ = r.local.Close() // nothing of it is wanted any more
		r.local = nil
	}
}
