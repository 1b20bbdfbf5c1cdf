package dialect

import (
	"slices"
	"time"

	"marmot/accounts"
	"marmot/dialect/expression"
	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"
)

// SQLMode is the part of sql_mode that changes what statements mean.
type SQLMode uint64

// The modes, MySQL's own names in CamelCase.
const (
	StrictTransTables SQLMode = 1 << iota
	StrictAllTables
	NoZeroInDate
	NoZeroDate
	ErrorForDivisionByZero
	NoEngineSubstitution
	OnlyFullGroupBy
	ANSIQuotes
	PipesAsConcat
	NoBackslashEscapes
	IgnoreSpace
	NoAutoValueOnZero
	AllowInvalidDates
	HighNotPrecedence
	NoUnsignedSubtraction
	PadCharToFullLength
	RealAsFloat
	TimeTruncateFractional
)

// DefaultSQLMode is MySQL 8.4's default.
const DefaultSQLMode = OnlyFullGroupBy | StrictTransTables | NoZeroInDate | NoZeroDate | ErrorForDivisionByZero | NoEngineSubstitution

// Context is what a plan depends on besides the statement's text. Two equal contexts give
// equal plans.
type Context struct {
	Catalog   *schemas.Catalog
	Database  string // default database, or empty
	Mode      SQLMode
	Collation string // collation_connection
	User      string // user@host, definer of new objects
	Locale    string // lc_time_names; empty for en_US
	// DivisionDelta is what div_precision_increment is above its default.
	DivisionDelta int
	// Hidden, if not nil, refuses tables of which the session's account must not know whether they are there; verb is what the statement
	// does with it, or empty. It is asked when a plan was refused, and is no part of what plans depend on.
	Hidden func(database, table, verb string) error
	// Allowed, which goes with Hidden, looks at what a statement needs before it is planned.
	Allowed func(needs []accounts.Need) error
	// NoForeignKeys is foreign_key_checks=0, NoUniqueChecks unique_checks=0.
	NoForeignKeys, NoUniqueChecks bool
	// FoundRows: affected rows count matched rows (CLIENT_FOUND_ROWS).
	FoundRows bool
	// SelectLimit is sql_select_limit; 0 is none.
	SelectLimit uint64
	// UserVariables knows the types of user variables; without it they are taken as they come.
	UserVariables interface {
		UserVariableType(name string) schemas.Type
	}
	// Arguments are the types of ?; nil while they are not known.
	Arguments []Argument
	// Locals are the variables of the stored program that the statement belongs to.
	Locals *Locals
	// Targets are where the columns of a query's row go.
	Targets *Targets
	// Raw: a query's values are wanted in stored form, TIMESTAMP too.
	Raw bool

	planner *Planner
	// written is the statement with its version comments where those have been read; empty: it has none.
	written string
}

// ResultColumn describes a column of a result set.
type ResultColumn struct {
	Name     string // as the client sees it
	OrgName  string // of the table's column, or empty
	Table    string // alias
	OrgTable string
	Database string
	Type     schemas.Type // values of the column are in the stored form of this type
	Nullable bool
	Flags    uint16 // protocol flags that do not follow from the type: NOT_NULL, PRI_KEY, UNIQUE_KEY, AUTO_INCREMENT, …
	// Temporary: the value comes out of a temporary table of MySQL's, as those of derived tables and set operations do;
	// it is then described as a table's column is.
	Temporary bool
	// Variable is the user variable that the column shows and that the statement does not set, or empty: the
	// type is that of its present value.
	Variable string
	// Constant: the column is written out.
	Constant bool
	// Joined: it has the values of several rows or queries that the statement names, of which each may have a type of its own.
	Joined bool
}

