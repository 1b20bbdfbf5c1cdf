package file

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"marmot/connect/sink"
)

// Options configure a file sink.
type Options struct {
	Dir            string
	RotateBytes    int64         // a file that has reached this size is finished
	RotateInterval time.Duration // and one that is this old
	Now            func() time.Time
}

const (
	openSuffix  = ".open"
	finalSuffix = ".jsonl"
	dayLayout   = "2006-01-02"
	// bufferBytes is how much of a file is gathered before it is handed to the kernel.
	bufferBytes = 64 << 10
	// maxOpenFiles bounds the files that are written at one time; the oldest is finished when
	// another is needed.
	maxOpenFiles = 512
)

// Sink is the file sink. Owned by one goroutine.
type Sink struct {
	options Options
	disk    disk
	parts   map[sink.Partition]*partition
	open    []*partition // with an open file, oldest first
}

// disk is what the sink does to files, so that tests can make it fail.
type disk struct {
	write   func(f *os.File, b []byte) (int, error)
	sync    func(f *os.File) error
	syncDir func(path string) error
}

// partition is what is known of an assigned partition.
type partition struct {
	name sink.Partition
	next int64 // offset wanted next, or sink.Unknown

	file    *os.File // nil: none is open
	pending []byte   // lines that are not in the file yet
	path    string   // final name
	size    int64    // with what is pending
	synced  int64    // bytes that are on disk for sure
	since   time.Time
}

// New makes the folder and checks that it can be written to.
func New(o Options) (*Sink, error) {
	if o.RotateBytes <= 0 || o.RotateInterval <= 0 || o.Now == nil {
		return nil, errors.New("file sink: rotation size, rotation interval and clock are required")
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("sink.dir = %q: %w", o.Dir, err)
	}
	probe, err := os.CreateTemp(o.Dir, ".probe-*")
	if err != nil {
		return nil, fmt.Errorf("sink.dir = %q cannot be written to: %w", o.Dir, err)
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return nil, fmt.Errorf("sink.dir = %q: %w", o.Dir, err)
	}
	real := disk{write: (*os.File).Write, sync: (*os.File).Sync, syncDir: syncDir}
	return &Sink{options: o, disk: real, parts: map[sink.Partition]*partition{}}, nil
}

// Assign implements sink.Sink.
func (s *Sink) Assign(_ context.Context, name sink.Partition) (int64, error) {
	if err := checkTopic(name.Topic); err != nil {
		return 0, err
	}
	if p := s.parts[name]; p != nil {
		s.abandon(p)
	}
	p := &partition{name: name, next: sink.Unknown}
	last, err := s.lastFile(name)
	if err == nil && last != "" {
		err = s.takeOver(p, last)
	}
	if err != nil {
		return 0, fmt.Errorf("take over %s/%d: %w", name.Topic, name.ID, err)
	}
	s.parts[name] = p
	return p.next, nil
}

// checkTopic refuses names that Kafka does not take: a topic becomes a folder.
func checkTopic(name string) error {
	if name == "" || name == "." || name == ".." || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" {
		return fmt.Errorf("topic %q: Kafka's topics have letters, digits, '.', '_' and '-'; this one gets no folder", name)
	}
	return nil
}

// abandon closes a file whose writer is in doubt; what is in it will be read again.
func (s *Sink) abandon(p *partition) {
	if p.file != nil {
		_ = p.file.Close()
		s.forget(p)
	}
}

// lastFile finds the partition's file with the greatest first offset, finished or not.
func (s *Sink) lastFile(name sink.Partition) (string, error) {
	days, err := os.ReadDir(filepath.Join(s.options.Dir, name.Topic))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	prefix := strconv.Itoa(int(name.ID)) + "-"
	best, found := "", ""
	for _, day := range days {
		if !day.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(s.options.Dir, name.Topic, day.Name()))
		if err != nil {
			return "", err
		}
		for _, f := range files {
			offset, ok := strings.CutPrefix(f.Name(), prefix)
			if ok && offset > best {
				best, found = offset, filepath.Join(s.options.Dir, name.Topic, day.Name(), f.Name())
			}
		}
	}
	return found, nil
}

