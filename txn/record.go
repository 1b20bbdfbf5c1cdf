package txn

// Header opens every record that Marmot writes.
type Header struct {
	Cluster    UUID
	Generation uint32 // of the log; a new one starts when the history moves to another log
	Node       NodeID
	Epoch      Epoch    // 0 in a genesis and in the opening record, whose position becomes the epoch
	Sequence   Sequence // of an order record; 0 in a chunk, a genesis and an opening
	TimeUS     int64    // origin's clock at the commit, µs since 1970
}

// Record is a record of the order stream, decoded.
type Record struct {
	Header
	Body Body
}

// ID returns the id of the transaction that the record stands for.
func (r *Record) ID() ID { return ID{Epoch: r.Epoch, Sequence: r.Sequence} }

// Body is the content of an order record: *Transaction, *DDL or one of the control
// records below.
type Body interface{ body() }

// DDL changes definitions. Its text, definitions and SQLite statements are a DDLBody in
// chunks; rows that it writes (CREATE TABLE … SELECT) follow in Transaction's chunks.
type DDL struct {
	Transaction            // tables that it needs unchanged, each Exclusive; rows, if any
	Definition  []ChunkRef // the encoded DDLBody, cut into chunks
	InlineBody  []byte     // the encoded DDLBody itself when it rides inside the order record
}

// DDLBody is what a DDL does. Every node executes it as it stands and decides nothing. One without changes is a statement that had nothing to do: MySQL
// logs it all the same, so those who read the log are told of it.
type DDLBody struct {
	Text     string // as the client wrote it, or as MySQL logs it
	Database string // default database of the session, or empty
	Changes  []DefinitionChange
	// Rebuild lists conversions of rows that SQLite statements cannot express, by version.
	Conversions []Conversion
	// Context is what the session said of Text; nil where that is not known, as in records of before.
	Context *StatementContext
	// Named are objects that Text names and that are left as they are: what IF NOT EXISTS found, and those of which IF EXISTS found none. Records of
	// before have none.
	Named []NamedObject
}

// NamedObject is the name of an object, which need not be there.
type NamedObject struct {
	Kind     ObjectKind
	Database string
	Name     string // empty of a database
}

// StatementContext is what a session says of a statement whose text readers of the binary log execute.
type StatementContext struct {
	SQLMode            uint64 // in MySQL's bits
	TimeZone           string
	NoForeignKeyChecks bool
	NoUniqueChecks     bool
}

// ObjectKind is what a definition change is about.
type ObjectKind uint8

// The kinds of objects.
const (
	ObjectDatabase ObjectKind = iota + 1
	ObjectTable
	ObjectView
	ObjectProgram // a stored procedure or function, a trigger or an event
)

// DefinitionChange is one object's creation, change or end within a DDL.
// A new object has ID 0 and gets the DDL's position as its id; a DDL creates at most one object. A table that comes from another
// database is created with the id it has, and deleted where it was.
type DefinitionChange struct {
	Kind       ObjectKind
	Op         Op         // Insert: created; Update: altered or renamed; Delete: dropped
	ID         uint64     // TableID or DatabaseID; 0 for a new object
	DBID       DatabaseID // database of a table or view, whose file SQLite runs in; 0 if Kind is a database
	Database   string     // its name
	Name       string     // the object's name after the change (before it, if dropped)
	Definition []byte     // as package schemas encodes it; empty if dropped
	Truncate   bool       // TRUNCATE TABLE: same definition, all rows gone
	SQLite     []string   // statements for the file of that database, names unqualified, in order
}

// Conversion names a versioned row conversion of package schemas and its arguments.
type Conversion struct {
	Name    string
	Version uint32
	Table   TableID
	Args    []string
}

// Genesis is record 0 of every stream. The first genesis of the order stream wins.
type Genesis struct {
	Base         Position // position of the last record of the previous generation, or 0
	PreviousHash ChainHash
	Partitions   int32 // number of changes streams
	Partition    int32 // which changes stream this is, -1 for order
	Settings     Settings
	CreatedBy    string // release of the binary
}