// Plan is what a statement means under one Context. It is immutable and may be executed by
// many sessions at once. Exactly one of Query, Write, DDL and Command is set.
type Plan struct {
	Params int // ? of the client
	// Parameters are the types that the client is told of them.
	Parameters []schemas.Type
	Columns    []ResultColumn // nil without result set
	// Databases are those whose files the statement reads or writes.
	Databases []txn.DatabaseID
	// Tables are the base tables that it reads or writes; its plan is worthless once one of
	// their versions moved on.
	Tables []*schemas.Table

	// Needs are the privileges that it needs; ForDefiner: some of them of a definer rather than the session's account.
	Needs      []accounts.Need
	ForDefiner bool

	Query   *Query
	Write   *Write
	DDL     *DDL
	Command Command

	// HasSideEffects: it must not be run again by itself (it sets user variables, takes locks, …).
	HasSideEffects bool
	Warnings       []*mysqlerr.Error // found while planning

	// Writes: the statement is a query, but a stored function that it calls may write rows.
	Writes bool

	// ReadsCatalog: what it answers depends on definitions that Databases and Tables do not name.
	ReadsCatalog bool

	// Commits: the command commits what is open.
	Commits bool
	// Logged is the text under which the command goes into the log, as MySQL logs it for its replicas; empty: it does not.
	Logged string

	// indirect are those of Tables that only the programs use which the statement calls or activates.
	indirect []*schemas.Table

	// limits are the numbers of the parameters that LIMIT takes.
	limits []int

	// typed: it is for parameters of Context.Arguments' types only, or, without these, describes its result only.
	typed bool
	// textual are the parameters that it takes as strings, assigned those that are a column's value as they are.
	textual  []int
	assigned []assignedParameter
	// variables are the user variables for whose types the plan is made.
	variables []typedVariable
}

// Direct lists the tables that the statement itself reads or writes.
func (p *Plan) Direct() []*schemas.Table {
	if len(p.indirect) == 0 {
		return p.Tables
	}
	return slices.DeleteFunc(slices.Clone(p.Tables), func(t *schemas.Table) bool { return slices.Contains(p.indirect, t) })
}

// Bound is a plan together with the literals of one statement text, which the plan's
// fingerprint leaves out.
type Bound struct {
	*Plan
	Literals []txn.Value
}

// Environment is what a statement asks its session while it runs. Calls come from the
// goroutine that runs the statement.
type Environment interface {
	Now() time.Time // start of the statement, in the session's time zone; constant within it
	Zone() *time.Location
	Mode() SQLMode
	ConnectionID() uint64
	User() string        // user@host as connected (USER())
	CurrentUser() string // account (CURRENT_USER())
	Database() string
	LastInsertID() uint64
	SetLastInsertID(id uint64) // LAST_INSERT_ID(expr)
	RowCount() int64           // ROW_COUNT() of the statement before
	FoundRows() uint64         // FOUND_ROWS() of the statement before
	UserVariable(name string) txn.Value
	SetUserVariable(name string, value txn.Value, sort expression.VariableSort)
	// SystemVariable returns the value of @@name; scope is "session" or "global".
	SystemVariable(scope, name string) (txn.Value, error)
	// NextAutoIncrement reserves n consecutive values for the table and returns the first.
	NextAutoIncrement(table *schemas.Table, n uint64) (uint64, error)
	// ReturnAutoIncrement gives n values back that NextAutoIncrement gave last, if no others were taken since.
	ReturnAutoIncrement(table *schemas.Table, first, n uint64)
	// NoteAutoIncrement tells of an explicit value, which raises the table's counter at commit.
	NoteAutoIncrement(table *schemas.Table, value uint64)
	// NextHiddenRowID returns a new hidden row id: txn.HiddenBase plus a number of the transaction's.
	NextHiddenRowID() (int64, error)
	// Warn adds a warning of the statement.
	Warn(w *mysqlerr.Error)
	// Catalog facts that only the node knows, for SHOW and information_schema.
	Server() ServerInfo
}

// ServerInfo is what catalog queries ask of the node. Its methods read live state.
type ServerInfo interface {
	Version() string
	Variables(scope string) []NameValue // SHOW VARIABLES, sorted by name
	StatusValues() []NameValue          // SHOW STATUS, sorted by name
	Processes() []Process
	Warnings() []*mysqlerr.Error // of the statement before
	// TableRows estimates the rows of a table; AutoIncrement is the next value, or 0.
	TableRows(t *schemas.Table) int64
	AutoIncrement(t *schemas.Table) uint64
	// BinaryLog is the last published position, for SHOW BINARY LOG STATUS; ClusterUUID its GTID source.
	BinaryLog() txn.Position
	ClusterUUID() txn.UUID
}

// NameValue is a row of SHOW VARIABLES and SHOW STATUS.
type NameValue struct{ Name, Value string }

// Process is a row of SHOW PROCESSLIST.
type Process struct {
	ID                                   uint64
	User, Host, Database, Command, State string
	Seconds                              int64
	Info                                 string
	Transport                            string      // TCP/IP, SSL/TLS or Socket
	Attributes                           []NameValue // by which the client describes itself, in its order
	Own                                  bool        // it is the asking session's account's
}

