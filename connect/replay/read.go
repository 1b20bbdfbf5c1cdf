package replay

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"marmot/connect/sink/file"
)

// event is what replay needs of a record's value.
type event struct {
	topic     string
	partition int32
	offset    int64

	Op     string                     `json:"op"`
	Before map[string]json.RawMessage `json:"before"`
	After  map[string]json.RawMessage `json:"after"`
	Source struct {
		Database string  `json:"db"`
		Table    *string `json:"table"`
		Position uint64  `json:"pos"`
	} `json:"source"`
	Transaction *struct {
		Order uint64 `json:"total_order"`
	} `json:"transaction"`
	DDL     *string  `json:"ddl"`
	Changes []change `json:"tableChanges"`
}

// change is a table's new definition.
type change struct {
	Type  string `json:"type"` // CREATE, ALTER, DROP
	ID    string `json:"id"`   // "database"."table"
	Table *struct {
		Primary []string `json:"primaryKeyColumnNames"`
		Columns []column `json:"columns"`
	} `json:"table"`
}

// column is a column of a definition.
type column struct {
	Name     string  `json:"name"`
	Type     string  `json:"typeName"`
	Length   *int    `json:"length"`
	Scale    *int    `json:"scale"`
	Optional bool    `json:"optional"`
	Default  *string `json:"defaultValueExpression"`
}

// maxScale is the greatest scale of a DECIMAL in MySQL.
const maxScale = 30

// validate checks the numbers that values are written by.
func (c *change) validate() error {
	if c.Table == nil {
		return nil
	}
	for i := range c.Table.Columns {
		n := &c.Table.Columns[i]
		length, scale := 0, 0
		if n.Length != nil {
			length = *n.Length
		}
		if n.Scale != nil {
			scale = *n.Scale
		}
		if length < 0 || scale < 0 || scale > maxScale || n.temporalType() && length > 6 {
			return fmt.Errorf("table %s: column %s is a %s of length %d and scale %d", c.ID, n.Name, n.Type, length, scale)
		}
	}
	return nil
}

func (e *event) order() uint64 {
	if e.Transaction == nil {
		return 0
	}
	return e.Transaction.Order
}

// compare orders events as they happened: by position; a schema change before rows; by place
// in the transaction.
func compare(a, b *event) int {
	return cmp.Or(
		cmp.Compare(a.Source.Position, b.Source.Position),
		cmp.Compare(boolean(a.DDL == nil), boolean(b.DDL == nil)),
		cmp.Compare(a.order(), b.order()),
		cmp.Compare(a.topic, b.topic),
		cmp.Compare(a.partition, b.partition),
		cmp.Compare(a.offset, b.offset),
	)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// stream reads the files of one partition, in order.
type stream struct {
	paths []string
	file  *os.File
	in    *bufio.Reader
	head  *event
}

// next moves to the next event; head is nil at the end.
func (s *stream) next() error {
	s.head = nil
	for {
		if s.file == nil {
			if len(s.paths) == 0 {
				return nil
			}
			f, err := os.Open(s.paths[0])
			if err != nil {
				return err
			}
			s.file, s.in, s.paths = f, bufio.NewReaderSize(f, 1<<20), s.paths[1:]
		}
		line, err := s.in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) > 0 {
			return fmt.Errorf("%s is damaged: its last line is cut; restore the file", s.file.Name())
		}
		if errors.Is(err, io.EOF) {
			if err := s.file.Close(); err != nil {
				return err
			}
			s.file = nil
			continue
		}
		if err != nil {
			return err
		}
		e, err := parseEvent(line)
		if err != nil {
			return fmt.Errorf("%s: %w", s.file.Name(), err)
		}
		if e != nil {
			s.head = e
			return nil
		}
	}
}

// close gives the file up that is being read.
func (s *stream) close() {
	if s.file != nil {
		_ = s.file.Close() // nothing was written
	}
}

// parseEvent reads a line; nil of tombstones and what is no change.
func parseEvent(line []byte) (*event, error) {
	r, err := file.ParseLine(line)
	if err != nil {
		return nil, err
	}
	if r.Value == nil {
		return nil, nil
	}
	value := r.Value
	var wrapped struct {
		Schema  json.RawMessage `json:"schema"`
		Payload json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(value, &wrapped); err == nil && wrapped.Payload != nil && wrapped.Schema != nil {
		value = wrapped.Payload
	}
	e := &event{topic: r.Topic, partition: r.Partition, offset: r.Offset}
	if err := json.Unmarshal(value, e); err != nil {
		return nil, fmt.Errorf("offset %d: %w", r.Offset, err)
	}
	if e.Op == "" && e.DDL == nil {
		return nil, nil // BEGIN, END, heartbeat
	}
	for i := range e.Changes {
		if err := e.Changes[i].validate(); err != nil {
			return nil, fmt.Errorf("offset %d: %w", r.Offset, err)
		}
	}
	return e, nil
}

// openStreams finds the finished files below dir, a stream for each partition. The caller closes them, after an error too.
func openStreams(dir string) ([]*stream, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.jsonl"))
	if err != nil {
		return nil, err
	}
	// Names sort as offsets do, once partition and topic are the same.
	byPartition := map[string][]string{}
	for _, p := range paths {
		topic := filepath.Base(filepath.Dir(filepath.Dir(p)))
		partition, _, _ := strings.Cut(filepath.Base(p), "-")
		byPartition[topic+"/"+partition] = append(byPartition[topic+"/"+partition], p)
	}
	var list []*stream
	for _, paths := range byPartition {
		slices.SortFunc(paths, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
		s := &stream{paths: paths}
		list = append(list, s)
		if err := s.next(); err != nil {
			return list, err
		}
	}
	return list, nil
}

// merge hands over all events in the order in which they happened.
func merge(dir string, each func(*event) error) error {
	streams, err := openStreams(dir)
	defer func() {
		for _, s := range streams {
			s.close()
		}
	}()
	if err != nil {
		return err
	}
	for {
		var first *stream
		for _, s := range streams {
			if s.head != nil && (first == nil || compare(s.head, first.head) < 0) {
				first = s
			}
		}
		if first == nil {
			return nil
		}
		if err := each(first.head); err != nil {
			return fmt.Errorf("event %s/%d offset %d: %w", first.head.topic, first.head.partition, first.head.offset, err)
		}
		if err := first.next(); err != nil {
			return err
		}
	}
}