// Settings are the cluster's, the same on every node.
type Settings struct {
	Rules         uint32 // version of the ledger's rules
	WindowRecords uint64 // longest window, positions; 0 = 1,048,576
	WindowKeys    uint64 // most keys in the window; 0 = 4,194,304
	CheckpointGap uint64 // positions between checkpoints; 0 = 4,096
}

// Opening starts a run of a node; its position is the run's epoch. It fences the earlier
// run of the same node, and with it all that that run held. Copies of one opening have the same data
// uuid and time, and only the first counts.
type Opening struct {
	DataUUID UUID
	Version  string
	Rules    uint32 // highest version of the rules that this node supports
}

// Noop does nothing but raise the epoch's sequence, which settles unknown outcomes.
type Noop struct{}

// Barrier does nothing; whoever has applied it has applied all before it.
type Barrier struct{}

// Fence takes tables for its epoch: transactions of others on them are conflicts (exclusive) or
// may only share (shared) until Unfence or the epoch's end. Owner tells sessions of one epoch apart: it is the
// connection id of the session, whose transactions the fence lets through. A second Fence of the
// same owner replaces the first.
type Fence struct {
	Owner     uint64
	Tables    []TableID
	Databases []DatabaseID // for DDL on a whole database
	Exclusive bool
}

// Unfence gives up a Fence of the same epoch and owner.
type Unfence struct{ Owner uint64 }

// EmissionOwner makes its sender the emitter of the named emission, if Previous still is.
type EmissionOwner struct {
	Emission string
	Previous Epoch // 0: nobody
}

// Lease takes Count AUTO_INCREMENT values of the table; the ledger says which.
type Lease struct {
	Table TableID
	Count uint64
	// AtLeast is the lowest value that the lease may start with (ALTER TABLE … AUTO_INCREMENT, explicit ids).
	AtLeast uint64
}

// NamedLock is GET_LOCK (Take) or RELEASE_LOCK of one session. A lock that is held by
// another owner is not taken; who waits asks again when the ledger tells it is free.
type NamedLock struct {
	Name  string
	Owner uint64
	Take  bool
}

// EventOwner makes its sender the runner of scheduled events, if Previous still is.
type EventOwner struct{ Previous Epoch }

// MemberChange registers a node or takes it off the list.
type MemberChange struct {
	Node    NodeID
	Removed bool
}

// SettingsChange replaces the cluster's settings from its position on.
type SettingsChange struct{ Settings Settings }

// TrimFloor raises the position below which order records are refused as stale and log
// records may be deleted.
type TrimFloor struct{ Floor Position }

// Checkpoint tells late readers the verdicts of a span, and a node whether it has diverged.
type Checkpoint struct {
	First, Last Position   // span, inclusive; Last is the position that the hashes are of
	Aborted     []Position // conflicts and voids of the span, ascending
	Ledger      Hash128    // additive hash of the ledger's state at Last
	Chain       ChainHash  // chain at Last
}

// Account is a statement on users or grants; passwords only as verifiers. The newest one of a
// user and host replaces the earlier: Statement is the whole of the account, its grants included.
type Account struct {
	User, Host string
	Statement  string // normal form
	Verifier   []byte
	Plugin     string
	Removed    bool
}

// Accounts changes several accounts at once, if all accounts of the cluster are as its sender saw them: all of it counts, or nothing.
type Accounts struct {
	Seen    Hash128 // of all accounts, as the ledger tells it
	Changes []Account
	// Statement does the same elsewhere; nil where there is none.
	Statement *AccountStatement
}

// AccountStatement is a statement on accounts as readers of the binary log execute it; passwords only as verifiers.
type AccountStatement struct {
	Text         string
	Database     string // default database of the session, or empty
	Context      StatementContext
	ConnectionID uint64
	User, Host   string // who is CURRENT_USER
}

