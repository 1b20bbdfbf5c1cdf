package node

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"marmot/log"
	"marmot/log/memory"
	"marmot/txn"
)

// word is what a node says of itself.
func word(node txn.NodeID, epoch txn.Epoch, applied txn.Position, updated int64) log.Member {
	return log.Member{Node: node, DataUUID: txn.UUID{byte(len(node)), node[0]}, Epoch: epoch, Applied: applied, UpdatedUS: updated, MySQLAddress: string(node) + ":3306"}
}

func membersOf(topic log.Members, self log.Member) *members {
	return newMembers(topic, func() log.Member { return self }, slog.New(slog.DiscardHandler))
}

// listen hears the same words for a time, once each second.
func (m *members) listen(list []log.Member, d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(announceInterval) {
		m.hear(list, time.Now())
	}
	m.hear(list, time.Now())
}

// TestAliveIsWhoWasHeardOfLately: by this node's own clock, whatever others write as theirs.
func TestAliveIsWhoWasHeardOfLately(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := membersOf(away{}, word("a", 1, 10, 0))
		expect := func(what string, node txn.NodeID, epoch txn.Epoch, want bool) {
			t.Helper()
			if got := m.alive(node, epoch); got != want {
				t.Errorf("%s: %s in epoch %d is alive: %v", what, node, epoch, got)
			}
		}
		expect("nobody was listened for", "c", 9, true)
		m.listen([]log.Member{word("b", 2, 10, 1)}, silence-announceInterval)
		expect("not listened for long enough", "c", 9, true)
		m.listen([]log.Member{word("b", 2, 10, 2)}, 2*announceInterval)
		expect("it has spoken", "b", 2, true)
		expect("an earlier run", "b", 1, false)
		expect("never heard of", "c", 2, false)
		m.listen([]log.Member{word("b", 2, 10, 2)}, silence)
		expect("the same word again says nothing", "b", 2, false)
		m.hear([]log.Member{word("b", 2, 10, -7)}, time.Now())
		expect("a clock that goes backwards", "b", 2, true)
		left := word("b", 2, 10, 8)
		left.Left = true
		m.hear([]log.Member{left}, time.Now())
		expect("it said good-bye", "b", 2, false)

		m.listen([]log.Member{word("b", 3, 10, 9)}, announceInterval)
		time.Sleep(10 * silence)
		expect("this node was cut off", "b", 3, true)
		m.hear([]log.Member{word("b", 3, 10, 9)}, time.Now())
		expect("this node has just come back", "b", 3, true)
		m.listen([]log.Member{word("b", 3, 10, 9)}, silence)
		expect("it has listened again, and heard nothing new", "b", 3, false)
	})
}

func TestANodeThatHasTheLogForItselfKnowsNoOthers(t *testing.T) {
	m := membersOf(nil, word("renamed", 3, 10, 0))
	if m.alive("earlier-name", 2) || !m.mostAdvanced() {
		t.Error("another node is waited for, and there can be none")
	}
}

func TestMostAdvancedIsOneOfTheLiving(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			name   string
			others []log.Member
			want   bool
		}{
			{"alone", nil, true},
			{"its own old word", []log.Member{word("m", 1, 99, 1)}, true},
			{"behind another", []log.Member{word("z", 2, 11, 1)}, false},
			{"ahead of another", []log.Member{word("a", 2, 9, 1)}, true},
			{"equal, and later by name", []log.Member{word("a", 2, 10, 1)}, false},
			{"equal, and first by name", []log.Member{word("z", 2, 10, 1)}, true},
			{"behind one of two", []log.Member{word("a", 2, 9, 1), word("z", 3, 12, 1)}, false},
		} {
			m := membersOf(nil, word("m", 4, 10, 0))
			m.hear(tt.others, time.Now())
			if got := m.mostAdvanced(); got != tt.want {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
			time.Sleep(silence)
			if !m.mostAdvanced() {
				t.Errorf("%s: the silent count", tt.name)
			}
		}
		left := word("a", 2, 99, 1)
		left.Left = true
		m := membersOf(nil, word("m", 4, 10, 0))
		m.hear([]log.Member{left}, time.Now())
		if !m.mostAdvanced() {
			t.Error("who has left counts")
		}
	})
}

