package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// disk is what the log does to files, so that tests can make it fail.
type disk struct {
	write func(f *os.File, b []byte, at int64) error
	sync  func(f *os.File) error
}

func realDisk() disk {
	return disk{
		write: func(f *os.File, b []byte, at int64) error {
			_, err := f.WriteAt(b, at)
			return err
		},
		sync: syncData,
	}
}

// create makes a file of size bytes at path: first b, then zeros, all of it on disk.
func (d disk) create(path string, b []byte, size int64) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	if err := d.fill(f, b, 0, size); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	return f, nil
}

// fill writes b at a place, zeros from there to size, and syncs.
func (d disk) fill(f *os.File, b []byte, at, size int64) error {
	zeros := make([]byte, 1<<20)
	if err := d.write(f, b, at); err != nil {
		return err
	}
	for at += int64(len(b)); at < size; at += int64(len(zeros)) {
		if err := d.write(f, zeros[:min(int64(len(zeros)), size-at)], at); err != nil {
			return err
		}
	}
	return d.sync(f)
}

// replace gives path the content b, whole or not at all.
func (d disk) replace(path string, b []byte) error {
	f, err := d.create(path+".tmp", b, int64(len(b)))
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// lockDir takes the directory for this process until the file is closed.
func lockDir(dir string) (*os.File, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		held, readErr := os.ReadFile(path)
		owner := "another process"
		if pid := strings.TrimSpace(string(held)); readErr == nil && pid != "" {
			owner = "process " + pid
		}
		err = fmt.Errorf("%s has the log in %s open (%w); stop it, or give this node another data.dir", owner, dir, err)
		return nil, errors.Join(err, f.Close())
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
