package node

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"marmot/log"
	"marmot/txn"
)

const (
	// announceInterval is how often a node says that it lives.
	announceInterval = time.Second
	// silence is after how long without a word a node is taken for gone.
	silence = 3 * time.Second
)

// members says what this node is and hears what others are. It is advice: nothing that two
// nodes must decide alike rests on it.
type members struct {
	topic  log.Members // nil: this node is alone
	self   func() log.Member
	logger *slog.Logger

	mu    sync.Mutex
	since time.Time // since when this node has listened without a gap; zero before
	last  time.Time // when it listened last
	list  []log.Member
	heard map[txn.NodeID]heard
}

// heard is when a member's last word came, by this node's own clock: clocks of nodes differ.
type heard struct {
	word log.Member
	at   time.Time
}

func newMembers(topic log.Members, self func() log.Member, logger *slog.Logger) *members {
	return &members{topic: topic, self: self, logger: logger, heard: map[txn.NodeID]heard{}}
}

// run announces and listens until ctx ends; then it says good-bye.
func (m *members) run(ctx context.Context) error {
	if m.topic == nil {
		<-ctx.Done()
		return nil
	}
	ticker := time.NewTicker(announceInterval)
	defer ticker.Stop()
	for {
		if err := m.round(ctx); err != nil && ctx.Err() == nil {
			m.logger.Debug("members", "error", err)
		}
		select {
		case <-ctx.Done():
			return m.leave()
		case <-ticker.C:
		}
	}
}

func (m *members) round(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	if err := m.topic.Announce(bounded, m.self()); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	list, err := m.topic.List(bounded)
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	m.hear(list, time.Now())
	return nil
}

func (m *members) hear(list []log.Member, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.list = list
	if m.since.IsZero() || now.Sub(m.last) >= silence {
		m.since = now
	}
	m.last = now
	for _, word := range list {
		if last, ok := m.heard[word.Node]; !ok || last.word != word {
			m.heard[word.Node] = heard{word, now}
		}
	}
}

// leave says good-bye, so that others need not wait for silence.
func (m *members) leave() error {
	ctx, cancel := context.WithTimeout(context.Background(), silence)
	defer cancel()
	self := m.self()
	self.Left = true
	if err := m.topic.Announce(ctx, self); err != nil {
		m.logger.Debug("members: good-bye", "error", err)
	}
	return nil
}

// refuseTwin refuses to start while a live member has this node's id and another data directory.
func (m *members) refuseTwin(ctx context.Context, node txn.NodeID, data txn.UUID) error {
	if m.topic == nil {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, 2*silence)
	defer cancel()
	before, err := m.topic.List(bounded)
	if err != nil {
		return fmt.Errorf("members: %w", err)
	}
	twin := find(before, node)
	if twin == nil || twin.DataUUID == data || twin.Left {
		return nil
	}
	for {
		select {
		case <-bounded.Done():
			return nil // it has been silent: it is gone
		case <-time.After(announceInterval / 2):
		}
		now, err := m.topic.List(bounded)
		if err != nil {
			return nil // time is up; the ledger fences whoever came before
		}
		if word := find(now, node); word != nil && word.UpdatedUS != twin.UpdatedUS && word.DataUUID != data {
			return fmt.Errorf("node.id = %q is in use by a live member at %s with data directory %s: give this node another node.id", node, word.MySQLAddress, word.DataUUID)
		}
	}
}

func find(list []log.Member, node txn.NodeID) *log.Member {
	i := slices.IndexFunc(list, func(m log.Member) bool { return m.Node == node })
	if i < 0 {
		return nil
	}
	return &list[i]
}

// status lists the members for people.
func (m *members) status(end txn.Position, registered []txn.NodeID) []MemberStatus {
	self := m.self()
	m.mu.Lock()
	defer m.mu.Unlock()
	list := []MemberStatus{memberStatus(self, 0, end, registered)}
	for _, word := range m.list {
		if word.Node != self.Node && !word.Left {
			list = append(list, memberStatus(word, time.Since(m.heard[word.Node].at), end, registered))
		}
	}
	slices.SortFunc(list, func(a, b MemberStatus) int { return strings.Compare(a.Node, b.Node) })
	return list
}

func memberStatus(m log.Member, silent time.Duration, end txn.Position, registered []txn.NodeID) MemberStatus {
	lag := uint64(0)
	if end > m.Applied {
		lag = uint64(end - m.Applied)
	}
	return MemberStatus{
		Node: string(m.Node), Epoch: uint64(m.Epoch), Version: m.Version, MySQL: m.MySQLAddress, Admin: m.AdminAddress,
		Applied: uint64(m.Applied), Lag: lag, SilentMS: silent.Milliseconds(), Registered: slices.Contains(registered, m.Node),
	}
}

// alive reports whether a run of a node has been heard of lately. Whoever has not listened for
// long enough, or was cut off, takes the others for alive; a node that has the log for itself knows that there are none.
func (m *members) alive(node txn.NodeID, epoch txn.Epoch) bool {
	if m.topic == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := m.heard[node]
	if ok && h.word.Left && h.word.Epoch == epoch {
		return false
	}
	if m.since.IsZero() || time.Since(m.since) < silence || time.Since(m.last) >= silence {
		return true
	}
	return ok && h.word.Epoch == epoch && time.Since(h.at) < silence
}

// mostAdvanced reports whether no live member has applied more than this node; of equals the
// one with the least id is.
func (m *members) mostAdvanced() bool {
	self := m.self()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range m.heard {
		w := h.word
		if w.Node == self.Node || w.Left || time.Since(h.at) >= silence {
			continue
		}
		if w.Applied > self.Applied || w.Applied == self.Applied && w.Node < self.Node {
			return false
		}
	}
	return true
}

// acknowledged returns the least position that the other members have on disk: those that were heard of, by their own clocks,
// within the retention, be they running or not. Not known: this node has not heard the members lately.
func (m *members) acknowledged(now time.Time, retention time.Duration) (p txn.Position, known bool) {
	p = math.MaxInt64
	if m.topic == nil {
		return p, true
	}
	self := m.self().Node
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.since.IsZero() || time.Since(m.last) >= silence {
		return 0, false
	}
	for _, word := range m.list {
		if word.Node != self && now.Sub(time.UnixMicro(word.UpdatedUS)) < retention {
			p = min(p, word.Acknowledged)
		}
	}
	return p, true
}
