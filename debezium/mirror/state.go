package mirror

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"marmot/debezium"
	"marmot/txn"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Keys of the values that the mirror keeps in Meta.
const (
	checkpointsKey = "mirror.checkpoints"
	groupsKey      = "mirror.groups"
)

// stateKey is the key of an emission's checkpoints.
func stateKey(emission string) string {
	if emission == MainEmission {
		return checkpointsKey
	}
	return checkpointsKey + "." + emission
}

// Formats that are written, and the newest that are read. Format 1 of the groups was their offsets alone. Checkpoints that
// know of no reset are written as format 1, which had none, and those without a state as format 2.
const (
	checkpointsFormat = 3
	groupsFormat      = 2
)

// checkpoint is a place in the log where the mirror may begin again.
type checkpoint struct {
	Position uint64             `json:"position"`
	Bytes    int64              `json:"bytes"` // published up to here, ever
	Ends     map[string][]int64 `json:"ends"`  // of each topic's partitions
	// Reset is the newest reset of the emission that was carried out before, 0 without one. What was published before it is no
	// function of the log from the beginning on.
	Reset uint64 `json:"reset,omitempty"`
	// State is the emission's, and Kept the number of the last batch of the journal that was published before.
	State string `json:"state,omitempty"`
	Kept  uint64 `json:"kept,omitempty"`
	Row   int64  `json:"row,omitempty"` // Progress.Row
}

// state is what is known of the topics.
type state struct {
	Format      int          `json:"format"`
	Partitions  int32        `json:"partitions"`
	Checkpoints []checkpoint `json:"checkpoints"` // oldest first

	retention int64
	first     txn.Position // that the log has
	progress  debezium.Progress
	bytes     int64  // published up to progress, ever
	kept      uint64 // number of the last batch of the journal that is published
	ends      map[string][]int64
}

// loadState reads the checkpoints and chooses the newest that has at least the retention's
// worth of records behind it.
func loadState(meta Meta, key string, partitions int32, retention int64, first txn.Position) (*state, error) {
	s := &state{Partitions: partitions}
	value, ok, err := meta.Meta(key)
	if err != nil {
		return nil, fmt.Errorf("checkpoints of the event mirror: %w", err)
	}
	if ok {
		if err := s.decode(value); err != nil {
			return nil, fmt.Errorf("checkpoints of the event mirror: %w", err)
		}
	}
	s.retention, s.first = retention, first
	s.ends = map[string][]int64{}
	if i := s.start(); i >= 0 {
		s.begin(i)
	}
	return s, nil
}

// decode reads what checkpoint has stored.
func (s *state) decode(b []byte) error {
	if err := checkFormat(b, 1, checkpointsFormat); err != nil {
		return err
	}
	if err := json.Unmarshal(b, s); err != nil {
		return fmt.Errorf("%w: %w", err, txn.ErrCorrupt)
	}
	for _, c := range s.Checkpoints {
		for topic, ends := range c.Ends {
			if len(ends) != int(s.Partitions) || slices.Min(ends) < 0 {
				return fmt.Errorf("topic %q ends at %d, and there are %d partitions: %w", topic, ends, s.Partitions, txn.ErrCorrupt)
			}
		}
	}
	if s.Partitions < 1 {
		return fmt.Errorf("%d partitions: %w", s.Partitions, txn.ErrCorrupt)
	}
	return nil
}

// checkFormat checks the number in a stored value.
func checkFormat(b []byte, oldest, newest int) error {
	var stored struct {
		Format int `json:"format"`
	}
	switch err := json.Unmarshal(b, &stored); {
	case err != nil:
		return fmt.Errorf("%w: %w", err, txn.ErrCorrupt)
	case stored.Format > newest:
		return fmt.Errorf("format %d, this release reads up to %d; start the release that wrote it, or a later one: %w", stored.Format, newest, txn.ErrFuture)
	case stored.Format < oldest:
		return fmt.Errorf("format %d: %w", stored.Format, txn.ErrCorrupt)
	}
	return nil
}

// start returns the newest checkpoint with the retention's worth of records behind it, or -1; a later one if the
// log does not go back so far, for only from a checkpoint on are offsets known.
func (s *state) start() int {
	last := len(s.Checkpoints) - 1
	i := last
	for i >= 0 && s.Checkpoints[i].Bytes > s.Checkpoints[last].Bytes-s.retention {
		i--
	}
	for i < last && s.from(i)+1 < s.first {
		i++
	}
	if i < 0 && last >= 0 && s.Checkpoints[0].Reset != 0 {
		return 0
	}
	return i
}

// from returns the position of a checkpoint, 0 of -1.
func (s *state) from(i int) txn.Position {
	if i < 0 {
		return 0
	}
	return txn.Position(s.Checkpoints[i].Position)
}

// resume returns the position of the checkpoint that a start would begin at, or 0.
func (s *state) resume() txn.Position { return s.from(s.start()) }

