package txn

import (
	"fmt"
	"strconv"
)

// Position is a place in the total order of the log: the genesis base plus the
// offset in the order partition plus one. Zero means that nothing is applied.
type Position uint64

// String prints the position in decimal, as the number of a GTID.
func (p Position) String() string { return strconv.FormatUint(uint64(p), 10) }

// Epoch names one run of one node: the position of the opening record of that run.
// Two runs never share one. Zero is no epoch.
type Epoch uint64

// Sequence numbers the order records of one epoch. It strictly increases in the
// order partition; a record whose sequence is not greater than the last one seen
// of its epoch is void.
type Sequence uint64

// ID names a transaction for ever: the epoch of its origin and its sequence.
type ID struct {
	Epoch    Epoch
	Sequence Sequence
}

// String prints the id as marmot_outcome() takes it: "epoch-sequence".
func (id ID) String() string { return fmt.Sprintf("%d-%d", id.Epoch, id.Sequence) }

// ParseID reads what ID.String prints.
func ParseID(s string) (ID, error) {
	var id ID
	n, err := fmt.Sscanf(s, "%d-%d", &id.Epoch, &id.Sequence)
	if err != nil || n != 2 || id.String() != s {
		return ID{}, fmt.Errorf("transaction id %q: want <epoch>-<sequence>, two decimal numbers", s)
	}
	return id, nil
}

// NodeID is the configured name of a node (node.id). It names the node to people;
// what tells two runs apart is the epoch, and two machines the uuid of the data directory.
type NodeID string

// TableID is the position of the record that created the table (or view).
// It survives ALTER and RENAME. Zero is no table.
type TableID uint64

// DatabaseID is the position of the record that created the database. Zero is no database.
type DatabaseID uint64

// UUID is sixteen bytes that name a cluster or a data directory.
type UUID [16]byte

// IsZero reports whether the UUID is unset.
func (u UUID) IsZero() bool { return u == UUID{} }

// String prints the UUID in its usual form, lower case with hyphens.
func (u UUID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

// Hash128 is the xxh3-128 of a chunk's record value, big-endian.
type Hash128 [16]byte

// ChainHash is one link of the hash chain over the order partition:
// SHA-256(previous link ‖ record value). The link before record 0 is all zero.
type ChainHash [32]byte

// Verdict is what the ledger decides of a record at its position.
type Verdict uint8

// The verdicts. Void is a record that does not count at all: its sequence was seen
// already, or its epoch is fenced. It is no conflict: nothing waits for it.
const (
	Commit Verdict = iota + 1
	Conflict
	Void
)

// String prints the verdict in lower case, as logs and metrics name it.
func (v Verdict) String() string {
	switch v {
	case Commit:
		return "commit"
	case Conflict:
		return "conflict"
	case Void:
		return "void"
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}
