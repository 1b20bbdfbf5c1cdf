package stage

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Stage is a part of the way of a command; package stage says what each is.
type Stage uint8

// The stages, in the order of the way.
const (
	Wire Stage = iota
	Plan
	Branch
	Execute
	Capture
	Lock
	Close
	Changes
	Order
	Decide
	Apply
	Wake
	Reply
	Command
	Batch
	count // of stages
)

// All lists the stages in the order of the way.
func All() []Stage {
	list := make([]Stage, count)
	for i := range list {
		list[i] = Stage(i)
	}
	return list
}

// String names the stage as metrics do.
func (s Stage) String() string {
	names := [count]string{"wire", "plan", "branch", "execute", "capture", "lock", "close", "changes", "order", "decide", "apply", "wake", "reply", "command", "batch"}
	if s >= count {
		return "unknown"
	}
	return names[s]
}

// A histogram has perOctave buckets for each doubling, from 1 µs on, and octaves doublings: up to 16.8 s. What takes
// longer is counted in one more bucket.
const (
	perOctave = 4
	octaves   = 24
	buckets   = perOctave*octaves + 1
)

// histogram is the counters of one stage.
type histogram struct {
	nanoseconds atomic.Uint64
	counts      [buckets]atomic.Uint64
}

// bucket returns the place of a duration: that of the least bound that is not less.
func bucket(ns uint64) int {
	quarters := (ns*perOctave + 999) / 1000 // of a µs, rounded up, as every bound is a whole number of them
	if quarters <= perOctave {
		return 0
	}
	octave := bits.Len64(quarters-1) - bits.Len(perOctave)
	return min(octave*perOctave+int((quarters-1)>>octave)-perOctave+1, buckets-1)
}

// bound returns the inclusive upper bound of bucket i, as a duration.
func bound(i int) time.Duration {
	octave, quarter := i/perOctave, i%perOctave
	return time.Duration((uint64(1000) << octave) * uint64(perOctave+quarter) / perOctave)
}

// Mark is a moment on a Recorder's clock.
type Mark time.Duration

// Recorder holds the histograms of one node. Its methods may be called by several goroutines, and on nil.
type Recorder struct {
	clock  func() time.Duration
	stages [count]histogram
}

// NewRecorder makes a Recorder. The clock only rises; where it begins does not matter.
func NewRecorder(clock func() time.Duration) *Recorder { return &Recorder{clock: clock} }

// Now reads the clock.
func (r *Recorder) Now() Mark {
	if r == nil {
		return 0
	}
	return Mark(r.clock())
}

// Lap records that s took from since until now, and returns now.
func (r *Recorder) Lap(s Stage, since Mark) Mark {
	if r == nil {
		return 0
	}
	now := Mark(r.clock())
	r.observe(s, now-since)
	return now
}

// Between records that s took from since until end, which may lie before it: then it took no time. It returns the later one.
func (r *Recorder) Between(s Stage, since, end Mark) Mark {
	if r == nil {
		return 0
	}
	end = max(since, end)
	r.observe(s, end-since)
	return end
}

func (r *Recorder) observe(s Stage, d Mark) {
	h, ns := &r.stages[s], uint64(max(d, 0))
	h.nanoseconds.Add(ns)
	h.counts[bucket(ns)].Add(1)
}

// Histogram is what was counted of one stage.
type Histogram struct {
	Count      uint64
	Sum        time.Duration
	Cumulative map[float64]uint64 // observations of at most so many seconds
}

// Histogram reads the counters of a stage. Bounds that no observation has reached yet, and those behind the last one
// that is needed, are there as well: differences of two readings make sense.
func (r *Recorder) Histogram(s Stage) Histogram {
	h := Histogram{Cumulative: make(map[float64]uint64, buckets-1)}
	if r == nil {
		return h
	}
	counters := &r.stages[s]
	h.Sum = time.Duration(counters.nanoseconds.Load())
	for i := range buckets {
		h.Count += counters.counts[i].Load()
		if i < buckets-1 {
			h.Cumulative[bound(i).Seconds()] = h.Count
		}
	}
	return h
}
