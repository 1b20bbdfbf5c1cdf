package debezium

import "time"

// Telling spaces the lines that a log has of one trouble that lasts: the zero value has told nothing.
type Telling struct {
	last time.Time
	next time.Duration
}

// Bounds of the distance between two lines: it doubles from one to the next.
const (
	shortestQuiet = 5 * time.Second
	longestQuiet  = 10 * time.Minute
)

// Due reports whether a line is due now, and takes it for told then.
func (t *Telling) Due(now time.Time) bool {
	if now.Sub(t.last) < t.next {
		return false
	}
	t.last, t.next = now, min(max(2*t.next, shortestQuiet), longestQuiet)
	return true
}

// Told reports whether there was a line.
func (t *Telling) Told() bool { return t.next > 0 }
