package dialect

import (
	"marmot/mysqlerr"
	"marmot/txn"
)

// eventColumns are the columns of SHOW BINLOG EVENTS and of SHOW RELAYLOG EVENTS.
const eventColumns = "Log_name varchar(20)!, Pos bigint unsigned!, Event_type varchar(20)!, Server_id int unsigned!, End_log_pos bigint unsigned!, Info varchar(20)!"

// BinlogEvent is a row of SHOW BINLOG EVENTS.
type BinlogEvent struct {
	File     string
	At, End  uint64
	Type     string
	ServerID uint32
	Info     string
}

// eventRange is what IN, FROM and LIMIT say.
type eventRange struct {
	file     string
	named    bool
	from     uint64
	skip, to int // rows to leave out, and how many to give; 0: all
}

func (s *textReader) eventRange() (r eventRange) {
	if r.named = s.accept("IN"); r.named {
		r.file = s.str()
	}
	if s.accept("FROM") {
		r.from = s.number()
	}
	r.skip, r.to = s.limit()
	r.to = max(r.to, 0) // MySQL takes 0 for no limit
	return r
}

// planBinlogEvents plans SHOW BINLOG EVENTS behind these words.
func planBinlogEvents(s *textReader) (*Plan, error) {
	r := s.eventRange()
	return rowsPlan(eventColumns, func(e Environment, row func([]txn.Value) error) error {
		log, ok := server(e).(interface {
			BinlogEvents(file string, from uint64, each func(BinlogEvent) (more bool, err error)) error
		})
		if !ok {
			return nil
		}
		file := r.file
		if r.named && file == "" {
			file = " " // the name of no file
		}
		n := 0
		return log.BinlogEvents(file, r.from, func(b BinlogEvent) (bool, error) {
			if n++; n <= r.skip {
				return true, nil
			}
			err := row([]txn.Value{txn.TextString(b.File), txn.Int(int64(b.At)), txn.TextString(b.Type), txn.Int(int64(b.ServerID)), txn.Int(int64(b.End)), txn.TextString(b.Info)})
			return r.to == 0 || n < r.skip+r.to, err
		})
	}), s.finish()
}

// planRelaylogEvents plans SHOW RELAYLOG EVENTS behind these words: there is no relay log, and no channel but the one without a name.
func planRelaylogEvents(s *textReader) (*Plan, error) {
	s.eventRange()
	channel := ""
	if s.accept("FOR", "CHANNEL") {
		channel = s.word()
	}
	if err := s.finish(); err != nil || channel == "" {
		return nothing(eventColumns), err
	}
	return rowsPlan(eventColumns, func(Environment, func([]txn.Value) error) error {
		return mysqlerr.Newf(errNoChannel, "Replica channel '%s' does not exist.", channel)
	}), nil
}
