package memory

import (
	"math/rand/v2"
	"sync"

	"marmot/log"
)

// Append is one call of Append, as Faults sees it.
type Append struct {
	Client string
	Number uint64 // counts the client's appends from 0
	Stream log.Stream
	Bytes  int
	Value  []byte // must not be changed
}

// Fault is what becomes of an append. The zero Fault is none. At most one of Refuse, Lose, Late,
// Hold and Duplicate is set.
type Fault struct {
	Refuse    error // not in the log, ever; the append gets this error
	Lose      bool  // not in the log, but the answer is ErrUnknown
	Late      int   // the answer is ErrUnknown, and the record comes after so many further appends to the stream
	Hold      int   // record and answer come after so many further appends to the stream, the client's own ones behind it
	Duplicate bool  // in the log twice; the answer is the offset of the first
	AckSecond bool  // with Duplicate: the answer is the offset of the second
	LoseAck   bool  // the answer is ErrUnknown, though the record is in the log
	Silent    bool  // no answer until the append's context ends, though the record is in the log; with Lose: nor is it
}

// Faults decides about one append. It is called in the order of the client's appends and must not call the log.
type Faults func(Append) Fault

// Rates are the chances of faults, each between 0 and 1, tried in the order of the fields.
type Rates struct {
	Refuse, Lose, Late, Hold, Duplicate, LoseAck, Silent float64
}

// Random returns faults that come with the given chances, the same for the same seed and appends.
func Random(seed uint64, r Rates) Faults {
	var mu sync.Mutex
	source := rand.New(rand.NewPCG(seed, 0x6d61726d6f74))
	return func(Append) Fault {
		mu.Lock()
		defer mu.Unlock()
		// All are drawn each time, so that one rate does not move the luck of another.
		draws := [7]float64{}
		for i := range draws {
			draws[i] = source.Float64()
		}
		further := 1 + source.IntN(4)
		switch {
		case draws[0] < r.Refuse:
			return Fault{Refuse: log.ErrUnreachable}
		case draws[1] < r.Lose:
			return Fault{Lose: true}
		case draws[2] < r.Late:
			return Fault{Late: further}
		case draws[3] < r.Hold:
			return Fault{Hold: further}
		case draws[4] < r.Duplicate:
			return Fault{Duplicate: true, AckSecond: further%2 == 0}
		}
		if draws[6] < r.Silent {
			return Fault{Silent: true, Lose: further%2 == 0}
		}
		return Fault{LoseAck: draws[5] < r.LoseAck}
	}
}
