package e2e

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestEmittersAreSteeredUnderLoad: several emitters with different filters on one table are paused and resumed while a client commits; one is reset to
// where it has been, dropped, and brought back to life. What nobody said is to be left out comes once and in order.
func TestEmittersAreSteeredUnderLoad(t *testing.T) {
	a := newAway(t, time.Minute, `
[emitters.updates]
brokers = "BROKERS"
"topic.replication" = 1
"topic.prefix" = "updates"
"skipped.operations" = "c,t"
"column.exclude.list" = 'shop[.]a[.]v'
`)
	updates := readSequence(t, a.brokers, "updates.shop.a")
	updates.step = 5 // each fifth commit is an update
	a.pass(3 * time.Second)
	for range 6 {
		name := []string{"main", "soon", "updates"}[rand.IntN(3)]
		a.order(0, "pause", "--emitter", name)
		a.within(10*time.Second, name+" rests", func() bool { return a.emitters(0)[name].State == "paused" })
		a.pass(time.Duration(rand.IntN(1000)) * time.Millisecond)
		a.order(0, "resume", "--emitter", name)
		a.pass(time.Duration(rand.IntN(500)) * time.Millisecond)
	}
	a.settle("paused and resumed")

	// The log keeps what an emitter that rests has not got.
	main := a.readers["main"]
	a.order(0, "pause", "--emitter", "updates")
	a.within(10*time.Second, "updates rests", func() bool { return a.emitters(0)["updates"].State == "paused" })
	began := main.seen.Load()
	a.pass(3 * time.Second)
	a.settle("while updates rests")
	to := main.positionOf((began + main.seen.Load()) / 2)
	main.goBack(to)
	a.order(0, "reset", "--emitter", "main", "--to", strconv.FormatUint(to, 10))
	a.within(30*time.Second, "main has gone back", main.wentBack)
	a.order(0, "resume", "--emitter", "updates")
	a.settle("reset")

	a.order(0, "drop", "--emitter", "soon")
	a.within(10*time.Second, "soon is dropped", func() bool { return a.emitters(0)["soon"].State == "dropped" })
	soon := a.readers["soon"]
	a.pass(2 * time.Second)
	before := soon.seen.Load()
	soon.leap.Store(true)
	a.order(0, "reset", "--emitter", "soon", "--to", "now")
	a.within(30*time.Second, "soon lives again", func() bool { return soon.seen.Load() > before+5 })
	written := a.halt()
	a.settle("after")
	a.within(time.Minute, "the updates are out", func() bool { return updates.seen.Load() >= int64(written/5) })
	updates.end()
	for name, s := range map[string]*sequence{"main": main, "soon": soon, "updates": updates} {
		s.end()
		if len(s.wrong) > 0 {
			t.Errorf("%s: %v", name, s.wrong)
		}
	}
	if main.seen.Load() != int64(written) || updates.seen.Load() != int64(written/5) || strings.Contains(updates.sample, `"v":`) || soon.leap.Load() {
		t.Errorf("%d commits; main has %d, updates %d of %d, such as %s", written, main.seen.Load(), updates.seen.Load(), written/5, updates.sample)
	}
}

// places are those of a sequence, for resets.
type places struct {
	mu   sync.Mutex
	list []uint64 // position of each number, from 1
	back uint64   // position that it is told to go back to; 0: none
	leap atomic.Bool
}

func (s *sequence) positionOf(n int64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list[n-1]
}

// goBack allows one return to what is behind a position.
func (s *sequence) goBack(position uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.back = position
}

func (s *sequence) wentBack() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.back == 0
}

// place notes where a number stands, and heeds what the sequence was told. It returns false if the number is out of its place.
func (s *sequence) place(seq int64, position uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	want := s.seen.Load() + 1
	if seq != want*s.step && s.back != 0 {
		kept := 0
		for kept < len(s.list) && s.list[kept] <= s.back {
			kept++
		}
		if seq != int64(kept+1)*s.step || position != s.list[kept] {
			return false
		}
		s.list, s.back, s.last = s.list[:kept], 0, 0
		s.seen.Store(int64(kept))
	} else if seq > want*s.step && s.leap.CompareAndSwap(true, false) {
		for want < seq/s.step {
			s.list = append(s.list, s.last)
			want = s.seen.Add(1) + 1
		}
	} else if seq != want*s.step {
		return false
	}
	s.list = append(s.list, position)
	return true
}
