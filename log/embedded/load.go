package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"marmot/log"
	"marmot/txn"
)

// segment is one segment file. The last one is open always, the others while their index is in memory.
type segment struct {
	path   string
	header *segmentHeader
	used   int64 // bytes in use; of the last segment, as far as records are published
	file   *os.File
	index  index // nil: not in memory
}

func segmentPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016d.segment", number))
}

// read reads a record; the index is in memory. It is checked once more, since disks forget.
func (s *segment) read(stream log.Stream, offset int64) (frame, error) {
	places := s.index[stream+1]
	i := offset - s.header.first[stream+1]
	at := int64(places[i])
	var head [frameBytes]byte
	if _, err := s.file.ReadAt(head[:], at); err != nil {
		return frame{}, fmt.Errorf("read %s at byte %d: %w", s.path, at, err)
	}
	size := frameSize(head[:])
	if size > s.used-at {
		return frame{}, &damage{s.path, at, "the length of a record has changed"}
	}
	b := make([]byte, size)
	if _, err := s.file.ReadAt(b, at); err != nil {
		return frame{}, fmt.Errorf("read %s at byte %d: %w", s.path, at, err)
	}
	f, err := decodeFrame(b, s.header.partitions())
	if err != nil || f.stream != stream || f.offset != offset {
		return frame{}, &damage{s.path, at, "a record has changed since it was written"}
	}
	return f, nil
}

func (s *segment) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file, s.index = nil, nil
	return err
}

// inMemory loads the index of segment i and keeps it among the few that are.
func (l *Log) inMemory(i int) error {
	s := l.segments[i]
	if i == len(l.segments)-1 {
		return nil
	}
	if s.index == nil {
		b, err := os.ReadFile(s.path)
		if err != nil {
			return err
		}
		if int64(len(b)) < s.used {
			return &damage{s.path, int64(len(b)), "the file ends here, but more has been written"}
		}
		found, _, _, err := scan(s.path, s.header, b[:s.used], s.used)
		if err != nil {
			return err
		}
		for stream := range found {
			if want := l.segments[i+1].header.first[stream] - s.header.first[stream]; int64(len(found[stream])) != want {
				return &damage{s.path, s.used, fmt.Sprintf("it holds %d records of stream %d, the next segment says %d", len(found[stream]), stream-1, want)}
			}
		}
		if s.file, err = os.Open(s.path); err != nil {
			return err
		}
		s.index = found
	}
	return l.keep(s)
}

// keep has an older segment that is open stay so, as the last to be closed for others.
func (l *Log) keep(s *segment) error {
	l.opened = append(slices.DeleteFunc(l.opened, func(o *segment) bool { return o == s }), s)
	for len(l.opened) > maxOpenSegments {
		first := l.opened[0]
		l.opened = l.opened[1:]
		if err := first.close(); err != nil {
			return err
		}
	}
	return nil
}

// load reads the directory and makes the last segment ready for writing.
func (l *Log) load() (*segment, error) {
	dir := l.options.Dir
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch {
		case strings.HasSuffix(name, ".tmp"):
			// What a process that has ended was preparing.
			if err := os.Remove(name); err != nil {
				return nil, err
			}
		case strings.HasSuffix(name, ".segment"):
			header, err := readHeader(name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			l.segments = append(l.segments, &segment{path: name, header: header})
		}
	}
	if len(l.segments) == 0 {
		return l.createLog()
	}
	if err := l.checkSegments(); err != nil {
		return nil, err
	}
	if err := l.loadGenesis(); err != nil {
		return nil, err
	}
	return l.openLast()
}

func readHeader(path string) (*segmentHeader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	b := make([]byte, headerBytes(maxPartitions))
	n, err := f.ReadAt(b, 0)
	if n == 0 && errors.Is(err, io.EOF) {
		err = errors.New("the file is empty; restore it from a backup")
	}
	if n == 0 {
		return nil, errors.Join(err, f.Close())
	}
	header, err := decodeHeader(b[:n])
	return header, errors.Join(err, f.Close())
}

