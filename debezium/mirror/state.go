package mirror

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
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

// checkpoint is a place in the log where the mirror may begin again.
type checkpoint struct {
	Position uint64             `json:"position"`
	Bytes    int64              `json:"bytes"` // published up to here, ever
	Ends     map[string][]int64 `json:"ends"`  // of each topic's partitions
}

// state is what is known of the topics.
type state struct {
	Format      int          `json:"format"`
	Partitions  int32        `json:"partitions"`
	Checkpoints []checkpoint `json:"checkpoints"` // oldest first

	retention int64
	first     txn.Position // that the log has
	progress  debezium.Progress
	bytes     int64 // published up to progress, ever
	ends      map[string][]int64
}

// loadState reads the checkpoints and chooses the newest that has at least the retention's
// worth of records behind it.
func loadState(meta Meta, partitions int32, retention int64, first txn.Position) (*state, error) {
	s := &state{Format: 1, Partitions: partitions}
	value, ok, err := meta.Meta(checkpointsKey)
	if err != nil {
		return nil, fmt.Errorf("checkpoints of the event mirror: %w", err)
	}
	if ok {
		if err := json.Unmarshal(value, s); err != nil {
			return nil, fmt.Errorf("checkpoints of the event mirror: %w: %w", err, txn.ErrCorrupt)
		}
		if s.Format != 1 {
			return nil, fmt.Errorf("checkpoints of the event mirror have format %d: %w", s.Format, txn.ErrFuture)
		}
	}
	s.retention, s.first = retention, first
	s.ends = map[string][]int64{}
	if i := s.start(); i >= 0 {
		s.begin(i)
	}
	return s, nil
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
	s.progress = debezium.Progress{Position: txn.Position(c.Position)}
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

// checkpoint stores one more when enough has been published since the last.
func (s *state) checkpoint(meta Meta) error {
	if s.progress.Events != 0 {
		return nil // in the midst of a transaction
	}
	if n := len(s.Checkpoints); n > 0 && s.bytes-s.Checkpoints[n-1].Bytes < s.retention/checkpointsKept {
		return nil
	}
	ends := make(map[string][]int64, len(s.ends))
	for topic, e := range s.ends {
		ends[topic] = slices.Clone(e)
	}
	s.Checkpoints = append(s.Checkpoints, checkpoint{uint64(s.progress.Position), s.bytes, ends})
	if extra := len(s.Checkpoints) - 2*checkpointsKept; extra > 0 {
		s.Checkpoints = s.Checkpoints[extra:]
	}
	value, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return meta.SetMeta(checkpointsKey, value)
}

// emptyBatch is a record batch whose header counts n records and whose body has none.
func emptyBatch(n int32) []byte {
	batch := kmsg.RecordBatch{
		PartitionLeaderEpoch: -1, Magic: 2, LastOffsetDelta: n - 1,
		ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: n,
	}
	raw := batch.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[8:], uint32(len(raw)-12))
	crc := crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli))
	binary.BigEndian.PutUint32(raw[17:], crc)
	return raw
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
		if err := json.Unmarshal(value, &g.offsets); err != nil {
			return nil, fmt.Errorf("offsets of consumer groups: %w: %w", err, txn.ErrCorrupt)
		}
	}
	return g, nil
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
	value, err := json.Marshal(g.offsets)
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
