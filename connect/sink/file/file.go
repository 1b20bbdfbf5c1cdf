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
	parts   map[sink.Partition]*partition
	open    []*partition // with an open file, oldest first
}

// partition is what is known of an assigned partition.
type partition struct {
	name sink.Partition
	next int64 // offset wanted next, or sink.Unknown

	file  *os.File // nil: none is open
	out   *bufio.Writer
	path  string // final name
	size  int64
	since time.Time
	dirty bool
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
	return &Sink{options: o, parts: map[sink.Partition]*partition{}}, nil
}

// Assign implements sink.Sink.
func (s *Sink) Assign(_ context.Context, name sink.Partition) (int64, error) {
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
	p.path, p.size, p.since, p.dirty = strings.TrimSuffix(path, openSuffix), size, s.options.Now(), true
	p.out = bufio.NewWriterSize(p.file, bufferBytes)
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
	defer f.Close()
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

// transient marks errors that go away when somebody makes room.
func transient(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.EIO) {
		return fmt.Errorf("%w: %w", sink.ErrTransient, err)
	}
	return err
}

func (s *Sink) append(p *partition, r *sink.Record) error {
	if p.file == nil {
		if err := s.create(p, r); err != nil {
			return err
		}
	}
	line := appendLine(nil, r)
	if _, err := p.out.Write(line); err != nil {
		return err
	}
	p.next, p.size, p.dirty = r.Offset+1, p.size+int64(len(line)), true
	if p.size >= s.options.RotateBytes {
		return s.finish(p)
	}
	return nil
}

// create opens a new file for the record and those after it.
func (s *Sink) create(p *partition, r *sink.Record) error {
	if len(s.open) >= maxOpenFiles {
		if err := s.finish(s.open[0]); err != nil {
			return err
		}
	}
	day := time.UnixMilli(r.TimestampMS).UTC().Format(dayLayout)
	dir := filepath.Join(s.options.Dir, r.Topic, day)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, fmt.Sprintf("%d-%020d%s", r.Partition, r.Offset, finalSuffix))
	f, err := os.OpenFile(path+openSuffix, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	p.file, p.path, p.size, p.since = f, path, 0, s.options.Now()
	p.out = bufio.NewWriterSize(f, bufferBytes)
	s.open = append(s.open, p)
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
	if err := syncDir(filepath.Dir(p.path)); err != nil {
		return err
	}
	err := p.file.Close()
	s.forget(p)
	return err
}

// forget takes the partition off the list of open files.
func (s *Sink) forget(p *partition) {
	p.file, p.out = nil, nil
	if i := slices.Index(s.open, p); i >= 0 {
		s.open = slices.Delete(s.open, i, i+1)
	}
}

func (s *Sink) sync(p *partition) error {
	if !p.dirty {
		return nil
	}
	if err := p.out.Flush(); err != nil {
		return err
	}
	if err := p.file.Sync(); err != nil {
		return err
	}
	p.dirty = false
	return nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
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
