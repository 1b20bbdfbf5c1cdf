// Package sqlext holds the shapes of what Marmot adds to SQLite: functions,
// aggregates and collations. Package dialect provides them, package store registers
// them on every connection; neither imports the other.
package sqlext

import "marmot/txn"

// Function is a scalar SQL function. Exactly one of Call and CallState is set; neither may
// keep its arguments beyond the call. An error that is a *mysqlerr.Error reaches the client as it is.
type Function struct {
	Name          string
	Arity         int // -1: any number
	Deterministic bool
	Call          func(args []txn.Value) (txn.Value, error)
	// CallState is given the state that the connection's owner has set besides the arguments:
	// a dialect.Environment on sessions' connections, nil on others.
	CallState func(state any, args []txn.Value) (txn.Value, error)
}

// Aggregate is an aggregate SQL function, usable over windows too.
type Aggregate struct {
	Name  string
	Arity int
	New   func() Accumulator
}

// Accumulator is the state of one group or window of an Aggregate.
type Accumulator interface {
	Step(args []txn.Value) error    // takes one more row in; args live for the call only
	Inverse(args []txn.Value) error // takes the oldest row out of a window
	Value() (txn.Value, error)      // the result so far
}

// Collation orders text. Compare returns a negative number, zero or a positive one.
// ASCIIWeights, if not nil, gives one weight a byte such that two all-ASCII strings compare
// as their weights do (a weight of 0 is ignored); the store then compares them in C.
type Collation struct {
	Name         string
	Compare      func(a, b []byte) int
	ASCIIWeights *[128]uint16
	PadSpace     bool
}

// Set is all that one kind of connection registers.
type Set struct {
	Functions  []Function
	Aggregates []Aggregate
	Collations []Collation
}