// Kill is KILL of a connection of another node. Its node answers with a Killed.
type Kill struct {
	ID         uint64 // connection id
	Connection bool   // not only its statement
	User       string // of who asks
	Any        bool   // it may end what others do
	Request    uint64 // numbers the requests of one epoch, for the answer
}

// Killed answers a Kill.
type Killed struct {
	Epoch   Epoch // of who asked
	Request uint64
	Code    uint32 // of MySQL's error; 0: it was done
}

// EmissionSignal is a signal to the emitter of the named emission, as the connector takes them from its signalling table. It
// takes effect at its position; the ledger does nothing.
type EmissionSignal struct {
	Emission string // empty: every emission
	ID       string
	Type     string
	Data     string // JSON
}

// EmissionControl says what becomes of the named emission, for all nodes alike.
type EmissionControl struct {
	Emission string
	Action   EmissionAction
	// Position is where a reset lets it go on behind (beyond the record itself: the record), and of EmissionNeeds the
	// position up to which it needs nothing of the log any more.
	Position Position
	Reset    Position // of EmissionNeeds: the newest reset that its sender has carried out, or 0
}

// EmissionAction is what an EmissionControl asks for.
type EmissionAction uint8

// The actions.
const (
	EmissionNeeds   EmissionAction = iota + 1 // of the owner: the log is not needed up to a position
	EmissionPause                             // nothing is emitted until it is resumed
	EmissionResume                            // it goes on
	EmissionReset                             // it goes on behind a position, forward or back
	EmissionDrop                              // nobody emits it any more, and the log does not wait for it
	EmissionRelease                           // of the owner: another node may take it at once
)

// Resolve voids a poison record.
type Resolve struct {
	At     Position
	Reason string
}

func (*Transaction) body()     {}
func (*DDL) body()             {}
func (*Genesis) body()         {}
func (*Opening) body()         {}
func (*Noop) body()            {}
func (*Barrier) body()         {}
func (*Fence) body()           {}
func (*Unfence) body()         {}
func (*EmissionOwner) body()   {}
func (*Lease) body()           {}
func (*NamedLock) body()       {}
func (*EventOwner) body()      {}
func (*MemberChange) body()    {}
func (*SettingsChange) body()  {}
func (*TrimFloor) body()       {}
func (*Checkpoint) body()      {}
func (*Account) body()         {}
func (*Accounts) body()        {}
func (*Kill) body()            {}
func (*Killed) body()          {}
func (*EmissionSignal) body()  {}
func (*EmissionControl) body() {}
func (*Resolve) body()         {}

// Chunk is a record of a changes stream: a part of one transaction's row events, or of a
// DDL's body. A row event or body longer than a chunk is cut, and its parts follow one another.
type Chunk struct {
	Header
	// Branch numbers the transaction within its epoch from its first chunk on; the sequence
	// is only known at COMMIT. It ties the chunks of one transaction together for people and checks.
	Branch uint64
	Kind   ChunkKind
	// Ordinals of the row events that begin in the chunk; First = End when none does.
	Ordinals  OrdinalRange
	Continues bool   // Payload begins inside an event that an earlier chunk began
	Payload   []byte // encoded row events (AppendRowEvent), or a part of an encoded DDLBody
}

// ChunkKind tells what a chunk's payload is.
type ChunkKind uint8

// The kinds of chunks.
const (
	ChunkRows ChunkKind = iota + 1
	ChunkDDL
)

// Comes reports whether the change is the arrival of a table that another database had.
func (c *DefinitionChange) Comes() bool { return c.Kind == ObjectTable && c.Op == Insert && c.ID != 0 }

// Leaves reports whether change i is the end of a table in a database that it leaves for another one.
func (d *DDLBody) Leaves(i int) bool {
	c := &d.Changes[i]
	if c.Kind != ObjectTable || c.Op != Delete {
		return false
	}
	for j := range d.Changes {
		if x := &d.Changes[j]; x.Comes() && x.ID == c.ID {
			return true
		}
	}
	return false
}
