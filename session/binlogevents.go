package session

import (
	"errors"

	"marmot/binlog"
	"marmot/dialect"
	"marmot/mysqlerr"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// errEnough ends a listing that has all that it was asked for.
var errEnough = errors.New("that is enough")

// BinlogEvents lists the events of a file, from an offset on: of the first file if there is no name.
func (i serverInfo) BinlogEvents(file string, from uint64, each func(dialect.BinlogEvent) (more bool, err error)) error {
	s := i.session
	source := s.engine.options.Binlog
	if source == nil || s.run == nil {
		return nil
	}
	ctx := s.run.ctx
	first, err := source.First(ctx)
	if err != nil {
		return err
	}
	last := s.engine.options.Store.PublishedAll()
	if file == "" {
		file = txn.PlaceOf(max(first, 1)).Name()
	}
	number, ok := txn.ParseBinlogFile(file)
	place := txn.BinlogPlace{File: number, Offset: max(from, binlog.FirstOffset)}
	if !ok || place.Last() < first || place.First() > max(last, 1) {
		return mysqlerr.Newf(mysql.ER_ERROR_WHEN_EXECUTING_COMMAND, "Error when executing command SHOW BINLOG EVENTS: Could not find target log")
	}
	place.Offset -= place.Offset % txn.BinlogSlot // the events of a transaction are numbered from its first
	if p, _ := place.Position(); p > min(last, place.Last()) && from >= txn.BinlogSlot {
		return nil
	}
	place.Offset = max(place.Offset, binlog.FirstOffset)
	if p, _ := place.Position(); p < first {
		place.Offset = binlog.FirstOffset
	}
	out := &eventLister{from: from, each: each}
	d := s.newDump(BinlogRequest{File: file, Offset: place.Offset, NonBlocking: true}, out)
	d.listed = true
	if err := d.open(ctx); err != nil {
		return err
	}
	out.writer = &d.encoder.Writer
	if err := out.describe(); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	if err := d.run(ctx, source.Follow(ctx, d.next-1)); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return nil
}

// eventLister is a BinlogWriter that tells of events.
type eventLister struct {
	writer *binlog.Writer // set once the first events are there
	first  [][]byte       // those that came before
	from   uint64
	each   func(dialect.BinlogEvent) (more bool, err error)
	file   string
	at     uint64 // where the next event begins
	done   bool
}

// describe tells of the events that came before the lister could read them.
func (l *eventLister) describe() error {
	for _, event := range l.first {
		if err := l.Send(event); err != nil {
			return err
		}
	}
	l.first = nil
	return nil
}

// Send implements BinlogWriter.
func (l *eventLister) Send(event []byte) error {
	if l.done {
		return errEnough
	}
	if l.writer == nil {
		l.first = append(l.first, event)
		return nil
	}
	d, err := l.writer.Describe(event)
	if err != nil {
		return err
	}
	if d.Leads {
		l.file, l.at = d.File, d.Offset
		return nil
	}
	if d.End == 0 { // a format description within a file, for those that begin there
		return nil
	}
	at := max(l.at, d.Begins)
	l.at = d.End
	if at < l.from {
		return nil
	}
	more, err := l.each(dialect.BinlogEvent{File: l.file, At: at, Type: d.Type, ServerID: d.ServerID, End: d.End, Info: d.Info})
	if err != nil {
		return err
	}
	if l.done = !more || d.Type == "Rotate"; l.done {
		return errEnough
	}
	return nil
}

// Flush implements BinlogWriter.
func (l *eventLister) Flush() error { return nil }