// Executor runs SQLite statements for a plan: in the branch of the session's transaction, or on
// a plain snapshot for a query that only reads. Values handed to row live until it returns.
// A constraint's violation comes back as the *sqlite.Error-like error described by ConstraintError.
type Executor interface {
	// Query runs a statement and hands each row to row; an error of row ends it and is returned.
	Query(sql string, args []txn.Value, row func([]txn.Value) error) error
	// Exec runs a statement without rows and returns the number of rows it changed itself
	// (cascades and triggers not counted).
	Exec(sql string, args []txn.Value) (changes int64, err error)
	// Savepoint marks the present state; exactly one of the two functions must be called: keep
	// goes on with what happened since, undo takes it back, captured row events included.
	Savepoint() (keep func() error, undo func() error, err error)
	// Trigger makes sure that the TEMP trigger exists on the connection.
	Trigger(t TempTrigger) error
}

// ConstraintError is how an Executor reports that SQLite refused a row, or that a trigger
// raised an error. Message is SQLite's, or the text of RAISE().
type ConstraintError interface {
	error
	ExtendedCode() int // SQLITE_CONSTRAINT_UNIQUE, _PRIMARYKEY, _NOTNULL, _TRIGGER, …
	SQLiteMessage() string
}

// TempTrigger is a trigger that foreign keys and checks need on the branch's connection.
// Its name holds the table's id and version, so that it never needs to be replaced.
type TempTrigger struct {
	Name  string
	Table *schemas.Table
	SQL   string // CREATE TEMP TRIGGER …
}

// LockMode says how a SELECT locks what it reads.
type LockMode uint8

// The lock modes.
const (
	LockNone LockMode = iota
	LockShare
	LockUpdate
)

// RowLock is how one SELECT of a statement locks its rows.
type RowLock struct {
	Mode       LockMode
	NoWait     bool
	SkipLocked bool
}

// Query is a statement that answers rows and changes nothing.
type Query struct {
	// Lock is the strongest mode of any FOR UPDATE and FOR SHARE in it; NoWait and SkipLocked tell of any NOWAIT and SKIP LOCKED.
	Lock       LockMode
	NoWait     bool
	SkipLocked bool
	// Scans tell what the query reads, for SERIALIZABLE and for locking reads.
	Scans []Scan
	// NeedsTransactionView is false for queries on nothing but constants and catalog tables.
	NeedsTransactionView bool
	// Exports: its rows went to a file; what it hands over are empty rows, which count as affected.
	Exports bool

	run func(x Executor, e Environment, b Binding, row func([]txn.Value) error) error
	// found counts the rows that there would be without LIMIT, for SQL_CALC_FOUND_ROWS.
	found func(x Executor, e Environment, b Binding) (uint64, error)
	// locked hands over the full rows (stored values, hidden row id included) that a locking read
	// locks, by table; set with Lock.
	locked func(x Executor, e Environment, b Binding, row func(lock RowLock, t *schemas.Table, values []txn.Value) error) error
}

// Binding holds the values of one execution.
type Binding struct {
	Literals []txn.Value // from Bound
	Args     []txn.Value // one a client's ?
	// Variables are the values of the stored program.
	Variables []txn.Value
	// Raw are Args in the client's own character set, which is what a binary string takes; nil: the same.
	Raw []txn.Value
}

// Run executes the query and hands each row, in the stored form of Plan.Columns, to row.
func (q *Query) Run(x Executor, e Environment, b Binding, row func([]txn.Value) error) error {
	return q.run(x, e, b, row)
}

// FoundRows counts the rows that the query would answer without its LIMIT. It reports false unless
// the statement has SQL_CALC_FOUND_ROWS: FOUND_ROWS() is then the number of rows sent.
func (q *Query) FoundRows(x Executor, e Environment, b Binding) (uint64, bool, error) {
	if q.found == nil {
		return 0, false, nil
	}
	n, err := q.found(x, e, b)
	return n, true, err
}

// LockedRows runs the companion queries of a locking read, for the keys of its rows.
func (q *Query) LockedRows(x Executor, e Environment, b Binding, row func(lock RowLock, t *schemas.Table, values []txn.Value) error) error {
	if q.locked == nil {
		return nil
	}
	return q.locked(x, e, b, row)
}

// Scan is one way in which a statement reads a base table.
type Scan struct {
	Table *schemas.Table
	// Name is what the statement calls the table; empty inside of a view.
	Name string
	// Index is the unique index of which every part is compared by equality with values known
	// before the statement runs; nil: the scan may see any row of the table.
	Index *schemas.Index
	// Target: the scan only finds the rows that the statement itself changes (their keys are
	// exclusive anyway); it is no read of its own.
	Target bool
	// Lock is how a locking read locks what the scan finds; without, it is only read.
	Lock LockMode

	values func(e Environment, b Binding) ([]txn.Value, error)
}

