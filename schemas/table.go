package schemas

import (
	"errors"

	"marmot/txn"
)

// RowIdentity says how SQLite finds a row of a table.
type RowIdentity uint8

// The ways to find a row.
const (
	// RowIDAlias: a single integer primary key column is SQLite's rowid.
	RowIDAlias RowIdentity = iota + 1
	// WithoutRowID: the primary key is the table's own b-tree.
	WithoutRowID
	// UniqueIndex: the primary key holds collated text; an ordinary rowid table with a unique
	// index that carries the collations stands for it.
	UniqueIndex
	// HiddenRowID: no primary key; the last column, HiddenColumn, invisible to clients
	// and events, is the rowid.
	HiddenRowID
)

// HiddenColumn is the name of the hidden row id's column.
const HiddenColumn = "_marmot_rowid"

// Table is one version of a table's definition. It is immutable once published.
type Table struct {
	ID       txn.TableID    `json:"id,omitempty"`
	Version  txn.Position   `json:"version,omitempty"`  // position of the DDL that made this version
	Database string         `json:"database,omitempty"` // name as the client spelt it
	DBID     txn.DatabaseID `json:"dbid,omitempty"`
	Name     string         `json:"name,omitempty"`
	// SQLiteName is the table's name in its file: Name, or Name with the id as suffix
	// where SQLite's case-blind names would clash.
	SQLiteName  string       `json:"sqlite_name,omitempty"`
	Columns     []Column     `json:"columns,omitempty"` // in ordinal order; a hidden row id is not among them
	Primary     *Index       `json:"primary,omitempty"` // nil without primary key
	Indexes     []Index      `json:"indexes,omitempty"` // secondary ones, in order of creation
	ForeignKeys []ForeignKey `json:"foreign_keys,omitempty"`
	Checks      []Check      `json:"checks,omitempty"`
	Identity    RowIdentity  `json:"identity,omitempty"`
	// AutoIncrement is the index in Columns of the AUTO_INCREMENT column, or -1.
	AutoIncrement int `json:"auto_increment"`
	// AutoIncrementStart is the table option AUTO_INCREMENT=n, or 0.
	AutoIncrementStart uint64   `json:"auto_increment_start,omitempty"`
	Charset            string   `json:"charset,omitempty"`
	Collation          string   `json:"collation,omitempty"`
	Engine             string   `json:"engine,omitempty"` // as the client wrote it; InnoDB when absent
	Comment            string   `json:"comment,omitempty"`
	Options            []Option `json:"options,omitempty"`    // other table options, kept for SHOW CREATE TABLE
	CreatedUS          int64    `json:"created_us,omitempty"` // origin's clock of the CREATE, µs since 1970
	// Partitioning is nil for a table without partitions.
	Partitioning *Partitioning `json:"partitioning,omitempty"`
	// Read is nil for a table that the Debezium connector takes for what it is.
	Read *Reading `json:"read,omitempty"`
}

// Option is a table option that only SHOW CREATE TABLE needs.
type Option struct{ Name, Value string }

// Column is one column of a table.
type Column struct {
	Name     string   `json:"name,omitempty"`
	Type     Type     `json:"type,omitempty"`
	Nullable bool     `json:"nullable,omitempty"`
	Default  *Default `json:"default,omitempty"` // nil: no DEFAULT clause (NULL if Nullable)
	// OnUpdateNow is true for ON UPDATE CURRENT_TIMESTAMP; its precision is Type.Decimals.
	OnUpdateNow bool       `json:"on_update_now,omitempty"`
	Generated   *Generated `json:"generated,omitempty"`
	Invisible   bool       `json:"invisible,omitempty"`
	Comment     string     `json:"comment,omitempty"`
	// Hidden: the column holds a part of a unique index that is an expression, and neither clients nor events see it. It is
	// generated, stored and invisible too.
	Hidden bool `json:"hidden,omitempty"`
	// NoDefault: ALTER … DROP DEFAULT took even DEFAULT NULL from a column that may be NULL.
	NoDefault bool `json:"no_default,omitempty"`
	// CharsetGiven: the client named the column's character set or collation, which SHOW CREATE
	// TABLE then prints even if they are the table's.
	CharsetGiven bool `json:"charset_given,omitempty"`
	// Listed: it came in ALTER TABLE … ADD (…), where the Debezium connector reads no attributes but NULL and DEFAULT.
	Listed bool `json:"listed,omitempty"`
}

// Default is a column's DEFAULT clause.
type Default struct {
	// Literal is the stored value of a literal default, already converted to the column's type.
	Literal txn.Value
	// Text is the literal as SHOW CREATE TABLE prints it, without quotes.
	Text string
	// Written is the literal as the statement has it, a string without its quotes, if that is not Text: TRUE, 0x01, it''s.
	Written string
	// Now is true for CURRENT_TIMESTAMP[(n)]; n is the column's Type.Decimals.
	Now bool
	// Expression is the MySQL text of an expression default, without its outer
	// parentheses; empty for a literal.
	Expression string
}

// Generated is a generated column's expression, in MySQL's spelling.
type Generated struct {
	Expression string `json:"expression,omitempty"`
	Stored     bool   `json:"stored,omitempty"`
}

