package mirror

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"

	"marmot/debezium"
	"marmot/txn"

	"github.com/twmb/franz-go/pkg/kgo"
)

// journalFormat is what is written, and the newest that is read.
const journalFormat = 1

// journalMagic opens a journal; the number of its format follows.
const journalMagic = "marmot-events-"

// maxFrame bounds a batch in a journal: that of an emitter is smaller but for one large row.
const maxFrame = 1 << 30

// journalSlack is how much a journal holds of what is not needed any more before it is written anew.
const journalSlack = 4 << 20

// journal keeps the batches of one emission that are no function of the log alone: rows of snapshots, notifications, heartbeats. Each
// stands behind the progress that was published before it. A batch is in the file, synced, before consumers can see it.
type journal struct {
	path    string
	file    *os.File
	entries []entry // in the order of their numbers
	size    int64
}

// entry is one batch in the file.
type entry struct {
	number    uint64
	at, after debezium.Progress
	offset    int64
	length    int
}

func journalHeader() []byte { return fmt.Appendf(nil, "%s%d\n", journalMagic, journalFormat) }

// openJournal opens a journal, which is made if it is not there. A torn frame at its end, of a process that was killed, is cut off:
// nobody has seen it.
func openJournal(path string) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal of the event mirror: %w", err)
	}
	j := &journal{path: path, file: file}
	if err := j.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("journal of the event mirror, %s: %w", path, err), file.Close())
	}
	return j, nil
}

func (j *journal) load() error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return j.begin()
	}
	if j.size, err = readJournalHeader(io.NewSectionReader(j.file, 0, info.Size())); err != nil {
		return err
	}
	for j.size < info.Size() {
		e, next, err := j.read(j.size, info.Size())
		if errors.Is(err, errTorn) {
			if err := j.file.Truncate(j.size); err != nil {
				return err
			}
			return j.file.Sync()
		}
		if err != nil {
			return err
		}
		j.entries = append(j.entries, e)
		j.size = next
	}
	return nil
}

// begin writes the header of a new file.
func (j *journal) begin() error {
	header := journalHeader()
	if _, err := j.file.WriteAt(header, 0); err != nil {
		return err
	}
	j.size = int64(len(header))
	return errors.Join(j.file.Sync(), syncDir(filepath.Dir(j.path)))
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// readJournalHeader returns where the frames begin.
func readJournalHeader(r io.Reader) (int64, error) {
	b := make([]byte, len(journalMagic)+8)
	n, err := io.ReadFull(r, b)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return 0, err
	}
	var format int
	text := string(b[:n])
	if _, err := fmt.Sscanf(text, journalMagic+"%d\n", &format); err != nil {
		return 0, fmt.Errorf("it begins with %q: %w", text, txn.ErrCorrupt)
	}
	switch {
	case format > journalFormat:
		return 0, fmt.Errorf("format %d, this release reads up to %d; start the release that wrote it, or a later one: %w", format, journalFormat, txn.ErrFuture)
	case format < 1:
		return 0, fmt.Errorf("format %d: %w", format, txn.ErrCorrupt)
	}
	return int64(len(fmt.Sprintf("%s%d\n", journalMagic, format))), nil
}

// errTorn is a frame that the end of the file cuts.
var errTorn = errors.New("the frame is cut")

const frameHeader = 8 // length and checksum

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// read reads the frame at an offset.
func (j *journal) read(offset, size int64) (entry, int64, error) {
	payload, err := j.payload(offset, size)
	if err != nil {
		return entry{}, 0, err
	}
	h, _, err := decodeHead(payload)
	if err != nil {
		return entry{}, 0, err
	}
	e := entry{number: h.Number, at: h.At.progress(), after: h.After.progress(), offset: offset, length: len(payload)}
	return e, offset + frameHeader + int64(len(payload)), nil
}

