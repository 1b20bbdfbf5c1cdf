package kafka

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"marmot/log"
	"marmot/txn"
)

// Keys of the members topic.
const (
	memberKey  = "member/" // followed by the node id; the value is a word
	genesisKey = "genesis" // the value is record 0 of the order stream
)

// word is the bytes of a member, JSON.
type word struct {
	Node         txn.NodeID   `json:"node"`
	DataUUID     string       `json:"data_uuid"`
	Epoch        txn.Epoch    `json:"epoch"`
	Version      string       `json:"version"`
	Rules        uint32       `json:"rules"`
	MySQLAddress string       `json:"mysql"`
	AdminAddress string       `json:"admin"`
	Applied      txn.Position `json:"applied"`
	Acknowledged txn.Position `json:"acknowledged"`
	UpdatedUS    int64        `json:"updated_us"`
	Left         bool         `json:"left,omitempty"`
	Emitters     string       `json:"emitters,omitempty"`
}

// members is what has been read of the members topic.
type members struct {
	mu      sync.Mutex
	next    int64
	words   map[txn.NodeID]log.Member
	genesis *log.Entry
}

// Announce implements log.Members.
func (l *Log) Announce(ctx context.Context, m log.Member) error {
	value, err := encodeWord(m)
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	if err := l.putMember(ctx, memberKey+string(m.Node), value); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}

// List implements log.Members.
func (l *Log) List(ctx context.Context) ([]log.Member, error) {
	l.members.mu.Lock()
	defer l.members.mu.Unlock()
	if err := l.readMembers(ctx); err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	list := make([]log.Member, 0, len(l.members.words))
	for _, m := range l.members.words {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b log.Member) int { return cmp.Compare(a.Node, b.Node) })
	return list, nil
}

func (l *Log) putMember(ctx context.Context, key string, value []byte) error {
	answers := make(chan error, 1)
	record := &kgo.Record{Topic: l.options.membersTopic(), Key: []byte(key), Value: value}
	l.produce(ctx, record, func(_ int64, err error) { answers <- err })
	return <-answers
}

// readMembers reads the topic up to its end. It is compacted, so offsets may be missing.
func (l *Log) readMembers(ctx context.Context) error {
	topic := l.options.membersTopic()
	end, err := offsetOf(ctx, l.admin.ListEndOffsets, topic, 0)
	if err != nil {
		return err
	}
	if l.members.words == nil {
		l.members.words = map[txn.NodeID]log.Member{}
	}
	for l.members.next < end {
		records, err := l.fetch(ctx, fetch{topic: topic, offset: l.members.next, maxBytes: maxFetchBytes})
		if err != nil {
			return err
		}
		if len(records) == 0 {
			// What is left below the end has been compacted away.
			l.members.next = end
			return nil
		}
		for _, r := range records {
			l.takeMember(r)
			l.members.next = r.Offset + 1
		}
	}
	return nil
}

// takeMember takes one record; one that cannot be read is another release's and is passed over, for members are advice.
func (l *Log) takeMember(r *kgo.Record) {
	key := string(r.Key)
	if key == genesisKey {
		l.members.genesis = &log.Entry{Value: r.Value, TimeUS: r.Timestamp.UnixMicro()}
		return
	}
	node, isMember := strings.CutPrefix(key, memberKey)
	if !isMember {
		return
	}
	if r.Value == nil {
		delete(l.members.words, txn.NodeID(node))
		return
	}
	m, err := decodeWord(txn.NodeID(node), r.Value)
	if err != nil {
		l.logger.Warn("a member's word cannot be read", "member", node, "error", err)
		return
	}
	l.members.words[m.Node] = m
}

func encodeWord(m log.Member) ([]byte, error) {
	return json.Marshal(word{
		Node: m.Node, DataUUID: m.DataUUID.String(), Epoch: m.Epoch, Version: m.Version, Rules: m.Rules, MySQLAddress: m.MySQLAddress,
		AdminAddress: m.AdminAddress, Applied: m.Applied, Acknowledged: m.Acknowledged, UpdatedUS: m.UpdatedUS, Left: m.Left,
		Emitters: m.Emitters,
	})
}

// decodeWord reads what encodeWord has written, and what a newer release has added to it is passed over.
func decodeWord(node txn.NodeID, b []byte) (log.Member, error) {
	var w word
	if err := json.Unmarshal(b, &w); err != nil {
		return log.Member{}, err
	}
	uuid, err := txn.ParseUUID(w.DataUUID)
	return log.Member{
		Node: node, DataUUID: uuid, Epoch: w.Epoch, Version: w.Version, Rules: w.Rules, MySQLAddress: w.MySQLAddress,
		AdminAddress: w.AdminAddress, Applied: w.Applied, Acknowledged: w.Acknowledged, UpdatedUS: w.UpdatedUS, Left: w.Left,
		Emitters: w.Emitters,
	}, err
}

// keepGenesis copies record 0 of the order stream to the members topic before it is trimmed.
func (l *Log) keepGenesis(ctx context.Context, start int64) error {
	if start > 0 {
		return nil // it was kept at the first trim
	}
	entries, err := l.Read(ctx, log.Order, 0, 1)
	if err != nil {
		return err
	}
	return l.putMember(ctx, genesisKey, entries[0].Value)
}

// readGenesis returns the copy.
func (l *Log) readGenesis(ctx context.Context, trimmed error) ([]log.Entry, error) {
	l.members.mu.Lock()
	defer l.members.mu.Unlock()
	if err := l.readMembers(ctx); err != nil {
		return nil, err
	}
	if l.members.genesis == nil {
		return nil, errors.Join(trimmed, fmt.Errorf("topic %s holds no copy of record 0 either", l.options.membersTopic()))
	}
	return []log.Entry{*l.members.genesis}, nil
}
