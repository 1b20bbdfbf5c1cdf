package node

import (
	"errors"
	"testing"
	"time"
)

// TestEventsThatWaitAreToldNowAndThen: a Kafka that is away for an hour has a few lines in the log, not one for each try.
func TestEventsThatWaitAreToldNowAndThen(t *testing.T) {
	var s emissionState
	began, away := time.Unix(1_700_000_000, 0), errors.New("the broker is away")
	lines := 0
	for after := time.Duration(0); after < time.Hour; after += 3 * time.Second {
		s.failed(away, began.Add(after))
		if s.tell(began.Add(after)) {
			lines++
		}
	}
	if lines < 5 || lines > 20 {
		t.Errorf("%d lines in an hour", lines)
	}
	f := s.published(17, 1, began.Add(time.Hour))
	if f == nil || !f.since.Equal(began) || !f.telling.Told() {
		t.Fatalf("what ends is %+v", f)
	}
	if again := s.published(18, 1, began.Add(time.Hour)); again != nil {
		t.Errorf("it ends twice: %+v", again)
	}
	s.failed(away, began.Add(time.Hour))
	if !s.tell(began.Add(time.Hour)) {
		t.Error("a failure after a success is not told at once")
	}
}
