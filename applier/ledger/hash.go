package ledger

import (
	"encoding/binary"
	"math/bits"

	"github.com/zeebo/xxh3"

	"marmot/txn"
)

// sum is a multiset hash: the sum modulo 2¹²⁸ of the xxh3-128 of its elements. Order of
// adding does not matter, and what was added can be taken out again.
type sum struct{ high, low uint64 }

func (s *sum) add(element []byte) {
	h := xxh3.Hash128(element)
	var carry uint64
	s.low, carry = bits.Add64(s.low, h.Lo, 0)
	s.high, _ = bits.Add64(s.high, h.Hi, carry)
}

func (s *sum) remove(element []byte) {
	h := xxh3.Hash128(element)
	var borrow uint64
	s.low, borrow = bits.Sub64(s.low, h.Lo, 0)
	s.high, _ = bits.Sub64(s.high, h.Hi, borrow)
}

func (s sum) hash() (h txn.Hash128) {
	binary.BigEndian.PutUint64(h[:8], s.high)
	binary.BigEndian.PutUint64(h[8:], s.low)
	return h
}

// The first byte of an element and of a stored row says what it is. Part of the stored
// form; numbers are never used again for something else.
const (
	kindScalars byte = iota + 1
	kindWindow
	kindTable
	kindRun
	kindFence
	kindLock
	kindEmitter
	kindEventOwner
	kindMember
	kindAccount
	kindResolved
	kindEmission
)

func (s sum) plus(t sum) sum {
	var carry uint64
	s.low, carry = bits.Add64(s.low, t.low, 0)
	s.high, _ = bits.Add64(s.high, t.high, carry)
	return s
}
