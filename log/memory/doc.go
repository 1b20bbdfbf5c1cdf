// Package memory is a log in memory, for tests and the simulation.
//
// A Log is the shared core. Each node works on a Client of its own, which can be cut off and given
// faults: refused, lost, late, doubled and held appends, acknowledgements that do not come, ends of streams that are
// seen late. The Log itself is a client without faults. Nothing depends on a clock or on chance that is not passed in: the
// offsets are given in the order of the calls of Append, and faults are a function of the append they strike.
package memory
