package stage

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestBucketIsTheLeastBoundThatIsNotLess(t *testing.T) {
	check := func(d time.Duration) {
		t.Helper()
		i := bucket(uint64(d))
		if i > 0 && i <= buckets-1 && bound(i-1) >= d {
			t.Errorf("%v is in bucket %d, but the one before it goes up to %v", d, i, bound(i-1))
		}
		if i < buckets-1 && bound(i) < d {
			t.Errorf("%v is in bucket %d, which goes up to %v", d, i, bound(i))
		}
	}
	for i := range buckets - 1 {
		for _, d := range []time.Duration{bound(i) - 1, bound(i), bound(i) + 1} {
			check(d)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		check(time.Duration(random.Uint64N(uint64(1) << (1 + random.UintN(36)))))
	}
	check(0)
	if got := bucket(uint64(time.Hour)); got != buckets-1 {
		t.Errorf("an hour is in bucket %d, want the last one, %d", got, buckets-1)
	}
}

func TestRecorderCountsWhatStagesTook(t *testing.T) {
	now := time.Duration(0)
	r := NewRecorder(func() time.Duration { return now })
	start := r.Now()
	now += 3 * time.Microsecond
	mark := r.Lap(Plan, start)
	now += 40 * time.Microsecond
	mark = r.Lap(Plan, mark)
	r.Between(Apply, mark, mark-1) // published before the verdict was seen

	plan := r.Histogram(Plan)
	if plan.Count != 2 || plan.Sum != 43*time.Microsecond {
		t.Errorf("plan: %d observations, %v; want 2, 43µs", plan.Count, plan.Sum)
	}
	if below, all := plan.Cumulative[bound(bucket(3000)).Seconds()], plan.Cumulative[bound(buckets-2).Seconds()]; below != 1 || all != 2 {
		t.Errorf("plan: %d up to 3 µs and %d in all; want 1 and 2", below, all)
	}
	if apply := r.Histogram(Apply); apply.Count != 1 || apply.Sum != 0 {
		t.Errorf("apply: %d observations, %v; want 1 of nothing", apply.Count, apply.Sum)
	}
}

func TestNilRecorderMeasuresNothing(t *testing.T) {
	var r *Recorder
	if r.Lap(Plan, r.Now()) != 0 || r.Between(Wake, 1, 2) != 0 || r.Histogram(Plan).Count != 0 {
		t.Error("a nil recorder tells a time")
	}
}

func TestEveryStageHasAName(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range All() {
		if name := s.String(); name == "" || name == "unknown" || seen[name] {
			t.Errorf("stage %d is named %q", s, name)
		} else {
			seen[name] = true
		}
	}
}

func TestObservingAllocatesNothing(t *testing.T) {
	start := time.Now()
	r := NewRecorder(func() time.Duration { return time.Since(start) })
	mark := r.Now()
	if n := testing.AllocsPerRun(100, func() { mark = r.Lap(Execute, mark) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkLap(b *testing.B) {
	start := time.Now()
	r := NewRecorder(func() time.Duration { return time.Since(start) })
	mark := r.Now()
	for b.Loop() {
		mark = r.Lap(Execute, mark)
	}
}