// takeOver reads the last file, cuts a torn line of an unfinished one, and goes on with it.
func (s *Sink) takeOver(p *partition, path string) error {
	unfinished := strings.HasSuffix(path, openSuffix)
	last, size, err := lastOffset(path, unfinished)
	if err != nil {
		return err
	}
	if last >= 0 {
		p.next = last + 1
	}
	if !unfinished {
		return nil
	}
	if size == 0 { // nothing in it: the name may be wrong for what comes next
		if err := os.Remove(path); err != nil {
			return err
		}
		return s.restoreNext(p)
	}
	if err := os.Truncate(path, size); err != nil {
		return err
	}
	p.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	p.path, p.size, p.synced, p.since = strings.TrimSuffix(path, openSuffix), size, 0, s.options.Now()
	s.open = append(s.open, p)
	return nil
}

// restoreNext looks again for the last file, after an empty one is gone.
func (s *Sink) restoreNext(p *partition) error {
	path, err := s.lastFile(p.name)
	if err != nil || path == "" {
		return err
	}
	return s.takeOver(p, path)
}

// lastOffset returns the offset of a file's last whole line, -1 if there is none, and the size
// up to its end. A finished file must end in a whole line.
func lastOffset(path string, torn bool) (last, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	last = -1
	in := bufio.NewReaderSize(f, bufferBytes)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if len(line) > 0 && !torn {
				return 0, 0, fmt.Errorf("%s is damaged: its last line is cut; restore the file or move it away", path)
			}
			return last, size, nil
		}
		if err != nil {
			return 0, 0, err
		}
		var r struct {
			Offset *int64 `json:"offset"`
		}
		if json.Unmarshal(line, &r) != nil || r.Offset == nil {
			return 0, 0, fmt.Errorf("%s is damaged at byte %d: not a record; restore the file or move it away", path, size)
		}
		last, size = *r.Offset, size+int64(len(line))
	}
}

// Write implements sink.Sink.
func (s *Sink) Write(_ context.Context, records []sink.Record) error {
	for i := range records {
		r := &records[i]
		p := s.parts[sink.Partition{Topic: r.Topic, ID: r.Partition}]
		if p == nil {
			return fmt.Errorf("write %s/%d: the partition is not assigned", r.Topic, r.Partition)
		}
		if r.Offset < p.next {
			continue
		}
		if err := s.append(p, r); err != nil {
			return transient(fmt.Errorf("write %s/%d: %w", r.Topic, r.Partition, err))
		}
	}
	return nil
}

// transient marks errors that go away when somebody makes room. A failed sync is none: what the kernel
// could not write it may have dropped, and a second sync would not tell.
func transient(err error) error {
	var lost *syncError
	if errors.As(err, &lost) {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return fmt.Errorf("%w: %w", sink.ErrTransient, err)
	}
	return err
}

// syncError says that it is not known what of a file is on disk.
type syncError struct{ cause error }

func (e *syncError) Error() string { return "sync: " + e.cause.Error() }
func (e *syncError) Unwrap() error { return e.cause }

// append takes a record. After an error that is transient the record is taken or not, as p.next tells.
func (s *Sink) append(p *partition, r *sink.Record) error {
	if p.file == nil {
		if err := s.create(p, r); err != nil {
			return err
		}
	}
	if len(p.pending) >= bufferBytes {
		if err := s.drain(p); err != nil {
			return err
		}
	}
	before := len(p.pending)
	p.pending = appendLine(p.pending, r)
	p.next, p.size = r.Offset+1, p.size+int64(len(p.pending)-before)
	if p.size >= s.options.RotateBytes {
		return s.finish(p)
	}
	return nil
}

// drain hands what is pending to the kernel. What a full disk does not take stays pending.
func (s *Sink) drain(p *partition) error {
	n, err := s.disk.write(p.file, p.pending)
	p.pending = p.pending[:copy(p.pending, p.pending[n:])]
	return err
}

// create opens a new file for the record and those after it.
func (s *Sink) create(p *partition, r *sink.Record) error {
	if len(s.open) >= maxOpenFiles {
		if err := s.finish(s.open[0]); err != nil {
			return err
		}
	}
	day := time.UnixMilli(r.TimestampMS).UTC().Format(dayLayout)
	dir, err := s.folder(r.Topic, day)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, fmt.Sprintf("%d-%020d%s", r.Partition, r.Offset, finalSuffix))
	f, err := os.OpenFile(path+openSuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	p.file, p.path, p.pending, p.size, p.synced, p.since = f, path, p.pending[:0], 0, 0, s.options.Now()
	s.open = append(s.open, p)
	return s.syncFolder(dir)
}

