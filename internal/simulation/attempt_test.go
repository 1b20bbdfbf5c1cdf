package simulation

import (
	"errors"
	"regexp"
	"sync"

	"marmot/mysqlerr"
)

// attempt is one transaction that a client has tried, and what it was told.
type attempt struct {
	number   int64
	kind     string
	key      int64  // what it was about; its meaning is the kind's
	evidence string // where its number is found if it was committed; empty: nowhere
	outcome  outcome
	settled  outcome // what marmot_outcome says of an unknown outcome
	id       string  // to ask marmot_outcome about, of an unknown outcome
	began    int64   // ticks of the attempts' own clock
	ended    int64   // 0: the client was never told
}

// attempts is all that clients have tried.
type attempts struct {
	mu     sync.Mutex
	ticks  int64
	list   []*attempt
	counts map[string]map[outcome]int
	causes map[string]int
	last   map[string]*attempt // the last acknowledged one, by evidence
}

func newAttempts() *attempts {
	return &attempts{counts: map[string]map[outcome]int{}, causes: map[string]int{}, last: map[string]*attempt{}}
}

func (s *attempts) begin(kind, evidence string) *attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ticks++
	a := &attempt{number: int64(len(s.list) + 1), kind: kind, evidence: evidence, began: s.ticks, outcome: unknown}
	s.list = append(s.list, a)
	return a
}

// latest returns the last attempt that was acknowledged and left such evidence, or nil.
func (s *attempts) latest(evidence string) *attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[evidence]
}

// unknownText finds the id in what a client is told of an unknown outcome.
var unknownText = regexp.MustCompile(`outcome unknown; ask with SELECT marmot_outcome\('([^']+)'\)`)

// end notes what the client was told. Only error 1180 can leave an outcome open.
func (s *attempts) end(a *attempt, err error) {
	o, id := refused, ""
	switch {
	case err == nil:
		o = acknowledged
	case mysqlerr.Code(err) == 1180:
		if m := unknownText.FindStringSubmatch(err.Error()); m != nil {
			o, id = unknown, m[1]
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a.outcome, a.id = o, id
	if o == acknowledged {
		s.ticks++
		a.ended = s.ticks
		s.last[a.evidence] = a
	}
	if s.counts[a.kind] == nil {
		s.counts[a.kind] = map[outcome]int{}
	}
	s.counts[a.kind][o]++
	if err != nil {
		for errors.Unwrap(err) != nil && mysqlerr.Code(errors.Unwrap(err)) != 0 {
			err = errors.Unwrap(err)
		}
		s.causes[a.kind+": "+short(err.Error())]++
	}
}

// short cuts numbers and length, so that causes can be counted.
func short(text string) string {
	text = regexp.MustCompile(`[0-9]+`).ReplaceAllString(text, "#")
	return text[:min(len(text), 110)]
}
