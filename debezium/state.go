package debezium

import (
	"encoding/json"
	"fmt"
	"maps"

	"marmot/txn"
)

// stateFormat is the format of Progress.State that is written, and the newest that is read.
const stateFormat = 1

// maxKnown bounds the tables of blocking snapshots that are remembered as read by one.
const maxKnown = 1000

// emissionState is Progress.State: what an emission has to remember beside its position.
type emissionState struct {
	Format int `json:"format"`
	// Begun: what snapshot.mode asks for has been begun, or nothing was to be done.
	Begun bool `json:"begun,omitempty"`
	// Silent: nothing is streamed any more (initial_only).
	Silent bool `json:"silent,omitempty"`
	// Since is the position of the initial snapshot, Known are the tables that a blocking one has shown since, with their versions.
	Since       txn.Position                 `json:"since,omitempty"`
	Known       map[txn.TableID]txn.Position `json:"known,omitempty"`
	Scan        *scan                        `json:"scan,omitempty"`
	Waiting     []request                    `json:"waiting,omitempty"` // blocking snapshots to come
	Incremental *incremental                 `json:"incremental,omitempty"`
	// Pending are signals that are to be heeded: everything up to the progress is published, theirs is not done.
	Pending []Signal `json:"pending,omitempty"`
	// Offsets are the next offsets of the topic of signals.
	Offsets map[int32]int64 `json:"offsets,omitempty"`
}

// wantedTable is a table of a snapshot that was asked for.
type wantedTable struct {
	Name      string `json:"name"` // database.table
	Filter    string `json:"filter,omitempty"`
	Surrogate string `json:"surrogate,omitempty"`
	Select    string `json:"select,omitempty"` // a statement whose rows are read, in place of all
}

// request is a blocking snapshot that waits.
type request struct {
	ID     string        `json:"id"`
	Tables []wantedTable `json:"tables"`
	Thread int64         `json:"thread,omitempty"` // Signal.Thread
}

// scan is an initial or blocking snapshot under way.
type scan struct {
	Blocking bool          `json:"blocking,omitempty"`
	Thread   int64         `json:"thread,omitempty"` // Signal.Thread of a blocking one
	Only     bool          `json:"only,omitempty"`   // nothing is streamed meanwhile, nor afterwards
	Schema   int           `json:"schema,omitempty"` // schema changes that are out, -1: all
	Tables   []wantedTable `json:"tables,omitempty"` // whose rows are read, in order
	Table    int           `json:"table,omitempty"`  // the one that is being read
	Started  bool          `json:"started,omitempty"`
	After    []cell        `json:"after,omitempty"` // place of its last row that is out
	Rows     int64         `json:"rows,omitempty"`  // of it that are out
}

// incremental is an incremental snapshot under way.
type incremental struct {
	ID     string        `json:"id"`
	Tables []wantedTable `json:"tables"` // to come, the present one first
	After  []cell        `json:"after,omitempty"`
	Read   bool          `json:"read,omitempty"` // the greatest key of the present table is known
	Max    string        `json:"max,omitempty"`
	Upto   []cell        `json:"upto,omitempty"` // place of that key; nothing behind it is read
	Rows   int64         `json:"rows,omitempty"`
	Paused bool          `json:"paused,omitempty"`
	// Stop are tables that are to be left out, at the end of the present window; StopAll ends all of it.
	Stop    []string `json:"stop,omitempty"`
	StopAll bool     `json:"stop_all,omitempty"`
}

// cell is a stored value as JSON.
type cell struct {
	Kind txn.Kind `json:"k"`
	Int  int64    `json:"i,omitempty"`
	Real float64  `json:"r,omitempty"`
	Data []byte   `json:"d,omitempty"`
}

func cellsOf(values []txn.Value) []cell {
	if values == nil {
		return nil
	}
	cells := make([]cell, len(values))
	for i, v := range values {
		cells[i] = cell{Kind: v.Kind(), Data: v.Bytes()}
		switch v.Kind() {
		case txn.KindInteger:
			cells[i].Int = v.Int64()
		case txn.KindReal:
			cells[i].Real = v.Float64()
		}
	}
	return cells
}

func valuesOf(cells []cell) []txn.Value {
	if cells == nil {
		return nil
	}
	values := make([]txn.Value, len(cells))
	for i, c := range cells {
		switch c.Kind {
		case txn.KindInteger:
			values[i] = txn.Int(c.Int)
		case txn.KindReal:
			values[i] = txn.Real(c.Real)
		case txn.KindText:
			values[i] = txn.Text(c.Data)
		case txn.KindBlob:
			values[i] = txn.Blob(c.Data)
		}
	}
	return values
}

// StreamingState is the state of an emission that streams from the beginning of the log, as releases did that had no state.
const StreamingState = `{"format":1,"begun":true}`

// decodeState reads Progress.State. Empty text is the state of a new emission.
func decodeState(text string) (emissionState, error) {
	s := emissionState{Format: stateFormat}
	if text == "" {
		return s, nil
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("state of the emission: %w: %w", err, txn.ErrCorrupt)
	}
	switch {
	case s.Format > stateFormat:
		return s, fmt.Errorf("state of the emission has format %d, this release reads up to %d; start the release that wrote it, or a later one: %w", s.Format, stateFormat, txn.ErrFuture)
	case s.Format < 1:
		return s, fmt.Errorf("state of the emission has format %d: %w", s.Format, txn.ErrCorrupt)
	}
	if s.Scan != nil && (s.Scan.Table < 0 || s.Scan.Table > len(s.Scan.Tables)) {
		return s, fmt.Errorf("state of the emission is at table %d of %d: %w", s.Scan.Table, len(s.Scan.Tables), txn.ErrCorrupt)
	}
	return s, nil
}

// encode writes the state. One that is too long is an error: a snapshot of that many tables has to be parted.
func (s *emissionState) encode() (string, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("state of the emission: %w", err)
	}
	if len(b) > MaxState {
		return "", fmt.Errorf("state of the emission has %d bytes, more than %d: take fewer tables into one snapshot", len(b), MaxState)
	}
	return string(b), nil
}

// know remembers that a blocking snapshot has shown a table.
func (s *emissionState) know(id txn.TableID, version txn.Position) {
	known := maps.Clone(s.Known)
	if known == nil || len(known) >= maxKnown {
		known = map[txn.TableID]txn.Position{}
	}
	known[id] = version
	s.Known = known
}

// knownTables is what an encoder is told.
func (s *emissionState) knownTables() shown { return shown{since: s.Since, tables: s.Known} }