// folder makes the folder of a topic's day, durably: a file is not safe in one that a crash takes away.
func (s *Sink) folder(topic, day string) (string, error) {
	parent := s.options.Dir
	for _, name := range []string{topic, day} {
		dir := filepath.Join(parent, name)
		err := os.Mkdir(dir, 0o755)
		switch {
		case err == nil:
			if err := s.syncFolder(parent); err != nil {
				return "", err
			}
		case !errors.Is(err, fs.ErrExist):
			return "", err
		}
		parent = dir
	}
	return parent, nil
}

func (s *Sink) syncFolder(path string) error {
	if err := s.disk.syncDir(path); err != nil {
		return &syncError{err}
	}
	return nil
}

// finish makes the partition's open file whole and gives it its final name.
func (s *Sink) finish(p *partition) error {
	if p.file == nil {
		return nil
	}
	if err := s.sync(p); err != nil {
		return err
	}
	if err := os.Rename(p.path+openSuffix, p.path); err != nil {
		return err
	}
	if err := s.syncFolder(filepath.Dir(p.path)); err != nil {
		return err
	}
	err := p.file.Close()
	s.forget(p)
	return err
}

// forget takes the partition off the list of open files.
func (s *Sink) forget(p *partition) {
	p.file, p.pending = nil, nil
	if i := slices.Index(s.open, p); i >= 0 {
		s.open = slices.Delete(s.open, i, i+1)
	}
}

// sync brings what the partition has taken to the disk. If that fails, the file is cut to what is there for sure,
// so that the rest is read again.
func (s *Sink) sync(p *partition) error {
	if len(p.pending) > 0 {
		if err := s.drain(p); err != nil {
			return err
		}
	}
	if p.synced == p.size {
		return nil
	}
	if err := s.disk.sync(p.file); err != nil {
		return &syncError{errors.Join(err, p.file.Truncate(p.synced))}
	}
	p.synced = p.size
	return nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Flush implements sink.Sink.
func (s *Sink) Flush(context.Context) error {
	now := s.options.Now()
	for _, p := range slices.Clone(s.open) {
		var err error
		if now.Sub(p.since) >= s.options.RotateInterval {
			err = s.finish(p)
		} else {
			err = s.sync(p)
		}
		if err != nil {
			return transient(fmt.Errorf("flush %s/%d: %w", p.name.Topic, p.name.ID, err))
		}
	}
	return nil
}

// Revoke implements sink.Sink.
func (s *Sink) Revoke(_ context.Context, name sink.Partition) error {
	p := s.parts[name]
	if p == nil {
		return nil
	}
	if err := s.finish(p); err != nil {
		return transient(fmt.Errorf("give up %s/%d: %w", name.Topic, name.ID, err))
	}
	delete(s.parts, name)
	return nil
}

// Close implements sink.Sink.
func (s *Sink) Close(ctx context.Context) error {
	var first error
	for name := range s.parts {
		if err := s.Revoke(ctx, name); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// appendLine appends the line of a record.
func appendLine(b []byte, r *sink.Record) []byte {
	b = append(b, `{"topic":`...)
	b = appendJSON(b, r.Topic)
	b = fmt.Appendf(b, `,"partition":%d,"offset":%d,"timestamp":%d,"headers":{`, r.Partition, r.Offset, r.TimestampMS)
	for i, h := range r.Headers {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, h.Name)
		b = append(b, ':')
		b = appendPayload(b, h.Value)
	}
	b = append(b, `},"key":`...)
	b = appendPayload(b, r.Key)
	b = append(b, `,"value":`...)
	b = appendPayload(b, r.Value)
	return append(b, "}\n"...)
}

// appendPayload appends JSON as it is, other bytes as a string, nothing as null.
func appendPayload(b, payload []byte) []byte {
	if payload == nil {
		return append(b, "null"...)
	}
	if json.Valid(payload) && !slices.Contains(payload, '\n') {
		return append(b, payload...)
	}
	return appendJSON(b, string(payload))
}

func appendJSON(b []byte, s string) []byte {
	text, _ := json.Marshal(s) // a string always has a JSON form
	return append(b, text...)
}
