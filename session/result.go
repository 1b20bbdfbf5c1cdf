package session

import (
	"context"
	"io"
	"time"

	"marmot/accounts"
	"marmot/dialect"
	"marmot/schemas"
	"marmot/txn"
)

// Status is the part of MySQL's server status that a session knows.
type Status uint16

// The bits of Status, numbered as the protocol numbers them.
const (
	StatusInTransaction      Status = 0x0001
	StatusAutocommit         Status = 0x0002
	StatusMoreResults        Status = 0x0008
	StatusDatabaseDropped    Status = 0x0100
	StatusNoBackslashEscapes Status = 0x0200
	StatusOutParameters      Status = 0x1000
	StatusReadOnly           Status = 0x2000
)

// Result is what a statement says of itself at its end.
type Result struct {
	Affected uint64
	InsertID uint64
	Warnings uint16
	Status   Status
	Info     string // "Rows matched: 1  Changed: 1  Warnings: 0" and the like
	GTID     string // of the transaction that the statement committed, or empty
	// Schema is the new default database when SchemaChanged.
	Schema        string
	SchemaChanged bool
	// StateChanged: the statement has changed the session's state, and the client wants to know.
	StateChanged bool
	// TransactionState is the state of the open transaction if the client follows it and it has changed, TransactionText
	// the statements that would begin such a transaction, likewise.
	TransactionState       string
	TransactionText        string
	TransactionTextChanged bool
	// Variables are the tracked system variables that the statement set.
	Variables []Variable
}

// Variable is a system variable and its value as text.
type Variable struct{ Name, Value string }

// ResultWriter takes the answers of statements, in order: for each statement either OK, or
// Columns, any number of Row, and End. An error of a statement is returned, not written.
// A method's error means that the client is gone; the statement ends.
type ResultWriter interface {
	// Columns begins a result set.
	Columns(columns []dialect.ResultColumn) error
	// Row adds a row. It keeps none of the values' bytes.
	Row(values []txn.Value) error
	// End ends a result set.
	End(r Result) error
	// OK answers a statement that has no result set.
	OK(r Result) error
	// Rewind takes back what was written of the present statement's answer and reports
	// whether it could: once a byte has left for the client, it can't.
	Rewind() bool
}

// ClientFiles is what a ResultWriter also is when its client may be asked for files (LOAD DATA LOCAL INFILE).
type ClientFiles interface {
	// OpenClientFile asks the client for its file of that name and returns the contents as they arrive; the caller
	// closes it before it answers the statement. An error with code 3948 means that the client does not
	// allow it; others mean that the client is gone. Nothing may have been written of the answer before.
	OpenClientFile(name string) (io.ReadCloser, error)
}

// ConnInfo is what the connection tells a new session.
type ConnInfo struct {
	ID          uint64 // MySQL's connection id; Engine.NewSession assigns one when it is 0
	Account     Account
	User        string // as the client gave it
	Host        string // client's address without port, or localhost
	Address     string // client's address with port
	Database    string // default database asked for, or empty
	CollationID uint16 // of the handshake
	FoundRows   bool   // affected rows count matched rows (CLIENT_FOUND_ROWS)
	IgnoreSpace bool   // CLIENT_IGNORE_SPACE
	Interactive bool   // interactive_timeout governs the session
	MultiQuery  bool   // CLIENT_MULTI_STATEMENTS
	OneResult   bool   // the client takes one result a statement (no CLIENT_MULTI_RESULTS)
	TLS         bool
	Attributes  []Attribute // in the client's order
	// OptionalMetadata: the client can do without column definitions (CLIENT_OPTIONAL_RESULTSET_METADATA).
	OptionalMetadata bool
	// Status lists what SHOW STATUS tells of the connection; may be nil.
	Status func() []dialect.NameValue
	// Disconnect closes the client's connection; KILL CONNECTION calls it. May be nil.
	Disconnect func()
}

// QueryAttribute is one of the pairs that a client sends along with a statement.
type QueryAttribute struct {
	Name  string
	Value txn.Value
}

// Attribute is one of the pairs by which a client describes itself.
type Attribute struct{ Name, Value string }

// Account is a user account as logins need it.
type Account struct {
	User, Host string
	Plugin     string // of authentication; empty: caching_sha2_password
	Verifier   []byte // of the plugin; empty: no password
	// Secondary is the verifier of a password that RETAIN CURRENT PASSWORD keeps, and SecondaryPlugin its plugin.
	Secondary       []byte
	SecondaryPlugin string
	Locked          bool
	Expired         bool
	TLS             accounts.TLS
	MaxConnections  int64 // 0: no limit of its own
	Limits          accounts.Limits
	// BlockedDays is how long wrong passwords have blocked the account still: -1 for ever, 0 not at all.
	BlockedDays, LockDays, FailedLogins int64
	Admin                               bool // may connect beyond max_connections (CONNECTION_ADMIN)
}

// Name returns the account's name as MySQL prints it: 'user'@'host'.
func (a Account) Name() string { return "'" + a.User + "'@'" + a.Host + "'" }

// Statement is a prepared statement of the binary protocol.
type Statement interface {
	// Params returns the number of ? parameters.
	Params() int
	// Types are the types that the parameters are expected to have; for those beyond the list, strings.
	Types() []schemas.Type
	// Columns describes the result set, as of PREPARE; nil if there is none.
	Columns() []dialect.ResultColumn
	// Bind tells what the values of the executions to come are beside their storage classes, by parameter; those beyond the list are
	// nothing more.
	Bind(sorts []dialect.Argument)
	// Execute runs the statement with one value a parameter, in stored form. args are not kept.
	Execute(ctx context.Context, args []txn.Value, w ResultWriter) error
	// Close frees the statement.
	Close()
}

// WireSettings is what the variables of a session say about its connection.
type WireSettings struct {
	IdleTimeout time.Duration // wait_timeout or interactive_timeout
	CollationID uint16        // of character_set_results; 0: as stored (NULL)
	// FromUTF8 converts text for the client, appending to dst; nil when it takes UTF-8.
	FromUTF8 func(dst, text []byte) []byte
	// ReadTimeout is net_read_timeout, WriteTimeout net_write_timeout, MaxPacket max_allowed_packet; 0: the server's own.
	ReadTimeout, WriteTimeout time.Duration
	MaxPacket                 int
	// NoMetadata: result sets are sent without column definitions (resultset_metadata = NONE).
	NoMetadata bool
	// TrackSchema, TrackGTID, TrackVariables, TrackState and TrackTransaction are the session_track_ variables.
	TrackSchema, TrackGTID, TrackVariables, TrackState bool
	TrackTransaction                                   string // OFF, STATE or CHARACTERISTICS
}