// TestANodeSaysThatItLivesAndSaysGoodBye on the log's topic of members.
func TestANodeSaysThatItLivesAndSaysGoodBye(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memory.New(memory.Options{Partitions: 1})
		defer l.Close()
		ctx, cancel := context.WithCancel(t.Context())
		var applied txn.Position
		a := newMembers(l.Client("a"), func() log.Member {
			applied++
			return word("a", 5, applied, int64(applied))
		}, slog.New(slog.DiscardHandler))
		b := membersOf(l.Client("b"), word("b", 6, 1, 1))
		ended := make(chan error, 2)
		go func() { ended <- a.run(ctx) }()
		go func() { ended <- b.run(t.Context()) }()
		for range 10 {
			time.Sleep(announceInterval)
			synctest.Wait()
			if !b.alive("a", 5) {
				t.Fatal("b does not hear a")
			}
		}
		status := b.status(100, []txn.NodeID{"a"})
		if len(status) != 2 || status[0].Node != "a" || !status[0].Registered || status[1].Registered || status[0].Lag != 100-status[0].Applied || status[0].MySQL != "a:3306" {
			t.Errorf("status %+v", status)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		time.Sleep(announceInterval)
		synctest.Wait()
		if b.alive("a", 5) {
			t.Error("b does not know that a has left")
		}
		if status := b.status(100, nil); len(status) != 1 {
			t.Errorf("who has left is listed: %+v", status)
		}
	})
}

func TestALogThatIsAwayEndsNoMember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memory.New(memory.Options{Partitions: 1})
		defer l.Close()
		ctx, cancel := context.WithCancel(t.Context())
		a := membersOf(away{}, word("a", 5, 1, 1))
		ended := make(chan error, 1)
		go func() { ended <- a.run(ctx) }()
		time.Sleep(10 * announceInterval)
		select {
		case err := <-ended:
			t.Fatalf("run ended: %v", err)
		default:
		}
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	})
}

// away is a topic that cannot be reached.
type away struct{}

// Announce implements log.Members.
func (away) Announce(ctx context.Context, _ log.Member) error { return log.ErrUnreachable }

// List implements log.Members.
func (away) List(ctx context.Context) ([]log.Member, error) { return nil, log.ErrUnreachable }

// TestATwinIsRefusedWhileItLives: a node id in use elsewhere, as by a copied configuration.
func TestATwinIsRefusedWhileItLives(t *testing.T) {
	twin := word("a", 5, 1, 1)
	left := twin
	left.Left = true
	for _, tt := range []struct {
		name    string
		there   *log.Member
		talks   bool
		data    txn.UUID
		refused bool
		within  time.Duration
	}{
		{"nobody", nil, false, txn.UUID{9}, false, 0},
		{"lives", &twin, true, txn.UUID{9}, true, 2 * announceInterval},
		{"has been silent", &twin, false, txn.UUID{9}, false, 2 * silence},
		{"has left", &left, false, txn.UUID{9}, false, 0},
		{"is this node's earlier run", &twin, true, twin.DataUUID, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := memory.New(memory.Options{Partitions: 1})
				defer l.Close()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.there != nil {
					if err := l.Announce(ctx, *tt.there); err != nil {
						t.Fatal(err)
					}
				}
				if tt.talks {
					go talk(ctx, t, l, *tt.there)
				}
				began := time.Now()
				err := membersOf(l.Client("new"), log.Member{}).refuseTwin(ctx, "a", tt.data)
				if took := time.Since(began); took > tt.within {
					t.Errorf("took %s, want at most %s", took, tt.within)
				}
				if (err != nil) != tt.refused {
					t.Fatalf("got %v", err)
				}
				if err != nil && (!strings.Contains(err.Error(), `node.id = "a"`) || !strings.Contains(err.Error(), twin.MySQLAddress) || !strings.Contains(err.Error(), "another node.id")) {
					t.Errorf("%q does not say what to do", err)
				}
			})
		})
	}
	if err := membersOf(nil, log.Member{}).refuseTwin(t.Context(), "a", txn.UUID{9}); err != nil {
		t.Errorf("a node without others: %v", err)
	}
}

// talk announces m again and again, as a live node does.
func talk(ctx context.Context, t *testing.T, l *memory.Log, m log.Member) {
	for ctx.Err() == nil {
		m.UpdatedUS++
		if err := l.Announce(ctx, m); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
		select {
		case <-time.After(announceInterval):
		case <-ctx.Done():
		}
	}
}