func (j *journal) payload(offset, size int64) ([]byte, error) {
	var header [frameHeader]byte
	if size-offset < frameHeader {
		return nil, errTorn
	}
	if _, err := j.file.ReadAt(header[:], offset); err != nil {
		return nil, err
	}
	length := int64(binary.LittleEndian.Uint32(header[:]))
	if length > maxFrame {
		return nil, fmt.Errorf("frame of %d bytes at %d: %w", length, offset, txn.ErrCorrupt)
	}
	if length > size-offset-frameHeader {
		return nil, errTorn
	}
	payload := make([]byte, length)
	if _, err := j.file.ReadAt(payload, offset+frameHeader); err != nil {
		return nil, err
	}
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(header[4:]) {
		if offset+frameHeader+length == size {
			return nil, errTorn // written in part
		}
		return nil, fmt.Errorf("checksum of the frame at %d: %w", offset, txn.ErrCorrupt)
	}
	return payload, nil
}

// append adds a batch, durably.
func (j *journal) append(number uint64, at, after debezium.Progress, batch []debezium.Record) error {
	payload, err := encodeFrame(head{number, rowOf(at), rowOf(after)}, batch)
	if err != nil {
		return err
	}
	if len(payload) > maxFrame {
		return fmt.Errorf("a batch of %d bytes, more than %d", len(payload), maxFrame)
	}
	frame := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	frame = binary.LittleEndian.AppendUint32(frame, crc32.Checksum(payload, castagnoli))
	if _, err := j.file.WriteAt(append(frame, payload...), j.size); err != nil {
		return errors.Join(err, j.file.Truncate(j.size))
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.entries = append(j.entries, entry{number, at, after, j.size, len(payload)})
	j.size += frameHeader + int64(len(payload))
	return nil
}

// records reads the records of a batch.
func (j *journal) records(e entry) ([]debezium.Record, error) {
	payload, err := j.payload(e.offset, j.size)
	if err != nil {
		return nil, err
	}
	_, rest, err := decodeHead(payload)
	if err != nil {
		return nil, err
	}
	return decodeRecords(rest)
}

// forget drops what stands up to a number, once it is worth writing the file anew. It returns how many entries are gone.
func (j *journal) forget(upTo uint64) (int, error) {
	n, gone := 0, int64(0)
	for n < len(j.entries) && j.entries[n].number <= upTo {
		gone += frameHeader + int64(j.entries[n].length)
		n++
	}
	if gone < journalSlack || gone < j.size/2 {
		return 0, nil
	}
	temporary := j.path + ".new"
	file, err := os.OpenFile(temporary, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	next := &journal{path: j.path, file: file}
	if err := next.copyFrom(j, n); err != nil {
		return 0, errors.Join(err, file.Close(), os.Remove(temporary))
	}
	if err := os.Rename(temporary, j.path); err != nil {
		return 0, errors.Join(err, file.Close())
	}
	_ = j.file.Close() // nothing of it is needed any more
	*j = *next
	return n, syncDir(filepath.Dir(j.path))
}

func (j *journal) copyFrom(old *journal, from int) error {
	if err := j.begin(); err != nil {
		return err
	}
	start := old.size
	if from < len(old.entries) {
		start = old.entries[from].offset
	}
	n, err := io.Copy(io.NewOffsetWriter(j.file, j.size), io.NewSectionReader(old.file, start, old.size-start))
	if err != nil {
		return err
	}
	for _, e := range old.entries[from:] {
		e.offset += j.size - start
		j.entries = append(j.entries, e)
	}
	j.size += n
	return j.file.Sync()
}

func (j *journal) close() error { return j.file.Close() }

// Kept implements debezium.Replayer.
func (m *Mirror) Kept() (debezium.Progress, bool) {
	if m.journal == nil || m.replayed >= len(m.journal.entries) {
		return debezium.Progress{}, false
	}
	return m.journal.entries[m.replayed].at, true
}

// PublishKept implements debezium.Replayer.
func (m *Mirror) PublishKept(ctx context.Context) (debezium.Progress, error) {
	e := m.journal.entries[m.replayed]
	batch, err := m.journal.records(e)
	if err != nil {
		return debezium.Progress{}, fmt.Errorf("%w: journal: %w", debezium.ErrBroken, err)
	}
	m.replayed++
	m.number = e.number
	return e.after, m.produce(ctx, batch, e.after)
}

// Seen implements debezium.Replayer.
func (m *Mirror) Seen() txn.Position { return m.options.Seen }

// keepBatch writes a batch that is no function of the log into the journal.
func (m *Mirror) keepBatch(batch []debezium.Record, p debezium.Progress) error {
	if m.journal == nil {
		return nil
	}
	kept := p.State != m.state.progress.State
	for i := range batch {
		kept = kept || batch[i].Extra
	}
	if !kept {
		return nil
	}
	if err := m.journal.append(m.number+1, m.state.progress, p, batch); err != nil {
		return fmt.Errorf("journal of the event mirror: %w", err)
	}
	m.number++
	m.replayed = len(m.journal.entries)
	return nil
}

// openJournal reads the emission's journal behind the checkpoint that it begins at.
func (m *Mirror) openJournal() error {
	if m.options.Journal == "" {
		return nil
	}
	path := m.options.Journal
	if m.name != MainEmission {
		path += "." + m.name
	}
	var err error
	if m.journal, err = openJournal(path); err != nil {
		return err
	}
	m.number = m.state.kept
	for _, e := range m.journal.entries {
		if e.number <= m.state.kept {
			m.replayed++
		}
	}
	if m.state.progress.State != "" || len(m.journal.entries) > 0 {
		return nil
	}
	_, grouped, err := m.options.Meta.Meta(groupsKey)
	if err == nil && (grouped && m.name == MainEmission || m.state.progress.Position > 0) { // events of a release that had no state
		m.state.progress.State = debezium.StreamingState
	}
	return err
}

// forgetKept gives up what stands in the journal before the checkpoint that a start would begin at.
func (m *Mirror) forgetKept() error {
	if m.journal == nil {
		return nil
	}
	i := m.state.start()
	if i < 0 {
		return nil
	}
	gone, err := m.journal.forget(m.state.Checkpoints[i].Kept)
	m.replayed -= gone
	if err != nil {
		return fmt.Errorf("journal of the event mirror: %w", err)
	}
	return nil
}

// resumes is the position after which a start would begin: a checkpoint, or where the emission's first batch has jumped to.
func (m *Mirror) resumes() txn.Position {
	p := m.state.resume()
	if p == 0 && m.journal != nil && len(m.journal.entries) > 0 && m.journal.entries[0].at.Position == 0 {
		return m.journal.entries[0].after.Position
	}
	return p
}

// produceTimeout bounds a batch: the broker is in this process.
const produceTimeout = time.Minute

// produce makes a batch visible and takes its progress over.
func (m *Mirror) produce(ctx context.Context, batch []debezium.Record, p debezium.Progress) error {
	for i := range batch {
		if err := m.ensure(batch[i].Topic); err != nil {
			return err
		}
	}
	var records []*kgo.Record
	if len(batch) > 0 {
		// Half a batch cannot be taken back: one that has begun is finished, also when the emission is paused or given away meanwhile.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), produceTimeout)
		defer cancel()
		var err error
		if records, err = m.write(ctx, batch); err != nil {
			m.broken = fmt.Errorf("event mirror: %w: a batch may be published in part: %w", debezium.ErrBroken, err)
			return m.broken
		}
	}
	for _, r := range records {
		m.keep(r)
	}
	moved := p.Reset > m.state.progress.Reset
	p.Reset = max(p.Reset, m.state.progress.Reset)
	m.state.progress, m.state.kept = p, m.number
	if err := m.state.checkpoint(m.options.Meta, stateKey(m.name), moved); err != nil {
		return fmt.Errorf("checkpoint of the event mirror: %w", err)
	}
	m.resume.Store(uint64(m.resumes()))
	if err := m.forgetKept(); err != nil {
		return err
	}
	return m.trim()
}