// Key returns the hash of the unique value that the scan looks up. It reports false when the
// scan is not one lookup: then it reads the table.
func (s *Scan) Key(e Environment, b Binding) (uint64, bool, error) {
	if s.Index == nil || s.values == nil {
		return 0, false, nil
	}
	values, err := s.values(e, b)
	if err != nil {
		return 0, false, err
	}
	h, ok := s.Table.KeyOfUnique(s.Index, values)
	return h, ok, nil
}

// Write is INSERT, REPLACE, UPDATE, DELETE or LOAD DATA.
type Write struct {
	// Targets are the tables whose rows the statement itself changes; Reachable those that
	// cascades may change besides.
	Targets []*schemas.Table
	// Into: the rows are inserted, into the only target under its own name.
	Into bool
	// Unkeyed: sql_safe_updates forbids it.
	Unkeyed   bool
	Reachable []*schemas.Table
	Scans     []Scan
	// Lenient: a value that an expression cuts is a warning, whatever the mode: with IGNORE, and where several
	// tables are joined, for MySQL then seldom sees it.
	Lenient bool

	run func(x Executor, e Environment, b Binding) (WriteResult, error)
}

// WriteResult is what a Write did.
type WriteResult struct {
	Affected uint64
	InsertID uint64 // first AUTO_INCREMENT value generated, or the one given; 0 if none
	Info     string // "Rows matched: 1  Changed: 1  Warnings: 0", "Records: …"; the caller fills in no more
	// GeneratedID: InsertID was generated, so LAST_INSERT_ID() becomes it.
	GeneratedID bool
}

// Run executes the statement in the branch. On an error the caller undoes the statement.
// Errors are MySQL's (1062 with value and key, 1048, 1451, 1452, 3819, …).
func (w *Write) Run(x Executor, e Environment, b Binding) (WriteResult, error) {
	return w.run(x, e, b)
}

// DDL is a statement that changes definitions.
type DDL struct {
	Text string // as the client wrote it, without comments around it
	// Lock names what to lock and fence before Resolve: existing tables and databases by the
	// catalog at hand. Resolve may name others when the catalog moved on; then the caller starts over.
	Lock []ObjectName
	// Temporary: it is about temporary tables alone and belongs to the transaction that is open.
	Temporary bool

	resolve func(c *schemas.Catalog, e Environment) (*Resolution, error)
}

// ObjectName names a database (Name empty) or a table or view.
type ObjectName struct{ Database, Name string }

// Resolve works the statement out on the state that c describes.
// Errors are MySQL's (1050, 1051, 1091, 1146, …). A Resolution without changes has nothing to do (IF EXISTS), but it may have to be Logged.
func (d *DDL) Resolve(c *schemas.Catalog, e Environment) (*Resolution, error) { return d.resolve(c, e) }

// Resolution is a DDL worked out.
type Resolution struct {
	Body txn.DDLBody
	// Tables are existing tables whose definition, rows or existence the DDL changes or relies on
	// (foreign key parents too): the order record takes each exclusively.
	Tables []*schemas.Table
	// Names are objects created, dropped or renamed: their names are keys. A database has Name "".
	Names []ObjectName
	// Relied are the names of Body.Named: that no object comes there, or goes, is what a record without changes stands for.
	Relied []ObjectName
	// Logged: it goes into the log though it changes nothing, as MySQL logs it.
	Logged bool
	// Answer are the rows of a statement that has a result set.
	Answer [][]txn.Value
	// Check runs in a branch of the one file concerned, whose main database it is, after the caller has
	// run Body's SQLite statements there: queries that must find nothing, with the error if they do.
	// It is called before those statements too, with before = true. nil: nothing to check.
	Check func(x Executor, before bool) error
	// Counters are the tables whose AUTO_INCREMENT counter begins anew, with the next value that it gives. Check completes it.
	Counters map[txn.TableID]uint64
	// Beside are other databases that Check reads, under their aliases.
	Beside []txn.DatabaseID
	// Trial, if not nil, is what to run and check in a branch in place of Body's statements.
	Trial *Trial
	// Rows, if not nil, is the query of CREATE TABLE … SELECT and its INSERT into the new table: the
	// caller runs it after the table is there, as a Write of a plan of its own text.
	Rows *RowsOfDDL
	// Affected and Info answer the client.
	Affected uint64
	// Altered: the answer tells of records, as those of ALTER TABLE do.
	Altered  bool
	Warnings []*mysqlerr.Error
}

