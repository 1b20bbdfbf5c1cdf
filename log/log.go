// Package log is the ordered log that everything in Marmot goes through.
//
// A Log is a bundle of append-only streams: one order stream, whose offsets are the total
// order of the cluster, and N changes streams that hold chunks of row events. Three
// implementations pass one conformance suite (logtest): kafka for a cluster, embedded
// for a single node, memory for simulation.
//
// On top of any Log stand Reader (positions, genesis, hash chain), Genesis and
// the trim and identity checks of this package. No order record, no
// transaction: what lies in a changes stream without one means nothing.
package log

import (
	"context"
	"errors"

	"marmot/txn"
)

// Stream names one stream of the log.
type Stream int32

// Order is the stream of order records. The changes streams are 0 to N-1.
const Order Stream = -1

// Entry is one record of a stream.
type Entry struct {
	Offset int64 // contiguous within the stream
	Value  []byte
	TimeUS int64 // time of the append by the log's own clock, µs since 1970
}

// Identity tells whether a log is still the one it was: the names its substrate gave it at
// creation. For Kafka, the cluster id and both topic ids.
type Identity struct {
	Cluster string
	Topics  []string // order first, then changes
}

// Log is the substrate. All methods may be called by several goroutines.
type Log interface {
	// Append adds value to the end of the stream and calls done exactly once, from a
	// goroutine of the log's, with the offset, or with an error. Appends to one stream by one caller
	// keep their order. With a nil error the record is durable. ErrUnknown says that it may or may
	// not be in the log, for ever or from a later time on; other errors say that it is not and will never be.
	// Append blocks while the log's buffer is full; ctx bounds that wait and the append itself. The
	// value must not change any more, and done must neither wait nor append.
	Append(ctx context.Context, stream Stream, value []byte, done func(offset int64, err error))

	// Read returns entries from offset on, at least one and about maxBytes at most, and waits
	// until there is one. ErrTrimmed: the offset is below the start. ErrTruncated: it is
	// beyond the end, so that this is not the log it was. ErrGap: an offset is missing.
	Read(ctx context.Context, stream Stream, offset int64, maxBytes int) ([]Entry, error)

	// Bounds returns the first offset that is kept and the one the next record will get.
	Bounds(ctx context.Context, stream Stream) (start, end int64, err error)

	// Trim gives up everything below offset; it may keep some of it. Record 0 of the order stream,
	// the genesis, stays readable for ever, alone.
	Trim(ctx context.Context, stream Stream, before int64) error

	// Partitions returns the number of changes streams.
	Partitions() int

	// Identity reads the log's identity afresh.
	Identity(ctx context.Context) (Identity, error)

	// Check verifies the settings that durability rests on; see CheckError.
	Check(ctx context.Context) error

	// Close releases what the log holds; appends under way end with an error.
	Close() error
}

// Errors of a Log, to be matched with errors.Is.
var (
	ErrUnknown     = errors.New("the log did not say whether the record is in it")
	ErrTrimmed     = errors.New("the log no longer keeps this offset")
	ErrTruncated   = errors.New("the log ends before this offset")
	ErrGap         = errors.New("the log misses an offset")
	ErrRecreated   = errors.New("the log was deleted and created anew")
	ErrNoGenesis   = errors.New("the log has no genesis record")
	ErrDiverged    = errors.New("the log holds other records than this node has read")
	ErrTooLarge    = errors.New("the record is larger than the log takes")
	ErrClosed      = errors.New("the log is closed")
	ErrUnreachable = errors.New("the log cannot be reached")
)

// Member is what one node says of itself; the newest of each node is kept.
type Member struct {
	Node         txn.NodeID
	DataUUID     txn.UUID
	Epoch        txn.Epoch
	Version      string // release of the binary
	Rules        uint32 // highest version of the ledger's rules that it supports
	MySQLAddress string
	AdminAddress string
	Applied      txn.Position // published in every database
	Acknowledged txn.Position // durably applied
	UpdatedUS    int64
	Left         bool // said good-bye
	// Emitters is what the node says of the emissions that it owns, for people; the log does not read it.
	Emitters string
}

// Members carries what nodes say of themselves. It is advice, never a base of decisions
// that two nodes must take alike. A Log that also implements Members has a cluster; the embedded log
// knows one member, itself.
type Members interface {
	// Announce replaces what this node says of itself.
	Announce(ctx context.Context, m Member) error
	// List returns the newest word of every node, sorted by node id.
	List(ctx context.Context) ([]Member, error)
}

// CheckError is a setting of the log that endangers committed data.
type CheckError struct {
	Where   string // topic or broker setting
	Setting string
	Value   string
	Want    string
	Remedy  string // the command or configuration key that mends it
}

// Error names the setting, its value and the remedy.
func (e *CheckError) Error() string {
	return e.Where + ": " + e.Setting + " is " + e.Value + ", want " + e.Want + "; " + e.Remedy
}
