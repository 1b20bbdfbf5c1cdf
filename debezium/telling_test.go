package debezium

import (
	"slices"
	"testing"
	"time"
)

func TestTroubleThatLastsIsToldAtGrowingDistances(t *testing.T) {
	began := time.Unix(1_700_000_000, 0)
	var telling Telling
	var told []time.Duration
	for after := time.Duration(0); after <= time.Hour; after += 3 * time.Second {
		if telling.Due(began.Add(after)) {
			told = append(told, after)
		}
	}
	var want []time.Duration
	for _, s := range []int{0, 6, 18, 39, 81, 162, 324, 645, 1245, 1845, 2445, 3045} {
		want = append(want, time.Duration(s)*time.Second)
	}
	if !slices.Equal(told, want) {
		t.Errorf("told after %v, want %v", told, want)
	}
	if telling = (Telling{}); telling.Told() || !telling.Due(began) || !telling.Told() {
		t.Error("trouble that comes anew is not told at once")
	}
}