// Trial is the part of a DDL on several databases that can be tried out in the file of one of them.
type Trial struct {
	Database txn.DatabaseID
	SQLite   []string
}

// RowsOfDDL is the part of CREATE TABLE … SELECT that writes rows: an INSERT statement in MySQL's SQL.
type RowsOfDDL struct{ Insert string }

// Command is a statement that the session carries out itself: one of the types below.
type Command interface{ command() }

// The commands. Times and names are as the client wrote them, unquoted.
type (
	// Begin is START TRANSACTION and BEGIN.
	Begin struct{ ReadOnly, ConsistentSnapshot bool }
	// Commit is COMMIT [AND CHAIN] [RELEASE].
	Commit struct{ Chain, Release bool }
	// Rollback is ROLLBACK, or ROLLBACK TO when Savepoint is set.
	Rollback struct {
		Chain, Release bool
		Savepoint      string
	}
	// Savepoint is SAVEPOINT name.
	Savepoint struct{ Name string }
	// ReleaseSavepoint is RELEASE SAVEPOINT name.
	ReleaseSavepoint struct{ Name string }
	// Use is USE database.
	Use struct{ Database string }
	// Set is SET of system and user variables, NAMES, CHARACTER SET.
	Set struct{ Assignments []SetVariable }
	// SetTransaction is SET [GLOBAL|SESSION] TRANSACTION; Scope empty is the next transaction only.
	SetTransaction struct {
		Scope     string
		Isolation string // "READ-COMMITTED", …; empty: unchanged
		Access    string // "READ ONLY", "READ WRITE" or empty
	}
	// Kill is KILL [QUERY | CONNECTION] expression.
	Kill struct {
		// ID computes the id, an integer or NULL.
		ID    func(Executor, Environment, Binding) (txn.Value, error)
		Query bool
	}
	// LockTables is LOCK TABLES, or FLUSH TABLES … WITH READ LOCK. Global: no table is named, so that nothing in the
	// cluster may be written, and the tables are all there are.
	LockTables struct {
		Tables []LockTable
		Global bool
	}
	// FlushResources is FLUSH USER_RESOURCES.
	FlushResources struct{}
	// UnlockTables is UNLOCK TABLES.
	UnlockTables struct{}
	// PrepareText is PREPARE name FROM text (Variable: the text is in @Text).
	PrepareText struct {
		Name, Text string
		Variable   bool
	}
	// ExecuteText is EXECUTE name USING @a, ….
	ExecuteText struct {
		Name string
		Args []string
	}
	// Deallocate is DEALLOCATE PREPARE name.
	Deallocate struct{ Name string }
	// Program is CALL, and SIGNAL, RESIGNAL and GET DIAGNOSTICS outside of a stored program.
	Program struct {
		run func(x ProgramHost, b Binding, p *ProgramCall) error
	}
	// ResetPersist is RESET PERSIST of one variable, or with an empty Name of all.
	ResetPersist struct {
		Name     string
		IfExists bool
	}
	// NoOperation is a statement that has no meaning here and is answered with OK (FLUSH, …), with a
	// result set of its own when Rows is set (ANALYZE, CHECK, OPTIMIZE, REPAIR TABLE).
	NoOperation struct{ Rows [][]txn.Value }
)

// SetVariable is one assignment of SET.
type SetVariable struct {
	Scope   string // "session", "global", "persist", "user", "names"
	Name    string
	Default bool
	// Sort is what the value of a user variable does not say itself.
	Sort expression.VariableSort
	// Value computes the value; nil when Default.
	Value func(x Executor, e Environment, b Binding) (txn.Value, error)
	// Warnings are those of what is written.
	Warnings []*mysqlerr.Error
}

// LockTable is one table of LOCK TABLES.
type LockTable struct {
	Table *schemas.Table
	Alias string
	Write bool
}

func (Begin) command()            {}
func (Commit) command()           {}
func (Rollback) command()         {}
func (Savepoint) command()        {}
func (ReleaseSavepoint) command() {}
func (Use) command()              {}
func (Set) command()              {}
func (SetTransaction) command()   {}
func (Kill) command()             {}
func (LockTables) command()       {}
func (UnlockTables) command()     {}
func (FlushResources) command()   {}
func (PrepareText) command()      {}
func (ExecuteText) command()      {}
func (Deallocate) command()       {}
func (ResetPersist) command()     {}
func (NoOperation) command()      {}
func (Program) command()          {}
