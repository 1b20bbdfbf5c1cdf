package session

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"marmot/txn"
)

// lockScript runs testdata/locks.txt: each line is a step and, behind =>, what must come of it.
type lockScript struct {
	table  *lockTable
	owners map[string]*lockOwner
	order  []string
	waits  map[string]*request
}

func TestLockScripts(t *testing.T) {
	f, err := os.Open("testdata/locks.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s := &lockScript{}
	scanner := bufio.NewScanner(f)
	title := ""
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		switch {
		case line == "":
		case strings.HasPrefix(line, "#"):
			title = line
			s = &lockScript{table: newLockTable(), owners: map[string]*lockOwner{}, waits: map[string]*request{}}
		default:
			step, want, _ := strings.Cut(line, "=>")
			if got := s.run(strings.Fields(step)); got != strings.TrimSpace(want) {
				t.Errorf("line %d (%s): %s: got %q, want %q", n, title, step, got, strings.TrimSpace(want))
			}
		}
	}
}

func (s *lockScript) owner(name string) *lockOwner {
	if s.owners[name] == nil {
		s.owners[name] = newLockOwner()
		s.order = append(s.order, name)
	}
	return s.owners[name]
}

func scriptWant(f []string) want {
	w := want{resource: resource{table: 1}}
	if f[0] == "table" {
		w.whole = true
	} else {
		w.hash = uint64(f[0][0])
	}
	w.mode = map[string]lockMode{"IS": lockIntentShared, "IX": lockIntentExclusive, "S": lockShared, "X": lockExclusive}[f[1]]
	return w
}

func (s *lockScript) run(f []string) string {
	o := s.owner(f[0])
	switch f[1] {
	case "wants":
		w := scriptWant(f[2:])
		blocked, err := s.table.tryTake(o, []want{w})
		if err != nil {
			return err.Error()
		}
		if blocked == nil {
			return "has it"
		}
		r, err := s.table.enqueue(o, w)
		if errors.Is(err, errDeadlock) {
			return "deadlock"
		}
		s.waits[f[0]] = r
		return "waits"
	case "releases":
		s.table.release(o)
	case "relies":
		s.table.rely(o, []want{scriptWant(f[2:])}, 7)
		return s.contended()
	case "commits":
		return fmt.Sprint(s.table.beginCommit(o))
	case "doomed":
		s.table.doom(o)
	case "leaves":
		s.table.mu.Lock()
		s.table.dequeue(s.waits[f[0]])
		s.table.mu.Unlock()
		delete(s.waits, f[0])
	}
	return s.woken()
}

func (s *lockScript) contended() string {
	var list []string
	for _, c := range s.table.contended(nil) {
		for name, o := range s.owners {
			if o == c.owner {
				list = append(list, fmt.Sprintf("%s at %d", name, c.readAt))
			}
		}
	}
	return strings.Join(list, ", ")
}

func (s *lockScript) woken() string {
	var list []string
	for _, name := range s.order {
		r := s.waits[name]
		if r == nil {
			continue
		}
		select {
		case <-r.done:
			delete(s.waits, name)
			word := name + " has it"
			if r.err != nil {
				word = name + " fails"
			}
			list = append(list, word)
		default:
		}
	}
	return strings.Join(list, ", ")
}

func TestLocksExcludeEachOtherUnderLoad(t *testing.T) {
	table := newLockTable()
	var counters [4]int // guarded by the locks under test
	var group sync.WaitGroup
	for worker := range 16 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 500 {
				o := newLockOwner()
				first, second := random.IntN(4), random.IntN(4)
				if takeBoth(t, table, o, first, second) {
					counters[first]++
					counters[second]++
				}
				table.release(o)
			}
		})
	}
	group.Wait()
	if len(table.locks) != 0 || table.waiters != 0 {
		t.Errorf("%d locks and %d waiters are left", len(table.locks), table.waiters)
	}
}

func takeBoth(t *testing.T, table *lockTable, o *lockOwner, list ...int) bool {
	for _, n := range list {
		err := table.wait(context.Background(), o, want{resource: resource{table: 1, hash: uint64(n)}, mode: lockExclusive})
		if errors.Is(err, errDeadlock) {
			return false
		}
		if err != nil {
			t.Error(err)
		}
	}
	return true
}

func TestWaitForALockEndsWithItsContext(t *testing.T) {
	table := newLockTable()
	a, b := newLockOwner(), newLockOwner()
	w := want{resource: resource{table: txn.TableID(1), hash: 1}, mode: lockExclusive}
	if err := table.wait(t.Context(), a, w); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("the client left")
	cancel(gone)
	if err := table.wait(ctx, b, w); !errors.Is(err, gone) {
		t.Errorf("wait: %v", err)
	}
	if table.waiters != 0 {
		t.Errorf("%d waiters are left", table.waiters)
	}
}