// Index is a primary, unique, plain, full-text or spatial index.
type Index struct {
	Name       string      `json:"name,omitempty"`        // PRIMARY for the primary key
	SQLiteName string      `json:"sqlite_name,omitempty"` // empty when SQLite's own table order serves (rowid, WITHOUT ROWID)
	Unique     bool        `json:"unique,omitempty"`
	Fulltext   bool        `json:"fulltext,omitempty"`
	Spatial    bool        `json:"spatial,omitempty"`
	Parts      []IndexPart `json:"parts,omitempty"`
	Comment    string      `json:"comment,omitempty"`
	Invisible  bool        `json:"invisible,omitempty"`
	Using      string      `json:"using,omitempty"`     // BTREE or HASH, if the client said so
	Parser     string      `json:"parser,omitempty"`    // of a full-text index, if not the built-in one
	Generated  bool        `json:"generated,omitempty"` // made for a foreign key that had no index
}

// IndexPart is one column, column prefix or expression of an index.
type IndexPart struct {
	Column     int    `json:"column,omitempty"` // index in Table.Columns; of an expression a hidden column's, or -1 without one
	Prefix     int    `json:"prefix,omitempty"` // characters (bytes for binary types), 0 for the whole column
	Descending bool   `json:"descending,omitempty"`
	Expression string `json:"expression,omitempty"`
}

// ReferentialAction is what a foreign key does to children.
type ReferentialAction uint8

// The actions, MySQL's.
const (
	NoAction ReferentialAction = iota
	Restrict
	Cascade
	SetNull
)

// ForeignKey is a constraint of the child table.
type ForeignKey struct {
	Name               string            `json:"name,omitempty"`
	Columns            []int             `json:"columns,omitempty"` // indexes in the child's Columns
	ReferencedDatabase string            `json:"referenced_database,omitempty"`
	ReferencedTable    string            `json:"referenced_table,omitempty"`
	ReferencedColumns  []string          `json:"referenced_columns,omitempty"`
	OnDelete           ReferentialAction `json:"on_delete,omitempty"`
	OnUpdate           ReferentialAction `json:"on_update,omitempty"`
}

// Check is a CHECK constraint, in MySQL's spelling.
type Check struct {
	Name       string `json:"name,omitempty"`
	Expression string `json:"expression,omitempty"`
	Enforced   bool   `json:"enforced,omitempty"`
}

// View is a view's definition.
type View struct {
	ID          txn.TableID    `json:"id,omitempty"`
	Version     txn.Position   `json:"version,omitempty"`
	Database    string         `json:"database,omitempty"`
	DBID        txn.DatabaseID `json:"dbid,omitempty"`
	Name        string         `json:"name,omitempty"`
	Columns     []string       `json:"columns,omitempty"` // explicit column names, or nil
	Select      string         `json:"select,omitempty"`  // MySQL text, names qualified
	Definer     string         `json:"definer,omitempty"`
	Algorithm   string         `json:"algorithm,omitempty"`    // UNDEFINED, MERGE, TEMPTABLE
	Security    string         `json:"security,omitempty"`     // DEFINER or INVOKER
	CheckOption string         `json:"check_option,omitempty"` // NONE, LOCAL or CASCADED
	Charset     string         `json:"charset,omitempty"`      // character_set_client at creation
	Collation   string         `json:"collation,omitempty"`    // collation_connection at creation
	CreatedUS   int64          `json:"created_us,omitempty"`   // origin's clock of CREATE or ALTER, µs since 1970
}

// Database is one database of the catalog.
type Database struct {
	ID        txn.DatabaseID `json:"id,omitempty"`
	Name      string         `json:"name,omitempty"`
	Charset   string         `json:"charset,omitempty"`
	Collation string         `json:"collation,omitempty"`
	// Alias is the schema name under which every connection attaches the file: d<ID>.
	Alias string `json:"alias,omitempty"`
	// Version is the position of the last DDL in the database. A plan made with it fits a snapshot
	// whose file says the same.
	Version txn.Position      `json:"-"`
	Tables  map[string]*Table `json:"-"` // by exact name; nobody writes them after publication
	Views   map[string]*View  `json:"-"`
	// Programs are the stored programs by kind and name.
	Programs map[ProgramKey]*Program `json:"-"`
}

// Catalog is an immutable picture of all definitions at a position.
type Catalog struct {
	Position  txn.Position
	Databases map[string]*Database // by exact name
	// Version changes whenever any definition does; plan caches key on it.
	Version uint64
	// Private holds the temporary tables of the session whose catalog this is, by PrivateName; nil without any.
	Private *Database
	shared  *Catalog // without Private; nil: this one
}

// Database returns the named database, or nil.
func (c *Catalog) Database(name string) *Database { return c.Databases[name] }

// Table returns the named table, or nil. A temporary one hides a base table.
func (c *Catalog) Table(database, name string) *Table {
	if t := c.temporary(database, name); t != nil {
		return t
	}
	return c.BaseTable(database, name)
}

// History gives the definition that was valid for a row event.
type History interface {
	// TableAt returns the definition of table with exactly this version. Its absence is an
	// ErrNoVersion that names both: the event cannot be decoded.
	TableAt(table txn.TableID, version txn.Position) (*Table, error)
}

// ErrNoVersion is a definition that a History does not hold.
var ErrNoVersion = errors.New("the schema history lacks this version of the definition")
