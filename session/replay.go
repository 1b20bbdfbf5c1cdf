package session

import (
	"strconv"

	"marmot/dialect/expression"
	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// Variables by which mysqlbinlog sets what a statement gave when it first ran.

// takeInsertID is the AUTO_INCREMENT value that SET insert_id wants next, or 0. It counts once.
func (s *Session) takeInsertID() uint64 {
	n := s.vars.count("insert_id")
	if n > 0 {
		delete(s.vars.values, "insert_id")
	}
	return n
}

// setSeed is SET rand_seed1 or rand_seed2.
func (s *Session) setSeed(second bool, text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return mysqlerr.New(mysql.ER_WRONG_TYPE_FOR_VAR, "rand_seed1")
	}
	if second {
		s.vars.seeds.Next = n
	} else {
		s.vars.seeds.First = n
	}
	s.vars.seeds.Seeded = true
	return nil
}

// NextRandom is the next number of RAND() of a session that has set its seeds.
func (s *Session) NextRandom() (float64, bool) {
	r := &s.vars.seeds
	if !r.Seeded {
		return 0, false
	}
	return r.Number(), true
}

// SeededRandom is the state of a call of RAND(n) with a constant n in the statement that runs; a statement that runs again
// begins anew.
func (s *Session) SeededRandom(call int64) *expression.RandomState {
	r := s.run
	if r == nil {
		return nil
	}
	if r.randoms == nil {
		r.randoms = map[int64]*expression.RandomState{}
	}
	if r.randoms[call] == nil {
		r.randoms[call] = &expression.RandomState{}
	}
	return r.randoms[call]
}
