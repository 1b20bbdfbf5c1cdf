package txn

// Op is the kind of a row event.
type Op uint8

// The kinds of row events.
const (
	Insert Op = iota + 1
	Update
	Delete
)

// String prints the op in lower case.
func (o Op) String() string {
	switch o {
	case Insert:
		return "insert"
	case Update:
		return "update"
	case Delete:
		return "delete"
	}
	return "op?"
}

// RowEvent is one row's insert, update or delete, as MySQL's binlog would hold it:
// full images, in the order in which MySQL writes them. Images hold one value for each
// column of the table's definition at Version, in that order, hidden row id included.
type RowEvent struct {
	Ordinal uint64   // place in the transaction, from 0; events cut by ROLLBACK TO leave holes
	Table   TableID  // which table
	Version Position // the version of its definition that the images follow
	Op      Op
	Before  []Value // nil for an insert
	After   []Value // nil for a delete
}

// Mode says how a transaction uses a key.
type Mode uint8

// The modes. Read is validated at the reader's own commit and not recorded.
const (
	Read Mode = iota + 1
	Reference
	Exclusive
)

// String prints the mode in lower case.
func (m Mode) String() string {
	switch m {
	case Read:
		return "read"
	case Reference:
		return "reference"
	case Exclusive:
		return "exclusive"
	}
	return "mode?"
}

// Key stands for something that two transactions may fight over: a row by its primary
// key, a unique value, a referenced value. Hash is xxh3-64 over key space and sort key
// (package schemas makes it). At is the position at which the row was read: the key is
// checked against what committed after that.
type Key struct {
	Table TableID
	Hash  uint64
	Mode  Mode
	At    Position
}

// TableUse says how a transaction uses a whole table.
type TableUse struct {
	Table    TableID
	Database DatabaseID
	Version  Position // definition the transaction was planned with; a newer one is a conflict
	Writes   bool     // it has row events in the table
	Read     bool     // it read a part of the table that no unique key describes, at ReadAt
	ReadAt   Position
	// Exclusive stands for all keys of the table at once (more than 10,000 keys), since ExclusiveAt.
	Exclusive   bool
	ExclusiveAt Position
	// AutoIncrement is the greatest AUTO_INCREMENT value that the client gave explicitly, or 0. In a DDL that
	// takes the table Exclusive it is the next value that the table's counter shall give (TRUNCATE: 1), or 0: as it is.
	AutoIncrement uint64
}

// ChunkRef names a chunk by place and content. The partition is taken from here,
// never computed again.
type ChunkRef struct {
	Partition int32
	Offset    int64
	Bytes     int32 // length of the record value
	Hash      Hash128
}

// OrdinalRange is the half-open range [First, End) of ordinals.
type OrdinalRange struct {
	First, End uint64
}

// Statement is the part of a transaction that one statement wrote.
type Statement struct {
	Events OrdinalRange
	Text   string // empty unless log.rows_query is on
}

// Transaction is the body of the order record of a client's transaction.
// Row events whose ordinals lie in Voided were rolled back to a savepoint.
type Transaction struct {
	ConnectionID uint64   // MySQL's thread id at the origin
	Begin        Position // position seen by the origin before it sent the first chunk
	Tables       []TableUse
	Keys         []Key
	Chunks       []ChunkRef
	Inline       []byte // encoded row events, instead of chunks, of a small transaction
	Voided       []OrdinalRange
	Statements   []Statement
	Events       uint64 // row events that count: all but the voided
	XA           bool   // of an XA transaction
}