// checkSegments checks that the segments are of one log and that none is missing.
func (l *Log) checkSegments() error {
	l.uuid = l.segments[0].header.log
	partitions := l.segments[0].header.partitions()
	if l.options.Partitions != 0 && l.options.Partitions != partitions {
		return fmt.Errorf("log.partitions is %d, but the log in %s was created with %d; their number is fixed at creation", l.options.Partitions, l.options.Dir, partitions)
	}
	for i, s := range l.segments {
		if s.path != segmentPath(l.options.Dir, s.header.number) {
			return fmt.Errorf("%s: its header says that it is segment %d; the file has been renamed", s.path, s.header.number)
		}
		if s.header.log != l.uuid || s.header.partitions() != partitions {
			return fmt.Errorf("%s belongs to another log than %s", s.path, l.segments[0].path)
		}
		if i == 0 {
			continue
		}
		previous := l.segments[i-1]
		if s.header.number != previous.header.number+1 {
			return fmt.Errorf("%s is missing; restore it from a backup", segmentPath(l.options.Dir, previous.header.number+1))
		}
		previous.used = int64(s.header.previousEnd)
	}
	return nil
}

func (l *Log) loadGenesis() error {
	path := filepath.Join(l.options.Dir, "genesis")
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	e, err := decodeGenesis(b)
	if err != nil {
		return fmt.Errorf("%s: %w; restore it from a backup", path, err)
	}
	l.genesis = &e
	return nil
}

func (l *Log) createLog() (*segment, error) {
	partitions := l.options.Partitions
	if partitions == 0 {
		partitions = 16
	}
	if partitions < 0 || partitions > maxPartitions {
		return nil, fmt.Errorf("log.partitions is %d, want 1 to %d", partitions, maxPartitions)
	}
	uuid, err := txn.NewUUID(l.options.Random)
	if err != nil {
		return nil, err
	}
	l.uuid = uuid
	l.end = make([]int64, partitions+1)
	header := &segmentHeader{log: uuid, number: 1, first: make([]int64, partitions+1)}
	s, err := l.createSegment(header, nil, l.options.SegmentBytes)
	if err != nil {
		return nil, err
	}
	l.segments = []*segment{s}
	return s, nil
}

// createSegment makes a segment of size bytes, from a file of zeros if one is ready.
func (l *Log) createSegment(header *segmentHeader, ready *os.File, size int64) (*segment, error) {
	path := segmentPath(l.options.Dir, header.number)
	b := header.encode()
	var err error
	if ready == nil {
		if ready, err = l.disk.create(l.readyPath(), b, max(size, int64(len(b)))); err != nil {
			return nil, noRoom(err, l.options.Dir, size)
		}
	} else if err := l.disk.fill(ready, b, 0, 0); err != nil {
		return nil, errors.Join(noRoom(err, l.options.Dir, size), ready.Close())
	}
	if err := os.Rename(l.readyPath(), path); err != nil {
		return nil, errors.Join(err, ready.Close())
	}
	if err := syncDir(l.options.Dir); err != nil {
		return nil, errors.Join(err, ready.Close())
	}
	return &segment{path: path, header: header, used: int64(len(b)), file: ready, index: make(index, len(header.first))}, nil
}

func (l *Log) readyPath() string { return filepath.Join(l.options.Dir, "next.tmp") }

func noRoom(err error, dir string, size int64) error {
	return fmt.Errorf("a new segment of %d bytes in %s: %w; make room, and writing goes on", size, dir, err)
}

// openLast reads the last segment, cuts its torn tail, and makes it ready for writing.
func (l *Log) openLast() (*segment, error) {
	s := l.segments[len(l.segments)-1]
	f, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("%w; data.dir must be writable", err)
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	found, end, torn, err := scan(s.path, s.header, b, 0)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if size := max(l.options.SegmentBytes, end); torn || int64(len(b)) < size {
		if torn && l.options.Logger != nil {
			l.options.Logger.Warn("the torn tail of the log has been cut", "file", s.path, "at", end)
		}
		// Cutting and filling again leaves no old record behind that could be taken for a new one.
		if err := errors.Join(f.Truncate(end), l.disk.fill(f, nil, end, size)); err != nil {
			return nil, errors.Join(noRoom(err, l.options.Dir, size), f.Close())
		}
	}
	if err := f.Sync(); err != nil {
		return nil, errors.Join(fmt.Errorf("sync %s: %w", s.path, err), f.Close())
	}
	s.file, s.index, s.used = f, found, end
	l.end = make([]int64, len(found))
	for stream := range found {
		l.end[stream] = s.header.first[stream] + int64(len(found[stream]))
	}
	return s, nil
}