// begin makes checkpoint i the start and forgets those around it: later ones come again.
func (s *state) begin(i int) {
	c := s.Checkpoints[i]
	s.progress = debezium.Progress{Position: txn.Position(c.Position), Reset: txn.Position(c.Reset), State: c.State, Row: c.Row}
	s.kept = c.Kept
	s.bytes = c.Bytes
	for topic, ends := range c.Ends {
		s.ends[topic] = slices.Clone(ends)
	}
}

func (s *state) topics() []string { return slices.Sorted(maps.Keys(s.ends)) }

func (s *state) has(topic string) bool { return s.ends[topic] != nil }

func (s *state) add(topic string) { s.ends[topic] = make([]int64, s.Partitions) }

func (s *state) advance(topic string, partition int32, end, bytes int64) {
	s.ends[topic][partition] = end
	s.bytes += bytes
}

// checkpointsKept is how finely the retention is cut into checkpoints.
const checkpointsKept = 8

// checkpoint stores one more when enough has been published since the last. After a reset it is the first: what was published
// before has offsets that the log does not tell.
func (s *state) checkpoint(meta Meta, key string, reset bool) error {
	if reset {
		s.Checkpoints = nil
	} else if s.progress.Events != 0 {
		return nil // in the midst of a transaction
	}
	if n := len(s.Checkpoints); n > 0 && s.bytes-s.Checkpoints[n-1].Bytes < s.retention/checkpointsKept {
		return nil
	}
	ends := make(map[string][]int64, len(s.ends))
	for topic, e := range s.ends {
		ends[topic] = slices.Clone(e)
	}
	s.Checkpoints = append(s.Checkpoints, checkpoint{uint64(s.progress.Position), s.bytes, ends, uint64(s.progress.Reset), s.progress.State, s.kept, s.progress.Row})
	if extra := len(s.Checkpoints) - 2*checkpointsKept; extra > 0 {
		s.Checkpoints = s.Checkpoints[extra:]
	}
	s.Format = 1
	for _, c := range s.Checkpoints {
		switch {
		case c.State != "" || c.Kept != 0:
			s.Format = checkpointsFormat
		case c.Reset != 0:
			s.Format = max(s.Format, 2)
		}
	}
	value, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return meta.SetMeta(key, value)
}

// maxGroupOffsets bounds the stored offsets of all groups.
const maxGroupOffsets = 100_000

func loadGroups(meta Meta) (*groups, error) {
	g := &groups{meta: meta, offsets: map[string]map[string]map[int32]committed{}}
	value, ok, err := meta.Meta(groupsKey)
	if err != nil {
		return nil, fmt.Errorf("offsets of consumer groups: %w", err)
	}
	if ok {
		if err := g.decode(value); err != nil {
			return nil, fmt.Errorf("offsets of consumer groups: %w", err)
		}
	}
	return g, nil
}

// storedGroups is what is stored of the groups: group, topic, partition.
type storedGroups struct {
	Format int                                       `json:"format"`
	Groups map[string]map[string]map[int32]committed `json:"groups"`
}

func (g *groups) encode() ([]byte, error) { return json.Marshal(storedGroups{groupsFormat, g.offsets}) }

func (g *groups) decode(b []byte) error {
	// In format 1 every value is an object, a group that is called "format" too.
	first := map[string]map[string]map[int32]committed{}
	if err := json.Unmarshal(b, &first); err == nil {
		g.offsets = first
	} else {
		if err := checkFormat(b, groupsFormat, groupsFormat); err != nil {
			return err
		}
		var s storedGroups
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("%w: %w", err, txn.ErrCorrupt)
		}
		g.offsets = s.Groups
	}
	if g.offsets == nil { // of null
		g.offsets = map[string]map[string]map[int32]committed{}
	}
	return nil
}

// store keeps the offsets of a commit. Called by the broker, one request at a time.
func (g *groups) store(r *kmsg.OffsetCommitRequest) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := g.count() + g.unknown(r); n > maxGroupOffsets {
		return fmt.Errorf("consumer groups would have %d offsets, more than %d", n, maxGroupOffsets)
	}
	topics := g.offsets[r.Group]
	if topics == nil {
		topics = map[string]map[int32]committed{}
		g.offsets[r.Group] = topics
	}
	for _, t := range r.Topics {
		if topics[t.Topic] == nil {
			topics[t.Topic] = map[int32]committed{}
		}
		for _, p := range t.Partitions {
			c := committed{Offset: p.Offset}
			if p.Metadata != nil {
				c.Metadata = *p.Metadata
			}
			topics[t.Topic][p.Partition] = c
		}
	}
	value, err := g.encode()
	if err != nil {
		return err
	}
	return g.meta.SetMeta(groupsKey, value)
}

func (g *groups) count() int {
	n := 0
	for _, topics := range g.offsets {
		for _, partitions := range topics {
			n += len(partitions)
		}
	}
	return n
}

// unknown counts the offsets of a commit that replace none.
func (g *groups) unknown(r *kmsg.OffsetCommitRequest) int {
	n := 0
	for _, t := range r.Topics {
		known := g.offsets[r.Group][t.Topic]
		for _, p := range t.Partitions {
			if _, ok := known[p.Partition]; !ok {
				n++
			}
		}
	}
	return n
}
